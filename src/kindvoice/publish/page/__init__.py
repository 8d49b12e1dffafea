"""Finished recordings to a folder that opens in any browser, without a server and without a network."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment

from kindvoice.errors import ManifestError, OutputError, SettingsError
from kindvoice.model import Release, Where
from kindvoice.publish.output import Guard
from kindvoice.publish.page.place import put_in_place
from kindvoice.publish.page.shown import File, PageTrack, course, shown
from kindvoice.publish.page.words import size, words_for
from kindvoice.publish.templates import html_templates
from kindvoice.store import file_sha256

_HERE = Path(__file__).parent
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
"""Nothing but the folder's own files. From the disk, Chromium, Firefox and WebKit all take 'self' for files there."""


def write_page(
    releases: Sequence[Release], folder: Path, *, title: str | None = None, force: bool = False
) -> Path:
    """Makes the listening page of one recording, or of several as a course, and gives the index.html to open.

    releases: in the order in which they are listed; the same recording twice is listed once. folder: the page's own;
    a page that stands there is replaced, other files in it are left alone. title: instead of the recording's, or of
    the album that all recordings name. force: replace also files that are not ours.

    Nothing in `folder` changes before everything is ready. The same releases give the same bytes. Raises ManifestError
    when there is nothing that a browser plays, or when a file is not what its manifest says; OutputError when the
    folder cannot be written or a file that is not ours is in the way.
    """
    chosen = list({release.manifest.resolve(): release for release in releases}.values())
    if not chosen:
        raise SettingsError("there is no recording to show", cure="name at least one finished recording")
    tracks = shown(chosen, title)
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} is a file, not a folder", cure="name another with --output")
    inputs = [path for r in chosen for path in (r.manifest, *(a.path for a in r.artifacts))]
    guard = Guard(inputs=inputs, force=force)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=".kindvoice-page-", dir=folder.parent, ignore_cleanup_errors=True
        ) as beside:
            # A temporary folder is closed to others; what is inside gets the usual rights.
            page = Path(beside) / "page"
            _gather(tracks, page, title)
            put_in_place(page, folder, guard)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            what, cure = f"the disk of {folder} is full", "free some space, or name another folder"
        else:
            what = f"the page {folder} cannot be written: {error.strerror or error}"
            cure = "name another folder with --output"
        raise OutputError(what, cure=cure) from error
    return folder / "index.html"


def _gather(tracks: Sequence[PageTrack], page: Path, title: str | None) -> None:
    page.mkdir()
    for static in sorted((_HERE / "static").iterdir()):
        shutil.copyfile(static, page / static.name)
    for file in {file.href: file for track in tracks for file in track.files}.values():
        _copy(file, page / file.href)
    for name, text in _pages(tracks, title).items():
        (page / name).write_text(text, encoding="utf-8", newline="\n")


def _copy(file: File, target: Path) -> None:
    source = file.source.path
    target.parent.mkdir(exist_ok=True)
    try:
        shutil.copyfile(source, target)
    except FileNotFoundError:
        raise ManifestError(f"{source} is not there any more", cure="render it again") from None
    if file_sha256(target) != file.source.sha256:
        raise ManifestError(
            "this file is not what its manifest says: it was changed since",
            where=Where(path=str(source), line=0),
            cure="render it again",
        )


def _pages(tracks: Sequence[PageTrack], title: str | None) -> dict[str, str]:
    """The HTML by file name."""
    pages, whole = {}, None
    if len(tracks) > 1:
        words = words_for(tracks[0].release.tags.language)
        whole = course(tracks, title, words)
        index = _templates().get_template("course.html")
        pages["index.html"] = index.render(course=whole, ui=words, policy=POLICY)
    template = _templates().get_template("recording.html")
    for before, track, after in zip((None, *tracks), tracks, (*tracks[1:], None), strict=False):
        words = words_for(track.release.tags.language)
        pages[track.page] = template.render(
            track=track, course=whole, before=before, after=after, ui=words, policy=POLICY
        )
    return pages


@cache
def _templates() -> Environment:
    templates = html_templates(_HERE / "templates")
    templates.filters["size"] = size
    return templates
