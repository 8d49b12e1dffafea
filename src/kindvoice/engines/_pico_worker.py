"""One utterance of SVOX Pico, see `_worker`. A process speaks one only: Pico reads memory that it never wrote, so the
same text sounds another way the second time, and threads corrupt what it keeps.

    {"voice", "text"}  -> {"rate", "samples": base64 of int16, little-endian}
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

RATE = 16_000
"""the only rate Pico knows, in Hz"""


def prepare() -> Callable[[dict[str, Any]], dict[str, Any]]:
    return speak


def speak(job: dict[str, Any]) -> dict[str, Any]:
    """The sound of one text, with Pico's own marks of speed and volume in it."""
    from py_nanotts import NanoTTS

    # Its own arguments for speed and volume are never used: they end their effect 50 to 80 ms before the
    # last sound does, which then is hurried and up to 10 dB louder.
    samples = NanoTTS().speak(job["text"], voice=job["voice"])
    return {"rate": RATE, "samples": base64.b64encode(samples).decode("ascii")}
