"""Which lines speak a participant's own words, and room for them that is the same for everybody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kindvoice.model import Gap, Item, Say, Timeline

LETTERS_PER_SECOND = 10.5
"""of calm speech, in any of the library's languages, as measured"""
PHRASE_LETTERS = 26
"""A usual phrase. What is kept for a line may not depend on what it says, or no two participants would share a
schedule."""
LEAST_MS = 1_500
_PART_LETTERS = 8


def mark_personal(timeline: Timeline, own: Iterable[str], *, slots: bool) -> Timeline:
    """The timeline with every line marked that holds one of these words or phrases.

    slots: whether such a line and the pause after it share a slot of fixed length, so that all else stands at the
    same place for everyone. A pause that must not give (a hold) is left alone, and its line as long as it is.
    """
    words = sorted({bare for text in own if len(bare := _bare(text)) > 1}, key=len, reverse=True)
    if not words:
        return timeline
    items: list[Item] = []
    for i, item in enumerate(timeline.items):
        if isinstance(item, Say) and _holds(_bare(item.text), words):
            allow = _allow_ms(item.text, words) if slots and _gives(timeline.items, i + 1) else None
            item = replace(item, personal=True, allow_ms=allow if item.slot_ms is None else None)
        items.append(item)
    return replace(timeline, items=tuple(items))


def _bare(text: str) -> str:
    """A script may put a phrase into a sentence of its own: its case and its full stop may change."""
    return text.casefold().strip().rstrip(".!?…,;:。！？")


def _holds(text: str, words: Sequence[str]) -> bool:
    """Whether one of these is in the text, or the text is a sentence of one of these."""
    return any(word in text or (len(text) >= _PART_LETTERS and text in word) for word in words)


def _gives(items: Sequence[Item], at: int) -> bool:
    """Whether an elastic pause stands here."""
    after = items[at] if at < len(items) else None
    return isinstance(after, Gap) and after.glue.min_ms < after.glue.natural_ms


def _allow_ms(text: str, words: Sequence[str]) -> int:
    """What the line would usually take with a usual phrase in place of each of these."""
    letters = 0
    text = _bare(text)
    if any(text in word for word in words):
        return max(round(PHRASE_LETTERS / LETTERS_PER_SECOND * 1000), LEAST_MS)
    for word in words:
        times = text.count(word)
        text = text.replace(word, "")
        letters += times * PHRASE_LETTERS
    letters += len(text.strip())
    return max(round(letters / LETTERS_PER_SECOND * 1000), LEAST_MS)
