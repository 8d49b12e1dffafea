"""Mastering: one gain, peaks under the ceiling, nothing that breathes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kindvoice.sound.master import master
from kindvoice.sound.meter import measure
from kindvoice.units import RATE, db_to_gain, gain_to_db


def cut(x: np.ndarray, sizes: list[int]):
    at = i = 0
    while at < len(x):
        size = sizes[i % len(sizes)]
        yield x[at : at + size]
        at, i = at + size, i + 1


def mastered(x: np.ndarray, gain_db: float, ceiling_db: float, sizes=(24_000,)) -> np.ndarray:
    return np.concatenate(list(master(cut(x, list(sizes)), gain_db, ceiling_db)))


def loud_speech_like(seconds: float = 4.0) -> np.ndarray:
    rng = np.random.default_rng(7)
    n = round(seconds * RATE)
    t = np.arange(n) / RATE
    x = np.sin(2 * np.pi * 180 * t) * (0.2 + 0.8 * np.sin(2 * np.pi * 1.7 * t) ** 2) * 0.5
    x = x + rng.standard_normal(n) * 0.02
    x[rng.integers(0, n, 12)] += 0.6  # consonants that stick out
    return np.stack([x, x * 0.9], axis=1).astype(np.float32)


LOUD = loud_speech_like()
REFERENCE = mastered(LOUD, 6.0, -1.3)


def test_what_stays_below_the_ceiling_is_only_multiplied():
    x = LOUD * np.float32(0.1)
    assert np.array_equal(mastered(x, 6.0, -1.0), x * np.float32(db_to_gain(6.0)))


def test_length_is_kept_and_the_true_peak_is_under_the_ceiling():
    assert REFERENCE.shape == LOUD.shape
    assert measure([LOUD * np.float32(db_to_gain(6.0))]).true_peak_dbtp > 0
    assert measure([REFERENCE]).true_peak_dbtp <= -1.3 + 0.05


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 70_000), min_size=1, max_size=6))
def test_any_block_size_gives_the_same_samples(sizes):
    sizes = [max(size, 501) for size in sizes]
    assert np.array_equal(mastered(LOUD, 6.0, -1.3, sizes), REFERENCE)


@pytest.mark.parametrize("frames", [1, 2, 47, 48_000, 48_001, 96_000])
def test_short_and_awkward_lengths(frames):
    assert len(mastered(LOUD[:frames], 6.0, -1.3)) == frames


def test_nothing_gives_nothing():
    assert list(master(iter(()), 6.0, -1.0)) == []


def test_a_bells_decay_comes_out_with_the_slope_it_went_in():
    t = np.arange(12 * RATE) / RATE
    fall = 10 ** (-3 * t / 12)  # 60 dB in 12 s
    bell = (0.9 * np.sin(2 * np.pi * 190 * t) * fall)[:, None].repeat(2, axis=1).astype(np.float32)
    speech = np.zeros_like(bell)
    speech[2 * RATE : 3 * RATE] = LOUD[:RATE] * np.float32(0.4)  # someone speaks into the decay, loudly
    out = mastered(bell + speech, 3.0, -1.0)

    def slope_db_s(x: np.ndarray, start: float, stop: float) -> float:
        pieces = x[round(start * RATE) : round(stop * RATE), 0].reshape(-1, RATE // 10)
        level = 10 * np.log10((pieces.astype(float) ** 2).mean(axis=1))
        return float(np.polyfit(np.arange(len(level)) / 10, level, 1)[0])

    assert slope_db_s(out, 4, 11) == pytest.approx(slope_db_s(bell, 4, 11), abs=1e-3)
    assert slope_db_s(out, 4, 11) == pytest.approx(-5.0, abs=0.02)
    # and its level is the gain's, to the last digit: nothing came up in the quiet part
    assert gain_to_db(float(np.abs(out[6 * RATE :]).max() / np.abs(bell[6 * RATE :]).max())) == pytest.approx(
        3, abs=1e-3
    )


def test_the_gain_moves_softly():
    x = np.full((RATE, 2), 0.1, np.float32)
    x *= np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE).astype(np.float32)[:, None]
    x[RATE // 2] = 1.8
    out = mastered(x, 0.0, -1.0)
    busy = np.abs(x[:, 0]) > 0.01
    gain = out[busy, 0] / x[busy, 0]
    assert gain.min() < 0.6
    assert np.abs(np.diff(gain)).max() < 0.01, "no step that could click"
