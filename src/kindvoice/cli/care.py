"""A wish that speaks of dying or of harm: who wrote it is met, and nothing is made of it unasked."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from kindvoice.care import Care, country_of, find_care, helplines
from kindvoice.errors import ScriptError
from kindvoice.plan.held import own_words

if TYPE_CHECKING:
    from kindvoice.script import Version
    from kindvoice.settings import Settings

_OPTION = "--all-the-same"
HELD = (
    "left for now: a wish of theirs speaks of dying or of harm; it may do good to speak with them first\n"
    f"  {_OPTION} ID builds it as it is written"
)


def meet(version: Version, settings: Settings, *, all_the_same: bool) -> None:
    """Says a kind line and where to turn, and asks, before anything is made of such a wish. Where nobody can be asked,
    nothing is made: raises Exit, or ScriptError for a program that reads JSON."""
    texts = () if all_the_same else own_words(version)
    if not texts:
        return
    from kindvoice.script.load import script_language  # with all that reads a script

    care = find_care(texts, version.language or script_language(version.script, version.text) or "en")
    if care is None:
        return
    show(care, settings)
    if sys.stdin.isatty() and sys.stderr.isatty() and click.confirm(f"\n{care.make}?", err=True):
        return
    context = click.get_current_context(silent=True)
    if context is not None and context.params.get("as_json"):
        raise ScriptError(
            "nothing was made of this wish unasked", cure=f"{_OPTION} makes it as it is written"
        )
    click.echo(f"\nNothing was made. {_OPTION} makes it as it is written.", err=True)
    raise click.exceptions.Exit(1)


def show(care: Care, settings: Settings) -> None:
    """The line, and links that terminals make of addresses."""
    click.echo(f"\n{care.line}\n{care.talk}", err=True)
    tags = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    for line in helplines(settings.country or country_of(tags, care.language)):
        parts = (f"{shown} <{address}>" if address else shown for shown, address in line.links)
        click.echo(f"  {''.join(parts)}", err=True)
