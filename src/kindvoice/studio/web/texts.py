"""The studio's own texts in the library's languages: one small file a language."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from kindvoice.publish.templates import texts_for

FOLDER = Path(__file__).parent / "words"


def say_for(language: str) -> Mapping[str, str]:
    """Texts by name; `{n}` and the like are filled in by whoever shows them.

    >>> say_for("pt-BR")["voice"], say_for("ko")["voice"]
    ('Voz', 'Voice')
    """
    return texts_for(FOLDER, language)


NAMES = MappingProxyType({
    "en": "English", "de": "Deutsch", "es": "Español", "fr": "Français", "it": "Italiano", "ja": "日本語",
    "nl": "Nederlands", "pl": "Polski", "pt-BR": "Português", "sv": "Svenska", "tr": "Türkçe", "zh": "中文",
})  # fmt: skip
"""of the languages, as those who speak them write them"""


def lasting(say: Mapping[str, str], name: str, low_ms: int, high_ms: int) -> str:
    """A text about a span of minutes; where it has only one length, the text `..._one`."""
    low, high = low_ms // 60_000, high_ms // 60_000
    if low == high:
        return say[f"{name}_one"].format(n=low)
    return say[name].format_map({"from": low, "to": high})
