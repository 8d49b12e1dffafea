"""Which of a system's voices speaks a language best. Nothing here asks the system anything."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass

from kindvoice.engines._languages import Parts, facts, near_region, parts
from kindvoice.errors import VoiceError, did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemVoice:
    """A voice of this computer."""

    id: str
    """what the system calls it: gmw/en-us, a registry path, com.apple.voice.compact.en-GB.Daniel"""
    name: str
    """what its users call it"""
    languages: tuple[str, ...]
    """BCP 47"""


def choose(voices: Iterable[SystemVoice], model: str, language: str) -> SystemVoice:
    """The voice that `model` names, by id or name in any case, or the best for the language if it is "".

    Raises VoiceError when there is none; the cure names the nearest.
    """
    voices = tuple(voices)
    if model:
        wanted = model.casefold()
        named = [v for v in voices if wanted in {name.casefold() for name in _names(v)}]
        if not named:
            cure = did_you_mean(
                model,
                (name for v in voices for name in _names(v)),
                f"leave the model empty for any voice of {language}",
            )
            raise VoiceError(f"this system has no voice {model!r}", cure=cure)
        return min(named, key=_roughness)
    fits = [(far, _roughness(v), v) for v in voices if (far := distance(language, v.languages)) is not None]
    if not fits:
        raise VoiceError(f"this system has no voice for {language!r}", cure=_HOW_TO_ADD)
    return min(fits, key=lambda fit: fit[:2])[2]


def _names(voice: SystemVoice) -> tuple[str, str, str]:
    """What a voice may be called: gmw/en-us, English (America), en-us."""
    return voice.id, voice.name, voice.id.replace("\\", "/").rsplit("/", 1)[-1]


def distance(wanted: str, offered: Iterable[str]) -> int | None:
    """How far the nearest of a voice's languages is from the wanted one: 0 the same, None another language.

    >>> [distance("en-AU", [tag]) for tag in ("en-AU", "en-GB", "en", "en-US", "en-GB-x-rp", "de")]
    [0, 2, 3, 4, 9, None]
    """
    distances = (_distance(parts(wanted), parts(tag)) for tag in offered)
    return min((far for far in distances if far is not None), default=None)


def _distance(wanted: Parts, offered: Parts) -> int | None:
    language, script, region, variant = offered
    if language != wanted[0]:
        return None
    if offered == wanted:
        return 0
    if variant or script not in ("", wanted[1]):
        return 9  # a dialect, or a writing, that nobody asked for
    if region == wanted[2]:
        return 1
    if region and region == near_region(language, wanted[2]):
        return 2
    if not region:
        return 3
    return 4 if region == facts("home_regions").get(language, language) else 5


_NOVELTIES = frozenset({
    "albert", "bad news", "bahh", "bells", "boing", "bubbles", "cellos", "deranged", "good news",
    "hysterical", "jester", "organ", "pipe organ", "superstar", "trinoids", "whisper", "wobble", "zarvox",
})  # fmt: skip
_GRADES = (".premium", ".enhanced", "siri", "", ".super-compact", ".eloquence", "espeak")


def _roughness(voice: SystemVoice) -> int:
    """How a voice sounds, going by its name: the smaller the better; macOS has jokes among its voices."""
    if voice.name.casefold() in _NOVELTIES:
        return len(_GRADES)
    called = f"{voice.id} {voice.name}".casefold()
    return next((n for n, word in enumerate(_GRADES) if word and word in called), _GRADES.index(""))


_HOW_TO_ADD = {
    "darwin": "add one in System Settings, Accessibility, Spoken Content, or choose another voice",
    "win32": "add one in Settings, Time & language, Speech, or choose another voice",
}.get(sys.platform, "espeak-ng does not speak it; choose a voice of another engine, or record takes")
