"""The marks that a drawing is made of, as SVG; and how much text has room in it."""

from __future__ import annotations

from xml.sax.saxutils import escape

from kindvoice.publish.captions.plain import columns
from kindvoice.units import short_clock

_EMS = {
    character: ems
    for group, ems in (("ijl'|.,:;! ", 0.3), ("ftrI()[]-/", 0.4), ("mw", 0.9), ("MW", 0.98), ("–—…", 1.0))
    for character in group
}
"""widths of letters that are not about as wide as an n"""


LEGEND = (
    ("speech", '<rect class="speech" x="{x}" y="88" width="22" height="10" rx="2"/>'),
    (
        "pause that stretches and shrinks",
        '<path class="pause" d="M{x} 93H{stop}"/><path class="end" d="M{x} 89V97M{stop} 89V97"/>',
    ),
    ("hold, always exact", '<rect class="hold" x="{x}" y="90" width="22" height="6"/>'),
    (
        "bell, ringing out",
        '<path class="wedge" d="M{x} 83L{stop} 92V94L{x} 103Z"/><circle class="bell mark" cx="{x}" cy="93" r="5.5"/>',
    ),
    ("background", '<rect class="bed" x="{x}" y="89" width="22" height="8"/>'),
)
"""what the shapes mean"""


def number(value: float) -> str:
    """At most one figure after the point: a tenth of a pixel, and the same text everywhere."""
    return f"{value:.1f}".removesuffix(".0")


def box(kind: str, x: float, y: float, width: float, height: float) -> str:
    size = f'width="{number(max(width, 0.5))}" height="{number(height)}"'
    return f'<rect class="{kind}" x="{number(x)}" y="{number(y)}" {size}/>'


def line(kind: str, x: float, y: float, stop_x: float, stop_y: float) -> str:
    return f'<path class="{kind}" d="M{number(x)} {number(y)}L{number(stop_x)} {number(stop_y)}"/>'


def words(x: float, y: float, kind: str, text: str, anchor: str = "") -> str:
    where = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text class="{kind}" x="{number(x)}" y="{number(y)}"{where}>{escape(text)}</text>'


def tip(text: str) -> str:
    return f"<title>{escape(text)}</title>"


def wide(text: str, size: float) -> float:
    """About how wide text is in a sans serif of this size, after the widest of those that the style names."""
    return size * sum(_EMS.get(c) or (0.7 if c.isupper() else 0.62 * columns(c)) for c in text)


def fitted(text: str, size: float, width: float, least: int = 1) -> str:
    """As much of the text as has room, cut between words where it can be; empty for less than `least` letters."""
    if wide(text, size) <= width:
        return text
    kept = _head(text, size, width - wide("…", size)).rstrip(" ,;:.–—-")
    return f"{kept}…" if len(kept) >= least else ""


def two_lines(text: str, size: float, width: float) -> list[str]:
    if wide(text, size) <= width:
        return [text]
    first = _head(text, size, width)
    if " " in text[: len(first) + 1] and (rest := fitted(text[len(first) :].strip(), size, width, least=2)):
        return [first, rest]
    shown = fitted(text, size, width, least=2)
    return [shown] if shown else []


def _head(text: str, size: float, width: float) -> str:
    """The words that fit, or as much of the first as does."""
    kept = 0
    room = width
    while kept < len(text) and (room := room - wide(text[kept], size)) >= 0:
        kept += 1
    head = text[:kept]
    if text[kept : kept + 1] not in {"", " "}:
        head = head.rpartition(" ")[0] or head
    return head.strip()


def exact(ms: int) -> str:
    return f"{short_clock(ms)}.{ms % 1000 // 100}"


def length(ms: int) -> str:
    """
    >>> length(900), length(8_000), length(8_260), length(45_400), length(90_000)
    ('0.9 s', '8 s', '8.3 s', '45 s', '1:30')
    """
    if ms >= 59_500:
        return short_clock(ms + 500)
    return f"{ms / 1000:.0f} s" if ms >= 9_950 else f"{ms / 1000:.1f}".removesuffix(".0") + " s"
