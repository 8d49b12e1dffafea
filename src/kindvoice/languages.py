"""Language tags (BCP 47) as far as kindvoice compares them."""

from __future__ import annotations

from collections.abc import Iterable

_RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ji", "ks", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"}
)
"""languages that are written from right to left when their tag names no script"""
_RIGHT_TO_LEFT_SCRIPTS = frozenset(
    {"adlm", "arab", "aran", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa"}
)
"""ISO 15924"""


def primary(tag: str) -> str:
    """The language without script and region.

    >>> primary("pt-BR")
    'pt'
    """
    return tag.split("-")[0].lower()


def nearest_tag(wanted: str, tags: Iterable[str]) -> str | None:
    """The tag that is wanted, whatever its case, else one of the same language; None when there is neither.

    >>> nearest_tag("pt", ["en", "pt-BR"]), nearest_tag("de-AT", ["de-CH", "de-at"]), nearest_tag("ja", ["en"])
    ('pt-BR', 'de-at', None)
    """
    known = list(tags)
    same = [tag for tag in known if tag.lower() == wanted.lower()]
    return next(iter(same + [tag for tag in known if primary(tag) == primary(wanted)]), None)


def covers(tag: str, other: str) -> bool:
    """Whether the other is the same language, or a region's or a script's of it.

    >>> covers("pt", "pt-BR"), covers("pt-br", "pt-BR"), covers("pt-BR", "pt-PT"), covers("pt-BR", "pt")
    (True, True, False, False)
    """
    return f"{other}-".lower().startswith(f"{tag}-".lower())


def direction(tag: str) -> str:
    """How a language is written: ltr or rtl.

    >>> direction("ar"), direction("az-Arab"), direction("pt-BR"), direction("ks-Deva")
    ('rtl', 'rtl', 'ltr', 'ltr')
    """
    script = next((part.lower() for part in tag.split("-")[1:] if len(part) == 4 and part.isalpha()), "")
    if script:
        return "rtl" if script in _RIGHT_TO_LEFT_SCRIPTS else "ltr"
    return "rtl" if primary(tag) in _RIGHT_TO_LEFT else "ltr"
