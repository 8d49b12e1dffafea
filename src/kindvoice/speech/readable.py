"""What of a text an engine gets, and whether it can read it."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from kindvoice import engines
from kindvoice.model import Voice

_NOT_SPOKEN = re.compile(
    "[\\u200d\\ue000-\\uf8ff\\ufe00-\\ufe0f\\U0001f000-\\U0001faff\\u2600-\\u27bf\\u2b00-\\u2bff\\u20e3\\U000e0000-\\U000e007f]"
)


def readable(text: str) -> str:
    """The text as engines get it: no emoji, plain spaces.

    >>> readable("Be well 🙏  now")
    'Be well now'
    """
    return " ".join(_NOT_SPOKEN.sub(" ", text).split())


def unreadable(text: str, can_read: frozenset[str] | None) -> str | None:
    """The first letter that an engine cannot read. can_read: Unicode names of scripts; None: any."""
    if can_read is None:
        return None
    return next((c for c in text if c.isalpha() and _script_of(c) not in can_read | _NO_SCRIPT), None)


def cannot_read(voice: Voice, text: str) -> str:
    """The letters of a text that a voice cannot read, each once, in their order, five at most; empty: it can."""
    can_read = engines.load(voice.engine).can_read(voice)
    return "".join(list(dict.fromkeys(c for c in readable(text) if unreadable(c, can_read)))[:5])


_NO_SCRIPT = frozenset(
    {"MODIFIER", "MASCULINE", "FEMININE", "FULLWIDTH", "HALFWIDTH", "MICRO", "SUPERSCRIPT"}
)
"""First words of the names of letters that belong to no script: the turned comma of Hawaiʻi, the º of 1º."""


@cache
def _script_of(letter: str) -> str:
    """A letter's script as Unicode names it: LATIN, CYRILLIC, HIRAGANA..."""
    return unicodedata.name(letter, "UNKNOWN").split()[0]
