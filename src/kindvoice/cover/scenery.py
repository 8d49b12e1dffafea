"""What several motifs share: sky, hills, water, stars, petals, clouds."""

from __future__ import annotations

import math
from random import Random

from kindvoice.cover.palettes import Palette
from kindvoice.cover.raster import Canvas, Colour, Paint, Point, blend, moved, oval, smooth

HORIZON = 0.72


def sky(canvas: Canvas, p: Palette, *, to: float = HORIZON) -> None:
    """to: where it is brightest; below, it stays so until something else is laid over it.

    It is even behind the title, most of all at night, and has no place where a change begins or ends.
    """
    bend = 2.8 if p.dark else 1.4
    stops = [step / 24 for step in range(25)]
    canvas.gradient(
        *((t * to, blend(p.high, p.low, (t * t * (3 - 2 * t)) ** bend)) for t in stops), (1.0, p.low)
    )


def sun(canvas: Canvas, p: Palette, x: float, y: float, radius: float) -> None:
    canvas.glow(x, y, radius * 3.2, p.light, 0.55)
    canvas.disc(x, y, radius, p.light)


def stars(canvas: Canvas, p: Palette, rng: Random, count: int = 46, low: float = 0.62) -> None:
    """Thin above, where the title is."""
    for _ in range(count):
        x, y, size = rng.random(), rng.random() * low, 0.0011 + 0.0016 * rng.random() ** 2
        canvas.disc(x, y, size, p.light, 0.25 + 0.5 * rng.random() * (y / low))


def ridge(rng: Random, y: float, height: float, *, waves: float = 1.6) -> list[Point]:
    """The line of a range of hills, from left to right. height: from the lowest to the highest, about."""
    parts = [
        (height / 2 / (i + 1) ** 1.5, waves * (i + 0.7 + 0.5 * rng.random()), rng.random() * math.tau)
        for i in range(4)
    ]
    return [
        (x, y + sum(a * math.sin(f * x * math.tau / 2 + at) for a, f, at in parts))
        for x in (step / 120 * 1.04 - 0.02 for step in range(121))
    ]


def ground(canvas: Canvas, line: list[Point], paint: Paint) -> None:
    """Everything below a line."""
    canvas.fill([[*line, (1.02, 1.02), (-0.02, 1.02)]], paint)


def hills(canvas: Canvas, p: Palette, rng: Random, y: float = HORIZON, height: float = 0.07) -> None:
    """Three ranges, the nearest the darkest; the farthest has its middle at y."""
    ground(canvas, ridge(rng, y, height), (p.far, blend(p.far, p.low, 0.35)))
    ground(canvas, ridge(rng, y + 0.085, height), (p.mid, blend(p.mid, p.far, 0.3)))
    ground(canvas, ridge(rng, y + 0.175, height * 0.8), (p.near, blend(p.near, p.mid, 0.12)))


def hill(canvas: Canvas, paint: Paint, y: float, *, curve: float = 0.06, middle: float = 0.5) -> None:
    """One round hill with its top at y."""
    line = [(x, y + curve * 4 * (x - middle) ** 2) for x in (step / 60 * 1.04 - 0.02 for step in range(61))]
    ground(canvas, line, paint)


def water(canvas: Canvas, p: Palette, y: float = HORIZON, *, deep: Colour | None = None) -> None:
    line = [(-0.02, y), (1.02, y)]
    ground(canvas, line, (blend(p.far, p.low, 0.25), p.mid if deep is None else deep))


def glitter(canvas: Canvas, p: Palette, rng: Random, x: float, y: float, spread: float) -> None:
    """Light on water below y, in short strokes that grow longer towards us."""
    for row in range(9):
        depth = row / 8
        at = y + 0.012 + depth**1.4 * (0.97 - y - 0.012)
        half = spread * (0.25 + 0.75 * depth) * (0.55 + 0.45 * rng.random())
        thick = 0.0035 + 0.008 * depth
        shift = spread * 0.25 * (rng.random() - 0.5)
        canvas.fill([oval(x + shift, at, half, thick)], p.light, 0.75 - 0.45 * depth)


def ripples(
    canvas: Canvas, paint: Colour, x: float, y: float, across: float, *, count: int = 4, first: int = 1
) -> None:
    """Rings on water, seen from the side: faint outside. first: 2 leaves out the innermost."""
    for i in range(count, first - 1, -1):
        half = across * i / count
        band = 0.007 * (0.5 + i / count)
        outer, inner = oval(x, y, half, half * 0.26), oval(x, y, half - band * 1.6, half * 0.26 - band)
        canvas.fill([outer, inner[::-1]], paint, 0.75 * (1 - 0.72 * (i - 1) / count))


def petal(length: float, width: float, *, belly: float = 0.55) -> list[Point]:
    """A pointed leaf from 0, 0 upwards. belly: how far up it is widest."""
    half = width / 2
    side = smooth(
        [
            (0, 0),
            (half * 0.62, -length * belly * 0.4),
            (half, -length * belly),
            (half * 0.68, -length * (belly + (1 - belly) * 0.55)),
            (0, -length),
        ],
        steps=14,
    )
    return side + [(-x, y) for x, y in side[-2:0:-1]]


def heart(size: float) -> list[Point]:
    """Around 0, 0, about `size` wide; without a sharp point."""
    found = []
    for step in range(200):
        t = math.tau * step / 200
        x = 16 * math.sin(t) ** 3
        y = -(13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t))
        found.append((x * size / 32, y * size / 32))
    return found


def cloud(
    canvas: Canvas, paint: Paint, x: float, y: float, wide: float, alpha: float = 1.0, *, rim: float = 0.0
) -> None:
    """Round above and flat below. y: of its foot. rim: how much larger all round."""
    puffs = (
        (-0.33, 0.13, 0.13),
        (-0.13, 0.235, 0.2),
        (0.13, 0.2, 0.165),
        (0.34, 0.115, 0.115),
        (0.0, 0.115, 0.115),
    )
    shapes = [oval(x + u * wide, y - v * wide, r * wide + rim, r * wide + rim) for u, v, r in puffs]
    foot = 0.13 * wide
    shapes.append(oval(x, y - foot, 0.46 * wide + rim, foot + rim, square=3.2))
    canvas.fill(shapes, paint, alpha)


def flame(height: float) -> list[Point]:
    """Upwards from 0, 0, its tip leaning a little."""
    wide = height * 0.3
    points = [
        (0, 0),
        (-wide * 0.75, -height * 0.1),
        (-wide, -height * 0.32),
        (-wide * 0.62, -height * 0.58),
        (-wide * 0.1, -height * 0.82),
        (wide * 0.1, -height),
        (wide * 0.34, -height * 0.8),
        (wide * 0.86, -height * 0.52),
        (wide, -height * 0.28),
        (wide * 0.72, -height * 0.09),
    ]
    return smooth(points, closed=True)


def bird(canvas: Canvas, paint: Colour, x: float, y: float, span: float, tilt_deg: float = 0.0) -> None:
    wing = smooth([(0, 0.02), (0.14, -0.13), (0.32, -0.17), (0.5, -0.06)], steps=12)
    widths = [
        0.001 + 0.075 * math.sin(math.pi * (0.12 + 0.88 * i / (len(wing) - 1))) for i in range(len(wing))
    ]
    for mirror in (False, True):
        line = moved(wing, x, y, scale=span, turn_deg=tilt_deg, mirror=mirror)
        canvas.ribbon(line, [w * span for w in widths], paint)
