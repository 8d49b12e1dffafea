"""voices/*.toml to Voice, and the choice among them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from kindvoice.errors import VoiceError, nearest
from kindvoice.model import Voice, Where

ANY_LANGUAGE = "*"
_REQUIRED = {"title": str, "engine": str, "language": str, "licence": str, "credit": str}
_OPTIONAL = {
    "model": str, "speed": float, "gain_db": float, "character": str, "source": str,
    "commercial": bool, "rank": int, "note": str, "options": dict,
}  # fmt: skip


def read_voice(path: Path) -> Voice:
    """One voice file; the voice is named as the file. Raises VoiceError with file and what is wrong."""
    where = Where(path=str(path), line=0)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise VoiceError(f"the voice file cannot be read: {error.strerror}", where=where) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise VoiceError(f"the voice file is not TOML: {error}", where=where) from None
    known = _REQUIRED | _OPTIONAL
    for key, value in data.items():
        if key not in known:
            hint = nearest(key, known)
            raise VoiceError(
                f"a voice has no {key!r}", where=where, cure=f"did you mean {hint!r}?" if hint else ""
            )
        kind = known[key]
        if not isinstance(value, (int, float) if kind is float else kind) or (
            isinstance(value, bool) and kind is not bool
        ):
            raise VoiceError(f"`{key}` wants {_KINDS[kind]}, not {value!r}", where=where)
    if missing := [key for key in _REQUIRED if not data.get(key)]:
        raise VoiceError(f"the voice file lacks {', '.join(missing)}", where=where)
    if not _LANGUAGE.fullmatch(data["language"]):
        raise VoiceError(
            f"{data['language']!r} is no language", where=where, cure="write en, pt-BR, or * for any"
        )
    for key, (low, high) in _RANGES.items():
        if key in data and not low <= data[key] <= high:
            raise VoiceError(f"`{key}` goes from {low:g} to {high:g}, not {data[key]:g}", where=where)
        if key in data:
            data[key] = float(data[key])
    options = data.pop("options", {})
    for key, value in options.items():
        if not isinstance(value, (str, int, float, bool)):
            raise VoiceError(
                f"the option {key!r} wants a text, a number or true or false, not {value!r}", where=where
            )
    return Voice(name=path.stem, path=str(path), options=tuple(sorted(options.items())), **data)


_LANGUAGE = re.compile(r"\*|[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_RANGES = {"speed": (0.5, 2.0), "gain_db": (-40.0, 40.0)}
_KINDS = {str: "a text", float: "a number", int: "a whole number", bool: "true or false", dict: "a table"}


def read_voices(folders: Iterable[Path]) -> dict[str, Voice]:
    """All voices by name; a later folder's voice stands in place of an earlier one of the same name."""
    return {path.stem: read_voice(path) for folder in folders for path in sorted(folder.glob("*.toml"))}


def choose(voices: Mapping[str, Voice], name: str | None, language: str) -> Voice:
    """The voice of that name, or the best for a language: the lowest rank, another region counting as 20 more.

    So a British script gets a British voice of about the same quality, and not a poor one before a good one.
    A voice that speaks any language is given this one. `heart*1.1` is the voice heart at 1.1 times its
    pace. Raises VoiceError when there is none, or when the named voice does not speak the language.
    """
    if name:
        base, star, factor = (part.strip() for part in name.partition("*"))
        voice = voices.get(base)
        if voice is None:
            hint = nearest(base, voices)
            raise VoiceError(
                f"there is no voice named {base!r}",
                cure=f"did you mean {hint!r}?" if hint else "`kindvoice voices list` shows them all",
            )
        if not _speaks(voice, language):
            raise VoiceError(
                f"the voice {base!r} speaks {voice.language}, and this script is in {language}",
                cure="`kindvoice voices list` shows which voice speaks what; leave --voice out for the best one",
            )
        voice = _fitted(voice, language)
        return _paced(voice, factor) if star else voice
    candidates = sorted(
        (v for v in voices.values() if _speaks(v, language) and v.engine != "tone"),
        key=lambda v: (v.language == ANY_LANGUAGE, v.rank + _OTHER_REGION * _other_region(v.language, language)),
    )
    if not candidates:
        raise VoiceError(f"no voice speaks {language}", cure="`kindvoice voices list` shows what is there")
    return _fitted(candidates[0], language)


def _speaks(voice: Voice, language: str) -> bool:
    return (
        voice.language == ANY_LANGUAGE
        or voice.language.split("-")[0].lower() == language.split("-")[0].lower()
    )


_OTHER_REGION = 20


def _other_region(one: str, other: str) -> bool:
    regions = [tag.lower().split("-")[1:] for tag in (one, other)]
    return all(regions) and regions[0] != regions[1]


def _fitted(voice: Voice, language: str) -> Voice:
    return replace(voice, language=language) if voice.language == ANY_LANGUAGE else voice


def _paced(voice: Voice, factor: str) -> Voice:
    if not re.fullmatch(r"\d+(\.\d+)?", factor) or not 0.5 <= (speed := voice.speed * float(factor)) <= 2.0:
        raise VoiceError(f"{factor!r} is no pace", cure=f"such as --voice {voice.name}*0.9")
    return replace(voice, speed=round(speed, 4))
