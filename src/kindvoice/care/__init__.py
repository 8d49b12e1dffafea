"""Wishes that speak of dying, or of harm to oneself or to others, are seen, so that somebody is met by a kind line and
a number to call, and nothing is recorded unasked.

A list of words is no diagnosis: it knows neither who is in danger nor who is not. So nothing is refused, counted,
kept or logged for it, and whoever wrote such a wish decides. `words/LANGUAGE.toml` holds the list, with a reason and
examples for every entry. In its patterns

    ~   stands for up to four words, none of them one of `turns`, which turn the meaning (not, never, who ...)
    @   for somebody else: `others`
    §   for the end of a sentence

Nothing in them repeats without a bound, so that no text takes more than linear time. `marks` are words one of which
stands in every such wish: where there is none, another language's list is not looked through. `unspaced`: the language
is written without spaces, so that its patterns may begin and end anywhere; it needs no marks.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kindvoice.care.helplines import Helpline, country_of, helplines, linked
from kindvoice.languages import UNSPACED, primary

__all__ = ["Care", "Helpline", "country_of", "find_care", "helplines", "linked", "words_of"]

FOLDER = Path(__file__).with_name("words")


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """What is said to whoever wrote such a wish, in the language that they wrote it in."""

    language: str
    line: str
    """warm, and not alarmed"""
    talk: str
    """what stands above helplines"""
    make: str
    """what a button says that goes on all the same"""
    change: str
    """what one says that leads back to the wish"""


@dataclass(frozen=True, slots=True)
class CareWords:
    """A language's list, ready to be looked for: `exact` in the text as it is written, `seen` also without accents."""

    care: Care
    seen: re.Pattern[str]
    exact: re.Pattern[str]
    spared: re.Pattern[str]

    def find(self, text: str, bare: str) -> bool:
        """text, bare: as `_letters` gives them, with accents and without."""
        return bool(self.exact.search(text) or self.seen.search(self.spared.sub(_AWAY, bare)))


def find_care(texts: Iterable[str], language: str) -> Care | None:
    """What to say, where one of these texts speaks of dying or of harm; None where none does.

    language: that of the texts; all other lists are looked through as well, for people write in the one they feel in.
    """
    pairs = [(letters, _bare(letters)) for letters in map(_letters, texts)]
    first = primary(language)
    if first in _lists():
        own = words_of(first)
        if any(own.find(*pair) for pair in pairs):
            return own.care
        pairs = [(text, own.spared.sub(_AWAY, bare)) for text, bare in pairs]
    words = {word for _, bare in pairs for word in bare.split()}
    unspaced = any(not UNSPACED.isdisjoint(text) for text, _ in pairs)
    for tag, data in _lists().items():
        marked = unspaced if data.get("unspaced") else not words.isdisjoint(data["marks"].split())
        if tag != first and marked:
            other = words_of(tag)
            if any(other.find(*pair) for pair in pairs):
                return other.care
    return None


_AWAY = " , "
"""in place of what is spared: no word, and no end of a sentence"""


@cache
def _lists() -> Mapping[str, Any]:
    return {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))}


@cache
def words_of(language: str) -> CareWords:
    """The list of a language that has one, by its file's name."""
    data = _lists()[language]
    turns = "|".join(_bare(data["turns"]).split())
    signs = {"~": rf"(?:(?!(?:{turns}) )\w{{1,30}} ){{0,4}}", "@": f"(?:{data['others']})", "§": r"(?= \.|$)"}

    def ready(entries: Iterable[dict[str, object]], *, bare: bool = True) -> re.Pattern[str]:
        several = "|".join(str(entry["said"]) for entry in entries) or "(?!)"
        said = _bare(several) if bare else several
        for sign, pattern in signs.items():
            said = said.replace(sign, _bare(pattern) if bare else pattern)
        said = said.replace("'", " ") if bare else said
        return re.compile(said if data.get("unspaced") else rf"\b(?:{said})\b")

    texts = {name: data[name] for name in ("line", "talk", "make", "change")}
    return CareWords(
        care=Care(language=language, **texts),
        seen=ready(entry for entry in data["seen"] if not entry.get("exact")),
        exact=ready((entry for entry in data["seen"] if entry.get("exact")), bare=False),
        spared=ready(data.get("spared", ())),
    )  # fmt: skip


def _letters(text: str) -> str:
    """Lower-case words with single spaces, an apostrophe as a space, and a dot by itself where a sentence ends.

    >>> _letters("I’d rather…  NOT\\u200b wake up!")
    'i d rather . not wake up .'
    """
    words = []
    for c in unicodedata.normalize("NFC", text.casefold()).replace("i\u0307", "i"):
        if c.isalnum():
            words.append(c)
        elif unicodedata.category(c) not in {"Cf", "Mn"}:
            words.append(" . " if c in ".!?;:…。！？；：" else " ")
    return " ".join("".join(words).split())


def _bare(text: str) -> str:
    """Without accents, as it is typed in a hurry.

    >>> _bare("quiero morir, życie, ıssız")
    'quiero morir, zycie, issiz'
    """
    letters = unicodedata.normalize("NFD", text.casefold()).translate(_PLAIN)
    return "".join(c for c in letters if unicodedata.category(c) != "Mn" or c in _SOUND_MARKS)


_SOUND_MARKS = "\u3099\u309a"
"""of kana, which are no accents: か is another letter than が"""
_PLAIN = str.maketrans({"ł": "l", "ı": "i", "ø": "o"})
