"""The lines of a script that a person may record: all that one of its voices says, but for a participant's phrases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kindvoice.engines import can_speak
from kindvoice.errors import ScriptError
from kindvoice.model import Say, Voice, Where
from kindvoice.script import Version, make_phrase, read_script
from kindvoice.script.load import read_source
from kindvoice.script.phrases import phrases_from
from kindvoice.speech.voices import choose, choose_speaker
from kindvoice.takes import same_words
from kindvoice.timing.resolve import make_timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Recordable:
    """What there is to be read."""

    path: Path
    title: str
    language: str
    practice: str
    voice: str
    """whose lines these are"""
    lines: dict[int, str]
    """by number, each once, in order of first appearance"""
    left_out: int
    """lines that hold a participant's phrase"""


def lines_to_record(
    version: Version, voices: Mapping[str, Voice], *, voice: str | None = None, default_voice: str | None = None,
    own_phrases: bool = False,
) -> Recordable:  # fmt: skip
    """The lines of the script's own voice, or of `voice` where a cue of the script calls it.

    own_phrases: also those with phrases, as the script itself has them. A line with a value of the version's is one of
    them, for who records has chosen it. Raises ScriptError when there is nothing to
    record, and VoiceError for a voice that does not speak the script.
    """
    if own_phrases:
        script = read_script(replace(version, phrases=None), ())
    else:
        # With every form, so that no other words are spoken in their place.
        texts = [f"Phrase {number}." for number in range(1, _phrase_count(version) + 1)]
        phrases = tuple(make_phrase(text, "en", {"other": text, "together": text}) for text in texts)
        script = read_script(replace(version, phrases=phrases), {"phrases"})
    items = [item for item in make_timeline(script, "off").items if isinstance(item, Say)]
    own_voice = (script.voice or default_voice or "").partition("*")[0]
    others = [item for item in items if voice and _name(item) == voice]
    if others and voice != own_voice:
        reader = choose_speaker(voices, others[0].speaker, script.language, can_speak)
        items, spoken = others, reader.language
    else:
        reader = choose(voices, voice or script.voice or default_voice, script.language, can_speak)
        # A cue that calls the script's own voice back does not make another of it.
        items = [item for item in items if not item.speaker or _name(item) == reader.name]
        spoken = script.language
    said = {same_words(item.text): item for item in items}
    lines = [item.text for item in said.values() if not item.own]
    if not lines:
        raise ScriptError(
            "every line of this script holds a participant's phrase: there is nothing to record",
            where=Where(path=str(version.script), line=0),
        )
    return Recordable(
        path=version.script, title=script.title, language=spoken, practice=script.id, voice=reader.name,
        lines=dict(enumerate(lines, 1)), left_out=len(said) - len(lines),
    )  # fmt: skip


def _name(item: Say) -> str:
    """The voice that a cue called for this line, heart of heart*0.9; empty: the script's own."""
    return item.speaker.partition("*")[0]


def _phrase_count(version: Version) -> int:
    """As many as the script itself brings, because it may say other things to one phrase than to many."""
    path, values = version.script, read_source(version.script, version.text).front.values
    if "phrases" not in values:
        return 4
    return len(phrases_from(values["phrases"], values.get("language", "en"), Where(path=str(path), line=0)))
