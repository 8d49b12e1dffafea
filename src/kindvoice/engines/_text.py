"""Text that engines can read: without what one or another would spell out, stumble over or obey.

Each engine has its own list of what it cannot take; here is what they have in common.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

from kindvoice.engines._languages import facts, parts
from kindvoice.model import SOUNDS_CLOSE, SOUNDS_OPEN

_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""soft hyphens, zero-width spaces, marks of direction; joiners stay, for Indian and Persian writing"""
_SIGNS = re.compile(r"[\[\]{}<>*_~^`|\\#¡¿\x00-\x1f\x7f-\x9f\"“”„‟«»‹›]|(?<=[^\W\d])/(?=[^\W\d])")
_QUOTED = re.compile(r"(?<!\w)'(\S|\S[^']*\S)'(?!\w)")
_RANGE = re.compile(r"(?<![\d–-])(\d+(?:[.,]\d+)?) ?[-–] ?(\d+(?:[.,]\d+)?)(?! ?[–-] ?\d|[\d–-])")
_ROW = re.compile(r"(?<![\d–.,-])\d{1,3}(?: ?[-–] ?\d{1,3}){2,60}(?! ?[–-]|\d|[.,]\d)")
_TO = {"de": "bis", "en": "to", "es": "a", "fr": "à", "it": "a", "nl": "tot", "pt": "a"}
_DOTS = re.compile(r" ?(?:…|\.(?= ?[.…]))(?: ?[.…])*")
_DASHES = re.compile(r" - | ?--+ ?| ?[–—] ?")
_LEADING = re.compile(r"^(?:[\s,;:!?)]|-(?!\d)|\.(?!\d))+")
_SINGLE = str.maketrans("‘’ʼʻ‐‑−‒―", "''''---–—")


def tidy(text: str, language: str) -> str:
    """The text on one line, in plain signs: nothing that is markup to an engine, no pause by accident.

    Signs that engines name ("asterisk", "open bracket") read as spaces, and so do quotation marks, at which
    some pause. An ellipsis becomes a comma within a sentence and a full stop where one ends; a dash becomes a
    comma, but "3–5" reads "3 to 5" in languages whose word for it is known here; three numbers or more are a
    row. A line never begins with a pause.

    >>> tidy("*Rest* … and—“well-being” [[x]] for 3–5 minutes…", "en")
    'Rest, and, well-being x for 3 to 5 minutes.'
    """
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text)).translate(_SINGLE)
    text = _spaced(_SIGNS.sub(" ", text))
    text = _QUOTED.sub(r"\1", text)
    text = _ROW.sub(lambda row: ", ".join(re.findall(r"\d+", row[0])), text)
    if to := _TO.get(parts(language)[0]):
        text = _RANGE.sub(rf"\1 {to} \2", text)
    text = _DOTS.sub(_after_dots, text)
    text = _DASHES.sub(_after_dash, text)
    text = re.sub(r" (?=[,;:!?]|\.(?!\d))", "", text)
    text = re.sub(r"([,.;:!?]),|\.(?=[!?])", r"\1", text)
    return _spaced(_LEADING.sub("", text))


@cache
def short_words(language: str) -> frozenset[str]:
    """Words that are no one's initials, of a language that is known by its code."""
    return frozenset(facts("short_words").get(language, "").split())


_CAPITALS = re.compile(r"(?<![\w.])(?:[^\W\d_]{1,3}'[^\W\d_]{1,2}|[^\W\d_]{2,3})(?!\w|\.\w)")


def without_capitals(text: str, language: str) -> str:
    """The text with its shortest words in small letters where capitals are for emphasis.

    >>> without_capitals("Das ist GUT für DICH, sagt die UNO.", "de"), without_capitals("WE ARE OK", "en")
    ('Das ist gut für DICH, sagt die UNO.', 'we are ok')
    """
    known = short_words(parts(language)[0])
    shouted = text.isupper() and len(text.split()) > 2

    def lowered(match: re.Match[str]) -> str:
        word = match[0]
        sure = shouted or word.lower().partition("'")[0] in known or word.endswith("N'T")
        return word.lower() if sure and word.isupper() else word

    return _CAPITALS.sub(lowered, text)


_SOUNDS = re.compile(f"{SOUNDS_OPEN}([^{SOUNDS_OPEN}{SOUNDS_CLOSE}]*){SOUNDS_CLOSE}")
_STAND_IN = re.compile("Zqvx([a-j]+)xq", re.IGNORECASE)
"""a word that no language has, of letters that every engine's text keeps"""


def keeping_sounds(text: str, plain: Callable[[str], str], written: Callable[[str], str]) -> str:
    """What `plain` makes of a text, with the IPA in it kept out of its way and written as an engine wants it.

    >>> keeping_sounds(f"May {SOUNDS_OPEN}ˈmɛtə{SOUNDS_CLOSE}, grow.", str.lower, "[[{}]]".format)
    'may [[ˈmɛtə]], grow.'
    """
    sounds: list[str] = []

    def hold(match: re.Match[str]) -> str:
        sounds.append(match[1])
        return "Zqvx" + "".join(chr(ord("a") + int(digit)) for digit in str(len(sounds) - 1)) + "xq"

    def put_back(match: re.Match[str]) -> str:
        number = int("".join(str(ord(letter) - ord("a")) for letter in match[1].lower()))
        return written(sounds[number]) if number < len(sounds) else match[0]

    return _STAND_IN.sub(put_back, plain(_SOUNDS.sub(hold, text)))


def _after_dots(dots: re.Match[str]) -> str:
    after = dots.string[dots.end() :].lstrip()
    # Before a figure too: "2. 3." would be ordinals in some languages.
    return ", " if after[:1].islower() or after[:1].isdecimal() else ". "


def _after_dash(dash: re.Match[str]) -> str:
    before, after = dash.string[: dash.start()][-1:], dash.string[dash.end() :][:1]
    if before.isdigit() and after.isdigit():
        return dash[0]  # from this to that
    return ", " if after else ""


def _spaced(text: str) -> str:
    return " ".join(text.split())


_DOUBLY_MARKED = frozenset({"cy", "ga", "lv", "vi"})


def undotted(text: str, language: str) -> str:
    """The text without the marks that espeak-ng would spell: those of the Latin Extended Additional block, such as the
    dotted ones of Sanskrit and Pali, in all languages that do not use them.

    >>> undotted("mettā, karuṇā", "es")
    'mettā, karunā'
    """
    if parts(language)[0] in _DOUBLY_MARKED:
        return text
    return re.sub("[\u1e00-\u1eff]", lambda m: bare(m[0]), text)


def bare(letter: str) -> str:
    """A Latin letter without its marks; any other sign as it is.

    >>> [bare(c) for c in "ṇạłœŊ3"]
    ['n', 'a', 'l', 'oe', 'Ng', '3']
    """
    if letter in _BARE:
        return _BARE[letter]
    return "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c))


_BARE = {
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T", "ı": "i", "ŋ": "ng",
    "Ŋ": "Ng", "ĸ": "k", "œ": "oe", "Œ": "Oe", "æ": "ae", "Æ": "Ae", "ø": "o", "Ø": "O", "ẞ": "ß", "ə": "e",
}  # fmt: skip
