"""A warm drone."""

from __future__ import annotations

import numpy as np

from kindvoice.sound.beds.noise import Curve, Floats, at_level, noise_spectrum, phasors, to_sound
from kindvoice.sound.wavfile import Samples
from kindvoice.units import db_to_gain, ms_to_frames

_ROOT_HZ = 220 / 3
"""D; the bells' A, F sharp and E are its fifth, its third and its ninth"""


def drone() -> tuple[Samples, ...]:
    """Root, fifth and octave in just tuning, a breath of the third above them, and a little air."""
    _, air = noise_spectrum(31_104, 404, _AIR_COLOUR, _AIR_WIDTH)
    upper = _chord(31_104, 403, ((2, -8.0), (2.5, -8.0), (3, -12.0), (5, -15.0), (6, -19.0)))
    return (
        at_level(_chord(24_167, 401, ((1, -4.0), (2, -1.0), (4, -9.0))), -48.0),
        at_level(_chord(21_875, 402, ((1.5, 0.0), (3, -6.0), (4.5, -13.0), (6, -17.0))), -48.0),
        at_level(upper + db_to_gain(-20.0) * to_sound(air, 31_104), -48.0),
    )


_AIR_COLOUR: Curve = (
    (25, -60), (80, -20), (200, -3), (400, 0), (800, -5),
    (1_600, -14), (3_200, -28), (6_400, -50), (12_800, -90),
)  # fmt: skip
_AIR_WIDTH: Curve = ((80, -20), (250, -9), (800, -4))


def _chord(ms: int, seed: int, tones: tuple[tuple[float, float], ...]) -> Floats:
    """Tones that swell slowly, each with its own drift in each ear; float64, shape (2, frames).

    tones: (frequency as a multiple of the root, dB). A tone is a carrier at the nearest whole number of
    cycles per loop and, 9.5 dB weaker together, its eight neighbours at random phases, different left and
    right: the beats between them last from 3 s to a whole loop.
    """
    frames = ms_to_frames(ms)
    spectrum = np.zeros((2, frames // 2 + 1), np.complex128)
    steps = np.array([-4, -3, -2, -1, 1, 2, 3, 4])
    taper = np.exp(-(steps**2) / 8.0)
    taper *= db_to_gain(-9.5) / np.sqrt(np.sum(taper**2))
    for number, (ratio, db) in enumerate(tones):
        turns = phasors(seed * 100 + number, 1 + 2 * len(steps))
        carrier = round(_ROOT_HZ * ratio * ms / 1000)
        level = db_to_gain(db) * frames / np.sqrt(2)
        spectrum[:, carrier] += level * turns[0]
        spectrum[:, carrier + steps] += level * taper * turns[1:].reshape(2, -1)
    return to_sound(spectrum, ms)
