"""DOCX, as Word, Google Docs and LibreOffice write it (ECMA-376, WordprocessingML)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from kindvoice.model import Where
from kindvoice.script.imports.base import BinaryFormat, Prose, ReadLine, holds, open_archive, part_events
from kindvoice.xmlzip import XmlArchive

_BODY = "word/document.xml"
_HEADING = re.compile(r"heading (\d)")
_OTHERS = {
    "word/header": "a page's head", "word/footer": "a page's foot", "word/footnotes": "a footnote",
    "word/endnotes": "a footnote", "word/comments": "a comment",
}  # fmt: skip
_MAX_OTHERS = 20
_OFF = {"0", "false", "off", "none"}
_STRUCK = {"strike", "dstrike"}


def _lines(data: bytes, where: Where) -> Iterable[ReadLine]:
    book = open_archive(data, "DOCX", where)
    reader = _DocxReader(_levels(book), where)
    reader.read(book, _BODY)
    others = sorted(part for part in book.parts if part.endswith(".xml") and part.startswith(tuple(_OTHERS)))
    for part in others[:_MAX_OTHERS]:
        reason = next(reason for name, reason in _OTHERS.items() if part.startswith(name))
        reader.read(book, part, reason)
    return reader.prose.lines()


def _levels(book: XmlArchive) -> Mapping[str, int]:
    """By the id of a style, the level of its headings; 0: a title. In a file of any language the names are English."""
    levels: dict[str, int] = {}
    bases: dict[str, str] = {}
    style = ""
    for name, attributes, _ in (
        part_events(book, "word/styles.xml") if "word/styles.xml" in book.parts else ()
    ):
        if attributes is None:
            continue
        value = attributes.get("val", "")
        if name == "style":
            style = attributes.get("styleId", "")
        elif name == "basedOn":
            bases[style] = value
        elif name == "name" and (heading := _HEADING.fullmatch(value.casefold())):
            levels[style] = int(heading[1])
        elif name == "name" and value.casefold() == "title":
            levels[style] = 0
        elif name == "outlineLvl" and value.isdecimal() and int(value) < 9:
            levels.setdefault(style, int(value) + 1)
    for style, base in bases.items():
        if style not in levels and levels.get(base):
            levels[style] = levels[base]
    return levels


class _DocxReader:
    def __init__(self, levels: Mapping[str, int], where: Where) -> None:
        self.prose = Prose(where)
        self._levels = levels
        self._marks: set[str] = set()
        """what the run is: b, i, vanish, strike"""
        self._deleted = self._aside = 0
        self._level: int | None = None
        self._item = False

    def read(self, book: XmlArchive, part: str, reason: str = "") -> None:
        """reason: why nothing of it is spoken."""
        in_text = False
        for name, attributes, text in part_events(book, part):
            in_text = attributes is not None if name in {"t", "delText"} else in_text
            if name in {
                "Fallback",
                "pPrChange",
                "rPrChange",
            }:  # what stands there as well, or was there before
                self._aside += 1 if attributes is not None else -1
            elif self._aside:
                continue
            elif attributes is not None:
                self._begin(name, attributes, reason)
            elif name:
                self._end(name, reason)
            elif in_text:
                self._add(text, reason)
        self.prose.end()

    def _begin(self, name: str, attributes: Mapping[str, str], reason: str) -> None:
        value = attributes.get("val", "")
        match name:
            case "p":
                self._level, self._item = None, False
            case "pStyle":
                self._level = self._levels.get(value)
                self._item = self._item or value.startswith("List")
            case "outlineLvl" if value.isdecimal() and int(value) < 9:
                self._level = int(value) + 1
            case "numPr":
                self._item = True
            case "r":
                self._marks = set()
            case "b" | "i" | "vanish" | "strike" | "dstrike" if value not in _OFF:
                self._marks.add(name)
            case "del" | "moveFrom":
                self._deleted += 1
            case "br" | "cr":
                self._add("\n", reason)
            case "tab":
                self._add(" ", reason)
            case "noBreakHyphen":
                self._add("-", reason)
            case "tbl" if not reason:
                self.prose.begin_table()

    def _end(self, name: str, reason: str) -> None:
        match name:
            case "del" | "moveFrom":
                self._deleted -= 1
            case "p":
                self.prose.end(level=self._level or 0, item=self._item, title=self._level == 0)
            case "tc" if not reason:
                self.prose.end_cell()
            case "tr" if not reason:
                self.prose.end_row()
            case "tbl" if not reason:
                self.prose.end_table()

    def _add(self, text: str, reason: str) -> None:
        if self._deleted or self._marks & _STRUCK:
            reason = reason or "struck out"
        elif "vanish" in self._marks:
            reason = reason or "hidden text"
        self.prose.add(text, emphasised=bool(self._marks & {"b", "i"}), reason=reason)


FORMAT = BinaryFormat(begins=lambda data: holds(data, _BODY), lines=_lines)
