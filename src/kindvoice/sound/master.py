"""Blocks to blocks: one static gain and a true-peak limiter, nothing that breathes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from kindvoice.sound.limiter import CONTEXT, limit
from kindvoice.sound.wavfile import Samples
from kindvoice.units import RATE, db_to_gain

_CHUNK = RATE


def master(blocks: Iterable[Samples], gain_db: float, ceiling_dbtp: float) -> Iterator[Samples]:
    """The programme at its final level.

    blocks: float32, shape (n, channels), any n. Yields as many frames as come in, in blocks of its own;
    the samples do not depend on how the sound was cut.
    """
    gain = np.float32(db_to_gain(gain_db))
    ceiling = db_to_gain(ceiling_dbtp)
    held: Samples | None = None
    waiting: list[Samples] = []
    length = 0
    for block in blocks:
        if held is None:
            held = np.zeros((CONTEXT, block.shape[1]), np.float32)  # silence before the first frame
            waiting, length = [held], CONTEXT
        waiting.append(block * gain)
        length += len(block)
        while length >= _CHUNK + 2 * CONTEXT:
            x = np.concatenate(waiting)
            yield limit(x[: _CHUNK + 2 * CONTEXT], ceiling)
            waiting = [x[_CHUNK:].copy()]
            length -= _CHUNK
    if held is not None:
        x = np.concatenate([*waiting, np.zeros_like(held)])  # silence after the last
        if len(x) > 2 * CONTEXT:
            yield limit(x, ceiling)
