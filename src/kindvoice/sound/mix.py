"""Schedule to sound: blocks of stereo float32, the same samples at any block size, in constant memory.

Everything here is a function of the absolute frame. The programme is made on a fixed grid of half
seconds and cut afterwards as it is wanted, so no sum is ever taken in another order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import cache

import numpy as np
import numpy.typing as npt

from kindvoice.model import BedEvent, BellEvent, Schedule, SpeechEvent
from kindvoice.sound import beds
from kindvoice.units import RATE, db_to_gain, ms_to_frames

Samples = npt.NDArray[np.float32]
Read = Callable[[str, int, int], Samples]
"""read(key, start, stop): those frames of a sound in the store, float32, shape (n, 1 or 2)."""

GRID = RATE // 2

REFERENCE_LUFS = -23.0
"""Where every voice is brought, heard from both channels; bells and beds are set against it."""
ROOM_TONE_DB = -78.0
"""RMS of the quiet noise below everything, before mastering brings it to about -70 dB: some players
swallow the first word after digital silence, and an ear hears a recording stop."""
ROOM_FRAMES = ms_to_frames(7_920)
DUCK_DB = -7.0
"""How far a bed goes down while someone speaks."""
DUCK_AHEAD = ms_to_frames(900)
"""The bed is down when the first word comes; it begins to go this long before."""
DUCK_HOLD = ms_to_frames(1_200)
DUCK_RISE = ms_to_frames(4_000)
DUCK_BRIDGE = DUCK_AHEAD + DUCK_HOLD + DUCK_RISE
"""In a pause shorter than this the bed stays down: it does not pump between sentences."""
BED_FADE_IN = ms_to_frames(5_000)
BED_FADE_OUT = ms_to_frames(6_000)


class Mix:
    """A programme that can be heard again and again, from anywhere."""

    def __init__(self, schedule: Schedule, read: Read) -> None:
        self.schedule = schedule
        self.frames = schedule.frames
        self._read = read
        self._beds = schedule.beds
        self._duck_at, self._duck_amount = _duck_curve(schedule.speech)
        self._cells: dict[int, list[SpeechEvent | BellEvent]] = {}
        events: tuple[SpeechEvent | BellEvent, ...] = (*schedule.speech, *schedule.bells)
        for event in events:
            start, stop = heard(event)
            for cell in range(max(start, 0) // GRID, -(-min(stop, self.frames) // GRID)):
                self._cells.setdefault(cell, []).append(event)

    def blocks(self, start: int = 0, stop: int | None = None, block_frames: int = GRID) -> Iterator[Samples]:
        """The programme from frame start to stop (None: its end), float32, shape (block_frames, 2), the
        last block shorter."""
        stop = self.frames if stop is None else min(stop, self.frames)
        waiting: list[Samples] = []
        length = 0
        for cell in range(start // GRID, -(-stop // GRID)):
            piece = self._cell(cell)[max(start - cell * GRID, 0) : stop - cell * GRID]
            waiting.append(piece)
            length += len(piece)
            if length >= block_frames:
                whole = np.concatenate(waiting) if len(waiting) > 1 else piece
                cut = length // block_frames * block_frames
                for at in range(0, cut, block_frames):
                    yield whole[at : at + block_frames]
                waiting, length = [whole[cut:]], length - cut
        if length:
            yield np.concatenate(waiting)

    def signature(self, start: int, stop: int) -> list[object]:
        """Everything that the frames from start to stop depend on, as JSON values: where two programmes have the same
        signature they have the same samples there."""
        cells = range(max(start, 0) // GRID, -(-min(stop, self.frames) // GRID))
        events = {
            (*heard(event), event.clip.key, event.gain_db)
            for cell in cells
            for event in self._cells.get(cell, ())
            if heard(event)[0] < stop and heard(event)[1] > start
        }
        beds = [asdict(bed) for bed in self._beds if bed.start_frame < stop and bed.stop_frame > start]
        ducks: list[list[float]] = []
        if beds:
            # The straight lines of the curve between the last corner before and the first one after.
            first = max(int(np.searchsorted(self._duck_at, start, "right")) - 1, 0)
            last = int(np.searchsorted(self._duck_at, stop, "left")) + 1
            ducks = [[float(at), float(down)] for at, down in zip(
                self._duck_at[first:last], self._duck_amount[first:last], strict=True
            )]  # fmt: skip
        return [start, stop, min(self.frames - start, stop - start), sorted(events), beds, ducks]

    def _cell(self, cell: int) -> Samples:
        """Half a second of the programme, shape (GRID, 2); the caller cuts what is beyond its end."""
        first = cell * GRID
        out = beds.block((room_tone(),), first, GRID)
        for bed in self._beds:
            if bed.start_frame < first + GRID and bed.stop_frame > first:
                out += self._bed(bed, first)
        for event in self._cells.get(cell, ()):
            start, stop = heard(event)
            a, b = max(start, first), min(stop, first + GRID, self.frames)
            if a < b:
                sound = self._read(event.clip.key, a - start, b - start)
                gain = db_to_gain(event.gain_db) if event.gain_db else 1.0
                out[a - first : b - first] += sound * np.float32(gain) if gain != 1.0 else sound
        return out

    def _bed(self, bed: BedEvent, first: int) -> Samples:
        frames = np.arange(first, first + GRID, dtype=np.float64)
        rise = _smooth((frames - bed.start_frame) / BED_FADE_IN)
        fall = _smooth((bed.stop_frame - frames) / BED_FADE_OUT)
        down = _smooth(np.interp(frames, self._duck_at, self._duck_amount))
        level_db = bed.gain_db + DUCK_DB * down
        if bed.fall_db:
            first_down, last_down = (bed.stop_frame - frames_left for frames_left in bed.fall_frames)
            level_db += bed.fall_db * np.clip((frames - first_down) / (last_down - first_down), 0.0, 1.0)
        gain = rise * fall * 10.0 ** (level_db / 20.0)
        return self._bed_sound(bed, first) * gain.astype(np.float32)[:, None]

    def _bed_sound(self, bed: BedEvent, first: int) -> Samples:
        if bed.sound in beds.BEDS:
            return beds.block(beds.layers(bed.sound), first, GRID)
        length = bed.loop_frames
        pieces, at, wanted = [], (first - bed.start_frame) % length, GRID
        while wanted:
            piece = self._read(bed.sound, at, min(at + wanted, length))
            pieces.append(piece)
            wanted -= len(piece)
            at = 0
        return np.concatenate(pieces)


def heard(event: SpeechEvent | BellEvent | BedEvent) -> tuple[int, int]:
    """First and one-past-last frame of an event's sound, a clip's breath included."""
    if isinstance(event, BedEvent):
        return event.start_frame, event.stop_frame
    start = event.start_frame - event.clip.lead_frames
    return start, start + event.clip.frames


def _duck_curve(speech: tuple[SpeechEvent, ...]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Frames and how far down the bed is at each, from 0 to 1; straight between them."""
    spans: list[list[int]] = []
    for event in speech:
        if spans and event.start_frame - spans[-1][1] < DUCK_BRIDGE:
            spans[-1][1] = max(spans[-1][1], event.stop_frame)
        else:
            spans.append([event.start_frame, event.stop_frame])
    at, amount = [-float(DUCK_BRIDGE)], [0.0]  # before anything that could be asked for
    for start, stop in spans:
        at += [start - DUCK_AHEAD, start, stop + DUCK_HOLD, stop + DUCK_HOLD + DUCK_RISE]
        amount += [0.0, 1.0, 1.0, 0.0]
    return np.array(at), np.array(amount)


def _smooth(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """0 to 1 with no corner at either end."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


@cache
def room_tone() -> Samples:
    """Eight seconds of soft noise, seamless, a whole number of MP3 frames long; shape (ROOM_FRAMES, 2)."""
    frames = ROOM_FRAMES
    noise = np.random.default_rng(1008).standard_normal((frames, 2))
    hertz = np.fft.rfftfreq(frames, 1.0 / RATE)[:, None]
    # A quiet room: little above a few kilohertz, nothing below hearing.
    shape = (hertz / (hertz + 40.0)) / np.sqrt(1.0 + (hertz / 1_500.0) ** 2)
    tone = np.fft.irfft(np.fft.rfft(noise, axis=0) * shape, n=frames, axis=0)
    tone *= db_to_gain(ROOM_TONE_DB) / np.sqrt(np.mean(tone**2))
    return np.ascontiguousarray(tone, dtype=np.float32)
