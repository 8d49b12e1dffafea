"""What a plan will come to, before anything is spoken: how long, how large, how much work, and whether it can be.

A length that was asked for is exact. Every item is read and fitted as the build will do it; lines that are in the
store are as long as they are, and the length of the others is guessed. So what cannot be built is found out here where
that is certain, and told as a doubt where it is close. Work is counted in seconds of speech by voice, each line once
in the whole plan, and in seconds of making; Pace turns it into time by what earlier builds here have taken.
"""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kindvoice.build.guess import LineLengths, guessed_fits
from kindvoice.build.read import Reading, read
from kindvoice.encode import find_format
from kindvoice.errors import KindvoiceError
from kindvoice.jobs.items import Item
from kindvoice.jobs.outcome import BUILT, Outcome
from kindvoice.model import Preset, Schedule, Utterance, Voice
from kindvoice.sound.prepare import prepare_sounds
from kindvoice.speech.speak import kept_clips
from kindvoice.store import Store, write_aside
from kindvoice.units import frames_to_ms, frames_to_seconds

_BESIDE_BYTES = 250_000
"""a drawn cover, captions, the manifest"""
_IN_BYTES = 210_000
"""of the cover in every sound file that has a place for it"""

_SPEAK = {"hibari": 0.014, "pico": 0.02, "pyttsx3": 0.05, "kokoro": 0.9, "piper": 0.15, "tone": 0.004}
_SPEAK_USUALLY = 0.3
"""seconds of one core for a second of speech, measured on a small computer"""
_MIX, _BED = 0.004, 0.006
"""for a second of a programme, that is levelled twice; more where there is a bed"""
_MAKE = {"mp3": 0.006, "m4b": 0.008, "m4a": 0.008, "opus": 0.014, "ogg": 0.014, "flac": 0.009, "wav": 0.007}
"""mastered, encoded, decoded and measured"""
_ITEM_S = 0.6
"""for all that does not grow with its length"""
_START_S = 3.0
"""until processes and voices are there"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Of one item."""

    length_ms: int = 0
    exact: bool = False
    """whether the length was asked for, by the plan or by the script"""
    speech_ms: int = 0
    """of all its lines, guessed where they are not in the store"""
    sizes: tuple[tuple[str, int], ...] = ()
    """bytes by format"""
    to_speak: int = 0
    """lines that nobody has spoken, and no item before this one will"""
    speak: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """by voice, seconds of speech in these lines, and of one core's work for them"""
    make_s: float = 0.0
    """of one core, for everything after speaking"""
    problem: str = ""
    """why it cannot be built, without anybody's words"""
    error: KindvoiceError | None = field(default=None, repr=False)
    """likewise, for whoever makes a sentence of their own of it"""
    doubt: str = ""
    """why it perhaps cannot be built: nobody can be sure before its lines are spoken"""

    @property
    def bytes(self) -> int:
        return sum(size for _, size in self.sizes) + (_BESIDE_BYTES if self.sizes else 0)


def estimate(
    items: Sequence[Item], voices: Mapping[str, Voice], store: Store, right: Iterable[bool] = ()
) -> tuple[Estimate, ...]:
    """One for each item, in the order in which they will be built. right: of each, whether it is there already, which
    is no work."""
    done = [*right] or [False] * len(items)
    estimator = _Estimator(voices, store)
    return tuple(estimator.of(item, there) for item, there in zip(items, done, strict=True))


def estimate_new(items: Iterable[Item], voices: Mapping[str, Voice], store: Store) -> dict[str, Estimate]:
    """By item, for those whose manifest is not there: of what is there nothing is likely to be made.

    The first of a family speaks what all share; of the others, who differ in their words, one is looked at for all.
    """
    families: dict[str, list[Item]] = {}
    for item in items:
        if not item.request.manifest.is_file():
            families.setdefault(item.family or item.id, []).append(item)
    looked_at = [item for family in families.values() for item in family[:2]]
    guesses = iter(estimate(looked_at, voices, store))
    by_item: dict[str, Estimate] = {}
    for family in families.values():
        first = next(guesses)
        other = next(guesses) if family[1:] else first
        by_item |= {item.id: other for item in family} | {family[0].id: first}
    return by_item


class _Estimator:
    """What the items before have told: their lines, how long a voice speaks, and which family has its base."""

    def __init__(self, voices: Mapping[str, Voice], store: Store) -> None:
        self._voices, self._store = voices, store
        self._coming: set[str] = set()
        self._sounds: set[object] = set()
        self._lengths = LineLengths(voices)

    def of(self, item: Item, there: bool) -> Estimate:
        try:
            reading = read(item.request, self._voices)
            sounds = prepare_sounds(reading.timeline, self._store)
            clips, missing = kept_clips(
                reading.timeline, reading.cast, self._store, lexicons=reading.lexicons, takes=reading.takes
            )
        except KindvoiceError as error:
            return Estimate(problem=error.redacted(), error=error)
        self._lengths.learn(reading, clips)
        guessed, unsure = self._lengths.guess(reading, missing)
        fits = list(guessed_fits(reading, clips, guessed, unsure, sounds))
        schedules = [schedule for schedule in fits if isinstance(schedule, Schedule)]
        faults = [error for error in fits if isinstance(error, KindvoiceError)]
        if not schedules and not there:
            return Estimate(problem=faults[0].redacted(), error=faults[0])
        if not schedules:
            schedules, faults = [Schedule(frames=0, speech=())], []
        doubt = faults[0].redacted() if faults and not there else ""
        return self._estimate(item, reading, schedules[0], guessed, missing, there, doubt)

    def _estimate(
        self, item: Item, reading: Reading, schedule: Schedule, guessed: Mapping[Utterance, int],
        missing: Mapping[Utterance, str], there: bool, doubt: str,
    ) -> Estimate:  # fmt: skip
        formats = item.request.publication.formats or reading.preset.formats
        asked_ms = reading.script.length_ms
        length_ms = frames_to_ms(schedule.frames) if asked_ms is None else asked_ms
        new = {} if there else {u: ms for u, ms in guessed.items() if missing[u] not in self._coming}
        self._coming |= {missing[utterance] for utterance in new}
        speak: dict[str, tuple[float, float]] = {}
        for (speaker, _), ms in new.items():
            voice = reading.cast[speaker]
            seconds, work_s = speak.get(voice.name, (0.0, 0.0))
            rate = _SPEAK.get(voice.engine, _SPEAK_USUALLY)
            speak[voice.name] = seconds + ms / 1000, work_s + ms / 1000 * rate
        return Estimate(
            length_ms=length_ms,
            exact=asked_ms is not None,
            speech_ms=sum(frames_to_ms(event.stop_frame - event.start_frame) for event in schedule.speech),
            sizes=tuple((format, _bytes(format, length_ms / 1000, reading.preset)) for format in formats),
            to_speak=len(new),
            speak=speak,
            make_s=0.0 if there else self._make_s(item, schedule, reading.preset, formats),
            doubt=doubt,
        )

    def _make_s(self, item: Item, schedule: Schedule, preset: Preset, formats: Sequence[str]) -> float:
        seconds = frames_to_seconds(schedule.frames)
        per_s = _MIX + (_BED if schedule.beds else 0.0) + sum(_MAKE.get(format, 0.014) for format in formats)
        if {"mp3", "m4a", "m4b"}.issuperset(formats) and not schedule.beds:
            # What another recording has as well is there already.
            sounds: set[object] = {(event.speaker, event.text) for event in schedule.speech}
            sounds |= {event.sound for event in schedule.bells}
            new = sounds - self._sounds
            seconds *= len(new) / max(len(sounds), 1)
            self._sounds |= new
        return _ITEM_S + per_s * seconds


def _bytes(format: str, seconds: float, preset: Preset) -> int:
    kind = find_format(format)
    return kind.bytes_for(seconds, preset) + (_IN_BYTES if kind.lossy else 0)


# ---------------------------------------------------------------- work to time


class PlanPace:
    """How much longer than guessed builds on this computer take: speaking, by voice, and making. Kept in the cache."""

    def __init__(self, cache: Path) -> None:
        self._path = cache / "plans" / "pace.json"
        self._times: dict[str, float] = {}
        with contextlib.suppress(OSError, ValueError, AttributeError, TypeError):
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            self._times = {str(kind): min(max(float(times), 0.05), 50.0) for kind, times in kept.items()}

    def seconds(self, guess: Estimate) -> tuple[float, float]:
        """For speaking and for making, of one worker."""
        spoken = sum(
            work_s * self._times.get(f"speak {voice}", 1.0) for voice, (_, work_s) in guess.speak.items()
        )
        return spoken, guess.make_s * self._times.get("make", 1.0)

    def range_s(self, guesses: Iterable[Estimate], jobs: int) -> tuple[float, float]:
        """From and to how many seconds they will take together; (0, 0) for nothing."""
        todo = [guess for guess in guesses if guess.make_s and not guess.problem]
        if not todo:
            return 0.0, 0.0
        each = [sum(self.seconds(guess)) for guess in todo]
        usual = _START_S + max(sum(each) / max(1, min(jobs, len(todo))), max(each))
        voices = {voice for guess in todo for voice in guess.speak}
        sure = {"make", *(f"speak {voice}" for voice in voices)} <= self._times.keys()
        return (usual * 0.7, usual * 1.4) if sure else (usual * 0.5, usual * 2.0)

    def learn(self, guesses: Mapping[str, Estimate], outcomes: Iterable[Outcome]) -> None:
        """From what was built just now; guesses: by item. Where it cannot be kept nothing is lost."""
        took: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for outcome in outcomes:
            guess = guesses.get(outcome.item)
            if guess is None or outcome.status != BUILT:
                continue
            took["make"][0] += outcome.wall_s - outcome.speak_s
            took["make"][1] += guess.make_s
            if len(guess.speak) == 1:
                (voice,) = guess.speak
                took[f"speak {voice}"][0] += outcome.speak_s
                took[f"speak {voice}"][1] += guess.speak[voice][1]
        for kind, (seconds, guessed_s) in took.items():
            if guessed_s > 0 and seconds > 0:
                new = seconds / guessed_s
                self._times[kind] = (self._times.get(kind, new) + new) / 2
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_aside(self._path, json.dumps(self._times).encode())
