"""What a format is, and the one writer that most formats share."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from kindvoice.model import ChapterMark, Picture, Preset, Tags
from kindvoice.units import FRAMES_PER_MS, RATE

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
    """as many as the format holds: see Format.chapters_of"""
    bitrate: int
    """bits per second of a lossy format"""
    rate: int = RATE
    """Hz of the finished file, where the format leaves the choice"""
    cover: Picture | None = None


@dataclass(frozen=True, slots=True)
class Frames:
    """A codec's frames in a row."""

    data: bytes
    numbers: npt.NDArray[np.uint16]
    """one for each frame, what a file has to know of it: see its codec"""


class StretchEncoder(Protocol):
    """Several sounds in a row, each encoded as if it were alone."""

    def write(self, sound: Samples) -> None:
        """sound: float32, shape (n, 2), 48 kHz, full scale 1.0."""

    def close(self) -> list[list[bytes]]:
        """The frames of each sound; frame k lies at its sample k * codec.frame. Raises OutputError when the encoder
        broke down."""

    def abandon(self) -> None:
        """Lets go of it unfinished."""


class FrameCodec(Protocol):
    """A codec at 48 kHz whose frames lean on nothing but their neighbours' sound, so that a programme can be put
    together of stretches that were encoded apart."""

    name: str
    frame: int
    """samples"""

    def identity(self) -> str:
        """The encoder and its version: the same identity makes the same frames."""

    def count(self, frames: int) -> int:
        """Frames that a programme of so many samples takes."""

    def open(self, bitrate: int) -> StretchEncoder:
        """bitrate: bits per second."""

    def decode(self, frames: Iterable[bytes]) -> Iterator[Samples]:
        """What a player makes of them, from the sample on at which the first one lies: float32, shape (n, 2)."""

    def packed(self, frames: Sequence[bytes]) -> Frames:
        """The frames with their numbers."""

    def bounds(self, frames: Frames) -> Sequence[int]:
        """Where each frame begins in the data, and the end of the last."""


class Writer(Protocol):
    """One file being written."""

    def write(self, block: Samples) -> None:
        """block: float32, shape (n, 2), at the target's rate, full scale 1.0."""

    def close(self) -> None:
        """Finishes the file. Nothing is right before this has returned."""

    def abandon(self) -> None:
        """Lets go of the file unfinished; the caller removes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One line of the table of formats."""

    name: str
    extension: str
    type: str
    """MIME"""
    lossy: bool
    open: Callable[[Target], Writer]
    codec: FrameCodec | None = None
    """of a format that can be put together of stretches at 48 kHz"""
    join: Callable[[Target, Iterable[Frames]], None] | None = None
    """writes such a file; codec.count(target.frames) frames in all"""
    codec_frame: int = 1
    """samples that the codec makes at once: a decoder may give up to so many more than were written"""
    exact: bool = True
    """whether FFmpeg's decoder gives exactly as many as were written all the same"""
    fixed_rate: int | None = None
    """Hz, for a codec that has only one"""
    overshoot_db: float = 0.01
    """how much higher than the sound's own true peak a decoder may come out; too little, and all is encoded again"""
    frame_bytes: float | None = None
    """what a stereo sample takes; None: the bit rate says"""
    most_chapters: int = 0
    """so many its list of chapters holds; 0: it has no place for any"""
    title_bytes: int | None = None
    """the longest title of a chapter, in UTF-8; None: no limit"""

    def chapters_of(self, chapters: Sequence[ChapterMark]) -> tuple[ChapterMark, ...]:
        """What a file of this format holds of these chapters, which are in order.

        Where there are too many, neighbours are merged, evenly over the whole programme; a merged chapter's title
        names its first and its last. A title that is too long ends with an ellipsis.
        """
        many, most = len(chapters), min(len(chapters), self.most_chapters)
        bounds = [group * many // most for group in range(most + 1)] if most else []
        held = []
        for first, stop in itertools.pairwise(bounds):
            title, last = chapters[first].title, chapters[stop - 1].title
            merged = title if stop - first == 1 else f"{title} – {last}"
            held.append(replace(chapters[first], title=self._cut(merged)))
        return tuple(held)

    def _cut(self, title: str) -> str:
        encoded = title.encode("utf-8", "replace")
        if self.title_bytes is None or len(encoded) <= self.title_bytes:
            return title
        return encoded[: self.title_bytes - len("…".encode())].decode("utf-8", "ignore").rstrip() + "…"

    def bytes_for(self, seconds: float, preset: Preset) -> int:
        """About what the sound will take on the disk; a cover comes on top."""
        per_s = preset.bitrate / 8 if self.frame_bytes is None else self.frame_bytes * preset.rate
        return round(per_s * seconds)

    def writer(self, target: Target) -> Writer:
        """A writer that takes 48 kHz, whatever the file is to have."""
        if self.fixed_rate is not None or target.rate == RATE:
            return self.open(target)
        return Resampled(self.open(target), target)


class Resampled:
    """A writer behind a change of rate; as many samples come out as the programme's length asks for."""

    def __init__(self, writer: Writer, target: Target) -> None:
        import soxr

        self._writer = writer
        self._stream = soxr.ResampleStream(RATE, target.rate, 2, dtype="float32", quality="VHQ")
        self._left = frames_at(target.frames, target.rate)

    def write(self, block: Samples) -> None:
        self._pass_on(self._stream.resample_chunk(block))

    def close(self) -> None:
        self._pass_on(self._stream.resample_chunk(np.zeros((0, 2), np.float32), last=True))
        self._pass_on(np.zeros((self._left, 2), np.float32))
        self._writer.close()

    def abandon(self) -> None:
        self._writer.abandon()

    def _pass_on(self, block: Samples) -> None:
        block = block[: self._left]
        self._left -= len(block)
        if len(block):
            self._writer.write(block)


def frames_at(frames: int, rate: int) -> int:
    """A length at 48 kHz in samples of another rate, rounded up so that nothing is lost."""
    return -(-frames * rate // RATE)


def library_identity() -> str:
    """FFmpeg's codecs inside PyAV, with their version."""
    import av

    return "PyAV libavcodec " + ".".join(map(str, av.library_versions["libavcodec"]))


def chapter_table(target: Target) -> list[dict[str, Any]]:
    """Chapters as PyAV takes them: contiguous, in whole milliseconds, to the end."""
    if not target.chapters:
        return []
    starts = [chapter.start_frame // FRAMES_PER_MS for chapter in target.chapters]
    stops = [*starts[1:], -(-target.frames // FRAMES_PER_MS)]
    return [
        {
            "id": i,
            "start": start,
            "end": stop,
            "time_base": Fraction(1, 1000),
            "metadata": {"title": chapter.title},
        }
        for i, (start, stop, chapter) in enumerate(zip(starts, stops, target.chapters, strict=True))
    ]


@dataclass(slots=True)
class ContainerWriter:
    """Sound to one file through PyAV: the container, the codec and its options as they are given."""

    target: Target
    container_format: str
    codec: str
    sample_format: str
    """fltp, flt: as it is; s32: rounded to 24 bits, in the upper bits of 32"""
    codec_options: dict[str, str] = field(default_factory=dict)
    container_options: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    sound_metadata: dict[str, str] = field(default_factory=dict)
    lossy: bool = False
    chapters: bool = False
    """whether the container has a place for chapters"""
    picture: bool = False
    """whether the container has a place for a cover"""
    rate: int = RATE
    _container: Any = None
    _stream: Any = None
    _written: int = 0

    def open(self) -> ContainerWriter:
        import av  # it takes a tenth of a second, and most commands write no file

        # bitexact: no random serial numbers, no time of day, no program's name
        options = {"fflags": "+bitexact", **self.container_options}
        container: Any = av.open(str(self.target.path), "w", format=self.container_format, options=options)
        self._container = container
        stream = container.add_stream(self.codec, self.rate, self.codec_options, layout="stereo")
        self._stream = stream
        if self.lossy:
            stream.bit_rate = self.target.bitrate
        stream.codec_context.format = self.sample_format
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        container.metadata.update(self.metadata)
        stream.metadata.update(self.sound_metadata)
        if self.chapters:
            container.set_chapters(chapter_table(self.target))
        if self.picture and self.target.cover is not None:
            self._attach(self.target.cover)
        return self

    def _attach(self, cover: Picture) -> None:
        import av

        with av.open(str(cover.path)) as picture:
            source = picture.streams.video[0]
            stream = self._container.add_stream_from_template(source)
            stream.disposition = av.stream.Disposition.attached_pic
            stream.metadata["comment"] = "Cover (front)"  # FFmpeg's name for picture type 3
            packet = next(picture.demux(source))
            packet.stream = stream
            self._container.start_encoding()
            self._container.mux(packet)

    def write(self, block: Samples) -> None:
        import av

        if self.sample_format == "s32":
            whole = np.rint(block.astype(np.float64) * FULL_SCALE_24)
            whole = np.clip(whole, -FULL_SCALE_24, FULL_SCALE_24 - 1).astype(np.int32) << 8
            frame = av.AudioFrame.from_ndarray(whole.reshape(1, -1), format="s32", layout="stereo")
        elif self.sample_format == "flt":
            packed = np.ascontiguousarray(block).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(packed, format="flt", layout="stereo")
        else:
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block.T), format="fltp", layout="stereo")
        frame.sample_rate = self.rate
        frame.time_base = Fraction(1, self.rate)
        frame.pts = self._written
        self._written += len(block)
        for packet in self._stream.encode(frame):
            self._container.mux(packet)

    def join(self, packets: Iterable[bytes], length: int, delay: int) -> None:
        """Packets of this codec that were made elsewhere; nothing comes after them.

        length, delay: in samples, of a packet, and how late the first one is.
        """
        import av

        end, time_base = self.target.frames, Fraction(1, self.rate)
        self._container.start_encoding()
        for data in packets:
            packet: Any = av.Packet(data)
            packet.stream, packet.time_base = self._stream, time_base
            packet.pts = packet.dts = self._written - delay
            packet.duration = min(length, end - packet.pts)
            packet.is_keyframe = True
            self._written += length
            self._container.mux_one(packet)
        self._container.close()

    def close(self) -> None:
        for packet in self._stream.encode(None):
            self._container.mux(packet)
        self._container.close()

    def abandon(self) -> None:
        if self._container is not None:
            self._container.close()
