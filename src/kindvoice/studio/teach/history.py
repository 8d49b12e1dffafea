"""What a script was before: versions that were kept, by the hand of its author or when a sitting began."""

from __future__ import annotations

import hashlib
import re
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kindvoice.errors import OutputError
from kindvoice.store import write_aside

SITTING_S = 600.0
"""a change that comes so long after the last kept version begins another sitting: what stood there is kept first"""
MOST_KEPT = 60
"""versions of one script; the oldest go"""
MOST_TEXT = 1_000_000
"""characters that can be written here"""
_NAME = re.compile(r"(\d{6})-(\d{10,13})\.md")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVersion:
    number: int
    at: int
    """Unix time in seconds"""
    path: Path
    words: int


def text_digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class History:
    """A folder for each script, for its owner's eyes alone. Safe between threads."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._folder, self._clock = folder, clock
        self._lock = threading.RLock()

    def _of(self, script: Path) -> Path:
        return (
            self._folder
            / hashlib.sha256(str(script.absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:32]
        )

    def knows(self, script: Path) -> bool:
        """Whether there ever was a version of it."""
        return self._of(script).is_dir()

    def versions(self, script: Path) -> list[KeptVersion]:
        """The newest first."""
        folder = self._of(script)
        matches = [(match, path) for path in folder.glob("*.md") if (match := _NAME.fullmatch(path.name))]
        matches.sort(key=lambda each: each[0][1], reverse=True)
        return [
            KeptVersion(number=int(match[1]), at=int(match[2]), path=path, words=len(path.read_text("utf-8").split()))
            for match, path in matches
        ]  # fmt: skip

    def text(self, script: Path, number: int) -> str | None:
        return next((v.path.read_text("utf-8") for v in self.versions(script) if v.number == number), None)

    def keep(self, script: Path, text: str) -> None:
        """A version, unless the newest says the same. Raises OutputError."""
        with self._lock:
            kept = self.versions(script)
            if kept and kept[0].path.read_text("utf-8") == text:
                return
            number = kept[0].number + 1 if kept else 1
            path = self._of(script) / f"{number:06}-{int(self._clock()):010}.md"
            try:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                write_aside(path, text.encode("utf-8", "replace"), 0o600)
            except OSError as error:
                raise OutputError(f"the version cannot be kept: {error.strerror or error}") from error
            for old in kept[MOST_KEPT - 1 :]:
                old.path.unlink(missing_ok=True)

    def write(self, script: Path, before: str, text: str) -> None:
        """The script says this from now on; what it said is kept where a sitting begins. Raises OutputError."""
        with self._lock:
            kept = self.versions(script)
            if not kept or self._clock() - kept[0].at > SITTING_S:
                self.keep(script, before)
            try:
                mode = script.stat().st_mode & 0o777
                write_aside(script, text.encode("utf-8", "replace"), mode)
            except OSError as error:
                raise OutputError(f"the script cannot be written: {error.strerror or error}") from error

    def move(self, script: Path, other: Path) -> None:
        with self._lock:
            self.forget(other)
            if self._of(script).is_dir():
                self._of(script).rename(self._of(other))

    def forget(self, script: Path) -> None:
        shutil.rmtree(self._of(script), ignore_errors=True)
