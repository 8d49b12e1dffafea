"""A finished file, measured: what it is, against what its preset and its manifest say."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from kindvoice.encode import FORMATS, Format
from kindvoice.encode.decode import Samples, SoundInfo, decode, packet_bytes, sound_info
from kindvoice.errors import SoundError
from kindvoice.model import ChapterMark, Loudness, Preset
from kindvoice.publish.captions.plain import plain
from kindvoice.publish.manifest import manifest_of
from kindvoice.sound.deliver import LOUDEST_LUFS, rms_cure
from kindvoice.sound.meter import measure
from kindvoice.sound.presets import shipped
from kindvoice.store import file_sha256
from kindvoice.units import format_ms, frames_to_ms, frames_to_seconds, ms_to_frames, power_to_db

PASS, FAIL, INFO = "pass", "fail", "info"
EDGE_MS = 5
EDGE_DB = -50.0
"""A file that begins or ends louder than this was cut, and clicks."""
SPEECH_DB = -55.0
_WHOLE_WITHIN_MS = 200
"""more than any codec's own frames at both ends"""
_STEP_MS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPoint:
    """One point that was looked at."""

    point: str
    verdict: str
    """pass, fail or info"""
    measured: str
    wanted: str = ""
    cure: str = ""
    """what would mend it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    path: Path
    findings: tuple[CheckedPoint, ...]
    loudness: Loudness | None = None

    @property
    def passed(self) -> bool:
        return all(finding.verdict != FAIL for finding in self.findings)


@dataclass(slots=True)
class _Envelope:
    """The peak and the power of every 10 ms, and the peaks of the file's edges."""

    rate: int
    peaks: list[Any] = field(default_factory=list)
    powers: list[Any] = field(default_factory=list)
    first: float = 0.0
    last: float = 0.0
    _left: Samples | None = None
    _left_power: Samples | None = None
    _started: bool = False

    def passing(self, blocks: Iterator[Samples]) -> Iterator[Samples]:
        step, edge = self.rate * _STEP_MS // 1000, self.rate * EDGE_MS // 1000
        tail = np.zeros(0, np.float32)
        for block in blocks:
            level = np.abs(block).max(axis=1)
            if not self._started and len(level):
                self.first, self._started = float(level[:edge].max()), True
            tail = np.concatenate([tail[-edge:], level])[-edge:]
            power = np.square(block).mean(axis=1)
            if self._left is not None and self._left_power is not None:
                level, power = np.concatenate([self._left, level]), np.concatenate([self._left_power, power])
            whole = len(level) // step * step
            self.peaks.append(level[:whole].reshape(-1, step).max(axis=1))
            self.powers.append(power[:whole].reshape(-1, step).mean(axis=1))
            self._left, self._left_power = level[whole:], power[whole:]
            yield block
        self.last = float(tail.max(initial=0.0))

    def levels_db(self) -> Any:
        peaks = np.concatenate(self.peaks) if self.peaks else np.zeros(0)
        return 20.0 * np.log10(np.maximum(peaks, 1e-9))

    def floor_db(self) -> float:
        """RMS of the quietest half second."""
        powers = np.concatenate(self.powers) if self.powers else np.zeros(0)
        length = min(500 // _STEP_MS, len(powers))
        if not length:
            return -math.inf
        return power_to_db(float(np.convolve(powers, np.full(length, 1.0 / length), mode="valid").min()))

    def silences_ms(self) -> tuple[int, int]:
        """Before the first sound that can be heard, and after the last."""
        loud = np.flatnonzero(self.levels_db() > SPEECH_DB)
        steps = sum(map(len, self.peaks))
        return (int(loud[0]) * _STEP_MS, int(steps - 1 - loud[-1]) * _STEP_MS) if len(loud) else (0, 0)


def verify(path: Path, preset: Preset | None = None, presets: Mapping[str, Preset] | None = None) -> Report:
    """Decodes the whole file and looks at every point; what stands beside it (manifest, captions) too.

    preset: None: the one of `presets` that the manifest names, else none is checked against. A file that is not
    sound gives a report with one failed finding, never an exception.
    """
    try:
        info = sound_info(path)
        envelope = _Envelope(info.rate)
        reading = measure(envelope.passing(decode(path, stereo=False)), info.rate)
    except SoundError as error:
        return Report(
            path=path, findings=(CheckedPoint(point="readable", verdict=FAIL, measured=error.what),)
        )
    if not reading.frames:
        return Report(
            path=path, findings=(CheckedPoint(point="readable", verdict=FAIL, measured="no sound at all"),)
        )
    manifest = _manifest(path)
    preset = preset or _preset_of(manifest, shipped() if presets is None else presets)
    findings = [
        CheckedPoint(point="format", verdict=INFO, measured=_format(info)),
        *_length(path, reading, manifest),
        *_whole(info, reading),
        *_loudness(reading, preset),
        *_edges(envelope),
        *(_place(path, info, reading, envelope, preset) if preset else ()),
        *_tags(info),
        *_chapters(path, info, reading, manifest),
        *_captions(path, envelope, reading),
        *_digest(path, manifest),
    ]  # fmt: skip
    return Report(path=path, findings=tuple(findings), loudness=reading)


def _format(info: SoundInfo) -> str:
    kbits = f"{info.bit_rate / 1000:.0f} kbit/s"
    return f"{info.codec.removesuffix('float')}, {info.rate} Hz, {info.channels} channels, {kbits}"


def _manifest(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(manifest_of(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    whole = (
        isinstance(found, dict)
        and isinstance(found.get("frames"), int)
        and isinstance(found.get("rate"), int)
    )
    return found if whole and found["rate"] > 0 and found.get("kindvoice") == "manifest" else None


def _preset_of(manifest: dict[str, Any] | None, presets: Mapping[str, Preset]) -> Preset | None:
    inputs = manifest.get("inputs") if manifest else None
    made_for = inputs.get("preset") if isinstance(inputs, dict) else None
    return presets.get(str(made_for.get("name"))) if isinstance(made_for, dict) else None


def _judge(point: str, good: bool, measured: str, wanted: str = "", cure: str = "") -> CheckedPoint:
    verdict = PASS if good else FAIL
    return CheckedPoint(
        point=point, verdict=verdict, measured=measured, wanted=wanted, cure="" if good else cure
    )


def _length(path: Path, reading: Loudness, manifest: dict[str, Any] | None) -> Iterator[CheckedPoint]:
    seconds = frames_to_seconds(reading.frames, reading.rate)
    measured = f"{seconds:.3f} s, {reading.frames} samples"
    if manifest is None:
        yield CheckedPoint(point="length", verdict=INFO, measured=measured)
        return
    wanted = frames_to_seconds(int(manifest["frames"]), int(manifest["rate"]))
    frame = _codec_frame(path) / reading.rate
    yield _judge("length", abs(seconds - wanted) <= frame, measured, f"{wanted:.3f} s")


def _whole(info: SoundInfo, reading: Loudness) -> Iterator[CheckedPoint]:
    if info.declared_ms is None:
        return
    found = round(frames_to_seconds(reading.frames, reading.rate) * 1000)
    good = found >= info.declared_ms - _WHOLE_WITHIN_MS
    yield _judge(
        "whole", good, f"{found / 1000:.1f} s", f"{info.declared_ms / 1000:.1f} s as the file says of itself",
        "the file was cut short, when it was copied or downloaded: fetch it again",
    )  # fmt: skip


def _loudness(reading: Loudness, preset: Preset | None) -> Iterator[CheckedPoint]:
    lufs, peak = f"{reading.integrated_lufs:.2f} LUFS", f"{reading.true_peak_dbtp:.2f} dBTP"
    if preset is None or preset.lufs is None:
        yield CheckedPoint(point="loudness", verdict=INFO, measured=lufs)
    else:
        close = abs(reading.integrated_lufs - preset.lufs) <= preset.within_lu
        wanted = f"{preset.lufs:g} LUFS within {preset.within_lu:g} ({preset.name})"
        yield _judge("loudness", close, lufs, wanted, f"render it again with --preset {preset.name}")
    if preset is None:
        yield CheckedPoint(point="true peak", verdict=INFO, measured=peak)
    else:
        good = reading.true_peak_dbtp <= preset.peak_dbtp
        yield _judge("true peak", good, peak, f"at most {preset.peak_dbtp:g} dBTP ({preset.name})")
    yield _rms(reading, preset)


def _codec_frame(path: Path) -> int:
    """Samples that the file's codec makes at once."""
    format = _format_of(path)
    return format.codec_frame if format else 1


def _rms(reading: Loudness, preset: Preset | None) -> CheckedPoint:
    measured = f"{reading.rms_db:.2f} dB, pauses counted"
    if preset is None or preset.rms_db is None:
        return CheckedPoint(point="RMS", verdict=INFO, measured=measured)
    low, high = preset.rms_db
    if reading.rms_db > high:
        cure = f"render it again with --preset {preset.name}"
    elif (
        reading.integrated_lufs < LOUDEST_LUFS - 1
        and low - reading.rms_db < LOUDEST_LUFS - reading.integrated_lufs
    ):
        cure = f"it can be made louder: render it again with --preset {preset.name}"
    else:
        cure = rms_cure(low - reading.rms_db)
    return _judge(
        "RMS", low <= reading.rms_db <= high, measured, f"{low:g} to {high:g} dB ({preset.name})", cure
    )


def _place(
    path: Path, info: SoundInfo, reading: Loudness, envelope: _Envelope, preset: Preset
) -> Iterator[CheckedPoint]:
    """What the place that the preset is for takes, besides loudness."""
    again = f"render it again with --preset {preset.name}"
    if preset.only:
        takes = {_CODECS.get(name, name) for name in preset.formats}
        yield _judge(
            "codec", info.codec.removesuffix("float") in takes, info.codec, " or ".join(sorted(takes)), again
        )
        yield _judge("sample rate", info.rate == preset.rate, f"{info.rate} Hz", f"{preset.rate} Hz", again)
        if info.codec.startswith("mp3"):
            smallest, largest = packet_bytes(path)
            steady = largest - smallest <= 1
            kbits = f"{info.bit_rate / 1000:.0f} kbit/s" + ("" if steady else ", varying")
            good = steady and info.bit_rate >= preset.bitrate * 0.99
            yield _judge(
                "bit rate", good, kbits, f"at least {preset.bitrate // 1000} kbit/s, constant", again
            )
    if preset.floor_db is not None:
        floor = envelope.floor_db()
        cure = "take the bed out: what is heard in the pauses counts as noise here"
        most = f"at most {preset.floor_db:g} dB"
        yield _judge("noise floor", floor <= preset.floor_db, f"{floor:.1f} dB", most, cure)
    silences = zip(("silence before", "silence after"), envelope.silences_ms(),
                   (preset.head_range_ms, preset.tail_range_ms), strict=True)  # fmt: skip
    for point, found, wanted in silences:
        if wanted is not None:
            # A fading bell is heard a little longer by one measure than by another.
            good = wanted[0] - 50 <= found <= wanted[1] + 50
            yield _judge(
                point, good, f"{found / 1000:.2f} s", f"{wanted[0] / 1000:g} to {wanted[1] / 1000:g} s", again
            )
    if preset.max_ms is not None:
        ms = round(frames_to_seconds(reading.frames, reading.rate) * 1000)
        good = ms <= preset.max_ms
        most = f"at most {format_ms(preset.max_ms)}"
        yield _judge("length limit", good, format_ms(ms), most, "ask for less with --length")
    if preset.max_bytes is not None:
        size = path.stat().st_size
        good, most = size <= preset.max_bytes, f"at most {preset.max_bytes / 1e6:g} MB"
        yield _judge("size limit", good, f"{size / 1e6:.1f} MB", most, "ask for less with --length")


_CODECS = {"m4a": "aac", "m4b": "aac", "ogg": "vorbis", "wav": "pcm_s24le"}
"""what FFmpeg calls the sound in our formats, where the names differ"""


def _edges(envelope: _Envelope) -> Iterator[CheckedPoint]:
    for point, level in (("first moment", envelope.first), ("last moment", envelope.last)):
        db = 20 * math.log10(level) if level > 0 else -math.inf
        yield _judge(point, db <= EDGE_DB, f"{db:.0f} dB", f"at most {EDGE_DB:.0f} dB")


def _tags(info: SoundInfo) -> Iterator[CheckedPoint]:
    for name in ("title", "artist", "language", "comment"):
        value = info.tags.get(name) or info.tags.get({"comment": "description"}.get(name, name), "")
        yield CheckedPoint(point=name, verdict=INFO, measured=value or "none")


def _chapters(
    path: Path, info: SoundInfo, reading: Loudness, manifest: dict[str, Any] | None
) -> Iterator[CheckedPoint]:
    """In themselves, and against what the manifest or, without one, the chapters beside the file name."""
    named, format = _named_chapters(path, manifest), _format_of(path)
    wanted = format.chapters_of(named) if format else named
    if not info.chapters and not wanted:
        place = f": {format.name} has no place for them" if named and format else ""
        yield CheckedPoint(point="chapters", verdict=INFO, measured=f"none{place}")
        return
    end = round(frames_to_seconds(reading.frames, reading.rate) * 1000)
    starts = [start for start, _, _ in info.chapters]
    stops = [stop for _, stop, _ in info.chapters]
    good = starts[:1] in ([0], [1]) and starts[1:] == stops[:-1] and abs(stops[-1] - end) <= 30
    measured, asked = f"{len(starts)}: {_listed(info)}", "from 0 to the end without a hole"
    if named:
        merged = f", merged into {len(wanted)}" if len(wanted) < len(named) else ""
        asked += f", the {len(named)} that are named beside it{merged}"
        if odd := _other_chapter(info, wanted):
            good, measured = False, f"{len(starts)}; {odd}"
    cure = "render it again: it may have been made by another version, or edited" if named else ""
    yield _judge("chapters", good, measured, asked, cure)


_TITLES = 12


def _listed(info: SoundInfo) -> str:
    titles = [title for _, _, title in info.chapters]
    return ", ".join(titles if len(titles) <= _TITLES else [*titles[: _TITLES - 1], "...", titles[-1]])


def _other_chapter(info: SoundInfo, wanted: Sequence[ChapterMark]) -> str:
    """Where the file's chapters first are not those that are wanted; empty where they are."""
    for number, ((start, _, title), mark) in enumerate(zip(info.chapters, wanted, strict=False), 1):
        # The chapters beside a file are in plain text.
        if abs(start - frames_to_ms(mark.start_frame)) > 1 or plain(title) != plain(mark.title):
            return f"number {number} is {title!r} at {start / 1000:.3f} s"
    return "" if len(info.chapters) == len(wanted) else f"not {len(wanted)}"


def _named_chapters(path: Path, manifest: dict[str, Any] | None) -> tuple[ChapterMark, ...]:
    """All of the recording's chapters by its manifest, or else by NAME.chapters.json beside the file."""
    try:
        if manifest is not None:
            named = [(int(chapter["start_ms"]), chapter["title"]) for chapter in manifest["chapters"]]
        else:
            beside = json.loads(path.with_suffix(".chapters.json").read_text(encoding="utf-8"))
            named = [(round(chapter["startTime"] * 1000), chapter["title"]) for chapter in beside["chapters"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return ()
    return tuple(ChapterMark(start_frame=ms_to_frames(ms), title=str(title)) for ms, title in named)


def _format_of(path: Path) -> Format | None:
    """Which of our formats a file's name says that it has."""
    return next((f for f in FORMATS.values() if f.extension == path.suffix.lower()), None)


def _captions(path: Path, envelope: _Envelope, reading: Loudness) -> Iterator[CheckedPoint]:
    """Captions beside the file: each begins and ends with sound, and the silence around it is silent."""
    beside = path.with_suffix(".vtt")
    if not beside.is_file():
        return
    cues = _cue_times(beside.read_text(encoding="utf-8", errors="replace"))
    end_ms = frames_to_seconds(reading.frames, reading.rate) * 1000
    levels = envelope.levels_db()
    silent = 0
    for start, stop in cues:
        heard = levels[start // _STEP_MS : max(stop // _STEP_MS, start // _STEP_MS + 1)]
        silent += not len(heard) or float(heard.max()) < SPEECH_DB
    ordered = all(a <= b for a, b in zip([s for s, _ in cues], [s for s, _ in cues][1:], strict=False))
    good = bool(cues) and not silent and ordered and cues[-1][1] <= end_ms + 1
    measured = f"{len(cues)} cues" + (f", {silent} of them over silence" if silent else "")
    yield _judge("captions", good, measured, "in order, each over speech, none beyond the end")


_CUE = re.compile(r"((?:\d+:)?\d\d:\d\d\.\d{3})\s+-->\s+((?:\d+:)?\d\d:\d\d\.\d{3})")


def _cue_times(text: str) -> Sequence[tuple[int, int]]:
    """Start and stop of every cue, in ms."""
    return [(_ms(start), _ms(stop)) for start, stop in _CUE.findall(text)]


def _ms(stamp: str) -> int:
    total = 0.0
    for part in stamp.split(":"):
        total = total * 60 + float(part)
    return round(total * 1000)


def _digest(path: Path, manifest: dict[str, Any] | None) -> Iterator[CheckedPoint]:
    if manifest is None:
        return
    artifacts = manifest.get("artifacts")
    named = [a for a in artifacts if isinstance(a, dict)] if isinstance(artifacts, list) else []
    wanted = next((str(a.get("sha256")) for a in named if a.get("name") == path.name), None)
    if wanted:
        found = file_sha256(path)
        yield _judge("sha256", found == wanted, found[:12], f"{wanted[:12]} as the manifest says")
