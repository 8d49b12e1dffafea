"""Where recordings and the feed lie on this computer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from kindvoice.errors import ManifestError, SettingsError
from kindvoice.model import Release, Where
from kindvoice.publish.cover import check_picture, cover_ending, own_bytes
from kindvoice.publish.feed.show import Show
from kindvoice.publish.manifest import ENDING, read_release
from kindvoice.publish.output import Guard, write_whole


def find_releases(paths: Iterable[Path]) -> list[Release]:
    """Recordings by any of their files; a folder stands for all that lie in it, by name.

    Raises ManifestError as read_release does, and for a folder without any.
    """
    releases: list[Release] = []
    for path in paths:
        manifests = sorted(path.glob("*" + ENDING)) if path.is_dir() else [path]
        if not manifests:
            raise ManifestError(
                "no recording lies here",
                where=Where(path=str(path), line=0),
                cure="name a recording that `kindvoice render` made, or its folder",
            )
        releases += map(read_release, manifests)
    return releases


def feed_path(releases: Sequence[Release], output: Path | None) -> Path:
    """Where the feed goes: what was asked for, else feed.xml beside the recordings.

    Raises SettingsError for recordings in several folders when nothing was asked for: the feed's folder decides
    what their addresses are.
    """
    if output is not None:
        if output.suffix.lower() not in {".xml", ".rss"} or output.is_dir():
            raise SettingsError(f"{output} is no feed's name", cure="such as --output output/feed.xml")
        return output
    folders = list(dict.fromkeys(release.manifest.parent.resolve() for release in releases))
    if len(folders) > 1:
        raise SettingsError(
            f"the recordings lie in {len(folders)} folders",
            cure="say with --output where the feed goes: into the folder that holds them all and is published as it is",
        )
    return releases[0].manifest.with_name("feed.xml")


def bring_picture(show: Show, guard: Guard) -> Show:
    """The show's picture beside its feed, as feed.cover.jpg or .png, without what a camera tells of place and time.

    Raises SettingsError as check_picture does, and OutputError.
    """
    if show.image is None:
        return show
    image = show.folder / f"{show.path.stem}{cover_ending(check_picture(show.image))}"
    write_whole(image, own_bytes(show.image), guard)
    return replace(show, image=image)
