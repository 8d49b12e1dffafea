"""Other people's tools, and what they say."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence


def run(command: Sequence[str], cwd: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace"
    )


def last_lines(text: str, most: int) -> list[str]:
    """What a tool said last, without warnings about other things."""
    lines = [line.strip() for line in text.splitlines()]
    return [
        line for line in lines if line and not line.lower().startswith(("warning", "[notice]", "npm warn"))
    ][-most:]
