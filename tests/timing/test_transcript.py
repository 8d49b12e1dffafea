"""What was said when, by chapter and paragraph, as the author set it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from make import clip, timeline

from kindvoice.model import (
    BellEvent,
    ChapterMark,
    GapEvent,
    Line,
    Say,
    Schedule,
    Script,
    SpeechEvent,
    Where,
)
from kindvoice.script.literal import line_mark
from kindvoice.script.parse import parse
from kindvoice.timing.fit import fit
from kindvoice.timing.resolve import make_timeline
from kindvoice.timing.transcript import make_transcript, sectioned
from kindvoice.units import frames_to_ms, ms_to_frames


def said(at_s: int, line: int, text: str = "x", speaker: str = "", path: str = "a.md") -> SpeechEvent:
    start = ms_to_frames(at_s * 1000)
    where = Where(path=path, line=line)
    return SpeechEvent(
        start_frame=start, stop_frame=start + 48_000, clip=clip(1000), text=text, speaker=speaker, where=where
    )


def gap(at_s: int, kind: str) -> GapEvent:
    start = ms_to_frames(at_s * 1000)
    return GapEvent(start_frame=start, stop_frame=start + 48_000, kind=kind, natural_ms=1_000)


def paragraphs(*speech: SpeechEvent, **more) -> list[int]:
    """How many lines each paragraph has."""
    made = make_transcript(Schedule(frames=ms_to_frames(100_000), speech=speech, **more), "T", "en")
    return [len(paragraph) for section in made.sections for paragraph in section.paragraphs]


@pytest.mark.parametrize(
    "speech, gaps, bells, expected",
    [
        # one line of the author's is one paragraph, whatever pauses are in it
        ([said(1, 4), said(3, 4), said(5, 4)], [gap(2, "sentence"), gap(4, "pause")], [], [3]),
        # prose over several lines goes on
        ([said(1, 4), said(3, 5)], [gap(2, "sentence")], [], [2]),
        # a line that ends with a pause ends there
        ([said(1, 4), said(3, 5)], [gap(2, "pause")], [], [1, 1]),
        ([said(1, 4), said(3, 5)], [gap(2, "hold")], [], [1, 1]),
        # an empty line, seen and hidden behind a pause
        ([said(1, 4), said(3, 5)], [gap(2, "paragraph")], [], [1, 1]),
        ([said(1, 4), said(3, 6)], [gap(2, "pause")], [], [1, 1]),
        # a loop's next round
        ([said(1, 4), said(3, 5), said(5, 4), said(7, 5)], [gap(2, "sentence")], [], [2, 2]),
        # a bell, another file
        ([said(1, 4), said(3, 4)], [], [2], [1, 1]),
        ([said(1, 4), said(3, 4, path="b.md")], [], [], [1, 1]),
        ([], [], [], []),
    ],
)
def test_paragraphs_are_the_authors(speech, gaps, bells, expected):
    rings = tuple(
        BellEvent(
            start_frame=ms_to_frames(at * 1000), stop_frame=ms_to_frames(at * 1000 + 500), clip=clip(500),
            sound="low", gain_db=0.0,
        )
        for at in bells
    )  # fmt: skip
    assert paragraphs(*speech, gaps=tuple(gaps), bells=rings) == expected


def line_by_line(text: str) -> str:
    return "\n".join(line_mark(number) + line for number, line in enumerate(text.split("\n"), 1))


def test_a_script_as_a_reader_sees_it():
    text = (
        "# Arriving\n[bell]\nSit down. And rest. [pause 4s]\nBe at ease. [pause 6s]\n\n"
        "# Words\nOne goes on\nover two lines. And one more.\n\nAnother.\n"
    )
    cues = parse(line_by_line(text), "a.md", "en").cues
    items = make_timeline(Script(title="T", language="en", cues=cues, path="a.md"))
    clips = {item.utterance: clip(1000) for item in items.items if isinstance(item, Say)}
    schedule = fit(items, clips, {"middle": clip(5000, lead_ms=0, tail_ms=0)})
    made = make_transcript(schedule, "T", "en")
    shown = [(s.title, [[line.text for line in p] for p in s.paragraphs]) for s in made.sections]
    assert shown == [
        ("Arriving", [["Sit down.", "And rest."], ["Be at ease."]]),
        ("Words", [["One goes on over two lines.", "And one more."], ["Another."]]),
    ]


def test_lines_are_heard_when_they_are_shown():
    schedule = fit(*timeline("a1000 _500-2000-4000 b700 #Next c1234"), 7_345)
    made = make_transcript(schedule, "T", "en")
    assert [(line.start_ms, line.stop_ms) for line in made.lines] == [
        (frames_to_ms(event.start_frame), frames_to_ms(event.stop_frame)) for event in schedule.speech
    ]
    assert made.duration_ms == 7_345


def test_other_speakers_have_their_language():
    schedule = Schedule(frames=ms_to_frames(9_000), speech=(said(1, 1), said(3, 1, speaker="es")))
    made = make_transcript(schedule, "T", "en", {"es": "es-MX"})
    assert [line.language for line in made.lines] == ["en", "es-MX"]


@given(
    st.lists(st.integers(0, 90), max_size=20, unique=True).map(sorted),
    st.lists(st.integers(0, 99), max_size=6, unique=True).map(sorted),
)
def test_sections_reach_from_the_start_to_the_end_and_hold_every_line_once(at, chapters):
    speech = tuple(said(second, 1, str(second)) for second in at)
    marks = tuple(ChapterMark(start_frame=ms_to_frames(c * 1000), title=f"c{c}") for c in chapters)
    made = make_transcript(Schedule(frames=ms_to_frames(100_000), speech=speech, chapters=marks), "T", "en")
    assert [line.text for line in made.lines] == [event.text for event in speech]
    edges = [section.start_ms for section in made.sections] + [made.sections[-1].stop_ms]
    assert (edges[0], edges[-1]) == (0, 100_000)
    assert [section.stop_ms for section in made.sections] == edges[1:]
    for section in made.sections:
        for paragraph in section.paragraphs:
            assert all(section.start_ms <= line.start_ms < section.stop_ms for line in paragraph)


def test_what_stands_before_the_first_chapter_has_no_title():
    line = Line(start_ms=100, stop_ms=200, text="x", language="en")
    made = sectioned([(line, True)], [(5_000, "One")], title="T", language="en", duration_ms=9_000)
    assert [(s.title, s.start_ms, s.stop_ms, len(s.paragraphs)) for s in made.sections] == [
        ("", 0, 5_000, 1),
        ("One", 5_000, 9_000, 0),
    ]
