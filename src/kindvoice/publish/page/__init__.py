"""Finished recordings to a folder that opens in any browser, without a server and without a network."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment

from kindvoice.errors import ManifestError, OutputError
from kindvoice.model import Release, Where
from kindvoice.publish.output import Guard
from kindvoice.publish.page.any_length import LengthVariant, lengths_shown
from kindvoice.publish.page.place import check_place, put_in_place
from kindvoice.publish.page.shown import Course, File, PageTrack, course, shown
from kindvoice.publish.page.words import size, words_for
from kindvoice.publish.templates import html_templates
from kindvoice.store import file_sha256, sweep_aside

_HERE = Path(__file__).parent
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
"""Nothing but the folder's own files. From the disk, Chromium, Firefox and WebKit all take 'self' for files there."""
_ASSEMBLED_POLICY = POLICY.replace("media-src 'self'", "media-src blob:")
_ASSEMBLER = "any-length.js"


def write_page(
    releases: Sequence[Release], folder: Path, *, title: str | None = None, force: bool = False
) -> Path:
    """Makes the listening page of one recording, or of several as a course, and gives the index.html to open.

    releases: at least one, in the order in which they are listed; the same recording twice is listed once. folder: the
    page's own; a page that stands there is replaced, other files in it are left alone. title: instead of the
    recording's, or of the album that all recordings name. force: replace also files that are not ours.

    Nothing in `folder` changes before everything is ready. The same releases give the same bytes. Raises ManifestError
    when there is nothing that a browser plays, or when a file is not what its manifest says; OutputError when the
    folder cannot be written or a file that is not ours is in the way.
    """
    chosen = list({release.manifest.resolve(): release for release in releases}.values())
    tracks = shown(chosen, title)
    whole = course(tracks, title, words_for(tracks[0].release.tags.language)) if len(tracks) > 1 else None
    inputs = [path for r in chosen for path in (r.manifest, *(a.path for a in r.artifacts))]
    return _write(tracks, whole, folder, Guard(inputs=inputs, force=force))


def write_any_length(
    variants: Sequence[LengthVariant], chunks: Sequence[File], usual_minutes: int, folder: Path, guard: Guard,
    *, title: str | None = None,
) -> Path:  # fmt: skip
    """Makes the listening page of a practice whose length the listener chooses, and gives the index.html to open.

    variants: at least one. chunks: the scripts of the pool that their ranges are of. usual_minutes: the length that is
    opened. folder, title, and what is raised: as for write_page.
    """
    return _write(lengths_shown(variants, chunks, usual_minutes, title), None, folder, guard)


def _write(tracks: Sequence[PageTrack], whole: Course | None, folder: Path, guard: Guard) -> Path:
    check_place(folder, guard)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        for place in (folder.parent, folder):
            sweep_aside(place)
        beside = Path(tempfile.mkdtemp(prefix=".kindvoice-page-", dir=folder.parent))
        try:
            # A temporary folder is closed to others; what is inside gets the usual rights.
            _gather(tracks, whole, beside / "page")
            put_in_place(beside / "page", folder, guard)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            what, cure = f"the disk of {folder} is full", "free some space, or name another folder"
        else:
            what = f"the page {folder} cannot be written: {error.strerror or error}"
            cure = "name another folder with --output"
        raise OutputError(what, cure=cure) from error
    return folder / "index.html"


def _gather(tracks: Sequence[PageTrack], whole: Course | None, page: Path) -> None:
    page.mkdir()
    for static in sorted((_HERE / "static").iterdir()):
        if static.name != _ASSEMBLER or any(track.assembly for track in tracks):
            shutil.copyfile(static, page / static.name)
    for file in {file.href: file for track in tracks for file in track.files}.values():
        _copy(file, page / file.href)
    for name, text in _pages(tracks, whole).items():
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


def _pages(tracks: Sequence[PageTrack], whole: Course | None) -> dict[str, str]:
    """The HTML by file name."""
    pages = {}
    if whole:
        index = _templates().get_template("course.html")
        words = words_for(tracks[0].release.tags.language)
        pages["index.html"] = index.render(course=whole, ui=words, policy=POLICY)
    template = _templates().get_template("recording.html")
    for before, track, after in zip((None, *tracks), tracks, (*tracks[1:], None), strict=False):
        words = words_for(track.release.tags.language)
        policy = _ASSEMBLED_POLICY if track.assembly else POLICY
        pages[track.page] = template.render(
            track=track, course=whole, before=before, after=after, ui=words, policy=policy
        )
    return pages


@cache
def _templates() -> Environment:
    templates = html_templates(_HERE / "templates")
    templates.filters["size"] = size
    return templates
