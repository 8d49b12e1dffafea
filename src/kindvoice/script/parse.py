"""Expanded text to cues, each with the author's file and line."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kindvoice.errors import Faults, ScriptError, did_you_mean
from kindvoice.model import Chapter, Cue, LeftOut, ParagraphBreak, Unspoken, Where
from kindvoice.script.aside import Aside
from kindvoice.script.condition import Listener
from kindvoice.script.directions import Vocabulary, vocabulary
from kindvoice.script.flow import Flow, Piece, Run, Sentences, is_verse
from kindvoice.script.frame import OUTSIDE, around, without_asides
from kindvoice.script.habits import stand_out
from kindvoice.script.heard import Head, read_heads
from kindvoice.script.literal import TAG, Origin, reveal, split_marks
from kindvoice.script.markdown import Block, Part, parted, read_blocks
from kindvoice.script.marks import Asides
from kindvoice.script.reader import bold_labels
from kindvoice.script.titles import A_TITLE, plain_titles
from kindvoice.script.transcript import names_of_speakers

_TO_LINE_END = re.compile(r"[ \t]*\n")
_TIMED = re.compile(r"^[^\w\n\[]{0,20}\[0?0:00", re.MULTILINE)
_NOTED = re.compile(r"\w[.,;]? ?\[\d{1,3}\]")
_CLOSING = tuple(".,;:!?…)")
_SPOKEN_LINE = re.compile(r"^([ \t>]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?)\\(?=[^\s!-/:-@\[-`{-~])", re.MULTILINE)
"""a backslash before a line has it spoken, whatever it looks like; TAG stands for it"""
_SPACES = dict.fromkeys((0xA0, 0x2007, 0x2009, 0x202F), " ")
"""what a word processor writes before a colon, and columns are made of"""
_LOOSE_STARS = dict.fromkeys(map(ord, "*`"))
_LOOSE_LINES = re.compile(r"(?<!\w)_+|_+(?!\w)")


@dataclass(frozen=True, slots=True)
class Parsed:
    """What is heard of a text, and what is not."""

    cues: tuple[Cue, ...]
    unspoken: tuple[Unspoken, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    titles: tuple[str, ...] = ()
    """of chapters that only how they are written tells"""


def parse(
    marked: str,
    path: str,
    language: str,
    blanks: Mapping[str, tuple[str, bool]] | None = None,
    *,
    also: str = "en",
    listener: Listener | None = None,
    faults: Faults | None = None,
    written_for: bool = False,
) -> Parsed:
    """Expanded, marked text to cues. `# x` is a chapter, an empty line a paragraph, `[...]` a cue, the rest words.

    language: BCP 47; sentences are told apart by its habits, and directions are known in it. blanks: what is put into a
    [blank to fill in], by name, and whether it is a participant's own. also: another language that directions may be
    in. listener: for whom it is read; None: with all its conditional parts. faults: takes what is wrong, and what is
    left is given; without it, that is raised: ScriptError or ScriptErrors, with file and line. written_for: whether the
    text was written for this program, as front matter shows: then its first and last lines are for the listener.
    """
    text, origin = split_marks(marked)
    noted = Faults() if faults is None else faults
    parser = _Parser(origin, path, language, noted, listener, written_for)
    parsed = parser.parse(text, vocabulary(language, also), {} if blanks is None else blanks)
    if faults is None:
        noted.raise_any()
    return parsed


class _Parser:
    def __init__(
        self,
        origin: Origin,
        path: str,
        language: str,
        faults: Faults,
        listener: Listener | None,
        written_for: bool,
    ) -> None:
        self._written_for = written_for
        self._origin = origin
        self._faults = faults
        self._path = path
        self._cues: list[Cue] = []
        self._unspoken: list[tuple[int, Unspoken]] = []
        self._listener = listener
        self._left_out: list[LeftOut] = []
        # German writes its nouns with a capital: a capital says nothing about verse there.
        self._sentences = Sentences(verse=not language.lower().startswith("de"))

    def parse(self, text: str, words: Vocabulary, blanks: Mapping[str, tuple[str, bool]]) -> Parsed:
        text, links, asides = without_asides(_without_comments(text.translate(_SPACES)), words)
        text = _SPOKEN_LINE.sub(rf"\g<1>{TAG}", text)
        for at, aside, reason in asides:
            self._leave(Part(aside, at, reason))
        timed, noted = _TIMED.search(text) is not None, _NOTED.search(text) is not None
        reader = Asides(words, blanks, self._faults, self._listener, timed=timed, footnotes=noted,
            names=names_of_speakers(text, words) | bold_labels(text, words),
        )  # fmt: skip
        starts = list(itertools.accumulate((len(line) + 1 for line in text.split("\n")), initial=0))[:-1]
        blocks = [part for block in read_blocks(text, links) for part in parted(block, _marked_lines(block))]
        flows = [Flow(block, self._origin, self._path) for block in blocks]
        own = {i for i, flow in enumerate(flows) if flow.is_own(0, len(flow.text))}
        reasons = around(blocks, words, own)
        reasons = {i: reason for i, reason in reasons.items() if TAG not in blocks[i].text}
        for i in plain_titles(blocks, reasons, words, own):
            blocks[i].head_by_shape()
        blocks, reasons = stand_out(blocks, reasons, words, own, written_for=self._written_for)
        if len(blocks) > len(flows):  # some were cut
            flows = [Flow(block, self._origin, self._path) for block in blocks]
        kinds = [reasons.get(i, block.kind) for i, block in enumerate(blocks)]
        without = self._listener.without if self._listener else ()
        heads = read_heads(flows, kinds, [block.level for block in blocks], words, without, self._faults)
        below = 0
        for i, block in enumerate(blocks):
            if block.apart or block.first > below:
                self._break(self._where(starts[min(below, block.first)]))
            # What stands below a rule is a paragraph of its own.
            below = block.after if block.kind != "rule" else block.first
            if block.kind != "rule":
                reason = reasons.get(i, "a table's head" if block.kind == "head" else "")
                self._block(block, flows[i], heads[i], reader, reason, starts[block.first])
        self._flush()
        while self._cues and isinstance(self._cues[-1], ParagraphBreak):
            self._cues.pop()
        unspoken = sorted(self._unspoken, key=lambda entry: entry[0])
        chapters = [flow.text for flow, kind in zip(flows, kinds, strict=True) if kind == "heading"]
        self._check_chapters(without, chapters, words)
        left_out = tuple(replace(left, before=min(left.before, len(self._cues))) for left in self._left_out)
        return Parsed(tuple(self._cues), tuple(entry for _, entry in unspoken), left_out,
                      tuple(" ".join(flow.text.split()) for block, flow in zip(blocks, flows, strict=True)
                            if block.by_shape))  # fmt: skip

    def _check_chapters(self, without: Sequence[str], titles: Sequence[str], words: Vocabulary) -> None:
        """Every script may have an introduction and questions, and need not."""
        known = {words.chapter(title): title for title in titles}
        for title in without:
            if words.chapter(title) not in {*known, *words.chapters.values()}:
                cure = did_you_mean(title, known.values(), f"its chapters: {', '.join(known.values())}")
                where = Where(path=self._path, line=0)
                self._faults.add(ScriptError(f"no chapter is called {title!r}", where=where, cure=cure))

    def _where(self, offset: int) -> Where:
        return Where(path=self._path, line=self._origin.line_at(offset))

    def _flush(self) -> None:
        self._cues += self._sentences.flush()

    def _break(self, where: Where) -> None:
        self._flush()
        if self._cues and not isinstance(self._cues[-1], (ParagraphBreak, Chapter)):
            self._cues.append(ParagraphBreak(where=where))

    def _leave(self, part: Part) -> None:
        """Something that is not spoken."""
        flow = Flow(Block("text", 0, 0, parts=[Part(part.text, part.at)]), self._origin, self._path)
        self._leave_out(flow, 0, len(flow.text), part.reason, part.at)

    def _leave_out(self, flow: Flow, start: int, stop: int, reason: str, order: int) -> None:
        run = Run(flow.cut(start, stop))
        if run.text:
            left = Unspoken(text=run.text, reason=reason, own=run.own(0, len(run.text)), where=run.where(0))
            self._unspoken.append((order, left))

    def _block(self, block: Block, flow: Flow, head: Head, reader: Asides, reason: str, start: int) -> None:
        """reason: why nothing of it is spoken; start: the offset of its first line."""
        heading = block.kind == "heading"
        if not reason and self._listener and (unmet := head.unmet(self._listener)):
            reader.marks(flow, block.emphasis, heading=heading, begin=head.end)  # what is wrong is told
            self._leave_for_others(flow, head.end, unmet)
            return
        for part in block.parts:
            if part.reason:
                self._leave(part)
        order = block.parts[0].at if block.parts else start
        if reason == OUTSIDE and (marks := reader.outside(flow)):
            self._text(flow, marks)
            return
        if reason:
            title = len(flow.text.split("\n")[0]) if reason == A_TITLE else len(flow.text)
            self._leave_out(flow, 0, title, reason, order)
            self._leave_out(flow, title, len(flow.text), "about the script", order)
            return
        marks = reader.marks(flow, block.emphasis, heading=heading, begin=head.end)
        for mark in marks:
            if mark.reason:
                self._leave_out(flow, mark.start, mark.stop, mark.reason, order)
        if heading:
            self._heading(flow, marks, self._where(order))
        else:
            self._sentences.lines_apart = not block.apart and is_verse(reveal(flow.text))
            self._text(flow, marks)
            reader.began = reader.began or _has_words(flow, marks)

    def _leave_for_others(self, flow: Flow, begin: int, unmet: str) -> None:
        self._flush()
        run = Run(flow.cut(begin, len(flow.text)))
        if text := run.text:
            left = LeftOut(
                text=text, reason=unmet, before=len(self._cues), last_line=run.where(len(text)).line,
                own=run.own(0, len(text)), where=flow.where(0),
            )  # fmt: skip
            self._left_out.append(left)

    def _heading(self, flow: Flow, marks: list[Aside], where: Where) -> None:
        """A heading may carry cues; they come right after the chapter begins."""
        self._flush()
        pieces: list[Piece] = []
        position = 0
        for mark in [*marks, Aside(len(flow.text), len(flow.text))]:
            pieces += map(_without_emphasis, flow.cut(position, mark.start))
            if mark.text is not None:
                pieces.append(Piece(mark.text, where, mark.own))
            position = mark.stop
        words = Run(pieces)
        title = words.text.strip(" -–—:|")
        if not title and not marks:
            what = "a heading without words"
            self._faults.add(ScriptError(what, where=where, cure="name the chapter: # Arriving"))
        if title:
            start = words.text.index(title)
            own = words.own(start, start + len(title))
            self._cues.append(Chapter(title=title, own=own, where=where))
        self._cues += [mark.cue for mark in marks if mark.cue is not None]

    def _text(self, flow: Flow, marks: list[Aside]) -> None:
        position = 0
        for mark in [*marks, Aside(len(flow.text), len(flow.text))]:
            after = flow.text[mark.stop : mark.stop + 1]
            cut = mark.reason and after and after in _CLOSING
            self._words(flow, position, mark.start, closed=bool(cut))
            if mark.text is not None:
                self._sentences.add(Piece(mark.text, flow.where(mark.start), mark.own))
            if mark.ends_sentence:
                self._flush()
            if mark.ends_line:
                self._sentences.end_line(0)
            if mark.cue is not None:
                self._flush()
                self._cues.append(mark.cue)
            position = mark.stop
        self._sentences.end_line(len(flow.text) - flow.text.rfind("\n") - 1)

    def _words(self, flow: Flow, start: int, stop: int, *, closed: bool) -> None:
        """closed: whether a stop follows what is left out behind it."""
        while start < stop:
            end = flow.text.find("\n", start, stop)
            end = stop if end < 0 else end
            for piece in flow.cut(start, end):
                piece = _without_emphasis(piece)
                if piece.text:
                    self._sentences.add(
                        replace(piece, text=piece.text.rstrip()) if closed and end == stop else piece
                    )
            if end < stop:
                self._sentences.end_line(end - flow.text.rfind("\n", 0, end) - 1)
            start = end + 1


def _marked_lines(block: Block) -> list[int]:
    """Where in the block lines begin that are to be spoken, and lines below these."""
    marked = [n for n, line in enumerate(block.text.split("\n")) if TAG in line] if TAG in block.text else []
    return sorted({n for line in marked for n in (line, line + 1)} & set(range(block.text.count("\n") + 1)))


def _has_words(flow: Flow, marks: list[Aside]) -> bool:
    """Whether something of it is spoken."""
    silent = {at for mark in marks for at in range(mark.start, mark.stop)}
    return any(character.isalnum() for at, character in enumerate(flow.text) if at not in silent)


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


def _without_emphasis(piece: Piece) -> Piece:
    """Without the stars that Markdown could not pair: nobody wants one spoken."""
    text = _LOOSE_LINES.sub("", piece.text.translate(_LOOSE_STARS))
    return Piece(text, piece.where, piece.own)
