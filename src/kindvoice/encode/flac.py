"""FLAC, 24 bits: the master, at half the size of WAV."""

from __future__ import annotations

from kindvoice.encode.base import ContainerWriter, Format, Target, Writer
from kindvoice.encode.tags import plain_tags


def _open(target: Target) -> Writer:
    return ContainerWriter(
        path=target.path,
        container_format="flac",
        codec="flac",
        sample_format="s32",
        # A Vorbis comment gives the language as people write it.
        metadata=plain_tags(target.tags, target.tags.language),
    ).open()


FLAC = Format(name="flac", extension=".flac", lossy=False, open=_open)
