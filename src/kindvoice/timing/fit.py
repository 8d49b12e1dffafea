"""Timeline, clip lengths and a target to a Schedule. All rounding of time happens here, once.

Pauses are glue, as in typesetting: natural, shortest, longest. One ratio sets them all; then each gives or takes up
to 12 ms, so that the sound after it begins, with its breath, on the grid of MP3 frames. What is nowhere elastic
(a hold, paced breathing) keeps its time to the millisecond, and what follows it may stand off the grid until the
next elastic pause. The programme is exact to the sample.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

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
from kindvoice.timing.landing import landed
from kindvoice.timing.parts import one_after_another
from kindvoice.units import FRAMES_PER_MS, format_ms, frames_to_ms, ms_to_frames


@dataclass(frozen=True, slots=True)
class _Step:
    """One item and the time from its start to the next item's."""

    item: Item
    fixed_ms: int
    glue: Glue | None
    sounds_ms: int
    """how long the item itself is heard; for a bell that may be longer than the step"""
    lead_ms: int = 0
    """breath before its sound; a sound's breath begins on the grid"""

    @property
    def is_sound(self) -> bool:
        return isinstance(self.item, (Say, Ring))

    @property
    def gives(self) -> bool:
        return self.glue is not None and self.glue.min_ms < self.glue.max_ms


@dataclass(frozen=True, slots=True)
class _Silence:
    """The elastic pauses between two sounds, which are rounded together."""

    steps: tuple[int, ...]
    rest_ms: int | None
    """what their sum leaves when it is divided by GRID_MS; None: no sound comes after them"""


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
    the first and after the last sound, each longer by less than 24 ms where the grid asks for it. A timeline of parts
    has each fitted to its own length. Raises FitError, saying what is possible, when the target cannot be reached, and
    ScriptError when a line does not fit its slot.
    """
    if timeline.parts:
        around = {"head_ms": head_ms, "tail_ms": tail_ms}
        schedules = [fit(part.timeline, clips, sounds, part.length_ms, **around) for part in timeline.parts]
        titles = [part.timeline.title for part in timeline.parts]
        return one_after_another(list(zip(titles, schedules, strict=True)), ms_to_frames(GRID_MS))
    if timeline.landing:
        return landed(
            timeline,
            lambda each, ms: fit(each, clips, sounds, ms, head_ms=head_ms, tail_ms=tail_ms),
            target_ms,
        )
    steps = [_step(item, clips, sounds) for item in timeline.items]
    head_ms, silences = _silences(steps, head_ms)
    around_ms = head_ms + tail_ms
    ends = _ends(steps)

    def lasts(pauses: Sequence[int]) -> int:
        return _length(steps, ends, pauses) + around_ms

    shortest, longest = (lasts(_pauses(steps, silences, ratio)) for ratio in (-1.0, 1.0))
    if target_ms is None:
        ratio, pauses = 0.0, _pauses(steps, silences, 0.0)
        total_ms = lasts(pauses)
    elif shortest <= target_ms <= longest:
        ratio, pauses = _solve(steps, silences, lasts, target_ms)
        total_ms = target_ms
    else:
        raise _cannot_fit(timeline, steps, target_ms, shortest, longest)
    return _lay_out(timeline, steps, pauses, clips, sounds, head_ms, total_ms, ratio, shortest, longest)


GRID_MS = 24
"""of an MP3 frame at 48 kHz"""


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
            lead_ms = clips[item.utterance].lead_frames // FRAMES_PER_MS
            return _Step(item, ms if item.slot_ms is None else item.slot_ms, None, ms, lead_ms)
        case Gap():
            return _Step(item, 0, item.glue, 0)
        case Ring():
            ms = frames_to_ms(sounds[item.sound].frames)
            return _Step(item, ms if item.advance_ms is None else item.advance_ms, None, ms)
    return _Step(item, 0, None, 0)


def _silences(steps: Sequence[_Step], head_ms: int) -> tuple[int, list[_Silence]]:
    """The head, longer where the first sound needs it for the grid, and the elastic silences in order."""
    silences: list[_Silence] = []
    elastic: list[int] = []
    at, heard = head_ms, False  # where the walk stands, but for a multiple of GRID_MS and the elastic pauses
    for i, step in enumerate(steps):
        if step.gives:
            elastic.append(i)
        elif step.is_sound:
            to_grid = (step.lead_ms - at) % GRID_MS
            if elastic:
                silences.append(_Silence(tuple(elastic), to_grid))
                at += to_grid
            elif not heard:
                head_ms, at = head_ms + to_grid, at + to_grid
            elastic, heard = [], True
            at += step.fixed_ms
        elif step.glue:
            at += step.glue.natural_ms
    if elastic:
        silences.append(_Silence(tuple(elastic), None))
    return head_ms, silences


def _pauses(steps: Sequence[_Step], silences: Sequence[_Silence], ratio: float) -> list[int]:
    """The length of every step's silence in ms (0 where it has none), at a ratio from -1 (shortest) to 1 (longest)."""
    pauses = [step.glue.natural_ms if step.glue else 0 for step in steps]
    for silence in silences:
        _share(pauses, silence, [_set(steps[i].glue, ratio) for i in silence.steps])
    return pauses


def _share(pauses: list[int], silence: _Silence, exact: Sequence[float]) -> None:
    """Rounds a silence's pauses: together to the grid, the longest taking what is left."""
    together = sum(exact)
    total = round(together)
    if silence.rest_ms is not None:
        steps = max(math.floor((together - silence.rest_ms) / GRID_MS + 0.5), 0)
        total = steps * GRID_MS + silence.rest_ms
    if len(exact) == 1:
        pauses[silence.steps[0]] = max(total, 0)
        return
    whole = [math.floor(ms) for ms in exact]
    left = total - sum(whole)
    for k in sorted(range(len(whole)), key=lambda k: -exact[k]):
        take = max(left, -whole[k])
        whole[k] += take
        left -= take
    for i, ms in zip(silence.steps, whole, strict=True):
        pauses[i] = ms


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


def _set(glue: Glue | None, ratio: float) -> float:
    """The glue's length in ms at a ratio from -1 (shortest) to 1 (longest)."""
    assert glue is not None
    give = glue.max_ms - glue.natural_ms if ratio > 0 else glue.natural_ms - glue.min_ms
    return glue.natural_ms + ratio * give


def _solve(
    steps: Sequence[_Step],
    silences: Sequence[_Silence],
    lasts: Callable[[Sequence[int]], int],
    target_ms: int,
) -> tuple[float, list[int]]:
    """The ratio, and every pause in whole ms, so that the programme lasts target_ms or up to 24 ms less.

    How long it lasts goes up with the ratio, in steps. Silences that go up at the same ratio do so one after the
    other, spread over the programme, as far as there is room.
    """
    low, high = -1.0, 1.0
    if lasts(_pauses(steps, silences, high)) <= target_ms:
        return high, _pauses(steps, silences, high)
    while high - low > 1e-6:
        middle = (low + high) / 2
        if lasts(_pauses(steps, silences, middle)) <= target_ms:
            low = middle
        else:
            high = middle
    pauses, longer = (_pauses(steps, silences, ratio) for ratio in (low, high))
    rising = [silence for silence in silences if any(pauses[i] != longer[i] for i in silence.steps)]
    for k in sorted(range(len(rising)), key=lambda k: k * _SPREAD % 1.0):
        tried = list(pauses)
        for i in rising[k].steps:
            tried[i] = longer[i]
        if lasts(tried) <= target_ms:
            pauses = tried
    return (0.0 if abs(low) < 1e-6 else low), pauses


_SPREAD = (math.sqrt(5.0) - 1.0) / 2.0
"""Multiples of the golden section, without their whole part, come in an order that is spread evenly."""


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
                gaps.append(
                    GapEvent(
                        start_frame=now, stop_frame=now + ms_to_frames(pause), kind=item.kind,
                        natural_ms=item.glue.natural_ms, where=item.where,
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
