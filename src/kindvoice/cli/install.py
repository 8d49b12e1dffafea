"""kindvoice voices install."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from kindvoice.cli.context import all_voices, print_json, settings
from kindvoice.errors import KindvoiceError, VoiceError
from kindvoice.model import Voice
from kindvoice.paths import typed
from kindvoice.speech.voices import find_voice

if TYPE_CHECKING:
    from kindvoice.speech.install import InstallEvent


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--yes", "-y", is_flag=True, help="Agree that a voice may not be used commercially.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else on stdout.")
def install(names: tuple[str, ...], yes: bool, as_json: bool) -> None:
    """Fetch what voices need: packages with pip, files into the models folder. The only command that goes online."""
    from kindvoice.speech.install import FINISHED, pending
    from kindvoice.speech.install import install as install_voice

    known = all_voices(settings())
    voices = [find_voice(known, name) for name in dict.fromkeys(names)]
    failures: dict[str, KindvoiceError] = {}
    finished: dict[str, list[InstallEvent]] = {voice.name: [] for voice in voices}
    for voice in voices:
        click.echo(_about(voice), err=as_json)
        try:
            if not voice.commercial and pending(voice):
                _agree(voice, yes)
        except KindvoiceError as error:
            failures[voice.name] = error
    for voice in (voice for voice in voices if voice.name not in failures):
        try:
            with _progress(voice.name) as show:
                for event in install_voice(voice):
                    show(event)
                    finished[voice.name] += [event] if event.status in FINISHED else []
        except KindvoiceError as error:
            failures[voice.name] = error
            continue
        changed = any(event.status != "there" for event in finished[voice.name])
        nothing = "" if changed else "; there was nothing to install"
        click.echo(f"{voice.name} is ready{nothing}", err=as_json)
    if as_json:
        print_json([_facts(name, events, failures.get(name)) for name, events in finished.items()])
        for failure in failures.values():
            click.echo(f"error: {failure}", err=True)
        if failures:
            raise click.exceptions.Exit(1)
    if failures:
        raise VoiceError("\n".join(map(str, failures.values())))


def _about(voice: Voice) -> str:
    """What a person had better know before the voice is fetched."""
    from rich.filesize import decimal

    language = "any language" if voice.language == "*" else voice.language
    needs = [*voice.packages, *(f"{file.path} ({decimal(file.bytes)})" for file in voice.downloads)]
    facts = {
        "licence": voice.licence, "credit": voice.credit, "source": voice.source, "note": voice.note,
        "needs": ", ".join(needs),
    }  # fmt: skip
    lines = [f"{key}: {fact}" for key, fact in facts.items() if fact]
    return "\n  ".join([f"{voice.name}: {voice.title}, {language}", *lines])


def _agree(voice: Voice, yes: bool) -> None:
    """Returns when the person knows that the voice is not for sale. Raises VoiceError otherwise."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise VoiceError(
            f"{voice.name} may not be used commercially, and there is no terminal to ask whether that is all right",
            cure=f"if it is: {typed('voices', 'install', voice.name, '--yes')}",
        )
    if not click.confirm(f"{voice.name} may not be used commercially. Install it?", err=True):
        raise VoiceError(f"{voice.name} was not installed: it may not be used commercially")


def _facts(name: str, events: list[InstallEvent], error: KindvoiceError | None) -> dict[str, object]:
    from kindvoice.engines._models import models_folder

    return {
        "name": name, "ready": error is None,
        "files": [
            {"path": str(models_folder() / e.step), "bytes": e.total, "status": e.status} for e in events if e.total
        ],
        "packages": [{"name": e.step, "status": e.status} for e in events if not e.total],
        "error": str(error) if error else None,
    }  # fmt: skip


@contextmanager
def _progress(name: str) -> Iterator[Callable[[InstallEvent], None]]:
    """On stderr a line for every step, and on a terminal a bar for what is being fetched."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as bars:
        bar = bars.add_task("", visible=False)

        def show(event: InstallEvent) -> None:
            show_bar = event.status == "fetching"
            bars.update(
                bar, description=event.step, completed=event.done, total=event.total, visible=show_bar
            )
            if not show_bar:
                size = f" ({event.total:,} bytes)" if event.total else ""
                console.print(f"{name}: {event.step}: {event.status}{size}", markup=False, soft_wrap=True)

        yield show
