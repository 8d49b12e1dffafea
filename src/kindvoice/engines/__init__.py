"""All engines, by name. A new engine is one new module and one line here."""

from __future__ import annotations

import importlib
from functools import cache
from typing import cast

from kindvoice.engines.base import Engine, Samples
from kindvoice.errors import VoiceError, did_you_mean
from kindvoice.model import Voice

ENGINES = {
    "hibari": "kindvoice.engines.hibari",
    "kokoro": "kindvoice.engines.kokoro",
    "pico": "kindvoice.engines.pico",
    "piper": "kindvoice.engines.piper",
    "pyttsx3": "kindvoice.engines.pyttsx3",
    "tone": "kindvoice.engines.tone",
}

__all__ = ["ENGINES", "Engine", "Samples", "can_speak", "load"]


@cache
def load(name: str) -> Engine:
    """The engine module of that name, imported on first use."""
    if name not in ENGINES:
        raise VoiceError(
            f"there is no engine named {name!r}",
            cure=did_you_mean(name, ENGINES, f"known engines: {', '.join(ENGINES)}"),
        )
    return cast(Engine, importlib.import_module(ENGINES[name]))


def can_speak(voice: Voice) -> bool:
    """Whether the voice is ready here and now."""
    return load(voice.engine).problem(voice) is None
