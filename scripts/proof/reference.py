"""What comes out of the library, as digests that any computer can compare: `scripts/reference`.

By name, words that must be the same everywhere (frames, schedule, captions, chapters), those that a processor or a
library may round otherwise (samples, file), and readings, which are within 0.05 dB everywhere.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from kindvoice import __version__
from kindvoice.build.read import read
from kindvoice.build.recording import Prepared, prepare, render
from kindvoice.build.request import Publication, Request, Sound
from kindvoice.encode import FORMATS
from kindvoice.encode.lame import identity
from kindvoice.model import Schedule
from kindvoice.paths import data_folder
from kindvoice.publish.captions import CAPTIONS
from kindvoice.publish.captions.chapters import chapters_json
from kindvoice.script import Version
from kindvoice.script.library import library_paths
from kindvoice.script.load import read_facts
from kindvoice.sound.mix import Mix
from kindvoice.sound.prepare import reader
from kindvoice.sound.presets import all_presets
from kindvoice.speech.voices import read_voices
from kindvoice.store import Store
from kindvoice.timing.transcript import make_transcript

EVERYWHERE = ("frames", "schedule", "captions", "chapters")
ROUNDED = ("samples", "file")
READINGS = ("lufs", "rms", "peak")
_NEAR_DB = 0.05
_HEARD = "en/on-the-spot-breath"
"""made in every format for every preset"""
Facts = dict[str, str]
Table = dict[str, Facts]
"""by what was made, its facts by their names"""


def names() -> list[str]:
    """Everything that is referred to: practices by language, and files by preset and format."""
    practices = [
        f"{language}/{practice}" for language, practice in library_paths([data_folder("scripts_library")])
    ]
    files = [f"{preset}.{format}" for preset in all_presets(None) for format in FORMATS]
    return [*practices, *files]


def make(wanted: Iterable[str], folder: Path) -> Iterator[tuple[str, Facts]]:
    """folder: for what is made."""
    store, voices = Store(folder / "store"), read_voices([data_folder("voices")])
    for name in wanted:
        if "/" in name:
            prepared = prepare(read(_request(name, folder), voices), store)
            facts = _facts(prepared)
            if name == _HEARD:
                facts["samples"] = _digest(
                    *(b.tobytes() for b in Mix(prepared.schedule, reader(store)).blocks())
                )
            yield name, facts
            continue
        preset, _, format = name.partition(".")
        request = _request(_HEARD, folder)
        sound = replace(request.sound, preset=preset)
        publication = replace(request.publication, formats=(format,))
        result = render(read(replace(request, sound=sound, publication=publication), voices), store)
        loudness = result.loudness[format]
        readings = (loudness.integrated_lufs, loudness.rms_db, loudness.true_peak_dbtp)
        yield (
            name,
            {
                "file": next(
                    artifact.sha256[:12] for artifact in result.artifacts if artifact.kind == format
                ),
                **{key: f"{value:.2f}" for key, value in zip(READINGS, readings, strict=True)},
            },
        )


def _request(name: str, folder: Path) -> Request:
    language, practice = name.split("/")
    path = library_paths([data_folder("scripts_library")])[language, practice]
    facts = read_facts(path)
    shortest = facts["range"][0] if "range" in facts else facts.get("length")
    return Request(
        version=Version(script=path, length_ms=shortest), sound=Sound(voice="tone"),
        publication=Publication(folder=folder / "out", cover="off", captions=()),
    )  # fmt: skip


def _facts(prepared: Prepared) -> Facts:
    script = prepared.script
    languages = {speaker: voice.language for speaker, voice in prepared.cast.items() if speaker}
    transcript = make_transcript(prepared.schedule, script.title, script.language, languages)
    return {
        "frames": str(prepared.schedule.frames),
        "schedule": _digest(*map(repr, _events(prepared.schedule))),
        "captions": _digest(*(captions.write(transcript) for captions in CAPTIONS.values())),
        "chapters": _digest(chapters_json(transcript)),
    }


def _events(schedule: Schedule) -> Iterator[tuple[object, ...]]:
    """Without keys and places in files."""
    for said in schedule.speech:
        yield "speech", said.start_frame, said.stop_frame, said.clip.frames, said.text, said.speaker
    for bell in schedule.bells:
        yield "bell", bell.start_frame, bell.stop_frame, bell.sound, bell.gain_db
    for bed in schedule.beds:
        yield "bed", bed.start_frame, bed.stop_frame, bed.gain_db
    for gap in schedule.gaps:
        yield "gap", gap.start_frame, gap.stop_frame, gap.kind, gap.natural_ms


def _digest(*parts: str | bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part.encode() if isinstance(part, str) else part)
    return whole.hexdigest()[:12]


# ---------------------------------------------------------------- as text


def system() -> str:
    """What may make a difference."""
    packages = {name: importlib.metadata.version(name) for name in ("numpy", "soxr", "av", "soundfile")}
    versions = ", ".join(f"{name} {version}" for name, version in packages.items())
    return (
        f"kindvoice {__version__}, {platform.system()} {platform.machine()}, "
        f"{platform.python_implementation()} {platform.python_version()}, {versions}, {identity()}"
    )


def written(table: Mapping[str, Facts]) -> str:
    lines = [
        f"{name} " + " ".join(f"{key}={value}" for key, value in facts.items())
        for name, facts in table.items()
    ]
    return "\n".join([f"# {system()}", *lines, ""])


def read_reference(text: str) -> Table:
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return {name: dict(fact.split("=", 1) for fact in facts) for name, *facts in lines}


def differences(reference: Mapping[str, Facts], made: Mapping[str, Facts]) -> tuple[list[str], list[str]]:
    """In a sentence each: what must not differ, and what may on another system."""
    wrong, rounded = [], []
    for name, facts in made.items():
        known = reference.get(name)
        if known is None:
            wrong.append(f"{name} is new: the reference has nothing of it")
            continue
        if changed := [key for key in EVERYWHERE if facts.get(key) != known.get(key)]:
            lasts = ""
            if "frames" in changed:
                lasts = f", {int(facts['frames']) / 48_000:.3f} s in place of {int(known['frames']) / 48_000:.3f} s"
            wrong.append(f"{name} has other {' and '.join(changed)}{lasts}")
        for key in READINGS:
            if key in facts and not abs(float(facts[key]) - float(known[key])) <= _NEAR_DB:
                wrong.append(f"{name} reads {facts[key]} {key} in place of {known[key]}")
        if changed := [key for key in ROUNDED if facts.get(key) != known.get(key)]:
            rounded.append(f"{name} has other {' and '.join(changed)}")
    return wrong, rounded
