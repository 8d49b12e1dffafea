"""Voice files, and the choice among voices."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kindvoice.errors import VoiceError
from kindvoice.model import Voice
from kindvoice.paths import data_folder
from kindvoice.speech.voices import (
    candidates,
    choose,
    choose_speaker,
    clearer,
    misheard_percent,
    read_voice,
    read_voices,
)

GOOD = """\
title = "Ana"
engine = "tone"
language = "pt-BR"
licence = "CC0-1.0"
credit = "Voice: Ana"
"""


FILE = f"""
[[files]]
path = "a.bin"
bytes = 5
sha256 = "{"00" * 32}"
from = ["https://example.org/a.bin", "npm:@some/package@1.0/a.bin"]
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
    assert read_voice(written(tmp_path, "\ufeff" + GOOD)).gain_db is None
    with pytest.raises(VoiceError, match="cannot be read"):
        read_voice(tmp_path / "none.toml")


def test_what_a_voice_needs_from_elsewhere(tmp_path):
    voice = read_voice(written(tmp_path, GOOD + 'packages = ["kindvoice[kokoro]", "x>=1"]\n' + FILE))
    assert voice.packages == ("kindvoice[kokoro]", "x>=1")
    (file,) = voice.downloads
    assert (file.path, file.bytes, file.sha256) == ("a.bin", 5, "00" * 32)
    assert file.sources == ("https://example.org/a.bin", "npm:@some/package@1.0/a.bin")


def test_how_well_a_voice_is_understood(tmp_path, monkeypatch):
    assert misheard_percent(read_voice(written(tmp_path, GOOD))) is None
    assert misheard_percent(read_voice(written(tmp_path, GOOD + "misheard = 3"))) == 3.0
    text = GOOD.replace("pt-BR", "*") + "misheard = { pt = 9, linux = { pt = 90, de-AT = 1 } }"
    for platform, percent in (("linux", 90.0), ("darwin", 9.0)):
        monkeypatch.setattr("sys.platform", platform)
        anyone = {"ana": read_voice(written(tmp_path, text))}
        assert misheard_percent(choose(anyone, "ana", "pt-PT")) == percent
    monkeypatch.setattr("sys.platform", "linux")
    anyone = {"ana": read_voice(written(tmp_path, text))}
    assert misheard_percent(choose(anyone, "ana", "de-AT")) == 1.0
    assert misheard_percent(choose(anyone, "ana", "de")) is None


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
        (GOOD + "misheard = 300", "ana.toml: `misheard` wants percents by language, not * = 300"),
        (GOOD + 'misheard = {de = "x"}', "ana.toml: `misheard` wants percents by language, not de = 'x'"),
        (GOOD + 'packages = "x"', "ana.toml: `packages` wants a list, not 'x'"),
        (GOOD + 'packages = ["--index-url=x"]', "ana.toml: `packages` wants texts, not '--index-url=x'"),
        (GOOD + "files = [3]", "ana.toml: `files` wants tables, as in [[files]], not 3"),
        (GOOD + "[[files]]\npath = 'a.bin'", "ana.toml: a file of the voice lacks bytes, sha256, from"),
        (
            GOOD + FILE.replace("path", "pth"),
            "ana.toml: a file of a voice has no 'pth'\n  did you mean 'path'?",
        ),
        (GOOD + FILE.replace("a.bin", "../a.bin"), "ana.toml: '../a.bin' is no place in the models folder"),
        (GOOD + FILE.replace("a.bin", "/etc/a"), "ana.toml: '/etc/a' is no place in the models folder"),
        (GOOD + FILE.replace("https", "http"), "ana.toml: 'http://example.org/a.bin' is no source"),
        (GOOD + FILE.replace("https", "file"), "ana.toml: 'file://example.org/a.bin' is no source"),
        (GOOD + FILE.replace("00", "zz"), "ana.toml: 'zz"),
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


def test_a_voice_s_language_and_pace():
    # one for any language is given this one; a pace is taken of the voice's own
    known = VOICES | {"slow": replace(VOICES["heart"], speed=0.65)}
    for name, language, spoken, speed in (
        (None, "sv-FI", "sv-FI", 1.0), ("tone", "de", "de", 1.0), ("heart", "en-GB", "en-US", 1.0),
        ("heart*0.9", "en", "en-US", 0.9), ("heart * 1.25", "en", "en-US", 1.25), ("slow*0.9", "en", "en-US", 0.585),
    ):  # fmt: skip
        chosen = choose(known, name, language)
        assert (chosen.language, chosen.speed) == (spoken, speed)
    with pytest.raises(VoiceError, match="no voice speaks sv"):
        choose({"tone": VOICES["tone"]}, None, "sv")


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


def test_a_voice_that_is_not_ready_is_passed_over_unless_it_is_named():
    assert choose(VOICES, None, "en", lambda v: v.name != "heart").name == "british"
    assert choose(VOICES, None, "en", lambda v: v.name == "system").name == "system"
    assert choose(VOICES, "heart", "en", lambda v: False).name == "heart"
    assert choose(VOICES, None, "en", lambda v: False).name == "heart", (
        "the best one, whose error has the cure"
    )
    asked = []
    choose(VOICES, None, "de", lambda v: bool(asked.append(v.language)) or True)
    assert asked == ["de"], "no more are looked at than needed"


def test_all_that_speak_a_language_best_first():
    assert [v.name for v in candidates(VOICES, "en")] == ["heart", "british", "plain", "system"]
    assert {v.language for v in candidates(VOICES, "sv")} == {"sv"}


@pytest.mark.parametrize(
    ("speaker", "name", "language"),
    [
        ("heart", "heart", "en-US"),
        ("hans", "hans", "de"),
        ("hans*0.9", "hans", "de"),
        ("es", "system", "es"),
        ("en-GB", "british", "en-GB"),
        ("de", "hans", "de"),
        ("system", "system", "fr"),
        ("system nl", "system", "nl"),
        ("tone", "tone", "fr"),
    ],
)
def test_who_a_cue_asks_for_in_a_french_script(speaker, name, language):
    chosen = choose_speaker(VOICES, speaker, "fr")
    assert (chosen.name, chosen.language) == (name, language)
    with pytest.raises(VoiceError, match="did you mean 'heart'"):
        choose_speaker(VOICES, "hart", "fr")
    with pytest.raises(VoiceError, match="speaks de"):
        choose_speaker(VOICES, "hans en", "fr")


def test_a_clearer_voice():
    measured = {
        "system": replace(VOICES["system"], misheard=(("de", 66.0), ("fr", 87.0))),
        "hans": replace(VOICES["hans"], misheard=(("*", 14.0),)),
        "heart": VOICES["heart"],
    }
    spoken = choose(measured, "system", "de")
    assert clearer(measured, spoken).name == "hans"
    assert clearer(measured, measured["hans"]) is None
    assert clearer(measured, choose(measured, "system", "fr")) is None
    assert clearer(measured, measured["heart"]) is None


def test_the_voices_that_come_with_it_can_be_read_and_speak():
    voices = read_voices([data_folder("voices")])
    assert choose(voices, None, "en").name == "heart"
    assert choose(voices, None, "sv").engine != "tone"
