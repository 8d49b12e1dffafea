"""Kokoro-82M: neural voices for English, Spanish, French, Italian, Portuguese, Japanese and Chinese, 24 kHz.

Other languages are spoken by a voice that is borrowed from one of these, with an accent. English
is read by the reader inside the hibari-tts package, which follows the one Kokoro was trained with, Japanese and Chinese
by those in `_kokoro_asian`; all others by espeak-ng, which is GPL and works in a process of its own. The symbols are in
`_kokoro_phonemes`, the files in `_kokoro_files`.

Pace and cost. Between 1 and 3 times as fast as real time on one core, 1.0 GB with two lines at once. Words per
minute of the sound alone over eight calm sentences: af_heart 138 at speed 0.62; ef_dora 138 at 0.7; ff_siwis 133 at
0.65, 152 at 0.75; im_nicola 131 at 0.75; pf_dora 124 at 0.62, 152 at 0.75; jm_kumo in Spanish 131 at 0.8, in German
140 at 0.85. Below the slowest of these more and more words are mistaken.

The samples are the same bit for bit in another process and when several threads speak at once; on a computer
with another kind of processor they may differ a little, for the model calculates in 8 bits.
"""

from __future__ import annotations

import importlib.util
import re
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kindvoice.engines import _kokoro_asian as asian
from kindvoice.engines import _kokoro_files as files
from kindvoice.engines import _process
from kindvoice.engines._kokoro_phonemes import join, own_symbols, pieces, plain, split, symbols, tokens
from kindvoice.engines._languages import facts, near_region, parts, scripts_of
from kindvoice.engines._models import cores, installed
from kindvoice.engines._process import check_ready, no_sound, patiently, wrong_setting
from kindvoice.engines._text import keeping_sounds
from kindvoice.engines.base import Samples
from kindvoice.errors import VoiceError, nearest
from kindvoice.model import SOUNDS_CLOSE, SOUNDS_OPEN, Voice
from kindvoice.paths import typed

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

PHONEMES = True

STAGE = 2
"""counts up whenever this file or one of its helpers would give other samples"""
SPEEDS = (0.5, 2.0)
RATE = 24_000

_EXTRA = 'pip install "kindvoice[kokoro]"'
_ASIAN_EXTRA = 'pip install "kindvoice[asian]"'
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_loading = threading.Lock()
_at_once = threading.BoundedSemaphore(min(4, cores()))
"""lines at once: beyond that, memory counts more than time"""


# ---------------------------------------------------------------- the contract


def problem(voice: Voice) -> tuple[str, str] | None:
    """None when the packages, the model and the voice's file are here and its settings make sense."""
    if importlib.util.find_spec("onnxruntime") is None:
        return "the package onnxruntime is not installed", _EXTRA
    code = parts(voice.language)[0]
    if code in asian.PACKAGES:
        if package := asian.missing_package(code):
            return f"what reads {voice.language} for Kokoro is not installed: {package}", _ASIAN_EXTRA
    else:
        if code != "en" and espeak_voice(voice.language) is None:
            return f"Kokoro does not read {voice.language} here", "choose another voice for this language"
        reader = "hibari" if code == "en" else "espeakng_loader"
        if importlib.util.find_spec(reader) is None:
            return f"what reads {voice.language} for Kokoro is not installed: {reader}", _EXTRA
    if wrong := wrong_setting("Kokoro", voice, SPEEDS):
        return wrong
    if not _NAME.fullmatch(voice.model):
        return f"{voice.model!r} is no name of a Kokoro voice", "write `model` as in af_heart or ef_dora"
    if what := files.missing(voice.model):
        there = sorted(path.stem for path in files.folder().glob("voices/*.bin"))
        hint = nearest(voice.model, there)
        install = typed("voices", "install", voice.name)
        return what, f"did you mean {hint!r}? Or: {install}" if hint and hint != voice.model else install
    return None


def version(voice: Voice) -> str:
    """The model and the voice, the runtime, what reads text, and how often the handling here has changed."""
    packages = ("onnxruntime", "hibari-tts", "espeakng-loader")
    held = f"kokoro {files.MODEL_SHA256[:8]}, {voice.model} {files.style_digest(voice.model)}"
    return f"{held}, {', '.join(f'{p} {installed(p)}' for p in packages)}, stage {STAGE}"


def can_read(voice: Voice) -> frozenset[str] | None:
    """The scripts of the voice's language: espeak-ng names the letters of any other one by one."""
    return frozenset({"LATIN"}) if parts(voice.language)[0] == "en" else scripts_of(voice.language)


def speak(text: str, voice: Voice) -> tuple[Samples, int]:
    """One line to float32 samples, shape (n,), at 24 000 Hz; about 0.3 s of silence before, 0.45 s after.

    The model's own level is halved: its loudest voices reach 1.4. A line of more than 510 symbols, about as many
    characters, is spoken in parts. Raises VoiceError when something is missing, or the line gives no sound.
    """
    import numpy as np

    check_ready(problem(voice))
    lines = split(_read(text, voice))
    if not any(symbol.isalpha() for line in lines for symbol in line):
        raise no_sound(voice.language)
    session, styles = _session(), _styles(voice.model, files.folder())
    spoken = [_speak_once(session, styles, tokens(line), voice.speed) for line in lines]
    samples = np.concatenate(spoken, dtype=np.float32) * np.float32(0.5)
    if not samples.size or not np.isfinite(samples).all():
        raise VoiceError("Kokoro gave damaged sound for this line", cure="change the line a little")
    return samples, RATE


# ---------------------------------------------------------------- one utterance


def _read(text: str, voice: Voice) -> str:
    try:
        return patiently("espeak-ng", lambda: read(text, voice.language), doing="to read")
    except ValueError as fault:
        raise VoiceError(f"Kokoro cannot read this line: {fault}", cure="write it in words") from fault


def _speak_once(session: InferenceSession, styles: files.Styles, numbers: list[int], speed: float) -> Samples:
    """At most 510 symbols to sound. A line's style depends on its length, as Kokoro was trained."""
    import numpy as np

    inputs = {
        "tokens": np.array([[0, *numbers, 0]], np.int64),
        "style": styles[len(numbers) - 1][None],
        "speed": np.array([speed], np.float32),
    }
    with _at_once:
        return np.asarray(session.run(None, inputs)[0], np.float32).ravel()


def _session() -> InferenceSession:
    with _loading:
        return _load_session()


@cache
def _load_session() -> InferenceSession:
    """The model, kept for as long as the process lives; lines in other threads share it."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    path = files.model()
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as fault:  # onnxruntime's own errors have nothing else in common
        raise VoiceError(
            f"Kokoro's model cannot be loaded: {fault}",
            cure=f"delete {path} and install the voice anew",
        ) from fault


@cache
def _styles(name: str, folder: Path) -> files.Styles:
    """A voice, read once from a folder of models."""
    return files.styles(name)


# ---------------------------------------------------------------- how a line is read

_LIMIT_S = 30
_JOBS_PER_PROCESS = 10_000

_ESPEAK = {tag: tag for tag in facts("espeak")["same"].split()} | {"pt": "pt-br", "pt-pt": "pt"}
"""a BCP 47 tag, language alone or with a region, and what espeak-ng calls it"""
_AMERICAN = frozenset({"", "us", "ca", "ph"})
"""regions whose English Kokoro calls American; all others it reads the British way"""


def espeak_voice(language: str) -> str | None:
    """What espeak-ng calls a language, None where it is not the one to read it.

    >>> [espeak_voice(tag) for tag in ("es-MX", "pt", "fr-CH", "de-AT", "en", "ja")]
    ['es-419', 'pt-br', 'fr-ch', 'de', None, None]
    """
    code, _, region, _ = parts(language)
    region = near_region(code, region) if code == "es" else region
    return _ESPEAK.get(f"{code}-{region}", _ESPEAK.get(code))


def read(text: str, language: str) -> str:
    """A line in Kokoro's symbols; empty where there is nothing to say.

    Raises _process.Failed when espeak-ng fails, ValueError for what the English reader cannot take.
    """
    if parts(language)[0] == "en":
        return _read_english(text, british=parts(language)[2] not in _AMERICAN)
    parted = pieces(keeping_sounds(text, lambda words: plain(words, language), _held))
    if not parted:
        return ""
    # A piece is words, IPA, words...: only the words go to espeak-ng.
    cut = [_HELD.split(words) for words, _ in parted]
    words = [part for parts_ in cut for part in parts_[::2] if part.strip()]
    sounds = iter(_sounds(words, language))
    read_out = []
    for parts_ in cut:
        said = [
            own_symbols(part, language) if i % 2 else next(sounds)
            for i, part in enumerate(parts_) if i % 2 or part.strip()
        ]  # fmt: skip
        read_out.append(" ".join(said))
    return join(read_out, [mark for _, mark in parted])


def _sounds(words: list[str], language: str) -> list[str]:
    """Each in Kokoro's symbols."""
    code = parts(language)[0]
    if code in asian.PACKAGES:
        return [asian.sounds(part, code) for part in words]
    voice = espeak_voice(language)
    assert voice is not None
    return [symbols(ipa, language) for ipa in (_ask(voice, words) if words else ())]


_HELD = re.compile(f"{SOUNDS_OPEN}([^{SOUNDS_CLOSE}]*){SOUNDS_CLOSE}")


def _held(ipa: str) -> str:
    """IPA on its way past what cuts a text at its punctuation: : and . have a meaning in both."""
    return SOUNDS_OPEN + ipa.replace(".", "").replace(":", "ː").replace(",", "") + SOUNDS_CLOSE


_pool = _process.Pool(lambda _: _process.engine_command("kokoro"), most=1, jobs=_JOBS_PER_PROCESS)


def _ask(voice: str, texts: list[str]) -> list[str]:
    with _pool.worker("espeak-ng") as worker:
        answer = worker.ask({"voice": voice, "texts": texts}, limit_s=_LIMIT_S)
    return [str(sounds) for sounds in answer["phonemes"]]


def _read_english(text: str, *, british: bool) -> str:
    from hibari import Hibari

    from kindvoice.engines._english import reader
    from kindvoice.engines.hibari import readable as readable_english

    try:
        sentences = [reader(british)(sentence) for sentence in Hibari.split_sentences(readable_english(text))]
    except LookupError as fault:
        # Its names for numbers end at 36 digits.
        raise ValueError("a number is too large") from fault
    return " ".join(sounds for sounds in sentences if any(map(str.isalpha, sounds)))
