"""How the folder of a store stays sound and small."""

from __future__ import annotations

import contextlib
import errno
import random
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kindvoice.errors import OutputError
from kindvoice.store import _seal
from kindvoice.store._ledgers import sweep_aside

if TYPE_CHECKING:
    from filelock import FileLock

LARGE_BYTES = 1_000_000_000
"""from here on its size is worth telling of, and again whenever it has grown by as much"""
_LAYOUT = "v1"
_JUST_USED_S = 600.0
"""what was used so lately stays when room is made: somebody may be at it"""
_ROOM = 0.95
"""of its limit a store is left with, so that not every run has to make room"""
_LONGEST_RUN_S = 86_400.0
_LOCK_UNUSED_S = 30 * 86_400.0
_File = tuple[float, int, Path]
"""when it was used, as time.time(), and its bytes"""


@dataclass(frozen=True, slots=True)
class Usage:
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """What was looked at, and what was damaged and is gone now."""

    files: int
    read_bytes: int
    """of the files that were read throughout"""
    damaged: int
    left: int
    """what killed runs have left and is gone now: half-made things, folders, locks that nobody used for a month"""
    at_work: int
    """runs that are alive"""


def lock_at(path: Path, *, blocking: bool = True) -> FileLock:
    from filelock import FileLock  # takes long to load, and what is there already needs no lock

    return FileLock(path, blocking=blocking)


def removed(path: Path) -> int | None:
    """Removes a file, and gives its bytes; None where there was none. Raises OutputError when it stays."""
    try:
        size = path.stat().st_size
        path.unlink()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutputError(
            f"{path} cannot be removed: {error.strerror or error}",
            cure="close what uses it, look at whose it is, and run this again: the rest goes then",
        ) from error
    return size


class StoreFolder:
    """The files of a store, whatever they mean."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._things = root / _LAYOUT
        self._locks = root / "locks"
        self._work = root / "work"

    def sweep(self) -> int:
        """Removes the workspaces that killed runs have left, and says how many."""
        swept = 0
        for folder in self._work.glob("run-*"):
            # A run that has only just made its folder holds no lock yet.
            if _unused_s(folder) > 5 and _is_free(folder / ".lock"):
                shutil.rmtree(folder, ignore_errors=True)
                swept += 1
        return swept

    def _sweep_locks(self) -> int:
        """Of recordings that nobody built for a month."""
        swept = 0
        for path in self._locks.glob("items/*.lock"):
            if _unused_s(path) > _LOCK_UNUSED_S and _is_free(path):
                with contextlib.suppress(OSError):
                    path.unlink()
                    swept += 1
        return swept

    def check(self, *, share: float = 1.0, used_since: float = 0.0) -> StoreHealth:
        """Removes what is not as it was written, and what killed runs have left; the next run makes it anew.

        share: of the files, so many are read throughout, by chance; of the others heads and seals are looked at.
        used_since: only what was used since then, as time.time().
        """
        files = read_bytes = damaged = left = 0
        for used, size, path in self._by_use():
            if path.suffix == ".part":
                if time.time() - used > 3600:
                    left += removed(path) is not None
            elif used >= used_since:
                files += 1
                throughout = random.random() < share
                read_bytes += size if throughout else 0
                with contextlib.suppress(FileNotFoundError):  # somebody else removed it just now
                    if not _is_whole(path, throughout):
                        removed(path)
                        damaged += 1
        left += self.sweep() + self._sweep_locks()
        left += sweep_aside(self.root / "ledgers") + sweep_aside(self.root / "plans")
        return StoreHealth(files, read_bytes, damaged, left, sum(1 for _ in self._work.glob("run-*")))

    def usage(self) -> Usage:
        sizes = [size for _, size, _ in self._by_use()]
        return Usage(len(sizes), sum(sizes))

    def newly_large(self) -> int:
        """Its bytes, once for every LARGE_BYTES that it has grown by; else 0."""
        size, remembered = self.usage().bytes, self.root / "told-size"
        try:
            known_steps = int(remembered.read_text(encoding="ascii"))
        except (OSError, ValueError):
            known_steps = 0
        steps = size // LARGE_BYTES
        if steps != known_steps:
            with contextlib.suppress(OSError):
                remembered.write_text(str(steps), encoding="ascii")
        return size if steps > known_steps else 0

    def prune(self, *, older_than_s: float | None = None, max_bytes: int | None = None) -> Usage:
        """Removes things not used for so long, then the longest unused until the rest is small enough.

        Neither given: everything goes. Returns what was removed. Raises OutputError when something stays, and all else
        has gone.
        """
        everything = older_than_s is None and max_bytes is None
        files = self._by_use()
        old = [file for file in files if older_than_s is None or time.time() - file[0] > older_than_s]
        stays: list[OutputError] = []
        gone = Usage(0, 0)
        if older_than_s is not None or everything:
            gone = self._remove_files(old, stays=stays)
        if max_bytes is not None:
            files = self._by_use()
            more = self._remove_files(
                files, down_by=sum(size for _, size, _ in files) - max_bytes, stays=stays
            )
            gone = Usage(gone.files + more.files, gone.bytes + more.bytes)
        if everything:
            # They tell of things that are no more.
            notes = [*self.root.glob("ledgers/*"), *self.root.glob("plans/*.json")]
            self._remove_files([(0.0, 0, path) for path in notes], stays=stays)
        self.sweep()
        self._sweep_locks()
        if stays:
            raise stays[0]
        return gone

    def make_room(self, limit: int) -> Usage:
        """Removes things until no more than 95 % of `limit` bytes are left, where there are more than `limit`: what
        holds a participant's own words first, and of these as of the others the longest unused. What a living run
        uses, and what was used within ten minutes, stays. Returns what was removed.
        """
        files = self._by_use()
        total = sum(size for _, size, _ in files)
        if total <= limit:
            return Usage(0, 0)
        self.sweep()
        self._sweep_locks()
        now = time.time()
        begun = [float(folder.name.split("-")[1]) for folder in self._work.glob("run-*-*")]
        idle_until = min([now - _JUST_USED_S, *(at for at in begun if at > now - _LONGEST_RUN_S)])
        idle = [file for file in files if file[0] < idle_until]
        idle.sort(key=lambda file: not _is_own(file[2]))  # by use they are in order already
        return self._remove_files(idle, down_by=total - int(limit * _ROOM))

    def _remove_files(
        self, files: Sequence[_File], *, down_by: int | None = None, stays: list[OutputError] | None = None
    ) -> Usage:
        """In this order, until so many bytes are gone; None: all of them. stays: hears why one cannot be removed."""
        count = total = 0
        for used, size, path in files:
            if down_by is not None and total >= down_by:
                break
            # A file that is being made right now is not ours to take.
            if not (path.suffix == ".part" and time.time() - used < 3600):
                try:
                    removed(path)
                except OutputError as error:
                    if stays is not None:
                        stays.append(error)
                    continue
                count, total = count + 1, total + size
        return Usage(count, total)

    def _by_use(self) -> list[_File]:
        """All files, the longest unused first."""
        files: list[_File] = []
        for folder in self._things.iterdir():
            for path in folder.iterdir() if folder.is_dir() else ():
                with contextlib.suppress(FileNotFoundError):  # somebody else removes it just now
                    stat = path.stat()
                    files.append((stat.st_mtime, stat.st_size, path))
        return sorted(files)


def _is_whole(path: Path, throughout: bool) -> bool:
    try:
        return _seal.is_whole(path, path.name, throughout=throughout)
    except FileNotFoundError:
        raise
    except OSError as error:
        return error.errno != errno.EIO  # what may not be read may be whole all the same


def _is_free(path: Path) -> bool:
    """Whether no living process holds this lock."""
    from filelock import Timeout

    try:
        with lock_at(path, blocking=False):
            return True
    except (OSError, Timeout):
        return False


def _is_own(path: Path) -> bool:
    try:
        return _seal.is_own(path)
    except OSError:
        return False


def _unused_s(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0
