"""Takes: a teacher's own recordings of lines, in place of a voice.

sheet: lines -> a reading sheet. recording, align, cutting: one long recording + lines -> where each line is. folder:
what is kept, pinned to the text it was read from.
"""

from __future__ import annotations

from kindvoice.takes.folder import Takes, same_words

__all__ = ["Takes", "same_words"]
