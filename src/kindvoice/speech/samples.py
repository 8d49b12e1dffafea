"""Sentences to try a voice with."""

from __future__ import annotations

import tomllib
from pathlib import Path

from kindvoice.languages import primary

_FILE = Path(__file__).with_name("samples.toml")


def sample_lines(language: str) -> tuple[str, ...]:
    """Lines of that language, of English where there are none."""
    samples = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(samples.get(primary(language), samples["en"]))
