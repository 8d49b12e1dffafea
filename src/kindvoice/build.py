"""One build: a job to finished files and their manifest. Orchestration only.

Everything is made in a workspace; when all of it is there and has been measured, it is put in place
file by file, the manifest last. A run that dies leaves whole files only.
"""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import av

from kindvoice import __version__, engines
from kindvoice.decode import decode, sound_info
from kindvoice.encode import FORMATS, Format, Samples, Target, encode, find_format
from kindvoice.engines import can_speak
from kindvoice.errors import OutputError, VoiceError
from kindvoice.fit import fit
from kindvoice.languages import primary
from kindvoice.lexicon import Lexicon, read_lexicon
from kindvoice.master import master
from kindvoice.meter import measure
from kindvoice.mix import Mix
from kindvoice.model import (
    Artifact,
    Bed,
    Clip,
    Loudness,
    Preset,
    Say,
    Schedule,
    Script,
    Tags,
    Take,
    Timeline,
    Utterance,
    Voice,
    VoiceChange,
)
from kindvoice.notes import room_notes, voice_notes
from kindvoice.output import check_folder, check_name, check_space, output_error, place, safe_name
from kindvoice.presets import find_preset
from kindvoice.resources import data_folder
from kindvoice.script import Phrase, read_script
from kindvoice.sidecars import captions_vtt, chapters_json, manifest_json
from kindvoice.sounds import prepare_sounds
from kindvoice.speak import Spoken, speak
from kindvoice.store import Store, file_sha256, stage_key
from kindvoice.takes import Takes
from kindvoice.timeline import make_timeline
from kindvoice.units import RATE
from kindvoice.voices import choose, choose_speaker
from kindvoice.wavfile import read_wav

BUILD_VERSION = 1
LOUDNESS_WITHIN_LU = 0.5
_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What one build is to make."""

    script: Path
    output: Path
    """the folder for the finished files"""
    name: str | None = None
    """the finished files' name without its ending; None: the script's own"""
    length_ms: int | None = None
    language: str | None = None
    voice: str | None = None
    default_voice: str | None = None
    """when neither the job nor the script names one"""
    bed: str | None = None
    default_bed: str | None = None
    preset: str | None = None
    default_preset: str = "podcast"
    formats: tuple[str, ...] = ("mp3",)
    phrases: tuple[Phrase, ...] | None = None
    values: tuple[tuple[str, object], ...] = ()
    gentle: bool = False
    """a trauma-sensitive reading"""
    audience: str = "everyone"
    artist: str = "kindvoice"
    voice_folders: tuple[Path, ...] = (data_folder("voices"),)
    """where lexicons are looked for"""
    takes: Path | None = None
    """the folder of recorded lines; None: the voices speak every line"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a stage is. Stages come in this order: speak, measure, encode, check."""

    stage: str
    done: int
    total: int


OnEvent = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A programme that is fixed to the frame and has not been mixed."""

    script: Script
    cast: Mapping[str, Voice]
    """by speaker; the script's own voice under an empty name"""
    preset: Preset
    timeline: Timeline
    spoken: Spoken
    sounds: Mapping[str, Clip]
    schedule: Schedule

    @property
    def voice(self) -> Voice:
        """The script's own."""
        return self.cast[""]

    @property
    def heard(self) -> tuple[Voice, ...]:
        """The voices that say anything: not one whose every line is a take. The script's own comes first."""
        spoken = {
            item.speaker for item in self.timeline.items
            if isinstance(item, Say) and item.utterance not in self.spoken.takes
        }  # fmt: skip
        return tuple(dict.fromkeys(voice for speaker, voice in self.cast.items() if speaker in spoken))


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a build made."""

    manifest: Path
    artifacts: tuple[Artifact, ...]
    loudness: Mapping[str, Loudness]
    """by format, as measured on the finished file"""
    prepared: Prepared
    warnings: tuple[str, ...]
    """what is wrong with the finished files"""
    notes: tuple[str, ...]
    """what is worth knowing of the voices and takes in them"""


def prepare(
    job: Job, voices: Mapping[str, Voice], store: Store, on_event: OnEvent = lambda event: None
) -> Prepared:
    """Everything up to the Schedule: script read, lines spoken, time fitted."""
    script = read_script(
        job.script,
        length_ms=job.length_ms,
        language=job.language,
        phrases=job.phrases,
        values=dict(job.values),
        gentle=job.gentle,
        audience=job.audience,
    )
    cast = _cast(script, job, voices)
    preset = find_preset(job.preset or script.preset or job.default_preset)
    bed = job.bed
    if bed is None and script.bed is None and not any(isinstance(cue, Bed) for cue in script.cues):
        bed = job.default_bed
    timeline = make_timeline(script, bed, {speaker: voice.language for speaker, voice in cast.items()})
    sounds = prepare_sounds(timeline, store)
    spoken = speak(
        timeline,
        cast,
        store,
        lambda done, total: on_event(Progress(stage="speak", done=done, total=total)),
        lexicons=_lexicons(cast, job.voice_folders),
        takes=_takes(timeline, cast, job.takes),
    )
    schedule = fit(
        timeline, spoken.clips, sounds, script.length_ms, head_ms=preset.head_ms, tail_ms=preset.tail_ms
    )
    return Prepared(
        script=script, cast=cast, preset=preset, timeline=timeline, spoken=spoken, sounds=sounds, schedule=schedule
    )  # fmt: skip


def _cast(script: Script, job: Job, voices: Mapping[str, Voice]) -> dict[str, Voice]:
    """The voice of every speaker, the script's own first."""
    name = job.voice or script.voice or job.default_voice
    cast = {"": choose(voices, name, script.language, can_speak)}
    for cue in script.cues:
        if isinstance(cue, VoiceChange) and cue.speaker not in cast:
            try:
                cast[cue.speaker] = choose_speaker(voices, cue.speaker, script.language, can_speak)
            except VoiceError as error:
                raise VoiceError(error.what, where=cue.where, cure=error.cure) from None
    return cast


def _lexicons(cast: Mapping[str, Voice], folders: tuple[Path, ...]) -> dict[str, Lexicon]:
    return {speaker: read_lexicon(folders, voice) for speaker, voice in cast.items()}


def _lines(timeline: Timeline, cast: Mapping[str, Voice]) -> dict[str, list[Say]]:
    """What is said, by the name of the voice: heart and heart*0.9 share their takes."""
    lines: dict[str, list[Say]] = {}
    for item in timeline.items:
        if isinstance(item, Say):
            lines.setdefault(cast[item.speaker].name, []).append(item)
    return lines


def _takes(timeline: Timeline, cast: Mapping[str, Voice], folder: Path | None) -> dict[Utterance, Take]:
    if folder is None:
        return {}
    found: dict[Utterance, Take] = {}
    for voice, said in _lines(timeline, cast).items():
        there = Takes(folder).for_lines(voice, [item.text for item in said])
        found |= {item.utterance: there[item.text] for item in said if item.text in there}
    return found


def render(
    job: Job, voices: Mapping[str, Voice], store: Store, on_event: OnEvent = lambda event: None
) -> Result:
    """The whole build. Raises KindvoiceError; then nothing in the output folder has changed."""
    formats = [find_format(name) for name in dict.fromkeys(job.formats)]
    name = job.name or safe_name(job.script.stem)
    check_name(name)
    check_folder(job.output)
    try:
        prepared = prepare(job, voices, store, on_event)
        check_space(prepared.schedule, [f.name for f in formats], prepared.preset, store.root, job.output)
        with store.workspace() as work:
            loudness, warnings = _sound(prepared, name, [f.name for f in formats], job, store, work, on_event)
            files = [(work / (name + f.extension), f.name) for f in formats]
            files += _write_sidecars(prepared, name, work)
            artifacts = [_artifact(path, kind) for path, kind in files]
            manifest = work / f"{name}.manifest.json"
            inputs = _inputs(job, prepared)
            manifest.write_text(
                manifest_json(
                    inputs=inputs,
                    digest=stage_key("build", BUILD_VERSION, **inputs),
                    schedule=prepared.schedule,
                    cast=prepared.cast,
                    takes=prepared.spoken.takes,
                    loudness=loudness,
                    artifacts=artifacts,
                    tools=_tools(prepared.heard),
                ),
                encoding="utf-8",
            )
            placed = [place(path, job.output) for path, _ in [*files, (manifest, "manifest")]]
    except OSError as error:
        raise output_error(error, job.output, store.root) from error
    return Result(
        manifest=placed[-1],
        artifacts=tuple(
            Artifact(path=path, kind=a.kind, sha256=a.sha256, bytes=a.bytes)
            for path, a in zip(placed, artifacts, strict=False)
        ),
        loudness=loudness,
        prepared=prepared,
        warnings=tuple(warnings),
        notes=(
            *voice_notes(prepared.heard, voices),
            *_changed_lines(prepared, job.takes),
            *room_notes(prepared.spoken.takes.values()),
        ),
    )


def _changed_lines(prepared: Prepared, folder: Path | None) -> Iterator[str]:
    """Lines whose recordings say something else than the script does now."""
    if folder is None:
        return
    for voice, said in _lines(prepared.timeline, prepared.cast).items():
        for stale in Takes(folder).stale(voice, [item.text for item in said], prepared.script.id):
            if stale.line is not None:
                yield (
                    f"{stale.line!r} has changed since it was recorded as {stale.take.text!r}: the voice speaks it"
                )


# ---------------------------------------------------------------- sound


def _sound(
    prepared: Prepared,
    name: str,
    formats: Sequence[str],
    job: Job,
    store: Store,
    work: Path,
    on_event: OnEvent,
) -> tuple[dict[str, Loudness], list[str]]:
    """Mixes, masters and encodes into the workspace, and measures the encoded files.

    A codec moves peaks a little, a limiter takes a little loudness: when a finished file is beyond what
    its preset allows, it is made once more with that much more room.
    """
    schedule, preset = prepared.schedule, prepared.preset
    mix = Mix(schedule, lambda key, start, stop: read_wav(store.path(key), start, stop)[0])
    mixed = measure(_counted(mix, schedule.frames, on_event), peaks=False)
    gain_db = preset.lufs - mixed.integrated_lufs
    ceiling = preset.peak_dbtp - max(FORMATS[f].overshoot_db for f in formats)
    targets = [
        (
            FORMATS[f],
            Target(
                path=work / (name + FORMATS[f].extension), frames=schedule.frames, chapters=schedule.chapters,
                bitrate=preset.bitrate, tags=_tags(prepared, job),
            ),
        )
        for f in formats
    ]  # fmt: skip
    # The limiter takes a little loudness with the peaks; the gain gives it back.
    gain_db += preset.lufs - measure(master(mix.blocks(), gain_db, ceiling), peaks=False).integrated_lufs
    for _ in range(_TRIES):
        encode(
            master(mix.blocks(), gain_db, ceiling),
            targets,
            lambda done: on_event(Progress(stage="encode", done=done, total=schedule.frames)),
        )
        loudness = _measured(targets, schedule.frames, on_event)
        excess = max(reading.true_peak_dbtp for reading in loudness.values()) - preset.peak_dbtp
        off = max((preset.lufs - reading.integrated_lufs for reading in loudness.values()), key=abs)
        if excess <= 0 and abs(off) <= LOUDNESS_WITHIN_LU:
            break
        ceiling -= excess + 0.1 if excess > 0 else 0.0
        gain_db += off
    warnings = []
    if excess > 0:
        warnings.append(f"the true peak is {excess:.1f} dB above what {preset.name} allows")
    if abs(off) > LOUDNESS_WITHIN_LU:
        warnings.append(f"the loudness is {-off:+.1f} LU from what {preset.name} asks for")
    return loudness, warnings


def _counted(mix: Mix, total: int, on_event: OnEvent) -> Iterator[Samples]:
    done = 0
    for block in mix.blocks():
        yield block
        done += len(block)
        on_event(Progress(stage="measure", done=done, total=total))


def _measured(
    targets: Sequence[tuple[Format, Target]], frames: int, on_event: OnEvent
) -> dict[str, Loudness]:
    """Each finished file decoded by itself and measured; raises SoundError for one that is not whole."""

    def one(target: Target) -> Loudness:
        info = sound_info(target.path)
        reading = measure(decode(target.path), info.rate)
        if info.rate == RATE and reading.frames != frames:
            raise OutputError(
                f"{target.path.name} decodes to {reading.frames} samples in place of {frames}",
                cure="the disk may be full or failing; free some space and run it again",
            )
        return reading

    on_event(Progress(stage="check", done=0, total=len(targets)))
    with ThreadPoolExecutor(max_workers=min(len(targets), os.cpu_count() or 1)) as pool:
        readings = list(pool.map(one, [target for _, target in targets]))
    on_event(Progress(stage="check", done=len(targets), total=len(targets)))
    return {format.name: reading for (format, _), reading in zip(targets, readings, strict=True)}


def _tags(prepared: Prepared, job: Job) -> Tags:
    script = prepared.script
    credits = [f"{voice.credit}. Licence of the voice: {voice.licence}." for voice in prepared.heard]
    if prepared.spoken.takes:
        credits.append(
            f"{len(prepared.spoken.takes)} of {prepared.spoken.asked} lines are recorded by a person."
        )
    return Tags(
        title=script.title,
        artist=script.author or job.artist,
        language=script.language,
        comment=" ".join([*dict.fromkeys(credits), "Made with kindvoice. A practice aid, not therapy."]),
    )


# ---------------------------------------------------------------- files


def _write_sidecars(prepared: Prepared, name: str, work: Path) -> list[tuple[Path, str]]:
    captions = work / f"{name}.vtt"
    language = prepared.script.language
    others = {
        s: v.language for s, v in prepared.cast.items() if s and primary(v.language) != primary(language)
    }
    captions.write_text(captions_vtt(prepared.schedule, language, others), encoding="utf-8")
    files = [(captions, "captions")]
    if prepared.schedule.chapters:
        chapters = work / f"{name}.chapters.json"
        chapters.write_text(chapters_json(prepared.schedule), encoding="utf-8")
        files.append((chapters, "chapters"))
    return files


def _artifact(path: Path, kind: str) -> Artifact:
    return Artifact(path=path, kind=kind, sha256=file_sha256(path), bytes=path.stat().st_size)


# ---------------------------------------------------------------- what the manifest tells


def _inputs(job: Job, prepared: Prepared) -> dict[str, object]:
    """Everything the result depends on, and nothing of this machine."""
    script = prepared.script
    return {
        "script": job.script.name,
        "script_sha256": file_sha256(job.script),
        "title": script.title,
        "practice": script.practice,
        "language": script.language,
        "length_ms": script.length_ms,
        "phrases": [phrase.forms() for phrase in job.phrases or ()],
        "values": {name: str(value) for name, value in job.values},
        "gentle": job.gentle,
        "audience": job.audience,
        "voice": prepared.voice.name,
        "takes": sorted(take.sha256 for take in prepared.spoken.takes.values()),
        "preset": prepared.preset.name,
        "sounds": sorted(clip.key for clip in prepared.sounds.values()),
        "bed": job.bed if job.bed is None else Path(job.bed).name,
        "formats": list(job.formats),
        "artist": job.artist,
    }


def _tools(voices: Iterable[Voice]) -> dict[str, str]:
    versions = {name: importlib.metadata.version(name) for name in ("numpy", "soxr", "scipy")}
    ffmpeg = av.library_versions["libavcodec"]
    return {
        **versions,
        "kindvoice": __version__,
        "av": av.__version__,
        "libavcodec": ".".join(map(str, ffmpeg)),
        **_engines(voices),
    }


def _engines(voices: Iterable[Voice]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for voice in voices:
        found.setdefault(voice.engine, []).append(engines.load(voice.engine).version(voice))
    return {f"engine {name}": "; ".join(dict.fromkeys(versions)) for name, versions in found.items()}
