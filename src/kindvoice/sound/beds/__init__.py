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
import importlib
import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType

from kindvoice.sound.wavfile import Samples


def _loops(name: str) -> tuple[Samples, ...]:
    # Imported when it is heard, for a name alone need not wait for NumPy.
    module = importlib.import_module(f"kindvoice.sound.beds.{name}")
    return getattr(module, name)()  # type: ignore[no-any-return]


BEDS: Mapping[str, Callable[[], tuple[Samples, ...]]] = MappingProxyType(
    {name: functools.partial(_loops, name) for name in ("rain", "drone", "waves")}
)
"""a name and what makes its loops; call `layers`, which keeps them"""


def layers(name: str) -> tuple[Samples, ...]:
    """The loops of a bed, the same samples every time.

    Returns float32 arrays of shape (n_i, 2), read-only, about 30 MB together. Making them takes up to a
    second and 160 MB for that moment; the two last asked for are kept, for one bed may fade into another.
    """
    with _making:  # one at a time, whoever asks
        return _made(name)


_making = threading.Lock()


@functools.lru_cache(maxsize=2)
def _made(name: str) -> tuple[Samples, ...]:
    loops = BEDS[name]()
    for loop in loops:
        loop.flags.writeable = False
    return loops


def block(loops: tuple[Samples, ...], start_frame: int, frames: int) -> Samples:
    """The sum of the loops from an absolute frame on.

    loops: from `layers` or `make_seamless`, each (n_i, 2). start_frame: 0 or later, as late as you like.
    Returns float32, shape (frames, 2). Every sample is the same sum in the same order, so the bits do not
    depend on how a programme is cut into blocks.

    >>> import numpy as np
    >>> one = np.array([[1, 1], [2, 2], [3, 3]], np.float32)
    >>> block((one, one[:2]), 1, 4)[:, 0].tolist()
    [4.0, 4.0, 3.0, 3.0]
    """
    out = loop_slice(loops[0], start_frame, frames)
    for loop in loops[1:]:
        out += loop_slice(loop, start_frame, frames)
    return out


def loop_slice(loop: Samples, start_frame: int, frames: int) -> Samples:
    """`frames` frames of an endless loop from an absolute frame on, as a new array.

    >>> import numpy as np
    >>> loop_slice(np.array([[1, 1], [2, 2], [3, 3]], np.float32), 10**12, 5)[:, 0].tolist()
    [2.0, 3.0, 1.0, 2.0, 3.0]
    """
    import numpy as np

    length = len(loop)
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

    >>> import numpy as np
    >>> sea = np.ones((10, 2), np.float32)
    >>> make_seamless(sea, 4).shape, make_seamless(sea[:3], 99).shape
    ((6, 2), (2, 2))
    """
    import numpy as np

    overlap = min(overlap_frames, len(samples) // 2)
    keep = len(samples) - overlap
    out = samples[:keep].astype(np.float32)
    angle = (np.arange(overlap) / max(overlap, 1) * (np.pi / 2))[:, None]
    out[:overlap] = samples[:overlap] * np.sin(angle) + samples[keep:] * np.cos(angle)
    return out
