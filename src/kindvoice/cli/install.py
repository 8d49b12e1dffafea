"""kindvoice voices install."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from kindvoice.cli.context import all_voices, print_json, settings
from kindvoice.errors import KindvoiceError, VoiceError
from kindvoice.model import Voice
from kindvoice.paths import typed
from kindvoice.speech.voices import find_voice

if TYPE_CHECKING:
    from kindvoice.speech.install import InstallEvent, InstallResult, OnEvent


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--yes", "-y", is_flag=True, help="Agree that a voice may not be used commercially.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else on stdout.")
def install(names: tuple[str, ...], yes: bool, as_json: bool) -> None:
    """Fetch what voices need: packages with pip, files into the models folder. The only command that goes online."""
    from kindvoice.speech import install as installing

    known = all_voices(settings())
    voices = [find_voice(known, name) for name in dict.fromkeys(names)]
    failures: dict[str, KindvoiceError] = {}
    for voice in voices:
        click.echo(_about(voice), err=as_json)
        try:
            if not voice.commercial and installing.pending(voice):
                _agree(voice, yes)
        except KindvoiceError as error:
            failures[voice.name] = error
    with _progress() as show:
        results = installing.install([v for v in voices if v.name not in failures], show)
    failures |= {result.name: result.error for result in results if result.error}
    if as_json:
        done = {result.name: result for result in results}
        print_json([_facts(v.name, done.get(v.name), failures.get(v.name)) for v in voices])
    else:
        for result in results:
            if result.error is None:
                click.echo(
                    f"{result.name} is ready" + ("" if result.changed else "; there was nothing to install")
                )
    if len(voices) == 1 and failures:
        raise next(iter(failures.values()))
    if failures:
        told = "\n".join(f"{name}: {error}" for name, error in failures.items())
        raise VoiceError(f"{len(failures)} of {len(voices)} voices could not be installed\n{told}")


def _about(voice: Voice) -> str:
    """What a person had better know before the voice is fetched."""
    language = "any language" if voice.language == "*" else voice.language
    lines = [
        f"{voice.name}: {voice.title}, {language}",
        f"  licence: {voice.licence}",
        f"  credit: {voice.credit}",
    ]
    lines += [f"  source: {voice.source}"] if voice.source else []
    lines += [f"  note: {voice.note}"] if voice.note else []
    return "\n".join(lines)


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


def _facts(name: str, result: InstallResult | None, error: KindvoiceError | None) -> dict[str, object]:
    return {
        "name": name, "ready": error is None,
        "files": [{"path": str(f.path), "bytes": f.bytes, "status": f.status} for f in result.files] if result else [],
        "packages": [{"name": p.name, "status": p.status} for p in result.packages] if result else [],
        "error": str(error) if error else None,
    }  # fmt: skip


# ---------------------------------------------------------------- progress, on stderr

_AT_WORK = {
    "waiting": "another install is at it; waiting",
    "packing": "npm is fetching the package",
    "installing": "installing; this may take some minutes",
}
_FINISHED = ("there", "fetched", "installed")


@contextmanager
def _progress() -> Iterator[OnEvent]:
    """A bar for what is being fetched on a terminal; elsewhere one line for every finished step."""

    def line(event: InstallEvent) -> str:
        size = f" ({event.total:,} bytes)" if event.total else ""
        return f"{event.voice}: {event.step}: {_AT_WORK.get(event.status, event.status)}{size}"

    if not sys.stderr.isatty():
        yield lambda event: click.echo(line(event), err=True) if event.status in _FINISHED else None
        return
    from rich import progress as rich
    from rich.console import Console

    columns = (
        rich.TextColumn("{task.description}"), rich.BarColumn(), rich.DownloadColumn(), rich.TransferSpeedColumn(),
        rich.TimeRemainingColumn(),
    )  # fmt: skip
    with rich.Progress(*columns, console=Console(stderr=True, highlight=False), transient=True) as bars:
        tasks: dict[str, rich.TaskID] = {}

        def show(event: InstallEvent) -> None:
            if event.status != "fetching":
                if event.step in tasks:
                    bars.remove_task(tasks.pop(event.step))
                bars.console.print(line(event), markup=False, soft_wrap=True)
            elif event.step not in tasks:
                # Made at where it starts: what came in an earlier run is not this run's speed.
                name = event.step.rpartition("/")[2]
                tasks[event.step] = bars.add_task(name, total=event.total, completed=event.done)
            else:
                bars.update(tasks[event.step], completed=event.done)

        yield show
