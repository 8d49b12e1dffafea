"""kindvoice page."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from kindvoice.cli.context import all_voices, open_store, print_json, settings, tell_of_cache
from kindvoice.cli.options import AS_JSON, FORCE, read_request, sound_options, tag_options, version_options
from kindvoice.errors import SettingsError, revealed
from kindvoice.units import format_ms, short_clock


@click.command()
@click.argument("recordings", nargs=-1, required=True, metavar="RECORDING...",
                type=click.Path(path_type=Path))  # fmt: skip
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="DIR",
              help="The page's own folder; if left out, NAME-page beside the first recording.")  # fmt: skip
@click.option("--title", metavar="TEXT", help="Instead of the recording's title, or of the course's album.")
@click.option(
    "--any-length",
    is_flag=True,
    help="RECORDING is a script, and its listeners choose the minutes. The options below are as for `render`.",
)
@version_options
@sound_options
@tag_options
@FORCE
@AS_JSON
def page(
    recordings: tuple[Path, ...],
    output: Path | None,
    title: str | None,
    any_length: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Make a listening page of finished RECORDINGs: a folder that opens in any browser, without a server.

    RECORDING is a finished sound file, or its manifest. Several make a course, in the order in which they are named.

    With --any-length it is one script (a file, or a practice of the library): every whole minute of its range, with
    and without bell and background, is made and lies in the folder in a fraction of the space.
    """
    if any_length:
        _any_length(recordings, output, title, as_json, options)
        return
    context = click.get_current_context()
    for parameter in context.command.params:
        name = str(parameter.name)
        named = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if named and name in options and name != "force":
            raise SettingsError(
                f"{parameter.opts[0]} is for a page of a script, and this one is of finished recordings",
                cure="leave it out, or see --any-length",
            )
    _finished(recordings, output, title, as_json, options["force"])


def _any_length(
    scripts: tuple[Path, ...], output: Path | None, title: str | None, as_json: bool, options: dict[str, Any]
) -> None:
    from kindvoice.build.any_length import make_any_length_page
    from kindvoice.cli.progress import progress

    if len(scripts) > 1:
        raise SettingsError("--any-length makes the page of one script", cure="run it once for each")
    start = time.monotonic()
    config = settings()
    request = read_request({**options, "script": str(scripts[0])}, config, output or config.output)
    if output is None:
        folder = config.output / f"{request.name}-page"
        request = replace(request, publication=replace(request.publication, folder=folder))
    store = open_store(config)
    with progress(quiet=as_json) as on_event:
        page = make_any_length_page(request, all_voices(config), store, title=title, on_event=on_event)
    size = sum(path.stat().st_size for path in page.index.parent.rglob("*") if path.is_file())
    if as_json:
        print_json({
            "page": str(page.index), "minutes": page.minutes, "recordings": page.recordings, "bytes": size,
            "warnings": [revealed(warning) for warning in page.warnings],
            "notes": [revealed(note) for note in page.notes],
        })  # fmt: skip
        return
    for kind, texts in (("warning", page.warnings), ("note", page.notes)):
        for text in texts:
            click.echo(f"{kind}: {revealed(text)}", err=True)
    tell_of_cache(store)
    click.echo(f"{page.index}")
    took = format_ms(round(time.monotonic() - start) * 1000)
    click.echo(
        f"{page.title}: {len(page.minutes)} lengths, {page.minutes[0]} to {page.minutes[-1]} minutes, "
        f"{page.recordings} recordings in {size / 1e6:.1f} MB, made in {took}"
    )
    if page.personal:
        _tell_personal(request.name)
    _tell_where()


def _finished(
    recordings: tuple[Path, ...], output: Path | None, title: str | None, as_json: bool, force: bool
) -> None:
    from kindvoice.publish.manifest import read_release
    from kindvoice.publish.page import write_page

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
            _tell_personal(release.name)
    _tell_where()


def _tell_personal(name: str) -> None:
    click.echo(
        f"note: {name} speaks somebody's own phrases, and the page shows them: "
        "share it only with those who may hear them",
        err=True,
    )


def _tell_where() -> None:
    click.echo("It opens in any browser; the whole folder can be put on a stick or on any web server.")
