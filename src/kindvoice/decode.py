"""Any sound file to blocks of float32, through PyAV."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from kindvoice.errors import SoundError
from kindvoice.model import Where

Samples = npt.NDArray[np.float32]

_BLOCK = 48_000
_WORKS = "WAV, FLAC, MP3, OGG and M4A work"


@dataclass(frozen=True, slots=True)
class SoundInfo:
    """What a sound file says of itself, before its sound is decoded."""

    container: str
    codec: str
    rate: int
    channels: int
    bit_rate: int
    tags: dict[str, str]
    chapters: tuple[tuple[int, int, str], ...]
    """start ms, end ms, title"""
    declared_ms: int | None
    """how long the file says it is; None: it does not say, or only by its size"""


def sound_info(path: Path) -> SoundInfo:
    """Raises SoundError when the file is not there or holds no sound."""
    with _open(path) as container:
        stream = container.streams.audio[0]
        chapters = tuple(
            (
                round(float(c["start"] * c["time_base"]) * 1000),
                round(float(c["end"] * c["time_base"]) * 1000),
                str(c["metadata"].get("title", "")),
            )
            for c in container.chapters()
        )
        tags = {key.lower(): value for key, value in {**stream.metadata, **container.metadata}.items()}
        return SoundInfo(
            container=container.format.name,
            codec=stream.codec_context.name,
            rate=stream.codec_context.sample_rate,
            channels=stream.codec_context.layout.nb_channels,
            bit_rate=stream.codec_context.bit_rate or container.bit_rate or 0,
            tags=tags,
            chapters=chapters,
            declared_ms=_declared_ms(path, container),
        )


def _declared_ms(path: Path, container: Any) -> int | None:
    duration = container.duration
    if container.format.name == "wav" and duration is not None:
        # FFmpeg goes by the file's size, not by what its first chunk says.
        with path.open("rb") as file:
            head = file.read(8)
        size = path.stat().st_size
        said = int.from_bytes(head[4:8], "little") + 8
        duration *= said / size if head[:4] == b"RIFF" and size < said < 0xFFFF_FFF0 else 1.0
    if container.format.name == "mp3":
        with path.open("rb") as file:
            head = file.read(10)
            if head[:3] == b"ID3":
                file.seek(
                    10
                    + sum(
                        (byte & 0x7F) << shift
                        for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=False)
                    )
                )
            else:
                file.seek(0)
            first = file.read(512)
        # Without this header FFmpeg guesses from the size, which is wrong where the bit rate varies.
        if not any(mark in first for mark in (b"Xing", b"Info", b"VBRI")):
            return None
    return None if duration is None else round(duration / 1000)


def packet_bytes(path: Path) -> list[int]:
    """The size of every packet of sound: all alike, but for padding, in a file of constant bit rate."""
    with _open(path) as container:
        return [packet.size for packet in container.demux(audio=0) if packet.size]


def decode(path: Path, *, rate: int | None = None, stereo: bool = True) -> Iterator[Samples]:
    """The file's sound as float32 blocks (n, channels), full scale 1.0, of any n.

    rate: Hz to convert to; None: the file's own. stereo: mix to two channels (a mono file is heard
    equally in both); else the file's own channels. Damaged stretches in the middle raise SoundError.
    """
    with _open(path) as container:
        try:
            many = container.streams.audio[0].codec_context.layout.nb_channels > 2
            layout = "stereo" if stereo and many else None
            resampler = av.AudioResampler(format="fltp", layout=layout, rate=rate)
            waiting: list[Samples] = []
            length = 0
            for frame in itertools.chain(container.decode(audio=0), [None]):
                for out in resampler.resample(frame):
                    waiting.append(_samples(out, stereo))
                    length += len(waiting[-1])
                # A codec's own frames are small; what follows works better on about a second.
                if length >= _BLOCK or (frame is None and length):
                    yield np.concatenate(waiting)
                    waiting, length = [], 0
        except (av.FFmpegError, ValueError) as error:
            raise SoundError(
                f"the sound cannot be decoded: {error}", where=Where(path=str(path), line=0)
            ) from None


def _samples(frame: Any, stereo: bool) -> Samples:
    channels = frame.to_ndarray()
    if stereo and channels.shape[0] == 1:
        channels = np.repeat(channels, 2, axis=0)
    return np.ascontiguousarray(channels.T, dtype=np.float32)


def _open(path: Path) -> Any:
    where = Where(path=str(path), line=0)
    if not path.is_file():
        raise SoundError("there is no such sound file", where=where)
    try:
        container = av.open(str(path), metadata_errors="replace")
    except (av.FFmpegError, OSError, ValueError):
        raise SoundError("this is not a sound file that can be read", where=where, cure=_WORKS) from None
    if not container.streams.audio:
        container.close()
        raise SoundError("this is not a sound file: there is no sound in it", where=where, cure=_WORKS)
    return container
