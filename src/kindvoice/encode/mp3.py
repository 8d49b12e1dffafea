"""MP3 through LAME, with the gapless header that gives every decoder the exact length.

LAME is the slowest part of a whole build and runs on one core, so the programme is encoded in stretches
of whole MPEG frames, several at once. Each stretch starts a few frames early and ends a few frames late;
those frames are thrown away, so that the codec's own memory (the overlap of its transform, its
psychoacoustic model) is what it would have been. Without the bit reservoir no frame leans on the bytes of
another, and the frames stand one after the other in the file as if they had been encoded in one go.
"""

from __future__ import annotations

import os
import shutil
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import av
import numpy as np

from kindvoice.encode.base import Format, Samples, Target, Writer
from kindvoice.encode.id3 import id3_tag
from kindvoice.units import RATE

MP3_FRAME = 1152
"""Samples of one MPEG-1 layer III frame."""
STRETCH = 1250
"""Frames of one stretch: exactly 30 seconds at 48 kHz."""
RUN = 4
"""Frames encoded and thrown away before and after a stretch."""
_LAME_SCALE = {96_000: 0.95, 112_000: 0.95, 128_000: 0.95, 160_000: 0.95, 192_000: 0.97}
"""LAME turns the sound down by itself at low bitrates (its presets' `scale`); it is turned up before by
as much. Measured: see tests/encode/test_mp3.py."""


def _encoder(container: Any, bitrate: int) -> Any:
    stream = container.add_stream("libmp3lame", rate=RATE, layout="stereo", options={"reservoir": "0"})
    stream.bit_rate = bitrate
    stream.codec_context.format = "fltp"
    return stream


def _encode_stretch(samples: Samples, bitrate: int, skip: int, take: int | None) -> list[Any]:
    """MPEG frames `skip` to `skip + take` (None: all that come) of these samples, shape (n, 2)."""
    context = av.CodecContext.create("libmp3lame", "w")
    context.sample_rate = RATE
    context.layout = "stereo"
    context.format = "fltp"
    context.bit_rate = bitrate
    context.time_base = Fraction(1, RATE)
    context.options = {"reservoir": "0"}
    packets: list[Any] = []
    stop = None if take is None else skip + take
    scaled = np.ascontiguousarray((samples / np.float32(_LAME_SCALE.get(bitrate, 1.0))).T)
    for at in [*range(0, scaled.shape[1], MP3_FRAME), None]:
        frame = None
        if at is not None:
            piece = np.ascontiguousarray(scaled[:, at : at + MP3_FRAME])
            frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
            frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), at
        packets += context.encode(frame)
        if stop is not None and len(packets) >= stop:
            break
    return packets[skip:stop]


class _Mp3Writer:
    """MPEG frames aside, then the tag and the frames in one file."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._frames = target.path.with_name(target.path.name + ".frames")
        options = {"id3v2_version": "0", "write_id3v1": "0", "write_xing": "1"}
        self._container = av.open(str(self._frames), "w", format="mp3", options=options)
        self._stream = _encoder(self._container, target.bitrate)
        self._stream.codec_context.open()
        workers = os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="mp3")
        self._ahead = workers + 1
        self._running: deque[Future[list[Any]]] = deque()
        self._waiting: list[Samples] = []
        self._length = 0
        self._lead = 0
        self._muxed = 0

    def write(self, block: Samples) -> None:
        self._waiting.append(block)
        self._length += len(block)
        while self._length >= (self._lead + STRETCH + RUN) * MP3_FRAME:
            samples = np.concatenate(self._waiting)
            used = samples[: (self._lead + STRETCH + RUN) * MP3_FRAME]
            self._start(used, STRETCH)
            rest = samples[(self._lead + STRETCH - RUN) * MP3_FRAME :]
            self._waiting, self._length, self._lead = [rest.copy()], len(rest), RUN

    def _start(self, samples: Samples, take: int | None) -> None:
        self._running.append(
            self._pool.submit(_encode_stretch, samples, self._target.bitrate, self._lead, take)
        )
        while len(self._running) > self._ahead or (take is None and self._running):
            for packet in self._running.popleft().result():
                packet.stream = self._stream
                packet.time_base = Fraction(1, RATE)
                packet.pts = packet.dts = self._muxed * MP3_FRAME
                self._muxed += 1
                self._container.mux(packet)

    def close(self) -> None:
        samples = np.concatenate(self._waiting) if self._waiting else np.zeros((0, 2), np.float32)
        self._start(samples, None)
        self._pool.shutdown()
        self._container.close()
        tag = id3_tag(self._target.tags, self._target.chapters, self._target.frames)
        with self._target.path.open("wb") as out, self._frames.open("rb") as frames:
            out.write(tag)
            shutil.copyfileobj(frames, out, 1 << 20)
        self._frames.unlink()

    def abandon(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._container.close()


def _open(target: Target) -> Writer:
    return _Mp3Writer(target)


MP3 = Format(name="mp3", extension=".mp3", lossy=True, open=_open, overshoot_db=0.3)
