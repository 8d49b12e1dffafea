"""Where somebody can turn: helplines by country, and texts whose numbers and addresses can be tapped."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kindvoice.languages import primary

_FILE = Path(__file__).with_name("helplines.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Helpline:
    """call: a telephone number as people write it; page: an https address. One of them is there."""

    name: str
    call: str = ""
    page: str = ""

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """In parts: what is shown, and where it leads, or nothing."""
        return ((self.name, self.page), *(((": ", ""), (self.call, _tel(self.call))) if self.call else ()))


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def helplines(country: str) -> tuple[Helpline, ...]:
    """Those of a country (ISO 3166, two letters), and last the directory of all countries."""
    lines = [*_data()["countries"].get(country.upper(), ()), _data()["anywhere"]]
    return tuple(Helpline(**line) for line in lines)


def country_of(tags: Iterable[str], language: str) -> str:
    """The region of the first tag that has one (de-AT, de_AT.UTF-8), else the country that most who speak a language
    live in; empty where that would be a guess.

    >>> country_of(["de", "fr-CH"], "en"), country_of(["C.UTF-8"], "pl"), country_of([], "en")
    ('CH', 'PL', '')
    """
    for tag in (*tags, language):
        match = re.match(r"[A-Za-z]{2,3}(?:[-_][A-Z][a-z]{3})?[-_]([A-Za-z]{2})(?![A-Za-z0-9])", tag)
        if match:
            return match[1].upper()
    return str(_data()["usual"].get(primary(language), ""))


_LINK = re.compile(
    r"https?://[^\s()<>]{1,200}[^\s()<>.,;:!?]"
    r"|(?<![\w@.-])(?:[a-z0-9-]{1,40}\.){1,3}(?:[a-z]{2,4})(?:/[\w/-]{1,80})?(?![\w@-])"
    r"|(?<![\w/.,:+-])\+?\(?\d(?:[ )-]{0,2}(?:\(0\) ?)?\d){2,16}(?![\w/:-])"
)
_HOURS = re.compile(r"\d{1,2} ?- ?\d{1,2}")


def linked(text: str) -> tuple[tuple[str, str], ...]:
    """A text in parts, each with the address that it leads to, or an empty one.

    >>> linked("Ring 116 123 (24/7).")
    (('Ring ', ''), ('116 123', 'tel:116123'), (' (24/7).', ''))
    """
    parts, end = [], 0
    for match in _LINK.finditer(text):
        shown = match[0]
        if _HOURS.fullmatch(shown.lstrip("(")):
            continue
        parts += [(text[end : match.start()], ""), (shown, _address(shown))]
        end = match.end()
    return tuple(part for part in (*parts, (text[end:], "")) if part[0])


def _address(shown: str) -> str:
    if shown.startswith(("http://", "https://")):
        return shown
    return f"https://{shown}" if any(c.isalpha() for c in shown) else _tel(shown)


def _tel(number: str) -> str:
    return "tel:" + "".join(c for c in number if c.isdigit() or c in "+*")
