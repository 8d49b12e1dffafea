"""Slow waves."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from kindvoice.sound.beds.noise import (
    Curve,
    Floats,
    above,
    at_level,
    drawn_out,
    grid,
    noise_spectrum,
    sway,
    to_sound,
)
from kindvoice.sound.wavfile import Samples
from kindvoice.units import ms_to_frames


@dataclass(frozen=True, slots=True, kw_only=True)
class _Surf:
    """One band of a breaking wave; its envelope is a bell curve with a quicker and a slower side."""

    late_s: float
    """its crest after the wave's own"""
    rise_s: float
    fall_s: float


# The swell is felt first, then the wave breaks, then the foam runs out.
_SWELL = _Surf(late_s=-0.7, rise_s=2.9, fall_s=3.1)
_BREAK = _Surf(late_s=0.0, rise_s=2.1, fall_s=2.8)
_FOAM = _Surf(late_s=1.0, rise_s=1.8, fall_s=3.0)

_SEA_COLOUR: Curve = (
    (25, -60), (40, -26), (70, -10), (120, -2), (240, 0), (500, -2), (1_000, -7),
    (2_000, -13), (4_000, -20), (7_000, -30), (11_000, -44), (16_000, -70), (20_000, -100),
)  # fmt: skip
_SEA_WIDTH: Curve = ((80, -20), (250, -9), (800, -5), (3_000, -4))


def waves() -> tuple[Samples, ...]:
    """A slow sea: near waves about every 12 s, fainter ones further off, and the water between them."""
    _, water = noise_spectrum(21_875, 503, _SEA_COLOUR, _SEA_WIDTH)
    return (
        at_level(_surf(36_864, 501, ((4.0, 1.0), (15.4, 0.8), (28.4, 0.93))), -41.9),
        at_level(_surf(24_167, 502, ((5.0, 0.9), (18.2, 1.0))), -46.4),
        at_level(to_sound(water, 21_875) * sway(21_875, 504, (1, 2, 3), 1.5), -49.9),
    )


def _surf(ms: int, seed: int, crests: tuple[tuple[float, float], ...]) -> Floats:
    """Waves with the given crests, each (seconds into the loop, height 0..1); float64, shape (2, frames)."""
    hz, spectrum = noise_spectrum(ms, seed, _SEA_COLOUR, _SEA_WIDTH)
    above_swell, above_break = above(hz, 350), above(hz, 1_600)
    bands = (
        (_SWELL, 1 - above_swell),
        (_BREAK, above_swell - above_break),
        (_FOAM, above_break),
    )
    out = np.zeros((2, ms_to_frames(ms)))
    for ear, (surf, band) in itertools.product((0, 1), bands):
        part = np.fft.irfft(spectrum[ear] * band, out.shape[1])
        part *= _height(ms, crests, surf, ear)
        out[ear] += part
    return out


def _height(ms: int, crests: tuple[tuple[float, float], ...], surf: _Surf, ear: int) -> Floats:
    """The waves' rise and fall in one band and ear, periodic, 0 to about 1; float64, shape (frames,).

    Every wave runs along the beach: it is a quarter of a second early in one ear and as late in the other.
    """
    period = ms / 1000
    t = grid(ms) / 1000
    out = np.zeros(len(t))
    for number, (crest, height) in enumerate(crests):
        run = 0.25 if (number + ear) % 2 else -0.25
        away = (t - crest - surf.late_s - run + period / 2) % period - period / 2
        width = np.where(away < 0, surf.rise_s, surf.fall_s)
        out += height * np.exp(-((away / width) ** 2) / 2)
    return drawn_out(out, ms)
