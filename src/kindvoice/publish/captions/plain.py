"""Text as it may stand in any file: one line, nothing unseen that a reader or a parser would trip over."""

from __future__ import annotations

import re
import unicodedata

_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NO_BREAK = "\u00a0\u2007\u202f"
"""white space at which no line may end, as before a French question mark"""
_UNSEEN = re.compile(
    # byte order marks, bidirectional overrides and isolates (a cut would part a pair), and private or empty places
    r"[\ufeff\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ufdd0-\ufdef\ue000-\uf8ff]|[\ufffe\uffff]"
)
_LONE = re.compile(r"[\ud800-\udfff]")


def plain(text: str) -> str:
    """One line of text that is valid in UTF-8, XML and HTML; no-break spaces stay.

    >>> plain("a\\x00b\\n\\n c\\u202e \\ud800")
    'a b c \ufffd'
    """
    kept = _LONE.sub("\ufffd", _UNSEEN.sub("", text))
    kept = "".join(" " if ord(c) > 0xFFFF and (ord(c) & 0xFFFE) == 0xFFFE else c for c in kept)
    return " ".join(words(kept))


def words(text: str) -> list[str]:
    """What stands between white space that may break."""
    # str.split would break at no-break spaces too.
    return [word for word in _BLANK.sub(_blank, text).split(" ") if word.strip()]


def _blank(match: re.Match[str]) -> str:
    run = match.group()
    return run if run.strip(_NO_BREAK) == "" else " "


def columns(text: str) -> int:
    """How wide text is in columns of a fixed pitch: Far Eastern characters and emoji two, marks none.

    >>> columns("kind"), columns("慈悲"), columns("e\u0301")
    (4, 4, 1)
    """
    return len(text) if text.isascii() else sum(map(_column, text))


def _column(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if wide(character) else 1


def wide(character: str) -> bool:
    """Whether it takes two columns; between two such characters of a text a line may break."""
    return unicodedata.east_asian_width(character) in "WF"


def sentence_space(before: str, after: str) -> str:
    """What stands between two sentences: nothing in Chinese and Japanese, else a space."""
    return "" if before and after and wide(before[-1]) and wide(after[0]) else " "
