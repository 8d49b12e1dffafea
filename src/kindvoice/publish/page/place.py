"""Putting a page that is ready where it belongs, without touching what it did not make."""

from __future__ import annotations

from pathlib import Path

from kindvoice.errors import OutputError
from kindvoice.publish.output import Guard, place_all, record_json, recorded, remove_ours
from kindvoice.publish.page.shown import MEDIA
from kindvoice.store import file_sha256, write_aside

RECORD = "kindvoice-page.json"
"""in the folder: what was made, so that a later run knows its own files"""


def check_place(folder: Path, guard: Guard) -> None:
    """Whether a page may come there, as far as can be known before it is made. Raises OutputError."""
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} is a file, not a folder", cure="name another with --output")
    guard.check(folder / "index.html", recorded(folder / RECORD).get("index.html", frozenset()))


def put_in_place(page: Path, folder: Path, guard: Guard) -> None:
    """Moves the page, which lies on the same disk, to `folder`.

    A new folder appears at once. In one that is there, file after file is replaced, the pages last; files of the page
    that stood there before and are not needed any more are removed. A file that is in the way and was not made by an
    earlier run, or was changed since, is an OutputError, and then nothing has changed.
    """
    digests = {name: file_sha256(page / name) for name in _in_order(page)}
    record = record_json("page", {name: {digest} for name, digest in digests.items()})
    (page / RECORD).write_bytes(record)
    if _moved_whole(page, folder):
        return
    # A page lies in its folder and in one more. A damaged record owns nothing.
    ours = {
        name: known
        for name, known in recorded(folder / RECORD).items()
        if "/" not in name or name.startswith(f"{MEDIA}/")
    }
    if (folder / MEDIA).exists() and not (folder / MEDIA).is_dir():
        raise OutputError(f"{folder / MEDIA} is a file", cure="name another folder with --output")
    if not ours:
        guard.check(folder / RECORD)
    place_all(digests, page, folder, ours, folder / RECORD, guard)
    remove_ours(folder, {name: known for name, known in ours.items() if name not in digests})
    write_aside(folder / RECORD, record)


def _moved_whole(page: Path, folder: Path) -> bool:
    if folder.is_symlink():
        return False
    try:
        # On Windows a rename does not replace even an empty folder.
        if folder.is_dir():
            folder.rmdir()
        page.rename(folder)
    except OSError:
        if folder.is_dir():
            return False
        raise
    return True


def _in_order(folder: Path) -> list[str]:
    """What a page needs comes before the page, and the page that is opened comes last."""
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    order = (lambda n: n == "index.html", lambda n: n.endswith(".html"), lambda n: "/" not in n)
    return sorted(names, key=lambda name: (*(rank(name) for rank in order), name))
