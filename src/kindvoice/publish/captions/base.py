"""What a caption format is, and the cues that the timed ones share."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kindvoice.model import Line, Transcript
from kindvoice.publish.captions.breaking import break_text
from kindvoice.publish.captions.plain import plain, sentence_space

LONG_PAUSE_MS = 3_000
"""a silence that a reader is to see: the words after it begin a line, and a display goes blank in it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionFormat:
    """One line of the table of caption formats."""

    name: str
    extension: str
    type: str
    """MIME"""
    write: Callable[[Transcript], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionCue:
    """What is shown at once."""

    start_ms: int
    stop_ms: int
    text: str
    """at most two lines, parted by a newline; `plain` otherwise"""
    language: str
    """BCP 47"""


def caption_cues(transcript: Transcript) -> Iterator[CaptionCue]:
    """Each cue is shown while its words are spoken; a long utterance in parts, each for its share.

    In order of time and never two at once. What is not heard for a millisecond, or holds nothing to see, is none.
    """
    return (cue for line in transcript.lines for cue in _cues(line))


def _cues(line: Line) -> Iterator[CaptionCue]:
    length = line.stop_ms - line.start_ms
    shown = line.start_ms
    parts = break_text(line.text, length, line.language)
    for i, part in enumerate(parts):
        # Every part keeps a millisecond at least, however short the utterance.
        stop = min(
            max(line.start_ms + round(length * part.stop), shown + 1), line.stop_ms - (len(parts) - 1 - i)
        )
        if stop > shown:
            text = "\n".join(part.lines)
            yield CaptionCue(start_ms=shown, stop_ms=stop, text=text, language=line.language)
            shown = stop


def spoken_runs(paragraph: Sequence[Line]) -> Iterator[list[Line]]:
    """A paragraph's lines, parted where a long pause lies between two: one run is read as one line of text."""
    run: list[Line] = []
    for line in paragraph:
        if not plain(line.text):
            continue
        if run and line.start_ms - run[-1].stop_ms >= LONG_PAUSE_MS:
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def joined(lines: Sequence[Line]) -> str:
    """What is said in them, as one text."""
    texts = [plain(line.text) for line in lines]
    spaces = [sentence_space(a, b) for a, b in itertools.pairwise(texts)]
    return "".join(space + text for space, text in zip(["", *spaces], texts, strict=True))
