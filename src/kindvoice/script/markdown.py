"""Markdown as CommonMark reads it, with tables and strikethrough: the blocks of a text, and where each part stood.

Two things are otherwise. Nothing is code: what stands indented or between backticks is text like any other. And an
underlined line is a heading only where it could be one, because a rule right below a sentence is common.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from kindvoice.script.literal import twin

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_UNDERLINED = re.compile(r"(?!\w+:)[^\n]{0,59}[^\n.!?…,;:”\"»\])]")
"""a title, and no line of text above a rule"""
_MOST_FENCES = 2
"""in one another"""
_NEAR = 4_000
"""characters in which the source of a token is looked for"""
_TASK = re.compile(r"\[[ xX]\]\s+")
_ESCAPE = re.compile(r"\\([•·–—…])")
"""signs that mean something here and have no escape in Markdown"""
_LINK_END = re.compile(r"\](?:\((?:[^()\\\n]|\\.|\([^()\n]*\)){0,2000}\)|\[[^\[\]\n]*\])?")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a block's text and its offset in the source; or, with a reason, what is not spoken of it."""

    text: str
    at: int
    reason: str = ""


@dataclass(slots=True)
class Block:
    """A paragraph, a heading, a cell of a table; its text may have several lines."""

    kind: str
    """text, heading, cell, head (of a table), rule"""
    first: int
    """its first line in the source, from 0"""
    after: int
    """the line below its last"""
    level: int = 0
    """of a heading, 1 to 6"""
    apart: bool = False
    """whether it is a paragraph of its own even without an empty line before it"""
    parts: list[Part] = field(default_factory=list)
    emphasis: list[tuple[int, int]] = field(default_factory=list)
    """where in the text something stands between stars or underscores"""
    strong: list[tuple[int, int]] = field(default_factory=list)
    """and where between two of them"""
    by_shape: bool = False
    """whether it is a heading that no sign marks"""

    def head_by_shape(self) -> None:
        self.kind, self.level, self.by_shape = "heading", 2, True

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts if not part.reason)


def parted(block: Block, begins: Sequence[int]) -> Iterator[Block]:
    """The block as several, in one paragraph still. begins: which of its lines, from 0, are the first of one."""
    if not any(begins):
        yield block
        return
    lines = [0, *(line for line in begins if line)]
    pieces = [
        replace(
            block, first=block.first + line, apart=block.apart and not line, parts=[], emphasis=[], strong=[]
        )
        for line in lines
    ]
    for piece, after in itertools.pairwise(pieces):
        piece.after = after.first
    starts = [0, *itertools.accumulate(len(line) + 1 for line in block.text.split("\n"))]
    position = n = 0
    for part in block.parts:
        while not part.reason and n + 1 < len(lines) and position >= starts[lines[n + 1]]:
            n += 1
        position += 0 if part.reason else len(part.text)
        if (
            part.reason or n + 1 == len(lines) or position < starts[lines[n + 1]]
        ):  # else the end of its last line
            pieces[n].parts.append(part)
    begins_at = [starts[line] for line in lines]
    for name in ("emphasis", "strong"):
        for begin, end in getattr(block, name):
            n = bisect_right(begins_at, begin) - 1
            stop = min(end, begins_at[n + 1] - 1 if n + 1 < len(lines) else end)
            getattr(pieces[n], name).append((begin - begins_at[n], stop - begins_at[n]))
    yield from pieces


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return markdown.disable(["code", "reference", "html_block", "html_inline", "text_join", "fragments_join"])


def read_blocks(text: str, links: dict[str, str] | None = None) -> Iterator[Block]:
    """The blocks of a text in their order. links: addresses by name, for `[text][name]`."""
    from markdown_it.common.utils import normalizeReference

    named = {normalizeReference(name): {"href": href, "title": ""} for name, href in (links or {}).items()}
    yield from _Reader(text.split("\n"), named).read(0, len(text.split("\n")))


class _Reader:
    def __init__(self, lines: list[str], links: dict[str, dict[str, str]], fences: int = 0) -> None:
        self._lines = lines
        self._links = links
        self._fences = fences
        self._starts = [0]
        for line in lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def read(self, begin: int, end: int) -> Iterator[Block]:
        """The blocks of the lines from begin to end."""
        source = "\n".join(self._lines[begin:end])
        row, number, head, column = (0, 0), "", False, 0
        apart = False
        for token, inline in _pairs(_markdown().parse(source, {"references": dict(self._links)})):
            lines = (token.map[0] + begin, token.map[1] + begin) if token.map else row
            match token.type:
                case "fence":
                    yield from self._fence(token, lines)
                case "hr":
                    yield Block("rule", *lines)
                case "list_item_open":
                    number, apart = token.info and f"{token.info}{token.markup} ", True
                case "tr_open":
                    row, column, apart = lines, 0, True
                case "thead_open" | "tbody_open":
                    head = token.type == "thead_open"
                case "heading_open" if inline is not None:
                    yield from self._heading(token, inline, lines, begin)
                case "paragraph_open" | "th_open" | "td_open" if inline is not None:
                    kind = "text" if token.type == "paragraph_open" else "head" if head else "cell"
                    block = Block(kind, *lines, apart=apart or kind != "text")
                    column = self._fill(block, inline, lines[0], column if kind != "text" else 0, number)
                    number, apart = "", False
                    yield block

    def _fence(self, token: Token, lines: tuple[int, int]) -> Iterator[Block]:
        """What stands in a fence is a script like the rest."""
        begin = lines[0] + 1
        closed = self._lines[lines[1] - 1].strip().startswith(token.markup) and lines[1] > begin
        end = lines[1] - closed
        if self._fences < _MOST_FENCES and end > begin:
            reader = _Reader(self._lines, self._links, self._fences + 1)
            yield Block("rule", lines[0], begin)
            yield from reader.read(begin, end)
        yield Block("rule", end, lines[1])

    def _heading(self, token: Token, inline: Token, lines: tuple[int, int], begin: int) -> Iterator[Block]:
        underlined = token.markup in {"-", "="}
        text = inline.content.rstrip()
        if underlined and not _UNDERLINED.fullmatch(text) and (token.markup == "-" or "\n" in text):
            block = Block("text", lines[0], lines[1] - 1)
            self._fill(block, inline, lines[0])
            yield block
            yield Block("rule", lines[1] - 1, lines[1])
            return
        block = Block("heading", *lines, level=int(token.tag[1:]))
        self._fill(block, inline, lines[0])
        yield block

    def _fill(self, block: Block, inline: Token, line: int, column: int = 0, number: str = "") -> int:
        """Puts the text of an inline token into its block. Returns the column where it ends."""
        source = _Source(inline.content, self._lines, self._starts, line, column)
        if number:
            block.parts.append(Part(number, source.at(0)))
        _Inline(block, source).read(inline.children or [])
        return source.column


def _pairs(tokens: Sequence[Token]) -> Iterator[tuple[Token, Token | None]]:
    """Every token, with the inline token that follows it."""
    for i, token in enumerate(tokens):
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        yield token, after if after is not None and after.type == "inline" else None


class _Source:
    """The content of an inline token, and where it stands in the text."""

    def __init__(self, content: str, lines: list[str], starts: list[int], first: int, column: int) -> None:
        self.content = content
        self._begins: list[int] = []
        self._offsets: list[int] = []
        begin = 0
        for i, line in enumerate(content.split("\n")):
            source = lines[first + i].rstrip() if first + i < len(lines) else ""
            tail = line.rstrip()
            at = (
                len(source) - len(tail) if not column and source.endswith(tail) else source.find(tail, column)
            )
            self.column = max(at, column) + len(tail)
            self._begins.append(begin)
            self._offsets.append(starts[min(first + i, len(starts) - 1)] + max(at, 0))
            begin += len(line) + 1

    def at(self, position: int) -> int:
        """The offset in the text of a position in the content."""
        i = bisect_right(self._begins, position) - 1
        return self._offsets[i] + position - self._begins[i]


class _Inline:
    """The text of one block, put together from its tokens."""

    def __init__(self, block: Block, source: _Source) -> None:
        self._block = block
        self._source = source
        self._cursor = 0
        self._length = len(block.text)
        self._opened: list[int] = []
        self._struck: list[Part] = []
        self._strikes = 0
        self._link = ""

    def read(self, tokens: Sequence[Token]) -> None:
        if (
            tokens
            and tokens[0].type == "text"
            and self._block.apart
            and (task := _TASK.match(tokens[0].content))
        ):
            tokens[0].content = tokens[0].content[task.end() :]
            self._cursor = task.end()
        for token in tokens:
            match token.type:
                case "text" | "code_inline":
                    self._add(token.content, token.content)
                case "text_special":
                    self._add(twin(_ESCAPE.sub(r"\1", token.content)), token.markup)
                case "softbreak" | "hardbreak":
                    self._add("\n", "\n")
                case "em_open" | "strong_open":
                    self._opened.append(self._length)
                case "em_close" | "strong_close":
                    span = self._opened.pop(), self._length
                    self._block.emphasis.append(span)
                    if token.type == "strong_close":
                        self._block.strong.append(span)
                case "s_open":
                    self._strikes += 1
                case "s_close":
                    self._strikes -= 1
                    self._strike()
                case "link_open":
                    self._link = str(token.attrs.get("href", "")) if token.markup != "autolink" else ""
                case "link_close" if self._link:
                    self._leave(self._link, "a link's address")
                    self._link = ""
                case "image":
                    self._skip(token.content)
                    self._leave(token.content or str(token.attrs.get("src", "")), "a picture")

    def _add(self, text: str, written: str) -> None:
        part, parts = Part(text, self._source.at(self._skip(written))), self._block.parts
        if self._strikes:
            self._struck.append(part)
            return
        last = parts[-1] if parts else part
        if (
            not last.reason
            and last is not part
            and last.at + len(last.text) == part.at
            and "\n" not in text + last.text
        ):
            parts[-1] = Part(last.text + text, last.at)
        else:
            parts.append(part)
        self._length += len(text)

    def _skip(self, written: str) -> int:
        """Where this stands in the content, at or after the cursor, which then stands behind it."""
        content, cursor = self._source.content, self._cursor
        at = content.find(written, cursor, cursor + len(written) + _NEAR)
        if at < 0:
            return cursor
        self._cursor = at + len(written)
        return at

    def _leave(self, text: str, reason: str) -> None:
        """A link's address, or a picture: not spoken."""
        at = self._source.at(self._cursor)
        if end := _LINK_END.search(self._source.content, self._cursor, self._cursor + _NEAR):
            self._cursor = end.end()
        if not end or end[0].endswith(")"):  # that of `[text][name]` stands elsewhere
            self._block.parts.append(Part(text, at, reason))

    def _strike(self) -> None:
        if not self._strikes and self._struck:
            text = "".join(part.text for part in self._struck)
            self._block.parts.append(Part(text, self._struck[0].at, "struck out"))
            self._struck = []
