"""A request, read: everything that can be known before anything is spoken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path

from kindvoice import engines
from kindvoice.build.request import Request, Sound
from kindvoice.engines import can_speak
from kindvoice.errors import Faults, ScriptError, SettingsError, VoiceError, as_own, terminal
from kindvoice.languages import language_name
from kindvoice.model import (
    Bed,
    BedChange,
    Item,
    Landing,
    Preset,
    Ring,
    Say,
    Script,
    Take,
    Timeline,
    TimelinePart,
    Utterance,
    Voice,
    Where,
    Words,
)
from kindvoice.publish.manifest import voice_facts
from kindvoice.script import read_script
from kindvoice.script.load import GENTLE_SILENCE_MS
from kindvoice.sound.beds import BEDS
from kindvoice.sound.bells import BELLS
from kindvoice.sound.presets import all_presets, find_preset
from kindvoice.speech.lexicon import Lexicon, read_lexicon
from kindvoice.speech.notes import audience_notes, script_notes, wish_notes
from kindvoice.speech.readable import cannot_read
from kindvoice.speech.voices import cast_of, speaks
from kindvoice.store import file_sha256, stage_key
from kindvoice.takes import Takes
from kindvoice.timing.resolve import make_timeline

LANDING_SILENCE_MS = 90_000
"""So long a pause may grow in a landing where it was not written longer."""
BUILD_VERSION = 4
"""of everything between a timeline and its files; a change makes every recording anew"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A request, read: names resolved, nothing spoken."""

    request: Request
    script: Script
    cast: Mapping[str, Voice]
    """by speaker; the script's own voice under an empty name"""
    preset: Preset
    timeline: Timeline
    lexicons: Mapping[str, Lexicon]
    """by speaker"""
    takes: Mapping[Utterance, Take]
    """the lines that a person recorded"""
    voices: Mapping[str, Voice] = field(repr=False)
    """all that there are, by name"""

    @property
    def notes(self) -> tuple[str, ...]:
        """what is worth knowing of the script before it is spoken"""
        version = self.request.version
        notes = [*wish_notes(self.script.stand_ins), *script_notes(self.script, self.cast[""])]
        # In a course for a group some practices have words for an audience and some do not.
        notes += [] if version.group else audience_notes(self.script, version.audience)
        return (*notes, *(f"{what}; {_SPEAK_PHRASES}" for what in _unheard(self.request, self.script)))


def read(request: Request, voices: Mapping[str, Voice]) -> Reading:
    """Raises ScriptError, VoiceError and SettingsError for a script or names in the request that are wrong;
    ScriptErrors of several at once."""
    sound = request.sound
    script, cast, timeline = (_read_one if request.joined is None else _read_parts)(request, voices)
    preset = find_preset(sound.preset or script.preset or sound.default_preset, all_presets(sound.presets))
    return Reading(
        request=request,
        script=script,
        cast=cast,
        preset=preset,
        timeline=timeline,
        lexicons={speaker: read_lexicon(sound.voice_folders, voice) for speaker, voice in cast.items()},
        takes=_takes(timeline, cast, sound.takes),
        voices=voices,
    )


def _read_one(request: Request, voices: Mapping[str, Voice]) -> tuple[Script, dict[str, Voice], Timeline]:
    sound = request.sound
    faults = Faults()
    script = read_script(request.version, faults=faults)
    name = sound.voice or script.voice or _usual_voice(script, sound, voices)
    cast = cast_of(script, name, voices, can_speak, faults)
    bed = sound.bed
    if bed is None and script.bed is None and not any(isinstance(cue, Bed) for cue in script.cues):
        bed = sound.default_bed
    timeline = make_timeline(
        script, bed, {speaker: voice.language for speaker, voice in cast.items()}, bell=sound.bell,
        bed_gain_db=sound.bed_gain_db, faults=faults,
    )  # fmt: skip
    if sound.landing_ms:
        longest_ms = GENTLE_SILENCE_MS if request.version.gentle else LANDING_SILENCE_MS
        landing = Landing(length_ms=sound.landing_ms, longest_pause_ms=longest_ms)
        timeline = replace(timeline, landing=landing)
    _check_letters(timeline, cast, sound.takes, voices, faults)
    faults.raise_any()
    if request.version.strict and (unheard := list(_unheard(request, script))):
        raise ScriptError(unheard[0], where=Where(path=script.path, line=0), cure=_SPEAK_PHRASES)
    return script, cast, timeline


def _read_parts(request: Request, voices: Mapping[str, Voice]) -> tuple[Script, dict[str, Voice], Timeline]:
    """Of all parts together. A speaker who has another voice in a later part has another name there."""
    assert request.joined is not None
    cast: dict[str, Voice] = {}
    scripts: list[Script] = []
    parts: list[TimelinePart] = []
    for number, each in enumerate(request.joined.parts, 1):
        script, theirs, timeline = _read_one(each, voices)
        names = {
            name: name if cast.get(name, voice) == voice else f"{name} {number}"
            for name, voice in theirs.items()
        }
        cast |= {names[name]: voice for name, voice in theirs.items()}
        items = tuple(
            replace(item, speaker=names[item.speaker]) if isinstance(item, Say) else item
            for item in timeline.items
        )
        title = str(dict(each.publication.tags).get("title", script.title))
        scripts.append(script)
        parts.append(
            TimelinePart(timeline=replace(timeline, title=title, items=items), length_ms=script.length_ms)
        )
    *others, last = parts  # a landing is at the end of the whole
    parts = [*(replace(part, timeline=replace(part.timeline, landing=None)) for part in others), last]
    lengths = [part.length_ms for part in parts]
    whole = replace(
        scripts[0], title=request.joined.title, about=request.joined.about, practice=request.version.script.stem,
        length_ms=None if None in lengths else sum(filter(None, lengths)), tags=(), path=str(request.version.script),
        cues=tuple(cue for script in scripts for cue in script.cues),
        stand_ins=tuple(each for script in scripts for each in script.stand_ins),
        unspoken=tuple(each for script in scripts for each in script.unspoken),
        remarks=tuple(each for script in scripts for each in script.remarks),
    )  # fmt: skip
    items = tuple(item for part in parts for item in part.timeline.items)
    return (
        whole,
        cast,
        replace(
            parts[0].timeline,
            title=whole.title,
            path=whole.path,
            items=items,
            parts=tuple(parts),
            landing=last.timeline.landing,
        ),
    )


def _check_letters(
    timeline: Timeline, cast: Mapping[str, Voice], takes: Path | None, voices: Mapping[str, Voice], faults: Faults
) -> None:  # fmt: skip
    """Adds a VoiceError for each of a participant's own texts that its voice cannot read and nobody has recorded, and
    says which one can."""
    unread = [
        (item.utterance, text, letters)
        for item in timeline.items
        if isinstance(item, Say) and item.speaker in cast
        for text in (item.text[start:stop] for start, stop in item.own)
        if (letters := cannot_read(cast[item.speaker], text))
    ]
    recorded = _takes(timeline, cast, takes) if unread and "" in cast else {}
    for utterance, text, letters in unread:
        if utterance not in recorded:
            voice = cast[utterance[0]]
            faults.add(VoiceError(
                f"the voice {voice.name!r} cannot read {as_own(letters)} in {as_own(repr(text))}",
                cure=_who_can(text, voice.language, voices),
            ))  # fmt: skip


def _who_can(text: str, language: str, voices: Mapping[str, Voice]) -> str:
    can = [v for v in voices.values() if v.engine != "tone" and can_speak(v) and not cannot_read(v, text)]
    if same := [v.name for v in can if speaks(v, language)]:
        return f"{' and '.join(same)} can{terminal(f': --voice {same[0]}')}"
    others = " and ".join(f"{v.name} ({language_name(v.language)})" for v in can[:4])
    return (
        f"{others} can, in a script of that language"
        if can
        else "no voice here can; write it in Latin letters"
    )


_SPEAK_PHRASES = (
    "loving-kindness and loving-kindness-loved-one speak them, and so does {{ phrase }} in your own script"
)


def _unheard(request: Request, script: Script) -> Iterator[str]:
    """Of phrases that were given and that the script speaks nowhere. In a course for a group some practices do not."""
    if request.version.group:
        return
    lines = [cue for cue in script.cues if isinstance(cue, Words)]
    heard = [cue.text[start:stop].casefold() for cue in lines for start, stop in cue.own]
    replaced = {each.number for each in script.stand_ins}
    for number, phrase in enumerate(request.version.phrases or (), 1):
        forms = [form.casefold() for form in phrase.forms().values()]
        if number not in replaced and not any(
            text in form or form in text for text in heard for form in forms
        ):
            yield f"the phrase {as_own(repr(str(phrase)))} is not heard: {script.title!r} does not speak it"


def _usual_voice(script: Script, sound: Sound, voices: Mapping[str, Voice]) -> str | None:
    """The user's, where it speaks the script's language; else the best one."""
    usual = voices.get((sound.default_voice or "").partition("*")[0].strip())
    return sound.default_voice if usual is None or speaks(usual, script.language) else None


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
    takes: dict[Utterance, Take] = {}
    for voice, said in lines_by_voice(timeline, cast).items():
        by_text = Takes(folder).for_lines(voice, [item.text for item in said])
        takes |= {item.utterance: by_text[item.text] for item in said if item.text in by_text}
    return takes


# ---------------------------------------------------------------- what the result depends on


def digest_of(reading: Reading) -> str:
    """The digest that the manifest of this build holds; nothing is spoken or mixed for it."""
    return digest_of_inputs(inputs_of(reading))


def digest_of_inputs(inputs: Mapping[str, object]) -> str:
    return stage_key("build", BUILD_VERSION, **inputs)


def inputs_of(reading: Reading) -> dict[str, object]:
    """Everything the result depends on, as JSON values, and nothing of this machine."""
    script, version, publication = reading.script, reading.request.version, reading.request.publication
    parts = reading.timeline.parts
    return {
        "script": version.script.name,
        "title": script.title,
        "practice": script.id,
        "language": script.language,
        "length_ms": script.length_ms,
        "phrases": [phrase.forms() for phrase in version.phrases or ()],
        "values": {name: str(value) for name, value in version.values},
        "gentle": version.gentle,
        "audience": version.audience,
        **({"parts": [[each.timeline.title, each.length_ms] for each in parts]} if parts else {}),
        "timeline": stage_key("timeline", 1, items=[_facts(item) for item in reading.timeline.items]),
        **({"landing": asdict(landing)} if (landing := reading.timeline.landing) else {}),
        "cast": {
            speaker: {**voice_facts(voice), "engine_version": _engine_version(voice)}
            for speaker, voice in reading.cast.items()
        },
        "lexicons": stage_key(
            "lexicons", 1, words={name: repr(each) for name, each in reading.lexicons.items()}
        ),
        "takes": sorted(take.sha256 for take in reading.takes.values()),
        "preset": asdict(reading.preset),
        "formats": list(publication.formats or reading.preset.formats),
        "captions": list(publication.captions),
        "tags": {**dict(script.tags), **dict(publication.tags)},
        "about": [script.about, script.licence, script.credit, script.author or publication.artist],
        "cover": publication.cover if publication.picture is None else _sha256_of(publication.picture),
    }


def files_read(reading: Reading) -> tuple[Path, ...]:
    """Every file that the build is made from."""
    request = reading.request
    sounds = (_own_sound(item) for item in reading.timeline.items)
    named = (request.sound.presets, request.publication.picture, *sounds)
    return (
        *((request.version.script,) if request.version.text is None else ()),
        *request.publication.made_from,
        *(path for path in named if path is not None),
        *(take.path for take in reading.takes.values()),
    )


def _own_sound(item: Item) -> Path | None:
    """The user's bell or bed."""
    if isinstance(item, (Ring, BedChange)) and item.sound and item.sound not in {**BEDS, **BELLS}:
        return Path(item.sound)
    return None


def _facts(item: Item) -> dict[str, object]:
    """An item of the timeline without the folders that it comes from."""
    facts: dict[str, object] = {"kind": type(item).__name__, **asdict(item)}
    facts["where"] = item.where.line
    if (sound := _own_sound(item)) is not None:
        facts["sound"] = _sha256_of(sound)
    return facts


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
