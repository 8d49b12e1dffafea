"""A run of an operation in a child, where calls fail, the clock jumps, and the end comes at any moment."""

from __future__ import annotations

import gc
import json
import os
import random
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from proof.layer import Fault, Layer
from proof.operations import OPERATIONS, Step, do, enter, leave_library_out, write_inputs

NONE = Fault("none", ())
_LIMIT_S = 60.0


@dataclass
class Run:
    """What a child did."""

    code: int
    """its exit code; negative: the signal"""
    said: str
    """on stderr"""
    printed: str = ""
    hit: dict[str, str] = field(default_factory=dict)
    """the call that failed; empty: all was over before"""
    calls: int = 0
    ways: dict[str, int] = field(default_factory=dict)
    """how many of them came each way, where none failed"""
    spoken: int = 0
    """lines that the engine spoke"""
    unsynced: list[str] = field(default_factory=list)
    """files that were written and not synced when the call failed"""


@dataclass
class Child:
    """A run that has begun."""

    pid: int
    pipe: int
    outs: list[Path]


def run_steps(
    folder: Path, steps: tuple[Step, ...], fault: Fault = NONE, number: int = 0, *, moment_s: float = 0.0,
    jumps: random.Random | None = None,
) -> Run:  # fmt: skip
    """In a child, a process group of its own. moment_s: it is killed then, where it has not ended before. jumps: its
    clock does."""
    return end(begin(folder, steps, fault, number, jumps=jumps), moment_s)


def begin(
    folder: Path, steps: tuple[Step, ...], fault: Fault = NONE, number: int = 0, *, name: str = "",
    jumps: random.Random | None = None,
) -> Child:  # fmt: skip
    """name: tells children apart that are at work at once."""
    gc.freeze()
    hear, tell = os.pipe()
    outs = [folder.parent / f"stdout{name}", folder.parent / f"stderr{name}"]
    pid = os.fork()
    if pid == 0:
        _be_child(folder, steps, fault, number, tell, outs, jumps)
    os.close(tell)
    return Child(pid, hear, outs)


def end(child: Child, moment_s: float = 0.0) -> Run:
    """Waits for it, and kills what it has left."""
    code = _wait(child.pid, moment_s)
    with os.fdopen(child.pipe, "rb") as pipe:
        documents = [json.loads(line) for line in pipe.read().splitlines()]
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    run = Run(code, child.outs[1].read_text(errors="replace"), child.outs[0].read_text(errors="replace"))
    for document in documents:
        if "place" in document:
            run.unsynced = document.pop("unsynced")
            run.hit = document
        else:
            run.calls, run.ways, run.spoken = document["calls"], document["ways"], document["spoken"]
    return run


def _be_child(
    folder: Path, steps: tuple[Step, ...], fault: Fault, number: int, tell: int, outs: list[Path],
    jumps: random.Random | None,
) -> None:  # fmt: skip
    code = 99
    try:
        os.setsid()
        for path, stream in zip(outs, (1, 2), strict=True):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(handle, stream)
        enter(folder)
        layer = Layer(folder, fault, number, tell)
        spoken = _count_speaking()
        layer.install()
        if jumps is not None:
            _let_jump(jumps)
        for step in steps:
            if code := do(step):
                break
        sys.stdout.flush()
        layer.tell({"calls": layer.calls, "ways": layer.ways, "spoken": len(spoken)})
    except BaseException:  # noqa: BLE001 - the harness tells of it
        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _let_jump(chance: random.Random) -> None:
    """The clock is set now and then, by up to two days."""
    real, shift = time.time, [0.0]

    def jumping() -> float:
        if chance.random() < 0.1:
            shift[0] = chance.uniform(-172_800, 172_800)
        return real() + shift[0]

    time.time = jumping


def _count_speaking() -> list[str]:
    from kindvoice.engines import tone

    spoken: list[str] = []
    real = tone.speak

    def speak(text, voice):  # type: ignore[no-untyped-def]
        spoken.append(text)
        return real(text, voice)

    tone.speak = speak
    return spoken


def _wait(child: int, moment_s: float) -> int:
    until = time.monotonic() + (moment_s or _LIMIT_S)
    handle = os.pidfd_open(child)
    try:
        if not select.select([handle], [], [], until - time.monotonic())[0]:
            with suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
    finally:
        os.close(handle)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def warm(folder: Path, names: Iterable[str]) -> None:
    """What takes long to load is loaded before any child begins."""
    write_inputs(folder)
    leave_library_out()
    was = Path.cwd()
    out, err = sys.stdout, sys.stderr
    with Path(os.devnull).open("w") as null:
        sys.stdout = sys.stderr = null
        try:
            enter(folder)
            for operation in map(OPERATIONS.__getitem__, names):
                for step in (*operation.before, operation.step):
                    do(step)
        finally:
            sys.stdout, sys.stderr = out, err
            os.chdir(was)
            tempfile.tempdir = None
    shutil.rmtree(folder)
