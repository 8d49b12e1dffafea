"""What engines find on this computer: the files of installed voices, in one folder for all, and packages."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from importlib import metadata
from pathlib import Path

from kindvoice.paths import expanded

VARIABLE = "KINDVOICE_MODELS"


def models_folder() -> Path:
    """The folder in the variable KINDVOICE_MODELS, or `kindvoice/models` in the user's data folder."""
    stated = os.environ.get(VARIABLE)
    if stated:
        return expanded(stated)
    import platformdirs

    return Path(platformdirs.user_data_dir("kindvoice", appauthor=False)) / "models"


def digest(path: Path) -> str:
    """The first digits of a file's sha256; "missing" where there is none. Read again only when the file has changed."""
    try:
        state = path.stat()
    except OSError:
        return "missing"
    return _digest(path, state.st_size, state.st_mtime_ns)


@cache
def _digest(path: Path, size: int, modified_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def installed(package: str) -> str:
    """A package's version; "missing" where it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "missing"
