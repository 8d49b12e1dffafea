"""One try: an operation with a fault in a child, then a look at all that it left, and the next run without one."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from proof.child import Run, run_steps
from proof.layer import Fault
from proof.operations import CANARY, Operation, write_inputs

_INPUTS = {"short.md", "week.toml", "text.txt", "config.toml", "reading.wav", "ding.wav", "rung.md"}
_UNFINISHED = re.compile(r"(^|/)\.kindvoice-|\.part$|(^|/)work/run-|^tmp/.")
_CAUSES = {
    28: "space|full|disk|busy", 5: "put/output error|damaged|disk I/O|busy|cannot be (read|written)|not what",
    13: "[Pp]ermission", 11: "temporarily unavailable",
}  # fmt: skip
Tree = dict[str, str]
"""sha256 by path"""
_RECORDS = re.compile(r"(^|/)(\.kindvoice-|kindvoice-page\.json$)")
"""what tells the next run of old files and of new ones"""


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

    def calls(self, fault: Fault, alike: int) -> list[tuple[Fault, int]]:
        """Its calls that this fault can meet, each as the n-th that comes its way: of those that come the same way
        only so many, the last of them among them."""
        self.reset()
        ways = run_steps(self.folder, (self.operation.step,), fault).ways
        chosen = [(way, n) for way, count in ways.items() for n in {*range(1, min(count, alike)), count}]
        return [(replace(fault, way=way), number) for way, number in sorted(chosen)]

    def attempt(self, fault: Fault, number: int) -> tuple[Run, list[str]]:
        """The run with the n-th call failing, and what is wrong after it."""
        self.reset()
        run = run_steps(self.folder, (self.operation.step,), fault, number)
        if not run.hit:
            return run, []
        return run, [*self._of_run(run, fault), *self.look(run.code)]

    def _of_run(self, run: Run, fault: Fault) -> Iterator[str]:
        if fault.name == "killed":
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
        made = _without_unfinished(tree(self.folder))
        if run.code == 0 and self.compares and made != self.after:
            yield f"it says that all is well: {_difference(made, self.after)}"
        # What cannot be removed, or not any more, a later run clears away; a journal tells it of files in their places.
        may_stay = fault.lasting or run.hit["kind"] == "remove" or run.hit["clearing"]
        left = [name for name in unfinished(self.folder) if not (run.code and name.endswith(".journal"))]
        if left and not may_stay:
            yield f"left: {left}"
        # A studio notes what it could not remove, and comes back to it.
        if run.code == 0 and self.operation.forgets and (self.compares or not fault.lasting):
            yield from self._of_forgetting("at once")

    @property
    def compares(self) -> bool:
        return self.operation.name not in _STUDIO

    def look(self, code: int, *, damaged: bool = False) -> Iterator[str]:
        """What is wrong with what a run has left, and with the run after it. code: how it ended. damaged: the store may
        be, as long as nobody hears it."""
        now = _without_unfinished(tree(self.folder))
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
            if self.operation.last is not None:
                _grow_old(
                    self.folder
                )  # a studio looks every minute, not within the seconds that new things have
                run_steps(self.folder, (self.operation.last,))
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


_STUDIO = {"first order", "order", "delete an order"}


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
