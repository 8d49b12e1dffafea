"""Where a plan's items are built on this machine: here, or in processes that stay for many items.

Both are concurrent.futures executors. Each process is a lane of its own with a pipe of its own, so that when one is
killed it is known which item it was at, and the others go on. A process is replaced after so many items, or when it
has grown too large. It ends with its parent, however that ends.

Nothing heavy is imported here: a fresh process sets its number of threads before numpy and the engines are loaded.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from multiprocessing.connection import Connection, wait
from typing import Any

LIVES = 3
"""so many processes an item may take with it"""
MOST_ITEMS = 64
"""for one process"""
MOST_BYTES = 2_000_000_000
"""a process that has needed more is replaced after its item"""
BYTES_A_JOB = 800_000_000
"""what a process takes with a neural voice loaded"""
_HEEDS_S = 5.0
"""a process that has not ended by itself for so long is ended by the system"""
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

OnStage = Callable[[str, int, int], None]
OnNews = Callable[[str, Any, str, int, int], None]
"""worker, task, stage (started, lost, or what the task tells), done, of; called from any thread"""


class WorkerLost(Exception):
    """A process ended in the middle of an item, again and again. The message says how."""


class Interrupted(BaseException):
    """The parent wants this process to end."""


def sensible_jobs() -> int:
    """As many processes as there are cores for this one and memory for their voices."""
    with contextlib.suppress(AttributeError):  # not on macOS and Windows
        cores = len(os.sched_getaffinity(0))
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return max(1, min(cores, int(memory // BYTES_A_JOB)))
    return os.cpu_count() or 1


class Here(Executor):
    """In this process, one after another."""

    slots = 1

    def __init__(self, on_news: OnNews) -> None:
        self._on_news = on_news

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        (task,) = args
        future: Future[Any] = Future()
        self._on_news("1", task, "started", 0, 1)
        try:
            future.set_result(fn(task, lambda stage, done, of: self._on_news("1", task, stage, done, of)))
        except Exception as error:  # noqa: BLE001 - an executor hands on whatever was raised
            future.set_exception(error)
        return future


class Processes(Executor):
    """Processes on this machine. What is submitted is fn(task, on_stage), and must be importable and picklable."""

    def __init__(self, jobs: int, on_news: OnNews, *, most_items: int = MOST_ITEMS) -> None:
        self.slots = jobs
        self._tasks: queue.SimpleQueue[tuple[Future[Any], Callable[..., Any], Any] | None] = (
            queue.SimpleQueue()
        )
        self._ending = threading.Event()
        threads = max(1, (os.cpu_count() or 1) // jobs)
        self._lanes = [
            _ProcessLane(str(n + 1), self._tasks, on_news, threads, most_items, self._ending)
            for n in range(jobs)
        ]

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        (task,) = args
        future: Future[Any] = Future()
        self._tasks.put((future, fn, task))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """cancel_futures: also what is being built now is broken off; its workspace is cleared."""
        if cancel_futures:
            self._ending.set()
            with contextlib.suppress(queue.Empty):
                while True:
                    if found := self._tasks.get_nowait():
                        found[0].cancel()
        for _ in self._lanes:
            self._tasks.put(None)
        if cancel_futures:
            for lane in self._lanes:
                lane.interrupt()
        if wait:
            for lane in self._lanes:
                lane.thread.join()


class _ProcessLane:
    """One process at a time, and the thread that talks with it."""

    def __init__(
        self, name: str, tasks: queue.SimpleQueue[Any], on_news: OnNews, threads: int, most_items: int,
        ending: threading.Event,
    ) -> None:  # fmt: skip
        self._name, self._tasks, self._on_news = name, tasks, on_news
        self._threads, self._most_items, self._ending = threads, most_items, ending
        self._process: Any = None
        self._pipe: Connection | None = None
        self.thread = threading.Thread(target=self._work, name=f"lane {name}", daemon=True)
        self.thread.start()

    def interrupt(self) -> None:
        process = self._process
        if process is not None:
            with contextlib.suppress(OSError, ValueError):
                process.terminate()
                # In the middle of native code it does not heed that.
                timer = threading.Timer(_HEEDS_S, _kill, [process])
                timer.daemon = True
                timer.start()

    def _work(self) -> None:
        while (found := self._tasks.get()) is not None:
            future, fn, task = found
            if not future.set_running_or_notify_cancel():
                continue
            try:
                kind, result = self._build(fn, task)
                if kind == "failed":
                    future.set_exception(result)
                else:
                    future.set_result(result)
            except BaseException as error:  # noqa: BLE001 - an executor hands on whatever was raised
                future.set_exception(error)
        self._end()

    def _build(self, fn: Callable[..., Any], task: Any) -> tuple[str, Any]:
        how = ""
        for _ in range(LIVES):
            try:
                self._start()
                if self._ending.is_set():
                    # The interrupt came before there was a process for it to reach.
                    self.interrupt()
                    raise EOFError
                assert self._pipe is not None
                self._on_news(self._name, task, "started", 0, 1)
                self._pipe.send((fn, task))
                return self._listen(task)
            except (EOFError, OSError) as fault:
                how = self._bury(fault)
                if self._ending.is_set():
                    raise WorkerLost("the run was interrupted") from None
                self._on_news(self._name, task, "lost", 0, 1)
        raise WorkerLost(f"it took {LIVES} processes with it; the last one {how}")

    def _listen(self, task: Any) -> tuple[str, Any]:
        assert self._pipe is not None
        while True:
            kind, *told = self._pipe.recv()
            if kind == "stage":
                self._on_news(self._name, task, *told)
                continue
            result, retire = told
            if retire:
                self._end()
            return kind, result

    def _start(self) -> None:
        if self._process is not None and self._process.is_alive():
            return
        self._bury(None)
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        process = context.Process(
            target=_serve, args=(theirs, self._threads, self._most_items), name=f"kindvoice {self._name}",
            daemon=True,
        )  # fmt: skip
        process.start()
        self._process = process  # only now: one that has not begun cannot be terminated
        theirs.close()

    def _bury(self, fault: BaseException | None) -> str:
        """No zombie, no open pipe; how it ended."""
        process, pipe = self._process, self._pipe
        self._process = self._pipe = None
        if pipe is not None:
            pipe.close()
        if process is None:
            return f"could not be started: {fault}" if fault else ""
        process.join(5)
        if process.is_alive():
            process.kill()
            process.join()
        code = process.exitcode
        process.close()
        if code is not None and code < 0:
            name = signal.Signals(-code).name if -code in list(signal.Signals) else str(-code)
            return f"was killed by {name}" + (
                "; the memory may have run out" if -code == getattr(signal, "SIGKILL", 9) else ""
            )
        return f"ended with code {code}"

    def _end(self) -> None:
        if self._pipe is not None:
            with contextlib.suppress(OSError):
                self._pipe.send(None)
        self._bury(None)


# ---------------------------------------------------------------- in the process


def _serve(pipe: Connection, threads: int, most_items: int) -> None:
    """A process's whole life: tasks in, outcomes out."""
    for name in _THREADS:
        os.environ.setdefault(name, str(threads))
    if not os.environ.get("KINDVOICE_DEBUG"):
        _hush()
    # Ctrl-C reaches every process of a terminal; the parent alone decides, and then says SIGTERM.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _interrupted)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _work(pipe, most_items)
    except (Interrupted, EOFError, OSError):
        # Threads that still speak must not keep it; what is kept is whole, and engines' processes end by themselves.
        os._exit(1)


def _work(pipe: Connection, most_items: int) -> None:
    for number in range(1, most_items + 1):
        job = pipe.recv()
        if job is None:
            return
        fn, task = job

        def on_stage(stage: str, done: int, of: int) -> None:
            pipe.send(("stage", stage, done, of))

        try:
            answer: tuple[Any, ...] = ("done", fn(task, _seldom(on_stage)))
        except Exception as error:  # noqa: BLE001 - handed on to the parent
            answer = ("failed", error)
        retire = number == most_items or _peak_bytes() > MOST_BYTES
        pipe.send((*answer, retire))
        if retire:
            return


def _kill(process: Any) -> None:
    with contextlib.suppress(OSError, ValueError):  # it has ended, or is closed
        process.kill()


def _seldom(on_stage: OnStage, every_s: float = 0.1) -> OnStage:
    """Not more often than an eye can follow, but each stage's beginning and end."""
    import time

    last: tuple[str, float] = ("", 0.0)
    lock = threading.Lock()

    def told(stage: str, done: int, of: int) -> None:
        nonlocal last
        now = time.monotonic()
        with lock:
            if stage == last[0] and now - last[1] < every_s and done < of:
                return
            last = (stage, now)
            on_stage(stage, done, of)

    return told


def _interrupted(number: int, frame: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Interrupted


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _hush() -> None:
    """What an engine prints may hold a participant's words; nobody is to read it in a log."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os.dup2(null, 1)
    os.dup2(null, 2)
    os.close(null)


def _peak_bytes() -> int:
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
