"""What the settings stand for: folders, voices, the store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kindvoice.errors import SettingsError
from kindvoice.model import Voice
from kindvoice.paths import data_folder
from kindvoice.settings import Settings, load_settings, settings_file
from kindvoice.speech.voices import read_voices
from kindvoice.store import Store

if TYPE_CHECKING:
    from kindvoice.build.request import Job


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


def own_files(settings: Settings) -> tuple[Path, ...]:
    """What the user has settled in files: settings, presets, voices, lexicons."""
    presets = [settings.presets] if settings.presets else []
    return (
        settings_file(os.environ),
        *presets,
        *(settings.voices.rglob("*.toml") if settings.voices else ()),
    )


def open_store(settings: Settings) -> Store:
    return Store(settings.cache)


def new_job(own: Settings, script: Path, output: Path, **asked: Any) -> Job:
    """A job with the settings' defaults; asked: what was asked for, by the names of Job."""
    from kindvoice.build.request import Job  # with all that mixes and encodes, which --help does not pay for

    defaults: dict[str, Any] = {
        "default_voice": own.voice, "default_bed": own.bed, "default_preset": own.preset, "presets": own.presets,
        "formats": names(own.format or ""), "captions": names(own.captions), "artist": own.artist,
        "voice_folders": voice_folders(own), "takes": own.takes,
    }  # fmt: skip
    made_from = (*own_files(own), *asked.pop("made_from", ()))
    return Job(script=script, output=output, made_from=made_from, **{**defaults, **asked})


def names(*given: str) -> tuple[str, ...]:
    """Names that were given one by one or with commas; `none` is no name.

    >>> names("mp3", "opus, flac"), names("none")
    (('mp3', 'opus', 'flac'), ())
    """
    found = [name.strip() for text in given for name in text.split(",")]
    return tuple(name for name in found if name and name != "none")
