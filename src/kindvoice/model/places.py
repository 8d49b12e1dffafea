"""A place in an author's file."""

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


NOWHERE = Where(path="", line=0)


def where_field() -> Any:
    """A cue's place does not make it another cue."""
    return field(default=NOWHERE, compare=False)
