"""A place in an author's file, and in a text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A place in an author's file."""

    path: str
    """as the user wrote it"""
    line: int
    """1 is the first line; 0 is the file as a whole"""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


Spans = tuple[tuple[int, int], ...]
"""stretches of a text, from and to before, in order and apart"""


def spans_within(spans: Spans, start: int, stop: int) -> Spans:
    """The spans of text[start:stop] when these are the text's.

    >>> spans_within(((0, 3), (5, 9)), 2, 7)
    ((0, 1), (3, 5))
    """
    return tuple((max(a, start) - start, min(b, stop) - start) for a, b in spans if a < stop and b > start)


NOWHERE = Where(path="", line=0)


def where_field() -> Any:
    """A cue's place does not make it another cue."""
    return field(default=NOWHERE, compare=False)


def own_field() -> Any:
    """Whose words they are does not make them other words."""
    return field(default=(), compare=False)
