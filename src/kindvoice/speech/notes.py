"""What is worth knowing of a script and its wishes before it is spoken, and of the voices, recorded lines and chapters
in a finished file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kindvoice.engines import can_speak
from kindvoice.errors import as_own, forms_line, quoted, terminal
from kindvoice.languages import UNKNOWN, language_name, other_language
from kindvoice.model import NOISE_DB, ChapterMark, Script, StandIn, Take, Unspoken, Voice, VoiceChange, Words
from kindvoice.paths import typed
from kindvoice.script.directions import find_slips
from kindvoice.speech.voices import HARD_PERCENT, clearer, misheard_percent

if TYPE_CHECKING:
    from kindvoice.encode import Format

_MOST_SLIPS = 8
_LONGEST_QUOTED = 70
_SPOKEN = {
    "both": "it is said for the other and then for oneself",
    "script": "other kind words are spoken",
    "self": "it is spoken as it is",
}
_ROUNDS = {"other": "somebody else", "together": "both"}


def wish_notes(stand_ins: Iterable[StandIn]) -> Iterator[str]:
    """Of each phrase that has no sure form for somebody else: what is spoken, and how to write the form. Holds their
    words."""
    phrases: dict[int, list[StandIn]] = {}
    for each in stand_ins:
        phrases.setdefault(each.number, []).append(each)
    for number, several in phrases.items():
        forms = dict(several[0].forms)
        rounds: dict[str, list[str]] = {}
        for each in several:
            rounds.setdefault(_SPOKEN[each.spoken], []).append(_ROUNDS[each.form])
        spoken = "; ".join(f"in rounds for {' or '.join(who)} {words}" for words, who in rounds.items())
        yield (
            f"phrase {number}, {as_own(repr(forms['self']))}: {spoken}. If you would like "
            "words of your own there, write them in place of the dots"
            f"{terminal(' in a file, a line for each phrase, and give --phrases FILE.yaml')}: "
            f"{as_own(forms_line(forms))}"
        )


def script_notes(script: Script, voice: Voice) -> Iterator[str]:
    """That the language was recognised or is another than the voice's, what is not spoken, and what probably should not
    be."""
    if script.recognised:
        tag = script.language
        yield f"language: {tag} (recognised); write `language: {tag}` into the script to settle it"
    yield from script.remarks
    other = other_language(_own_words(script), voice.language)
    if other is not None:
        looks = "like no language that is known here" if other == UNKNOWN else language_name(other)
        tag = "TAG" if other == UNKNOWN else other
        yield (
            f"the words look {looks}, and the voice {voice.name!r} speaks "
            f"{language_name(voice.language)}: write `language: {tag}` into the script"
            + terminal(f", or add --language {tag}")
        )
    yield from unspoken_notes(script.unspoken)
    slips = list(find_slips(script.cues, other or script.language))
    for slip in slips[:_MOST_SLIPS]:
        yield f"{slip.where}: {slip.text!r} is spoken, and may not be meant to be: {slip.better}"
    if (more := len(slips) - _MOST_SLIPS) > 0:
        yield f"{more} more may not be meant to be spoken{terminal('; kindvoice check lists them all')}"


def audience_notes(script: Script, audience: str) -> Iterator[str]:
    """That the script has nothing of its own for whom it was asked for."""
    if audience not in {"everyone", *script.audiences}:
        known = ", ".join(sorted(script.audiences))
        others = f"it has some for: {known}" if known else "everybody hears the same"
        yield f"{script.title!r} has no words of its own for {audience}: {others}"


def unspoken_notes(unspoken: Iterable[Unspoken]) -> Iterator[str]:
    """Each thing that stands in a script and is not heard, with its lines: what is said twice is told once."""
    lines: dict[tuple[str, str, str], list[int]] = {}
    for left in unspoken:
        text = quoted(left.text, left.own)
        if len(text) > _LONGEST_QUOTED and not left.own:
            text = f"{text[:_LONGEST_QUOTED]}...'"
        lines.setdefault((left.where.path, left.reason, text), []).append(left.where.line)
    for (path, reason, text), several in lines.items():
        more = f" (also {', '.join(map(str, several[1:]))})" if several[1:] else ""
        yield f"{path}:{several[0]}{more}: not spoken: {text}, {reason}"


def _own_words(script: Script) -> str:
    """What the script's own voice says; another may speak another language."""
    speaker, said = "", []
    for cue in script.cues:
        if isinstance(cue, VoiceChange):
            speaker = cue.speaker
        elif isinstance(cue, Words) and not speaker:
            said.append(cue.text)
    return " ".join(said)


def voice_notes(heard: Iterable[Voice], voices: Mapping[str, Voice]) -> Iterator[str]:
    """Of each voice that is heard: that it is hard to understand and what would be better, else its own note."""
    for voice in heard:
        percent = misheard_percent(voice)
        if percent is not None and percent > HARD_PERCENT:
            yield _hard_to_understand(voice, percent, voices)
        elif voice.note:
            yield voice.note


def _hard_to_understand(voice: Voice, percent: float, voices: Mapping[str, Voice]) -> str:
    better = clearer(voices, voice)
    warning = (
        f"the voice {voice.name!r} is hard to understand in {voice.language}: "
        f"a recogniser mistook {percent:.0f} of 100 words"
    )
    if better is None:
        return f"{warning}. Recording the lines yourself would be better{terminal(': kindvoice voices takes SCRIPT')}"
    ready = can_speak(better)
    cure = terminal(f": --voice {better.name}" if ready else f": {typed('voices', 'install', better.name)}")
    return f"{warning}. {better.title} is better ({misheard_percent(better):.0f} of 100){cure}"


def room_notes(takes: Iterable[Take]) -> Iterator[str]:
    """That the room of a recording can be heard."""
    loud = [take.noise_db for take in takes if take.noise_db > NOISE_DB]
    if loud:
        yield (
            f"the room can be heard in {len(loud)} recorded lines, {-max(loud):.0f} dB below the voice; "
            f"{-NOISE_DB:.0f} dB would be quiet. A bed hides it, and a quieter recording mends it"
        )


def chapter_notes(formats: Iterable[Format], chapters: Sequence[ChapterMark]) -> Iterator[str]:
    """That a format holds fewer chapters than there are, or not their whole titles. A format without a place for
    chapters is not named: that is what it is."""
    fewer: dict[int, list[str]] = {}
    cut: list[str] = []
    for format in formats:
        held = format.chapters_of(chapters)
        if 0 < len(held) < len(chapters):
            fewer.setdefault(len(held), []).append(format.name)
        if any(chapter.title.endswith("…") and chapter not in chapters for chapter in held):
            cut.append(format.name)
    for most, names in fewer.items():
        yield (
            f"{len(chapters)} chapters are more than {' and '.join(names)} can hold: neighbours are merged there "
            f"evenly, into {most}"
        )
    if cut:
        yield f"titles of chapters that are too long for {' and '.join(cut)} end there with an ellipsis"
