"""What every format that can be read as a script has in common: it gives lines, and each is text or is not spoken."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kindvoice.errors import ScriptError
from kindvoice.languages import count_words
from kindvoice.model import Where
from kindvoice.script.directions import LANGUAGES, vocabulary
from kindvoice.script.tables import A_TABLE_ABOUT, BESIDE, columns_beside, is_about, is_pause

if TYPE_CHECKING:
    from kindvoice.xmlzip import XmlArchive, XmlEvent

MAX_FILE = 30_000_000
"""bytes: a word processor's file may hold pictures"""
MAX_TEXT = 1_000_000
"""characters: twenty hours of speech"""
MAX_LINES = 30_000


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line of a script, as somebody might have typed it: Markdown, with cues."""

    text: str
    number: int = 0
    """in the file, from 1; 0: the file has no lines that a person sees"""
    reason: str = ""
    """why it is not spoken; empty: the script's reader decides"""


@dataclass(frozen=True, slots=True)
class TextFormat:
    """A kind of text file."""

    begins: Callable[[str], bool]
    """whether a text is surely one, whatever its file is called"""
    lines: Callable[[str, Where], Iterable[ReadLine]]
    """text: cleaned, of a size that was checked. Raises ScriptError."""


@dataclass(frozen=True, slots=True)
class BinaryFormat:
    """A kind of file that is no plain text."""

    begins: Callable[[bytes], bool]
    lines: Callable[[bytes, Where], Iterable[ReadLine]]
    """data: at most MAX_FILE bytes. Raises ScriptError."""


def unreadable(what: str, where: Where) -> ScriptError:
    return ScriptError(what, where=where, cure="save it once more, or its words as plain text (.txt)")


MAX_XML = 10_000_000
"""bytes, of all parts of a word processor's file that are read"""


def open_archive(data: bytes, kind: str, where: Where) -> XmlArchive:
    """kind: what the archive was to be, for the message. Raises ScriptError, now or for a part when it is read."""
    from kindvoice.xmlzip import XmlArchive

    return XmlArchive(data, lambda: unreadable(f"this {kind} is broken, or larger than can be read", where))


def part_events(book: XmlArchive, part: str) -> Iterator[XmlEvent]:
    return book.events(part, MAX_XML - book.unpacked)


def holds(data: bytes, part: str) -> bool:
    """Whether a file is a zip archive with a part of this name, as far as its bytes tell."""
    return data.startswith(b"PK\x03\x04") and part.encode() in data


def too_long(where: Where) -> ScriptError:
    return ScriptError("this is too long for a script", where=where, cure="make several files of it")


def front_lines(**facts: str) -> Iterator[ReadLine]:
    """A script's front matter, of what is known."""
    if known := {name: " ".join(fact.split()) for name, fact in facts.items() if fact.strip()}:
        import yaml

        written = yaml.safe_dump(known, allow_unicode=True, sort_keys=False, width=100_000)
        yield from map(ReadLine, ["---", *written.strip().split("\n"), "---"])


@dataclass(frozen=True, slots=True)
class _Stretch:
    text: str
    emphasised: bool = False
    reason: str = ""


_SHORT_HEAD = 4
"""words of a cell that can be the head of a column"""
_MARKED = re.compile(r"[*_\[\]<>`\\\n]")
_BULLET = re.compile(r"(?:[-*+•·–—]|\d{1,3}[.)])[ \t]")


class Prose:
    """Collects the paragraphs of a word processor's file, or of a page, as lines of a script."""

    def __init__(self, where: Where) -> None:
        self._where = where
        self.title = ""
        """that the file gives itself"""
        self._lines: list[ReadLine] = []
        self._stretches: list[_Stretch] = []
        self._tables = 0
        """in one another"""
        self._rows: list[list[int]] = []
        """of the outermost table: where the cells of each row end among the lines"""
        self._begin = 0

    def add(self, text: str, *, emphasised: bool = False, reason: str = "") -> None:
        """Words of the paragraph. reason: why they are not spoken."""
        self._stretches.append(_Stretch(text, emphasised, reason))

    def end(self, *, level: int = 0, item: bool = False, title: bool = False) -> None:
        """The paragraph ends. level: of a heading, from 1; item: of a list; title: the file's own."""
        if len(self._lines) > MAX_LINES:
            raise too_long(self._where)
        stretches, self._stretches = self._stretches, []
        spoken = [stretch for stretch in stretches if not stretch.reason]
        text = "".join(_emphasised(spoken))
        rows = [row for line in text.split("\n") if (row := " ".join(line.split()))]
        if title and rows and not self.title:
            self.title = " ".join(rows).replace("*", "")
        elif rows and level:
            self._lines.append(ReadLine(f"{'#' * min(level, 6)} {' '.join(rows)}"))
        elif rows:
            rows[0] = f"- {rows[0]}" if item and not _BULLET.match(rows[0]) else rows[0]
            self._lines += map(ReadLine, rows)
        for reason, left in itertools.groupby(stretches, lambda stretch: stretch.reason):
            if reason and (words := " ".join("".join(each.text for each in left).split())):
                self._lines.append(ReadLine(words, reason=reason))
        if rows:
            self._lines.append(ReadLine(""))

    def rule(self) -> None:
        self.end()
        self._lines += [ReadLine("***"), ReadLine("")]

    # -- tables: a cell is a paragraph, and a first row of short words is a head

    def begin_table(self) -> None:
        self.end()
        self._tables += 1
        if self._tables == 1:
            self._begin, self._rows = len(self._lines), [[]]

    def end_cell(self) -> None:
        self.end()
        if self._tables == 1:
            self._rows[-1].append(len(self._lines))

    def end_row(self) -> None:
        self.end()
        if self._tables == 1:
            self._rows.append([])

    def end_table(self) -> None:
        self.end()
        self._tables = max(self._tables - 1, 0)
        ends = [row for row in self._rows if row]
        if self._tables or len(ends) < 2 or len(ends[0]) < 2:
            return
        begins = [self._begin, *(row[-1] for row in ends)]
        cells = [list(itertools.pairwise([begin, *row])) for begin, row in zip(begins, ends, strict=False)]
        texts = [[self._text(*cell) for cell in row] for row in cells]
        words = vocabulary("en", *LANGUAGES)
        if is_about(texts, words):
            self._silence(self._begin, ends[-1][-1], A_TABLE_ABOUT)
        elif all(count_words(text) <= _SHORT_HEAD and not text.endswith(".") for text in texts[0]):
            self._silence(self._begin, ends[0][-1], "a table's head")
            for row, column in itertools.product(cells[1:], columns_beside(texts[0], words)):
                if column < len(row) and not is_pause(self._text(*row[column]), words):
                    self._silence(*row[column], BESIDE)

    def _text(self, begin: int, end: int) -> str:
        """Of the lines of a cell, what is spoken."""
        return " ".join(line.text for line in self._lines[begin:end] if not line.reason).strip()

    def _silence(self, begin: int, end: int, reason: str) -> None:
        """Nothing of these lines is spoken. An empty one stays."""
        for i in range(begin, end):
            if self._lines[i].text and not self._lines[i].reason:
                self._lines[i] = replace(self._lines[i], reason=reason)

    def lines(self) -> Iterator[ReadLine]:
        self.end()
        if self._lines and not (self._lines[0].text == "---" and not self._lines[0].reason):
            yield from front_lines(title=self.title)
        yield from self._lines


def _emphasised(stretches: Iterable[_Stretch]) -> Iterator[str]:
    """With stars around what is emphasised: a direction is often known by that alone."""
    for emphasised, group in itertools.groupby(stretches, lambda stretch: stretch.emphasised):
        text = "".join(each.text for each in group)
        bare = text.strip()
        if emphasised and bare and not _MARKED.search(bare):
            text = text.replace(bare, f"*{bare}*", 1)
        yield text
