"""Any sound file to blocks of float32.

A file may come from anybody, and FFmpeg's many readers can crash or eat memory over one that is made for it. So it
is read in a process of its own, with limits on memory, time and length, and only as one of the containers and codecs
that `_worker` lists. What kindvoice itself has encoded just now is read here: `own=True`.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from kindvoice.engines._process import EngineWorker, Failed, Pool, command
from kindvoice.errors import SoundError
from kindvoice.model import Where
from kindvoice.units import RATE

Samples = npt.NDArray[np.float32]

MOST_S = 24 * 3600
"""of one file: longer than any retreat's recording"""
_START_S = 60.0
"""seconds that a file may take, and one more for every _PACE seconds of its sound"""
_PACE = 4.0
_WORKS = "WAV, FLAC, MP3, OGG and M4A work"
_CURES = {
    "format": _WORKS,
    "rate": "save it once more with 48000 samples a second; 8000 to 384000 work",
    "channels": "save it once more in stereo or mono",
    "long": "cut it shorter",
    "memory": f"save it once more from the program it was made with; {_WORKS}",
}

_WORKER = Path(__file__).with_name("_worker.py")
_pool = Pool(lambda _: command(str(_WORKER)), most=max(4, 2 * (os.cpu_count() or 1)), jobs=100_000)


class TooLong(SoundError):
    """The sound is longer than was asked for."""


@dataclass(frozen=True, slots=True)
class SoundInfo:
    """What a sound file says of itself, before its sound is decoded."""

    container: str
    codec: str
    rate: int
    channels: int
    bit_rate: int
    tags: dict[str, str]
    chapters: tuple[tuple[int, int, str], ...]
    """start ms, end ms, title"""
    declared_ms: int | None
    """how long the file says it is; None: it does not say, or only by its size"""


def sound_info(path: Path, *, own: bool = False) -> SoundInfo:
    """Raises SoundError when the file is not there or holds no sound that can be read."""
    with _errors(path):
        fields = _here().info(str(path)) if own else _asked("info", path)
    return SoundInfo(
        **{**fields, "chapters": tuple((start, stop, t) for start, stop, t in fields["chapters"])}
    )


def packet_bytes(path: Path) -> tuple[int, int]:
    """The smallest and the largest packet of sound: alike, but for padding, in a file of constant bit rate."""
    with _errors(path):
        sizes = _asked("packets", path)
    return sizes["least"], sizes["most"]


def decode(
    path: Path, *, rate: int | None = None, stereo: bool = True, own: bool = False, most_s: float = MOST_S
) -> Iterator[Samples]:
    """The file's sound as float32 blocks (n, channels), full scale 1.0, of any n.

    rate: Hz to convert to; None: the file's own. stereo: mix to two channels (a mono file is heard
    equally in both); else the file's own channels, at most eight. own: kindvoice has just made it.
    Damaged stretches in the middle, and what `_worker` does not read, raise SoundError; more than most_s
    seconds TooLong.
    """
    with _errors(path):
        read = _here().blocks(str(path), rate, stereo, most_s) if own else _far(path, rate, stereo, most_s)
        with contextlib.closing(read):
            for channels, raw in read:
                block = np.frombuffer(raw, np.float32).reshape(-1, channels)
                yield np.repeat(block, 2, axis=1) if stereo and channels == 1 else block


def _here() -> ModuleType:
    """The reader in this process. It loads PyAV, which most commands do not need."""
    from kindvoice.encode.decode import _worker

    return _worker


@contextlib.contextmanager
def _errors(path: Path) -> Iterator[None]:
    where = Where(path=str(path), line=0)
    if not path.is_file():
        raise SoundError("there is no such sound file", where=where)
    try:
        yield
    except _here().Refused as refused:
        kind = TooLong if refused.kind == "long" else SoundError
        raise kind(refused.why, where=where, cure=_CURES.get(refused.kind, "")) from None
    except Failed as fault:
        what = f"the sound cannot be decoded: its reader broke down ({fault})"
        raise SoundError(what, where=where, cure=_CURES["memory"]) from None


# ---------------------------------------------------------------- in a process of its own


def _far(
    path: Path, rate: int | None, stereo: bool, most_s: float
) -> Generator[tuple[int, bytearray], None, None]:
    """What `_worker.blocks` gives, from another process: as fast as it is taken, never much at once."""
    job: dict[str, Any] = {
        "do": "blocks",
        "path": str(path.absolute()),
        "rate": rate,
        "mix": stereo,
        "most_s": most_s,
    }
    left_s = _START_S
    with _pool.worker("") as worker:
        while True:
            began = time.monotonic()
            answer = _answer(worker, job, left_s)
            if not answer["bytes"]:
                return
            seconds = answer["bytes"] / 4 / answer["channels"] / (rate or RATE)
            left_s += seconds / _PACE - (time.monotonic() - began)
            yield answer["channels"], bytearray(answer["raw"])
            job = {"do": "more"}


def _asked(what: str, path: Path) -> dict[str, Any]:
    with _pool.worker("") as worker:
        return _answer(worker, {"do": what, "path": str(path.absolute())}, _START_S)


def _answer(worker: EngineWorker, job: dict[str, Any], limit_s: float) -> dict[str, Any]:
    answer = worker.ask(job, limit_s=max(limit_s, 0.0))
    if "refused" in answer:
        raise _here().Refused(answer["refused"], answer["kind"])
    return answer
