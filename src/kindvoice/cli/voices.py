"""kindvoice voices list|say."""

from __future__ import annotations

from pathlib import Path

import click

from kindvoice import engines
from kindvoice.cli.context import all_voices, open_store, print_json, settings, voice_folders
from kindvoice.errors import OutputError
from kindvoice.voices import choose

SAMPLE = "May I be kind to myself. Notice the weight of the body, and let the ground hold it."


@click.group()
def voices() -> None:
    """The voices: list them, or hear one."""


@voices.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def list_voices(as_json: bool) -> None:
    """Every voice: which language, which engine, which licence, whether it can be used now."""
    rows = []
    for voice in sorted(all_voices(settings()).values(), key=lambda v: (v.rank, v.name)):
        problem = engines.load(voice.engine).problem(voice)
        rows.append((voice, problem))
    if as_json:
        print_json(
            [
                {
                    "name": voice.name, "title": voice.title, "engine": voice.engine, "language": voice.language,
                    "character": voice.character, "licence": voice.licence, "credit": voice.credit,
                    "commercial": voice.commercial, "ready": problem is None,
                    "missing": problem[0] if problem else None, "cure": problem[1] if problem else None,
                }
                for voice, problem in rows
            ]
        )  # fmt: skip
        return
    from rich.table import Table

    from kindvoice.cli.show import console

    table = Table(box=None, pad_edge=False)
    for column in ("voice", "language", "engine", "ready", "character", "licence"):
        table.add_column(column)
    for voice, problem in rows:
        language = "any" if voice.language == "*" else voice.language
        ready = "yes" if problem is None else f"no: {problem[0]}; {problem[1]}"
        table.add_row(voice.name, language, voice.engine, ready, voice.character, voice.licence)
    console().print(table)


@voices.command()
@click.argument("voice")
@click.argument("text", required=False)
@click.option("--language", metavar="TAG", help="For a voice that speaks several.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A WAV file; VOICE.wav if left out.",
)
def say(voice: str, text: str | None, language: str | None, output: Path | None) -> None:
    """Let VOICE say TEXT into a WAV file, as a recording would have it."""
    from kindvoice.build import say_sample

    own = settings()
    known = all_voices(own)
    base = known.get(voice.partition("*")[0])
    spoken = base.language if base and base.language != "*" else "en"
    chosen = choose(known, voice, language or spoken)
    path = output or own.output / f"{chosen.name}.wav"
    if path.suffix.lower() != ".wav":
        raise OutputError(f"{path} would be a WAV file", cure=f"name it {path.with_suffix('.wav')}")
    say_sample(text or SAMPLE, chosen, open_store(own), path, voice_folders(own))
    click.echo(f"{path}\n{chosen.credit}. Licence: {chosen.licence}")
