"""Voice files, and the choice among voices."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kindvoice.errors import VoiceError
from kindvoice.model import Voice
from kindvoice.resources import data_folder
from kindvoice.voices import choose, read_voice, read_voices

GOOD = """\
title = "Ana"
engine = "tone"
language = "pt-BR"
licence = "CC0-1.0"
credit = "Voice: Ana"
"""


def written(tmp_path, text, name="ana.toml"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_voice_file(tmp_path):
    more = 'model = "m"\nspeed = 1\ngain_db = -3\nrank = 5\ncommercial = false\n[options]\nsteps = 4\nbreath = true\n'
    voice = read_voice(written(tmp_path, GOOD + more))
    assert voice == Voice(
        name="ana", title="Ana", engine="tone", language="pt-BR", licence="CC0-1.0", credit="Voice: Ana", model="m",
        speed=1.0, gain_db=-3.0, rank=5, commercial=False, options=(("breath", True), ("steps", 4)),
    )  # fmt: skip
    assert isinstance(voice.speed, float) and isinstance(voice.gain_db, float)
    assert read_voice(written(tmp_path, GOOD)).gain_db is None


def test_a_byte_order_mark_is_no_key(tmp_path):
    assert read_voice(written(tmp_path, "\ufeff" + GOOD)).title == "Ana"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD + "sped = 1", "ana.toml: a voice has no 'sped'\n  did you mean 'speed'?"),
        (GOOD + "xyzzy = 1", "ana.toml: a voice has no 'xyzzy'"),
        (GOOD.replace("licence", "license"), "ana.toml: a voice has no 'license'\n  did you mean 'licence'?"),
        (GOOD.replace('credit = "Voice: Ana"\n', ""), "ana.toml: the voice file lacks credit"),
        (GOOD.replace('"CC0-1.0"', '""'), "ana.toml: the voice file lacks licence"),
        ("", "ana.toml: the voice file lacks title, engine, language, licence, credit"),
        (GOOD + 'speed = "1"', "ana.toml: `speed` wants a number, not '1'"),
        (GOOD + "speed = true", "ana.toml: `speed` wants a number, not True"),
        (GOOD + "speed = 0.2", "ana.toml: `speed` goes from 0.5 to 2, not 0.2"),
        (GOOD + "speed = nan", "ana.toml: `speed` goes from 0.5 to 2, not nan"),
        (GOOD + "gain_db = inf", "ana.toml: `gain_db` goes from -40 to 40, not inf"),
        (GOOD + "rank = 1.5", "ana.toml: `rank` wants a whole number, not 1.5"),
        (GOOD + "rank = true", "ana.toml: `rank` wants a whole number, not True"),
        (GOOD + "commercial = 1", "ana.toml: `commercial` wants true or false, not 1"),
        (GOOD + 'options = "x"', "ana.toml: `options` wants a table, not 'x'"),
        (
            GOOD + "[options]\na = [1]",
            "ana.toml: the option 'a' wants a text, a number or true or false, not [1]",
        ),
        (
            GOOD.replace('"pt-BR"', '"Portuguese"'),
            "ana.toml: 'Portuguese' is no language\n  write en, pt-BR, or * for any",
        ),
        ("title = ", "ana.toml: the voice file is not TOML"),
        (GOOD + GOOD, "ana.toml: the voice file is not TOML"),
        (b"title = '\xff'", "ana.toml: the voice file is not TOML"),
    ],
)
def test_a_voice_file_that_is_not_understood_is_named(tmp_path, text, message):
    path = written(tmp_path, text)
    with pytest.raises(VoiceError) as caught:
        read_voice(path)
    assert str(caught.value).replace(str(path), "ana.toml").startswith(message)


def test_a_voice_file_that_is_not_there(tmp_path):
    with pytest.raises(VoiceError, match="cannot be read"):
        read_voice(tmp_path / "none.toml")


def test_a_later_folder_stands_before_an_earlier_one(tmp_path):
    for folder, title in (("a", "First"), ("b", "Second")):
        (tmp_path / folder).mkdir()
        written(tmp_path / folder, GOOD.replace("Ana", title))
    written(tmp_path / "a", GOOD, "other.toml")
    voices = read_voices([tmp_path / "a", tmp_path / "b", tmp_path / "none"])
    assert {name: voice.title for name, voice in voices.items()} == {"ana": "Second", "other": "Ana"}


# ---------------------------------------------------------------- choosing


def a_voice(name: str, language: str, rank: int = 50, engine: str = "hibari") -> Voice:
    return Voice(name=name, title=name, engine=engine, language=language, licence="x", credit="x", rank=rank)


VOICES = {
    voice.name: voice
    for voice in [
        a_voice("tone", "*", 1, "tone"),
        a_voice("system", "*", 0, "pyttsx3"),
        a_voice("heart", "en-US", 10),
        a_voice("british", "en-GB", 25),
        a_voice("plain", "en", 30),
        a_voice("hans", "de", 60),
        a_voice("lisboa", "pt-PT", 5),
        a_voice("rio", "pt-BR", 20),
    ]
}


@pytest.mark.parametrize(
    ("name", "language", "chosen"),
    [
        # the lowest rank, another region counting as 20 more; then a voice for any language; never the tone by itself
        (None, "en", "heart"),
        (None, "en-US", "heart"),
        (None, "en-GB", "british"),
        (None, "EN-gb", "british"),
        (None, "en-AU", "heart"),
        (None, "pt", "lisboa"),
        (None, "pt-BR", "rio"),
        (None, "de-AT", "hans"),
        (None, "sv", "system"),
        ("", "en", "heart"),
        # by name
        ("british", "en-US", "british"),
        ("tone", "sv", "tone"),
        ("system", "en", "system"),
    ],
)
def test_the_best_voice(name, language, chosen):
    assert choose(VOICES, name, language).name == chosen


def test_a_voice_for_any_language_is_given_this_one():
    assert choose(VOICES, None, "sv-FI").language == "sv-FI"
    assert choose(VOICES, "tone", "de").language == "de"
    assert choose(VOICES, "heart", "en-GB").language == "en-US"


@pytest.mark.parametrize(
    ("name", "speed"), [("heart*0.9", 0.9), ("heart * 1.25", 1.25), ("heart*2", 2.0), ("heart", 1.0)]
)
def test_a_pace_after_the_name(name, speed):
    assert choose(VOICES, name, "en").speed == speed


def test_a_pace_is_taken_of_the_voices_own():
    slow = {"heart": replace(VOICES["heart"], speed=0.65)}
    assert choose(slow, "heart*0.9", "en").speed == 0.585


@pytest.mark.parametrize(
    ("name", "language", "message"),
    [
        ("hart", "en", "there is no voice named 'hart'\n  did you mean 'heart'?"),
        ("Heart", "en", "there is no voice named 'Heart'\n  did you mean 'heart'?"),
        ("xyzzy", "en", "there is no voice named 'xyzzy'\n  `kindvoice voices list` shows them all"),
        ("heart", "de", "the voice 'heart' speaks en-US, and this script is in de\n"),
        ("heart*", "en", "'' is no pace\n  such as --voice heart*0.9"),
        ("heart*fast", "en", "'fast' is no pace\n"),
        ("heart*0.1", "en", "'0.1' is no pace\n"),
        ("heart*-1", "en", "'-1' is no pace\n"),
        ("heart*0.9*0.9", "en", "'0.9*0.9' is no pace\n"),
        ("heart*nan", "en", "'nan' is no pace\n"),
    ],
)
def test_no_voice_is_put_in_the_place_of_another(name, language, message):
    with pytest.raises(VoiceError) as caught:
        choose(VOICES, name, language)
    assert str(caught.value).startswith(message)


def test_no_voice_at_all():
    only_tone = {"tone": VOICES["tone"]}
    with pytest.raises(VoiceError, match="no voice speaks sv"):
        choose(only_tone, None, "sv")


def test_the_voices_that_come_with_it_can_be_read_and_speak():
    voices = read_voices([data_folder("voices")])
    assert choose(voices, None, "en").name == "heart"
    assert choose(voices, None, "sv").engine != "tone"
