"""A store looks after itself: what is read is what was written, it keeps to its limit, dead runs leave nothing."""

from __future__ import annotations

import errno
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from make import make_request, render

from kindvoice.cli import run
from kindvoice.errors import (
    EXIT_CODES,
    FitError,
    HeldError,
    OutputError,
    ScriptError,
    ScriptErrors,
    VoiceError,
)
from kindvoice.jobs.ledgers import note_common
from kindvoice.paths import data_folder
from kindvoice.script import make_phrase
from kindvoice.sound.readings import Record
from kindvoice.sound.wavfile import write_wav
from kindvoice.speech.voices import read_voices
from kindvoice.store import DamagedError, Ledger, Store, cache_error, mended, stage_key
from kindvoice.units import RATE

VOICES = read_voices([data_folder("voices")])
SCRIPT = """---
title: Rest
language: en
voice: tone
bed: {bed}
---
[bell]
Let the breath come and go, all by itself.

[pause 2s]
[bell {bell}]
{{% for phrase in phrases %}}
{{{{ phrase }}}}

[pause 1s]
{{% endfor %}}
"""
KEY, OTHER = stage_key("t", 1, n=1), stage_key("t", 1, n=2)


CLIPS: set[str] = set()
KINDS = {"encoded", "reading", "cover", "clip", "sound"}
"""sound: as an engine gives it, bells, a bed"""


def kind_of(path: Path) -> str:
    data = path.read_bytes()
    if (record := Record.unpack(data)) is not None:
        return "encoded" if record.frames.data else "reading"
    return "cover" if data.startswith(b"\xff\xd8") else "clip" if path.name in CLIPS else "sound"


def four_bytes(path: Path, chance: random.Random) -> None:
    """Changed, at one place: its beginning and its end are as likely as all between."""
    data, used = bytearray(path.read_bytes()), path.stat().st_mtime
    at = chance.choice([0, chance.randrange(60), chance.randrange(len(data) - 3), len(data) - 4])
    data[at : at + 4] = bytes(byte ^ 0x41 for byte in data[at : at + 4])
    path.write_bytes(data)
    os.utime(path, (used, used))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A store with every kind of thing in it, what makes it, and what came out."""
    folder = tmp_path_factory.mktemp("made")
    t = np.arange(2 * RATE, dtype=np.float32) / RATE
    for name, tone in (("bell.wav", 300), ("bed.wav", 90)):
        write_wav(folder / name, (0.2 * np.sin(2 * np.pi * tone * t) * np.exp(-t)).astype(np.float32), RATE)
    script = folder / "rest.md"
    script.write_text(SCRIPT.format(bell=folder / "bell.wav", bed=folder / "bed.wav"))
    store = Store(folder / "store")

    def again() -> dict[str, bytes]:
        request = make_request(
            script,
            folder / "out",
            formats=("mp3",),
            phrases=(make_phrase("May I be safe.", "en"),),
        )
        result = render(request, VOICES, store)
        CLIPS.update(event.clip.key for event in result.prepared.schedule.speech)
        return {artifact.path.name: artifact.path.read_bytes() for artifact in result.artifacts}

    return store, again, again()


@pytest.mark.slow
@pytest.mark.parametrize("gone", ["", "encoded reading", "encoded reading clip"])
def test_four_bytes_in_every_file_change_nothing_that_is_heard(made, gone):
    store, again, first = made
    chance = random.Random(gone)
    kinds = {path: kind_of(path) for path in sorted(store.root.glob("v1/*/*"))}
    assert set(kinds.values()) == KINDS
    for path, kind in kinds.items():
        if kind in gone.split():
            path.unlink()  # then what it was made from is read
        else:
            four_bytes(path, chance)
    assert again() == first


def test_every_byte_counts(tmp_path):
    store = Store(tmp_path)
    whole = bytes(range(256))
    path = store.get_or_make(KEY, lambda part: part.write_bytes(whole) and None)
    sealed = path.read_bytes()
    for at in range(len(sealed)):
        path.write_bytes(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :])
        assert store.read(KEY) is None and not path.exists(), at
    for size in (0, 5, 200, len(sealed) - 1):
        path.write_bytes(sealed[:size])
        assert store.get(KEY) is None, size
    path.write_bytes(whole)  # as before there were seals
    assert store.get(KEY) is None
    other = store.path(OTHER)
    other.parent.mkdir(exist_ok=True)
    other.write_bytes(sealed)  # another's
    with pytest.raises(DamagedError, match="was damaged, and is removed\n  run it again"):
        store.verified(OTHER)


def test_what_stays_damaged_is_told_and_not_tried_for_ever(tmp_path):
    store, tries = Store(tmp_path), []

    def work():
        tries.append(1)
        store.verified(KEY)

    with pytest.raises(DamagedError):
        mended(store, work)
    assert len(tries) == 2


# ---------------------------------------------------------------- the limit


def fill(store: Store, count: int, *, own: range = range(0), age_s: float = 3600.0) -> list[str]:
    """Things of 1,000 bytes, the first of which was not used for longest."""
    keys = [stage_key("p", 1, i=i) for i in range(count)]
    for i, key in enumerate(keys):
        path = store.get_or_make(key, lambda part: part.write_bytes(bytes(984)) and None, own=i in own)
        os.utime(path, (time.time() - age_s - 100 * (count - i),) * 2)
    return keys


def there(store: Store, keys: list[str]) -> list[int]:
    return [i for i, key in enumerate(keys) if store.path(key).is_file()]


def test_it_keeps_to_its_limit_and_what_is_somebodys_own_goes_first(tmp_path):
    store = Store(tmp_path, limit=8_000)
    keys = fill(store, 12, own=range(6, 9))
    with store.workspace():
        pass
    assert there(store, keys) == [2, 3, 4, 5, 9, 10, 11]
    assert store.make_room(8_000).files == 0, "there is room now"


def test_what_a_living_run_uses_stays(tmp_path):
    store = Store(tmp_path, limit=3_000)
    keys = fill(store, 10)
    with Store(tmp_path).workspace() as work:
        began = time.time() - 7200
        old = work.with_name(f"run-{int(began)}-still")
        work.rename(old)  # it began two hours ago, and used 0 to 4 since
        for key in keys[5:]:
            os.utime(store.path(key), (began - 60,) * 2)
        with store.workspace():
            pass
        assert there(store, keys) == [0, 1, 2, 3, 4]
        old.rename(work)
    assert store.make_room(3_000).files == 3
    assert there(store, keys) == [3, 4]
    store.get(keys[3])
    assert store.make_room(500).files == 1, "and what was used just now"


def test_without_a_limit_it_only_grows(tmp_path):
    store = Store(tmp_path)
    keys = fill(store, 3)
    with store.workspace():
        pass
    assert len(there(store, keys)) == 3


# ---------------------------------------------------------------- what dead runs leave

KILLED = """
import os, sys
from pathlib import Path
from kindvoice.store import Store, stage_key
store = Store(Path(sys.argv[1]))
with store.workspace():
    store.get_or_make(stage_key("t", 1, n=1), lambda part: os._exit(9))
"""


def test_the_locks_of_a_dead_process_hold_nobody_up_and_what_it_left_is_found(tmp_path):
    store = Store(tmp_path)
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert len(list(tmp_path.glob("work/run-*"))) == len(list(tmp_path.glob("v1/*/*.part"))) == 1
    assert store.read_or_make(KEY, lambda part: part.write_bytes(b"x") and None) == b"x"
    items = tmp_path / "locks" / "items"
    items.mkdir()
    for name, age_s in (("old.lock", 40 * 86_400), ("new.lock", 0)):
        (items / name).touch()
        os.utime(items / name, (time.time() - age_s,) * 2)
    for path in (*tmp_path.glob("work/run-*"), *tmp_path.glob("v1/*/*.part")):
        os.utime(path, (0, 0))
    with store.workspace():
        health = store.check()
    # The dead run's folder went when the living one made its own.
    assert (health.files, health.damaged, health.left, health.at_work) == (1, 0, 2, 1)
    assert [path.name for path in items.iterdir()] == ["new.lock"]
    assert not list(tmp_path.glob("v1/*/*.part"))


# ---------------------------------------------------------------- commands


def test_cache_check_finds_what_is_damaged(tmp_path, cache, capsys):
    store = Store(cache)
    keys = fill(store, 40)
    for key in keys[:10]:
        four = bytearray(store.path(key).read_bytes())
        four[500:504] = b"four"
        store.path(key).write_bytes(four)
    assert run(["cache", "check", "--read", "0%"]) == 0, "heads and ends are as they were"
    assert run(["cache", "check"]) == 1
    assert run(["cache", "check", "--read", "5%"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[:4] == [
        "40 files, 0.0 MB read to the end", "nothing is damaged",
        "40 files, 0.0 MB read to the end", "10 damaged: removed, and made again when needed",
    ]  # fmt: skip
    assert there(store, keys) == list(range(10, 40))
    assert run(["cache", "check", "--read", "500%"]) == 1
    assert "is no share; write 5%" in capsys.readouterr().err


def test_every_fault_has_its_exit_code():
    full = cache_error(Path("c"), OSError(28, "No space left on device"))
    full.__cause__ = OSError(28, "No space left on device")
    faults = {
        1: ScriptError("x"), 4: FitError("x"), 5: VoiceError("x"), 6: HeldError("x"), 7: full,
    }  # fmt: skip
    assert {code: error.exit_code for code, error in faults.items()} == {code: code for code in faults}
    assert EXIT_CODES.keys() == {*faults, 0, 3, 130}
    assert OutputError("x").exit_code == ScriptErrors([VoiceError("x"), FitError("y")]).exit_code == 1
    assert ScriptErrors([VoiceError("x"), VoiceError("y")]).exit_code == 5


def test_the_table_of_exit_codes_is_in_the_docs_and_in_the_help(capsys):
    assert run(["--help"]) == 0
    help_text = capsys.readouterr().out
    docs = (Path(__file__).parents[2] / "docs/installing.md").read_text(encoding="utf-8")
    for code, meaning in EXIT_CODES.items():
        assert f"    {code:<3} {meaning}\n" in help_text
        assert f"| {code} | {meaning} |" in docs


# ---------------------------------------------------------------- what a disk refuses


def refusing(monkeypatch, method, *names: str, code: int = errno.EACCES) -> None:
    """A method of Path fails for paths that hold one of these."""
    real = getattr(Path, method)

    def refuse(path, *args, **options):
        if any(name in str(path) for name in names):
            raise OSError(code, os.strerror(code), str(path))
        return real(path, *args, **options)

    monkeypatch.setattr(Path, method, refuse)


def test_what_cannot_be_removed_is_told_and_all_else_goes(tmp_path, cache, monkeypatch, capsys):
    store = Store(cache, limit=1_000)
    keys = fill(store, 4)
    refusing(monkeypatch, "unlink", keys[1])
    assert store.make_room(1_000).files == 3, "at the end of a run that has succeeded nobody minds"
    keys = fill(store, 4)
    assert run(["cache", "prune", "--all"]) == 1
    assert there(store, keys) == [1]
    assert f"{keys[1]} cannot be removed: Permission denied\n" in capsys.readouterr().err
    with pytest.raises(OutputError, match="cannot be removed: Permission denied"):
        store.remove(keys)


def test_a_ledger_that_cannot_be_read_is_not_passed_over(tmp_path, monkeypatch):
    store = Store(tmp_path, Ledger(tmp_path / "ledgers" / "one", {"participant": "ana"}))
    store.note(KEY)
    refusing(monkeypatch, "read_text", "ledgers", code=errno.EIO)
    with pytest.raises(OutputError, match="cannot be read: Input/output error"):
        list(store.ledgers())
    refusing(monkeypatch, "open", "studio-common", code=errno.EIO)
    with pytest.raises(OutputError, match="Input/output error"):
        note_common(tmp_path, [KEY], tmp_path / "anchor")


def test_a_workspace_whose_lock_cannot_be_made_leaves_no_folder(tmp_path, monkeypatch):
    store = Store(tmp_path)

    class Full:
        def acquire(self):
            raise OSError(errno.ENOSPC, "full")

        def release(self):
            pass

    monkeypatch.setattr("kindvoice.store.lock_at", lambda path: Full())
    with pytest.raises(OSError, match="full"), store.workspace():
        pass
    assert not list((tmp_path / "work").iterdir())


def test_what_was_left_aside_goes_after_an_hour(tmp_path):
    store = Store(tmp_path)
    (tmp_path / "ledgers").mkdir()
    for name in ("ledgers/.kindvoice-1.part", "ledgers/.kindvoice-2.part", "ledgers/.kindvoice-3.journal"):
        (tmp_path / name).touch()
    (tmp_path / "ledgers" / ".kindvoice-page-4").mkdir()
    for name in ("1.part", "3.journal", "page-4"):
        os.utime(tmp_path / "ledgers" / f".kindvoice-{name}", (0, 0))
    assert store.check().left == 2
    assert sorted(path.name for path in (tmp_path / "ledgers").iterdir()) == [
        ".kindvoice-2.part", ".kindvoice-3.journal",
    ]  # fmt: skip


def test_a_full_disk_has_its_exit_code_wherever_it_is_met(tmp_path, cache, monkeypatch, capsys):
    (tmp_path / "a.md").write_text("---\nvoice: tone\n---\nRest.\n")
    command = ["render", str(tmp_path / "a.md"), "-o", str(tmp_path / "output")]
    for folder in ("cache", "output"):
        with monkeypatch.context() as patch:
            refusing(patch, "mkdir", f"{tmp_path.name}/{folder}", code=errno.ENOSPC)
            assert run(command) == 7
        assert f"{folder} cannot be written: No space left on device" in capsys.readouterr().err


def test_a_file_that_a_disk_refuses_is_no_bug(tmp_path, monkeypatch, capsys):
    def refused(*args, **options):
        raise PermissionError(errno.EACCES, "Permission denied", "some/file")

    monkeypatch.setattr("kindvoice.store.Store.check", refused)
    assert run(["cache", "check"]) == 1
    said = capsys.readouterr().err
    assert "some/file cannot be used: Permission denied\n  look whether" in said and "bug" not in said


def test_what_would_be_made_is_told_though_the_cache_is_damaged(tmp_path, cache, capsys):
    (tmp_path / "a.md").write_text("---\nvoice: tone\n---\nRest.\n")
    command = [
        "render",
        str(tmp_path / "a.md"),
        "-o",
        str(tmp_path / "output"),
        "--cover",
        "off",
        "-f",
        "wav",
    ]
    assert run(command) == 0
    damaged = {path: bytes(path.stat().st_size) for path in cache.glob("v1/*/*")}
    for path, zeros in damaged.items():
        path.write_bytes(zeros)
    assert run([*command, "--force", "--dry-run"]) == 0
    assert {path: path.read_bytes() for path in damaged} == damaged, "and nothing is written"
    assert run(command) == 0
