"""Blocks of sound to an outline of it, as a picture shows it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt


def waveform(blocks: Iterable[npt.NDArray[np.float32]], frames: int, columns: int) -> tuple[float, ...]:
    """The loudest sample of each of `columns` equal stretches of `frames` frames, of which there are no fewer.

    blocks: float32, shape (n, channels), n as it comes; what is beyond `frames` is left out, what is missing counts
    as silence. Returns `columns` numbers from 0.0 up, full scale is 1.0. Memory does not grow with the length.

    >>> import numpy as np
    >>> sound = np.array([[0.1], [-0.5], [0.25], [0.0]], dtype=np.float32)
    >>> waveform([sound[:3], sound[3:]], 4, 2)
    (0.5, 0.25)
    """
    starts = np.arange(columns, dtype=np.int64) * frames // columns
    peaks = np.zeros(columns, dtype=np.float32)
    at = 0
    for block in blocks:
        block = block[: frames - at]
        if not len(block):
            continue
        loudest = np.abs(block).max(axis=1)
        first = int(np.searchsorted(starts, at, side="right")) - 1
        stop = int(np.searchsorted(starts, at + len(block), side="left"))
        cuts = np.maximum(starts[first:stop] - at, 0)
        here = np.maximum.reduceat(loudest, cuts)
        peaks[first:stop] = np.maximum(peaks[first:stop], here)
        at += len(block)
    return tuple(round(float(peak), 4) for peak in peaks)
