"""True peak: the highest point of the curve that a converter draws through the samples.

Four times oversampled, as ITU-R BS.1770-4 annex 2 asks. Most of a meditation is far too quiet to
matter, and the filter's own bound tells which parts are: those are not oversampled at all.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_FACTOR = 4
_HALF = 12
"""samples on each side that a point between two samples depends on"""
_GROUP = 64


def _phases() -> npt.NDArray[np.float64]:
    """The interpolator's three phases between samples, shape (3, 2 * _HALF): a Kaiser-windowed sinc."""
    taps = np.arange(-_HALF, _HALF)  # sample positions around the point, left of it first
    rows = []
    for phase in range(1, _FACTOR):
        t = phase / _FACTOR - (taps + 1) + 0.0
        window = np.i0(8.0 * np.sqrt(np.clip(1.0 - (t / _HALF) ** 2, 0.0, 1.0))) / np.i0(8.0)
        row = np.sinc(t) * window
        rows.append(row / row.sum())
    return np.array(rows)


_PHASES = _phases().astype(np.float32)
BOUND = float(np.abs(_PHASES).sum(axis=1).max())
"""No point between samples is higher than this many times the highest sample around it."""
MARGIN = _HALF
"""Samples that `peaks` needs before and after the stretch it is asked about."""


def peaks(x: npt.NDArray[np.float32], floor: float) -> npt.NDArray[np.float32]:
    """The highest point at or after each sample and before the next, over all channels.

    x: float32, shape (n + 2 * MARGIN, channels). floor: where nothing can reach it, the plain sample
    peak is given instead, which is exact enough to know that it is below. Returns shape (n,).
    """
    n = len(x) - 2 * MARGIN
    plain = _loudest_channel(x)
    result = plain[MARGIN : MARGIN + n].copy()
    if not n or plain.max() * BOUND < floor:
        return result
    # Look at groups of samples: a group counts when anything in reach of it could pass the floor.
    groups = -(-n // _GROUP)
    padded = np.zeros(groups * _GROUP + 2 * MARGIN, np.float32)
    padded[: len(plain)] = plain
    reach = np.lib.stride_tricks.sliding_window_view(padded, _GROUP + 2 * MARGIN)[::_GROUP].max(axis=1)
    busy = np.flatnonzero(reach * BOUND >= floor)
    for run in np.split(busy, np.flatnonzero(np.diff(busy) > 1) + 1):
        if not len(run):
            continue
        start, stop = int(run[0]) * _GROUP, min((int(run[-1]) + 1) * _GROUP, n)
        highest = result[start:stop]
        for channel in x.T:
            # window i holds samples i .. i + 23; a point after a sample needs 11 before it and 12 behind
            windows = np.lib.stride_tricks.sliding_window_view(
                channel[start + 1 : stop + 2 * MARGIN], 2 * _HALF
            )
            between = np.abs(windows[: stop - start] @ _PHASES.T)
            np.maximum(highest, between.max(axis=1), out=highest)
    return result


def _loudest_channel(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Each frame's highest absolute sample, shape (n,). Numpy is slow along an axis of two."""
    loudest = np.abs(x[:, 0])
    for channel in range(1, x.shape[1]):
        np.maximum(loudest, np.abs(x[:, channel]), out=loudest)
    return loudest


class TruePeakMeter:
    """The true peak of a stream of blocks of any size."""

    def __init__(self, channels: int) -> None:
        self._held = np.zeros((2 * MARGIN, channels), np.float32)
        self._highest = 0.0

    def add(self, block: npt.NDArray[np.float32]) -> None:
        """block: float32, shape (n, channels)."""
        x = np.concatenate([self._held, block])
        self._held = x[-2 * MARGIN :].copy()
        found = peaks(x, floor=self._highest)
        if len(found):
            self._highest = max(self._highest, float(found.max()))

    def highest(self) -> float:
        """The true peak so far as an amplitude, full scale 1.0."""
        rest = np.concatenate([self._held, np.zeros_like(self._held)])
        return max(self._highest, float(peaks(rest, floor=self._highest).max()))
