"""Blocks and marks to finished files, several from one mix. A new format is one file and one line here."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterable, Sequence

from kindvoice.encode.base import Format, Samples, Target, Writer
from kindvoice.encode.flac import FLAC
from kindvoice.encode.mp3 import MP3
from kindvoice.encode.mp4 import M4A, M4B
from kindvoice.encode.ogg import OGG
from kindvoice.encode.opus import OPUS
from kindvoice.encode.wav import WAV
from kindvoice.errors import SettingsError, did_you_mean

FORMATS = {format.name: format for format in (MP3, M4B, M4A, OPUS, OGG, FLAC, WAV)}

__all__ = ["FORMATS", "Format", "Samples", "Target", "encode", "find_format"]

_WAITING = 8
"""Blocks that may wait for a slow codec: a few seconds, so that memory stays small."""


def find_format(name: str) -> Format:
    """Raises SettingsError, naming the nearest, when there is none of that name."""
    key = name.lower().lstrip(".")
    if key not in FORMATS:
        raise SettingsError(
            f"there is no format named {name!r}",
            cure=did_you_mean(key, FORMATS),
        )
    return FORMATS[key]


def encode(
    blocks: Iterable[Samples],
    targets: Sequence[tuple[Format, Target]],
    on_frames: Callable[[int], None] = lambda frames: None,
) -> None:
    """Writes the programme to every target at once, each codec in a thread of its own.

    blocks: float32, shape (n, 2), 48 kHz. on_frames: called with the frames handed on so far, from this
    thread. The first error of any writer, or of the blocks, is raised; the files are then unfinished.
    """
    jobs: list[_Job] = []
    done = 0
    try:
        for format, target in targets:
            jobs.append(_Job(format.writer(target)))
        for block in blocks:
            for job in jobs:
                job.put(block)
            done += len(block)
            on_frames(done)
        for job in jobs:
            job.put(None)
        for job in jobs:
            job.join()
    except BaseException:
        # Whatever failed, and when: no thread waits on for blocks, and no file stays open.
        for job in jobs:
            job.stop()
        raise


class _Job:
    """A writer in its thread, fed through a short queue."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._queue: queue.Queue[Samples | None] = queue.Queue(_WAITING)
        self._stopped = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="encode", daemon=True)
        self._thread.start()

    def put(self, block: Samples | None) -> None:
        while self._error is None:
            try:
                self._queue.put(block, timeout=0.2)
                return
            except queue.Full:
                continue
        raise self._error

    def join(self) -> None:
        self._thread.join()
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._stopped.is_set():
                try:
                    block = self._queue.get(timeout=0.2)
                except queue.Empty:
                    continue
                if block is None:
                    self._writer.close()
                    return
                self._writer.write(block)
            self._writer.abandon()
        except Exception as error:  # noqa: BLE001 - handed to the caller's thread by put and join
            with contextlib.suppress(Exception):
                self._writer.abandon()  # or its file stays open
            self._error = error
