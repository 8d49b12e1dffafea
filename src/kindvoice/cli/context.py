"""What every command needs."""

from __future__ import annotations

import json

import click

from kindvoice.errors import ScriptError, SettingsError
from kindvoice.script.frontmatter import RESERVED
from kindvoice.workplace import all_voices, open_store, own_files, script_folders, settings, voice_folders

__all__ = [
    "all_voices", "open_store", "own_files", "parse_set", "print_json", "script_folders", "settings",
    "voice_folders",
]  # fmt: skip


def print_json(document: object) -> None:
    """One document, the only thing on stdout."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def parse_set(pairs: tuple[str, ...]) -> tuple[tuple[str, object], ...]:
    """`--set name=value` as numbers and truths where they read as such."""
    values: list[tuple[str, object]] = []
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            raise SettingsError(f"--set {pair!r} is not name=value", cure="such as --set place=garden")
        if name in RESERVED:
            raise ScriptError(
                f"--set cannot change {name!r}", cure="see --length, --phrase, --language, --gentle and --for"
            )
        values.append((name, _value(value)))
    return tuple(values)


def _value(text: str) -> object:
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
