"""Engines in processes of their own: one for a single job, or workers that stay for many.

An engine goes there when it can hang or crash, when it keeps state, or when its licence asks for it. The
worker is a Python file, see `_worker`. It reads jobs from stdin, one JSON
object a line, and answers each with one JSON object on a line of its stdout; where that says {"bytes": n}, n bytes
of sound follow. When it fails, the last line of its stderr says why. At the end of stdin it ends, so none stays
behind when kindvoice is killed.

Every job has a time limit, and a process that has failed, or whose caller was interrupted, is killed with all
that it started.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, TypeVar

from kindvoice.engines.base import Samples
from kindvoice.errors import VoiceError, terminal
from kindvoice.model import Voice

T = TypeVar("T")

FASTEST_LETTERS_PER_S = 25
"""at speed 1; 18 languages of espeak-ng need 2 to 7 times as long, so a shorter sound has lost words"""


class Failed(Exception):
    """A process did not bring what it was asked for. The message says why."""


def command(worker: str, *arguments: str) -> list[str]:
    """How to start a worker, a file beside this one or anywhere: by path, and with -P, for neither kindvoice nor
    the folder we are in may shadow a module."""
    return [sys.executable, "-P", str(Path(__file__).parent / worker), *arguments]


def engine_command(engine: str, *arguments: str) -> list[str]:
    """How to start the worker of an engine."""
    return command("_worker.py", str(Path(__file__).with_name(f"_{engine}_worker.py")), *arguments)


def ask(command: list[str], job: dict[str, Any], *, limit_s: float) -> dict[str, Any]:
    """Give a fresh process one job and return its answer; no process outlives this call. Raises Failed."""
    worker = EngineWorker(command)
    try:
        return worker.ask(job, limit_s=limit_s)
    finally:
        worker.end()


# ---------------------------------------------------------------- one process


class EngineWorker:
    """A process that takes one job after another. Raises Failed when it cannot be started."""

    def __init__(self, command: list[str]) -> None:
        self.jobs = 0
        """how many it has been given"""
        # A file, not a pipe: nobody reads it until something fails, and a full pipe would block.
        self._words = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._words,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                start_new_session=os.name == "posix",
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as fault:
            self._words.close()
            raise Failed(str(fault)) from fault

    @property
    def alive(self) -> bool:
        return self._child.poll() is None

    def ask(self, job: dict[str, Any], *, limit_s: float) -> dict[str, Any]:
        """The answer to one job. After Failed, or anything else raised, the process is no more."""
        self.jobs += 1
        late = threading.Event()

        def give_up() -> None:
            late.set()
            # If it has ended and is still waited for, something that it started holds the pipe.
            self._kill(ended_too=True)

        watch = threading.Timer(limit_s, give_up)
        watch.daemon = True
        watch.start()
        try:
            answer = self._exchange(json.dumps(job).encode("ascii") + b"\n")
        except BaseException:
            self.end()
            raise
        finally:
            watch.cancel()
        if answer is not None:
            return answer
        code = self._child.wait()
        last_words = self._last_words()
        self.end()
        if late.is_set():
            raise Failed(f"it did not finish within {limit_s:g} s")
        raise Failed(last_words or f"it ended with code {code}")

    def _exchange(self, line: bytes) -> dict[str, Any] | None:
        """The answer, with the bytes that follow it as "raw"; None if the process ends without one."""
        pipe, answers = self._child.stdin, self._child.stdout
        assert pipe is not None
        assert answers is not None
        try:
            pipe.write(line)
            pipe.flush()
        except OSError:
            return None  # it has closed its end
        for said in answers:
            with contextlib.suppress(ValueError):  # something of the engine's own
                if isinstance(answer := json.loads(said), dict):
                    if "bytes" in answer:
                        answer["raw"] = answers.read(answer["bytes"])
                        if len(answer["raw"]) < answer["bytes"]:
                            return None
                    return answer
        return None

    def _last_words(self) -> str:
        self._words.seek(max(0, self._words.seek(0, os.SEEK_END) - 4096))
        said = self._words.read().decode("utf-8", "replace").strip().splitlines()
        return said[-1].strip() if said else ""

    def close(self) -> None:
        """Let it end by itself, which takes a moment, or else kill it."""
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            assert self._child.stdin is not None
            self._child.stdin.close()
            self._child.wait(timeout=2)
        self.end()

    def end(self) -> None:
        """Kill it and all that it started, unless it has ended; no zombie and no open file stays."""
        self._kill()
        for file in (self._child.stdin, self._child.stdout, self._words):
            if file is not None:
                with contextlib.suppress(OSError):  # what it did not read is lost, as it should be
                    file.close()

    def _kill(self, *, ended_too: bool = False) -> None:
        if self.alive or ended_too:
            if sys.platform == "win32":
                self._child.kill()
            else:
                with contextlib.suppress(ProcessLookupError, PermissionError):  # it ended just now
                    os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()


# ---------------------------------------------------------------- workers that stay


class Pool:
    """Workers that stay, each for one key: what it has loaded. The oldest idle one makes room for another.

    command: how to start the worker for a key. most: so many processes at once. jobs: so many jobs for one
    process, then a fresh one takes over, whatever the engine may have let grow.
    """

    def __init__(self, command: Callable[[str], list[str]], *, most: int, jobs: int) -> None:
        self._command, self._most, self._jobs = command, most, jobs
        self._start_over()
        if hasattr(os, "register_at_fork"):
            # A pipe cannot have two writers, so a forked child must not use its parent's workers.
            os.register_at_fork(after_in_child=self._start_over)
        atexit.register(self.close)

    def _start_over(self) -> None:
        self._inherited = getattr(self, "_idle", [])
        self._idle: list[tuple[str, EngineWorker]] = []
        self._busy = 0
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def worker(self, key: str) -> Iterator[EngineWorker]:
        """A worker for this caller alone; waits while all are busy. It is ended if the caller raises."""
        worker = self._take(key)
        keep = False
        try:
            yield worker
            keep = worker.jobs < self._jobs
            if not keep:
                worker.close()
        finally:
            if not keep:
                worker.end()
            with self._changed:
                self._busy -= 1
                if keep:
                    self._idle.append((key, worker))
                self._changed.notify()

    def _take(self, key: str) -> EngineWorker:
        with self._changed:
            while True:
                at = next((i for i, (loaded, _) in enumerate(self._idle) if loaded == key), None)
                if at is not None:
                    worker = self._idle.pop(at)[1]
                    if worker.alive:
                        break
                    worker.end()  # killed while it was idle
                    continue
                if self._busy + len(self._idle) < self._most:
                    worker = EngineWorker(self._command(key))
                    break
                if self._idle:
                    self._idle.pop(0)[1].close()
                else:
                    self._changed.wait()
            self._busy += 1
            return worker

    def close(self) -> None:
        """End the workers that are idle; the next job starts new ones."""
        with self._changed:
            while self._idle:
                self._idle.pop()[1].close()


# ---------------------------------------------------------------- what comes back


def check_sound(samples: Samples, rate: int, least_s: float) -> None:
    """Raises Failed for sound that is empty, silent, not finite, or shorter than least_s seconds."""
    import numpy as np

    if not np.isfinite(samples).all():
        raise Failed("its sound is damaged")
    if not samples.any():
        raise Failed("it gave no sound")
    if samples.size / rate < least_s:
        raise Failed(f"it broke off after {samples.size / rate:.1f} s")


def least_s(text: str, speed: float, letters_per_s: float = FASTEST_LETTERS_PER_S) -> float:
    """Seconds that speaking `text` cannot fall short of; a sign that says a syllable counts as three."""
    letters = sum(3 if "\u3040" <= c <= "\ud7ff" else 1 for c in text if c.isalnum())
    return letters / (letters_per_s * speed)


def allowed_s(text: str, loading_s: float = 30, letter_s: float = 0.02) -> float:
    """How long one utterance may take, in seconds, also on a cold, busy machine."""
    return loading_s + letter_s * len(text)


# ---------------------------------------------------------------- what a user is told


def check_ready(problem: tuple[str, str] | None) -> None:
    """Raises VoiceError for a voice that cannot speak here and now."""
    if problem is not None:
        raise VoiceError(problem[0], cure=terminal(problem[1]))


def wrong_setting(
    who: str, voice: Voice, speeds: tuple[float, float], options: Collection[str] = ()
) -> tuple[str, str] | None:
    """What the engine cannot do of a voice's speed and options, and what cures it."""
    if not speeds[0] <= voice.speed <= speeds[1]:
        return (
            f"{who} cannot speak at speed {voice.speed:g}",
            f"set a speed from {speeds[0]:g} to {speeds[1]:g}",
        )
    unknown = next((key for key, _ in voice.options if key not in options), None)
    return (
        None if unknown is None else (f"{who} has no option {unknown!r}", "take it out of the voice's file")
    )


def check_length(who: str, text: str, most: int) -> None:
    """Raises VoiceError for a text that is too long for one utterance."""
    if len(text) > most:
        raise VoiceError(
            f"{len(text)} characters are too many for {who} at once",
            cure=f"split the text; {most} is the most",
        )


def no_sound(language: str) -> VoiceError:
    """The error for a line in which nothing is to be said. Who asked for the line quotes it."""
    return VoiceError("the line gives no sound", cure=f"write it in words of {language}, or record a take")


def patiently(who: str, attempt: Callable[[], T], doing: str = "on") -> T:
    """What `attempt` returns, tried once more when it fails: a hang or a crash seldom comes twice.

    Raises VoiceError.
    """
    with contextlib.suppress(Failed):
        return attempt()
    try:
        return attempt()
    except Failed as fault:
        raise VoiceError(
            f"{who} failed twice {doing} this line: {fault}",
            cure="change the line a little, choose another voice, or record a take of it",
        ) from fault
