"""A content-addressed store: a file is named after everything that made it.

It looks, locks, looks again, makes the file aside, and puts it in place in one step, so that a file in
the store is always whole, and is made once even when several processes want it at the same time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kindvoice.errors import OutputError, SettingsError

if TYPE_CHECKING:
    from filelock import FileLock

LOCKS = 256
LARGE_BYTES = 1_000_000_000
"""from here on its size is worth telling of, and again whenever it has grown by as much"""
_LAYOUT = "v1"


def _lock(path: Path, *, blocking: bool = True) -> FileLock:
    from filelock import FileLock  # takes long to load, and what is there already needs no lock

    return FileLock(path, blocking=blocking)


def file_sha256(path: Path) -> str:
    """The sha256 of a file's bytes, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_aside(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Aside first and on the disk before it bears its name. mode: before the umask. Raises OSError."""
    part = path.with_name(f".kindvoice-{secrets.token_hex(4)}.part")
    try:
        with open(part, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def stage_key(stage: str, version: int, /, **inputs: object) -> str:
    """sha256 over a stage's name, its version and exactly the inputs that matter, as 64 hex digits.

    inputs: JSON values. >>> stage_key("raw", 1, text="x") == stage_key("raw", 1, text="x")
    True
    """
    text = json.dumps([stage, version, inputs], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SeenLedger:
    """A ledger as it is read."""

    name: str
    """its item's key, and more after a dot where several machines keep one"""
    about: dict[str, str]
    keys: frozenset[str]
    written_s: float
    """when it was last written to, as time.time()"""


@dataclass(frozen=True, slots=True)
class Usage:
    files: int
    bytes: int


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

    def note(self, key: str) -> None:
        with self._lock:
            self.noted.add(key)
            if key not in self._known:
                with self.path.open("ab") as file:
                    # The line's end stands before it: what a full disk cut short is then a line of its own.
                    file.write(b"\n" + key.encode())
                self._known.add(key)


def read_ledger(path: Path) -> tuple[dict[str, str], frozenset[str]]:
    """What a ledger is about, and its keys; nothing where there is none."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return {}, frozenset()
    try:
        about = json.loads(lines[0])
    except ValueError:  # it was removed, and begun anew by a run that was at work
        about = None
    keys = frozenset(line for line in lines if len(line) == 64 and set(line) <= set("0123456789abcdef"))
    return ({str(k): str(v) for k, v in about.items()} if isinstance(about, dict) else {}), keys


class Store:
    """A folder of made things, shared between processes. It does not know what the bytes mean."""

    def __init__(self, root: Path, ledger: Ledger | None = None) -> None:
        """ledger: where the keys are noted that are asked for through this store."""
        self.root = root
        self._ledger = ledger
        self._things = root / _LAYOUT
        self._locks = root / "locks"
        self._work = root / "work"
        try:
            for folder in (self._things, self._locks, self._work):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(
                f"the cache folder {root} cannot be used: {error.strerror}",
                cure="name another one in KINDVOICE_CACHE",
            ) from None

    def path(self, key: str) -> Path:
        """Where the thing of this key is, or would be."""
        return self._things / key[:2] / key

    def note(self, key: str) -> None:
        """Tells the ledger of a thing that belongs to what is being made, though it is not asked for itself."""
        if self._ledger is not None:
            self._ledger.note(key)

    def get(self, key: str) -> Path | None:
        """The thing, when it is there; it then counts as used now."""
        self.note(key)
        return self._here(key)

    def _here(self, key: str) -> Path | None:
        path = self.path(key)
        try:
            os.utime(path)
        except FileNotFoundError:
            return None
        except OSError:  # a store that only may be read serves all the same
            return path if path.exists() else None
        return path

    def get_or_make(self, key: str, make: Callable[[Path], None]) -> Path:
        """The thing of this key; `make` writes it to the path it is given when it is not there yet.

        `make` runs at most once at a time per key over all processes. It must not ask the store for
        another thing: two locks held at once could wait for each other for ever.
        """
        self.note(key)
        if path := self._here(key):
            return path
        shard = int(key[:8], 16) % LOCKS
        with _lock(self._locks / f"{shard:02x}.lock"):
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
                part.replace(path)
            except OSError as error:
                raise OutputError(
                    f"the cache folder {self.root} cannot be written: {error.strerror or error}",
                    cure="free some space (`kindvoice cache prune --older-than 7d`), "
                    "or name another folder in KINDVOICE_CACHE",
                ) from error
            finally:
                if part is not None:
                    part.unlink(missing_ok=True)
            return path

    @contextlib.contextmanager
    def workspace(self) -> Iterator[Path]:
        """A folder for one run's unfinished work, gone afterwards; one that a killed run left is removed."""
        self.sweep()
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=self._work))
        lock = _lock(folder / ".lock")
        lock.acquire()
        try:
            yield folder
        finally:
            lock.release()
            shutil.rmtree(folder, ignore_errors=True)

    def sweep(self) -> None:
        """Removes the workspaces that killed runs have left."""
        from filelock import Timeout

        for folder in self._work.glob("run-*"):
            lock = _lock(folder / ".lock", blocking=False)
            # A run that has only just made its folder holds no lock yet.
            with contextlib.suppress(OSError, Timeout):
                if time.time() - folder.stat().st_mtime > 5:
                    with lock:
                        pass
                    shutil.rmtree(folder, ignore_errors=True)

    def remove(self, keys: Iterable[str]) -> Usage:
        """Removes the things of these keys and what a killed run has left of their making; returns what was there."""
        removed = removed_bytes = 0
        for key in keys:
            path = self.path(key)
            with _lock(self._locks / f"{int(key[:8], 16) % LOCKS:02x}.lock"):
                # No one else makes anything of this shard now: its parts are left over.
                for file in (path, *path.parent.glob(f"{key[:8]}.*.part")):
                    with contextlib.suppress(FileNotFoundError):
                        size = file.stat().st_size
                        file.unlink()
                        removed, removed_bytes = removed + (file == path), removed_bytes + size
        return Usage(removed, removed_bytes)

    def ledgers(self) -> Iterator[SeenLedger]:
        """Every ledger of this store."""
        for path in sorted((self.root / "ledgers").glob("*")):
            if path.suffix != ".part":
                about, keys = read_ledger(path)
                try:
                    written_s = path.stat().st_mtime
                except FileNotFoundError:  # somebody else forgets just now
                    continue
                yield SeenLedger(path.name, about, keys, written_s)

    def drop_ledgers(self, names: Iterable[str]) -> None:
        for name in names:
            (self.root / "ledgers" / name).unlink(missing_ok=True)

    def usage(self) -> Usage:
        sizes = [entry.stat().st_size for entry in self._all()]
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

        Neither given: everything goes. Returns what was removed.
        """
        self.sweep()
        files = sorted(((e.stat().st_mtime, e.stat().st_size, e) for e in self._all()), key=lambda f: f[0])
        total = sum(size for _, size, _ in files)
        everything = older_than_s is None and max_bytes is None
        removed = removed_bytes = 0
        for used, size, path in files:
            old = older_than_s is not None and time.time() - used > older_than_s
            over = max_bytes is not None and total - removed_bytes > max_bytes
            # A file that is being made right now is not ours to take.
            if (everything or old or over) and not (path.suffix == ".part" and time.time() - used < 3600):
                path.unlink(missing_ok=True)
                removed += 1
                removed_bytes += size
        if everything:
            for kept in (*self.root.glob("ledgers/*"), *self.root.glob("plans/*.json")):
                kept.unlink(missing_ok=True)  # they tell of things that are no more
        return Usage(removed, removed_bytes)

    def _all(self) -> Iterator[Path]:
        for folder in self._things.iterdir():
            if folder.is_dir():
                yield from (path for path in folder.iterdir() if path.is_file())
