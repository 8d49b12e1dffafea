"""What all sources of a file have in common."""

from __future__ import annotations

from dataclasses import dataclass

CHUNK = 1 << 18
"""bytes read at once"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a source is given before the next one is tried."""

    timeout_s: float = 30.0
    """without a single byte"""
    tries: int = 4
    """further connections in a row that bring nothing new; one that does bring something starts the count anew"""
    pause_s: float = 1.0
    """before the first of these, then twice as long each time"""


class SourceFailed(Exception):
    """One source cannot give the file, and why."""
