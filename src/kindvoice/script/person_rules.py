"""Wishes in other languages than English: the forms that follow from the wording alone.

A rule here is narrow on purpose. It knows how a wish begins, which small words turn with the person, and what makes it
give up; whatever is left over that belongs to "I" or "we" makes it give up too. Forms for both are given only where
neither verb nor adjective would have to change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Forms = dict[str, str | None]


@dataclass(frozen=True)
class _Rule:
    wish: str
    """how a wish begins; its groups may be used in what replaces it"""
    other: str | Callable[[re.Match[str]], str]
    swap: Mapping[str, str]
    """small words for "you", whole words only, the longer first"""
    unsure: str
    """what makes the rule give up"""
    left: str
    """words of the first person: none of them may be left"""
    together: str | None = None
    swap_both: Mapping[str, str] = field(default_factory=dict)


def derive(rule: _Rule, text: str) -> Forms:
    """The forms that the rule is sure of."""
    none: Forms = {"other": None, "together": None}
    found = re.match(rule.wish, text, re.IGNORECASE)
    if found is None:
        # Nobody in particular: "Mögen alle Wesen glücklich sein."
        person = re.search(rule.left, text, re.IGNORECASE) or re.search(_EVERY_PERSON, text, re.IGNORECASE)
        return (
            none
            if person or not re.match(_GENERAL, text, re.IGNORECASE)
            else {"other": text, "together": text}
        )
    rest = text[found.end() :]
    if re.search(rule.unsure, rest, re.IGNORECASE):
        return none
    head = rule.other(found) if callable(rule.other) else found.expand(rule.other)
    forms: Forms = {"other": _turned(head, rest, rule.swap, rule.left), "together": None}
    if rule.together is not None:
        forms["together"] = _turned(found.expand(rule.together), rest, rule.swap_both, rule.left)
    return forms


def _turned(head: str, rest: str, swap: Mapping[str, str], left: str) -> str | None:
    if swap:
        words = "|".join(re.escape(word) for word in sorted(swap, key=len, reverse=True))
        rest = re.sub(
            rf"(?<![\w'’]){'(?:' + words + ')'}(?!\w)",
            lambda m: swap[m[0].lower().replace("’", "'")],
            rest,
            flags=re.I,
        )
    return None if re.search(left, rest, re.IGNORECASE) else head + rest


_GENERAL = r"(?:mögen alle|moge alle|mogen alle|må alla|que todos|que tous|che tutti|possano tutti)\b"
_EVERY_PERSON = r"\b(?:wir|uns|wij|ons|vi|oss|nosotr[oa]s|nos|nous|noi|nós)\b"

_GERMAN = _Rule(
    wish=r"möge ich\b",
    other="Mögest du",
    swap={
        "ich bin": "du bist", "mich": "dich", "mir": "dir", "mein": "dein", "meine": "deine", "meinem": "deinem",
        "meinen": "deinen", "meiner": "deiner", "meines": "deines",
    },
    unsure=r"\b(?:du|dich|dir|dein\w*|wir|uns|unser\w*|der|die|das) ?(?:ich)\b",
    left=r"\b(?:ich|mich|mir|mein\w*)\b",
    together="Mögen du und ich",
    swap_both={"ich bin": "wir sind", "mich": "uns", "mir": "uns"},
)  # fmt: skip

_DUTCH = _Rule(
    wish=r"(moge|mag) ik\b",
    other=r"\1 jij",
    swap={
        "ik ben": "jij bent",
        "mezelf": "jezelf",
        "mijzelf": "jezelf",
        "mij": "jou",
        "me": "je",
        "mijn": "jouw",
    },
    unsure=r"\b(?:jij|je|jou|jouw|wij|we|ons|onze)\b",
    left=r"\b(?:ik|me|mij|mezelf|mijzelf|mijn)\b",
    together="Mogen jij en ik",
    swap_both={"ik ben": "wij zijn", "mezelf": "onszelf", "mijzelf": "onszelf", "mij": "ons", "me": "ons"},
)

_SWEDISH = _Rule(
    wish=r"må jag\b",
    other="Må du",
    swap={"jag": "du", "mig": "dig", "min": "din", "mitt": "ditt", "mina": "dina"},
    unsure=r"\b(?:du|dig|din|ditt|dina|vi|oss|vår\w*)\b",
    left=r"\b(?:jag|mig|min|mitt|mina)\b",
)

# In these, a clause of its own has a verb that would have to turn as well.
_CLAUSE_ES = (
    r"\b(?:que|cuando|donde|si|porque|quien|cual|tú|te|ti|contigo|tu|tus|nos|nosotr[oa]s|estoy|tengo)\b"
)
_CLAUSE_FR = r"\b(?:que|quand|où|si|parce|qui|dont|comme|tu|te|toi|ton|ta|tes|nous|suis|ai)\b|\bqu'"
_CLAUSE_IT = r"\b(?:che|quando|dove|se|perché|chi|cui|tu|ti|te|tuo|tua|tuoi|tue|noi|ho)\b"
_CLAUSE_PT = (
    r"\b(?:que|quando|onde|se|porque|quem|você|seu|sua|seus|suas|nós|me|mim|comigo|sou|estou|tenho)\b|-me\b"
)

_SPANISH = _Rule(
    wish=r"que (yo )?(me )?(\w+[aeé])\b",
    other=lambda m: f"Que {'tú ' if m[1] else ''}{'te ' if m[2] else ''}{'des' if m[3] == 'dé' else m[3] + 's'}",
    swap={
        "tal como soy": "tal como eres", "como soy": "como eres", "conmigo": "contigo", "a mí": "a ti", "mí": "ti",
        "me": "te", "mi": "tu", "mis": "tus",
    },
    unsure=_CLAUSE_ES,
    left=r"\b(?:yo|me|mí|mi|mis|conmigo|soy)\b|\w+me\b",
)  # fmt: skip

_FRENCH = _Rule(
    wish=r"(?:que je (me |m['’])?(sois|\w+e)|(puissé)-je)\b",
    other=lambda m: (
        "Puisses-tu" if m[3] else
        f"Que tu {(m[1] or '').replace('m', 't')}{m[2]}{'' if m[2].lower() == 'sois' else 's'}"
    ),
    swap={
        "moi-même": "toi-même", "moi": "toi", "me": "te", "m'": "t'", "mon": "ton", "ma": "ta", "mes": "tes",
    },
    unsure=_CLAUSE_FR,
    left=r"\b(?:je|me|moi|mon|ma|mes)\b|\b[jm]['’]",
)  # fmt: skip

_ITALIAN = _Rule(
    wish=r"(che|possa) io\b",
    other=r"\1 tu",
    swap={
        "così come sono": "così come sei", "come sono": "come sei", "me": "te", "mi": "ti", "mio": "tuo", "mia": "tua",
        "miei": "tuoi", "mie": "tue",
    },
    unsure=_CLAUSE_IT,
    left=r"\b(?:io|me|mi|mio|mia|miei|mie|sono)\b|\w+rmi\b",
)  # fmt: skip

_PORTUGUESE = _Rule(
    wish=r"que eu\b",
    other="Que você",
    swap={"meu": "seu", "minha": "sua", "meus": "seus", "minhas": "suas"},
    unsure=_CLAUSE_PT,
    left=r"\b(?:eu|me|mim|comigo|meu|minha|meus|minhas)\b",
)

RULES = {
    "de": _GERMAN, "es": _SPANISH, "fr": _FRENCH, "it": _ITALIAN, "nl": _DUTCH, "pt": _PORTUGUESE, "sv": _SWEDISH,
}  # fmt: skip
"""In Polish and Turkish the verb turns in too many ways: there the forms are asked for."""
