"""RTF, as Word, TextEdit and WordPad write it (Rich Text Format 1.9.1).

Read here because striprtf, which is small and known, gives neither headings nor what is hidden, and searches some texts
for longer than the square of their length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from kindvoice.model import Where
from kindvoice.script.imports.base import BinaryFormat, Prose, ReadLine, unreadable

_TOKEN = re.compile(
    r"\\(?P<word>[A-Za-z]{1,32})(?P<number>-?\d{1,9})? ?|\\'(?P<code>[0-9A-Fa-f]{2})|\\(?P<sign>[^A-Za-z])"
    r"|(?P<brace>[{}])|(?P<text>[^\\{}\r\n]+)|[\r\n]+|\\"
)
_MAX_DEPTH = 500
_MAX_TOKENS = 700_000
_SIGNS = {
    "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•",
    "tab": " ", "line": "\n", "emspace": " ", "enspace": " ", "~": " ", "_": "-", "\\": "\\", "{": "{", "}": "}",
}  # fmt: skip
_SILENT = frozenset([
    "fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "nonshppict", "themedata", "datastore",
    "listtable", "listoverridetable", "generator", "xmlnstbl", "rsidtbl", "latentstyles", "fldinst", "xe", "tc",
    "bkmkstart", "bkmkend", "atnid", "atnauthor", "filetbl", "revtbl",
])  # fmt: skip
_ASIDE = {"footnote": "a footnote", "annotation": "a comment"} | {
    f"{place}{page}": f"a page's {what}"
    for place, what in (("header", "head"), ("footer", "foot"))
    for page in ("", "l", "r", "f")
}
_CODEPAGES = {
    0: "cp1252",
    77: "mac_roman",
    161: "cp1253",
    162: "cp1254",
    186: "cp1257",
    204: "cp1251",
    238: "cp1250",
}
"""by \\fcharset"""


@dataclass(frozen=True, slots=True)
class _State:
    """What a group inherits from the one around it."""

    silent: bool = False
    reason: str = ""
    marks: frozenset[str] = frozenset()
    font: int = -1
    skip: int = 1
    """how many signs stand in for a letter of Unicode"""


def _lines(data: bytes, where: Where) -> Iterable[ReadLine]:
    return _RtfReader(where).read(data.decode("latin-1"))


class _RtfReader:
    def __init__(self, where: Where) -> None:
        self._where = where
        self._prose = Prose(where)
        self._state = _State()
        self._stack: list[_State] = []
        self._fonts: dict[int, str] = {}
        self._codepage = "cp1252"
        self._bytes = bytearray()
        self._pass = self._level = self._high = 0
        self._item = self._in_fonts = self._in_table = self._in_cell = False

    def read(self, text: str) -> Iterable[ReadLine]:
        position = count = 0
        while token := _TOKEN.match(text, position):
            position, count = token.end(), count + 1
            if count > _MAX_TOKENS:
                raise unreadable("this RTF is larger than can be read", self._where)
            if token["code"]:
                if self._pass:
                    self._pass -= 1
                else:
                    self._bytes.append(int(token["code"], 16))
                continue
            self._decode()
            if token["brace"]:
                self._brace(token["brace"])
                if not self._stack:
                    break
            elif token["word"] == "bin":
                position += max(int(token["number"] or 0), 0)
            elif token["word"]:
                self._word(token["word"], int(token["number"]) if token["number"] else None)
            elif token["sign"]:
                self._sign(token["sign"])
            elif token["text"]:
                passed = min(self._pass, len(token["text"]))
                self._pass -= passed
                self._add(token["text"][passed:])
        if self._stack:
            raise unreadable("this RTF is cut short", self._where)
        if self._in_table:
            self._prose.end_table()
        return self._prose.lines()

    def _brace(self, brace: str) -> None:
        self._pass = 0
        if brace == "{":
            if len(self._stack) == _MAX_DEPTH:
                raise unreadable(f"its groups stand more than {_MAX_DEPTH} deep in each other", self._where)
            self._stack.append(self._state)
        elif self._stack:
            self._state = self._stack.pop()
            self._in_fonts = self._in_fonts and self._state.silent

    def _decode(self) -> None:
        if self._bytes:
            codepage = self._fonts.get(self._state.font, self._codepage)
            held, self._bytes = bytes(self._bytes), bytearray()
            self._add(held.decode(codepage, "replace"))

    def _add(self, text: str) -> None:
        if not self._state.silent and text:
            if self._in_table and not self._in_cell and not self._state.reason:
                self._prose.end_table()
                self._in_table = False
            marks = self._state.marks
            hidden = "hidden text" if "v" in marks else "struck out" if marks & {"strike", "deleted"} else ""
            self._prose.add(
                text, emphasised=bool(marks & {"b", "i"}), reason=self._state.reason or hidden
            )  # fmt: skip

    def _sign(self, sign: str) -> None:
        if sign == "*":
            self._state = replace(self._state, silent=True)
        elif sign in "\r\n":
            self._paragraph()
        else:
            self._add(_SIGNS.get(sign, ""))

    def _paragraph(self) -> None:
        if self._state.reason:
            self._add(" ")
        elif not self._state.silent:
            self._prose.end(level=self._level, item=self._item)

    def _word(self, word: str, number: int | None) -> None:
        state = self._state
        match word:
            case "u" if number is not None:
                self._letter(number % 0x10000)
                self._pass = state.skip
            case "uc":
                self._state = replace(state, skip=min(max(number or 0, 0), 9))
            case "ansicpg" if number and f"cp{number}" in {*_CODEPAGES.values(), "cp437", "cp850", "cp852"}:
                self._codepage = f"cp{number}"
            case "f" if number is not None:
                self._state = replace(state, font=number)
            case "fcharset" if self._in_fonts and number in _CODEPAGES:
                self._fonts[state.font] = _CODEPAGES[number]
            case "listtext" | "pntext":
                self._item = True
                self._state = replace(state, silent=True)
            case "par" | "sect" | "page":
                self._paragraph()
            case "pard":
                self._level, self._item, self._in_cell = 0, False, False
            case "intbl":
                self._in_cell = True
            case "plain":
                self._state = replace(state, marks=frozenset())
            case "outlinelevel" if not state.silent and number is not None and 0 <= number < 9:
                self._level = number + 1
            case "b" | "i" | "v" | "strike" | "deleted":
                marks = state.marks - {word} if number == 0 else state.marks | {word}
                self._state = replace(state, marks=marks)
            case "trowd" | "cell" | "row" if not state.silent:
                self._cell_or_row(word)
            case _ if word in _SILENT:
                self._in_fonts = self._in_fonts or word == "fonttbl"
                self._state = replace(state, silent=True)
            case _ if word in _ASIDE:
                self._state = replace(state, reason=state.reason or _ASIDE[word])
            case _ if word in _SIGNS:
                self._add(_SIGNS[word])

    def _letter(self, code: int) -> None:
        """One of UTF-16, of which some letters want two."""
        high, self._high = self._high, code if 0xD800 <= code < 0xDC00 else 0
        if high and 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00
        if not 0xD800 <= code < 0xE000:
            self._add(chr(code))

    def _cell_or_row(self, word: str) -> None:
        """A table begins with its first row's \\trowd; the file does not say where it ends."""
        if word == "trowd" and not self._in_table:
            self._prose.begin_table()
            self._in_table = True
        elif word == "cell" and self._in_table:
            self._prose.end_cell()
        elif word == "row" and self._in_table:
            self._prose.end_row()


FORMAT = BinaryFormat(begins=lambda data: data.startswith(b"{\\rtf"), lines=_lines)
