"""A request, read, to a programme that is fixed to the frame: lines spoken, time fitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from kindvoice.build.read import Reading
from kindvoice.model import Clip, Preset, Say, Schedule, Script, Timeline, Voice
from kindvoice.sound.prepare import prepare_sounds
from kindvoice.speech.speak import Spoken, speak
from kindvoice.store import Store
from kindvoice.timing.fit import fit


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a stage is: speak, measure, encode, check, in this order; lengths (of recordings), listen (to pieces)."""

    stage: str
    done: int
    total: int


OnEvent = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A programme that is fixed to the frame and has not been mixed."""

    reading: Reading
    spoken: Spoken
    sounds: Mapping[str, Clip]
    schedule: Schedule

    @property
    def script(self) -> Script:
        return self.reading.script

    @property
    def own_keys(self) -> frozenset[str]:
        """The store's keys of lines that hold a participant's own words, and of nobody else's."""
        own: set[str] = set()
        common: set[str] = set()
        for item in self.timeline.items:
            if isinstance(item, Say):
                keys = own if item.own else common
                keys |= {self.spoken.clips[item.utterance].key, self.spoken.raw_keys.get(item.utterance, "")}
        return frozenset(own - common - {""})

    @property
    def timeline(self) -> Timeline:
        return self.reading.timeline

    @property
    def preset(self) -> Preset:
        return self.reading.preset

    @property
    def cast(self) -> Mapping[str, Voice]:
        """By speaker; the script's own voice under an empty name."""
        return self.reading.cast

    @property
    def voice(self) -> Voice:
        """The script's own."""
        return self.cast[""]

    @property
    def heard(self) -> tuple[Voice, ...]:
        """The voices that say anything: not one whose every line is a take. The script's own comes first."""
        spoken = {
            item.speaker for item in self.timeline.items
            if isinstance(item, Say) and item.utterance not in self.spoken.takes
        }  # fmt: skip
        return tuple(dict.fromkeys(voice for speaker, voice in self.cast.items() if speaker in spoken))


def prepare(reading: Reading, store: Store, on_event: OnEvent = lambda event: None) -> Prepared:
    """Everything up to the Schedule: lines spoken, time fitted."""
    with ThreadPoolExecutor(1, "sounds") as aside:
        preparing = aside.submit(prepare_sounds, reading.timeline, store)

        def on_line(done: int, total: int) -> None:
            if preparing.done():
                preparing.result()  # what is wrong with a sound is not to wait for all lines
            on_event(Progress(stage="speak", done=done, total=total))

        spoken = speak(
            reading.timeline, reading.cast, store, on_line, lexicons=reading.lexicons, takes=reading.takes
        )
        sounds = preparing.result()
    schedule = fit(
        reading.timeline, spoken.clips, sounds, reading.script.length_ms,
        head_ms=reading.preset.head_ms, tail_ms=reading.preset.tail_ms,
    )  # fmt: skip
    return Prepared(reading=reading, spoken=spoken, sounds=sounds, schedule=schedule)
