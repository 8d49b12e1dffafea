"""A recording that is being made, handed out as one stream of sound: as far as it is mixed, no faster than it is heard,
and from where that ends the finished recording, from a pause on."""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from kindvoice.encode.lame import frame_bytes
from kindvoice.errors import ManifestError
from kindvoice.publish.manifest import read_release
from kindvoice.publish.page.any_length import first_frame
from kindvoice.studio.host.early import SOUND, lines_of, note_listener, place_in, quiet_ms
from kindvoice.studio.host.orders import Orders
from kindvoice.studio.host.security import RequestRefused
from kindvoice.studio.host.wishes import DONE, FAILED, Order
from kindvoice.units import RATE

MOST_LISTENERS, MOST_OF_SOURCE, MOST_OF_ORDER = 200, 20, 3
"""streams at once: of all, of one address, of one order"""
AHEAD_S = 20.0
"""so much more is sent than can have been heard"""
LONGEST_WAIT_S = 600.0
"""for an order that stands in line"""
_STEP_S, _LOOK_S = 0.2, 1.0
"""between two looks at the sound, and at the order"""
FRAME_MS = 24
"""of MPEG-1 layer III at 48 kHz"""


class EarlySound:
    """Streams for whoever has an order's link."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._by_source: Counter[str] = Counter()
        self._by_order: Counter[str] = Counter()

    @property
    def open(self) -> int:
        """How many streams."""
        return self._by_order.total()

    def stream(self, order: Order, source: str = "") -> Response:
        """source: the address that it goes to. Raises RequestRefused (503) where too many are open."""
        alone = self._orders.config.alone
        if (
            self.open >= MOST_LISTENERS
            or self._by_order[order.key] >= MOST_OF_ORDER
            or (not alone and self._by_source[source] >= MOST_OF_SOURCE)
        ):
            raise RequestRefused(503, "streams", 5)
        return StreamingResponse(
            self._counted(order, source), media_type="audio/mpeg", headers={"x-accel-buffering": "no"}
        )

    async def _counted(self, order: Order, source: str) -> AsyncIterator[bytes]:
        self._by_source[source] += 1
        self._by_order[order.key] += 1
        reader = _EarlyReader(self._orders, order)
        try:
            while (data := await run_in_threadpool(reader.more)) is not None:
                if data:
                    yield data
                else:
                    await asyncio.sleep(_STEP_S)
        finally:
            reader.close()
            self._by_source -= Counter([source])
            self._by_order -= Counter([order.key])

    def place(self, order: Order, at_ms: int) -> tuple[int, int]:
        """As `place_in`, for who hears this ms of the stream; raises FileNotFoundError or ManifestError for a recording
        that is not finished."""
        if order.manifest is None:
            raise FileNotFoundError
        early = lines_of(self._orders.early_of(order.key, order.ready))
        return place_in(_finished_lines(order), early, at_ms)


def _finished_lines(order: Order) -> list[tuple[int, int]]:
    assert order.manifest is not None
    return [(line.start_ms, line.stop_ms) for line in read_release(order.manifest).transcript.lines]


@dataclass(slots=True)
class _EarlyReader:
    """One listener's way through the sound. Used by one thread at a time."""

    orders: Orders
    order: Order
    file: IO[bytes] | None = None
    is_finished: bool = False
    """whether what is read is the finished recording"""
    head: bytes = b""
    """of an MPEG frame of the early sound"""
    sent: int = 0
    """frames"""
    began: float = field(default_factory=time.monotonic)
    """when it was asked for, then when the first sound was sent"""
    looked: float = -math.inf

    def more(self) -> bytes | None:
        """What can be sent now, perhaps nothing yet; None: this is its end."""
        now = time.monotonic()
        if now - self.looked >= _LOOK_S and not self.is_finished:
            self.looked = now
            if not self._look():
                return None
        if self.sent * FRAME_MS / 1000 > now - self.began + AHEAD_S:
            return b""
        if data := self._read():
            self.began = self.began if self.sent else now
            self.sent += len(data) // _frame_bytes(self.head)
            return data
        if self.is_finished or (not self.sent and now - self.began > LONGEST_WAIT_S):
            return None
        if self.order.state == DONE and not self._turn_to_finished():
            return None
        return b""

    def close(self) -> None:
        if self.file is not None:
            self.file.close()

    def _look(self) -> bool:
        """Whether it is still the same order that is made."""
        order = self.orders.get(self.order.token)
        if order is None or order.version != self.order.version or order.state == FAILED:
            return False
        self.order = order
        note_listener(self._folder)
        return True

    @property
    def _folder(self) -> Path:
        return self.orders.early_of(self.order.key, self.order.version)

    def _read(self) -> bytes:
        """Whole frames, a second at most."""
        if self.file is None:
            try:
                self.file = (self._folder / SOUND).open("rb")
            except FileNotFoundError:
                return b""
        if not self.head:
            self.head = self.file.read(_HEAD_BYTES)
            self.file.seek(0)
            if len(self.head) < _HEAD_BYTES:
                self.head = b""
                return b""
        size, most = _frame_bytes(self.head), 1000 // FRAME_MS
        if not self.is_finished:
            ready = os.fstat(self.file.fileno()).st_size // size
            quiet = quiet_ms(lines_of(self._folder), ready * FRAME_MS) // FRAME_MS
            most = min(most, quiet - self.sent)
        data = self.file.read(max(most, 0) * size)
        return data[: len(data) // size * size]

    def _turn_to_finished(self) -> bool:
        """What is read next is the finished recording, from where this listener is. False where that cannot be."""
        path = self.order.files.get("mp3")
        if path is None:
            return False
        early = lines_of(self._folder)
        try:
            place_ms, _ = place_in(_finished_lines(self.order), early, self.sent * FRAME_MS)
            finished = path.open("rb")
        except (FileNotFoundError, ManifestError):
            return False
        start = first_frame(finished)
        finished.seek(start)
        head = finished.read(_HEAD_BYTES)
        if self.head and not _are_alike(head, self.head):
            finished.close()
            return False
        self.close()
        self.file, self.head, self.is_finished = finished, head, True
        finished.seek(start + (1 + place_ms // FRAME_MS) * _frame_bytes(head))  # behind the gapless header
        return True


_HEAD_BYTES = 4
_KBITS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
"""of MPEG-1 layer III, by the number in a frame's head"""


def _frame_bytes(head: bytes) -> int:
    """How long a frame with this head is, at 48 kHz, where all have the same length."""
    return frame_bytes(_KBITS[head[2] >> 4] * 1000, RATE)


def _are_alike(head: bytes, other: bytes) -> bool:
    """Whether two frames have the same bit rate and sampling rate."""
    return len(head) == len(other) == _HEAD_BYTES and head[1] == other[1] and head[2] >> 2 == other[2] >> 2
