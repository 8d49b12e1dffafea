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
    rf"[\[(]?{_CLOCK}[\])]?[ \t–—|-]*(?P<first>{_NAME})[ \t]*(?::|$)"
    rf"|(?P<then>{_NAME})[ \t]*[:,|–—-]?[ \t]*(?:\[{_CLOCK}\]|\({_CLOCK}\)|{_CLOCK}(?=[ \t]*(?::|$)))[ \t]*:?"
)
"""who speaks, and when, as a transcript has it"""


def names_of_speakers(text: str, words: Vocabulary) -> frozenset[str]:
    """Who speaks in a transcript: names with times at the head of lines, if one of them stands there twice."""
    names: Counter[str] = Counter()
    for line in text.split("\n"):
        said = _SAID_BY.match(re.sub(r"[*_]", "", line[:120]).strip("#> \t"))
        name = said["first"] or said["then"] if said else ""
        if name[:1].isupper() and not is_direction(name, words):
            names[name.casefold()] += 1
    return frozenset(names) if max(names.values(), default=0) > 1 else frozenset()


def end_of_label(line: str, names: Collection[str]) -> int:
    """Where the label of somebody who speaks ends at the head of a line; 0: there is none."""
    said = _SAID_BY.match(line)
    return said.end() if said and (said["first"] or said["then"]).casefold() in names else 0
