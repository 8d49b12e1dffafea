"""What every command needs."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from kindvoice.build.context import all_voices, open_store, own_files, script_folders, settings, voice_folders
from kindvoice.units import counted

if TYPE_CHECKING:
    from kindvoice.store import Store

__all__ = [
    "PRUNE", "all_voices", "counted", "open_store", "own_files", "print_json", "print_text", "script_folders",
    "settings", "tell_of_cache", "voice_folders",
]  # fmt: skip


def print_json(document: object, indent: int | None = 2) -> None:
    """One document, the only thing on stdout, paths as texts; in ASCII where stdout cannot take every letter."""
    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    click.echo(json.dumps(document, indent=indent, ensure_ascii=not unicode, default=str))


def print_text(text: str) -> None:
    """Somebody's text as it is: UTF-8, as in a file of it, unless it goes to a terminal."""
    if sys.stdout.isatty():
        click.echo(text, nl=False)
    else:
        click.echo(text.encode(), nl=False)


def tell_of_cache(store: Store) -> None:
    """On stderr, when it has become large, and again only when it has grown much further."""
    if store.limit is None and (size := store.newly_large()):
        click.echo(f"note: the cache {store.root} holds {size / 1e9:.1f} GB now; {PRUNE}", err=True)


PRUNE = (
    "`kindvoice cache prune --older-than 30d` removes what was not used for so long, KINDVOICE_CACHE_LIMIT=20G keeps "
    "it small"
)
