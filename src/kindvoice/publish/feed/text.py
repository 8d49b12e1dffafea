"""Text for a feed: what XML can hold, and no more of it than a directory takes."""

from __future__ import annotations

import re
from collections.abc import Callable

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""everything but the characters of XML 1.0, production 2"""


def xml_text(text: str) -> str:
    """Without control characters and halves of surrogate pairs, which XML cannot hold at all."""
    return _NOT_XML.sub("", text)


def one_line(text: str) -> str:
    """Likewise, in one line and without spaces at the ends.

    >>> one_line("  Kind\\tness \\x00\\n now ")
    'Kind ness now'
    """
    return " ".join(xml_text(text).split())


def clipped(text: str, characters: int) -> str:
    """At most so many characters, cut between words where there are words.

    >>> clipped("May I be safe and kind", 12), clipped("Mmmmmmmm", 4)
    ('May I be…', 'Mmm…')
    """
    if len(text) <= characters:
        return text
    head = text[: max(characters - 1, 0)]
    return (head[: head.rindex(" ")] if " " in head.strip() else head).rstrip() + "…"


def clipped_bytes(text: str, limit: int, written: Callable[[str], str] = str) -> str:
    """Likewise, so that it has at most so many bytes of UTF-8 when it is written."""
    while (over := len(written(text).encode()) - limit) > 0 and len(text) > 1:
        # A character is written with at most six bytes, so this never cuts too much at once.
        text = clipped(text, len(text) - max(over // 6, 1))
    return text
