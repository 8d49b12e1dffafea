"""Room for a participant's own words that is the same for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kindvoice.model import Gap, Item, Say, Timeline

LETTERS_PER_SECOND = 10.5
"""of calm speech, in any of the library's languages, as measured: 96 words of Turkish and 139 of English a minute"""
PHRASE_LETTERS = 26
"""A usual phrase. What is kept for a line may not depend on what it says, or no two participants would share a
schedule."""
LEAST_MS = 1_500


def keep_slots(timeline: Timeline) -> Timeline:
    """The timeline with a slot of fixed length for every line that holds own words and the pause after it, so that all
    else stands at the same place for everyone. A pause that must not give (a hold) is left alone, and its line as
    long as it is."""
    items: list[Item] = []
    for i, item in enumerate(timeline.items):
        if isinstance(item, Say) and item.own and item.slot_ms is None and _gives(timeline.items, i + 1):
            item = replace(item, allow_ms=_allow_ms(item))
        items.append(item)
    return replace(timeline, items=tuple(items))


def _gives(items: Sequence[Item], at: int) -> bool:
    """Whether an elastic pause stands here."""
    after = items[at] if at < len(items) else None
    return isinstance(after, Gap) and after.glue.min_ms < after.glue.natural_ms


def _allow_ms(line: Say) -> int:
    """What the line would usually take with a usual phrase in place of each of these."""
    rest, end = "", 0
    for start, stop in line.own:
        rest, end = rest + line.text[end:start], stop
    rest = (rest + line.text[end:]).strip(" .!?…,;:。！？")
    letters = len(rest) + len(line.own) * PHRASE_LETTERS
    return max(round(letters / LETTERS_PER_SECOND * 1000), LEAST_MS)
