"""A spreadsheet's file as rows of cells: CSV in any encoding and with any mark between the cells, or a workbook."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kindvoice.errors import SettingsError
from kindvoice.model import Where
from kindvoice.script.encoding import decode
from kindvoice.script.literal import clean

MAX_BYTES = 64_000_000
"""of a file, and of each part of a workbook when it is unpacked"""
MAX_COLUMNS = 500
MAX_CELL = 32_767
"""characters, as in spreadsheets"""
CSV_UTF8 = "in a spreadsheet's save dialog choose CSV UTF-8, or Excel workbook (.xlsx)"
_QUOTES = 'a quote inside of a quoted cell is written ""'
_SHORTEN = "shorten this row, or take it out"
_OTHERS = {b"\xd0\xcf\x11\xe0": "an old spreadsheet (.xls)", b"%PDF-": "a PDF"}
_MARKS = {",": "comma separated", ";": "; separated", "\t": "tab separated", "|": "| separated"}


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is not empty."""

    number: int
    """as a spreadsheet numbers it"""
    line: int
    """of a text file; in a workbook the number"""
    cells: tuple[str, ...] = field(repr=False)
    fault: str = ""
    """why it cannot be read, without a word of it"""
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One way to understand a file: with one mark between the cells, or one sheet of a workbook."""

    form: str
    """in words, such as "; separated, Windows-1252" """
    rows: Callable[[], Iterator[Row]]


def cell_name(column: int, row: int | str = "") -> str:
    """A cell as spreadsheets call it. column: from 0.

    >>> cell_name(0, 7), cell_name(27)
    ('A7', 'AB')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def read_sheets(path: Path, data: bytes | None = None) -> list[Sheet]:
    """The ways to understand a file. data: what it holds, where it lies on no disk.

    Raises SettingsError for what is no table, or too large.
    """
    where = Where(path=str(path), line=0)
    try:
        if data is None:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"the participants cannot be read: {error.strerror}", where=where) from None
    if len(data) > MAX_BYTES:
        raise SettingsError(f"the file is larger than {MAX_BYTES // 1_000_000} MB", where=where)
    if data.startswith(b"PK\x03\x04"):
        from kindvoice.plan.workbook import read_workbook

        return read_workbook(data, where)
    for beginning, kind in _OTHERS.items():
        if data.startswith(beginning):
            raise SettingsError(f"this is {kind}", where=where, cure=CSV_UTF8)
    try:
        text, encoding = decode(data)
    except UnicodeDecodeError as error:
        where = Where(path=str(path), line=data[: error.start].count(b"\n") + 1)
        raise SettingsError(
            "it is not clear which encoding the file is in", where=where, cure=CSV_UTF8
        ) from None
    if "\0" in text:
        raise SettingsError("the file is not text", where=where, cure=CSV_UTF8)
    text, before = clean(text), 0
    if re.match(r"sep=.\n", text):  # how some spreadsheets are told which mark parts the cells
        text, before = text.partition("\n")[2], 1
    return [
        Sheet(f"{words}, {encoding}", functools.partial(_records, text, mark, before))
        for mark, words in _MARKS.items()
    ]


def _cell_pattern(mark: str) -> re.Pattern[str]:
    """A cell and the mark after it: in "quotes", in the quotes that a word processor makes of them, or plain."""
    end = rf"(?P<end>{re.escape(mark)}|\n|\Z)"
    plain = rf"[^{re.escape(mark)}\n]*"
    return re.compile(
        rf'[ ]*+(?:"(?P<quoted>(?:[^"]|""){{0,{MAX_CELL}}}+)"[ ]*{end}'
        rf"|[“„«][ ]?(?P<curly>[^“”„«»\"\n]{{0,{MAX_CELL}}}+)[“”»][ ]*{end.replace('end', 'end2')}"
        rf"|(?P<plain>{plain}){end.replace('end', 'end3')})"
    )


def _records(text: str, mark: str, before: int) -> Iterator[Row]:
    """before: the line, and the row, that the text begins after."""
    pattern = _cell_pattern(mark)
    position, line, number = 0, before + 1, before
    while position < len(text):
        start, fault, end = position, "", mark
        cells: list[str] = []
        while end == mark:
            match = pattern.match(text, position)
            assert match, "the last of the ways takes anything"
            position, end = match.end(), match["end"] or match["end2"] or match["end3"]
            quoted, curly, plain = match["quoted"], match["curly"], match["plain"]
            cell = quoted.replace('""', '"') if quoted is not None else plain if curly is None else curly
            if plain is not None and plain.lstrip().startswith('"') and plain.count('"') % 2:
                fault = 'the "quotes" around a cell do not match'
            if len(cell) > MAX_CELL:
                cell, fault = "", "a cell is too long"
            if len(cells) < MAX_COLUMNS:
                cells.append(cell)
            elif cell.strip():
                fault = f"there are more than {MAX_COLUMNS} cells"
        number += 1
        if any(map(str.strip, cells)) or fault:
            yield Row(number, line, tuple(cells), fault, _QUOTES if "quotes" in fault else _SHORTEN)
        line += text.count("\n", start, position)
