"""A reading as sound that is heard at once, while the rest of it is still being spoken."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from itertools import chain, islice
from typing import TypeVar

from kindvoice.build.guess import LineLengths, guessed_fits
from kindvoice.build.read import Reading
from kindvoice.errors import KindvoiceError, ScriptError, SettingsError, quoted
from kindvoice.model import (
    BedChange,
    BedEvent,
    BellEvent,
    Clip,
    Gap,
    GapEvent,
    Item,
    Mark,
    Preset,
    Ring,
    Say,
    Schedule,
    SpeechEvent,
    Timeline,
    Where,
)
from kindvoice.sound.beds import BEDS, layers
from kindvoice.sound.live import mix_live
from kindvoice.sound.master import master
from kindvoice.sound.mix import REFERENCE_LUFS, Samples, room_tone
from kindvoice.sound.prepare import prepare_sounds, reader
from kindvoice.speech.speak import ReadyLine, kept_clips, speak_in_order
from kindvoice.store import Store
from kindvoice.units import ms_to_frames

OnLine = Callable[[SpeechEvent], None]
_Event = TypeVar("_Event", SpeechEvent, BellEvent, BedEvent)
_AHEAD = 8
"""lines that are spoken before they are wanted: about a minute, with their pauses"""
_SPEECH_LUFS = -18.0
"""for a preset that asks for RMS: what speech in most of its programmes comes to"""
_LINE_HEAD_MS, _LINE_TAIL_MS = 200, 500


def play(
    reading: Reading,
    store: Store,
    *,
    chapter: str | None = None,
    line: int | None = None,
    on_line: OnLine = lambda line: None,
) -> Generator[Samples, None, None]:
    """The programme at about its final level: float32, shape (n, 2), 48 kHz, any n.

    chapter: where to begin, its number or the beginning of its title. line: only what this line of the script's file
    says. on_line: called with each line as it stands, before it is heard. What has been spoken already comes at the
    times at which it is rendered; where lengths are guessed, an asked length is met about. Raises KindvoiceError before
    the first block for what is wrong with the script or the request, and for a line that cannot be spoken when it is
    its turn.
    """
    first = 0
    if line is not None:
        reading = replace(
            reading,
            timeline=replace(reading.timeline, items=_items_of_line(reading.timeline, line), landing=None),
            script=replace(reading.script, length_ms=None),
            preset=replace(reading.preset, head_ms=_LINE_HEAD_MS, tail_ms=_LINE_TAIL_MS),
        )
    elif chapter is not None:
        first = _first_item(reading.timeline, chapter)
    return _mastered(reading, store, first, on_line)


def _mastered(reading: Reading, store: Store, first: int, on_line: OnLine) -> Generator[Samples, None, None]:
    with closing(_mixed(reading, store, first, on_line)) as blocks:
        yield from master(blocks, _usual_gain_db(reading.preset), reading.preset.peak_dbtp)


def _mixed(reading: Reading, store: Store, first: int, on_line: OnLine) -> Generator[Samples, None, None]:
    timeline = reading.timeline

    def speak(items: tuple[Item, ...]) -> Generator[ReadyLine, None, None]:
        return speak_in_order(
            replace(timeline, items=items), reading.cast, store, lexicons=reading.lexicons, takes=reading.takes,
            ahead=_AHEAD,
        )  # fmt: skip

    with (
        ThreadPoolExecutor(thread_name_prefix="sounds") as pool,
        closing(speak(timeline.items[first:])) as lines,
    ):
        # The voice is loaded here meanwhile, which takes longest.
        preparing = pool.submit(prepare_sounds, timeline, store)
        background = pool.submit(_make_background, timeline, first)
        begun = list(islice(lines, 1))
        # What has a slot must be known to fit into it.
        for _ in speak(
            tuple(item for item in timeline.items if isinstance(item, Say) and item.slot_ms is not None)
        ):
            pass
        schedule = _from_item(_schedule(reading, store, preparing.result()), reading, first)
        background.result()
        ready = ((line.utterance, line.clip) for line in chain(begun, lines))
        yield from mix_live(schedule, ready, reader(store), on_line)


def _schedule(reading: Reading, store: Store, sounds: Mapping[str, Clip]) -> Schedule:
    """Of the whole programme; lines that are not in the store last as long as is guessed."""
    clips, missing = kept_clips(
        reading.timeline, reading.cast, store, lexicons=reading.lexicons, takes=reading.takes
    )
    lengths = LineLengths(reading.voices)
    lengths.learn(reading, clips)
    errors: list[KindvoiceError] = []
    for schedule in guessed_fits(reading, clips, *lengths.guess(reading, missing), sounds):
        if isinstance(schedule, Schedule):
            return schedule
        errors.append(schedule)
    raise errors[0]


def _make_background(timeline: Timeline, first: int) -> None:
    """What is heard first below the words is made, and stays in memory; a bed takes up to a second."""
    room_tone()
    sounds = [item.sound for item in timeline.items[: first + 1] if isinstance(item, BedChange)]
    if sounds and sounds[-1] is not None and sounds[-1] in BEDS:
        layers(sounds[-1])


def _from_item(schedule: Schedule, reading: Reading, first: int) -> Schedule:
    """What is heard from this item of the timeline on, after the usual silence at a head."""
    if not first:
        return schedule
    before = reading.timeline.items[:first]
    says, rings, gaps = (sum(isinstance(item, kind) for item in before) for kind in (Say, Ring, Gap))
    speech, bells = schedule.speech[says:], schedule.bells[rings:]
    events: list[SpeechEvent | BellEvent | GapEvent] = [
        *speech[:1],
        *bells[:1],
        *schedule.gaps[gaps : gaps + 1],
    ]
    start = min((event.start_frame for event in events), default=schedule.frames)
    back = start - ms_to_frames(reading.preset.head_ms)

    def moved(event: _Event) -> _Event:
        return replace(event, start_frame=event.start_frame - back, stop_frame=event.stop_frame - back)

    beds = tuple(
        replace(moved(bed), start_frame=bed.start_frame - back if bed.start_frame > start else 0)
        for bed in schedule.beds
        if bed.stop_frame > start
    )
    return Schedule(
        frames=schedule.frames - back,
        beds=beds,
        speech=tuple(map(moved, speech)),
        bells=tuple(map(moved, bells)),
    )


def _usual_gain_db(preset: Preset) -> float:
    """A programme is measured as a whole before it is levelled; this is what speech at its reference needs."""
    return (_SPEECH_LUFS if preset.lufs is None else preset.lufs) - REFERENCE_LUFS


# ---------------------------------------------------------------- a chapter, a line


def _chapters(timeline: Timeline) -> list[tuple[Mark, int]]:
    """As players show them, each with its first item's number."""
    chapters: list[tuple[Mark, int]] = []
    is_heard = False
    """anything since the last heading"""
    for number, item in enumerate(timeline.items):
        if isinstance(item, Mark):
            if is_heard and not chapters:
                chapters.append((Mark(title=timeline.title), 0))
            if chapters and not is_heard:
                chapters.pop()  # a heading with nothing below it
            chapters.append((item, number))
            is_heard = False
        elif not isinstance(item, BedChange):
            is_heard = True
    return chapters


def _first_item(timeline: Timeline, chapter: str) -> int:
    chapters = _chapters(timeline)
    wanted = " ".join(chapter.split()).casefold()
    if wanted.isdecimal() and 1 <= int(wanted) <= len(chapters):
        return chapters[int(wanted) - 1][1]
    for mark, number in chapters:
        if wanted and " ".join(mark.title.split()).casefold().startswith(wanted):
            return number
    where = Where(path=timeline.path, line=0) if timeline.path else None
    names = ", ".join(
        f"{number} {quoted(mark.title, mark.own)}" for number, (mark, _) in enumerate(chapters, 1)
    )
    raise SettingsError(
        f"there is no chapter {chapter!r} (--from)", where=where,
        cure=f"its chapters: {names}" if names else "the script has no headings; write one, such as # Arriving",
    )  # fmt: skip


def _items_of_line(timeline: Timeline, line: int) -> tuple[Item, ...]:
    """What this line of the script's file says and rings, without the pauses around it."""
    items = [
        item for item in timeline.items if item.where.line == line and isinstance(item, (Say, Ring, Gap))
    ]
    sounding = [number for number, item in enumerate(items) if not isinstance(item, Gap)]
    if sounding:
        return tuple(items[sounding[0] : sounding[-1] + 1])
    lines = sorted(
        {item.where.line for item in timeline.items if isinstance(item, (Say, Ring)) and item.where.line}
    )
    near = [max((n for n in lines if n < line), default=0), min((n for n in lines if n > line), default=0)]
    raise ScriptError(
        "nothing is heard of what this line begins (--line)", where=Where(path=timeline.path, line=line),
        cure=f"the nearest that is heard: line {' and line '.join(str(n) for n in near if n)}",
    )  # fmt: skip
