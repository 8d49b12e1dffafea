"""What the rules know of each language: one file in the folder `words`. Without one, what needs words is left out, and
so is what needs an entry that a file does not have.

    eyes        the eyes may close, or stay open       backdraft   old pain may come up
    stop        stopping, moving, leaving out          ground      what to do then: slow down, the feet, the floor
    quiet       a silence is announced, or might be    announces   a silence is announced, surely
    meets       the listener is met after a silence    back        coming back: the room, the eyes, hands and feet
    pausing     pausing or stopping the recording      opens       opening the eyes
    looks       looking around                         unless      only if the eyes are closed
    held        feeling what holds one
    person      turning to a person                    driving     not while driving
    lying       lying down                             floor       the feet on the floor
    outside     sounds, what one can look at           inside      the body and the breath
    touch       an imagined touch                      intimate    where nobody touches unasked
    excuses     a harsh voice means well               exempts     not if it is that of somebody who hurt you
    mindful, humanity, kind    the three parts         feeling     feeling in the body
    narrator    who speaks is "I"                      the_voice   who speaks is a voice
    past        a phrase in the past tense             command     a phrase that commands
    wish        how a wish begins; empty where it begins as many other lines do
    contraction where people contract, a contraction
    spellings   two ways of spelling that do not go together

Each is a regular expression over a spoken line, in any case. `[[unkind]]` tables hold what may hurt: the rule it
belongs to (command, promise, body, careful, frightens, flippant, written), what is said, what to say instead.
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
    announces: str = ""
    meets: str = ""
    pausing: str = ""
    opens: str = ""
    looks: str = ""
    held: str = ""
    unless: str = ""
    person: str = ""
    driving: str = ""
    lying: str = ""
    floor: str = ""
    outside: str = ""
    inside: str = ""
    touch: str = ""
    intimate: str = ""
    excuses: str = ""
    exempts: str = ""
    mindful: str = ""
    humanity: str = ""
    kind: str = ""
    feeling: str = ""
    narrator: str = ""
    the_voice: str = ""
    contraction: str = ""
    spellings: tuple[str, ...] = ()


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
    return bool(pattern) and ready(pattern).search(text) is not None


@cache
def ready(pattern: str) -> re.Pattern[str]:
    """A pattern of the words, compiled: they are more than `re` itself remembers."""
    return re.compile(pattern, re.IGNORECASE)
