"""A square of light that soft forms are laid on: gradients in floating point, edges smoothed, grain against bands.

Places and lengths are parts of the side (0 to 1), x to the right and y down, so that a picture is the same at any
size. Colours are three numbers from 0 to 255 in sRGB, and are mixed as they stand, as painting programs do.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[float, float, float]
Paint = Colour | tuple[Colour, Colour]
"""one colour, or two: at the top and at the bottom of the form"""
Point = tuple[float, float]
Floats = NDArray[np.float32]

_FINE = 4
"""an edge is drawn this much larger, then averaged"""
_GRAIN = 0.9
"""standard deviation, in steps of 8 bits: enough that a slow gradient shows no bands"""
_GRAIN_SEED = 20


def colour(code: str) -> Colour:
    """
    >>> colour("#ff8000")
    (255.0, 128.0, 0.0)
    """
    return float(int(code[1:3], 16)), float(int(code[3:5], 16)), float(int(code[5:7], 16))


def blend(one: Colour, other: Colour, part: float) -> Colour:
    """part: how much of the other, 0 to 1.

    >>> blend((0, 0, 0), (100, 200, 50), 0.5)
    (50.0, 100.0, 25.0)
    """
    r, g, b = (a + (c - a) * part for a, c in zip(one, other, strict=True))
    return r, g, b


class Canvas:
    """size: pixels of a side."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._pixels: Floats = np.zeros((size, size, 3), np.float32)

    def gradient(self, *stops: tuple[float, Colour]) -> None:
        """Covers everything. stops: (y, colour), from above to below."""
        y = (np.arange(self.size, dtype=np.float32) + 0.5) / self.size
        places = [place for place, _ in stops]
        for channel in range(3):
            self._pixels[:, :, channel] = np.interp(y, places, [c[channel] for _, c in stops])[:, None]

    def glow(self, x: float, y: float, radius: float, paint: Colour, alpha: float = 1.0) -> None:
        """Light that fades to nothing at the radius, without an edge."""
        self._round(x, y, radius, paint, lambda d: alpha * np.clip(1 - np.square(d / radius), 0, 1) ** 3)

    def disc(self, x: float, y: float, radius: float, paint: Paint, alpha: float = 1.0) -> None:
        self._round(x, y, radius, paint, lambda d: alpha * np.clip((radius - d) * self.size + 0.5, 0, 1))

    def ring(self, x: float, y: float, radius: float, width: float, paint: Paint, alpha: float = 1.0) -> None:
        self._round(
            x,
            y,
            radius + width / 2,
            paint,
            lambda d: alpha * np.clip((width / 2 - np.abs(d - radius)) * self.size + 0.5, 0, 1),
        )

    def fill(
        self, contours: Sequence[Sequence[Point]], paint: Paint, alpha: float = 1.0, *, blur: float = 0.0
    ) -> None:
        """Whatever the contours go round. Holes run the other way round than what they are in."""
        xs = [x * self.size for contour in contours for x, _ in contour]
        ys = [y * self.size for contour in contours for _, y in contour]
        margin = 2 + 3 * blur * self.size
        box = self._box(min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin)
        left, top, right, bottom = box
        if right <= left or bottom <= top:
            return
        mask = self._coverage(contours, box)
        if blur:
            mask = mask.filter(ImageFilter.GaussianBlur(blur * self.size))
        cover = np.asarray(mask, np.float32) * (alpha / 255)
        self._lay(box, cover, paint, (min(ys), max(ys)))

    def ribbon(
        self, line: Sequence[Point], widths: Sequence[float], paint: Paint, alpha: float = 1.0
    ) -> None:
        """A line with a width at each of its points, round at both ends where it has any width."""
        self.fill([ribbon_outline(line, widths)], paint, alpha)

    def veil(self, paint: Colour, alpha: float, until: float, fade: float) -> None:
        """A colour over everything above `until`, which is gone `fade` further down."""
        y = (np.arange(self.size, dtype=np.float32) + 0.5) / self.size
        part = np.clip((until + fade - y) / fade, 0, 1)
        cover = (alpha * part * part * (3 - 2 * part))[:, None] * np.ones((1, self.size), np.float32)
        self._lay((0, 0, self.size, self.size), cover.astype(np.float32), paint, (0, self.size))

    def mean(self, left: float, top: float, right: float, bottom: float) -> list[Colour]:
        """The colours of a part, averaged over squares of a sixteenth of the side."""
        step = self.size / 16
        found = []
        for row in range(int(top * 16), math.ceil(bottom * 16)):
            for column in range(int(left * 16), math.ceil(right * 16)):
                part = self._pixels[
                    int(row * step) : int((row + 1) * step), int(column * step) : int((column + 1) * step)
                ]
                r, g, b = part.reshape(-1, 3).mean(axis=0).tolist()
                found.append((r, g, b))
        return found

    def jpeg(self, quality: int) -> bytes:
        """The picture as a JPEG in sRGB (JFIF without a profile is read so), with nothing in it but the picture."""
        grain = np.random.default_rng(_GRAIN_SEED).standard_normal((self.size, self.size), np.float32)
        noisy = self._pixels + grain[:, :, None] * np.float32(_GRAIN)
        picture = Image.fromarray(np.clip(np.rint(noisy), 0, 255).astype(np.uint8))
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality, optimize=True, subsampling="4:2:0")
        return out.getvalue()

    # ------------------------------------------------------------ how it is laid on

    def _round(
        self, x: float, y: float, radius: float, paint: Paint, cover: Callable[[Floats], Floats]
    ) -> None:
        """cover: from the distance to the middle to how much of the paint is laid on there."""
        left, top, right, bottom = box = self._box(
            (x - radius) * self.size - 2,
            (y - radius) * self.size - 2,
            (x + radius) * self.size + 2,
            (y + radius) * self.size + 2,
        )
        if right <= left or bottom <= top:
            return
        across = (np.arange(left, right, dtype=np.float32) + 0.5) / self.size - np.float32(x)
        down = (np.arange(top, bottom, dtype=np.float32) + 0.5) / self.size - np.float32(y)
        distance = np.sqrt(np.square(across)[None, :] + np.square(down)[:, None])
        self._lay(box, cover(distance), paint, ((y - radius) * self.size, (y + radius) * self.size))

    def _lay(
        self, box: tuple[int, int, int, int], cover: Floats, paint: Paint, span: tuple[float, float]
    ) -> None:
        left, top, right, bottom = box
        under = self._pixels[top:bottom, left:right]
        if isinstance(paint[0], tuple):
            above, below = paint
            part = np.clip((np.arange(top, bottom) + 0.5 - span[0]) / max(span[1] - span[0], 1), 0, 1)
            over = np.array(above) + (np.array(below) - np.array(above)) * part[:, None]
            under += (over[:, None, :].astype(np.float32) - under) * cover[:, :, None]
        else:
            under += (np.array(paint, np.float32) - under) * cover[:, :, None]

    def _box(self, left: float, top: float, right: float, bottom: float) -> tuple[int, int, int, int]:
        return (
            max(math.floor(left), 0),
            max(math.floor(top), 0),
            min(math.ceil(right), self.size),
            min(math.ceil(bottom), self.size),
        )

    def _coverage(self, contours: Sequence[Sequence[Point]], box: tuple[int, int, int, int]) -> Image.Image:
        left, top, right, bottom = box
        shape = ((right - left) * _FINE, (bottom - top) * _FINE)
        scale = self.size * _FINE
        masks = []
        for contour in contours:
            mask = Image.new("L", shape)
            points = [(x * scale - left * _FINE, y * scale - top * _FINE) for x, y in contour]
            ImageDraw.Draw(mask).polygon(points, fill=255)
            masks.append((mask, turns_right(contour)))
        if len(masks) == 1:
            return masks[0][0].reduce(_FINE)
        # Non-zero winding: a font's contours may overlap, and then both are full.
        winding = np.zeros(shape[::-1], np.int16)
        for mask, right_turn in masks:
            winding += np.where(np.asarray(mask) > 0, 1 if right_turn else -1, 0).astype(np.int16)
        return Image.fromarray(np.where(winding != 0, 255, 0).astype(np.uint8)).reduce(_FINE)


def turns_right(contour: Sequence[Point]) -> bool:
    area = 0.0
    for (x0, y0), (x1, y1) in zip(contour, [*contour[1:], contour[0]], strict=True):
        area += x0 * y1 - x1 * y0
    return area > 0


# ---------------------------------------------------------------- lines


def smooth(points: Sequence[Point], *, closed: bool = False, steps: int = 16) -> list[Point]:
    """A soft line through all the points (Catmull-Rom, uniform)."""
    count = len(points)

    def at(i: int) -> Point:
        return points[i % count] if closed else points[min(max(i, 0), count - 1)]

    found = []
    for i in range(count if closed else count - 1):
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = at(i - 1), at(i), at(i + 1), at(i + 2)
        for step in range(steps):
            t = step / steps
            found.append((_through(x0, x1, x2, x3, t), _through(y0, y1, y2, y3, t)))
    return found if closed else [*found, points[-1]]


def _through(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)


def oval(
    x: float, y: float, across: float, down: float, turn_deg: float = 0.0, *, square: float = 2.0
) -> list[Point]:
    """across, down: half of the width and of the height. square: 2 is an ellipse, more has fuller corners."""
    turn = math.radians(turn_deg)
    found = []
    for step in range(160):
        angle = 2 * math.pi * step / 160
        c, s = math.cos(angle), math.sin(angle)
        u = across * math.copysign(abs(c) ** (2 / square), c)
        v = down * math.copysign(abs(s) ** (2 / square), s)
        found.append(
            (x + u * math.cos(turn) - v * math.sin(turn), y + u * math.sin(turn) + v * math.cos(turn))
        )
    return found


def arc(x: float, y: float, radius: float, start_deg: float, stop_deg: float) -> list[Point]:
    """Degrees from the right, upwards: 90 is above."""
    angles = (math.radians(start_deg + (stop_deg - start_deg) * step / 96) for step in range(97))
    return [(x + radius * math.cos(a), y - radius * math.sin(a)) for a in angles]


def moved(
    points: Sequence[Point],
    x: float,
    y: float,
    *,
    scale: float = 1.0,
    turn_deg: float = 0.0,
    mirror: bool = False,
) -> list[Point]:
    """Points around 0, 0 turned to the right, enlarged and brought to x, y."""
    turn = math.radians(turn_deg)
    side = -1.0 if mirror else 1.0
    return [
        (
            x + scale * (side * u * math.cos(turn) - v * math.sin(turn)),
            y + scale * (side * u * math.sin(turn) + v * math.cos(turn)),
        )
        for u, v in points
    ]


def ribbon_outline(line: Sequence[Point], widths: Sequence[float]) -> list[Point]:
    one, other = [], []
    last = len(line) - 1
    for i, ((x, y), width) in enumerate(zip(line, widths, strict=True)):
        (ax, ay), (bx, by) = line[max(i - 1, 0)], line[min(i + 1, last)]
        length = math.hypot(bx - ax, by - ay) or 1.0
        nx, ny = -(by - ay) / length * width / 2, (bx - ax) / length * width / 2
        one.append((x + nx, y + ny))
        other.append((x - nx, y - ny))
    return one + _cap(line[-1], one[-1], widths[-1]) + other[::-1] + _cap(line[0], other[0], widths[0])


def _cap(end: Point, start: Point, width: float) -> list[Point]:
    if width < 0.002:
        return []
    first = math.atan2(start[1] - end[1], start[0] - end[0])
    angles = (first - math.pi * step / 12 for step in range(1, 12))
    return [(end[0] + width / 2 * math.cos(a), end[1] + width / 2 * math.sin(a)) for a in angles]
