"""FLAC, 24 bits: the master, at half the size of WAV."""

from __future__ import annotations

from kindvoice.encode.base import ContainerWriter, Format, Target, Writer
from kindvoice.encode.tags import VORBIS_CHAPTERS, vorbis_chapters, vorbis_tags


def _open(target: Target) -> Writer:
    return ContainerWriter(
        target=target,
        container_format="flac",
        codec="flac",
        sample_format="s32",
        metadata={**vorbis_tags(target.tags), **vorbis_chapters(target.chapters)},
        picture=True,
        rate=target.rate,
    ).open()


FLAC = Format(
    name="flac", extension=".flac", type="audio/flac", lossy=False, open=_open,
    most_chapters=VORBIS_CHAPTERS,
    frame_bytes=3.3,  # as measured on ten minutes with bells
)  # fmt: skip
