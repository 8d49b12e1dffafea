"""The reading sheet: numbered lines for a teacher to record, as a page to print and as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from html import escape

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
    asked = "\n".join(f"<li>{escape(line)}</li>" for line in INSTRUCTIONS)
    said = "\n".join(f'<li value="{number}">{escape(text)}</li>' for number, text in lines.items())
    return _PAGE.format(
        title=escape(title),
        asked=asked,
        note=f'<p class="note">{escape(note)}</p>\n' if note else "",
        language=escape(language),
        direction=direction(language),
        said=said,
    )


_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: reading sheet</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1.25rem/1.6 Georgia, "Times New Roman", serif; max-width: 38rem; margin: 2rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.6rem; line-height: 1.25; }}
h2 {{ font-size: 1.1rem; }}
.asked, .note {{ font-size: 1rem; }}
.lines {{ padding-inline-start: 3.5rem; }}
.lines li {{ margin: 0 0 1.4em; padding-inline-start: .5rem; break-inside: avoid; }}
.lines li::marker {{ font: .8em sans-serif; font-variant-numeric: tabular-nums; }}
@page {{ margin: 20mm; }}
@media print {{
  :root {{ color-scheme: light; }}
  body {{ font-size: 15pt; max-width: none; margin: 0; padding: 0; }}
  h1, h2 {{ break-after: avoid; }}
  .lines li {{ orphans: 3; widows: 3; }}
}}
</style>
</head>
<body>
<main>
<h1 lang="{language}" dir="{direction}">{title}</h1>
<section aria-labelledby="how">
<h2 id="how">How to record</h2>
<ul class="asked">
{asked}
</ul>
{note}</section>
<section aria-labelledby="what">
<h2 id="what">The lines</h2>
<ol class="lines" lang="{language}" dir="{direction}">
{said}
</ol>
</section>
</main>
</body>
</html>
"""
