"""What is written short, in words, where an engine would misread it: dates, ordinals, units, abbreviations.

The engines read most figures themselves, so a figure stays a figure where they read it right ("3 breaths",
"50 %", "1998"), and what is not sure stays as it is. A language is one file in `words`; what needs its grammar
is a function in `grammar`.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from functools import cache, lru_cache

from kindvoice.speech.spelling import signs, values
from kindvoice.speech.spelling.grammar import GRAMMAR
from kindvoice.speech.spelling.numbers import FREE, OPENING, counted, ends, form, ordinal
from kindvoice.speech.spelling.words import SpellingWords, words_of

__all__ = ["spell_out"]


# ---------------------------------------------------------------- the text


@lru_cache(maxsize=2_000)
def spell_out(text: str, language: str) -> str:
    """The text with dates, ordinals, units and abbreviations in words, where engines misread them.

    language: a BCP 47 tag; a language without a table here leaves the text as it is. Doing it twice changes
    nothing more. Numbers that inflect are written in the case that the words around them make plain; others
    stay figures, which engines read in the nominative (in Polish "do 10" is heard as "do dziesięć").

    >>> spell_out("Ruhe 5 Min., z. B. am 21.05.2026.", "de")
    'Ruhe 5 Minuten, zum Beispiel am einundzwanzigsten Mai 2026.'
    >>> spell_out("La 1re fois, 21 minutes, avec M. Roux, etc.", "fr-CA")
    'La première fois, vingt et une minutes, avec Monsieur Roux, etcétéra.'
    """
    known = words_of(language)
    if known is None:
        return text
    before = said = re.sub("[\u00a0\u2009\u202f]", " ", unicodedata.normalize("NFC", text))
    said = (_BETWEEN if _QUOTED.search(said) else _APOSTROPHE).sub("’", said)
    for _ in range(_MOST_ROUNDS):
        earlier = said
        for step in _STEPS:
            said = step(said, known)
        if said == earlier:
            break
    return text if said == before else said


_APOSTROPHE = re.compile(r"(?<=[^\W\d_])[`´]")
_BETWEEN = re.compile(r"(?<=[^\W\d_])[`´](?=[^\W\d_])")
_QUOTED = re.compile(r"(?<!\w)[`´]")
"""an accent that opens `something`, so that another closes it"""
_MOST_ROUNDS = 9
"""two are usual: in "5-10h" the range has to be opened before the hours are seen"""


_DATE = re.compile(
    r"(?<![\w./-])(?:(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)"
    r"|(?P<day>\d\d?)(?P<sign>[./-])(?P<month>\d\d?)(?P=sign)(?P<year>\d{4}|\d\d))(?![\w/-]|[.,]\d)"
)
_DATES = re.compile(
    r"(?:(?<=[./]\d{4})|(?<=[./]\d\d)|(?<=\d-\d\d)|(?<=\d\.)) ?[-–] ?(?=\d\d?([./])\d\d?\1\d\d|\d{4}-\d\d-\d\d)"
)
"""from one date to another"""
_FULL_HOUR = re.compile(r"(?<![\w:.,'’])(\d\d?):00(?!\w|[:.,]\d)(?: ?(?:Uhr|uur|horas?|heures?|hs?)(?!\w))?")
_RANGE = re.compile(r"(?<![\d–-])(\d+(?:[.,]\d+)?) ?[-–] ?(\d+(?:[.,]\d+)?)(?![\d–-])")


def _dates(text: str, language: SpellingWords) -> str:
    """Dates in figures, as 2026-05-21 or the day first, in the way the language writes them in a line."""
    months = language.months.split()
    english = language.tag == "en"

    def replacement(match: re.Match[str]) -> str:
        day, month, year = (
            int(match[a] or match[b]) for a, b in (("d", "day"), ("m", "month"), ("y", "year"))
        )
        # 4-7-08 is more likely a row, and English is of two minds about 05/06 and, in short, about 5.6.24.
        if (match["sign"] == "-" and year < 100) or (english and (match["sign"] in {"/", "-"} or year < 100)):
            return match[0]
        try:
            datetime.date(year if year > 99 else 2000 + year, month, day)
        except ValueError:
            return match[0]
        return language.date.format(day=day, month=months[month - 1], year=match["y"] or match["year"])

    return _DATE.sub(replacement, _DATES.sub(language.range.strip("{}"), text))


def _hours(text: str, language: SpellingWords) -> str:
    """Full hours, at which espeak-ng says "zero zero"."""
    one, other = language.hour

    def replacement(match: re.Match[str]) -> str:
        hour = int(match[1])
        return one if hour == 1 else other.format(hour) if hour <= 24 else match[0]

    return _FULL_HOUR.sub(replacement, text) if one else text


def _units(text: str, language: SpellingWords) -> str:
    if not language.units:
        return text
    names = "|".join(re.escape(unit) for unit in sorted(language.units, key=len, reverse=True))
    more = re.compile(rf" \d+ ?(?:{names})(?!\w)")  # 1 Std. 30 Min.

    def replacement(match: re.Match[str]) -> str:
        number, gap, short, _ = match.groups()
        if number[0].isalpha() and len(short) < 2:
            return match[0]
        if not gap and short in {"s", "h"}:
            return match[0]  # 5s, the 90s; 8h-10h has a pattern of its language
        rest = match.string[match.end() :].lstrip(OPENING)[:1]
        # The dot may be the unit's own.
        goes_on = rest.islower() or (rest and rest in ",;:!?)") or more.match(match.string, match.end())
        dot = "" if goes_on else match[4]
        return f"{number} {form(language, number, language.units[short])}{dot}"

    number = r"(?<![\w:.,€$£¥₺½])(?<![€$£¥₺] )(\d+(?:[.,:]\d+)?(?: ?½)?|½|(?<!\w)(?:THIRDS)(?= ))"
    number = number.replace("THIRDS", "|".join(language.thirds))
    text = re.sub(r"(?<=\d) ?[°º˚] ?([CF])(?!\w)", r" °\1", text)
    text = re.sub(r"(?<![^\s(])(?<!\d )[-−–](?=\d{1,3}(?:[.,]\d+)? °[CF])", f"{language.minus} ", text)
    return re.sub(rf"{number}( ?)({names})(?![\w'’/²³])(\.?)", replacement, text)


def _figures(text: str, language: SpellingWords) -> str:
    """Ranges, and groups of three figures."""
    if language.range:
        text = _RANGE.sub(lambda m: _ranged(m, language), text)
    if language.thousands:
        sign = re.escape(language.thousands)
        groups = rf"{FREE}(?<!\d )[1-9]\d{{0,2}}(?:{sign}\d{{3}})+(?!\w|[.,:/-]\d|{sign}\d)"
        text = re.sub(groups, lambda m: re.sub(r"\D", "", m[0]), text)
    return text


def _ranged(match: re.Match[str], language: SpellingWords) -> str:
    first, last = match[1], match[2]
    before, other = language.between
    left = match.string[max(0, match.start() - 20) : match.start()]
    between = before and re.search(rf"(?i)(?<!\w)(?:{before}) $", left)
    if "–" not in match[0] and (max(len(first), len(last)) > 3 and (len(first), len(last)) != (4, 4)):
        return match[0]  # perhaps a telephone's number
    return (other if between else language.range).format(first, last)


def _abbreviations(text: str, language: SpellingWords) -> str:
    for pattern, words, where in _patterns(language):
        text = pattern.sub(lambda m, words=words, where=where: _expanded(m, words, where), text)  # type: ignore[misc]
    return text.replace(" & ", f" {language.ampersand} ") if language.ampersand else text


@cache
def _patterns(language: SpellingWords) -> tuple[tuple[re.Pattern[str], str, str], ...]:
    """Every abbreviation of a language: how it is found, its words, and in which table it stands."""
    patterns = []
    for where in ("numbered", "titles", "inside", "last", "anywhere"):
        for short, words in sorted(getattr(language, where).items(), key=lambda item: -len(item[0])):
            first, rest = short[0], re.escape(short[1:]).replace(r"\ ", " ")
            # A dot within it may have a space after it.
            rest = re.sub(r"\\\.(?!$)", lambda m: r"\. ?", rest)
            letter = f"[{first}{first.upper()}]" if len(first.upper()) == 1 else first
            end = r"(?!\w)" if short.endswith((".", "º", "°")) else r"(?!\w|\.\w)"
            # A. M. Roux is no monsieur.
            begin = r"(?<![\w.])(?<![A-ZÀ-Ý]\. )" if where == "titles" else r"(?<![\w.])"
            patterns.append((re.compile(f"{begin}{letter}{rest}{end}"), words, where))
    return tuple(patterns)


def _expanded(match: re.Match[str], words: str, where: str) -> str:
    rest = match.string[match.end() :]
    follows = rest.lstrip(OPENING)[:1]
    fits = {
        "numbered": follows.isdecimal(),
        "titles": follows.isupper() and rest[:1] == " ",
        "inside": follows.islower() or follows.isdecimal(),
    }
    if not fits.get(where, True):
        return match[0]
    if match[0][0].isupper() and words[0].islower() and match.start() == 0:
        words = words[0].upper() + words[1:]
    dot = match[0][-1] == "." and where in ("last", "anywhere") and ends(rest, before_capital=where == "last")
    return f"{words}." if dot else words


def _grammar(text: str, language: SpellingWords) -> str:
    """Ordinals, hours, and what else a language's own patterns change."""
    for pattern, words in _rewrites(language):
        text = pattern.sub(
            lambda m, words=words: _ORDINAL.sub(  # type: ignore[misc]
                lambda match: ordinal(match[1], language.tag), m.expand(words)
            ),
            text,
        )
    of_language = GRAMMAR.get(language.tag)
    return of_language(text, language) if of_language else text


_ORDINAL = re.compile(r"\{ordinal (\d+)\}")


@cache
def _rewrites(language: SpellingWords) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(pattern.replace("{free}", FREE).replace("{month}", language.month)), words)
        for pattern, words in language.rewrites
    )


_STEPS = (
    signs.addresses,
    signs.telephones,
    signs.roman,
    signs.verses,
    signs.formulas,
    _dates,
    values.money,
    values.figures,
    _hours,
    _units,
    _abbreviations,
    _grammar,
    _figures,
    signs.often,
    counted,
)
