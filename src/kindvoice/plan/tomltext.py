"""TOML with the line of everything that stands in it, which Python's own reader does not tell.

The file is read by tomllib; what is found here besides is where each name and each table begins.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kindvoice.errors import ScriptError, SettingsError
from kindvoice.model import Where
from kindvoice.script.source import read_text

Place = tuple[str | int, ...]
"""names and numbers from the top of a file to a value: ("tracks", 0, "length")"""


@dataclass(frozen=True, slots=True)
class Toml:
    """A file that was read."""

    data: dict[str, Any]
    path: str
    lines: dict[Place, int]

    def where(self, *place: str | int) -> Where:
        """The line of a value, else of what it stands in, else the file."""
        while place and place not in self.lines:
            place = place[:-1]
        return Where(path=self.path, line=self.lines.get(place, 0))


def read_toml(path: Path, what: str, cure: str = "", *, private: bool = False) -> Toml:
    """what: such as "a plan", for the messages. private: whether the file holds words that no message may repeat.

    Raises SettingsError with file and line.
    """
    try:
        text = read_text(path, what)
    except ScriptError as error:
        raise error.told_as(SettingsError, cure=error.cure or cure) from None
    try:
        data = tomllib.loads(text)
    except RecursionError:
        raise SettingsError("the file is nested too deeply", where=Where(path=str(path), line=0)) from None
    except ValueError as error:
        at = re.search(r"\(at line (\d+), column \d+\)$", str(error))
        line = int(at[1]) if at else text.count("\n") + 1 if "end of document" in str(error) else 0
        problem = "" if private else f": {str(error)[: at.start()].strip() if at else error}"
        raise SettingsError(
            f"the file is not TOML{problem}", where=Where(path=str(path), line=line), cure=cure
        ) from None
    return Toml(data, str(path), dict(_lines(text)))


# ---------------------------------------------------------------- where things stand in a text that is TOML

_STRING = (
    r'"""(?:\\.|[^\\])*?"{3,5}|' + r"'''.*?'{3,5}|" + r'"(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'"
)  # a text in three quotes may end in two more of its own
_TOKEN = re.compile(rf"(?P<string>{_STRING})|(?P<comment>\#[^\n]*)|(?P<mark>[\[\]{{}}=\n])", re.DOTALL)
_HEADER = re.compile(r"[ \t]*(\[\[?)")


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Every statement with its offset: a table's header, or a name and its value, over as many lines as it takes."""
    start = depth = 0
    for token in _TOKEN.finditer(text):
        mark = token["mark"]
        if mark and mark in "[{":
            depth += 1
        elif mark and mark in "]}":
            depth -= 1
        elif mark == "\n" and not depth:
            yield start, text[start : token.start()]
            start = token.end()
    yield start, text[start:]


def _lines(text: str) -> Iterator[tuple[Place, int]]:
    table: Place = ()
    counts: dict[Place, int] = {}
    line, before = 1, 0
    for offset, statement in _statements(text):
        line += text.count("\n", before, offset)
        before = offset
        header = _HEADER.match(statement)
        key = _before(statement[header.end() :], "]") if header else _before(statement, "=")
        if key is None:
            continue
        place = _place(key, counts, () if header else table)
        if header:
            if header[1] == "[[":
                counts[place] = counts.get(place, -1) + 1
                yield place, line
                place += (counts[place],)
            table = place
        yield place, line


def _before(text: str, end: str) -> str | None:
    """The key at the beginning of a text, up to a mark that does not stand in quotes."""
    for token in _TOKEN.finditer(text):
        if token["comment"] or token["mark"] == "\n":
            return None
        if token["mark"] == end:
            return text[: token.start()].strip() or None
    return None


def _place(key: str, counts: dict[Place, int], table: Place) -> Place:
    """A dotted key as names from the top; a table of an array that stands on the way is its last one."""
    inner: object = tomllib.loads(f"{key} = 0")
    place = table
    while isinstance(inner, dict):
        if place in counts and len(place) > len(table):
            place += (counts[place],)
        ((name, inner),) = inner.items()
        place += (name,)
    return place
