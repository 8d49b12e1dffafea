"""The text of one paragraph, cut where another line of the author's or somebody's own words begin."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kindvoice.model import Spans, Where, Words, spans_within
from kindvoice.script.literal import TAG, Origin, reveal
from kindvoice.script.markdown import Block
from kindvoice.script.sentences import split_sentences

_STOPS = tuple(".!?…:;,。！？\"'”’»)")
# A line of verse is shorter than a line that was only wrapped.
_VERSE_WIDTH = 60
_SHORT_WIDTH = 45


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text of one origin."""

    text: str
    where: Where
    own: bool = False
    """whether it is a participant's"""


class Flow:
    """A block's text with the author's line of every part of it."""

    def __init__(self, block: Block, origin: Origin, path: str) -> None:
        self._pieces: list[Piece] = []
        self._starts: list[int] = []
        length = 0
        for part in block.parts:
            if part.reason:
                continue
            for begin, end in origin.runs(part.at, part.at + len(part.text)):
                where = Where(path=path, line=origin.line_at(begin))
                self._starts.append(length)
                text = part.text[begin - part.at : end - part.at]
                self._pieces.append(Piece(text, where, origin.is_own(begin)))
                length += len(text)
        self.text = "".join(piece.text for piece in self._pieces)

    def cut(self, start: int, stop: int) -> Iterator[Piece]:
        """The pieces of text[start:stop]."""
        first = max(bisect_right(self._starts, start) - 1, 0)
        for i in range(first, len(self._pieces)):
            piece, begin = self._pieces[i], self._starts[i]
            if begin >= stop:
                return
            if text := piece.text[max(start - begin, 0) : stop - begin]:
                yield Piece(text, piece.where, piece.own)

    def where(self, offset: int) -> Where:
        return self._pieces[max(bisect_right(self._starts, offset) - 1, 0)].where

    def is_own(self, start: int, stop: int) -> bool:
        """Whether somebody's own words stand in text[start:stop], or a line that its author wants spoken."""
        return any(piece.own for piece in self.cut(start, stop)) or TAG in self.text[start:stop]


class Run:
    """Pieces as one text with single spaces, that knows where each part of it is from."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        texts: list[str] = []
        self._starts: list[int] = []
        self._pieces: list[Piece] = []
        gap, length = False, 0
        for piece in pieces:
            if words := " ".join(reveal(piece.text).split()):
                if length and (gap or piece.text[0].isspace()):
                    texts.append(" ")
                    length += 1
                self._starts.append(length)
                self._pieces.append(Piece(words, piece.where, piece.own))
                texts.append(words)
                length += len(words)
                gap = False
            gap = gap or piece.text[-1:].isspace()
        self.text = "".join(texts)

    def where(self, offset: int) -> Where:
        return self._pieces[self._index(offset)].where

    def own(self, start: int, stop: int) -> Spans:
        """Where somebody's own words stand in text[start:stop]."""
        between = range(self._index(start), self._index(stop) + 1)
        spans = [
            (self._starts[i], self._starts[i] + len(self._pieces[i].text))
            for i in between
            if self._pieces[i].own
        ]
        return spans_within(tuple(spans), start, stop)

    def _index(self, offset: int) -> int:
        """Of the piece that stands here."""
        return max(bisect_right(self._starts, offset) - 1, 0)


class Sentences:
    """Collects the text of one paragraph between two cues, and gives its sentences."""

    def __init__(self, *, verse: bool) -> None:
        self._verse = verse
        self._sentences: list[Words] = []
        self._pieces: list[Piece] = []
        self._line = ""
        self._after_verse = False
        self.lines_apart = False
        """whether a line without a stop is a sentence, whatever letter the next one begins with"""

    def add(self, piece: Piece) -> None:
        if self._after_verse and piece.text.strip():
            # A short line without a stop, then a capital: a line of verse, which is a sentence of its own.
            if reveal(piece.text).lstrip()[:1].isupper() or self.lines_apart:
                self._end()
            self._after_verse = False
        self._pieces.append(piece)
        self._line += piece.text

    def end_line(self, width: int) -> None:
        """The author's line is over."""
        if line := reveal(self._line).rstrip():
            self._after_verse = (
                (self._verse or self.lines_apart) and width < _VERSE_WIDTH and not line.endswith(_STOPS)
            )
            self._pieces.append(Piece("\n", self._pieces[-1].where))
        self._line = ""

    def _end(self) -> None:
        if self._pieces:
            self._sentences += _sentences(self._pieces)
            self._pieces = []

    def flush(self) -> list[Words]:
        self._end()
        words, self._sentences = self._sentences, []
        self._line, self._after_verse = "", False
        return words


def is_verse(text: str) -> bool:
    """Whether a paragraph is short lines that stand alone: all in small letters, or (three at least, for German writes
    its nouns with a capital) each with a capital, and no stop before the last line's.

    >>> is_verse("let the breath come\\nlet it go"), is_verse("Find a seat\\nthat feels good.")
    (True, False)
    """
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if len(lines) < 2 or max(map(len, lines)) > _SHORT_WIDTH:
        return False
    if any(line.endswith(_STOPS) and not line.endswith(",") for line in lines[:-1]):
        return False
    return all(line[0].islower() for line in lines) or (
        len(lines) > 2 and all(line[0].isupper() for line in lines)
    )


def _sentences(pieces: Iterable[Piece]) -> Iterator[Words]:
    run = Run(pieces)
    position = 0
    for sentence in split_sentences(run.text):
        start = run.text.index(sentence, position)
        position = start + len(sentence)
        yield Words(text=sentence, own=run.own(start, position), where=run.where(start))
