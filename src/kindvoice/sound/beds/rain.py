"""Soft rain."""

from __future__ import annotations

import numpy as np

from kindvoice.sound.beds.noise import (
    Curve,
    Floats,
    above,
    at_level,
    noise_spectrum,
    phasors,
    sway,
    to_sound,
    uniform,
)
from kindvoice.sound.wavfile import Samples
from kindvoice.units import RATE, db_to_gain, ms_to_frames


def rain() -> tuple[Samples, ...]:
    """Steady rain on a garden: a wide soft body, a fine patter, and few round drops near by."""
    patter = _patter(20_449, seed=302) * sway(20_449, 305, (1, 3, 4), 1.5)
    return (
        at_level(_rain_body(30_625, seed=301), -45.6),
        at_level(patter + _droplets(20_449, seed=303, per_second=0.9), -53.6),
        at_level(_droplets(27_648, seed=304, per_second=1.1), -53.6),
    )


_RAIN_COLOUR: Curve = (
    (25, -60), (40, -34), (80, -14), (160, -4), (320, 0), (640, -1), (1_250, -5),
    (2_500, -11), (5_000, -19), (8_000, -28), (12_000, -42), (16_000, -64), (20_000, -90),
)  # fmt: skip
_RAIN_WIDTH: Curve = ((80, -20), (250, -9), (800, -4), (3_000, -3))


def _rain_body(ms: int, seed: int) -> Floats:
    """The wash of countless far drops; gusts move its dull part and its bright part at different times."""
    hz, spectrum = noise_spectrum(ms, seed, _RAIN_COLOUR, _RAIN_WIDTH)
    bright = above(hz, 900)
    out = to_sound(spectrum, ms, 1 - bright) * sway(ms, seed + 10, (2, 3, 5), 1.5)
    out += to_sound(spectrum, ms, bright) * sway(ms, seed + 20, (3, 4, 7), 1.5)
    return out


def _patter(ms: int, seed: int) -> Floats:
    """Many tiny drops on leaves, each a burst of a few milliseconds; RMS 1. Float64, (2, frames)."""
    frames = ms_to_frames(ms)
    drops = round(ms / 1000 * 400)
    kernels = [_tick(seed + 1_000 + i, 700.0 * 2 ** (2.3 * i / 63)) for i in range(64)]
    place, choice, near, pan = uniform(seed, 4 * drops).reshape(4, -1)
    out = np.zeros((2, frames))
    for i in range(drops):
        kernel = kernels[int(choice[i] * len(kernels))]
        # Drops are spread over a field: few near, many far.
        gain = db_to_gain(-12.0 * float(near[i]) ** 0.5)
        _lay(out, int(place[i] * frames), kernel * gain, float(pan[i]))
    return np.asarray(out / np.sqrt(np.mean(out**2)))


def _tick(seed: int, centre_hz: float) -> Floats:
    """One tiny drop on a leaf: a soft burst of noise around centre_hz with unit energy; shape (576,)."""
    frames = ms_to_frames(12)
    hz = np.fft.rfftfreq(frames, 1 / RATE)
    band = np.exp(-(np.log2(np.maximum(hz, 1.0) / centre_hz) ** 2) / (2 * 0.45**2))
    noise = np.fft.irfft(band * phasors(seed, len(hz)), frames)
    t = np.arange(frames) / frames
    burst = noise * t**1.5 * (1 - t) ** 5
    return np.asarray(burst / np.sqrt(np.sum(burst**2)))


def _droplets(ms: int, seed: int, per_second: float) -> Floats:
    """Few round drops into water, each a bubble that sings for a moment; float64, (2, frames).

    A bubble's ring after van den Doel, "Physically based models for liquid sounds" (ACM Transactions on
    Applied Perception 2, 2005): a sine that decays at 0.043 f + 0.0014 f^1.5 per second and rises slightly in
    pitch. Its attack is softened to 3 ms here, which takes the plink out. The nearest one peaks at about 8.
    """
    frames = ms_to_frames(ms)
    count = round(ms / 1000 * per_second)
    place, pitch, near, pan = uniform(seed, 4 * count).reshape(4, -1)
    rise = ms_to_frames(3)
    out = np.zeros((2, frames))
    for i in range(count):
        hz = 450.0 * 2 ** (1.7 * float(pitch[i]))
        decay = 0.043 * hz + 0.0014 * hz**1.5
        # Until it has fallen by 78 dB: e^-9.
        t = np.arange(round(9 / decay * RATE)) / RATE
        bubble = np.exp(-decay * t) * np.sin(2 * np.pi * hz * (1 + 0.02 * decay * t) * t)
        bubble[:rise] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(rise) / rise)
        bubble *= 10.0 * db_to_gain(-13.0 * float(near[i]))
        _lay(out, int(place[i] * frames), bubble, 0.15 + 0.7 * float(pan[i]))
    return out


def _lay(loop: Floats, at: int, grain: Floats, pan: float) -> None:
    """Adds a mono grain to a loop, (2, frames), at a frame and round the seam, in place.

    pan: 0 left to 1 right, equal power.
    """
    index = np.arange(at, at + len(grain)) % loop.shape[1]
    loop[0, index] += grain * np.cos(pan * np.pi / 2)
    loop[1, index] += grain * np.sin(pan * np.pi / 2)
