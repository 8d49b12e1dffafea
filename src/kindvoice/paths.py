"""Paths as people write them."""

from __future__ import annotations

from pathlib import Path


def expanded(name: str | Path) -> Path:
    """`~` is the user's own folder; a `~name` that this computer does not know stays as it is.

    >>> expanded("a/b.md") == Path("a/b.md")
    True
    """
    path = Path(name)
    try:
        return path.expanduser()
    except RuntimeError:  # then there is no such file, and whoever looks for it says so
        return path


def is_file(path: Path) -> bool:
    """Whether there is such a file. Where the system refuses even to look there is none: pathlib raises an OSError
    for a name that is too long and for a folder that may not be read."""
    try:
        return path.is_file()
    except OSError:
        return False
