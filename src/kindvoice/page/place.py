"""Putting a page that is ready where it belongs, without touching what it did not make."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from kindvoice.errors import OutputError
from kindvoice.output import place
from kindvoice.page.shown import MEDIA
from kindvoice.store import file_sha256

RECORD = "kindvoice-page.json"
"""in the folder: what was made, so that a later run knows its own files"""
_Digests = dict[str, set[str]]


def write_record(folder: Path, before: Mapping[str, set[str]] | None = None) -> None:
    """Lists what lies in the folder. before: what is about to be replaced and may still be there if this run dies."""
    files = {name: [file_sha256(folder / name)] for name in _names(folder) if name != RECORD}
    for name, digests in (before or {}).items():
        files[name] = sorted({*files.get(name, ()), *digests})
    text = json.dumps({"kindvoice": "page", "files": dict(sorted(files.items()))}, indent=2) + "\n"
    (folder / RECORD).write_text(text, encoding="utf-8", newline="\n")


def put_in_place(made: Path, folder: Path) -> None:
    """Moves the page `made`, which lies on the same disk, to `folder`.

    A new folder appears at once. In one that is there, file after file is replaced, the pages last; files of the page
    that stood there before and are not needed any more are removed. A file that is in the way and was not made by an
    earlier run, or was changed since, is an OutputError, and then nothing has changed.
    """
    write_record(made)
    if _moved_whole(made, folder):
        return
    ours = _read_record(folder)
    names = _in_order(_names(made))
    _check_free(made, folder, names, ours)
    final = (made / RECORD).read_bytes()
    write_record(made, before=ours)
    place(made / RECORD, folder)
    for name in names:
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        place(made / name, target.parent)
    for name in ours.keys() - set(names):
        _remove_ours(folder, name, ours[name])
    (made / RECORD).write_bytes(final)
    place(made / RECORD, folder)


def _moved_whole(made: Path, folder: Path) -> bool:
    if folder.is_symlink():
        return False
    try:
        # On Windows a rename does not replace even an empty folder.
        if folder.is_dir():
            folder.rmdir()
        made.rename(folder)
    except OSError:
        if folder.is_dir():
            return False
        raise
    return True


def _names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def _in_order(names: list[str]) -> list[str]:
    """What a page needs comes before the page, and the page that is opened comes last."""
    order = (lambda n: n == "index.html", lambda n: n.endswith(".html"), lambda n: "/" not in n)
    return sorted((n for n in names if n != RECORD), key=lambda name: (*(rank(name) for rank in order), name))


def _read_record(folder: Path) -> _Digests:
    """What an earlier run made, with the contents it may have. A damaged record owns nothing."""
    try:
        found: Any = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        files = found["files"] if found["kindvoice"] == "page" else {}
        return {name: set(map(str, digests)) for name, digests in files.items() if _plain(name)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _plain(name: str) -> bool:
    """Whether a name stays in the folder: a record from somewhere else must not lead out of it."""
    parts = PurePosixPath(name).parts
    inside = len(parts) == 1 or (len(parts) == 2 and parts[0] == MEDIA)
    return inside and not {"..", "/", "."} & set(parts) and not set("\\:\0") & set(name)


def _check_free(made: Path, folder: Path, names: list[str], ours: _Digests) -> None:
    if (folder / MEDIA).exists() and not (folder / MEDIA).is_dir():
        raise _in_the_way(folder / MEDIA)
    for name in [*names, RECORD]:
        there = folder / name
        if not there.exists() and not there.is_symlink():
            continue
        if not there.is_file() or (name == RECORD and not ours):
            raise _in_the_way(there)
        if (
            name != RECORD
            and (found := file_sha256(there)) not in ours.get(name, ())
            and found != file_sha256(made / name)
        ):
            raise _in_the_way(there)


def _in_the_way(path: Path) -> OutputError:
    return OutputError(
        f"{path} is in the way: it is not from an earlier page, or was changed since",
        cure="move it elsewhere, or name another folder with --output",
    )


def _remove_ours(folder: Path, name: str, digests: set[str]) -> None:
    path = folder / name
    if (
        path.parent.is_symlink()
        or path.is_symlink()
        or not path.is_file()
        or file_sha256(path) not in digests
    ):
        return
    path.unlink()
