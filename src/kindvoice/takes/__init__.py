"""Takes: a teacher's own recordings of lines, in place of a voice.

sheet: lines -> a reading sheet. recording, align, cutting: one long recording + lines -> where each line is. folder:
what is kept, pinned to the text it was read from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindvoice.model import Take
from kindvoice.takes.folder import Kept, Stale, Takes, same_words
from kindvoice.takes.sheet import sheet_html, sheet_text

__all__ = [
    "Cutting", "Kept", "Match", "Stale", "Take", "Takes",
    "cut", "same_words", "sheet_html", "sheet_text",
]  # fmt: skip

if TYPE_CHECKING:
    from kindvoice.takes.cutting import Cutting, Match, cut


def __getattr__(name: str) -> object:
    """Cutting is loaded when it is asked for: what finds takes has no use for it."""
    if name in {"Cutting", "Match", "cut"}:
        from kindvoice.takes import cutting

        return getattr(cutting, name)
    raise AttributeError(f"module 'kindvoice.takes' has no attribute {name!r}")
