"""Stretches in the store: what they read before mastering, and their encoded frames with what those read.

What is not there yet is made on all cores: mixed here, encoded in as many processes, several in a row in each.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TypeVar

import numpy as np

from kindvoice.encode.base import Format, Frames, Target
from kindvoice.encode.lame import FRAME
from kindvoice.engines._models import cores
from kindvoice.model import Loudness
from kindvoice.sound.joined import Encoding, joined
from kindvoice.sound.kweight import integrated_lufs
from kindvoice.sound.mix import room_tone
from kindvoice.sound.readings import SETTLE, UNIT, Readings, Record
from kindvoice.sound.segments import ROOM, Programme, Quiet
from kindvoice.store import Store, damaged_error, stage_key
from kindvoice.units import RATE, gain_to_db, power_to_db

OnStage = Callable[[str, int, int], None]
"""stage, done, of"""
What = TypeVar("What")
Missing = Mapping[int, Sequence[What]]
"""a stretch's number, and what is to be made of it"""
Made = dict[tuple[What, int], Record]

VERSION = 1
"""of the making of stretches"""
_STEP = RATE // 10
_UNITS = _STEP // UNIT
_TOGETHER = 3_750
"""MP3 frames that are made in one go: to start an encoder takes as long as three seconds of sound"""
_HELD_BYTES = 16_000_000
"""of encoded stretches that are not read again when they are joined"""
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
        self._frames_held: dict[str, Frames] = {}
        self._spare_bytes = _HELD_BYTES

    def mixed(self) -> list[Readings]:
        """What every stretch reads before mastering."""
        stretches = self._programme.stretches

        def make(missing: Missing[None]) -> Made[None]:
            return {(None, n): Record(Readings.of(stretches[n].mixed(), stretches[n].count)) for n in missing}

        return self._readings({None: self._keys("stretch mix", [0] * len(stretches))}, make, "measure")[None]

    def write(
        self, targets: Sequence[tuple[Format, Target]], gain_db: float, ceiling_dbtp: float, peak_dbtp: float
    ) -> dict[str, Loudness]:
        """Writes the finished files, and says what they read, by format. No stretch in them has a true peak above
        peak_dbtp."""
        encodings: dict[str, Encoding] = {}
        for format, target in targets:
            assert format.codec is not None
            encodings[format.name] = Encoding(format.codec, target.bitrate)
        levels: dict[str, object] = {"gain_db": gain_db, "ceiling_dbtp": ceiling_dbtp, "peak_dbtp": peak_dbtp}
        keys = {encoding: self._encoded_keys(encoding, levels) for encoding in encodings.values()}
        rooms = {encoding: self._room(encoding, gain_db) for encoding in keys}

        def make(missing: Missing[Encoding]) -> Made[Encoding]:
            encodings: Made[Encoding] = {}
            ceilings = {(what, n): ceiling_dbtp for n, row in missing.items() for what in row}
            while ceilings:
                encodings |= self._encode(gain_db, ceilings)
                excess = {
                    one: gain_to_db(float(encodings[one].readings.peaks[0])) - peak_dbtp for one in ceilings
                }
                ceilings = {
                    one: ceiling - excess[one] - _SPARE_DB for one, ceiling in ceilings.items()
                    if excess[one] > 0 and ceiling > ceiling_dbtp - _MOST_SPARE_DB
                }  # fmt: skip
            return encodings

        readings = self._readings(keys, make, "encode")
        loudness: dict[str, Loudness] = {}
        for format, target in targets:
            encoding = encodings[format.name]
            room = rooms[encoding]
            assert format.join is not None
            format.join(
                target, joined(self._programme, encoding.codec, self._frames(keys[encoding]), room.frames)
            )
            loudness[format.name] = total(self._programme, readings[encoding], room.readings)
        return loudness

    def _encode(self, gain_db: float, ceilings: Mapping[tuple[Encoding, int], float]) -> Made[Encoding]:
        """Each with this ceiling; what several encodings want alike is mastered once."""
        sounds: dict[tuple[int, float], list[Encoding]] = {}
        for (encoding, n), ceiling in ceilings.items():
            sounds.setdefault((n, ceiling), []).append(encoding)
        numbers: dict[Encoding, list[int]] = {encoding: [] for encoding, _ in ceilings}
        recorders = {}
        try:
            for encoding in numbers:
                recorders[encoding] = encoding.open()
            for (n, ceiling), row in sounds.items():
                stretch = self._programme.stretches[n]
                sound = stretch.mastered(gain_db, ceiling)
                for encoding in row:
                    recorders[encoding].write(stretch.first, sound)
                    numbers[encoding].append(n)
            return {
                (encoding, n): record
                for encoding, recorder in recorders.items()
                for n, record in zip(numbers[encoding], recorder.close(), strict=True)
            }
        except BaseException:
            for recorder in recorders.values():
                recorder.abandon()
            raise

    def _encoded_keys(self, encoding: Encoding, levels: Mapping[str, object]) -> list[str]:
        """Where the codec's frames are no MP3 frames, a stretch's place among them is part of its key."""
        phases = [encoding.phase(stretch.first) for stretch in self._programme.stretches]
        codec = encoding.codec
        return self._keys(
            f"stretch {codec.name}", phases, bitrate=encoding.bitrate, encoder=codec.identity(), **levels
        )

    def _keys(self, stage: str, phases: Sequence[int], **how: object) -> list[str]:
        keys = [
            stage_key(stage, VERSION, sound=signature, phase=phase, **how)
            for signature, phase in zip(self._signatures, phases, strict=True)
        ]
        common = {key for key, own in zip(keys, self._own, strict=True) if not own}
        self.own_keys |= set(keys) - common
        return keys

    def _readings(
        self,
        keys: Mapping[What, Sequence[str]],
        make: Callable[[Missing[What]], Made[What]],
        stage: str,
    ) -> dict[What, list[Readings]]:
        """Of the stretches with these keys; what is not there, or damaged, is made."""
        readings: dict[str, Readings] = {}
        missing: dict[int, list[What]] = {}
        self._store.note(*itertools.chain.from_iterable(keys.values()))
        for what, row in keys.items():
            for key, number in {key: number for number, key in reversed(list(enumerate(row)))}.items():
                if (record := _kept(self._store, key)) is not None:
                    readings[key] = self._held(key, record)
                else:
                    missing.setdefault(number, []).append(what)
        lengths = {number: self._programme.stretches[number].count for number in sorted(missing)}
        done = 0
        if missing:
            self._on_stage(stage, 0, sum(lengths.values()))
        rows = [{number: missing[number] for number in row} for row in _batches(lengths)]
        for numbers, records in _on_all_cores(make, rows):
            for (what, number), record in records.items():
                _keep(self._store, keys[what][number], record, own=self._own[number])
                readings[keys[what][number]] = self._held(keys[what][number], record)
            done += sum(lengths[number] for number in numbers)
            self._on_stage(stage, done, sum(lengths.values()))
        return {what: [readings[key] for key in row] for what, row in keys.items()}

    def _held(self, key: str, record: Record) -> Readings:
        """The record's readings; its frames are held where there is room for them."""
        if (size := len(record.frames.data)) <= self._spare_bytes and key not in self._frames_held:
            self._frames_held[key] = record.frames
            self._spare_bytes -= size
        return record.readings

    def _room(self, encoding: Encoding, gain_db: float) -> Record:
        """The room's tone."""
        codec = encoding.codec
        key = stage_key(
            f"room {codec.name}", VERSION, gain_db=gain_db, bitrate=encoding.bitrate, encoder=codec.identity()
        )
        record = _kept(self._store, key)
        if record is None:
            record = encoding.room(gain_db)
            _keep(self._store, key, record)
        return record

    def _frames(self, keys: Sequence[str]) -> Iterator[Frames]:
        for key in keys:
            if (frames := self._frames_held.get(key)) is not None:
                yield frames
            elif (record := _kept(self._store, key)) is not None:
                yield record.frames
            else:  # though it was there a moment ago
                raise damaged_error(self._store.root)


def total(programme: Programme, readings: Sequence[Readings], room: Readings) -> Loudness:
    """Of the whole programme. readings: of its stretches, in order. room: comes round and round in what is quiet."""
    frames = programme.frames
    bins, squares, peak = np.zeros(frames // _STEP + 2), 0.0, 0.0
    remaining = iter(readings)
    for part in programme.parts(-(-frames // FRAME)):
        first = part.first * FRAME // UNIT
        count = min(part.count * FRAME // UNIT, frames // UNIT - first)
        heard = room if isinstance(part, Quiet) else next(remaining)
        if count > 0:
            powers, squared = heard.powers[:count], heard.squares[:count]
            if isinstance(part, Quiet):
                these = np.arange(count) + part.phase * FRAME // UNIT
                powers, squared = (each.take(these, mode="wrap") for each in (room.powers, room.squares))
            begins = np.arange(-(first % _UNITS), count, _UNITS)
            begins[0] = 0
            sums = np.add.reduceat(powers, begins, dtype=np.float64)
            bins[first // _UNITS : first // _UNITS + len(sums)] += sums
            squares += float(squared.sum(dtype=np.float64))
        peak = max(peak, float(heard.peaks.max(initial=0.0)))
    return Loudness(
        integrated_lufs=integrated_lufs(bins[: frames // _STEP] / _STEP),
        rms_db=power_to_db(squares / (frames * 2)) if frames else -math.inf,
        true_peak_dbtp=gain_to_db(peak) if peak else -math.inf,
        frames=frames,
        rate=RATE,
    )


def room_readings(store: Store) -> Readings:
    """What the room's tone reads before mastering, once round."""
    key = stage_key("room mix", VERSION)
    record = _kept(store, key)
    if record is None:
        room = room_tone()
        record = Record(Readings.of(np.concatenate([room[-SETTLE:], room]), ROOM))
        _keep(store, key, record)
    return record.readings


def _kept(store: Store, key: str) -> Record | None:
    """None where it is not there, or not whole."""
    data = store.read(key)
    return None if data is None else Record.unpack(data)


def _keep(store: Store, key: str, record: Record, *, own: bool = False) -> None:
    def write(part: Path) -> None:
        part.write_bytes(record.pack())

    store.get_or_make(key, write, own=own)


def _batches(lengths: dict[int, int]) -> list[list[int]]:
    """Numbers in rows of about the same length, for each core as many."""
    together = sum(lengths.values())
    most = -(-together // (cores() * -(-together // (cores() * _TOGETHER)) or 1))
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
    make: Callable[[Missing[What]], Made[What]], rows: Sequence[Missing[What]]
) -> Iterator[tuple[Missing[What], Made[What]]]:
    """As they get done. The first error stops the rest."""
    with ThreadPoolExecutor(max_workers=cores(), thread_name_prefix="stretch") as pool:
        tasks = {pool.submit(make, row): row for row in rows}
        try:
            for task in as_completed(tasks):
                yield tasks.pop(task), task.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
