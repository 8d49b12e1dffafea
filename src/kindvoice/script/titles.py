"""Titles that no sign marks as ones: of the whole, and of its parts."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from kindvoice.languages import count_words
from kindvoice.script.directions import Vocabulary, is_direction
from kindvoice.script.literal import reveal
from kindvoice.script.markdown import Block

A_TITLE = "a title"
"""why the title of the whole is not spoken"""
_LEAST_BELOW = 12
"""words below the title of a part"""
_LEAST_MARKED = 4
"""likewise, where the title has a number or is bold"""
_STOPPED_SHARE = 0.66
"""of the other paragraphs, how many end with a stop where lines without one are titles"""
STOPPED = re.compile(r"[.!?…\])。！？】）]\W*$")
_NUMBER = re.compile(r"\d{1,2}[.)] ")
LASTS = re.compile(r" ?\([^()\n]{0,8}\d[^()\n]{0,14}\)$")
"""how long a part takes"""


def plain_titles(
    blocks: Sequence[Block], reasons: Mapping[int, str], words: Vocabulary, own: AbstractSet[int]
) -> list[int]:
    """Which paragraphs are titles of parts, though no sign marks them: two at least, each a line by itself without a
    stop that is known for one, is bold or numbered, or has capitals as titles have, in a text whose other lines have
    stops. own: the blocks with somebody's own words."""
    if sum(block.kind == "heading" for block in blocks) > 1:
        return []
    spoken = [
        i
        for i, block in enumerate(blocks)
        if block.kind == "text" and i not in reasons and block.text.strip()
    ]
    named = words.frame["parts"].fullmatch
    spoken = [
        i
        for i in spoken
        if not is_direction(reveal(blocks[i].text).strip(), words)
        or ((blocks[i].apart or is_strong(blocks[i])) and named(_bare(blocks[i])))
    ]
    lines = [i for i in spoken if _is_line(blocks[i : i + 2], words) and i not in own]
    known = {i for i in lines if named(_bare(blocks[i]))}
    capitals = {i for i in lines if len(_bare(blocks[i])) > 3 and _bare(blocks[i]).isupper()}
    marked = [i for i in lines if blocks[i].apart or is_strong(blocks[i]) or i in capitals]
    sure = [i for i in lines if i in known or i in marked or _has_capitals(_bare(blocks[i]), words)]
    if not all(blocks[i].apart for i in marked) and known.isdisjoint(marked):
        marked = []  # what is bold may be what is to be heard
    return (
        _with_words_below(marked, blocks, spoken, 0, _LEAST_MARKED)
        or (_with_words_below(lines, blocks, spoken, 0.8) if known and len(lines) > 2 else [])
        or _with_words_below([i for i in sure if not is_strong(blocks[i])], blocks, spoken, _STOPPED_SHARE)
        or _with_words_below(sorted(known), blocks, spoken, _STOPPED_SHARE / 2)
    )


def is_strong(block: Block) -> bool:
    """Whether all of it is bold."""
    return any(stop - start >= len(block.text.strip()) for start, stop in block.strong)


def _bare(block: Block) -> str:
    """Without its number, its length, and a colon at its end."""
    return LASTS.sub("", _NUMBER.sub("", reveal(block.text).strip()).strip(": ")).strip(": ")


def _with_words_below(
    titles: list[int], blocks: Sequence[Block], spoken: Sequence[int], share: float, least: int = _LEAST_BELOW
) -> list[int]:
    """These, if two at least have words below them, they differ, and so many of the others end with a stop. The first
    may be the title of the whole, or a line about it, with nothing below."""
    others = [blocks[i].text.strip() for i in spoken if i not in titles]
    counts = [
        sum(count_words(block.text) for block in blocks[title + 1 : after])
        for title, after in itertools.pairwise([*titles, len(blocks)])
    ]
    above = next((n for n, count in enumerate(counts[:2]) if count >= least), len(counts))
    different = len({blocks[i].text.casefold() for i in titles}) == len(titles)
    stopped = sum(STOPPED.search(text[-20:]) is not None for text in others)
    sure = len(counts) > above + 1 and min(counts[above:]) >= least and different
    return titles if sure and stopped >= share * len(others) else []


def _is_line(blocks: Sequence[Block], words: Vocabulary) -> bool:
    """Whether a paragraph is a line without a stop that may be the title of a part: no wish, and no direction. Of a
    list only what has a number and no neighbour. blocks: with the one that follows."""
    block = blocks[0]
    text = reveal(block.text).strip()
    bare = _bare(block)
    if block.apart and (not _NUMBER.match(text) or any(after.apart for after in blocks[1:])):
        return False
    if not bare or len(bare) > 80 or text.endswith((".", "。")) or bare[0].islower() or not bare[0].isalnum():
        return False
    if re.search(r"[\n.!?…,;。！？、，；「」\[\](){}<>/]", bare) and not words.frame["parts"].fullmatch(bare):
        return False
    if words.frame["label"].match(bare):
        return False
    if words.frame["parts"].fullmatch(bare):
        return True
    return count_words(bare) <= 8 and not words.frame["wish"].match(bare) and not is_direction(bare, words)


def _has_capitals(text: str, words: Vocabulary) -> bool:
    """As titles have them. German writes all its nouns with a capital."""
    parts = text.split()
    if text.isupper() and len(text) > 3:
        return True
    long = [part for part in parts if len(part) > 3 or part is parts[0] or part is parts[-1]]
    return len(parts) > 1 and all(part[0].isupper() for part in long) and not words.nouns


def is_title(text: str, after: Sequence[str], words: Vocabulary) -> bool:
    """Whether a first paragraph is a title that no sign marks as one: capitals, or a word such as "meditation", and no
    stop, where the paragraphs after it have theirs. Lines below may say who wrote it and how long it is."""
    first, *lines = text.split("\n")
    first = LASTS.sub("", first)
    heads, label, furniture = (words.frame[name] for name in ("heads", "label", "furniture"))
    if len(first) > 100 or len(lines) > 4:
        return False
    numbered = (re.match(r"[\s#:.]*\d", first[of.end() :]) for of in words.frame["several"].finditer(first))
    if not lines and not first.endswith(".") and any(numbered):  # Episode 7: ...
        return True
    if label.match(first):
        return False
    named = bool(lines) or heads.fullmatch(first) is not None
    stopped = sum(STOPPED.search(paragraph[-20:]) is not None for paragraph in after[:9])
    if not stopped or (not named and stopped < 2 / 3 * len(after[:9])):
        return False
    about = (heads.fullmatch(line) or label.match(line) or furniture.fullmatch(line) for line in lines)
    if re.search(r"[.!?…,;\[\](){}<>]", first) or not all(about):
        return False
    parts = first.split()
    lead = first[:1].isupper() or first[:1].isdecimal()
    return 2 <= len(parts) <= 9 and lead and (has_capitals(first) or named)


def has_capitals(text: str) -> bool:
    """Whether each of its longer words begins with one, two at least."""
    long = [word for word in text.split() if len(word) > 3 and word[0].isalpha()]
    return len(long) > 1 and all(word[0].isupper() for word in long)
