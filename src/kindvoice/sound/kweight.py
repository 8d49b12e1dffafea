"""Loudness after ITU-R BS.1770-4: K-weighting, 400 ms blocks, two gates."""

from __future__ import annotations

import functools
import math

import numpy as np
import numpy.typing as npt

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


_SETTLE_S = 0.1
"""What is heard longer ago than this does not matter to the filters: their slowest part has decayed by 200 dB."""


@functools.cache
def _response(rate: int) -> npt.NDArray[np.complex64]:
    """Of K-weighting at the frequencies of a half second's transform, shape (rate // 4 + 1,)."""
    length = rate // 2
    z = np.exp(-2j * np.pi * np.arange(length // 2 + 1) / length)
    response = np.ones(len(z), complex)
    for b0, b1, b2, a0, a1, a2 in k_weighting(rate):
        response *= (b0 + b1 * z + b2 * z**2) / (a0 + a1 * z + a2 * z**2)
    return response.astype(np.complex64)


def k_powers(x: npt.NDArray[np.float32], rate: int, step: int) -> npt.NDArray[np.float64]:
    """The K-weighted sum of squares, over all channels, of every `step` samples; shape (n // step,).

    x: float32, shape (settle + n, channels), its first rate // 10 frames are what was heard before and do not count.
    n: a whole number of steps. Filtered by its transform, half a second at a time, which needs no loop over samples.
    """
    settle = round(_SETTLE_S * rate)
    wanted = len(x) - settle
    powers = np.zeros(wanted // step)
    length = rate // 2
    at_once = (length - settle) // step
    for first in range(0, len(powers), at_once):
        count = min(at_once, len(powers) - first)
        piece = x[first * step : settle + (first + count) * step]
        spectrum = np.fft.rfft(piece, length, axis=0) * _response(rate)[:, None]
        heard = np.fft.irfft(spectrum, length, axis=0)[settle : settle + count * step]
        each = heard.reshape(count, -1)
        powers[first : first + count] = np.einsum("ij,ij->i", each, each)
    return powers


class LoudnessMeter:
    """Integrated loudness of a stream of blocks of any size; keeps one number for every 100 ms.

    A fixed number of samples is filtered at a time, so the reading does not depend on how the sound was cut.
    """

    def __init__(self, rate: int, channels: int) -> None:
        self._rate, self._step = rate, rate // 10
        self._left = np.zeros((round(_SETTLE_S * rate), channels), np.float32)
        self._powers: list[npt.NDArray[np.float64]] = []

    def add(self, block: npt.NDArray[np.float32]) -> None:
        """block: float32, shape (n, channels)."""
        block = np.concatenate([self._left, block])
        settle = round(_SETTLE_S * self._rate)
        whole = (len(block) - settle) // (4 * self._step) * 4 * self._step
        if whole:
            self._powers.append(k_powers(block[: settle + whole], self._rate, self._step) / self._step)
        self._left = block[whole:]

    def powers(self) -> npt.NDArray[np.float64]:
        """The weighted power of every 100 ms so far, shape (n,)."""
        settle = round(_SETTLE_S * self._rate)
        whole = (len(self._left) - settle) // self._step * self._step
        rest = k_powers(self._left[: settle + whole], self._rate, self._step) / self._step
        return np.concatenate([*self._powers, rest])

    def momentary_lufs(self) -> npt.NDArray[np.float64]:
        """Loudness of every 400 ms, 100 ms apart; shape (n,)."""
        return momentary_lufs(self.powers())

    def integrated_lufs(self) -> float:
        """As `integrated_lufs` of the powers."""
        return integrated_lufs(self.powers())


def momentary_lufs(powers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Loudness of every 400 ms, 100 ms apart, from the mean weighted power of every 100 ms; shape (n - 3,)."""
    if len(powers) < 4:
        return np.zeros(0)
    sums = np.convolve(powers, np.full(4, 0.25), mode="valid")
    return _OFFSET + 10.0 * np.log10(np.maximum(sums, 1e-20))


def integrated_lufs(powers: npt.NDArray[np.float64]) -> float:
    """From the mean weighted power of every 100 ms, shape (n,), gated as BS.1770-4 asks; minus infinity when nothing
    passes the absolute gate."""
    loudness = momentary_lufs(powers)
    loud = loudness[loudness > _ABSOLUTE_GATE_LUFS]
    if not len(loud):
        return -math.inf
    gate = _mean_lufs(loud) + _RELATIVE_GATE_LU
    return _mean_lufs(loud[loud > gate])


def _mean_lufs(loudness: npt.NDArray[np.float64]) -> float:
    """The mean in power, not in decibels."""
    return float(10.0 * np.log10(np.mean(10.0 ** (loudness / 10.0))))
