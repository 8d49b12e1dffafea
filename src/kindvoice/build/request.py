"""What one build is to make, read: everything that can be known before anything is spoken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from kindvoice import engines
from kindvoice.engines import can_speak
from kindvoice.errors import SettingsError, VoiceError
from kindvoice.model import (
    Bed,
    BedChange,
    Item,
    Preset,
    Ring,
    Say,
    Script,
    Take,
    Timeline,
    Utterance,
    Voice,
    VoiceChange,
)
from kindvoice.paths import data_folder
from kindvoice.publish.manifest import voice_facts
from kindvoice.script import Phrase, read_script
from kindvoice.sound.beds import BEDS
from kindvoice.sound.bells import BELLS
from kindvoice.sound.presets import all_presets, find_preset
from kindvoice.speech.lexicon import Lexicon, read_lexicon
from kindvoice.speech.notes import script_notes, wish_notes
from kindvoice.speech.voices import choose, choose_speaker
from kindvoice.store import file_sha256, stage_key
from kindvoice.takes import Takes
from kindvoice.timing.resolve import make_timeline
from kindvoice.timing.slots import keep_slots

BUILD_VERSION = 3
"""of everything between a timeline and its files; a change makes every recording anew"""


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
    bell: str | None = None
    """for every stroke, in place of the script's own; "off" for none"""
    bed_gain_db: float = 0.0
    """added to the level of every bed"""
    preset: str | None = None
    default_preset: str = "podcast"
    formats: tuple[str, ...] = ()
    """none: the preset's own"""
    captions: tuple[str, ...] = ("vtt",)
    tags: tuple[tuple[str, str | int], ...] = ()
    """what the files are to say of themselves, by the names of Tags; it stands before the script's own"""
    cover: str | None = None
    """the path of a picture, "off" for none; None: one is drawn"""
    presets: Path | None = None
    """a file of the user's own presets"""
    phrases: tuple[Phrase, ...] | None = field(default=None, repr=False)
    """intimate: in no message and no log"""
    values: tuple[tuple[str, object], ...] = field(default=(), repr=False)
    gentle: bool = False
    """a trauma-sensitive reading"""
    audience: str = "everyone"
    artist: str = "kindvoice"
    voice_folders: tuple[Path, ...] = (data_folder("voices"),)
    """where lexicons are looked for"""
    takes: Path | None = None
    """the folder of recorded lines; None: the voices speak every line"""
    made_from: tuple[Path, ...] = ()
    """further files that this is made from (phrases, settings, a plan), which nothing that is made may replace"""
    force: bool = False
    """whether files may be replaced that kindvoice did not make, or that were changed since"""
    strict: bool = False
    """whether a phrase without a sure form for somebody else is an error"""
    shared: bool = False
    """one of many that differ by a participant's own words: these keep to slots, so that all else is shared"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A job, read: names resolved, nothing spoken."""

    script: Script
    cast: Mapping[str, Voice]
    """by speaker; the script's own voice under an empty name"""
    preset: Preset
    timeline: Timeline
    lexicons: Mapping[str, Lexicon]
    """by speaker"""
    takes: Mapping[Utterance, Take]
    """the lines that a person recorded"""

    @property
    def notes(self) -> tuple[str, ...]:
        """what is worth knowing of the script before it is spoken"""
        return (*wish_notes(self.script.stand_ins), *script_notes(self.script, self.cast[""]))


def read_job(job: Job, voices: Mapping[str, Voice]) -> Reading:
    """Raises ScriptError, VoiceError and SettingsError for what is wrong with the script or the names in the job."""
    script = read_script(
        job.script,
        length_ms=job.length_ms,
        language=job.language,
        phrases=job.phrases,
        values=dict(job.values),
        gentle=job.gentle,
        audience=job.audience,
        strict=job.strict,
    )
    cast = _cast(script, job, voices)
    preset = find_preset(job.preset or script.preset or job.default_preset, all_presets(job.presets))
    bed = job.bed
    if bed is None and script.bed is None and not any(isinstance(cue, Bed) for cue in script.cues):
        bed = job.default_bed
    timeline = make_timeline(
        script, bed, {speaker: voice.language for speaker, voice in cast.items()}, bell=job.bell,
        bed_gain_db=job.bed_gain_db,
    )  # fmt: skip
    if job.shared:
        timeline = keep_slots(timeline)
    return Reading(
        script=script,
        cast=cast,
        preset=preset,
        timeline=timeline,
        lexicons={speaker: read_lexicon(job.voice_folders, voice) for speaker, voice in cast.items()},
        takes=_takes(timeline, cast, job.takes),
    )


def _cast(script: Script, job: Job, voices: Mapping[str, Voice]) -> dict[str, Voice]:
    """The voice of every speaker, the script's own first."""
    name = job.voice or script.voice or job.default_voice
    cast = {"": choose(voices, name, script.language, can_speak)}
    for cue in script.cues:
        if isinstance(cue, VoiceChange) and cue.speaker not in cast:
            try:
                cast[cue.speaker] = choose_speaker(voices, cue.speaker, script.language, can_speak)
            except VoiceError as error:
                raise error.at(cue.where) from None
    return cast


def lines_by_voice(timeline: Timeline, cast: Mapping[str, Voice]) -> dict[str, list[Say]]:
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
    for voice, said in lines_by_voice(timeline, cast).items():
        there = Takes(folder).for_lines(voice, [item.text for item in said])
        found |= {item.utterance: there[item.text] for item in said if item.text in there}
    return found


# ---------------------------------------------------------------- what the result depends on


def digest_of(job: Job, voices: Mapping[str, Voice]) -> str:
    """The digest that the manifest of this job's build holds; nothing is spoken or mixed for it. As read_job."""
    return digest_of_inputs(inputs_of(job, read_job(job, voices)))


def digest_of_inputs(inputs: Mapping[str, object]) -> str:
    return stage_key("build", BUILD_VERSION, **inputs)


def inputs_of(job: Job, read: Reading) -> dict[str, object]:
    """Everything the result depends on, as JSON values, and nothing of this machine."""
    script = read.script
    own_cover = job.cover not in {None, "off"}
    return {
        "script": job.script.name,
        "title": script.title,
        "practice": script.id,
        "language": script.language,
        "length_ms": script.length_ms,
        "phrases": [phrase.forms() for phrase in job.phrases or ()],
        "values": {name: str(value) for name, value in job.values},
        "shared": job.shared,
        "gentle": job.gentle,
        "audience": job.audience,
        "timeline": stage_key("timeline", 1, items=[_told(item) for item in read.timeline.items]),
        "cast": {
            speaker: {**voice_facts(voice), "engine_version": _engine_version(voice)}
            for speaker, voice in read.cast.items()
        },
        "lexicons": stage_key(
            "lexicons", 1, words={s: repr(lexicon) for s, lexicon in read.lexicons.items()}
        ),
        "takes": sorted(take.sha256 for take in read.takes.values()),
        "preset": asdict(read.preset),
        "formats": list(job.formats or read.preset.formats),
        "captions": list(job.captions),
        "tags": {**dict(script.tags), **dict(job.tags)},
        "about": [script.about, script.licence, script.credit, script.author or job.artist],
        "cover": _sha256_of(Path(str(job.cover))) if own_cover else job.cover,
    }


def files_read(job: Job, read: Reading) -> tuple[Path, ...]:
    """Every file that the build is made from."""
    sounds = (sound for item in read.timeline.items if (sound := _own_sound(item)) is not None)
    named = (job.presets, Path(job.cover) if job.cover not in {None, "off"} else None)
    return (
        job.script,
        *job.made_from,
        *(path for path in named if path is not None),
        *sounds,
        *(take.path for take in read.takes.values()),
    )


def _own_sound(item: Item) -> Path | None:
    """The user's bell or bed."""
    if isinstance(item, (Ring, BedChange)) and item.sound and item.sound not in {**BEDS, **BELLS}:
        return Path(item.sound)
    return None


def _told(item: Item) -> dict[str, object]:
    """An item of the timeline without the folders that it comes from."""
    told: dict[str, object] = {"kind": type(item).__name__, **asdict(item)}
    told["where"] = item.where.line
    if (sound := _own_sound(item)) is not None:
        told["sound"] = _sha256_of(sound)
    return told


def _sha256_of(path: Path) -> str:
    try:
        return _sha256_at(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror or error}") from None


@cache
def _sha256_at(path: Path, mtime_ns: int) -> str:
    return file_sha256(path)


@cache
def _engine_version(voice: Voice) -> str:
    return engines.load(voice.engine).version(voice)
