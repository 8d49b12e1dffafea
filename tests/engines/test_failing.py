"""Engines that speak in processes of their own: what one is told, what it may do wrong, and what is then said."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from make import make_voice

from kindvoice.engines import _process, pico, piper, pyttsx3
from kindvoice.engines._system_voices import SystemVoice
from kindvoice.errors import VoiceError

LINE = "May I be kind to myself in this moment."
FAKE = """
import base64, json, os, pathlib, struct, sys, wave

folder = pathlib.Path({folder!r})
with open(folder / "starts", "a") as file:
    print("started", file=file)
for line in sys.stdin:
    mode, *rest = (folder / "modes").read_text().split()
    (folder / "modes").write_text(" ".join(rest))
    with open(folder / "jobs", "a") as file:
        file.write(line)
    job = json.loads(line)
    if mode == "crash":
        os.abort()
    if mode == "fail":
        sys.exit("the disk is full")
    level = 0.0 if mode == "silent" else 0.25
    frames = 16 if mode == "short" else max(160_000, 1_000 * len(job["text"]))
    whole = struct.pack("<h", round(level * 32_768)) * frames
    print("chatter")
    if "path" in job:
        if mode != "nothing":
            with wave.open(job["path"], "wb") as file:
                file.setparams((1, 2, 16_000, 0, "NONE", ""))
                file.writeframes(whole)
        print(json.dumps({{"done": True}}), flush=True)
    else:
        sound = struct.pack("<f", level) * frames if "speaker" in job else whole
        print(json.dumps({{"rate": 16_000, "samples": base64.b64encode(sound).decode()}}), flush=True)
"""
ENGINES = {"pico": (pico, "en-GB"), "piper": (piper, "anna"), "pyttsx3": (pyttsx3, "")}
SILENT = {"pyttsx3": "nothing"}
"""how its process gives no sound, where it is not by silence: that is test_pyttsx3's"""


class Fake:
    """An engine whose processes behave as they are told, one word for each job."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.engine, model = ENGINES[name]
        self.voice = make_voice(name, model=model, speed=0.8)

    def speak(self, text: str, modes: str) -> tuple[np.ndarray, int]:
        (self.folder / "modes").write_text(modes)
        return self.engine.speak(text, self.voice)  # type: ignore[attr-defined]

    def lines(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []

    @property
    def jobs(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.lines("jobs")]


@pytest.fixture(params=ENGINES)
def fake(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    made = Fake(request.param, tmp_path)
    (tmp_path / "worker.py").write_text(FAKE.format(folder=str(tmp_path)))
    command = [sys.executable, "-P", str(tmp_path / "worker.py")]
    monkeypatch.setattr(made.engine, "_command", lambda *model: command)
    monkeypatch.setattr("importlib.util.find_spec", lambda name, package=None: name)
    monkeypatch.setenv("KINDVOICE_MODELS", str(tmp_path))
    (tmp_path / "anna.onnx").write_bytes(b"a model")
    config = {"audio": {"sample_rate": 16_000}, "espeak": {"voice": "en-us"}, "num_symbols": 9,
              "phoneme_id_map": {}, "num_speakers": 1, "speaker_id_map": {}}  # fmt: skip
    (tmp_path / "anna.onnx.json").write_text(json.dumps(config))
    pool = _process.Pool(lambda model: command, most=2, jobs=100)
    monkeypatch.setattr(piper, "_pool", pool)
    listed = (SystemVoice(id="gmw/en-us", name="English (America)", languages=("en-US",)),)
    monkeypatch.setattr(pyttsx3, "system_voices", lambda: listed)
    yield made
    pool.close()


def test_a_process_is_told_what_was_asked_for(fake: Fake) -> None:
    text = "[[hello]] there, and rest"
    samples, rate = fake.speak(text, "ok")
    assert (len(samples), samples.dtype, rate, samples[0]) == (160_000, np.float32, 16_000, 0.25)
    (job,) = fake.jobs
    if fake.name == "pico":
        assert (job["voice"], job["text"]) == ("en-GB", pico.marked(pico.plain(text, "en-GB"), 0.8))
    elif fake.name == "piper":
        assert (job["text"], job["speed"], job["speaker"]) == ("hello there, and rest", 0.8, None)
    else:
        path = Path(str(job.pop("path")))
        assert not path.parent.exists(), "nothing is left behind"
        assert (job["do"], job["text"], job["voice"]) == ("speak", "hello there, and rest", "gmw/en-us")
        assert job["rate"] == pyttsx3.rate_number(0.8)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "reason"),
    [("fail", "the disk is full"), ("crash", "code -6"), ("silent", "no sound"), ("short", "broke off")],
)
def test_a_failure_is_tried_once_more_and_two_are_an_error(fake: Fake, mode: str, reason: str) -> None:
    if mode == "crash" and os.name != "posix":
        pytest.skip("the code of a crash is the system's own")
    mode = SILENT.get(fake.name, mode) if mode == "silent" else mode
    assert len(fake.speak(LINE, f"{mode} ok")[0]) == 160_000
    assert len(fake.lines("starts")) == 2 and fake.lines("modes") == []
    with pytest.raises(VoiceError, match=reason) as caught:
        fake.speak(LINE, f"{mode} {mode} ok")
    assert LINE not in caught.value.what, "whoever asked for it quotes it"
    assert caught.value.cure and fake.lines("modes") == ["ok"]


@pytest.mark.parametrize("text", ["…", "a" * 15_001])
def test_what_cannot_be_spoken_starts_no_process(fake: Fake, text: str) -> None:
    if (fake.name, text) == ("pyttsx3", "…"):
        pytest.skip("the system may read it")
    with pytest.raises(VoiceError, match=r"no sound|15001 characters"):
        fake.speak(text, "ok")
    assert fake.lines("starts") == []


def test_a_long_text_is_one_sound(fake: Fake) -> None:
    samples, _ = fake.speak((LINE + " ") * 20, "ok ok ok ok")
    jobs = fake.jobs
    if fake.name == "piper":  # whose memory grows with the longest part
        assert len(jobs) == 4 and len(samples) > 3 * 160_000
        assert max(len(str(job["text"])) for job in jobs) <= piper.PART_CHARACTERS
    assert sum(str(job["text"]).count("May I be kind to myself in this moment") for job in jobs) == 20


def test_without_its_package_the_cure_is_an_install(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name, package=None: None)
    for system, what in (("linux", "is not installed"), ("darwin", "is not made for macOS")):
        monkeypatch.setattr(sys, "platform", system)
        found = fake.engine.problem(fake.voice)  # type: ignore[attr-defined]
        assert found and (what if fake.name == "pico" else "is not installed") in found[0]
        assert "pip install" in found[1] or "--voice system" in found[1]
