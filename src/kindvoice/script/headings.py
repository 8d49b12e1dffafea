"""Which lines by themselves are headings that no sign of Markdown marks: those that are alike, or all."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence

from kindvoice.languages import count_words
from kindvoice.script.units import LASTS, NUMBER, Unit

SIGN = re.compile(r"[■●◆▼▶★◎□○◇☆✨☀-☄🌀-🫿]")
COUNTED = re.compile(
    r"(?P<word>[^\W\d_]{2,20})(?: n[°º]| nr\.?| #)? ?(?P<number>\d{1,2})(?!\w|[.,]\d)[^.!?…]*", re.IGNORECASE
)
"""Step 2: Feet and legs"""
TITLE_WORDS, _HEADING_WORDS = 10, 8
_LEAST_BELOW, _USUALLY_BELOW = 10, 20
"""words below a heading: at least, and in the mean"""
_SHAPES: tuple[Callable[[str], object], ...] = (
    NUMBER.match,
    SIGN.match,
    lambda text: NUMBER.sub("", text).isupper(),
)
"""of lines that are headings where several have it"""


def find_headings(
    lines: Sequence[Unit], body: Sequence[Unit], parts: re.Pattern[str], *, plain: bool
) -> list[Unit]:
    """Headings, two at least, with text below each of them.

    lines: of the body, those that may be one. parts: what titles of parts often are. plain: whether all of the lines
    may be headings though they are not alike, because none is for the listener.
    """
    some = [_counted(lines), *([unit for unit in lines if shape(unit.text)] for shape in _SHAPES)]
    some.append([unit for unit in lines if parts.fullmatch(LASTS.sub("", unit.text).strip(": "))])
    found = [alike for alike in some if _are_headings(alike, body, alike=True)]
    if plain and _are_headings(lines, body, alike=False):
        found.append([*lines])
    return max(found, key=len, default=[])


def _are_headings(lines: Sequence[Unit], body: Sequence[Unit], *, alike: bool) -> bool:
    if len(lines) < 2:
        return False
    chosen = set(lines)
    marks = [n for n, unit in enumerate(body) if unit in chosen]
    sizes = [
        sum(count_words(unit.text) for unit in body[n + 1 : end] if not unit.cue)
        for n, end in zip(marks, [*marks[1:], len(body)], strict=True)
    ]
    led = any(n and body[n - 1].text.endswith((":", "：")) for n in marks)
    most = TITLE_WORDS if alike else _HEADING_WORDS
    return (
        len({unit.text.casefold() for unit in lines}) == len(lines)
        and not led
        and min(sizes) >= _LEAST_BELOW / (1 + alike)
        and (alike or sum(sizes) >= _USUALLY_BELOW * len(sizes))
        and all(count_words(LASTS.sub("", unit.text)) <= most for unit in lines)
    )


def _counted(lines: Sequence[Unit]) -> list[Unit]:
    """Those that count up with one word before the figure, if there are two."""
    found: dict[str, list[tuple[int, Unit]]] = {}
    for unit in lines:
        if match := COUNTED.fullmatch(unit.text.strip("*_ ")):
            found.setdefault(match["word"].casefold(), []).append((int(match["number"]), unit))
    longest = max(found.values(), key=len, default=[])
    up = all(after == before + 1 for (before, _), (after, _) in itertools.pairwise(longest))
    return [unit for _, unit in longest] if len(longest) > 1 and up else []
