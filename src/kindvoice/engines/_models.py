"""What engines find on this computer: cores, the files of installed voices, in one folder for all, and packages."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Iterable
from functools import cache
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


def cores() -> int:
    """How many threads this process may keep busy: OMP_NUM_THREADS, which is set where several work side by side."""
    stated = os.environ.get("OMP_NUM_THREADS", "")
    return int(stated) if stated.isdecimal() and int(stated) else os.cpu_count() or 1


def digest(path: Path) -> str:
    """The first digits of a file's sha256; "missing" where there is none. Read again only when the file has changed."""
    try:
        state = path.stat()
    except OSError:
        return "missing"
    return _digest(path, state.st_size, state.st_mtime_ns)


@cache
def _digest(path: Path, size: int, modified_ns: int) -> str:
    return sha256(path)[:12]


def sha256(path: Path) -> str:
    """The file's digest, as hex; an empty text for a file that is not there."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def installed(package: str) -> str:
    """A package's version; "missing" where it is not installed."""
    for folder in sys.path:
        for about in Path(folder).glob(f"{package.replace('-', '_')}-*.dist-info/METADATA"):
            if version := re.search(r"^Version: *(\S+)", about.read_text(encoding="utf-8"), re.MULTILINE):
                return version[1]
    from importlib import metadata  # it reads all ways to install a package, and takes long to load

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "missing"


def package_folder(name: str) -> Path | None:
    """The folder of an installed package, which itself is not run."""
    spec = importlib.util.find_spec(name)
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) if places else None


def join_parts(parts: Iterable[Path], whole: Path, digest: str) -> bool:
    """Writes the parts into one file, which has its name only when it is whole and right. Returns whether it is.

    digest: its sha256, as hex. Raises OSError.
    """
    unfinished = whole.with_name(f"{whole.name}.part")
    try:
        with unfinished.open("wb") as file:
            for part in parts:
                with part.open("rb") as source:
                    shutil.copyfileobj(source, file, 1 << 20)
        right = sha256(unfinished) == digest
        if right:
            unfinished.replace(whole)
        return right
    finally:
        unfinished.unlink(missing_ok=True)
