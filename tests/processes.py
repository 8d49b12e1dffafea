"""Whether processes have ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path


def gone(pid: int) -> bool:
    """Whether a process has ended; one that waits to be reaped has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_until(happened: Callable[[], bool], within_s: float = 60.0) -> bool:
    """The kernel may take a moment to end a killed process."""
    until_s = time.monotonic() + within_s
    while not (has := happened()) and time.monotonic() < until_s:
        time.sleep(0.02)
    return has
