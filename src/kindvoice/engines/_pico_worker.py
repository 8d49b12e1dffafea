"""One utterance of SVOX Pico in a process of its own: `python -P _pico_worker.py`, a job on stdin.

Pico reads memory that it never wrote, so the same text sounds another way the second time in a process, and
threads corrupt what it keeps. This file is run by its path and imports nothing of kindvoice: that keeps its
start short. See `_process` for how jobs and answers look.

    {"voice", "text", "limit_s"}  -> {"rate", "samples": base64 of int16, little-endian}
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
from typing import Any

RATE = 16_000
"""the only rate Pico knows, in Hz"""


def main() -> None:
    """Do the job on stdin and end the process."""
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        job = json.loads(sys.stdin.readline())
        if hasattr(signal, "alarm"):
            # Should the parent be killed, this process must not stay behind for ever.
            signal.alarm(int(job["limit_s"]) + 5)
        answers.write(json.dumps(speak(job)).encode("ascii") + b"\n")


def speak(job: dict[str, Any]) -> dict[str, Any]:
    """The sound of one text, with Pico's own marks of speed and volume in it."""
    from py_nanotts import NanoTTS

    # Its own arguments for speed and volume are never used: they end their effect 50 to 80 ms before the
    # last sound does, which then is hurried and up to 10 dB louder.
    samples = NanoTTS().speak(job["text"], voice=job["voice"])
    return {"rate": RATE, "samples": base64.b64encode(samples).decode("ascii")}


if __name__ == "__main__":
    main()
