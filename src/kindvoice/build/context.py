"""What the settings stand for: folders, voices, the store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from kindvoice.errors import SettingsError
from kindvoice.model import Voice
from kindvoice.paths import data_folder
from kindvoice.settings import Settings, load_settings, settings_file
from kindvoice.speech.voices import read_voices

if TYPE_CHECKING:
    from kindvoice.build.request import Publication, Sound
    from kindvoice.store import Ledger, Store


def settings() -> Settings:
    """From the environment and the settings file. Raises SettingsError."""
    loaded = load_settings(os.environ)
    if loaded.models is not None:
        # Engines and the processes they start look there, also when the name came from the settings file.
        os.environ["KINDVOICE_MODELS"] = str(loaded.models)
    return loaded


def voice_folders(settings: Settings) -> tuple[Path, ...]:
    """Our voices, then the user's own, which stand in place of ours."""
    folder = settings.voices
    if folder is not None and not folder.is_dir():
        raise SettingsError(f"the voices folder {folder} is not there", cure="look at KINDVOICE_VOICES")
    return (data_folder("voices"), *([folder] if folder else []))


def all_voices(settings: Settings) -> dict[str, Voice]:
    return read_voices(voice_folders(settings))


def script_folders(settings: Settings) -> list[Path]:
    """The library, then the user's own, which stands in place of ours."""
    return [data_folder("scripts_library"), *([settings.scripts] if settings.scripts else [])]


def own_files(settings: Settings) -> tuple[Path, ...]:
    """What the user has settled in files: settings, presets, voices, lexicons."""
    presets = [settings.presets] if settings.presets else []
    return (
        settings_file(os.environ),
        *presets,
        *(settings.voices.rglob("*.toml") if settings.voices else ()),
    )


def open_store(settings: Settings, ledger: Ledger | None = None) -> Store:
    """ledger: as a Store takes it."""
    from kindvoice.store import Store

    return Store(settings.cache, ledger, settings.cache_limit)


def default_sound(settings: Settings) -> Sound:
    """As the user has settled it."""
    from kindvoice.build.request import Sound  # with all that a build writes, which --help does not pay for

    return Sound(
        default_voice=settings.voice, default_bed=settings.bed, default_preset=settings.preset,
        presets=settings.presets, voice_folders=voice_folders(settings), takes=settings.takes,
    )  # fmt: skip


def default_publication(settings: Settings, folder: Path) -> Publication:
    from kindvoice.build.request import Publication

    return Publication(
        folder=folder, formats=names(settings.format or ""), captions=names(settings.captions),
        artist=settings.artist, made_from=own_files(settings),
    )  # fmt: skip


def names(*texts: str) -> tuple[str, ...]:
    """Names that were given one by one or with commas; `none` is no name.

    >>> names("mp3", "opus, flac"), names("none")
    (('mp3', 'opus', 'flac'), ())
    """
    parts = [name.strip() for text in texts for name in text.split(",")]
    return tuple(name for name in parts if name and name != "none")
