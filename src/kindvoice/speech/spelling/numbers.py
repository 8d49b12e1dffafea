"""What all of it needs: numbers in words, where a number stands alone, where a sentence ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from kindvoice.speech.spelling.words import SpellingWords, Table


@cache
def number_words(number: int, tag: str, kind: str = "cardinal") -> str:
    from num2words import num2words

    return str(num2words(number, lang=tag, to=kind))


def ordinal(number: str, tag: str) -> str:
    """Its plainest form; in French and Turkish num2words errs a little.

    >>> [ordinal("81", "fr"), ordinal("21", "tr"), ordinal("3", "pl")]
    ['quatre-vingt-unième', 'yirmi birinci', 'trzeci']
    """
    whole = int(number)
    if tag == "tr" and whole > 10 and whole % 10:
        return f"{number_words(whole - whole % 10, tag)} {number_words(whole % 10, tag, 'ordinal')}"
    return number_words(whole, tag, "ordinal").replace("vingtsième", "vingtième")


def form(language: SpellingWords, number: str, forms: Sequence[str]) -> str:
    """The form of a unit's word that goes with a number."""
    if number.endswith("½"):
        number = f"{number[:-1].strip() or 0}{language.decimal}5"
    if not number[0].isdecimal():  # three quarters
        return forms[min(len(forms), 4) - 1] if len(forms) > 2 else forms[0]
    whole = int(number) if number.isdecimal() else None
    if number[0] == "0" and whole is None and len(forms) < 3:
        return forms[0]
    if whole == 1 or (language.tag == "fr" and int(re.split("[.,:]", number)[0]) < 2):
        return forms[0]
    if len(forms) < 3:
        return forms[-1]
    if whole is None:
        return forms[3]
    return forms[1] if whole % 10 in (2, 3, 4) and whole % 100 not in (12, 13, 14) else forms[2]


FREE = r"(?<![\w.,:/’'–−-])"
"""before a number that is no part of a longer one"""
OPENING = " (\"'“„«‘"


def counted(text: str, language: SpellingWords) -> str:
    """Numbers that change with the noun after them: "une minute", "una hora", "duas vezes"."""
    for entry in language.counted:

        def replacement(match: re.Match[str], forms: Table = entry["forms"]) -> str:
            said = forms.get(match[1]) or _compound(match[1], forms, language.tag)
            return match[0] if not said else said if said[-1] in "'-" else said + match[2]

        to = r"(?:(?:a|à|al|o|ou|e|et|y) \d\d? )?"  # "1 a 2 horas", "2 ou 3 vezes"
        text = re.sub(rf"{FREE}(\d\d?|½)( )(?={to}(?:{entry['nouns']})(?!\w))", replacement, text)
    alone, after_number = language.half
    if alone:
        if after_number:
            text = re.sub(r"(?<![\w.,:/])(\d+) ?½(?!\w)", rf"\1 {after_number}", text)
        text = re.sub(r"(?<![\w½])(?<!\d )½(?![\w½])", alone, text)
    return text


def _compound(number: str, forms: Table, tag: str) -> str | None:
    if len(number) != 2 or number < "20" or (tag == "fr" and number > "69"):
        return None
    form = forms.get(f"*{number[1]}")
    return form and form.format(number_words(int(number[0]) * 10, tag))


def ends(rest: str, *, before_capital: bool) -> bool:
    """Whether a sentence ends before the rest of a text."""
    after = rest.lstrip(")\"'”“’»")
    if not after.strip():
        return True
    return before_capital and after.lstrip(OPENING)[:1].isupper()
