"""The bells, listened to with instruments."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
from scipy import signal

import kindvoice
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


def envelope(x: np.ndarray, hz: float, step_s: float = 0.02, bandwidth_s: float = 0.1) -> np.ndarray:
    """The amplitude of one mode over time: mixed down to 0 Hz, then averaged over Hann windows."""
    down = x * np.exp(-2j * np.pi * hz * np.arange(len(x)) / RATE)
    window = np.hanning(round(bandwidth_s * RATE))
    smooth = signal.fftconvolve(down, window / window.sum(), mode="valid")
    return 2 * np.abs(smooth[:: round(step_s * RATE)])


@pytest.mark.parametrize("name", NAMES)
def test_the_table_describes_a_bowl(name: str) -> None:
    bell = bells.BELLS[name]
    first, *rest = bell.partials
    assert bell.name == name
    assert (first.ratio, first.level_db) == (1.0, 0.0)
    for below, above in zip(bell.partials, rest, strict=False):
        assert above.ratio > below.ratio
        assert above.t60_s < below.t60_s, "a higher mode dies sooner"
        assert above.level_db < below.level_db, "a soft mallet wakes it less"
    ring = [n * (n * n - 1) / np.sqrt(n * n + 1) for n in range(2, 2 + len(bell.partials))]
    for partial, mode in zip(bell.partials, ring, strict=True):
        assert 0.8 < partial.ratio / (mode / ring[0]) <= 1.0, "a little below a thin ring's modes"
    beats = [partial.beat_hz for partial in bell.partials]
    assert len(set(beats)) == len(beats) and all(0.3 <= beat <= 3 for beat in beats)
    with pytest.raises(dataclasses.FrozenInstanceError):
        bell.level_db = 0.0  # type: ignore[misc]


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
def test_the_lowest_mode_falls_in_a_straight_line_at_the_models_slope(name: str) -> None:
    x = bells.strike(name)
    lowest = bells.BELLS[name].partials[0]
    step_s = 0.02
    level = envelope(x[: -bells.FADE_MS * 48, 0], bells.BELLS[name].fundamental_hz, step_s)[5:]
    db = 20 * np.log10(level)
    # A mean over exactly one beat leaves only the decay.
    beat = round(1 / lowest.beat_hz / step_s)
    db = np.convolve(db, np.ones(beat) / beat, mode="valid")
    seconds = np.arange(len(db)) * step_s
    slope, start = np.polyfit(seconds, db, 1)
    assert slope == pytest.approx(-60 / lowest.t60_s, rel=0.005)
    assert np.abs(db - (slope * seconds + start)).max() < 0.15


@pytest.mark.parametrize("name", NAMES)
def test_every_mode_beats_at_its_own_pace(name: str) -> None:
    bell, x = bells.BELLS[name], bells.strike(name)
    for partial in bell.partials[:4]:
        step_s = 0.02
        seconds = min(partial.t60_s * 0.9, len(x) / RATE - 0.5)
        level = envelope(x[: round(seconds * RATE), 0], bell.fundamental_hz * partial.ratio, step_s)[5:]
        db = signal.detrend(20 * np.log10(level))
        spectrum = np.abs(np.fft.rfft(db * np.hanning(len(db)), 16_384))
        pace = np.fft.rfftfreq(16_384, step_s)[spectrum[20:].argmax() + 20]
        assert pace == pytest.approx(partial.beat_hz, rel=0.12), partial
        swing = 20 * np.log10((1 + partial.depth) / (1 - partial.depth))
        assert 0.4 * swing < np.ptp(db[len(db) // 4 :]) < 2.2 * swing, partial


@pytest.mark.parametrize("name", NAMES)
def test_the_beat_walks_from_ear_to_ear(name: str) -> None:
    bell, x = bells.BELLS[name], bells.strike(name)
    lowest = bell.partials[0]
    step_s = 0.02
    ears = [envelope(x[: 6 * RATE, ear], bell.fundamental_hz, step_s)[5:] for ear in (0, 1)]
    beats = round(np.floor(len(ears[0]) * step_s * lowest.beat_hz) / lowest.beat_hz / step_s)
    turn = np.exp(-2j * np.pi * lowest.beat_hz * step_s * np.arange(beats))
    left, right = (np.sum(signal.detrend(20 * np.log10(ear[:beats])) * turn) for ear in ears)
    assert np.rad2deg(np.angle(right / left)) == pytest.approx(lowest.turn_deg, abs=12)


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
def test_the_attack_takes_several_milliseconds(name: str) -> None:
    x = np.abs(bells.strike(name)).max(axis=1)
    assert x[:48].max() < 0.03 * x.max()
    assert x[: 48 * 4].max() < 0.5 * x.max()
    assert 48 * 5 < np.flatnonzero(x > 0.7 * x.max())[0] < 48 * 60


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


@pytest.mark.slow
def test_a_fresh_process_gives_the_same_bytes() -> None:
    code = (
        "import hashlib; from kindvoice.sound import bells;"
        "print(hashlib.sha256(bells.strike('high').tobytes()).hexdigest())"
    )
    source = Path(kindvoice.__file__).parents[1]
    fresh = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert fresh.stdout.strip() == hashlib.sha256(bells.strike("high").tobytes()).hexdigest()
