"""MP3 at a constant bit rate, with the gapless header that gives every decoder the exact length."""

from __future__ import annotations

import io
import itertools
import shutil
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

import numpy as np

from kindvoice.encode.base import Format, Frames, Samples, Target, frames_at
from kindvoice.encode.id3 import MOST_CHAPTERS, id3_tag
from kindvoice.encode.lame import FRAME, decode_frames, frame_bytes, frame_count, identity, open_lame
from kindvoice.encode.xing import crc16_each, crc16_joined, crc16_of_file, info_frame
from kindvoice.units import RATE


class _StretchEncoder:
    """One LAME for all: without a bit reservoir it forgets what came before."""

    def __init__(self, bitrate: int) -> None:
        self._out, self._counts, self._bytes = io.BytesIO(), list[int](), frame_bytes(bitrate, RATE)
        self._lame = open_lame(self._out, bitrate, RATE)

    def write(self, sound: Samples) -> None:
        self._lame.write(sound)
        self._counts.append(len(sound) // FRAME)

    def close(self) -> list[list[bytes]]:
        self._lame.close()
        data, size = self._out.getvalue(), self._bytes
        each = (data[at : at + size] for at in range(0, len(data), size))
        return [list(itertools.islice(each, count)) for count in self._counts]

    def abandon(self) -> None:
        self._lame.abandon()


class _Mpeg:
    """MPEG-1 layer III. The numbers of its frames are their crc16."""

    name, frame = "mp3", FRAME

    def identity(self) -> str:
        return identity()

    def count(self, frames: int) -> int:
        return frame_count(frames)

    def open(self, bitrate: int) -> _StretchEncoder:
        return _StretchEncoder(bitrate)

    def decode(self, frames: Iterable[bytes]) -> Iterator[Samples]:
        return decode_frames(frames)

    def packed(self, frames: Sequence[bytes]) -> Frames:
        data = b"".join(frames)
        return Frames(data, crc16_each(np.frombuffer(data, np.uint8).reshape(len(frames), -1)))

    def bounds(self, frames: Frames) -> Sequence[int]:
        return range(0, len(frames.data) + 1, len(frames.data) // len(frames.numbers))


def _join(target: Target, pieces: Iterable[Frames]) -> None:
    tag = id3_tag(target.tags, target.chapters, target.frames, target.cover)
    length = frame_bytes(target.bitrate, target.rate)
    crc = count = 0
    with target.path.open("wb") as out:
        out.write(tag)
        out.write(bytes(length))
        for piece in pieces:
            out.write(piece.data)
            crc = crc16_joined(piece.numbers.tolist(), length, crc)
            count += len(piece.numbers)
        out.seek(len(tag))
        out.write(info_frame(target.bitrate, target.rate, target.frames, count, count * length, crc))


class _Mp3Writer:
    """A whole programme through one encoder, its frames kept aside until all are there."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._aside = target.path.with_name(target.path.name + ".frames")
        self._frames: IO[bytes] = self._aside.open("w+b")
        self._lame = open_lame(self._frames, target.bitrate, target.rate)

    def write(self, block: Samples) -> None:
        self._lame.write(block)

    def close(self) -> None:
        self._lame.close()
        target = self._target
        frames = frames_at(target.frames, target.rate)
        self._frames.seek(0)
        crc, size = crc16_of_file(self._frames)
        with target.path.open("wb") as out:
            out.write(id3_tag(target.tags, target.chapters, target.frames, target.cover))
            out.write(info_frame(target.bitrate, target.rate, frames, frame_count(frames), size, crc))
            self._frames.seek(0)
            shutil.copyfileobj(self._frames, out, 1 << 20)
        self._remove()

    def abandon(self) -> None:
        self._lame.abandon()
        self._remove()

    def _remove(self) -> None:
        self._frames.close()
        self._aside.unlink(missing_ok=True)


MP3 = Format(
    name="mp3",
    extension=".mp3",
    type="audio/mpeg",
    lossy=True,
    open=_Mp3Writer,
    codec=_Mpeg(),
    join=_join,
    codec_frame=FRAME,
    overshoot_db=0.45,
    most_chapters=MOST_CHAPTERS,
)
