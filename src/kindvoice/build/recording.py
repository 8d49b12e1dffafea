"""One build: a request, read, to finished files and their manifest. Orchestration only.

Everything is made in a workspace; when all of it is there and has been measured, it is put in place
file by file, the manifest last. A run that dies leaves whole files only.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from kindvoice import __version__, engines
from kindvoice.build.prepared import OnEvent, Prepared, Progress, prepare
from kindvoice.build.read import Reading, digest_of_inputs, files_read, inputs_of, lines_by_voice
from kindvoice.encode import Format, Target, find_format
from kindvoice.encode.lame import identity
from kindvoice.errors import quoted, terminal
from kindvoice.model import (
    Artifact,
    Loudness,
    Picture,
    Tags,
    Transcript,
    Voice,
)
from kindvoice.publish.captions import CaptionFormat, find_captions
from kindvoice.publish.captions.chapters import chapters_json
from kindvoice.publish.credits import make_credits, make_tags
from kindvoice.publish.manifest import ENDING, manifest_json
from kindvoice.publish.output import (
    Digests,
    Guard,
    check_folder,
    check_name,
    check_space,
    files_in_the_way,
    journal_of,
    output_error,
    place_all,
    recording_digests,
    sealed,
)
from kindvoice.sound.deliver import Finished, finish
from kindvoice.sound.mix import Mix
from kindvoice.sound.prepare import reader
from kindvoice.sound.segments import Programme
from kindvoice.speech.notes import chapter_notes, room_notes, voice_notes
from kindvoice.store import Store, file_sha256, mended
from kindvoice.takes import Takes
from kindvoice.timing.transcript import make_transcript
from kindvoice.units import format_ms, frames_to_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderResult:
    """What a build made."""

    manifest: Path
    artifacts: tuple[Artifact, ...]
    loudness: Mapping[str, Loudness]
    """by format, as measured on the finished file"""
    prepared: Prepared
    own_keys: frozenset[str]
    """the store's keys of what holds a participant's own words, and nobody else's: lines and stretches of sound"""
    cover_key: str
    """the store's, of a cover that was drawn; empty: none was"""
    warnings: tuple[str, ...]
    """what is wrong with the finished files"""
    notes: tuple[str, ...]
    """what is worth knowing of the script, wishes, voices and takes in them; may hold a participant's words"""


def render(reading: Reading, store: Store, on_event: OnEvent = lambda event: None) -> RenderResult:
    """The whole build. Raises KindvoiceError; then nothing in the output folder has changed.

    What it would replace and is not kindvoice's own is an OutputError before anything is spoken (Publication.force).
    """
    return mended(store, lambda: _render(reading, store, on_event))


def _render(reading: Reading, store: Store, on_event: OnEvent) -> RenderResult:
    request, publication = reading.request, reading.request.publication
    folder, name, final = publication.folder, request.name, request.manifest
    formats = [find_format(f) for f in dict.fromkeys(publication.formats or reading.preset.formats)]
    captions = [find_captions(name) for name in dict.fromkeys(publication.captions)]
    check_name(name)
    from kindvoice.build.covers import cover_notes, drawn_cover, place_cover
    from kindvoice.publish import cover as covers  # drawing loads much that a timeline does not need

    picture = covers.check_picture(publication.picture) if publication.picture is not None else None
    check_folder(folder)
    try:
        guard = Guard(inputs=files_read(reading), force=publication.force)
        endings = [
            *(f.extension for f in formats),
            *(c.extension for c in captions),
            ".chapters.json",
            ENDING,
        ]
        endings += [] if publication.cover == "off" else [covers.cover_ending(picture)]
        for error in files_in_the_way(final, endings, guard):
            raise error
        with store.workspace() as work:
            with ThreadPoolExecutor(1, "cover") as aside:
                drawing = aside.submit(drawn_cover, publication, reading.script, store)
                prepared = prepare(reading, store, on_event)
            drawn = drawing.result()
            check_space(prepared.schedule, [f.name for f in formats], prepared.preset, store.root, folder)
            transcript = _transcript(prepared)
            credits = make_credits(
                prepared.script, prepared.heard, prepared.spoken.asked, len(prepared.spoken.takes)
            )
            tags = make_tags(prepared.script, dict(publication.tags), transcript, credits, publication.artist)
            cover = place_cover(publication, drawn, work, name)
            finished = _sound(prepared, formats, name, tags, cover, store, work, on_event)
            files = [(work / (name + f.extension), f.name) for f in formats]
            files += _write_sidecars(transcript, captions, name, work)
            files += [(cover.path, "cover")] if cover else []
            artifacts = [_artifact(path, kind) for path, kind in files]
            digests = {a.path.name: a.sha256 for a in artifacts}
            known = recording_digests(final)  # another run may have made them meanwhile
            left = known.keys() - {*digests, final.name}
            others = {file: known[file] for file in left if (folder / file).is_file()}
            notes = tuple(chapter_notes(formats, prepared.schedule.chapters))
            document = _manifest(prepared, transcript, credits, tags, finished, artifacts, others, notes)
            manifest = sealed(document.encode())
            (work / final.name).write_bytes(manifest)
            digests[final.name] = hashlib.sha256(manifest).hexdigest()
            store.settle()
            place_all(digests, work, folder, known, journal_of(final), guard)
            journal_of(final).unlink(missing_ok=True)  # another run may have taken it away meanwhile
    except OSError as error:
        raise output_error(error, folder, store.root) from error
    return RenderResult(
        manifest=final,
        artifacts=tuple(replace(a, path=folder / a.path.name) for a in artifacts),
        loudness=finished.loudness,
        prepared=prepared,
        own_keys=prepared.own_keys | finished.own_keys,
        cover_key=drawn[0] if drawn else "",
        warnings=(*finished.warnings, *_too_much(prepared, artifacts[: len(formats)])),
        notes=(
            *reading.notes,
            *voice_notes(prepared.heard, reading.voices),
            *_changed_lines(prepared, request.sound.takes),
            *room_notes(prepared.spoken.takes.values()),
            *cover_notes(publication, tags.title),
            *notes,
        ),
    )


def _too_much(prepared: Prepared, sounds: Iterable[Artifact]) -> Iterator[str]:
    """What the place that the preset is for would not take, because it is too long or too large."""
    preset, ms = prepared.preset, frames_to_ms(prepared.schedule.frames)
    if preset.max_ms is not None and ms > preset.max_ms:
        most = format_ms(preset.max_ms)
        yield f"it lasts {format_ms(ms)}, and {preset.name} takes at most {most}{terminal(': see --length')}"
    for sound in sounds:
        if preset.max_bytes is not None and sound.bytes > preset.max_bytes:
            most = f"{preset.max_bytes / 1e6:g} MB"
            size = f"{sound.bytes / 1e6:.1f} MB"
            yield f"{sound.path.name} has {size}, and {preset.name} takes at most {most}{terminal(': see --length')}"


def draw(prepared: Prepared, store: Store) -> str:
    """The programme over time as a picture: SVG. Raises DamagedError."""
    from kindvoice.publish.picture import outline_columns, timeline_svg
    from kindvoice.sound.waveform import waveform

    schedule, script = prepared.schedule, prepared.script
    outline = waveform(Mix(schedule, reader(store)).blocks(), schedule.frames, outline_columns(schedule))
    return timeline_svg(schedule, script.title, outline, language=script.language)


def _changed_lines(prepared: Prepared, folder: Path | None) -> Iterator[str]:
    """Lines whose recordings say something else than the script does now."""
    if folder is None:
        return
    for voice, said in lines_by_voice(prepared.timeline, prepared.cast).items():
        for stale in Takes(folder).stale(voice, [item.text for item in said], prepared.script.id):
            if stale.line is not None:
                own = next((item.own for item in said if item.text == stale.line), ())
                line = quoted(stale.line, own)
                yield f"{line} has changed since it was recorded as {stale.take.text!r}: the voice speaks it"


# ---------------------------------------------------------------- sound


def _sound(
    prepared: Prepared, formats: Sequence[Format], name: str, tags: Tags, cover: Picture | None, store: Store,
    work: Path, on_event: OnEvent,
) -> Finished:  # fmt: skip
    """Every format into the workspace, from one mix."""
    schedule, preset = prepared.schedule, prepared.preset
    targets = [
        (
            format,
            Target(
                path=work / (name + format.extension), frames=schedule.frames,
                chapters=format.chapters_of(schedule.chapters), bitrate=preset.bitrate, rate=preset.rate,
                tags=tags, cover=cover,
            ),
        )
        for format in formats
    ]  # fmt: skip

    def on_stage(stage: str, done: int, total: int) -> None:
        on_event(Progress(stage=stage, done=done, total=total))

    return finish(Programme(schedule, reader(store)), targets, preset, store, on_stage)


# ---------------------------------------------------------------- files


def _transcript(prepared: Prepared) -> Transcript:
    languages = {speaker: voice.language for speaker, voice in prepared.cast.items() if speaker}
    script = prepared.script
    return make_transcript(prepared.schedule, script.title, script.language, languages)


def _write_sidecars(
    transcript: Transcript, captions: Sequence[CaptionFormat], name: str, work: Path
) -> list[tuple[Path, str]]:
    captions = captions if any(True for _ in transcript.lines) else ()
    texts = [(work / (name + c.extension), c.name, c.write(transcript)) for c in captions]
    texts.append((work / f"{name}.chapters.json", "chapters", chapters_json(transcript)))
    for path, _, text in texts:
        if text:
            path.write_text(text, encoding="utf-8", newline="\n")
    return [(path, kind) for path, kind, text in texts if text]


def _artifact(path: Path, kind: str) -> Artifact:
    return Artifact(path=path, kind=kind, sha256=file_sha256(path), bytes=path.stat().st_size)


# ---------------------------------------------------------------- what the manifest tells


def _manifest(
    prepared: Prepared, transcript: Transcript, credits: Sequence[str], tags: Tags, finished: Finished,
    artifacts: Sequence[Artifact], others: Digests, notes: Sequence[str],
) -> str:  # fmt: skip
    inputs = inputs_of(prepared.reading)
    return manifest_json(
        inputs=inputs,
        digest=digest_of_inputs(inputs),
        practice=prepared.script.id,
        about=prepared.script.about,
        tags=tags,
        credits=credits,
        stand_ins=prepared.script.stand_ins,
        schedule=prepared.schedule,
        transcript=transcript,
        cast=prepared.cast,
        heard=prepared.heard,
        takes=prepared.spoken.takes,
        loudness=finished.loudness,
        artifacts=artifacts,
        others=others,
        notes=notes,
        tools=_tools(prepared.heard),
    )


_version = cache(importlib.metadata.version)
"""of what stays loaded in this process"""


def _tools(voices: Iterable[Voice]) -> dict[str, str]:
    return {
        **{name: _version(name) for name in ("numpy", "soxr", "av")},
        "kindvoice": __version__,
        "mp3": identity(),
        **_engines(voices),
    }


def _engines(voices: Iterable[Voice]) -> dict[str, str]:
    versions: dict[str, list[str]] = {}
    for voice in voices:
        versions.setdefault(voice.engine, []).append(engines.load(voice.engine).version(voice))
    return {f"engine {name}": "; ".join(dict.fromkeys(each)) for name, each in versions.items()}
