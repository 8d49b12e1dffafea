"""Whether a recording of a plan is right already, found out without reading every byte of it again.

A recording is right when its manifest lies beside its files, when the manifest's digest is the one that its inputs
have now, and when every file that it names has the size and the sha256 that it says.

Hundreds of recordings are gigabytes, so a sha256 is kept together with what the system says of the file: size,
time of change (mtime), time of any change at all (ctime), inode. Nobody but the system sets a ctime, so a file that
was cut, overwritten or put back with its old time is read again. Two changes within one tick of the system's clock
look the same; therefore what was read is only believed when the last change was more than a tick older than the
reading (20 ms where a file's times are fine, 2 s where they are coarse). On Windows a ctime is the time of making,
and a file that is changed in place there, with its size kept and its time put back, is found by `verify` only,
which reads everything again. A lost or damaged state costs a reading, nothing else.

The state lies in the cache, one file per output folder; nothing is added to what is published.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from kindvoice.build.read import Reading, digest_of, read
from kindvoice.errors import KindvoiceError, ManifestError
from kindvoice.jobs.items import Item
from kindvoice.jobs.ledgers import ledger_name
from kindvoice.jobs.outcome import Checked
from kindvoice.model import Release, Voice
from kindvoice.publish.manifest import read_release
from kindvoice.publish.output import read_record, recording_digests
from kindvoice.store import write_aside

_VERSION = 1
FINE_TICK_NS = 20_000_000
COARSE_TICK_NS = 2_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an item stands."""

    why: str = ""
    """why it must be built; empty when it is right"""
    release: Release | None = None
    """what is there, right or not, if anything that can be read is"""
    reading: Reading | None = None
    """of its inputs as they are now, where these had to be read and a build goes on from them"""

    @property
    def right(self) -> bool:
        return not self.why


def named_files(manifest: Path) -> frozenset[Path]:
    """All files that were made under the recording's name, there or not, but for the manifest."""
    return frozenset(manifest.with_name(name) for name in recording_digests(manifest)) - {manifest}


def named_clips(manifest: Path) -> frozenset[str]:
    """The keys of the lines that a recording is made of; none where it has no manifest, or a damaged one. Raises
    OutputError for one that cannot be read."""
    try:
        keys = [str(line["clip"]) for line in _document(manifest)["lines"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return frozenset()
    return frozenset(key for key in keys if len(key) == 64 and set(key) <= set("0123456789abcdef"))


def _document(manifest: Path) -> dict[str, Any]:
    document = json.loads(read_record(manifest))
    if not isinstance(document, dict) or document.get("kindvoice") != "manifest":
        raise ValueError("not a manifest")
    return document


def standing(item: Item, voices: Mapping[str, Voice], state: SeenFiles, *, verify: bool = False) -> Standing:
    """Whether the item is right already. verify: read every byte of its files.

    Inputs that cannot be read make it not right: the build then tells what is wrong with them.
    """
    path = item.request.manifest
    if not path.is_file():
        return Standing(why="not built yet")
    try:
        release = read_release(path)
    except ManifestError as error:
        return Standing(why=error.what)
    try:
        reading = read(item.request, voices)
        digest = digest_of(reading)
    except KindvoiceError:
        return Standing(why="its inputs cannot be read", release=release)
    if release.digest != digest:
        return Standing(why="its inputs have changed", release=release, reading=reading)
    for artifact in release.artifacts:
        try:
            if state.sha256(artifact.path, anew=verify) == artifact.sha256:
                continue
            why = f"{artifact.path.name} is not what its manifest says"
        except OSError:
            why = f"{artifact.path.name} cannot be read"
        return Standing(why=why, release=release, reading=reading)
    return Standing(release=release)


def read_back(path: Path) -> Checked:
    """A file's sha256 from its bytes, with what tells later that they are the same. Raises OSError.

    A file that was changed just now is read after the tick of the clock has passed, where that is a short time.
    """
    status = path.stat()
    wait_ns = _changed_ns(status) + _tick_ns(status) + 1_000_000 - time.time_ns()
    if 0 < wait_ns <= 2 * FINE_TICK_NS:
        time.sleep(wait_ns / 1e9)
    with path.open("rb") as file:
        before, read_ns = os.fstat(file.fileno()), time.time_ns()
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Checked(
        path=path, bytes=before.st_size, mtime_ns=before.st_mtime_ns, ctime_ns=before.st_ctime_ns,
        inode=before.st_ino, read_ns=read_ns, sha256=digest,
    )  # fmt: skip


def _changed_ns(status: os.stat_result) -> int:
    return max(status.st_mtime_ns, status.st_ctime_ns)


def _tick_ns(status: os.stat_result) -> int:
    """How long two changes may look like one, by how fine the file's times are."""
    return FINE_TICK_NS if _changed_ns(status) % 1_000_000 else COARSE_TICK_NS


class SeenFiles:
    """The sha256 of files as they were last read. For one process; several may save into one cache."""

    def __init__(self, cache: Path) -> None:
        self._root = cache / "plans"
        self._folders: dict[Path, dict[str, Checked]] = {}
        self._new: dict[Path, Checked] = {}
        self._gone: set[Path] = set()

    def sha256(self, path: Path, *, anew: bool = False) -> str:
        """From what is known of the file, or from its bytes. Raises OSError."""
        status = path.stat()
        known = self._new.get(path) or self._folder(path.parent).get(path.name)
        if not anew and known is not None and _same(known, status):
            return known.sha256
        checked = read_back(path)
        self.learn([checked])
        return checked.sha256

    def learn(self, checked: Iterable[Checked]) -> None:
        """What somebody has read."""
        self._new |= {each.path: each for each in checked}

    def drop(self, paths: Iterable[Path]) -> None:
        """Files that are no more, and of which nothing is to be kept."""
        for path in paths:
            self._new.pop(path, None)
            self._gone.add(path)

    def save(self) -> None:
        """Adds what was learnt to what other runs have saved. Where it cannot be written nothing is lost."""
        folders: dict[Path, dict[str, Checked | None]] = {}
        for path in self._gone:
            folders.setdefault(path.parent, {})[path.name] = None
        for path, checked in self._new.items():
            folders.setdefault(path.parent, {})[path.name] = checked
        for folder, changes in folders.items():
            with contextlib.suppress(OSError):
                self._save(folder, changes)
        self._new.clear()
        self._gone.clear()

    def _save(self, folder: Path, changes: Mapping[str, Checked | None]) -> None:
        self._root.mkdir(parents=True, exist_ok=True)
        target = self._file(folder)
        with FileLock(self._root / ".lock"):
            entries: dict[str, Checked | None] = {**_read(target, folder), **changes}
            kept = {name: each for name, each in entries.items() if each is not None and each.path.is_file()}
            self._folders[folder] = kept
            if not kept:
                target.unlink(missing_ok=True)
                return
            rows = {name: astuple(each)[1:] for name, each in kept.items()}
            write_aside(target, json.dumps({"version": _VERSION, "files": rows}).encode(), 0o600)

    def _folder(self, folder: Path) -> dict[str, Checked]:
        if folder not in self._folders:
            self._folders[folder] = _read(self._file(folder), folder)
        return self._folders[folder]

    def _file(self, folder: Path) -> Path:
        return self._root / f"{ledger_name(folder.absolute())}.json"


def _same(known: Checked, status: os.stat_result) -> bool:
    """Whether the file must still hold what was read."""
    unchanged = (known.bytes, known.mtime_ns, known.ctime_ns, known.inode) == (
        status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino,
    )  # fmt: skip
    return unchanged and known.read_ns - _changed_ns(status) > _tick_ns(status)


def _read(file: Path, folder: Path) -> dict[str, Checked]:
    """What was saved; nothing where it is missing or damaged."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        if document["version"] != _VERSION:
            return {}
        return {
            str(name): Checked(
                folder / name, int(size), int(mtime), int(ctime), int(inode), int(read), str(sha256)
            )
            for name, (size, mtime, ctime, inode, read, sha256) in document["files"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
        return {}
