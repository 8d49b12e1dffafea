"""Whatever people bring as a text that can be read as a script. A new format: one file, and one line here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from kindvoice.errors import ScriptError
from kindvoice.model import Unspoken, Where
from kindvoice.script.frame import unwrap
from kindvoice.script.imports.base import (
    MAX_FILE,
    MAX_LINES,
    MAX_TEXT,
    BinaryFormat,
    ReadLine,
    TextFormat,
    too_long,
)  # fmt: skip
from kindvoice.script.imports.docx import DOCX
from kindvoice.script.imports.jsonscript import JSON
from kindvoice.script.imports.odt import ODT
from kindvoice.script.imports.page import HTML
from kindvoice.script.imports.rtf import RTF
from kindvoice.script.imports.subtitles import SUBTITLES
from kindvoice.script.literal import clean
from kindvoice.script.source import any_text, read_bytes

__all__ = ["MAX_FILE", "Document", "read_document"]

_BINARY: tuple[BinaryFormat, ...] = (DOCX, ODT, RTF)
_TEXTS: tuple[TextFormat, ...] = (JSON, HTML, SUBTITLES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file from outside as the text of a script."""

    text: str
    """cleaned; Markdown with cues, or SSML"""
    numbers: tuple[int, ...] = ()
    """of each line, the one in the file; empty, or 0: the line's own"""
    unspoken: tuple[Unspoken, ...] = ()
    """what the file holds beside"""
    encoding: str = ""
    """that was recognised, where it is none that the file itself says"""


def read_document(path: Path, written: str | bytes | None = None) -> Document:
    """written: what is read instead of the file; a text is cleaned. Raises ScriptError with file and line."""
    data = read_bytes(path, MAX_FILE) if written is None else written
    where = Where(path=str(path), line=0)
    if isinstance(data, bytes):
        if len(data) > MAX_FILE:
            raise ScriptError("the file is too large for a script", where=where)
        for binary in _BINARY:
            if binary.begins(data):
                return _gathered(binary.lines(data, where), where)
        text, encoding = any_text(data, path)
    else:
        text, encoding = data, ""
    text, around = unwrap(text, str(path))
    for form in _TEXTS:
        if path.suffix.lower() in form.suffixes or form.begins(text):
            document = _gathered(form.lines(text, where), where)
            return replace(document, unspoken=(*around, *document.unspoken), encoding=encoding)
    return Document(text=text, unspoken=around, encoding=encoding)


def _gathered(lines: Iterable[ReadLine], where: Where) -> Document:
    texts: list[str] = []
    numbers: list[int] = []
    unspoken: list[Unspoken] = []
    size = 0
    for count, line in enumerate(lines):
        text = clean(line.text).replace("\n", " ")
        size += len(text) + 1
        if size > MAX_TEXT or count > MAX_LINES:
            raise too_long(where)
        if line.reason:
            place = replace(where, line=line.number or len(texts) + 1)
            unspoken.append(Unspoken(text=text, reason=line.reason, where=place))
        elif text or (texts and texts[-1]):  # one empty line says as much as several
            texts.append(text)
            numbers.append(line.number)
    return Document(text="\n".join(texts), numbers=tuple(numbers), unspoken=tuple(unspoken))
