"""Any length of a practice on one page: every different piece of its MP3s once, and a recipe for each of them.

MPEG frames of a constant bit rate at 48 kHz, without a bit reservoir, stand by themselves, and lengths of one practice
share nearly all of theirs. A page that is opened from the disk can fetch nothing but scripts, so the pieces lie in
scripts, as base64, and a browser puts the file together.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, NamedTuple

from kindvoice.model import Artifact, Release
from kindvoice.publish.page.shown import MEDIA, Assembly, File, LengthLink, PageTrack, shown
from kindvoice.publish.page.words import words_for

CHUNK_BYTES = 1_200_000
"""of sound in one script: its base64 needs no padding"""
_FRAMES_AT_ONCE = 4_096

Ranges = Sequence[tuple[int, int]]
"""(offset, length) of bytes of the pool, which one after the other make a file"""


class LengthChoice(NamedTuple):
    minutes: int
    bell: bool = True
    bed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthVariant:
    """One recording of the page. Its MP3 need not be there any more: it lies in the pool."""

    choice: LengthChoice
    release: Release
    ranges: Ranges


def first_frame(mp3: IO[bytes]) -> int:
    """Where a file's MPEG frames begin, behind its ID3 tag."""
    mp3.seek(0)
    head = mp3.read(10)
    size = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=False))
    return 10 + size if head.startswith(b"ID3") else 0


def pieces_of(mp3: Path, frame_bytes: int, cover: bytes) -> Iterator[bytes]:
    """A file in pieces that others may have too: its tag, with the cover by itself, and its frames.

    frame_bytes: of every MPEG frame. The pieces are the whole file, whatever is in it.
    """
    with mp3.open("rb") as file:
        size = first_frame(file)
        file.seek(0)
        tag = file.read(size)
        before, picture, after = tag.partition(cover) if cover else (tag, b"", b"")
        yield from (piece for piece in (before, picture, after) if piece)
        while data := file.read(_FRAMES_AT_ONCE * frame_bytes):
            for at in range(0, len(data), frame_bytes):
                yield data[at : at + frame_bytes]


class SoundPool:
    """Every different piece once, in scripts of CHUNK_BYTES each. Only what the open script will hold is in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._offsets: dict[bytes, int] = {}
        self.bytes = 0
        """of all pieces"""
        self._open = bytearray()
        self._chunks: list[File] = []

    def add(self, pieces: Iterable[bytes]) -> Ranges:
        ranges: list[tuple[int, int]] = []
        start = stop = 0
        for piece in pieces:
            offset = self._offset(piece)
            if offset != stop:
                if start < stop:
                    ranges.append((start, stop - start))
                start = offset
            stop = offset + len(piece)
        return [*ranges, (start, stop - start)]

    def _offset(self, piece: bytes) -> int:
        offset = self._offsets.setdefault(hashlib.blake2b(piece, digest_size=16).digest(), self.bytes)
        if offset == self.bytes:
            self.bytes += len(piece)
            self._open += piece
            while len(self._open) >= CHUNK_BYTES:
                self._write()
        return offset

    def chunks(self) -> Sequence[File]:
        """The scripts in order, when everything is in them."""
        while self._open:
            self._write()
        return self._chunks

    def _write(self) -> None:
        number, data = len(self._chunks), self._open[:CHUNK_BYTES]
        del self._open[:CHUNK_BYTES]
        script = b'kindvoice.sound(%d, "%s");\n' % (number, base64.b64encode(data))
        path = self._folder / f"sound-{number}.js"
        path.write_bytes(script)
        source = Artifact(
            path=path, kind="sound", sha256=hashlib.sha256(script).hexdigest(), bytes=len(script)
        )
        self._chunks.append(File(source=source, href=f"{MEDIA}/{path.name}", name=path.name, type=""))


def lengths_shown(
    variants: Sequence[LengthVariant], chunks: Sequence[File], usual_minutes: int, title: str | None
) -> tuple[PageTrack, ...]:
    """usual_minutes: the page that is opened is of the length next to it, with all that is heard in it."""
    tracks = shown([variant.release for variant in variants])
    choices = [variant.choice for variant in variants]
    first = min(choices, key=lambda c: (abs(c.minutes - usual_minutes), not c.bell, not c.bed))
    pages = {
        choice: "index.html" if choice == first else track.page
        for choice, track in zip(choices, tracks, strict=True)
    }
    return tuple(
        replace(
            track,
            page=pages[variant.choice],
            title=title or track.title,
            assembly=_assembly(variant, chunks, pages),
        )
        for variant, track in zip(variants, tracks, strict=True)
    )


def _assembly(variant: LengthVariant, chunks: Sequence[File], pages: dict[LengthChoice, str]) -> Assembly:
    needed = {
        number
        for offset, length in variant.ranges
        for number in range(offset // CHUNK_BYTES, (offset + length - 1) // CHUNK_BYTES + 1)
    }
    return Assembly(
        ranges=" ".join(f"{offset}+{length}" for offset, length in variant.ranges),
        chunks=tuple(chunks[number] for number in sorted(needed)),
        chunk_bytes=CHUNK_BYTES,
        rows=tuple(_rows(variant, pages)),
    )


def _rows(variant: LengthVariant, pages: dict[LengthChoice, str]) -> Iterator[tuple[LengthLink, ...]]:
    """The other pages that differ from this one in their minutes, in their bell, in their bed."""
    chosen, words = variant.choice, words_for(variant.release.tags.language)
    yes_or_no = (True, False)
    minutes = sorted({choice.minutes for choice in pages})
    for row in (
        [(chosen._replace(minutes=count), str(count)) for count in minutes],
        [(chosen._replace(bell=yes), words["with_bell" if yes else "without_bell"]) for yes in yes_or_no],
        [(chosen._replace(bed=yes), words["with_bed" if yes else "without_bed"]) for yes in yes_or_no],
    ):
        links = tuple(
            LengthLink(page=pages[choice], text=text, chosen=choice == chosen)
            for choice, text in row
            if choice in pages
        )
        if len(links) > 1:
            yield links
