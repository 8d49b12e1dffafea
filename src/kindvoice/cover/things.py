"""Motifs that are made or done: breath, steps, stones, a bowl, a boat. Each fills the whole square, below the title."""

from __future__ import annotations

import math
from random import Random

from kindvoice.cover.palettes import Palette
from kindvoice.cover.raster import Canvas, arc, blend, moved, oval, ribbon_outline, smooth, turns_right
from kindvoice.cover.scenery import (
    HORIZON,
    flame,
    glitter,
    ground,
    heart,
    hill,
    hills,
    ridge,
    ripples,
    sky,
    stars,
    sun,
    water,
)


def breath(canvas: Canvas, p: Palette, rng: Random) -> None:
    """Circles that widen as a breath does."""
    sky(canvas, p, to=0.95)
    x, y = 0.5, 0.665
    canvas.glow(x, y, 0.6, p.light, 0.5)
    for i, radius in enumerate((0.29, 0.228, 0.166)):
        canvas.disc(
            x, y, radius, (blend(p.far, p.mid, 0.2 + 0.4 * i), blend(p.mid, p.near, 0.1 + 0.25 * i)), 0.62
        )
    canvas.glow(x, y, 0.17, p.light, 0.75)
    canvas.disc(x, y, 0.084, p.light)


def bloom(canvas: Canvas, p: Palette, rng: Random) -> None:
    """A flower of overlapping breaths."""
    sky(canvas, p, to=0.95)
    x, y, count = 0.5, 0.665, 8
    canvas.glow(x, y, 0.55, p.light, 0.8)
    for i in range(count):
        turn = math.tau * (i + 0.5) / count
        shape = oval(x + 0.135 * math.sin(turn), y - 0.135 * math.cos(turn), 0.088, 0.145, math.degrees(turn))
        canvas.fill([shape], blend(p.form, p.light, 0.12 if i % 2 else 0.0), 0.5)
    for i in range(count):
        turn = math.tau * i / count
        shape = oval(x + 0.072 * math.sin(turn), y - 0.072 * math.cos(turn), 0.045, 0.076, math.degrees(turn))
        canvas.fill([shape], p.light, 0.42)
    canvas.glow(x, y, 0.09, p.light, 1.0)


def footprints(canvas: Canvas, p: Palette, rng: Random) -> None:
    """Two bare feet, seen from below."""
    sky(canvas, p, to=0.7)
    canvas.glow(0.5, 0.67, 0.5, p.light, 0.7)
    sole = smooth(
        [
            (-0.075, -0.1), (-0.02, -0.128), (0.048, -0.112), (0.086, -0.058), (0.078, 0.03), (0.066, 0.12),
            (0.058, 0.2), (0.012, 0.242), (-0.045, 0.218), (-0.058, 0.15), (-0.038, 0.07), (-0.058, -0.01),
            (-0.088, -0.06),
        ],
        closed=True,
    )  # fmt: skip
    toes = (
        (-0.062, -0.163, 0.037, 0.044),
        (0.002, -0.178, 0.024, 0.032),
        (0.047, -0.163, 0.021, 0.028),
        (0.082, -0.137, 0.018, 0.024),
        (0.106, -0.103, 0.016, 0.021),
    )
    for x, y, mirror in ((0.345, 0.685, True), (0.655, 0.65, False)):
        turn = -7 if mirror else 7
        shapes = [moved(sole, x, y, scale=0.98, turn_deg=turn, mirror=mirror)]
        shapes += [
            moved(oval(u, v, a, b), x, y, scale=0.98, turn_deg=turn, mirror=mirror) for u, v, a, b in toes
        ]
        for shape in shapes:
            canvas.fill([[(u, v + 0.008) for u, v in shape]], p.light, 0.8)
        for shape in shapes:
            canvas.fill([shape], (blend(p.near, p.mid, 0.35), p.near))


def cairn(canvas: Canvas, p: Palette, rng: Random) -> None:
    """Stones that rest on each other, on still water."""
    sky(canvas, p)
    canvas.glow(0.5, 0.63, 0.45, p.light, 0.55)
    canvas.disc(0.5, 0.63, 0.21, p.light, 0.92)
    water(canvas, p, 0.775)
    ripples(canvas, p.light, 0.5, 0.885, 0.42, count=4, first=2)
    canvas.fill([oval(0.5, 0.893, 0.19, 0.026)], p.near, 0.5, blur=0.008)
    y = 0.892
    for i, (across, down) in enumerate(
        ((0.168, 0.058), (0.128, 0.047), (0.098, 0.04), (0.069, 0.031), (0.043, 0.026))
    ):
        y -= down
        x = 0.5 + (0.017 * (-1) ** i if i else 0) + 0.006 * (rng.random() - 0.5)
        tone = blend(p.near, p.mid, 0.2 * i)
        shape = oval(x, y, across, down, 3 * (-1) ** i, square=2.5)
        canvas.fill([shape], (blend(tone, p.far, 0.45), tone))
        y -= down * 0.93


def candle(canvas: Canvas, p: Palette, rng: Random) -> None:
    """One small light, and the room that it makes."""
    sky(canvas, p, to=1.0)
    x, y = 0.5, 0.66
    for radius, alpha in ((0.5, 0.22), (0.34, 0.2), (0.2, 0.28)):
        canvas.glow(x, y - 0.06, radius * 1.25, p.light, alpha)
    for radius in (0.285, 0.2):
        canvas.disc(x, y - 0.065, radius, p.light, 0.09)
    ground(canvas, [(-0.02, 0.925), (1.02, 0.925)], (p.mid, p.near))
    canvas.fill([oval(x, 0.927, 0.12, 0.016)], p.near, 0.9)
    body = [
        (x - 0.062, 0.925),
        (x - 0.062, 0.712),
        (x - 0.035, 0.7),
        (x + 0.035, 0.7),
        (x + 0.062, 0.712),
        (x + 0.062, 0.925),
    ]
    canvas.fill([body], (p.light, blend(p.form, p.mid, 0.55)))
    canvas.ribbon([(x, 0.704), (x + 0.002, 0.672)], [0.007, 0.006], p.near)
    canvas.fill([moved(flame(0.2), x, y + 0.025)], (p.form, blend(p.form, p.light, 0.6)))
    canvas.fill([moved(flame(0.115), x, y + 0.018)], p.light, 0.95)


def fire(canvas: Canvas, p: Palette, rng: Random) -> None:
    """A strong and steady flame."""
    sky(canvas, p, to=1.0)
    x, y = 0.5, 0.885
    canvas.glow(x, 0.7, 0.62, p.form, 0.45)
    canvas.glow(x, 0.72, 0.4, p.light, 0.35)
    side = rng.random() < 0.5
    for height, turn, paint, alpha in ((0.33, -17, p.form, 0.6), (0.31, 19, p.form, 0.6)):
        canvas.fill(
            [moved(flame(height), x + (0.055 if turn > 0 else -0.055), y, turn_deg=turn, mirror=side)],
            paint,
            alpha,
        )
    canvas.fill([moved(flame(0.47), x, y, mirror=side)], (blend(p.form, p.low, 0.35), p.form))
    canvas.fill([moved(flame(0.33), x, y - 0.005, mirror=side)], (p.form, blend(p.form, p.light, 0.6)), 0.95)
    canvas.fill([moved(flame(0.2), x, y - 0.01, mirror=side)], p.light)
    for turn in (-13, 13):
        log = moved([(-0.23, 0), (0.23, 0)], x, 0.905, turn_deg=turn)
        canvas.ribbon(log, [0.046, 0.046], p.near)


def loop(canvas: Canvas, p: Palette, rng: Random) -> None:
    """A band without an end: out, and back."""
    sky(canvas, p, to=0.95)
    x, y, reach = 0.5, 0.66, 0.325
    canvas.glow(x, y, 0.6, p.light, 0.35)
    count = 420
    for i in range(count):
        # From the middle, so that the second strand passes over the first.
        t = math.pi / 2 + math.tau * i / count
        down = 1 + math.sin(t) ** 2
        u, v = reach * math.cos(t) / down, reach * 1.25 * math.sin(t) * math.cos(t) / down
        paint = blend(p.form, p.light, 0.5 + 0.5 * math.cos(t))
        canvas.disc(x + u, y + v, 0.038, paint)
    canvas.glow(0.5 - 0.21, y, 0.1, p.form, 0.5)
    canvas.glow(0.5 + 0.21, y, 0.1, p.light, 0.5)


def bowl(canvas: Canvas, p: Palette, rng: Random) -> None:
    """A bowl that rings."""
    sky(canvas, p, to=0.9)
    x, y = 0.5, 0.755
    canvas.glow(x, y - 0.05, 0.5, p.light, 0.9)
    for i, radius in enumerate((0.19, 0.255, 0.32)):
        line = arc(x, y + 0.02, radius, 34, 146)
        widths = [0.021 * math.sin(math.pi * step / (len(line) - 1)) ** 0.6 for step in range(len(line))]
        canvas.ribbon(line, widths, p.form, 0.95 - 0.24 * i)
    canvas.fill([oval(x, 0.945, 0.24, 0.028)], p.mid, 0.35, blur=0.008)
    cushion = oval(x, 0.918, 0.175, 0.033, square=2.8)
    canvas.fill([cushion], (p.form, blend(p.form, p.near, 0.5)))
    belly = smooth(
        [
            (x - 0.215, y),
            (x - 0.2, y + 0.075),
            (x - 0.125, y + 0.15),
            (x, y + 0.168),
            (x + 0.125, y + 0.15),
            (x + 0.2, y + 0.075),
            (x + 0.215, y),
        ],
        steps=12,
    )
    canvas.fill([belly], (blend(p.mid, p.far, 0.2), p.near))
    canvas.fill([oval(x, y, 0.215, 0.036)], blend(p.near, p.mid, 0.35))
    canvas.fill([oval(x, y + 0.005, 0.19, 0.026)], p.near)


def letter(canvas: Canvas, p: Palette, rng: Random) -> None:
    """A letter, closed with a heart."""
    sky(canvas, p, to=0.9)
    x, y, wide, tall = 0.5, 0.675, 0.275, 0.18
    canvas.glow(x, y, 0.55, p.light, 0.8)
    turn = -5.0 if rng.random() < 0.5 else 5.0
    corner = [(-wide, -tall), (wide, -tall), (wide, tall), (-wide, tall)]
    canvas.fill([moved(corner, x + 0.006, y + 0.028, turn_deg=turn)], p.near, 0.4, blur=0.014)
    canvas.fill([moved(corner, x, y, turn_deg=turn)], (p.light, blend(p.light, p.high, 0.18)))
    fold = blend(p.light, p.mid, 0.34)
    canvas.fill(
        [moved([(-wide, tall), (-0.02, -0.02), (0.02, -0.02), (wide, tall)], x, y, turn_deg=turn)], fold, 0.45
    )
    flap = [(-wide, -tall), (wide, -tall), (0.03, 0.052), (0, 0.064), (-0.03, 0.052)]
    canvas.fill([[(u, v + 0.008) for u, v in moved(flap, x, y, turn_deg=turn)]], p.near, 0.3, blur=0.006)
    canvas.fill(
        [moved(flap, x, y, turn_deg=turn)], (blend(p.light, p.low, 0.2), blend(p.light, p.high, 0.35))
    )
    canvas.fill([moved(heart(0.13), x, y + 0.05, turn_deg=turn)], p.form)


def boat(canvas: Canvas, p: Palette, rng: Random) -> None:
    """A small boat with a kind wind."""
    sky(canvas, p)
    side = rng.random() < 0.5
    sun(canvas, p, 0.24 if side else 0.76, 0.56, 0.075)
    water(canvas, p, HORIZON + 0.04)
    x, y = 0.5, 0.84
    for u, v, half in (
        (0.5, 0.895, 0.23),
        (0.34, 0.935, 0.12),
        (0.64, 0.945, 0.15),
        (0.16, 0.83, 0.09),
        (0.86, 0.85, 0.1),
    ):
        canvas.fill([oval(u, v, half, 0.006)], p.light, 0.6)
    hull = smooth(
        [(-0.2, -0.035), (-0.15, 0.035), (-0.08, 0.058), (0.08, 0.058), (0.15, 0.03), (0.215, -0.045)],
        steps=12,
    )
    canvas.ribbon(moved([(0, 0), (0, -0.4)], x, y, mirror=side), [0.013, 0.007], p.near)
    main = smooth([(0.014, -0.395), (0.11, -0.24), (0.185, -0.07)], steps=14)
    jib = smooth([(-0.014, -0.36), (-0.06, -0.23), (-0.145, -0.07)], steps=14)
    canvas.fill([moved([*main, (0.014, -0.062)], x, y, mirror=side)], (blend(p.light, p.low, 0.15), p.light))
    canvas.fill([moved([*jib, (-0.014, -0.062)], x, y, mirror=side)], (p.form, blend(p.form, p.near, 0.1)))
    canvas.fill([moved(hull, x, y, mirror=side)], (blend(p.near, p.mid, 0.25), p.near))


def cup(canvas: Canvas, p: Palette, rng: Random) -> None:
    """A warm cup."""
    sky(canvas, p, to=0.8)
    x, y = 0.48, 0.745
    canvas.glow(0.5, 0.68, 0.52, p.light, 0.85)
    ground(canvas, [(-0.02, 0.885), (1.02, 0.885)], (p.mid, blend(p.mid, p.near, 0.5)))
    canvas.fill([oval(x, 0.925, 0.27, 0.034)], p.near, 0.55)
    canvas.fill([oval(x, 0.915, 0.26, 0.032)], (p.light, blend(p.light, p.far, 0.4)))
    canvas.ring(x + 0.19, y + 0.062, 0.062, 0.03, p.form)
    side = smooth(
        [
            (x - 0.19, y),
            (x - 0.182, y + 0.09),
            (x - 0.11, y + 0.165),
            (x, y + 0.172),
            (x + 0.11, y + 0.165),
            (x + 0.182, y + 0.09),
            (x + 0.19, y),
        ],
        steps=12,
    )
    canvas.fill([side], (blend(p.form, p.light, 0.12), blend(p.form, p.near, 0.28)))
    canvas.fill([oval(x, y, 0.19, 0.036)], blend(p.light, p.form, 0.25))
    canvas.fill([oval(x, y + 0.006, 0.165, 0.026)], p.near)
    for i, shift in enumerate((-0.085, 0.0, 0.085)):
        tall = 0.2 if i == 1 else 0.155
        line = smooth(
            [
                (x + shift + 0.024 * math.sin(t * 5.2 + i), y - 0.045 - tall * t)
                for t in (0, 0.2, 0.4, 0.6, 0.8, 1)
            ],
            steps=10,
        )
        widths = [0.003 + 0.021 * math.sin(math.pi * j / (len(line) - 1)) for j in range(len(line))]
        canvas.ribbon(line, widths, p.light if p.dark else blend(p.light, p.form, 0.12), 0.9)


def hand(canvas: Canvas, p: Palette, rng: Random) -> None:
    """An open hand with a heart in it."""
    sky(canvas, p, to=0.95)
    x, y = 0.49, 0.74
    canvas.glow(0.5, y - 0.06, 0.52, p.light, 0.95)
    side = rng.random() < 0.5
    fingers = (
        ((-0.089, 0.04), (-0.097, -0.05), (-0.104, -0.15), 0.058),
        ((-0.031, 0.02), (-0.034, -0.1), (-0.037, -0.215), 0.061),
        ((0.032, 0.02), (0.034, -0.1), (0.035, -0.228), 0.061),
        ((0.092, 0.04), (0.098, -0.08), (0.103, -0.185), 0.06),
        ((0.06, 0.17), (0.15, 0.085), (0.196, -0.005), 0.066),
    )  # fmt: skip
    palm = smooth(
        [
            (-0.116, 0.0), (-0.09, -0.028), (0.0, -0.032), (0.092, -0.028), (0.121, 0.0), (0.13, 0.08),
            (0.116, 0.15), (0.085, 0.215), (0.08, 0.38), (-0.076, 0.38), (-0.082, 0.21), (-0.114, 0.13),
        ],
        closed=True,
    )  # fmt: skip
    shapes = [moved(palm, x, y, mirror=side)]
    for *line, wide in fingers:
        soft = smooth(line, steps=10)
        widths = [wide * (1 - 0.12 * i / (len(soft) - 1)) for i in range(len(soft))]
        shapes.append(moved(ribbon_outline(soft, widths), x, y, mirror=side))
    # All forms run the same way round, so that they are one form where they overlap.
    shapes = [shape if turns_right(shape) else shape[::-1] for shape in shapes]
    canvas.fill(shapes, (blend(p.mid, p.far, 0.3), blend(p.mid, p.near, 0.6)))
    canvas.fill([moved(heart(0.125), x, y + 0.085)], (p.light, blend(p.light, p.form, 0.2)))


def hut(canvas: Canvas, p: Palette, rng: Random) -> None:
    """A small house at night, with a light in it."""
    sky(canvas, p, to=0.85)
    stars(canvas, p, rng)
    canvas.glow(0.76, 0.47, 0.25, p.light, 0.4)
    canvas.disc(0.76, 0.47, 0.055, p.light)
    ground(canvas, ridge(rng, 0.72, 0.07), p.far)
    hill(canvas, (p.mid, blend(p.mid, p.near, 0.6)), 0.835, curve=0.05, middle=0.45)
    x, y = 0.44, 0.86
    canvas.glow(x + 0.05, y - 0.06, 0.34, p.form, 0.4)
    wall = [(-0.14, 0), (-0.14, -0.16), (0, -0.282), (0.14, -0.16), (0.14, 0)]
    canvas.fill([moved(wall, x, y)], p.near)
    roof = [(-0.185, -0.13), (0, -0.285), (0.185, -0.13)]
    canvas.ribbon(moved(roof, x, y), [0.026, 0.026, 0.026], blend(p.near, p.mid, 0.3))
    canvas.fill([moved([(-0.085, -0.045), (-0.085, -0.13), (-0.015, -0.13), (-0.015, -0.045)], x, y)], p.form)
    canvas.fill([moved([(0.03, 0), (0.03, -0.1), (0.06, -0.125), (0.09, -0.1), (0.09, 0)], x, y)], p.form)
    way = [(x + 0.03, y - 0.002), (x + 0.09, y - 0.002), (x + 0.24, 1.02), (x + 0.03, 1.02)]
    canvas.fill([way], (p.form, p.mid), 0.5)
    hills_front = ridge(rng, 0.975, 0.03)
    ground(canvas, hills_front, p.near)


def lamp(canvas: Canvas, p: Palette, rng: Random) -> None:
    """A lantern on the water, drifting."""
    sky(canvas, p)
    if p.dark:
        stars(canvas, p, rng, 30)
    hills(canvas, p, rng, 0.66, 0.05)
    water(canvas, p, 0.79, deep=p.near)
    x, y = 0.5, 0.83
    canvas.glow(x, y - 0.12, 0.45, p.form, 0.65)
    glitter(canvas, p, rng, x, 0.845, 0.13)
    body = smooth(
        [(-0.085, 0), (-0.115, -0.12), (-0.075, -0.25), (0.075, -0.25), (0.115, -0.12), (0.085, 0)], steps=10
    )
    canvas.fill([moved(body, x, y)], (p.form, p.light))
    canvas.fill([oval(x, y - 0.25, 0.075, 0.014)], p.near, 0.85)
    canvas.fill([oval(x, y + 0.003, 0.12, 0.02)], p.near)
