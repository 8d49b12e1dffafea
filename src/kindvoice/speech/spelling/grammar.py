"""What no pattern in a file of words can say: ordinals and hours that go with the words around them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from kindvoice.speech.spelling.numbers import FREE, ends, number_words, ordinal
from kindvoice.speech.spelling.words import SpellingWords


def _german(text: str, language: SpellingWords) -> str:
    text = re.sub(
        rf"{FREE}(\d\d?) ?½(?!\w)",
        lambda m: f"{_DE_ONE.get(m[1]) or number_words(int(m[1]), 'de')}einhalb",
        text,
    )
    text = _german_ordinals(text, language.month)
    text = re.sub(rf"{FREE}((?:1[1-9]|20)?\d0)er(n?)(?![\w-])", _german_decade, text)
    # Elsewhere 1998 may be a count of things.
    year = rf"(?<!\w)((?:Jahr(?:e[ns]?|s)?|{language.month}) )(1[1-9]\d\d)(?!\w|[.,:/–-]\d)"
    text = re.sub(year, lambda m: m[1] + number_words(int(m[2]), "de", "year"), text)
    dative = (
        rf"(?<!\w)((?:nach|in|seit|mit|von|vor|bei|zu|aus) )1 (?=(?:{language.counted[0]['nouns']})(?!\w))"
    )
    text = re.sub(dative, r"\1einer ", text, flags=re.I)
    return re.sub(dative.replace(" )1 ", " )½ "), r"\1einer halben ", text, flags=re.I)


def _german_decade(match: re.Match[str]) -> str:
    """60ern, of which Pico makes "sechzig Ehern"."""
    kind = "year" if len(match[1]) > 2 else "cardinal"
    return f"{number_words(int(match[1]), 'de', kind)}er{match[2]}" if int(match[1]) else match[0]


_DE_ONE = {"1": "ein"}
_DE_WEAK = frozenset(["am", "im", "vom", "zum", "zur", "beim", "dem", "den", "des", "jeden", "jedem"])
_DE_FEMININE = (
    r"(?:Minute|Sekunde|Stunde|Woche|Runde|Stufe|Phase|Seite|Lektion|Person|\w+(?:ung|heit|keit|ion))(?!\w)"
)
_DE_PREPOSITION = "an|auf|aus|bei|hinter|in|mit|nach|neben|seit|über|unter|von|vor|während|zu|zwischen"


def _german_ordinals(text: str, month: str) -> str:
    """Only where the words around show that it is one, and its ending: "bis 3. Dann" is none."""

    def short_date(match: re.Match[str]) -> str:
        day, number = int(match[2]), int(match[3])
        whole = f"{match[1]}{day}. {month.split('|')[number - 1]}" if 0 < number < 13 else ""
        dot = "." if ends(match.string[match.end() :], before_capital=True) else ""
        return whole + dot if 0 < day < 32 and whole else match[0]

    def after_article(match: re.Match[str]) -> str:
        before, word, number, noun = match[1] or "", match[2], match[3], match[4]
        weak = word.lower() in _DE_WEAK
        if word == "der":
            weak = bool(before) or re.match(_DE_FEMININE, noun) is not None
        return f"{before}{word} {ordinal(number, 'de')}{'n' if weak else ''} {noun}"

    def day(match: re.Match[str]) -> str:
        return f"{match[1]} {ordinal(match[2], 'de')}n " if match[1] else f"{ordinal(match[2], 'de')}r "

    text = re.sub(
        r"(?<!\w)((?i:am|vom|zum|bis|ab|seit|dem|den|der) )(\d\d?)\.(\d\d?)\.(?!\w)", short_date, text
    )
    text = re.sub(rf"(?<=\d\.) ?[–-] ?(?=\d\d?\. (?:{month})(?!\w))", " bis ", text)
    text = re.sub(
        rf"(?<!\w)((?i:{_DE_PREPOSITION}) )?"
        r"((?i:am|im|vom|zum|zur|beim|dem|den|des|der|die|das|jede[mns]?|ins)) ([1-9]\d?)\. ([^\W\d]\w*)",
        after_article, text,
    )  # fmt: skip
    number = r"([1-9]|[12]\d|3[01])\. "
    text = re.sub(rf"{FREE}(){number}(?=bis (?:\d\d?\. )(?:{month})(?!\w))", day, text)
    return re.sub(rf"(?<!\w)(?:((?i:ab|bis|nach|seit|von|vor)) )?{number}(?=(?:{month})(?!\w))", day, text)


def _polish(text: str, language: SpellingWords) -> str:
    """Days of a month and years in the genitive, hours as ordinals."""
    day = rf"{FREE}([1-9]|[12]\d|3[01]) ({language.month})(?!\w)(?: ([12]\d{{3}})(?!\w))?"

    def date(match: re.Match[str]) -> str:
        year = f" {_polish_ordinal(match[3], 'ego')}" if match[3] else ""
        return f"{_polish_ordinal(match[1], 'ego')} {match[2]}{year}"

    def hour(match: re.Match[str]) -> str:
        before, word, hours, minutes = match[1] or "", match[2] or "", match[3], int(match[4] or 0)
        after = before.strip().lower() in ("o", "od", "do", "po", "około")
        word = word and (
            "godzinie " if before.strip().lower() in ("o", "po") else "godziny " if after else "godzina "
        )
        ending = "ej" if after else "ą" if before.strip().lower() == "przed" else "a"
        said = f"{before}{word}{_polish_ordinal(hours, ending)}"
        said = said[0].upper() + said[1:] if match[0][0].isupper() else said
        return f"{said} {'0 ' if minutes < 10 else ''}{minutes}" if minutes else said

    first = rf"{FREE}([1-9]|[12]\d)(?: ?[–-] ?| do )(?={day[len(FREE) :]})"
    text = re.sub(first, lambda m: f"{_polish_ordinal(m[1], 'ego')} do ", text)
    text = re.sub(day, date, text)
    text = re.sub(
        r"(?<=ego )r\.", lambda m: "roku" if m.string[m.end() + 1 :][:1].islower() else "roku.", text
    )
    hours = r"([1-9]|1\d|2[0-4])"
    text = re.sub(
        rf"(?<!\w)((?:o|od|do|po|około|przed) )?(godz\. ?|godzin(?:a|ie|y) ){hours}(?:[.:]([0-5]\d))?"
        r"(?![\w:]|[.,]\d| ?(?:min|sek))",
        hour,
        text,
        flags=re.I,
    )
    return re.sub(
        rf"(?<!\w)((?:o|od|do|po|około|przed) )?(){FREE}{hours}:([0-5]\d)(?![\w:]| ?(?:min|sek|godz))",
        hour,
        text,
        flags=re.I,
    )


def _polish_ordinal(number: str, ending: str) -> str:
    """An ordinal with another ending than the masculine nominative.

    >>> [_polish_ordinal("21", "ego"), _polish_ordinal("3", "ego"), _polish_ordinal("2", "a")]
    ['dwudziestego pierwszego', 'trzeciego', 'druga']
    """
    words = ordinal(number, "pl").split()
    return " ".join(_polish_word(word, ending) for word in words)


def _polish_word(word: str, ending: str) -> str:
    if word.endswith("y"):
        return word[:-1] + ending
    if word.endswith("i"):
        return (word[:-1] if word == "drugi" and ending in "aą" else word) + ending
    return word


GRAMMAR: Mapping[str, Callable[[str, SpellingWords], str]] = {"de": _german, "pl": _polish}
