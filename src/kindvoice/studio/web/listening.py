"""What a listener gets: the finished recording as a page shows it, and its files, whole or in part."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import anyio
from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse

from kindvoice.model import Artifact
from kindvoice.publish.manifest import read_release
from kindvoice.publish.page.shown import SOUNDS, File, PageTrack, shown, slug
from kindvoice.studio.host.wishes import Order

CHUNK = 64 * 1024
PICTURES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
TEXTS = {".vtt": "text/vtt", ".srt": "text/plain", ".lrc": "text/plain", ".txt": "text/plain"}


def track_of(order: Order) -> PageTrack:
    """The newest finished version of an order; its files' addresses are below the page's own and name the version.

    Read anew every time (0.2 ms): the words in it are nowhere else in memory, so there is nothing to forget.
    Raises ManifestError, and FileNotFoundError where another version has just taken its place.
    """
    assert order.manifest is not None, "only what is ready can be heard"
    (track,) = shown([read_release(order.manifest)])
    stem = slug(order.wish.practice)

    def moved(file: File) -> File:
        name = stem + file.source.path.suffix.lower()
        return replace(file, href=f"v{order.ready}/{name}", name=name)

    more = [
        _further(kind, path)
        for kind, path in order.files.items()
        if kind in SOUNDS and path.parent != order.folder
    ]
    return replace(
        track,
        sounds=tuple(map(moved, (*track.sounds, *more))),
        texts=tuple(map(moved, track.texts)),
        cover=moved(track.cover) if track.cover else None,
    )


def _further(kind: str, path: Path) -> File:
    size = path.stat().st_size
    # It is written once, beside a name that says its version: what it holds need not be read for its tag.
    tag = hashlib.sha256(f"{path}:{size}".encode()).hexdigest()
    artifact = Artifact(path=path, kind=kind, sha256=tag, bytes=size)
    return File(source=artifact, href="", name=path.name, type=SOUNDS[kind])


def find_file(track: PageTrack, href: str) -> File | None:
    return next((file for file in track.files if file.href == href), None)


# ---------------------------------------------------------------- bytes


@dataclass(frozen=True, slots=True)
class FileRange:
    start: int
    stop: int


def asked_part(value: str | None, size: int) -> FileRange | None:
    """One range of bytes (RFC 9110, 14.2); None: the whole. Raises ValueError for one that lies outside.

    More than one range, another unit, and what is no range are not taken up, as the RFC allows: the answer is whole.

    >>> asked_part("bytes=10-19", 100), asked_part("bytes=-5", 100), asked_part("bytes=90-", 100)
    (FileRange(start=10, stop=20), FileRange(start=95, stop=100), FileRange(start=90, stop=100))
    >>> asked_part("bytes=0-1,5-6", 100) is None
    True
    """
    found = re.fullmatch(r"bytes=([0-9]{0,15})-([0-9]{0,15})", value or "", re.ASCII)
    if found is None or found[0] == "bytes=-":
        return None
    first, last = found[1], found[2]
    if not first:
        if int(last) == 0 or size == 0:
            raise ValueError("an empty range")
        return FileRange(max(0, size - int(last)), size)
    start, stop = int(first), min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return None
    if start >= size:
        raise ValueError("a range beyond the end")
    return FileRange(start, stop)


def send_file(file: File, headers: Headers, *, head: bool = False) -> Response:
    """The file or the part that is asked for. Nothing is kept by browsers or on the way."""
    path, size = file.source.path, file.source.bytes
    tag = f'"{file.source.sha256[:32]}"'
    own = {
        "accept-ranges": "bytes",
        "etag": tag,
        "cache-control": "private, no-store",
        "content-disposition": f'inline; filename="{_plain(file.name)}"',
    }
    type = (
        file.type
        or PICTURES.get(path.suffix.lower())
        or TEXTS.get(path.suffix.lower(), "application/octet-stream")
    )
    if headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=own)
    asked = headers.get("range") if headers.get("if-range", tag) == tag else None
    try:
        part = asked_part(asked, size)
    except ValueError:
        return Response(
            status_code=416, headers={"content-range": f"bytes */{size}", "cache-control": "no-store"}
        )
    start, stop = (part.start, part.stop) if part else (0, size)
    own["content-length"] = str(stop - start)
    if part:
        own["content-range"] = f"bytes {start}-{stop - 1}/{size}"
    status = 206 if part else 200
    if head:
        return Response(status_code=status, headers=own, media_type=type)
    return StreamingResponse(_read(path, start, stop), status_code=status, headers=own, media_type=type)


async def _read(path: Path, start: int, stop: int) -> AsyncIterator[bytes]:
    async with await anyio.open_file(path, "rb") as file:
        await file.seek(start)
        left = stop - start
        while left:
            chunk = await file.read(min(CHUNK, left))
            if not chunk:
                raise EOFError("a file is shorter than it was")
            left -= len(chunk)
            yield chunk


def _plain(name: str) -> str:
    """A name for a header: ASCII letters, digits, dots and dashes."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", name)[:100].lstrip(".") or "recording"
