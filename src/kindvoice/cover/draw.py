"""A cover that kindvoice draws: a calm picture of the practice, and its title."""

from __future__ import annotations

from random import Random

from kindvoice.cover import lettering
from kindvoice.cover.choice import choose
from kindvoice.cover.lettering import drawn_text
from kindvoice.cover.palettes import Palette, contrast
from kindvoice.cover.raster import Canvas

SMALLEST, LARGEST = 1400, 3000
"""pixels of a side, as podcast directories take them (Apple Podcasts, show cover art)"""
SIZE = 1600
MAX_BYTES = 512 * 1024
"""a cover is in every file that is made, and some players take no more"""

_QUALITIES = (90, 86, 82, 76, 70, 60)
_TITLE = (0.07, 0.36)
"""from, to: where the title stands"""
_WIDE = 0.86
_LARGEST = 0.128
_SMALL = 0.036
_CONTRAST = 4.5
"""of the words to what is behind them, at least (WCAG 2.2, AA)"""


def draw_cover(title: str, *, practice: str, subtitle: str = "", size: int = SIZE) -> bytes:
    """A square JPEG in sRGB, at most MAX_BYTES: the same bytes for the same words and the same libraries.

    practice: its id picks motif and colours. subtitle: one small line, such as who speaks. size: pixels of a side,
    1400 to 3000. A title or a line with letters that the font has not is left out (drawn_text).
    """
    if not SMALLEST <= size <= LARGEST:
        raise ValueError(f"a cover has {SMALLEST} to {LARGEST} pixels a side, not {size}")
    canvas, palette = paint(practice, size)
    _write(canvas, palette, title, subtitle)
    for quality in _QUALITIES:
        data = canvas.jpeg(quality)
        if len(data) <= MAX_BYTES:
            break
    return data


def paint(practice: str, size: int) -> tuple[Canvas, Palette]:
    """The picture without words, of any size."""
    canvas = Canvas(size)
    motif, palette, seed = choose(practice)
    motif(canvas, palette, Random(seed))
    _clear(canvas, palette)
    return canvas, palette


def _clear(canvas: Canvas, palette: Palette) -> None:
    """Draws the sky over whatever is too bright, or too dark, for words to be read on it."""
    for _ in range(12):
        behind = canvas.mean(0.5 - _WIDE / 2, _TITLE[0], 0.5 + _WIDE / 2, _TITLE[1])
        if min(contrast(palette.ink, part) for part in behind) >= _CONTRAST:
            break
        canvas.veil(palette.high, 0.2, _TITLE[1], 0.14)


def _write(canvas: Canvas, palette: Palette, title: str, subtitle: str) -> None:
    words, small = drawn_text(title), drawn_text(subtitle)
    top, bottom = _TITLE
    below = (
        lettering.fit(small, wide=_WIDE, tall=_SMALL * 1.2, largest=_SMALL, most_lines=1) if small else None
    )
    if below:
        bottom -= below.height + 0.005
    if words:
        setting = lettering.fit(words, wide=_WIDE, tall=bottom - top, largest=_LARGEST)
        # A little above the middle; what hangs below the last line is not in its height.
        top += max(0.0, bottom - top - setting.height) * 0.35
        lettering.write(canvas, setting, centre=0.5, top=top, ink=palette.ink)
        top += setting.height + 0.1 * setting.size
    else:
        top += (bottom - top) * 0.4
    if below:
        lettering.write(canvas, below, centre=0.5, top=top, ink=palette.ink, spread=0.02)
