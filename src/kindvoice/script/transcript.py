"""What people put into a transcript, or a text for a reader: who speaks and when, and strokes where to rest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

from kindvoice.model import Pause
from kindvoice.script.directions import Vocabulary, is_direction

_CLOCK = r"\d{1,2}:[0-5]\d(?::[0-5]\d)?"
STROKES = {
    "/": Pause(size="short"), "//": Pause(), "///": Pause(size="long"), "|": Pause(size="short"), "||": Pause(),
    "|||": Pause(size="long"), "…": Pause(), "...": Pause(), ". . .": Pause(), "—": Pause(), "–": Pause(),
}  # fmt: skip
"""signs that have a line to themselves"""
_NAME = r"[^\W\d_][\w.’'-]{0,20}(?: (?:[^\W\d_][\w.’'-]{0,20}|\d{1,2})){0,2}"
_SAID_BY = re.compile(
    r"(?P<id>[a-z]{1,20}(?:[-_][a-z0-9]{1,20}){1,5}) ?:(?=[ \t])|(?P<glued>\d{1,3}:[0-5]\d(?::[0-5]\d)?)(?=[^\W\d_])"
    rf"|[\[(]?{_CLOCK}[\])]?[ \t–—|-]*(?P<first>{_NAME})[ \t]*(?::|$)"
    rf"|(?P<then>{_NAME})[ \t]*[:,|–—-]?[ \t]*(?:\[{_CLOCK}\]|\({_CLOCK}\)|{_CLOCK}(?=[ \t]*(?::|$)))[ \t]*:?"
)
"""what a program calls a line; a time without a space behind it; who speaks, and when, as a transcript has it"""
_LEAST = 3
"""lines with what a program calls them, or with times that nothing parts from the words"""


def names_of_speakers(text: str, words: Vocabulary) -> frozenset[str]:
    """Who speaks in a transcript: names with times at the head of lines, if one of them stands there twice;
    and what else stands there in every line."""
    names: Counter[str] = Counter()
    kinds: dict[str, set[str]] = {"id": set(), "glued": set()}
    for line in text.split("\n"):
        said = _SAID_BY.match(line[:120].replace("*", "").strip("#> \t"))
        kind, name = _label(said) if said else ("", "")
        if kind in kinds:
            kinds[kind].add(name)
        elif name[:1].isupper() and not is_direction(name, words):
            names[name.casefold()] += 1
    spoken_by = names if max(names.values(), default=0) > 1 else ()
    return frozenset(spoken_by).union(*(several for several in kinds.values() if len(several) >= _LEAST))


def end_of_label(line: str, names: Collection[str]) -> int:
    """Where the label of somebody who speaks ends at the head of a line; 0: there is none."""
    said = _SAID_BY.match(line)
    return said.end() if said and _label(said)[1].casefold() in names else 0


def _label(said: re.Match[str]) -> tuple[str, str]:
    kind = said.lastgroup or ""
    return kind, said[kind]
