"""Marks that travel inside text between the template and the parser.

Two planes of Unicode that are reserved for private use carry what plain text cannot: a character that
is to be spoken or shown but never obeyed, and the number of the author's line. Neither can come in
from outside, because `clean` drops such characters from everything that is read.
"""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections.abc import Iterator

_LITERAL = 0xF0000  # Supplementary Private Use Area-A: a character that means only itself
_LINE = 0x100000  # Supplementary Private Use Area-B: "from here on, line N of the author's file"
MAX_LINES = 0xFFFD
TAG = chr(_LINE)
"""Stands where a {% tag %} or a {# comment #} stood; there is no line 0."""
MARK = "[\U00100001-\U0010fffd]"
"""A regular expression for the mark of a line."""

MEANINGFUL = "[]<>#*_-+•\\`"
"""What can mean something to the parser. Nothing else may: a value is made harmless by its twins of these."""
_TWINS = {ord(c): chr(_LITERAL + ord(c)) for c in MEANINGFUL}
_REVEAL = {_LITERAL + ord(c): c for c in MEANINGFUL}
_MARKS = re.compile("[\U00100000-\U0010fffd]")

_BLANK_START = re.compile("(?:\\s|[\U00100000-\U0010fffd])+")

_MOST_MARKS = 30
_SPACES = re.compile("[\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")
# Controls, the marks of direction and of width zero (but not the joiners, which Persian and Hindi spell with),
# soft hyphens, halves of characters, and the two planes above.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000f0000-\U0010ffff]"
)


def clean(text: str) -> str:
    """Text from outside: NFC, line ends as \\n, no control, invisible or private-use characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return nfc(_INVISIBLE.sub("", _SPACES.sub(" ", text)))


def nfc(text: str) -> str:
    """Text in one spelling. No letter keeps more than 30 marks, as UAX #15 has it (stream-safe): putting a longer run
    of them in order takes the square of its length."""
    if text.isascii():
        return text
    kept, run = [], 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= _MOST_MARKS:
            kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))


def twin(text: str) -> str:
    """The text in characters that the parser speaks and never obeys."""
    return text.translate(_TWINS)


def protect(value: str) -> str:
    """A value from outside as one line of characters that the parser speaks and never obeys."""
    return twin(" ".join(clean(value).split()))


def reveal(text: str) -> str:
    """The text as a person reads it: twins back as themselves, marks gone."""
    return _MARKS.sub("", text).translate(_REVEAL)


def strip_marked(text: str) -> str:
    """The text without the white space around it; the mark of its first line stays with it."""
    end = len(text)
    while end and (text[end - 1].isspace() or text[end - 1] >= TAG):
        end -= 1
    body = text[:end]
    lead = _BLANK_START.match(body)
    blank = lead.group() if lead else ""
    marks = [c for c in blank if c > TAG]
    return "".join(marks[-1:]) + body[len(blank) :]


def line_mark(line: int) -> str:
    return chr(_LINE + min(line, MAX_LINES))


class LineMap:
    """Where each character of expanded text came from.

    >>> text, lines = split_marks(line_mark(3) + "ab" + line_mark(7) + "c")
    >>> text, lines.line_at(1), lines.line_at(2), list(lines.runs(1, 3))
    ('abc', 3, 7, [(1, 2), (2, 3)])
    """

    def __init__(self, offsets: list[int], lines: list[int]) -> None:
        self._offsets = offsets
        self._lines = lines

    def line_at(self, offset: int) -> int:
        """The author's line, from 1, of the character at this offset; 0 when nothing is known."""
        at = bisect.bisect_right(self._offsets, offset)
        return self._lines[at - 1] if at else 0

    def runs(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """The stretch from start to stop, cut where another of the author's lines begins."""
        while start < stop:
            at = bisect.bisect_right(self._offsets, start)
            end = min(self._offsets[at], stop) if at < len(self._offsets) else stop
            yield start, end
            start = end


def split_marks(text: str) -> tuple[str, LineMap]:
    """Marked text to plain text and the map of its lines."""
    parts: list[str] = []
    offsets: list[int] = []
    lines: list[int] = []
    length = position = 0
    for mark in _MARKS.finditer(text):
        parts.append(text[position : mark.start()])
        length += mark.start() - position
        position = mark.end()
        if mark.group() != TAG:
            offsets.append(length)
            lines.append(ord(mark.group()) - _LINE)
    parts.append(text[position:])
    return "".join(parts), LineMap(offsets, lines)
