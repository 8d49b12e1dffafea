"""The text of a script: headings, paragraphs, verses, emphasis, comments; and back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from script.seen import drawn, format_cues, parsed, places, read, refused

from kindvoice.model import Bed, Bell, Breathe, Chapter, Hold, ParagraphBreak, Pause, Words


@pytest.mark.parametrize(
    ("text", "cues"),
    [
        ("One.\n\nTwo.", "'One.' / 'Two.'"),
        ("\n\n\nOne.\n \n\t\nTwo.\n\n", "'One.' / 'Two.'"),
        ("One. Two.", "'One.' 'Two.'"),
        ("A line that was only wrapped goes on in the line below it\nuntil its stop.",
         "'A line that was only wrapped goes on in the line below it until its stop.'"),
        ("May I be safe\nMay I be well\nand at ease", "'May I be safe' 'May I be well and at ease'"),
        ("This line is longer than any line of verse, and it was only wrapped by\nMary.",
         "'This line is longer than any line of verse, and it was only wrapped by Mary.'"),
        ("one {{ x }}", "'one {{ x }}'"),
        # headings
        ("# Arriving\nSit.", "#Arriving 'Sit.'"),
        ("## Arriving ##\nSit.", "#Arriving 'Sit.'"),
        ("#MeToo matters.\nSit.", "'#MeToo matters.' 'Sit.'"),
        ("# *Arriving* [bell]\nSit.", "#Arriving [bell] 'Sit.'"),
        ("One.\n# A\n\n# B\n\nTwo.", "'One.' #A #B 'Two.'"),
        ("# C#", "#C#"),
        ("#1 of all is kindness.", "'#1 of all is kindness.'"),
        (r"\# is no heading", "'# is no heading'"),
        # rules, bullets, quotes
        ("One.\n---\nTwo.\n***\nThree.\n_ _ _\nFour.", "'One.' / 'Two.' / 'Three.' / 'Four.'"),
        ("- One\n- Two\n* [pause 5s]\n• Three", "'One' / 'Two' / [pause 5s] / 'Three'"),
        ("-5 degrees. 1 - 2.", "'-5 degrees.' '1 - 2.'"),
        ("1. Sit down.\n2. Rest.", "'1. Sit down.' / '2. Rest.'"),
        ("> Be still.\n>\n> > Rest.", "'Be still.' / 'Rest.'"),
        # emphasis
        ("*Rest* **now**, `please`, _truly_ snake_case.", "'Rest now, please, truly snake_case.'"),
        (r"\*Rest\* 2\_3 \`x\` \{\{ a \}\} C:\path", "'*Rest* 2_3 `x` {{ a }} C:\\path'"),
        ("**Rest [pause 2s] now**", "'Rest' [pause 2s] 'now'"),
        ("Rest[pause 2s]now, *[pause 3s]* and", "'Rest' [pause 2s] 'now,' [pause 3s] 'and'"),
        ("So *this*is (“*it*”).", "'So thisis (“it”).'"),
        ("2*3*4, *5 * 3* and *2* or **3** `4`", "'2*3*4, 5 * 3 and 2 or 3 4'"),
        ('[voice a*0.9] One. [voice b*1.1] Two. [bell "_a_.wav"]',
         "[voice a*0.9] 'One.' [voice b*1.1] 'Two.' [bell \"_a_.wav\"]"),
        # comments leave no trace
        ("One\n<!-- a\n\nb -->\nand two.", "'One and two.'"),
        ("One <!-- [bell] --> and <!-- # x --> two.", "'One and two.'"),
        ("<!-- a --> One. <!-- b -->\n<!-- c -->\nTwo.", "'One.' 'Two.'"),
        # signs that mean nothing here
        ("2 < 3 > 1 & I <3 you", "'2 < 3 > 1 & I <3 you'"),
    ],
)  # fmt: skip
def test_text_to_cues(text, cues):
    assert drawn(parsed(text)) == cues


def test_german_nouns_are_no_verses():
    assert drawn(parsed("Ich sitze auf dem\nBoden.", "de-AT")) == "'Ich sitze auf dem Boden.'"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("One.\n#\nTwo.", "a.md:2: a heading without words\n  name the chapter: # Arriving"),
        ("One.\n# A [bll]", "a.md:2: unknown cue [bll]\n  did you mean [bell]? to have a bracket spoken, write \\["),
        ("One.\n\n- A [pasue]", "a.md:3: unknown cue [pasue]\n  did you mean [pause]? "
         "to have a bracket spoken, write \\["),
        ("One\ntwo [", "a.md:2: a [ is never closed\n  close it with ], "
         "or write \\[ to have it spoken"),
    ],
)  # fmt: skip
def test_errors_name_file_and_line(tmp_path, text, message):
    assert refused(read, tmp_path, text) == message


def test_every_cue_has_its_place(tmp_path):
    text = "# A [bell]\n\nOne. Two,\nand more. Three. [pause 3s]\n\n- [bed rain] Four.\n"
    assert places(read(tmp_path, text).cues) == [
        (1, "#A"), (1, "[bell]"), (2, "/"), (3, "'One.'"), (3, "'Two, and more.'"), (4, "'Three.'"), (4, "[pause 3s]"),
        (5, "/"), (6, "[bed rain]"), (6, "'Four.'"),
    ]  # fmt: skip


# ---------------------------------------------------------------- parse(format_cues(cues)) == cues

_ms = st.one_of(
    st.integers(0, 5_000), st.integers(0, 24 * 3_600_000), st.sampled_from([1234, 61_234, 3_600_001])
)
_gain = st.sampled_from([0.0, -6.0, 3.5, -0.25, 12.0, 10.0, -40.0, 1e-05])
_sound = st.one_of(
    st.sampled_from(
        ["rain", "low", "off", "x3", "a bowl.wav", "S/A, b.WAV", "every", "it's.wav", 'a "b".wav', "7"]
    ),
    st.from_regex(r"[A-Za-z0-9 ,._/-]+\Z", fullmatch=True).filter(lambda s: s == " ".join(s.split())),
)
_WORD = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=6)
_SIGN = st.sampled_from(
    [*"[]<>#*_-+•\\`{}&|~=", "[bell]", "---", "{{ x }}", "{% if %}", "<!-- x -->", "<break/>", "\\["]
)


@st.composite
def _sentence(draw):
    """One sentence as the parser gives them: an uppercase beginning, one stop, single spaces."""
    words = draw(st.lists(st.one_of(_WORD, _SIGN), max_size=5))
    return " ".join(["Xx", *words, "end."])


@st.composite
def _pause(draw):
    natural = draw(_ms)
    least = draw(st.one_of(st.none(), st.integers(0, natural)))
    most = draw(st.one_of(st.none(), st.integers(natural, 24 * 3_600_000)))
    return Pause(natural_ms=natural, min_ms=least, max_ms=most)


_phase = st.tuples(st.sampled_from(["in", "hold", "out"]), st.integers(1, 60_000))
_cue = st.one_of(
    st.builds(Words, text=_sentence()),
    st.builds(Pause, size=st.sampled_from(["short", "medium", "long"])),
    _pause(),
    st.builds(Hold, ms=_ms),
    st.builds(Bell, sound=st.one_of(st.just("middle"), _sound), count=st.integers(1, 108),
              every_ms=st.one_of(st.none(), _ms), wait=st.booleans(), gain_db=_gain),
    st.builds(Bed, sound=st.one_of(st.none(), _sound), gain_db=_gain),
    st.builds(Breathe, phases=st.lists(_phase, max_size=2).map(lambda p: (("in", 4_000), *p, ("out", 6_001))),
              count=st.integers(1, 500), spoken=st.booleans()),
    st.builds(Chapter, title=_sentence()),
    st.just(ParagraphBreak()),
)  # fmt: skip


def _as_the_parser_gives_them(cues):
    """A paragraph ends once, and not at the beginning, at the end or below a heading."""
    kept = []
    for cue in cues:
        if not isinstance(cue, ParagraphBreak) or (
            kept and not isinstance(kept[-1], (ParagraphBreak, Chapter))
        ):
            kept.append(cue)
    while kept and isinstance(kept[-1], ParagraphBreak):
        kept.pop()
    return tuple(kept)


@pytest.mark.slow
@given(st.lists(_cue, max_size=8).map(_as_the_parser_gives_them))
@settings(deadline=None, max_examples=60)
def test_cues_that_are_written_out_are_read_back(cues):
    assert parsed(format_cues(cues)) == cues


def test_what_is_written_out_is_no_template(tmp_path):
    cues = (
        Words(text="Xx {{ 7*7 }} {% x %} {# y #} <!-- z -->."),
        Chapter(title="{{ a }}"),
        Words(text="End."),
    )
    assert drawn(read(tmp_path, format_cues(cues)).cues) == drawn(cues)
