"""Expanded text to cues, each with the author's file and line."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from kindvoice.errors import Faults, ScriptError
from kindvoice.model import Chapter, Cue, ParagraphBreak, Spans, Where, Words, spans_within
from kindvoice.script.cues import parse_cue, parse_tag
from kindvoice.script.literal import MEANINGFUL, Origin, reveal, split_marks, twin
from kindvoice.script.sentences import split_sentences

_HEADING = re.compile(r"#{1,6}(?:\s+|$)(?P<title>.*?)(?:\s+#+)?$")
_RULE = re.compile(r"(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})$")
_QUOTE = re.compile(r"(?:>\s*)+")
_BULLET = re.compile(r"[-*+•]\s+(?=\S)")
_TO_LINE_END = re.compile(r"[ \t]*\n")
ESCAPED = MEANINGFUL + "{}%"
"""What a backslash makes literal."""
_TOKEN = re.compile(
    rf"\\(?P<escaped>[{re.escape(ESCAPED)}])"
    r"|(?P<wrap>[*_]{0,3})\[(?P<cue>[^\[\]\n]*)\](?P=wrap)"
    r"|(?P<tag></?[A-Za-z][^<>\n]*>)"
    r"|(?P<stray>[\[\]]|<!--)"
)
_STRAY = {
    "[": ("a [ is never closed", r"close it with ] on the same line, or write \[ to have it spoken"),
    "]": ("a ] closes nothing", r"open it with [ on the same line, or write \] to have it spoken"),
    "<!--": ("a comment is never closed", "close it with -->"),
}
_STOPS = tuple(".!?…:;,。！？\"'”’»)")
# A line of verse is shorter than a line that was only wrapped.
_VERSE_WIDTH = 60


def parse(marked: str, path: str, language: str, faults: Faults | None = None) -> tuple[Cue, ...]:
    """Expanded, marked text to cues. `# x` is a chapter, an empty line a paragraph, `[...]` a cue, the rest words.

    language: BCP 47; sentences are told apart by its habits. faults: takes what is wrong, and what is left is given;
    without it, that is raised: ScriptError or ScriptErrors, with file and line.
    """
    text, origin = split_marks(marked)
    noted = Faults() if faults is None else faults
    cues = _Parser(origin, path, language, noted).parse(text)
    if faults is None:
        noted.raise_any()
    return cues


class _Parser:
    def __init__(self, origin: Origin, path: str, language: str, faults: Faults) -> None:
        self._origin = origin
        self._faults = faults
        self._path = path
        self._cues: list[Cue] = []
        # German writes its nouns with a capital: a capital says nothing about verse there.
        self._paragraph = _Paragraph(verse=not language.lower().startswith("de"))

    def parse(self, text: str) -> tuple[Cue, ...]:
        text = _without_comments(text)
        offset = 0
        for line in text.split("\n"):
            self._line(line.strip(), offset + len(line) - len(line.lstrip()))
            offset += len(line) + 1
        self._flush()
        while self._cues and isinstance(self._cues[-1], ParagraphBreak):
            self._cues.pop()
        return tuple(self._cues)

    def _line(self, line: str, start: int) -> None:
        """One line without the white space around it; `start` is the offset of its first character."""
        if quote := _QUOTE.match(line):
            start += quote.end()
            line = line[quote.end() :]
        if not line or _RULE.match(line):
            self._break(self._where(start))
            return
        if heading := _HEADING.match(line):
            self._heading(heading["title"], start + heading.start("title"))
            return
        if bullet := _BULLET.match(line):
            self._break(self._where(start))
            start += bullet.end()
            line = line[bullet.end() :]
        for piece in self._tokens(line, start):
            if isinstance(piece, _Piece):
                self._paragraph.add(piece)
            else:
                self._flush()
                self._cues.append(piece)
        self._paragraph.end_line(len(line))

    def _where(self, offset: int) -> Where:
        return Where(path=self._path, line=self._origin.line_at(offset))

    def _flush(self) -> None:
        self._cues += self._paragraph.flush()

    def _break(self, where: Where) -> None:
        self._flush()
        if self._cues and not isinstance(self._cues[-1], (ParagraphBreak, Chapter)):
            self._cues.append(ParagraphBreak(where=where))

    def _heading(self, title: str, start: int) -> None:
        """A heading may carry cues; they come right after the chapter begins."""
        self._flush()
        pieces, cues = [], []
        for piece in self._tokens(title, start):
            if isinstance(piece, _Piece):
                pieces.append(replace(piece, text=_without_emphasis(piece.text)))
            else:
                cues.append(piece)
        words = _Run(pieces)
        if not words.text:
            what = "a heading without words"
            self._faults.add(ScriptError(what, where=self._where(start), cure="name the chapter: # Arriving"))
            return
        own = words.own(0, len(words.text))
        self._cues += [Chapter(title=reveal(words.text), own=own, where=self._where(start)), *cues]

    def _tokens(self, line: str, start: int) -> Iterator[_Piece | Cue]:
        """A line as pieces of text (escapes resolved) and cues, in order."""
        position = 0
        for token in _TOKEN.finditer(line):
            yield from self._text(line, start, position, token.start())
            position = token.end()
            where = self._where(start + token.start())
            if token["escaped"]:
                yield _Piece(twin(token["escaped"]), where)
            else:
                with self._faults.catch():
                    if cue := _cue(token, where):
                        yield cue
        yield from self._text(line, start, position, len(line))

    def _text(self, line: str, start: int, begin: int, end: int) -> Iterator[_Piece]:
        for at, stop in self._origin.runs(start + begin, start + end):
            yield _Piece(line[at - start : stop - start], self._where(at), self._origin.is_own(at))


def _cue(token: re.Match[str], where: Where) -> Cue | None:
    if token["stray"]:
        what, cure = _STRAY[token["stray"]]
        raise ScriptError(what, where=where, cure=cure)
    if token["tag"]:
        return parse_tag(reveal(token["tag"]), where)
    return parse_cue(reveal(token["cue"]), where)


def _without_comments(text: str) -> str:
    """A comment leaves no trace, not even an empty line; as spaces it keeps the offsets true."""
    parts, position = [], 0
    while (start := text.find("<!--", position)) >= 0 and (close := text.find("-->", start + 4)) >= 0:
        before, end = text[position:start], close + 3
        line = before.rpartition("\n")[2]
        begins = "\n" in before or not position or text[position - 1] == "\n"
        if begins and not line.strip(" \t") and (rest := _TO_LINE_END.match(text, end)):
            end = rest.end()
        parts += [before, " " * (end - start)]
        position = end
    return "".join(parts) + text[position:]


def _without_emphasis(text: str) -> str:
    """Markdown's emphasis is for the eye: nobody wants an asterisk spoken. In 2*3 and 5 * 3 it is a sign."""
    text = re.sub(r"(?!(?<=\d)\*\d|(?<=\d )\* \d)[*`]", "", text)
    return re.sub(r"(?<!\w)_+|_+(?!\w)", "", text)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of text of one origin."""

    text: str
    where: Where
    own: bool = False
    """whether it is a participant's"""


class _Paragraph:
    """Collects the text of one paragraph between two cues, and where each part of it stood."""

    def __init__(self, *, verse: bool) -> None:
        self._verse = verse
        self._sentences: list[Words] = []
        self._pieces: list[_Piece] = []
        self._line = ""
        self._after_verse = False

    def add(self, piece: _Piece) -> None:
        text = _without_emphasis(piece.text)
        if self._after_verse and text.strip():
            # A short line without a stop, then a capital: a line of verse, which is a sentence of its own.
            if text.lstrip()[0].isupper():
                self._end()
            self._after_verse = False
        self._pieces.append(replace(piece, text=text))
        self._line += text

    def end_line(self, width: int) -> None:
        """The author's line is over."""
        if line := self._line.rstrip():
            self._after_verse = self._verse and width < _VERSE_WIDTH and not line.endswith(_STOPS)
            self._pieces.append(_Piece("\n", self._pieces[-1].where))
        self._line = ""

    def _end(self) -> None:
        if not self._pieces:
            return
        self._sentences += _sentences(self._pieces)
        self._pieces = []

    def flush(self) -> list[Words]:
        self._end()
        words, self._sentences = self._sentences, []
        self._line, self._after_verse = "", False
        return words


class _Run:
    """Pieces as one text with single spaces, that knows where each part of it is from."""

    def __init__(self, pieces: Iterable[_Piece]) -> None:
        self.text = ""
        self._starts: list[tuple[int, _Piece]] = []
        gap = False
        for piece in pieces:
            if words := " ".join(piece.text.split()):
                self.text += " " if self.text and (gap or piece.text[0].isspace()) else ""
                self._starts.append((len(self.text), piece))
                self.text += words
                gap = False
            gap = gap or piece.text[-1:].isspace()

    def where(self, offset: int) -> Where:
        return self._starts[self._index(offset)][1].where

    def own(self, start: int, stop: int) -> Spans:
        """Where somebody's own words stand in text[start:stop]."""
        spans = [
            (at, at + len(" ".join(piece.text.split())))
            for at, piece in self._starts[self._index(start) : self._index(stop) + 1]
            if piece.own
        ]
        return spans_within(tuple(spans), start, stop)

    def _index(self, offset: int) -> int:
        """Of the piece that stands here."""
        return max(bisect_right(self._starts, offset, key=lambda start: start[0]) - 1, 0)


def _sentences(pieces: Iterable[_Piece]) -> Iterator[Words]:
    run = _Run(pieces)
    position = 0
    for sentence in split_sentences(run.text):
        start = run.text.index(sentence, position)
        position = start + len(sentence)
        yield Words(text=reveal(sentence), own=run.own(start, position), where=run.where(start))
