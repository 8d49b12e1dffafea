"""What of a paragraph is no line to speak."""

from __future__ import annotations

from dataclasses import dataclass

from kindvoice.model import Cue


@dataclass(frozen=True, slots=True)
class Aside:
    """A stretch of a text that is not spoken as it stands: a cue, something that is left out, or a blank."""

    start: int
    stop: int
    cue: Cue | None = None
    reason: str = ""
    """why it is not spoken; empty for a cue and for what only parts words, such as <br>"""
    text: str | None = None
    """what is spoken in its place"""
    own: bool = False
    """whether that is a participant's"""
    ends_line: bool = False
    ends_sentence: bool = False
    """whatever its words look like: SSML's </s>"""


def merged(marks: list[Aside]) -> list[Aside]:
    """All of them in their order, without those that reach into one before."""
    kept: list[Aside] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.stop)):
        if not kept or mark.start >= kept[-1].stop:
            kept.append(mark)
    return kept
