"""Three singing bowls, made of nothing but decaying sines and a breath of felt.

A struck bowl rings in a few inharmonic modes. Each is really a pair of modes a fraction of a hertz apart,
because no bowl is perfectly round; the pair is the slow beating that people listen for. A soft mallet stays
on the rim for some milliseconds, so it wakes the low modes, hardly the high ones, and nothing starts with a
corner.

For a pair of frequency f, level a, decay time T60, beat b, depth d, lag g, turn w, side s, and the rise r(t):

    fall  = r a 10^(-3 t / T60) / (1 + d)
    left  = fall [ (1 + s) sin(2 pi (f - b/2) t)  +  d (1 - s) sin(2 pi (f + b/2) t - g - w/2) ]
    right = fall [ (1 - s) sin(2 pi (f - b/2) t)  +  d (1 + s) sin(2 pi (f + b/2) t - g + w/2) ]

so its envelope is a straight line in dB with a beat on it. The lag lets the beat swell to its first crest
after the strike, as if the bowl opened; the turn lets it come a little later in one ear than in the other;
the side sets the two members a little apart. A mono fold-down loses some of the beat and nothing else.

Where the numbers come from. The bending modes n = 2, 3, 4... of a thin ring stand as n(n^2 - 1)/sqrt(n^2 +
1), that is 1 : 2.83 : 5.42 : 8.77 : 12.9 (Rayleigh, The Theory of Sound). Real bowls lie a little below that,
about 1 : 2.7 : 5.1 : 7.9 : 11.2; these are typical measured ratios, rounded and varied from bell to bell, not
the table of one bowl. The physics, beating included, is in Inacio, Henrique and Antunes, "The Dynamics of
Tibetan Singing Bowls", Acta Acustica united with Acustica 92 (2006), 637-653. Levels, decays and beats were
set by measuring and looking, for calm. The fundamentals are A, F sharp and E over the drone bed's D, so a
bell never rubs against it.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kindvoice.sound.wavfile import Samples
from kindvoice.units import FRAMES_PER_MS, RATE, db_to_gain, ms_to_frames

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

RANG_OUT_DB = -60.0
"""a bell counts as rung out so far below its peak"""
FADE_MS = 200
"""the last stretch of a strike, faded to nothing; it begins about 59 dB below the peak"""

_FLOOR_DB = -130.0
"""a mode is dropped so far below its start; that is below half a step of 20 bits"""


@dataclass(frozen=True, slots=True)
class Partial:
    """One beating pair of modes."""

    ratio: float
    """frequency as a multiple of the fundamental"""
    level_db: float
    """at the strike, relative to the fundamental"""
    t60_s: float
    """seconds to fall by 60 dB"""
    beat_hz: float
    """between the two members"""
    depth: float
    """the weaker member as a part of the stronger, 0..1; the beat swings by 20 log10((1 + d) / (1 - d)) dB"""
    lag_deg: float
    """how long after the strike the beat's first crest comes, in degrees of one beat"""
    turn_deg: float
    """how far the beat in the right ear runs ahead of the left, in degrees of one beat"""
    side: float
    """how far apart the members sit: 0 both in the middle, 1 the stronger all left, -1 all right"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BellModel:
    """A bowl and the mallet that strikes it."""

    name: str
    fundamental_hz: float
    partials: tuple[Partial, ...]
    """lowest first; the first has ratio 1 and level 0"""
    contact_ms: float
    """how long the mallet touches: every mode rises as a raised cosine over this time"""
    knock_db: float
    """the mallet's own soft sound, its RMS at the loudest, relative to the fundamental's amplitude"""
    knock_band_hz: tuple[float, float]
    """where that sound lies; it rolls off gently on both sides"""
    level_db: float
    """amplitude of the fundamental re full scale; set so that the loudest 400 ms of a strike read -26 LUFS"""
    every_ms: int
    """the calm habit between repeated strikes"""
    seed: int
    """of the knock"""


def _bell_model(name: str, facts: dict[str, Any]) -> BellModel:
    partials = tuple(Partial(*row) for row in facts.pop("partials"))
    return BellModel(name=name, partials=partials, knock_band_hz=tuple(facts.pop("knock_band_hz")), **facts)


_MODELS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
BELLS: Mapping[str, BellModel] = MappingProxyType(
    {name: _bell_model(name, facts) for name, facts in _MODELS.items()}
)


@functools.cache
def ring_frames(name: str) -> int:
    """Frames at 48 kHz until the bell has fallen 60 dB below its peak, up to the next whole millisecond.

    The fall is that of the modes' envelopes with every beat at its crest, so no sample after it is louder.

    >>> ring_frames("high") % 48
    0
    """
    import numpy as np

    bell = BELLS[name]
    # A strike is loudest before its first beat has passed its crest, well within a second and a half.
    peak = float(np.abs(_render(bell, RATE * 3 // 2)).max())
    ms = np.arange(60_000)
    envelope = np.zeros(len(ms))
    for partial in bell.partials:
        crest = 1 + abs(partial.side) * (1 - partial.depth) / (1 + partial.depth)
        level = db_to_gain(bell.level_db + partial.level_db)
        envelope += level * crest * 10.0 ** (-3.0 * ms / 1000 / partial.t60_s)
    falls = np.flatnonzero(envelope <= peak * db_to_gain(RANG_OUT_DB))
    return ms_to_frames(int(falls[0]))


@functools.cache
def strike(name: str) -> Samples:
    """One whole strike, the same samples every time.

    Returns float32, shape (ring_frames(name), 2), read-only. It starts and ends at exactly 0, peaks far below
    1, and its loudest 400 ms read -26 LUFS (ITU-R BS.1770), 3 LU under speech at -23.

    >>> strike("high").shape == (ring_frames("high"), 2), strike("high").dtype
    (True, dtype('float32'))
    """
    import numpy as np

    bell = BELLS[name]
    frames = ring_frames(name)
    sound = _render(bell, frames)
    fade = ms_to_frames(FADE_MS)
    sound[-fade:] *= _rise(fade)[::-1, None]
    samples = sound.astype(np.float32)
    samples.flags.writeable = False
    return samples


def _rise(frames: int) -> npt.NDArray[np.float64]:
    """A raised cosine from exactly 0 up to, but not including, 1; shape (frames,)."""
    import numpy as np

    return 0.5 - 0.5 * np.cos(np.pi * np.arange(frames) / frames)


def _render(bell: BellModel, frames: int) -> npt.NDArray[np.float64]:
    """The first `frames` of a strike without its closing fade; float64, shape (frames, 2)."""
    import numpy as np

    out = np.zeros((frames, 2))
    for partial in bell.partials:
        audible = round(partial.t60_s * _FLOOR_DB / -60.0 * RATE)
        _add_pair(out[:audible], bell, partial)
    contact = round(bell.contact_ms * FRAMES_PER_MS)
    out[:contact] *= _rise(contact)[:, None]
    knock = _knock(bell)
    out[: len(knock)] += knock[:frames]
    return out


def _add_pair(out: npt.NDArray[np.float64], bell: BellModel, partial: Partial) -> None:
    """Adds one beating pair to `out`, shape (frames, 2), in place; see the formula at the top."""
    import numpy as np

    t = np.arange(len(out)) / RATE
    level = db_to_gain(bell.level_db + partial.level_db) / (1 + partial.depth)
    fall = level * 10.0 ** (-3.0 * t / partial.t60_s)
    centre = bell.fundamental_hz * partial.ratio
    lag, half_turn = np.deg2rad(partial.lag_deg), np.deg2rad(partial.turn_deg) / 2
    strong = fall * np.sin(2 * np.pi * (centre - partial.beat_hz / 2) * t)
    angle = 2 * np.pi * (centre + partial.beat_hz / 2) * t - lag
    # sin(angle -+ half_turn), taken apart so that both ears share the two sines.
    weak_sin = partial.depth * np.cos(half_turn) * fall * np.sin(angle)
    weak_cos = partial.depth * np.sin(half_turn) * fall * np.cos(angle)
    out[:, 0] += (1 + partial.side) * strong + (1 - partial.side) * (weak_sin - weak_cos)
    out[:, 1] += (1 - partial.side) * strong + (1 + partial.side) * (weak_sin + weak_cos)


def _knock(bell: BellModel) -> npt.NDArray[np.float64]:
    """The felt on the rim: a short, soft, band-limited breath of noise in the middle; float64, (frames, 1).

    Noise of a fixed spectrum with phases from PCG64's raw integers, whose stream numpy guarantees for a seed
    (unlike that of the distributions built on it).
    """
    import numpy as np

    frames = ms_to_frames(160)
    low, high = bell.knock_band_hz
    hz = np.fft.rfftfreq(frames, 1 / RATE)
    band = (hz / low) ** 2 / (1 + (hz / low) ** 2) / (1 + (hz / high) ** 4)
    phase = np.random.PCG64(bell.seed).random_raw(len(hz)) * (2 * np.pi / 2.0**64)
    noise = np.fft.irfft(band * np.exp(1j * phase), frames)
    noise /= np.sqrt(np.mean(noise**2))
    t = np.arange(frames) / frames
    # Zero with a flat start at 0, fullest after about 13 ms, back to zero at the end.
    shape = t**2 * (1 - t) ** 22
    shape /= shape.max()
    return (db_to_gain(bell.level_db + bell.knock_db) * shape * noise)[:, None]
