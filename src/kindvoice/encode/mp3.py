"""MP3 at a constant bit rate, with the gapless header that gives every decoder the exact length."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from typing import IO

from kindvoice.encode.base import Format, Samples, Target, frames_at
from kindvoice.encode.id3 import MOST_CHAPTERS, id3_tag
from kindvoice.encode.lame import FRAME, frame_bytes, frame_count, open_lame
from kindvoice.encode.xing import crc16_joined, crc16_of_file, info_frame


def write_mp3(target: Target, pieces: Iterable[tuple[bytes, Sequence[int]]]) -> None:
    """A finished file of MPEG frames at 48 kHz that stand by themselves.

    pieces: any number of whole frames, and the crc16 of each of them; frame_count(target.frames) in all.
    """
    tag = id3_tag(target.tags, target.chapters, target.frames, target.cover)
    length = frame_bytes(target.bitrate, target.rate)
    crc = count = 0
    with target.path.open("wb") as out:
        out.write(tag)
        out.write(bytes(length))
        for frames, crcs in pieces:
            out.write(frames)
            crc = crc16_joined(crcs, length, crc)
            count += len(crcs)
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
    codec_frame=FRAME,
    overshoot_db=0.45,
    most_chapters=MOST_CHAPTERS,
)
