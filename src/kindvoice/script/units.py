"""A text as what stands alone in it: paragraphs, and lines that somebody ended on purpose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from kindvoice.languages import UNSPACED, count_words
from kindvoice.script.directions import Vocabulary, read_alone
from kindvoice.script.literal import reveal
from kindvoice.script.markdown import Block
from kindvoice.script.sentences import split_sentences
from kindvoice.script.titles import STOPPED

_GOES_ON = re.compile(r"[.!?…,;:。！？、，；：–—/-]\W*$|[!?…。！？、，；;\[\]{}<>|/]")
"""or ends as a sentence does"""
LASTS = re.compile(r" ?[(（][^()（）\n]{0,40}[)）]$")
NUMBER = re.compile(r"(?:\d{1,2}|[一二三四五六七八九十]{1,2})[.)、．] ?")
_IN_BRACKETS = re.compile(r"[\[(（【［][^\[\]()（）]*[\])）】］]|/[^/]*/")
SIGNS = re.compile(r"^[\W_]+")
_OF_A_PAGE = re.compile(
    r"\S [|»›·•>] \S|[^\s.!?…] {2,}\S|_{3,}|\.{5,} {2,}\S|https?:|www\.\w|\w@\w+\.\w|©|(?:^|\s)[#@]\w{2,}"
    r"|(?<!\d)(?:19|20)\d\d[-/.]\d|(?<=[\w-]{2})\.(?:com|org|net)\b"
)
"""what nobody says to a listener: columns, blanks to fill in, addresses, dates in figures"""
_MOST_WORDS = 12
"""of a title, or of a line about the script"""
_LONGEST = 90
"""characters of a title"""
_WIDE = 0.8
"""of the lines, how many are no longer than the width that a text was wrapped at"""


@dataclass(frozen=True, slots=True)
class Unit:
    """A paragraph, or a line of one that was ended on purpose."""

    block: int
    line: int
    """its first in the block, from 0"""
    after: int
    """the line below its last"""
    text: str
    apart: bool
    """whether it is of a list"""
    cue: bool
    """whether it is no more than a cue or a direction"""
    bare: bool
    """whether it has the shape of a title: short, and neither ended as a sentence is nor going on"""
    of_a_page: bool
    own: bool
    """whether somebody's own words stand in it"""

    @property
    def stops(self) -> bool:
        return STOPPED.search(self.text[-20:]) is not None


def read_units(
    blocks: Sequence[Block], spoken: Sequence[int], words: Vocabulary, own: AbstractSet[int]
) -> Iterator[Unit]:
    """What stands alone in these blocks. A line ends on purpose where it has a stop, or where the next word would have
    found room in it."""
    texts = {i: reveal(blocks[i].text).split("\n") for i in spoken}
    widths = sorted(len(line) for lines in texts.values() for line in lines)
    width = widths[int(_WIDE * len(widths))] if widths else 0
    for i, lines in texts.items():
        begin = 0
        for n, line in enumerate(lines):
            after = lines[n + 1] if n + 1 < len(lines) else ""
            word = 2 if any(letter in UNSPACED for letter in after[:9]) else len(after.split(" ", 1)[0]) + 1
            if not after or len(line.rstrip()) + word <= width or STOPPED.search(line[-20:]):
                text = " ".join(lines[begin : n + 1]).strip()
                if plain := SIGNS.sub("", text).strip("[]()*_ "):
                    bracketed = _IN_BRACKETS.fullmatch(text.strip("*_ "))
                    cue = bracketed is not None or read_alone(plain, words) is not None
                    yield Unit(
                        i, begin, n + 1, text, blocks[i].apart and len(lines) < 2, cue,
                        not cue and _is_bare(text), _OF_A_PAGE.search(text) is not None, i in own,
                    )  # fmt: skip
                begin = n + 1


def _is_bare(text: str) -> bool:
    if len(text) > 2 * _LONGEST:
        return False
    text = NUMBER.sub("", LASTS.sub("", text.strip("*_ ")), count=1)
    return (
        0 < count_words(text) <= _MOST_WORDS
        and len(text) <= _LONGEST
        and not text[0].islower()
        and not _GOES_ON.search(text)
        and len(split_sentences(text)) == 1
    )


def beginning(text: str) -> str:
    """How a sentence begins: with a word of some length, or with two."""
    parts = re.findall(r"[^\W\d_]+", text.casefold())[:2]
    if not parts or parts[0][0] in UNSPACED:
        return ""
    return parts[0] if len(parts[0]) > 3 else " ".join(parts)
