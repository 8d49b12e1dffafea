"""A file to a Page: every version of a script that a rule may want, each line of it read once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from kindvoice.errors import Faults, KindvoiceError, ScriptError
from kindvoice.lint.base import ERROR, MANY, EstimatedTimeline, Finding, Page, Rendition
from kindvoice.model import Chapter, Cue, ParagraphBreak, Unspoken, Voice, Where
from kindvoice.script import Version
from kindvoice.script.condition import Condition, Listener, conditions_in
from kindvoice.script.literal import split_marks
from kindvoice.script.load import Source, read_source
from kindvoice.script.parse import Parsed, parse
from kindvoice.script.phrases import phrases_from
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
_MOST_PARAGRAPHS = 2_000


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
    _conditions: dict[str, list[Condition]] = field(default_factory=dict)
    """who hears what, by paragraph"""

    def __post_init__(self) -> None:
        # Below a heading, a condition on a line of its own is one for the whole chapter.
        body = self.source.front.body
        if _UNDERLINED.search(body) and any(self._of(line[1]) for line in _BRACKETS_ONLY.finditer(body)):
            self.apart = False

    def _of(self, text: str) -> list[Condition]:
        if text not in self._conditions:
            plain, _ = split_marks(text)
            self._conditions[text] = [each for _, each in conditions_in(plain, self.source.language)]
        return self._conditions[text]

    def _unmet(self, text: str, listener: Listener) -> str:
        """Which conditions in a text are not met."""
        return "".join("01"[bool(each.unmet(listener))] for each in self._of(text))

    def read(self, version: Version) -> Rendition:
        try:
            text, stand_ins = self.source.expanded(version)
        except ScriptError as error:
            missing = {getattr(each, "missing", "") for each in error.each}
            if version.length_ms is not None or "minutes" not in missing:
                raise
            # The text asks for a length and the file names none.
            version = replace(version, length_ms=_USUAL_MS)
            text, stand_ins = self.source.expanded(version)
        listener = Listener(length_ms=version.length_ms, gentle=version.gentle, audience=version.audience)
        key = (text, version.gentle, self._unmet(self.source.front.body, listener))
        if key not in self._known:
            script = self.source.parsed(version, text, stand_ins, self.faults, read=self._parse)
            self._known[key] = EstimatedTimeline(script, make_timeline(script, faults=self.faults))
        return self._known[key].fitted(version)

    def _parse(self, marked: str, *arguments: Any, listener: Listener, faults: Faults, **more: Any) -> Parsed:
        """As `parse`. A paragraph that has been read before is not read again, unless what stands around a paragraph
        changes what it is, as in a list."""
        paragraphs = _BLANK.split(marked) if self.apart is not False else []
        if not 0 < len(paragraphs) < _MOST_PARAGRAPHS:
            return parse(marked, *arguments, listener=listener, faults=faults, **more)
        in_parts = Faults() if self.apart is None else faults
        pieces: list[Parsed] = []
        for paragraph in self._heard(paragraphs, listener):
            key = paragraph, self._unmet(paragraph, listener)
            if key not in self._paragraphs:
                self._paragraphs[key] = parse(
                    paragraph, *arguments, listener=listener, faults=in_parts, **more
                )
            pieces.append(self._paragraphs[key])
        joined = _joined(pieces)
        if self.apart is None:
            whole = parse(marked, *arguments, listener=listener, faults=faults, **more)
            self.apart = (whole.cues, whole.unspoken) == (joined.cues, joined.unspoken)
            return whole
        return joined

    def _heard(self, paragraphs: list[str], listener: Listener) -> Iterator[str]:
        """Those whose chapter is meant for the listener."""
        left_out = 0
        """the level of a chapter that is not; 0: none"""
        for paragraph, after in zip(paragraphs, [*paragraphs[1:], ""], strict=True):
            if heading := _HEADING.match(paragraph):
                level, (below, _) = len(heading[1]), split_marks(heading[2] or after.partition("\n")[0])
                if not left_out or level <= left_out:
                    alone = _BRACKETS_ONLY.fullmatch(below) and below.count("[") == len(self._of(below))
                    left_out = level if alone and "1" in self._unmet(below, listener) else 0
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
