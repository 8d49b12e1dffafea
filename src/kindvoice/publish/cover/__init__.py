"""Covers: one that kindvoice draws, or the user's own picture."""

from __future__ import annotations

from pathlib import Path

from kindvoice.model import Picture
from kindvoice.publish.cover.draw import SIZE, SMALLEST, draw_cover
from kindvoice.publish.cover.lettering import drawn_text, missing_letters
from kindvoice.publish.cover.own import check_picture, own_bytes

__all__ = [
    "SIZE",
    "SMALLEST",
    "check_picture",
    "copy_cover",
    "cover_ending",
    "draw_cover",
    "drawn_text",
    "missing_letters",
    "own_bytes",
]

_ENDINGS = {"image/jpeg": ".cover.jpg", "image/png": ".cover.png"}


def cover_ending(picture: Picture | None) -> str:
    """Of a cover's name. None: of one that is drawn."""
    return _ENDINGS[picture.type if picture is not None else "image/jpeg"]


def copy_cover(source: Path, folder: Path, name: str) -> Picture:
    """The user's picture, bare, as NAME.cover.jpg or NAME.cover.png in a folder of our own. Raises SettingsError (as
    check_picture) and OSError."""
    picture = check_picture(source)
    path = folder / f"{name}{cover_ending(picture)}"
    path.write_bytes(own_bytes(source))
    return Picture(path=path, type=picture.type, width=picture.width, height=picture.height)
