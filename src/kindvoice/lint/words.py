"""What the rules know of each language: one file in the folder `words`. Without one, what needs words is left out.

    eyes        the eyes may close, or stay open       backdraft   old pain may come up
    stop        stopping, moving, leaving out          ground      what to do then: slow down, the feet, the floor
    quiet       a silence is announced                 back        coming back: the room, the eyes, hands and feet
    past        a phrase in the past tense             command     a phrase that commands
    wish        how a wish begins; empty where it begins as many other lines do

Each is a regular expression over a spoken line, in any case. `[[unkind]]` tables hold what may hurt: the rule it
belongs to (command, promise, body, careful), what is said, and what could be said instead.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kindvoice.languages import primary

FOLDER = Path(__file__).with_name("words")


@dataclass(frozen=True, slots=True)
class Unkind:
    rule: str
    said: str
    better: str
    why: str = ""
    """where it is not the rule's own reason"""


@dataclass(frozen=True, slots=True)
class LintWords:
    eyes: str
    stop: str
    backdraft: str
    ground: str
    quiet: str
    back: str
    wish: str
    past: str
    command: str
    unkind: tuple[Unkind, ...]


@cache
def words_of(language: str) -> LintWords | None:
    """The words of a BCP 47 tag's language; None where there is no file."""
    path = FOLDER / f"{primary(language)}.toml"
    if not path.is_file():
        return None
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    unkind = tuple(Unkind(**entry) for entry in data.pop("unkind", []))
    return LintWords(unkind=unkind, **data)


def has(pattern: str, text: str) -> bool:
    """Whether a pattern of a language is found in a line, in any case."""
    return bool(pattern) and re.search(pattern, text, re.IGNORECASE) is not None
