"""A store that many computers share through any fsspec URL (s3://..., gs://..., sftp://..., file:///mnt/...).

In front of it lies a folder of this computer's own. A thing that is not here is fetched; what had to be made is sent.
Each thing ends with the sha256 of its bytes, so that one that was cut short on its way is known, and made anew. Two
computers may now and then make the same thing at once; they make the same bytes.

A share that is away stops nobody: what cannot be fetched is made, and what cannot be sent stays unshared. Only
removing must not fail silently.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from kindvoice.errors import OutputError, SettingsError
from kindvoice.store import SEAL_BYTES, Ledger, SeenLedger, Store, Usage, read_ledger

_DIGEST_BYTES = 32
_WAITS_S = (0.5, 2.0)
"""before a share that failed is asked again"""


class _Absent(Exception):
    """The share has no such thing, or none that is whole."""


class RemoteStore(Store):
    """Raises SettingsError for a URL that fsspec does not know, and when fsspec is missing."""

    def __init__(self, root: Path, url: str, ledger: Ledger | None = None) -> None:
        super().__init__(root, ledger)
        try:
            fsspec: Any = importlib.import_module("fsspec.core")
        except ImportError:
            raise SettingsError(
                "a shared store needs fsspec, which is not installed",
                cure="pip install 'kindvoice[cluster]', here and where the workers run",
            ) from None
        try:
            self._fs, self._base = fsspec.url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise SettingsError(
                f"the shared store {_shown(url)} cannot be used: {_without_secret(error, url)}",
                cure="install what fsspec asks for, such as s3fs for s3://, here and where the workers run",
            ) from None
        self._url = url
        self._ledger_sent = 0

    # ------------------------------------------------------------ things

    def get(self, key: str) -> Path | None:
        self.note(key)
        if path := self._here(key):
            return path
        try:
            return super().get_or_make(key, lambda part: self._fetch(key, part))
        except _Absent:
            return None

    def read(self, key: str) -> bytes | None:
        self.get(key)
        return super().read(key)

    def get_or_make(
        self, key: str, make: Callable[[Path], None], *, own: bool = False, throughout: bool = False
    ) -> Path:
        fresh = False

        def fetch_or_make(part: Path) -> None:
            nonlocal fresh
            try:
                self._fetch(key, part)
            except _Absent:
                make(part)
                fresh = True

        path = super().get_or_make(key, fetch_or_make, own=own, throughout=throughout)
        if fresh:
            self._send(key, path)
        return path

    def remove(self, keys: Iterable[str]) -> Usage:
        """Here and in the share. Raises OutputError when the share cannot be reached."""
        keys = list(keys)
        here = super().remove(keys)
        removed = removed_bytes = 0
        for key in keys:
            with self._told("cannot be removed from"), contextlib.suppress(FileNotFoundError):
                size = int(self._fs.info(self._at(key))["size"]) - _DIGEST_BYTES
                self._fs.rm_file(self._at(key))
                removed, removed_bytes = removed + 1, removed_bytes + max(size, 0)
        return Usage(max(removed, here.files), removed_bytes + here.bytes)

    def _at(self, key: str) -> str:
        return f"{self._base}/v1/{key[:2]}/{key}"

    def _fetch(self, key: str, part: Path) -> None:
        """Raises _NotThere; `part` is then empty."""
        try:
            self._patiently(lambda: self._fs.get_file(self._at(key), str(part)))
            _take_digest(part)
        except _Absent:
            part.write_bytes(b"")
            raise
        except Exception as error:  # every back end of fsspec raises what it likes
            part.write_bytes(b"")
            raise _Absent from error

    def _send(self, key: str, path: Path) -> None:
        with contextlib.suppress(Exception):  # it is here all the same
            self._send_ledger()
            with tempfile.TemporaryDirectory(dir=self.root / "work") as work:
                whole = Path(work) / key
                shutil.copyfile(path, whole)
                with whole.open("rb+") as file:
                    file.truncate(whole.stat().st_size - SEAL_BYTES)
                    digest = hashlib.file_digest(file, "sha256").digest()
                    file.seek(0, 2)
                    file.write(digest)
                self._patiently(lambda: self._put(whole, self._at(key)))

    def _put(self, path: Path, target: str) -> None:
        self._fs.makedirs(target.rpartition("/")[0], exist_ok=True)
        self._fs.put_file(str(path), target)

    def _patiently(self, ask: Callable[[], object]) -> None:
        for wait_s in (*_WAITS_S, None):
            try:
                ask()
                return
            except FileNotFoundError:
                raise
            except Exception:  # as above; the last one is raised
                if wait_s is None:
                    raise
                time.sleep(wait_s)

    # ------------------------------------------------------------ ledgers

    def _send_ledger(self) -> None:
        """Before the thing: nothing may be in the share that no ledger there knows."""
        if self._ledger is not None and (size := self._ledger.path.stat().st_size) != self._ledger_sent:
            target = f"{self._base}/ledgers/{self._ledger.path.name}"
            self._patiently(lambda: self._put(self._ledger.path, target))  # type: ignore[union-attr]
            self._ledger_sent = size

    def ledgers(self) -> Iterator[SeenLedger]:
        """Those in the share. Raises OutputError when it cannot be reached."""
        with self._told("cannot be read from"), tempfile.TemporaryDirectory(dir=self.root / "work") as work:
            try:
                names = sorted(str(path) for path in self._fs.ls(f"{self._base}/ledgers", detail=False))
            except FileNotFoundError:
                names = []
            for name in names:
                copy = Path(work) / name.rpartition("/")[2]
                try:
                    self._fs.get_file(name, str(copy))
                except FileNotFoundError:  # somebody else forgets just now
                    continue
                about, keys = read_ledger(copy)
                yield SeenLedger(copy.name, about, keys, 0.0)

    def drop_ledgers(self, names: Iterable[str]) -> None:
        for name in names:
            with self._told("cannot be removed from"), contextlib.suppress(FileNotFoundError):
                self._fs.rm_file(f"{self._base}/ledgers/{name}")

    @contextlib.contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except Exception as error:  # every back end of fsspec raises what it likes
            raise OutputError(
                f"what was made {what} the shared store {_shown(self._url)}: "
                f"{type(error).__name__}: {_without_secret(error, self._url)}",
                cure="look whether it can be reached, and try again",
            ) from error


_SECRET = re.compile(r"(?<=://)[^/?#]*@")
"""the name and the password in an address: sftp://name:password@host/folder"""


def _shown(url: str) -> str:
    """The address as it may stand in a message: messages are logged, copied and sent.

    >>> _shown("sftp://ana:secret@host/kind"), _shown("s3://bucket/kind")
    ('sftp://...@host/kind', 's3://bucket/kind')
    """
    return _SECRET.sub("...@", url)


def _without_secret(error: Exception, url: str) -> str:
    """What a back end says, which may quote the address or its password."""
    text = _shown(str(error))
    password = re.search(r"://[^/?#]*?:([^/?#]+)@", url)
    return text.replace(password[1], "...") if password else text


def _take_digest(part: Path) -> None:
    """Takes the sha256 off its end. Raises _NotThere when the bytes are not whole."""
    with part.open("rb+") as file:
        size = file.seek(0, 2) - _DIGEST_BYTES
        if size < 0:
            raise _Absent
        file.seek(size)
        digest = file.read()
        file.truncate(size)
        file.seek(0)
        if hashlib.file_digest(file, "sha256").digest() != digest:
            raise _Absent


_LEFT_S = 86_400


def clear_runs(root: Path, run: str) -> None:
    """Removes what a run has left on this computer, and what runs of yesterday that were killed have."""
    for folder in root.glob("*"):
        with contextlib.suppress(OSError):
            used = max(path.stat().st_mtime for path in (folder, *folder.glob("*")))
            if folder.name == run or time.time() - used > _LEFT_S:
                shutil.rmtree(folder, ignore_errors=True)
