"""Loudness after ITU-R BS.1770-4: K-weighting, 400 ms blocks, two gates."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.signal import sosfilt

_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0
_OFFSET = -0.691  # BS.1770-4, equation 2


def k_weighting(rate: int) -> npt.NDArray[np.float64]:
    """Second-order sections, shape (2, 6), of the K-weighting filter at any rate in Hz.

    BS.1770-4 tabulates 48 kHz only; the analogue prototypes behind its tables, as worked out by
    B. De Man, "Evaluation of Implementations of the EBU R128 Loudness Measurement" (AES 145, 2018),
    give its coefficients back at 48 kHz.

    >>> k_weighting(48000).round(4)[0].tolist()
    [1.5351, -2.6917, 1.1984, 1.0, -1.6907, 0.7325]
    """
    # Stage 1: a shelf, for the head's own boost of high frequencies.
    f0, gain_db, q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
    k = math.tan(math.pi * f0 / rate)
    vh = 10.0 ** (gain_db / 20.0)
    vb = vh**0.4996667741545416
    a0 = 1.0 + k / q + k * k
    shelf = [
        (vh + vb * k / q + k * k) / a0, 2.0 * (k * k - vh) / a0, (vh - vb * k / q + k * k) / a0,
        1.0, 2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0,
    ]  # fmt: skip
    # Stage 2: a high-pass.
    f0, q = 38.13547087602444, 0.5003270373238773
    k = math.tan(math.pi * f0 / rate)
    a0 = 1.0 + k / q + k * k
    high_pass = [1.0, -2.0, 1.0, 1.0, 2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0]
    return np.array([shelf, high_pass])


class LoudnessMeter:
    """Integrated loudness of a stream of blocks of any size; keeps one number for every 100 ms.

    A number of seconds' worth of samples is filtered at a time, so the reading does not depend on how
    the sound was cut.
    """

    def __init__(self, rate: int, channels: int) -> None:
        self._step = rate // 10
        self._sections = k_weighting(rate)
        self._state = np.zeros((len(self._sections), channels, 2))
        self._left = np.zeros((0, channels), np.float32)
        self._powers: list[npt.NDArray[np.float64]] = []

    def add(self, block: npt.NDArray[np.float32]) -> None:
        """block: float32, shape (n, channels)."""
        block = np.concatenate([self._left, block]) if len(self._left) else block
        whole = len(block) // self._step * self._step
        self._left = block[whole:].copy()
        if whole:
            filtered, self._state = sosfilt(self._sections, block[:whole].T, axis=1, zi=self._state)
            steps = filtered.reshape(filtered.shape[0], -1, self._step)
            # All our sounds are mono or stereo: every channel has the weight 1.
            self._powers.append(np.einsum("cbs,cbs->b", steps, steps) / self._step)

    def prime(self, block: npt.NDArray[np.float32]) -> None:
        """What was heard just before: the filters settle on it, and it does not count. Before the first `add`."""
        if len(block):
            _, self._state = sosfilt(self._sections, block.T, axis=1, zi=self._state)

    def powers(self) -> npt.NDArray[np.float64]:
        """The weighted power of every 100 ms so far, shape (n,)."""
        return np.concatenate(self._powers) if self._powers else np.zeros(0)

    @classmethod
    def of_powers(cls, rate: int, powers: npt.NDArray[np.float64]) -> LoudnessMeter:
        """A meter that has heard a programme in parts, each measured by itself."""
        meter = cls(rate, 2)
        meter._powers = [powers]
        return meter

    def momentary_lufs(self) -> npt.NDArray[np.float64]:
        """Loudness of every 400 ms, 100 ms apart; shape (n,)."""
        powers = self.powers()
        if len(powers) < 4:
            return np.zeros(0)
        sums = np.convolve(powers, np.full(4, 0.25), mode="valid")
        return _OFFSET + 10.0 * np.log10(np.maximum(sums, 1e-20))

    def integrated_lufs(self) -> float:
        """Gated as BS.1770-4 asks; minus infinity when nothing passes the absolute gate."""
        loudness = self.momentary_lufs()
        loud = loudness[loudness > _ABSOLUTE_GATE_LUFS]
        if not len(loud):
            return -math.inf
        gate = _mean_lufs(loud) + _RELATIVE_GATE_LU
        return _mean_lufs(loud[loud > gate])


def power_of_lufs(lufs: float) -> float:
    """The weighted power, summed over the channels, that reads as this loudness."""
    return float(10.0 ** ((lufs - _OFFSET) / 10.0))


def _mean_lufs(loudness: npt.NDArray[np.float64]) -> float:
    """The mean in power, not in decibels."""
    return float(10.0 * np.log10(np.mean(10.0 ** (loudness / 10.0))))
