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
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from kindvoice.encode.base import Format, Samples, Target, Writer
from kindvoice.encode.id3 import MOST_CHAPTERS, id3_tag
from kindvoice.encode.xing import seal

MP3_FRAME = 1152
"""Samples of one MPEG-1 layer III frame."""
STRETCH = 1250
"""Frames of one stretch: exactly 30 seconds at 48 kHz."""
RUN = 4
"""Frames encoded and thrown away before and after a stretch."""
_OPTIONS = {"reservoir": "0", "compression_level": "7"}
"""Level 7 spends every bit where LAME's usual 3 stops as soon as the noise is masked: measured on speech, bells and
rain at 128 kbit/s it is 1 to 16 dB nearer to the sound in every band below 12 kHz, and 1.6 times as fast."""
ENCODER_DELAY = 576 + 529
"""Samples by which LAME's frames come late, with the decoder's part of it; what the gapless header says too."""
_LAME_SCALE = {96_000: 0.95, 112_000: 0.95, 128_000: 0.95, 160_000: 0.95, 192_000: 0.97}
"""LAME turns the sound down by itself at low bitrates (its presets' `scale`); it is turned up before by
as much. Measured: see tests/encode/test_encode.py."""


def _encoder(container: Any, bitrate: int, rate: int) -> Any:
    stream = container.add_stream("libmp3lame", rate=rate, layout="stereo", options=_OPTIONS)
    stream.bit_rate = bitrate
    stream.codec_context.format = "fltp"
    return stream


def encode_frames(samples: Samples, bitrate: int, rate: int, stop: int | None = None) -> list[Any]:
    """The first `stop` MPEG frames (None: all that come, and with the last one how much of it counts) of these samples.

    samples: float32, shape (n, 2). Gives PyAV packets, one a frame; a frame's bytes are the packet's.
    """
    context = av.CodecContext.create("libmp3lame", "w")
    context.sample_rate = rate
    context.layout = "stereo"
    context.format = "fltp"
    context.bit_rate = bitrate
    context.time_base = Fraction(1, rate)
    context.options = dict(_OPTIONS)
    packets: list[Any] = []
    scaled = np.ascontiguousarray((samples / np.float32(_LAME_SCALE.get(bitrate, 1.0))).T)
    for at in [*range(0, scaled.shape[1], MP3_FRAME), None]:
        frame = None
        if at is not None:
            piece = np.ascontiguousarray(scaled[:, at : at + MP3_FRAME])
            frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
            frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), at
        packets += context.encode(frame)
        if stop is not None and len(packets) >= stop:
            break
    return packets[:stop]


def decode_frames(frames: Sequence[bytes]) -> Samples:
    """What a player makes of these MPEG frames, from the first sample that was encoded on: float32, shape (n, 2)."""
    context: Any = av.CodecContext.create("mp3float", "r")
    heard: list[Samples] = []
    for frame in frames:
        heard += [out.to_ndarray().T for out in context.decode(av.Packet(frame))]
    heard += [out.to_ndarray().T for out in context.decode(None)]
    return np.concatenate(heard)[ENCODER_DELAY:]


class _Frames:
    """MPEG frames aside, then the tag and the frames in one file."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._frames = target.path.with_name(target.path.name + ".frames")
        options = {"id3v2_version": "0", "write_id3v1": "0", "write_xing": "1"}
        self._container = av.open(str(self._frames), "w", format="mp3", options=options)
        self._stream = _encoder(self._container, target.bitrate, target.rate)
        self._stream.codec_context.open()
        self._muxed = 0

    def add(self, packet: Any) -> None:
        packet.stream = self._stream
        packet.time_base = Fraction(1, self._target.rate)
        packet.pts = packet.dts = self._muxed * MP3_FRAME
        self._muxed += 1
        self._container.mux(packet)

    def close(self) -> None:
        self._container.close()
        tag = id3_tag(self._target.tags, self._target.chapters, self._target.frames, self._target.cover)
        with self._target.path.open("wb") as out, self._frames.open("rb") as frames:
            out.write(tag)
            shutil.copyfileobj(frames, out, 1 << 20)
        self._frames.unlink()

    def abandon(self) -> None:
        self._container.close()


class FrameFile:
    """A copy of the MPEG frames of a finished file behind their gapless header, some of which others may take the
    place of. Constant bit rate at 48 kHz: all frames are equally long."""

    def __init__(self, source: Path, copy: Path) -> None:
        shutil.copyfile(source, copy)
        self._path = copy
        self._file = copy.open("r+b")
        self._size = _frame_bytes(self._file.read(4))
        self.count = copy.stat().st_size // self._size - 1
        """how many there are, the header not counted"""

    @staticmethod
    def strip(path: Path) -> None:
        """Takes the tag from before a file's frames."""
        bare = path.with_name(path.name + ".bare")
        with path.open("rb") as file, bare.open("wb") as out:
            head = file.read(10)
            file.seek(10 + sum((b & 0x7F) << s for b, s in zip(head[6:10], (21, 14, 7, 0), strict=True)))
            shutil.copyfileobj(file, out, 1 << 20)
        bare.replace(path)

    def get(self, first: int, stop: int) -> list[bytes]:
        self._file.seek((first + 1) * self._size)
        data = self._file.read((stop - first) * self._size)
        return [data[at : at + self._size] for at in range(0, len(data), self._size)]

    def put(self, first: int, frames: Sequence[bytes]) -> None:
        whole = b"".join(frames)
        if len(whole) != len(frames) * self._size or first + len(frames) > self.count:
            raise ValueError("these frames do not fit this file")
        self._file.seek((first + 1) * self._size)
        self._file.write(whole)

    def write(self, target: Target) -> None:
        """The finished file, its checksums made anew."""
        seal(self._file, self._size)
        self._file.seek(0)
        with target.path.open("wb") as out:
            out.write(id3_tag(target.tags, target.chapters, target.frames, target.cover))
            shutil.copyfileobj(self._file, out, 1 << 20)

    def close(self) -> None:
        """The copy is gone afterwards."""
        self._file.close()
        self._path.unlink(missing_ok=True)


def _frame_bytes(data: bytes) -> int:
    """The length of an MPEG-1 layer III frame at 48 kHz, from its header."""
    kbits = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
    if data[:2] != b"\xff\xfb" or (data[2] >> 2) & 3 != 1:
        raise ValueError("not MPEG-1 layer III at 48 kHz")
    return 144 * kbits[data[2] >> 4] // 48


class _Mp3Writer:
    """Blocks to stretches, several being encoded at once."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._out = _Frames(target)
        workers = os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="mp3")
        self._ahead = workers + 1
        self._running: deque[tuple[Future[list[Any]], int]] = deque()
        self._waiting: list[Samples] = []
        self._length = 0
        self._lead = 0

    def write(self, block: Samples) -> None:
        self._waiting.append(block)
        self._length += len(block)
        while self._length >= (self._lead + STRETCH + RUN) * MP3_FRAME:
            samples = np.concatenate(self._waiting)
            used = samples[: (self._lead + STRETCH + RUN) * MP3_FRAME]
            self._start(used, self._lead + STRETCH)
            rest = samples[(self._lead + STRETCH - RUN) * MP3_FRAME :]
            self._waiting, self._length, self._lead = [rest.copy()], len(rest), RUN

    def _start(self, samples: Samples, stop: int | None) -> None:
        future = self._pool.submit(encode_frames, samples, self._target.bitrate, self._target.rate, stop)
        self._running.append((future, self._lead))
        while len(self._running) > self._ahead or (stop is None and self._running):
            encoded, lead = self._running.popleft()
            for packet in encoded.result()[lead:]:
                self._out.add(packet)

    def close(self) -> None:
        samples = np.concatenate(self._waiting) if self._waiting else np.zeros((0, 2), np.float32)
        self._start(samples, None)
        self._pool.shutdown()
        self._out.close()

    def abandon(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._out.abandon()


def _open(target: Target) -> Writer:
    return _Mp3Writer(target)


MP3 = Format(
    name="mp3",
    extension=".mp3",
    type="audio/mpeg",
    lossy=True,
    open=_open,
    codec_frame=MP3_FRAME,
    overshoot_db=0.45,
    most_chapters=MOST_CHAPTERS,
)
