"""A file to a Page: every version of a script that a rule may want, each line of it read once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

from kindvoice.errors import Faults, KindvoiceError, ScriptError
from kindvoice.lint.base import ERROR, MANY, EstimatedTimeline, Finding, Page, Rendition
from kindvoice.model import Chapter, Cue, ParagraphBreak, Unspoken, Voice, Where
from kindvoice.script import Version
from kindvoice.script.condition import Condition, Listener, conditions_in
from kindvoice.script.literal import split_marks
from kindvoice.script.load import Source, read_source
from kindvoice.script.parse import Parsed, parse
from kindvoice.script.phrases import StandIns, phrases_from
from kindvoice.script.template import names_in
from kindvoice.speech.voices import cast_of
from kindvoice.timing.resolve import make_timeline

UNREADABLE = "a script that cannot be read cannot be heard"
_USUAL_MS = 15 * 60_000
_BLANK = re.compile("\n(?:[ \t\U00100000-\U0010fffd]*\n)+")
"""an empty line of marked text, or several"""
_BRACKETS_ONLY = re.compile(r"^[ \t]*((?:\[[^\[\]\n]*\][ \t]*)+)$", re.MULTILINE)
_HEADING = re.compile("[\U00100000-\U0010fffd]{0,3}[ ]{0,3}(#{1,6})[ \t][^\n]*+\n?([^\n]*+)")
"""a paragraph of marked text that begins with one: its level, and the line below"""
_UNDERLINED = re.compile(r"^[ \t]*(?:=+|-+)[ \t]*$", re.MULTILINE)
_PLAIN = re.compile(r" *((?:\[[^\[\]\n]*\][ \t]+)+)[^\W\d_][^\n]*(?:\n[ \t]*[^\W\d_][^\n]*)*\n?")
"""a paragraph, and the brackets that it begins with: no line begins with a sign of Markdown"""
_MOST_PARAGRAPHS = 2_000
_NOTHING = Parsed(())
_TOLD_APART = {"length_ms": "minutes", "gentle": "gentle", "audience": "audience"}
"""what versions of one script differ in, and how a template calls it"""


def read_page(
    path: Path,
    written: str | bytes | None = None,
    *,
    library: bool = False,
    voices: Mapping[str, Voice] | None = None,
    shared: frozenset[str] = frozenset(),
    every_minute: bool = True,
) -> Page | list[Finding]:
    """A script at its usual, shortest and longest length, in a gentle reading, and at every whole minute; else all
    that is wrong in it. The arguments are as in `check` and Page; every_minute: else only its usual, shortest and
    longest length are read gently and not."""
    faults = Faults()
    try:
        source = read_source(path, written)
        if source.front.faults:
            raise source.with_cues(source.front.faults.error())
        front = source.front.values
        low, high = front.get("range", (None, None))
        usual = front.get("length")
        lengths = list(dict.fromkeys([usual, low, high] if low else [usual]))
        as_usual = Version(script=path, text=written, length_ms=usual)
        versions = [replace(as_usual, length_ms=length_ms) for length_ms in lengths]
        versions.append(replace(as_usual, gentle=True))
        versions += [replace(as_usual, audience=audience) for audience in front.get("audiences", ())]
        reader = _VersionReader(source, faults, None if low else False)
        renditions = tuple(map(reader.read, versions))
        if voices is not None:
            script = renditions[0].script
            cast_of(script, script.voice, voices, faults=faults)
        minutes = range(-(-low // 60_000) * 60_000, high + 1, 60_000) if low else ()
        every = tuple(
            reader.read(replace(as_usual, length_ms=length_ms, gentle=gentle))
            for gentle in (False, True) for length_ms in (minutes if every_minute else filter(None, lengths))
        )  # fmt: skip
        many = []
        if "phrases" in front and every_minute:
            own = phrases_from(front["phrases"], source.language, Where(path=str(path), line=0))
            as_many = replace(as_usual, phrases=tuple(islice(cycle(own), MANY)))
            many = [reader.read(replace(as_many, length_ms=length_ms)) for length_ms in minutes]
    except KindvoiceError as error:
        faults.add(error)
    if faults:
        return [
            Finding(
                rule="readable", level=ERROR, where=error.where or Where(path=str(path), line=0), what=error.what,
                why=UNREADABLE, better=error.cure,
            )
            for error in faults.error().each
        ]  # fmt: skip
    return Page(
        path=path, text=source.text, front=front, front_lines=source.front.lines, versions=renditions,
        every=every or renditions, many=tuple(many), library=library, accepted=front.get("accept", {}), shared=shared,
    )  # fmt: skip


class _Paragraph(NamedTuple):
    text: str
    conditions: Sequence[int]
    """in it, by their numbers"""
    level: int = 0
    """of the heading that it begins with"""
    chapter: Sequence[int] = ()
    """conditions of all that stands below that heading"""
    at_start: bool = False
    """whether it is one block for Markdown, and all its conditions stand at its start and decide whether it is heard"""


@dataclass
class _VersionReader:
    """Reads versions of one script; versions with the same words are read once."""

    source: Source
    faults: Faults
    """takes what is wrong in single cues"""
    apart: bool | None
    """whether paragraphs can be read one by one; None: the first text tells"""
    _known: dict[tuple[object, ...], EstimatedTimeline] = field(default_factory=dict)
    _paragraphs: dict[tuple[str, str], Parsed] = field(default_factory=dict)
    _split: dict[str, list[_Paragraph]] = field(default_factory=dict)
    """a text's paragraphs"""
    _distinct: dict[Condition, int] = field(default_factory=dict)
    """every condition once, with its number"""
    _conditions: dict[str, list[int]] = field(default_factory=dict)
    """who hears what, by text"""
    _expanded: dict[tuple[object, ...], tuple[str, StandIns]] = field(default_factory=dict)
    _answers: dict[Listener, list[str]] = field(default_factory=dict)
    """which conditions a listener does not meet: by their numbers, 0 or 1"""

    def __post_init__(self) -> None:
        # Below a heading, a condition on a line of its own is one for the whole chapter.
        body = self.source.front.body
        if _UNDERLINED.search(body) and any(self._of(line[1]) for line in _BRACKETS_ONLY.finditer(body)):
            self.apart = False

    def _of(self, text: str) -> list[int]:
        if text not in self._conditions:
            plain, _ = split_marks(text)
            self._conditions[text] = [
                self._distinct.setdefault(each, len(self._distinct))
                for _, each in conditions_in(plain, self.source.language)
            ]
        return self._conditions[text]

    def _unmet(self, conditions: Sequence[int], listener: Listener) -> str:
        """Which of these are not met."""
        if not conditions:
            return ""
        answers = self._answers.setdefault(listener, [])
        answers += ["01"[bool(each.unmet(listener))] for each in list(self._distinct)[len(answers) :]]
        return "".join([answers[number] for number in conditions])

    def _expand(self, version: Version) -> tuple[str, StandIns]:
        """The version's text, which is the same for all whose template asks for nothing that tells them apart."""
        key = version.phrases, version.length_ms is None, *(
            getattr(version, of) for of, name in _TOLD_APART.items() if name in names_in(self.source.front.body)
        )  # fmt: skip
        if key not in self._expanded:
            self._expanded[key] = self.source.expanded(version)
        return self._expanded[key]

    def read(self, version: Version) -> Rendition:
        try:
            text, stand_ins = self._expand(version)
        except ScriptError as error:
            missing = {getattr(each, "missing", "") for each in error.each}
            if version.length_ms is not None or "minutes" not in missing:
                raise
            # The text asks for a length and the file names none.
            version = replace(version, length_ms=_USUAL_MS)
            text, stand_ins = self._expand(version)
        listener = Listener(length_ms=version.length_ms, gentle=version.gentle, audience=version.audience)
        key = (text, version.gentle, self._unmet(self._of(self.source.front.body), listener))
        if key not in self._known:
            script = self.source.parsed(version, text, stand_ins, self.faults, read=self._parse)
            self._known[key] = EstimatedTimeline(script, make_timeline(script, faults=self.faults))
        return self._known[key].fitted(version)

    def _parse(self, marked: str, *arguments: Any, listener: Listener, faults: Faults, **more: Any) -> Parsed:
        """As `parse`. A paragraph that has been read before is not read again, unless what stands around a paragraph
        changes what it is, as in a list."""
        paragraphs = self._apart(marked) if self.apart is not False else []
        if not 0 < len(paragraphs) < _MOST_PARAGRAPHS:
            return parse(marked, *arguments, listener=listener, faults=faults, **more)
        in_parts = Faults() if self.apart is None else faults

        def read(text: str, listener: Listener | None) -> Parsed:
            return parse(text, *arguments, listener=listener, faults=in_parts, **more)

        pieces = [self._piece(each, listener, read) for each in self._heard(paragraphs, listener)]
        joined = _joined(pieces)
        if self.apart is None:
            whole = parse(marked, *arguments, listener=listener, faults=faults, **more)
            self.apart = (whole.cues, whole.unspoken) == (joined.cues, joined.unspoken)
            return whole
        return joined

    def _piece(
        self, paragraph: _Paragraph, listener: Listener, read: Callable[[str, Listener | None], Parsed]
    ) -> Parsed:
        text, known, unmet = paragraph.text, self._paragraphs, self._unmet(paragraph.conditions, listener)
        if paragraph.at_start:
            if (text, "") not in known:
                known[text, ""] = read(text, None)
            parsed = known[text, ""]
            if "1" not in unmet:
                return parsed
            if parsed.cues and not parsed.unspoken:
                return _NOTHING
        if (text, unmet) not in known:
            known[text, unmet] = read(text, listener)
        return known[text, unmet]

    def _apart(self, marked: str) -> list[_Paragraph]:
        if marked not in self._split:
            texts = _BLANK.split(marked)
            self._split[marked] = [
                self._paragraph(text, after) for text, after in zip(texts, [*texts[1:], ""], strict=True)
            ]
        return self._split[marked]

    def _paragraph(self, text: str, after: str) -> _Paragraph:
        if not (heading := _HEADING.match(text)):
            conditions = self._of(text)
            start = _PLAIN.fullmatch(split_marks(text)[0]) if conditions else None
            at_start = start is not None and len(conditions) == len(self._of(start[1]))
            return _Paragraph(text, conditions, at_start=at_start)
        below, _ = split_marks(heading[2] or after.partition("\n")[0])
        alone = _BRACKETS_ONLY.fullmatch(below) and below.count("[") == len(self._of(below))
        return _Paragraph(text, self._of(text), len(heading[1]), self._of(below) if alone else ())

    def _heard(self, paragraphs: list[_Paragraph], listener: Listener) -> Iterator[_Paragraph]:
        """Those whose chapter is meant for the listener."""
        left_out = 0
        """the level of a chapter that is not; 0: none"""
        for paragraph in paragraphs:
            if paragraph.level and (not left_out or paragraph.level <= left_out):
                left_out = paragraph.level if "1" in self._unmet(paragraph.chapter, listener) else 0
            if not left_out:
                yield paragraph


def _joined(pieces: list[Parsed]) -> Parsed:
    cues: list[Cue] = []
    unspoken: list[Unspoken] = []
    for piece in pieces:
        if cues and piece.cues and not isinstance(cues[-1], (ParagraphBreak, Chapter)):
            cues.append(ParagraphBreak(where=piece.cues[0].where))
        cues += piece.cues
        unspoken += piece.unspoken
    return Parsed(tuple(cues), tuple(unspoken))
