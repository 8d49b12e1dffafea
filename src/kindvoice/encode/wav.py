"""WAV, 24 bits; it becomes RF64 by itself beyond 4 GB (about 4 hours)."""

from __future__ import annotations

from kindvoice.encode.base import ContainerWriter, Format, Target, Writer
from kindvoice.encode.language import three_letters
from kindvoice.encode.tags import plain_tags


def _open(target: Target) -> Writer:
    return ContainerWriter(
        target=target,
        container_format="wav",
        codec="pcm_s24le",
        sample_format="s32",
        container_options={"rf64": "auto"},
        metadata=plain_tags(target.tags, three_letters(target.tags.language)),
        rate=target.rate,
    ).open()


WAV = Format(name="wav", extension=".wav", type="audio/wav", lossy=False, open=_open, frame_bytes=6)
