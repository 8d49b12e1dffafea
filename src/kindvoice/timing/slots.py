"""Which lines speak a participant's own words, and room for them that is the same for everybody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from kindvoice.model import Gap, Item, Say, Timeline

LETTERS_PER_SECOND = 10.5
"""of calm speech, in any of the library's languages, as measured: 96 words of Turkish and 139 of English a minute"""
PHRASE_LETTERS = 26
"""A usual phrase. What is kept for a line may not depend on what it says, or no two participants would share a
schedule."""
LEAST_MS = 1_500
_PART_LETTERS = 8
_DECLINED_LETTERS = 4
"""a name of so many letters may have an ending, as in Annas Hand; a shorter one would be found in other words"""


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
    return any(
        (len(text) >= _PART_LETTERS and text in word) or any(True for _ in _places(text, word))
        for word in words
    )


def _places(text: str, word: str) -> Iterator[tuple[int, int]]:
    """Where the word stands in the text, and not as a part of another: no Eve in evening, no An in hand.

    >>> [list(_places(*pair)) for pair in (("this evening, eve", "eve"), ("annas hand", "anna"), ("花子さん", "花子"))]
    [[(14, 17)], [(0, 4)], [(0, 2)]]
    """
    for found in re.finditer(re.escape(word), text):
        start, stop = found.span()
        begins = start == 0 or not (_spaced(text[start - 1]) and _spaced(word[0]))
        ends = (
            len(word) >= _DECLINED_LETTERS
            or stop == len(text)
            or not (_spaced(text[stop]) and _spaced(word[-1]))
        )
        if begins and ends:
            yield start, stop


def _spaced(character: str) -> bool:
    """Whether it is a digit, or of a writing with capitals: these part words with spaces, many others do not."""
    return character.isdecimal() or character.lower() != character.upper()


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
        for start, stop in reversed(list(_places(text, word))):
            text = text[:start] + text[stop:]
            letters += PHRASE_LETTERS
    letters += len(text.strip())
    return max(round(letters / LETTERS_PER_SECOND * 1000), LEAST_MS)
