"""A build's manifest: what went in, what happened when, and what came out; written, and read again as a Release."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from kindvoice.errors import ManifestError
from kindvoice.model import (
    Artifact,
    BedEvent,
    BellEvent,
    GapEvent,
    Line,
    Loudness,
    Release,
    Schedule,
    SpeechEvent,
    StandIn,
    Tags,
    Take,
    Transcript,
    Utterance,
    Voice,
    Where,
)
from kindvoice.timing.transcript import sectioned
from kindvoice.units import RATE, frames_to_ms

ENDING = ".manifest.json"
VERSION = 2
_CURE = "name a recording that kindvoice made, or its .manifest.json, with everything left beside it"


def manifest_json(
    *,
    inputs: Mapping[str, object],
    digest: str,
    practice: str,
    about: str,
    tags: Tags,
    credits: Iterable[str],
    stand_ins: Iterable[StandIn],
    schedule: Schedule,
    transcript: Transcript,
    cast: Mapping[str, Voice],
    heard: Iterable[Voice],
    takes: Mapping[Utterance, Take],
    loudness: Mapping[str, Loudness],
    artifacts: Iterable[Artifact],
    others: Mapping[str, Iterable[str]],
    notes: Iterable[str],
    tools: Mapping[str, str],
) -> str:
    """others: what was made under this name before and is still there, such as other formats; sha256 by file name.
    heard: of the cast, those that speak a line. notes: what is in the files otherwise than it was written.

    The same inputs give the same bytes.
    """
    starts = {id(p[0]) for section in transcript.sections for p in section.paragraphs}
    document = {
        "kindvoice": "manifest",
        "version": VERSION,
        "inputs": inputs,
        "inputs_digest": digest,
        "practice": practice,
        "about": about,
        "tags": {name: value for name, value in asdict(tags).items() if value and name != "lyrics"},
        "credits": list(credits),
        "stand_ins": [
            {"phrase": each.number, "form": each.form, "spoken": each.spoken} for each in stand_ins
        ],
        "duration_ms": frames_to_ms(schedule.frames),
        "frames": schedule.frames,
        "rate": RATE,
        "glue": {
            "ratio": round(schedule.ratio, 6),
            "shortest_ms": schedule.shortest_ms,
            "longest_ms": schedule.longest_ms,
        },
        **(
            {"landing_start_ms": frames_to_ms(landing)}
            if (landing := schedule.landing_frame) is not None
            else {}
        ),
        "voice": voice_facts(cast[""]),
        "speakers": {speaker: voice_facts(voice) for speaker, voice in cast.items() if speaker},
        "voices": [{"name": v.title, "credit": v.credit, "licence": v.licence} for v in heard],
        "loudness": {name: loudness_facts(reading) for name, reading in loudness.items()},
        "chapters": [{"start_ms": frames_to_ms(c.start_frame), "title": c.title} for c in schedule.chapters],
        "lines": [
            {
                **_span(event),
                "text": event.text,
                "line": event.where.line,
                "clip": event.clip.key,
                **({"paragraph": True} if id(line) in starts else {}),
                **({"language": line.language} if line.language != transcript.language else {}),
                **({"speaker": event.speaker} if event.speaker else {}),
                **({"gain_db": event.gain_db} if event.gain_db else {}),
                **({"own": [list(span) for span in event.own]} if event.own else {}),
                **({"take": take.sha256} if (take := takes.get((event.speaker, event.text))) else {}),
            }
            for event, line in zip(schedule.speech, transcript.lines, strict=True)
        ],
        "pauses": [
            {**_span(gap), "kind": gap.kind, "natural_ms": gap.natural_ms, "line": gap.where.line}
            for gap in schedule.gaps
        ],
        "bells": [
            {**_span(bell), "sound": bell.clip.key, "line": bell.where.line} for bell in schedule.bells
        ],
        "beds": [{**_span(bed), "sound": bed.sound, "gain_db": bed.gain_db} for bed in schedule.beds],
        "artifacts": [
            {"name": a.path.name, "kind": a.kind, "bytes": a.bytes, "sha256": a.sha256} for a in artifacts
        ],
        **({"files": {name: sorted(others[name]) for name in sorted(others)}} if others else {}),
        "notes": list(notes),
        "tools": dict(sorted(tools.items())),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _span(event: SpeechEvent | GapEvent | BellEvent | BedEvent) -> dict[str, int]:
    return {"start_ms": frames_to_ms(event.start_frame), "stop_ms": frames_to_ms(event.stop_frame)}


def voice_facts(voice: Voice) -> dict[str, object]:
    facts = asdict(voice)
    for local in ("path", "packages", "downloads", "misheard"):
        facts.pop(local)
    facts["options"] = dict(voice.options)
    return facts


def loudness_facts(reading: Loudness) -> dict[str, object]:
    """A reading as JSON has it: digital silence is null."""

    def number(value: float) -> float | None:
        return round(value, 2) if math.isfinite(value) else None

    return {
        name: number(value) if isinstance(value, float) else value for name, value in asdict(reading).items()
    }


# ---------------------------------------------------------------- read again


def manifest_of(path: Path) -> Path:
    """A recording's manifest: the file itself, or what lies beside a file of the recording (a.mp3, a.chapters.json)."""
    if path.name.endswith(ENDING):
        return path
    name = path.name
    while "." in name:
        name = name.rpartition(".")[0]
        if (beside := path.with_name(name + ENDING)).is_file():
            return beside
    return path.with_name(path.stem + ENDING)


def read_release(path: Path) -> Release:
    """A finished recording from its manifest, or from any file beside it.

    Raises ManifestError when there is none, when it is not one of ours, or when a file that it names is gone or
    has another size.
    """
    path = manifest_of(path)
    where = Where(path=str(path), line=0)

    def fault(what: str, cure: str) -> ManifestError:
        return ManifestError(what, where=where, cure=cure)

    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise fault("there is no such manifest", _CURE) from None
    except (OSError, ValueError, RecursionError) as error:
        raise fault(f"the manifest cannot be read: {error}", _CURE) from None
    if not isinstance(document, dict) or document.get("kindvoice") != "manifest":
        raise fault("this is not a kindvoice manifest", _CURE)
    if document.get("version") != VERSION:
        version = document.get("version")
        raise fault(f"this manifest has version {version!r}, and {VERSION} is read", "render it again")
    try:
        release = _release(path, document)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise fault(f"the manifest is damaged: {type(error).__name__} {error}", "render it again") from None
    for artifact in release.artifacts:
        name = artifact.path.name
        try:
            size = artifact.path.stat().st_size
        except OSError:
            raise fault(f"{name} is not beside it", _CURE) from None
        if size != artifact.bytes:
            what = f"{name} has {size} bytes, and {artifact.bytes} when it was made"
            raise fault(what, "render it again, or put the file back as it was")
    return release


def _release(path: Path, document: dict[str, Any]) -> Release:
    known = {field.name for field in fields(Tags)}
    named = {name: _tag(name, value) for name, value in document["tags"].items() if name in known}
    tags = Tags(**{"comment": "", **named})
    lines = [
        Line(
            start_ms=int(line["start_ms"]), stop_ms=int(line["stop_ms"]), text=str(line["text"]),
            language=str(line.get("language", tags.language)),
        )
        for line in document["lines"]
    ]  # fmt: skip
    begins = [bool(line.get("paragraph")) for line in document["lines"]]
    return Release(
        manifest=path,
        digest=str(document["inputs_digest"]),
        practice=str(document["practice"]),
        about=str(document["about"]),
        tags=tags,
        credits=tuple(map(str, document["credits"])),
        voices=tuple(str(voice["name"]) for voice in document["voices"]),
        transcript=sectioned(
            list(zip(lines, begins, strict=True)),
            [(int(chapter["start_ms"]), str(chapter["title"])) for chapter in document["chapters"]],
            title=tags.title,
            language=tags.language,
            duration_ms=int(document["duration_ms"]),
        ),
        loudness={str(name): _loudness(facts) for name, facts in document["loudness"].items()},
        # Where nothing is said of phrases, there may be some.
        personal=bool(document["inputs"].get("phrases", True) or document["inputs"].get("values")),
        artifacts=tuple(
            Artifact(
                path=path.with_name(_plain_name(artifact["name"])),
                kind=str(artifact["kind"]),
                sha256=_plain_sha256(artifact["sha256"]),
                bytes=int(artifact["bytes"]),
            )
            for artifact in document["artifacts"]
        ),
    )


def _tag(name: str, value: Any) -> Any:
    return int(value) if name in {"track", "tracks", "disc", "discs"} else str(value)


def _plain_name(name: object) -> str:
    """A file's name and no path: a manifest from somewhere else must not lead out of its folder."""
    text = str(name)
    if text != Path(text).name or set("\\\0") & set(text) or text in {"", ".", ".."}:
        raise ValueError(f"{text!r} is not a file's name")
    text.encode()  # half of a surrogate pair is a ValueError too, and stands in no name
    return text


def _plain_sha256(digest: object) -> str:
    text = str(digest)
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise ValueError(f"{text!r} is not a sha256")
    return text


def _loudness(facts: Mapping[str, Any]) -> Loudness:
    def number(name: str) -> float:
        value = facts[name]
        return -math.inf if value is None else float(value)

    return Loudness(
        integrated_lufs=number("integrated_lufs"), rms_db=number("rms_db"), true_peak_dbtp=number("true_peak_dbtp"),
        frames=int(facts["frames"]), rate=int(facts["rate"]),
    )  # fmt: skip
