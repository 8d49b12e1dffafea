"""espeak-ng's reading of words, in a process of its own, see `_worker`. espeak-ng is GPL and is never loaded into
kindvoice itself; what crosses the pipe is text and phonemes.

    {"voice": "es", "texts": ["hola", "buenos días"]} -> {"phonemes": ["ˈola", "bwˈenos ðˈias"]}
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

_UTF8 = 1
_IPA_TIED = 0x02 | 0x80 | (ord("^") << 8)
"""IPA, with ^ between the letters of one phoneme: t^ʃ is one sound, tʃ would be two"""
_RETRIEVAL = 1
_DONT_EXIT = 0x8000


def prepare() -> Callable[[dict[str, Any]], dict[str, Any]]:
    espeak = _open()
    return lambda job: {"phonemes": phonemes(espeak, job["voice"], job["texts"])}


def phonemes(espeak: ctypes.CDLL, voice: str, texts: list[str]) -> list[str]:
    """Each text as espeak-ng's IPA. Raises ValueError for a voice it does not have."""
    # Set anew each time: that also forgets what the text before has left behind.
    if espeak.espeak_SetVoiceByName(voice.encode()) != 0:
        raise ValueError(f"espeak-ng has no voice {voice!r}")
    return [_read(espeak, text) for text in texts]


def _read(espeak: ctypes.CDLL, text: str) -> str:
    held = ctypes.create_string_buffer(text.encode())  # kept alive while espeak-ng walks through it
    rest = ctypes.c_void_p(ctypes.addressof(held))
    parts = []
    while rest.value:  # a clause at a time; at the end it becomes a null pointer
        parts.append(espeak.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, _IPA_TIED).decode())
    return " ".join(part for part in parts if part)


def _open() -> ctypes.CDLL:
    """The espeak-ng of the espeakng-loader wheel, also where the system has one: one version, one reading."""
    import espeakng_loader

    espeak = ctypes.CDLL(espeakng_loader.get_library_path())
    espeak.espeak_TextToPhonemes.restype = ctypes.c_char_p
    espeak.espeak_TextToPhonemes.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
    # espeak-ng keeps paths in 160 bytes, and on Windows it reads them in the system's own code page.
    os.chdir(Path(espeakng_loader.get_data_path()).parent)
    if espeak.espeak_Initialize(_RETRIEVAL, 0, b".", _DONT_EXIT) < 0:
        raise RuntimeError("espeak-ng did not find its data")
    return espeak
