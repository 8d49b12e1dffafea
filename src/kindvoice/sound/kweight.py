"""Loudness after ITU-R BS.1770-4: K-weighting, 400 ms blocks, two gates."""

from __future__ import annotations

import functools
import math
from typing import Any

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


_BLOCK = 64
_ROWS = 100
"""Blocks of one matrix product: a larger one would be done by several threads, which only wait for each other here."""
_AT_ONCE = 80


@functools.cache
def _filters(rate: int, block: int) -> tuple[npt.NDArray[Any], ...]:
    """What a block of samples gives, and what the filters' four states before it give: shape (block, block) for the
    filtered samples from the samples, (4, block) from the states; (block, 4) for the states behind it from the
    samples, (4, 4) from the states. Every sample and state by itself, in transposed direct form II."""
    sound, states = np.eye(block, block + 4), np.eye(4, block + 4, block)
    for heard in sound:
        for (b0, b1, b2, _, a1, a2), state in zip(k_weighting(rate), (states[:2], states[2:]), strict=True):
            came = heard.copy()
            heard[:] = b0 * came + state[0]
            state[:] = b1 * came - a1 * heard + state[1], b2 * came - a2 * heard
    floats = (sound.T[:block], sound.T[block:], states.T[:block])
    return (*(np.ascontiguousarray(each, np.float32) for each in floats), states.T[block:])


def k_powers(x: npt.NDArray[np.float32], rate: int, step: int) -> npt.NDArray[np.float64]:
    """The K-weighted sum of squares, over all channels, of every `step` samples; shape (n // step,).

    x: float32, shape (settle + n, channels), its first rate // 10 frames are what was heard before and do not count.
    n: a whole number of steps. Filtered a block at a time by matrices, which needs no loop over samples.
    """
    settle, channels = round(_SETTLE_S * rate), x.shape[1]
    count = (len(x) - settle) // step
    block = next(size for size in range(_BLOCK, 0, -1) if step % size == 0)
    from_sound, from_state, to_state, onward = _filters(rate, block)
    around = -(-settle // block)
    rows = -(-(around + count * step // block) // _ROWS) * _ROWS
    sound = np.zeros((channels, rows * block), np.float32)
    sound[:, rows * block - settle - count * step :] = x[: settle + count * step].T
    blocks = sound.reshape(channels, -1, _ROWS, block)
    states = np.zeros((channels, rows + 1, 4))
    states[:, 1:] = (blocks @ to_state).reshape(channels, -1, 4)
    back = 1
    while back < around:  # what came 1, 2, 4 ... blocks before
        states[:, back:] += states[:, :-back] @ onward
        back, onward = 2 * back, onward @ onward
    heard = blocks @ from_sound
    heard += states[:, :-1].astype(np.float32).reshape(*blocks.shape[:3], 4) @ from_state
    each = heard.reshape(channels, -1)[:, rows * block - count * step :].reshape(channels, count, step)
    powers: npt.NDArray[np.float64] = np.einsum("cij,cij->i", each, each).astype(np.float64)
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
        most = _AT_ONCE * self._step  # of an hour in one block, too
        for at in range(0, whole, most):
            piece = block[at : settle + min(at + most, whole)]
            self._powers.append(k_powers(piece, self._rate, self._step) / self._step)
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
    """From the mean weighted power of every 100 ms, shape (n,), gated as BS.1770-4 asks."""
    return gated_lufs(momentary_lufs(powers))


def gated_lufs(loudness: npt.NDArray[np.float64], least: float = _ABSOLUTE_GATE_LUFS) -> float:
    """Loudness of readings of 400 ms, without those up to `least` and up to 10 below the rest of them; minus infinity
    when none is left."""
    loud = loudness[loudness > least]
    if not len(loud):
        return -math.inf
    gate = _mean_lufs(loud) + _RELATIVE_GATE_LU
    return _mean_lufs(loud[loud > gate])


def _mean_lufs(loudness: npt.NDArray[np.float64]) -> float:
    """The mean in power, not in decibels."""
    return float(10.0 * np.log10(np.mean(10.0 ** (loudness / 10.0))))
