"""Time: any list of cues lasts exactly as long as asked, or says why not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from make import timeline

from kindvoice.errors import FitError, ScriptError
from kindvoice.timing.fit import fit
from kindvoice.units import frames_to_ms, ms_to_frames


def fitted(picture: str, target_ms: int | None = None, **more):
    line, clips, sounds = timeline(picture)
    return fit(line, clips, sounds, target_ms, **{"head_ms": 0, "tail_ms": 0, **more})


def pauses(schedule) -> list[int]:
    return [frames_to_ms(gap.stop_frame - gap.start_frame) for gap in schedule.gaps]


def test_without_a_target_every_pause_has_its_natural_length():
    schedule = fitted("a1000 _500-2000-4000 b700 _0-8000-9000", head_ms=500, tail_ms=2000)
    assert pauses(schedule) == [2000, 8000]
    assert frames_to_ms(schedule.frames) == 500 + 1000 + 2000 + 700 + 8000 + 2000
    assert [frames_to_ms(e.start_frame) for e in schedule.speech] == [500, 3500]


@pytest.mark.parametrize(
    ("target", "expected", "ratio"),
    [
        (1000 + 500 + 2000, [500, 2000], -1.0),
        (1000 + 1250 + 3000, [1250, 3000], -0.5),
        (1000 + 2000 + 4000, [2000, 4000], 0.0),
        (1000 + 3000 + 5000, [3000, 5000], 0.5),
        (1000 + 4000 + 6000, [4000, 6000], 1.0),
    ],
)
def test_one_ratio_sets_all_the_glue(target, expected, ratio):
    schedule = fitted("a1000 _500-2000-4000 _2000-4000-6000", target)
    assert pauses(schedule) == expected
    assert schedule.ratio == pytest.approx(ratio)


def test_leftover_milliseconds_go_where_rounding_took_most():
    # 0.5 ms of 3 is 1/6 of each span: 1.17, 1.33, 1.5 -> floor 1 1 1, one left for the third
    schedule = fitted("_1-1-2 _1-1-3 _1-1-4 a10", 10 + 4)
    assert pauses(schedule) == [1, 1, 2]


def test_a_hold_never_moves_and_a_slot_counts_from_the_first_sound():
    schedule = fitted("a1000@4000 =700 b500 _0-1000-9000", 4000 + 700 + 500 + 5000)
    assert pauses(schedule) == [700, 5000]
    assert [frames_to_ms(e.start_frame) for e in schedule.speech] == [0, 4700]


def test_a_line_that_is_too_long_for_its_slot_is_an_error():
    with pytest.raises(ScriptError, match=r"takes 1\.5s and has 1s"):
        fitted("a1500@1000")


def test_a_bell_rings_out_before_words_start_unless_nothing_waits_for_it():
    waited, not_waited = fitted("!3000 a1000"), fitted("?3000 a1000")
    assert frames_to_ms(waited.speech[0].start_frame) == 3000
    assert not_waited.speech[0].start_frame == 0
    assert frames_to_ms(not_waited.frames) == 3000, "the programme lasts until the bell has rung out"


def test_a_bell_that_nobody_waits_for_still_rings_out_within_the_asked_length():
    # the bell decides the end: only the pause before it can give
    schedule = fitted("a1000 _500-2000-4000 ?9000 _500-1000-2000", 1000 + 3000 + 9000)
    assert pauses(schedule)[0] == 3000
    assert schedule.bells[0].stop_frame == schedule.frames == ms_to_frames(13_000)


def test_what_cannot_fit_says_what_is_possible_and_what_to_change():
    with pytest.raises(FitError, match=r"cannot last 3s.*from 4s to 13s") as short:
        fitted("a1500 _500-2000-9000 b2000 _0-500-1000", 3000)
    assert "longer" in short.value.cure
    with pytest.raises(FitError, match=r"cannot last 1m.*from 4s to 13s") as long:
        fitted("a1500 _500-2000-9000 b2000 _0-500-1000", 60_000)
    assert "stretch" in long.value.cure


def test_chapters_run_from_zero_to_the_end():
    schedule = fitted("a1000 #One b1000 #Empty #Two c1000", head_ms=500)
    assert [(c.title, frames_to_ms(c.start_frame)) for c in schedule.chapters] == [
        ("A test", 0), ("One", 1500), ("Two", 2500),
    ]  # fmt: skip
    assert fitted("#First a1000", head_ms=500).chapters[0].start_frame == 0


def test_beds_last_until_the_next_one():
    schedule = fitted("~rain a1000 ~ b1000 ~drone c1000", head_ms=500, tail_ms=1000)
    assert [(b.sound, frames_to_ms(b.start_frame), frames_to_ms(b.stop_frame)) for b in schedule.beds] == [
        ("rain", 0, 1500), ("drone", 2500, 4500),
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
    assert last + ms_to_frames(tail) <= schedule.frames or last == schedule.frames - ms_to_frames(tail)
    glues = [item.glue for item in line.items if hasattr(item, "glue")]
    for gap, bounds in zip(schedule.gaps, glues, strict=True):
        assert bounds.min_ms <= frames_to_ms(gap.stop_frame - gap.start_frame) <= bounds.max_ms
    for event in schedule.speech:
        assert frames_to_ms(event.stop_frame - event.start_frame) == frames_to_ms(
            clips["", event.text].sound_frames
        )
    starts = [e.start_frame for e in schedule.speech]
    assert starts == sorted(starts)
    for target in (low - 1, high + 1):
        with pytest.raises(FitError):
            fit(line, clips, sounds, target, head_ms=head, tail_ms=tail)
