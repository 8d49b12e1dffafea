"""Who hears a paragraph: what is understood, what is heard at which length, and what is said of what cannot be."""

from __future__ import annotations

import re

import pytest
from make import read_script
from script.seen import drawn, read, refused

from kindvoice.script.condition import Listener, choose, read_condition
from kindvoice.script.directions import LANGUAGES, vocabulary
from kindvoice.script.frontmatter import AUDIENCES, TRAUMA_SENSITIVE

FORMS = """
    en  from 12m                                from 12m
    en  Until 10 minutes                        until 10m
    en  from 8m until 20m                       from 8m until 20m
    en  from 8 to 20                            from 8m until 20m
    en  gentle, from 1h30m                      from 1h30m, gentle
    en  gentle from 90s                         from 1m30s, gentle
    en  not gentle                              not gentle
    en  for carers, older people and pain       for carers, older, pain
    en  for health workers and parents          for health-workers, parents
    en  for imageless, trauma-sensitive         for imageless, trauma-sensitive
    en  for trauma-sensitive, from 5m           from 5m, gentle
    en  not for parents, trauma-sensitive       not gentle, not for parents
    en  not for teenagers, from 12m             from 12m, not for teenagers
    en  only from 12m onwards                   from 12m
    de  ab 12m                                  from 12m
    de  bis 10 Minuten, nicht sanft             until 10m, not gentle
    de  nicht für ältere Menschen               not for older
    es  a partir de 12 minutos                  from 12m
    de  für Pflegekräfte, Eltern                for health-workers, parents
    es  hasta 10m, para adolescentes            until 10m, for teenagers
    es  para personal de salud                  for health-workers
    fr  pour les soignants ou sans images       for health-workers, imageless
    fr  jusqu'à 10m                             until 10m
    fr  dès 8m, pour les personnes âgées        from 8m, for older
    it  da 12m, per chi si prende cura          from 12m, for carers
    it  fino a 10m                              until 10m
    nl  vanaf 12m tot 20m                       from 12m until 20m
    nl  voor mensen met pijn                    for pain
    pl  od 12m do 20 minut                      from 12m until 20m
    pl  nie dla osób starszych                  not for older
    pl  dla rodziców i bez obrazów              for parents, imageless
    pt  não para sensível ao trauma             not gentle
    pt  até 10m, suave                          until 10m, gentle
    sv  från 12m till 20m                       from 12m until 20m
    tr  12 dakikadan itibaren                   from 12m
    tr  8m'den 20m'ye kadar                     from 8m until 20m
    tr  bakım verenler ve gençler için değil    not for teenagers, carers
    tr  travmaya duyarlı için                   gentle
    de  from 12m                                from 12m
    en  from the heart                          -
    en  until the bell                          -
    en  for 10 seconds                          -
    en  for those who came late                 -
    en  gentle voice                            -
    en  gentle and slow                         -
    en  pause 8s                                -
"""


@pytest.mark.parametrize("form", FORMS.strip().splitlines())
def test_every_form(form):
    language, written, meant = re.split(r"  +", form.strip())
    assert str(read_condition(written, vocabulary(language)) or "-") == meant


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_words_for_all_of_it(language):
    words = vocabulary(language)
    for role in ("from", "until"):
        written = next(word for word, of in reversed(words.heard.items()) if of == role)
        order = f"12m {written}" if words.after else f"{written} 12m"
        assert str(read_condition(order, words)) == f"{role} 12m"
    assert set(words.audiences.values()) == {*AUDIENCES, TRAUMA_SENSITIVE}
    by_role = {role: word for word, role in words.heard.items()}
    for name, audience in words.audiences.items():
        if audience != "everyone":
            written = f"{name} {by_role['for']}" if words.after else f"{by_role['for']} {name}"
            meant = "gentle" if audience == TRAUMA_SENSITIVE else f"for {audience}"
            assert str(read_condition(written, words)) == meant, name


TEXT = """\
---
length: 10m
---
# Arriving
[from 6m] [bell]

Hello. [pause 6s, 12s from 10m, 20s from 20m]

[until 10m] Short.
In two lines.

[from 12m, gentle] Long *and* soft. [pause 8s]

- [for carers] One.
- [not for carers, teenagers] Two.

# Quiet
[from 12m]

Still.

## Deeper

Deep.

# End
[not gentle]
Over.

Bye.
"""


@pytest.mark.parametrize(
    ("how", "heard"),
    [
        (
            {"length_ms": 599_999},
            "#Arriving [bell] / 'Hello.' [pause 6s] / 'Short.' 'In two lines.' / 'Two.' / #End 'Over.' / 'Bye.'",
        ),
        (
            {"length_ms": 359_999},
            "#Arriving 'Hello.' [pause 6s] / 'Short.' 'In two lines.' / 'Two.' / #End 'Over.' / 'Bye.'",
        ),
        (
            {"length_ms": 360_000, "audience": "carers"},
            "#Arriving [bell] / 'Hello.' [pause 6s] / 'Short.' 'In two lines.' / 'One.' / #End 'Over.' / 'Bye.'",
        ),
        (
            {"length_ms": 600_000, "audience": "teenagers"},
            "#Arriving [bell] / 'Hello.' [pause 12s] / #End 'Over.' / 'Bye.'",
        ),
        (
            {"length_ms": 1_200_000, "gentle": True},
            "#Arriving [bell] / 'Hello.' [pause 20s max 25s] / 'Long and soft.' [pause 8s] / 'Two.' / "
            "#Quiet 'Still.' / #Deeper 'Deep.'",
        ),
        (
            {"length_ms": 1_200_000, "without": ("arriving", "deeper")},
            "#Quiet 'Still.' / #End 'Over.' / 'Bye.'",
        ),
    ],
)
def test_what_is_heard(tmp_path, how, heard):
    assert drawn(read(tmp_path, TEXT, **how).cues) == heard


@pytest.mark.parametrize("title", ["Einführung", "INTRODUCTION"])
def test_an_introduction_is_left_out_by_its_name_in_any_language(tmp_path, title):
    text = f"---\nlanguage: de\n---\n# {title}\n\nHallo.\n\n# Ende\n\nGut so."
    script = read(tmp_path, text, without=("introduction", "questions"))
    assert drawn(script.cues) == "#Ende 'Gut so.'"
    assert [(left.text, left.reason) for left in script.left_out] == [
        (title, "without introduction"), ("Hallo.", "without introduction")
    ]  # fmt: skip


def test_a_chapter_that_no_script_has_is_told(tmp_path):
    said = refused(read, tmp_path, TEXT, without=("ariving",))
    assert "no chapter is called 'ariving'" in said and "did you mean 'Arriving'" in said


def test_what_is_left_out_is_told_with_its_line_and_reason(tmp_path):
    script = read(tmp_path, TEXT, length_ms=300_000, gentle=True)
    assert [(left.where.line, left.last_line, left.reason, left.text) for left in script.left_out] == [
        (5, 5, "from 6m", "[bell]"),
        (12, 12, "from 12m", "Long and soft. [pause 8s]"),
        (14, 14, "for carers", "One."),
        (17, 17, "from 12m", "Quiet"),
        (20, 20, "from 12m", "Still."),
        (22, 22, "from 12m", "Deeper"),
        (24, 24, "from 12m", "Deep."),
        (26, 26, "not gentle", "End"),
        (27, 28, "not gentle", "Over."),
        (30, 30, "not gentle", "Bye."),
    ]
    assert script.audiences == {"carers"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[for tenagers] a", "a.md:1: [for tenagers]: 'tenagers' is no audience\n  did you mean 'teenagers'?"),
        ("[for hippos] a", "a.md:1: [for hippos]: 'hippos' is no audience\n  known: carers, teenagers, older, pain"),
        ("[for everyone] a", "a.md:1: [for everyone]: a part that is for everyone needs no mark"),
        ("a\n\n[from 12x] b", "a.md:3: [from 12x] cannot be understood\n  who hears a paragraph is written"),
        ("[not gentle, not for from 9m] b", "a.md:1: [not gentle, not for from 9m] cannot be understood"),
        ("[from until 10m] b", "a.md:1: [from until 10m] cannot be understood"),
        ("[from 20m until 8m] a", "a.md:1: [from 20m until 8m] is true of no length\n  write the shorter"),
        ("[from 8m until 8m] a", "a.md:1: [from 8m until 8m] is true of no length"),
        ("[not from 8m] a", "a.md:1: [not from 8m] cannot be turned round\n  [not from 10m] is [until 10m]"),
        ("[from 5m, from 8m] a", "a.md:1: [from 5m, from 8m] says `from` twice"),
        ("[for carers, not for carers] a", "a.md:1: [for carers, not for carers] is for carers and not for them"),
        ("[gentle] [not gentle] a", "a.md:1: [gentle] [not gentle] is heard by nobody"),
        ("# A\n[from 12m]\n\n[until 10m] a", "a.md:4: [until 10m] is heard by nobody\n  its chapter is only from 12m"),
        ("One. [gentle] Two.", "a.md:1: [gentle] says who hears a whole part\n  put it at the start of a paragraph"),
        ("# A [from 5m]\na", "a.md:1: [from 5m] says who hears a whole part\n  write it on a line of its own below"),
        ("a\n\n[gentle]\n\nb", "a.md:3: [gentle] stands alone\n  put it at the start of a paragraph, or right below"),
        ("a [pause 6s, 12s from 9m until 5m]", "a.md:1: [pause 6s, 12s from 9m until 5m] is true of no length"),
        ("[from 12m] a [pasue 8s]", "a.md:1: unknown cue [pasue 8s]\n  did you mean [pause 8s]?"),
        ("a [bell, 3 times from 5m]", "a.md:1: [bell, 3 times from 5m]: only a pause has a length of its own for"),
    ],
)  # fmt: skip
def test_what_cannot_be(tmp_path, text, message):
    assert refused(read, tmp_path, text, length_ms=300_000).startswith(message)


def test_a_length_is_asked_for_where_it_decides(tmp_path):
    text = "One.\n\n[gentle] Two.\n\n[from 12m] Three."
    assert refused(read, tmp_path, text) == (
        "a.md:5: [from 12m] needs a length\n  add `length: 15m` to the front matter or give --length 15m"
    )
    assert drawn(read(tmp_path, text.rpartition("\n")[0]).cues) == "'One.'"


def test_what_a_participant_writes_is_no_condition(tmp_path):
    path = tmp_path / "a.md"
    path.write_text("{{ wish }}\n\n[for {{ whom }}] b\n")
    values = {"wish": "[gentle] be", "whom": "carers"}
    assert "unknown cue" in refused(read_script, path, values=values)
    path.write_text("{{ wish }}\n")
    assert drawn(read_script(path, values=values).cues) == "'[gentle] be'"


@pytest.mark.parametrize(
    ("written", "minutes", "heard"),
    [
        ("pause 6s, 12s from 10m, 20s from 20m", 9, "pause 6s"),
        ("pause 6s, 12s from 10m, 20s from 20m", 20, "pause 20s"),
        ("pause 8s min 5s max 20s, 12s max 30s from 10m", 10, "pause 12s max 30s"),
        ("long pause, 20 seconds from 10m", 10, "long pause 20 seconds"),
        ("hold 4s, 6s gentle", 10, "hold 4s"),
        ("pause 8s, min 5, max 20", 10, "pause 8s, min 5, max 20"),
        ("1 minute, 30 seconds", 10, "1 minute, 30 seconds"),
    ],
)
def test_a_pause_of_another_length(written, minutes, heard):
    assert list(choose(written, vocabulary("en"), Listener(length_ms=minutes * 60_000)))[-1] == heard
