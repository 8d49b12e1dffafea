"""Milliseconds, frames and decibels. Every conversion of the program lives here.

The inner rate is 48 000 Hz, so one millisecond is exactly 48 frames and no time is ever rounded
between the two.
"""

from __future__ import annotations

import math
import re

RATE = 48_000
FRAMES_PER_MS = RATE // 1000
MANY_OBJECTS = 100_000
"""new ones until Python looks for rings of them: a run makes hundreds of thousands, and few that are rings"""


def counted(count: int, noun: str) -> str:
    """
    >>> counted(1, "script"), counted(0, "error")
    ('1 script', '0 errors')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def ms_to_frames(ms: int) -> int:
    """Whole milliseconds to frames at 48 kHz, exactly.

    >>> ms_to_frames(1500)
    72000
    """
    return ms * FRAMES_PER_MS


def frames_to_ms(frames: int) -> int:
    """Frames at 48 kHz to milliseconds; the frames must be a whole number of milliseconds.

    >>> frames_to_ms(72000)
    1500

    Raises ValueError for frames that are not on a millisecond.
    """
    ms, rest = divmod(frames, FRAMES_PER_MS)
    if rest:
        raise ValueError(f"{frames} frames is not a whole number of milliseconds")
    return ms


def frames_to_seconds(frames: int, rate: int = RATE) -> float:
    """Frames to seconds.

    >>> frames_to_seconds(24000)
    0.5
    """
    return frames / rate


def ceil_to_ms(frames: int) -> int:
    """The smallest whole-millisecond frame count that is not below `frames`.

    >>> ceil_to_ms(49)
    96
    """
    return -(-frames // FRAMES_PER_MS) * FRAMES_PER_MS


def db_to_gain(db: float) -> float:
    """Decibels to a linear amplitude factor.

    >>> db_to_gain(-20.0)
    0.1
    """
    return float(10.0 ** (db / 20.0))


def gain_to_db(gain: float) -> float:
    """A linear amplitude factor to decibels; zero gives minus infinity.

    >>> gain_to_db(10.0)
    20.0
    """
    return 20.0 * math.log10(gain) if gain > 0 else -math.inf


def power_to_db(power: float) -> float:
    """A mean square to decibels; zero gives minus infinity.

    >>> power_to_db(0.01)
    -20.0
    """
    return 10.0 * math.log10(power) if power > 0 else -math.inf


def format_ms(ms: int) -> str:
    """Milliseconds as a person writes them, and as a script may say them again.

    >>> [format_ms(x) for x in (800, 8000, 1500, 90_000, 1_200_000, 5_400_000)]
    ['800ms', '8s', '1.5s', '1m30s', '20m', '1h30m']
    """
    if ms < 1000 and ms % 1000:
        return f"{ms}ms"
    hours, rest = divmod(ms, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    text = (f"{hours}h" if hours else "") + (f"{minutes}m" if minutes else "")
    if rest or not text:
        text += f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s"
    return text


def clock(ms: int) -> str:
    """Milliseconds as a clock shows them.

    >>> clock(754_300), clock(3_600_000)
    ('12:34.3', '1:00:00.0')
    """
    seconds, rest = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:{minutes:02d}" if hours else f"{minutes:02d}"
    return f"{head}:{seconds:02d}.{rest // 100}"


def stamp(ms: int, point: str = ".") -> str:
    """A time in a subtitle file.

    >>> stamp(3_723_004), stamp(5, ",")
    ('01:02:03.004', '00:00:00,005')
    """
    seconds, rest = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{point}{rest:03d}"


def short_clock(ms: int) -> str:
    """A time as a reader wants it, to the second that has begun.

    >>> short_clock(59_999), short_clock(754_300), short_clock(3_725_000)
    ('0:59', '12:34', '1:02:05')
    """
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def parse_size(text: str) -> int:
    """Bytes, as people write them. Raises ValueError.

    >>> parse_size("500M"), parse_size("1.5 GB")
    (500000000, 1500000000)
    """
    match = re.fullmatch(r"(\d{1,15}(?:\.\d{1,15})?) ?([kmgt]?)b?", text.strip().lower(), re.ASCII)
    if not match:
        raise ValueError(f"{text!r} is not a size; write 500M or 2G")
    return int(float(match[1]) * 1000 ** " kmgt".index(match[2] or " "))
