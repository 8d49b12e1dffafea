"""The beds, listened to with instruments."""

from __future__ import annotations

import hashlib
import itertools
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

import kindvoice
from kindvoice.sound import beds
from kindvoice.units import RATE

NAMES = tuple(beds.BEDS)
METER = pyloudnorm.Meter(RATE)
HOUR = 3_600 * RATE


@pytest.fixture(scope="module", params=NAMES)
def bed(request: pytest.FixtureRequest) -> tuple[str, tuple[np.ndarray, ...], np.ndarray]:
    """Name, layers, and a minute from somewhere inside a long night."""
    name = request.param
    loops = beds.layers(name)
    return name, loops, beds.block(loops, 5 * HOUR + 12_345, 60 * RATE)


def loudness(x: np.ndarray) -> float:
    return float(METER.integrated_loudness(x.astype(np.float64)))


def short_term(x: np.ndarray) -> np.ndarray:
    """LUFS of 3 s, every second."""
    starts = range(0, len(x) - 3 * RATE + 1, RATE)
    return np.array([loudness(x[start : start + 3 * RATE]) for start in starts])


def test_the_promised_beds_are_there() -> None:
    assert set(NAMES) >= {"rain", "drone", "waves"}


@pytest.mark.slow
def test_layers_are_few_shared_read_only_and_small(bed: tuple) -> None:
    name, loops, _ = bed
    assert loops is beds.layers(name)
    assert 2 <= len(loops) <= 4
    assert sum(loop.nbytes for loop in loops) <= 35_000_000
    for loop in loops:
        assert loop.dtype == np.float32 and loop.shape[1:] == (2,) and loop.flags.c_contiguous
        assert 11 * RATE <= len(loop) <= 40 * RATE and len(loop) % 48 == 0
        assert np.isfinite(loop).all()
        with pytest.raises(ValueError, match="read-only"):
            loop[0] = 0


def test_the_sum_does_not_repeat_within_a_year_and_no_two_layers_within_an_hour(bed: tuple) -> None:
    _, loops, _ = bed
    lengths = [len(loop) for loop in loops]
    assert math.lcm(*lengths) / RATE > 365 * 86_400
    for one, other in itertools.combinations(lengths, 2):
        assert math.lcm(one, other) / RATE > 3_600


@pytest.mark.slow
def test_the_seam_is_like_any_other_place(bed: tuple) -> None:
    _, loops, _ = bed
    for loop in loops:
        for order in (1, 2, 4):
            # Seam in the middle, differences of the whole loop once round.
            around = np.roll(loop.astype(np.float64), 1_000, axis=0)
            steps = np.abs(np.diff(around, order, axis=0))
            seam = steps[1_000 - order : 1_000].max(axis=0)
            assert (seam <= steps[1_000:].max(axis=0)).all()
            # A click would also stand out against its own neighbourhood.
            near = np.sqrt(np.mean(steps[:2_000] ** 2, axis=0))
            assert (seam <= 6 * near).all()


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(NAMES[:2]),
    start=st.integers(0, 30 * HOUR),
    sizes=st.lists(st.integers(0, 4_000), min_size=1, max_size=8),
)
def test_any_cut_gives_the_same_bits(name: str, start: int, sizes: list[int]) -> None:
    loops = beds.layers(name)
    edges = [start, *itertools.accumulate(sizes, initial=start)][1:]
    whole = beds.block(loops, start, sum(sizes))
    parts = [beds.block(loops, at, size) for at, size in zip(edges, sizes, strict=False)]
    assert np.concatenate(parts).tobytes() == whole.tobytes()


@settings(deadline=None)
@given(
    lengths=st.lists(st.integers(1, 30), min_size=1, max_size=4),
    start=st.integers(0, 10**13),
    frames=st.integers(0, 100),
)
def test_a_block_is_the_sum_of_endless_loops(lengths: list[int], start: int, frames: int) -> None:
    loops = tuple(
        np.random.default_rng(number).standard_normal((length, 2)).astype(np.float32)
        for number, length in enumerate(lengths)
    )
    expected = np.zeros((frames, 2), np.float32)
    for loop in loops:
        expected += loop[[(start + i) % len(loop) for i in range(frames)]]
    got = beds.block(loops, start, frames)
    assert got.dtype == np.float32 and got.shape == (frames, 2)
    np.testing.assert_array_equal(got, expected)


def test_a_block_is_the_callers_own() -> None:
    loops = (np.ones((10, 2), np.float32),)
    beds.block(loops, 0, 10)[:] = 7
    assert (loops[0] == 1).all()


@pytest.mark.slow
def test_every_bed_reads_minus_41(bed: tuple) -> None:
    name, _, x = bed
    assert loudness(x) == pytest.approx(-41.0, abs=0.7)
    elsewhere = beds.block(beds.layers(name), 0, 30 * RATE)
    assert loudness(elsewhere) == pytest.approx(-41.0, abs=1.0)


@pytest.mark.slow
def test_nothing_is_sudden(bed: tuple) -> None:
    name, _, x = bed
    below, above = {"rain": (-1.5, 1.5), "drone": (-4, 3), "waves": (-7, 4.5)}[name]
    moves = short_term(x[: 30 * RATE]) - loudness(x)
    assert below < moves.min() and moves.max() < above
    rms = np.sqrt(np.mean(x.astype(np.float64) ** 2))
    assert 20 * np.log10(np.abs(x).max() / rms) < 19
    finer = signal.resample_poly(x[: 5 * RATE], 4, 1, axis=0)
    assert 20 * np.log10(np.abs(finer).max()) < -24


@pytest.mark.slow
def test_folds_to_mono_and_stands_in_the_middle(bed: tuple) -> None:
    _, _, x = bed
    mono = np.repeat(x.mean(axis=1, keepdims=True), 2, axis=1)
    assert 0 <= loudness(x) - loudness(mono) < 2
    energy = np.mean(x.astype(np.float64) ** 2, axis=0)
    assert abs(10 * np.log10(energy[0] / energy[1])) < 0.5


@pytest.mark.slow
def test_no_offset_no_rumble_no_hiss(bed: tuple) -> None:
    _, _, x = bed
    assert np.abs(x.mean(axis=0, dtype=np.float64)).max() < 1e-5
    hz, power = signal.welch(x.astype(np.float64), RATE, nperseg=16_384, axis=0)
    total = power.sum()
    assert power[hz < 35].sum() < 1e-3 * total
    assert power[hz > 6_000].sum() < 1e-2 * total
    assert power[hz > 14_000].sum() < 1e-5 * total


@pytest.mark.slow
def test_waves_come_at_the_pace_of_slow_breath() -> None:
    x = beds.block(beds.layers("waves"), 0, 180 * RATE)
    power = (x.astype(np.float64) ** 2).sum(axis=1).reshape(-1, RATE // 10).mean(axis=1)
    smooth = np.convolve(power, np.hanning(30) / 15, mode="same")
    crests, _ = signal.find_peaks(10 * np.log10(smooth), prominence=3)
    gaps = np.diff(crests) / 10
    assert 10 < gaps.mean() < 14 and gaps.min() > 8 and gaps.max() < 16
    assert gaps.std() > 0.3, "the sea keeps no metronome"


@pytest.mark.slow
def test_the_drone_is_root_fifth_and_octave() -> None:
    x = beds.block(beds.layers("drone"), 0, 60 * RATE).mean(axis=1).astype(np.float64)
    power = np.abs(np.fft.rfft(x * np.hanning(len(x)))) ** 2
    hz = np.fft.rfftfreq(len(x), 1 / RATE)
    tones = sum(power[np.abs(hz - 220 / 3 * ratio) < 0.5].sum() for ratio in (1, 1.5, 2, 3, 4))
    assert tones > 0.9 * power.sum()
    for ratio in (1, 1.5, 2, 3):
        near = np.abs(hz - 220 / 3 * ratio) < 3
        assert hz[near][power[near].argmax()] == pytest.approx(220 / 3 * ratio, abs=0.2)


@pytest.mark.slow
def test_a_fresh_process_gives_the_same_bytes() -> None:
    code = (
        "import hashlib; from kindvoice.sound import beds;"
        "print(hashlib.sha256(b''.join(x.tobytes() for x in beds.layers('drone'))).hexdigest())"
    )
    source = Path(kindvoice.__file__).parents[1]
    fresh = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=True,
    )
    here = hashlib.sha256(b"".join(loop.tobytes() for loop in beds.layers("drone")))
    assert fresh.stdout.strip() == here.hexdigest()


# ---------------------------------------------------------------- anybody's recording as a loop


@settings(deadline=None)
@given(frames=st.integers(1, 400), overlap=st.integers(0, 500), seed=st.integers(0, 99))
def test_seamless_keeps_length_and_the_untouched_middle(frames: int, overlap: int, seed: int) -> None:
    x = np.random.default_rng(seed).standard_normal((frames, 2)).astype(np.float32)
    before = x.copy()
    loop = beds.make_seamless(x, overlap)
    used = min(overlap, frames // 2)
    assert loop.dtype == np.float32 and loop.shape == (frames - used, 2)
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(loop[used:], x[used : frames - used])
    # The first frame is the one that followed the last in the recording.
    if used:
        np.testing.assert_array_equal(loop[0], x[frames - used])
    loop[:] = 0
    np.testing.assert_array_equal(x, before)


def test_seamless_leaves_no_step() -> None:
    t = np.arange(3 * RATE) / RATE
    x = (np.sin(2 * np.pi * 97.3 * t) * (0.2 + 0.1 * t))[:, None].repeat(2, axis=1).astype(np.float32)
    assert np.abs(x[0] - x[-1]).max() > 0.1, "the recording itself would click"
    twice = np.concatenate([beds.make_seamless(x, RATE)] * 2)
    steps = np.abs(np.diff(twice, axis=0)).max(axis=1)
    seam = len(twice) // 2
    assert steps[seam - 2 : seam + 2].max() <= steps.max() * 1.0001
    corners = np.abs(np.diff(twice, 2, axis=0)).max(axis=1)
    assert corners[seam - 4 : seam + 4].max() < 1.2 * np.delete(corners, range(seam - 4, seam + 4)).max()


def test_seamless_hands_over_completely() -> None:
    x = np.concatenate([np.zeros((RATE, 2)), np.ones((RATE, 2))]).astype(np.float32)
    loop = beds.make_seamless(x, RATE // 2)
    fade = loop[: RATE // 2 + 1, 0]
    assert fade[0] == 1 and fade[-1] == 0
    assert np.abs(np.diff(fade)).max() < 1.01 * np.pi / RATE, "a quarter of a cosine, without a last step"


def test_seamless_keeps_the_level_of_noise() -> None:
    x = np.random.default_rng(1).standard_normal((4 * RATE, 2)).astype(np.float32)
    loop = beds.make_seamless(x, RATE)
    parts = (loop**2).reshape(30, -1).mean(axis=1)
    assert np.abs(10 * np.log10(parts / parts.mean())).max() < 0.5
