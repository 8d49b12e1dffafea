"""A programme to finished sound files: mixed, mastered to its preset, encoded, and measured as decoded."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from kindvoice.encode import Format, Samples, Target, encode
from kindvoice.encode.base import frames_at
from kindvoice.encode.decode import decode, sound_info
from kindvoice.errors import OutputError
from kindvoice.model import Loudness, Preset, Schedule
from kindvoice.sound.master import master
from kindvoice.sound.meter import measure
from kindvoice.sound.mix import REFERENCE_LUFS, Mix
from kindvoice.units import RATE

AIM_WITHIN_LU = 0.5
"""A finished file is made again when it is further from what its preset asks for."""
RMS_MARGIN_DB = 1.0
"""Where only RMS is asked for, a file comes this far into the range: no louder than it must be."""
LOUDEST_LUFS = -13.0
"""RMS counts the pauses, so a file of pauses would have to shout: speech is never made louder than this."""
SPEECH_ABOVE_LU = 4.0
"""Few words over a long background weigh little in its loudness: speech goes no further above what is asked for."""
_TRIES = 3

OnStage = Callable[[str, int, int], None]
"""stage, done, of"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What the finished files measure."""

    loudness: Mapping[str, Loudness]
    """by format"""
    warnings: tuple[str, ...]
    """what of the preset could not be met, with what would help"""


def finish(mix: Mix, targets: Sequence[tuple[Format, Target]], preset: Preset, on_stage: OnStage) -> Finished:
    """Writes every target from one mix.

    A codec moves peaks a little, a limiter takes a little loudness: when a finished file is beyond what its preset
    allows, all are made once more with that much more room. Raises OutputError for a file that is not whole.
    """
    gain_db = bounded_db(preset, lacking_db(preset, measure(_counted(mix, on_stage), peaks=False)))
    ceiling = preset.peak_dbtp - max(format.overshoot_db for format, _ in targets)
    # The limiter takes a little loudness with the peaks; the gain gives it back.
    gain_db += lacking_db(preset, measure(master(mix.blocks(), gain_db, ceiling), peaks=False))
    gain_db = bounded_db(preset, gain_db)
    for _ in range(_TRIES):
        encode(
            master(mix.blocks(), gain_db, ceiling),
            targets,
            lambda done: on_stage("encode", done, mix.frames),
        )
        loudness = _measured(targets, on_stage)
        excess = max(reading.true_peak_dbtp for reading in loudness.values()) - preset.peak_dbtp
        off = max((lacking_db(preset, reading) for reading in loudness.values()), key=abs)
        bound = off > 0 and gain_db == bounded_db(preset, gain_db + off)
        if excess <= 0 and (abs(off) <= AIM_WITHIN_LU or bound):
            break
        ceiling -= excess + 0.1 if excess > 0 else 0.0
        gain_db = bounded_db(preset, gain_db + off)
    heavier = _heavier(mix.schedule) if bound else ""
    return Finished(loudness=loudness, warnings=tuple(_warnings(preset, excess, off, loudness, heavier)))


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


def bounded_db(preset: Preset, gain_db: float) -> float:
    """No more gain than speech, which is at REFERENCE_LUFS in a mix, may have in this preset."""
    if preset.lufs is None:
        return gain_db
    return min(gain_db, preset.lufs + SPEECH_ABOVE_LU - REFERENCE_LUFS)


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
        f"until the file lasts {percent:.0f} % of its time (--length), or publish it where loudness is measured in "
        "LUFS (--preset podcast, audiobook)"
    )


def _counted(mix: Mix, on_stage: OnStage) -> Iterator[Samples]:
    done = 0
    for block in mix.blocks():
        yield block
        done += len(block)
        on_stage("measure", done, mix.frames)


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
