"""Schedule to captions and chapters; everything to the manifest."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from kindvoice.model import Artifact, Loudness, Schedule, SpeechEvent, Take, Utterance, Voice
from kindvoice.units import frames_to_ms, frames_to_seconds

CAPTION_WIDTH = 42
"""Characters of a caption's line, and two lines at most: common subtitling practice."""


# ---------------------------------------------------------------- captions


def captions_vtt(schedule: Schedule, language: str, others: Mapping[str, str] | None = None) -> str:
    """WebVTT: each cue is shown while its words are spoken, from the first sound to the last.

    others: the languages of speakers who do not speak `language`; their words are marked as such.
    """
    head = f"WEBVTT\nLanguage: {language}\n"
    cues = [
        f"{_stamp(start)} --> {_stamp(stop)}\n{_marked(_escaped(text), (others or {}).get(event.speaker))}\n"
        for event in schedule.speech
        for start, stop, text in _captions(event)
    ]
    return "\n".join([head, *cues])


def _captions(event: SpeechEvent) -> Iterable[tuple[int, int, str]]:
    """(start ms, stop ms, text of at most two lines): a long utterance is shown in parts, each for its share."""
    start, stop = frames_to_ms(event.start_frame), frames_to_ms(event.stop_frame)
    parts = _balanced(event.text)
    whole = sum(len(part) for part in parts)
    said = 0
    for part in parts:
        first = start + (stop - start) * said // whole
        said += len(part)
        lines = textwrap.wrap(part, _even_width(part), break_long_words=True, break_on_hyphens=False)
        yield first, start + (stop - start) * said // whole, "\n".join(lines)


def _balanced(text: str) -> list[str]:
    """The text in the fewest parts of at most two lines, about equally long."""
    for count in range(1, len(text) + 1):
        width = math.ceil(len(text) / count)
        for slack in (0, 8, 16):
            parts = textwrap.wrap(text, width + slack, break_on_hyphens=False)
            if len(parts) <= count and all(
                len(textwrap.wrap(part, CAPTION_WIDTH, break_on_hyphens=False)) <= 2 for part in parts
            ):
                return parts
    return [text]


def _even_width(part: str) -> int:
    """A width at which two lines are about equally long, never wider than a caption's line."""
    if len(part) <= CAPTION_WIDTH:
        return CAPTION_WIDTH
    for width in range(math.ceil(len(part) / 2), CAPTION_WIDTH):
        if len(textwrap.wrap(part, width, break_on_hyphens=False)) <= 2:
            return width
    return CAPTION_WIDTH


def _stamp(ms: int) -> str:
    seconds, rest = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}.{rest:03d}"


def _marked(text: str, language: str | None) -> str:
    return f"<lang {language}>{text}</lang>" if language else text


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# ---------------------------------------------------------------- chapters


def chapters_json(schedule: Schedule) -> str:
    """Podcasting 2.0 JSON Chapters 1.2.0; times in seconds, contiguous from 0 to the end."""
    starts = [chapter.start_frame for chapter in schedule.chapters]
    stops = [*starts[1:], schedule.frames]
    chapters = [
        {
            "startTime": frames_to_seconds(start),
            "endTime": frames_to_seconds(stop),
            "title": chapter.title,
        }
        for start, stop, chapter in zip(starts, stops, schedule.chapters, strict=True)
    ]
    return dump({"version": "1.2.0", "chapters": chapters})


# ---------------------------------------------------------------- manifest


def manifest_json(
    *,
    inputs: Mapping[str, object],
    digest: str,
    schedule: Schedule,
    cast: Mapping[str, Voice],
    takes: Mapping[Utterance, Take],
    loudness: Mapping[str, Loudness],
    artifacts: Iterable[Artifact],
    tools: Mapping[str, str],
) -> str:
    """What went in, what happened when, and what came out. The same inputs give the same bytes."""
    return dump(
        {
            "kindvoice": "manifest",
            "version": 1,
            "inputs": inputs,
            "inputs_digest": digest,
            "duration_ms": frames_to_ms(schedule.frames),
            "frames": schedule.frames,
            "rate": 48_000,
            "glue": {
                "ratio": round(schedule.ratio, 6),
                "shortest_ms": schedule.shortest_ms,
                "longest_ms": schedule.longest_ms,
            },
            "voice": voice_facts(cast[""]),
            "speakers": {speaker: voice_facts(voice) for speaker, voice in cast.items() if speaker},
            "loudness": {name: loudness_facts(reading) for name, reading in loudness.items()},
            "chapters": [
                {"start_ms": frames_to_ms(c.start_frame), "title": c.title} for c in schedule.chapters
            ],
            "lines": [
                {
                    "start_ms": frames_to_ms(event.start_frame),
                    "stop_ms": frames_to_ms(event.stop_frame),
                    "text": event.text,
                    "line": event.where.line,
                    "clip": event.clip.key,
                    **({"speaker": event.speaker} if event.speaker else {}),
                    **({"take": take.sha256} if (take := takes.get((event.speaker, event.text))) else {}),
                }
                for event in schedule.speech
            ],
            "pauses": [
                {
                    "start_ms": frames_to_ms(gap.start_frame),
                    "stop_ms": frames_to_ms(gap.stop_frame),
                    "kind": gap.kind,
                    "natural_ms": gap.natural_ms,
                    "line": gap.where.line,
                }
                for gap in schedule.gaps
            ],
            "bells": [
                {
                    "start_ms": frames_to_ms(bell.start_frame),
                    "stop_ms": frames_to_ms(bell.stop_frame),
                    "sound": bell.clip.key,
                    "line": bell.where.line,
                }
                for bell in schedule.bells
            ],
            "beds": [
                {
                    "start_ms": frames_to_ms(bed.start_frame),
                    "stop_ms": frames_to_ms(bed.stop_frame),
                    "sound": bed.sound,
                    "gain_db": bed.gain_db,
                }
                for bed in schedule.beds
            ],
            "artifacts": [
                {"name": a.path.name, "kind": a.kind, "bytes": a.bytes, "sha256": a.sha256} for a in artifacts
            ],
            "tools": dict(sorted(tools.items())),
        }
    )


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
        "integrated_lufs": number(reading.integrated_lufs),
        "rms_db": number(reading.rms_db),
        "true_peak_dbtp": number(reading.true_peak_dbtp),
        "frames": reading.frames,
        "rate": reading.rate,
    }


def dump(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
