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
def texts_for(folder: Path, language: str) -> Mapping[str, str]:
    """The folder's texts by name, in this language; in English where it has no file of it."""
    path = folder / f"{primary(language)}.toml"
    path = path if path.is_file() else folder / f"{OTHERWISE}.toml"
    return MappingProxyType(tomllib.loads(path.read_text(encoding="utf-8")))


def say_for(language: str) -> Mapping[str, str]:
    """Texts by name; `{n}` and the like are filled in by whoever shows them.

    >>> say_for("pt-BR")["voice"], say_for("ja")["voice"]
    ('Voz', 'Voice')
    """
    return texts_for(FOLDER, language)


NAMES = MappingProxyType({
    "en": "English", "de": "Deutsch", "es": "Español", "fr": "Français", "it": "Italiano", "nl": "Nederlands",
    "pl": "Polski", "pt-BR": "Português", "sv": "Svenska", "tr": "Türkçe",
})  # fmt: skip
"""of the languages, as those who speak them write them"""
