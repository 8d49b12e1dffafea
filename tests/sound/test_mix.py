"""The mix: exact length, the same samples at any block size, beds that step back for the voice."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make import clip

from kindvoice.model import BedEvent, BellEvent, Schedule, SpeechEvent
from kindvoice.sound import mix as mixing
from kindvoice.sound.mix import GRID, Mix
from kindvoice.units import RATE, ms_to_frames


def read(key: str, start: int, stop: int) -> np.ndarray:
    """A sound by its key: a sine for speech and bells, a stereo ramp for a bed's loop."""
    t = np.arange(start, stop)
    if key == "loop":
        return np.stack([t, -t], axis=1).astype(np.float32) * 1e-6
    return (0.1 * np.sin(2 * np.pi * 440 * t / RATE)).astype(np.float32)[:, None]


def speech(start_ms: int, ms: int) -> SpeechEvent:
    start = ms_to_frames(start_ms)
    return SpeechEvent(start_frame=start, stop_frame=start + ms_to_frames(ms), clip=clip(ms), text="x")


def bell(start_ms: int, ms: int, gain_db: float = 0.0) -> BellEvent:
    start = ms_to_frames(start_ms)
    return BellEvent(
        start_frame=start,
        stop_frame=start + ms_to_frames(ms),
        clip=clip(ms, "bell", 0, 0),
        sound="b",
        gain_db=gain_db,
    )


def bed(start_ms: int, stop_ms: int, sound: str = "loop", loop_ms: int = 700) -> BedEvent:
    loop = ms_to_frames(loop_ms) if sound == "loop" else 0
    return BedEvent(
        start_frame=ms_to_frames(start_ms),
        stop_frame=ms_to_frames(stop_ms),
        sound=sound,
        gain_db=0.0,
        loop_frames=loop,
    )


BUSY = Schedule(
    frames=ms_to_frames(9_731),
    speech=(speech(600, 900), speech(2_100, 1_500), speech(9_000, 700)),
    bells=(bell(0, 1_999), bell(3_000, 6_000, -3.0)),
    beds=(bed(0, 4_000), bed(4_000, 9_731, "rain")),
)


def whole(schedule: Schedule, **how) -> np.ndarray:
    return np.concatenate(list(Mix(schedule, read).blocks(**how)))


@cache
def reference() -> np.ndarray:
    return whole(BUSY)


def test_the_assembled_sound_is_exact_to_the_sample_and_stereo():
    assert reference().shape == (BUSY.frames, 2)
    assert reference().dtype == np.float32


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 3 * GRID), st.integers(0, BUSY.frames), st.integers(0, BUSY.frames))
def test_any_block_size_and_any_stretch_gives_the_same_samples(block_frames, a, b):
    start, stop = sorted((a, b))
    blocks = list(Mix(BUSY, read).blocks(start, stop, max(block_frames, 97)))
    got = np.concatenate(blocks) if blocks else np.zeros((0, 2), np.float32)
    assert np.array_equal(got, reference()[start:stop])
    assert all(len(block) == max(block_frames, 97) for block in blocks[:-1])


def test_a_mix_can_be_heard_twice():
    mix = Mix(BUSY, read)
    assert all(np.array_equal(a, b) for a, b in zip(mix.blocks(), mix.blocks(), strict=True))


def test_speech_stands_where_the_schedule_says():
    schedule = Schedule(frames=ms_to_frames(3000), speech=(speech(1000, 500),))
    sound = whole(schedule) - whole(Schedule(frames=ms_to_frames(3000), speech=()))
    heard = np.flatnonzero(np.abs(sound).max(axis=1) > 1e-6)
    # the clip reaches beyond the speech by its breath: 60 ms before, 200 ms after
    assert abs(heard[0] - ms_to_frames(940)) < 3
    assert abs(heard[-1] - ms_to_frames(1700)) < 3
    assert np.allclose(sound[:, 0], sound[:, 1], atol=1e-7), "heard equally in both ears"


def test_breath_that_reaches_before_the_programme_or_beyond_it_is_cut_not_wrapped():
    sound = whole(Schedule(frames=ms_to_frames(600), speech=(speech(10, 500),)))
    assert len(sound) == ms_to_frames(600)


def test_below_everything_lies_a_quiet_room():
    room = whole(Schedule(frames=ms_to_frames(4000), speech=()))
    rms = 20 * np.log10(np.sqrt(np.mean(room**2)))
    assert rms == pytest.approx(mixing.ROOM_TONE_DB, abs=0.5)
    assert not np.array_equal(room[:, 0], room[:, 1])


def test_a_bed_is_down_when_the_first_word_comes_and_rises_in_long_pauses_only():
    ones = np.full((ms_to_frames(700), 2), 0.01, np.float32)
    schedule = Schedule(
        frames=ms_to_frames(60_000),
        speech=(speech(12_000, 2_000), speech(17_000, 2_000), speech(40_000, 1_000)),
        beds=(bed(0, 60_000),),
    )
    quiet = whole(Schedule(frames=schedule.frames, speech=()))

    def steady(key: str, start: int, stop: int) -> np.ndarray:
        return ones[start:stop] if key == "loop" else np.zeros((stop - start, 1), np.float32)

    heard = np.concatenate(list(Mix(schedule, steady).blocks()))
    level = 20 * np.log10(np.maximum((heard - quiet)[:, 0], 1e-9) / 0.01)

    def at(ms: int) -> float:
        return float(level[ms_to_frames(ms)])

    assert at(0) < -60, "fades in"
    assert at(9_000) == pytest.approx(0, abs=0.1)
    assert at(12_000) == pytest.approx(mixing.DUCK_DB, abs=0.1), "down before the first word"
    assert at(11_500) > mixing.DUCK_DB + 0.5, "but not long before"
    assert at(15_500) == pytest.approx(mixing.DUCK_DB, abs=0.1), "stays down in a short pause"
    assert at(26_000) == pytest.approx(0, abs=0.1), "rises in a long one"
    assert level[-1] < -60, "fades out"
    steps = np.diff(level[ms_to_frames(6_000) : ms_to_frames(53_000)].reshape(-1, ms_to_frames(100))[:, 0])
    assert np.abs(steps).max() < 1.5, "it moves by less than 15 dB a second"
    assert steps.max() < 0.4, "and comes back slower than it goes"
