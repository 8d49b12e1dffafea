"""kindvoice render --dry-run, and what stands in the way of files that would be made."""

from __future__ import annotations

from dataclasses import replace

import click

from kindvoice.build.read import Reading
from kindvoice.cli.context import all_voices, counted, open_store, print_json
from kindvoice.encode import find_format
from kindvoice.errors import revealed
from kindvoice.jobs.items import Item
from kindvoice.model import Mark, Say
from kindvoice.plan.estimate import Estimate, estimate
from kindvoice.publish.captions import find_captions
from kindvoice.publish.manifest import ENDING
from kindvoice.publish.output import Guard, files_in_the_way
from kindvoice.settings import Settings
from kindvoice.units import clock, format_ms


def endings_of(
    item: Item, formats: tuple[str, ...], *, lines: bool = True, chapters: bool = True
) -> list[str]:
    """Of the names of all files that would be made, sounds first. lines, chapters: whether there are any."""
    publication = item.request.publication
    endings = [find_format(name).extension for name in formats]
    endings += [find_captions(name).extension for name in publication.captions if lines]
    endings += [".chapters.json"] if chapters else []
    endings += [ENDING]
    if publication.cover != "off":
        png = publication.picture is not None and publication.picture.suffix.lower() == ".png"
        endings.append(".cover.png" if png else ".cover.jpg")
    return endings


def in_the_way(item: Item, guess: Estimate) -> str:
    """What stands where the item's files would, and is not to be replaced."""
    publication = item.request.publication
    endings = endings_of(item, tuple(name for name, _ in guess.sizes))
    guard = Guard(inputs=(item.request.version.script, *publication.made_from), force=publication.force)
    errors = list(files_in_the_way(item.request.manifest, endings, guard))
    more = f"; so are {len(errors) - 1} more of its files" if len(errors) > 1 else ""
    return errors[0].what + more if errors else ""


def tell_what_would_be(reading: Reading, config: Settings, as_json: bool) -> int:
    """What rendering would make, how long it would be, and what is to be spoken for it. Gives the exit code."""
    item = Item(id=reading.request.name, request=reading.request)
    (guess,) = estimate([item], all_voices(config), open_store(config))
    guess = guess if guess.problem else replace(guess, problem=in_the_way(item, guess))
    folder, name = reading.request.publication.folder, reading.request.name
    items = reading.timeline.items
    chapters = any(isinstance(each, Mark) for each in items)
    lines = sum(isinstance(each, Say) for each in items)
    formats = tuple(format for format, _ in guess.sizes)
    endings = endings_of(item, formats, lines=lines > 0, chapters=chapters)
    files = [str(folder / (name + ending)) for ending in endings]
    if as_json:
        document = {
            "files": [] if guess.problem else files,
            "length_ms": guess.length_ms, "length_asked": guess.exact, "speech_ms": guess.speech_ms, "lines": lines,
            "lines_to_speak": guess.to_speak, "bytes": dict(guess.sizes), "voice": reading.cast[""].name,
            "language": reading.script.language, "problem": guess.problem, "doubt": guess.doubt,
            "notes": [revealed(note) for note in reading.notes],
        }  # fmt: skip
        print_json(document)
        return 1 if guess.problem else 0
    for note in reading.notes:
        click.echo(f"note: {revealed(note)}", err=True)
    if guess.problem:
        click.echo(f"error: {revealed(guess.problem)}", err=True)
        return 1
    if guess.doubt:
        click.echo(f"warning: perhaps it cannot be made: {revealed(guess.doubt)}", err=True)
    click.echo("would make:")
    for file in files:
        click.echo(f"  {file}")
    length = clock(guess.length_ms) if guess.exact else f"about {clock(guess.length_ms)}"
    size = ", ".join(f"{format} {size / 1e6:.1f} MB" for format, size in guess.sizes)
    click.echo(f"{length} long, {size}")
    to_speak = ", ".join(f"{format_ms(round(s) * 1000)} by {voice}" for voice, (s, _) in guess.speak.items())
    click.echo(
        f"{counted(lines, 'line')}, {guess.to_speak} to speak" + (f": about {to_speak}" if to_speak else "")
    )
    click.echo("nothing was written")
    return 0
