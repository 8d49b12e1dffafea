"""The page's own texts in the library's languages: one small file per language."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kindvoice.publish.templates import texts_for

FOLDER = Path(__file__).parent / "words"


def words_for(language: str) -> Mapping[str, Any]:
    """What stands on the page beside the recording's own words. `{time}` and the like are filled in by the page.

    >>> words_for("pt-BR")["language"], words_for("ar")["language"], words_for("de")["play"]
    ('pt-BR', 'en', 'Abspielen')
    """
    return texts_for(FOLDER, language)


def size(count: int, words: Mapping[str, Any]) -> str:
    """Bytes as a person reads them, in steps of 1000.

    >>> size(950, words_for("en")), size(9_640_000, words_for("de")), size(123_456, words_for("fr"))
    ('950 bytes', '9,6 MB', '123 ko')
    """
    value, unit = float(count), 0
    # 999 500 would be rounded to 1000 kB.
    while round(value) >= 1000 and unit < len(words["units"]) - 1:
        value /= 1000
        unit += 1
    digits = f"{value:.1f}" if unit and value < 99.95 and unit > 1 else f"{value:.0f}"
    return f"{digits.replace('.', words['decimal'])} {words['units'][unit]}"
