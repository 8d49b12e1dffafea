"""Which practices are for what."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

SLEEP = "sleep"


@cache
def needs() -> dict[str, list[str]]:
    """Practices by need."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
