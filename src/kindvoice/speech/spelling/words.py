"""What each language writes short: one file in the folder `words`, which a translator adds.

A key in small letters also stands for the same with a capital first; after a dot inside a key there may be a space,
so "z.B." is "z. B." as well.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from kindvoice.languages import primary

FOLDER = Path(__file__).with_name("words")
Table = Mapping[str, str]


@dataclass(frozen=True, eq=False)
class SpellingWords:
    tag: str
    months: str
    date: str
    """how day, month and year are written in a line"""
    range: str
    """how 5–10 is said"""
    money: Sequence[str]
    """the words for values.SIGNS in their order: one, several, and in Polish for five or more and for decimals"""
    point: str
    """between the numbers of 1.2.3"""
    times: str
    plus: str
    """between 2 and 1/4"""
    thirds: Sequence[str]
    """1/3, 2/3, 1/4, 3/4"""
    minus: str
    """before degrees below zero"""
    plus_sign: str
    """before the country's figures of a telephone number"""
    dot: str
    at: str
    """within an address"""
    often: str
    """how 2x is said: for one, for several, and in Polish as of units"""
    telephone: str = ""
    """a pattern of what stands before a telephone number"""
    roman: str = ""
    """a pattern of nouns that Roman numerals number"""
    rulers: str = ""
    """a pattern of the names of popes and kings"""
    ruler: Sequence[str] = ("", "")
    """how the number after such a name is said, up to ten and above"""
    century: Sequence[str] = ("", "")
    """a pattern of what follows the Roman number of a century, and how that number is written"""
    between: Sequence[str] = ("", "")
    """a pattern of the words before a range that has another word in it, and how it is said then"""
    hour: Sequence[str] = ("", "")
    """how a full hour is: for one o'clock, for the others; empty: 7:00 stays"""
    ampersand: str = ""
    half: Sequence[str] = ("", "")
    """½ alone, and after a number; empty: it stays"""
    thousands: str = ""
    """the sign between groups of three figures that an engine stumbles over"""
    anywhere: Table = field(default_factory=dict)
    """abbreviation to words"""
    last: Table = field(default_factory=dict)
    """the same, but its dot may also end a sentence: it stays before a capital letter"""
    inside: Table = field(default_factory=dict)
    """only before a small letter or a figure, for elsewhere it may be a word of its own"""
    titles: Table = field(default_factory=dict)
    """only before a name"""
    numbered: Table = field(default_factory=dict)
    """only before a figure"""
    units: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """only after a figure: the word for one, for several, and in Polish for five or more and for decimals"""
    rewrites: Sequence[Sequence[str]] = ()
    """patterns and what stands in their place, one after another: {free} is before a number that is no part of a longer
    one, {month} any month, and {ordinal 3} becomes "third" """
    counted: Sequence[Mapping[str, Any]] = ()
    """nouns, a pattern, and forms: what a number before them becomes; *1 is 21, 31..., {} its tens in words"""

    @property
    def month(self) -> str:
        """A pattern for any of them."""
        return self.months.replace(" ", "|")

    @property
    def decimal(self) -> str:
        """The sign before decimals."""
        return "." if self.tag == "en" else ","


@cache
def words_of(language: str) -> SpellingWords | None:
    """The words of a BCP 47 tag's language; None where there is no file."""
    path = FOLDER / f"{primary(language)}.toml"
    if not path.is_file():
        return None
    return SpellingWords(tag=path.stem, **tomllib.loads(path.read_text(encoding="utf-8")))
