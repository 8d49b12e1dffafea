"""An ID3v2.3 tag: text, comment, lyrics, cover, chapters.

Version 2.3 is what every player reads. FFmpeg writes a comment as a user text frame, which players do not
show, so the tag is our own. Layout after the specification at id3.org: "ID3 tag version 2.3.0" and
"ID3v2 Chapter Frame Addendum 1.0".
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from kindvoice.encode.language import three_letters
from kindvoice.encode.tags import FRONT_COVER, number_of
from kindvoice.model import ChapterMark, Picture, Tags
from kindvoice.units import FRAMES_PER_MS

_NO_OFFSET = 0xFFFFFFFF
MOST_CHAPTERS = 255
"""the contents frame counts its entries in one byte"""


def id3_tag(tags: Tags, chapters: Sequence[ChapterMark], frames: int, cover: Picture | None = None) -> bytes:
    """The whole tag, to stand before the first MPEG frame.

    chapters: at most MOST_CHAPTERS, in order, the first at frame 0; each lasts until the next, the last until `frames`.
    """
    language = three_letters(tags.language)
    body = b"".join(
        _text(name, value)
        for name, value in (
            ("TIT2", tags.title), ("TPE1", tags.artist), ("TPE2", tags.artist if tags.album else ""),
            ("TALB", tags.album), ("TRCK", number_of(tags.track, tags.tracks)),
            ("TPOS", number_of(tags.disc, tags.discs)), ("TYER", tags.date[:4]), ("TDAT", _day_and_month(tags.date)),
            ("TCON", tags.genre), ("TCOP", tags.copyright), ("TLAN", language),
        )
        if value
    )  # fmt: skip
    if tags.licence:
        body += _frame("TXXX", b"\x01" + _utf16("LICENSE") + b"\0\0" + _utf16(tags.licence))
    for name, text in (("COMM", tags.comment), ("USLT", tags.lyrics)):
        if text:
            body += _frame(name, b"\x01" + language.encode() + _utf16("") + b"\0\0" + _utf16(text))
    if cover is not None:
        kind = cover.type.encode("ascii") + b"\0"
        body += _frame("APIC", b"\0" + kind + bytes([FRONT_COVER]) + b"\0" + cover.path.read_bytes())
    body += _chapters(chapters, frames)
    return b"ID3\x03\x00\x00" + _syncsafe(len(body)) + body


def _day_and_month(date: str) -> str:
    """DDMM, when both are known; version 2.3 has no other place for them."""
    return date[8:10] + date[5:7] if len(date) == 10 else ""


def _chapters(chapters: Sequence[ChapterMark], frames: int) -> bytes:
    if not chapters:
        return b""
    names = [f"ch{i}".encode() + b"\0" for i in range(len(chapters))]
    # 3: this is the top of the contents, and its entries are in order
    contents = _frame("CTOC", b"toc\0" + bytes([3, len(chapters)]) + b"".join(names))
    stops = [*(chapter.start_frame for chapter in chapters[1:]), frames]
    for name, chapter, stop in zip(names, chapters, stops, strict=True):
        # A player stops at the last chapter's end: it is rounded up so that nothing is cut.
        times = struct.pack(
            ">4I", chapter.start_frame // FRAMES_PER_MS, -(-stop // FRAMES_PER_MS), _NO_OFFSET, _NO_OFFSET
        )
        contents += _frame("CHAP", name + times + _text("TIT2", chapter.title))
    return contents


def _text(name: str, value: str) -> bytes:
    return _frame(name, b"\0" + value.encode("ascii") if value.isascii() else b"\x01" + _utf16(value))


def _utf16(value: str) -> bytes:
    return b"\xff\xfe" + value.encode("utf-16-le")


def _frame(name: str, content: bytes) -> bytes:
    return name.encode() + struct.pack(">I", len(content)) + b"\0\0" + content


def _syncsafe(size: int) -> bytes:
    """Four bytes of seven bits each."""
    return bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
