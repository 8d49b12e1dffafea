"""Words on a cover: which letters the font has, where lines break, how large they are, and their outlines."""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import fontpkg_eb_garamond
import uharfbuzz as hb

from kindvoice.cover.raster import Canvas, Colour, Point

WEIGHT = 580
"""of 400 to 800: the thin strokes of a book face are lost in a small picture"""
SMALLEST = 0.036
"""no letter is set smaller than this, as a part of the side"""
LEADING = 1.06
_CURVE_STEPS = 6
_MAX_LINES = 5
_MAX_LETTERS = 400
"""more is never drawn, so a title of any length costs the same"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Words as they are set."""

    lines: tuple[str, ...]
    size: float
    """of the letters, as a part of the side"""
    whole: bool = True
    """whether no word was left out for want of room"""

    @property
    def height(self) -> float:
        return self.size * LEADING * len(self.lines)


@functools.cache
def _face() -> tuple[hb.Face, frozenset[int]]:
    path = Path(fontpkg_eb_garamond.ROOT) / "files" / "EBGaramond[wght].ttf"
    face = hb.Face(hb.Blob.from_file_path(str(path)))
    return face, frozenset(face.unicodes)


@functools.cache
def _font() -> hb.Font:
    font = hb.Font(_face()[0])
    font.set_variations({"wght": WEIGHT})
    return font


def plain(text: str) -> str:
    """The text with one space between words, composed letters, and no symbols that the font has not.

    Pictographs, controls and marks of direction are decoration; a title is whole without them.
    """
    spaced = " ".join(unicodedata.normalize("NFC", text).split())
    kept = (c for c in spaced if not _is_decoration(c))
    words = " ".join("".join(kept).split())
    return re.sub(r"(?<=\w)'(?=\w)", "’", words)


def _is_decoration(letter: str) -> bool:
    kind = unicodedata.category(letter)
    if kind[0] == "C" or letter in "\ufe0e\ufe0f":
        return True
    return (kind[0] == "S" or kind == "Me") and ord(letter) not in _face()[1]


def missing_letters(text: str) -> str:
    """The letters of `text` that the font has not, each once: if there are any, `text` is not drawn.

    >>> missing_letters("Życzliwość için 🌿"), missing_letters("慈悲")
    ('', '慈悲')
    """
    return "".join(dict.fromkeys(c for c in plain(text) if ord(c) not in _face()[1]))


def drawn_text(text: str) -> str:
    """What is set for `text`: all of it but decoration, or nothing, never a box in place of a letter.

    >>> drawn_text("  Calm\tEvening 🌙 "), drawn_text("Ruhe 平静")
    ('Calm Evening', '')
    """
    return "" if missing_letters(text) else plain(text)


def width(text: str) -> float:
    """In sizes of the letters."""
    return sum(advance for _, advance, _, _ in _shaped(text)) / float(_face()[0].upem)


@functools.lru_cache(maxsize=512)
def _shaped(text: str) -> tuple[tuple[int, int, int, int], ...]:
    """(glyph, advance, x offset, y offset) in the font's units."""
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(_font(), buffer, {})
    return tuple(
        (info.codepoint, place.x_advance, place.x_offset, place.y_offset)
        for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
    )


# ---------------------------------------------------------------- lines


def fit(text: str, *, wide: float, tall: float, largest: float, most_lines: int = _MAX_LINES) -> Setting:
    """The largest setting of `text` within wide by tall. What cannot be set even small ends with an ellipsis."""
    text = text[:_MAX_LETTERS]
    best = None
    for count in range(1, most_lines + 1):
        room = min(largest, tall / LEADING / count)
        lines = _broken(text.split(" "), count)
        if lines is None:
            break
        size = min(room, wide / max(map(width, lines)))
        # Another line is worth it only if the letters grow by a good deal.
        if best is None or size > best.size * 1.12:
            best = Setting(lines=lines, size=size)
    if best is not None and best.size >= SMALLEST:
        return best
    return _cut(text, wide, min(most_lines, int(tall / LEADING / SMALLEST)))


def _broken(words: Sequence[str], count: int) -> tuple[str, ...] | None:
    """The words in `count` lines whose widest is as narrow as can be, and among these the most even ones."""
    if len(words) < count:
        return None
    ends = list(itertools.accumulate((width(word) + width(" ") for word in words), initial=0.0))
    widths = {(i, j): ends[j] - ends[i] for i in range(len(words)) for j in range(i + 1, len(words) + 1)}
    # best[j]: (widest, unevenness, breaks) for the words before j
    best: dict[int, tuple[float, float, tuple[int, ...]]] = {0: (0.0, 0.0, ())}
    for _ in range(count):
        best = {
            j: min(
                (max(widest, widths[i, j]), uneven + widths[i, j] ** 2, (*before, j))
                for i, (widest, uneven, before) in best.items()
                if i < j
            )
            for j in range(1, len(words) + 1)
            if any(i < j for i in best)
        }
    if len(words) not in best:
        return None
    breaks = best[len(words)][2]
    return tuple(" ".join(words[i:j]) for i, j in itertools.pairwise((0, *breaks)))


def _cut(text: str, wide: float, count: int) -> Setting:
    """At the smallest size, line after line; a word that is wider than a line is broken."""
    room = wide / SMALLEST
    lines: list[str] = []
    rest = text.split(" ")
    while rest and len(lines) < count:
        line = rest.pop(0)
        if width(line) > room:
            part = line
            while width(part + "-") > room:
                part = part[:-1]
            rest.insert(0, line[len(part) :])
            line = part + "-"
        else:
            while rest and width(f"{line} {rest[0]}") <= room:
                line = f"{line} {rest.pop(0)}"
        lines.append(line)
    if rest:
        last = lines[-1].removesuffix("-")
        while width(last + "…") > room:
            last = last[:-1]
        lines[-1] = last.rstrip(" ,;:-") + "…"
    return Setting(lines=tuple(lines), size=SMALLEST, whole=not rest)


# ---------------------------------------------------------------- outlines


def write(
    canvas: Canvas, setting: Setting, *, centre: float, top: float, ink: Colour, spread: float = 0.0
) -> None:
    """Sets the lines one below the other, each around `centre`. spread: room between letters, in sizes."""
    unit = setting.size / _face()[0].upem
    for row, line in enumerate(setting.lines):
        glyphs = _shaped(line)
        length = sum(advance for _, advance, _, _ in glyphs) * unit + spread * setting.size * (
            len(glyphs) - 1
        )
        x = centre - length / 2
        # The letters' height stands in the middle of the line: a capital is two thirds of the size.
        base = top + setting.size * (LEADING * (row + 0.5) + 0.32)
        for glyph, advance, dx, dy in glyphs:
            contours = [
                [(x + (dx + u) * unit, base - (dy + v) * unit) for u, v in contour]
                for contour in _outline(glyph)
            ]
            if contours:
                canvas.fill(contours, ink)
            x += advance * unit + spread * setting.size


@functools.lru_cache(maxsize=1024)
def _outline(glyph: int) -> tuple[tuple[Point, ...], ...]:
    pen = _Pen()
    _font().draw_glyph_with_pen(glyph, pen)
    return tuple(tuple(contour) for contour in pen.contours if len(contour) > 2)


class _Pen:
    """Takes down a glyph as straight pieces, in the font's units, y up."""

    def __init__(self) -> None:
        self.contours: list[list[Point]] = []

    def moveTo(self, to: Point) -> None:
        self.contours.append([to])

    def lineTo(self, to: Point) -> None:
        self.contours[-1].append(to)

    def qCurveTo(self, bend: Point, to: Point) -> None:
        (x0, y0), (x1, y1), (x2, y2) = self.contours[-1][-1], bend, to
        for step in range(1, _CURVE_STEPS + 1):
            t = step / _CURVE_STEPS
            a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
            self.contours[-1].append((a * x0 + b * x1 + c * x2, a * y0 + b * y1 + c * y2))

    def curveTo(self, one: Point, two: Point, to: Point) -> None:
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = self.contours[-1][-1], one, two, to
        for step in range(1, _CURVE_STEPS + 1):
            t = step / _CURVE_STEPS
            a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            self.contours[-1].append((a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3))

    def closePath(self) -> None:
        pass
