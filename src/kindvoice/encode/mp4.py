"""AAC in MP4: M4A for music players, M4B, the same with another mark, for audiobook players.

FFmpeg writes the encoder's delay into an edit list, so a player that honours it begins and ends to the sample;
FFmpeg's own decoder honours the beginning, and gives the last codec frame whole.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator

from kindvoice.encode.aac import AAC, FRAME, OPTIONS
from kindvoice.encode.base import ContainerWriter, Format, Frames, Target
from kindvoice.encode.language import three_letters
from kindvoice.encode.mp3 import MP3
from kindvoice.encode.tags import mp4_tags

_MOST = 255
"""FFmpeg writes chapters twice: as a track of text, which has no limit, and as Nero's list, which counts them and the
bytes of a title in one byte each. Players read the one or the other, so both say the same."""


def _open(target: Target, *, audiobook: bool) -> ContainerWriter:
    return ContainerWriter(
        target=target,
        container_format="mp4",
        codec="aac",
        codec_options=OPTIONS,
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


def _join(target: Target, pieces: Iterable[Frames], *, audiobook: bool) -> None:
    def packets() -> Iterator[bytes]:
        for piece in pieces:
            for start, stop in itertools.pairwise(AAC.bounds(piece)):
                yield piece.data[start:stop]

    writer = _open(target, audiobook=audiobook)
    try:
        writer.join(packets(), FRAME, FRAME)
    except BaseException:
        writer.abandon()
        raise


def _format(name: str, *, audiobook: bool) -> Format:
    return Format(
        name=name, extension=f".{name}", type="audio/mp4", lossy=True, codec_frame=FRAME, exact=False,
        codec=AAC, overshoot_db=MP3.overshoot_db, most_chapters=_MOST, title_bytes=_MOST,
        open=functools.partial(_open, audiobook=audiobook), join=functools.partial(_join, audiobook=audiobook),
    )  # fmt: skip


M4A = _format("m4a", audiobook=False)
M4B = _format("m4b", audiobook=True)
