"""Marks that travel inside text between the template and the parser.

Two planes of Unicode that are reserved for private use carry what plain text cannot: a character that
is to be spoken or shown but never obeyed, and the number of the author's line. Neither can come in
from outside, because `clean` drops such characters from everything that is read.
"""

from __future__ import annotations

import bisect
import re
import unicodedata

_LITERAL = 0xF0000  # Supplementary Private Use Area-A: an ASCII character that means only itself
_LINE = 0x100000  # Supplementary Private Use Area-B: "from here on, line N of the author's file"
MAX_LINES = 0xFFFD

_MEANINGFUL = "[]<>#*_-+\\`"
_PROTECT = {ord(c): chr(_LITERAL + ord(c)) for c in _MEANINGFUL}
_REVEAL = {_LITERAL + ord(c): c for c in _MEANINGFUL}
_PRIVATE = re.compile("[\U000f0000-\U0010fffd]")
_MARKER = re.compile("[\U00100000-\U0010fffd]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


def clean(text: str) -> str:
    """Text from outside: NFC, line ends as \\n, no control, invisible or private-use characters."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _CONTROL.sub("", _PRIVATE.sub("", text))


def protect(value: str) -> str:
    """A value as one line of characters that the parser speaks and never obeys."""
    return " ".join(clean(value).split()).translate(_PROTECT)


def reveal(text: str) -> str:
    """The text as a person reads it: literal characters back as themselves, line marks gone."""
    return _MARKER.sub("", text).translate(_REVEAL)


def line_mark(line: int) -> str:
    return chr(_LINE + line)


class LineMap:
    """Where each character of expanded text came from.

    >>> text, lines = split_marks(line_mark(3) + "ab" + line_mark(7) + "c")
    >>> text, lines.line_at(1), lines.line_at(2)
    ('abc', 3, 7)
    """

    def __init__(self, offsets: list[int], lines: list[int]) -> None:
        self._offsets = offsets
        self._lines = lines

    def line_at(self, offset: int) -> int:
        """The author's line, from 1, of the character at this offset; 0 when nothing is known."""
        at = bisect.bisect_right(self._offsets, offset)
        return self._lines[at - 1] if at else 0


def split_marks(text: str) -> tuple[str, LineMap]:
    """Marked text to plain text and the map of its lines."""
    parts: list[str] = []
    offsets: list[int] = []
    lines: list[int] = []
    length = position = 0
    for mark in _MARKER.finditer(text):
        parts.append(text[position : mark.start()])
        length += mark.start() - position
        offsets.append(length)
        lines.append(ord(mark.group()) - _LINE)
        position = mark.end()
    parts.append(text[position:])
    return "".join(parts), LineMap(offsets, lines)
