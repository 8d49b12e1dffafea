"""Neural English from the `hibari` package: 24 kHz, over a hundred times faster than real time on one core.

The voice "heart" lies inside hibari's wheel. hibari would fetch its other voices over the network, and
kindvoice never does, so the path of the model is always looked up here and handed to it.

Measured on two cores, Python 3.11: the samples are the same bit for bit in another process and when
several threads speak at once, so only the loading of a model is locked.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import re
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kindvoice.engines._kokoro_phonemes import own_symbols
from kindvoice.engines._models import installed, package_folder
from kindvoice.engines._process import check_ready, no_sound, wrong_setting
from kindvoice.engines._text import keeping_sounds
from kindvoice.engines.base import Samples
from kindvoice.errors import VoiceError, did_you_mean
from kindvoice.model import Voice

if TYPE_CHECKING:
    from hibari import Hibari

PHONEMES = True

STAGE = 2
"""counts up whenever this file would give other samples"""
SPEEDS = (0.5, 2.0)
"""what hibari's authors trained for"""

_loaded: dict[Path, Hibari] = {}
_loading = threading.Lock()


def problem(voice: Voice) -> tuple[str, str] | None:
    """None when the voice's model is on this computer and its settings make sense."""
    if importlib.util.find_spec("hibari") is None:
        return "the package hibari-tts is not installed", "pip install hibari-tts"
    if wrong := wrong_setting("hibari", voice, SPEEDS):
        return wrong
    voices = _voices()
    if voice.model not in voices:
        return (
            f"hibari has no voice {voice.model!r}",
            did_you_mean(voice.model, voices, f"its voices: {', '.join(voices)}"),
        )
    path, known = _model_path(voice.model), voices[voice.model]
    if not path.is_file():
        return (
            f"the model of hibari's voice {voice.model!r} is not on this computer",
            f"put {known['file']} into {path.parent}; kindvoice itself never goes online",
        )
    if path.stat().st_size != known["bytes"]:
        return (
            f"the model of hibari's voice {voice.model!r} is incomplete or another edition: {path}",
            f"replace it by the file of {known['bytes']} bytes that hibari lists",
        )
    return None


def version(voice: Voice) -> str:
    """hibari's version and its runtime's, and how often the handling of text here has changed."""
    return f"hibari-tts {installed('hibari-tts')}, onnxruntime {installed('onnxruntime')}, stage {STAGE}"


def can_read(voice: Voice) -> frozenset[str] | None:
    """Latin letters only: another script comes out as gibberish, without an error."""
    return frozenset({"LATIN"})


def speak(text: str, voice: Voice) -> tuple[Samples, int]:
    """One line to float32 samples, shape (n,), at 24 000 Hz; about 0.3 s of silence before, 0.4 s after.

    Every sentence in `text` has these silences. Peaks lie between 0.3 and 0.5, the same line gives the same
    samples. Raises VoiceError when the voice is not here or when the line gives no sound.
    """
    import numpy as np

    tts = _load(voice)
    try:
        sentences = [
            phonemes for phonemes in tts.phonemize(readable(text)) if any(map(str.isalpha, phonemes))
        ]
    except (LookupError, ValueError) as fault:
        # hibari's number reader has names for numbers of up to 36 digits and looks no further.
        raise VoiceError("hibari cannot read this line", cure="write very large numbers in words") from fault
    if not sentences:
        # hibari would murmur a sentence that is nothing but punctuation.
        raise no_sound(voice.language)
    noise = np.random.default_rng(0)
    # With nothing before it the first sound comes in slowly: "Or not today" was heard as "War" 14 times of 18.
    parts = [tts.from_ids(tts.ids(f" {phonemes}"), voice.speed, noise) for phonemes in sentences]
    return np.concatenate(parts, dtype=np.float32), int(tts.sample_rate)


# ---------------------------------------------------------------- the model


@functools.cache
def _voices() -> dict[str, dict[str, Any]]:
    """hibari's own list, from its file: its package would load scipy, which takes longer than a finished render."""
    return dict(json.loads((_assets() / "voices.json").read_text(encoding="utf-8")))


def _assets() -> Path:
    folder = package_folder("hibari")
    assert folder, "hibari is installed"
    return folder / "assets"


def _model_path(name: str) -> Path:
    """Where the voice's model is, or would be."""
    known = _voices()[name]
    if known.get("bundled"):
        return _assets() / str(known["file"])
    from hibari.voices import cache_dir

    return Path(cache_dir()) / str(known["file"])


def _load(voice: Voice) -> Hibari:
    """The voice's model, kept for as long as the process lives."""
    check_ready(problem(voice))
    path = _model_path(voice.model)
    with _loading:
        if path not in _loaded:
            from hibari import Hibari

            from kindvoice.engines._english import reader

            with ThreadPoolExecutor(1) as aside:
                reading = aside.submit(reader, _voices()[voice.model]["british"])
                model = Hibari(
                    voice=voice.model, model=str(path), threads=1,
                    g2p=lambda sentence: reading.result()(sentence),
                )  # fmt: skip
            reading.result()
            _loaded[path] = model
        return _loaded[path]


# ---------------------------------------------------------------- the text

_READ_ALOUD_RIGHT = frozenset("ÀÁÂÃÄÅÆÇÈÉÊÌÍÎÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêìíîðñòóôõöøùúûüýþŒœŠšŽžČčŁłĐđıŞş")
_CHANGED = str.maketrans({**dict.fromkeys('[]{}"“”„‟«»', " "), "ʻ": "’", "ʼ": "’"})
_DOTS = re.compile(r"\s*(?:…|\.(?=\s*[.…]))(?:\s*[.…])*")
_DASHES = re.compile(r"(?<!\d)\s-\s|\s-\s(?!\d)|\s*-{2,}\s*")  # but "3 - 5 minutes" is a range
_LEADING = re.compile(r"^([\"'“‘«(]*)(?:[\s,;:!?…—–]|-(?!\d)|\.(?!\d))+")
_SPACES = re.compile(r"\s+")
_QUOTED = re.compile(r"(?<!\w)['‘](\S|\S[^'‘’]*\S)['’](?!\w)")


def readable(text: str) -> str:
    """The plain text, with the IPA in it as hibari obeys it.

    >>> readable("[May] \ue000ˈmɛtə\ue001 grow.")
    'May [x](/ˈmɛtə/) grow.'
    """
    return keeping_sounds(text, plain, lambda ipa: f"[x](/{own_symbols(ipa, 'en')}/)")


def plain(text: str) -> str:
    """The text as hibari reads it best, holding nothing that it would obey.

    Brackets go, for hibari obeys `[word](/phonemes/)`. Marks that its word reader stumbles over are taken
    off their letters; those it reads well stay. Invisible characters go. Dots in a row become one
    ellipsis and a spaced or doubled hyphen becomes a dash, because hibari pauses at those. A line never
    begins with a pause, which hibari would murmur. Quotation marks go: hibari takes most for a part of the word
    beside them, which it then does not know.

    >>> plain("[bell](/x/) mettā, karuṇā… café -- naïve")
    'bell (/x/) metta, karuna… café — naive'
    """
    text = "".join(_fold(c) for c in unicodedata.normalize("NFC", text))
    text = _QUOTED.sub(r"\1", _SPACES.sub(" ", text.translate(_CHANGED)).strip())
    return _LEADING.sub(r"\1", _DASHES.sub(" — ", _DOTS.sub("…", text)))


def _fold(character: str) -> str:
    """A composed character without the marks that hibari cannot take."""
    if character.isascii() and character.isprintable():
        return character
    category = unicodedata.category(character)
    if category == "Cc":
        return " "
    if category in ("Cf", "Mn", "Me"):
        return ""
    if category[0] != "L" or character in _READ_ALOUD_RIGHT:
        return character
    base = unicodedata.normalize("NFD", character)
    return "".join(c for c in base if not unicodedata.combining(c))
