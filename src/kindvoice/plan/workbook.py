"""Workbooks of spreadsheets (XLSX, ODS) as rows of cells. Values only: no formula is run, nothing is fetched."""

from __future__ import annotations

import datetime
import functools
import posixpath
import re
from collections.abc import Iterator, Mapping

from kindvoice.errors import SettingsError
from kindvoice.model import Where
from kindvoice.plan.tables import CSV_UTF8, MAX_BYTES, MAX_CELL, MAX_COLUMNS, Row, Sheet
from kindvoice.xmlzip import XmlArchive

_SAVE = "mend it in the spreadsheet, and save the file there"
_MAX_SHEETS = 20
_INLINE = {"span": "", "a": "", "s": " ", "tab": " ", "line-break": "\n"}
"""of ODS: what stands within a paragraph, and what it is"""
_MAX_REPEATED = 100
"""a row that an ODS repeats more often is formatting, down to the end of the sheet"""

Event = tuple[str, Mapping[str, str] | None, str]
"""an element's name without its namespace; attributes where it begins, else None; at its end the text within"""


def read_workbook(data: bytes, where: Where) -> list[Sheet]:
    """The sheets that are not hidden. Raises SettingsError, for a broken part when it is read."""
    book = XmlArchive(data, lambda: _broken(where))
    if "xl/workbook.xml" in book.parts:
        return _Xlsx(book).sheets()
    if "content.xml" in book.parts:
        return _ods_sheets(book)
    raise SettingsError("this is a zip archive, not a table", where=where, cure=CSV_UTF8)


def _broken(where: Where) -> SettingsError:
    return SettingsError("the workbook is broken, or larger than can be read", where=where, cure=CSV_UTF8)


def _events(book: XmlArchive, part: str) -> Iterator[Event]:
    texts: list[list[str]] = []
    for name, attributes, text in book.events(part, MAX_BYTES):
        if not name:
            texts[-1].append(text)
        elif attributes is not None:
            texts.append([])
            yield name, attributes, ""
        else:
            within = "".join(texts.pop())
            if texts and name in _INLINE:
                texts[-1].append(_INLINE[name] or within)
            yield name, None, within


# ---------------------------------------------------------------- XLSX

_TIMES = {
    18: "h:mm",
    19: "h:mm:ss",
    20: "h:mm",
    21: "h:mm:ss",
    22: "d h:mm",
    45: "mm:ss",
    46: "h:mm:ss",
    47: "mm:ss",
}
_DATES = dict.fromkeys(range(14, 18), "d")


class _Xlsx:
    def __init__(self, book: XmlArchive) -> None:
        self._book = book
        self._strings: list[str] | None = None
        self._formats: list[str] = []
        """of every style: what of a date or a time it shows; empty: a plain number"""
        self._from_1904 = False

    def sheets(self) -> list[Sheet]:
        targets = {
            attributes.get("Id", ""): posixpath.normpath(
                posixpath.join("/xl", attributes.get("Target", ""))
            ).lstrip("/")
            for name, attributes, _ in _events(self._book, "xl/_rels/workbook.xml.rels")
            if name == "Relationship" and attributes is not None
        }
        sheets: list[Sheet] = []
        for name, attributes, _ in _events(self._book, "xl/workbook.xml"):
            if name == "workbookPr" and attributes:
                self._from_1904 = attributes.get("date1904") in {"1", "true"}
            if name == "sheet" and attributes and attributes.get("state", "visible") == "visible":
                part = targets.get(attributes.get("id", ""), "")
                form = f"XLSX, sheet {len(sheets) + 1}"
                sheets.append(Sheet(form, functools.partial(self._rows, part)))
        return sheets[:_MAX_SHEETS]

    def _rows(self, part: str) -> Iterator[Row]:
        if self._strings is None:
            self._strings = list(self._shared())
            self._formats = list(self._styles())
        number, column = 0, -1
        cells: dict[int, str] = {}
        fault = value = ""
        cell: Mapping[str, str] = {}
        formula = False
        for name, attributes, text in _events(self._book, part):
            if name == "row" and attributes is not None:
                number, column = _number(attributes.get("r"), number + 1), -1
                cells, fault = {}, ""
            elif name == "c" and attributes is not None:
                cell, value, formula = attributes, "", False
                column = _column(cell.get("r", "")) if "r" in cell else column + 1
            elif attributes is None and name in {"v", "t"}:
                value += text
            elif name == "f":
                formula = True
            elif name == "c" and 0 <= column < MAX_COLUMNS:
                if formula and not value:
                    fault = "a cell holds a formula without its result"
                elif cell.get("t") == "e":
                    fault = "a cell holds an error of the spreadsheet, such as #REF!"
                else:
                    cells[column] = self._text(cell, value)
                    fault = "a cell is too long" if len(cells[column]) > MAX_CELL else fault
            elif name == "row" and (fault or any(map(str.strip, cells.values()))):
                row = tuple(cells.get(at, "") for at in range(max(cells, default=-1) + 1))
                yield Row(number, number, row, fault, _SAVE if fault else "")

    def _text(self, cell: Mapping[str, str], value: str) -> str:
        assert self._strings is not None
        kind = cell.get("t", "n")
        if kind == "s":
            at = _number(value, -1)
            return self._strings[at] if 0 <= at < len(self._strings) else ""
        if kind == "b":
            return "true" if value == "1" else "false"
        if kind != "n" or not value:
            return value
        style = _number(cell.get("s"), 0)
        try:
            number = float(value)
            shown = self._formats[style] if style < len(self._formats) else ""
            return _moment(number, shown, self._from_1904) if shown else f"{number:.15g}"
        except (ValueError, OverflowError):
            return value

    def _shared(self) -> Iterator[str]:
        if "xl/sharedStrings.xml" not in self._book.parts:
            return
        text, aside = "", 0
        for name, attributes, within in _events(self._book, "xl/sharedStrings.xml"):
            if name == "rPh":  # how a word is read aloud, in Japanese
                aside += 1 if attributes is not None else -1
            elif name == "t" and attributes is None and not aside:
                text += within
            elif name == "si" and attributes is None:
                yield text
                text = ""

    def _styles(self) -> Iterator[str]:
        if "xl/styles.xml" not in self._book.parts:
            return
        formats: dict[int, str] = {**_TIMES, **_DATES}
        of_cells = False
        for name, attributes, _ in _events(self._book, "xl/styles.xml"):
            if name == "numFmt" and attributes is not None:
                code = re.sub(
                    r'"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', "", attributes.get("formatCode", "").lower()
                )
                formats[_number(attributes.get("numFmtId"), -1)] = code if re.search("[dhmsy]", code) else ""
            elif name == "cellXfs":
                of_cells = attributes is not None
            elif name == "xf" and of_cells and attributes is not None:
                yield formats.get(_number(attributes.get("numFmtId"), 0), "")


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and re.fullmatch(r"[0-9]{1,9}", text) else otherwise


def _column(reference: str) -> int:
    """
    >>> _column("A1"), _column("AB7")
    (0, 27)
    """
    column = 0
    for letter in re.match(r"[A-Z]{0,3}", reference)[0]:  # type: ignore[index]
        column = column * 26 + ord(letter) - 64
    return column - 1


def _moment(days: float, shown: str, from_1904: bool) -> str:
    """A date or a time as its format shows it: typed as 12:30 a length is half a day to a spreadsheet.

    >>> _moment(0.520833333, "h:mm", False), _moment(0.013888889, "[h]:mm:ss", False), _moment(46163, "d.m.yy", False)
    ('12:30', '0:20:00', '2026-05-21')
    """
    seconds = round(days * 86_400)
    if "y" in shown or "d" in shown:
        first = datetime.datetime(1904, 1, 1) if from_1904 else datetime.datetime(1899, 12, 30)
        moment = first + datetime.timedelta(seconds=seconds)
        return moment.strftime("%Y-%m-%d %H:%M" if "h" in shown else "%Y-%m-%d")
    minutes, second = divmod(seconds, 60)
    if "h" not in shown:
        return f"{minutes}:{second:02}"
    return f"{minutes // 60}:{minutes % 60:02}" + (f":{second:02}" if "s" in shown else "")


# ---------------------------------------------------------------- ODS


def _ods_sheets(book: XmlArchive) -> list[Sheet]:
    count = sum(
        name == "table" and attributes is not None for name, attributes, _ in _events(book, "content.xml")
    )
    return [
        Sheet(f"ODS, sheet {at + 1}", functools.partial(_ods_rows, book, at))
        for at in range(min(count, _MAX_SHEETS))
    ]


def _ods_rows(book: XmlArchive, sheet: int) -> Iterator[Row]:
    at, number, repeated, again = -1, 0, 1, 1
    cells: list[str] = []
    paragraphs: list[str] = []
    cell: Mapping[str, str] = {}
    in_comment = False
    for name, attributes, text in _events(book, "content.xml"):
        if name == "table":
            at += attributes is not None
        elif at != sheet:
            continue
        elif name == "table-row" and attributes is not None:
            repeated, cells = _number(attributes.get("number-rows-repeated"), 1), []
        elif name in {"table-cell", "covered-table-cell"}:
            if attributes is not None:
                cell, paragraphs = attributes, []
                again = _number(attributes.get("number-columns-repeated"), 1)
                continue
            value = "\n".join(paragraphs)
            value = cell.get("value", value) if cell.get("value-type") == "float" else value
            cells += [value[: MAX_CELL + 1]] * min(again, MAX_COLUMNS - len(cells))
        elif name == "annotation":
            in_comment = attributes is not None
        elif name == "p" and attributes is None and not in_comment:
            paragraphs.append(text)
        elif name == "table-row":
            filled = any(map(str.strip, cells)) and repeated <= _MAX_REPEATED
            fault = "a cell is too long" if any(len(each) > MAX_CELL for each in cells) else ""
            for offset in range(repeated if filled else 0):
                yield Row(number + offset + 1, number + offset + 1, tuple(cells), fault)
            number += repeated
