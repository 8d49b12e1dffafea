"""How long the rest of a making will take, from what the last ones took and from how much of this one is new."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kindvoice.build.read import Reading
from kindvoice.errors import KindvoiceError
from kindvoice.speech.speak import kept_clips
from kindvoice.store import Store

STAGES = ("speak", "measure", "encode", "check")
"""in the order they come"""
WHOLE = "whole"
_FIRST_GUESS = {"speak": 0.09, "measure": 0.11, "encode": 0.6, "check": 0.15}
"""seconds for a new line, for a new minute of a programme (twice), and for a recording; with a neural voice"""
_BEGIN_S = 1.6
"""until the first stage, and between stages"""
_TRIED_S = 0.2
"""for a line that is spoken to try the voice, on the computer of the first guesses"""
_LINES_A_MINUTE = 6.0
"""of a programme, before it is known"""
_WEIGHT = 0.4
"""of the newest making in the average"""
_SURE = 0.25
"""so much of a stage must be done until its own speed counts alone"""
_MOST_SLOWER = 5.0
"""No more than this a computer that was slower at one stage is taken to be at the next ones."""
_LEAST_NEW = 0.3
"""of a recording must be new for its making to tell how long new sound takes"""


class NewLines(NamedTuple):
    """Of a recording that is asked for."""

    new: int
    """which no store has yet"""
    total: int

    @property
    def part(self) -> float:
        return self.new / self.total if self.total else 0.0


def new_lines(reading: Reading, store: Store) -> NewLines | None:
    """Some ms, nothing is spoken. None: it cannot be known, as of a voice that is not here any more."""
    try:
        kept, missing = kept_clips(
            reading.timeline, reading.cast, store, lexicons=reading.lexicons, takes=reading.takes
        )
    except KindvoiceError:
        return None
    return NewLines(len(missing), len(kept) + len(missing))


class MakingPace:
    """Seconds that each stage takes for what is new in it, averaged; speaking for every voice by itself, for one may
    take ten times as long as another. Not safe between threads."""

    def __init__(self, seconds: Mapping[str, float] | None = None) -> None:
        self.seconds: dict[str, float] = {
            name: s
            for name, s in (seconds or {}).items()
            if name.partition(" ")[0] in {*STAGES, WHOLE} and s >= 0
        }
        """what was learned, by stage, by `speak VOICE`, and by `whole VOICE` for a minute of a programme"""
        self._slower = 1.0
        """this computer, against that of the first guesses; until something is learned"""

    def gauge(self, line_s: float) -> None:
        """How long a line took that was spoken to try a voice."""
        self._slower = _bounded(line_s, _TRIED_S)

    def learn(self, stage: str, took_s: float, amount: float, voice: str = "") -> None:
        """amount: new lines, new minutes, recordings, or for WHOLE minutes of a programme; of a voice where it is the
        voice that counts."""
        for name in {stage, f"{stage} {voice}".rstrip()} if amount > 0 else ():
            new = took_s / amount
            old = self.seconds.get(name, new)
            self.seconds[name] = old + _WEIGHT * (new - old)

    def each_s(self, stage: str, voice: str = "") -> float:
        """For one of what a stage counts."""
        learned = self.seconds.get(f"{stage} {voice}", self.seconds.get(stage))
        return _FIRST_GUESS[stage] * self._slower if learned is None else learned

    def whole_s(self, length_ms: int, voice: str = "", lines: NewLines | None = None) -> float:
        """A whole making. Where nobody knows how much is new: as it was on an average, else all of it."""
        minutes = length_ms / 60_000
        if lines is not None:
            amounts = {"speak": float(lines.new), "check": 1.0}
            rest = (self.each_s(stage, voice) * amounts.get(stage, minutes * lines.part) for stage in STAGES)
            return _BEGIN_S * max(self._slower, 1.0) + sum(rest)
        usual = self.seconds.get(f"{WHOLE} {voice}") if voice else self.seconds.get(WHOLE)
        if usual is not None:
            return usual * minutes
        amounts = {"speak": minutes * _LINES_A_MINUTE, "check": 1.0}
        return sum(self.each_s(stage, voice) * amounts.get(stage, minutes) for stage in STAGES)


@dataclass(slots=True)
class Making:
    """How far one is that is being made."""

    version: int
    length_ms: int
    voice: str
    since: float
    """when it began"""
    began: float
    """when its stage did"""
    stage: str = ""
    first: int = 0
    """of `total`, what was done when the stage began: it was there already"""
    done: int = 0
    total: int = 0
    new_lines: int | None = None
    """None: not known yet"""
    new_part: float = 1.0
    """of all lines"""
    slower: float = 1.0
    """how much longer it takes than the last ones"""

    def amount(self, stage: str) -> float:
        """How much a stage has to do, in what MakingPace counts there."""
        minutes = self.length_ms / 60_000
        if stage == "speak":
            return minutes * _LINES_A_MINUTE if self.new_lines is None else float(self.new_lines)
        return 1.0 if stage == "check" else minutes * self.new_part

    @property
    def part(self) -> float:
        """How much of the stage is done, from 0 to 1."""
        return (self.done - self.first) / (self.total - self.first) if self.total > self.first else 0.0


class Makings:
    """What is being made, by key; lost in a restart, as the making is. Not safe between threads."""

    def __init__(self, pace: MakingPace, timer: Callable[[], float]) -> None:
        self._pace, self._timer = pace, timer
        self._now: dict[str, Making] = {}
        self._lines: dict[str, NewLines] = {}

    def expect(self, key: str, lines: NewLines | None) -> None:
        """What is new in one that will be made. None: nobody knows."""
        self._lines.pop(key, None)
        if lines is not None:
            self._lines[key] = lines

    def whole_s(self, key: str, length_ms: int, voice: str) -> float:
        """Of one that waits, from its beginning to its end."""
        return self._pace.whole_s(length_ms, voice, self._lines.get(key))

    def get(self, key: str) -> Making | None:
        return self._now.get(key)

    def begin(self, key: str, version: int, length_ms: int, voice: str) -> None:
        now = self._timer()
        self._now[key] = Making(version, length_ms, voice, now, now)

    def step(self, key: str, version: int, stage: str, done: int, total: int) -> bool:
        """Stages that are over tell how long they take here. False where this version is not being made."""
        making = self._now.get(key)
        if making is None or making.version != version:
            return False
        if stage != making.stage:
            self._learn(making)
            making.stage, making.began, making.first = stage, self._timer(), done
            if stage == "speak" and total:
                making.new_lines, making.new_part = total - done, (total - done) / total
        making.done, making.total = done, total
        return True

    def end(self, key: str, version: int | None = None, *, finished: bool = False) -> None:
        """version: None: whichever it is."""
        making = self._now.get(key)
        if version is None:
            self._lines.pop(key, None)
        if making is not None and version in {None, making.version}:
            if finished:
                self._learn(making)
                minutes = making.length_ms / 60_000
                self._pace.learn(WHOLE, self._timer() - making.since, minutes, making.voice)
                self._lines.pop(key, None)
            del self._now[key]

    def left_s(self, key: str, length_ms: int, voice: str) -> float:
        making = self._now.get(key)
        if making is None:  # it was before a restart, and will be again
            return self.whole_s(key, length_ms, voice)
        took_s = self._timer() - making.began
        if making.stage not in STAGES:
            return max(self.whole_s(key, length_ms, voice) - took_s, 0.0)
        slower, usual_s = making.slower, self._usual_s(making, making.stage)
        left = max(usual_s * slower - took_s, 0.0)
        if part := making.part:
            sure = min(part / _SURE, 1.0)
            left = sure * took_s * (1 - part) / part + (1 - sure) * usual_s * slower * (1 - part)
            slower = sure * _bounded(took_s, usual_s * part) + (1 - sure) * slower
        later = STAGES[STAGES.index(making.stage) + 1 :]
        return left + slower * sum(self._usual_s(making, stage) for stage in later)

    def _usual_s(self, making: Making, stage: str) -> float:
        return self._pace.each_s(stage, making.voice) * making.amount(stage)

    def _learn(self, making: Making) -> None:
        if making.stage not in STAGES:
            return
        took_s, usual_s = self._timer() - making.began, self._usual_s(making, making.stage)
        if making.stage != "check" and making.new_part < _LEAST_NEW:
            return
        making.slower = _bounded(took_s, usual_s)
        voice = making.voice if making.stage == "speak" else ""
        self._pace.learn(making.stage, took_s, making.amount(making.stage), voice)


def _bounded(took_s: float, usual_s: float) -> float:
    """How many times as long something takes as usual."""
    return min(max(took_s / usual_s, 1 / _MOST_SLOWER), _MOST_SLOWER) if usual_s > 0 else 1.0
