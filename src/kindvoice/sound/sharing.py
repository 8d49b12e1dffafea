"""One more recording of a family at the price of what is its own.

Recordings of a family (one practice, length and voice; many participants) stand at the same frames but where a
participant's own words are heard. So the family's base, the programme without those words, is mixed, mastered,
encoded and measured once and kept; for each recording only the stretches with own words are, and their MPEG frames
take the place of the base's. A stretch is encoded with frames of run-in and run-out that are thrown away, as
encode/mp3.py does with every stretch, so there is no seam; and nothing depends on who came first.
"""

from __future__ import annotations

import itertools
import json
import math
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kindvoice.encode import Samples, Target
from kindvoice.encode.decode import decode
from kindvoice.encode.mp3 import ENCODER_DELAY, MP3, MP3_FRAME, RUN, FrameFile, decode_frames, encode_frames
from kindvoice.model import Clip, Loudness, Preset, Schedule
from kindvoice.sound.deliver import AIM_WITHIN_LU, Finished, OnStage, bounded_db, lacking_db
from kindvoice.sound.kweight import LoudnessMeter, power_of_lufs
from kindvoice.sound.limiter import CONTEXT
from kindvoice.sound.master import master
from kindvoice.sound.mix import REFERENCE_LUFS, Mix
from kindvoice.sound.truepeak import MARGIN, peaks
from kindvoice.store import Store, stage_key
from kindvoice.units import RATE, gain_to_db, power_to_db

_VERSION = 2
_SPARE_DB = 0.2
"""The limiter's ceiling is lower by this than a whole encode's, so that nobody's file needs a try of its own."""
_AROUND = 3
"""MPEG frames before and after a changed sample that change with it: delay, overlap and look-ahead of the codec."""
_STEP = RATE // 10
_STEPS_AROUND = 2
Floats = npt.NDArray[np.float64]


def can_share(schedule: Schedule, preset: Preset, formats: tuple[str, ...]) -> bool:
    """Whether this recording has a family to share with: an MP3 at the inner rate (only its frames stand by
    themselves), with words of somebody's own, all of them in slots, and none too long for its slot."""
    slots = [event.kept_frames > 0 for event in schedule.speech if event.own]
    fits = formats == (MP3.name,) and preset.rate == RATE and preset.lufs is not None
    return fits and bool(slots) and all(slots) and not schedule.alone


def finish_shared(
    schedule: Schedule,
    make_mix: Callable[[Schedule], Mix],
    target: Target,
    preset: Preset,
    store: Store,
    on_stage: OnStage,
) -> Finished | None:
    """The finished MP3, as `finish` would make it; None where it must be made alone, for its own loudness or peaks."""
    base = _Base(common_of(schedule), make_mix, target, preset, store, on_stage)
    readings = base.readings()
    mix = make_mix(schedule)
    ranges = list(own_frames(schedule))
    file = FrameFile(base.frames(), target.path.with_name(target.path.name + ".frames"))
    try:
        if ranges[-1][1] + RUN >= file.count:
            return None  # words at the very end: the last frames say how much of them counts
        done, total = 0, sum(stop - first for first, stop in ranges)
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="own") as pool:
            own = pool.map(lambda span: _encoded(mix, span, base, target.bitrate), ranges)
            for (first, stop), frames in zip(ranges, own, strict=True):
                file.put(first, frames)
                _measure_again(file, first, stop, readings)
                done += stop - first
                on_stage("encode", done, total)
        reading = _loudness(readings, schedule.frames)
        if reading.true_peak_dbtp > preset.peak_dbtp or abs(lacking_db(preset, reading)) > AIM_WITHIN_LU:
            return None
        file.write(target)
    finally:
        file.close()
    on_stage("check", 1, 1)
    return Finished(loudness={MP3.name: reading}, warnings=())


def common_of(schedule: Schedule) -> Schedule:
    """What all recordings of the family have: nobody's words, and the room that is kept for them."""
    return replace(
        schedule,
        speech=tuple(
            replace(
                event, text="", clip=Clip(key="", frames=0), stop_frame=event.start_frame + event.kept_frames
            )
            if event.own
            else event
            for event in schedule.speech
        ),
    )


def own_frames(schedule: Schedule) -> Iterator[tuple[int, int]]:
    """The MPEG frames (first, stop) that hold somebody's own words, in order and apart."""
    waiting: tuple[int, int] | None = None
    for event in schedule.speech:
        if not event.own:
            continue
        start = event.start_frame - event.clip.lead_frames
        first = max((start - CONTEXT) // MP3_FRAME - _AROUND, 0)
        stop = -(-(start + event.clip.frames + CONTEXT) // MP3_FRAME) + _AROUND
        if waiting and first <= waiting[1] + 2 * RUN:
            waiting = (waiting[0], max(stop, waiting[1]))
            continue
        if waiting:
            yield waiting
        waiting = (first, stop)
    if waiting:
        yield waiting


def _encoded(mix: Mix, span: tuple[int, int], base: _Base, bitrate: int) -> list[bytes]:
    """The programme's MPEG frames from the span's first to before its last."""
    first, stop = span
    lead = min(RUN, first)
    until = min((stop + RUN) * MP3_FRAME, mix.frames)
    sound = _mastered(mix, (first - lead) * MP3_FRAME, until, base.gain_db, base.ceiling_db)
    return [bytes(packet) for packet in encode_frames(sound, bitrate, RATE, lead + stop - first)[lead:]]


def _mastered(mix: Mix, start: int, stop: int, gain_db: float, ceiling_db: float) -> Samples:
    """These frames of the programme at their final level."""
    first, last = max(start - CONTEXT, 0), min(stop + CONTEXT, mix.frames)
    whole = np.concatenate(list(master(mix.blocks(first, last), gain_db, ceiling_db)))
    return whole[start - first : start - first + stop - start]


class _Base:
    """The family's programme without anybody's own words, made once."""

    def __init__(
        self,
        common: Schedule,
        make_mix: Callable[[Schedule], Mix],
        target: Target,
        preset: Preset,
        store: Store,
        on_stage: OnStage,
    ) -> None:
        self._mix, self._target, self._store, self._on_stage = make_mix(common), target, store, on_stage
        self._kept = [
            (event.start_frame, event.start_frame + event.kept_frames)
            for event in common.speech
            if event.kept_frames
        ]
        self.ceiling_db = preset.peak_dbtp - MP3.overshoot_db - _SPARE_DB
        self._inputs = {
            "sound": self._mix.signature(0, common.frames), "preset": asdict(preset), "ceiling_db": self.ceiling_db,
            "bitrate": target.bitrate, "kept": self._kept,
        }  # fmt: skip
        self.gain_db = self._level(preset)

    def _key(self, what: str) -> str:
        return stage_key(f"family {what}", _VERSION, **self._inputs)

    def _level(self, preset: Preset) -> float:
        """The gain that all recordings of the family have."""
        assert preset.lufs is not None
        wanted = preset.lufs

        def make(part: Path) -> None:
            gain_db = bounded_db(preset, wanted - self._lufs(self._mix.blocks(), 0.0))
            # The limiter takes a little loudness with the peaks; the gain gives it back.
            gain_db += wanted - self._lufs(master(self._mix.blocks(), gain_db, self.ceiling_db), gain_db)
            gain_db = bounded_db(preset, gain_db)
            part.write_text(json.dumps(round(gain_db, 3)), encoding="utf-8")

        return float(
            json.loads(self._store.get_or_make(self._key("level"), make).read_text(encoding="utf-8"))
        )

    def _lufs(self, blocks: Iterable[Samples], gain_db: float) -> float:
        """Integrated loudness, with speech at every voice's level where somebody's own words will be."""
        meter = LoudnessMeter(RATE, 2)
        for block in blocks:
            meter.add(block)
        powers = meter.powers()
        for start, stop in self._kept:
            powers[start // _STEP : stop // _STEP] = power_of_lufs(REFERENCE_LUFS + gain_db)
        return LoudnessMeter.of_powers(RATE, powers).integrated_lufs()

    def frames(self) -> Path:
        """The base's MPEG frames behind their gapless header, without a tag."""

        def make(part: Path) -> None:
            writer = MP3.open(replace(self._target, path=part))
            try:
                done = 0
                for block in master(self._mix.blocks(), self.gain_db, self.ceiling_db):
                    writer.write(block)
                    done += len(block)
                    self._on_stage("measure", done, self._mix.frames)
            except BaseException:
                writer.abandon()
                raise
            writer.close()
            FrameFile.strip(part)

        return self._store.get_or_make(self._key("frames"), make)

    def readings(self) -> _Readings:
        frames = self.frames()

        def make(part: Path) -> None:
            readings = _Readings.of_stream(decode(frames, own=True))
            with part.open("wb") as file:
                np.save(file, np.stack([readings.powers, readings.squares, readings.peaks]))

        stored = np.load(self._store.get_or_make(self._key("readings"), make))
        return _Readings(*stored)


@dataclass(slots=True)
class _Readings:
    """What a meter needs of a programme, for every 100 ms of it."""

    powers: Floats
    """K-weighted"""
    squares: Floats
    """sum over samples and channels"""
    peaks: Floats
    """true peak, amplitude"""

    @classmethod
    def of(cls, sound: Samples, before: Samples, after: Samples, floor: float = 0.25) -> _Readings:
        """sound: float32, shape (n, 2), 48 kHz, n a whole number of 100 ms; before, after: its surroundings.

        floor: an amplitude below which a peak need not be exact.
        """
        meter = LoudnessMeter(RATE, 2)
        meter.prime(before)
        meter.add(sound)
        head = np.pad(before, ((MARGIN, 0), (0, 0)))[-MARGIN:]
        tail = np.pad(after, ((0, MARGIN), (0, 0)))[:MARGIN]
        highest = peaks(np.concatenate([head, sound, tail]), floor=floor)
        squares = np.einsum("nc,nc->n", sound, sound, dtype=np.float64)
        starts = np.arange(0, len(sound), _STEP)
        return cls(
            meter.powers(),
            np.add.reduceat(squares, starts),
            np.maximum.reduceat(highest, starts).astype(np.float64),
        )

    @classmethod
    def of_stream(cls, blocks: Iterable[Samples]) -> _Readings:
        """Of a whole programme, in constant memory; what is beyond its last whole 100 ms counts as silence."""
        parts: list[_Readings] = []
        before = waiting = np.zeros((0, 2), np.float32)
        for block in itertools.chain(blocks, [None]):
            if block is not None:
                waiting = np.concatenate([waiting, block])
                whole = max(len(waiting) - MARGIN, 0) // _STEP * _STEP
            else:
                whole = -(-len(waiting) // _STEP) * _STEP
                waiting = np.pad(waiting, ((0, whole - len(waiting)), (0, 0)))
            if whole:
                parts.append(cls.of(waiting[:whole], before, waiting[whole:]))
                before, waiting = waiting[max(whole - _STEP, 0) : whole].copy(), waiting[whole:]
        return cls(
            np.concatenate([part.powers for part in parts]),
            np.concatenate([part.squares for part in parts]),
            np.concatenate([part.peaks for part in parts]),
        )


def _measure_again(file: FrameFile, first: int, stop: int, readings: _Readings) -> None:
    """New readings for where these MPEG frames are heard, decoded as a player decodes them."""
    heard_from = max(first * MP3_FRAME - ENCODER_DELAY, 0)
    low = max(heard_from // _STEP - _STEPS_AROUND, 0)
    high = min(stop * MP3_FRAME // _STEP + _STEPS_AROUND, len(readings.powers) - 1)
    begin = max(low * _STEP // MP3_FRAME - RUN, 0)
    end = min(-(-(high * _STEP + ENCODER_DELAY) // MP3_FRAME) + RUN, file.count)
    sound = decode_frames(file.get(begin, end))
    at, until = low * _STEP - begin * MP3_FRAME, high * _STEP - begin * MP3_FRAME
    # Only what is higher than all the rest can be the programme's peak.
    new = _Readings.of(sound[at:until], sound[:at], sound[until:], floor=float(readings.peaks.max()))
    for kept, found in zip(
        (readings.powers, readings.squares, readings.peaks), (new.powers, new.squares, new.peaks), strict=True
    ):
        kept[low:high] = found


def _loudness(readings: _Readings, frames: int) -> Loudness:
    return Loudness(
        integrated_lufs=LoudnessMeter.of_powers(RATE, readings.powers).integrated_lufs(),
        rms_db=power_to_db(math.fsum(readings.squares) / (frames * 2)),
        true_peak_dbtp=gain_to_db(float(readings.peaks.max())),
        frames=frames,
        rate=RATE,
    )
