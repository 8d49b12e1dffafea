"""SVOX Pico through the `py-nanotts` package: German, Spanish, French, Italian and English, 16 kHz.

Every utterance gets a process of its own, see `_pico_worker`; one costs about 50 ms and speaks over a hundred
times faster than real time.

Pace. A voice's speed is handed to Pico as it is. Words per minute of the sound alone over ten calm sentences
spoken one by one:

    speed    0.6  0.65  0.7  0.75  0.8  0.85  1.0  1.2
    de-DE    105  114   122  130   138  146   171  204
    en-GB    136  146   156  167   177  188   219  260
    en-US    131  142   152  162   172  183   212  251
    es-ES    106  114   122  131   141  148   175  207
    fr-FR    131  141   152  162   172  182   215  252
    it-IT    105  114   122  130   139  147   172  204

so lengths follow 1/speed within 4 %. Short words make the English and French figures.
"""

from __future__ import annotations

import base64
import importlib.util
import re
import sys
import unicodedata

from kindvoice.engines import _process
from kindvoice.engines._models import installed
from kindvoice.engines._process import check_ready, no_sound, patiently, wrong_setting
from kindvoice.engines._text import bare, tidy, without_capitals
from kindvoice.engines.base import Samples
from kindvoice.errors import did_you_mean
from kindvoice.model import Voice

PHONEMES = False

STAGE = 3
"""counts up whenever this file or its worker would give other samples"""
SPEEDS = (0.5, 2.0)
"""Pico itself goes from 0.2 to 5, far beyond what anyone understands"""
MODELS = ("de-DE", "en-GB", "en-US", "es-ES", "fr-FR", "it-IT")
MOST_CHARACTERS = 15_000
"""a quarter of an hour; tried without loss"""

_VOLUME_PERCENT = 30
"""level is proportional to it; at 50 German and Italian vowels reach full scale, and clip"""


# ---------------------------------------------------------------- the contract


def problem(voice: Voice) -> tuple[str, str] | None:
    """None when the package is here and the voice's settings make sense."""
    if importlib.util.find_spec("py_nanotts") is None:
        if sys.platform == "darwin":
            return (
                "SVOX Pico (py-nanotts) is not made for macOS",
                "choose another voice of this language, such as --voice system",
            )
        return "the package py-nanotts is not installed", "pip install py-nanotts"
    if voice.model not in MODELS:
        return (
            f"Pico has no voice {voice.model!r}",
            did_you_mean(voice.model, MODELS, f"its voices: {', '.join(MODELS)}"),
        )
    return wrong_setting("Pico", voice, SPEEDS)


def version(voice: Voice) -> str:
    """The package's version, and how often the handling of text here has changed."""
    return f"py-nanotts {installed('py-nanotts')}, stage {STAGE}"


def can_read(voice: Voice) -> frozenset[str] | None:
    """Latin letters only: Pico passes over all others in silence."""
    return frozenset({"LATIN"})


def speak(text: str, voice: Voice) -> tuple[Samples, int]:
    """One line to float32 samples, shape (n,), at 16 000 Hz, with peaks up to about 0.7.

    Up to 300 ms of silence before, 20 to 900 ms after. Raises VoiceError when the voice is not here, when the
    line gives no sound, or when Pico failed twice.
    """
    _process.check_length("Pico", text, MOST_CHARACTERS)
    check_ready(problem(voice))
    words = plain(text, voice.model)
    if not any(map(str.isalnum, words)):
        raise no_sound(voice.model)
    return patiently("Pico", lambda: _speak_once(words, voice))


def _speak_once(words: str, voice: Voice) -> tuple[Samples, int]:
    import numpy as np

    job = {"voice": voice.model, "text": marked(words, voice.speed)}
    answer = _process.ask(_command(), job, limit_s=_process.allowed_s(words))
    pcm = np.frombuffer(base64.b64decode(answer["samples"]), "<i2")
    samples = pcm.astype(np.float32) / np.float32(32_768)
    _process.check_sound(samples, answer["rate"], _process.least_s(words, voice.speed))
    return samples, answer["rate"]


def _command() -> list[str]:
    return _process.engine_command("pico")


# ---------------------------------------------------------------- the text


def marked(words: str, speed: float) -> str:
    """The words with Pico's marks for speed and level before them, which nothing closes.

    Pico looks ahead: a mark that closes takes effect before the last sound has been made.

    >>> marked("Rest.", 0.65)
    '<speed level="65"><volume level="30">Rest.'
    """
    return f'<speed level="{round(speed * 100)}"><volume level="{_VOLUME_PERCENT}">{words}'


_LAST_DOT = re.compile(r"(?<=\w)\.$")
_PLAIN_SIGNS = frozenset(" .,;:!?'-()%&$€£¥§°+=/@½¼¾²³×÷ªº")


def plain(text: str, model: str) -> str:
    """The text as Pico's voice for a language reads it best, holding nothing that it would obey.

    Pico obeys everything between < and >, ends a text at a zero byte, breaks a word in two at any letter
    beyond Latin-1 (and œ, š, ž), and names the signs that it knows no reading for. Marks that it cannot take
    are taken off their letters. A word that ends the text it may take for a short one with its dot: "auf diese
    Art." is said with "Artikel", "un vol." with "volume"; a German figure for an ordinal: "Zimmer 101." A space
    before the dot changes nothing else.

    >>> plain("<speed level='300'>mettā, karuṇā…", "en-GB")
    'speed level=300 metta, karuna .'
    """
    text = without_capitals(tidy(text, model), model)
    if model.startswith("en"):
        text = text.replace("&", " and ")  # where Pico says "ampersand"
    return _LAST_DOT.sub(" .", " ".join("".join(_readable(c, model) for c in text).split()))


def _readable(character: str, model: str) -> str:
    if character.isascii() and (character.isalnum() or character in _PLAIN_SIGNS):
        return character
    if unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return ""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if not character.isalpha():
        return character if character in _PLAIN_SIGNS else " "
    if character <= "ÿ" or character in "šŠžŽ" or (character in "œŒ" and model != "de-DE"):
        return character
    base = bare(character)
    return base if base != character and all(c <= "ÿ" for c in base) else " "
