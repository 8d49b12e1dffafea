"""What a rule looks at, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from kindvoice.lint.words import LintWords, words_of
from kindvoice.model import Gap, Ring, Say, Script, Timeline, Where

ERROR, WARNING, HINT = "error", "warning", "hint"
LEVELS = (ERROR, WARNING, HINT)
"""an error harms a listener or stops a build; a warning probably does; a hint may"""

BELL_MS = 12_000

LETTERS_PER_SECOND = 10.5
"""of calm speech, in any of the library's languages, as measured: 96 words of Turkish and 139 of English a minute"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a listener or an author should be spared."""

    rule: str
    level: str
    where: Where
    what: str
    why: str
    better: str = ""
    """another wording, or what to do; empty where there is no one answer"""
    accepted: str = ""
    """why the author wants it so"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A line, a silence or a bell in one version of a script, with its estimated time."""

    kind: str
    """say, silence or bell"""
    start_ms: int
    length_ms: int
    text: str
    where: Where
    waits: bool = True
    """a bell: whether what follows waits for it"""
    chapter: int = 0
    """0: before the first heading"""
    speaker: str = ""
    """another voice than the script's own, perhaps in another language"""


@dataclass(frozen=True)
class Rendition:
    """A script at one length."""

    length_ms: int | None
    script: Script
    moments: tuple[Moment, ...]

    @cached_property
    def total_ms(self) -> int:
        return sum(m.length_ms for m in self.moments)

    @cached_property
    def speech_ms(self) -> int:
        return sum(m.length_ms for m in self.moments if m.kind == "say")

    @cached_property
    def said(self) -> tuple[Moment, ...]:
        """What the script's own voice says; of other languages the rules know nothing."""
        return tuple(m for m in self.moments if m.kind == "say" and not m.speaker)


@dataclass(frozen=True)
class Page:
    """One file, with every version of it that a rule may want."""

    path: Path
    text: str
    front: Mapping[str, Any]
    front_lines: Mapping[str, int]
    versions: tuple[Rendition, ...]
    """the usual length first, then the shortest and the longest, then the gentle reading"""
    library: bool
    """whether it belongs to the library, which wants more"""
    accepted: Mapping[str, str] = field(default_factory=dict)
    """rules that do not count in this file, and why"""

    @property
    def language(self) -> str:
        return self.versions[0].script.language

    @property
    def usual(self) -> Rendition:
        return self.versions[0]

    @property
    def words(self) -> LintWords | None:
        """What the rules know of the language; None: nothing."""
        return words_of(self.language)

    def at(self, key: str) -> Where:
        """The line of a key in the front matter, else the file."""
        return Where(path=str(self.path), line=self.front_lines.get(key, 0))

    @cached_property
    def said(self) -> dict[tuple[int, str], Moment]:
        """Every line of every version, once."""
        return {(m.where.line, m.text): m for version in self.versions for m in version.said}


def spoken_ms(text: str) -> int:
    """About how long a calm voice takes for a text.

    >>> spoken_ms("May I be kind to myself.")
    1714
    """
    return round(1000 * sum(map(str.isalnum, text)) / LETTERS_PER_SECOND)


def moments(timeline: Timeline) -> tuple[Moment, ...]:
    """The timeline with estimated times; silences that follow one another are one."""
    found: list[Moment] = []
    now = chapter = 0

    def add(
        kind: str, length: int, text: str, where: Where, *, waits: bool = True, speaker: str = ""
    ) -> None:
        nonlocal now
        found.append(
            Moment(
                kind=kind,
                start_ms=now,
                length_ms=length,
                text=text,
                where=where,
                waits=waits,
                chapter=chapter,
                speaker=speaker,
            )
        )
        now += length

    for item in timeline.items:
        match item:
            case Say():
                ms = spoken_ms(item.text) if item.slot_ms is None else item.slot_ms
                add("say", ms, item.text, item.where, speaker=item.speaker)
            case Gap():
                last = found[-1] if found else None
                if last is not None and last.kind == "silence":
                    found.pop()
                    now -= last.length_ms
                    add("silence", last.length_ms + item.glue.natural_ms, "", last.where)
                else:
                    add("silence", item.glue.natural_ms, "", item.where)
            case Ring():
                wait = item.advance_ms if item.advance_ms is not None else BELL_MS
                add("bell", wait, item.sound, item.where, waits=item.advance_ms is None)
            case _:
                chapter += type(item).__name__ == "Mark"
    return tuple(found)
