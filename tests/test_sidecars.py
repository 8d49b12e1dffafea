"""Captions and chapters."""

from __future__ import annotations

import itertools
import json

from hypothesis import given
from hypothesis import strategies as st
from make import clip

from kindvoice.model import ChapterMark, Schedule, SpeechEvent
from kindvoice.sidecars import CAPTION_WIDTH, captions_vtt, chapters_json
from kindvoice.units import ms_to_frames


def schedule(*lines: tuple[int, int, str], frames_ms: int = 60_000) -> Schedule:
    return Schedule(
        frames=ms_to_frames(frames_ms),
        speech=tuple(
            SpeechEvent(start_frame=ms_to_frames(a), stop_frame=ms_to_frames(b), clip=clip(b - a), text=text)
            for a, b, text in lines
        ),
        chapters=(
            ChapterMark(start_frame=0, title="One"),
            ChapterMark(start_frame=ms_to_frames(30_500), title="Two"),
        ),
    )


def test_captions_as_a_person_reads_them():
    text = captions_vtt(
        schedule(
            (500, 1_800, "May I be safe."),
            (9_800, 13_800, "Find a way of sitting or lying that is kind to your body today."),
            (3_600_000, 3_602_000, "a < b & c --> d"),
        ),
        "en",
    )
    assert text == (
        "WEBVTT\nLanguage: en\n\n"
        "00:00:00.500 --> 00:00:01.800\nMay I be safe.\n\n"
        "00:00:09.800 --> 00:00:13.800\nFind a way of sitting or lying\nthat is kind to your body today.\n\n"
        "01:00:00.000 --> 01:00:02.000\na &lt; b &amp; c --&gt; d\n"
    )


def cues(text: str) -> list[tuple[int, int, list[str]]]:
    found = []
    for block in text.split("\n\n")[1:]:
        times, *lines = block.strip("\n").split("\n")
        start, stop = (
            int(t[:2]) * 3_600_000 + int(t[3:5]) * 60_000 + int(t[6:8]) * 1000 + int(t[9:])
            for t in times.split(" --> ")
        )
        found.append((start, stop, lines))
    return found


words = st.text(
    st.characters(whitelist_categories=("Lu", "Ll", "Nd", "Po"), max_codepoint=0x2FF), min_size=1, max_size=14
)


@given(st.lists(words, min_size=1, max_size=60), st.integers(100, 30_000))
def test_long_lines_are_shown_in_parts_of_two_lines_that_fill_their_time(tokens, ms):
    text = " ".join(tokens)
    found = cues(captions_vtt(schedule((1_000, 1_000 + ms, text)), "en"))
    assert found[0][0] == 1_000
    assert found[-1][1] == 1_000 + ms
    assert all(a[1] == b[0] for a, b in itertools.pairwise(found))
    for _, _, lines in found:
        assert 1 <= len(lines) <= 2
        assert all(len(line.replace("&amp;", "&")) <= CAPTION_WIDTH for line in lines)
    shown = " ".join(line for _, _, lines in found for line in lines)
    assert shown.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").split() == text.split()


def test_chapters_follow_podcasting_2_and_leave_no_hole():
    found = json.loads(chapters_json(schedule((0, 100, "x"))))
    assert found == {
        "version": "1.2.0",
        "chapters": [
            {"startTime": 0.0, "endTime": 30.5, "title": "One"},
            {"startTime": 30.5, "endTime": 60.0, "title": "Two"},
        ],
    }
