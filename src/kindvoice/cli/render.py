"""kindvoice render, kindvoice timeline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kindvoice.build.context import names
from kindvoice.cli.context import all_voices, open_store, print_json, settings, tell_of_cache
from kindvoice.cli.options import AS_JSON, FORCE, read_request, request_options, tag_options
from kindvoice.cli.progress import progress
from kindvoice.cli.show import loudness_line, timeline_document, timeline_table, voices_line
from kindvoice.errors import SettingsError, revealed
from kindvoice.units import clock, format_ms, frames_to_ms

if TYPE_CHECKING:
    from kindvoice.build.recording import RenderResult


@click.command()
@request_options
@click.option(
    "--format",
    "-f",
    "formats",
    multiple=True,
    metavar="NAME",
    help="mp3, m4b, m4a, opus, ogg, flac, wav; may be repeated, or with commas. The preset's own if left out.",
)
@click.option("--captions", "-c", multiple=True, metavar="NAME",
              help="vtt, srt, lrc, txt, html, or none; may be repeated, or with commas.")  # fmt: skip
@tag_options
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="DIR",
              help="The folder for the finished files, or the whole name of one: talks/evening.mp3.")  # fmt: skip
@click.option("--name", metavar="NAME", help="The finished files' name; the script's own if left out.")
@click.option(
    "--dry-run", is_flag=True, help="Say what would be made and what is to be spoken; write nothing."
)
@FORCE
@AS_JSON
def render(
    as_json: bool,
    formats: tuple[str, ...],
    captions: tuple[str, ...],
    output: Path | None,
    name: str | None,
    dry_run: bool,
    **options: Any,
) -> int:
    """Turn SCRIPT (a file, a practice of the library, or - for standard input) into a finished recording."""
    from kindvoice.build.read import read
    from kindvoice.build.request import destination

    config = settings()
    folder, name, chosen = destination(output or config.output, name, names(*formats))
    if folder.exists() and not folder.is_dir():
        raise SettingsError(f"--output {folder} is a file, not a folder")
    request = read_request({**options, "name": name}, config, folder)
    usual = request.publication
    publication = replace(
        usual, name=name,
        formats=chosen or usual.formats,
        captions=names(*captions) if captions else usual.captions,
    )  # fmt: skip
    reading = read(replace(request, publication=publication), all_voices(config))
    if dry_run:
        from kindvoice.cli.dryrun import tell_what_would_be

        return tell_what_would_be(reading, config, as_json)
    store = open_store(config)
    from kindvoice.build import recording as build  # with all that encodes, which a timeline does not pay for

    with progress(quiet=as_json) as on_event:
        result = build.render(reading, store, on_event)
    if as_json:
        print_json(_result_document(result))
        return 0
    for warning in result.warnings:
        click.echo(f"warning: {revealed(warning)}", err=True)
    for note in result.notes:
        click.echo(f"note: {revealed(note)}", err=True)
    tell_of_cache(store)
    spoken = result.prepared.spoken
    for artifact in (*result.artifacts,):
        click.echo(f"{artifact.path}")
    click.echo(f"{result.manifest}")
    length = clock(frames_to_ms(result.prepared.schedule.frames))
    recorded = f", {len(spoken.takes)} recorded by a person" if spoken.takes else ""
    click.echo(f"{length} long, {spoken.asked} lines, {spoken.made} of them spoken now{recorded}")
    if voices := voices_line(result.prepared):
        click.echo(f"voice: {voices}")
    for format, loudness in result.loudness.items():
        click.echo(f"{format}: {loudness_line(loudness)}")
    return 0


@click.command()
@request_options
@click.option("--picture", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Draw it as well: an SVG for a browser or a printer.")  # fmt: skip
@FORCE
@AS_JSON
def timeline(as_json: bool, picture: Path | None, force: bool, **options: Any) -> None:
    """Show what will happen when in SCRIPT, without mixing or encoding."""
    from kindvoice.build.prepared import prepare
    from kindvoice.build.read import files_read, read
    from kindvoice.publish.output import Guard, write_whole

    config = settings()
    store, reading = (
        open_store(config),
        read(read_request(options, config, config.output), all_voices(config)),
    )
    guard = Guard(inputs=files_read(reading), force=force)
    if picture is not None:
        if picture.suffix.lower() in {".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf"}:
            raise SettingsError(f"--picture {picture} cannot be: the picture is an SVG", cure="name it .svg")
        guard.check(picture)
    with progress(quiet=as_json) as on_event:
        prepared = prepare(reading, store, on_event)
        if picture is not None:
            from kindvoice.build.recording import draw

            write_whole(picture, draw(prepared, store), guard)
    if as_json:
        print_json(timeline_document(prepared))
        return
    for note in reading.notes:
        click.echo(f"note: {revealed(note)}", err=True)
    timeline_table(prepared)


def _result_document(result: RenderResult) -> dict[str, object]:
    from kindvoice.publish.manifest import loudness_facts

    prepared = result.prepared
    return {
        "manifest": str(result.manifest),
        "artifacts": [
            {"path": str(a.path), "kind": a.kind, "bytes": a.bytes, "sha256": a.sha256}
            for a in result.artifacts
        ],
        "duration_ms": frames_to_ms(prepared.schedule.frames),
        "frames": prepared.schedule.frames,
        "possible": {
            "shortest": format_ms(prepared.schedule.shortest_ms),
            "longest": format_ms(prepared.schedule.longest_ms),
        },
        "lines": prepared.spoken.asked,
        "lines_spoken_now": prepared.spoken.made,
        "voice": prepared.voice.name,
        "language": prepared.voice.language,
        "loudness": {name: loudness_facts(reading) for name, reading in result.loudness.items()},
        "recorded_lines": len(prepared.spoken.takes),
        "warnings": [revealed(warning) for warning in result.warnings],
        "notes": [revealed(note) for note in result.notes],
    }
