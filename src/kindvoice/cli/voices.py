"""kindvoice voices list|say|install|takes."""

from __future__ import annotations

from pathlib import Path

import click

from kindvoice.cli.context import all_voices, open_store, own_files, print_json, settings, voice_folders
from kindvoice.cli.install import install
from kindvoice.cli.options import AS_JSON, FORCE, LANGUAGE
from kindvoice.cli.takes import takes
from kindvoice.errors import OutputError
from kindvoice.speech.voices import (
    ANY_LANGUAGE,
    candidates,
    choose,
    fitted,
    install_command,
    misheard_percent,
)


@click.group()
def voices() -> None:
    """The voices: list, hear, install, or record your own."""


voices.add_command(install)
voices.add_command(takes)


@voices.command("list")
@click.option("--language", type=LANGUAGE, metavar="TAG", help="Only those that speak it, best first.")
@AS_JSON
def list_voices(language: str | None, as_json: bool) -> None:
    """Every voice: which language, how well it is understood, whether it can be used now, or how to install it."""
    from kindvoice import engines

    known = all_voices(settings())
    if language:
        shown = candidates(known, language)
    else:
        shown = sorted(known.values(), key=lambda v: (v.language == ANY_LANGUAGE, v.language, v.rank, v.name))
    rows = [(voice, engines.load(voice.engine).problem(fitted(voice, "en"))) for voice in shown]
    if as_json:
        print_json(
            [
                {
                    "name": voice.name, "title": voice.title, "engine": voice.engine, "language": voice.language,
                    "character": voice.character, "misheard_percent": misheard_percent(voice),
                    "licence": voice.licence, "credit": voice.credit, "commercial": voice.commercial,
                    "source": voice.source, "note": voice.note, "ready": problem is None,
                    "missing": problem[0] if problem else None, "cure": problem[1] if problem else None,
                    "install": install_command(voice) if problem else None,
                }
                for voice, problem in rows
            ]
        )  # fmt: skip
        return
    from kindvoice.cli.show import console, plain_table

    wrap = ("ready", "character", "licence")
    table = plain_table("voice", "language", "engine", "misheard", *wrap, wrap=wrap)
    for voice, problem in rows:
        spoken = "any" if voice.language == ANY_LANGUAGE else voice.language
        percent = misheard_percent(voice)
        ready = "yes" if problem is None else install_command(voice) or f"{problem[0]}: {problem[1]}"
        licence = voice.licence if voice.commercial else f"not for sale: {voice.licence}"
        table.add_row(
            voice.name, spoken, voice.engine, "" if percent is None else f"{percent:.0f} %", ready, voice.character,
            licence, style="" if problem is None else "dim",
        )  # fmt: skip
    console().print(table)
    missing = [voice for voice, problem in rows if problem and install_command(voice)]
    if missing:
        click.echo(f"\n{len(missing)} more can be installed: kindvoice voices install NAME")


@voices.command()
@click.argument("voice")
@click.argument("text", required=False)
@click.option("--language", type=LANGUAGE, metavar="TAG", help="For a voice that speaks several.")
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="FILE",
              help="A WAV file; VOICE.wav if left out.")  # fmt: skip
@FORCE
def say(voice: str, text: str | None, language: str | None, output: Path | None, force: bool) -> None:
    """Let VOICE say TEXT into a WAV file, as a recording would have it."""
    from kindvoice.build.sample import say_sample
    from kindvoice.publish.output import Guard
    from kindvoice.speech.samples import sample_lines

    config = settings()
    known = all_voices(config)
    base = known.get(voice.partition("*")[0])
    spoken = base.language if base and base.language != "*" else "en"
    chosen = choose(known, voice, language or spoken)
    path = output or config.output / f"{chosen.name}.wav"
    if path.suffix.lower() != ".wav":
        raise OutputError(f"{path} would be a WAV file", cure=f"name it {path.with_suffix('.wav')}")
    guard = Guard(inputs=own_files(config), force=force)
    say_sample(
        text or " ".join(sample_lines(chosen.language)),
        chosen,
        open_store(config),
        path,
        voice_folders(config),
        guard,
    )
    click.echo(f"{path}\n{chosen.credit}. Licence: {chosen.licence}")
