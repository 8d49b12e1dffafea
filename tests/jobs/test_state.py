"""Whether a recording is right already: what was touched is found, what was not is not read again."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from plans import item, script, settings

from kindvoice.jobs import state as module
from kindvoice.jobs.run import run
from kindvoice.jobs.state import SeenFiles, read_back, standing
from kindvoice.paths import data_folder
from kindvoice.speech.voices import read_voices

VOICES = read_voices([data_folder("voices")])


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("built")
    run([item(tmp_path, "ana")], settings=settings(tmp_path), jobs=1)
    return tmp_path


@pytest.fixture
def wav(built) -> Path:
    """The finished file; as it was, whatever the test does to it."""
    path = built / "out" / "ana" / "01 small.wav"
    data = path.read_bytes()
    yield path
    path.unlink(missing_ok=True)
    path.write_bytes(data)


def look(tmp_path: Path, verify: bool = False) -> str:
    """Why the item must be built, by a fresh process's eyes; and what was learnt is saved."""
    state = SeenFiles(settings(tmp_path).cache)
    found = standing(item(tmp_path, "ana"), VOICES, state, verify=verify)
    state.save()
    return found.why


@pytest.fixture
def reads(monkeypatch) -> list[str]:
    """The names of the files whose bytes are read."""
    names: list[str] = []

    def reading(path):
        names.append(path.name)
        return read_back(path)

    monkeypatch.setattr(module, "read_back", reading)
    return names


def test_what_was_built_is_right_and_is_not_read_again(built, reads, tmp_path):
    assert look(built) == ""
    assert reads == []
    assert look(built, verify=True) == ""
    assert reads == ["01 small.wav", "01 small.vtt", "01 small.chapters.json"]
    state = SeenFiles(built / "small.md" / "no folder")
    assert standing(item(built, "ana"), VOICES, state).right
    state.save()  # a cache that cannot be written is no fault
    script(tmp_path)
    assert look(tmp_path) == "not built yet"


@pytest.mark.parametrize("verify", [False, True])
@pytest.mark.parametrize("in_place", [True, False])
def test_one_changed_byte_is_found_though_the_size_and_the_time_are_as_they_were(
    built, wav, verify, in_place
):
    status, data = wav.stat(), bytearray(wav.read_bytes())
    data[5000] ^= 1
    if not in_place:
        wav.unlink()
    with wav.open("r+b" if in_place else "wb") as file:
        file.write(data)
    os.utime(wav, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (wav.stat().st_size, wav.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)
    assert look(built, verify) == "01 small.wav is not what its manifest says"


def test_a_file_that_was_cut_or_is_gone_is_found(built, wav):
    os.truncate(wav, 1000)
    assert "has 1000 bytes" in look(built)
    wav.unlink()
    assert look(built) == "01 small.wav is not beside it"


def test_a_copy_of_the_same_bytes_is_right_and_is_read_once(built, wav, reads):
    data = wav.read_bytes()
    wav.unlink()
    wav.write_bytes(data)
    assert look(built) == ""
    assert reads == ["01 small.wav"]
    assert look(built) == ""
    assert reads == ["01 small.wav"]


def test_a_change_in_the_same_moment_as_the_reading_is_not_trusted(built, wav, monkeypatch):
    """Two changes within a tick of the clock look the same."""
    status = wav.stat()
    known = read_back(wav)
    fresh = replace(known, read_ns=max(status.st_mtime_ns, status.st_ctime_ns) + 1_000_000)
    assert module._same(known, status)
    assert not module._same(fresh, status)


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", "null", '{"version": 9}', '{"version": 1, "files": {"a": 3}}']
)
def test_a_damaged_state_costs_a_reading_and_nothing_else(built, damage, reads):
    assert look(built) == ""
    (saved,) = (settings(built).cache / "plans").glob("*.json")
    text = saved.read_text()
    saved.write_text(damage)
    reads.clear()
    assert look(built) == ""
    assert len(reads) == 3
    assert set(json.loads(saved.read_text())["files"]) == set(json.loads(text)["files"])


def test_two_runs_that_save_keep_what_the_other_has_learnt(tmp_path):
    paths = [tmp_path / "out" / name for name in ("a", "b")]
    paths[0].parent.mkdir()
    for path in paths:
        path.write_bytes(b"x")
    time.sleep(0.03)
    first, second = SeenFiles(tmp_path / "cache"), SeenFiles(tmp_path / "cache")
    first.sha256(paths[0])
    second.sha256(paths[1])
    first.save()
    second.save()
    (saved,) = (tmp_path / "cache" / "plans").glob("*.json")
    assert set(json.loads(saved.read_text())["files"]) == {"a", "b"}
    paths[0].unlink()
    second.learn([read_back(paths[1])])
    second.save()
    assert set(json.loads(saved.read_text())["files"]) == {"b"}, "what is gone is not kept"


def test_inputs_that_cannot_be_read_are_for_the_build_to_tell(built):
    path = built / "small.md"
    text = path.read_text()
    path.write_text(text + "[pasue]\n")
    assert look(built) == "its inputs cannot be read"
    path.write_text(text.replace("done now", "done"))
    assert look(built) == "its inputs have changed"
    path.write_text(text)
    assert look(built) == ""
