"""The store's own sound files: float32 WAV, in which nothing is lost and nothing is clipped."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Samples: TypeAlias = "npt.NDArray[np.float32]"
"""shape (n,) or (n, channels), full scale is 1.0"""

_FLOAT = 3
_HEAD = struct.Struct("<4sI4s4sIHHIIHH4sI")
_CHUNK, _FORMAT = struct.Struct("<4sI"), struct.Struct("<HHI")


def write_wav(path: Path, samples: Samples, rate: int) -> None:
    """samples: float32, shape (n,) or (n, channels). The name of the file does not matter. Raises OSError."""
    import numpy as np

    samples = np.ascontiguousarray(samples, "<f4")
    frame = 4 * (samples.shape[1] if samples.ndim > 1 else 1)
    head = _HEAD.pack(
        b"RIFF", _HEAD.size - 8 + samples.nbytes, b"WAVE", b"fmt ", 16, _FLOAT, frame // 4, rate, rate * frame, frame,
        32, b"data", samples.nbytes,
    )  # fmt: skip
    with path.open("wb") as file:
        file.write(head)
        file.write(samples.data)


def read_wav(path: Path, start: int = 0, stop: int | None = None) -> tuple[Samples, int]:
    """Frames start to stop (None: to the end) as float32, shape (n, channels), and the rate in Hz."""
    import numpy as np

    with path.open("rb") as file:
        frames, channels, rate = _head(file)
        first, last, _ = slice(start, stop).indices(frames)
        file.seek(first * channels * 4, 1)
        samples = np.fromfile(file, "<f4", max(last - first, 0) * channels)
    return samples.reshape(-1, channels), rate


def wav_frames(path: Path) -> int:
    with path.open("rb") as file:
        return _head(file)[0]


def _head(file: IO[bytes]) -> tuple[int, int, int]:
    """Frames, channels and rate; the file then stands at its samples. Raises ValueError."""
    kind, _, _ = struct.unpack("<4sI4s", file.read(12).ljust(12))
    channels = rate = 0
    while kind == b"RIFF" and len(head := file.read(_CHUNK.size)) == _CHUNK.size:
        name, size = _CHUNK.unpack(head)
        if name == b"data" and channels:
            return size // (4 * channels), channels, rate
        body = file.read(size + size % 2)
        if name == b"fmt ":
            kept, channels, rate = _FORMAT.unpack(body[: _FORMAT.size])
            if kept != _FLOAT:  # whole numbers read as floats are no sound at all
                break
    raise ValueError("no sound file of the store")
