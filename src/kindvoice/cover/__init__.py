"""Covers: one that kindvoice draws, or the user's own picture.

draw_cover    draws one: a JPEG
copy_cover    the user's, checked and made bare: NAME.cover.jpg or NAME.cover.png
check_picture whether the user's picture will do, before anything is spoken
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from kindvoice.cover.draw import LARGEST, SIZE, SMALLEST, draw_cover
from kindvoice.cover.lettering import drawn_text, missing_letters
from kindvoice.cover.own import check_picture, own_bytes
from kindvoice.errors import OutputError
from kindvoice.model import Picture

__all__ = [
    "LARGEST",
    "SIZE",
    "SMALLEST",
    "check_picture",
    "copy_cover",
    "draw_cover",
    "drawn_text",
    "missing_letters",
    "own_bytes",
]

_ENDINGS = {"image/jpeg": ".cover.jpg", "image/png": ".cover.png"}


def copy_cover(source: Path, folder: Path, name: str) -> Picture:
    """The user's picture, bare, as NAME.cover.jpg or NAME.cover.png. Raises SettingsError (as check_picture) and
    OutputError."""
    picture = check_picture(source)
    path = _write(folder / f"{name}{_ENDINGS[picture.type]}", own_bytes(source))
    return Picture(path=path, type=picture.type, width=picture.width, height=picture.height)


def _write(path: Path, data: bytes) -> Path:
    part = path.with_name(f".kindvoice-{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(
            f"the cover {path} cannot be written: {error.strerror or os.strerror(error.errno or 0)}",
            cure="name another folder, or make room on the disk",
        ) from None
    return path
