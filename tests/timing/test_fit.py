"""Time: any list of cues lasts exactly as long as asked, or says why not."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from make import timeline

from kindvoice.errors import FitError, ScriptError
from kindvoice.model import Timeline, TimelinePart
from kindvoice.timing.fit import GRID_MS, fit
from kindvoice.units import frames_to_ms, ms_to_frames


def fitted(picture: str, target_ms: int | None = None, **more):
    """A programme that begins with its first breath, 60 ms before the first sound."""
    line, clips, sounds = timeline(picture)
    return fit(line, clips, sounds, target_ms, **{"head_ms": 60, "tail_ms": 0, **more})


def pauses(schedule) -> list[int]:
    return [frames_to_ms(gap.stop_frame - gap.start_frame) for gap in schedule.gaps]


def test_without_a_target_every_pause_has_its_natural_length_but_for_the_grid():
    schedule = fitted("a992 _500-2000-4000 b700 _0-8000-9000", head_ms=500, tail_ms=2000)
    assert pauses(schedule) == [2008, 8000], (
        "992 + 2008 is 125 frames of 24 ms; after the last sound there is no grid"
    )
    assert frames_to_ms(schedule.frames) == 516 + 3000 + 700 + 8000 + 2000
    assert [frames_to_ms(e.start_frame) for e in schedule.speech] == [516, 516 + 3000]


@pytest.mark.parametrize(
    ("target", "expected", "ratio"),
    [
        (1440 + 480 + 1920, [480, 1920], -1.0),
        (1440 + 1200 + 2880, [1200, 2880], -0.5),
        (1440 + 1920 + 3840, [1920, 3840], 0.0),
        (1440 + 2880 + 4800, [2880, 4800], 0.5),
        (1440 + 3840 + 5760, [3840, 5760], 1.0),
    ],
)
def test_one_ratio_sets_all_the_glue(target, expected, ratio):
    schedule = fitted("a960 _480-1920-3840 b480 _1920-3840-5760", target + 60)
    assert pauses(schedule) == expected
    assert schedule.ratio == pytest.approx(ratio, abs=0.02)


def test_pauses_that_would_all_go_up_together_do_so_one_by_one_all_over_the_programme():
    picture = "a240 " + "_2400-4800-9600 a240 " * 40
    natural = fitted(picture)
    longer = pauses(fitted(picture, frames_to_ms(natural.frames) + 10 * 24))
    assert sorted(longer) == [4800] * 30 + [4824] * 10
    up = [i for i, ms in enumerate(longer) if ms == 4824]
    assert max(b - a for a, b in itertools.pairwise(up)) <= 8


def test_a_hold_never_moves_and_a_slot_counts_from_the_first_sound():
    schedule = fitted("a1000@4000 =700 b500 _0-1000-9000", 60 + 4000 + 700 + 500 + 5000)
    assert pauses(schedule) == [700, 5000]
    assert [frames_to_ms(e.start_frame) for e in schedule.speech] == [60, 4760]


def test_a_line_that_is_too_long_for_its_slot_is_an_error():
    with pytest.raises(ScriptError, match=r"takes 1\.5s and has 1s"):
        fitted("a1500@1000")


def test_a_bell_rings_out_before_words_start_unless_nothing_waits_for_it():
    waited, not_waited = fitted("!3000 a1000"), fitted("?3000 a1000")
    begins = frames_to_ms(waited.bells[0].start_frame)
    assert frames_to_ms(waited.speech[0].start_frame) == begins + 3000
    assert not_waited.speech[0].start_frame == not_waited.bells[0].start_frame
    assert frames_to_ms(not_waited.frames) == begins + 3000, "the programme lasts until the bell has rung out"


def test_a_bell_that_nobody_waits_for_still_rings_out_within_the_asked_length():
    # the bell decides the end: only the pause before it can give
    target = 60 + 1000 + 3020 + 9000
    schedule = fitted("a1000 _500-2000-4000 ?9000 _500-1000-2000", target)
    assert pauses(schedule)[0] == 3020
    assert schedule.bells[0].stop_frame == schedule.frames == ms_to_frames(target)


def test_what_cannot_fit_says_what_is_possible_and_what_to_change():
    with pytest.raises(FitError, match=r"cannot last 3s.*from 5s to 13s") as short:
        fitted("a1500 _500-2000-9000 b2000 _0-500-1000", 3000)
    assert "longer" in short.value.cure
    with pytest.raises(FitError, match=r"cannot last 1m.*from 5s to 13s") as long:
        fitted("a1500 _500-2000-9000 b2000 _0-500-1000", 60_000)
    assert "stretch" in long.value.cure


def test_chapters_run_from_zero_to_the_end():
    schedule = fitted("a1000 #One b1000 #Empty #Two c1000", head_ms=500)
    assert [(c.title, frames_to_ms(c.start_frame)) for c in schedule.chapters] == [
        ("A test", 0), ("One", 1516), ("Two", 2516),
    ]  # fmt: skip
    assert fitted("#First a1000", head_ms=500).chapters[0].start_frame == 0


@pytest.mark.parametrize("first_ms", [24_000, 24_001, 24_023])
def test_parts_keep_their_own_lengths_and_begin_on_the_grid(first_ms):
    one, clips, sounds = timeline("#Inner a1000 _100-9000-30000 !3000 ~rain b1000 _100-2000-20000")
    two, more, _ = timeline("c700 _0-500-9000 =700 c700 _0-100-9000")
    parts = (TimelinePart(timeline=one, length_ms=first_ms), TimelinePart(timeline=two, length_ms=5_000))
    both = Timeline(title="Both", language="en", items=(*one.items, *two.items), parts=parts)
    whole = fit(both, {**clips, **more}, sounds)
    alone = [fit(part.timeline, {**clips, **more}, sounds, part.length_ms) for part in parts]
    starts = [0, -(-first_ms // GRID_MS) * ms_to_frames(GRID_MS)]
    assert whole.frames == starts[1] + ms_to_frames(5_000)
    assert [(chapter.title, chapter.start_frame) for chapter in whole.chapters] == [
        ("A test", start) for start in starts
    ]
    for kind in ("speech", "bells", "beds", "gaps"):
        moved = [
            replace(event, start_frame=event.start_frame + start, stop_frame=event.stop_frame + start)
            for start, schedule in zip(starts, alone, strict=True)
            for event in getattr(schedule, kind)
        ]
        assert list(getattr(whole, kind)) == moved


def test_beds_last_until_the_next_one():
    schedule = fitted("~rain a1000 ~ b1000 ~drone c1000", head_ms=500, tail_ms=1000)
    assert [(b.sound, frames_to_ms(b.start_frame), frames_to_ms(b.stop_frame)) for b in schedule.beds] == [
        ("rain", 0, 1516), ("drone", 2516, 4516),
    ]  # fmt: skip


glue = st.tuples(*[st.integers(0, 20_000)] * 3).map(lambda g: "_{}-{}-{}".format(*sorted(g)))
token = st.one_of(
    glue,
    st.integers(1, 9000).map("a{}".format),
    st.integers(1, 9000).map("b{0}@9000".format),
    st.integers(0, 9000).map("={}".format),
    st.integers(1, 15_000).map("!{}".format),
    st.integers(1, 15_000).map("?{}".format),
    st.just("#x"),
)


@given(st.lists(token, max_size=40), st.floats(0, 1), st.integers(0, 900), st.integers(0, 3000))
def test_every_length_between_the_shortest_and_the_longest_is_met_exactly(tokens, part, head, tail):
    # one length per name: the picture's names stand for texts
    tokens = [t.replace("a", f"{'a' * (i + 1)}", 1) if t[0] == "a" else t for i, t in enumerate(tokens)]
    tokens = [t.replace("b", f"{'b' * (i + 1)}", 1) if t[0] == "b" else t for i, t in enumerate(tokens)]
    line, clips, sounds = timeline(" ".join([*tokens, "z100"]))
    natural = fit(line, clips, sounds, head_ms=head, tail_ms=tail)
    low, high = natural.shortest_ms, natural.longest_ms
    assert low <= frames_to_ms(natural.frames) <= high
    target = round(low + part * (high - low))
    schedule = fit(line, clips, sounds, target, head_ms=head, tail_ms=tail)

    assert schedule.frames == ms_to_frames(target)
    last = max((e.stop_frame for e in (*schedule.speech, *schedule.bells, *schedule.gaps)), default=0)
    assert 0 <= schedule.frames - last - ms_to_frames(tail) < ms_to_frames(GRID_MS)
    glues = [item.glue for item in line.items if hasattr(item, "glue")]
    ratio = schedule.ratio
    after = {event.start_frame for event in (*schedule.speech, *schedule.bells)}
    for gap, bounds in zip(schedule.gaps, glues, strict=True):
        ms = frames_to_ms(gap.stop_frame - gap.start_frame)
        if bounds.min_ms == bounds.max_ms:
            assert ms == bounds.natural_ms, "what is not elastic is exact"
            continue
        give = bounds.max_ms - bounds.natural_ms if ratio > 0 else bounds.natural_ms - bounds.min_ms
        ideal = bounds.natural_ms + ratio * give
        assert ms == pytest.approx(ideal, abs=12.6) or ideal < 12, (
            "off by half a frame at most, or by what there is"
        )
    elastic = {
        gap.stop_frame
        for gap, bounds in zip(schedule.gaps, glues, strict=True)
        if bounds.min_ms < bounds.max_ms
    }
    for at in elastic & after:
        sounds_there = [e for e in (*schedule.speech, *schedule.bells) if e.start_frame == at]
        assert any((at - e.clip.lead_frames) % ms_to_frames(GRID_MS) == 0 for e in sounds_there)
    for event in schedule.speech:
        assert frames_to_ms(event.stop_frame - event.start_frame) == frames_to_ms(
            clips["", event.text].sound_frames
        )
    starts = [e.start_frame for e in schedule.speech]
    assert starts == sorted(starts)
    for target in (low - 1, high + GRID_MS):
        with pytest.raises(FitError):
            fit(line, clips, sounds, target, head_ms=head, tail_ms=tail)
