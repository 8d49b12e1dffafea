"""The output folder: what may be written there, and how a finished file gets there in one step."""

from __future__ import annotations

import contextlib
import errno
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from kindvoice.encode import find_format
from kindvoice.errors import KindvoiceError, OutputError, SettingsError
from kindvoice.model import Preset, Schedule
from kindvoice.units import RATE

_PART = ".kindvoice-"


def place(path: Path, folder: Path) -> Path:
    """Puts a finished file in place of whatever bore its name, in one step."""
    final = folder / path.name
    try:
        path.replace(final)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # Another disk: copied beside its place first, under a name that no one takes for a result.
        part = folder / f"{_PART}{secrets.token_hex(4)}.part"
        try:
            shutil.copyfile(path, part)
            part.replace(final)
        finally:
            part.unlink(missing_ok=True)
    return final


def write_whole(path: Path, text: str) -> None:
    """A text file in place of whatever bore its name, in one step. Raises OutputError."""
    part = path.with_name(f"{_PART}{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(path)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}", cure="name another file"
        ) from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def safe_name(stem: str) -> str:
    """A script's file name as a name that every system takes."""
    return re.sub(r'[\x00-\x1f<>:"/\\|?*]+', "-", stem).strip(" .") or "meditation"


def check_name(name: str) -> None:
    reserved = re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", name, re.IGNORECASE)
    if safe_name(name) != name or reserved or len(name.encode()) > 200:
        raise SettingsError(
            f"{name!r} cannot be a file's name everywhere",
            cure='leave out / \\ : * ? " < > | and a dot at the end',
        )


def check_folder(folder: Path) -> None:
    """Finds out before anything is spoken whether the output folder can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{_PART}*.part"):
            if time.time() - old.stat().st_mtime > 3600:
                old.unlink(missing_ok=True)
        with tempfile.NamedTemporaryFile(prefix=_PART, suffix=".part", dir=folder):
            pass
    except OSError as error:
        raise OutputError(
            f"the output folder {folder} cannot be written: {error.strerror}",
            cure="name another with --output",
        ) from None


def check_space(schedule: Schedule, formats: Sequence[str], preset: Preset, work: Path, output: Path) -> None:
    """A full disk is better told of before the work than after it."""
    seconds = schedule.frames / RATE
    need = sum(find_format(name).bytes_for(seconds, preset) for name in formats) * 5 // 4 + 1_000_000
    for folder in (work, output):
        free = shutil.disk_usage(folder).free
        if free < need:
            raise OutputError(
                f"the disk of {folder} is full: about {need / 1e6:.0f} MB are needed and {free / 1e6:.0f} MB are free",
                cure="free some space (`kindvoice cache prune --older-than 7d`), or name another folder",
            )


def output_error(error: OSError, output: Path, cache: Path) -> KindvoiceError:
    if error.errno == errno.ENOSPC:
        return OutputError(
            f"the disk is full: neither {output} nor the cache {cache} may run out of space",
            cure="free some space (`kindvoice cache prune --older-than 7d`) and run it again; what was spoken is kept",
        )
    return OutputError(f"a file cannot be written: {error}", cure=f"look at {output} and at {cache}")
