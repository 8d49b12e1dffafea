"""Schedules one after another, as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from kindvoice.model import BedEvent, BellEvent, ChapterMark, GapEvent, Schedule, SpeechEvent

Event = TypeVar("Event", SpeechEvent, BellEvent, BedEvent, GapEvent)


def one_after_another(parts: Sequence[tuple[str, Schedule]], grid_frames: int) -> Schedule:
    """Each part, by its title and its schedule, is a chapter, in place of the chapters inside of it.

    A part begins on the grid: the one before it is longer by less than grid_frames where that is needed.
    """
    starts = [0]
    for _, schedule in parts:
        starts.append(starts[-1] + -(-schedule.frames // grid_frames) * grid_frames)
    schedules = [schedule for _, schedule in parts]
    last = schedules[-1]
    return Schedule(
        frames=starts[-2] + last.frames,
        speech=tuple(_moved(starts, (schedule.speech for schedule in schedules))),
        bells=tuple(_moved(starts, (schedule.bells for schedule in schedules))),
        beds=tuple(_moved(starts, (schedule.beds for schedule in schedules))),
        gaps=tuple(_moved(starts, (schedule.gaps for schedule in schedules))),
        chapters=tuple(
            ChapterMark(start_frame=start, title=title)
            for start, (title, _) in zip(starts, parts, strict=False)
        ),
        shortest_ms=sum(schedule.shortest_ms for schedule in schedules),
        longest_ms=sum(schedule.longest_ms for schedule in schedules),
        landing_frame=None if last.landing_frame is None else starts[-2] + last.landing_frame,
    )


def _moved(starts: Sequence[int], of_parts: Iterable[Iterable[Event]]) -> Iterator[Event]:
    for start, events in zip(starts, of_parts, strict=False):
        for event in events:
            first, stop = event.start_frame + start, event.stop_frame + start
            yield replace(event, start_frame=first, stop_frame=stop)
