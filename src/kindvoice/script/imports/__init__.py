"""Whatever people bring as a text that can be read as a script. A new format: one file, and one line here.

A format's file is imported when a script may be in it, so that reading one that somebody wrote pays for none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import cast

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
from kindvoice.script.literal import clean
from kindvoice.script.source import any_text, read_bytes

__all__ = ["MAX_FILE", "Document", "read_document"]

_BINARY = {"docx": b"PK", "odt": b"PK", "rtf": b"{"}
"""by file: the first bytes of all that it reads"""
_TEXTS = {
    "jsonscript": ((".json", ".jsonl"), re.compile(r"\s*[\[{]")),
    "page": ((".html", ".htm", ".xhtml"), re.compile(r"\s*<")),
    "subtitles": ((".srt", ".vtt"), re.compile(r"\s*[W\d]")),
    "yamlscript": ((".yaml", ".yml"), re.compile(r"\s*(?:[\w-]{1,40}:|- )")),
    "codescript": (
        (".ts", ".tsx", ".js", ".mjs", ".jsx", ".py"),
        re.compile(r"\s*(?:[/#\"']|(?:import|from|export|const|let|var|module|\w{1,40} ?[:=])\b)"),
    ),
}
"""by file: endings of names, and how a text begins that may be in it whatever it is called"""


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
        for name, first in _BINARY.items():
            if data.startswith(first) and (binary := cast(BinaryFormat, _format(name))).begins(data):
                return _gathered(binary.lines(data, where), where)
        text, encoding = any_text(data, path)
    else:
        text, encoding = data, ""
    text, around = unwrap(text, str(path))
    for name, (suffixes, beginning) in _TEXTS.items():
        called = path.suffix.lower() in suffixes
        if not called and not beginning.match(text):
            continue
        form = cast(TextFormat, _format(name))
        if called or form.begins(text):
            document = _gathered(form.lines(text, where), where)
            return replace(document, unspoken=(*around, *document.unspoken), encoding=encoding)
    return Document(text=text, unspoken=around, encoding=encoding)


def _format(name: str) -> object:
    return import_module(f"kindvoice.script.imports.{name}").FORMAT


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
