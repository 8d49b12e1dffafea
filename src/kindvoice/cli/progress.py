"""Progress for a person: a bar on a terminal, nothing elsewhere. Always on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kindvoice.build.prepared import OnEvent, Progress

LABELS = {
    "speak": "Speaking",
    "measure": "Mixing",
    "encode": "Encoding",
    "check": "Checking",
    "lengths": "Lengths",
    "listen": "Listening",
}


@contextmanager
def progress(quiet: bool = False) -> Iterator[OnEvent]:
    """Something to call with every event."""
    if quiet or not sys.stderr.isatty():
        yield lambda event: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description:<9}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks = {stage: bars.add_task(label, total=None, visible=False) for stage, label in LABELS.items()}

        def show(event: Progress) -> None:
            bars.update(tasks[event.stage], completed=event.done, total=event.total, visible=True)

        yield show
