"""A programme as stretches of sound with quiet between them, so that each can be made once and kept.

A run is a maximal row of sounds that touch, or lie within the reach of limiter and codec of each other. It is mixed
by itself, as if it began where the room's tone does, so it comes out the same wherever it stands. Long runs (a bed
under a whole practice) are cut into stretches. Between runs there is nothing but the room's tone.

Lines, edits, lengths and participants share what they have in common by a stretch's signature alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from kindvoice.encode.lame import FRAME, RUN
from kindvoice.model import BedEvent, BellEvent, Schedule, SpeechEvent
from kindvoice.sound.limiter import CONTEXT
from kindvoice.sound.master import master
from kindvoice.sound.mix import ROOM_FRAMES, Mix, Read, heard, room_tone
from kindvoice.sound.wavfile import Samples
from kindvoice.units import db_to_gain

Event = SpeechEvent | BellEvent | BedEvent

ROOM = ROOM_FRAMES // FRAME
"""The room's tone comes again after so many MP3 frames."""
AROUND = 3
"""MP3 frames before and after a changed sample that change with it: delay, overlap and look-ahead of the codec."""
LONGEST = 625
"""MP3 frames of a stretch: 15 seconds"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """MP3 frames of a programme, 1152 samples each, and what is heard in them."""

    first: int
    stop: int
    mix: Mix
    """of its run alone, which begins there at MP3 frame ROOM: before it is room"""
    at: int
    """the MP3 frame of the mix that is the programme's frame 0"""

    @property
    def count(self) -> int:
        return self.stop - self.first

    @property
    def run_first(self) -> int:
        return ROOM - self.at

    def signature(self) -> list[object]:
        """Everything that its samples and their surroundings depend on, as JSON values."""
        start, stop = self._span(RUN)
        return self.mix.signature(start - CONTEXT, stop + CONTEXT)

    def is_own(self) -> bool:
        """Whether a participant's own words may be heard in it."""
        start, stop = self._span(RUN)
        return any(
            event.own and heard(event)[0] < stop + CONTEXT and heard(event)[1] > start - CONTEXT
            for event in self.mix.schedule.speech
        )

    def mixed(self) -> Samples:
        """Before mastering, RUN frames before it included: float32, shape ((RUN + count) * 1152, 2)."""
        start, stop = self._span(RUN)
        return np.concatenate(list(self.mix.blocks(start, stop - RUN * FRAME)))

    def mastered(self, gain_db: float, ceiling_dbtp: float, around: int = RUN) -> Samples:
        """At its final level, with so many frames around it: float32, shape ((count + 2 * around) * 1152, 2)."""
        start, stop = self._span(around)
        blocks = self.mix.blocks(start - CONTEXT, stop + CONTEXT)
        return np.concatenate(list(master(blocks, gain_db, ceiling_dbtp)))[CONTEXT:-CONTEXT]

    def _span(self, around: int) -> tuple[int, int]:
        """Samples of its mix, with so many MP3 frames around it."""
        return (self.first - around + self.at) * FRAME, (self.stop + around + self.at) * FRAME


@dataclass(frozen=True, slots=True)
class Quiet:
    """MP3 frames of nothing but the room's tone."""

    first: int
    stop: int
    phase: int
    """the room's own MP3 frame at first; it goes on from there, and round"""

    @property
    def count(self) -> int:
        return self.stop - self.first


class Programme:
    """A schedule cut into stretches and quiet."""

    def __init__(self, schedule: Schedule, read: Read) -> None:
        self.schedule, self.frames = schedule, schedule.frames
        self.stretches = [stretch for run in _runs(schedule) for stretch in _stretches(*run, read)]

    def parts(self, count: int) -> Iterator[Stretch | Quiet]:
        """The whole, as `count` MP3 frames in order."""
        at = run_first = 0
        for stretch in self.stretches:
            if at < stretch.first:
                yield Quiet(at, stretch.first, (at - run_first) % ROOM)
            run_first, at = stretch.run_first, stretch.stop
            yield stretch
        if at < count:
            yield Quiet(at, count, (at - run_first) % ROOM)

    def blocks(self, gain_db: float, ceiling_dbtp: float) -> Iterator[Samples]:
        """The programme at its final level, exactly as long as the schedule: float32, shape (n, 2), any n."""
        left = self.frames
        once = room_tone() * np.float32(db_to_gain(gain_db))
        room = np.concatenate([once, once])
        for part in self.parts(-(-self.frames // FRAME)):
            if isinstance(part, Stretch):
                block = part.mastered(gain_db, ceiling_dbtp, 0)[:left]
                left -= len(block)
                yield block
                continue
            for at in range(part.first, part.stop, ROOM):
                frames = min(part.stop - at, ROOM)
                block = room[part.phase * FRAME : (part.phase + frames) * FRAME]
                if at + frames == part.stop and left > len(block):
                    block = np.concatenate([block[:-FRAME], _crossed(block[-FRAME:], once[-FRAME:])])
                block = block[:left]
                left -= len(block)
                yield block


def _crossed(old: Samples, new: Samples) -> Samples:
    """From one stretch of noise to another at the same power."""
    angle = (np.arange(len(old), dtype=np.float32) / len(old) * (np.pi / 2))[:, None].astype(np.float32)
    return old * np.cos(angle) + new * np.sin(angle)


def _runs(schedule: Schedule) -> Iterator[tuple[int, int, list[Event]]]:
    """First and one-past-last MP3 frame of every run, with its sounds."""
    events: list[Event] = [*schedule.speech, *schedule.bells, *schedule.beds]
    last = -(-schedule.frames // FRAME)
    waiting: tuple[int, int, list[Event]] | None = None
    for event in sorted(events, key=lambda event: heard(event)[0]):
        start, end = heard(event)
        first = max((start - CONTEXT) // FRAME - AROUND, 0)
        stop = min(-(-(end + CONTEXT) // FRAME) + AROUND, last)
        if waiting and first <= waiting[1]:
            waiting = (waiting[0], max(stop, waiting[1]), [*waiting[2], event])
        else:
            if waiting:
                yield waiting
            waiting = (first, stop, [event])
    if waiting:
        yield waiting


def _stretches(first: int, stop: int, events: list[Event], read: Read) -> Iterator[Stretch]:
    shift = (ROOM - first) * FRAME
    moved = [
        replace(event, start_frame=event.start_frame + shift, stop_frame=event.stop_frame + shift)
        for event in events
    ]
    schedule = Schedule(
        frames=(ROOM + stop - first + RUN) * FRAME + CONTEXT,
        speech=tuple(event for event in moved if isinstance(event, SpeechEvent)),
        bells=tuple(event for event in moved if isinstance(event, BellEvent)),
        beds=tuple(event for event in moved if isinstance(event, BedEvent)),
    )
    mix = Mix(schedule, read)
    for at in range(first, stop, LONGEST):
        yield Stretch(at, min(at + LONGEST, stop), mix, ROOM - first)
