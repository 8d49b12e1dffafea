"""What a meter needs of a stretch of sound, kept beside it: readings of a programme are sums of its stretches'.

A reading is taken every 192 samples, the greatest common divisor of an MP3 frame and of the 100 ms of ITU-R BS.1770-4.
"""

from __future__ import annotations

import itertools
import struct
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from kindvoice.encode.base import Frames
from kindvoice.encode.lame import FRAME
from kindvoice.sound.kweight import k_powers
from kindvoice.sound.limiter import HALF, lowest_around
from kindvoice.sound.truepeak import MARGIN, true_peak
from kindvoice.sound.wavfile import Samples
from kindvoice.units import RATE

Numbers = npt.NDArray[np.float32]

UNIT = 192
SETTLE = RATE // 10
"""Frames before a stretch that its readings depend on."""
_REACH = -(-HALF // UNIT)
_WINDOW = np.hanning(2 * _REACH + 3)[1:-1] / np.hanning(2 * _REACH + 3).sum()
_HEAD, _MAGIC = struct.Struct("<4s5I"), b"kvs1"


@dataclass(frozen=True, slots=True)
class Readings:
    powers: Numbers
    """K-weighted sum of squares over both channels, every UNIT samples"""
    squares: Numbers
    """sum of squares over both channels, every UNIT samples"""
    peaks: Numbers
    """before mastering, the highest sample of every UNIT; of a finished stretch its true peak, shape (1,)"""

    @classmethod
    def of(cls, x: Samples, count: int) -> Readings:
        """x: float32, shape (n, 2), 48 kHz. Its last count * 1152 frames are the stretch; what comes before them, at
        least SETTLE frames, was heard before."""
        sound = x[len(x) - count * FRAME :]
        powers = k_powers(x[len(x) - len(sound) - SETTLE :], RATE, UNIT)
        each = np.ascontiguousarray(sound).reshape(-1, UNIT * 2)
        squares = np.einsum("ij,ij->i", each, each)
        return cls(powers.astype(np.float32), squares, np.abs(each).max(axis=1))

    @classmethod
    def of_finished(cls, x: Samples, count: int) -> Readings:
        """The same, with the true peak. MARGIN frames of what comes after follow the stretch."""
        readings = cls.of(x[:-MARGIN], count)
        around = x[len(x) - count * FRAME - 2 * MARGIN :]
        peak = true_peak(around)
        return cls(readings.powers, readings.squares, np.array([peak], np.float32))

    def mastered(self, gain: float, ceiling: float) -> Readings:
        """About what a stretch reads after a gain and a limiter, as amplitudes: to find the gain by, within 0.05 LU."""
        power = np.full(len(self.powers), gain**2)
        if float(self.peaks.max(initial=0.0)) * gain > ceiling:
            wanted = np.minimum(1.0, ceiling / np.maximum(self.peaks * gain, 1e-9))
            dips = np.zeros(len(power) + 2 * _REACH)
            dips[_REACH:-_REACH] = 1.0 - lowest_around(wanted, _REACH)
            power *= (1.0 - np.convolve(dips, _WINDOW, "valid")) ** 2
        return Readings(self.powers * power, self.squares * power, self.peaks)


@dataclass(frozen=True, slots=True)
class Record:
    """A stretch as it is kept."""

    readings: Readings
    frames: Frames = field(default_factory=lambda: Frames(b"", np.zeros(0, np.uint16)))
    """as it is encoded; nothing before mastering"""

    def pack(self) -> bytes:
        parts: list[bytes] = [
            self.frames.data, self.frames.numbers.tobytes(), self.readings.powers.tobytes(),
            self.readings.squares.tobytes(), self.readings.peaks.tobytes(),
        ]  # fmt: skip
        return b"".join([_HEAD.pack(_MAGIC, *map(len, parts)), *parts])

    @classmethod
    def unpack(cls, data: bytes) -> Record | None:
        """data: whole, as the store's seal tells. None for anything but a record."""
        if data[: len(_MAGIC)] != _MAGIC:
            return None
        bounds = itertools.pairwise(itertools.accumulate([_HEAD.size, *_HEAD.unpack_from(data)[1:]]))
        frames, numbers, powers, squares, highest = (data[start:stop] for start, stop in bounds)
        readings = (np.frombuffer(part, np.float32) for part in (powers, squares, highest))
        return cls(Readings(*readings), Frames(frames, np.frombuffer(numbers, np.uint16)))
