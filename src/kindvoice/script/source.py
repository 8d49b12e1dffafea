"""A file from outside as text, whatever wrote it."""

from __future__ import annotations

from pathlib import Path

from kindvoice.errors import ScriptError
from kindvoice.model import Where
from kindvoice.script.encoding import decode
from kindvoice.script.literal import clean

MAX_BYTES = 5_000_000
_CURE = "save it as plain text in UTF-8 (.txt or .md)"
_BEGINNINGS = {
    b"PK\x03\x04": "a word processor's file or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old word processor's file",
    b"{\\rtf": "rich text (RTF)",
    b"%PDF-": "a PDF",
    b"\x89PNG": "a picture",
}


def read_text(path: Path, what: str = "a script") -> str:
    """A text file as a person wrote it, in UTF-8 or UTF-16, cleaned.

    what: what the file was to be, for the message. Raises ScriptError naming the file and the cure.
    """
    return decoded(read_bytes(path, MAX_BYTES, what), path, what)


def read_bytes(path: Path, most: int, what: str = "a script") -> bytes:
    """At most one byte more than `most`. Raises ScriptError."""
    try:
        if path.is_dir():
            raise ScriptError(f"this is a folder, not {what}", where=Where(path=str(path), line=0))
        with path.open("rb") as file:
            return file.read(most + 1)
    except FileNotFoundError:
        raise ScriptError("there is no such file", where=Where(path=str(path), line=0)) from None
    except OSError as error:
        where = Where(path=str(path), line=0)
        raise ScriptError(f"the file cannot be read: {error.strerror}", where=where) from None


def any_text(data: bytes, path: Path) -> tuple[str, str]:
    """As `decoded`, in whatever encoding fits, and its name where it is none of Unicode's."""
    _check(data, path, "a script")
    try:
        text, encoding = decode(data)
    except UnicodeDecodeError:
        return decoded(data, path), ""
    return _tidy(text, path), "" if encoding.startswith("UTF") else encoding


def decoded(data: bytes, path: Path, what: str = "a script") -> str:
    """The bytes of a text file, or of standard input, as `read_text` gives them. path: for the message."""
    _check(data, path, what)
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = 0 if wide else data[: error.start].count(b"\n") + 1
        raise ScriptError(
            "the file is not UTF-8 text", where=Where(path=str(path), line=line), cure=_CURE
        ) from None
    return _tidy(text, path)


def _check(data: bytes, path: Path, what: str) -> None:
    where = Where(path=str(path), line=0)
    if len(data) > MAX_BYTES:
        raise ScriptError(f"the file is too large for {what}", where=where)
    for beginning, kind in _BEGINNINGS.items():
        if data.startswith(beginning):
            raise ScriptError(f"this is {kind}, not plain text", where=where, cure=_CURE)


def _tidy(text: str, path: Path) -> str:
    if "\0" in text:
        raise ScriptError("the file is not text", where=Where(path=str(path), line=0), cure=_CURE)
    return clean(text)
