"""Rules for words: that invite, that frighten nobody, that claim nothing, and that people say."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kindvoice.languages import count_words
from kindvoice.lint.base import Found, Moment, Page
from kindvoice.lint.words import ready


def unkind(page: Page, rule: str) -> Found:
    entries = [entry for entry in (page.words.unkind if page.words else ()) if entry.rule == rule]
    searches = [(ready(entry.said).search, entry) for entry in entries]
    for moment in page.said.values():
        for search, entry in searches:
            if match := search(moment.text):
                what = f"{match[0].strip()!r}"
                yield moment.where, f"{what}: {entry.why}" if entry.why else what, entry.better


def _near(said: Sequence[Moment], i: int, before: int, after: int) -> Sequence[Moment]:
    return said[max(i - before, 0) : i + after + 1]


def touch(page: Page) -> Found:
    """An imagined hand near what nobody touches unasked."""
    touching, intimate = page.lines("touch"), page.lines("intimate")
    for version in (*page.versions, *page.every):
        for i, moment in enumerate(version.said):
            if moment.text in touching and any(m.text in intimate for m in _near(version.said, i, 2, 0)):
                what = f"a touch that is imagined on an intimate part of the body: {moment.text!r}"
                yield moment.where, what, "let it be felt from inside; hands and shoulders are easier"


def excused(page: Page) -> Found:
    """A harsh voice that is said to mean well, without leave for those who were hurt by a person who spoke so."""
    better = "first: if it is the voice of somebody who hurt you, you needn't listen to it, or understand it"
    excuses, exempts = page.lines("excuses"), page.lines("exempts")
    for version in (*page.versions, *page.every) if page.knows("exempts") else ():
        exempt = False
        for moment in version.said:
            exempt = exempt or moment.text in exempts
            if moment.text in excuses and not exempt:
                yield moment.where, f"{moment.text!r} excuses the one who hurt, for some listeners", better


# ---------------------------------------------------------------- as people speak

_LONG_TEXT = 250
"""words"""


def contractions(page: Page) -> Found:
    count = sum(count_words(m.text) for m in page.usual.said)
    if not page.knows("contraction") or count < _LONG_TEXT:
        return
    if not any(m.text in page.lines("contraction") for m in page.usual.said):
        what = f"no contraction in {count} words"
        yield page.usual.said[0].where, what, "it's, you're, don't, let's: where you'd say it so"


def narrator(page: Page) -> Found:
    me, voice = page.lines("narrator"), page.lines("the_voice")
    first, other = (next((m for m in page.said.values() if m.text in lines), None) for lines in (me, voice))
    if first and other:
        what = f'the one who speaks is "I" in line {first.where.line}, and here a voice: {other.text!r}'
        yield other.where, what, "one of them, all through"


def spelling(page: Page) -> Found:
    kinds = page.words.spellings if page.words else ()
    spellings: list[tuple[Moment, re.Match[str]]] = []
    for pattern in kinds:
        matches = ((m, ready(pattern).search(m.text)) for m in page.said.values())
        spellings += [(m, match) for m, match in matches if match][:1]
    if len(spellings) == 2:
        (one, first), (two, second) = spellings
        what = f"{second[0]!r} here, and {first[0]!r} in line {one.where.line}: two kinds of English"
        yield two.where, what, "one spelling in a script"


_LONG_WORDS = 32


def long_sentence(page: Page) -> Found:
    for moment in page.said.values():
        if (count := count_words(moment.text)) > _LONG_WORDS:
            yield moment.where, f"a sentence of {count} words", "two shorter ones are easier to hear"
