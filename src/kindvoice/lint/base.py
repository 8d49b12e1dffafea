"""What a rule looks at, and what it says."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from kindvoice.languages import primary
from kindvoice.lint.words import LintWords, ready, words_of
from kindvoice.model import Gap, Mark, Ring, Say, Script, Timeline, Where
from kindvoice.script import Version
from kindvoice.script.condition import Condition, conditions_in
from kindvoice.units import format_ms

ERROR, WARNING, HINT = "error", "warning", "hint"
LEVELS = (ERROR, WARNING, HINT)
"""an error harms a listener or stops a build; a warning probably does; a hint may"""

BELL_MS = 12_000
MANY = 6
"""phrases that a participant may well bring"""

_CALM = 10.5, 139
"""letters a second and English words a minute of calm speech, in any of the library's languages, as measured"""
_CALM_IN = {"en": (8.4, 130), "ja": (4.1, 130), "zh": (3.4, 130)}
"""likewise where the voice that speaks by default is slower, or a letter is a syllable; over the library's lines"""


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


class Moment(NamedTuple):
    """A line, a silence or a bell in one version of a script, with its estimated time."""

    kind: str
    """say, silence or bell"""
    start_ms: int
    length_ms: int
    """as the version's length has it"""
    natural_ms: int
    """as it is written"""
    where: Where
    text: str = ""
    waits: bool = True
    """a bell: whether what follows waits for it"""
    chapter: int = 0
    """0: before the first heading"""
    speaker: str = ""
    """another voice than the script's own, perhaps in another language"""
    written: bool = False
    """a silence: whether it stands in the text as a pause"""


@dataclass(frozen=True)
class Rendition:
    """A script at one length."""

    length_ms: int | None
    script: Script
    moments: tuple[Moment, ...]
    gentle: bool = False
    possible: bool = True
    """whether its pauses can give so far, as far as an estimate knows"""
    ratio: float = 0.0
    """how much the pauses give for the length: 0 as written, -1 all they can, below that more than they have"""

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

    @cached_property
    def silences(self) -> tuple[Moment, ...]:
        return tuple(m for m in self.moments if m.kind == "silence")

    def around(self, silence: Moment, before: int, after: int) -> list[Moment]:
        """Of the lines, so many before a silence and so many after it."""
        at = bisect_left(self.said, silence.start_ms, key=lambda m: m.start_ms)
        return list(self.said[max(at - before, 0) : at + after])

    @cached_property
    def words_a_minute(self) -> float:
        """Over the whole, of English length."""
        _, words = _calm(self.script.language)
        return self.speech_ms * words / max(self.total_ms, 1)

    @cached_property
    def silent(self) -> float:
        """The part of it that is silence, 0..1; a bell is none."""
        return sum(m.length_ms for m in self.silences) / max(self.total_ms, 1)


@dataclass(frozen=True)
class Page:
    """One file, with every version of it that a rule may want."""

    path: Path
    text: str
    front: Mapping[str, Any]
    front_lines: Mapping[str, int]
    versions: tuple[Rendition, ...]
    """the usual length first, then the shortest and the longest, then the gentle reading"""
    every: tuple[Rendition, ...]
    """every whole minute of the range, and each of them gently; without a range, the versions"""
    many: tuple[Rendition, ...]
    """every whole minute of the range with MANY phrases, of a script that has phrases"""
    library: bool
    """whether it belongs to the library, which wants more"""
    accepted: Mapping[str, str] = field(default_factory=dict)
    """rules that do not count in this file, and why"""
    shared: frozenset[str] = frozenset()
    """sentences that stand in too many practices of the library"""
    _lines: dict[str, frozenset[str]] = field(default_factory=dict)

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
        """Every line of every version, once, in the order of the file."""
        every = {(m.where.line, m.text): m for version in (*self.versions, *self.every) for m in version.said}
        return dict(sorted(every.items(), key=lambda entry: entry[0][0]))

    @cached_property
    def _texts(self) -> frozenset[str]:
        return frozenset(m.text for m in self.said.values())

    def lines(self, name: str) -> frozenset[str]:
        """Of the spoken lines those in which what a name of the language's words stands for is found."""
        if name not in self._lines:
            search = ready(pattern).search if (pattern := getattr(self.words, name, "")) else None
            self._lines[name] = frozenset(filter(search, self._texts)) if search else frozenset()
        return self._lines[name]

    def knows(self, *names: str) -> bool:
        """Whether the language has words for all of these."""
        return all(getattr(self.words, name, "") for name in names)


@lru_cache(maxsize=4096)
def spoken_ms(text: str, language: str = "") -> int:
    """About how long a calm voice takes for a text. language: in which it is spoken, as a tag; empty: any.

    >>> spoken_ms("May I be kind to myself."), spoken_ms("May I be kind to myself.", "en-GB")
    (1714, 2143)
    """
    letters, _ = _calm(language)
    return round(1000 * sum(map(str.isalnum, text)) / letters)


def _calm(language: str) -> tuple[float, int]:
    return _CALM_IN.get(primary(language), _CALM)


_moment = Moment._make


class EstimatedTimeline:
    """A timeline with estimated times, for any length; silences that follow one another are one."""

    def __init__(self, script: Script, timeline: Timeline) -> None:
        self._script = script
        self._moments: list[Moment] = []
        self._shortest: list[int] = []
        self._longest: list[int] = []
        self._take(timeline)
        self._ends_ms = [
            _AROUND_MS + sum(lengths)
            for lengths in (self._shortest, [m.natural_ms for m in self._moments], self._longest)
        ]

    def _take(self, timeline: Timeline) -> None:
        chapter, language = 0, self._script.language
        moments, shortest, longest = self._moments, self._shortest, self._longest
        for item in timeline.items:
            if isinstance(item, Say):
                ms = spoken_ms(item.text, language) if item.slot_ms is None else item.slot_ms
                moments.append(Moment("say", 0, ms, ms, item.where, item.text, True, chapter, item.speaker))
            elif isinstance(item, Gap):
                glue, written = item.glue, item.kind in {"pause", "hold"}
                low, ms, high = glue.min_ms, glue.natural_ms, glue.max_ms
                if moments and moments[-1].kind == "silence":
                    before = moments.pop()
                    low, ms, high = low + shortest.pop(), ms + before.natural_ms, high + longest.pop()
                    item, written = replace(item, where=before.where), written or before.written
                moments.append(Moment("silence", 0, ms, ms, item.where, "", True, chapter, "", written))
                shortest.append(low)
                longest.append(high)
                continue
            elif isinstance(item, Ring):
                waits = item.advance_ms is None
                ms = BELL_MS if item.advance_ms is None else item.advance_ms
                moments.append(Moment("bell", 0, ms, ms, item.where, item.sound, waits, chapter))
            else:
                chapter += isinstance(item, Mark)
                continue
            shortest.append(ms)
            longest.append(ms)

    def fitted(self, version: Version) -> Rendition:
        """Its pauses as the version's length wants them, as far as they give."""
        shortest_ms, natural_ms, longest_ms = self._ends_ms
        target_ms = natural_ms if version.length_ms is None else version.length_ms
        end_ms, ends = (
            (longest_ms, self._longest) if target_ms > natural_ms else (shortest_ms, self._shortest)
        )
        ratio = (target_ms - natural_ms) / abs(end_ms - natural_ms) if end_ms != natural_ms else 0.0
        moments, now_ms = [], 0
        for m, at_end_ms in zip(self._moments, ends, strict=True):
            ms = m.natural_ms
            if at_end_ms != ms:
                ms += round(min(abs(ratio), 1.0) * (at_end_ms - ms))
            moments.append(_moment((m[0], now_ms, ms, *m[3:])))
            now_ms += ms
        return Rendition(
            length_ms=version.length_ms, script=self._script, moments=tuple(moments), gentle=version.gentle,
            possible=shortest_ms / _UNSURE <= target_ms <= longest_ms * _UNSURE, ratio=ratio,
        )  # fmt: skip


_AROUND_MS = 2_500
"""of silence before and after everything"""
_UNSURE = 1.1
"""how far the estimate may be off"""


def named(versions: Iterable[Rendition]) -> str:
    """At which lengths something is so, for a message.

    " at 5m to 8m, 12m; gentle at 5m"
    """
    parts, versions = [], list(versions)
    for gentle in (False, True):
        lengths = sorted({v.length_ms for v in versions if v.gentle == gentle and v.length_ms})
        spans: list[list[int]] = []
        for length_ms in lengths:
            if spans and length_ms - spans[-1][-1] <= 60_000:
                spans[-1].append(length_ms)
            else:
                spans.append([length_ms])
        ends = [" to ".join(map(format_ms, dict.fromkeys([span[0], span[-1]]))) for span in spans]
        parts += [("gentle at " if gentle else "at ") + ", ".join(ends)] if ends else []
    return " " + "; ".join(parts) if parts else ""


Found = Iterator[tuple[Where, str, str]]
"""(where, what is the matter, a better wording or what to do)"""


@dataclass(frozen=True)
class Rule:
    name: str
    level: str
    why: str
    look: Callable[[Page], Found]
    library: bool = False
    """whether only the library is held to it"""
