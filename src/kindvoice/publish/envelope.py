"""How loud a file is over time, gathered while its samples pass."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from kindvoice.encode.decode import Samples
from kindvoice.units import power_to_db

EDGE_MS = 5
SPEECH_DB = -55.0
STEP_MS = 10


class Envelope:
    """The peak and the power of every 10 ms, and the peaks of the file's edges."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._peaks = [np.zeros(0, np.float32)]
        self._powers = [np.zeros(0, np.float32)]
        self.first = self.last = 0.0

    def passing(self, blocks: Iterator[Samples]) -> Iterator[Samples]:
        step, edge = self._rate * STEP_MS // 1000, self._rate * EDGE_MS // 1000
        started, tail, left = False, np.zeros(0, np.float32), np.zeros((2, 0), np.float32)
        for block in blocks:
            level = np.abs(block).max(axis=1)
            if not started and len(level):
                self.first, started = float(level[:edge].max()), True
            tail = np.concatenate([tail[-edge:], level])[-edge:]
            left = np.concatenate([left, np.stack([level, np.square(block).mean(axis=1)])], axis=1)
            whole = left.shape[1] // step * step
            self._peaks.append(left[0, :whole].reshape(-1, step).max(axis=1))
            self._powers.append(left[1, :whole].reshape(-1, step).mean(axis=1))
            left = left[:, whole:]
            yield block
        self.last = float(tail.max(initial=0.0))

    def levels_db(self) -> Any:
        return 20.0 * np.log10(np.maximum(np.concatenate(self._peaks), 1e-9))

    def floor_db(self) -> float:
        """RMS of the quietest half second."""
        powers = np.concatenate(self._powers)
        length = min(500 // STEP_MS, len(powers))
        if not length:
            return -math.inf
        return power_to_db(float(np.convolve(powers, np.full(length, 1.0 / length), mode="valid").min()))

    def silences_ms(self) -> tuple[int, int]:
        """Before the first sound that can be heard, and after the last."""
        levels = self.levels_db()
        loud = np.flatnonzero(levels > SPEECH_DB)
        if not len(loud):
            return 0, 0
        return int(loud[0]) * STEP_MS, int(len(levels) - 1 - loud[-1]) * STEP_MS
