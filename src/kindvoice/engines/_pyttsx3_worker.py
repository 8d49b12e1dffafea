"""One job for the system's voices, see `_worker`. pyttsx3 and the engines below it hang, crash and keep state, so every
job gets a fresh process, which is ended without the tidying up that makes espeak-ng crash. Not even numpy is
imported: it alone would double the time to start.

    {"do": "voices"}  -> {"voices": [{"id", "name", "languages"}]}
    {"do": "speak", "text", "voice", "rate", "volume", "path"}  -> {"done": true}
"""

from __future__ import annotations

import locale
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def prepare() -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda job: speak(job) if job["do"] == "speak" else {"voices": voices()}


def speak(job: dict[str, Any]) -> dict[str, Any]:
    """Write one utterance to a sound file: WAV, and AIFF on macOS."""
    engine = _engine()
    faults: list[str] = []

    def on_finished(name: str | None, completed: bool) -> None:
        if not completed:
            faults.append("it stopped before the end")

    engine.connect("error", lambda name, exception: faults.append(str(exception)))
    engine.connect("finished-utterance", on_finished)
    engine.setProperty("voice", job["voice"])
    engine.setProperty("rate", int(job["rate"]))
    engine.setProperty("volume", float(job["volume"]))
    if engine.driver_name == "espeak":
        _let_espeak_settle()
    engine.save_to_file(job["text"], str(job["path"]))
    engine.runAndWait()
    if faults:
        raise RuntimeError(f"the system's speech said: {faults[0]}")
    # A voice that the system cannot load is passed over in silence by some drivers.
    if str(engine.getProperty("voice")).casefold() != str(job["voice"]).casefold():
        raise RuntimeError(f"the system took another voice, {engine.getProperty('voice')}")
    return {"done": True}


def voices() -> list[dict[str, Any]]:
    """Every voice of the system, in the system's order."""
    return [
        {
            "id": str(voice.id),
            "name": str(voice.name or voice.id).strip(),
            "languages": language_tags(str(voice.id), [str(x) for x in voice.languages or () if x]),
        }
        for voice in _engine().getProperty("voices")
    ]


def _engine() -> Any:
    """pyttsx3's engine for this system, ready to take a job."""
    if sys.platform == "linux":
        _bring_espeak()
    import pyttsx3

    engine = pyttsx3.init()
    if engine.driver_name == "espeak":
        # Otherwise the job waits for the loop, which then ends before the file is written. The other
        # drivers need the opposite: with this the loop of NSSpeechSynthesizer would end too early.
        engine.proxy.setBusy(False)
    return engine


def _let_espeak_settle() -> None:
    """Wait until espeak-ng has taken all settings, which it does in a thread of its own.

    pyttsx3's loop begins with a stop, and a stop throws away what has not been taken yet: on a busy machine
    one line in a hundred was spoken at another pace or level.
    """
    from pyttsx3.drivers import _espeak

    while _espeak.IsPlaying():
        time.sleep(0.001)


def _bring_espeak() -> None:
    """Make pyttsx3 use the espeak-ng of the espeakng-loader wheel, even where the system has its own.

    A system's espeak-ng may be any version, and another version says the same line with other samples. So
    the wheel's is taken always, and its version stands in the cache key. pyttsx3 asks for a library of the
    same soname, which is then already loaded; paths of macOS and Windows that it tries first are not there.
    """
    import ctypes

    import espeakng_loader

    os.environ["ESPEAK_DATA_PATH"] = str(Path(espeakng_loader.get_data_path()).parent)
    ctypes.CDLL(espeakng_loader.get_library_path())


# ---------------------------------------------------------------- what language a voice speaks

_ESPEAK_NAMES = {"cmn": "zh-CN", "yue": "zh-HK"}
_LCID = re.compile(r"[0-9a-f]{3,5}")
_IN_IDENTIFIER = re.compile(r"(?:_|\.)([A-Za-z]{2,3}[-_][A-Z]{2})(?:_|\.|$)")


def language_tags(identifier: str, stated: list[str]) -> list[str]:
    """The BCP 47 tags of a voice, from what its driver states or else from its identifier.

    espeak-ng states en-gb, SAPI5 en-US (or, from the registry, the hexadecimal 409 and lists such as
    409;9), NSSpeechSynthesizer en_GB.

    >>> language_tags("com.apple.voice.compact.en-GB.Daniel", [])
    ['en-GB']
    """
    tags = [language_tag(part) for entry in stated for part in entry.split(";")]
    if not any(tags) and (match := _IN_IDENTIFIER.search(identifier)):
        tags = [language_tag(match[1])]
    return list(dict.fromkeys(tag for tag in tags if tag))


def language_tag(stated: str) -> str:
    """One language as a driver states it, as a BCP 47 tag; an empty string when it is none.

    >>> [language_tag(x) for x in ("en_GB", "pt-br", "409", "c0a", "cmn", "Unknown Locale: 4096")]
    ['en-GB', 'pt-BR', 'en-US', 'es-ES', 'zh-CN', '']
    """
    text = stated.strip().lower().replace("_", "-")
    if _LCID.fullmatch(text) and any(c.isdigit() for c in text):
        text = locale.windows_locale.get(int(text, 16), "").lower().replace("_", "-")
    text = _ESPEAK_NAMES.get(text, text)
    if not re.fullmatch(r"[a-z]{2,4}(-[a-z0-9]{1,8})*", text.lower()):
        return ""
    standard, mark, private = text.lower().partition("-x-")
    first, *rest = standard.split("-")
    return "-".join([first, *map(_cased, rest)]) + mark + private


def _cased(subtag: str) -> str:
    if len(subtag) == 2:
        return subtag.upper()
    return subtag.title() if len(subtag) == 4 and subtag.isalpha() else subtag
