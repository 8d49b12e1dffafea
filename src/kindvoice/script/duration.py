"""Lengths of time as people write them."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

_UNITS = {
    "ms": 1, "msec": 1, "msecs": 1, "millisecond": 1, "milliseconds": 1,
    "s": 1000, "sec": 1000, "secs": 1000, "second": 1000, "seconds": 1000,
    "m": 60_000, "min": 60_000, "mins": 60_000, "minute": 60_000, "minutes": 60_000,
    "h": 3_600_000, "hr": 3_600_000, "hrs": 3_600_000, "hour": 3_600_000, "hours": 3_600_000,
}  # fmt: skip
# Three digits after a comma may be thousands or thousandths: such a number is not guessed at.
NUMBER = r"(?:\d{1,9}(?:\.\d{1,18}|,\d{1,2}(?!\d))?|\.\d{1,18})"
"""A regular expression for a number: 8, 1.5, 0,5, .5"""
UNIT = rf"(?:(?:{'|'.join(sorted(_UNITS, key=len, reverse=True))})(?![^\W\d_]))"
_PART = rf"{NUMBER}\s*{UNIT}\.?"
_CLOCK = r"\d{1,4}:[0-5]\d(?::[0-5]\d)?(?:\.\d{1,3})?"
DURATION = rf"(?:{_PART}(?:(?:\s*,)?\s*(?:and\s+)?{_PART})*|{_CLOCK})"
"""A regular expression for a length with its unit: 8s, 1.5 seconds, 1m30s, 2 min, 1:30."""

_NUMBER_ONLY = re.compile(NUMBER)
_WHOLE = re.compile(DURATION)
_ONE_PART = re.compile(rf"({NUMBER})\s*({UNIT})")


def parse_duration(text: str, *, bare_unit: str = "") -> int | None:
    """Whole milliseconds, or None when the text is not a length of time.

    bare_unit: what a number without a unit counts, such as "s"; empty: such a number is no length.

    >>> [parse_duration(t) for t in ("8s", "1.5 seconds", "1m30s", "2 min", "1:30", "0,5 s", "soon")]
    [8000, 1500, 90000, 120000, 90000, 500, None]
    >>> parse_duration("20", bare_unit="m"), parse_duration("20")
    (1200000, None)
    """
    text = text.strip().casefold()
    if bare_unit and _NUMBER_ONLY.fullmatch(text):
        return _ms(text, _UNITS[bare_unit])
    if not _WHOLE.fullmatch(text):
        return None
    if ":" in text:
        seconds = Decimal(0)
        for part in text.split(":"):
            seconds = seconds * 60 + Decimal(part)
        return int(seconds * 1000)
    parts = [(number, _UNITS[unit]) for number, unit in _ONE_PART.findall(text)]
    units = [unit for _, unit in parts]
    if units != sorted(set(units), reverse=True):
        return None  # "5s 2m" is more likely a slip than a length
    if any(unit == 1 and not number.isdecimal() for number, unit in parts):
        return None  # there is nothing below a millisecond
    return sum(_ms(number, unit) for number, unit in parts)


def _ms(number: str, unit_ms: int) -> int:
    return int((Decimal(number.replace(",", ".")) * unit_ms).quantize(Decimal(1), ROUND_HALF_UP))
