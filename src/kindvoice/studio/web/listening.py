"""What a listener gets: the finished recording as a page shows it, and its files, whole or in part."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from starlette.responses import FileResponse

from kindvoice.encode import FORMATS
from kindvoice.publish.manifest import read_release
from kindvoice.publish.page.shown import File, PageTrack, shown, slug
from kindvoice.studio.host.wishes import Order

_TYPES = {
    **{format.extension: format.type for format in FORMATS.values()},
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".vtt": "text/vtt",
    ".srt": "text/plain", ".lrc": "text/plain", ".txt": "text/plain", ".json": "application/json",
}  # fmt: skip
_OF_PAGE = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


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

    further = [path for path in order.files.values() if path.parent != order.folder]
    more = [sound for path in further for sound in shown([read_release(path)])[0].sounds]
    return replace(
        track,
        sounds=tuple(map(moved, (*track.sounds, *more))),
        texts=tuple(map(moved, track.texts)),
        cover=moved(track.cover) if track.cover else None,
    )


def media_type(path: Path) -> str:
    """What a browser may show or play; a web page is only handed out to be kept."""
    return _TYPES.get(path.suffix.lower(), "application/octet-stream")


def send_file(file: File) -> FileResponse:
    """The file or the parts that a request names. Nothing is kept by browsers or on the way. Raises
    FileNotFoundError."""
    path = file.source.path
    headers = {"etag": f'"{file.source.sha256[:32]}"', "cache-control": "private, no-store"}
    return FileResponse(
        path, headers=headers, media_type=media_type(path), filename=file.name, stat_result=path.stat(),
        content_disposition_type="inline",
    )  # fmt: skip


def send_part(path: Path) -> FileResponse:
    """A file of the page where the minutes are chosen, which we made. Raises FileNotFoundError."""
    return FileResponse(
        path, media_type=_OF_PAGE.get(path.suffix) or media_type(path), stat_result=path.stat(),
        headers={"cache-control": "private, no-store"},
    )  # fmt: skip
