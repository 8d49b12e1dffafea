"""Timeline, clip lengths and a target to a Schedule. All rounding of time happens here, once.

Pauses are glue, as in typesetting: natural, shortest, longest. One ratio sets them all, and what is
left over in milliseconds goes to the pauses that lost most by rounding. Sounds are whole milliseconds
long, so every event lies on a whole millisecond and the programme is exact to the sample.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kindvoice.errors import FitError, ScriptError, quoted
from kindvoice.model import (
    BedChange,
    BedEvent,
    BellEvent,
    ChapterMark,
    Clip,
    Gap,
    GapEvent,
    Glue,
    Item,
    Mark,
    Ring,
    Say,
    Schedule,
    SpeechEvent,
    Timeline,
    Utterance,
    Where,
)
from kindvoice.units import format_ms, frames_to_ms, ms_to_frames


@dataclass(frozen=True, slots=True)
class _Step:
    """One item and the time from its start to the next item's."""

    item: Item
    fixed_ms: int
    glue: Glue | None
    sounds_ms: int
    """how long the item itself is heard; for a bell that may be longer than the step"""


def fit(
    timeline: Timeline,
    clips: Mapping[Utterance, Clip],
    sounds: Mapping[str, Clip],
    target_ms: int | None = None,
    *,
    head_ms: int = 500,
    tail_ms: int = 2_000,
) -> Schedule:
    """The programme with every event at its frame.

    clips: by speaker and text. sounds: by the name of a bell or a bed file. target_ms: the
    whole programme's length; None: all pauses at their natural length. head_ms, tail_ms: silence before
    the first and after the last sound. Raises FitError, saying what is possible, when the target cannot
    be reached, and ScriptError when a line does not fit its slot.
    """
    steps = [_step(item, clips, sounds) for item in timeline.items]
    around_ms = head_ms + tail_ms
    alone = False
    while True:
        ends = _ends(steps)
        shortest = _length(steps, ends, [g.min_ms if g else 0 for g in _glues(steps)]) + around_ms
        longest = _length(steps, ends, [g.max_ms if g else 0 for g in _glues(steps)]) + around_ms
        if target_ms is None:
            ratio, pauses = 0.0, [glue.natural_ms if glue else 0 for glue in _glues(steps)]
            total_ms = _length(steps, ends, pauses) + around_ms
        elif shortest <= target_ms <= longest:
            ratio, pauses = _solve(steps, ends, target_ms - around_ms)
            total_ms = target_ms
        else:
            raise _cannot_fit(timeline, steps, target_ms, shortest, longest)
        wider = _widened(steps, pauses)
        if wider == steps:
            laid = _lay_out(
                timeline, steps, pauses, clips, sounds, head_ms, total_ms, ratio, shortest, longest
            )
            return replace(laid, alone=alone)
        steps, alone = wider, True


CODEC_FRAME_MS = 24
"""of an MP3 at 48 kHz: a slot grows by whole ones"""


def _widened(steps: Sequence[_Step], pauses: Sequence[int]) -> list[_Step]:
    """The steps, with more room for a line that is longer than what is kept for it and its pause can give."""
    wider = list(steps)
    for i, step in enumerate(steps):
        if not isinstance(step.item, Say) or step.item.allow_ms is None:
            continue
        glue = steps[i + 1].glue
        assert glue is not None, "a slot is a line and a pause"
        lacking = step.sounds_ms - step.fixed_ms - (pauses[i + 1] - glue.min_ms)
        if lacking > 0:
            more = -(-lacking // CODEC_FRAME_MS) * CODEC_FRAME_MS
            wider[i] = replace(step, fixed_ms=step.fixed_ms + more)
    return wider


def _step(item: Item, clips: Mapping[Utterance, Clip], sounds: Mapping[str, Clip]) -> _Step:
    match item:
        case Say():
            ms = frames_to_ms(clips[item.utterance].sound_frames)
            if item.slot_ms is not None and ms > item.slot_ms:
                line = quoted(item.text, item.own)
                raise ScriptError(
                    f"{line} takes {format_ms(ms)} and has {format_ms(item.slot_ms)}", where=item.where,
                    cure="give it more time, or fewer words",
                )  # fmt: skip
            kept = item.slot_ms if item.slot_ms is not None else item.allow_ms
            return _Step(item, ms if kept is None else kept, None, ms)
        case Gap():
            return _Step(item, 0, item.glue, 0)
        case Ring():
            ms = frames_to_ms(sounds[item.sound].frames)
            return _Step(item, ms if item.advance_ms is None else item.advance_ms, None, ms)
    return _Step(item, 0, None, 0)


def _glues(steps: Sequence[_Step]) -> list[Glue | None]:
    return [step.glue for step in steps]


def _ends(steps: Sequence[_Step]) -> list[tuple[int, int]]:
    """Where the programme can end: after all steps, or when a bell that nothing waits for has rung out.

    Each as (number of steps before it, ms that its last sound adds).
    """
    ringing = [(i, step.sounds_ms) for i, step in enumerate(steps) if step.sounds_ms > step.fixed_ms]
    return [(len(steps), 0), *ringing]


def _length(steps: Sequence[_Step], ends: Sequence[tuple[int, int]], pauses: Sequence[float]) -> int:
    """The programme's length in ms, without head and tail, with these pauses (0 where there is no glue)."""
    before = [0.0]
    for step, pause in zip(steps, pauses, strict=True):
        before.append(before[-1] + step.fixed_ms + pause)
    return round(max(before[count] + more for count, more in ends))


def _set(glue: Glue, ratio: float) -> float:
    """The glue's length in ms at a ratio from -1 (shortest) to 1 (longest)."""
    give = glue.max_ms - glue.natural_ms if ratio > 0 else glue.natural_ms - glue.min_ms
    return glue.natural_ms + ratio * give


def _solve(
    steps: Sequence[_Step], ends: Sequence[tuple[int, int]], target_ms: int
) -> tuple[float, list[int]]:
    """The ratio, and every pause in whole ms, so that the programme lasts exactly target_ms."""
    # Each possible end wants its own ratio; the smallest holds, for at that one no other end is later.
    ratio, count, more = min((_ratio(steps[:count], target_ms - more), count, more) for count, more in ends)
    exact = [_set(step.glue, ratio) if step.glue else 0.0 for step in steps]
    pauses = [math.floor(ms + 1e-9) for ms in exact]
    leftover = target_ms - more - sum(step.fixed_ms for step in steps[:count]) - sum(pauses[:count])
    # Largest remainder: who lost most by rounding down is given its millisecond back first.
    order = sorted((i for i in range(count) if steps[i].glue), key=lambda i: (pauses[i] - exact[i], i))
    while leftover:
        step_by = 1 if leftover > 0 else -1
        before = leftover
        for i in order:
            glue = steps[i].glue
            if leftover and glue and glue.min_ms <= pauses[i] + step_by <= glue.max_ms:
                pauses[i] += step_by
                leftover -= step_by
        if leftover == before:  # every pause is at its bound: the caller has checked that this cannot be
            raise AssertionError(f"{leftover} ms are left over")
    return ratio, pauses


def _ratio(steps: Sequence[_Step], target_ms: int) -> float:
    """The ratio at which these steps last target_ms; beyond -1 or 1 when no allowed one does."""
    glues = [step.glue for step in steps if step.glue]
    wanted = target_ms - sum(step.fixed_ms for step in steps) - sum(glue.natural_ms for glue in glues)
    if wanted == 0:
        return 0.0
    give = sum(g.max_ms - g.natural_ms if wanted > 0 else g.natural_ms - g.min_ms for g in glues)
    return wanted / give if give else math.copysign(math.inf, wanted)


def _cannot_fit(
    timeline: Timeline, steps: Sequence[_Step], target_ms: int, shortest: int, longest: int
) -> FitError:
    speech = sum(step.sounds_ms for step in steps if isinstance(step.item, Say))
    possible = f"it can last from {format_ms(_up(shortest))} to {format_ms(_down(longest))}"
    if shortest > longest - 2000:
        possible = f"it lasts {format_ms(shortest)}"
    own = sum(step.sounds_ms for step in steps if isinstance(step.item, Say) and step.item.own)
    if target_ms < shortest and own > speech / 2:
        change = f"ask for a longer time, or for shorter phrases: {format_ms(_up(own))} are the participant's own words"
    elif target_ms < shortest:
        change = (
            f"ask for a longer time, take words out ({format_ms(_up(speech))} are speech), or let pauses give "
            "more: [pause 8s min 2s]"
        )
    else:
        change = (
            "ask for a shorter time, add words or pauses, or let pauses stretch further: [pause 8s max 60s], "
            "or `style: {stretch: 4}` in the front matter"
        )
    error = FitError(
        f"{timeline.title!r} cannot last {format_ms(target_ms)}: with what the script says at this length, {possible}",
        where=Where(path=timeline.path, line=0) if timeline.path else None,
        cure=change,
    )
    error.shortest_ms, error.longest_ms = shortest, longest
    return error


def _up(ms: int) -> int:
    return -(-ms // 1000) * 1000


def _down(ms: int) -> int:
    return ms // 1000 * 1000


def _lay_out(
    timeline: Timeline,
    steps: Sequence[_Step],
    pauses: Sequence[int],
    clips: Mapping[Utterance, Clip],
    sounds: Mapping[str, Clip],
    head_ms: int,
    total_ms: int,
    ratio: float,
    shortest: int,
    longest: int,
) -> Schedule:
    total = ms_to_frames(total_ms)
    speech: list[SpeechEvent] = []
    rings: list[BellEvent] = []
    beds: list[BedEvent] = []
    gaps: list[GapEvent] = []
    chapters: list[ChapterMark] = []
    playing: tuple[int, BedChange] | None = None

    def end_bed(at: int) -> None:
        if playing and playing[1].sound and at > playing[0]:
            start, change = playing
            loop = sounds.get(str(change.sound))
            beds.append(
                BedEvent(
                    start_frame=start, stop_frame=at, sound=loop.key if loop else str(change.sound),
                    gain_db=change.gain_db, loop_frames=loop.frames if loop else 0,
                )
            )  # fmt: skip

    now = ms_to_frames(head_ms)
    heard = False
    slack = 0
    """where the last line of a slot ended, as seen from the step after it"""
    for step, pause in zip(steps, pauses, strict=True):
        item = step.item
        stop = now + ms_to_frames(step.sounds_ms)
        match item:
            case Say():
                speech.append(
                    SpeechEvent(
                        start_frame=now,
                        stop_frame=stop,
                        clip=clips[item.utterance],
                        text=item.text,
                        speaker=item.speaker,
                        own=item.own,
                        kept_frames=ms_to_frames(item.allow_ms or 0),
                        where=item.where,
                    )
                )
            case Ring():
                rings.append(
                    BellEvent(
                        start_frame=now, stop_frame=stop, clip=sounds[item.sound], sound=item.sound,
                        gain_db=item.gain_db, where=item.where,
                    )
                )  # fmt: skip
            case Gap():
                gap = ms_to_frames(pause)
                # In a slot the pause begins where the line ends.
                begin = now + slack
                gaps.append(
                    GapEvent(
                        start_frame=begin, stop_frame=now + gap, kind=item.kind, natural_ms=item.glue.natural_ms,
                        where=item.where,
                    )
                )  # fmt: skip
            case BedChange():
                at = now if heard else 0
                end_bed(at)
                playing = (at, item)
            case Mark():
                at = now if heard else 0
                chapters.append(ChapterMark(start_frame=at, title=item.title, own=item.own))
        heard = heard or isinstance(item, (Say, Ring, Gap))
        slotted = isinstance(item, Say) and item.allow_ms is not None
        slack = ms_to_frames(step.sounds_ms - step.fixed_ms) if slotted else 0
        now += ms_to_frames(step.fixed_ms + pause)
    end_bed(total)
    return Schedule(
        frames=total,
        speech=tuple(speech),
        bells=tuple(rings),
        beds=tuple(beds),
        gaps=tuple(gaps),
        chapters=_contiguous(chapters, timeline.title),
        ratio=ratio,
        shortest_ms=shortest,
        longest_ms=longest,
    )


def _contiguous(chapters: Sequence[ChapterMark], title: str) -> tuple[ChapterMark, ...]:
    """Chapters from frame 0 on, each later than the one before it; none when the script has no heading."""
    kept: list[ChapterMark] = []
    for chapter in chapters:
        if not kept and chapter.start_frame > 0:
            kept.append(ChapterMark(start_frame=0, title=title))
        if kept and kept[-1].start_frame == chapter.start_frame:
            kept.pop()  # a heading with nothing below it
        kept.append(chapter)
    return tuple(kept)
