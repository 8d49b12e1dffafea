"""What is noted of everything that a recording was made of."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_PART = ".kindvoice-"
_LEFT_S = 3600.0
"""nobody is at work on what is aside for so long"""


def sweep_aside(folder: Path) -> int:
    """Removes what killed runs have left aside in a folder, and says how much of it."""
    swept = 0
    for path in folder.glob(f"{_PART}*"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _LEFT_S and path.suffix != ".journal":
                path.unlink() if path.is_file() else shutil.rmtree(path)
                swept += 1
    return swept


def write_aside(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Aside first and on the disk before it bears its name. mode: before the umask. Raises OSError."""
    part = path.with_name(f"{_PART}{secrets.token_hex(4)}.part")
    try:
        with open(part, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def on_disk(path: Path) -> None:
    """What a power cut must not take is written through. Raises OSError."""
    handle = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True)
class SeenLedger:
    """A ledger as it is read."""

    name: str
    """its item's key, and more after a dot where several machines keep one"""
    about: dict[str, str]
    keys: frozenset[str]
    written_s: float
    """when it was last written to, as time.time()"""


class Ledger:
    """The keys of all that one recording was ever made of, for the day when it is to be forgotten.

    A text file that only grows: on its first line what it is about, as JSON, then one key a line. A key is noted
    before its thing is made, so that nothing can be in the store that no ledger knows, however a run ends.
    """

    def __init__(self, path: Path, about: Mapping[str, str]) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._known = set(read_ledger(path)[1])
        self.noted: set[str] = set()
        """what was noted since it was opened, new or not"""
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_aside(path, json.dumps(about).encode(), 0o600)

    def note(self, *keys: str) -> None:
        with self._lock:
            self.noted.update(keys)
            if new := [key for key in dict.fromkeys(keys) if key not in self._known]:
                with self.path.open("ab") as file:
                    # The line's end stands before it: what a full disk cut short is then a line of its own.
                    file.write("".join(f"\n{key}" for key in new).encode())
                self._known.update(new)

    def settle(self) -> None:
        """Before a recording is there: from then on nobody notes its keys again. Raises OSError."""
        on_disk(self.path)


def read_ledger(path: Path) -> tuple[dict[str, str], frozenset[str]]:
    """What a ledger is about, and its keys; nothing where there is none. Raises OSError for one that cannot be read:
    whoever forgets must not think that there was nothing."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return {}, frozenset()
    try:
        about = json.loads(lines[0])
    except ValueError:  # it was removed, and begun anew by a run that was at work
        about = None
    keys = frozenset(line for line in lines if len(line) == 64 and set(line) <= set("0123456789abcdef"))
    return ({str(k): str(v) for k, v in about.items()} if isinstance(about, dict) else {}), keys
