"""What every command needs: settings, folders, the store."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from kindvoice.errors import ScriptError, SettingsError
from kindvoice.model import Voice
from kindvoice.resources import data_folder
from kindvoice.script.frontmatter import RESERVED
from kindvoice.settings import Settings, load_settings
from kindvoice.store import Store
from kindvoice.voices import read_voices


def settings() -> Settings:
    own = load_settings(os.environ)
    if own.models is not None:
        # Engines and the processes they start look there, also when the name came from the settings file.
        os.environ["KINDVOICE_MODELS"] = str(own.models)
    return own


def voice_folders(settings: Settings) -> tuple[Path, ...]:
    """Our voices, then the user's own, which stand in place of ours."""
    own = settings.voices
    if own is not None and not own.is_dir():
        raise SettingsError(f"the voices folder {own} is not there", cure="look at KINDVOICE_VOICES")
    return (data_folder("voices"), *([own] if own else []))


def all_voices(settings: Settings) -> dict[str, Voice]:
    return read_voices(voice_folders(settings))


def script_folders(settings: Settings) -> list[Path]:
    return [data_folder("scripts_library"), *([settings.scripts] if settings.scripts else [])]


def open_store(settings: Settings) -> Store:
    return Store(settings.cache)


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
