"""What a teacher brings is read in a process of its own: what somebody has made to be read slowly, or to break what
reads it, meets that process alone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from starlette.concurrency import run_in_threadpool

from kindvoice.jobs.processes import Processes
from kindvoice.jobs.workers import WorkerLost
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.teach.texts import Unread

READ_S = 50.0
"""that reading may take: a million letters take about as long"""
MOST_WAITING = 3
"""with the one that is being read"""


class SideReader:
    """One thing at a time. For the event loop alone."""

    def __init__(self) -> None:
        self._processes = Processes(1, lambda *news: None, nice=10)
        self._turn = asyncio.Lock()
        self._waiting = 0

    def close(self) -> None:
        self._processes.shutdown(cancel_futures=True)

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """Around all that is taken in and read. Raises StudioError (busy) before anything is."""
        if self._waiting >= MOST_WAITING:
            raise StudioError("busy")
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    async def read(self, fn: Callable[..., Any], task: Any) -> Any:
        """fn(task, on_stage), which must be importable. Raises Unread (slow), and whatever it raises."""
        async with self._turn:
            future = self._processes.submit(fn, task)
            try:
                async with asyncio.timeout(READ_S):
                    return await asyncio.wrap_future(future)
            except (TimeoutError, WorkerLost):
                raise Unread("slow") from None
            finally:
                if not future.done():
                    await run_in_threadpool(self._processes.stop, future)
