"""Expanded text to cues, each with the author's file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kindvoice.errors import ScriptError
from kindvoice.model import Chapter, Cue, ParagraphBreak, Where, Words
from kindvoice.script.cues import format_cue, parse_cue, parse_tag
from kindvoice.script.literal import LineMap, protect, reveal
from kindvoice.script.sentences import split_sentences

_HEADING = re.compile(r"#{1,6}\s+(?P<title>.*?)\s*#*$")
_RULE = re.compile(r"(?:-\s*){3,}$|(?:\*\s*){3,}$|(?:_\s*){3,}$")
_BULLET = re.compile(r"[-*+•]\s+(?=\S)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TOKEN = re.compile(
    r"\\(?P<escaped>[\[\]<>#*_\-+\\`])"
    r"|(?P<wrap>[*_]{0,3})\[(?P<cue>[^\[\]\n]*)\](?P=wrap)"
    r"|(?P<tag></?[A-Za-z][^<>\n]*>)"
    r"|(?P<open>\[)"
)
_STOPS = tuple(".!?…:;,。！？\"'”’»)")
# A line of verse is shorter than a line that was only wrapped.
_VERSE_WIDTH = 60


def parse(text: str, lines: LineMap, path: str, language: str) -> tuple[Cue, ...]:
    """Expanded text to cues. `# x` is a chapter, an empty line a paragraph, `[...]` a cue, the rest words.

    language: BCP 47; sentences are told apart by its habits. Raises ScriptError with file and line.
    """
    # Comments go first; their line breaks stay, so that the map of lines still holds.
    text = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    cues: list[Cue] = []
    paragraph = _Paragraph(language)
    offset = 0
    for line in text.split("\n"):
        stripped = line.strip()
        start = offset + len(line) - len(line.lstrip())
        offset += len(line) + 1
        where = Where(path=path, line=lines.line_at(start))
        if not stripped or _RULE.match(stripped):
            cues += paragraph.flush()
            if cues and not isinstance(cues[-1], (ParagraphBreak, Chapter)):
                cues.append(ParagraphBreak(where=where))
            continue
        if heading := _HEADING.match(stripped):
            cues += paragraph.flush()
            cues += _heading(heading["title"], where)
            continue
        if bullet := _BULLET.match(stripped):
            cues += paragraph.flush()
            if cues and not isinstance(cues[-1], (ParagraphBreak, Chapter)):
                cues.append(ParagraphBreak(where=where))
            start += bullet.end()
            stripped = stripped[bullet.end() :]
        for piece, at in _tokens(stripped, start, lines, path):
            if isinstance(piece, str):
                paragraph.add(piece, at)
            else:
                cues += paragraph.flush()
                cues.append(piece)
        paragraph.end_line(len(stripped))
    cues += paragraph.flush()
    while cues and isinstance(cues[-1], ParagraphBreak):
        cues.pop()
    return tuple(cues)


def _tokens(line: str, start: int, lines: LineMap, path: str) -> Iterator[tuple[str | Cue, Where]]:
    """One line as runs of text (escapes resolved) and cues, in order."""
    run, run_at, position = "", start, 0
    for token in _TOKEN.finditer(line):
        if not run.strip():
            run_at = start + position
        run += line[position : token.start()]
        where = Where(path=path, line=lines.line_at(start + token.start()))
        position = token.end()
        if token["escaped"]:
            run += protect(token["escaped"])
            continue
        if token["open"]:
            raise ScriptError("a [ is never closed", where=where, cure=r"close it with ], or write \[ to have it spoken")
        yield run, Where(path=path, line=lines.line_at(run_at))
        run = ""
        cue = parse_tag(reveal(token["tag"]), where) if token["tag"] else parse_cue(reveal(token["cue"]), where)
        yield cue, where
    if not run.strip():
        run_at = start + position
    yield run + line[position:], Where(path=path, line=lines.line_at(run_at))


def _heading(title: str, where: Where) -> list[Cue]:
    """A heading may carry cues; they come right after the chapter begins."""
    words, cues = "", []
    for piece, _ in _tokens(title, 0, LineMap([], []), where.path):
        if isinstance(piece, str):
            words += piece
        else:
            cues.append(piece)
    plain = " ".join(reveal(_without_emphasis(words)).split())
    if not plain:
        raise ScriptError("a heading without words", where=where, cure="name the chapter: # Arriving")
    return [Chapter(title=plain, where=where), *cues]


def _without_emphasis(text: str) -> str:
    """Markdown's emphasis is for the eye: nobody wants an asterisk spoken."""
    text = text.replace("*", "").replace("`", "")
    return re.sub(r"(?<!\w)_+|_+(?!\w)", "", text)


class _Paragraph:
    """Collects the text of one paragraph between two cues, and where each part of it stood."""

    def __init__(self, language: str) -> None:
        # German writes its nouns with a capital: a capital says nothing about verse there.
        self._verse = not language.lower().startswith("de")
        self._parts: list[tuple[str, Where, bool]] = []
        self._fresh_line = False

    def add(self, text: str, where: Where) -> None:
        if text.strip():
            self._parts.append((_without_emphasis(text), where, self._fresh_line))
            self._fresh_line = False

    def end_line(self, width: int) -> None:
        """The author's line is over; a short one without a stop is a line of verse."""
        short = width < _VERSE_WIDTH and bool(self._parts) and not self._parts[-1][0].rstrip().endswith(_STOPS)
        self._fresh_line = self._verse and short

    def flush(self) -> Iterator[Words]:
        text, starts = "", []
        parts, self._parts, self._fresh_line = self._parts, [], False
        for part, where, fresh_line in parts:
            words = " ".join(part.split())
            if not words:
                continue
            if fresh_line and reveal(words)[0].isupper():
                yield from _sentences(text, starts)
                text, starts = "", []
            text += " " if text else ""
            starts.append((len(text), where))
            text += words
        yield from _sentences(text, starts)


def _sentences(text: str, starts: list[tuple[int, Where]]) -> Iterator[Words]:
    position = 0
    for sentence in split_sentences(text):
        position = text.index(sentence, position)
        where = next(where for at, where in reversed(starts) if at <= position)
        position += len(sentence)
        yield Words(text=reveal(sentence), where=where)


# ---------------------------------------------------------------- and back


def format_cues(cues: tuple[Cue, ...]) -> str:
    """Cues as an author would write them; `parse` reads them back as the same cues."""
    text = ""
    for cue in cues:
        match cue:
            case Chapter(title=title):
                text = text.rstrip() + ("\n\n" if text else "") + f"# {_escape(title)}\n\n"
            case ParagraphBreak():
                text = text.rstrip() + "\n\n"
            case Words(text=words):
                text += _escape(words) + " "
            case _:
                text += format_cue(cue) + " "
    return text.rstrip() + "\n"


def _escape(text: str) -> str:
    return re.sub(r"([\[\]<>#*_\-+\\`])", r"\\\1", text)
