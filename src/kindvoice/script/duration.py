"""Lengths of time as people write them."""

from __future__ import annotations

import re

_UNITS = {
    "ms": 1, "msec": 1, "millisecond": 1, "milliseconds": 1,
    "s": 1000, "sec": 1000, "secs": 1000, "second": 1000, "seconds": 1000,
    "m": 60_000, "min": 60_000, "mins": 60_000, "minute": 60_000, "minutes": 60_000,
    "h": 3_600_000, "hr": 3_600_000, "hrs": 3_600_000, "hour": 3_600_000, "hours": 3_600_000,
}  # fmt: skip
_NUMBER = r"\d+(?:[.,]\d+)?"
_PART = rf"{_NUMBER}\s*(?:{'|'.join(sorted(_UNITS, key=len, reverse=True))})"
DURATION = rf"(?:{_PART}\b(?:\s*(?:and\s+)?{_PART}\b)*|\d+:\d\d(?::\d\d)?(?:[.,]\d+)?)"
"""A regular expression for a length with its unit: 8s, 1.5 seconds, 1m30s, 2 min, 1:30."""

_ONE_PART = re.compile(rf"({_NUMBER})\s*([a-z]+)")


def parse_duration(text: str, *, bare_unit: str = "") -> int | None:
    """Whole milliseconds, or None when the text is not a length of time.

    bare_unit: what a number without a unit counts, such as "s"; empty: such a number is no length.

    >>> [parse_duration(t) for t in ("8s", "1.5 seconds", "1m30s", "2 min", "1:30", "0,5 s", "soon")]
    [8000, 1500, 90000, 120000, 90000, 500, None]
    >>> parse_duration("20", bare_unit="m"), parse_duration("20")
    (1200000, None)
    """
    text = text.strip().casefold()
    if bare_unit and re.fullmatch(_NUMBER, text):
        return _times(text, _UNITS[bare_unit])
    if not re.fullmatch(DURATION, text):
        return None
    if ":" in text:
        clock = [float(part) for part in text.replace(",", ".").split(":")]
        seconds = 0.0
        for part in clock:
            seconds = seconds * 60 + part
        return round(seconds * 1000)
    return sum(_times(number, _UNITS[unit]) for number, unit in _ONE_PART.findall(text))


def _times(number: str, unit_ms: int) -> int:
    return round(float(number.replace(",", ".")) * unit_ms)
