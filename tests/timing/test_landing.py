"""A landing: exact in length, and towards the end pauses only grow and everything only falls."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from make import timeline

from kindvoice.errors import FitError
from kindvoice.model import Landing, Timeline, TimelinePart
from kindvoice.timing.fit import GRID_MS, fit
from kindvoice.timing.landing import BELL_DB, LONGER, QUIETER_DB
from kindvoice.units import ms_to_frames

MOST_MS = 20_000
line_ms, pause = (
    st.integers(200, 4_000),
    st.sampled_from(["_2000-5000-9000", "_400-800-1600", "_800-900-30000"]),
)
rows = st.lists(st.tuples(line_ms, st.lists(pause, min_size=1, max_size=2)), min_size=1, max_size=30)


@given(rows, st.integers(1_000, 150_000), st.floats(0, 1), st.booleans())
@example([(1_000, ["_2000-5000-9000"])] * 20, 60_000, 0.5, True)
@settings(max_examples=40)
def test_any_length_is_exact_and_towards_the_end_it_only_grows_sparser_and_quieter(
    rows, landing_ms, part, bell
):
    picture = " ".join(f"{'a' * n}{ms} {' '.join(row)}" for n, (ms, row) in enumerate(rows, 1))
    line, clips, sounds = timeline(f"~rain {picture} {'!3000' if bell else ''}")
    line = replace(line, landing=Landing(length_ms=landing_ms, longest_pause_ms=MOST_MS))
    around = {"head_ms": 500, "tail_ms": 2_000}
    natural = fit(line, clips, sounds, **around)
    target = round(natural.shortest_ms + part * (natural.longest_ms - natural.shortest_ms))
    try:
        schedule = fit(line, clips, sounds, target, **around)
    except FitError as error:  # of other pauses in the landing there are other lengths
        target = min(max(target, error.shortest_ms), error.longest_ms)
        schedule = fit(line, clips, sounds, target, **around)

    assert schedule.frames == ms_to_frames(target)
    begin = max(schedule.frames - ms_to_frames(landing_ms), 0)
    assert schedule.landing_frame == begin
    gains = [event.gain_db for event in schedule.speech]
    assert all(
        gain == 0 for gain, event in zip(gains, schedule.speech, strict=True) if event.start_frame <= begin
    )
    assert all(a >= b for a, b in itertools.pairwise(gains)) and all(gain == round(gain) for gain in gains)
    within = [event for event in schedule.speech if event.start_frame > begin]
    assert not within or gains[-1] == QUIETER_DB
    assert all(ring.gain_db == BELL_DB for ring in schedule.bells if within)
    bed = schedule.beds[0]
    assert bed.fall_db == (QUIETER_DB if within else 0)
    assert not within or bed.stop_frame - bed.fall_frames[1] == within[-1].start_frame

    plain = fit(replace(line, landing=None), clips, sounds, **around)
    glues = [item.glue for item in line.items if hasattr(item, "glue")]
    for written in {(glue.min_ms, glue.natural_ms, glue.max_ms) for glue in glues}:
        same = [n for n, glue in enumerate(glues) if (glue.min_ms, glue.natural_ms, glue.max_ms) == written]
        lengths = [schedule.gaps[n].stop_frame - schedule.gaps[n].start_frame for n in same]
        # Each gives or takes up to half a step for the grid; several in a row are rounded together.
        assert all(b - a >= -ms_to_frames(3 * GRID_MS) for a, b in itertools.pairwise(lengths))
        most_ms = max(written[2], min(LONGER * written[2], MOST_MS)) + 3 * GRID_MS
        assert max(lengths) <= ms_to_frames(most_ms)
    assert [gap.natural_ms for gap in schedule.gaps] == [gap.natural_ms for gap in plain.gaps]


def test_the_pauses_before_it_give_what_those_in_it_take():
    picture = " ".join(f"{'a' * n}2000 _2000-6000-12000" for n in range(1, 41))
    line, clips, sounds = timeline(picture)
    landing = replace(line, landing=Landing(length_ms=100_000, longest_pause_ms=90_000))
    plain, sparser = (fit(each, clips, sounds, 330_000) for each in (line, landing))
    assert plain.frames == sparser.frames
    first, last = (sparser.gaps[n].stop_frame - sparser.gaps[n].start_frame for n in (0, -2))
    assert first < plain.gaps[0].stop_frame - plain.gaps[0].start_frame
    assert last / first == pytest.approx(LONGER, rel=0.3)


def test_of_several_in_one_the_last_one_lands_and_what_cannot_be_says_what_can():
    line, clips, sounds = timeline("a2000 _1000-4000-8000 b2000 _1000-4000-8000 c2000")
    landing = replace(line, landing=Landing(length_ms=10_000, longest_pause_ms=90_000))
    parts = (TimelinePart(timeline=line, length_ms=20_000), TimelinePart(timeline=landing, length_ms=20_000))
    whole = fit(Timeline(title="t", language="en", items=(), parts=parts), clips, sounds)
    assert [line.gain_db for line in whole.speech] == [
        0,
        0,
        0,
        0,
        *sorted((whole.speech[-2].gain_db, -9.0))[::-1],
    ]
    assert whole.landing_frame == whole.frames - ms_to_frames(10_000)
    with pytest.raises(FitError) as error:
        fit(landing, clips, sounds, 600_000)
    assert fit(landing, clips, sounds, error.value.longest_ms).frames == ms_to_frames(error.value.longest_ms)
