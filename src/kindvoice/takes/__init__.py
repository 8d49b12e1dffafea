"""Takes: a teacher's own recordings of lines, in place of a voice.

sheet: lines -> a reading sheet. recording, align, cutting: one long recording + lines -> where each line is. folder:
what is kept, pinned to the text it was read from.
"""

from __future__ import annotations

from kindvoice.model import Take
from kindvoice.takes.cutting import Cutting, Match, cut
from kindvoice.takes.folder import Kept, Stale, Takes, same_words
from kindvoice.takes.sheet import sheet_html, sheet_text

__all__ = [
    "Cutting", "Kept", "Match", "Stale", "Take", "Takes",
    "cut", "same_words", "sheet_html", "sheet_text",
]  # fmt: skip
