"""A true-peak limiter whose gain at a frame depends on the sound near that frame and on nothing else.

There is no recursion and no memory of the past beyond the window: the same frame always gets the same
gain, however the sound was cut into blocks, and a bell's decay is left with the slope it came with.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kindvoice.sound.truepeak import BOUND, MARGIN, peaks
from kindvoice.sound.wavfile import Samples
from kindvoice.units import ms_to_frames

HALF = ms_to_frames(30)
"""The gain goes down over this many frames before a peak and up again over as many after it: slow
enough not to be heard as a sound of its own."""
CONTEXT = 2 * HALF + MARGIN
"""Frames before and after a stretch that its gain depends on."""

_WINDOW = np.hanning(2 * HALF + 3)[1:-1]
_WINDOW /= _WINDOW.sum()


def limit(x: Samples, ceiling: float) -> Samples:
    """The middle of x with its true peak brought to the ceiling.

    x: float32, shape (n + 2 * CONTEXT, channels). ceiling: an amplitude, full scale 1.0.
    Returns float32, shape (n, channels). Where nothing passes the ceiling the samples are untouched.

    The gain is the wanted gain's running minimum over the window, smoothed by a window of the same
    width and of sum one: at a peak it is never above what the peak wants.
    """
    middle = x[CONTEXT:-CONTEXT]
    if float(np.abs(x).max(initial=0.0)) * BOUND <= ceiling:
        return middle
    wanted = np.minimum(1.0, ceiling / np.maximum(peaks(x, floor=ceiling), 1e-9))
    # The curve between a sample and the next is the sound of both: both come down.
    wanted[1:] = np.minimum(wanted[1:], wanted[:-1])
    if wanted.min() >= 1.0:
        return middle
    gain = _smoothed(lowest_around(wanted, HALF).astype(np.float64))[2 * HALF : -2 * HALF]
    return (middle * gain[:, None]).astype(np.float32)


def lowest_around(x: Samples, half: int) -> Samples:
    """The running minimum over so many samples on either side, 1 beyond the ends.

    x: float32, shape (n,), as what comes back.
    """
    lowest, left, step = np.pad(x, half, constant_values=1.0), 2 * half, 1
    while left:
        step = min(step, left)
        lowest = np.minimum(lowest[step:], lowest[:-step])
        left, step = left - step, 2 * step
    return lowest


def _smoothed(lowest: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """lowest convolved with the window, the same length; in plain sums, so that a stretch of full gain
    gives exactly 1 and no stretch depends on another's length."""
    dip = 1.0 - lowest
    result = np.zeros_like(lowest)
    busy = np.flatnonzero(dip)
    for run in np.split(busy, np.flatnonzero(np.diff(busy) > 1) + 1):
        start, stop = int(run[0]), int(run[-1]) + 1
        spread = np.convolve(dip[start:stop], _WINDOW)
        low, high = start - HALF, stop + HALF
        cut = slice(max(low, 0), min(high, len(result)))
        result[cut] += spread[cut.start - low : cut.stop - low]
    return 1.0 - result
