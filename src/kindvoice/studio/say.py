"""The studio's own words in the library's languages: one small file a language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from kindvoice.languages import primary

FOLDER = Path(__file__).parent / "words"
OTHERWISE = "en"
"""what the pages speak in a language that has no file"""


@cache
def languages() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def say_for(language: str) -> Mapping[str, str]:
    """Texts by name; `{n}` and the like are filled in by whoever shows them. English where there is no file.

    >>> say_for("pt-BR")["voice"], say_for("ja")["voice"]
    ('Voz', 'Voice')
    """
    name = primary(language) if primary(language) in languages() else OTHERWISE
    return MappingProxyType(tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8")))


NAMES = MappingProxyType({
    "en": "English", "de": "Deutsch", "es": "Español", "fr": "Français", "it": "Italiano", "nl": "Nederlands",
    "pl": "Polski", "pt-BR": "Português", "sv": "Svenska", "tr": "Türkçe",
})  # fmt: skip
"""of the languages, as those who speak them write them"""
