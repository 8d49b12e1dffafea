"""Timeline to Clips: every line spoken once, and kept in the store."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from kindvoice.engines._models import cores
from kindvoice.errors import VoiceError
from kindvoice.model import Clip, Say, Take, Timeline, Utterance, Voice
from kindvoice.speech.lexicon import Lexicon
from kindvoice.speech.speaker import LEAD_FRAMES, TAIL_FRAMES, ReadyLine, Speaker, take_line
from kindvoice.store import Store

__all__ = ["LEAD_FRAMES", "TAIL_FRAMES", "ReadyLine", "Spoken", "kept_clips", "speak", "speak_in_order"]


@dataclass(frozen=True, slots=True)
class Spoken:
    """What speaking came to."""

    clips: Mapping[Utterance, Clip]
    """by speaker and text"""
    asked: int
    """different lines in the timeline"""
    made: int
    """lines that an engine spoke now; the rest was there"""
    takes: Mapping[Utterance, Take]
    """the lines that a person recorded"""
    raw_keys: Mapping[Utterance, str]
    """of what the engine gave for a line, before it became a clip"""


def speak(
    timeline: Timeline,
    cast: Mapping[str, Voice],
    store: Store,
    on_line: Callable[[int, int], None] = lambda done, of: None,
    *,
    lexicons: Mapping[str, Lexicon] | None = None,
    takes: Mapping[Utterance, Take] | None = None,
) -> Spoken:
    """`speak_in_order` to its end.

    on_line: called with (lines done, lines in all), from this thread; first with those that were there already.
    """
    lines = _lines(timeline)
    takes = {utterance: take for utterance, take in (takes or {}).items() if utterance in lines}
    done: list[ReadyLine] = []
    ready: set[Utterance] = set()

    def on_ready(utterances: set[Utterance]) -> None:
        ready.update(utterances)
        on_line(len(ready), len(lines))

    for line in speak_in_order(timeline, cast, store, lexicons=lexicons, takes=takes, on_there=on_ready):
        done.append(line)
        if line.utterance not in ready:
            on_ready({line.utterance})
    return Spoken(
        clips={line.utterance: line.clip for line in done},
        asked=len(lines),
        made=sum(line.fresh for line in done),
        takes=takes,
        raw_keys={line.utterance: line.raw_key for line in done if line.raw_key},
    )


def speak_in_order(
    timeline: Timeline,
    cast: Mapping[str, Voice],
    store: Store,
    *,
    lexicons: Mapping[str, Lexicon] | None = None,
    takes: Mapping[Utterance, Take] | None = None,
    ahead: int | None = None,
    on_there: Callable[[set[Utterance]], None] = lambda utterances: None,
) -> Generator[ReadyLine, None, None]:
    """Every different line as soon as it and all before it are ready, in the order in which they are first heard.

    What is not in the store is spoken, as many lines at once as there are cores: who plays the first line need not
    wait for the last. cast: the voice of each speaker in the timeline. lexicons: by speaker, words that the voice is
    to say differently; captions keep the author's. takes: recordings that stand in place of a voice. ahead: for who
    listens meanwhile, no more lines than so many are begun that were not asked for yet, and a line that fails is
    raised at once. Otherwise (None) it does not stop the others, which stay in the store, unless several fail; it is
    raised at the end. on_there: called once, with the lines that are begun and were there already, recordings among
    them. Raises VoiceError with the line's file and line, and before anything is spoken where a voice
    cannot read a line.
    """
    lines, takes = _lines(timeline), takes or {}
    speakers = _speakers(lines, cast, store, lexicons or {}, takes)
    failed: list[VoiceError] = []
    # Threads are enough: the engines calculate outside of Python's lock, or in processes of their own.
    with ThreadPoolExecutor(max_workers=cores(), thread_name_prefix="speak") as pool:
        for speaker in speakers.values():
            speaker.set_level(pool)
        begun = (
            pool.submit(take_line, takes[utterance], store, line) if utterance in takes
            else speakers[line.speaker].begin(line, pool)
            for utterance, line in lines.items()
        )  # fmt: skip
        tasks = deque(islice(begun, ahead))
        on_there({task.utterance for task in tasks if isinstance(task, ReadyLine)} | takes.keys())
        try:
            while tasks:
                try:
                    task = tasks.popleft()
                    ready = task if isinstance(task, ReadyLine) else task.result()
                except VoiceError as error:
                    failed.append(error)
                    if ahead is not None or len(failed) == _FAILURES:
                        break
                    continue
                tasks.extend(islice(begun, 1))
                yield ready
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    if failed:
        raise _together(failed)


def kept_clips(
    timeline: Timeline, cast: Mapping[str, Voice], store: Store, *, lexicons: Mapping[str, Lexicon],
    takes: Mapping[Utterance, Take],
) -> tuple[dict[Utterance, Clip], dict[Utterance, str]]:  # fmt: skip
    """What `speak` would find in the store, and of the rest the key of what an engine would have to speak.

    Nothing is spoken. Raises VoiceError for a line that its voice cannot read, and for a voice that cannot be used.
    """
    clips: dict[Utterance, Clip] = {}
    missing: dict[Utterance, str] = {}
    lines = _lines(timeline)
    speakers = _speakers(lines, cast, store, lexicons, takes)
    for speaker in speakers.values():
        speaker.set_level(None)
    for utterance, line in lines.items():
        if utterance in takes:
            clips[utterance] = take_line(takes[utterance], store, line).clip
            continue
        raw_key, clip = speakers[line.speaker].kept(line)
        if clip is None:
            missing[utterance] = raw_key
        else:
            clips[utterance] = clip
    return clips, missing


def _lines(timeline: Timeline) -> dict[Utterance, Say]:
    """Every different line as it first stands."""
    lines: dict[Utterance, Say] = {}
    for item in timeline.items:
        if isinstance(item, Say):
            lines.setdefault(item.utterance, item)
    return lines


def _speakers(
    lines: Mapping[Utterance, Say], cast: Mapping[str, Voice], store: Store, lexicons: Mapping[str, Lexicon],
    takes: Mapping[Utterance, Take],
) -> dict[str, Speaker]:  # fmt: skip
    """Who has anything to say that nobody has recorded. Raises VoiceError for a line that its voice cannot read."""
    speakers: dict[str, Speaker] = {}
    for (name, _), line in lines.items():
        if line.utterance not in takes:
            if name not in speakers:
                speakers[name] = Speaker(cast[name], store, lexicons.get(name, {}))
            speakers[name].check(line)
    return speakers


_FAILURES = 5
"""after so many the engine itself must be ill, and the rest is not tried"""


def _together(failed: Sequence[VoiceError]) -> VoiceError:
    """The first of several errors in the order of the script, which names the others."""
    first, *rest = failed
    if not rest:
        return first
    lines = ", ".join(str(error.where.line) for error in rest if error.where)
    return VoiceError(f"{first.marked_what} (and so for line {lines})", where=first.where, cure=first.cure)
