"""What a format is, and the one writer that all formats share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import av
import numpy as np
import numpy.typing as npt

from kindvoice.model import ChapterMark, Tags
from kindvoice.units import RATE

Samples = npt.NDArray[np.float32]

FULL_SCALE_24 = 2**23


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Everything a finished file is to hold, but its sound."""

    path: Path
    frames: int
    """the programme's length at 48 kHz; exactly so many will be written. A whole number of milliseconds:
    FFmpeg does not trim an MP3 whose last frame has fewer than 47 samples to lose"""
    tags: Tags
    chapters: tuple[ChapterMark, ...]
    bitrate: int
    """bits per second of a lossy format"""


class Writer(Protocol):
    """One file being written."""

    def write(self, block: Samples) -> None:
        """block: float32, shape (n, 2), 48 kHz, full scale 1.0."""

    def close(self) -> None:
        """Finishes the file. Nothing is right before this has returned."""

    def abandon(self) -> None:
        """Lets go of the file unfinished; the caller removes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One line of the table of formats."""

    name: str
    extension: str
    lossy: bool
    open: Callable[[Target], Writer]
    overshoot_db: float = 0.0
    """how much higher than the sound's own true peak a decoder may come out"""


@dataclass(slots=True)
class ContainerWriter:
    """Sound to one file through PyAV: the container, the codec and its options as they are given."""

    path: Path
    container_format: str
    codec: str
    sample_format: str
    """fltp: as it is; s32: rounded to 24 bits, in the upper bits of 32"""
    bitrate: int | None = None
    container_options: dict[str, str] = field(default_factory=dict)
    codec_options: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    _container: Any = None
    _stream: Any = None
    _written: int = 0

    def open(self) -> ContainerWriter:
        self._container = av.open(
            str(self.path), "w", format=self.container_format, options=self.container_options
        )
        self._stream = self._container.add_stream(
            self.codec, rate=RATE, layout="stereo", options=self.codec_options
        )
        if self.bitrate:
            self._stream.bit_rate = self.bitrate
        self._stream.codec_context.format = self.sample_format
        self._container.metadata.update(self.metadata)
        return self

    def write(self, block: Samples) -> None:
        if self.sample_format == "s32":
            whole = np.rint(block.astype(np.float64) * FULL_SCALE_24)
            whole = np.clip(whole, -FULL_SCALE_24, FULL_SCALE_24 - 1).astype(np.int32) << 8
            frame = av.AudioFrame.from_ndarray(whole.reshape(1, -1), format="s32", layout="stereo")
        else:
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block.T), format="fltp", layout="stereo")
        frame.sample_rate = RATE
        frame.time_base = Fraction(1, RATE)
        frame.pts = self._written
        self._written += len(block)
        for packet in self._stream.encode(frame):
            self._container.mux(packet)

    def close(self) -> None:
        for packet in self._stream.encode(None):
            self._container.mux(packet)
        self._container.close()

    def abandon(self) -> None:
        if self._container is not None:
            self._container.close()
