"""Blocks of sound to a Loudness."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from kindvoice.model import Loudness
from kindvoice.sound.kweight import LoudnessMeter
from kindvoice.sound.truepeak import TruePeakMeter
from kindvoice.units import RATE, gain_to_db, power_to_db


def measure(blocks: Iterable[npt.NDArray[np.float32]], rate: int = RATE, *, peaks: bool = True) -> Loudness:
    """Everything a meter can read in one pass.

    blocks: float32, shape (n, channels), any n. rate: Hz. peaks: whether the true peak is wanted, which
    takes the most time; it reads minus infinity when not. No block at all reads as silence.
    """
    loudness: LoudnessMeter | None = None
    true_peak: TruePeakMeter | None = None
    squares, frames, channels = 0.0, 0, 1
    for block in blocks:
        if loudness is None:
            channels = block.shape[1]
            loudness, true_peak = LoudnessMeter(rate, channels), TruePeakMeter(channels)
        loudness.add(block)
        if peaks and true_peak is not None:
            true_peak.add(block)
        squares += float(np.einsum("nc,nc->", block, block, dtype=np.float64))
        frames += len(block)
    return Loudness(
        integrated_lufs=loudness.integrated_lufs() if loudness else -math.inf,
        rms_db=power_to_db(squares / (frames * channels)) if frames else -math.inf,
        true_peak_dbtp=gain_to_db(true_peak.highest()) if true_peak and peaks else -math.inf,
        frames=frames,
        rate=rate,
    )
