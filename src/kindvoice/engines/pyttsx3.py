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

import contextlib
import hashlib
import importlib.util
import json
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import threading
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from kindvoice.engines.base import Samples
from kindvoice.errors import VoiceError, nearest
from kindvoice.model import Voice

PARALLEL = 0

STAGE = 1
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
_FASTEST_LETTERS_PER_S = 25
"""at speed 1; 18 languages of espeak-ng need 2 to 7 times as long, so a shorter sound has lost words"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemVoice:
    """A voice of this computer."""

    id: str
    """what the system calls it: gmw/en-us, a registry path, com.apple.voice.compact.en-GB.Daniel"""
    name: str
    """what its users call it"""
    languages: tuple[str, ...]
    """BCP 47"""


# ---------------------------------------------------------------- the contract


def problem(voice: Voice) -> tuple[str, str] | None:
    """None when the system has the voice and its settings make sense."""
    if importlib.util.find_spec("pyttsx3") is None:
        return "the package pyttsx3 is not installed", "pip install pyttsx3"
    if not SPEEDS[0] <= voice.speed <= SPEEDS[1]:
        return (
            f"a system voice cannot speak at speed {voice.speed:g}",
            f"set a speed from {SPEEDS[0]:g} to {SPEEDS[1]:g}",
        )
    if voice.options:
        return f"pyttsx3 has no option {voice.options[0][0]!r}", "take it out of the voice's file"
    try:
        choose(system_voices(), voice.model, voice.language)
    except VoiceError as fault:
        return fault.what, fault.cure
    return None


@cache
def version() -> str:
    """pyttsx3's version, that of what really speaks, and how often the handling here has changed.

    Outside Linux a new voice may become the best of its language, so the list of voices counts too.
    Raises VoiceError where that list cannot be had.
    """
    if _espeak():
        speaker = f"espeakng-loader {_installed('espeakng-loader')}"
    else:
        ids = "\n".join(sorted(voice.id for voice in system_voices()))
        speaker = f"{platform.platform()}, voices {hashlib.sha256(ids.encode()).hexdigest()[:12]}"
    return f"pyttsx3 {_installed('pyttsx3')}, {speaker}, stage {STAGE}"


def can_read(voice: Voice) -> frozenset[str] | None:
    """The scripts of the voice's language, or None where that is not known.

    Latin is among them everywhere but in Japanese: espeak-ng's voices read Latin words as English, while
    its Japanese voice spells them and says "Chinese letter" for every kanji.
    """
    language = _parts(voice.language)[0]
    if language == "ja" and _espeak():
        return frozenset({"HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"})
    scripts = next((names for names, languages in _SCRIPTS.items() if language in languages.split()), None)
    return frozenset(scripts.split()) if scripts else None


def speak(text: str, voice: Voice) -> tuple[Samples, int]:
    """One line to float32 samples, shape (n,), full scale 1, and their rate (22 050 Hz from espeak-ng).

    Nothing is trimmed: espeak-ng starts within 10 ms, mid-wave, and ends with up to 350 ms of silence.
    Raises VoiceError when the voice is unknown, or when the system failed twice.
    """
    if len(text) > MOST_CHARACTERS:
        raise VoiceError(
            f"{len(text)} characters are too many for a system voice at once",
            cure=f"split the text; {MOST_CHARACTERS} is the most",
        )
    if found := problem(voice):
        raise VoiceError(found[0], cure=found[1])
    chosen = choose(system_voices(), voice.model, voice.language)
    try:
        return _speak_once(text, voice, chosen.id)
    except _Failed:
        pass  # a hang or a crash seldom comes twice
    try:
        return _speak_once(text, voice, chosen.id)
    except _Failed as fault:
        raise VoiceError(
            f"the system voice {chosen.name!r} failed twice on {_short(text)}: {fault}",
            cure="change the line a little, choose another voice, or record a take of it",
        ) from fault


def _espeak() -> bool:
    return sys.platform not in ("darwin", "win32")


def _installed(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "missing"


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


# ---------------------------------------------------------------- one utterance


class _Failed(Exception):
    """One process did not bring what it was asked for. The message says why."""


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
            _ask(job, limit_s=allowed_s(text))
            return read_whole(path, text, voice.speed)
    except OSError as fault:
        raise _Failed(str(fault)) from fault


def rate_number(speed: float) -> int:
    """What pyttsx3's `rate` must be for a voice's speed.

    The figures are in this module's docstring.
    """
    words = _WORDS_PER_MINUTE * speed
    return max(_ESPEAK_SLOWEST, round(words * _ESPEAK_RATE_PER_WORD)) if _espeak() else round(words)


def allowed_s(text: str) -> float:
    """How long one utterance may take, in seconds; half a minute allows for a cold, busy machine."""
    return 30 + 0.02 * len(text)


def plain(text: str, language: str) -> str:
    """The text without what a system's engine would obey, or spell out, instead of reading.

    NSSpeechSynthesizer obeys [[rate 50]], SAPI5 takes a text that begins with < for XML, and espeak-ng has
    commands that begin with a control character. All of these read as spaces. espeak-ng reads Latin letters
    with one mark, but spells those of the Latin Extended Additional block, such as the dotted ones of
    Sanskrit and Pali, in all languages that do not use them; they lose their marks.

    >>> plain("[[hello]] <break/> karuṇā", "en")
    'hello break/ karunā'
    """
    text = unicodedata.normalize("NFC", text)
    if _parts(language)[0] not in _DOUBLY_MARKED:
        text = re.sub("[\u1e00-\u1eff]", lambda m: unicodedata.normalize("NFD", m[0])[0], text)
    return " ".join(re.sub(r"[\[\]<>\x00-\x1f\x7f]", " ", text).split())


_DOUBLY_MARKED = frozenset({"cy", "ga", "lv", "vi"})


def read_whole(path: Path, text: str, speed: float) -> tuple[Samples, int]:
    """The sound in a file, if all of it is there: mono float32, shape (n,), and its rate.

    Raises _Failed for a file that is missing, cut off, unreadable, empty, silent, or shorter than
    anyone could speak `text`.
    """
    import soundfile

    if not path.is_file():
        raise _Failed("it wrote no sound file")
    with path.open("rb") as file:
        head = file.read(8)
    promised = int.from_bytes(head[4:], "little" if head[:4] == b"RIFF" else "big") + 8
    if path.stat().st_size < promised:
        raise _Failed(f"its sound file is cut off: {path.stat().st_size} of {promised} bytes")
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as fault:
        raise _Failed(f"its sound file cannot be read: {fault}") from fault
    mono = np.ascontiguousarray(samples.mean(axis=1, dtype=np.float32))
    if not mono.any():
        raise _Failed("it gave no sound")
    if mono.size / rate < least_s(text, speed):
        raise _Failed(f"it broke off after {mono.size / rate:.1f} s")
    return mono, int(rate)


def least_s(text: str, speed: float) -> float:
    """Seconds that speaking `text` cannot fall short of; a sign that says a syllable counts as three."""
    letters = sum(3 if "\u3040" <= c <= "\ud7ff" else 1 for c in text if c.isalnum())
    return letters / (_FASTEST_LETTERS_PER_S * speed)


# ---------------------------------------------------------------- one process


def _command() -> list[str]:
    """By path, and with -P: neither kindvoice nor the folder we are in may shadow a module."""
    return [sys.executable, "-P", str(Path(__file__).with_name("_pyttsx3_worker.py"))]


def _ask(job: dict[str, Any], *, limit_s: float) -> dict[str, Any]:
    """Give a fresh process one job and return its answer; no process outlives this call."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        _command(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=os.name == "posix",
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    ) as child:
        try:
            out, err = child.communicate(json.dumps({**job, "limit_s": limit_s}).encode(), timeout=limit_s)
        except subprocess.TimeoutExpired as fault:
            raise _Failed(f"it did not finish within {limit_s:g} s") from fault
        finally:
            _end(child)
    if child.returncode == 0 and out.strip():
        answer: dict[str, Any] = json.loads(out.splitlines()[-1])
        return answer
    last_words = err.decode("utf-8", "replace").strip().splitlines()[-1:]
    raise _Failed(last_words[0] if last_words else f"it ended with code {child.returncode}")


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill the process and all that it started, unless it has ended by itself."""
    if child.poll() is not None:
        return
    if sys.platform == "win32":
        child.kill()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # it ended just now
            os.killpg(child.pid, signal.SIGKILL)
    child.wait()


# ---------------------------------------------------------------- which voice

_listing = threading.Lock()


def system_voices() -> tuple[SystemVoice, ...]:
    """All voices of this computer, asked for once per process. Raises VoiceError if they cannot be had."""
    with _listing:
        return _system_voices()


@cache
def _system_voices() -> tuple[SystemVoice, ...]:
    try:
        answer = _ask({"do": "voices"}, limit_s=60)
    except (_Failed, OSError) as fault:
        raise VoiceError(
            f"the voices of this system cannot be listed: {fault}",
            cure="see whether the system's own speech settings can say something",
        ) from fault
    return tuple(
        SystemVoice(id=v["id"], name=v["name"], languages=tuple(v["languages"])) for v in answer["voices"]
    )


def choose(voices: Iterable[SystemVoice], model: str, language: str) -> SystemVoice:
    """The voice that `model` names, by id or name in any case, or the best for the language if it is "".

    Raises VoiceError when there is none; the cure names the nearest.
    """
    voices = tuple(voices)
    if model:
        wanted = model.casefold()
        named = [v for v in voices if wanted in {name.casefold() for name in _names(v)}]
        if not named:
            hint = nearest(model, (name for v in voices for name in _names(v)))
            cure = f"did you mean {hint!r}?" if hint else f"leave the model empty for any voice of {language}"
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
    found = (_distance(_parts(wanted), _parts(tag)) for tag in offered)
    return min((far for far in found if far is not None), default=None)


def _distance(wanted: _Parts, offered: _Parts) -> int | None:
    language, script, region, variant = offered
    if language != wanted[0]:
        return None
    if offered == wanted:
        return 0
    if variant or script not in ("", wanted[1]):
        return 9  # a dialect, or a writing, that nobody asked for
    if region == wanted[2]:
        return 1
    if region and region == _NEAR_REGIONS.get(f"{language}-{wanted[2]}"):
        return 2
    if not region:
        return 3
    return 4 if region == _HOME_REGIONS.get(language, language) else 5


_Parts = tuple[str, str, str, str]


def _parts(tag: str) -> _Parts:
    """Language, script, region and the rest of a BCP 47 tag, in small letters, one name per language."""
    language, *rest = tag.lower().replace("_", "-").split("-")
    script = next((x for x in rest[:1] if re.fullmatch("[a-z]{4}", x)), "")
    region = next((x for x in rest[:2] if re.fullmatch(r"[a-z]{2}|\d{3}", x)), "")
    variant = "-".join(x for x in rest if x not in (script, region))
    language, _, usual_region = _SAME.get(language, language).partition("-")
    if language == "zh" and script == "hant":
        usual_region = "tw"
    return language, script, region or usual_region, variant


_SAME = {
    "cmn": "zh-cn", "yue": "zh-hk", "no": "nb", "nn": "nb", "iw": "he", "tl": "fil", "sh": "sr", "arb": "ar",
}  # fmt: skip
_HOME_REGIONS = {
    "en": "us", "pt": "br", "zh": "cn", "ar": "sa", "cs": "cz", "da": "dk", "el": "gr", "et": "ee",
    "fa": "ir", "he": "il", "hi": "in", "ja": "jp", "ko": "kr", "nb": "no", "sv": "se", "uk": "ua",
}  # fmt: skip
_NEAR_REGIONS = {
    **dict.fromkeys((f"en-{r}" for r in ("au", "hk", "ie", "in", "mt", "my", "nz", "sg", "za")), "gb"),
    **dict.fromkeys((f"es-{r}" for r in ("ar", "bo", "cl", "co", "cr", "cu", "do", "ec", "gt", "hn")), "419"),
    **dict.fromkeys((f"es-{r}" for r in ("mx", "ni", "pa", "pe", "pr", "py", "sv", "us", "uy", "ve")), "419"),
    "de-li": "ch", "zh-mo": "hk", "zh-sg": "cn",
}  # fmt: skip

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

_SCRIPTS = {
    "LATIN": "af an az bs ca cs cy da de en eo es et eu fi fil fo fr ga gd gl haw hr ht hu ia id is it la lb "
    "lt lv mi ms mt nb nl om pap pl pt qu ro sk sl sq sv sw tk tn tr vi",
    "CYRILLIC LATIN": "ba be bg cv kk ky mk ru sr tt uk uz",
    "GREEK LATIN": "el",
    # Unicode calls the script Han and its letters CJK; the sound mark of both kana has a name of its own.
    "HAN CJK LATIN": "zh",
    "HAN CJK HIRAGANA KATAKANA KATAKANA-HIRAGANA LATIN": "ja",
    "HANGUL LATIN": "ko",
    "ARABIC LATIN": "ar fa ur",
    "HEBREW LATIN": "he",
    "DEVANAGARI LATIN": "hi mr ne kok",
    "BENGALI LATIN": "as bn", "GUJARATI LATIN": "gu", "GURMUKHI LATIN": "pa", "TAMIL LATIN": "ta",
    "TELUGU LATIN": "te", "KANNADA LATIN": "kn", "MALAYALAM LATIN": "ml", "SINHALA LATIN": "si",
    "THAI LATIN": "th", "GEORGIAN LATIN": "ka", "ARMENIAN LATIN": "hy", "ETHIOPIC LATIN": "am ti",
}  # fmt: skip
