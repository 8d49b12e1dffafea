"""ODT, as LibreOffice writes it (OpenDocument 1.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kindvoice.model import Where
from kindvoice.script.imports.base import BinaryFormat, Prose, ReadLine, holds, open_archive, part_events
from kindvoice.xmlzip import XmlArchive

_BODY = "content.xml"
_MIME = b"application/vnd.oasis.opendocument.text"
_MAX_SPACES = 100
_EMPHASISED = "emphasised"
_ASIDE = {"note": "a footnote", "annotation": "a comment", "tracked-changes": "struck out"}
"""elements of which nothing is spoken"""


def _lines(data: bytes, where: Where) -> Iterable[ReadLine]:
    return _OdtReader(open_archive(data, "ODT", where), where).read()


class _OdtReader:
    def __init__(self, book: XmlArchive, where: Where) -> None:
        self._book = book
        self._prose = Prose(where)
        self._styles: dict[str, str] = {}
        """what the file's own styles mean: emphasised, Title, or why their words are not spoken"""
        self._spans: list[str] = []
        self._asides: list[str] = []
        self._items = self._level = 0
        self._paragraph = ""

    def read(self) -> Iterable[ReadLine]:
        if "styles.xml" in self._book.parts:
            self._part("styles.xml")
        self._part(_BODY)
        return self._prose.lines()

    def _part(self, part: str) -> None:
        style, in_body = "", False
        for name, attributes, text in part_events(self._book, part):
            if in_body:
                self._event(name, attributes, text)
            elif name == "body":
                in_body = part == _BODY
            elif name == "style" and attributes is not None:
                style, base = attributes.get("name", ""), attributes.get("parent-style-name", "")
                self._styles[style] = "Title" if style == "Title" else self._styles.get(base, "")
            elif name == "text-properties" and attributes is not None and self._styles.get(style) != "Title":
                self._styles[style] = _meaning(attributes) or self._styles.get(style, "")

    def _event(self, name: str, attributes: Mapping[str, str] | None, text: str) -> None:
        begins = attributes is not None
        style = self._styles.get(attributes.get("style-name", ""), "") if attributes else ""
        if name in _ASIDE:
            self._asides = [*self._asides, _ASIDE[name]] if begins else self._asides[:-1]
        match name:
            case "":
                self._add(text)
            case "p" | "h" if attributes is not None:
                level = attributes.get("outline-level", "1")
                self._level = int(level) if name == "h" and level.isdecimal() and len(level) < 3 else 0
                self._paragraph = style
            case "p" | "h" if not self._asides:
                title = self._paragraph == "Title"
                self._prose.end(level=self._level, item=self._items > 0, title=title)
                self._paragraph = ""
            case "span":
                self._spans = [*self._spans, style] if begins else self._spans[:-1]
            case "list-item":
                self._items += 1 if begins else -1
            case "s" if attributes is not None:
                count = attributes.get("c", "1")
                self._add(" " * min(int(count) if count.isdecimal() and len(count) < 5 else 1, _MAX_SPACES))
            case "tab" | "line-break" if begins:
                self._add("\n" if name == "line-break" else " ")
            case "table":
                self._prose.begin_table() if begins else self._prose.end_table()
            case "table-cell" if not begins:
                self._prose.end_cell()
            case "table-row" if not begins:
                self._prose.end_row()

    def _add(self, text: str) -> None:
        meanings = {*self._spans, self._paragraph} - {"", "Title"}
        reason = next(iter(self._asides or sorted(meanings - {_EMPHASISED})), "")
        self._prose.add(text, emphasised=_EMPHASISED in meanings, reason=reason)


def _meaning(properties: Mapping[str, str]) -> str:
    if properties.get("display") == "none":
        return "hidden text"
    if properties.get("text-line-through-style", "none") != "none":
        return "struck out"
    italic = properties.get("font-style") in {"italic", "oblique"}
    return _EMPHASISED if italic or properties.get("font-weight") == "bold" else ""


FORMAT = BinaryFormat(begins=lambda data: holds(data, _BODY) and _MIME in data[:200], lines=_lines)
