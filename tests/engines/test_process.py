"""Processes that answer, fail, hang, and are left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from processes import gone, wait_until

from kindvoice.engines import _process
from kindvoice.engines._process import EngineWorker, Failed, Pool

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

WORKER = """
import json, os, subprocess, sys, time

for line in sys.stdin:
    job = json.loads(line)
    do = job.get("do", "answer")
    if do == "hang":
        grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        print(os.getpid(), grandchild.pid, file=open(job["pids"], "w"), flush=True)
        time.sleep(60)
    if do == "leave":
        grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        print(os.getpid(), grandchild.pid, file=open(job["pids"], "w"), flush=True)
        os._exit(0)
    if do == "crash":
        os.abort()
    if do == "fail":
        print("something else", file=sys.stderr)
        sys.exit("the disk is full")
    if do == "chatter":
        print("chatter")
        print(7)
    if do == "shout":
        print("x" * 300_000, file=sys.stderr)
    print(json.dumps({"pid": os.getpid(), "key": sys.argv[1:], "said": job.get("say")}), flush=True)
"""


@pytest.fixture
def script(tmp_path: Path) -> list[str]:
    (tmp_path / "worker.py").write_text(WORKER)
    return [sys.executable, "-P", str(tmp_path / "worker.py")]


@pytest.fixture
def worker(script: list[str]) -> Iterator[EngineWorker]:
    made = EngineWorker(script)
    yield made
    made.end()


@pytest.fixture
def pools(script: list[str]) -> Iterator[Callable[..., Pool]]:
    made: list[Pool] = []

    def make(*, most: int = 2, jobs: int = 100) -> Pool:
        made.append(Pool(lambda key: [*script, key], most=most, jobs=jobs))
        return made[-1]

    yield make
    for pool in made:
        pool.close()


# ---------------------------------------------------------------- one job


def test_answer_and_end(script: list[str]) -> None:
    answer = _process.ask(script, {"say": "“mettā”\n"}, limit_s=20)
    assert answer["said"] == "“mettā”\n"
    assert wait_until(lambda: gone(answer["pid"]))


@pytest.mark.parametrize(
    ("do", "reason"), [("fail", "^the disk is full$"), ("crash", "ended with code -6"), ("unknown", "")]
)
def test_the_reason_is_the_last_thing_it_said(script: list[str], do: str, reason: str) -> None:
    if do == "crash" and os.name != "posix":
        pytest.skip("the code of a crash is the system's own")
    if do == "unknown":
        script, reason = ["/there/is/no/such/program"], "No such file"
    with pytest.raises(Failed, match=reason):
        _process.ask(script, {"do": do}, limit_s=20)


def test_chatter_is_no_answer(worker: EngineWorker) -> None:
    assert worker.ask({"do": "chatter", "say": 1}, limit_s=20)["said"] == 1
    assert worker.ask({"say": 2}, limit_s=20)["said"] == 2


def test_what_it_complains_about_never_blocks_it(worker: EngineWorker) -> None:
    """A pipe that nobody reads holds 64 KiB."""
    assert [worker.ask({"do": "shout", "say": n}, limit_s=20)["said"] for n in range(3)] == [0, 1, 2]


@linux
@pytest.mark.parametrize("do", ["hang", "leave"])
def test_time_out_kills_it_and_its_children(worker: EngineWorker, tmp_path: Path, do: str) -> None:
    with pytest.raises(Failed, match=r"within 1\.5 s"):
        worker.ask({"do": do, "pids": str(tmp_path / "pids")}, limit_s=1.5)
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 2
    assert wait_until(lambda: all(map(gone, pids)))
    assert not worker.alive


@linux
def test_interrupt_kills_it_and_its_children(
    worker: EngineWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = EngineWorker._exchange

    def interrupted(self: EngineWorker, line: bytes) -> None:
        threading.Thread(target=exchange, args=(self, line), daemon=True).start()
        assert wait_until(lambda: (tmp_path / "pids").exists() and (tmp_path / "pids").stat().st_size > 2)
        raise KeyboardInterrupt

    monkeypatch.setattr(EngineWorker, "_exchange", interrupted)
    with pytest.raises(KeyboardInterrupt):
        worker.ask({"do": "hang", "pids": str(tmp_path / "pids")}, limit_s=20)
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 2
    assert wait_until(lambda: all(map(gone, pids)))


# ---------------------------------------------------------------- workers that stay


def ask(pool: Pool, key: str, **job: object) -> dict[str, object]:
    with pool.worker(key) as worker:
        return worker.ask(job, limit_s=20)


def test_a_worker_stays_for_its_key(pools: Callable[..., Pool]) -> None:
    pool = pools()
    first, second, other = ask(pool, "a"), ask(pool, "a"), ask(pool, "b")
    assert first["pid"] == second["pid"] != other["pid"]
    assert (first["key"], other["key"]) == (["a"], ["b"])


@linux
def test_the_oldest_idle_one_makes_room(pools: Callable[..., Pool]) -> None:
    pool = pools(most=2)
    a, b, c = ask(pool, "a"), ask(pool, "b"), ask(pool, "c")
    assert gone(int(str(a["pid"])))
    assert ask(pool, "b")["pid"] == b["pid"]
    assert ask(pool, "c")["pid"] == c["pid"]
    assert ask(pool, "a")["pid"] != a["pid"]


def test_never_more_at_once_than_allowed(pools: Callable[..., Pool]) -> None:
    pool = pools(most=2)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: ask(pool, "a", say=n), range(40)))
    assert [answer["said"] for answer in answers] == list(range(40))
    assert len({answer["pid"] for answer in answers}) <= 2


def test_a_waiting_key_gets_its_turn(pools: Callable[..., Pool]) -> None:
    pool = pools(most=1)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda n: ask(pool, "ab"[n % 2]), range(8)))
    assert [answer["key"] for answer in answers] == [["a"], ["b"]] * 4


@linux
def test_one_that_failed_is_not_used_again(pools: Callable[..., Pool]) -> None:
    pool = pools(most=1)
    first = ask(pool, "a")
    with pytest.raises(Failed, match="disk"):
        ask(pool, "a", do="fail")
    assert gone(int(str(first["pid"])))
    assert ask(pool, "a")["pid"] != first["pid"]


@linux
def test_one_that_was_killed_while_idle_costs_no_try(pools: Callable[..., Pool]) -> None:
    pool = pools()
    first = ask(pool, "a")
    os.kill(int(str(first["pid"])), signal.SIGKILL)
    assert wait_until(lambda: gone(int(str(first["pid"]))))
    assert ask(pool, "a", say="yes")["said"] == "yes"


@linux
def test_a_fresh_one_takes_over_after_so_many_jobs(pools: Callable[..., Pool]) -> None:
    pool = pools(jobs=3)
    pids = [ask(pool, "a")["pid"] for _ in range(7)]
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 1]
    assert gone(int(str(pids[0])))


@linux
def test_closing_ends_them_and_the_next_job_starts_anew(pools: Callable[..., Pool]) -> None:
    pool = pools()
    first = ask(pool, "a")
    pool.close()
    assert gone(int(str(first["pid"])))
    assert ask(pool, "a")["pid"] != first["pid"]


PARENT = """
import os, sys, time
sys.path[:] = {path!r}
from kindvoice.engines._process import Pool

pool = Pool(lambda key: {script!r}, most=2, jobs=9)
with pool.worker("a") as worker:
    print(worker.ask({{}}, limit_s=20)["pid"], flush=True)
{then}
"""


@linux
@pytest.mark.parametrize("then", ["", "raise SystemExit(3)", "os.kill(os.getpid(), 9)"])
def test_none_is_left_behind(script: list[str], then: str) -> None:
    """However the process ends that started it, even killed."""
    code = PARENT.format(path=sys.path, script=script, then=then)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stderr == ""
    assert wait_until(lambda: gone(int(done.stdout)))


@linux
def test_a_forked_child_has_workers_of_its_own(script: list[str]) -> None:
    then = """
first = pool._idle[0][1]._child.pid
if (child := os.fork()) == 0:
    with pool.worker("a") as worker:
        os._exit(0 if worker.ask({}, limit_s=20)["pid"] != first else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
with pool.worker("a") as worker:
    assert worker.ask({}, limit_s=20)["pid"] == first
"""
    code = PARENT.format(path=sys.path, script=script, then=then)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stderr == ""


# ---------------------------------------------------------------- what comes back


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (np.zeros(0, np.float32), "no sound"),
        (np.zeros(9_000, np.float32), "no sound"),
        (np.full(9_000, np.nan, np.float32), "damaged"),
        (np.ones(900, np.float32), r"broke off after 0\.1 s"),
    ],
)
def test_damage_is_noticed(samples: np.ndarray, reason: str) -> None:
    with pytest.raises(Failed, match=reason):
        _process.check_sound(samples, 9_000, 0.5)
    _process.check_sound(np.ones(9_000, np.float32), 9_000, 0.5)


def test_least_length_counts_what_is_said() -> None:
    least_s = _process.least_s
    assert least_s("I", 1.0) < 0.1
    assert least_s("… — !", 1.0) == 0
    assert least_s("May I be kind.", 0.7) > least_s("May I be kind.", 1.0)
    assert least_s("请舒服地坐下", 1.0) == pytest.approx(3 * least_s("settle", 1.0))
