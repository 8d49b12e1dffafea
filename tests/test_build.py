"""The whole way, with a voice that hums: exact, measured, the same bytes twice, never half-made."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import mutagen
import numpy as np
import pytest

from kindvoice import build, output
from kindvoice.build import Job, Progress, render
from kindvoice.decode import decode
from kindvoice.errors import FitError, OutputError, SettingsError
from kindvoice.meter import measure
from kindvoice.resources import data_folder
from kindvoice.script import make_phrase
from kindvoice.store import Store
from kindvoice.verify import verify
from kindvoice.voices import read_voices

VOICES = read_voices([data_folder("voices")])
SCRIPT = """---
title: A small one
language: en
phrases: ["May I be safe."]
---
# Arriving
[bell]
Find a position that feels comfortable. [pause 4s]
# Phrases
{% for phrase in phrases %}
{{ phrase }} [pause 5s]
{% endfor %}
[bell low]
"""


@pytest.fixture
def script(tmp_path) -> Path:
    path = tmp_path / "small one.md"
    path.write_text(SCRIPT)
    return path


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    return Store(tmp_path_factory.mktemp("store"))


def job(script: Path, output: Path, **more) -> Job:
    return Job(**{"script": script, "output": output, "voice": "tone", "length_ms": 48_000, **more})


def tree(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


def test_a_script_becomes_whole_right_files(script, tmp_path, store):
    events: list[Progress] = []
    result = render(
        job(script, tmp_path / "out", formats=("mp3", "flac", "wav")), VOICES, store, events.append
    )
    names = [
        "small one.chapters.json",
        "small one.flac",
        "small one.manifest.json",
        "small one.mp3",
        "small one.vtt",
        "small one.wav",
    ]
    assert sorted(tree(tmp_path / "out")) == names
    for artifact in result.artifacts:
        assert hashlib.sha256(artifact.path.read_bytes()).hexdigest() == artifact.sha256
    for name in ("mp3", "flac", "wav"):
        sound = np.concatenate(list(decode(tmp_path / "out" / f"small one.{name}")))
        assert sound.shape == (48_000 * 48, 2)
        reading = measure([sound])
        assert reading.integrated_lufs == pytest.approx(-16, abs=0.5)
        assert reading.true_peak_dbtp <= -1.0
        report = verify(tmp_path / "out" / f"small one.{name}")
        assert report.passed, report.findings
    assert result.warnings == ()
    stages = [event.stage for event in events]
    assert list(dict.fromkeys(stages)) == ["speak", "measure", "encode", "check"]
    assert all(e.done <= e.total for e in events)


def test_the_manifest_tells_everything_and_nothing_of_this_machine(script, tmp_path, store):
    phrase = make_phrase("May I be kind to myself", "en")
    result = render(job(script, tmp_path / "out", phrases=(phrase,)), VOICES, store)
    text = result.manifest.read_text()
    manifest = json.loads(text)
    assert str(tmp_path) not in text
    assert [line["text"] for line in manifest["lines"]][-1] == "May I be kind to myself."
    assert manifest["inputs"]["phrases"][0]["other"] == "May you be kind to yourself."
    assert manifest["duration_ms"] == 48_000
    assert manifest["voice"]["licence"] == "Apache-2.0"
    assert manifest["loudness"]["mp3"]["integrated_lufs"] == pytest.approx(-16, abs=0.5)
    assert {"kindvoice", "av", "libavcodec", "engine tone"} <= set(manifest["tools"])
    assert [a["name"] for a in manifest["artifacts"]] == [
        "small one.mp3",
        "small one.vtt",
        "small one.chapters.json",
    ]
    for line in manifest["lines"]:
        assert store.path(line["clip"]).is_file()


def test_captions_begin_and_end_with_the_speech_in_the_decoded_file(script, tmp_path, store):
    result = render(job(script, tmp_path / "out"), VOICES, store)
    sound = np.abs(np.concatenate(list(decode(tmp_path / "out" / "small one.mp3")))).max(axis=1)
    for line in json.loads(result.manifest.read_text())["lines"]:
        start, stop = line["start_ms"] * 48, line["stop_ms"] * 48
        level = sound[start:stop].max()
        gate = level * 10 ** (-40 / 20)
        heard = np.flatnonzero(sound[start - 4800 : stop + 9600] > gate) - 4800
        assert abs(heard[0]) <= 20 * 48, "within 20 ms of the first sound"
        assert abs(heard[-1] - (stop - start)) <= 20 * 48


def test_the_same_inputs_give_the_same_bytes(script, tmp_path, store):
    render(job(script, tmp_path / "a", formats=("mp3", "wav")), VOICES, store)
    render(job(script, tmp_path / "b", formats=("mp3", "wav")), VOICES, Store(tmp_path / "fresh"))
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


def test_tags_are_read_by_mutagen(script, tmp_path, store):
    render(job(script, tmp_path / "out", artist="A. Teacher"), VOICES, store)
    tags = mutagen.File(tmp_path / "out" / "small one.mp3").tags
    assert tags["TIT2"].text == ["A small one"]
    assert tags["TPE1"].text == ["A. Teacher"]
    comment = tags.getall("COMM")[0].text[0]
    assert "test tones" in comment
    assert "Apache-2.0" in comment
    assert len(tags.getall("CHAP")) == 2


def test_a_build_that_cannot_be_leaves_what_was_there(script, tmp_path, store):
    render(job(script, tmp_path / "out"), VOICES, store)
    before = tree(tmp_path / "out")
    with pytest.raises(FitError, match="cannot last 5m"):
        render(job(script, tmp_path / "out", length_ms=300_000), VOICES, store)
    assert tree(tmp_path / "out") == before


def test_a_failure_while_encoding_leaves_what_was_there(script, tmp_path, store, monkeypatch):
    render(job(script, tmp_path / "out"), VOICES, store)
    before = tree(tmp_path / "out")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(build, "encode", full)
    with pytest.raises(OutputError, match="the disk is full"):
        render(job(script, tmp_path / "out", length_ms=50_000), VOICES, store)
    assert tree(tmp_path / "out") == before


def test_a_disk_that_is_too_small_is_told_before_the_work(script, tmp_path, store, monkeypatch):
    monkeypatch.setattr(output.shutil, "disk_usage", lambda _: SimpleNamespace(free=10**6))
    with pytest.raises(OutputError, match="MB are needed and 1 MB are free"):
        render(job(script, tmp_path / "out", formats=("wav",)), VOICES, store)


def test_another_disk_is_written_in_one_step_too(script, tmp_path, store, monkeypatch):
    replace = Path.replace

    def other_disk(self, target):
        if Path(target).parent.name == "out" and self.parent.name != "out":
            raise OSError(18, "Invalid cross-device link")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", other_disk)
    render(job(script, tmp_path / "out"), VOICES, store)
    assert len(tree(tmp_path / "out")) == 4
    assert verify(tmp_path / "out" / "small one.mp3").passed


@pytest.mark.parametrize("name", ["a/b", "..", "con", "x:y", "", " ", "x" * 300, "dot."])
def test_names_that_some_system_refuses_are_refused(script, tmp_path, store, name):
    if not name.strip():
        return
    with pytest.raises(SettingsError, match="cannot be a file's name"):
        render(job(script, tmp_path / "out", name=name), VOICES, store)


def test_hostile_phrases_are_spoken_not_obeyed(script, tmp_path, store):
    phrases = tuple(
        make_phrase(text, "en")
        for text in (
            "[bell] ring",
            "# Heading",
            "{{ 7*7 }} is it",
            "a --- b",
            '<break time="9s"/> x',
            "[pause 99s] y",
        )
    )
    prepared = build.prepare(job(script, tmp_path, phrases=phrases, length_ms=None), VOICES, store)
    said = [event.text for event in prepared.schedule.speech][1:]
    assert said == [str(p) for p in phrases]
    assert len(prepared.schedule.bells) == 2
    assert [c.title for c in prepared.schedule.chapters] == ["Arriving", "Phrases"]


CHILD = """
import sys
from pathlib import Path
from kindvoice.build import Job, render
from kindvoice.resources import data_folder
from kindvoice.store import Store
from kindvoice.voices import read_voices
render(Job(script=Path(sys.argv[1]), output=Path(sys.argv[2]), voice="tone", length_ms=int(sys.argv[4]),
       formats=("mp3", "wav")), read_voices([data_folder("voices")]), Store(Path(sys.argv[3])))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 is a Unix thing")
@pytest.mark.slow
def test_killed_at_twenty_random_moments_only_whole_right_files_are_there(tmp_path, script):
    out, cache = tmp_path / "out", tmp_path / "cache"
    command = [sys.executable, "-c", CHILD, str(script), str(out), str(cache)]
    began = time.monotonic()
    subprocess.run([*command, "48000"], check=True)
    usual = time.monotonic() - began
    rng = np.random.default_rng(11)
    for _ in range(20):
        child = subprocess.Popen([*command, str(int(rng.integers(45_000, 60_000)))])
        time.sleep(float(rng.uniform(0, usual)))
        child.send_signal(signal.SIGKILL)
        child.wait()
        names = {p.name for p in out.iterdir()}
        assert names == {
            f"small one{end}" for end in (".mp3", ".wav", ".vtt", ".chapters.json", ".manifest.json")
        }
        for name in ("small one.mp3", "small one.wav"):
            frames = sum(len(block) for block in decode(out / name))
            assert frames % 48 == 0
            assert 45_000 * 48 <= frames <= 60_000 * 48
        json.loads((out / "small one.manifest.json").read_text())
    subprocess.run([*command, "52000"], check=True)
    assert verify(out / "small one.mp3").passed
    assert verify(out / "small one.wav").passed
    finished = [p for p in cache.glob("v1/*/*") if p.suffix != ".part"]
    assert finished
    assert all(p.stat().st_size for p in finished)
