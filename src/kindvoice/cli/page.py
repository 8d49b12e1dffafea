"""kindvoice page."""

from __future__ import annotations

from pathlib import Path

import click

from kindvoice.cli.context import print_json
from kindvoice.cli.options import AS_JSON, FORCE


@click.command()
@click.argument("recordings", nargs=-1, required=True, metavar="RECORDING...",
                type=click.Path(path_type=Path))  # fmt: skip
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="DIR",
              help="The page's own folder; if left out, NAME-page beside the first recording.")  # fmt: skip
@click.option("--title", metavar="TEXT", help="Instead of the recording's title, or of the course's album.")
@FORCE
@AS_JSON
def page(
    recordings: tuple[Path, ...], output: Path | None, title: str | None, force: bool, as_json: bool
) -> None:
    """Make a listening page of finished RECORDINGs: a folder that opens in any browser, without a server.

    RECORDING is a finished sound file, or its manifest. Several make a course, in the order in which they are named.
    """
    from kindvoice.publish.manifest import read_release
    from kindvoice.publish.page import write_page
    from kindvoice.units import short_clock

    # The sound files of one recording, as a shell's *.mp3 *.flac gives them, are one.
    releases = list({(release := read_release(path)).manifest: release for path in recordings}.values())
    first = releases[0]
    folder = output or first.manifest.with_name(f"{first.name}-page")
    index = write_page(releases, folder, title=title, force=force)
    if as_json:
        print_json({"page": str(index), "recordings": [str(release.manifest) for release in releases]})
        return
    click.echo(f"{index}")
    for release in releases:
        lines = len({line.text for line in release.transcript.lines})  # counted as `render` does
        click.echo(f"{release.tags.title}: {short_clock(release.transcript.duration_ms)}, {lines} lines")
        if release.personal:
            click.echo(
                f"note: {release.name} speaks somebody's own phrases, and the page shows them: "
                "share it only with those who may hear them",
                err=True,
            )
    click.echo("It opens in any browser; the whole folder can be put on a stick or on any web server.")
