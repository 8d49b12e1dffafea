"""The last minutes for somebody who falls asleep: towards the end pauses grow and all that sounds grows quieter.

Which lines lie in them depends on the pauses, which depend on them: the first line is looked for with which it is so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from kindvoice.errors import FitError
from kindvoice.model import BedEvent, Gap, Glue, Landing, Ring, Say, Schedule, Timeline
from kindvoice.units import ms_to_frames

QUIETER_DB = -9.0
"""of the last words. A line is as loud from its first word to its last, in whole dB, so that many lengths share it."""
BELL_DB = 2 * QUIETER_DB
"""of a bell at the end: its stroke would wake somebody whom a word would not"""
LONGER = 3.0
"""times as long the last pauses may be"""

Fit = Callable[[Timeline, int | None], Schedule]


def landed(timeline: Timeline, fit: Fit, target_ms: int | None) -> Schedule:
    """Of a timeline with a landing. fit: the schedule of one that has none, at a length. Raises what fit does."""
    landing = timeline.landing
    assert landing is not None
    timeline = replace(timeline, landing=None)
    natural = fit(timeline, None)
    sounds = [number for number, item in enumerate(timeline.items) if isinstance(item, (Say, Ring))]
    gap_starts = dict(zip(
        (number for number, item in enumerate(timeline.items) if isinstance(item, Gap)),
        (gap.start_frame for gap in natural.gaps), strict=True,
    ))  # fmt: skip
    starts = _starts(natural)

    def sparser(first: int) -> Timeline:
        """With longer pauses after this sound."""
        if first == len(sounds):
            return timeline
        items = list(timeline.items)
        for number in range(sounds[first], len(items)):
            if isinstance(gap := items[number], Gap):
                along = _along(gap_starts[number], starts[first], starts[-1])
                glue = _longer(gap.glue, 1.0 + (LONGER - 1.0) * along, landing.longest_pause_ms)
                items[number] = replace(gap, glue=glue)
        return replace(timeline, items=tuple(items))

    def begins_late(first: int) -> bool:
        """Whether this sound begins within the landing; where the length cannot be, at the nearest one that can."""
        try:
            schedule = fit(sparser(first), target_ms)
        except FitError as error:
            nearest_ms = min(max(target_ms or 0, error.shortest_ms or 0), error.longest_ms or 0)
            schedule = fit(sparser(first), nearest_ms)
        return _starts(schedule)[first] >= _begin(schedule, landing)

    low, high = 0, len(sounds)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if begins_late(middle) else (middle + 1, high)
    schedule = fit(sparser(low), target_ms)
    written = [replace(gap, natural_ms=as_written.natural_ms) for gap, as_written in zip(
        schedule.gaps, natural.gaps, strict=True
    )]  # fmt: skip
    return _quieter(replace(schedule, gaps=tuple(written)), _begin(schedule, landing))


def _starts(schedule: Schedule) -> list[int]:
    return sorted(
        [*(line.start_frame for line in schedule.speech), *(bell.start_frame for bell in schedule.bells)]
    )


def _begin(schedule: Schedule, landing: Landing) -> int:
    return max(schedule.frames - ms_to_frames(landing.length_ms), 0)


def _along(frame: int, start: int, end: int) -> float:
    """From 0 at the start to 1 at the end, and beyond."""
    return min(max(frame - start, 0) / max(end - start, 1), 1.0)


def _longer(glue: Glue, times: float, longest_ms: int) -> Glue:
    """May be so many times as long, but not longer than longest_ms unless it may be anyway. Its shortest stays."""
    if glue.min_ms == glue.max_ms:
        return glue
    max_ms = max(glue.max_ms, min(round(glue.max_ms * times), longest_ms))
    return replace(glue, natural_ms=min(round(glue.natural_ms * times), max_ms), max_ms=max_ms)


def _quieter(schedule: Schedule, begin: int) -> Schedule:
    """begin: the frame of the landing's."""
    last = max((event.start_frame for event in schedule.speech), default=schedule.frames)

    def falls_db(frame: int, most_db: float = QUIETER_DB) -> float:
        return float(round(most_db * _along(frame, begin, last)))

    return replace(
        schedule,
        landing_frame=begin,
        speech=tuple(replace(line, gain_db=falls_db(line.start_frame)) for line in schedule.speech),
        bells=tuple(
            replace(bell, gain_db=bell.gain_db + falls_db(bell.start_frame, BELL_DB))
            for bell in schedule.bells
        ),
        beds=tuple(_falling(schedule.beds, begin, last)),
    )


def _falling(beds: Sequence[BedEvent], begin: int, last: int) -> list[BedEvent]:
    """They go down as the words do, but without steps."""
    falling = []
    for bed in beds:
        start, stop = max(bed.start_frame, begin), min(bed.stop_frame, max(last, begin))
        at_start, at_stop = (QUIETER_DB * _along(frame, begin, last) for frame in (start, stop))
        falls = replace(
            bed, gain_db=bed.gain_db + at_start, fall_db=at_stop - at_start,
            fall_frames=(bed.stop_frame - start, bed.stop_frame - stop),
        )  # fmt: skip
        falling.append(falls if start < stop else replace(bed, gain_db=bed.gain_db + at_start))
    return falling
