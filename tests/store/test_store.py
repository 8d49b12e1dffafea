"""The store: whole files only, made once, whoever asks and however it ends."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from kindvoice.errors import OutputError, SettingsError
from kindvoice.store import Store, stage_key

KEY = stage_key("test", 1, text="x")


def test_the_key_depends_on_stage_version_and_inputs_and_on_nothing_else():
    keys = {
        stage_key("raw", 1, text="a"), stage_key("raw", 2, text="a"), stage_key("clip", 1, text="a"),
        stage_key("raw", 1, text="b"), stage_key("raw", 1, text="a", speed=0.8),
    }  # fmt: skip
    assert len(keys) == 5
    assert stage_key("raw", 1, b=1, a="ü") == stage_key("raw", 1, a="ü", b=1)


def test_made_once_and_found_again(tmp_path):
    store = Store(tmp_path)
    made = []

    def make(path):
        made.append(path)
        path.write_bytes(b"sound")

    assert store.get(KEY) is None
    path = store.get_or_make(KEY, make)
    assert store.read(KEY) == b"sound"
    assert Store(tmp_path).get_or_make(KEY, make) == path
    assert len(made) == 1


def test_a_maker_that_fails_leaves_nothing(tmp_path):
    store = Store(tmp_path)

    def make(path):
        path.write_bytes(b"half")
        raise RuntimeError("the voice broke")

    with pytest.raises(RuntimeError, match="the voice broke"):
        store.get_or_make(KEY, make)
    assert store.get(KEY) is None
    assert store.usage().files == 0


def test_threads_that_ask_at_once_make_it_once(tmp_path, popen):
    store, made = Store(tmp_path), []

    def make(path):
        made.append(1)
        time.sleep(0.05)
        path.write_bytes(b"x")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: store.get_or_make(KEY, make), range(16)))
    assert made == [1]


MAKER = """
import sys, time
from pathlib import Path
from kindvoice.store import Store, stage_key
store, log = Store(Path(sys.argv[1])), Path(sys.argv[2])
for i in range(30):
    def make(path):
        with log.open("a") as f:
            f.write(f"{i}\\n")
        path.write_bytes(bytes(100_000))
    assert len(store.read_or_make(stage_key("p", 1, i=i), make)) == 100_000
"""


@pytest.mark.slow
def test_processes_that_ask_at_once_make_it_once(tmp_path, popen):
    log = tmp_path / "log"
    children = [popen([sys.executable, "-c", MAKER, str(tmp_path / "s"), str(log)]) for _ in range(3)]
    assert [child.wait() for child in children] == [0, 0, 0]
    assert sorted(log.read_text().split(), key=int) == [str(i) for i in range(30)]


def test_a_workspace_is_gone_afterwards_and_a_killed_runs_is_swept(tmp_path):
    store = Store(tmp_path)
    with store.workspace() as work:
        (work / "x").write_text("half")
        left = work
    assert not left.exists()
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom kindvoice.store import Store\n"
        "with Store(Path(sys.argv[1])).workspace() as w:\n (w / 'x').write_text('half')\n print(w, flush=True)\n"
        " os._exit(9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True)
    dead = next(tmp_path.glob("work/run-*"))
    assert str(dead) == done.stdout.strip()
    os.utime(dead, (0, 0))
    with store.workspace() as alive:
        os.utime(alive, (0, 0))
        with Store(tmp_path).workspace():
            assert alive.exists(), "a living run's folder is not touched"
    assert not dead.exists()


def test_prune_by_age_by_size_and_all(tmp_path):
    store = Store(tmp_path)
    for i in range(6):
        key = stage_key("p", 1, i=i)
        path = store.get_or_make(key, lambda p: p.write_bytes(bytes(1000)))
        os.utime(path, (time.time() - 100 * (6 - i),) * 2)
    assert store.prune(older_than_s=450).files == 2
    assert store.prune(max_bytes=2500).files == 2
    assert store.get(stage_key("p", 1, i=5)), "the last used stays longest"
    assert store.usage().files == 2
    assert store.prune().files == 2
    assert store.usage().files == 0


def test_a_folder_that_cannot_be_used_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="KINDVOICE_CACHE"):
        Store(tmp_path / "file" / "cache")


def test_a_full_disk_is_a_clear_error(tmp_path):
    def make(path):
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="No space left on device"):
        Store(tmp_path).get_or_make(KEY, make)


def test_it_tells_once_for_every_gigabyte_that_it_has_grown_by(tmp_path):
    store = Store(tmp_path)
    path = store.path("ab" + "0" * 62)
    path.parent.mkdir()
    for size, told in ((999, 0), (1001, 1001), (1900, 0), (2100, 2100), (2100, 0), (300, 0), (1100, 1100)):
        with path.open("wb") as file:
            file.truncate(size * 1_000_000)  # a hole: nothing is written
        assert store.newly_large() == told * 1_000_000
