"""Tags under the names that FFmpeg and its containers give them."""

from __future__ import annotations

import base64
import struct
import textwrap
from collections.abc import Sequence

from kindvoice.model import ChapterMark, Picture, Tags
from kindvoice.units import frames_to_ms, stamp

FRONT_COVER = 3
"""the picture type that ID3, FLAC and Ogg share"""


def plain_tags(tags: Tags, language: str) -> dict[str, str]:
    """What every container has a place for. language: the code as the container wants it."""
    return _given(
        {
            "title": tags.title,
            "artist": tags.artist,
            "album": tags.album,
            "date": tags.date,
            "genre": tags.genre,
            "copyright": tags.copyright,
            "language": language,
            "comment": tags.comment,
            "track": number_of(tags.track, tags.tracks),
        }
    )


def mp4_tags(tags: Tags, *, audiobook: bool) -> dict[str, str]:
    """media_type 2 puts a file among the audiobooks, 1 among the music: Apple's `stik` atom. A description is its
    `desc`, of 255 characters at most, a synopsis its `ldes`."""
    return {
        **plain_tags(tags, ""),
        **_given(
            {
                "album_artist": tags.artist,
                "disc": number_of(tags.disc, tags.discs),
                "lyrics": tags.lyrics,
                "description": textwrap.shorten(tags.about, _MOST_DESC, placeholder=" …"),
                "synopsis": tags.about,
                "media_type": "2" if audiobook else "1",
            }
        ),
    }


_MOST_DESC = 255


def vorbis_tags(tags: Tags) -> dict[str, str]:
    """Vorbis comments, for FLAC, Ogg and Opus; the language as people write it."""
    comments = plain_tags(tags, tags.language)
    comments |= _given(
        {
            "track": number_of(tags.track, None),
            "TRACKTOTAL": number_of(tags.tracks, None),
            "disc": number_of(tags.disc, None),
            "DISCTOTAL": number_of(tags.discs, None),
            "LICENSE": tags.licence,
            "LYRICS": tags.lyrics,
        }
    )
    return comments


VORBIS_CHAPTERS = 1000
"""CHAPTER000 to CHAPTER999"""


def vorbis_chapters(chapters: Sequence[ChapterMark]) -> dict[str, str]:
    """CHAPTER000=00:00:00.000 and CHAPTER000NAME, after the Ogg chapter extension of the Vorbis comment."""
    comments = {}
    for number, chapter in enumerate(chapters):
        comments[f"CHAPTER{number:03d}"] = stamp(frames_to_ms(chapter.start_frame))
        comments[f"CHAPTER{number:03d}NAME"] = chapter.title
    return comments


def vorbis_picture(cover: Picture) -> dict[str, str]:
    """The cover as Ogg carries it: a FLAC picture block in base64."""
    kind, picture = cover.type.encode("ascii"), cover.path.read_bytes()
    block = (
        struct.pack(">II", FRONT_COVER, len(kind))
        + kind
        + struct.pack(">6I", 0, cover.width, cover.height, 24, 0, len(picture))
        + picture
    )
    return {"METADATA_BLOCK_PICTURE": base64.b64encode(block).decode("ascii")}


def number_of(number: int | None, of: int | None) -> str:
    """3/8, 3, or nothing.

    >>> number_of(3, 8), number_of(3, None), number_of(None, 8)
    ('3/8', '3', '')
    """
    if number is None:
        return ""
    return f"{number}/{of}" if of is not None else str(number)


def _given(values: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}
