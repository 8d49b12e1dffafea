"""Marks that travel inside text between the template and the parser.

Two planes of Unicode that are reserved for private use carry what plain text cannot: a character that
is to be spoken or shown but never obeyed, the number of the author's line, and where a participant's own words
begin and end. None of it can come in from outside, because `clean` drops such characters from all that is read.
"""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections.abc import Iterator, Sequence

from kindvoice.errors import OWN_CLOSE, OWN_OPEN

_LITERAL = 0xF0000  # Supplementary Private Use Area-A: a character that means only itself
_LINE = 0x100000  # Supplementary Private Use Area-B: "from here on, line N of the author's file"
MAX_LINES = 0xFFFB
TAG = chr(_LINE)
"""Stands where a {% tag %} or a {# comment #} stood; there is no line 0."""
MARK = "[\U00100001-\U0010fffd]"
"""A regular expression for the mark of a line, or of somebody's own words."""

MEANINGFUL = "[]<>()#*_-–—+•·\\`~|&="
"""What can mean something to the parser. Nothing else may: a value is made harmless by its twins of these."""
_TWINS = {ord(c): chr(_LITERAL + ord(c)) for c in MEANINGFUL}
_REVEAL = {_LITERAL + ord(c): c for c in MEANINGFUL + "."}
_NUMBER = re.compile(r"(\d{1,9})\.")
_MARKS = re.compile("[\U00100000-\U0010fffd]")
_HIDDEN = re.compile("[\U000f0000-\U0010fffd]")

_LINE_MARK = re.compile("[\U00100001-\U0010fffb]")

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
    if not any(map(unicodedata.combining, text)):
        return unicodedata.normalize("NFC", text)
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
    line = " ".join(clean(value).split())
    number = _NUMBER.match(line)  # "1. A" is no item of a list
    return number[1] + chr(_LITERAL + ord(".")) + twin(line[number.end() :]) if number else twin(line)


def reveal(text: str) -> str:
    """The text as a person reads it: twins back as themselves, marks gone."""
    return _MARKS.sub("", text).translate(_REVEAL) if _HIDDEN.search(text) else text


def strip_marked(text: str) -> str:
    """The text without the white space around it; the mark of its first line stays with it."""
    end = len(text)
    while end and (text[end - 1].isspace() or text[end - 1] >= TAG):
        end -= 1
    body = text[:end]
    lead = _BLANK_START.match(body)
    blank = lead.group() if lead else ""
    line = [c for c in blank if TAG < c < OWN_OPEN]
    own = [c for c in blank if c >= OWN_OPEN]
    return "".join(line[-1:] + own[-1:]) + body[len(blank) :]


def line_mark(line: int) -> str:
    return chr(_LINE + min(line, MAX_LINES))


def renumbered(marked: str, numbers: Sequence[int]) -> str:
    """Marked text with other numbers of its lines; 0: that line keeps its own.

    >>> renumbered(line_mark(2) + "a", [5, 7]) == line_mark(7) + "a"
    True
    """

    def new(match: re.Match[str]) -> str:
        line = ord(match[0]) - _LINE
        return line_mark((line <= len(numbers) and numbers[line - 1]) or line)

    return _LINE_MARK.sub(new, marked)


class Origin:
    """Where each character of expanded text came from: the author's line, and whether it is somebody's own.

    >>> from kindvoice.errors import as_own
    >>> text, origin = split_marks(line_mark(3) + "a" + as_own("b") + line_mark(7) + "c")
    >>> text, origin.line_at(1), origin.line_at(2), list(origin.runs(0, 3)), origin.is_own(1)
    ('abc', 3, 7, [(0, 1), (1, 2), (2, 3)], True)
    """

    def __init__(self, offsets: list[int], lines: list[int], own: list[bool] | None = None) -> None:
        self._offsets = offsets
        self._lines = lines
        self._own = own or [False] * len(offsets)

    def is_own(self, offset: int) -> bool:
        """Whether a participant's own words stand at this offset."""
        at = bisect.bisect_right(self._offsets, offset)
        return self._own[at - 1] if at else False

    def line_at(self, offset: int) -> int:
        """The author's line, from 1, of the character at this offset; 0 when nothing is known."""
        at = bisect.bisect_right(self._offsets, offset)
        return self._lines[at - 1] if at else 0

    def runs(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """The stretch from start to stop, cut where another of the author's lines or somebody's own words begin."""
        while start < stop:
            at = bisect.bisect_right(self._offsets, start)
            end = min(self._offsets[at], stop) if at < len(self._offsets) else stop
            yield start, end
            start = end


def split_marks(text: str) -> tuple[str, Origin]:
    """Marked text to plain text and where it came from. Own words end with their line at the latest."""
    parts: list[str] = []
    offsets: list[int] = []
    lines: list[int] = []
    owns: list[bool] = []
    length = position = line = 0
    own = False
    for match in _MARKS.finditer(text):
        parts.append(text[position : match.start()])
        length += match.start() - position
        position = match.end()
        mark = match.group()
        own = mark == OWN_OPEN
        if not own and mark != OWN_CLOSE and mark != TAG:
            line = ord(mark) - _LINE
        offsets.append(length)
        lines.append(line)
        owns.append(own)
    parts.append(text[position:])
    return "".join(parts), Origin(offsets, lines, owns)
