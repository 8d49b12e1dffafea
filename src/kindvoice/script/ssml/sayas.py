"""`<say-as>`, as far as words that are written so are spoken so."""

from __future__ import annotations

import datetime
import re

DATED = frozenset(["de", "es", "fr", "it", "nl", "pl", "pt", "sv", "tr"])
"""languages in which a date in figures becomes words later on"""
_ORDERS = {"mdy": "mdy", "dmy": "dmy", "ymd": "ymd", "": "ymd"}
_AS_WRITTEN = {
    "cardinal": r"[+-]?\d[\d.,\s]*",
    "number": r"[+-]?\d[\d.,\s]*",
    "ordinal": r"\d+\s?[^\W\d_]+|\d+[.ºª°]",
    "unit": r"[+-]?\d[\d.,]*\s?\S+",
    "time": r"\d{1,2}[:.]\d\d(?::\d\d)?(?:\s?[AaPp]\.?[Mm]\.?)?",
    "date": r"(?=.*[^\W\d_]{3}).*",
}
"""what every voice reads right, or what is put into words for it later on"""


def say_as(words: str, kind: str, form: str, language: str) -> str:
    """The words that are to be spoken. kind: interpret-as; language: without its region.

    Raises ValueError for what no voice here can be told.
    """
    kind = kind.casefold()
    if kind in _AS_WRITTEN and re.fullmatch(_AS_WRITTEN[kind], words):
        return words
    if kind == "digits" and re.fullmatch(r"[\d\s]+", words):
        return " ".join("".join(words.split()))
    if kind == "date" and language in DATED and (date := _date(words, form.casefold())):
        return date
    raise ValueError(f'interpret-as="{kind}" is not supported for {words!r}')


def _date(words: str, form: str) -> str | None:
    """A whole date as 2026-05-21, or None."""
    parts = re.findall(r"\d+", words)
    order = _ORDERS.get(form)
    if order is None or len(parts) != 3 or not re.fullmatch(r"\d+([./ -])\d+\1\d+", words):
        return None
    numbers = dict(zip(order, map(int, parts), strict=True))
    try:
        return (
            datetime.date(numbers["y"], numbers["m"], numbers["d"]).isoformat()
            if numbers["y"] > 999
            else None
        )
    except ValueError:
        return None
