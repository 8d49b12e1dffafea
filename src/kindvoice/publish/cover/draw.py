"""A cover that kindvoice draws: a calm picture of the practice, and its title."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterable
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

from kindvoice.publish.cover import lettering
from kindvoice.publish.cover.choice import COLOURS, PALETTES, choose

Floats = NDArray[np.floating[Any]]

SMALLEST, LARGEST = 1400, 3000
"""pixels of a side, as podcast directories take them (Apple Podcasts, show cover art)"""
SIZE = 1600
MAX_BYTES = 512 * 1024
"""a cover is in every file that is made, and some players take no more"""

_QUALITIES = (90, 86, 82, 76, 70, 60)
_TOP, _BOTTOM = 70.0, 360.0
"""where the title stands, in thousandths of the side like all lengths here"""
_WIDE = 860.0
_LARGEST = 128.0
_SMALL = 36.0
_GRAIN = 0.9
"""standard deviation, in steps of 8 bits: enough that a slow gradient shows no bands"""


def draw_cover(title: str, *, practice: str, subtitle: str = "", size: int = SIZE) -> bytes:
    """A square JPEG in sRGB, at most MAX_BYTES: the same bytes for the same words and the same libraries.

    practice: its id picks motif and colours. subtitle: one small line, such as who speaks. size: pixels of a side,
    1400 to 3000. A title or a line with letters that the font has not is left out (drawn_text).
    """
    if not SMALLEST <= size <= LARGEST:
        raise ValueError(f"a cover has {SMALLEST} to {LARGEST} pixels a side, not {size}")
    faces = map(lettering.face_of, (title, subtitle))
    picture = paint(*choose(practice), size, _words(title, subtitle), faces)
    for quality in _QUALITIES:
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality, optimize=True, subsampling="4:2:0")
        if out.tell() <= MAX_BYTES:
            break
    return out.getvalue()


def paint(
    motif: str, palette: str, size: int, words: str = "", faces: Iterable[lettering.Face] = ()
) -> Image.Image:
    """The motif under the sky of its palette. words: SVG that is laid over it, in these faces."""
    import resvg_py  # only when there is something to draw

    folder = files(__package__) / "motifs"
    shared = (folder / "_shared.svg").read_text("utf-8").removesuffix("</svg>\n")
    form = (folder / f"{motif}.svg").read_text("utf-8")
    colours = _colours(palette)
    svg = f"{shared}{_gradients()}{form}"
    svg = re.sub(r"var\(--([a-z-]+)\)", lambda name: colours[name[1]], svg)
    png = resvg_py.svg_to_bytes(
        f'{svg}<g color="{colours["ink"]}">{words}</g></svg>',
        width=size,
        height=size,
        skip_system_fonts=True,
        font_files=sorted({str(face.path) for face in (lettering.FACE, *faces)}),
    )
    drawn = np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))
    picture = _sky(colours, ElementTree.fromstring(form).iter("glow"), size)
    picture += (drawn[:, :, :3] - picture) * (drawn[:, :, 3:] / np.float32(255))
    picture += np.random.default_rng(20).standard_normal((size, size, 1), np.float32) * np.float32(_GRAIN)
    return Image.fromarray(np.clip(np.rint(picture), 0, 255).astype(np.uint8))


def _sky(colours: dict[str, str], glows: Iterable[ElementTree.Element], size: int) -> Floats:
    """The sky and the light in it, 0 to 255, finer than eight bits: a slow gradient would show bands.

    A glow is brightest in the middle and has no edge; where the words are there is none.
    """
    place = (np.arange(size, dtype=np.float32) + 0.5) * (1000 / size)
    x, y = place, place[:, None]
    low = _eased((y - 100) / 700) ** 1.7
    picture = _rgb(colours["high"]) + (_rgb(colours["low"]) - _rgb(colours["high"])) * low[:, :, None]
    picture = np.repeat(picture, size, axis=1)
    for glow in glows:
        cx, cy, r, opacity = (float(glow.attrib[name]) for name in ("cx", "cy", "r", "opacity"))
        away = (x - cx) ** 2 + (y - cy) ** 2
        part = opacity * np.clip(1 - away / r**2, 0, 1) ** 3 * _eased((y - 260) / 200)
        picture += (_rgb(colours[glow.attrib["fill"]]) - picture) * part[:, :, None]
    return picture


def _eased(part: Floats) -> Floats:
    """From 0 to 1 without a corner."""
    part = np.clip(part, 0, 1)
    return part * part * (3 - 2 * part)


def _rgb(code: str) -> Floats:
    return np.array(ImageColor.getrgb(code), np.float32)


def _colours(palette: str) -> dict[str, str]:
    """Every colour by its name, and half of each of two by both names, such as near-mid."""
    codes = dict(zip(COLOURS, PALETTES[palette].split(), strict=True))
    for (one, a), (other, b) in itertools.permutations(list(codes.items()), 2):
        codes[f"{one}-{other}"] = "#" + ((_rgb(a) + _rgb(b)) / 2).astype(np.uint8).tobytes().hex()
    return codes


def _gradients() -> str:
    """From each colour to each other, from above to below, by both names."""
    return "".join(
        f'<linearGradient id="{one}-{other}" x2="0" y2="1"><stop stop-color="var(--{one})"/>'
        f'<stop offset="1" stop-color="var(--{other})"/></linearGradient>'
        for one, other in itertools.permutations(COLOURS, 2)
    )


def _words(title: str, subtitle: str) -> str:
    title, subtitle = lettering.drawn_text(title), lettering.drawn_text(subtitle)
    top, bottom = _TOP, _BOTTOM
    below = None
    if subtitle:
        # A little narrower than there is room: its letters stand apart.
        below = lettering.fit(subtitle, wide=_WIDE * 0.94, tall=_SMALL * 1.2, largest=_SMALL, most_lines=1)
        bottom -= below.height + 12
    lines = ""
    if title:
        setting = lettering.fit(title, wide=_WIDE, tall=bottom - top, largest=_LARGEST)
        # A little above the middle; what hangs below the last line is not in its height.
        top += max(0.0, bottom - top - setting.height) * 0.35
        lines = _text(setting, top)
        top += setting.height + 0.16 * setting.size
    else:
        top += (bottom - top) * 0.4
    return lines + (_text(below, top, spacing=0.02 * below.size) if below else "")


def _text(setting: lettering.Setting, top: float, spacing: float = 0.0) -> str:
    # The letters' height stands in the middle of the line: a capital is two thirds of the size.
    first, step = top + setting.size * (lettering.LEADING / 2 + 0.32), setting.size * lettering.LEADING
    rows = (
        f'<text x="500" y="{first + step * row:.2f}">{escape(line)}</text>'
        for row, line in enumerate(setting.lines)
    )
    style = (
        f'font-weight="{setting.face.weight}" font-size="{setting.size:.2f}" letter-spacing="{spacing:.2f}"'
    )
    family = f'font-family="{setting.face.family}"'
    return f'<g text-anchor="middle" {family} {style} fill="currentColor">{"".join(rows)}</g>'
