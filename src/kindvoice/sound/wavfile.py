"""The store's own sound files: float32 WAV, in which nothing is lost and nothing is clipped."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

Samples = npt.NDArray[np.float32]


def write_wav(path: Path, samples: Samples, rate: int) -> None:
    """samples: float32, shape (n,) or (n, channels). The name of the file does not matter.

    Raises OSError when the disk is full; libsndfile alone would lose that.
    """
    whole = io.BytesIO()
    soundfile.write(whole, samples, rate, format="WAV", subtype="FLOAT")
    path.write_bytes(whole.getbuffer())


def read_wav(path: Path, start: int = 0, stop: int | None = None) -> tuple[Samples, int]:
    """Frames start to stop (None: to the end) as float32, shape (n, channels), and the rate in Hz."""
    samples, rate = soundfile.read(str(path), start=start, stop=stop, dtype="float32", always_2d=True)
    return samples, rate


def wav_frames(path: Path) -> int:
    return int(soundfile.info(str(path)).frames)
