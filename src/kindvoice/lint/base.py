"""What a rule looks at, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from kindvoice.lint.words import LintWords, words_of
from kindvoice.model import Gap, Glue, Mark, Ring, Say, Script, Timeline, Where
from kindvoice.script.condition import Condition, conditions_in
from kindvoice.units import format_ms

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
    where: Where
    text: str = ""
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

    @property
    def at(self) -> str:
        """For a message."""
        return f" at {format_ms(self.length_ms)}" if self.length_ms else ""

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

    @cached_property
    def conditions(self) -> tuple[tuple[int, Condition], ...]:
        """Who hears a part, wherever that is said, with its line."""
        return tuple(conditions_in(self.text, self.language))

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
    timed: list[Moment] = []
    now_ms = chapter = 0
    for item in timeline.items:
        here = partial(Moment, start_ms=now_ms, chapter=chapter, where=item.where)
        match item:
            case Say(slot_ms=slot_ms):
                length_ms = spoken_ms(item.text) if slot_ms is None else slot_ms
                timed.append(here(kind="say", length_ms=length_ms, text=item.text, speaker=item.speaker))
            case Gap(glue=Glue(natural_ms=length_ms)) if timed and timed[-1].kind == "silence":
                whole_ms = timed[-1].length_ms + length_ms
                timed[-1] = replace(timed[-1], length_ms=whole_ms, chapter=chapter)
            case Gap(glue=Glue(natural_ms=length_ms)):
                timed.append(here(kind="silence", length_ms=length_ms))
            case Ring(advance_ms=advance_ms):
                length_ms = BELL_MS if advance_ms is None else advance_ms
                timed.append(
                    here(kind="bell", length_ms=length_ms, text=item.sound, waits=advance_ms is None)
                )
            case _:
                chapter += isinstance(item, Mark)
                continue
        now_ms += length_ms
    return tuple(timed)
