"""kindvoice feed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kindvoice.cli.context import counted, own_files, print_json, settings
from kindvoice.cli.options import AS_JSON, FORCE, LANGUAGE

if TYPE_CHECKING:
    from kindvoice.publish.feed.episodes import Episode
    from kindvoice.publish.feed.show import Show

_TYPES = {"auto": None, "serial": True, "episodic": False}


@click.command()
@click.argument("recordings", nargs=-1, required=True, metavar="RECORDING...",
                type=click.Path(path_type=Path))  # fmt: skip
@click.option("--url", required=True, metavar="URL",
              help="The web address of the folder that the files will lie in.")  # fmt: skip
@click.option("--output", "-o", metavar="FILE", type=click.Path(path_type=Path),
              help="feed.xml beside the recordings if left out.")  # fmt: skip
@click.option("--title", default="", metavar="TEXT",
              help="The show's name; the recordings' album if left out.")  # fmt: skip
@click.option("--about", default="", metavar="TEXT", help="A sentence or two for whoever chooses.")
@click.option("--author", default="", metavar="NAME",
              help="Who makes it; the hosts, or the recordings' artist, if left out.")  # fmt: skip
@click.option("--host", "hosts", multiple=True, metavar="NAME",
              help="A person to be named as host; may be repeated.")  # fmt: skip
@click.option("--email", default="", metavar="ADDRESS",
              help="The owner's, for directories. Everybody can read it.")  # fmt: skip
@click.option("--category", "categories", multiple=True, metavar="NAME",
              help="Apple's; Mental Health if left out; may be repeated.")  # fmt: skip
@click.option("--language", type=LANGUAGE, metavar="TAG", help="The recordings' if left out.")
@click.option("--image", type=click.Path(path_type=Path), metavar="FILE",
              help="A square JPEG or PNG; a recording's cover if left out.")  # fmt: skip
@click.option("--licence", default="", metavar="NAME", help="Of the sound, such as CC-BY-4.0.")
@click.option("--licence-url", default="", metavar="URL", help="Where a licence of your own can be read.")
@click.option("--copyright", default="", metavar="TEXT", help="Such as: 2026 Ana Lima.")
@click.option(
    "--type",
    "kind",
    type=click.Choice(list(_TYPES)),
    default="auto",
    help="serial: a course, from the first to the last. auto: when all recordings are numbered (track).",
)
@click.option("--date", default="", metavar="DAY",
              help="When it is published; the recordings' own dates if left out.")  # fmt: skip
@click.option("--complete", is_flag=True, help="Nothing more will follow.")
@click.option("--unlisted", is_flag=True,
              help="Ask directories not to show it: for those who have the address.")  # fmt: skip
@click.option("--explicit", is_flag=True, help="Not for children.")
@click.option("--locked/--no-locked", default=True, help="Whether other hosts are asked not to take it over.")
@click.option("--link", default="", metavar="URL", help="The show's page.")
@click.option("--feed-url", default="", metavar="URL", help="The feed's own address, when it lies elsewhere.")
@click.option("--guid", default="", metavar="GUID", help="The podcast:guid of a show that has moved.")
@click.option("--with-phrases", is_flag=True, help="Publish recordings that speak somebody's own phrases.")
@FORCE
@AS_JSON
def feed(
    recordings: tuple[Path, ...],
    output: Path | None,
    language: str | None,
    kind: str,
    force: bool,
    as_json: bool,
    **said: Any,
) -> None:
    """A podcast feed of finished RECORDINGs (any of their files, or folders), for a web server of your own.

    Nothing is sent anywhere: the feed is written beside the recordings, and you upload the folder.
    """  # fmt: skip
    from kindvoice.publish.feed.episodes import make_episodes
    from kindvoice.publish.feed.files import bring_picture, feed_path, find_releases
    from kindvoice.publish.feed.notes import feed_notes
    from kindvoice.publish.feed.rss import rss
    from kindvoice.publish.feed.show import Show, settle
    from kindvoice.publish.output import Guard, write_whole

    releases = find_releases(recordings)
    path = feed_path(releases, output)
    show = settle(
        Show(
            path=path,
            language=language or "",
            serial=_TYPES[kind],
            **said,
        ),
        releases,
    )
    episodes = make_episodes(releases, show)
    inputs = [*(link.file.path for e in episodes for link in e.links), *(r.manifest for r in releases)]
    inputs += [*([show.image] if show.image else []), *own_files(settings())]
    guard = Guard(inputs=inputs, force=force)
    guard.check(path)
    show = bring_picture(show, guard)
    write_whole(path, rss(episodes, show), guard)
    notes = feed_notes(episodes, show)
    if as_json:
        print_json(_document(path, show, episodes, notes))
        return
    _print(path, show, episodes)
    for note in notes:
        click.echo(f"note: {note}", err=True)


def _files(path: Path, show: Show, episodes: tuple[Episode, ...]) -> list[Path]:
    """Everything that is uploaded, each once."""
    pictures = [show.image] if show.image else []  # a recording's cover is among its links
    return list(dict.fromkeys([path, *pictures, *(link.file.path for e in episodes for link in e.links)]))


def _print(path: Path, show: Show, episodes: tuple[Episode, ...]) -> None:
    count = counted(len(episodes), "recording")
    files = _files(path, show, episodes)
    click.echo(path)
    click.echo(
        f"{show.title}: {count}, {'a course' if show.serial else 'each for itself'}, {show.categories[0]}"
    )
    click.echo(f"to follow it: {show.feed_url}")
    click.echo(f"upload to {show.url} ({len(files)} files):")
    for file in files:
        click.echo(f"  {_inside(file, show.folder)}")
    click.echo("a .manifest.json holds what went in: leave it at home")


def _inside(file: Path, folder: Path) -> str:
    return file.resolve().relative_to(folder.resolve()).as_posix()


def _document(
    path: Path, show: Show, episodes: tuple[Episode, ...], notes: tuple[str, ...]
) -> dict[str, object]:
    return {
        "path": str(path),
        "feed_url": show.feed_url,
        "guid": show.guid,
        "title": show.title,
        "type": "serial" if show.serial else "episodic",
        "language": show.language,
        "categories": list(show.categories),
        "recordings": [
            {
                "title": episode.release.tags.title,
                "manifest": str(episode.release.manifest),
                "url": episode.sound.url,
                "type": episode.sound.type,
                "bytes": episode.sound.file.bytes,
                "guid": episode.guid,
                "published": episode.published.isoformat(),
                "episode": episode.number,
                "season": episode.season,
            }
            for episode in episodes
        ],
        "files": [_inside(file, show.folder) for file in _files(path, show, episodes)],
        "notes": list(notes),
    }
