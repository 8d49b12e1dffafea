"""The reading sheet: numbered lines for a teacher to record, as a page to print and as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from html import escape
from pathlib import Path

from kindvoice.languages import direction

_WIDTH = 72
INSTRUCTIONS = (
    "Sit comfortably in a quiet room, close to the microphone, and make one long recording.",
    "Read each line at your own pace, in your own voice. The numbers are not read.",
    "Leave two seconds of silence after every line.",
    "If you stumble, pause, and read the whole line again. The last reading counts.",
    "Nothing needs to be perfect. You can rest between lines for as long as you like.",
)


def sheet_text(title: str, lines: Mapping[int, str], note: str = "") -> str:
    """Plain text of at most 72 columns: instructions, then the lines by number.

    >>> print(sheet_text("Calm", {1: "May I be safe.", 12: "Rest."}).split(chr(10) * 2, 2)[2])
      1   May I be safe.
    <BLANKLINE>
     12   Rest.
    <BLANKLINE>
    """
    head = [title, "=" * min(len(title), _WIDTH)]
    for line in INSTRUCTIONS:
        head += textwrap.wrap(line, _WIDTH, initial_indent="- ", subsequent_indent="  ")
    said = [
        "\n".join(textwrap.wrap(text, _WIDTH, initial_indent=f"{number:3d}   ", subsequent_indent=" " * 6))
        for number, text in lines.items()
    ]
    parts = ["\n".join(head[:2]), "\n".join(head[2:]), textwrap.fill(note, _WIDTH), *said]
    return "\n\n".join(part for part in parts if part) + "\n"


def sheet_html(title: str, lines: Mapping[int, str], language: str, note: str = "") -> str:
    """A page that stands alone: no scripts, nothing from elsewhere, large type, no line broken between pages.

    language: BCP 47, of the lines; what surrounds them is English.
    """
    import jinja2

    template = Path(__file__).with_name("sheet.html").read_text(encoding="utf-8")
    page = jinja2.Environment(
        finalize=lambda value: escape(str(value)), trim_blocks=True, keep_trailing_newline=True
    ).from_string(template)
    return page.render(
        title=title,
        lines=lines,
        note=note,
        instructions=INSTRUCTIONS,
        language=language,
        direction=direction(language),
    )
