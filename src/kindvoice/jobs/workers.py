"""Where tasks are done in this process: at once, or in threads.

Others do them in processes (processes.py) or on many machines (cluster.py). All tell of every stage.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

LIVES = 3
"""so many processes an item may take with it"""
BYTES_A_JOB = 800_000_000
"""what a process takes with a neural voice loaded"""

OnStage = Callable[[str, int, int], None]
"""stage, done, of"""
OnNews = Callable[[str, Any, str, int, int], None]
"""worker, task, stage (started, lost, or what the task tells), done, of; called from any thread"""


class WorkerLost(Exception):
    """A process ended in the middle of an item, again and again. The message says how."""


class Stopped(BaseException):
    """Nobody waits for this task any more. Raised inside of it at its next stage; its future's exception."""


def sensible_jobs() -> int:
    """As many processes as there are cores for this one and memory for their voices."""
    with contextlib.suppress(AttributeError):  # not on macOS and Windows
        cores = len(os.sched_getaffinity(0))
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return max(1, min(cores, int(memory // BYTES_A_JOB)))
    return os.cpu_count() or 1


class Runner(Protocol):
    """Does fn(task, on_stage), at most `slots` at once. `fn` and task may have to be importable and picklable."""

    @property
    def slots(self) -> int: ...

    def submit(self, fn: Callable[..., Any], task: Any) -> Future[Any]: ...

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """cancel_futures: also what is at work now is broken off."""


class Here:
    """In the thread that submits, one after another."""

    slots = 1

    def __init__(self, on_news: OnNews) -> None:
        self._on_news = on_news

    def submit(self, fn: Callable[..., Any], task: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self._on_news("1", task, "started", 0, 1)
        try:
            future.set_result(fn(task, lambda stage, done, of: self._on_news("1", task, stage, done, of)))
        except Exception as error:  # noqa: BLE001 - an executor hands on whatever was raised
            future.set_exception(error)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """There is nothing to end."""


class Threads:
    """Threads of this process, for what must share its memory. A task can be stopped."""

    def __init__(self, jobs: int, on_news: OnNews = lambda worker, task, stage, done, of: None) -> None:
        self._pool = ThreadPoolExecutor(jobs, thread_name_prefix="work")
        self.slots, self._on_news = jobs, on_news
        self._stops: dict[Future[Any], threading.Event] = {}

    def submit(self, fn: Callable[..., Any], task: Any) -> Future[Any]:
        stop = threading.Event()

        def on_stage(stage: str, done: int, of: int) -> None:
            if stop.is_set():
                raise Stopped
            self._on_news("1", task, stage, done, of)

        def work() -> Any:
            on_stage("started", 0, 1)
            return fn(task, on_stage)

        future = self._pool.submit(work)
        self._stops[future] = stop
        future.add_done_callback(lambda done: self._stops.pop(done, None))
        return future

    def stop(self, future: Future[Any], *, wait: bool = True) -> None:
        """Ends a task at its next stage; wait: until it has ended."""
        if not future.cancel() and (stop := self._stops.get(future)) is not None:
            stop.set()
            if wait:
                futures.wait([future])

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        if cancel_futures:
            for stop in list(self._stops.values()):
                stop.set()
        self._pool.shutdown(wait, cancel_futures=cancel_futures)


def seldom(on_stage: OnStage, every_s: float = 0.1) -> OnStage:
    """Not more often than an eye can follow, but each stage's beginning and end."""
    last: tuple[str, float] = ("", 0.0)
    lock = threading.Lock()

    def report(stage: str, done: int, of: int) -> None:
        nonlocal last
        now = time.monotonic()
        with lock:
            if stage == last[0] and now - last[1] < every_s and done < of:
                return
            last = (stage, now)
            on_stage(stage, done, of)

    return report
