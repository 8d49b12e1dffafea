"""Language tags (BCP 47) as far as kindvoice compares them."""

from __future__ import annotations

from collections.abc import Iterable


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
