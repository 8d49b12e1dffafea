"""Bells and beds to sounds in the store, ready to be mixed: synthesised ones, and the user's own files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from kindvoice.errors import SoundError
from kindvoice.model import BedChange, Clip, Ring, Timeline, Where
from kindvoice.sound import bells
from kindvoice.sound.beds import BEDS, make_seamless
from kindvoice.sound.wavfile import Samples, read_wav, wav_frames, write_wav
from kindvoice.store import Store, file_sha256, stage_key
from kindvoice.units import RATE, ceil_to_ms, db_to_gain, ms_to_frames

if TYPE_CHECKING:
    from kindvoice.sound.mix import Read

BELL_VERSION = 1
LOOP_VERSION = 1
BELL_MOMENTARY_LUFS = -26.0
BED_LUFS = -41.0
LOOP_OVERLAP_FRAMES = ms_to_frames(3000)
MAX_BELL_S = 120
MAX_LOOP_S = 3600
_SHORT = 40 * RATE


def reader(store: Store) -> Read:
    """How a mix reads the store's sounds. Short ones are kept for a moment: a mix asks for them in many pieces.

    Before the first piece the whole is checked: what reads raises DamagedError.
    """

    @lru_cache(maxsize=8)
    def whole(key: str) -> Samples:
        return read_wav(store.path(key))[0]

    @lru_cache(maxsize=4096)
    def is_short(key: str) -> bool:
        return wav_frames(store.verified(key)) <= _SHORT

    def read(key: str, start: int, stop: int) -> Samples:
        if is_short(key):
            return whole(key)[start:stop]
        return read_wav(store.path(key), start, stop)[0]

    return read


def prepare_sounds(timeline: Timeline, store: Store) -> Mapping[str, Clip]:
    """Every bell and every bed file that the timeline names, by that name. Synthesised beds are not here:
    the mixer makes them as it goes.

    Raises SoundError with the script's line for a file that is not sound.
    """
    clips: dict[str, Clip] = {}
    for item in timeline.items:
        if isinstance(item, (Ring, BedChange)) and item.sound and item.sound not in clips:
            try:
                if isinstance(item, Ring):
                    clips[item.sound] = _bell(item.sound, store)
                elif item.sound not in BEDS:
                    clips[item.sound] = _loop(Path(item.sound), store)
            except SoundError as error:
                raise SoundError(f"{error.where}: {error.what}", where=item.where, cure=error.cure) from None
    return clips


def _bell(sound: str, store: Store) -> Clip:
    if sound in bells.BELLS:
        key = stage_key("bell", BELL_VERSION, name=sound, model=repr(bells.BELLS[sound]))
        path = store.get_or_make(key, lambda part: write_wav(part, bells.strike(sound), RATE))
    else:
        key = stage_key("bell-file", BELL_VERSION, sha256=file_sha256(Path(sound)))
        path = store.get_or_make(key, lambda part: _bell_file(Path(sound), part))
    return Clip(key=key, frames=wav_frames(path))


def _bell_file(source: Path, part: Path) -> None:
    """The user's bell: silence before the strike taken away, its loudest moment brought to our bells'."""
    import numpy as np

    from kindvoice.sound.kweight import LoudnessMeter

    samples = _read(source, MAX_BELL_S)
    audible = np.flatnonzero(np.abs(samples).max(axis=1) > 10 ** (-60 / 20) * np.abs(samples).max())
    start = max(int(audible[0]) - ms_to_frames(5), 0)
    stop = min(int(audible[-1]) + ms_to_frames(50), len(samples))
    samples = samples[start:stop]
    fade_in, fade_out = min(ms_to_frames(2), len(samples)), min(ms_to_frames(200), len(samples))
    samples[:fade_in] *= np.linspace(0, 1, fade_in, dtype=np.float32)[:, None]
    samples[-fade_out:] *= np.linspace(1, 0, fade_out, dtype=np.float32)[:, None]
    samples = np.pad(samples, ((0, ceil_to_ms(len(samples)) - len(samples)), (0, 0)))
    meter = LoudnessMeter(RATE, 2)
    meter.add(np.pad(samples, ((0, RATE), (0, 0))))
    write_wav(
        part,
        samples * np.float32(db_to_gain(BELL_MOMENTARY_LUFS - float(meter.momentary_lufs().max()))),
        RATE,
    )


def _loop(source: Path, store: Store) -> Clip:
    key = stage_key("loop", LOOP_VERSION, sha256=file_sha256(source))
    path = store.get_or_make(key, lambda part: _loop_file(source, part))
    return Clip(key=key, frames=wav_frames(path))


def _loop_file(source: Path, part: Path) -> None:
    """The user's bed: its end crossfaded into its start, its loudness brought to our beds'."""
    import numpy as np

    from kindvoice.sound.kweight import LoudnessMeter

    samples = _read(source, MAX_LOOP_S)
    loop = make_seamless(samples, LOOP_OVERLAP_FRAMES)
    meter = LoudnessMeter(RATE, 2)
    meter.add(np.tile(loop, (max(1, -(-RATE // max(len(loop), 1))), 1)))
    loudness = meter.integrated_lufs()
    if loudness < -70:
        raise SoundError("the bed is silent", where=Where(path=str(source), line=0))
    write_wav(part, loop * np.float32(db_to_gain(BED_LUFS - loudness)), RATE)


def _read(source: Path, limit_s: int) -> Samples:
    """A whole file in stereo at 48 kHz; silence and files without end are errors."""
    import numpy as np

    from kindvoice.encode.decode import decode  # with all formats, which own bells and beds do not need

    blocks = list(decode(source, rate=RATE, most_s=limit_s))
    if not max((float(np.abs(block).max()) for block in blocks), default=0.0) > 1e-5:
        raise SoundError("the sound file is empty or silent", where=Where(path=str(source), line=0))
    return np.concatenate(blocks)
