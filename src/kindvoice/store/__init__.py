"""A content-addressed store: a file is named after everything that made it.

It looks, locks, looks again, makes the file aside, and puts it in place in one step, so that a file in
the store is always whole, and is made once even when several processes want it at the same time. What a disk damages
afterwards is known by its seal (`_seal.py`): it counts as missing, goes, and is made anew.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from kindvoice.errors import OutputError, SettingsError, is_disk_full, terminal
from kindvoice.store import _seal
from kindvoice.store._ledgers import Ledger, SeenLedger, on_disk, read_ledger, sweep_aside, write_aside
from kindvoice.store._upkeep import LARGE_BYTES, StoreFolder, StoreHealth, Usage, lock_at, removed

__all__ = [
    "LARGE_BYTES",
    "SEAL_BYTES",
    "DamagedError",
    "Ledger",
    "SeenLedger",
    "Store",
    "StoreHealth",
    "Usage",
    "cache_error",
    "damaged_error",
    "file_sha256",
    "mended",
    "on_disk",
    "read_ledger",
    "removed",
    "stage_key",
    "sweep_aside",
    "write_aside",
]  # fmt: skip

LOCKS = 256
SEAL_BYTES = _seal.BYTES
_What = TypeVar("_What")


def file_sha256(path: Path) -> str:
    """The sha256 of a file's bytes, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stage_key(stage: str, version: int, /, **inputs: object) -> str:
    """sha256 over a stage's name, its version and exactly the inputs that matter, as 64 hex digits.

    inputs: JSON values. >>> stage_key("raw", 1, text="x") == stage_key("raw", 1, text="x")
    True
    """
    text = json.dumps([stage, version, inputs], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class DamagedError(OutputError):
    """A thing of the store is not what was written, or has gone since it was asked for."""


def mended(store: Store, work: Callable[[], _What]) -> _What:
    """What `work` gives. Where it meets something damaged, all that it has used is looked at, and it is done again."""
    began = time.time() - 2  # file systems count in steps
    try:
        return work()
    except DamagedError:
        store.check(used_since=began)
        return work()


def damaged_error(root: Path) -> DamagedError:
    return DamagedError(
        f"something in the cache folder {root} was damaged, and is removed",
        cure="run it again, and it is made anew; where this comes again the disk may be failing",
    )


def cache_error(root: Path, error: OSError, done: str = "written") -> OutputError:
    return OutputError(
        f"the cache folder {root} cannot be {done}: {error.strerror or error}",
        cure="free some space"
        + terminal(" (`kindvoice cache prune --older-than 7d`), or name another folder in KINDVOICE_CACHE"),
    )


class Store(StoreFolder):
    """A folder of made things, shared between processes. It does not know what the bytes mean."""

    def __init__(self, root: Path, ledger: Ledger | None = None, limit: int | None = None) -> None:
        """ledger: where the keys are noted that are asked for through this store. limit: bytes; a run that has made
        something makes room at its end when there are more."""
        super().__init__(root)
        self._ledger = ledger
        self.limit, self._grown = limit, False
        try:
            for folder in (self._things, self._locks, self._work):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            if is_disk_full(error):
                raise cache_error(root, error) from error
            raise SettingsError(
                f"the cache folder {root} cannot be used: {error.strerror}",
                cure=terminal("name another one in KINDVOICE_CACHE"),
            ) from None

    def path(self, key: str) -> Path:
        """Where the thing of this key is, or would be."""
        return self._things.joinpath(key[:2], key)

    def note(self, *keys: str) -> None:
        """Tells the ledger of things that belong to what is being made, whether or not they are asked for."""
        if self._ledger is not None:
            self._ledger.note(*keys)

    def settle(self) -> None:
        """What was noted is on the disk. Raises OSError."""
        if self._ledger is not None:
            self._ledger.settle()

    def get(self, key: str) -> Path | None:
        """The thing, when it is there; it then counts as used now."""
        self.note(key)
        return self._here(key)

    def look(self, key: str) -> Path | None:
        """The thing, when it is there and its head and seal are as they were; nothing is changed, nothing noted."""
        path = self.path(key)
        try:
            return path if _seal.is_whole(path, key, throughout=False) else None
        except OSError:
            return None

    def read(self, key: str) -> bytes | None:
        """What is in the thing, every byte checked; None when it is not there or damaged, and then it is gone."""
        self.note(key)
        path = self.path(key)
        try:
            content = _seal.content(path, key)
        except FileNotFoundError:
            return None
        except OSError as error:
            self._unreadable(error)
            content = None
        self._settle(path, content is not None)
        return content

    def read_or_make(self, key: str, make: Callable[[Path], None]) -> bytes:
        """What is in the thing of this key, every byte checked; `make` as for `get_or_make`."""
        if (content := self.read(key)) is None:
            self.get_or_make(key, make)
            content = self.read(key)
        if content is None:
            raise damaged_error(self.root)
        return content

    def verified(self, key: str) -> Path:
        """The thing of this key, every byte checked. Raises DamagedError when it is not there or not whole."""
        if path := self._here(key, throughout=True):
            return path
        raise damaged_error(self.root)

    def _here(self, key: str, *, throughout: bool = False) -> Path | None:
        """Where the thing is, if it is as it was sealed; throughout: to the last byte."""
        path = self.path(key)
        try:
            whole = _seal.is_whole(path, key, throughout=throughout)
        except FileNotFoundError:
            return None
        except OSError as error:
            whole = self._unreadable(error)
        return path if self._settle(path, whole) else None

    def _unreadable(self, error: OSError) -> bool:
        """False for a place of the disk that cannot be read any more; else raises what it stands for."""
        if error.errno == errno.EIO:
            return False
        raise cache_error(self.root, error, "read") from error

    def _settle(self, path: Path, whole: bool) -> bool:
        """What is whole counts as used now, what is not goes; but a store that only may be read serves all the same."""
        with contextlib.suppress(OSError):
            if whole:
                os.utime(path)
            else:
                path.unlink()
        return whole

    def get_or_make(
        self, key: str, make: Callable[[Path], None], *, own: bool = False, throughout: bool = False
    ) -> Path:
        """The thing of this key, whose file ends with a seal; `make` writes it to the path it is given when it is not
        there yet. own: a participant's own words are in it. throughout: every byte of what is there is checked.

        `make` runs at most once at a time per key over all processes. It must not ask the store for
        another thing: two locks held at once could wait for each other for ever.
        """
        self.note(key)
        if path := self._here(key, throughout=throughout):
            return path
        shard = int(key[:8], 16) % LOCKS
        with lock_at(self._locks / f"{shard:02x}.lock"):
            if path := self._here(key):
                return path
            path = self.path(key)
            part: Path | None = None
            try:
                path.parent.mkdir(exist_ok=True)
                handle, name = tempfile.mkstemp(prefix=key[:8] + ".", suffix=".part", dir=path.parent)
                os.close(handle)
                part = Path(name)
                make(part)
                _seal.seal(part, key, own=own)
                part.replace(path)
                self._grown = True
            except OSError as error:
                raise cache_error(self.root, error) from error
            finally:
                if part is not None:
                    part.unlink(missing_ok=True)
            return path

    @contextlib.contextmanager
    def workspace(self, *, lasting: bool = False) -> Iterator[Path]:
        """A folder for one run's unfinished work, gone afterwards; one that a killed run left is removed. What is used
        meanwhile stays in the store. lasting: for as long as a server runs, which does not keep what it uses."""
        self.sweep()
        began = 0 if lasting else int(time.time()) - 2  # file systems count in steps
        folder = Path(tempfile.mkdtemp(prefix=f"run-{began}-", dir=self._work))
        lock = lock_at(folder / ".lock")
        try:
            lock.acquire()
            yield folder
        finally:
            lock.release()
            shutil.rmtree(folder, ignore_errors=True)
            if self.limit is not None and self._grown:
                self._grown = False
                self.make_room(self.limit)

    def remove(self, keys: Iterable[str]) -> Usage:
        """Removes the things of these keys and what a killed run has left of their making; returns what was there.
        Raises OutputError when one of them stays."""
        files = total = 0
        for key in keys:
            path = self.path(key)
            try:
                with lock_at(self._locks / f"{int(key[:8], 16) % LOCKS:02x}.lock"):
                    # No one else makes anything of this shard now: its parts are left over.
                    for file in (path, *path.parent.glob(f"{key[:8]}.*.part")):
                        size = removed(file)
                        files, total = files + (size is not None and file == path), total + (size or 0)
            except OSError as error:
                raise cache_error(self.root, error) from error
        return Usage(files, total)

    def ledgers(self) -> Iterator[SeenLedger]:
        """Every ledger of this store. Raises OutputError for one that cannot be read."""
        for path in sorted((self.root / "ledgers").glob("*")):
            if path.suffix != ".part":
                try:
                    about, keys = read_ledger(path)
                    written_s = path.stat().st_mtime
                except FileNotFoundError:  # somebody else forgets just now
                    continue
                except OSError as error:
                    raise cache_error(self.root, error, "read") from error
                yield SeenLedger(path.name, about, keys, written_s)

    def drop_ledgers(self, names: Iterable[str]) -> None:
        """Raises OutputError."""
        for name in names:
            removed(self.root / "ledgers" / name)
