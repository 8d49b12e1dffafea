"""Tags of languages (BCP 47), taken apart, and the scripts that a language's voices can read."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

Parts = tuple[str, str, str, str]
"""language, script, region, and the rest"""


def parts(tag: str) -> Parts:
    """Language, script, region and the rest of a BCP 47 tag, in small letters, one name per language.

    >>> parts("zh-Hant"), parts("iw"), parts("en_GB-x-rp")
    (('zh', 'hant', 'tw', ''), ('he', '', '', ''), ('en', '', 'gb', 'x-rp'))
    """
    language, *rest = tag.lower().replace("_", "-").split("-")
    script = next((x for x in rest[:1] if re.fullmatch("[a-z]{4}", x)), "")
    region = next((x for x in rest[:2] if re.fullmatch(r"[a-z]{2}|\d{3}", x)), "")
    variant = "-".join(x for x in rest if x not in (script, region))
    language, _, usual_region = _SAME.get(language, language).partition("-")
    if language == "zh" and script == "hant":
        usual_region = "tw"
    return language, script, region or usual_region, variant


_SAME = {
    "cmn": "zh-cn", "yue": "zh-hk", "no": "nb", "nn": "nb", "iw": "he", "tl": "fil", "sh": "sr", "arb": "ar",
}  # fmt: skip


def scripts_of(language: str) -> frozenset[str] | None:
    """Unicode names of the scripts that voices of a language read, or None where that is not known.

    Latin is among them everywhere: words of another language are read somehow, not spelled.

    >>> sorted(scripts_of("uk-UA") or ())
    ['CYRILLIC', 'LATIN']
    >>> "IDEOGRAPHIC" in (scripts_of("ja") or ())  # the mark in 日々
    True
    """
    code = parts(language)[0]
    scripts = next(
        (names for names, languages in facts("scripts").items() if code in languages.split()), None
    )
    return frozenset(scripts.split()) if scripts else None


def near_region(language: str, region: str) -> str:
    """The region whose voices speak most like those of this one; itself where none is nearer.

    >>> near_region("es", "mx"), near_region("en", "au"), near_region("en", "us")
    ('419', 'gb', 'us')
    """
    known = facts("near_regions").get(language, {})
    return next((near for near, regions in known.items() if region in regions.split()), region)


@cache
def facts(table: str) -> dict[str, Any]:
    """A table of languages.toml."""
    path = Path(__file__).with_name("languages.toml")
    return dict(tomllib.loads(path.read_text(encoding="utf-8"))[table])
