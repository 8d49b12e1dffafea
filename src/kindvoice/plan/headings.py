"""What the columns of a table of participants are called, and what people write into them, in twelve languages.

A language is one file in the folder `words`. Capitals, accents, figures, brackets and punctuation do not count, so
"Satz 3", "Sätze:" and "SAETZE (höchstens fünf)" are the same.
"""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kindvoice.plan.tables import cell_name
from kindvoice.script.frontmatter import (
    RESERVED,
    TRAUMA_SENSITIVE,
    parse_audience,
    parse_language,
    parse_length,
)

_FOLDER = Path(__file__).with_name("words")
FIELDS = ("id", "name", "surname", "language", "phrases", "length", "voice", "gentle", "audience")
"""what kindvoice understands; anything else is a value that scripts may use"""
_UNUSED = "unused"
_LONGEST = 80
"""characters of a heading; longer ones are looked at no further"""


def _plain(text: str) -> str:
    """
    >>> _plain("SÄTZE (höchstens 5):"), _plain("e-Mail"), _plain("İsim")
    ('satze', 'e mail', 'isim')
    """
    text = re.sub(r"[(\[].*?(?:[)\]]|$)", " ", text[:_LONGEST])
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = (c if c.isalpha() or c in "✓✔☑✗☐" else "" if unicodedata.combining(c) else " " for c in letters)
    return " ".join("".join(kept).split())


def _terms(words: str) -> list[str]:
    return [_plain(term) or term.strip() for term in words.split(",")]


@dataclass(frozen=True, slots=True)
class _Words:
    columns: Mapping[str, tuple[str, int]]
    """by what people call it, a field and how sure that is: 0 is surest"""
    fillers: frozenset[str]
    languages: Mapping[str, str]
    audiences: Mapping[str, str]
    yes: frozenset[str]
    no: frozenset[str]
    total: frozenset[str]
    minutes: str
    hours: str
    """patterns"""


@functools.cache
def _words() -> _Words:
    columns: dict[str, tuple[str, int]] = {name: (name, 0) for name in FIELDS}
    languages: dict[str, str] = {}
    audiences: dict[str, str] = {}
    cells: dict[str, list[str]] = {"fillers": []}
    for path in sorted(_FOLDER.glob("*.toml"), key=lambda path: (path.stem != "en", path.stem)):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        cells["fillers"] += _terms(data["columns"].pop("fillers"))
        for name, words in data["columns"].items():
            for rank, term in enumerate(_terms(words), 1):
                columns.setdefault(term, (name, rank))
        for known, table in ((languages, data["languages"]), (audiences, data["audiences"])):
            for tag, words in table.items():
                known.update((term, tag) for term in _terms(words) if term not in known)
        for name, words in data["cells"].items():
            cells.setdefault(name, []).extend(_terms(words))
    minutes, hours = (
        "|".join(sorted(set(cells[name]), key=len, reverse=True)) for name in ("minutes", "hours")
    )
    sets = {name: frozenset(cells[name]) for name in ("fillers", "yes", "no", "total")}
    return _Words(
        columns=columns, languages=languages, audiences=audiences, minutes=minutes, hours=hours, **sets
    )


# ---------------------------------------------------------------- columns


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    column: int
    field: str = ""
    """one of FIELDS; or a value's name; empty: not used"""
    sure: bool = False
    """whether the whole heading says it, not a word in it"""
    rank: int = 99
    unused: bool = False
    """whether it is known what this is, and that nothing is done with it"""

    @property
    def label(self) -> str:
        """For messages. What is not sure to be a heading could be somebody's words."""
        return repr(" ".join(self.text.split())) if self.sure else f"column {cell_name(self.column)}"


def _heading(text: str, column: int) -> Heading:
    words = _words()
    plain = _plain(text)
    said = [word for word in plain.split() if word not in words.fillers]
    for term in (plain, " ".join(said)):
        if term in words.columns:
            field, rank = words.columns[term]
            unused = field == _UNUSED
            return Heading(text, column, "" if unused else field, sure=True, rank=rank, unused=unused)
    about = {words.columns[word][0] for word in said if word in words.columns}
    if "phrases" in about and about.isdisjoint({"language", "length", "voice", "gentle", "audience"}):
        return Heading(text, column, "phrases")
    return Heading(text, column)


def read_headings(cells: Sequence[str]) -> tuple[Heading, ...]:
    """A row as headings. Each field but `phrases` has one column, the surest; a second name is a surname."""
    headings = [_heading(text, column) for column, text in enumerate(cells)]
    best: dict[str, Heading] = {}
    for heading in sorted(headings, key=lambda heading: heading.rank):
        best.setdefault(heading.field, heading)
    taken = set()
    for at, heading in enumerate(headings):
        field = heading.field
        if field in FIELDS and field != "phrases" and best[field] is not heading:
            field = "surname" if field == "name" and "surname" not in best else ""
        elif not field and not heading.unused:
            field = value_name(heading.text)
        if field in FIELDS or (field and field not in taken):
            taken.add(field)
        else:
            field = ""
        headings[at] = Heading(heading.text, at, field, heading.sure, heading.rank, heading.unused)
    return tuple(headings)


def score(headings: Sequence[Heading]) -> float:
    """How likely a row is one of headings; 0: it is none."""
    own = [heading for heading in headings if heading.field in FIELDS]
    known = len({heading.field for heading in own if heading.sure}) + sum(
        heading.unused for heading in headings
    )
    core = any(heading.field in {"id", "name", "phrases"} for heading in own)
    return known + 0.1 * len(own) if core and known else 0.0


def value_name(text: str) -> str:
    """A column's name as scripts may use it; empty where it cannot be one.

    >>> value_name(" Group-Size "), value_name("title"), value_name("2nd")
    ('group_size', '', '')
    """
    name = re.sub(r"[\s./-]+", "_", unicodedata.normalize("NFKC", text).strip().casefold())
    return name if name.isidentifier() and name not in RESERVED and len(name) <= _LONGEST else ""


# ---------------------------------------------------------------- cells


def is_total(text: str) -> bool:
    """Whether a row that begins so adds up the others.

    >>> is_total("Gesamt: 24"), is_total("Ana")
    (True, False)
    """
    return _plain(text) in _words().total


def cell_language(text: str) -> str:
    """A BCP 47 tag, or a language's name in any of the ten. Raises ValueError.

    >>> [cell_language(text) for text in ("Español (México)", "Deutsch", "pt_BR", "anglais", "eng")]
    ['es', 'de', 'pt-BR', 'en', 'en']
    """
    whole = _plain(re.sub(r"[()\[\]]", " ", text))
    known = _words().languages
    tag = known.get(whole) or next((known[word] for word in whole.split() if word in known), "")
    return tag or parse_language(text)


def cell_audience(text: str) -> tuple[str, bool]:
    """For whom, and whether that asks for a gentle reading. Raises ValueError.

    >>> [cell_audience(text) for text in ("Eltern", "trauma-sensitive", "carers, trauma")]
    [('parents', False), ('', True), ('carers', True)]
    """
    known = _words().audiences
    names = [text] if _plain(text) in known else [part for part in re.split("[,;/|+]", text) if part.strip()]
    audiences = dict.fromkeys(known.get(_plain(name)) or parse_audience(name) for name in names)
    others = [audience for audience in audiences if audience != TRAUMA_SENSITIVE]
    if len(others) > 1:
        raise ValueError(f"a recording is for one of {', '.join(others)}")
    return "".join(others), TRAUMA_SENSITIVE in audiences


def cell_truth(text: str) -> bool:
    """Raises ValueError.

    >>> cell_truth("Ja"), cell_truth("hayır"), cell_truth("x")
    (True, False, True)
    """
    plain = _plain(text) or text.strip()
    if plain in _words().yes:
        return True
    if plain in _words().no or not plain.strip("-–—"):
        return False
    raise ValueError


def cell_length(text: str) -> int:
    """A length in ms; a number is minutes. Raises ValueError.

    A spreadsheet makes a time of day of 12:30, and some show it as 12:30:00: nobody's length is half a day.

    >>> cell_length("10 Minuten"), cell_length("1 hora"), cell_length("12:30:00"), cell_length("12,5")
    (600000, 3600000, 750000, 750000)
    """
    words = _words()
    text = re.sub(r"^((?:[4-9]|\d\d):\d\d):00$", r"\1", text.strip())
    plain = re.sub(rf"(?<=\d)\s*(?:{words.minutes})\.?(?![^\W\d_])", "m", text.casefold())
    return parse_length(re.sub(rf"(?<=\d)\s*(?:{words.hours})\.?(?![^\W\d_])", "h", plain))
