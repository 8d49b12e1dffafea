"""How long the rest of a making will take, from what the last ones took."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

STAGES = ("speak", "measure", "encode", "check")
"""in the order they come"""
_FIRST_GUESS = {"speak": 1.0, "measure": 0.7, "encode": 1.5, "check": 0.5}
"""seconds for a minute of a programme, on a small computer with a neural voice"""
_WEIGHT = 0.3
"""of the newest making in the average"""
_SURE = 0.25
"""so much of a stage must be done until its own speed counts alone"""


class MakingPace:
    """Seconds that each stage takes for a minute of a programme, averaged; speaking for every voice by itself, for
    one may take ten times as long as another. Not safe between threads."""

    def __init__(self, seconds: Mapping[str, float] | None = None) -> None:
        known = {
            name: s for name, s in (seconds or {}).items() if name.partition(" ")[0] in STAGES and s >= 0
        }
        self.seconds: dict[str, float] = {**_FIRST_GUESS, **known}
        """by stage, and by `speak VOICE`"""

    def learn(self, stage: str, took_s: float, length_ms: int, voice: str = "") -> None:
        """A stage of a programme of this length has taken so long."""
        if stage not in STAGES:
            return
        new = took_s * 60_000 / length_ms
        for name in {stage, _name(stage, voice)}:
            old = self.seconds.get(name, new)
            self.seconds[name] = old + _WEIGHT * (new - old)

    def whole_s(self, length_ms: int, voice: str = "") -> float:
        """A whole making."""
        return sum(self._of(stage, voice) for stage in STAGES) * length_ms / 60_000

    def left_s(
        self, stage: str, done: int, total: int, took_s: float, length_ms: int, voice: str = ""
    ) -> float:
        """What is left of one that has been at this stage for took_s, with `done` of `total` done.

        >>> MakingPace().left_s("encode", 50, 100, 30.0, 60_000)
        30.5
        """
        if stage not in STAGES:
            return self.whole_s(length_ms, voice)
        minutes = length_ms / 60_000
        after = sum(self._of(other, voice) for other in STAGES[STAGES.index(stage) + 1 :]) * minutes
        part = done / total if total else 0.0
        guessed = self._of(stage, voice) * minutes * (1 - part)
        if not part:
            return max(guessed - took_s, 0.0) + after
        seen = took_s * (1 - part) / part
        sure = min(part / _SURE, 1.0)
        return sure * seen + (1 - sure) * guessed + after

    def _of(self, stage: str, voice: str) -> float:
        return self.seconds.get(_name(stage, voice), self.seconds[stage])


def _name(stage: str, voice: str) -> str:
    return f"{stage} {voice}" if stage == "speak" and voice else stage


@dataclass(slots=True)
class Making:
    """How far one is that is being made."""

    version: int
    length_ms: int
    voice: str
    began: float
    stage: str = ""
    done: int = 0
    total: int = 0


class Makings:
    """What is being made, by key; lost in a restart, as the making is. Not safe between threads."""

    def __init__(self, pace: MakingPace, timer: Callable[[], float]) -> None:
        self._pace, self._timer = pace, timer
        self._now: dict[str, Making] = {}

    def get(self, key: str) -> Making | None:
        return self._now.get(key)

    def begin(self, key: str, version: int, length_ms: int, voice: str) -> None:
        self._now[key] = Making(version, length_ms, voice, self._timer())

    def step(self, key: str, version: int, stage: str, done: int, total: int) -> bool:
        """Stages that are over tell how long they take here. False where this version is not being made."""
        making = self._now.get(key)
        if making is None or making.version != version:
            return False
        if stage != making.stage:
            self._learn(making)
            making.stage, making.began = stage, self._timer()
        making.done, making.total = done, total
        return True

    def end(self, key: str, version: int | None = None, *, finished: bool = False) -> None:
        """version: None: whichever it is."""
        making = self._now.get(key)
        if making is not None and version in {None, making.version}:
            if finished:
                self._learn(making)
            del self._now[key]

    def left_s(self, key: str, length_ms: int, voice: str) -> float:
        making = self._now.get(key)
        if making is None:  # it was before a restart, and will be again
            return self._pace.whole_s(length_ms, voice)
        took_s = self._timer() - making.began
        return self._pace.left_s(making.stage, making.done, making.total, took_s, length_ms, voice)

    def _learn(self, making: Making) -> None:
        self._pace.learn(making.stage, self._timer() - making.began, making.length_ms, making.voice)
