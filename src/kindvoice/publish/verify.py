"""A finished file, measured: what it is, against what its preset and its manifest say."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kindvoice.encode import FORMATS, Format
from kindvoice.encode.decode import SoundInfo, decode, packet_bytes, sound_info
from kindvoice.errors import SoundError, revealed
from kindvoice.model import ChapterMark, Loudness, Preset
from kindvoice.publish.captions.plain import plain
from kindvoice.publish.envelope import SPEECH_DB, STEP_MS, Envelope
from kindvoice.publish.manifest import manifest_of
from kindvoice.sound.deliver import LOUDEST_LUFS, rms_cure
from kindvoice.sound.meter import measure
from kindvoice.sound.presets import shipped
from kindvoice.store import file_sha256
from kindvoice.units import format_ms, frames_to_ms, frames_to_seconds, ms_to_frames

PASS, FAIL, INFO = "pass", "fail", "info"
EDGE_DB = -50.0
"""A file that begins or ends louder than this was cut, and clicks."""
_WHOLE_WITHIN_MS = 200
"""more than any codec's own frames at both ends"""
_TITLES = 12
"""of chapters that are listed"""


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
    remedy: str = ""
    """the same in a word, for whoever makes a sentence of their own of it: preset (this one), share (of
    pauses), bed, shorter, whole (fetch it again), remake; empty where nothing is known to help"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    path: Path
    findings: tuple[CheckedPoint, ...]
    loudness: Loudness | None = None

    @property
    def passed(self) -> bool:
        return all(finding.verdict != FAIL for finding in self.findings)


def verify(path: Path, preset: Preset | None = None, presets: Mapping[str, Preset] | None = None) -> Report:
    """Decodes the whole file and looks at every point; what stands beside it (manifest, captions) too.

    preset: None: the one of `presets` that the manifest names, else none is checked against. A file that is not
    sound gives a report with one failed finding, never an exception.
    """
    chosen = preset or _preset_of(_manifest(path), shipped() if presets is None else presets)
    return verify_for(path, [chosen])[0]


def verify_for(path: Path, presets: Iterable[Preset | None]) -> tuple[Report, ...]:
    """As `verify`, for each of several presets, or none; the file is decoded once."""
    measured = _measured(path)
    if isinstance(measured, Report):
        return tuple(measured for _ in presets)
    return tuple(_judged(path, measured, preset) for preset in presets)


_Measured = tuple[SoundInfo, Envelope, Loudness]


def _measured(path: Path) -> _Measured | Report:
    """A report where it is no sound."""
    try:
        info = sound_info(path)
        envelope = Envelope(info.rate)
        reading = measure(envelope.passing(decode(path, stereo=False)), info.rate)
        fault = "" if reading.frames else "no sound at all"
    except SoundError as error:
        fault = error.what
    if fault:
        return Report(path=path, findings=(CheckedPoint(point="readable", verdict=FAIL, measured=fault),))
    return info, envelope, reading


def _judged(path: Path, measured: _Measured, preset: Preset | None) -> Report:
    info, envelope, reading = measured
    manifest = _manifest(path)
    findings = [
        CheckedPoint(point="format", verdict=INFO, measured=_format(info)),
        *_length(path, reading, manifest),
        *_whole(info, reading),
        *_loudness(reading, preset, timer=manifest is not None and manifest.get("lines") == []),
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
        document = json.loads(manifest_of(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(document, dict) or document.get("kindvoice") != "manifest":
        return None
    frames, rate = document.get("frames"), document.get("rate")
    return document if isinstance(frames, int) and isinstance(rate, int) and rate > 0 else None


def _preset_of(manifest: dict[str, Any] | None, presets: Mapping[str, Preset]) -> Preset | None:
    inputs = manifest.get("inputs") if manifest else None
    made_for = inputs.get("preset") if isinstance(inputs, dict) else None
    return presets.get(str(made_for.get("name"))) if isinstance(made_for, dict) else None


def _judge(
    point: str, good: bool, measured: str, wanted: str = "", cure: str = "", remedy: str = ""
) -> CheckedPoint:
    verdict, cure, remedy = (PASS, "", "") if good else (FAIL, revealed(cure), remedy)
    return CheckedPoint(
        point=point, verdict=verdict, measured=measured, wanted=wanted, cure=cure, remedy=remedy
    )


def _length(path: Path, reading: Loudness, manifest: dict[str, Any] | None) -> Iterator[CheckedPoint]:
    seconds = frames_to_seconds(reading.frames, reading.rate)
    measured = f"{seconds:.3f} s, {reading.frames} samples"
    if manifest is None:
        yield CheckedPoint(point="length", verdict=INFO, measured=measured)
        return
    wanted = frames_to_seconds(int(manifest["frames"]), int(manifest["rate"]))
    format = _format_of(path)
    frame = (format.codec_frame if format else 1) / reading.rate
    yield _judge("length", abs(seconds - wanted) <= frame, measured, f"{wanted:.3f} s")


def _length_ms(reading: Loudness) -> int:
    return round(frames_to_seconds(reading.frames, reading.rate) * 1000)


def _whole(info: SoundInfo, reading: Loudness) -> Iterator[CheckedPoint]:
    if info.declared_ms is None:
        return
    ms = _length_ms(reading)
    good = ms >= info.declared_ms - _WHOLE_WITHIN_MS
    yield _judge(
        "whole", good, f"{ms / 1000:.1f} s", f"{info.declared_ms / 1000:.1f} s as the file says of itself",
        "the file was cut short, when it was copied or downloaded: fetch it again", "whole",
    )  # fmt: skip


def _loudness(reading: Loudness, preset: Preset | None, *, timer: bool) -> Iterator[CheckedPoint]:
    """timer: bells and silence are as loud as they are."""
    lufs, peak = f"{reading.integrated_lufs:.2f} LUFS", f"{reading.true_peak_dbtp:.2f} dBTP"
    if preset is None or preset.lufs is None or timer:
        yield CheckedPoint(point="loudness", verdict=INFO, measured=lufs)
    else:
        close = abs(reading.integrated_lufs - preset.lufs) <= preset.within_lu
        wanted = f"{preset.lufs:g} LUFS within {preset.within_lu:g} ({preset.name})"
        yield _judge(
            "loudness", close, lufs, wanted, f"render it again with --preset {preset.name}", "preset"
        )
    if preset is None:
        yield CheckedPoint(point="true peak", verdict=INFO, measured=peak)
    else:
        good = reading.true_peak_dbtp <= preset.peak_dbtp
        yield _judge(
            "true peak", good, peak, f"at most {preset.peak_dbtp:g} dBTP ({preset.name})", remedy="preset"
        )
    yield _rms(reading, preset)


def _rms(reading: Loudness, preset: Preset | None) -> CheckedPoint:
    measured = f"{reading.rms_db:.2f} dB, pauses counted"
    if preset is None or preset.rms_db is None:
        return CheckedPoint(point="RMS", verdict=INFO, measured=measured)
    low, high = preset.rms_db
    remedy = "preset"
    if reading.rms_db > high:
        cure = f"render it again with --preset {preset.name}"
    elif LOUDEST_LUFS - reading.integrated_lufs > max(1, low - reading.rms_db):
        cure = f"it can be made louder: render it again with --preset {preset.name}"
    else:
        cure, remedy = rms_cure(low - reading.rms_db), "share"
    wanted = f"{low:g} to {high:g} dB ({preset.name})"
    return _judge("RMS", low <= reading.rms_db <= high, measured, wanted, cure, remedy)


def _place(
    path: Path, info: SoundInfo, reading: Loudness, envelope: Envelope, preset: Preset
) -> Iterator[CheckedPoint]:
    """What the place that the preset is for takes, besides loudness."""
    again = f"render it again with --preset {preset.name}"
    if preset.only:
        takes = {_CODECS.get(name, name) for name in preset.formats}
        good = info.codec.removesuffix("float") in takes
        yield _judge("codec", good, info.codec, " or ".join(sorted(takes)), again, "preset")
        yield _judge(
            "sample rate", info.rate == preset.rate, f"{info.rate} Hz", f"{preset.rate} Hz", again, "preset"
        )
        if info.codec.startswith("mp3"):
            smallest, largest = packet_bytes(path)
            steady = largest - smallest <= 1
            kbits = f"{info.bit_rate / 1000:.0f} kbit/s" + ("" if steady else ", varying")
            good = steady and info.bit_rate >= preset.bitrate * 0.99
            least = f"at least {preset.bitrate // 1000} kbit/s, constant"
            yield _judge("bit rate", good, kbits, least, again, "preset")
    if preset.floor_db is not None:
        floor = envelope.floor_db()
        cure = "take the bed out: what is heard in the pauses counts as noise here"
        most = f"at most {preset.floor_db:g} dB"
        yield _judge("noise floor", floor <= preset.floor_db, f"{floor:.1f} dB", most, cure, "bed")
    silences = zip(("silence before", "silence after"), envelope.silences_ms(),
                   (preset.head_range_ms, preset.tail_range_ms), strict=True)  # fmt: skip
    for point, ms, range_ms in silences:
        if range_ms is not None:
            low, high = range_ms
            # A fading bell is heard a little longer by one measure than by another.
            good = low - 50 <= ms <= high + 50
            yield _judge(
                point, good, f"{ms / 1000:.2f} s", f"{low / 1000:g} to {high / 1000:g} s", again, "preset"
            )
    if preset.max_ms is not None:
        ms = _length_ms(reading)
        good = ms <= preset.max_ms
        most = f"at most {format_ms(preset.max_ms)}"
        yield _judge("length limit", good, format_ms(ms), most, "ask for less with --length", "shorter")
    if preset.max_bytes is not None:
        size = path.stat().st_size
        good, most = size <= preset.max_bytes, f"at most {preset.max_bytes / 1e6:g} MB"
        yield _judge(
            "size limit", good, f"{size / 1e6:.1f} MB", most, "ask for less with --length", "shorter"
        )


_CODECS = {"m4a": "aac", "m4b": "aac", "ogg": "vorbis", "wav": "pcm_s24le"}
"""what FFmpeg calls the sound in our formats, where the names differ"""


def _edges(envelope: Envelope) -> Iterator[CheckedPoint]:
    for point, level in (("first moment", envelope.first), ("last moment", envelope.last)):
        db = 20 * math.log10(level) if level > 0 else -math.inf
        yield _judge(point, db <= EDGE_DB, f"{db:.0f} dB", f"at most {EDGE_DB:.0f} dB", remedy="remake")


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
    end = _length_ms(reading)
    starts = [start for start, _, _ in info.chapters]
    stops = [stop for _, stop, _ in info.chapters]
    good = starts[:1] in ([0], [1]) and starts[1:] == stops[:-1] and abs(stops[-1] - end) <= 30
    titles = [title for _, _, title in info.chapters]
    listed = ", ".join(titles if len(titles) <= _TITLES else [*titles[: _TITLES - 1], "...", titles[-1]])
    measured, points = f"{len(starts)}: {listed}", "from 0 to the end without a hole"
    if named:
        merged = f", merged into {len(wanted)}" if len(wanted) < len(named) else ""
        points += f", the {len(named)} that are named beside it{merged}"
        if odd := _other_chapter(info, wanted):
            good, measured = False, f"{len(starts)}; {odd}"
    cure = "render it again: it may have been made by another version, or edited" if named else ""
    yield _judge("chapters", good, measured, points, cure, "remake" if cure else "")


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


def _captions(path: Path, envelope: Envelope, reading: Loudness) -> Iterator[CheckedPoint]:
    """Captions beside the file: each begins and ends with sound, and the silence around it is silent."""
    beside = path.with_suffix(".vtt")
    if not beside.is_file():
        return
    text = beside.read_text(encoding="utf-8", errors="replace")
    cues = [(_ms(start), _ms(stop)) for start, stop in _CUE.findall(text)]
    end_ms = frames_to_seconds(reading.frames, reading.rate) * 1000
    levels = envelope.levels_db()
    silent = 0
    for start, stop in cues:
        heard = levels[start // STEP_MS : max(stop // STEP_MS, start // STEP_MS + 1)]
        silent += not len(heard) or float(heard.max()) < SPEECH_DB
    ordered = all(a <= b for (a, _), (b, _) in itertools.pairwise(cues))
    good = bool(cues) and not silent and ordered and cues[-1][1] <= end_ms + 1
    measured = f"{len(cues)} cues" + (f", {silent} of them over silence" if silent else "")
    yield _judge("captions", good, measured, "in order, each over speech, none beyond the end")


_CUE = re.compile(r"((?:\d+:)?\d\d:\d\d\.\d{3})\s+-->\s+((?:\d+:)?\d\d:\d\d\.\d{3})")


def _ms(stamp: str) -> int:
    seconds = sum(float(part) * 60.0**place for place, part in enumerate(reversed(stamp.split(":"))))
    return round(seconds * 1000)


def _digest(path: Path, manifest: dict[str, Any] | None) -> Iterator[CheckedPoint]:
    if manifest is None:
        return
    artifacts = manifest.get("artifacts")
    named = [a for a in artifacts if isinstance(a, dict)] if isinstance(artifacts, list) else []
    wanted = next((str(a.get("sha256")) for a in named if a.get("name") == path.name), None)
    if wanted:
        sha256 = file_sha256(path)
        yield _judge("sha256", sha256 == wanted, sha256[:12], f"{wanted[:12]} as the manifest says")
