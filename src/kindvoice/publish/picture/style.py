"""The picture's style sheet, as it stands in the drawing, and as a page has it.

Okabe and Ito's palette, which a colour-blind eye tells apart, darkened or lightened for contrast with the paper.
No variables: not everything that shows an SVG knows them.
"""

from __future__ import annotations

import re
from pathlib import Path

STYLE = "\n" + Path(__file__).with_name("style.css").read_text(encoding="utf-8")


def inline_css() -> str:
    """The style for a page that has a theme of its own beside the system's."""
    light, _, dark = STYLE.partition("@media (prefers-color-scheme: dark) {")
    by_system, by_hand = (
        _below(f":root{theme} .tp", dark) for theme in (':not([data-theme="light"])', '[data-theme="dark"]')
    )
    light = _below(".tp", light)
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{by_system}\n}}\n{by_hand}\n"


def _below(above: str, rules: str) -> str:
    """
    >>> _below(".tp", ".a, .b { fill: red; } .c { top: 0; }")
    '.tp .a, .tp .b { fill: red; }\\n.tp .c { top: 0; }'
    """
    return "\n".join(
        f"{', '.join(f'{above} {name.strip()}' for name in names.split(','))} {{ {body.strip()} }}"
        for names, body in re.findall(r"([^{}]+)\{([^{}]*)\}", rules)
    )
