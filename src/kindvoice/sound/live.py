"""A schedule mixed while its lines are still being spoken: as far as it is certain how it sounds, and no further."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import replace

from kindvoice.model import BellEvent, Clip, Schedule, SpeechEvent, Utterance
from kindvoice.sound.mix import BED_FADE_OUT, DUCK_BRIDGE, GRID, Mix, Read, Samples


def mix_live(
    schedule: Schedule, lines: Iterator[tuple[Utterance, Clip]], read: Read,
    on_line: Callable[[SpeechEvent], None] = lambda line: None,
) -> Iterator[Samples]:  # fmt: skip
    """The programme from its start to its end: float32, shape (n, 2), any n.

    schedule: in which lines may last longer or shorter than they will; what comes after them moves. lines: every
    different line as it becomes ready, in the order in which they are heard first. Lines that last as long as in the
    schedule give the same samples as `Mix`. on_line: called with each as it stands in truth, before it is mixed.
    """
    live, ready = _Live(schedule, read), dict[Utterance, Clip]()
    events: list[SpeechEvent | BellEvent] = [*schedule.speech, *schedule.bells]
    for event in sorted(events, key=lambda event: event.start_frame):
        if isinstance(event, BellEvent):
            live.ring(event)
            continue
        utterance = event.speaker, event.text
        if utterance not in ready:
            yield from live.until(event)
        while utterance not in ready:
            ready.update([next(lines)])
        on_line(live.say(event, ready[utterance]))
    yield from live.rest()


class _Live:
    def __init__(self, schedule: Schedule, read: Read) -> None:
        self._schedule, self._read = schedule, read
        self._at = 0
        """so far it is mixed, in frames"""
        self._speech: list[SpeechEvent] = []
        self._bells: list[BellEvent] = []
        """where they are in truth; what is over is left out"""
        self._moved_after: list[int] = []
        self._moves = [0]
        """by how many frames everything moves that comes after these frames of the schedule"""

    def ring(self, bell: BellEvent) -> None:
        start = self._moved(bell.start_frame)
        self._bells.append(replace(bell, start_frame=start, stop_frame=start + bell.clip.frames))

    def say(self, line: SpeechEvent, clip: Clip) -> SpeechEvent:
        """The next line, whose clip is there now; where it is in truth."""
        start = self._moved(line.start_frame)
        stop = start + clip.sound_frames
        longer = stop - start - (line.stop_frame - line.start_frame)
        placed = replace(line, start_frame=start, stop_frame=stop, clip=clip)
        self._speech.append(placed)
        if longer:
            self._moved_after.append(line.start_frame)
            self._moves.append(self._moves[-1] + longer)
        return placed

    def until(self, line: SpeechEvent) -> Iterator[Samples]:
        """Everything that does not depend on this line, the next one: it is known when it begins, but not its sound."""
        start = self._moved(line.start_frame)
        waiting = replace(line, start_frame=start, stop_frame=start + 1)
        beds = any(bed.start_frame < line.start_frame < bed.stop_frame for bed in self._schedule.beds)
        # A bed that stops soon after the line is fading already before it.
        certain = start - line.clip.lead_frames - (BED_FADE_OUT if beds else 0)
        yield from self._mix(certain // GRID * GRID, (*self._speech, waiting))

    def rest(self) -> Iterator[Samples]:
        rung_out = max((bell.stop_frame for bell in self._bells), default=0)
        yield from self._mix(max(self._moved(self._schedule.frames), rung_out), tuple(self._speech))

    def _mix(self, stop: int, speech: tuple[SpeechEvent, ...]) -> Iterator[Samples]:
        if stop <= self._at:
            return
        beds = tuple(
            replace(bed, start_frame=self._moved(bed.start_frame), stop_frame=self._moved(bed.stop_frame))
            for bed in self._schedule.beds
        )
        schedule = Schedule(frames=stop, speech=speech, bells=tuple(self._bells), beds=beds)
        yield from Mix(schedule, self._read).blocks(self._at, stop)
        self._at = stop
        # What was said bears on a bed for a while longer.
        self._speech = [line for line in self._speech if line.stop_frame > stop - DUCK_BRIDGE]
        self._bells = [bell for bell in self._bells if bell.stop_frame > stop]

    def _moved(self, frame: int) -> int:
        return frame + self._moves[bisect_left(self._moved_after, frame)]
