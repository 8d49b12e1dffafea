"""The system's own voices through pyttsx3: SAPI5, NSSpeechSynthesizer, and espeak-ng on Linux.

Every utterance gets a process, a time limit and a check of the file that comes back, for pyttsx3 can hang,
crash, lose the end of a text or write nothing and report success. A failed utterance is tried once more.
A fresh process is also what makes espeak-ng say the same line with the same samples.

On Linux the espeak-ng is always the one of the espeakng-loader wheel; see `_pyttsx3_worker._bring_espeak`.

Pace. A voice's speed 1 stands for 150 real words per minute. espeak-ng's rate is not words per minute: over
ten calm sentences spoken one by one (voice en-us, silence cut off) the rates 90, 100, 120, 150 and 200 gave
120, 133, 160, 201 and 267, so words per minute = 4/3 of the rate; single sentences lie from 0.75 to 1.2
times that. All rates up to 84 sound alike, at 112 words per minute, so a voice's speed of 0.7 comes out as
0.75. SAPI5 and NSSpeechSynthesizer state words per minute, and are taken at their word.
"""

from __future__ import annotations

import hashlib
import importlib.util
import platform
import re
import sys
import tempfile
import threading
import unicodedata
from functools import cache
from pathlib import Path

from kindvoice.engines import _process
from kindvoice.engines._languages import parts, scripts_of
from kindvoice.engines._models import installed
from kindvoice.engines._process import Failed, allowed_s, check_length, check_ready, patiently, wrong_setting
from kindvoice.engines._system_voices import SystemVoice, choose
from kindvoice.engines._text import undotted
from kindvoice.engines.base import Samples
from kindvoice.errors import VoiceError
from kindvoice.model import Voice

PHONEMES = False

STAGE = 2
"""counts up whenever this file or its worker would give other samples"""
SPEEDS = (0.5, 2.0) if sys.platform in ("darwin", "win32") else (0.7, 2.0)
"""espeak-ng goes no slower than 0.75; to ask for much less would be ignored in silence"""
MOST_CHARACTERS = 15_000
"""pyttsx3 crashes a little above 20 000"""

_WORDS_PER_MINUTE = 150
_ESPEAK_RATE_PER_WORD = 0.75
_ESPEAK_SLOWEST = 84
_VOLUME = 1.0 if sys.platform in ("darwin", "win32") else 0.7
"""at 1 espeak-ng reaches full scale in some languages, and clips"""


# ---------------------------------------------------------------- the contract


def problem(voice: Voice) -> tuple[str, str] | None:
    """None when the system has the voice and its settings make sense."""
    if importlib.util.find_spec("pyttsx3") is None:
        return "the package pyttsx3 is not installed", "pip install pyttsx3"
    if wrong := wrong_setting("a system voice", voice, SPEEDS):
        return wrong
    try:
        choose(system_voices(), voice.model, voice.language)
    except VoiceError as fault:
        return fault.what, fault.cure
    return None


def version(voice: Voice) -> str:
    """pyttsx3's version, that of what really speaks, and how often the handling here has changed.

    Outside Linux a new voice may become the best of its language, so the list of voices counts too.
    Raises VoiceError where that list cannot be had.
    """
    return _version()


@cache
def _version() -> str:
    if _espeak():
        speaker = f"espeakng-loader {installed('espeakng-loader')}"
    else:
        ids = "\n".join(sorted(voice.id for voice in system_voices()))
        speaker = f"{platform.platform()}, voices {hashlib.sha256(ids.encode()).hexdigest()[:12]}"
    return f"pyttsx3 {installed('pyttsx3')}, {speaker}, stage {STAGE}"


def can_read(voice: Voice) -> frozenset[str] | None:
    """The scripts of the voice's language, or None where that is not known.

    Latin is among them everywhere but in Japanese: espeak-ng's voices read Latin words as English, while
    its Japanese voice spells them and says "Chinese letter" for every kanji.
    """
    if _espeak() and parts(voice.language)[0] == "ja":
        return frozenset({"HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"})
    return scripts_of(voice.language)


def speak(text: str, voice: Voice) -> tuple[Samples, int]:
    """One line to float32 samples, shape (n,), full scale 1, and their rate (22 050 Hz from espeak-ng).

    Nothing is trimmed: espeak-ng starts within 10 ms, mid-wave, and ends with up to 350 ms of silence.
    Raises VoiceError when the voice is unknown, or when the system failed twice.
    """
    check_length("a system voice", text, MOST_CHARACTERS)
    check_ready(problem(voice))
    chosen = choose(system_voices(), voice.model, voice.language)
    return patiently(f"the system voice {chosen.name!r}", lambda: _speak_once(text, voice, chosen.id))


def _espeak() -> bool:
    return sys.platform not in ("darwin", "win32")


# ---------------------------------------------------------------- one utterance


def _speak_once(text: str, voice: Voice, system_id: str) -> tuple[Samples, int]:
    try:
        with tempfile.TemporaryDirectory(prefix="kindvoice-") as folder:
            path = Path(folder) / ("speech.aiff" if sys.platform == "darwin" else "speech.wav")
            job = {
                "do": "speak",
                "text": plain(text, voice.language),
                "voice": system_id,
                "rate": rate_number(voice.speed),
                "volume": _VOLUME,
                "path": str(path),
            }
            _process.ask(_command(), job, limit_s=allowed_s(text))
            return read_whole(path, text, voice.speed)
    except OSError as fault:
        raise Failed(str(fault)) from fault


def rate_number(speed: float) -> int:
    """What pyttsx3's `rate` must be for a voice's speed.

    The figures are in this module's docstring.
    """
    words = _WORDS_PER_MINUTE * speed
    return max(_ESPEAK_SLOWEST, round(words * _ESPEAK_RATE_PER_WORD)) if _espeak() else round(words)


def plain(text: str, language: str) -> str:
    """The text without what a system's engine would obey, or spell out, instead of reading.

    NSSpeechSynthesizer obeys [[rate 50]], SAPI5 takes a text that begins with < for XML, and espeak-ng has
    commands that begin with a control character. All of these read as spaces.

    >>> plain("[[hello]] <break/> karuṇā", "en")
    'hello break/ karunā'
    """
    text = undotted(unicodedata.normalize("NFC", text), language)
    return " ".join(re.sub(r"[\[\]<>\x00-\x1f\x7f]", " ", text).split())


def read_whole(path: Path, text: str, speed: float) -> tuple[Samples, int]:
    """The sound in a file, if all of it is there: mono float32, shape (n,), and its rate.

    Raises Failed for a file that is missing, cut off, unreadable, empty, silent, or shorter than anyone
    could speak `text`.
    """
    import numpy as np
    import soundfile

    if not path.is_file():
        raise Failed("it wrote no sound file")
    with path.open("rb") as file:
        head = file.read(8)
    promised = int.from_bytes(head[4:], "little" if head[:4] == b"RIFF" else "big") + 8
    if path.stat().st_size < promised:
        raise Failed(f"its sound file is cut off: {path.stat().st_size} of {promised} bytes")
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as fault:
        raise Failed(f"its sound file cannot be read: {fault}") from fault
    mono = np.ascontiguousarray(samples.mean(axis=1, dtype=np.float32))
    _process.check_sound(mono, rate, _process.least_s(text, speed))
    return mono, int(rate)


def _command() -> list[str]:
    return _process.engine_command("pyttsx3")


# ---------------------------------------------------------------- the system's voices

_listing = threading.Lock()


def system_voices() -> tuple[SystemVoice, ...]:
    """All voices of this computer, asked for once per process. Raises VoiceError if they cannot be had."""
    with _listing:
        return _system_voices()


@cache
def _system_voices() -> tuple[SystemVoice, ...]:
    try:
        answer = _process.ask(_command(), {"do": "voices"}, limit_s=60)
    except (Failed, OSError) as fault:
        raise VoiceError(
            f"the voices of this system cannot be listed: {fault}",
            cure="see whether the system's own speech settings can say something",
        ) from fault
    return tuple(
        SystemVoice(id=v["id"], name=v["name"], languages=tuple(v["languages"])) for v in answer["voices"]
    )
