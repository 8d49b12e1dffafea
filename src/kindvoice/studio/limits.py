"""How often somebody may do something: token buckets (a bucket fills at a steady rate, and each deed takes from it)."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable


class Buckets:
    """One bucket a key, such as a client's address or a person. Safe between threads; memory is bounded."""

    def __init__(
        self,
        per_second: float,
        burst: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        most: int = 10_000,
    ) -> None:
        """burst: what a full bucket holds. most: keys that are remembered; the longest unused is forgotten first,
        so `most` must be more than an attacker may have keys in burst / per_second seconds."""
        if not (per_second > 0 and burst > 0 and most > 0):
            raise ValueError("a bucket wants a rate, a size and a number of keys above 0")
        self._per_second, self._burst, self._most = per_second, burst, most
        self._clock = clock
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """what a bucket held, and when; the longest unused first"""

    def take(self, key: str, cost: float = 1.0) -> float:
        """0.0 when it may be done, which is then counted; else the seconds to wait, and nothing is counted.

        cost: 0 or more. What costs more than a full bucket holds can never be done: then math.inf.
        """
        if not cost >= 0:
            raise ValueError("a deed costs 0 or more")
        if cost > self._burst:
            return math.inf
        with self._lock:
            now = self._clock()
            held, then = self._left.get(key, (self._burst, now))
            # A clock that went back fills nothing and takes nothing.
            held = min(self._burst, held + max(now - then, 0.0) * self._per_second)
            lacking = cost - held
            # Sums of floats: what has waited as long as it was told must be let through.
            wait_s = 0.0 if lacking <= 1e-9 else lacking / self._per_second
            self._left[key] = (max(held - cost, 0.0) if wait_s == 0.0 else held, now)
            self._left.move_to_end(key)
            while len(self._left) > self._most:
                self._left.popitem(last=False)
            return wait_s

    def __len__(self) -> int:
        """Keys that are remembered."""
        return len(self._left)
