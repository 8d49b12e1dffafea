"""The stand-in for tests: speech-like sound from nothing but numpy, seeded by what it says.

Syllables of a hummed tone, each at one of a few pitches that a hash of the text, the voice's model and
its speed picks. The same line always sounds the same, two lines hardly ever do, and a longer line lasts
longer. For tests of what happens when a line fails, the option ("fail_on", word) makes every line fail
that holds the word.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from kindvoice.engines._process import check_ready, wrong_setting
from kindvoice.engines.base import Samples
from kindvoice.errors import VoiceError
from kindvoice.model import Voice

PHONEMES = False

SPEEDS = (0.5, 2.0)
RATE = 24_000
LEAD_FRAMES = RATE * 200 // 1000
TAIL_FRAMES = RATE * 300 // 1000

_SYLLABLE_S = 0.18
_CHARACTERS_PER_S = 14
_LEVEL = 0.175
"""peak of a syllable; brings a line to about -24 LUFS, measured as stereo with two equal channels"""
_PITCHES_HZ = tuple(110.0 * 2.0 ** (step / 12.0) for step in (0, 2, 3, 5, 7, 8, 10, 12))


def problem(voice: Voice) -> tuple[str, str] | None:
    """It can always speak, unless it is asked for what it does not know."""
    return wrong_setting("the tone voice", voice, SPEEDS, ("fail_on",))


def version(voice: Voice) -> str:
    """A number of its own: nothing outside this file shapes the sound."""
    return "1"


def can_read(voice: Voice) -> frozenset[str] | None:
    """Any script, for it reads none."""
    return None


def speak(text: str, voice: Voice) -> tuple[Samples, int]:
    """One line to a hum: float32, shape (n,), 24 000 Hz, 200 ms of silence before and 300 ms after.

    About 14 characters take a second at speed 1, and 1/speed of that otherwise.
    Raises VoiceError where the voice's option `fail_on` names a word in the text.
    """
    import numpy as np

    check_ready(problem(voice))
    word = dict(voice.options).get("fail_on")
    if word is not None and str(word) in text:
        raise VoiceError(
            "the tone voice was told to fail on a word of this line",
            cure="take fail_on out of the voice's options",
        )
    syllables = max(1, round(len(text) / (_CHARACTERS_PER_S * _SYLLABLE_S)))
    seed = repr((text, voice.model, voice.speed)).encode("utf-8", "backslashreplace")
    picks = np.frombuffer(hashlib.shake_256(seed).digest(syllables), np.uint8) % len(_PITCHES_HZ)
    hum = _syllables(voice.speed)[picks].ravel()
    return np.concatenate([np.zeros(LEAD_FRAMES, np.float32), hum, np.zeros(TAIL_FRAMES, np.float32)]), RATE


@lru_cache(maxsize=16)
def _syllables(speed: float) -> Samples:
    """One syllable at every pitch, shape (pitches, n): a swelling and fading hum, then a short rest."""
    import numpy as np

    frames = max(1, round(RATE * _SYLLABLE_S / speed))
    sounding = max(1, frames * 4 // 5)
    seconds = np.arange(sounding)[np.newaxis] / RATE
    overtone = np.arange(1, 6)[:, np.newaxis]
    swell = np.sin(np.pi * (np.arange(sounding) + 0.5) / sounding) ** 2
    table = np.zeros((len(_PITCHES_HZ), frames), np.float32)
    for row, hz in zip(table, _PITCHES_HZ, strict=True):
        tone = (np.sin(2 * np.pi * hz * overtone * seconds) / overtone).sum(axis=0)
        row[:sounding] = swell * tone * (_LEVEL / np.abs(tone).max())
    table.setflags(write=False)
    return table
