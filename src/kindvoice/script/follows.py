"""From which words a translation was made: its front matter has two letters for each paragraph of the original.

`follows: en x7Qb...`; when the original changes, it is known where the translation stands behind it.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from kindvoice.script.beginning import with_front

_LETTERS = 2
_FRONT = re.compile(r"\A\s*---[ \t]*\n.*?^---[ \t]*$", re.DOTALL | re.MULTILINE)
_UNSAID = re.compile(r"\{#.*?#\}|\{%.*?%\}|\[[^\[\]\n]*\]", re.DOTALL)
"""comments, tags and cues: who hears a paragraph, and its pauses, are compared elsewhere"""
_BLOCK = re.compile(r"#{1,6}[ \t][^\n]*|\S[^\n]*(?:\n[ \t]*[^\s#][^\n]*)*")
"""a heading, or lines with nothing empty between them"""


class Paragraph(NamedTuple):
    line: int
    """of the file"""
    words: str


class Change(NamedTuple):
    """What an original has otherwise than when it was followed."""

    was: int | None
    """the paragraph's place among those that were followed; None: there was none"""
    place: int
    """where it stands, or would stand, among them"""
    now: Paragraph | None
    """None: it is gone"""


@lru_cache(maxsize=16)
def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """Those of a script that say anything, front matter aside, without what is not spoken in them."""
    body = _UNSAID.sub(lambda match: re.sub(r"[^\n]", "", match[0]), _blank(text))
    return tuple(
        Paragraph(body.count("\n", 0, match.start()) + 1, words)
        for match in _BLOCK.finditer(body)
        if any(map(str.isalnum, words := " ".join(match[0].split())))
    )


def _blank(text: str) -> str:
    return _FRONT.sub(lambda match: "\n" * match[0].count("\n"), text, count=1)


def following(text: str, original: str, language: str) -> str:
    """The script with the mark that it was made from this original, whose language is said."""
    return with_front(text, "follows", f"{language} {_mark(paragraphs(original))}")


def changes(follows: str, original: str) -> Iterator[Change]:
    """What the original has otherwise than when the mark was made. follows: as it stands in the front matter."""
    mark = follows.split()[-1]
    then = [mark[i : i + _LETTERS] for i in range(0, len(mark), _LETTERS)]
    now = paragraphs(original)
    codes = [_code(each) for each in now]
    for tag, i, j, k, m in SequenceMatcher(None, then, codes, autojunk=False).get_opcodes():
        if tag != "equal":
            for step in range(max(j - i, m - k)):
                was = i + step if i + step < j else None
                yield Change(was, min(i + step, j), now[k + step] if k + step < m else None)


def _mark(original: Iterable[Paragraph]) -> str:
    return "".join(map(_code, original))


def _code(paragraph: Paragraph) -> str:
    digest = blake2b(paragraph.words.encode(), digest_size=3).digest()
    return urlsafe_b64encode(digest).decode()[:_LETTERS]
