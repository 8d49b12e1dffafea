"""Runs that end before they are done, at no particular moment."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from pathlib import Path

from proof.child import Run, begin, end, run_steps
from proof.layer import ALL, FAULTS, WRITING, Fault
from proof.operations import Operation
from proof.trial import Bench

WAYS = ("kill", "two", "five", "power", "clock", "full", "read-only", "slow")
_READ_ONLY = Fault("read-only", ("create", "rename", "remove", "mkdir"), 30, lasting=True, below="cache/")
_FULL = Fault("full", WRITING, 28, lasting=True, below="cache/")
_SLOW = Fault("slow", ALL, lasting=True, below="cache/", slow_s=0.002)


class Victim:
    """An operation, what came before it, and how long it takes."""

    def __init__(self, operation: Operation, scratch: Path) -> None:
        self.bench = Bench(operation, scratch)
        self.bench.reset()
        began = time.monotonic()
        run_steps(self.bench.folder, (operation.step,))
        self._takes_s = time.monotonic() - began
        self.bench.reset()
        self._calls = max(run_steps(self.bench.folder, (operation.step,), FAULTS["killed"]).calls, 1)

    def attempt(self, way: str, chance: random.Random) -> Iterator[str]:
        self.bench.reset()
        step, folder = (self.bench.operation.step,), self.bench.folder
        if way in {"two", "five"}:
            yield from self._at_once(2 if way == "two" else 5, chance)
            return
        if way == "kill":
            run = run_steps(folder, step, moment_s=self._moment_s(chance))
        elif way == "power":
            run = run_steps(folder, step, FAULTS["killed"], chance.randint(1, self._calls))
            _cut(run.unsynced, chance)
        elif way == "clock":
            run = run_steps(folder, step, jumps=chance)
        else:
            fault = {"full": _FULL, "read-only": _READ_ONLY, "slow": _SLOW}[way]
            run = run_steps(folder, step, fault, chance.randint(1, self._calls) if way != "slow" else 1)
        yield from _of_end(run, killed=way in {"kill", "power"})
        yield from self.bench.look(run.code, damaged=way == "power")

    def _moment_s(self, chance: random.Random) -> float:
        return 0.001 + chance.random() * self._takes_s * 1.1

    def _at_once(self, count: int, chance: random.Random) -> Iterator[str]:
        children = [begin(self.bench.folder, (self.bench.operation.step,), name=str(n)) for n in range(count)]
        runs = [end(child, self._moment_s(chance) if chance.random() < 0.6 else 0.0) for child in children]
        for run in runs:
            yield from _of_end(run, killed=True)
        yield from self.bench.look(-9)


def _of_end(run: Run, *, killed: bool) -> Iterator[str]:
    if run.code not in {0, 1, 5, 6, 7} and not (killed and run.code == -9):
        yield f"exit code {run.code}: {run.said[-300:]}"
    elif re.search("Traceback|a bug in", run.said):
        yield f"a bug: {run.said[-300:]}"


def _cut(paths: list[str], chance: random.Random) -> None:
    """What a power cut takes: nothing, some or all of what was not synced; or there are zeros."""
    for path in map(Path, paths):
        if not path.is_file() or not (size := path.stat().st_size):
            continue
        way = chance.choice(("whole", "empty", "short", "zeros"))
        with path.open("rb+") as file:
            if way in {"empty", "short"}:
                file.truncate(0 if way == "empty" else chance.randrange(size))
            elif way == "zeros":
                at = chance.randrange(size)
                file.seek(at)
                file.write(bytes(size - at))
