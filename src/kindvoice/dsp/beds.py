"""Background beds: soft rain, a warm drone, slow waves; and a loop made of anybody's recording.

A bed is the sum of three seamless stereo loops, its layers. Each is periodic by construction: noise is shaped
as the spectrum of one whole loop with random phases, sines make a whole number of cycles per loop, drops are
laid round the seam. The lengths of a bed's loops in milliseconds share no factor, so the sum repeats only
after their product, which is centuries; each has small prime factors only, which its Fourier transform thanks
with speed.

So a bed is a function of the absolute frame: `block(layers(name), start, n)` gives the same bits however a
programme is cut, and costs two additions per sample. Randomness comes from PCG64's raw integers, whose stream
numpy guarantees for a seed (unlike that of the distributions built on it); another platform's sine may still
differ in its last bit.

Every bed reads -41 LUFS integrated (ITU-R BS.1770), 18 LU below speech at -23. Measured over ten minutes:

    bed     short-term (3 s), LU     peak over RMS, dB     true peak, dBTP     folded to mono, LU
    rain    -0.7 to +0.9             16.7                  -28                 -1.3
    drone   -3.1 to +2.1             11.5                  -31                 -0.3
    waves   -5.6 to +3.5             18.0                  -27                 -1.0

In rain a droplet comes every half second and every third or fourth of them is heard, some 3 to 9 dB above the
noise of its own third of an octave; the others only lend the noise a grain.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import scipy.fft

from kindvoice.errors import SoundError, nearest
from kindvoice.units import RATE, db_to_gain, ms_to_frames

Samples = npt.NDArray[np.float32]
"""stereo, shape (frames, 2), full scale is 1.0"""
Floats = npt.NDArray[np.float64]
Bins = npt.NDArray[np.complex128]
Curve = tuple[tuple[float, float], ...]
"""a line through (Hz, dB) points, straight over the logarithm of the frequency, level beyond its ends"""


# ---------------------------------------------------------------- what the mixer calls


@functools.lru_cache(maxsize=2)
def layers(name: str) -> tuple[Samples, ...]:
    """The loops of a bed, the same samples every time.

    Returns float32 arrays of shape (n_i, 2), read-only, about 30 MB together. Making them takes up to a
    second and 160 MB for that moment; the two last asked for are kept, for one bed may fade into another.

    Raises SoundError for an unknown bed.
    """
    if name not in BEDS:
        near = nearest(name, BEDS)
        hint = f"Did you mean {near}? " if near else ""
        raise SoundError(f"There is no bed called {name!r}.", cure=f"{hint}The beds are {', '.join(BEDS)}.")
    loops = BEDS[name]()
    for loop in loops:
        loop.flags.writeable = False
    return loops


def block(loops: tuple[Samples, ...], start_frame: int, frames: int) -> Samples:
    """The sum of the loops from an absolute frame on.

    loops: from `layers` or `make_seamless`, each (n_i, 2). start_frame: 0 or later, as late as you like.
    Returns float32, shape (frames, 2). Every sample is the same sum in the same order, so the bits do not
    depend on how a programme is cut into blocks.

    >>> one = np.array([[1, 1], [2, 2], [3, 3]], np.float32)
    >>> block((one, one[:2]), 1, 4)[:, 0].tolist()
    [4.0, 4.0, 3.0, 3.0]

    Raises ValueError for a negative start or length, no loops, or an empty loop.
    """
    if start_frame < 0 or frames < 0:
        raise ValueError(f"start_frame and frames must not be negative, not {start_frame} and {frames}")
    if not loops:
        raise ValueError("a bed wants at least one loop")
    out = loop_slice(loops[0], start_frame, frames)
    for loop in loops[1:]:
        out += loop_slice(loop, start_frame, frames)
    return out


def loop_slice(loop: Samples, start_frame: int, frames: int) -> Samples:
    """`frames` frames of an endless loop from an absolute frame on, as a new array.

    >>> loop_slice(np.array([[1, 1], [2, 2], [3, 3]], np.float32), 10**12, 5)[:, 0].tolist()
    [2.0, 3.0, 1.0, 2.0, 3.0]

    Raises ValueError for an empty loop.
    """
    length = len(loop)
    if not length:
        raise ValueError("a loop must not be empty")
    out = np.empty((frames, *loop.shape[1:]), np.float32)
    done, at = 0, start_frame % length
    while done < frames:
        step = min(frames - done, length - at)
        out[done : done + step] = loop[at : at + step]
        done, at = done + step, 0
    return out


def make_seamless(samples: Samples, overlap_frames: int) -> Samples:
    """A recording as a loop: its end is faded into its beginning with equal power.

    samples: float32, shape (n, 2). overlap_frames: length of the crossfade; half the recording at most is
    used.

    Returns float32, shape (n - overlap, 2). Its first frame follows its last one in the recording itself, so
    there is no step. Equal power keeps the level of noise-like sound (sea, wind, a room); a steady tone that
    happens to be in phase with itself swells by up to 3 dB for the length of the crossfade.

    >>> sea = np.ones((10, 2), np.float32)
    >>> make_seamless(sea, 4).shape, make_seamless(sea[:3], 99).shape
    ((6, 2), (2, 2))

    Raises ValueError for anything but a non-empty array of shape (n, 2), or a negative overlap.
    """
    if samples.ndim != 2 or samples.shape[1] != 2 or not len(samples):
        raise ValueError(f"a loop wants stereo samples of shape (n, 2) with n > 0, not {samples.shape}")
    if overlap_frames < 0:
        raise ValueError(f"overlap_frames must not be negative, not {overlap_frames}")
    overlap = min(overlap_frames, len(samples) // 2)
    keep = len(samples) - overlap
    out = samples[:keep].astype(np.float32)
    angle = (np.arange(overlap) / max(overlap, 1) * (np.pi / 2))[:, None]
    out[:overlap] = samples[:overlap] * np.sin(angle) + samples[keep:] * np.cos(angle)
    return out


# ---------------------------------------------------------------- randomness, curves, noise


def _uniform(seed: int, count: int) -> Floats:
    """`count` numbers from 0 up to, but not including, 1."""
    raw = np.random.PCG64(seed).random_raw(count)
    return np.asarray((raw >> np.uint64(11)) * 2.0**-53)


def _gain_curve(hz: Floats, curve: Curve) -> Floats:
    """A curve's gain at each frequency; 0 below 25 Hz, so no layer ever has an offset."""
    points = np.asarray(curve)
    db = np.interp(np.log2(np.maximum(hz, 1.0)), np.log2(points[:, 0]), points[:, 1])
    return np.where(hz < 25.0, 0.0, 10.0 ** (db / 20.0))


def _noise(ms: int, seed: int, colour: Curve, width: Curve) -> tuple[Floats, Bins]:
    """The spectrum of one loop of stereo noise at a mean square of 1 per channel.

    colour: amplitude density. width: the side signal relative to the middle one; -6 dB gives the two channels
    a correlation of 0.6. Returns the bins' frequencies in Hz, (bins,), and the spectrum, (2, bins).
    """
    frames = ms_to_frames(ms)
    hz = scipy.fft.rfftfreq(frames, 1 / RATE)
    density = _gain_curve(hz, colour)
    middle = density * _turns(seed, len(hz))
    side = density * _gain_curve(hz, width) * _turns(seed + 1_000_000, len(hz))
    both = np.stack([middle, middle])
    both[0] += side
    both[1] -= side
    # Parseval: a bin stands for itself and its mirror, and the sum runs over two channels.
    both *= frames / np.sqrt(np.sum(both.real**2) + np.sum(both.imag**2))
    return hz, both


def _turns(seed: int, count: int) -> Bins:
    """`count` complex numbers of size 1 and random phase."""
    angle = 2 * np.pi * _uniform(seed, count)
    out = np.empty(count, np.complex128)
    out.real, out.imag = np.cos(angle), np.sin(angle)
    return out


def _sound(spectrum: Bins, ms: int, band: Floats | float = 1.0) -> Floats:
    """One loop from its spectrum, (2, bins) to (2, frames). band: a gain for every bin."""
    out = np.empty((2, ms_to_frames(ms)))
    for ear in (0, 1):  # one after the other, for memory's sake
        out[ear] = scipy.fft.irfft(spectrum[ear] * band, out.shape[1])
    return out


def _above(hz: Floats, edge_hz: float) -> Floats:
    """A soft crossover about two octaves wide: 0 far below the edge, 1 far above it."""
    return np.asarray(0.5 + 0.5 * np.tanh(1.5 * np.log2(np.maximum(hz, 1.0) / edge_hz)))


def _sway(ms: int, seed: int, cycles: tuple[int, ...], depth_db: float) -> Floats:
    """A slow, periodic, irregular gain that never goes further than depth_db up or down; shape (frames,).

    cycles: whole numbers of swings per loop, mixed at random phases.
    """
    turn = 2 * np.pi * _grid(ms) / ms
    db = np.zeros(len(turn))
    for count, start in zip(cycles, _uniform(seed, len(cycles)), strict=True):
        db += depth_db / len(cycles) * np.sin(count * turn + 2 * np.pi * start)
    return _drawn_out(10.0 ** (db / 20.0), ms)


def _grid(ms: int) -> Floats:
    """Every tenth millisecond of a loop and its end: what moves over seconds is worked out there only."""
    return np.linspace(0.0, ms, -(-ms // 10) + 1)


def _drawn_out(values: Floats, ms: int) -> Floats:
    """Values on the grid to one for every frame of the loop, by straight lines."""
    return np.interp(np.arange(ms_to_frames(ms)) / ms_to_frames(1), _grid(ms), values)


def _at_level(loop: Floats, db: float) -> Samples:
    """A finished layer, (2, frames) to (frames, 2)."""
    out = np.empty(loop.shape[::-1], np.float32)
    for ear in (0, 1):
        out[:, ear] = loop[ear] * db_to_gain(db)
    return out


# ---------------------------------------------------------------- rain


def _rain() -> tuple[Samples, ...]:
    """Steady rain on a garden: a wide soft body, a fine patter, and few round drops near by."""
    patter = _patter(20_449, seed=302) * _sway(20_449, 305, (1, 3, 4), 1.5)
    return (
        _at_level(_rain_body(30_625, seed=301), -45.6),
        _at_level(patter + _droplets(20_449, seed=303, per_second=0.9), -53.6),
        _at_level(_droplets(27_648, seed=304, per_second=1.1), -53.6),
    )


_RAIN_COLOUR: Curve = (
    (25, -60), (40, -34), (80, -14), (160, -4), (320, 0), (640, -1), (1_250, -5),
    (2_500, -11), (5_000, -19), (8_000, -28), (12_000, -42), (16_000, -64), (20_000, -90),
)  # fmt: skip
_RAIN_WIDTH: Curve = ((80, -20), (250, -9), (800, -4), (3_000, -3))


def _rain_body(ms: int, seed: int) -> Floats:
    """The wash of countless far drops; gusts move its dull part and its bright part at different times."""
    hz, spectrum = _noise(ms, seed, _RAIN_COLOUR, _RAIN_WIDTH)
    bright = _above(hz, 900)
    out = _sound(spectrum, ms, 1 - bright) * _sway(ms, seed + 10, (2, 3, 5), 1.5)
    out += _sound(spectrum, ms, bright) * _sway(ms, seed + 20, (3, 4, 7), 1.5)
    return out


def _patter(ms: int, seed: int) -> Floats:
    """Many tiny drops on leaves, each a burst of a few milliseconds; RMS 1. Float64, (2, frames)."""
    frames = ms_to_frames(ms)
    drops = round(ms / 1000 * 400)
    kernels = [_tick(seed + 1_000 + i, 700.0 * 2 ** (2.3 * i / 63)) for i in range(64)]
    place, choice, near, pan = _uniform(seed, 4 * drops).reshape(4, -1)
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
    hz = scipy.fft.rfftfreq(frames, 1 / RATE)
    band = np.exp(-(np.log2(np.maximum(hz, 1.0) / centre_hz) ** 2) / (2 * 0.45**2))
    noise = scipy.fft.irfft(band * _turns(seed, len(hz)), frames)
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
    place, pitch, near, pan = _uniform(seed, 4 * count).reshape(4, -1)
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


# ---------------------------------------------------------------- drone

_ROOT_HZ = 220 / 3
"""D; the bells' A, F sharp and E are its fifth, its third and its ninth"""


def _drone() -> tuple[Samples, ...]:
    """Root, fifth and octave in just tuning, a breath of the third above them, and a little air."""
    _, air = _noise(31_104, 404, _AIR_COLOUR, _AIR_WIDTH)
    upper = _chord(31_104, 403, ((2, -8.0), (2.5, -8.0), (3, -12.0), (5, -15.0), (6, -19.0)))
    return (
        _at_level(_chord(24_167, 401, ((1, -4.0), (2, -1.0), (4, -9.0))), -48.0),
        _at_level(_chord(21_875, 402, ((1.5, 0.0), (3, -6.0), (4.5, -13.0), (6, -17.0))), -48.0),
        _at_level(upper + db_to_gain(-20.0) * _sound(air, 31_104), -48.0),
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
        turns = _turns(seed * 100 + number, 1 + 2 * len(steps))
        carrier = round(_ROOT_HZ * ratio * ms / 1000)
        level = db_to_gain(db) * frames / np.sqrt(2)
        spectrum[:, carrier] += level * turns[0]
        spectrum[:, carrier + steps] += level * taper * turns[1:].reshape(2, -1)
    return _sound(spectrum, ms)


# ---------------------------------------------------------------- waves


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


def _waves() -> tuple[Samples, ...]:
    """A slow sea: near waves about every 12 s, fainter ones further off, and the water between them."""
    _, water = _noise(21_875, 503, _SEA_COLOUR, _SEA_WIDTH)
    return (
        _at_level(_surf(36_864, 501, ((4.0, 1.0), (15.4, 0.8), (28.4, 0.93))), -41.9),
        _at_level(_surf(24_167, 502, ((5.0, 0.9), (18.2, 1.0))), -46.4),
        _at_level(_sound(water, 21_875) * _sway(21_875, 504, (1, 2, 3), 1.5), -49.9),
    )


def _surf(ms: int, seed: int, crests: tuple[tuple[float, float], ...]) -> Floats:
    """Waves with the given crests, each (seconds into the loop, height 0..1); float64, shape (2, frames)."""
    hz, spectrum = _noise(ms, seed, _SEA_COLOUR, _SEA_WIDTH)
    above_swell, above_break = _above(hz, 350), _above(hz, 1_600)
    bands = (
        (_SWELL, 1 - above_swell),
        (_BREAK, above_swell - above_break),
        (_FOAM, above_break),
    )
    out = np.zeros((2, ms_to_frames(ms)))
    for ear, (surf, band) in itertools.product((0, 1), bands):
        part = scipy.fft.irfft(spectrum[ear] * band, out.shape[1])
        part *= _height(ms, crests, surf, ear)
        out[ear] += part
    return out


def _height(ms: int, crests: tuple[tuple[float, float], ...], surf: _Surf, ear: int) -> Floats:
    """The waves' rise and fall in one band and ear, periodic, 0 to about 1; float64, shape (frames,).

    Every wave runs along the beach: it is a quarter of a second early in one ear and as late in the other.
    """
    period = ms / 1000
    t = _grid(ms) / 1000
    out = np.zeros(len(t))
    for number, (crest, height) in enumerate(crests):
        run = 0.25 if (number + ear) % 2 else -0.25
        away = (t - crest - surf.late_s - run + period / 2) % period - period / 2
        width = np.where(away < 0, surf.rise_s, surf.fall_s)
        out += height * np.exp(-((away / width) ** 2) / 2)
    return _drawn_out(out, ms)


BEDS: Mapping[str, Callable[[], tuple[Samples, ...]]] = MappingProxyType(
    {"rain": _rain, "drone": _drone, "waves": _waves}
)
"""a name and what makes its loops; call `layers`, which keeps them"""
