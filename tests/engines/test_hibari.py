"""What is peculiar to hibari: its markup, its marks, its downloads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from make import make_voice

from kindvoice.engines import hibari
from kindvoice.errors import VoiceError

HEART = make_voice("hibari", model="heart", speed=0.8)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("[bell](/bˈɛl/)", "bell (/bˈɛl/)"),
        ("[[hello]] {{ 7*7 }}", "hello 7*7"),
        ("mettā, karuṇā, muditā, upekkhā", "metta, karuna, mudita, upekkha"),
        ("Śāntideva and saṅgha", "Santideva and sangha"),
        ("Thích Nhất Hạnh", "Thích Nhat Hanh"),
        ("naïve Zoë and Chloë", "naive Zoe and Chloe"),
        ("café, Renée, señor, François, Björn, Šárka", "café, Renée, señor, François, Björn, Šárka"),
        ("cafe\u0301", "café"),
        ("x\u0304", "x"),
        ("Re\u00adst\u200b now\ufeff", "Rest now"),
        ("one\ttwo\x00three\nfour", "one two three four"),
        ("Hawaiʻi", "Hawai’i"),
        ("rest . . . now", "rest… now"),
        ("Rest. ... Now", "Rest… Now"),
        ("rest... now.... ", "rest… now…"),
        ("...and rest", "and rest"),
        ("“…and rest”", "and rest"),
        ("say ‘soften’, don’t «rush» the 'calm'", "say soften, don’t rush the calm"),
        ("— and rest", "and rest"),
        ("-5 degrees, .5 of it", "-5 degrees, .5 of it"),
        ("in -- out - and in", "in — out — and in"),
        ("3 - 5 minutes, well-being", "3 - 5 minutes, well-being"),
        ("Dr. Neff at 7 a.m.", "Dr. Neff at 7 a.m."),
    ],
)
def test_plain(text: str, read: str) -> None:
    assert hibari.plain(text) == read
    assert hibari.plain(read) == read


@pytest.mark.parametrize(
    ("changes", "what", "cure"),
    [
        ({"model": "hart"}, "no voice 'hart'", "'heart'"),
        ({"model": ""}, "no voice ''", "heart, emma"),
        ({"speed": 0.3}, "speed 0.3", "0.5 to 2"),
    ],
)
def test_problems_have_a_cure(changes: dict[str, object], what: str, cure: str) -> None:
    found = hibari.problem(replace(HEART, **changes))  # type: ignore[arg-type]
    assert found is not None
    assert what in found[0]
    assert cure in found[1]


def test_a_voice_that_is_not_here_is_never_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(*_: object) -> None:
        raise AssertionError("hibari went online")

    monkeypatch.setattr("hibari.voices.download", fetch)
    monkeypatch.setenv("HIBARI_HOME", str(tmp_path))
    emma = replace(HEART, model="emma")
    found = hibari.problem(emma)
    assert found is not None
    assert "not on this computer" in found[0]
    assert str(tmp_path) in found[1]
    with pytest.raises(VoiceError, match="not on this computer"):
        hibari.speak("Rest.", emma)

    (tmp_path / "bf_emma.int8.onnx").write_bytes(b"half of it")
    found = hibari.problem(emma)
    assert found is not None
    assert "incomplete" in found[0]


@pytest.mark.voice
def test_a_voice_in_hibaris_own_cache_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """heart's own model stands in for kore's, which is not here."""
    from hibari.voices import ASSETS, VOICES

    monkeypatch.setenv("HIBARI_HOME", str(tmp_path))
    (tmp_path / VOICES["kore"]["file"]).write_bytes((Path(ASSETS) / VOICES["heart"]["file"]).read_bytes())
    kore = replace(HEART, model="kore")
    assert hibari.problem(kore) is None
    assert np.array_equal(hibari.speak("Rest.", kore)[0], hibari.speak("Rest.", HEART)[0])


@pytest.mark.voice
@pytest.mark.parametrize("text", ["(¦)", "安", "“…”"])
def test_a_line_without_a_sound_is_an_error(text: str) -> None:
    with pytest.raises(VoiceError, match="no sound"):
        hibari.speak(text, HEART)


@pytest.mark.voice
def test_a_sentence_of_punctuation_is_not_murmured() -> None:
    assert np.array_equal(hibari.speak("Rest. ¦.", HEART)[0], hibari.speak("Rest.", HEART)[0])


@pytest.mark.voice
def test_seed_and_pace_are_those_of_the_package() -> None:
    """Nothing is added to what hibari itself makes of the text, but a space before its first sound."""
    tts = hibari._load(HEART)
    whole = tts.from_phonemes(f" {tts.phonemize('And be here.')[0]}", speed=0.8, seed=0)
    assert np.array_equal(hibari.speak("And be here.", HEART)[0], whole)


@pytest.mark.voice
def test_a_number_beyond_its_words_is_an_error() -> None:
    with pytest.raises(VoiceError, match="cannot read"):
        hibari.speak("7" * 50, HEART)
