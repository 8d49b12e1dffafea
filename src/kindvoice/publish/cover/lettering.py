"""Words on a cover: which letters the font has, where lines break, and how large the letters are."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import fontpkg_eb_garamond
from PIL import ImageFont

FONT = Path(fontpkg_eb_garamond.ROOT) / "files" / "EBGaramond[wght].ttf"
WEIGHT = 600
"""of 400 to 800, in hundreds: the thin strokes of a book face are lost in a small picture"""
SMALLEST = 36.0
"""thousandths of the cover's side: no letter is set smaller"""
LEADING = 1.06
_MAX_LINES = 7
_MAX_LETTERS = 400
"""more is never drawn, so a title of any length costs the same"""


@dataclass(frozen=True, slots=True)
class Setting:
    """Lines of words, and the size of their letters in thousandths of the cover's side."""

    lines: tuple[str, ...]
    size: float

    @property
    def height(self) -> float:
        return self.size * LEADING * len(self.lines)


@functools.cache
def _font(pixels: int) -> ImageFont.FreeTypeFont:
    # The basic layout is in every Pillow. It knows no kerning, so that words come out a little narrower than measured.
    font = ImageFont.truetype(str(FONT), pixels, layout_engine=ImageFont.Layout.BASIC)
    font.set_variation_by_axes([WEIGHT])
    return font


def _shape(letter: str) -> tuple[tuple[int, int], bytes]:
    mask = _font(40).getmask(letter)
    return mask.size, bytes(mask)


@functools.lru_cache(maxsize=4096)
def _has(letter: str) -> bool:
    return _shape(letter) != _shape("\U0010ffff")  # which is no letter: the font draws its empty box


def plain(text: str) -> str:
    """The text with one space between words, composed letters, and no symbols that the font has not.

    Pictographs, controls and marks of direction are decoration; a title is whole without them.
    """
    spaced = " ".join(unicodedata.normalize("NFC", text).split())
    kept = "".join(c for c in spaced if not _is_decoration(c))
    return re.sub(r"(?<=\w)'(?=\w)", "’", " ".join(kept.split()))


def _is_decoration(letter: str) -> bool:
    kind = unicodedata.category(letter)
    if kind[0] == "C" or letter in "\ufe0e\ufe0f":
        return True
    return (kind[0] == "S" or kind == "Me") and not _has(letter)


def missing_letters(text: str) -> str:
    """The letters of `text` that the font has not, each once: if there are any, `text` is not drawn.

    >>> missing_letters("Życzliwość için 🌿"), missing_letters("慈悲")
    ('', '慈悲')
    """
    return "".join(dict.fromkeys(c for c in plain(text) if not _has(c)))


def drawn_text(text: str) -> str:
    """What is set for `text`: all of it but decoration, or nothing, never a box in place of a letter.

    >>> drawn_text("  Calm\tEvening 🌙 "), drawn_text("Ruhe 平静")
    ('Calm Evening', '')
    """
    return "" if missing_letters(text) else plain(text)


@functools.lru_cache(maxsize=1024)
def width(text: str) -> float:
    """In sizes of the letters, at most."""
    return _font(200).getlength(text) / 200


def fit(text: str, *, wide: float, tall: float, largest: float, most_lines: int = _MAX_LINES) -> Setting:
    """The largest setting of `text` within wide by tall. What cannot be set even small ends with an ellipsis."""
    room = wide / SMALLEST
    longest = room * min(most_lines, int(tall / LEADING / SMALLEST))
    words = [part for word in text[:_MAX_LETTERS].split(" ") for part in _parts(word, room - 1)]
    if len(text) > _MAX_LETTERS:
        words[-1] += "…"
    while len(words) > 1:
        if sum(map(width, words)) <= longest:
            setting = _largest(words, wide, tall, largest, most_lines)
            if setting.size >= SMALLEST:
                return setting
        words = [*words[:-2], words[-2].rstrip(" ,;:-–—") + "…"]
    return _largest(words, wide, tall, largest, 1)


def _largest(words: Sequence[str], wide: float, tall: float, largest: float, most_lines: int) -> Setting:
    best = Setting((), 0.0)
    for count in range(1, most_lines + 1):
        lines = _evenly(words, count)
        size = min(largest, tall / LEADING / len(lines), wide / max(map(width, lines)))
        # Another line is worth it only if the letters grow by a good deal.
        if size > best.size * 1.12:
            best = Setting(lines, size)
    return best


def _parts(word: str, room: float) -> list[str]:
    """A word that is wider than a line can be, broken; any other as it is."""
    parts = []
    while width(word) > room:
        length = 1
        while width(word[: length + 1] + "-") <= room:
            length += 1
        parts.append(word[:length] + "-")
        word = word[length:]
    return [*parts, word]


def _evenly(words: Sequence[str], count: int) -> tuple[str, ...]:
    """The words in at most `count` lines whose widest is as narrow as can be."""
    widths, space = [width(word) for word in words], width(" ")

    def broken(room: float) -> list[list[str]]:
        lines: list[list[str]] = []
        left = 0.0
        for word, own in zip(words, widths, strict=True):
            if not lines or own + space > left:
                lines.append([])
                left = room + space
            lines[-1].append(word)
            left -= own + space
        return lines

    low, high = max(widths), sum(widths) + space * len(words)
    for _ in range(14):
        middle = (low + high) / 2
        low, high = (low, middle) if len(broken(middle)) <= count else (middle, high)
    return tuple(" ".join(line) for line in broken(high))
