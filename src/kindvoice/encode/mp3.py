"""MP3 through LAME, with the gapless header that gives every decoder the exact length."""

from __future__ import annotations

import shutil

from kindvoice.encode.base import ContainerWriter, Format, Samples, Target, Writer
from kindvoice.encode.id3 import id3_tag


class _Mp3Writer:
    """MPEG frames aside, then the tag and the frames in one file."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._frames = target.path.with_name(target.path.name + ".frames")
        self._writer = ContainerWriter(
            path=self._frames,
            container_format="mp3",
            codec="libmp3lame",
            sample_format="fltp",
            bitrate=target.bitrate,
            container_options={"id3v2_version": "0", "write_id3v1": "0", "write_xing": "1"},
        ).open()

    def write(self, block: Samples) -> None:
        self._writer.write(block)

    def close(self) -> None:
        self._writer.close()
        tag = id3_tag(self._target.tags, self._target.chapters, self._target.frames)
        with self._target.path.open("wb") as out, self._frames.open("rb") as frames:
            out.write(tag)
            shutil.copyfileobj(frames, out, 1 << 20)
        self._frames.unlink()

    def abandon(self) -> None:
        self._writer.abandon()


def _open(target: Target) -> Writer:
    return _Mp3Writer(target)


MP3 = Format(name="mp3", extension=".mp3", lossy=True, open=_open, overshoot_db=0.5)
MP3_FRAME = 1152
"""Samples of one MPEG-1 layer III frame."""
