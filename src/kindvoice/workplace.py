"""What the settings stand for: folders, voices, the store."""

from __future__ import annotations

import os
from pathlib import Path

from kindvoice.errors import SettingsError
from kindvoice.model import Voice
from kindvoice.resources import data_folder
from kindvoice.settings import Settings, load_settings
from kindvoice.store import Store
from kindvoice.voices import read_voices


def settings() -> Settings:
    """From the environment and the settings file. Raises SettingsError."""
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
    """The library, then the user's own, which stands in place of ours."""
    return [data_folder("scripts_library"), *([settings.scripts] if settings.scripts else [])]


def open_store(settings: Settings) -> Store:
    return Store(settings.cache)


def names(*given: str) -> tuple[str, ...]:
    """Names that were given one by one or with commas; `none` is no name.

    >>> names("mp3", "opus, flac"), names("none")
    (('mp3', 'opus', 'flac'), ())
    """
    found = [name.strip() for text in given for name in text.split(",")]
    return tuple(name for name in found if name and name != "none")
