"""The user's own picture: is it one that players take, and what of it goes into a file that is handed out.

A photograph tells where and when and by whom it was taken, often holds a second, uncut picture, and may say that it
is to be turned before it is shown. Only the picture itself is kept, byte for byte where it stands upright already.
"""

from __future__ import annotations

import io
import stat
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageOps

from kindvoice.errors import SettingsError
from kindvoice.model import Picture
from kindvoice.publish.cover.draw import LARGEST, SMALLEST

MAX_OWN_BYTES = 2 * 1024 * 1024
"""it is copied into every file that is made"""

_TYPES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png"}
_WANTED = f"a cover is a square JPEG or PNG in RGB, {SMALLEST} to {LARGEST} pixels a side"
_ORIENTATION = 0x0112
_AGAIN_QUALITY = 95
_MOST_SCANS = 32
"""of a progressive JPEG; ten are usual, and each goes over the whole picture, however few bytes it has"""
_PNG = b"\x89PNG\r\n\x1a\n"
_BROKEN = (OSError, ValueError, SyntaxError, struct.error, LookupError, TypeError, EOFError, OverflowError)
"""what Pillow raises over a damaged file"""
_MODES = {
    "CMYK": ("is made for print (CMYK)", "save it in RGB, as for the web"),
    "RGBA": ("has transparent parts", "save it without transparency, as a JPEG for instance"),
    "LA": ("has transparent parts", "save it without transparency, as a JPEG for instance"),
    "P": ("has a palette of few colours", "save it in RGB, as a JPEG for instance"),
    "other": ("has other colours than RGB of 8 bits", "save it in RGB of 8 bits"),
    "1": ("is in black and white without greys", "save it in RGB, as a JPEG for instance"),
}


def check_picture(path: Path) -> Picture:
    """The picture as it will be in a finished file: its type by what is in it, its size as it is shown.

    Raises SettingsError, with what is wanted and the cure, for anything that a player might refuse.
    """
    _, image = _checked(path)
    return Picture(path=path, type=_TYPES[image.format or ""], width=image.width, height=image.height)


def own_bytes(path: Path) -> bytes:
    """What may be handed out of a picture that check_picture takes: upright, and without a word about its maker.

    The picture's own data are kept as they are; only one that has to be turned is compressed again.
    Raises what check_picture raises.
    """
    bare, image = _checked(path)
    try:
        with _quiet():
            upright = ImageOps.exif_transpose(image) if image.getexif().get(_ORIENTATION, 1) != 1 else None
    except _BROKEN:
        upright = None  # no way up can be read from it, so none is told
    if upright is not None:
        return _again(upright, image)
    return bare


# ---------------------------------------------------------------- checks


def _checked(path: Path) -> tuple[bytes, Image.Image]:
    """The file without a word about its maker, and its picture."""
    data, image = _opened(path)
    _check_shape(path, image)
    try:
        if image.format == "PNG" and data[24:25] == b"\x10":
            raise _refused(path, "has 16 bits a colour", "save it with 8 bits a colour")
        bare = bare_png(data) if image.format == "PNG" else bare_jpeg(data)
        with _quiet():
            image.load()
    except _BROKEN:
        raise _damaged(path) from None
    return bare, image


def _opened(path: Path) -> tuple[bytes, Image.Image]:
    """The file and its picture, of which only the head has been read."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise _refused(path, "is not a file", "name the picture itself")
        if status.st_size > MAX_OWN_BYTES:
            what = f"has {status.st_size / 1024 / 1024:.1f} MB, and it would be in every file that is made"
            most = f"at most {MAX_OWN_BYTES // 1024 // 1024} MB"
            raise _refused(path, what, f"save it with {most}, as a JPEG of 1600 pixels for instance")
        data = path.read_bytes()
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror}", "check the name") from None
    except ValueError:
        raise _refused(path, "cannot be read: no file has such a name", "check the name") from None
    try:
        # It warns of a huge picture: the size is looked at next, before anything is unpacked.
        with _quiet():
            return data, Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
    except Image.DecompressionBombError:
        raise _refused(path, "is far too large", f"make it {SMALLEST} to {LARGEST} pixels a side") from None
    except _BROKEN:
        if data.startswith((b"\xff\xd8\xff", _PNG)):
            raise _damaged(path) from None
        what = "is neither a JPEG nor a PNG, whatever its name says" if data else "is empty"
        raise _refused(path, what, "save the picture as a JPEG or a PNG") from None


def _check_shape(path: Path, image: Image.Image) -> None:
    wide, tall = image.size
    if wide != tall:
        raise _refused(path, f"has {wide} x {tall} pixels and is not square", "cut it to a square")
    if not SMALLEST <= wide <= LARGEST:
        what = f"has {wide} x {tall} pixels and is too {'small' if wide < SMALLEST else 'large'}"
        raise _refused(path, what, f"make it {SMALLEST} to {LARGEST} pixels a side")
    mode = "RGBA" if "transparency" in image.info else image.mode
    if mode not in ("RGB", "L"):
        raise _refused(path, *_MODES.get(mode, _MODES["other"]))
    if getattr(image, "n_frames", 1) > 1 and image.format == "PNG":
        raise _refused(path, "moves", "save one picture of it as a PNG or a JPEG")


def _damaged(path: Path) -> SettingsError:
    return _refused(path, "is damaged or ends too early", "copy or save it once more")


def _refused(path: Path, what: str, cure: str) -> SettingsError:
    return SettingsError(f"the picture {path} {what}", cure=f"{cure}; {_WANTED}")


@contextmanager
def _quiet() -> Iterator[None]:
    """Pillow warns of oddities that are of no use to whoever chose the picture."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


# ---------------------------------------------------------------- nothing but the picture


def _again(upright: Image.Image, image: Image.Image) -> bytes:
    profile = image.info.get("icc_profile")
    clean = Image.frombytes(upright.mode, upright.size, upright.tobytes())
    out = io.BytesIO()
    if image.format == "PNG":
        clean.save(out, "PNG", optimize=True, icc_profile=profile)
    else:
        clean.save(out, "JPEG", quality=_AGAIN_QUALITY, subsampling="4:4:4", icc_profile=profile)
    return out.getvalue()


def bare_jpeg(data: bytes) -> bytes:
    """The same JPEG with what is needed to show it: tables, frame, scans, colour profile.

    Left out are the application's segments (EXIF, XMP, IPTC, thumbnails, further pictures), comments, and whatever
    comes after the end. Marker codes are from ITU-T T.81, B.1. Raises ValueError where there is no end,
    or no end of scans.
    """
    if data[:2] != b"\xff\xd8":
        raise ValueError("no start of image")
    out = bytearray(b"\xff\xd8")
    at, scans = 2, 0
    while True:
        if data[at] != 0xFF:
            raise ValueError("no marker where one is due")
        while data[at + 1] == 0xFF:
            at += 1
        code = data[at + 1]
        if code == 0xD9:
            return bytes(out + b"\xff\xd9")
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        segment = data[at : at + 2 + length]
        if length < 2 or len(segment) < 2 + length:
            raise ValueError("a segment is cut off")
        at += len(segment)
        out += _kept(code, segment)
        if code == 0xDA:
            scans += 1
            if scans > _MOST_SCANS:
                raise ValueError("too many scans")
            stop = _end_of_scan(data, at)
            out += data[at:stop]
            at = stop


def _kept(code: int, segment: bytes) -> bytes:
    if code == 0xE0:
        # JFIF: version, density, and no thumbnail.
        return b"\xff\xe0\x00\x10" + segment[4:16] + b"\0\0" if segment[4:9] == b"JFIF\0" else b""
    if code == 0xE2:
        return segment if segment[4:16] == b"ICC_PROFILE\0" else b""
    if code == 0xEE:
        return segment if segment[4:9] == b"Adobe" else b""  # tells how the colours were turned
    return b"" if 0xE1 <= code <= 0xEF or code == 0xFE else segment


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the next marker is: 0xFF that is neither stuffed (0x00) nor a restart (0xD0 to 0xD7)."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise ValueError("no end of image")
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 2


_PNG_KEPT = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"cICP")
)


def bare_png(data: bytes) -> bytes:
    """The same PNG with its picture and its colours' meaning; no text, time, EXIF or anything after the end.

    Raises ValueError where there is no end.
    """
    if data[:8] != _PNG:
        raise ValueError("no PNG signature")
    out = bytearray(data[:8])
    at = 8
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        chunk = data[at : at + 12 + length]
        if len(chunk) < 12 + length:
            break
        out += chunk if kind in _PNG_KEPT else b""
        at += len(chunk)
        if kind == b"IEND":
            return bytes(out)
    raise ValueError("no end of image")
