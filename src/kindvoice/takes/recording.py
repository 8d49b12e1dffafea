"""A long recording: heard once from end to end, and cut at its silences (pydub)."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from kindvoice.encode.decode import MOST_S, decode, sound_info
from kindvoice.errors import SoundError
from kindvoice.model import Where
from kindvoice.sound.edges import find_sound, runs
from kindvoice.sound.kweight import LoudnessMeter, gated_lufs
from kindvoice.sound.wavfile import Samples
from kindvoice.units import RATE, db_to_gain, gain_to_db, power_to_db, short_clock

Floats = npt.NDArray[np.float64]

COARSE_RATE = 16_000
"""Hz; what silences, voices and words are looked for in"""
_PER_MS = COARSE_RATE // 1000
_RUMBLE_HZ = 60
_MIN_SILENCE_MS = 350
"""Readers pause inside lines too; which pieces make a line is found out later."""
_SEEK_MS = 10
_CLICK_MS = 80
"""a sound shorter than this is no word"""
_FULL_SCALE = 0.999
_LEAD_MS, _TAIL_MS = 100, 250
"""breath that a cut keeps around the sound, where the neighbours leave room"""
_ONE_CHANNEL_DB = 20.0
"""channels that differ by more than this: one of them has no microphone"""


@dataclass(frozen=True, slots=True)
class Recording:
    """What one pass over a recording found. It holds arrays, and goes no further than the cutting."""

    path: Path
    channel: int | None
    """the channel that holds the voice; None: the mean of all"""
    coarse: Samples
    """the whole of it at 16 kHz, without rumble"""
    momentary_lufs: Floats
    """of 400 ms, every 100 ms, as two equal channels"""
    clipped_ms: npt.NDArray[np.int64]
    """where three or more samples in a row stood at full scale"""
    peak: float
    noise_db: float
    """the room in the pauses, RMS in dB of full scale"""
    voice_db: float
    """the voice at its usual loudest, likewise"""

    def overloaded(self, start_ms: int, stop_ms: int) -> int:
        """In how many places of a stretch it stood at full scale."""
        return int(((self.clipped_ms >= start_ms) & (self.clipped_ms < stop_ms)).sum())

    @property
    def length_ms(self) -> int:
        return len(self.coarse) // _PER_MS


def listen(path: Path) -> Recording:
    """Hears the whole file once. Raises SoundError for a file that cannot be read or holds no voice."""
    channel = voice_channel(path)
    down = soxr.ResampleStream(RATE, COARSE_RATE, 1, dtype="float32")
    meter = LoudnessMeter(RATE, 1)
    pieces: list[Samples] = []
    clipped: list[npt.NDArray[np.int64]] = []
    position, peak = 0, 0.0
    for block in itertools.chain(mono(path, channel), [np.zeros(0, np.float32)]):
        _check_numbers(block, position, path)
        meter.add(block[:, None])
        clipped.append((_flat_tops(block) + position) // (RATE // 1000))
        position += len(block)
        peak = max(peak, float(np.abs(block).max(initial=0.0)))
        pieces.append(down.resample_chunk(block, last=not len(block)))
    coarse = _without_rumble(np.concatenate(pieces))
    where = Where(path=str(path), line=0)
    if len(coarse) < COARSE_RATE // 2 or not peak > 1e-4:
        raise SoundError("the recording is empty or silent", where=where, cure="is it the right file?")
    noise_db, voice_db = _levels(coarse)
    if voice_db - noise_db < 9:
        raise SoundError(
            "no voice can be told from the room in this recording", where=where,
            cure="record closer to the microphone, in a quieter room, with two seconds of silence between lines",
        )  # fmt: skip
    stereo = meter.momentary_lufs() + power_to_db(2.0)
    return Recording(path, channel, coarse, stereo, np.concatenate(clipped), peak, noise_db, voice_db)


def _without_rumble(sound: Samples) -> Samples:
    """Through a Butterworth high-pass of the second order, without its delay. sound: float32, shape (n,)."""
    if not len(sound):
        return sound
    spectrum = np.fft.rfft(sound)
    hz = np.fft.rfftfreq(len(sound), 1 / COARSE_RATE)
    spectrum *= hz**2 / np.sqrt(hz**4 + _RUMBLE_HZ**4)
    return np.fft.irfft(spectrum, len(sound)).astype(np.float32)


def _check_numbers(block: Samples, position: int, path: Path) -> None:
    """One sample that is no number would spoil every reading after it. position: the block's first frame."""
    bad = np.flatnonzero(~np.isfinite(block))
    if len(bad):
        at = short_clock((position + int(bad[0])) * 1000 // RATE)
        raise SoundError(
            f"the recording is damaged at {at}: it holds samples that are no numbers",
            where=Where(path=str(path), line=0),
            cure="save it once more from the program it was made with, as WAV or FLAC of 24 bits",
        )


def spans(path: Path, channel: int | None, cuts: Sequence[tuple[int, int]]) -> Iterator[Samples]:
    """The samples of each cut (start frame, stop frame at 48 kHz), in the order of the cuts, which must be in
    order of start; what overlaps is given twice. Mono float32, as decoded: nothing faded, nothing levelled."""
    waiting = list(cuts)
    open_cuts: list[tuple[int, int, list[Samples]]] = []
    position = 0
    for block in mono(path, channel):
        end = position + len(block)
        while waiting and waiting[0][0] < end:
            start, stop = waiting.pop(0)
            open_cuts.append((start, stop, []))
        for start, stop, parts in open_cuts:
            parts.append(block[max(start - position, 0) : max(stop - position, 0)])
        while open_cuts and open_cuts[0][1] <= end:
            yield np.concatenate(open_cuts.pop(0)[2])
        position = end
    for _, _, parts in open_cuts:
        yield np.concatenate(parts)


# ---------------------------------------------------------------- one channel


def mono(path: Path, channel: int | None, most_s: float = MOST_S) -> Iterator[Samples]:
    """The file at 48 kHz, one channel of it. Raises TooLong for more than most_s seconds."""
    for block in decode(path, rate=RATE, stereo=False, most_s=most_s):
        if block.shape[1] == 1 or channel is not None:
            yield np.ascontiguousarray(block[:, channel or 0])
        else:
            yield block.mean(axis=1, dtype=np.float32)


def voice_channel(path: Path, most_s: float = MOST_S) -> int | None:
    """Which channel to take: the loudest where one stands alone, else none of them but their mean."""
    if sound_info(path).channels == 1:
        return 0
    squares = sum(
        (
            np.einsum("nc,nc->c", b, b, dtype=np.float64)
            for b in decode(path, rate=RATE, stereo=False, most_s=most_s)
        ),
        np.zeros(1),
    )
    order = np.argsort(squares)
    alone = squares[order[-2]] * db_to_gain(_ONE_CHANNEL_DB) ** 2 < squares[order[-1]]
    return int(order[-1]) if alone else None


def _flat_tops(block: Samples) -> npt.NDArray[np.int64]:
    """The first samples of runs of three or more at full scale.

    >>> _flat_tops(np.array([0, 1, 1, 1, 1, 0, -1, -1, 0], np.float32))
    array([1])
    """
    full = runs(np.abs(block) >= _FULL_SCALE)
    return np.array([start for start, stop in full if stop - start >= 3], np.int64)


# ---------------------------------------------------------------- silences


def _levels(coarse: Samples) -> tuple[float, float]:
    """How loud the room is and how loud the voice is, RMS in dB, from windows of 200 ms every 10 ms.

    Digital silence says nothing about a room, unless there is nothing else to go by.
    """
    hop = 10 * _PER_MS
    power = np.square(coarse[: len(coarse) // hop * hop].reshape(-1, hop)).mean(axis=1, dtype=np.float64)
    windows = np.convolve(power, np.full(20, 1 / 20), mode="valid")
    audible = windows[windows > db_to_gain(-100) ** 2]
    if not len(audible):
        return -100.0, -100.0
    voice_db = power_to_db(float(np.percentile(audible, 97)))
    noise_db = power_to_db(float(np.percentile(audible, 8)))
    # A recorder that mutes the pauses leaves only the voice: its soft moments are no room.
    muted = 1 - len(audible) / len(windows) > 0.1
    return min(noise_db, voice_db - 60) if muted else max(noise_db, voice_db - 60), voice_db


def pieces(recording: Recording) -> list[tuple[int, int]]:
    """Stretches of sound between silences, (start ms, stop ms).

    What counts as silent is set by the recording's own room: a third of the way from it up to the voice, 3 to
    12 dB above it.
    """
    above = min(max((recording.voice_db - recording.noise_db) / 3, 3.0), 12.0)
    loudest = np.abs(recording.coarse).max()
    with warnings.catch_warnings():
        # It warns of its own spelling, and of a missing ffmpeg, which is not needed here.
        warnings.simplefilter("ignore")
        from pydub import AudioSegment, silence
    data = np.round(recording.coarse * np.float32(32_767 / loudest)).astype("<i2").tobytes()
    stretches = silence.detect_nonsilent(
        AudioSegment(data=data, sample_width=2, frame_rate=COARSE_RATE, channels=1),
        min_silence_len=_MIN_SILENCE_MS,
        silence_thresh=recording.noise_db + above - gain_to_db(float(loudest)),
        seek_step=_SEEK_MS,
    )
    return [(start, stop) for start, stop in stretches if stop - start >= _CLICK_MS]


# ---------------------------------------------------------------- what a stretch is like


def edges(
    recording: Recording, start_ms: int, stop_ms: int, before_ms: int, after_ms: int
) -> tuple[int, int]:
    """Where to cut around a stretch of sound, in ms: outside of it, with its breath.

    before_ms, after_ms: where the neighbours' own halves of the silence begin; the cut stays within.
    """
    # pydub looks at 350 ms at a time: so far may a soft beginning or end lie outside of what it found.
    first = max(before_ms, start_ms - _MIN_SILENCE_MS)
    last = min(after_ms, stop_ms + _MIN_SILENCE_MS)
    region = recording.coarse[first * _PER_MS : last * _PER_MS]
    loudest_db = gain_to_db(float(np.abs(region).max(initial=1e-9)))
    gate_db = min(max(recording.noise_db + 8 - loudest_db, -50.0), -20.0)
    bounds = find_sound(region, COARSE_RATE, gate_db) or (0, len(region))
    start = min(first + bounds[0] // _PER_MS, start_ms)
    stop = max(first - (-bounds[1] // _PER_MS), stop_ms)
    return max(before_ms, start - _LEAD_MS), min(after_ms, stop + _TAIL_MS)


def slice_of(recording: Recording, start_ms: int, stop_ms: int) -> Samples:
    """At 16 kHz."""
    return recording.coarse[max(start_ms, 0) * _PER_MS : stop_ms * _PER_MS]


def voiced_share(samples: Samples) -> float:
    """How much of a stretch has the pitch of a voice, 0..1: the share of frames of 32 ms, among the louder ones,
    that repeat themselves 70 to 400 times a second.

    samples: at 16 kHz. A cough, a page, a chair has none or little of it.
    """
    length, hop = 512, 160
    if len(samples) < length:
        samples = np.pad(samples, (0, length - len(samples)))
    frames = np.lib.stride_tricks.sliding_window_view(samples, length)[::hop]
    power = np.square(frames).mean(axis=1, dtype=np.float64)
    frames = frames[power > power.max() * db_to_gain(-20) ** 2]
    frames = frames - frames.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(frames * np.hanning(length), 2 * length)
    window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(length), 2 * length)) ** 2)
    lags = slice(COARSE_RATE // 400, COARSE_RATE // 70)
    repeats = np.fft.irfft(np.abs(spectrum) ** 2)
    strength = (repeats[:, lags] / window[lags]) / np.maximum(repeats[:, :1] / window[0], 1e-20)
    return float((strength.max(axis=1) > 0.5).mean())


def speech_lufs(recording: Recording, stretches: Sequence[tuple[int, int]]) -> float:
    """Loudness of the stretches (ms) as BS.1770-4 gates it; minus infinity when they are silent."""
    return gated_lufs(_within(recording, stretches, 200), -100)


def room_lufs(recording: Recording, pauses: Sequence[tuple[int, int]]) -> float:
    """Loudness of the room in the pauses (ms), the median over 400 ms; minus infinity when there is none."""
    quiet = _within(recording, [(a + 100, b - 100) for a, b in pauses], 400)
    return float(np.median(quiet)) if len(quiet) else -np.inf


def _within(recording: Recording, stretches: Sequence[tuple[int, int]], inside_ms: int) -> Floats:
    """The 400 ms readings of which at least the middle `inside_ms` lie in a stretch."""
    out = (400 - inside_ms) // 2
    chosen = np.zeros(len(recording.momentary_lufs), bool)
    for start, stop in stretches:
        first, last = -(-(start - out) // 100), (stop + out - 400) // 100
        if last >= max(first, 0):
            chosen[max(first, 0) : last + 1] = True
    return recording.momentary_lufs[chosen]
