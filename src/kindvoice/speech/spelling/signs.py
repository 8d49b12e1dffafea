"""Telephone numbers, web addresses, Roman numerals and formulas, as somebody would read them aloud."""

from __future__ import annotations

import re
from functools import cache

from kindvoice.speech.spelling.numbers import form, ordinal
from kindvoice.speech.spelling.words import SpellingWords

__all__ = ["WEB", "addresses", "formulas", "often", "roman", "telephones"]

# ---------------------------------------------------------------- telephone numbers

_NUMBERS = re.compile(
    r"(?<![\w+.,:/-])(?<!\d )(?:"
    r"\+\d{1,3}(?: ?\(0\))?(?:[ ./-]{0,2}\(?\d{1,8}\)?){1,6}"  # +49 30 1234567
    r"|(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}"  # (555) 123-4567
    r"|1-\d{3}-\d{3}-\d{4}|116 ?\d{3}"  # the last: numbers of Europe for those in need
    r"|0\d{2,4}(?: ?[/–-] ?| )\d{1,8}(?:[ -]\d{1,8}){0,5}"  # 030 / 123 45 67, 0800 111 0 111
    r"|0\d(?:[ .-]\d\d){4}|0\d[ -]\d{3,4}[ -]\d{3,4}"
    r"|\d{2,3}(?: \d{3})?(?: \d\d){2,4}"  # 600 12 34 56
    r")(?![\w/]|[.,:-]\d| \d)"
)
_FEWEST = 6
"""figures of a number that no word announces"""
_GROUPS = r"\d{2,6}(?:[ -]\d{1,6})+(?![\w/]|[.,:]\d)"
_LONE = r"\d{3,6}(?=\W*$|[;!?)]|[.,](?!\d))|(?:112|911|999|988|111|110|118|144|143|024|061|3114)(?![\w.,-])"


def telephones(text: str, language: SpellingWords) -> str:
    """Figure by figure, a comma between the groups: "116 123" is "1 1 6, 1 2 3"."""

    def sure(match: re.Match[str]) -> str:
        spaced = match[0].count(" ") and not re.search(r"[^\d ]", match[0])
        if sum(map(str.isdecimal, match[0])) < _FEWEST or (spaced and _is_count(match[0])):
            return match[0]
        return _spoken(match[0], language)

    if not any(map(str.isdecimal, text)):
        return text
    if language.telephone:
        text = _announced(language).sub(lambda match: match[1] + _spoken(match[2], language), text)
    return _NUMBERS.sub(sure, text)


def _is_count(text: str) -> bool:
    """10 000 000; but 116 123 is nobody's count of anything."""
    return re.fullmatch(r"[1-9]\d{0,2}(?: \d{3})+", text) is not None and not text.startswith("116 ")


@cache
def _announced(language: SpellingWords) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)((?i:{language.telephone})[.:]? )({_GROUPS}|{_LONE})")


def _spoken(number: str, language: SpellingWords) -> str:
    groups: list[str] = []
    for group in re.findall(r"\d+", number.replace("(0)", " ")):
        while len(group) > 4:
            groups.append(group[:3])
            group = group[3:]
        groups.append(group)
    figures = ", ".join(" ".join(group) for group in groups)
    return f"{language.plus_sign} {figures}" if number.startswith("+") else figures


# ---------------------------------------------------------------- addresses

_HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?\.)+[a-z]{2,12}"
WEB = re.compile(
    rf"(?i)(?<![\w@./])(?P<user>[\w.+-]{{1,60}}@)?(?P<start>(?:https?://)?(?:www\.)?)(?P<host>{_HOST})(?::\d+)?"
    r"(?P<path>/[^\s<>\"“”»)]*)?(?![\w@])"
)
_KNOWN = re.compile(r"(?i)\.(?:com|org|net|edu|info)$")
"""of an address that nothing else shows to be one: after "rest.it" a space may be missing"""


def addresses(text: str, language: SpellingWords) -> str:
    """ "https://www.example.org/a?b=1" is "example dot org"."""

    def replacement(match: re.Match[str]) -> str:
        host, path = match["host"], match["path"] or ""
        if not (match["user"] or match["start"] or _KNOWN.search(host)):
            return match[0]
        user = f"{match['user'][:-1]} {language.at} " if match["user"] else ""
        end = path[len(path.rstrip(".,;:!?")) :]
        return f"{user}{host}".replace(".", f" {language.dot} ") + end

    return WEB.sub(replacement, text) if "." in text else text


# ---------------------------------------------------------------- Roman numerals, formulas, "2x"

_VALUES = {"I": 1, "V": 5, "X": 10}
_NUMERAL = r"(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})"


def _value(numeral: str) -> int:
    """
    >>> _value("IV"), _value("XXI")
    (4, 21)
    """
    values = [_VALUES[letter] for letter in numeral]
    return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))


def roman(text: str, language: SpellingWords) -> str:
    """Roman numerals after a noun that is numbered, and those of two letters that number a heading."""
    if not re.search(r"[IVX]", text):
        return text
    if language.roman:
        # In English "I" is somebody, where anything is said of them.
        alone = r"(?!I \w)" if language.tag == "en" else ""
        nouns = rf"(?<!\w)((?i:{language.roman}) ){alone}({_NUMERAL})(?![\w’'])"
        text = re.sub(nouns, lambda match: f"{match[1]}{_value(match[2])}", text)
    after, written = language.century
    if after:
        text = re.sub(rf"(?<!\w)({_NUMERAL}){after}", lambda m: written.format(_value(m[1])), text)
    if language.rulers:
        names = rf"(?<!\w)((?:{language.rulers}) )(?!I\b)({_NUMERAL})(?:\.(?= [^\W\d_A-ZÄÖÜ]))?(?!\w)"
        text = re.sub(names, lambda match: match[1] + _rank(_value(match[2]), language), text)
    heading = rf"^({_NUMERAL})(?<=[IVX]{{2}})\.(?= [^\W\d_])"
    return re.sub(heading, lambda match: f"{_value(match[1])}.", text)


def _rank(number: int, language: SpellingWords) -> str:
    """The number of a pope or a king."""
    form = language.ruler[number > 10]
    return form.format(number, ordinal=ordinal(str(number), language.tag))


_VERSE = re.compile(
    r"(?<!\w)((?:Psalm|Salmo|Psaume|Mezmur|Matt?(?:h[äé]us|hieu|eo|eus|euš|eusza?|éus|teüs)|Mar[ck](?:us|os|o|e|ek)?|Lu[ck]as?|"
    r"Lukasz|Luka|Łukasz|Johannes|Juan|Jean|Giovanni|João|Jan|Yuhanna) \d{1,3}):(?=\d{1,3}(?!\w))"
)


def verses(text: str, language: SpellingWords) -> str:
    """Chapter and verse, which is no time of day: "Salmo 23:4" is "Salmo 23, 4"."""
    return _VERSE.sub(r"\1, ", text) if language.tag != "en" and ":" in text else text


_FORMULA = re.compile(r"(?<!\w)(?:[A-Z][a-z]?[₀-₉]*){1,12}(?<=[₀-₉A-Z])(?!\w)|(?<!\w)(?:CO2|H2O|O2)(?!\w)")
_FIGURES = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def formulas(text: str, language: SpellingWords) -> str:
    """ "CO₂" is "C O 2"."""

    def replacement(match: re.Match[str]) -> str:
        plain = match[0].translate(_FIGURES)
        if not any(map(str.isdecimal, plain)):
            return match[0]
        return " ".join(re.findall(r"[A-Z][a-z]?|\d+", plain))

    return _FORMULA.sub(replacement, text)


_OFTEN = re.compile(r"(?<![\w.,€$£])(\d{1,3}) ?[x×](?=\s*$|[.,;:!?)/]| (?![\dx×]))")


def often(text: str, language: SpellingWords) -> str:
    """ "2x a day" is "2 times a day"."""
    forms = language.often.split()
    return _OFTEN.sub(lambda match: f"{match[1]} {form(language, match[1], forms)}", text)
