"""The colours of the covers: few, muted, and each with a title that can be read."""

from __future__ import annotations

from dataclasses import dataclass

from kindvoice.cover.raster import Colour, colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """One mood. Colours as in raster."""

    high: Colour
    """the sky above, behind the title"""
    low: Colour
    """the sky at the horizon"""
    light: Colour
    """the sun, the moon, a glow"""
    far: Colour
    """what is seen through much air"""
    mid: Colour
    near: Colour
    form: Colour
    """the accent"""
    ink: Colour
    """the title"""

    @property
    def dark(self) -> bool:
        return luminance(self.ink) > luminance(self.high)


def luminance(paint: Colour) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    linear = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in paint]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    """1 to 21 (WCAG 2.2); 4.5 is enough for any text, 3 for large letters.

    >>> round(contrast((0, 0, 0), (255, 255, 255)), 1)
    21.0
    """
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _palette(codes: str) -> Palette:
    high, low, light, far, mid, near, form, ink = map(colour, codes.split())
    return Palette(high=high, low=low, light=light, far=far, mid=mid, near=near, form=form, ink=ink)


# high, low, light, far, mid, near, form, ink
PALETTES = {
    "dawn": _palette("#f2c3ae #fdebd3 #fff6de #e3b0a2 #b9827f #7a5161 #d9705f #47263a"),
    "sky": _palette("#9fcbdc #eef5ee #fffbe6 #94bcc6 #5f94a6 #2f6379 #eeb063 #10384c"),
    "sage": _palette("#c6d7b8 #f4f1da #fffbe6 #a9c09a #76997a #456a54 #d8925f #213d2c"),
    "sand": _palette("#ecd6b0 #faf1dc #fffaf0 #dcc197 #b8926a #7a5b44 #5f8785 #442d1e"),
    "lavender": _palette("#c3b9e0 #f5e9ee #fff6ee #aca0d0 #7f74ae #4d457b #eaa2a6 #2a2450"),
    "rose": _palette("#eeb9c1 #fcebe4 #fff6ee #dd9fac #b06f85 #6d3f5a #c9536d #481b35"),
    "night": _palette("#12203f #46658f #f7ebca #3a5682 #223b63 #0e1a33 #f1cf87 #f5eddb"),
    "forest": _palette("#12302b #5f8a70 #f4e9bd #44705c #264c40 #0d261f #edc57f #f2efda"),
    "plum": _palette("#2a1c3e #90608a #ffdcb4 #6d4a75 #472f57 #1f132f #f2b78d #f9e9de"),
    "ember": _palette("#521f2f #d97a5a #ffe3a6 #a84e49 #74323c #3a1523 #ffb554 #fff0da"),
    "teal": _palette("#0d4652 #86c4b4 #fdf4d3 #4f9a97 #256f77 #0a3842 #f3c98b #effaf2"),
    "mint": _palette("#abdccb #f6f8e6 #fffdf0 #93cbbb #559c91 #226a66 #f0a787 #0d4241"),
    "honey": _palette("#f3c860 #fcedbf #fffae2 #e2b251 #b98335 #7b501f #c9603a #472a0b"),
    "mist": _palette("#a3b3c4 #e9edf0 #ffffff #9aabbd #6b7f95 #394b61 #e8c58a #17263a"),
    "dusk": _palette("#37366a #f2b79b #ffeccb #b98a96 #7f6184 #2f2a50 #f0a070 #fbefe2"),
    "lake": _palette("#1f4766 #c2dadd #fdf6e2 #8fb3bf #55839a #1f4259 #eebf87 #f2f8f4"),
    "clay": _palette("#dfa07f #f8e0c6 #fff6e6 #cc8a6b #a3614c #683628 #5d8a86 #441e13"),
}
