"""AAC in MP4: M4A for music players, M4B, the same with another mark, for audiobook players.

FFmpeg writes the encoder's delay into an edit list, so a player that honours it begins and ends to the sample;
FFmpeg's own decoder honours the beginning, and gives the last codec frame whole.
"""

from __future__ import annotations

from dataclasses import replace

from kindvoice.encode.base import ContainerWriter, Format, Target, Writer
from kindvoice.encode.language import three_letters
from kindvoice.encode.tags import mp4_tags

AAC_FRAME = 1024
_MOST = 255
"""FFmpeg writes chapters twice: as a track of text, which has no limit, and as Nero's list, which counts them and the
bytes of a title in one byte each. Players read the one or the other, so both say the same."""


def _open(target: Target, *, audiobook: bool) -> Writer:
    return ContainerWriter(
        target=target,
        container_format="mp4",
        codec="aac",
        sample_format="fltp",
        # faststart: a player can begin before it has the whole file
        container_options={"brand": "M4B " if audiobook else "M4A ", "movflags": "+faststart"},
        metadata=mp4_tags(target.tags, audiobook=audiobook),
        sound_metadata={"language": three_letters(target.tags.language)},
        lossy=True,
        chapters=True,
        picture=True,
        rate=target.rate,
    ).open()


def _m4a(target: Target) -> Writer:
    return _open(target, audiobook=False)


def _m4b(target: Target) -> Writer:
    return _open(target, audiobook=True)


M4A = Format(
    name="m4a", extension=".m4a", type="audio/mp4", lossy=True, open=_m4a, codec_frame=AAC_FRAME, exact=False,
    overshoot_db=0.3, most_chapters=_MOST, title_bytes=_MOST,
)  # fmt: skip
M4B = replace(M4A, name="m4b", extension=".m4b", open=_m4b)
