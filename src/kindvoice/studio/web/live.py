"""What goes on while somebody watches: an order's progress as server-sent events, and numbers for the host."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from kindvoice.studio.host.clients import from_here
from kindvoice.studio.host.events import BEAT, event
from kindvoice.studio.host.orders import DONE, FAILED, Order, Orders
from kindvoice.studio.host.security import RequestRefused
from kindvoice.studio.host.worker import OrderWorker

MOST_STREAMS = 400
"""pages that are told of their progress at once"""
BEAT_S = 15.0
"""a stream says something at least so often, or something on the way closes it"""


class Live:
    """Server-sent events: `order`, each with a JSON document; numbers and states, no words."""

    def __init__(self, orders: Orders, worker: OrderWorker) -> None:
        self._orders, self._worker = orders, worker
        self._ends: dict[str, list[asyncio.Event]] = {}
        """what ends each stream, the longest open first, by the address that it goes to"""

    def close(self) -> None:
        """Ends all streams; browsers come back by themselves."""
        for ends in self._ends.values():
            for end in ends:
                end.set()

    @property
    def open(self) -> int:
        """How many streams."""
        return sum(map(len, self._ends.values()))

    def stream(self, token: str, source: str = "") -> Response:
        """source: the address that it goes to. When too many are open, the one that has most of them loses its oldest;
        raises Refused (503) if that is this one."""
        if self.open >= MOST_STREAMS:
            most = max(self._ends.values(), key=len)
            if len(most) <= len(self._ends.get(source, ())) + 1:
                raise RequestRefused(503, "streams", 5)
            most.pop(0).set()
        return StreamingResponse(
            self._events(token, source), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
        )

    async def _events(self, token: str, source: str) -> AsyncIterator[bytes]:
        end = asyncio.Event()
        self._ends.setdefault(source, []).append(end)
        changes = self._worker.changes(token)
        closing = asyncio.ensure_future(end.wait())
        coming: asyncio.Task[Order | None] | None = None
        try:
            yield b"retry: 2000\n\n"
            while True:
                coming = coming or asyncio.create_task(_next(changes))
                await asyncio.wait([coming, closing], timeout=BEAT_S, return_when=asyncio.FIRST_COMPLETED)
                if closing.done():
                    return
                if not coming.done():
                    yield BEAT
                    continue
                order, coming = coming.result(), None
                if order is None:
                    if await run_in_threadpool(self._orders.get, token) is None:
                        yield event("order", {"state": "gone"})
                    return
                before = await run_in_threadpool(self._orders.waiting_before, token)
                yield event("order", _facts(order, before))
                if order.state in {DONE, FAILED}:
                    return
        finally:
            self._forget(source, end)
            closing.cancel()
            if coming is not None:
                coming.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await coming
            await changes.aclose()  # type: ignore[attr-defined]

    def _forget(self, source: str, end: asyncio.Event) -> None:
        ends = self._ends.get(source, [])
        with contextlib.suppress(ValueError):  # it had to give way
            ends.remove(end)
        if not ends:
            self._ends.pop(source, None)


def _facts(order: Order, before: int) -> dict[str, object]:
    return {
        "state": order.state, "stage": order.stage, "done": order.done, "total": order.total,
        "left_s": order.left_s, "before": before, "version": order.version, "ready": order.ready,
    }  # fmt: skip


async def _next(changes: AsyncIterator[Order]) -> Order | None:
    return await anext(changes, None)


class Health:
    """Whether all is well, and how much there is to do. Numbers only, and these for the host alone: who asks on the
    studio's own computer, by its own address. Through a proxy one learns whether it is well, and no more."""

    def __init__(self, orders: Orders, worker: OrderWorker, live: Live) -> None:
        self._orders, self._worker, self._live = orders, worker, live
        self.answered: Mapping[tuple[str, int], int] = {}
        """how many requests, by method and status"""

    async def health(self, request: Request) -> Response:
        """200 while orders are being made, 503 when they are not."""
        running = self._worker.running
        counts = await run_in_threadpool(self._orders.counts) if self._is_host(request) else {}
        return JSONResponse({"ok": running, **counts}, status_code=200 if running else 503)

    async def metrics(self, request: Request) -> Response:
        """In the text format of Prometheus; for others there is no such page."""
        if not self._is_host(request):
            raise HTTPException(404)
        counts = await run_in_threadpool(self._orders.counts)
        lines = [
            "# TYPE kindvoice_orders gauge",
            *(f'kindvoice_orders{{state="{state}"}} {count}' for state, count in sorted(counts.items())),
            "# TYPE kindvoice_worker_running gauge",
            f"kindvoice_worker_running {int(self._worker.running)}",
            "# TYPE kindvoice_streams gauge",
            f"kindvoice_streams {self._live.open}",
            "# TYPE kindvoice_answers_total counter",
            *(
                f'kindvoice_answers_total{{method="{method}",status="{status}"}} {count}'
                for (method, status), count in sorted(self.answered.items())
            ),
        ]
        return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")

    def _is_host(self, request: Request) -> bool:
        return self._orders.config.alone or from_here(request.scope, request.headers.get("host", ""))
