"""A transcript to read, in plain text."""

from __future__ import annotations

from collections.abc import Iterator

from kindvoice.model import Section, Transcript
from kindvoice.publish.captions.base import CaptionFormat, joined, spoken_runs
from kindvoice.publish.captions.breaking import break_lines
from kindvoice.publish.captions.plain import columns, plain

TEXT_WIDTH = 72
"""columns"""


def transcript_text(transcript: Transcript) -> str:
    """Title, headings, paragraphs; what comes after a long pause begins a line."""
    blocks = [_heading(transcript.title, "=")]
    for section in transcript.sections:
        blocks += _section(section, section.title if section.title != transcript.title else "")
    return "\n\n".join(block for block in blocks if block) + "\n"


def _section(section: Section, title: str) -> Iterator[str]:
    paragraphs = [[joined(run) for run in spoken_runs(paragraph)] for paragraph in section.paragraphs]
    heading = _heading(title, "-")
    if heading:
        yield "\n" + heading  # two empty lines above a heading
    for runs in filter(None, paragraphs):
        yield "\n".join(line for run in runs for line in break_lines(run, TEXT_WIDTH))


def _heading(title: str, rule: str) -> str:
    lines = break_lines(plain(title), TEXT_WIDTH)
    return "\n".join([*lines, rule * max(map(columns, lines))]) if lines else ""


TEXT = CaptionFormat(name="txt", extension=".txt", type="text/plain", write=transcript_text)
