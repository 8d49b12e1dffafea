"""LAME, in a process of its own: samples in, MPEG frames out.

The program that imageio-ffmpeg brings is four times as fast as the LAME in PyAV's wheels, which is used where
the program is not there. Without the bit reservoir no frame leans on the bytes of another; after a few frames of
quiet LAME has forgotten what came before (measured: four), so what is encoded in one go comes out as if alone.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import subprocess
import threading
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
import numpy.typing as npt

from kindvoice.encode.base import library_identity
from kindvoice.errors import OutputError, terminal

Samples = npt.NDArray[np.float32]

FRAME = 1152
"""Samples of one MPEG-1 layer III frame."""
RUN = 6
"""Frames encoded and thrown away before and after a stretch, so that LAME's memory is what it would have been."""
ENCODER_DELAY = 576 + 529
"""Samples by which LAME's frames come late, with the decoder's part of it."""
_OPTIONS = {"reservoir": "0", "compression_level": "7"}
"""Level 7 spends every bit where LAME's usual 3 stops as soon as the noise is masked: measured on speech, bells and
rain at 128 kbit/s it is 1 to 16 dB nearer to the sound in every band below 12 kHz, and 1.6 times as fast."""
_SCALE = {96_000: 0.95, 112_000: 0.95, 128_000: 0.95, 160_000: 0.95, 192_000: 0.97}
"""LAME turns the sound down by itself at low bitrates (its presets' `scale`); it is turned up before by
as much. Measured: see tests/encode/test_encode.py."""
_ERROR_BYTES = 2_000


class Lame(Protocol):
    """One encoder at work. MPEG frames come out in `out` as they are made."""

    def write(self, block: Samples) -> None:
        """block: float32, shape (n, 2), full scale 1.0."""

    def close(self) -> None:
        """All frames are in `out` after this. Raises OutputError when the encoder broke down."""

    def abandon(self) -> None:
        """Stops it; what is in `out` is of no use."""


def open_lame(out: IO[bytes], bitrate: int, rate: int, *, at_once: bool = False) -> Lame:
    """bitrate: bits per second. rate: Hz. at_once: each frame is in `out` as soon as it can be, which is slower."""
    program = None if at_once else find_program()
    return _Program(program, out, bitrate, rate) if program else _Library(out, bitrate, rate)


@functools.cache
def find_program() -> str | None:
    """The path of imageio-ffmpeg's FFmpeg; None where it is not installed."""
    spec = importlib.util.find_spec("imageio_ffmpeg")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for path in sorted(Path(folder, "binaries").glob("ffmpeg-*")):
            return str(path)
    return None


@functools.cache
def identity() -> str:
    """The encoder and its version: the same identity makes the same bytes."""
    if program := find_program():
        return Path(program).name
    return library_identity()


def frame_count(frames: int) -> int:
    """MPEG frames of so many samples, as LAME pads them."""
    return (frames + 576 + _padding(frames)) // FRAME


def _padding(frames: int) -> int:
    padding = FRAME - (frames + 576) % FRAME
    return padding if padding >= 576 else padding + FRAME


def gapless(frames: int) -> tuple[int, int]:
    """What the gapless header says for so many samples: to leave out before, and after."""
    return 576, _padding(frames)


def frame_bytes(bitrate: int, rate: int) -> int:
    """Bytes of a frame of constant bit rate, where they are all equally long: at 48 kHz."""
    return 144 * bitrate // rate


def decode_frames(frames: Iterable[bytes]) -> Iterator[Samples]:
    """What a player makes of these MPEG frames, from the first sample that was encoded on: float32, shape (n, 2)."""
    import av

    context: Any = av.CodecContext.create("mp3float", "r")
    left = ENCODER_DELAY
    packets = (av.Packet(frame) for frame in frames)
    for packet in (*packets, None):
        for sound in context.decode(packet):
            heard = np.empty((2, sound.samples), np.float32)  # quicker than PyAV's own way
            for channel, plane in zip(heard, sound.planes, strict=True):
                channel[:] = np.frombuffer(plane, np.float32, sound.samples)
            yield heard.T[left:]
            left = max(left - sound.samples, 0)


class _Program:
    """FFmpeg's program behind two pipes."""

    def __init__(self, program: str, out: IO[bytes], bitrate: int, rate: int) -> None:
        options = [part for name, value in _OPTIONS.items() for part in (f"-{name}", value)]
        self._scale = np.float32(_SCALE.get(bitrate, 1.0))
        self._process = subprocess.Popen(
            [program, "-v", "error", "-nostdin", "-f", "f32le", "-ar", str(rate), "-ac", "2", "-i", "pipe:0",
             "-c:a", "libmp3lame", "-b:a", str(bitrate), *options, "-write_xing", "0", "-id3v2_version", "0",
             "-flush_packets", "0", "-f", "mp3", "pipe:1"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self._errors = b""
        self._readers = [
            threading.Thread(target=self._keep, args=(out,), name="mp3", daemon=True),
            threading.Thread(target=self._note, name="mp3-errors", daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        self._failed: OSError | None = None

    def _keep(self, out: IO[bytes]) -> None:
        assert self._process.stdout
        try:
            while data := self._process.stdout.read(1 << 16):
                out.write(data)
        except OSError as error:  # the disk is full
            self._failed = error
            self._process.kill()

    def _note(self) -> None:
        assert self._process.stderr
        self._errors = self._process.stderr.read(_ERROR_BYTES)
        while self._process.stderr.read(1 << 16):
            pass

    def write(self, block: Samples) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.write(np.ascontiguousarray(block / self._scale).data)
        except OSError:
            self._broke_down()

    def close(self) -> None:
        assert self._process.stdin
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        if self._end() != 0 or self._failed:
            self._broke_down()

    def abandon(self) -> None:
        self._process.kill()
        self._end()

    def _end(self) -> int:
        code = self._process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            with contextlib.suppress(OSError):
                if pipe:
                    pipe.close()
        return code

    def _broke_down(self) -> None:
        self._process.kill()
        code = self._end()
        if self._failed:
            raise self._failed
        lines = self._errors.decode("utf-8", "replace").strip().splitlines()
        why = lines[-1] if lines else f"it was killed by signal {-code}" if code < 0 else f"exit code {code}"
        raise OutputError(
            f"the MP3 encoder stopped: {why}",
            cure="nothing was changed; run it again"
            + terminal(
                ". If that does not help, install its program anew: "
                "python -m pip install --force-reinstall imageio-ffmpeg"
            ),
        )


class _Library:
    """The LAME inside PyAV's wheels."""

    def __init__(self, out: IO[bytes], bitrate: int, rate: int) -> None:
        import av

        self._av, self._out, self._rate, self._at = av, out, rate, 0
        self._scale = np.float32(_SCALE.get(bitrate, 1.0))
        self._left = np.zeros((0, 2), np.float32)
        self._context: Any = av.CodecContext.create("libmp3lame", "w")
        self._context.sample_rate, self._context.layout = rate, "stereo"
        self._context.format, self._context.bit_rate = "fltp", bitrate
        self._context.time_base, self._context.options = Fraction(1, rate), dict(_OPTIONS)

    def write(self, block: Samples) -> None:
        block = np.concatenate([self._left, block / self._scale])
        whole = len(block) // FRAME * FRAME
        for at in range(0, whole, FRAME):
            self._encode(block[at : at + FRAME])
        self._left = block[whole:].copy()

    def _encode(self, block: Samples | None) -> None:
        frame: Any = None
        if block is not None:
            frame = self._av.AudioFrame.from_ndarray(
                np.ascontiguousarray(block.T), format="fltp", layout="stereo"
            )
            frame.sample_rate, frame.time_base, frame.pts = self._rate, Fraction(1, self._rate), self._at
            self._at += len(block)
        for packet in self._context.encode(frame):
            self._out.write(bytes(packet))

    def close(self) -> None:
        if len(self._left):
            self._encode(self._left)
        self._encode(None)

    def abandon(self) -> None:
        pass
