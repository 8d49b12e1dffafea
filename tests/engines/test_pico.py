"""What is peculiar to Pico: its marks, its letters, its memory, its ends of lines."""

from __future__ import annotations

import base64
import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from make import make_voice

from kindvoice.engines import _pico_worker as worker
from kindvoice.engines import pico
from kindvoice.model import Voice
from kindvoice.sound.edges import find_sound
from kindvoice.speech.voices import read_voice

VOICES = Path(__file__).parents[2] / "voices"
LINES = {
    "de-DE": "Löse den Bauch, den Kiefer und den Raum um die Augen.",
    "en-GB": "Let the breath come and go in its own time.",
    "en-US": "There is nothing to do and nowhere to go.",
    "es-ES": "Siente el peso del cuerpo, sostenido por el suelo.",
    "fr-FR": "Posez une main sur le cœur et sentez sa chaleur.",
    "it-IT": "Metti una mano sul cuore e senti il suo calore.",
}

installed = pytest.mark.skipif(
    importlib.util.find_spec("py_nanotts") is None, reason="py-nanotts is not installed"
)


def a_voice(model: str = "en-GB", **more: object) -> Voice:
    return make_voice("pico", model=model, language=model, **more)


@pytest.mark.parametrize(
    ("model", "text", "read"),
    [
        ("en-GB", "mettā, karuṇā, Śāntideva", "metta, karuna, Santideva"),
        ("en-GB", "Thích Nhất Hạnh, Łukasz", "Thích Nhat Hanh, Lukasz"),
        ("en-GB", "café, naïve, señor, Šárka", "café, naïve, señor, Šárka"),
        ("fr-FR", "cœur, être, où", "cœur, être, où"),
        ("de-DE", "Œuvre, Straße, größer", "Oeuvre, Straße, größer"),
        ("it-IT", "perché è più", "perché è più"),
        ("es-ES", "1º y 2ª, pingüino", "1º y 2ª, pingüino"),
        ("en-GB", "this & that at 10 %", "this and that at 10 %"),
        ("fr-FR", "20 & 30", "20 & 30"),
        ("en-GB", "<speed level='300'>rest</speed>", "speed level=300 rest /speed"),
        ("en-GB", "a\x00b &lt; c", "a b and lt; c"),
        ("en-GB", "rest ¤ ¦ ☸ now", "rest now"),
        ("en-GB", "٣ minutes", "3 minutes"),
        ("en-GB", "安", ""),
        ("de-DE", "Wir sind in Zimmer 101.", "Wir sind in Zimmer 101 ."),
    ],
)
def test_plain(model: str, text: str, read: str) -> None:
    assert pico.plain(text, model) == read
    assert pico.plain(read, model) == read


@installed
@pytest.mark.parametrize(
    ("changes", "what", "cure"),
    [
        ({"model": "de-CH"}, "no voice 'de-CH'", "'de-DE'"),
        ({"model": "nl-NL"}, "no voice 'nl-NL'", ""),
        ({"speed": 0.4}, "speed 0.4", "0.5 to 2"),
        ({"options": (("pitch", 2),)}, "'pitch'", "take it out"),
    ],
)
def test_problems_have_a_cure(changes: dict[str, object], what: str, cure: str) -> None:
    found = pico.problem(replace(a_voice(), **changes))  # type: ignore[arg-type]
    assert found is not None
    assert what in found[0]
    assert cure in found[1] != ""


@pytest.mark.slow
@installed
@pytest.mark.parametrize(
    ("model", "text", "alike"),
    [
        ("de-DE", "Sitz auf deine Art.", "Sitz auf deine Art!"),  # else "Artikel"
        ("de-DE", "Das ist GUT so.", "Das ist gut so."),
        ("es-ES", "Toma lo que dan.", "Toma lo que dan!"),
        ("es-ES", "TODO LO QUE TÚ ERES.", "TODO lo que tú ERES."),
        ("fr-FR", "Un oiseau en plein vol.", "Un oiseau en plein vol!"),  # else "volume"
        ("it-IT", "Sei TU qui.", "Sei tu qui."),
        ("en-GB", "This is for YOU. DON'T RUSH.", "This is for you. don't RUSH."),
    ],
)
def test_neither_dot_nor_capitals_change_a_word(model: str, text: str, alike: str) -> None:
    assert np.array_equal(pico.speak(text, a_voice(model))[0], pico.speak(alike, a_voice(model))[0])


def test_the_worker_leaves_speed_and_volume_to_the_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    class NanoTTS:
        def speak(self, text: str, voice: str) -> bytes:
            asked.append((text, voice))
            return b"\1\2"

    monkeypatch.setitem(sys.modules, "py_nanotts", SimpleNamespace(NanoTTS=NanoTTS))
    answer = worker.speak({"text": "Rest.", "voice": "it-IT"})
    assert asked == [("Rest.", "it-IT")]
    assert answer == {"rate": 16_000, "samples": base64.b64encode(b"\1\2").decode()}


# ---------------------------------------------------------------- with the real one


@pytest.mark.slow
@installed
@pytest.mark.voice
@pytest.mark.parametrize("model", pico.MODELS)
def test_the_end_of_a_line_has_the_level_of_the_rest(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the volume is twice the sound, to the very end: py-nanotts' own arguments fail at that."""
    soft, rate = pico.speak(LINES[model], a_voice(model, speed=0.7))
    assert 0.15 < np.abs(soft).max() < 0.75
    found = find_sound(soft, rate)
    assert found is not None
    assert (len(soft) - found[1]) / rate > 0.3  # nothing stirs once more after the last word
    monkeypatch.setattr(pico, "_VOLUME_PERCENT", 60)
    loud, _ = pico.speak(LINES[model], a_voice(model, speed=0.7))
    assert len(soft) == len(loud)
    unclipped = np.abs(loud) < 0.98
    assert np.abs(loud - 2 * soft)[unclipped].max() < 0.02


@installed
@pytest.mark.parametrize("path", sorted(VOICES.glob("pico-*.toml")), ids=lambda path: path.stem)
def test_voice_files(path: Path) -> None:
    voice = read_voice(path)
    assert voice.engine == "pico"
    assert voice.language == voice.model
    assert pico.problem(voice) is None
