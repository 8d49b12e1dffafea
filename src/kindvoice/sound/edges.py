"""The edges of a speech clip: where its sound begins and ends, and a clip cut to a known lead and tail.

Engines wrap speech in anything from nothing to half a second of silence, and a teacher's recording has a room
around it. A schedule wants to know to the frame where the words are, and a listener must never lose the soft
end of "breath". So finding leans outward, cutting keeps the breath around the words, and a fade touches only
breath.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kindvoice.sound.wavfile import Samples
from kindvoice.units import FRAMES_PER_MS, RATE, ceil_to_ms, db_to_gain

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

GATE_DB = -50.0
"""what is softer than this, relative to the loudest 5 ms, is silence"""
_WINDOW_HOPS = 5
"""a hop is a millisecond, and the envelope looks at five of them at a time"""
_LEAST_HOPS = 3
"""an event that touches fewer hops than this is a crackle, not sound"""
_LINGER_DB = -10.0
"""how far below the gate the sound may go on once the gate has closed..."""
_LINGER_HOPS = 40
"""... and how long"""
_ROOM_HOPS = 50
"""so much of either end tells how loud the room is"""
_ROOM_MARGIN_DB = 8.0
_ROOM_CAP_DB = -35.0
"""a room never lifts the gate above this, re the loudest 5 ms: softer sounds than that are still speech"""
_SILENCE_DB = -80.0
"""a clip whose loudest 5 ms stay below this RMS is silence, whatever its gate; 16 bits dither near -96"""


def find_sound(x: Samples, rate: int, gate_db: float = GATE_DB) -> tuple[int, int] | None:
    """The first and one past the last sample of audible sound, or None for silence.

    x: float32, shape (n,). rate: Hz, at least 1000. gate_db: below 0, relative to the loudest 5 ms.

    What is compared is the standard deviation over 5 ms, every millisecond: neither an offset nor a slow
    rumble counts as sound, and an event of up to a millisecond (one bad sample, a crackle) neither opens the
    gate nor sets its height. From there the answer leans outward, by the width of the window and by up to
    40 ms of whatever is still less than 10 dB below the gate, which is how breaths begin and how s, f and th
    end. A room that is heard at both ends of a recording, about equally, lifts the gate to 8 dB above itself,
    yet never above -35 dB.

    >>> clip = np.zeros(48_000, np.float32)
    >>> clip[20_000:30_000] = np.sin(np.arange(10_000) / 10)
    >>> clip[500] = 1.0  # a crackle
    >>> find_sound(clip, 48_000)  # one window of 5 ms reaches out on either side
    (19776, 30192)
    >>> find_sound(np.zeros(48_000, np.float32), 48_000) is None
    True

    Raises ValueError for samples that are not finite.
    """
    if not np.isfinite(x).all():
        raise ValueError("a clip wants finite samples")
    hop = round(rate / 1000)
    power = _power(x, hop)
    # Two windows a hop apart: a crackle is never in both, so it cannot be the loudest.
    apart = _WINDOW_HOPS + 1
    loudest = float(np.minimum(power[:-apart], power[apart:]).max(initial=0.0))
    if loudest < db_to_gain(_SILENCE_DB) ** 2:
        return None
    gate = _gate(power, loudest, gate_db)
    loud = runs(power > gate)
    # An event is seen by all the windows that touch it.
    loud = [run for run in loud if run[1] - run[0] >= _LEAST_HOPS + _WINDOW_HOPS - 1]
    if not loud:
        return None
    faint = power > gate * db_to_gain(_LINGER_DB) ** 2
    first, last = _linger(faint, loud[0][0], -1), _linger(faint, loud[-1][1] - 1, 1)
    return max(0, (first - _WINDOW_HOPS + 1) * hop), min(len(x), (last + 1) * hop)


def trim(
    x: Samples, *, lead_frames: int, tail_frames: int, fade_in_ms: int = 5, fade_out_ms: int = 10
) -> tuple[Samples, int, int]:
    """A clip whose sound starts at exactly lead_frames and is followed by exactly tail_frames.

    x: float32, shape (n,), 48 kHz. lead_frames, tail_frames: breath to keep before and after the sound.

    Returns (samples, start, stop): float32, shape (stop + tail_frames,); start is lead_frames, and
    stop - start is the length of the sound, up to the next whole millisecond. Within the sound every sample
    is the source's. The breath around it is the source's too as far as that goes, faded with a raised cosine
    at its outer end, and zeros beyond.

    A source that begins or ends in mid-wave has no breath to fade there. The sound's own nearest
    milliseconds, mirrored, then take its place: no click, and not a sample of the sound is changed.

    >>> clip = np.zeros(48_000, np.float32)
    >>> clip[20_000:30_000] = np.sin(np.arange(10_000) / 10)
    >>> samples, start, stop = trim(clip, lead_frames=2_400, tail_frames=4_800)
    >>> len(samples), start, (stop - start) % 48
    (17616, 2400, 0)

    Raises ValueError for a clip without sound, and as `find_sound`.
    """
    edges = find_sound(x, RATE)
    if edges is None:
        raise ValueError("there is no sound in this clip")
    before, sound, after = np.split(x.astype(np.float32), edges)
    sound_frames = ceil_to_ms(len(sound))
    step = db_to_gain(GATE_DB) * float(np.abs(sound).max())
    rest_frames = sound_frames - len(sound) + tail_frames
    lead = _breath(before[::-1], sound, lead_frames, fade_in_ms * FRAMES_PER_MS, step)[::-1]
    rest = _breath(after, sound[::-1], rest_frames, fade_out_ms * FRAMES_PER_MS, step)
    return np.concatenate([lead, sound, rest]), lead_frames, lead_frames + sound_frames


def _breath(source: Samples, sound: Samples, frames: int, fade_frames: int, step: float) -> Samples:
    """`frames` of breath, read outward from the sound: the source's, faded at its far end, then zeros.

    source: what there is outside the sound, nearest sample first. sound: the sound itself, likewise nearest
    first. step: a last sample beyond this, with no breath after it, would click.
    """
    real = source[:frames]
    if not len(source) and abs(float(sound[0])) > step:
        real = sound[1 : 1 + min(frames, fade_frames)]
    out = np.zeros(frames, np.float32)
    out[: len(real)] = real
    fade = min(fade_frames, len(real))
    if fade:
        # From exactly 0 at the outermost sample up to, but not including, 1.
        rise = 0.5 - 0.5 * np.cos(np.pi * np.arange(fade) / fade)
        out[len(real) - fade : len(real)] *= rise[::-1].astype(np.float32)
    return out


def _power(x: Samples, hop: int) -> Floats:
    """The variance in every window of five hops that touches the clip; window i ends with hop i.

    The clip's first and last sample are held beyond its ends, so that an offset makes no edge there.
    Returns float64, shape (hops + 4,), or (4,) for an empty clip.
    """
    margin = (_WINDOW_HOPS - 1) * hop
    filled = (margin, margin + -len(x) % hop)
    held = np.pad(x.astype(np.float64), filled, mode="edge" if len(x) else "constant")
    hops = held.reshape(-1, hop)
    # Each hop about its own mean, put together afterwards: exact even on a large offset.
    mean, spread = hops.mean(axis=1), hops.var(axis=1)
    means = np.lib.stride_tricks.sliding_window_view(mean, _WINDOW_HOPS)
    spreads = np.lib.stride_tricks.sliding_window_view(spread, _WINDOW_HOPS)
    return np.asarray(spreads.mean(axis=1) + means.var(axis=1))


def _gate(power: Floats, loudest: float, gate_db: float) -> float:
    """The power above which a window counts as sound: the asked gate, or what a noisy room makes of it."""
    gate = loudest * db_to_gain(gate_db) ** 2
    ends = float(np.median(power[:_ROOM_HOPS])), float(np.median(power[-_ROOM_HOPS:]))
    # Within 6 dB. One soft end may be an s and two different ones a breath and an s; a room is at both.
    if max(ends) < 4 * min(ends):
        room = max(ends) * db_to_gain(_ROOM_MARGIN_DB) ** 2
        gate = max(gate, min(room, loudest * db_to_gain(_ROOM_CAP_DB) ** 2))
    return gate


def runs(flags: Bools) -> list[tuple[int, int]]:
    """The stretches of true values: first index and one past the last of each.

    >>> runs(np.array([False, True, True, False, True]))
    [(1, 3), (4, 5)]
    """
    edges = np.flatnonzero(np.diff(flags, prepend=False, append=False))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


def _linger(faint: Bools, at: int, step: int) -> int:
    """The furthest index from `at` along step, up to 40 on, with nothing but true values between.

    >>> _linger(np.array([True, False, True, True, True]), 4, -1)
    2
    """
    for _ in range(_LINGER_HOPS):
        if not 0 <= at + step < len(faint) or not faint[at + step]:
            break
        at += step
    return at
