"""A programme to finished sound files: mixed, mastered to its preset, encoded, and measured as decoded."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from kindvoice.encode import Format, Target, encode
from kindvoice.encode.base import frames_at
from kindvoice.encode.decode import decode, sound_info
from kindvoice.errors import OutputError, terminal
from kindvoice.model import Loudness, Preset, Schedule
from kindvoice.sound.kept import KeptStretches, OnStage, room_readings, total
from kindvoice.sound.meter import measure
from kindvoice.sound.mix import REFERENCE_LUFS
from kindvoice.sound.segments import Programme
from kindvoice.store import Store
from kindvoice.units import RATE, db_to_gain

AIM_WITHIN_LU = 0.5
"""A finished file is made again when it is further from what its preset asks for."""
RMS_MARGIN_DB = 1.0
"""Where only RMS is asked for, a file comes this far into the range: no louder than it must be."""
LOUDEST_LUFS = -13.0
"""RMS counts the pauses, so a file of pauses would have to shout: speech is never made louder than this."""
SPEECH_ABOVE_LU = 4.0
"""Few words over a long background weigh little in its loudness: speech goes no further above what is asked for."""
_TRIES = 3

GAIN_STEP_DB = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What the finished files measure."""

    loudness: Mapping[str, Loudness]
    """by format"""
    warnings: tuple[str, ...]
    """what of the preset could not be met, with what would help"""
    own_keys: frozenset[str]
    """the store's keys of stretches that hold a participant's own words"""


def finish(
    programme: Programme, targets: Sequence[tuple[Format, Target]], preset: Preset, store: Store, on_stage: OnStage
) -> Finished:  # fmt: skip
    """Writes every target of one programme, each encoded from stretches where its format allows it.

    A codec moves peaks and loudness a little: what is beyond its preset is made once more with that much more room.
    Raises OutputError for a file that is not whole.
    """
    kept = KeptStretches(programme, store, on_stage)
    mixed, room = kept.mixed(), room_readings(store)

    def level_db(ceiling: float) -> float:
        """The gain: a multiple of GAIN_STEP_DB, so that what many recordings share they share at one level."""
        gain_db, tried = 0.0, set[float]()
        while gain_db not in tried:
            tried.add(gain_db)
            gain, most = db_to_gain(gain_db), db_to_gain(ceiling)
            readings = [reading.mastered(gain, most) for reading in mixed]
            reading = total(programme, readings, room.mastered(gain, most))
            gain_db = _step_db(preset, gain_db + lacking_db(preset, reading))
        return gain_db

    loudness: dict[str, Loudness] = {}
    gain_db = 0.0
    in_stretches = [pair for pair in targets if pair[0].codec and pair[1].rate == RATE]
    for pairs in (in_stretches, [pair for pair in targets if pair not in in_stretches]):
        if not pairs:
            continue
        ceiling = preset.peak_dbtp - max(format.overshoot_db for format, _ in pairs)
        gain_db = level_db(ceiling)
        for _ in range(_TRIES):
            if pairs is in_stretches:
                made = kept.write(pairs, gain_db, ceiling, preset.peak_dbtp)
            else:
                blocks = programme.blocks(gain_db, ceiling)
                encode(blocks, pairs, lambda done: on_stage("encode", done, programme.frames))
                made = _measured(pairs, on_stage)
            loudness |= made
            excess = _excess_db(preset, made)
            better_db = _step_db(preset, gain_db + _off_db(preset, made))
            if excess <= 0 and (abs(_off_db(preset, made)) <= AIM_WITHIN_LU or better_db == gain_db):
                break
            ceiling -= excess + 0.1 if excess > 0 else 0.0
            gain_db = better_db
    on_stage("check", len(targets), len(targets))
    # Bells in silence are as loud as they are.
    off = _off_db(preset, loudness) if programme.schedule.speech else 0.0
    heavier = _heavier(programme.schedule) if off > 0 and gain_db == _step_db(preset, gain_db + off) else ""
    return Finished(
        loudness={format.name: loudness[format.name] for format, _ in targets},
        warnings=tuple(_warnings(preset, _excess_db(preset, loudness), off, loudness, heavier)),
        own_keys=kept.own_keys,
    )


def _excess_db(preset: Preset, loudness: Mapping[str, Loudness]) -> float:
    return max(reading.true_peak_dbtp for reading in loudness.values()) - preset.peak_dbtp


def _off_db(preset: Preset, loudness: Mapping[str, Loudness]) -> float:
    """What the file that is furthest from its preset lacks."""
    return max((lacking_db(preset, reading) for reading in loudness.values()), key=abs)


def _step_db(preset: Preset, gain_db: float) -> float:
    """The nearest step, and no more gain than speech, which is at REFERENCE_LUFS in a mix, may have in this preset."""
    steps = round(gain_db / GAIN_STEP_DB)
    if preset.lufs is not None:
        most_db = preset.lufs + SPEECH_ABOVE_LU - REFERENCE_LUFS
        steps = min(steps, math.floor(most_db / GAIN_STEP_DB))
    return steps * GAIN_STEP_DB


def lacking_db(preset: Preset, reading: Loudness) -> float:
    """The gain that a sound of this reading lacks. 0 for silence, which no gain helps."""
    if not math.isfinite(reading.integrated_lufs):
        return 0.0
    if preset.rms_db is None:
        assert preset.lufs is not None
        return preset.lufs - reading.integrated_lufs
    low, high = preset.rms_db
    aim = min(low + RMS_MARGIN_DB, high)
    return min(aim - reading.rms_db, LOUDEST_LUFS - reading.integrated_lufs)


def _warnings(
    preset: Preset, excess: float, off: float, loudness: Mapping[str, Loudness], heavier: str
) -> Iterator[str]:
    """heavier: why speech would have to be shouted to be as loud; empty where it would not."""
    if excess > 0:
        yield f"the true peak is {excess:.1f} dB above what {preset.name} allows"
    if abs(off) > AIM_WITHIN_LU:
        yield f"the loudness is {-off:+.1f} LU from what {preset.name} asks for{heavier}"
    if preset.rms_db is not None:
        short = preset.rms_db[0] - min(reading.rms_db for reading in loudness.values())
        if short > 0:
            yield f"the RMS is {short:.1f} dB below what {preset.name} asks for. {rms_cure(short)}"


def _heavier(schedule: Schedule) -> str:
    """What weighs more than words in the loudness of this programme, and what helps."""
    names = [name for name, there in (("background", schedule.beds), ("bells", schedule.bells)) if there]
    if schedule.beds:
        cure = "a quieter one helps, such as [bed rain -6dB]"
    else:
        cure = "more words help, or a preset that asks for less, such as sleep"
    many = "weighs" if names == ["background"] else "weigh"
    why = (
        f"the {' and the '.join(names)} {many} more than the few words in it"
        if names
        else "its words are soft"
    )
    return f"; {why}: {cure}"


def rms_cure(short_db: float) -> str:
    """What to do about a file whose RMS is this far too low. RMS is power over time: half the time is 3 dB more."""
    percent = 100.0 * 10.0 ** (-short_db / 10.0)
    return (
        "RMS counts every pause as silence, and the voice cannot be made louder without harm. Let the pauses give "
        f"until the file lasts {percent:.0f} % of its time{terminal(' (--length)')}, or publish it where "
        f"loudness is measured in LUFS{terminal(' (--preset podcast, audiobook)')}"
    )


def _measured(targets: Sequence[tuple[Format, Target]], on_stage: OnStage) -> dict[str, Loudness]:
    """Each finished file decoded by itself and measured; raises OutputError for one that is not whole."""

    def one(format: Format, target: Target) -> Loudness:
        info = sound_info(target.path, own=True)
        reading = measure(decode(target.path, own=True), info.rate)
        wanted = frames_at(target.frames, info.rate)
        # At another rate the length is no whole number of samples, and an MP3's last few may stay.
        slack = 0 if format.exact and info.rate == RATE else format.codec_frame
        if abs(reading.frames - wanted) > slack:
            raise OutputError(
                f"{target.path.name} decodes to {reading.frames} samples in place of {wanted}",
                cure="the disk may be full or failing; free some space and run it again",
            )
        return reading

    on_stage("check", 0, len(targets))
    with ThreadPoolExecutor(max_workers=min(len(targets), os.cpu_count() or 1)) as pool:
        readings = list(pool.map(lambda pair: one(*pair), targets))
    on_stage("check", len(targets), len(targets))
    return {format.name: reading for (format, _), reading in zip(targets, readings, strict=True)}
