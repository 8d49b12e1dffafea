"""A finished file, measured: what it is, against what its preset and its manifest say."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from kindvoice.decode import Samples, SoundInfo, decode, sound_info
from kindvoice.errors import SoundError
from kindvoice.meter import measure
from kindvoice.model import Loudness, Preset
from kindvoice.presets import PRESETS
from kindvoice.store import file_sha256
from kindvoice.units import frames_to_seconds

PASS, FAIL, INFO = "pass", "fail", "info"
LOUDNESS_WITHIN_LU = 0.5
EDGE_MS = 5
EDGE_DB = -50.0
"""A file that begins or ends louder than this was cut, and clicks."""
CAPTION_WITHIN_MS = 20
SPEECH_DB = -55.0
_STEP_MS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One point that was looked at."""

    point: str
    verdict: str
    """pass, fail or info"""
    measured: str
    wanted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    path: Path
    findings: tuple[Finding, ...]
    loudness: Loudness | None = None

    @property
    def passed(self) -> bool:
        return all(finding.verdict != FAIL for finding in self.findings)


@dataclass(slots=True)
class _Envelope:
    """The peak of every 10 ms, and the peaks of the file's edges."""

    rate: int
    peaks: list[Any] = field(default_factory=list)
    first: float = 0.0
    last: float = 0.0
    _left: Samples | None = None
    _started: bool = False

    def passing(self, blocks: Iterator[Samples]) -> Iterator[Samples]:
        step, edge = self.rate * _STEP_MS // 1000, self.rate * EDGE_MS // 1000
        tail = np.zeros(0, np.float32)
        for block in blocks:
            level = np.abs(block).max(axis=1)
            if not self._started and len(level):
                self.first, self._started = float(level[:edge].max()), True
            tail = np.concatenate([tail[-edge:], level])[-edge:]
            level = level if self._left is None else np.concatenate([self._left, level])
            whole = len(level) // step * step
            self.peaks.append(level[:whole].reshape(-1, step).max(axis=1))
            self._left = level[whole:]
            yield block
        self.last = float(tail.max(initial=0.0))

    def levels_db(self) -> Any:
        peaks = np.concatenate(self.peaks) if self.peaks else np.zeros(0)
        return 20.0 * np.log10(np.maximum(peaks, 1e-9))


def verify(path: Path, preset: Preset | None = None) -> Report:
    """Decodes the whole file and looks at every point; what stands beside it (manifest, captions) too.

    preset: None: the one that the manifest names, else none is checked against. A file that is not sound
    gives a report with one failed finding, never an exception.
    """
    try:
        info = sound_info(path)
        envelope = _Envelope(info.rate)
        reading = measure(envelope.passing(decode(path, stereo=False)), info.rate)
    except SoundError as error:
        return Report(path=path, findings=(Finding(point="readable", verdict=FAIL, measured=error.what),))
    if not reading.frames:
        return Report(
            path=path, findings=(Finding(point="readable", verdict=FAIL, measured="no sound at all"),)
        )
    manifest = _manifest(path)
    findings = [
        Finding(
            point="format", verdict=INFO,
            measured=f"{info.codec}, {info.rate} Hz, {info.channels} channels, {info.bit_rate / 1000:.0f} kbit/s",
        ),
        *_length(path, reading, manifest),
        *_loudness(reading, preset or _preset_of(manifest)),
        *_edges(envelope),
        *_tags(info),
        *_chapters(info, reading),
        *_captions(path, envelope, reading),
        *_digest(path, manifest),
    ]  # fmt: skip
    return Report(path=path, findings=tuple(findings), loudness=reading)


def _manifest(path: Path) -> dict[str, Any] | None:
    beside = path.with_name(path.stem + ".manifest.json")
    try:
        found = json.loads(beside.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    whole = (
        isinstance(found, dict)
        and isinstance(found.get("frames"), int)
        and isinstance(found.get("rate"), int)
    )
    return found if whole and found["rate"] > 0 and found.get("kindvoice") == "manifest" else None


def _preset_of(manifest: dict[str, Any] | None) -> Preset | None:
    inputs = manifest.get("inputs") if manifest else None
    return PRESETS.get(str(inputs.get("preset"))) if isinstance(inputs, dict) else None


def _judge(point: str, good: bool, measured: str, wanted: str = "") -> Finding:
    return Finding(point=point, verdict=PASS if good else FAIL, measured=measured, wanted=wanted)


def _length(path: Path, reading: Loudness, manifest: dict[str, Any] | None) -> Iterator[Finding]:
    seconds = frames_to_seconds(reading.frames, reading.rate)
    measured = f"{seconds:.3f} s, {reading.frames} samples"
    if manifest is None:
        yield Finding(point="length", verdict=INFO, measured=measured)
        return
    wanted = frames_to_seconds(int(manifest["frames"]), int(manifest["rate"]))
    frame = 1152 / reading.rate if path.suffix.lower() == ".mp3" else 1 / reading.rate
    yield _judge("length", abs(seconds - wanted) <= frame, measured, f"{wanted:.3f} s")


def _loudness(reading: Loudness, preset: Preset | None) -> Iterator[Finding]:
    lufs, peak = f"{reading.integrated_lufs:.2f} LUFS", f"{reading.true_peak_dbtp:.2f} dBTP"
    if preset is None:
        yield Finding(point="loudness", verdict=INFO, measured=lufs)
        yield Finding(point="true peak", verdict=INFO, measured=peak)
    else:
        close = abs(reading.integrated_lufs - preset.lufs) <= LOUDNESS_WITHIN_LU
        yield _judge(
            "loudness", close, lufs, f"{preset.lufs:g} LUFS within {LOUDNESS_WITHIN_LU:g} ({preset.name})"
        )
        yield _judge(
            "true peak",
            reading.true_peak_dbtp <= preset.peak_dbtp,
            peak,
            f"at most {preset.peak_dbtp:g} dBTP",
        )
    yield Finding(point="RMS", verdict=INFO, measured=f"{reading.rms_db:.2f} dB, pauses counted")


def _edges(envelope: _Envelope) -> Iterator[Finding]:
    for point, level in (("first moment", envelope.first), ("last moment", envelope.last)):
        db = 20 * math.log10(level) if level > 0 else -math.inf
        yield _judge(point, db <= EDGE_DB, f"{db:.0f} dB", f"at most {EDGE_DB:.0f} dB")


def _tags(info: SoundInfo) -> Iterator[Finding]:
    for name in ("title", "artist", "language", "comment"):
        value = info.tags.get(name) or info.tags.get({"comment": "description"}.get(name, name), "")
        yield Finding(point=name, verdict=INFO, measured=value or "none")


def _chapters(info: SoundInfo, reading: Loudness) -> Iterator[Finding]:
    if not info.chapters:
        yield Finding(point="chapters", verdict=INFO, measured="none")
        return
    end = round(frames_to_seconds(reading.frames, reading.rate) * 1000)
    starts = [start for start, _, _ in info.chapters]
    stops = [stop for _, stop, _ in info.chapters]
    whole = starts[0] <= 1 and starts[1:] == stops[:-1] and abs(stops[-1] - end) <= 30
    titles = ", ".join(title for _, _, title in info.chapters)
    yield _judge("chapters", whole, f"{len(info.chapters)}: {titles}", "from 0 to the end without a hole")


def _captions(path: Path, envelope: _Envelope, reading: Loudness) -> Iterator[Finding]:
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


def _digest(path: Path, manifest: dict[str, Any] | None) -> Iterator[Finding]:
    if manifest is None:
        return
    artifacts = manifest.get("artifacts")
    named = [a for a in artifacts if isinstance(a, dict)] if isinstance(artifacts, list) else []
    wanted = next((str(a.get("sha256")) for a in named if a.get("name") == path.name), None)
    if wanted:
        found = file_sha256(path)
        yield _judge("sha256", found == wanted, found[:12], f"{wanted[:12]} as the manifest says")
