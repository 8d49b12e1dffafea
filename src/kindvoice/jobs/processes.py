"""Processes that stay for many of a run's tasks.

Each process is a lane of its own with a pipe of its own, so that when one is killed it is known which task it was at,
and the others go on. A process is replaced after so many tasks, or when it has grown too large. It ends with its
parent, however that ends.

Nothing heavy is imported here: a fresh process sets its number of threads before numpy and the engines are loaded.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import Future
from multiprocessing.connection import Connection, wait
from typing import Any

from kindvoice.jobs.workers import LIVES, OnNews, Stopped, WorkerLost, seldom
from kindvoice.units import MANY_OBJECTS

MOST_ITEMS = 250
"""for one process"""
MOST_BYTES = 2_000_000_000
"""a process that has needed more is replaced after its item"""
_HEEDS_S = 5.0
"""a process that has not ended by itself for so long is ended by the system"""
_PATIENCE_S = 1.0
"""for a task to end at its next stage, before its process is ended"""
_STOP = "stop"
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_Submitted = tuple[Future[Any], Callable[..., Any], Any]


class Interrupted(BaseException):
    """The parent wants this process to end."""


class Processes:
    """Processes on this machine. What is submitted is fn(task, on_stage), and must be importable and picklable."""

    def __init__(self, jobs: int, on_news: OnNews, *, most_items: int = MOST_ITEMS, nice: int = 0) -> None:
        """nice: how far these processes stand back behind all others."""
        self.slots = jobs
        self._tasks: queue.SimpleQueue[_Submitted | None] = queue.SimpleQueue()
        self._ending = threading.Event()
        threads = max(1, (os.cpu_count() or 1) // jobs)
        serving = (threads, most_items, nice)
        self._lanes = [
            _ProcessLane(str(n + 1), self._tasks, on_news, serving, self._ending) for n in range(jobs)
        ]

    def submit(self, fn: Callable[..., Any], task: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self._tasks.put((future, fn, task))
        return future

    def stop(self, future: Future[Any]) -> None:
        """Ends a task, and waits until it has ended: at its next stage, or with its process where that is far."""
        if not future.cancel():
            for lane in self._lanes:
                lane.stop(future)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """cancel_futures: also what is being built now is broken off; its workspace is cleared."""
        if cancel_futures:
            self._ending.set()
            with contextlib.suppress(queue.Empty):
                while True:
                    if submitted := self._tasks.get_nowait():
                        submitted[0].cancel()
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
        self, name: str, tasks: queue.SimpleQueue[Any], on_news: OnNews, serving: tuple[int, int, int],
        ending: threading.Event,
    ) -> None:  # fmt: skip
        self._name, self._tasks, self._on_news = name, tasks, on_news
        self._serving, self._ending = serving, ending
        self._process: Any = None
        self._pipe: Connection | None = None
        self._lock = threading.Lock()
        """for what is sent"""
        self._future: Future[Any] | None = None
        """of what the process is at"""
        self._stopping: Future[Any] | None = None
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

    def stop(self, future: Future[Any]) -> None:
        with self._lock:
            if self._future is not future:
                return
            self._stopping = future
            with contextlib.suppress(OSError):
                if self._pipe is not None:
                    self._pipe.send(_STOP)
        # In the middle of a long step it does not look. A process that has only just been asked for cannot be reached.
        while futures.wait([future], _PATIENCE_S).not_done:
            self.interrupt()

    def _work(self) -> None:
        while (submitted := self._tasks.get()) is not None:
            self._do(*submitted)
            del submitted  # somebody's words are not kept until the next task comes
        self._end()

    def _do(self, future: Future[Any], fn: Callable[..., Any], task: Any) -> None:
        with self._lock:
            if not future.set_running_or_notify_cancel():
                return
            self._future = future
        try:
            kind, result = self._build(fn, task)
        except BaseException as error:  # noqa: BLE001 - an executor hands on whatever was raised
            kind, result = "failed", error
        with self._lock:
            self._future = self._stopping = None
        if kind == "failed":
            future.set_exception(result)
        else:
            future.set_result(result)

    def _build(self, fn: Callable[..., Any], task: Any) -> tuple[str, Any]:
        how = ""
        for _ in range(LIVES):
            try:
                self._start()
                if self._ending.is_set():
                    # The interrupt came before there was a process for it to reach.
                    self.interrupt()
                    raise EOFError
                self._on_news(self._name, task, "started", 0, 1)
                with self._lock:
                    if self._stopping is not None:
                        raise Stopped
                    assert self._pipe is not None
                    self._pipe.send((fn, task))
                return self._listen(task)
            except (EOFError, OSError) as fault:
                how = self._bury(fault)
                if self._ending.is_set() or self._stopping is not None:
                    raise Stopped from None
                self._on_news(self._name, task, "lost", 0, 1)
        raise WorkerLost(f"it took {LIVES} processes with it; the last one {how}")

    def _listen(self, task: Any) -> tuple[str, Any]:
        assert self._pipe is not None
        while True:
            kind, *values = self._pipe.recv()
            if kind == "stage":
                self._on_news(self._name, task, *values)
                continue
            result, retire = values
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
            target=_serve, args=(theirs, *self._serving), name=f"kindvoice {self._name}", daemon=True
        )
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


def _serve(pipe: Connection, threads: int, most_items: int, nice: int) -> None:
    """A process's whole life: tasks in, outcomes out."""
    gc.set_threshold(MANY_OBJECTS)
    for name in _THREADS:
        os.environ.setdefault(name, str(threads))
    if not os.environ.get("KINDVOICE_DEBUG"):
        _hush()
    with contextlib.suppress(OSError, AttributeError):  # not on Windows
        os.nice(nice)
    # Ctrl-C reaches every process of a terminal; the parent alone decides, and then says SIGTERM.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _interrupted)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        for number in range(1, most_items + 1):
            while (job := pipe.recv()) == _STOP:
                pass  # of a task that was done before it was stopped
            if job is None or _answer(pipe, *job, last=number == most_items):
                return
            del job
    except (Interrupted, EOFError, OSError):
        # Threads that still speak must not keep it; what is kept is whole, and engines' processes end by themselves.
        os._exit(1)


def _answer(pipe: Connection, fn: Callable[..., Any], task: Any, *, last: bool) -> bool:
    """Whether this process has done enough."""

    def on_stage(stage: str, done: int, of: int) -> None:
        if pipe.poll() and pipe.recv() == _STOP:
            raise Stopped
        pipe.send(("stage", stage, done, of))

    try:
        answer: tuple[Any, ...] = ("done", fn(task, seldom(on_stage)))
    except (Exception, Stopped) as error:  # noqa: BLE001 - handed on to the parent
        answer = ("failed", error)
    retire = last or _peak_bytes() > MOST_BYTES
    pipe.send((*answer, retire))
    return retire


def _kill(process: Any) -> None:
    with contextlib.suppress(OSError, ValueError):  # it has ended, or is closed
        process.kill()


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
