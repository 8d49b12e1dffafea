"""The files that people get: put in place whole, in one step, and never in place of what is not ours.

A file is ours while its sha256 is one that a record beside it has under its name (a recording's manifest, a page's
record, the journal of a run that was killed), or while it bears a seal, its own sha256, that fits. Whoever changes a
file has made it theirs. What a run is made from is never replaced.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from kindvoice.errors import KindvoiceError, OutputError, SettingsError, terminal
from kindvoice.model import Preset, Schedule
from kindvoice.store import file_sha256, on_disk, sweep_aside, write_aside
from kindvoice.units import RATE

_PART = ".kindvoice-"
MOST_NAME_BYTES = 200
"""of a name without its ending: systems take 255 of the whole, and a file that is being written has a longer name"""
_CUT_NAME_BYTES = 120
"""of one that was longer: room for a number, and for folders above it"""
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³])[ ]*(\..*)?", re.IGNORECASE)
"""what Windows takes for a device, whatever its ending"""

Digests = Mapping[str, AbstractSet[str]]
"""by a file's name in its folder: the sha256 of all that kindvoice has put there under it"""


# ---------------------------------------------------------------- whose a file is

_SEAL = b"kindvoice made: "
_MOST_SEALED = 100_000_000
"""bytes; what is larger bears no seal"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What must stay as it is."""

    inputs: Sequence[Path] = ()
    """what is read to make the files: never replaced, under whatever name it is met"""
    force: bool = False
    """whether files of somebody else's may be replaced"""

    def check(self, target: Path, digests: AbstractSet[str] = frozenset()) -> None:
        """digests: of all that kindvoice may have put there. Raises OutputError when the target must stay."""
        if not os.path.lexists(target):
            return
        if target.is_dir():
            raise OutputError(f"{target} is a folder", cure="name another file or folder for what is made")
        if any(_same_file(target, path) for path in self.inputs):
            raise OutputError(
                f"{target} would be replaced, and it is what this is made from",
                cure="name another folder, or another name, for what is made",
            )
        try:
            ours = self.force or _is_ours(target, digests)
        except OSError as error:
            raise OutputError(
                f"{target} is there already and cannot be read: {error.strerror or error}",
                cure=f"look at whose it is, name another file or folder{terminal(', or replace it with --force')}",
            ) from error
        if not ours:
            raise OutputError(
                f"{target} is there already, and kindvoice did not make it, or it was changed since",
                cure=f"name another file or folder{terminal(', or replace it with --force')}",
            )


OURS_ONLY = Guard()


def _same_file(one: Path, other: Path) -> bool:
    """Also through links, and where capitals make no difference."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def _is_ours(path: Path, digests: AbstractSet[str]) -> bool:
    """What is empty is nobody's. Raises OSError."""
    size = path.stat().st_size
    if not size or file_sha256(path) in digests:
        return True
    return size <= _MOST_SEALED and is_sealed(path.read_bytes())


def is_sealed(data: bytes) -> bool:
    at = data.rfind(_SEAL) + len(_SEAL)
    return (
        at >= len(_SEAL)
        and hashlib.sha256(data[:at] + data[at + 64 :]).hexdigest().encode() == data[at : at + 64]
    )


def sealed(data: bytes) -> bytes:
    """XML, HTML, JSON, WAV or plain text with the sha256 of all the rest in it, where no reader minds."""
    at, before, after = len(data), b"", b"\n"
    if data.startswith(b"RIFF") and data[8:12] == b"WAVE":
        size = len(_SEAL) + 64  # a chunk of its own, which players pass over
        before, after = b"kvsl" + size.to_bytes(4, "little"), b""
        data = data[:4] + (at + size).to_bytes(4, "little") + data[8:]
    elif data.startswith(b"{") and b"\n}" in data:
        at, before, after = data.rindex(b"\n}"), b',\n  "seal": "', b'"'
    elif data.startswith(b"<") and b"</" in data:
        at, before, after = data.rindex(b"</"), b"<!-- ", b" -->"
    head, tail = data[:at] + before + _SEAL, after + data[at:]
    return head + hashlib.sha256(head + tail).hexdigest().encode() + tail


def recorded(record: Path) -> dict[str, set[str]]:
    """What a manifest or another record says was put beside it. A damaged one says nothing; none leads out. Raises
    OutputError for one that cannot be read: it may name somebody's files."""
    try:
        document: Any = json.loads(read_record(record))
        files = {str(name): set(map(str, digests)) for name, digests in document.get("files", {}).items()}
        for artifact in document.get("artifacts", ()):
            files.setdefault(str(artifact["name"]), set()).add(str(artifact["sha256"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    return {name: digests for name, digests in files.items() if _stays_inside(name)}


def read_record(record: Path) -> str:
    """Its text; an empty object where there is none. Raises OutputError."""
    try:
        return record.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return "{}"
    except OSError as error:
        raise OutputError(
            f"{record} cannot be read, and it tells which files are kindvoice's: {error.strerror or error}",
            cure="look at whose it is and whether the disk is sound, and run this again",
        ) from error


def _stays_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return 0 < len(parts) <= 2 and not {"..", "/", "."} & set(parts) and not set("\\:\0") & set(name)


def recording_digests(manifest: Path) -> Digests:
    """What was made under a recording's name: as its manifest says, and the journal of a run that was killed."""
    files = recorded(journal_of(manifest))  # first: it goes when the manifest has come
    for name, digests in recorded(manifest).items():
        files.setdefault(name, set()).update(digests)
    return files


def files_in_the_way(manifest: Path, endings: Iterable[str], guard: Guard) -> Iterator[OutputError]:
    """Why a recording's files cannot be put in place: of each that must stay. endings: of their names."""
    digests = recording_digests(manifest)
    for ending in endings:
        name = manifest.name.removesuffix(".manifest.json") + ending
        try:
            guard.check(manifest.with_name(name), digests.get(name, frozenset()))
        except OutputError as error:
            yield error


def journal_of(manifest: Path) -> Path:
    return manifest.with_name(f"{_PART}{manifest.name}.journal")


# ---------------------------------------------------------------- into place


def write_whole(path: Path, data: str | bytes, guard: Guard = OURS_ONLY) -> None:
    """A file in place of what kindvoice has put there before, in one step. A text is sealed. Raises OutputError."""
    whole = sealed(data.encode()) if isinstance(data, str) else data
    try:
        if path.exists() and not path.is_file() and not path.is_dir():  # a pipe, or /dev/stdout
            path.write_bytes(whole)
            return
        guard.check(path, {hashlib.sha256(whole).hexdigest()})
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep_aside(path.parent)
        write_aside(path.resolve(), whole)  # a link stays one
    except OSError as error:
        raise _cannot_write(path, error) from error


def write_new(path: Path, text: str, *, mode: int = 0o666) -> None:
    """A file that is somebody's own from now on, in one step. Raises OutputError when anything bears its name."""
    part = path.with_name(f"{_PART}{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep_aside(path.parent)
        if os.path.lexists(path):
            raise FileExistsError
        write_aside(part, text.encode(), mode)
        try:
            os.link(part, path)
        except FileExistsError:
            raise
        except (OSError, NotImplementedError):  # a disk without links
            part.rename(path)
    except FileExistsError:
        raise OutputError(
            f"{path} is there already", cure="choose another name; nothing is replaced"
        ) from None
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _cannot_write(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path} cannot be written: {error.strerror or error}", cure="name another file")


def place_all(
    files: Mapping[str, str], work: Path, folder: Path, known: Digests, journal: Path, guard: Guard
) -> None:
    """Finished files out of `work` into `folder`, one after the other; each is on the disk before it has its name.

    files: sha256 by name, in this order. known: what was put there before. journal: written first and left there, so
    that a run after one that was killed here knows every file. Raises OutputError, and then nothing has changed.
    """
    ours = {name: {*known.get(name, ()), digest} for name, digest in files.items()}
    for name, digests in ours.items():
        guard.check(folder / name, digests)
    write_aside(journal, record_json("journal", {**known, **ours}))
    for name in files:  # one after the other: with a change of name between them a disk takes twice as long
        on_disk(work / name)
    for name in files:
        (folder / name).parent.mkdir(exist_ok=True)
        place(work / name, (folder / name).parent)


def record_json(kind: str, files: Digests) -> bytes:
    """As `recorded` reads it."""
    document = {"kindvoice": kind, "files": {name: sorted(files[name]) for name in sorted(files)}}
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")


def remove_ours(folder: Path, files: Digests) -> None:
    """What of it still is as kindvoice made it; links, and what was changed, stay."""
    for name, digests in files.items():
        path = folder / name
        linked = path.is_symlink() or path.parent.is_symlink()
        if not linked and path.is_file() and file_sha256(path) in digests:
            path.unlink()


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


# ---------------------------------------------------------------- names, folders, space


def safe_name(stem: str) -> str:
    """A title, or another file's name, as a name that every system takes, without an ending.

    >>> safe_name("In: out?"), safe_name("con"), safe_name("..."), len(safe_name("ü" * 240).encode())
    ('In- out-', 'meditation-con', 'meditation', 120)
    """
    name = re.sub(r'[\x00-\x1f<>:"/\\|?*]+', "-", stem)
    if len(data := os.fsencode(name)) > MOST_NAME_BYTES:
        name = data[:_CUT_NAME_BYTES].decode("utf-8", "ignore")
    name = name.strip(" .") or "meditation"
    return f"meditation-{name}" if _RESERVED.fullmatch(name) else name


def title_name(title: str) -> str:
    """A title as the name of a script, without an ending.

    >>> title_name("A Kind Morning: three ways")
    'a-kind-morning-three-ways'
    """
    return safe_name(re.sub(r"\W+", "-", title.casefold()).strip("-_"))


def check_name(name: str) -> None:
    if safe_name(name) != name:
        raise SettingsError(
            f"{name!r} cannot be a file's name everywhere",
            cure='leave out / \\ : * ? " < > | and a dot at the end, be shorter, and call it nothing like con or aux',
        )


def check_folder(folder: Path) -> None:
    """Finds out before anything is spoken whether the output folder can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        sweep_aside(folder)
        with tempfile.NamedTemporaryFile(prefix=_PART, suffix=".part", dir=folder):
            pass
    except OSError as error:
        raise OutputError(
            f"the output folder {folder} cannot be written: {error.strerror}",
            cure=f"name another{terminal(' with --output')}",
        ) from error


def disk_full_error(what: str, cure: str) -> OutputError:
    error = OutputError(what, cure=cure)
    error.disk_full = True
    return error


def check_space(schedule: Schedule, formats: Sequence[str], preset: Preset, work: Path, output: Path) -> None:
    """A full disk is better told of before the work than after it."""
    seconds = schedule.frames / RATE
    from kindvoice.encode import find_format

    need = sum(find_format(name).bytes_for(seconds, preset) for name in formats) * 5 // 4 + 1_000_000
    for folder in (work, output):
        free = shutil.disk_usage(folder).free
        if free < need:
            raise disk_full_error(
                f"the disk of {folder} is full: about {need / 1e6:.0f} MB are needed and {free / 1e6:.0f} MB are free",
                cure=f"free some space{terminal(' (`kindvoice cache prune --older-than 7d`), or name another folder')}",
            )


def output_error(error: OSError, output: Path, cache: Path) -> KindvoiceError:
    if error.errno == errno.ENOSPC:
        return disk_full_error(
            f"the disk is full: neither {output} nor the cache {cache} may run out of space",
            cure=f"free some space{terminal(' (`kindvoice cache prune --older-than 7d`)')} and run it again; "
            "what was spoken is kept",
        )
    return OutputError(f"a file cannot be written: {error}", cure=f"look at {output} and at {cache}")
