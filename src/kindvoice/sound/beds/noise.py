"""What beds are made of: shaped noise, slow swells, levels; every loop periodic, every number from a seed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kindvoice.sound.wavfile import Samples
from kindvoice.units import RATE, db_to_gain, ms_to_frames

Floats = npt.NDArray[np.float64]
Bins = npt.NDArray[np.complex128]
Curve = tuple[tuple[float, float], ...]
"""a line through (Hz, dB) points, straight over the logarithm of the frequency, level beyond its ends"""


def uniform(seed: int, count: int) -> Floats:
    """`count` numbers from 0 up to, but not including, 1."""
    raw = np.random.PCG64(seed).random_raw(count)
    return np.asarray((raw >> np.uint64(11)) * 2.0**-53)


def gain_curve(hz: Floats, curve: Curve) -> Floats:
    """A curve's gain at each frequency; 0 below 25 Hz, so no layer ever has an offset."""
    points = np.asarray(curve)
    db = np.interp(np.log2(np.maximum(hz, 1.0)), np.log2(points[:, 0]), points[:, 1])
    return np.where(hz < 25.0, 0.0, 10.0 ** (db / 20.0))


def noise_spectrum(ms: int, seed: int, colour: Curve, width: Curve) -> tuple[Floats, Bins]:
    """The spectrum of one loop of stereo noise at a mean square of 1 per channel.

    colour: amplitude density. width: the side signal relative to the middle one; -6 dB gives the two channels
    a correlation of 0.6. Returns the bins' frequencies in Hz, (bins,), and the spectrum, (2, bins).
    """
    frames = ms_to_frames(ms)
    hz: Floats = np.fft.rfftfreq(frames, 1 / RATE).astype(np.float64)
    density = gain_curve(hz, colour)
    middle = density * phasors(seed, len(hz))
    side = density * gain_curve(hz, width) * phasors(seed + 1_000_000, len(hz))
    both = np.stack([middle, middle])
    both[0] += side
    both[1] -= side
    # Parseval: a bin stands for itself and its mirror, and the sum runs over two channels.
    both *= frames / np.sqrt(np.sum(both.real**2) + np.sum(both.imag**2))
    return hz, both


def phasors(seed: int, count: int) -> Bins:
    """`count` complex numbers of size 1 and random phase."""
    angle = 2 * np.pi * uniform(seed, count)
    out = np.empty(count, np.complex128)
    out.real, out.imag = np.cos(angle), np.sin(angle)
    return out


def to_sound(spectrum: Bins, ms: int, band: Floats | float = 1.0) -> Floats:
    """One loop from its spectrum, (2, bins) to (2, frames). band: a gain for every bin."""
    out = np.empty((2, ms_to_frames(ms)))
    for ear in (0, 1):  # one after the other, for memory's sake
        out[ear] = np.fft.irfft(spectrum[ear] * band, out.shape[1])
    return out


def above(hz: Floats, edge_hz: float) -> Floats:
    """A soft crossover about two octaves wide: 0 far below the edge, 1 far above it."""
    return np.asarray(0.5 + 0.5 * np.tanh(1.5 * np.log2(np.maximum(hz, 1.0) / edge_hz)))


def sway(ms: int, seed: int, cycles: tuple[int, ...], depth_db: float) -> Floats:
    """A slow, periodic, irregular gain that never goes further than depth_db up or down; shape (frames,).

    cycles: whole numbers of swings per loop, mixed at random phases.
    """
    turn = 2 * np.pi * grid(ms) / ms
    db = np.zeros(len(turn))
    for count, start in zip(cycles, uniform(seed, len(cycles)), strict=True):
        db += depth_db / len(cycles) * np.sin(count * turn + 2 * np.pi * start)
    return drawn_out(10.0 ** (db / 20.0), ms)


def grid(ms: int) -> Floats:
    """Every tenth millisecond of a loop and its end: what moves over seconds is worked out there only."""
    return np.linspace(0.0, ms, -(-ms // 10) + 1)


def drawn_out(values: Floats, ms: int) -> Floats:
    """Values on the grid to one for every frame of the loop, by straight lines."""
    return np.interp(np.arange(ms_to_frames(ms)) / ms_to_frames(1), grid(ms), values)


def at_level(loop: Floats, db: float) -> Samples:
    """A finished layer, (2, frames) to (frames, 2)."""
    out = np.empty(loop.shape[::-1], np.float32)
    for ear in (0, 1):
        out[:, ear] = loop[ear] * db_to_gain(db)
    return out
