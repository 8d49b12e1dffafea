"""Where something stands in the text of a paragraph: between sentences, or alone on its line."""

from __future__ import annotations

import re

from kindvoice.languages import UNSPACED

ENDS = re.compile(r"[.!?…:;,—–。！？、，；：\n]\W*$")
"""the end of a sentence, or of a line"""


def is_between(text: str, start: int, stop: int) -> bool:
    """Whether text[start:stop] stands between sentences, or at the edge of a line."""
    before, after = text[max(start - 40, 0) : start].rstrip(" \t*_"), text[stop : stop + 40].lstrip(" \t*_")
    begins = not before.strip() or ENDS.search(before) is not None or before[-1] in ")]\"'”’»）】］」"
    ends = not after or after[0] in "\n.!?…([—–-（【［「" or after[0].isupper() or after[0] in UNSPACED
    return begins and ends


def is_whole_line(text: str, start: int, stop: int) -> bool:
    before, after = text[max(start - 40, 0) : start], text[stop : stop + 40]
    return not (before.rpartition("\n")[2] + after.partition("\n")[0]).strip(" \t*_")
