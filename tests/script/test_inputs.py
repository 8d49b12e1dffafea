"""Texts as people bring them (tests/data/inputs), each beside what is spoken of it and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from make import read_script
from script.seen import drawn, refused

from kindvoice.script import make_phrase
from kindvoice.script.directions import find_slips

INPUTS = sorted((Path(__file__).parents[1] / "data" / "inputs").glob("*.md"))
VALUES = {"wish": "**PAUSE** (pause) 1. [bell]\n- ~~a~~ & <br>", "name": "Ana *B*"}


def heard(path: Path) -> str:
    """A cue on each line, and below a line of dashes what is not spoken: line, text, why."""
    script = read_script(path, language=path.suffixes[0][1:], values=VALUES)
    cues = [f"{cue.where.line}: {drawn([cue])}" for cue in script.cues]
    left = [f"{each.where.line}: {each.text} | {each.reason}" for each in script.unspoken]
    return "\n".join([*cues, "-----", *left]) + "\n"


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.stem)
def test_what_is_spoken_and_what_is_not(path):
    assert heard(path) == path.with_suffix(".heard").read_text(encoding="utf-8")


def test_a_blank_that_is_not_filled_is_asked_for(tmp_path):
    path = tmp_path / "a.md"
    path.write_text("I am here.\nMy name is [Your Name].")
    assert refused(read_script, path) == (
        "a.md:2: [Your Name] is a blank to fill in\n"
        "  give it with --set name=...; to have the bracket spoken, write \\["
    )


def test_what_is_put_into_a_blank_and_what_is_struck_out_keep_whose_words_they_are(tmp_path):
    path = tmp_path / "a.md"
    path.write_text("I am [your name].\n\n{% for p in phrases %}~~{{ p }}~~ Rest.\n{% endfor %}")
    script = read_script(path, values={"your_name": "Ana"}, phrases=[make_phrase("May I be safe.", "en")])
    assert [(cue.text, cue.own) for cue in script.cues if hasattr(cue, "text")] == [
        ("I am Ana.", ((5, 8),)),
        ("Rest.", ()),
    ]
    assert [(each.text, each.own) for each in script.unspoken] == [("May I be safe.", ((0, 14),))]


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "You might pause here, or (if you like) go on."),
        ("en", "Pause, and feel your feet."),
        ("en", "You can *pause* here. A (soft) light, a (gentle) hand."),
        ("en", "The bell may ring (or not). The music begins."),
        ("en", "There is silence (and sound). In silence. Silence."),
        ("en", "There are 30 seconds of silence now."),
        ("en", "(You can stop at any time.) For your friend(s)."),
        ("en", "At 7:00 the sun rises, and by 10:30 it is warm."),
        ("en", "Duration matters. A voice: kind and warm."),
        ("en", "Breathe. Slowly. Gently. Breathe in. One minute. Rest... silence... rest."),
        ("en", "#MeToo matters. I AM HERE. OM SHANTI."),
        ("de", "Die Stille. Eine Pause tut gut (oder nicht)."),
        ("es", "Una pausa breve hace bien (si quieres)."),
        ("tr", "Bir ara ver."),
    ],
)
def test_words_that_only_speak_of_a_pause_are_spoken(tmp_path, language, line):
    path = tmp_path / "a.md"
    path.write_text(f"Sit down here.\n{line}\nAnd rest for a while.\n", encoding="utf-8")
    script = read_script(path, language=language)
    assert script.unspoken == ()
    said = drawn(script.cues).replace("' '", " ")
    assert said == f"'Sit down here. {line} And rest for a while.'".replace("*", "")


@pytest.mark.parametrize(
    ("language", "line", "text", "better"),
    [
        ("en", "My {name}, rest.", "{name}", "write {{name}}"),
        ("en", "#Arriving", "#Arriving", "write # Arriving"),
        ("de", "Ruh dich aus. Lange Pause. Und weiter.", "Lange Pause.", "[pause 8s]"),
        ("en", "Feel your feet. Pause for 10 seconds. Go on.", "Pause for 10 seconds.", "[pause 8s]"),
    ],
)
def test_what_is_spoken_and_may_not_be_meant_to_be(tmp_path, language, line, text, better):
    path = tmp_path / "a.md"
    path.write_text(f"Sit down here.\n{line}\nAnd rest for a while.\n", encoding="utf-8")
    script = read_script(path, language=language)
    (slip,) = find_slips(script.cues, language)
    assert (slip.where.line, slip.text) == (2, text)
    assert better in slip.better


@pytest.mark.parametrize(
    ("language", "wish"),
    [
        ("pl", "Mam nadzieję, że będzie lepiej."),
        ("en", "I hope this helps me."),
        ("en", "Follow me on this way, whoever you are."),
        ("en", "Episode 3: I begin again."),
        ("en", "Nora: may I rest."),
        ("en", "The end"),
        ("en", "“I am here.”"),
        ("en", "(Be kind)"),
        ("en", "[Body – 0:00]"),
        ("fr", "Fin de la séance"),
    ],
)
@pytest.mark.parametrize(
    "text", ["{{ phrases[0] }}\n\n“Sit.”\n\n“Rest.”\n\n“Go on.”", "Sit.\n\n{{ phrases[0] }}"]
)
def test_whatever_somebody_wishes_is_spoken(tmp_path, language, wish, text):
    path = tmp_path / "a.md"
    path.write_text(f"---\nlanguage: {language}\n---\n{text}\n", encoding="utf-8")
    script = read_script(path, phrases=[make_phrase(wish, language)])
    assert script.unspoken == ()
    assert wish.strip("“”()[].") in drawn(script.cues)
