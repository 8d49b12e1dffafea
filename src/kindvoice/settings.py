"""What a user has settled once: variables named KINDVOICE_..., a TOML file, defaults."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import platformdirs

from kindvoice.errors import SettingsError, nearest
from kindvoice.model import Where
from kindvoice.paths import expanded, is_file
from kindvoice.units import parse_size

PREFIX = "KINDVOICE_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Options of a command stand before all of these; a script's front matter stands before voice, bed and preset."""

    cache: Path
    """the store's folder"""
    cache_limit: int | None = None
    """bytes; a store that has become larger makes room. Written as 20G; None: it only grows"""
    takes: Path
    """where recorded lines are kept, one folder a voice"""
    output: Path = Path("output")
    """where finished files go"""
    voices: Path | None = None
    """a folder of the user's own voice files"""
    models: Path | None = None
    """where the files of installed voices are; None: where engines look by themselves"""
    scripts: Path | None = None
    """a folder of the user's own library, one folder per language"""
    voice: str | None = None
    bed: str | None = None
    preset: str = "podcast"
    presets: Path | None = None
    """a TOML file of the user's own presets"""
    format: str | None = None
    """one or more, with commas between them; None: the preset's own"""
    captions: str = "vtt"
    """one or more, with commas between them, or none"""
    country: str | None = None
    """ISO 3166, two letters; whose helplines are shown. None: as the computer is set"""
    artist: str = "kindvoice"
    """who the tags name when the script names no author"""


def config_path() -> Path:
    return Path(platformdirs.user_config_dir("kindvoice", appauthor=False)) / "config.toml"


def settings_file(environ: Mapping[str, str]) -> Path:
    """There or not."""
    return expanded(environ.get(PREFIX + "CONFIG") or config_path())


def load_settings(environ: Mapping[str, str], config: Path | None = None) -> Settings:
    """Raises SettingsError for a file that cannot be read and for names that are not known."""
    values: dict[str, object] = {
        "cache": platformdirs.user_cache_dir("kindvoice", appauthor=False),
        "takes": Path(platformdirs.user_data_dir("kindvoice", appauthor=False)) / "takes",
    }
    named = environ.get(PREFIX + "CONFIG")
    path = config or settings_file(environ)
    if named and not is_file(path):
        raise SettingsError(f"the settings file {path} is not there", cure="look at KINDVOICE_CONFIG")
    known = [field.name for field in fields(Settings)]
    if path.is_file():
        where = Where(path=str(path), line=0)
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"the settings file cannot be read: {error}", where=where) from None
        for name, value in data.items():
            if name not in known or not isinstance(value, str):
                hint = nearest(name, known)
                raise SettingsError(
                    f"no setting {name!r}" if name not in known else f"`{name}` wants a text, not {value!r}",
                    where=where,
                    cure=f"did you mean {hint!r}?" if hint and name not in known else "",
                )
            if value:  # "" says nothing, as an empty variable does
                values[name] = value
    for name in known:
        if value := environ.get(PREFIX + name.upper()):
            values[name] = value
    for name in ("cache", "models", "takes", "output", "voices", "scripts", "presets"):
        if name in values:
            values[name] = expanded(str(values[name]))
    if limit := values.get("cache_limit"):
        try:
            values["cache_limit"] = parse_size(str(limit))
        except ValueError as error:
            raise SettingsError(f"`cache_limit`: {error}", cure="look at KINDVOICE_CACHE_LIMIT") from None
    return Settings(**values)  # type: ignore[arg-type]
