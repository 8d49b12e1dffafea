"""Rows, sums of money, fractions and decimals: what stands in figures and signs keeps its value when it is heard."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kindvoice.speech.spelling.numbers import form
from kindvoice.speech.spelling.words import SpellingWords

__all__ = ["figures", "money"]

SIGNS = ("€", "$", "£", "¥", "R$", "₺")
_AMOUNT = r"\d+(?:[., ]\d{3}){0,9}(?:[.,]\d+)?"


# ---------------------------------------------------------------- money

_SIGN = r"(?<![^\W\d_])(?:US(?=\$))?(€|R\$|\$|£|¥|₺)"
_SCALE = (
    r"(?:hundred|thousand|tausend|tusen|duizend|mil|mille|mila|bin|(?:m|b|tr)ill?i(?:on|ón|ard|ão)[^\W\d_]{0,3}|millones|"
    r"milhões|miljo(?:en|n|ner)|miljard(?:er)?|milyon|milyar|mio\.?|mrd\.?|tys\.?|mln|mld)(?!\w)"
)
_AMOUNTS = rf"({_AMOUNT}(?: ?[-–] ?{_AMOUNT})?)(?:,[-–—]+)?(?![\d%]|[.,]\d| ?(?:[km]|bn)\b)"
_MONEY = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?P<sign>{_SIGN}) ?{_AMOUNTS}(?: ?(?P<scale>{_SCALE}))?",
        rf"(?<![\w.,]){_AMOUNTS}(?: ?(?P<scale>{_SCALE}))? ?(?P<sign>{_SIGN})(?!\d)",
    )
)
_TWICE = re.compile(rf"({_SIGN} ?{_AMOUNT}) ?([-–]) ?(?:US)?(?:[€$£¥₺]|R\$) ?(?=\d)")


def money(text: str, language: SpellingWords) -> str:
    """An amount with its sign before or after it as a number and a word: "10 €", "€29,99", "£5-10"."""
    if not any(sign in text for sign in "€$£¥₺"):
        return text
    names = dict(zip(SIGNS, language.money, strict=True))

    def replacement(match: re.Match[str]) -> str:
        forms = tuple(names[match["sign"].upper().removeprefix("US")].split())
        amounts = next(group for group in match.groups() if group and group[0].isdecimal())
        if match["scale"]:
            return f"{amounts} {match['scale']} {forms[min(2, len(forms) - 1)]}"
        first, dash, last = re.fullmatch(r"(.*?)( ?[-–] ?)?([\d., ]*)", amounts).groups()  # type: ignore[union-attr]
        if dash:
            return f"{first}{dash}{_with_word(last, forms, language)}"
        return _with_word(amounts, forms, language)

    text = _TWICE.sub(lambda m: f"{m[1]}{m[3]}", text)
    for pattern in _MONEY:
        text = pattern.sub(replacement, text)
    return text


def _with_word(amount: str, forms: Sequence[str], language: SpellingWords) -> str:
    whole, part = _taken_apart(amount, language)
    if language.tag == "en" and part.strip("0"):
        whole = f"{int(whole):,}"  # "1250 dollars 75" is heard as twelve fifty, and seventy-five dollars
    if not part.strip("0"):
        return f"{whole} {form(language, whole, forms)}"
    if len(part) == 2 and part[0] != "0":
        return f"{whole} {form(language, whole, forms)} {part}"
    sign = language.decimal
    return f"{whole}{sign}{part} {form(language, f'{whole}{sign}{part}', forms)}"


def _taken_apart(amount: str, language: SpellingWords) -> tuple[str, str]:
    """The figures before and after the decimal sign, whichever sign that is here."""
    signs = re.findall(r"[.,]", amount)
    tail = re.split(r"[.,]", amount)[-1] if signs else ""
    is_decimal = signs and signs.count(signs[-1]) == 1 and (
        len(set(signs)) == 2 or len(tail) != 3 or signs[-1] == language.decimal
    )  # fmt: skip
    whole = amount[: -len(tail) - 1] if is_decimal else amount
    return re.sub(r"\D", "", whole), tail if is_decimal else ""


# ---------------------------------------------------------------- rows, fractions, decimals

_ROW = re.compile(
    r"(?:(?<=[^\W\d_])(?P<lead> ?[-–—] ?))?(?<![\d.,:/])(?<!\d[-–—])(?<!\d [-–—] )\d{1,4}(?P<sep> ?[-–—] ?|[/,])\d{1,4}"
    r"(?:(?P=sep)\d{1,4})+(?:(?P<tail>-)(?=[^\W\d])|(?![\w–/]|-\d|[.,:]\d))"
)
_ROW_OF_TWO = re.compile(r"(?<=[^\W\d_]) ?[-–—] (\d\d?) [-–—] (\d\d?)(?! ?[\w%°$€£½–—-]|[.,:]\d)")
_NO_ROW = re.compile(r"\d\d?/\d\d?/(?:\d\d){1,2}")
"""a date"""
_DOTTED = re.compile(r"(?<![\d.,])\d+(?:\.\d+){2,}(?!\.?\d)")
_TIMES = re.compile(r"(?<=\d)(?:[*×]| [*×x] |(?<=\d)x)(?=\d)")
_FRACTION = re.compile(r"(?<![\w.,/:-])(?:(\d{1,3}) )?(\d\d?)/(\d\d?)(?![\w/]|[.,:-]\d)")
_SIGNED = {"¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3"}
_COUNTED = re.compile(
    r"(?<!\w)(?:le|el|il|o|al|em|dia|día|giorno|jour|am|den|dag|gün|dzień|tag|day|week|part|page|session|step|lesson|seite|teil|"
    r"woche|schritt|lektion|folge|partie|étape|semaine|página|parte|paso|semana|passo|pagina|deel|strona|sida|del) $",
    re.IGNORECASE,
)
"""before a day of a month, or the third of four parts: 3/4 is no fraction there"""
_THOUSANDS = re.compile(r"(?<![\w.,])[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})+(?![\d]|[.,]\d)")
_DECIMAL = re.compile(r"(?<![\w.,])(\d{1,3}(?:([., ])\d{3}){1,9}|\d+)(?!\2)([.,])(\d{1,2})(?!\w|[.,]\d)")


def figures(text: str, language: SpellingWords) -> str:
    """Rows such as 4-7-8 or "in - 2 - 3 - 4", fractions, products, decimals and versions, each with its value."""
    text = re.sub(r"(\d)? ?([¼¾⅓⅔])(?!\w)", _unsigned, text)
    text = _THOUSANDS.sub(lambda m: re.sub(r"\D", "", m[0]), text)
    text = _ROW.sub(_row, text)
    text = _ROW_OF_TWO.sub(lambda m: f", {m[1]}, {m[2]}" if int(m[2]) == int(m[1]) + 1 else m[0], text)
    text = _DOTTED.sub(lambda m: m[0].replace(".", f" {language.point} "), text)
    text = _TIMES.sub(f" {language.times} ", text)
    text = _FRACTION.sub(lambda m: _fraction(m, language), text)
    return _DECIMAL.sub(lambda m: _decimal(m, language.decimal), text)


def _unsigned(match: re.Match[str]) -> str:
    before = f"{match[1]} " if match[1] else match[0][:-1]
    return before + _SIGNED[match[2]]


def _decimal(match: re.Match[str], usual: str) -> str:
    """A decimal with another language's sign, or with groups before it, in the language's own way."""
    whole, group, sign, part = match.groups()
    # Outside English 7.30 is a time, and 5.6. a day.
    foreign = sign != usual and (
        usual == "." or (len(part) == 1 and match.string[match.end() : match.end() + 1] != ".")
    )
    return re.sub(r"\D", "", whole) + usual + part if group or foreign else match[0]


def _row(match: re.Match[str]) -> str:
    """Three numbers or more are no range."""
    row = match[0][len(match["lead"] or "") :].removesuffix("-")
    if _NO_ROW.fullmatch(row):
        return match[0]
    separator = match["sep"]
    numbers = row.split(separator)
    tight = separator in {"-", "–", "/"} and len(numbers) <= 4 and max(map(len, numbers)) <= 2
    joined = (" " if tight and not match["lead"] else ", ").join(numbers)
    return (", " if match["lead"] else "") + joined + (" " if match["tail"] else "")


def _fraction(match: re.Match[str], words: SpellingWords) -> str:
    whole, over, under = match[1] or "", int(match[2]), int(match[3])
    counted = _COUNTED.search(match.string[max(0, match.start() - 12) : match.start()])
    if (over, under) == (1, 2) and not counted:
        return f"{whole}½"
    named = dict(zip(((1, 3), (2, 3), (1, 4), (3, 4)), words.thirds, strict=True)).get((over, under))
    if named is None and words.times == "times" and 0 < over <= under <= 10 and (over < under or under == 10):
        return match[0]  # what reads English knows fifths and eighths
    if named is None or counted:
        return match[0].replace("/", " ")
    return f"{whole} {words.plus} {named}" if whole else named
