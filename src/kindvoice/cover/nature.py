"""Motifs out of doors: sun, hills, water, plants. Each fills the whole square and keeps its form below the title."""

from __future__ import annotations

import math
from random import Random

from kindvoice.cover.palettes import Palette
from kindvoice.cover.raster import Canvas, Point, blend, moved, oval, smooth
from kindvoice.cover.scenery import (
    HORIZON,
    bird,
    cloud,
    glitter,
    ground,
    heart,
    hill,
    hills,
    petal,
    ridge,
    ripples,
    sky,
    stars,
    sun,
    water,
)


def layers(canvas: Canvas, p: Palette, rng: Random) -> None:
    """Range behind range in the mist."""
    sky(canvas, p, to=0.55)
    sun(canvas, p, 0.66 if rng.random() < 0.5 else 0.34, 0.5, 0.085)
    for i in range(6):
        part = i / 5
        paint = blend(blend(p.low, p.far, 0.85), p.near, part**0.9)
        line = ridge(rng, 0.53 + 0.082 * i, 0.115 - 0.05 * part, waves=1.5 + 0.2 * i)
        ground(canvas, line, (paint, blend(paint, p.low, 0.55 * (1 - part))))


def path(canvas: Canvas, p: Palette, rng: Random) -> None:
    """A way that winds into the hills."""
    sky(canvas, p, to=0.6)
    side = 1 if rng.random() < 0.5 else -1
    sun(canvas, p, 0.5 - 0.2 * side, 0.5, 0.075)
    ground(canvas, ridge(rng, 0.575, 0.07), p.far)
    hill(canvas, (p.mid, blend(p.mid, p.near, 0.75)), 0.63, curve=0.05, middle=0.5 + 0.1 * side)
    left, right = [], []
    for step in range(121):
        t = step / 120
        y = 0.632 + 0.39 * t**1.25
        middle = 0.5 + side * (
            0.06 * (1 - t) + (0.05 + 0.17 * t) * math.sin(1.9 * math.tau * (1 - t) ** 1.6) * 0.9
        )
        half = 0.004 + 0.125 * t**1.5
        left.append((middle - half, y))
        right.append((middle + half, y))
    canvas.fill([left + right[::-1]], (p.light, blend(p.light, p.low, 0.7)), 0.95)


def peak(canvas: Canvas, p: Palette, rng: Random) -> None:
    """A star above a mountain."""
    sky(canvas, p, to=0.85)
    stars(canvas, p, rng)
    x, y = 0.5, 0.475
    canvas.glow(x, y, 0.36, p.form, 0.5)
    long, short = 0.1, 0.021
    rays = [
        (
            math.sin(math.tau * i / 8),
            -math.cos(math.tau * i / 8),
            (long if i % 4 == 0 else long * 0.78) if i % 2 == 0 else short,
        )
        for i in range(8)
    ]
    canvas.fill([[(x + u * r, y + v * r) for u, v, r in rays]], p.light)
    top = [(-0.02, 0.98), (0.13, 0.87), (0.24, 0.81), (0.36, 0.69), (0.44, 0.645), (0.5, 0.585)]
    top += [(0.555, 0.64), (0.63, 0.69), (0.73, 0.8), (0.87, 0.875), (1.02, 0.96)]
    ground(canvas, top, (p.far, p.mid))
    shade = [
        (0.5, 0.585),
        (0.555, 0.64),
        (0.63, 0.69),
        (0.73, 0.8),
        (0.87, 0.875),
        (1.02, 0.96),
        (1.02, 1.02),
    ]
    shade += [(0.55, 1.02), (0.6, 0.9), (0.53, 0.8), (0.555, 0.71), (0.505, 0.65)]
    canvas.fill([shade], p.mid, 0.7)
    snow = [
        (0.5, 0.585),
        (0.555, 0.64),
        (0.576, 0.664),
        (0.548, 0.668),
        (0.52, 0.7),
        (0.492, 0.668),
        (0.455, 0.69),
    ]
    snow += [(0.425, 0.668), (0.44, 0.645)]
    canvas.fill([snow], p.light, 0.92)
    ground(canvas, ridge(rng, 0.925, 0.04), p.near)


def sunrise(canvas: Canvas, p: Palette, rng: Random) -> None:
    """A heart that comes up behind the hills."""
    sky(canvas, p, to=0.68)
    x, y = 0.5, 0.625
    canvas.glow(x, y, 0.5, p.light, 0.8)
    for size, alpha in ((0.66, 0.28), (0.53, 0.34), (0.41, 0.45)):
        canvas.fill([moved(heart(size), x, y)], p.light, alpha)
    canvas.fill([moved(heart(0.29), x, y)], (blend(p.form, p.light, 0.15), p.form))
    hills(canvas, p, rng, 0.735, 0.05)


def pair(canvas: Canvas, p: Palette, rng: Random) -> None:
    """Two lights that share a part of each other, above still water."""
    sky(canvas, p, to=0.7)
    y, radius = 0.575, 0.165
    canvas.glow(0.5, y, 0.5, p.light, 0.4)
    water(canvas, p, 0.79)
    canvas.disc(0.405, y, radius, p.form, 0.86)
    canvas.disc(0.595, y, radius, p.light, 0.8)
    half = math.acos(0.095 / radius)
    lens = [(0.405 + radius * math.cos(a), y + radius * math.sin(a)) for a in _steps(-half, half)]
    lens += [
        (0.595 + radius * math.cos(a), y + radius * math.sin(a))
        for a in _steps(math.pi - half, math.pi + half)
    ]
    canvas.fill([lens], blend(p.form, p.light, 0.72), 0.95)
    for i in range(7):
        depth = i / 6
        at, shrink = 0.812 + 0.15 * depth, (1 - 0.35 * depth) * (0.8 + 0.2 * rng.random())
        canvas.fill([oval(0.425, at, 0.11 * shrink, 0.006)], p.form, 0.6 - 0.4 * depth)
        canvas.fill([oval(0.575, at + 0.004, 0.11 * shrink, 0.006)], p.light, 0.6 - 0.4 * depth)


def _steps(start: float, stop: float) -> list[float]:
    return [start + (stop - start) * i / 48 for i in range(49)]


def gulls(canvas: Canvas, p: Palette, rng: Random) -> None:
    """Birds that leave over the sea, into the sun."""
    sky(canvas, p)
    sun(canvas, p, 0.5, 0.7, 0.2)
    water(canvas, p, HORIZON)
    glitter(canvas, p, rng, 0.5, HORIZON, 0.2)
    paint = blend(p.near, p.mid, 0.1)
    side = rng.random() < 0.5
    for x, y, span, tilt in (
        (0.38, 0.56, 0.235, -8),
        (0.63, 0.475, 0.165, -12),
        (0.7, 0.62, 0.12, -6),
        (0.27, 0.44, 0.1, -10),
    ):
        bird(canvas, paint, x if side else 1 - x, y, span, tilt if side else -tilt)


def lining(canvas: Canvas, p: Palette, rng: Random) -> None:
    """A cloud with light at its edge."""
    sky(canvas, p, to=0.8)
    x, y, wide = 0.485, 0.8, 0.62
    canvas.glow(x + 0.16, y - 0.25, 0.42, p.light, 1.0)
    canvas.disc(x + 0.175, y - 0.25, 0.105, blend(p.light, p.form, 0.6))
    cloud(canvas, p.light, x, y, wide, rim=0.012)
    cloud(canvas, (p.mid, p.near), x, y, wide)
    cloud(canvas, (blend(p.low, p.light, 0.6), p.low), 0.8 - 0.03 * rng.random(), 0.9, 0.34, 0.9)
    cloud(canvas, (blend(p.low, p.light, 0.6), p.low), 0.2, 0.945, 0.26, 0.75)


def rainbow(canvas: Canvas, p: Palette, rng: Random) -> None:
    """All colours of the weather, one beside the other."""
    sky(canvas, p, to=0.8)
    centre, outer, band = 0.88, 0.42, 0.047
    canvas.glow(0.5, centre, 0.62, p.light, 0.8)
    bands = [
        (226, 125, 117),
        (238, 170, 104),
        (243, 212, 128),
        (138, 190, 150),
        (108, 160, 196),
        (150, 130, 186),
    ]
    for i, paint in enumerate(bands):
        canvas.ring(0.5, centre, outer - band * i - band / 2, band * 1.02, blend(paint, p.low, 0.12), 0.9)
    ground(canvas, ridge(rng, 0.9, 0.02), (p.mid, p.near))
    for x, y, wide in ((0.2, 0.91, 0.36), (0.81, 0.92, 0.32)):
        cloud(canvas, (p.light, blend(p.light, p.low, 0.7)), x, y, wide)


def waves(canvas: Canvas, p: Palette, rng: Random) -> None:
    """Three long swells."""
    sky(canvas, p, to=0.6)
    sun(canvas, p, 0.5 + 0.3 * (rng.random() - 0.5), 0.51, 0.1)
    turn = rng.random() * math.tau
    paints = (blend(p.far, p.low, 0.25), blend(p.far, p.mid, 0.6), blend(p.mid, p.near, 0.35), p.near)
    for i, paint in enumerate(paints):
        line = [
            _swell(step / 160 * 1.04 - 0.02, 0.6 + 0.105 * i, 0.036 + 0.006 * i, turn + 2.3 * i)
            for step in range(161)
        ]
        ground(canvas, line, (paint, blend(paint, p.low, 0.22)))
        canvas.ribbon(line, [0.007] * len(line), p.light, 0.5)


def _swell(x: float, y: float, height: float, turn: float) -> Point:
    at = x * math.tau * 1.35 + turn
    return x, y - height * (math.sin(at) + 0.28 * math.sin(2 * at + 0.9))


def lotus(canvas: Canvas, p: Palette, rng: Random) -> None:
    """A flower on still water."""
    sky(canvas, p, to=0.62)
    canvas.glow(0.5, 0.66, 0.42, p.light, 0.9)
    water(canvas, p, 0.76)
    ripples(canvas, p.light, 0.5, 0.835, 0.42, count=4, first=2)
    x, y = 0.5, 0.835
    soft = blend(p.form, p.light, 0.55)
    canvas.fill([oval(x, y + 0.006, 0.2, 0.03)], p.near, 0.45, blur=0.006)
    for turn, long, wide, part in (
        (74, 0.27, 0.1, 0.35), (52, 0.3, 0.125, 0.22), (27, 0.33, 0.14, 0.1), (0, 0.355, 0.15, 0.0),
    ):  # fmt: skip
        for side in (-1, 1) if turn else (1,):
            shape = moved(petal(long, wide, belly=0.52), x, y, turn_deg=turn * side)
            canvas.fill(
                [shape], (blend(soft, p.light, 0.3 - part * 0.6), blend(p.form, p.near, part * 0.6)), 0.9
            )
    for side in (-1, 1):
        shape = moved(petal(0.24, 0.13, belly=0.5), x, y + 0.004, turn_deg=40 * side)
        canvas.fill([shape], (p.light, p.form), 0.75)
    canvas.fill(
        [moved(petal(0.23, 0.135, belly=0.5), x, y + 0.006)], (p.light, blend(p.form, p.light, 0.15)), 0.9
    )


def sprout(canvas: Canvas, p: Palette, rng: Random) -> None:
    """Two leaves, just come up."""
    sky(canvas, p, to=0.75)
    canvas.glow(0.5, 0.6, 0.5, p.light, 0.7)
    canvas.disc(0.5, 0.6, 0.2, p.light, 0.95)
    green = blend(p.near, p.mid, 0.25)
    stem = smooth([(0.5, 0.9), (0.508, 0.8), (0.5, 0.7), (0.492, 0.64)], steps=16)
    canvas.ribbon(stem, [0.02 - 0.009 * i / (len(stem) - 1) for i in range(len(stem))], green)
    side = 1 if rng.random() < 0.5 else -1
    for turn, at, long in ((-58 * side, 0.7, 0.25), (52 * side, 0.655, 0.29)):
        leaf = moved(petal(long, 0.125, belly=0.55), 0.497, at, turn_deg=turn)
        canvas.fill([leaf], (blend(p.mid, p.near, 0.1), p.near))
        rib = [
            (
                0.497 + long * 0.86 * t * math.sin(math.radians(turn)),
                at - long * 0.86 * t * math.cos(math.radians(turn)),
            )
            for t in (0, 0.5, 1)
        ]
        canvas.ribbon(rib, [0.006, 0.004, 0.001], p.low, 0.55)
    hill(canvas, (blend(p.near, p.mid, 0.1), p.near), 0.855, curve=0.05)


def tree(canvas: Canvas, p: Palette, rng: Random) -> None:
    """A round tree on a hill."""
    sky(canvas, p, to=0.75)
    canvas.glow(0.5, 0.58, 0.55, p.light, 0.85)
    ground(canvas, ridge(rng, 0.8, 0.06), p.far)
    crown = ((0.5, 0.545, 0.135), (0.385, 0.605, 0.105), (0.615, 0.605, 0.105), (0.5, 0.635, 0.11))
    canvas.fill([oval(x, y, r, r * 0.96) for x, y, r in crown], (p.form, blend(p.form, p.near, 0.42)))
    for x, y, r in ((0.46, 0.51, 0.145), (0.36, 0.585, 0.105), (0.59, 0.575, 0.105)):
        canvas.glow(x, y, r, blend(p.form, p.light, 0.4), 0.45)
    trunk = smooth([(0.5, 0.91), (0.502, 0.8), (0.498, 0.72), (0.5, 0.61)], steps=14)
    canvas.ribbon(trunk, [0.046 - 0.038 * (i / (len(trunk) - 1)) ** 0.8 for i in range(len(trunk))], p.near)
    for way, start in ((-1, 0.745), (1, 0.715)):
        bough = smooth(
            [(0.5, start), (0.5 + 0.035 * way, start - 0.05), (0.5 + 0.085 * way, start - 0.09)], steps=8
        )
        canvas.ribbon(bough, [0.018 - 0.016 * i / (len(bough) - 1) for i in range(len(bough))], p.near)
    hill(canvas, (p.mid, p.near), 0.85, curve=0.07)
    for _ in range(7):
        u, v = 0.3 + 0.4 * rng.random(), 0.76 + 0.16 * rng.random()
        canvas.fill([oval(u, v, 0.009, 0.005, 60 * rng.random() - 30)], p.form, 0.9)


def leaf(canvas: Canvas, p: Palette, rng: Random) -> None:
    """One large leaf."""
    sky(canvas, p, to=0.8)
    canvas.glow(0.5, 0.66, 0.5, p.light, 0.85)
    side = 1 if rng.random() < 0.5 else -1
    turn = 24.0 * side
    x, y, long = 0.5 - 0.1 * side, 0.9, 0.5
    canvas.fill([moved(petal(long, 0.29, belly=0.45), x, y, turn_deg=turn)], (p.mid, p.near))
    half = petal(long, 0.29, belly=0.45)
    canvas.fill([moved(half[: len(half) // 2 + 1], x, y, turn_deg=turn)], blend(p.mid, p.low, 0.2), 0.4)
    canvas.ribbon(
        moved([(0, 0.055), (0, -long * 0.5), (0, -long * 0.94)], x, y, turn_deg=turn),
        [0.014, 0.009, 0.002],
        p.low,
        0.9,
    )
    for i in range(6):
        start = -long * (0.14 + 0.12 * i)
        reach = 0.105 * math.sin(math.pi * (0.22 + 0.115 * i))
        for way in (-1, 1):
            vein = smooth(
                [(0, start), (way * reach * 0.55, start - reach * 0.4), (way * reach, start - reach * 0.95)],
                steps=8,
            )
            canvas.ribbon(
                moved(vein, x, y, turn_deg=turn),
                [0.0055 - 0.004 * j / (len(vein) - 1) for j in range(len(vein))],
                p.low,
                0.7,
            )


def moon(canvas: Canvas, p: Palette, rng: Random) -> None:
    """A crescent over sleeping hills."""
    sky(canvas, p, to=0.8)
    if p.dark:
        stars(canvas, p, rng)
    x, y, radius = 0.5, 0.555, 0.145
    canvas.glow(x, y, 0.45, p.light, 0.5)
    gap = 0.085
    angle = math.acos(gap / 2 / radius)
    outer = [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in _steps(angle, math.tau - angle)]
    inner = [
        (x + gap + radius * math.cos(a), y + radius * math.sin(a))
        for a in _steps(math.pi + angle, math.pi - angle)
    ]
    canvas.fill([[*outer, *inner]], p.light if p.dark else p.form)
    hills(canvas, p, rng, 0.76, 0.06)


def drop(canvas: Canvas, p: Palette, rng: Random) -> None:
    """A drop, and its rings on the water."""
    sky(canvas, p, to=0.66)
    canvas.glow(0.5, 0.6, 0.45, p.light, 0.6)
    water(canvas, p, 0.68 + 0.02 * rng.random(), deep=p.near)
    ripples(canvas, p.light, 0.5, 0.84, 0.43, count=5)
    shape = smooth(
        [
            (0, -0.2),
            (0.045, -0.09),
            (0.085, 0.01),
            (0.06, 0.085),
            (0, 0.11),
            (-0.06, 0.085),
            (-0.085, 0.01),
            (-0.045, -0.09),
        ],
        closed=True,
    )
    canvas.fill([moved(shape, 0.5, 0.6)], (p.light, p.form))
