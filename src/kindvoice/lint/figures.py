"""How much of a practice is silence, how long, and when it says what helps: in figures, for a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kindvoice.lint.base import Page, Rendition
from kindvoice.lint.measured import equal_share
from kindvoice.lint.reading import read_page
from kindvoice.lint.safety import first_alone, first_caution


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of one version, with estimated times."""

    practice: str
    language: str
    length_ms: int
    """as asked for; else its natural length"""
    gentle: bool
    possible: bool
    """whether its pauses can give so far; if not, the figures are of the nearest length"""
    silent: float
    """the part of it that is silence, 0..1"""
    words_a_minute: float
    """over the whole, of English length"""
    longest_silence_ms: int
    alone_ms: int | None
    """when the first silence of 20 s begins"""
    caution_ms: int | None
    """when it is first said that old pain may come up, and what helps"""
    equal_pauses: float
    """the share of pauses that have the length which most have, 0..1; 0 where they are few"""


def figures(paths: Sequence[Path]) -> Iterator[Figures]:
    """Of each script that can be read, at its shortest, usual and longest length, and gently."""
    for path in paths:
        page = read_page(path, every_minute=False)
        if isinstance(page, Page):
            versions = sorted(page.every, key=lambda v: (v.gentle, v.length_ms or 0))
            yield from (_figures(page, version) for version in versions)


def _figures(page: Page, version: Rendition) -> Figures:
    alone, caution = first_alone(version), first_caution(page, version)
    return Figures(
        practice=page.path.stem, language=page.language, length_ms=version.length_ms or version.total_ms,
        gentle=version.gentle, possible=version.possible, silent=version.silent,
        words_a_minute=version.words_a_minute,
        longest_silence_ms=max((m.length_ms for m in version.silences), default=0),
        alone_ms=alone.start_ms if alone else None, caution_ms=caution.start_ms if caution else None,
        equal_pauses=equal_share(version)[0],
    )  # fmt: skip
