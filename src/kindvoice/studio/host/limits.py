"""How often somebody may do something: token buckets (a bucket fills at a steady rate, and each deed takes from it);
and whose turn it is."""

from __future__ import annotations

import contextlib
import heapq
import math
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator

from kindvoice.studio.host.config import Config
from kindvoice.studio.host.errors import StudioError


class Buckets:
    """One bucket a key, such as a client's address or a person. Safe between threads; memory is bounded."""

    def __init__(
        self, count: float, within_s: float, *, clock: Callable[[], float] = time.monotonic, most: int = 10_000
    ) -> None:  # fmt: skip
        """So many deeds in so many seconds, and as many at once, one at least.

        most: keys that are remembered; the longest unused is forgotten first, so it must be more than an attacker may
        have keys in this time.
        """
        self._per_second, self._burst, self._most = count / within_s, max(count, 1.0), most
        self._clock = clock
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """what a bucket held, and when; the longest unused first"""

    def take(self, key: str, cost: float = 1.0) -> float:
        """0.0 when it may be done, which is then counted; else the seconds to wait, and nothing is counted.

        What costs more than a full bucket holds can never be done: then math.inf.
        """
        if cost > self._burst:
            return math.inf
        with self._lock:
            now = self._clock()
            held, then = self._left.get(key, (self._burst, now))
            held = min(self._burst, held + (now - then) * self._per_second)
            lacking = cost - held
            # Sums of floats: what has waited as long as it was told must be let through.
            wait_s = 0.0 if lacking <= 1e-9 else lacking / self._per_second
            self._left[key] = (max(held - cost, 0.0) if wait_s == 0.0 else held, now)
            self._left.move_to_end(key)
            while len(self._left) > self._most:
                self._left.popitem(last=False)
            return wait_s


class Turns:
    """In which turn somebody comes: one more than their last one, but none that is over. So who asks for much delays
    each of the others by one. Not safe between threads; memory is bounded."""

    def __init__(self, *, now: int = 0, most: int = 10_000) -> None:
        self._now, self._most = now, most
        self._last: OrderedDict[str, int] = OrderedDict()

    def take(self, key: str) -> int:
        turn = max(self._last.pop(key, -1) + 1, self._now)
        self._last[key] = turn
        while len(self._last) > self._most:
            self._last.popitem(last=False)
        return turn

    def begin(self, turn: int) -> None:
        """It is this one's turn now."""
        self._now = max(self._now, turn)


class FairQueue:
    """One after the other, and addresses take turns. Safe between threads."""

    def __init__(self, most: int, most_each: int) -> None:
        """most: that may wait, with the one whose turn it is; most_each: of one key."""
        self._most, self._most_each = most, most_each
        self._changed = threading.Condition()
        self._turns = Turns()
        self._waiting: list[tuple[int, int]] = []
        self._of: Counter[str] = Counter()
        self._count = 0
        self._busy = False

    @contextlib.contextmanager
    def place(self, key: str) -> Iterator[None]:
        """Waits for its turn. Raises StudioError (busy) where too many wait already."""
        with self._changed:
            if self._of.total() >= self._most or self._of[key] >= self._most_each:
                raise StudioError("busy")
            self._of[key] += 1
            self._count += 1
            mine = (self._turns.take(key), self._count)
            heapq.heappush(self._waiting, mine)
            while self._busy or self._waiting[0] != mine:
                self._changed.wait()
            heapq.heappop(self._waiting)
            self._turns.begin(mine[0])
            self._busy = True
        try:
            yield
        finally:
            with self._changed:
                self._busy = False
                self._of[key] -= 1
                if not self._of[key]:
                    del self._of[key]
                self._changed.notify_all()


class PreviewLine:
    """For what is heard before it is ordered: so often a person, and no address may fill the line alone."""

    def __init__(self, config: Config) -> None:
        most = config.limits.previews_waiting
        self._line = FairQueue(most, most if config.alone else most_of_one(most))
        self._buckets = Buckets(config.limits.previews_per_minute, 60)
        self.place = self._line.place

    def count(self, person: str) -> None:
        """Raises StudioError (many)."""
        if self._buckets.take(person):
            raise StudioError("many")


def most_of_one(most: int) -> int:
    """How much of a line one address may take."""
    return max(1, most // 4)
