"""A plan on many machines: a real scheduler and two workers on loopback, and what happens when they are lost."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import plans
import pytest
from plans import WORDS, go, item, script, start, until, whole

from kindvoice.errors import SettingsError
from kindvoice.jobs.cluster import Cluster


def test_a_missing_extra_is_told_with_its_cure(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SettingsError, match=r"pip install 'kindvoice\[cluster\]'"):
        go(tmp_path, [item(tmp_path, "ana")], scheduler="tcp://127.0.0.1:1")


def test_a_cache_folder_that_cannot_be_made_is_told_as_such(tmp_path, monkeypatch):
    client = SimpleNamespace(
        get_executor=lambda pure: None,
        subscribe_topic=lambda *_: None,
        wait_for_workers=lambda *_, **__: None,
    )
    monkeypatch.setitem(sys.modules, "distributed", SimpleNamespace(Client=lambda *_, **__: client))
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match=r"the cache folder .*file.cache cannot be used"):
        Cluster("tcp://127.0.0.1:1", lambda *_: None, tmp_path / "file" / "cache")


class Dask:
    """A scheduler and workers on loopback, each a process of its own."""

    def __init__(self, folder: Path, popen: Callable[..., subprocess.Popen]) -> None:
        self.folder = folder
        self.popen = popen
        self.port = 0
        self.workers: list[tuple[subprocess.Popen, Path]] = []
        """with what each says"""
        self.scheduler = self.start_scheduler()

    def _start(self, module: str, log_path: Path, *arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", f"distributed.cli.{module}", *arguments]
        with log_path.open("a") as log:
            return self.popen(command, stdout=log, stderr=log, cwd=self.folder)

    def start_scheduler(self) -> subprocess.Popen:
        place = self.folder / "scheduler.json"
        place.unlink(missing_ok=True)
        child = self._start(
            "dask_scheduler", self.folder / "scheduler.log", "--host", "127.0.0.1", "--port", str(self.port),
            "--no-dashboard", "--no-show", "--scheduler-file", str(place),
        )  # fmt: skip
        until_s = time.monotonic() + 180
        while not place.exists() or not place.read_text().strip().endswith("}"):
            assert time.monotonic() < until_s, self.log()
            time.sleep(0.05)
        self.address = json.loads(place.read_text())["address"]
        self.port = int(self.address.rpartition(":")[2])
        return child

    def start_worker(self) -> None:
        log = self.folder / f"worker-{len(self.workers)}.log"
        child = self._start(
            "dask_worker", log, self.address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny",
            "--no-dashboard", "--death-timeout", "120", "--local-directory", str(self.folder),
        )  # fmt: skip
        self.workers.append((child, log))

    def kill(self, address: str) -> None:
        """The worker at it."""
        (child,) = [child for child, log in self.workers if address in log.read_text()]
        child.kill()

    def log(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("*.log")))


@pytest.fixture
def dask(tmp_path, popen):
    pytest.importorskip("distributed", reason="the [cluster] extra is not installed")
    (tmp_path / "dask").mkdir()
    cluster = Dask(tmp_path / "dask", popen)
    for _ in range(2):
        cluster.start_worker()
    return cluster


@pytest.mark.slow
def test_a_cluster_builds_the_same_bytes_whatever_is_killed(tmp_path, dask, popen):
    for name in "abcd":
        (tmp_path / name).mkdir()
        script(tmp_path / name)
    assert go(tmp_path / "a", [item(tmp_path / "a", who) for who in WORDS])[0].exit_code == 0
    right = whole(tmp_path / "a" / "out")

    # A worker, midway.
    child = start(popen, tmp_path / "b", dask.address)
    events = until(child, lambda e: e.get("stage") == "speak")
    dask.kill(events[-1]["worker"])
    events += [json.loads(line) for line in child.communicate(timeout=120)[0].splitlines()]
    assert len({e.get("worker") for e in events if e["event"] == "started"}) == 2
    twice = [e for e in events if e["event"] == "started" and e["item"] == events[1]["item"]]
    assert len(twice) == 2, "the other worker has begun it again"
    last = events[-1]
    assert (child.returncode, last["built"], last["failed"]) == (0, 4, 0)
    assert whole(tmp_path / "b" / "out") == right

    # Nothing, with a shared store.
    child = start(popen, tmp_path / "c", dask.address, (tmp_path / "share").as_uri())
    assert json.loads(child.communicate(timeout=120)[0].splitlines()[-1])["lines_spoken_now"] == 6
    assert whole(tmp_path / "c" / "out") == right
    assert not list((tmp_path / "c" / "cache" / "shared").iterdir()), "the workers have cleared it away"

    # The scheduler, which is started anew.
    child = start(popen, tmp_path / "d", dask.address)
    until(child, lambda e: e["event"] == "built")
    dask.scheduler.kill()
    dask.scheduler.wait()
    dask.scheduler = dask.start_scheduler()
    dask.start_worker()
    last = json.loads(child.communicate(timeout=120)[0].splitlines()[-1])
    log = dask.log()
    # Of what was built as the scheduler went, the word may be lost; then it is found to be right.
    assert (child.returncode, last["built"] + last["skipped"], last["failed"]) == (0, 4, 0), log
    assert whole(tmp_path / "d" / "out") == right
    for words in WORDS.values():
        assert words not in log


@pytest.mark.slow
def test_no_scheduler_is_told(tmp_path):
    pytest.importorskip("distributed", reason="the [cluster] extra is not installed")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import plans; from pathlib import Path\n"
        "from kindvoice.jobs import cluster\nfrom kindvoice.errors import SettingsError\n"
        "try: cluster.Cluster('tcp://127.0.0.1:9', print, Path('/nowhere'), patience_s=1)\n"
        "except SettingsError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(plans.__file__).parent)], capture_output=True, text=True
    )
    assert done.stdout.startswith("there is no Dask scheduler at tcp://127.0.0.1:9"), done.stderr
