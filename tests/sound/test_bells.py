"""The bells, listened to with instruments."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from scipy import signal

from kindvoice.sound import bells
from kindvoice.units import RATE

NAMES = tuple(bells.BELLS)
METER = pyloudnorm.Meter(RATE)


def momentary(x: np.ndarray, at_s: float) -> float:
    """LUFS of 400 ms: one block, so integrated is momentary."""
    start = round(at_s * RATE)
    return float(METER.integrated_loudness(x[start : start + 2 * RATE // 5].astype(np.float64)))


def folded(x: np.ndarray) -> np.ndarray:
    return np.repeat(x.mean(axis=1, keepdims=True), 2, axis=1)


def test_bells_ring_about_as_long_as_bowls_do() -> None:
    seconds = {name: bells.ring_frames(name) / RATE for name in NAMES}
    assert seconds == pytest.approx({"low": 16, "middle": 12, "high": 9}, abs=0.6)


def test_the_habit_between_strikes_is_calm_and_overlaps_the_ring() -> None:
    for name in NAMES:
        every_ms = bells.BELLS[name].every_ms
        assert 4_000 <= every_ms < bells.ring_frames(name) / 48


@pytest.mark.parametrize("name", NAMES)
def test_a_strike_is_one_shared_read_only_array(name: str) -> None:
    x = bells.strike(name)
    assert x is bells.strike(name)
    assert x.dtype == np.float32 and x.shape == (bells.ring_frames(name), 2)
    assert len(x) % 48 == 0 and x.flags.c_contiguous
    assert np.isfinite(x).all() and np.abs(x).max() < 0.5
    with pytest.raises(ValueError, match="read-only"):
        x[0] = 1


@pytest.mark.parametrize("name", NAMES)
def test_rung_out_means_60_db_below_the_peak(name: str) -> None:
    x = bells.strike(name)
    peak = np.abs(x).max()
    fade = bells.FADE_MS * 48
    before_fade = np.abs(x[-fade - 4_800 : -fade]).max()
    assert before_fade < peak * 10 ** (-55 / 20), "the fade must begin where nobody hears it"
    last_seconds = np.abs(x[-fade - 3 * RATE : -fade]).max()
    assert last_seconds > peak * 10 ** (-60 / 20), "and the bell must not be cut short"


@pytest.mark.parametrize("name", NAMES)
def test_loudest_400_ms_read_minus_26(name: str) -> None:
    x = bells.strike(name)
    loudest = max(momentary(x, at) for at in np.arange(0, 1.5, 0.02))
    assert loudest == pytest.approx(-26.0, abs=0.3)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_clicks(name: str) -> None:
    x = bells.strike(name)
    assert not x[0].any() and not x[-1].any()
    corner = np.abs(np.diff(x, 2, axis=0)).max(axis=1)
    ringing = corner[4_800:24_000].max()
    assert corner[:96].max() < 0.25 * ringing, "the mallet is soft: the first 2 ms are the smoothest"
    assert corner[:4_800].max() < 2.5 * ringing, "no edge as the mallet leaves the rim"
    assert corner[-9_600:].max() < 1e-5 * np.abs(x).max()
    assert np.abs(np.diff(x[-9_600:], axis=0)).max() < 1e-4


@pytest.mark.parametrize("name", NAMES)
def test_no_offset_and_no_rumble(name: str) -> None:
    x = bells.strike(name).astype(np.float64)
    assert np.abs(x.mean(axis=0)).max() < 1e-6
    power = np.abs(np.fft.rfft(x, axis=0)) ** 2
    hz = np.fft.rfftfreq(len(x), 1 / RATE)
    assert power[hz < 40].sum() < 1e-4 * power.sum()


@pytest.mark.parametrize("name", NAMES)
def test_it_is_never_harsh(name: str) -> None:
    x = bells.strike(name)
    hz, at, spectrum = signal.stft(x.T.astype(np.float64), RATE, nperseg=2_048)
    power = (np.abs(spectrum) ** 2).sum(axis=0)
    high = power[hz > 4_000].sum(axis=0)
    assert high.sum() < 1e-5 * power.sum()
    assert high[at > 0.5].sum() < 1e-8 * power.sum()
    assert power[hz > 2_000].sum() < 1e-3 * power.sum()


@pytest.mark.parametrize("name", NAMES)
def test_stereo_moves_gently_and_folds_to_mono(name: str) -> None:
    x = bells.strike(name)
    both = folded(x)
    times = np.arange(0, 6, 0.1)
    losses = [momentary(x, at) - momentary(both, at) for at in times]
    assert max(losses) < 1.0, "mono keeps the bell whole at every moment"
    energy = (x.astype(np.float64) ** 2).sum(axis=0)
    assert abs(10 * np.log10(energy[0] / energy[1])) < 0.5, "the bell stands in the middle"
    chunks = (x[: 6 * RATE].astype(np.float64) ** 2).reshape(60, -1, 2).sum(axis=1)
    lean = 10 * np.log10(chunks[:, 0] / chunks[:, 1])
    assert 1.0 < np.ptp(lean) < 9.0 and np.abs(lean).max() < 6.0
    assert np.abs(np.diff(lean)).max() < 2.0, "no jump from ear to ear"
