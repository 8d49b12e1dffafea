"""Schedule to Transcript: what was said when, by chapter and paragraph, in whole milliseconds."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence

from kindvoice.model import Line, Schedule, Section, SpeechEvent, Transcript
from kindvoice.units import frames_to_ms

LINE_BREAK_KINDS = frozenset({"paragraph", "chapter"})
"""silences that stand where an author left a line empty"""
WRITTEN_KINDS = frozenset({"pause", "hold"})
"""silences that an author wrote"""


def make_transcript(
    schedule: Schedule, title: str, language: str, languages: Mapping[str, str] | None = None
) -> Transcript:
    """languages: of speakers whose words are not in `language`."""
    languages = languages or {}
    lines = [
        Line(
            start_ms=frames_to_ms(event.start_frame),
            stop_ms=frames_to_ms(event.stop_frame),
            text=event.text,
            language=languages.get(event.speaker, language),
        )
        for event in schedule.speech
    ]
    return sectioned(
        zip(lines, _paragraph_starts(schedule), strict=True),
        [(frames_to_ms(chapter.start_frame), chapter.title) for chapter in schedule.chapters],
        title=title,
        language=language,
        duration_ms=frames_to_ms(schedule.frames),
    )


def sectioned(
    lines: Iterable[tuple[Line, bool]],
    chapters: Sequence[tuple[int, str]],
    *,
    title: str,
    language: str,
    duration_ms: int,
) -> Transcript:
    """lines: each with whether it begins a paragraph, in order of time. chapters: (start ms, title), in order."""
    starts = list(chapters)
    if not starts or starts[0][0] > 0:
        starts.insert(0, (0, ""))
    stops = [*(start for start, _ in starts[1:]), duration_ms]
    waiting = list(lines)
    sections = []
    for (start, name), stop in zip(starts, stops, strict=True):
        # The last takes whatever is left.
        inside = [pair for pair in waiting if pair[0].start_ms < stop or stop == duration_ms]
        waiting = waiting[len(inside) :]
        sections.append(
            Section(title=name, start_ms=start, stop_ms=stop, paragraphs=tuple(_paragraphs(inside)))
        )
    return Transcript(title=title, language=language, duration_ms=duration_ms, sections=tuple(sections))


def _paragraphs(lines: Iterable[tuple[Line, bool]]) -> Iterator[tuple[Line, ...]]:
    paragraph: list[Line] = []
    for line, first in lines:
        if first and paragraph:
            yield tuple(paragraph)
            paragraph = []
        paragraph.append(line)
    if paragraph:
        yield tuple(paragraph)


def _paragraph_starts(schedule: Schedule) -> list[bool]:
    """Whether each utterance begins a paragraph: by what lies between it and the one before, or by the author's lines.

    An empty line is a paragraph's end. A written pause hides the empty line that it stands in for, so the lines'
    numbers tell too: one that is left out is empty or a command, text that goes back is a loop's next round, and a
    line that ends with a pause is meant to end there.
    """
    breaks = [gap.start_frame for gap in schedule.gaps if gap.kind in LINE_BREAK_KINDS]
    breaks = sorted(breaks + [bell.start_frame for bell in schedule.bells])
    pauses = sorted(gap.start_frame for gap in schedule.gaps if gap.kind in WRITTEN_KINDS)
    starts = [True] * min(len(schedule.speech), 1)
    for before, event in itertools.pairwise(schedule.speech):
        step = event.where.line - before.where.line
        starts.append(
            _any_between(breaks, before, event)
            or step not in (0, 1)
            or (step == 1 and _any_between(pauses, before, event))
            or event.where.path != before.where.path
        )
    return starts


def _any_between(frames: Sequence[int], before: SpeechEvent, event: SpeechEvent) -> bool:
    return bisect_left(frames, event.start_frame) > bisect_left(frames, before.stop_frame)
