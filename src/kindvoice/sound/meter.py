"""Blocks of sound to a Loudness."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from kindvoice.model import Loudness
from kindvoice.sound.kweight import LoudnessMeter
from kindvoice.sound.truepeak import TruePeakMeter
from kindvoice.sound.wavfile import Samples
from kindvoice.units import RATE, gain_to_db, power_to_db


def measure(blocks: Iterable[Samples], rate: int = RATE) -> Loudness:
    """Everything a meter can read in one pass.

    blocks: float32, shape (n, channels), any n. rate: Hz. No block at all reads as silence.
    """
    meters: tuple[LoudnessMeter, TruePeakMeter] | None = None
    squares, frames, channels = 0.0, 0, 1
    for block in blocks:
        if meters is None:
            channels = block.shape[1]
            meters = LoudnessMeter(rate, channels), TruePeakMeter(channels)
        for meter in meters:
            meter.add(block)
        squares += float(np.einsum("nc,nc->", block, block, dtype=np.float64))
        frames += len(block)
    return Loudness(
        integrated_lufs=meters[0].integrated_lufs() if meters else -math.inf,
        rms_db=power_to_db(squares / (frames * channels)) if frames else -math.inf,
        true_peak_dbtp=gain_to_db(meters[1].highest()) if meters else -math.inf,
        frames=frames,
        rate=rate,
    )
