"""What goes on while somebody watches: an order's progress as server-sent events, and numbers for the host."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from kindvoice.studio.host.clients import from_here
from kindvoice.studio.host.events import event
from kindvoice.studio.host.orders import Orders
from kindvoice.studio.host.security import RequestRefused
from kindvoice.studio.host.wishes import DONE, FAILED, WAITING, Order, key_of
from kindvoice.studio.host.worker import OrderWorker

MOST_STREAMS = 400
"""pages that are told of their progress at once"""
MOST_CHANGES_S = 0.25
"""a page is told no more often"""
BEAT_S = 15.0
"""a stream says something at least so often, or something on the way closes it"""
_LINE_MOVES_S = 2.0
"""one that waits is told of its place so often"""


class Live:
    """Server-sent events: `order`, each with a JSON document; numbers and states, no words."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._open: dict[str, list[asyncio.Event]] = {}
        """what wakes each stream, the longest open first, by the address that it goes to"""

    def close(self) -> None:
        """Ends all streams; browsers come back by themselves."""
        streams, self._open = self._open, {}
        for news in itertools.chain(*streams.values()):
            news.set()

    @property
    def open(self) -> int:
        """How many streams."""
        return sum(map(len, self._open.values()))

    def stream(self, token: str, source: str = "") -> Response:
        """The order as it is, then whenever it has changed, until it is done, failed or gone.

        source: the address that it goes to. When too many are open, the one that has most of them loses its oldest;
        raises RequestRefused (503) if that is this one.
        """
        if self.open >= MOST_STREAMS:
            most = max(self._open.values(), key=len)
            if len(most) <= len(self._open.get(source, ())) + 1:
                raise RequestRefused(503, "streams", 5)
            most.pop(0).set()
        return StreamingResponse(
            self._events(token, source), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
        )

    async def _events(self, token: str, source: str) -> AsyncIterator[bytes]:
        loop, news, key = asyncio.get_running_loop(), asyncio.Event(), key_of(token)

        def heard(changed: str) -> None:
            if changed == key:
                with contextlib.suppress(RuntimeError):  # the loop has ended
                    loop.call_soon_threadsafe(news.set)

        unheard = self._orders.on_change(heard)
        self._open.setdefault(source, []).append(news)
        try:
            yield b"retry: 2000\n\n"
            while news in self._open.get(source, ()):
                news.clear()  # before the look: what changes after it is told of again
                order = await run_in_threadpool(self._orders.get, token)
                if order is None:
                    yield event("order", {"state": "gone"})
                    return
                before = await run_in_threadpool(self._orders.waiting_before, token)
                yield event("order", _facts(order, before))
                if order.state in {DONE, FAILED}:
                    return
                await asyncio.sleep(MOST_CHANGES_S)
                # The line moves without a change of this order. Not wait_for: before Python 3.12 it may swallow a
                # cancellation.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LINE_MOVES_S if order.state == WAITING else BEAT_S):
                        await news.wait()
        finally:
            unheard()
            self._forget(source, news)

    def _forget(self, source: str, news: asyncio.Event) -> None:
        streams = self._open.get(source, [])
        with contextlib.suppress(ValueError):  # it had to give way
            streams.remove(news)
        if not streams:
            self._open.pop(source, None)


def _facts(order: Order, before: int) -> dict[str, object]:
    return {
        "state": order.state, "stage": order.stage, "done": order.done, "total": order.total,
        "left_s": order.left_s, "before": before, "version": order.version, "ready": order.ready,
    }  # fmt: skip


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
