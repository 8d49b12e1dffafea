"""What needs a language's grammar: ordinals and hours that go with the words around them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from kindvoice.speech.spelling.numbers import FREE, counted, ends, number_words, ordinal
from kindvoice.speech.spelling.words import SpellingWords


def _german(text: str, language: SpellingWords) -> str:
    text = re.sub(rf"{FREE}(\d\d?)[.:](\d\d) ?Uhr(?!\w)", _german_hour, text)
    text = re.sub(rf"{FREE}1 Uhr(?!\w)", "ein Uhr", text)
    text = _german_ordinals(text, language.month)
    # Elsewhere 1998 may be a count of things.
    year = rf"(?<!\w)((?:Jahr(?:e[ns]?|s)?|{language.month}) )(1[1-9]\d\d)(?!\w|[.,:/–-]\d)"
    text = re.sub(year, lambda m: m[1] + number_words(int(m[2]), "de", "year"), text)
    dative = (
        rf"(?<!\w)((?:nach|in|seit|mit|von|vor|bei|zu|aus) )1 (?=(?:{language.counted[0]['nouns']})(?!\w))"
    )
    return re.sub(dative, r"\1einer ", text, flags=re.I)


def _german_hour(found: re.Match[str]) -> str:
    return f"{int(found[1])} Uhr {int(found[2]) or ''}".strip()


_DE_WEAK = frozenset(["am", "im", "vom", "zum", "zur", "beim", "dem", "den", "des", "jeden", "jedem"])
_DE_FEMININE = (
    r"(?:Minute|Sekunde|Stunde|Woche|Runde|Stufe|Phase|Seite|Lektion|Person|\w+(?:ung|heit|keit|ion))(?!\w)"
)
_DE_PREPOSITION = "an|auf|aus|bei|hinter|in|mit|nach|neben|seit|über|unter|von|vor|während|zu|zwischen"


def _german_ordinals(text: str, month: str) -> str:
    """Only where the words around show that it is one, and its ending: "bis 3. Dann" is none."""

    def short_date(found: re.Match[str]) -> str:
        day, number = int(found[2]), int(found[3])
        whole = f"{found[1]}{day}. {month.split('|')[number - 1]}" if 0 < number < 13 else ""
        dot = "." if ends(found.string[found.end() :], before_capital=True) else ""
        return whole + dot if 0 < day < 32 and whole else found[0]

    def after_article(found: re.Match[str]) -> str:
        before, word, number, noun = found[1] or "", found[2], found[3], found[4]
        weak = word.lower() in _DE_WEAK
        if word == "der":
            weak = bool(before) or re.match(_DE_FEMININE, noun) is not None
        return f"{before}{word} {ordinal(number, 'de')}{'n' if weak else ''} {noun}"

    def day(found: re.Match[str]) -> str:
        return f"{found[1]} {ordinal(found[2], 'de')}n " if found[1] else f"{ordinal(found[2], 'de')}r "

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


def _english(text: str, language: SpellingWords) -> str:
    """An 8 on a scale of ten: hibari says "eight tenths", and "October tenth" of 10/10."""
    return re.sub(rf"{FREE}([2-9]|10)/10(?![\w/]|[.,]\d)", r"\1 out of 10", text)


def _spanish(text: str, language: SpellingWords) -> str:
    text = re.sub(rf"{FREE}([13])\.?er(?!\w)", lambda m: "primer" if m[1] == "1" else "tercer", text)
    text = re.sub(r"(\dh) ?[–-] ?(?=\d\d?h)", r"\1 a ", text)
    text = re.sub(rf"{FREE}((?:[01]?\d|2[0-4])(?::[0-5]\d)?)h(?!\w)", r"\1 h", text)
    return re.sub(rf"{FREE}(\d\d?)\.([ºª])(?!\w)", r"\1\2", text)


def _french(text: str, language: SpellingWords) -> str:
    text = re.sub(rf"{FREE}1er(?!\w)", "premier", text)
    text = re.sub(rf"{FREE}1(?:re|ère)(?!\w)", "première", text)
    text = re.sub(rf"{FREE}2nd(e?)(?!\w)", r"second\1", text)
    text = re.sub(rf"{FREE}([2-9]|[1-9]\d)(?:e|ème|eme)(?!\w)", lambda m: ordinal(m[1], "fr"), text)

    def hour(found: re.Match[str]) -> str:
        hours, minutes = int(found[1]), int(found[2] or 0)
        said = f"{hours} heure{'s' if hours > 1 else ''}"
        said = counted(said, language)
        return f"{said} {minutes}" if minutes else said

    text = re.sub(r"(\d ?h(?: ?\d\d)?) ?[–-] ?(?=\d\d? ?h)", r"\1 à ", text)
    return re.sub(rf"{FREE}([01]?\d|2[0-4]) ?h(?: ?([0-5]\d))?(?!\w)", hour, text)


def _italian(text: str, language: SpellingWords) -> str:
    text = re.sub(r"(?<!\w)(il|al|del|nel|dal|sul) ([1-9]|10)°(?= [^\W\d]{2})", r"\1 \2º", text, flags=re.I)
    text = re.sub(rf"{FREE}1(?= (?:{language.month})(?!\w))", "1º", text)
    return re.sub(r"(?<!\w)((?:alle|dalle|ore) )(\d\d?)\.([0-5]\d)(?!\w|[.,]\d)", _clock, text, flags=re.I)


def _portuguese(text: str, language: SpellingWords) -> str:
    text = re.sub(rf"{FREE}(\d\d?)\.([ºª])(?!\w)", r"\1\2", text)
    text = re.sub(r"(?<!\w)(o|do|no|ao|pelo) ([1-9]\d?)o(?= [^\W\d])", r"\1 \2º", text, flags=re.I)
    text = re.sub(r"(?<!\w)(a|da|na|à|pela) ([1-9]\d?)a(?= [^\W\d])", r"\1 \2ª", text, flags=re.I)
    text = re.sub(rf"{FREE}1(?= de (?:{language.month})(?!\w))", "1º", text)
    text = re.sub(r"(\dh(?:\d\d)?) ?[–-] ?(?=\d\d?h)", r"\1 às ", text)
    text = re.sub(rf"{FREE}(\d\d?)h([0-5]\d)(?!\w)", r"\1:\2", text)
    return re.sub(
        rf"{FREE}([01]?\d|2[0-4])h(?!\w)", lambda m: f"{m[1]} hora{'' if int(m[1]) == 1 else 's'}", text
    )


def _dutch(text: str, language: SpellingWords) -> str:
    text = re.sub(rf"{FREE}([1-9]\d?)(?:e|ste|de)(?!\w)", lambda m: ordinal(m[1], "nl"), text)
    return re.sub(
        rf"{FREE}(\d\d?)[.:]([0-5]\d) ?uur(?!\w)", lambda m: f"{m[1]} uur {int(m[2]) or ''}".strip(), text
    )


def _polish(text: str, language: SpellingWords) -> str:
    """Days of a month and years in the genitive, hours as ordinals."""
    day = rf"{FREE}([1-9]|[12]\d|3[01]) ({language.month})(?!\w)(?: ([12]\d{{3}})(?!\w))?"

    def date(found: re.Match[str]) -> str:
        year = f" {_polish_ordinal(found[3], 'ego')}" if found[3] else ""
        return f"{_polish_ordinal(found[1], 'ego')} {found[2]}{year}"

    def hour(found: re.Match[str]) -> str:
        before, word, hours, minutes = found[1] or "", found[2] or "", found[3], int(found[4] or 0)
        after = before.strip().lower() in ("o", "od", "do", "po", "około")
        word = word and (
            "godzinie " if before.strip().lower() in ("o", "po") else "godziny " if after else "godzina "
        )
        ending = "ej" if after else "ą" if before.strip().lower() == "przed" else "a"
        said = f"{before}{word}{_polish_ordinal(hours, ending)}"
        said = said[0].upper() + said[1:] if found[0][0].isupper() else said
        return f"{said} {'0 ' if minutes < 10 else ''}{minutes}" if minutes else said

    first = rf"{FREE}([1-9]|[12]\d) ?[–-] ?(?={day[len(FREE) :]})"
    text = re.sub(first, lambda m: f"{_polish_ordinal(m[1], 'ego')} do ", text)
    text = re.sub(day, date, text)
    text = re.sub(
        r"(?<=ego )r\.", lambda m: "roku" if m.string[m.end() + 1 :][:1].islower() else "roku.", text
    )
    hours = r"([1-9]|1\d|2[0-4])"
    text = re.sub(
        rf"(?<!\w)((?:o|od|do|po|około|przed) )?(godz\. ?|godzin(?:a|ie|y) ){hours}(?:[.:]([0-5]\d))?(?![\w:]|[.,]\d)",
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


def _swedish(text: str, language: SpellingWords) -> str:
    text = re.sub(rf"{FREE}([1-9]\d?):[ae](?!\w)", lambda m: ordinal(m[1], "sv"), text)
    day = rf"{FREE}([1-9]|[12]\d|3[01]) (?=(?:{language.month})(?!\w))"
    text = re.sub(
        rf"{FREE}([1-9]|[12]\d) ?[–-] ?(?={day[len(FREE) :]})",
        lambda m: f"{ordinal(m[1], 'sv')} till ",
        text,
    )
    text = re.sub(day, lambda m: f"{ordinal(m[1], 'sv')} ", text)
    text = re.sub(r"(?<!\w)(klockan )(\d\d?)[.:]([0-5]\d)(?!\w|[.,:]\d)", _clock, text, flags=re.I)
    return re.sub(r"(?<![\w.,:])(\d+),(\d{1,2})(?![\w,.:])", r"\1 komma \2", text)


def _turkish(text: str, language: SpellingWords) -> str:
    text = re.sub(rf"{FREE}([1-9]\d?)['’][ıiuü]?nc[ıiuü](?!\w)", lambda m: ordinal(m[1], "tr"), text)
    text = re.sub(rf"{FREE}([1-9]\d?)\.(?= [^\W\d_])", _turkish_ordinal, text)
    return re.sub(r"(?<!\w)(saat )(\d\d?)\.([0-5]\d)(?!\w|[.,]\d)", _clock, text, flags=re.I)


def _turkish_ordinal(found: re.Match[str]) -> str:
    # Before a capital letter the dot may be the end of a sentence.
    return ordinal(found[1], "tr") if found.string[found.end() + 1].islower() else found[0]


def _clock(found: re.Match[str]) -> str:
    """A time that was written with a dot, after the word that makes it one."""
    return found[1] + (found[2] if found[3] == "00" else f"{found[2]}:{found[3]}")


GRAMMAR: Mapping[str, Callable[[str, SpellingWords], str]] = {
    "de": _german, "en": _english, "es": _spanish, "fr": _french, "it": _italian, "nl": _dutch, "pl": _polish,
    "pt": _portuguese, "sv": _swedish, "tr": _turkish,
}  # fmt: skip
