"""The page's own words in the library's languages: one small file per language."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kindvoice.languages import primary

FOLDER = Path(__file__).parent / "words"
OTHERWISE = "en"
"""what the page speaks beside a recording in a language that has no file"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTexts:
    """What stands on the page beside the recording's own words. `{time}` and the like are filled in by the page."""

    language: str
    """BCP 47, of these words"""
    player: str
    play: str
    pause: str
    back: str
    forward: str
    position: str
    at: str
    """{now} of {whole}"""
    volume: str
    from_start: str
    resumed: str
    """{time}: where the listener stopped"""
    heard_to: str
    """{time}"""
    no_sound: str
    chapters: str
    transcript: str
    follow: str
    back_to_voice: str
    to_player: str
    to_transcript: str
    past_transcript: str
    downloads: str
    sound: str
    captions: str
    recordings: str
    neighbours: str
    previous: str
    next: str
    credits: str
    licence: str
    dark: str
    keys: str
    safety: str
    made_with: str
    decimal: str
    """between whole numbers and tenths"""
    units: tuple[str, ...]
    """bytes, and 1000, 1000 000, 1000 000 000 of them"""


@cache
def languages() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def words_for(language: str) -> PageTexts:
    """language: BCP 47. A region stays as it is (pt-BR); a language without a file is answered in English.

    >>> words_for("pt-BR").language, words_for("ar").language, words_for("de").play
    ('pt-BR', 'en', 'Abspielen')
    """
    known = primary(language) in languages()
    name = primary(language) if known else OTHERWISE
    found = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return PageTexts(language=language if known else OTHERWISE, **{**found, "units": tuple(found["units"])})


def size(count: int, words: PageTexts) -> str:
    """Bytes as a person reads them, in steps of 1000.

    >>> size(950, words_for("en")), size(9_640_000, words_for("de")), size(123_456, words_for("fr"))
    ('950 bytes', '9,6 MB', '123 ko')
    """
    value, unit = float(count), 0
    # 999 500 would be rounded to 1000 kB.
    while round(value) >= 1000 and unit < len(words.units) - 1:
        value /= 1000
        unit += 1
    digits = f"{value:.1f}" if unit and value < 99.95 and unit > 1 else f"{value:.0f}"
    return f"{digits.replace('.', words.decimal)} {words.units[unit]}"
