"""How far a plan's build is, on stderr: bars on a terminal, else a line a minute; JSON lines for a machine, on stdout.

Both show ids, numbers and causes, never a participant's words.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from kindvoice.cli.context import print_json
from kindvoice.cli.progress import LABELS

if TYPE_CHECKING:
    from kindvoice.jobs.outcome import JobEvent, Outcome, Summary

OnEvent = Callable[["JobEvent"], None]
_ENDS = {"measure": (0.0, 0.2), "encode": (0.2, 0.9), "check": (0.9, 1.0)}
"""where in an item's time after speaking each stage begins and ends, about"""
_ALIKE = (1.0, 1.0)
"""the work of an item of which nothing is known"""
_LINE_EVERY_S = 60.0
"""where there are no bars"""


@contextmanager
def build_progress(
    as_json: bool = False, work: Mapping[str, tuple[float, float]] | None = None
) -> Iterator[OnEvent]:
    """Something to call with every event of a run. work: by item, the seconds that speaking and making are guessed to
    take, so that what is left is told truly where items differ."""
    if as_json:
        yield _json_lines()
    elif not sys.stderr.isatty():
        yield _Bars(_Lines(), work=work)
    else:
        with _bars(work or {}) as on_event:
            yield on_event


# ---------------------------------------------------------------- for machines


def _json_lines() -> OnEvent:
    stages: dict[str, str] = {}

    def tell(event: JobEvent) -> None:
        if event.kind == "progress":
            if stages.get(event.item) == event.stage:
                return  # one line a stage is enough
            stages[event.item] = event.stage
        print_json(event_document(event), indent=None)
        sys.stdout.flush()

    return tell


def event_document(event: JobEvent) -> dict[str, object]:
    """An event as JSON has it; what it says nothing of is left out."""
    document: dict[str, object] = {"event": event.kind}
    for name in ("item", "worker", "stage", "detail"):
        if value := getattr(event, name):
            document[name] = value
    if event.kind in {"planned", "progress", "finished"}:
        document |= {"done": event.done, "total": event.total}
    if event.outcome is not None:
        document |= {
            name: value for name, value in outcome_document(event.outcome).items() if name not in document
        }
    return document


def outcome_document(outcome: Outcome) -> dict[str, object]:
    document: dict[str, object] = {"item": outcome.item, "status": outcome.status}
    if outcome.manifest is not None:
        document |= {
            "manifest": str(outcome.manifest),
            "duration_ms": outcome.duration_ms,
            "bytes": outcome.bytes,
        }
    if outcome.status == "built":
        document |= {"why": outcome.why, "lines": outcome.asked, "lines_spoken_now": outcome.spoken}
    if outcome.wall_s:
        document["wall_s"] = round(outcome.wall_s, 3)
    if outcome.cause:
        document["cause"] = outcome.cause
    if outcome.warnings:
        document["warnings"] = list(outcome.warnings)
    return document


def summary_document(summary: Summary) -> dict[str, object]:
    """The last JSON line."""
    return {
        "event": "summary",
        "built": summary.count("built"),
        "skipped": summary.count("skipped"),
        "failed": summary.count("failed"),
        "left": summary.count("left"),
        "lines": summary.asked,
        "lines_spoken_now": summary.spoken,
        "lines_reused": summary.reused,
        "built_ms": summary.built_ms,
        "audio_ms": summary.audio_ms,
        "wall_s": round(summary.wall_s, 3),
        "stopped": summary.stopped,
        "failures": [
            {"item": outcome.item, "cause": outcome.cause}
            for outcome in summary.outcomes
            if outcome.status == "failed"
        ],
    }


def print_summary(summary: Summary, as_json: bool = False) -> None:
    """What the run came to, on stdout."""
    if as_json:
        print_json(summary_document(summary), indent=None)
    else:
        click.echo("\n".join(summary_lines(summary)))


# ---------------------------------------------------------------- for people


def summary_lines(summary: Summary) -> Iterator[str]:
    from kindvoice.units import format_ms

    counts = [(summary.count("built"), "built"), (summary.count("skipped"), "right already")]
    counts += [(summary.count("failed"), "failed"), (summary.count("left"), "left")]
    yield ", ".join(f"{count} {word}" for count, word in counts if count) or "nothing to build"
    if summary.asked:
        yield f"{summary.asked} lines asked for, {summary.spoken} spoken, {summary.reused} reused"
    if summary.audio_ms:
        built, whole = (format_ms(round(ms, -3)) for ms in (summary.built_ms, summary.audio_ms))
        now = f"{built} of sound built in {summary.wall_s:.1f} s; " if summary.built_ms else ""
        yield f"{now}{whole} in all"
    for text in dict.fromkeys(note for outcome in summary.outcomes for note in outcome.notes):
        yield f"note: {text}"
    for outcome in summary.outcomes:
        for text in outcome.warnings:
            yield f"warning: {outcome.item}: {text}"
    failed = [outcome for outcome in summary.outcomes if outcome.status == "failed"]
    if failed:
        yield "failed:"
        width = min(max(len(outcome.item) for outcome in failed), 40)
        for outcome in failed:
            first, *more = outcome.cause.splitlines() or [""]
            yield f"  {outcome.item:<{width}}  {first}"
            yield from (f"  {'':<{width}}  {line}" for line in more)
    if summary.stopped:
        yield f"stopped: {summary.stopped}"


@contextmanager
def _bars(work: Mapping[str, tuple[float, float]]) -> Iterator[OnEvent]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (
        TextColumn("{task.description}", markup=False), BarColumn(bar_width=24), TaskProgressColumn(),
        TextColumn("{task.fields[note]}", markup=False),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _Bars(bars, work=work)


class _Lines:
    """In place of bars, where what is shown is kept: the first bar's note, now and then."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._told, self._tasks = clock, clock(), 0
        self.console = self

    def add_task(self, *_: object, **__: object) -> int:
        self._tasks += 1
        return self._tasks

    def update(self, task: int, *, note: str = "", **_: object) -> None:
        if task == 1 and note and self._clock() - self._told >= _LINE_EVERY_S:
            self._told = self._clock()
            click.echo(f"Building  {note.strip()}", err=True)

    def print(self, *_: object, **__: object) -> None:
        """The summary has it."""


class _Bars:
    """One bar over all, one line per worker."""

    def __init__(
        self, bars: Any, clock: Callable[[], float] = time.monotonic,
        work: Mapping[str, tuple[float, float]] | None = None,
    ) -> None:  # fmt: skip
        self._bars, self._clock = bars, clock
        self._began = clock()
        self._all = bars.add_task(_label("Building"), total=None, note="")
        self._workers: dict[str, Any] = {}
        self._work = dict(work or {})
        known = [sum(each) for each in self._work.values()]
        usual = sum(known) / len(known) / 2 if known else _ALIKE[0]
        self._usual = usual, usual
        self._fractions: dict[str, float] = {}
        self._total = 0
        self._ended = 0
        self._ended_work = 0.0

    def __call__(self, event: JobEvent) -> None:
        if event.kind == "skipped":
            self._work.pop(event.item, None)
        elif event.kind == "planned":
            self._began, self._total = self._clock(), event.total - event.done
        elif event.kind == "started":
            self._worker(event, "Starting", 0.0)
        elif event.kind == "progress":
            label = LABELS.get(event.stage, "Waiting")
            self._worker(event, label, self._fraction(event))
        elif event.kind in {"built", "failed"}:
            self._end(event)
        if self._total:
            unknown = max(self._total - len(self._work), 0)
            whole = sum(map(sum, self._work.values())) + unknown * sum(self._usual)
            done = self._ended_work + sum(
                sum(self._of(item)) * part for item, part in self._fractions.items()
            )
            done, whole = (self._total * done / whole, self._total) if whole else (0.0, self._total)
            note = f"{self._ended}/{self._total}  {time_left(self._clock() - self._began, done, self._total)}"
            self._bars.update(self._all, total=whole, completed=done, note=note)

    def _of(self, item: str) -> tuple[float, float]:
        return self._work.get(item, self._usual)

    def _fraction(self, event: JobEvent) -> float:
        """How much of the item's work is done."""
        speak, make = self._of(event.item)
        spoken, part = speak / max(speak + make, 1e-9), event.done / max(event.total, 1)
        if event.stage == "speak":
            return spoken * part
        if event.stage not in _ENDS:
            return 0.0
        start, stop = _ENDS[event.stage]
        return spoken + (1 - spoken) * (start + (stop - start) * part)

    def _end(self, event: JobEvent) -> None:
        self._fractions.pop(event.item, None)
        self._ended += 1
        self._ended_work += sum(self._of(event.item))
        if event.worker in self._workers:
            self._bars.update(self._workers[event.worker], description=_label("  idle"), completed=0)
        if event.kind == "failed" and event.outcome is not None:
            self._bars.console.print(f"{event.item}: {event.outcome.cause}", markup=False, highlight=False)

    def _worker(self, event: JobEvent, label: str, fraction: float) -> None:
        if event.worker not in self._workers:
            self._workers[event.worker] = self._bars.add_task("", total=1.0, note="")
        self._fractions[event.item] = fraction
        text = _label(f"  {label:<8}  {event.item}")
        self._bars.update(self._workers[event.worker], description=text, completed=fraction)


def _label(text: str) -> str:
    """In one width, so that the bars stand still."""
    return f"{text if len(text) <= 44 else text[:43] + '…':<44}"


def time_left(elapsed_s: float, done: float, total: int) -> str:
    """What is left at the pace so far; nothing while that would be a guess.

    >>> time_left(60.0, 3.0, 12), time_left(1.0, 0.0, 12)
    ('3m left', '')
    """
    if elapsed_s < 3 or done < 0.1 or done >= total:
        return ""
    left_s = round(elapsed_s / done * (total - done))
    hours, minutes = left_s // 3600, left_s % 3600 / 60
    if hours:
        return f"{hours}h{minutes:02.0f}m left"
    return f"{minutes:.0f}m left" if left_s >= 90 else f"{left_s}s left"
