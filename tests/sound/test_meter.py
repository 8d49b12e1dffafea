"""The meter, against two others that were written by other people."""

from __future__ import annotations

import math
import re

import av
import numpy as np
import pyloudnorm
import pytest

from kindvoice.sound.meter import measure
from kindvoice.units import RATE


def programme(rate: int = RATE, channels: int = 2) -> np.ndarray:
    """Loud and quiet stretches and silence, so that both gates have something to do."""
    rng = np.random.default_rng(3)
    parts = []
    for seconds, level in ((3, 0.1), (4, 0.0), (2, 0.02), (3, 0.0003), (4, 0.15)):
        noise = rng.standard_normal((rate * seconds, channels)) * level
        parts.append(np.cumsum(noise, axis=0) * 0.02 + noise * 0.3)
    return np.concatenate(parts).astype(np.float32)


def ebur128(x: np.ndarray, rate: int) -> tuple[float, float]:
    """Integrated loudness and true peak as FFmpeg's filter reads them."""
    if not hasattr(av.AudioFrame, "metadata"):
        pytest.skip("PyAV before 18.1 does not hand on what FFmpeg's meter reads")
    graph = av.filter.Graph()
    layout = "stereo" if x.shape[1] == 2 else "mono"
    source = graph.add_abuffer(sample_rate=rate, format="flt", layout=layout, time_base=f"1/{rate}")
    meter = graph.add("ebur128", "peak=true:metadata=1")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(x.reshape(1, -1)), format="flt", layout=layout)
    frame.sample_rate, frame.pts = rate, 0
    graph.push(frame)
    graph.push(None)
    found: dict[str, float] = {}
    while True:
        try:
            out = graph.pull()
        except (av.EOFError, av.BlockingIOError):
            break
        for key, value in (out.metadata or {}).items():
            found[key] = float(value)
    peaks = [v for k, v in found.items() if re.fullmatch(r"lavfi\.r128\.true_peaks_ch\d", k)]
    return found["lavfi.r128.I"], 20 * math.log10(max(peaks)) if peaks else math.nan


@pytest.mark.parametrize("rate", [48_000, 44_100])
@pytest.mark.parametrize("channels", [1, 2])
def test_loudness_agrees_with_pyloudnorm_and_with_ffmpeg(rate, channels):
    x = programme(rate, channels)
    ours = measure([x], rate).integrated_lufs
    assert ours == pytest.approx(pyloudnorm.Meter(rate).integrated_loudness(x.astype(float)), abs=0.1)
    assert ours == pytest.approx(ebur128(x, rate)[0], abs=0.1)


def test_a_full_scale_sine_of_997_hz_reads_minus_3_01_lufs():
    # EBU Tech 3341: a 1 kHz sine at 0 dBFS in one channel reads -3.01 LUFS
    t = np.arange(RATE * 20) / RATE
    x = np.zeros((len(t), 2), np.float32)
    x[:, 0] = np.sin(2 * np.pi * 997 * t)
    assert measure([x]).integrated_lufs == pytest.approx(-3.01, abs=0.02)


def test_true_peak_sees_between_the_samples():
    n = np.arange(RATE)
    ramp = np.minimum(1, np.minimum(n, n[::-1]) / 4800)
    x = (ramp * 0.5 * np.sin(2 * np.pi * RATE / 4 * n / RATE + np.pi / 4))[:, None].astype(np.float32)
    assert 20 * np.log10(np.abs(x).max()) == pytest.approx(-9.03, abs=0.01)
    assert measure([x]).true_peak_dbtp == pytest.approx(-6.02, abs=0.05)


def test_true_peak_agrees_with_ffmpeg():
    x = np.clip(programme() * 8, -0.9, 0.9)
    assert measure([x]).true_peak_dbtp == pytest.approx(ebur128(x, RATE)[1], abs=0.25)


def test_rms_counts_the_pauses():
    x = np.zeros((RATE, 2), np.float32)
    x[: RATE // 2] = 0.1
    assert measure([x]).rms_db == pytest.approx(-23.01, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 479, 4_800, 100_000])
def test_block_size_does_not_matter(size):
    x = programme()[: RATE * 4] if size > 1 else programme()[: RATE // 10]
    whole = measure([x])
    parts = measure(x[i : i + size] for i in range(0, len(x), size))
    assert parts.integrated_lufs == pytest.approx(whole.integrated_lufs, abs=1e-9)
    assert parts.true_peak_dbtp == pytest.approx(whole.true_peak_dbtp, abs=1e-5)
    assert parts.frames == whole.frames


def test_silence_and_nothing():
    for blocks in ([], [np.zeros((RATE, 2), np.float32)]):
        reading = measure(blocks)
        assert reading.integrated_lufs == reading.rms_db == reading.true_peak_dbtp == -math.inf
