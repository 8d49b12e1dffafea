"""What a finished file must measure, by the name of where it goes; read from presets.toml and the user's own."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path
from typing import Any

from kindvoice.errors import SettingsError, did_you_mean, terminal
from kindvoice.model import Preset, Where


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("wants a number")
    return float(value)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("wants a whole number")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("wants a text")
    return value


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("is true or false")
    return value


def _pair(read: Callable[[object], Any]) -> Callable[[object], tuple[Any, Any]]:
    def both(value: object) -> tuple[Any, Any]:
        if not isinstance(value, list) or len(value) != 2 or not read(value[0]) <= read(value[1]):
            raise ValueError("wants two numbers, the lower first")
        return read(value[0]), read(value[1])

    return both


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(name, str) for name in value):
        raise ValueError("wants a list of names")
    return tuple(value)


_FIELDS: dict[str, Callable[[object], Any]] = {
    "what_for": _text, "source": _text, "peak_dbtp": _number, "lufs": _number, "within_lu": _number,
    "floor_db": _number, "rms_db": _pair(_number), "formats": _names, "only": _truth, "bitrate": _whole,
    "rate": _whole, "head_ms": _whole, "tail_ms": _whole, "head_range_ms": _pair(_whole),
    "tail_range_ms": _pair(_whole), "max_ms": _whole, "max_bytes": _whole,
}  # fmt: skip
_RATES = (44_100, 48_000)


def read_presets(text: str, path: str) -> dict[str, Preset]:
    """Presets by name from TOML. Raises SettingsError with the file and the field."""
    where = Where(path=path, line=0)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"the presets cannot be read: {error}", where=where) from None
    return {name: _preset(name, table, where) for name, table in data.items()}


def _preset(name: str, table: object, where: Where) -> Preset:
    if not isinstance(table, dict):
        raise SettingsError(f"{name!r} is no table", where=where, cure=f"begin a preset with [{name}]")
    values: dict[str, Any] = {"name": name}
    for field, value in table.items():
        if field not in _FIELDS:
            raise SettingsError(
                f"[{name}] has no {field!r}", where=where, cure=did_you_mean(field, _FIELDS, "")
            )
        try:
            values[field] = _FIELDS[field](value)
        except ValueError as error:
            raise SettingsError(f"`{field}` of [{name}] {error}, not {value!r}", where=where) from None
    missing = [f.name for f in fields(Preset) if f.default is MISSING and f.name not in values]
    if missing:
        raise SettingsError(f"[{name}] lacks {', '.join(missing)}", where=where)
    preset = Preset(**values)
    if (preset.lufs is None) == (preset.rms_db is None):
        raise SettingsError(f"[{name}] wants either lufs or rms_db", where=where)
    if preset.rate not in _RATES:
        raise SettingsError(
            f"[{name}] wants a rate of {' or '.join(map(str, _RATES))}, not {preset.rate}", where=where
        )
    return preset


@cache
def shipped() -> Mapping[str, Preset]:
    """The presets that come with kindvoice."""
    return read_presets(Path(__file__).with_name("presets.toml").read_text(encoding="utf-8"), "presets.toml")


def all_presets(own: Path | None) -> dict[str, Preset]:
    """Ours, and those of the user's file."""
    if own is None:
        return dict(shipped())
    try:
        text = own.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        where = Where(path=str(own), line=0)
        raise SettingsError(
            f"the presets cannot be read: {error}", where=where, cure=terminal("look at KINDVOICE_PRESETS")
        ) from None
    return {**shipped(), **read_presets(text, str(own))}


def find_preset(name: str, presets: Mapping[str, Preset] | None = None) -> Preset:
    """Raises SettingsError, naming the nearest, when there is none of that name."""
    presets = shipped() if presets is None else presets
    if name not in presets:
        raise SettingsError(
            f"there is no preset named {name!r}",
            cure=did_you_mean(name, presets),
        )
    return presets[name]
