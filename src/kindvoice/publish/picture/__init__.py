"""A programme over time, as an SVG that a browser, a printer or a page shows.

Time runs in rows, as in a book, always at about the same scale: 45 minutes are as readable as three. It says with
shapes what it says with colours, follows the reader's light or dark, and on pointing at a line tells its words.
Nothing in it is fetched or run.
"""

from __future__ import annotations

from kindvoice.publish.picture.drawing import outline_columns, timeline_svg
from kindvoice.publish.picture.style import inline_css

__all__ = ["inline_css", "outline_columns", "timeline_svg"]
