"""One try: an operation with a fault in a child, then a look at all that it left, and the next run without one."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import random
import re
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from proof.layer import FAULTS, Fault, Layer
from proof.operations import CANARY, OPERATIONS, Operation, Step, do, enter, write_inputs

NONE = Fault("none", ())
_LIMIT_S = 60.0
_INPUTS = {"short.md", "week.toml", "text.txt", "config.toml", "reading.wav", "ding.wav", "rung.md"}
_UNFINISHED = re.compile(r"(^|/)\.kindvoice-|\.part$|(^|/)work/run-|^tmp/.")
_CAUSES = {
    28: "space|full|disk|busy", 5: "put/output error|damaged|disk I/O|cannot be (read|written)|not what",
    13: "[Pp]ermission", 11: "temporarily unavailable",
}  # fmt: skip
Tree = dict[str, str]
"""sha256 by path"""
_RECORDS = re.compile(r"(^|/)(\.kindvoice-|kindvoice-page\.json$)")
"""what tells the next run of old files and of new ones"""


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
            run.calls, run.spoken = document["calls"], document["spoken"]
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
        layer.tell({"calls": layer.calls, "spoken": len(spoken)})
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


# ---------------------------------------------------------------- what lies there


def tree(folder: Path) -> Tree:
    """All files but those of the cache, the studio and temporary ones."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name.partition("/")[0] not in {"cache", "tmp", "studio"}:
            found[name] = _digest(path)
    return found


def _digest(path: Path) -> str:
    data = path.read_bytes()
    if path.name == "report.html":  # has the day and how long it took
        return "a report" if b"</html>" in data else "half a report"
    if path.name == "takes.json" or path.suffix == ".xml":
        data = re.sub(rb"<(pubDate|lastBuildDate)>.*?<", b"", data)
    return hashlib.sha256(data).hexdigest()


def unfinished(folder: Path) -> list[str]:
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*")]
    return sorted(name for name in names if _UNFINISHED.search(name.removeprefix("cache/")))


def holding(folder: Path, words: str) -> list[str]:
    """Files that hold these words, or bear them."""
    found = []
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if name in _INPUTS or name.startswith("scripts/"):
            continue
        if words in name.casefold() or (path.is_file() and words.encode() in path.read_bytes().lower()):
            found.append(name)
    return found


def things(folder: Path) -> dict[str, int]:
    """The store's files with their inodes."""
    return {path.name: path.stat().st_ino for path in folder.glob("cache/v1/*/*") if path.suffix != ".part"}


# ---------------------------------------------------------------- a try


def warm(folder: Path, names: Iterable[str]) -> None:
    """What takes long to load is loaded before any child begins."""
    write_inputs(folder)
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


class Bench:
    """An operation with what came before it, which is made once, and what comes out."""

    def __init__(self, operation: Operation, scratch: Path) -> None:
        self.operation = operation
        self.folder, self._before = scratch / "run", scratch / "before"
        for folder in (self.folder, self._before):
            shutil.rmtree(folder, ignore_errors=True)
        write_inputs(self.folder)
        if operation.before:
            self._expect(run_steps(self.folder, operation.before))
        shutil.copytree(self.folder, self._before, symlinks=True)
        self.before = tree(self.folder)
        self._expect(run_steps(self.folder, (operation.step,)))
        self.after = tree(self.folder)
        self.kept = things(self.folder).keys()
        """what is in the store then"""

    def _expect(self, run: Run) -> None:
        if run.code:
            raise RuntimeError(f"{self.operation.name} does not work at all: {run.said}")

    def reset(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self._before, self.folder, symlinks=True)

    def attempt(self, fault: Fault, number: int) -> tuple[Run, list[str]]:
        """The run with the n-th call failing, and what is wrong after it."""
        self.reset()
        run = run_steps(self.folder, (self.operation.step,), fault, number)
        if not run.hit:
            return run, []
        return run, [*self._of_run(run, fault), *self.look(run.code)]

    def _of_run(self, run: Run, fault: Fault) -> Iterator[str]:
        killed = fault is FAULTS["killed"]
        if killed:
            if run.code != -9:
                yield f"it should have been killed, and ended with {run.code}"
            return
        if run.code not in ({0, 1, 7} if fault.code == 28 else {0, 1, 5}):
            yield f"exit code {run.code}"
        if fault.code == 28 and run.code == 1 and self.operation.name not in _STUDIO:
            yield "exit code 1 for a full disk"
        if "Traceback" in run.said or "bug" in run.said:
            yield f"a bug: {run.said[-400:]}"
        elif run.code and not re.search(_CAUSES.get(fault.code, "."), run.said + run.printed):
            yield f"the message does not name the cause: {run.said!r}"
        if run.code == 0 and self.compares and tree(self.folder) != self.after:
            yield f"it says that all is well: {_difference(tree(self.folder), self.after)}"
        # What cannot be removed, or not any more, a later run clears away; a journal tells it of files in their places.
        may_stay = fault.lasting or run.hit["kind"] == "remove" or run.hit["clearing"]
        left = [name for name in unfinished(self.folder) if not (run.code and name.endswith(".journal"))]
        if left and not may_stay:
            yield f"left: {left}"
        if run.code == 0 and self.operation.forgets:
            yield from self._of_forgetting("at once")

    @property
    def compares(self) -> bool:
        return self.operation.name not in _STUDIO

    def look(self, code: int, *, damaged: bool = False) -> Iterator[str]:
        """What is wrong with what a run has left, and with the run after it. code: how it ended. damaged: the store may
        be, as long as nobody hears it."""
        now = tree(self.folder)
        if self.compares:
            for name in now.keys() | self.before.keys() | self.after.keys():
                known = {self.before.get(name), self.after.get(name)}
                if now.get(name) not in known and not _RECORDS.search(name):
                    yield f"{name} is neither old nor new"
        if not damaged:
            yield from self._of_store()
        kept = {} if damaged else things(self.folder)
        if now != self.after or not self.compares or code:
            again = run_steps(self.folder, (self.operation.step,))
            if again.code and not (code and "is there already" in again.said):
                yield f"the next run ends with {again.code}: {again.said[-300:]}"
            if self.compares and (end := _without_unfinished(tree(self.folder))) != self.after:
                yield f"the next run ends otherwise: {_difference(end, self.after)}"
        still = things(self.folder)
        again_made = [key for key, inode in kept.items() if still.get(key, inode) != inode]
        if again_made and not self.operation.forgets:
            yield f"{len(again_made)} things were made again"
        if self.operation.forgets:
            yield from self._of_forgetting("after the next run")
        yield from self._of_age(damaged)

    def _of_age(self, damaged: bool) -> Iterator[str]:
        """What was left goes with the next run after a while."""
        if unfinished(self.folder):
            _grow_old(self.folder)
            (self.folder / "new.md").unlink(missing_ok=True)  # nothing is written where it is there
            run_steps(self.folder, (self.operation.step,))
            if not damaged or self._mend_store():
                yield from self._of_store()
            if left := [name for name in unfinished(self.folder) if not name.startswith("tmp/")]:
                yield f"nothing ever clears away {left}"

    def _of_forgetting(self, when: str) -> Iterator[str]:
        if found := holding(self.folder, CANARY):
            yield f"their words are {when} still in {found}"
        if self.compares and (more := things(self.folder).keys() - self.kept):
            yield f"{len(more)} things made of their words are {when} still in the store"

    def _mend_store(self) -> bool:
        from kindvoice.store import Store

        return bool(Store(self.folder / "cache").check())

    def _of_store(self) -> Iterator[str]:
        from kindvoice.store import Store

        if (folder := self.folder / "cache").is_dir() and (health := Store(folder).check()).damaged:
            yield f"the store is not sound: {health}"


_STUDIO = {"order", "delete an order"}


def _without_unfinished(files: Tree) -> Tree:
    return {name: digest for name, digest in files.items() if not _UNFINISHED.search(name)}


def _grow_old(folder: Path) -> None:
    """What a killed run has left is known by its age."""
    for name in unfinished(folder):
        with suppress(OSError):
            os.utime(folder / name, (0, 0))


def _difference(one: Tree, other: Tree) -> str:
    more, less = one.keys() - other.keys(), other.keys() - one.keys()
    changed = {name for name in one.keys() & other.keys() if one[name] != other[name]}
    return f"more {sorted(more)}, missing {sorted(less)}, other {sorted(changed)}"
