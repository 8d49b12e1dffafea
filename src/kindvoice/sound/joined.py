"""Stretches to a codec's frames, and frames to a programme.

Stretches and quiet lie on the grid of MP3 frames; a codec's frame belongs to the part in which its first sample
lies. Where its frames are of another length, a stretch begins at one of several phases of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kindvoice.encode.base import FrameCodec, Frames, StretchEncoder
from kindvoice.encode.lame import FRAME, RUN
from kindvoice.sound.mix import ROOM_FRAMES, room_tone
from kindvoice.sound.readings import SETTLE, Readings, Record
from kindvoice.sound.segments import ROOM, Programme, Quiet, Stretch
from kindvoice.sound.truepeak import MARGIN
from kindvoice.sound.wavfile import Samples
from kindvoice.units import db_to_gain


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec and its bit rate, in bits per second."""

    codec: FrameCodec
    bitrate: int

    def phase(self, first: int) -> int:
        """How far into one of the codec's frames this MP3 frame begins, in samples."""
        return first * FRAME % self.codec.frame

    def open(self) -> StretchRecorder:
        return StretchRecorder(self.codec, self.codec.open(self.bitrate))

    def room(self, gain_db: float) -> Record:
        """The room's tone, as many times round as bring it back to the beginning of a frame."""
        rounds = self.codec.frame // math.gcd(ROOM_FRAMES, self.codec.frame)
        # Before it and after it is the room again.
        tone = np.tile(room_tone() * np.float32(db_to_gain(gain_db)), (rounds + 2, 1))
        recorder = self.open()
        try:
            recorder.write(0, tone[(ROOM - RUN) * FRAME : ((rounds + 1) * ROOM + RUN) * FRAME])
            [record] = recorder.close()
        except BaseException:
            recorder.abandon()
            raise
        return record


class StretchRecorder:
    """Several stretches, each encoded as if alone, and what they read as a player decodes them."""

    def __init__(self, codec: FrameCodec, encoder: StretchEncoder) -> None:
        self._codec, self._encoder = codec, encoder
        self._spans: list[tuple[int, int]] = []
        """samples that lie before the stretch, and how many it has"""

    def write(self, first: int, sound: Samples) -> None:
        """first: the programme's MP3 frame at which the stretch begins. sound: float32, shape
        ((RUN + count + RUN) * 1152, 2), 48 kHz; the first and last RUN frames are thrown away."""
        lead = (RUN - first) * FRAME % self._codec.frame
        self._spans.append((RUN * FRAME - lead, len(sound) - 2 * RUN * FRAME))
        self._encoder.write(sound[lead:])

    def close(self) -> list[Record]:
        records = []
        for (before, length), around in zip(self._spans, self._encoder.close(), strict=True):
            heard = np.concatenate(list(self._codec.decode(around)))
            readings = Readings.of_finished(
                heard[before - SETTLE : before + length + MARGIN], length // FRAME
            )
            first, stop = (-(-at // self._codec.frame) for at in (before, before + length))
            records.append(Record(readings, self._codec.packed(around[first:stop])))
        return records

    def abandon(self) -> None:
        self._encoder.abandon()


def joined(
    programme: Programme, codec: FrameCodec, stretches: Iterator[Frames], room: Frames
) -> Iterator[Frames]:
    """The frames of a whole file. stretches: in order. room: as Encoding.room gives it."""
    size = codec.frame
    count = codec.count(programme.frames)
    bounds = codec.bounds(room)
    for part in programme.parts(-(-count * size // FRAME)):
        first, stop = (min(-(-at * FRAME // size), count) for at in (part.first, part.stop))
        if isinstance(part, Stretch):
            yield _cut(next(stretches), codec, stop - first)
            continue
        at = _room_frame(part, first, size)
        while first < stop:
            end = min(at + stop - first, len(room.numbers))
            yield Frames(room.data[bounds[at] : bounds[end]], room.numbers[at:end])
            first, at = first + end - at, 0


def _cut(frames: Frames, codec: FrameCodec, count: int) -> Frames:
    """All but what is beyond the programme's end."""
    if count == len(frames.numbers):
        return frames
    return Frames(frames.data[: codec.bounds(frames)[count]], frames.numbers[:count])


def _room_frame(quiet: Quiet, first: int, size: int) -> int:
    """The room's frame, of so many samples, for the programme's frame `first`: within a few samples of its phase."""
    step = math.gcd(ROOM_FRAMES, size)
    at = (quiet.phase * FRAME + first * size - quiet.first * FRAME) % ROOM_FRAMES // step * step
    while at % size:
        at += ROOM_FRAMES
    return at // size
