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
_AT_ONCE = 512
_ROWS = 16
"""Groups of one matrix product: a larger one would be done by several threads, which only wait for each other here."""


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


def _bands() -> npt.NDArray[np.float32]:
    """The same as one matrix for a whole group, shape (_GROUP + 2 * _HALF - 1, 3 * _GROUP), phase after phase."""
    bands = np.zeros((_GROUP + 2 * _HALF - 1, len(_PHASES), _GROUP), np.float32)
    for sample in range(_GROUP):
        bands[sample : sample + 2 * _HALF, :, sample] = _PHASES.T
    return bands.reshape(len(bands), -1)


_BANDS = _bands()
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
    reach = _reach(plain, n)
    busy = np.flatnonzero(reach * BOUND >= floor)
    if len(busy):
        between = np.zeros((len(reach), _GROUP), np.float32)
        for at in range(0, len(busy), _AT_ONCE):
            groups = busy[at : at + _AT_ONCE]
            between[groups] = _between(x, groups)
        np.maximum(result, between.reshape(-1)[:n], out=result)
    return result


def true_peak(x: npt.NDArray[np.float32], floor: float = 0.0) -> float:
    """The highest of `peaks`, or floor where none is above it.

    x: as for `peaks`. The groups that could hold it are looked at from the loudest on, until no other can.
    """
    n = len(x) - 2 * MARGIN
    plain = _loudest_channel(x)
    highest = max(floor, float(plain[MARGIN : MARGIN + n].max(initial=0.0)))
    reach = _reach(plain, n)
    busy = np.flatnonzero(reach * BOUND > highest)
    busy = busy[np.argsort(-reach[busy], kind="stable")]
    for at in range(0, len(busy), _AT_ONCE):
        groups = busy[at : at + _AT_ONCE]
        if reach[groups[0]] * BOUND <= highest:
            break
        between = _between(x, groups)
        between[groups[:, None] * _GROUP + np.arange(_GROUP) >= n] = 0.0
        highest = max(highest, float(between.max()))
    return highest


def _reach(plain: npt.NDArray[np.float32], n: int) -> npt.NDArray[np.float32]:
    """The highest sample that matters to each group of samples, shape (groups,)."""
    groups = -(-n // _GROUP)
    if not groups:
        return np.zeros(0, np.float32)
    padded = np.zeros((groups + 1) * _GROUP, np.float32)
    padded[: len(plain)] = plain[: len(padded)]
    each = padded.reshape(-1, _GROUP)
    # A group and what follows it, as far as a point can be reached by it.
    reach: npt.NDArray[np.float32] = np.maximum(each[:-1].max(axis=1), each[1:, : 2 * MARGIN].max(axis=1))
    return reach


def _between(x: npt.NDArray[np.float32], groups: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
    """The highest point after each sample of these groups and before the next, shape (groups, _GROUP)."""
    count = len(groups)
    groups = np.pad(groups, (0, -count % _ROWS))
    highest = np.zeros((len(groups), _GROUP), np.float32)
    # A point needs 11 samples before its own and 12 behind it: the first of a group's places is not among them.
    places = groups[:, None] * _GROUP + np.arange(1, _GROUP + 2 * MARGIN)
    for channel in x.T:
        around = channel.take(places, mode="clip").reshape(-1, _ROWS, places.shape[1])
        for phase in np.moveaxis(np.abs(around @ _BANDS).reshape(len(groups), -1, _GROUP), 1, 0):
            np.maximum(highest, phase, out=highest)
    return highest[:count]


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
        self._highest = true_peak(x, self._highest)

    def highest(self) -> float:
        """The true peak so far as an amplitude, full scale 1.0."""
        rest = np.concatenate([self._held, np.zeros_like(self._held)])
        return true_peak(rest, self._highest)
