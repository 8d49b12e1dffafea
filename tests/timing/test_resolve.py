"""From cues to items: one silence between two sounds, and the author's own stands before ours."""

from __future__ import annotations

import pytest
from make import make_request

from kindvoice.build.read import digest_of, read
from kindvoice.errors import ScriptError, SoundError
from kindvoice.model import BedChange, Gap, Mark, Ring, Say, Script
from kindvoice.paths import data_folder
from kindvoice.script.literal import line_mark
from kindvoice.script.parse import parse
from kindvoice.sound.bells import BELLS
from kindvoice.speech.voices import read_voices
from kindvoice.timing.resolve import UTTERANCE_LIMIT, make_timeline


def items(text: str, language: str = "en", path: str = "x.md", **how):
    cues = parse(line_mark(1) + text, path, language).cues
    return make_timeline(Script(title="T", language=language, cues=cues, path=path), **how).items


def picture(text: str, **how) -> str:
    """The timeline on one line: words in quotes, gaps as kind:ms, ! for a bell that is waited for."""
    out = []
    for item in items(text, **how):
        match item:
            case Say():
                out.append(f"'{item.text}'" + (f"@{item.slot_ms}" if item.slot_ms is not None else ""))
            case Gap():
                out.append(f"{item.kind}:{item.glue.natural_ms}")
            case Ring():
                out.append(item.sound + ("!" if item.advance_ms is None else f">{item.advance_ms}"))
            case BedChange():
                out.append(f"~{item.sound or ''}")
            case Mark():
                out.append(f"#{item.title}")
    return " ".join(out)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two.", "'One.' sentence:900 'Two.'"),
        # a deeper breath before a longer line
        (f"One. {'Slowly ' * 11}down.", f"'One.' sentence:900 '{'Slowly ' * 11}down.'"),
        (f"One. {'Slowly ' * 12}down. Two.", f"'One.' sentence:1050 '{'Slowly ' * 12}down.' sentence:900 'Two.'"),
        ("One.\n\nTwo.", "'One.' paragraph:2500 'Two.'"),
        ("One. [pause 4s] Two.", "'One.' pause:4000 'Two.'"),
        ("One. [pause 4s]\n\nTwo.", "'One.' pause:4000 'Two.'"),
        ("One. [pause 200ms]\n\nTwo.", "'One.' pause:200 'Two.'"),
        ("One. [pause 4s] [hold 1s]\n\nTwo.", "'One.' pause:4000 hold:1000 'Two.'"),
        ("One. [short pause] Two. [pause] Three. [long pause] Four.",
         "'One.' pause:3000 'Two.' pause:6000 'Three.' pause:15000 'Four.'"),
        ("One.\n\n# B\nTwo.", "'One.' chapter:5000 #B 'Two.'"),
        ("One. [pause 9s]\n\n# B\nTwo.", "'One.' pause:9000 #B 'Two.'"),
        ("One.\n\n# B\n[pause 9s]\nTwo.", "'One.' #B pause:9000 'Two.'"),
        ("One.\n# Quiet\n[silence 2m]\n# End\nTwo.", "'One.' #Quiet pause:120000 #End 'Two.'"),
        ("# A\n[bell]\nOne.", "#A middle! 'One.'"),
        ("# A\n[bell]\n\n[pause 3s]\nOne.", "#A middle! pause:3000 'One.'"),
        ("One.\n\n[bell low]", "'One.' paragraph:2500 low!"),
        ("[bell x3 every 7s]\nOne.", "middle>7000 middle>7000 middle! 'One.'"),
        ("[bell no wait]\nOne.", "middle>0 'One.'"),
        ("One. [pause 30s]", "'One.' pause:30000"),
        ("One.\n\n\n\n", "'One.'"),
        ("[pause 5s] One.", "pause:5000 'One.'"),
        ("One. [bed rain] Two. [bed off] Three.", "'One.' ~rain sentence:900 'Two.' ~ sentence:900 'Three.'"),
        ("One. ... 🙏 Two.", "'One.' sentence:900 '🙏 Two.'"),
        ("One. [breathe in 4s out 6s x2] Two.",
         "'One.' sentence:900 'Breathing in.'@4000 'Breathing out.'@6000 "
         "'Breathing in.'@4000 'Breathing out.'@6000 'Two.'"),
        ("One. [breathe in 4s out 6s silent] Two.", "'One.' sentence:900 breath:4000 breath:6000 'Two.'"),
    ],
)  # fmt: skip
def test_one_silence_between_two_sounds(text, expected):
    assert picture(text) == expected


def test_a_long_pause_is_honoured_and_a_hold_has_no_give():
    pause, hold = [i.glue for i in items("A. [pause 180s] [hold 4s] B.") if isinstance(i, Gap)]
    assert (pause.min_ms, pause.natural_ms, pause.max_ms) == (90_000, 180_000, 450_000)
    assert (hold.min_ms, hold.natural_ms, hold.max_ms) == (4_000, 4_000, 4_000)


def test_bounds_that_an_author_writes_hold():
    gap = next(i for i in items("A. [pause 8s min 7s max 9s] B.") if isinstance(i, Gap))
    assert (gap.glue.min_ms, gap.glue.natural_ms, gap.glue.max_ms) == (7_000, 8_000, 9_000)


def test_long_text_is_split_and_nothing_is_lost():
    text = "and the breath, it comes and goes " * 60
    said = [i.text for i in items(text) if isinstance(i, Say)]
    assert len(said) > 1
    assert all(len(part) <= UTTERANCE_LIMIT for part in said)
    assert " ".join(said).split() == text.split()


def test_what_says_nothing_is_silence():
    assert picture("One.\n\n***\n\nTwo.") == "'One.' paragraph:2500 'Two.'"
    assert picture("One.\n\n...\n\nTwo.") == "'One.' pause:6000 'Two.'"


def test_unknown_sounds_name_the_nearest_and_the_line():
    with pytest.raises(ScriptError, match=r"x\.md:1: there is no bell named 'lowe'\n.*bell low"):
        items("[bell lowe] One.")
    with pytest.raises(ScriptError, match=r"no bed named 'rian'\n.*bed rain"):
        items("One.", bed="rian")
    with pytest.raises(SoundError, match=r"x\.md:1: there is no sound file bowl\.wav"):
        items('[bell "bowl.wav"] One.')


def test_a_file_is_looked_for_beside_the_script(tmp_path):
    (tmp_path / "My bowl.wav").write_bytes(b"")
    found = items('[bell "My bowl.wav"] One.', path=str(tmp_path / "x.md"))
    assert found[0].sound == str(tmp_path / "My bowl.wav")


def test_a_bed_for_the_whole_programme_stands_in_place_of_the_scripts_own():
    assert picture("[bed rain] One.", bed="drone") == "~drone 'One.'"
    assert picture("[bed rain] One.", bed="off") == "'One.'"


@pytest.mark.parametrize(
    ("text", "bell", "expected"),
    [
        ("[bell] One.", "low", "low! 'One.'"),
        ("[bell high] One. [bell]", "low", "low! 'One.' sentence:900 low!"),
        ("[bell x3 every 7s]\nOne.", "low", "low>7000 low>7000 low! 'One.'"),
        ("[bell no wait]\nOne.", "low", "low>0 'One.'"),
        ("One. [hold 4s] [bell] Two.", "low", "'One.' hold:4000 low! 'Two.'"),
        ("One. [bell] [hold 4s] Two.", "low", "'One.' sentence:900 low! hold:4000 'Two.'"),
        ("One.", "low", "'One.'"),
        ("[bell]\nOne.", "off", "'One.'"),
        ("# A\n[bell x3]\nOne. [bell]", "off", "#A 'One.'"),
        ("One. [bell] Two.", "off", "'One.' paragraph:2500 'Two.'"),
        ("One. [hold 4s] [bell] Two.", "off", "'One.' hold:4000 'Two.'"),
        ("One. [bell] [hold 4s] Two.", "off", "'One.' hold:4000 'Two.'"),
        ("One. [pause 3s] [bell x3] [pause 9s] Two.", "off", "'One.' pause:3000 pause:9000 'Two.'"),
        ("One.\n\n# B\n[bell]\nTwo.", "off", "'One.' chapter:5000 #B 'Two.'"),
        ("One. [breathe in 4s out 6s silent] [bell] Two.", "off", "'One.' sentence:900 breath:4000 breath:6000 'Two.'"),
    ],
)  # fmt: skip
def test_a_bell_for_all_strokes_stands_in_place_of_the_scripts_own(text, bell, expected):
    assert picture(text, bell=bell) == expected
    glues = [
        [i.glue for i in items(text, bell=b) if isinstance(i, Gap) and i.kind == "hold"] for b in (None, bell)
    ]
    assert glues[0] == glues[1], "what was written to be exact stays so"


def test_strokes_without_a_time_of_their_own_are_as_far_apart_as_the_bell_wants():
    apart = {bell: items("[bell x2]", bell=bell)[0].advance_ms for bell in ("low", "high")}
    assert apart == {bell: BELLS[bell].every_ms for bell in apart} and apart["low"] != apart["high"]


def test_an_unknown_bell_for_all_is_told_where_it_would_ring():
    with pytest.raises(ScriptError, match=r"x\.md:1: there is no bell named 'lowe'\n.*bell low"):
        items("One. [bell]", bell="lowe")


def test_a_level_is_added_to_every_bed():
    def levels(**how):
        found = items("One. [bed rain] Two. [bed drone] Three.", **how)
        return [item.gain_db for item in found if isinstance(item, BedChange)]

    assert levels(bed_gain_db=-6.0) == [level - 6.0 for level in levels()]
    assert levels(bed="waves", bed_gain_db=-6.0) == [-6.0]
    assert levels(bed="off", bed_gain_db=-6.0) == []


@pytest.mark.parametrize("body", ["[bell]\n[bed rain]\nOne.", "One."])
def test_the_digest_tells_of_bell_and_level_where_they_are_heard(tmp_path, body):
    path = tmp_path / "x.md"
    path.write_text(f"---\ntitle: T\n---\n{body}\n", encoding="utf-8")
    voices = read_voices([data_folder("voices")])
    asked = [{}, {"bell": "low"}, {"bell": "off"}, {"bed_gain_db": -6.0}, {"bed_gain_db": 3.0}]
    digests = [digest_of(read(make_request(path, voice="tone", **how), voices)) for how in asked]
    assert len(set(digests)) == (len(asked) if "bell" in body else 1)


def test_paced_breathing_without_words_in_a_language_says_so():
    with pytest.raises(ScriptError, match="no words in fi yet"):
        items("Yksi. [breathe in 4s out 6s]", language="fi")


def test_a_voice_cue_holds_until_the_next_and_makes_no_silence_of_its_own():
    said = [
        (item.speaker, item.text)
        for item in items("One. [voice anna] Two, two. [voice es]\n\nTres. [voice off] Four. Five.")
        if isinstance(item, Say)
    ]
    assert said == [("", "One."), ("anna", "Two, two."), ("es", "Tres."), ("", "Four."), ("", "Five.")]
    assert picture("One. [voice anna] Two.") == picture("One. Two.")
    assert picture("One. [voice anna] [pause 4s] Two.") == picture("One. [pause 4s] Two.")


def test_paced_breathing_is_counted_in_the_language_of_who_speaks():
    said = [item.text for item in items("[voice es] [breathe in 4s out 6s]", languages={"es": "es-MX"})]
    assert said == ["Inhala.", "Exhala."]
