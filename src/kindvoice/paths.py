"""Paths as people write them, and commands as they type them."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path, PurePath

_PACKAGE = Path(__file__).resolve().parent


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


def typed(*words: str | PurePath) -> str:
    """A command of kindvoice that can be pasted into this system's shell, whatever its names hold.

    >>> typed("render", "morning.md"), typed("render", Path("-it.md"))
    ('kindvoice render morning.md', 'kindvoice render ./-it.md')
    """
    # A path that begins with a dash would be read as an option.
    plain = [f"./{w}" if isinstance(w, PurePath) and str(w).startswith("-") else str(w) for w in words]
    return (subprocess.list2cmdline if sys.platform == "win32" else shlex.join)(["kindvoice", *plain])


def is_file(path: Path) -> bool:
    """Whether there is such a file. Where the system refuses even to look there is none: pathlib raises an OSError
    for a name that is too long and for a folder that may not be read."""
    try:
        return path.is_file()
    except OSError:
        return False


def data_folder(name: str) -> Path:
    """The folder `scripts_library` or `voices`: in a wheel below the package, in a checkout beside src/."""
    installed = _PACKAGE / "data" / name
    return installed if installed.is_dir() else _PACKAGE.parents[1] / name
