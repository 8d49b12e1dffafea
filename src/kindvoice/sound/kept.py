"""Stretches in the store: what they read before mastering, and their MPEG frames with what those read.

What is not there yet is made on all cores: mixed here, encoded in as many processes, several in a row in each.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kindvoice.encode.base import Target
from kindvoice.encode.lame import (
    FRAME,
    RUN,
    decode_frames,
    frame_bytes,
    frame_count,
    identity,
    open_lame,
)
from kindvoice.encode.mp3 import write_mp3
from kindvoice.encode.xing import crc16_each
from kindvoice.model import Loudness
from kindvoice.sound.mix import room_tone
from kindvoice.sound.readings import SETTLE, Readings, Record, Total
from kindvoice.sound.segments import ROOM, Programme, Quiet
from kindvoice.sound.truepeak import MARGIN
from kindvoice.store import Store, stage_key
from kindvoice.units import RATE, db_to_gain, gain_to_db

Samples = npt.NDArray[np.float32]
OnStage = Callable[[str, int, int], None]
"""stage, done, of"""

VERSION = 1
"""of the making of stretches"""
_TOGETHER = 1_250
"""MP3 frames that are made in one go, half a minute: more would only take memory"""
_SPARE_DB = 0.1
_MOST_SPARE_DB = 6.0


class KeptStretches:
    """The stretches of one programme, in a store."""

    def __init__(self, programme: Programme, store: Store, on_stage: OnStage) -> None:
        self._programme, self._store, self._on_stage = programme, store, on_stage
        self._signatures = [stretch.signature() for stretch in programme.stretches]
        self._own = [stretch.is_own() for stretch in programme.stretches]
        self.own_keys: frozenset[str] = frozenset()
        """of what holds a participant's own words, and of nothing else"""

    def mixed(self) -> list[Readings]:
        """What every stretch reads before mastering."""
        stretches = self._programme.stretches

        def make(numbers: Iterable[int]) -> list[Record]:
            return [Record(Readings.of(stretches[n].mixed(), stretches[n].count)) for n in numbers]

        return self._readings(self._keys("stretch mix"), make, "measure")

    def make_mp3(self, target: Target, gain_db: float, ceiling_dbtp: float, peak_dbtp: float) -> Loudness:
        """Writes the finished file, and says what it reads. No stretch in it has a true peak above peak_dbtp."""
        stretches = self._programme.stretches

        def make(numbers: Iterable[int]) -> list[Record]:
            made: dict[int, Record] = {}
            ceilings = dict.fromkeys(numbers, ceiling_dbtp)
            while ceilings:
                sounds = (stretches[n].mastered(gain_db, ceiling) for n, ceiling in ceilings.items())
                made |= zip(ceilings, encode_stretches(sounds, target.bitrate), strict=True)
                excess = {n: gain_to_db(float(made[n].readings.peaks[0])) - peak_dbtp for n in ceilings}
                ceilings = {
                    n: ceiling - excess[n] - _SPARE_DB for n, ceiling in ceilings.items()
                    if excess[n] > 0 and ceiling > ceiling_dbtp - _MOST_SPARE_DB
                }  # fmt: skip
            return [made[n] for n in numbers]

        keys = self._keys(
            "stretch mp3", gain_db=gain_db, ceiling_dbtp=ceiling_dbtp, peak_dbtp=peak_dbtp, bitrate=target.bitrate,
            encoder=identity(),
        )  # fmt: skip
        room = self._room(gain_db, target.bitrate)
        readings = self._readings(keys, make, "encode")
        write_mp3(target, self._pieces(keys, room, target))
        return total(self._programme, readings, room.readings).loudness()

    def _keys(self, stage: str, **how: object) -> list[str]:
        keys = [stage_key(stage, VERSION, sound=signature, **how) for signature in self._signatures]
        common = {key for key, own in zip(keys, self._own, strict=True) if not own}
        self.own_keys |= set(keys) - common
        return keys

    def _readings(
        self, keys: Sequence[str], make: Callable[[Sequence[int]], list[Record]], stage: str
    ) -> list[Readings]:
        """Of the stretches with these keys; what is not there, or damaged, is made."""
        first = {key: number for number, key in reversed(list(enumerate(keys)))}
        readings: dict[str, Readings] = {}
        for key in first:
            if (record := _kept(self._store, key)) is not None:
                readings[key] = record.readings
        missing = [number for key, number in first.items() if key not in readings]
        lengths = {number: self._programme.stretches[number].count for number in missing}
        done = 0
        if missing:
            self._on_stage(stage, 0, sum(lengths.values()))
        for numbers, records in _on_all_cores(make, _batches(lengths)):
            for number, record in zip(numbers, records, strict=True):
                _keep(self._store, keys[number], record)
                readings[keys[number]] = record.readings
                done += lengths[number]
            self._on_stage(stage, done, sum(lengths.values()))
        return [readings[key] for key in keys]

    def _room(self, gain_db: float, bitrate: int) -> Record:
        """The room's tone, once round."""
        key = stage_key("room mp3", VERSION, gain_db=gain_db, bitrate=bitrate, encoder=identity())
        record = _kept(self._store, key)
        if record is None:
            # Three times round: before it and after it is the room again.
            rounds = np.tile(room_tone() * np.float32(db_to_gain(gain_db)), (3, 1))
            [record] = encode_stretches([rounds[(ROOM - RUN) * FRAME : (2 * ROOM + RUN) * FRAME]], bitrate)
            _keep(self._store, key, record)
        return record

    def _pieces(self, keys: Sequence[str], room: Record, target: Target) -> Iterator[tuple[bytes, list[int]]]:
        """The file's MPEG frames, with the checksum of each."""
        size, crcs = frame_bytes(target.bitrate, RATE), room.crcs.tolist()
        remaining = iter(keys)
        for part in self._programme.parts(frame_count(target.frames)):
            if not isinstance(part, Quiet):
                record = _kept(self._store, next(remaining))
                assert record is not None, "it was there a moment ago"
                yield record.frames, record.crcs.tolist()
                continue
            phase, left = part.phase, part.count
            while left:
                here = min(left, ROOM - phase)
                yield room.frames[phase * size : (phase + here) * size], crcs[phase : phase + here]
                left, phase = left - here, 0


def total(programme: Programme, readings: Sequence[Readings], room: Readings) -> Total:
    """Of the whole programme. readings: of its stretches, in order."""
    whole = Total(programme.frames)
    remaining = iter(readings)
    for part in programme.parts(-(-programme.frames // FRAME)):
        if isinstance(part, Quiet):
            whole.add(part.first, room, start=part.phase, count=part.count)
        else:
            whole.add(part.first, next(remaining))
    return whole


def room_readings(store: Store) -> Readings:
    """What the room's tone reads before mastering, once round."""
    key = stage_key("room mix", VERSION)
    record = _kept(store, key)
    if record is None:
        room = room_tone()
        record = Record(Readings.of(np.concatenate([room[-SETTLE:], room]), ROOM))
        _keep(store, key, record)
    return record.readings


def encode_stretches(sounds: Iterable[Samples], bitrate: int) -> list[Record]:
    """Each as if it were encoded alone.

    sounds: float32, shape ((RUN + n + RUN) * 1152, 2), 48 kHz; the first and last RUN frames are thrown away.
    """
    out = io.BytesIO()
    counts: list[int] = []
    encoder = open_lame(out, bitrate, RATE)
    try:
        for sound in sounds:
            encoder.write(sound)
            counts.append(len(sound) // FRAME - 2 * RUN)
        encoder.close()
    except BaseException:
        encoder.abandon()
        raise
    data, size = out.getvalue(), frame_bytes(bitrate, RATE)
    records: list[Record] = []
    at = RUN
    for count in counts:
        around = [data[i * size : (i + 1) * size] for i in range(at - RUN, at + count + RUN)]
        heard = np.concatenate(list(decode_frames(around)))
        sound = heard[RUN * FRAME - SETTLE : (RUN + count) * FRAME + MARGIN]
        frames = data[at * size : (at + count) * size]
        crcs = crc16_each(np.frombuffer(frames, np.uint8).reshape(-1, size))
        records.append(Record(Readings.of_finished(sound, count), frames, crcs))
        at += count + 2 * RUN
    return records


def _kept(store: Store, key: str) -> Record | None:
    """None where it is not there, or not whole; then it is gone."""
    path = store.get(key)
    if path is None:
        return None
    record = Record.unpack(path.read_bytes())
    if record is None:
        store.remove([key])
    return record


def _keep(store: Store, key: str, record: Record) -> None:
    def write(part: Path) -> None:
        part.write_bytes(record.pack())

    store.get_or_make(key, write)


def _batches(lengths: dict[int, int]) -> list[list[int]]:
    """Numbers in rows of about the same length, for each core at least one."""
    most = min(_TOGETHER, -(-sum(lengths.values()) // (os.cpu_count() or 1)))
    rows: list[list[int]] = []
    length = most
    for number, count in lengths.items():
        if length >= most:
            rows.append([])
            length = 0
        rows[-1].append(number)
        length += count
    return rows


def _on_all_cores(
    make: Callable[[Sequence[int]], list[Record]], rows: Sequence[list[int]]
) -> Iterator[tuple[list[int], list[Record]]]:
    """As they get done. The first error stops the rest."""
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="stretch") as pool:
        tasks = {pool.submit(make, row): row for row in rows}
        try:
            for task in as_completed(tasks):
                yield tasks.pop(task), task.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
