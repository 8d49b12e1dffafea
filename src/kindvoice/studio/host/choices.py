"""What can be chosen here: practices, voices, beds, bells; and whether a wish can be granted."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from kindvoice.build.context import (
    all_voices,
    default_publication,
    default_sound,
    script_folders,
    voice_folders,
)
from kindvoice.build.read import Reading, read
from kindvoice.build.request import Request
from kindvoice.engines import can_speak
from kindvoice.errors import KindvoiceError, ScriptError, SettingsError, VoiceError, terminal
from kindvoice.languages import nearest_tag
from kindvoice.model import Voice
from kindvoice.script import Phrase, Version, make_phrase
from kindvoice.script.frontmatter import AUDIENCES
from kindvoice.script.library import Entry, entries
from kindvoice.sound.beds import BEDS
from kindvoice.sound.bells import BELLS
from kindvoice.speech.voices import candidates, choose
from kindvoice.studio.host.config import Config
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.host.files import NAME
from kindvoice.studio.host.wishes import Selection

FORMATS = ("mp3",)
"""Made first, and alone: only its stretches with somebody's own words are made anew for everyone, in a second or two
where the practice was made before at this length."""
EXTRAS = ("m4b",)
"""made afterwards, while nobody waits"""
CAPTIONS = ("vtt",)
GAIN_DB = (-24.0, 6.0)
"""how far a bed's level may be set"""
_MINUTE_MS = 60_000
_PRACTICE = re.compile(r"[^\W_][\w-]{0,99}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Read once from library and voices; make another to see what has changed."""

    practices: tuple[Entry, ...]
    """of all languages of the config"""
    voices: tuple[Voice, ...]
    """that can speak here and now"""
    beds: tuple[str, ...]
    bells: tuple[str, ...]
    longest_ms: int
    """the host's limit"""
    known: tuple[Voice, ...]
    """all, for scripts that call one by name"""

    def practices_in(self, language: str) -> tuple[Entry, ...]:
        """By title."""
        return tuple(
            sorted((e for e in self.practices if e.language == language), key=lambda e: e.title.casefold())
        )

    def practice(self, practice: str, language: str) -> Entry:
        """Raises StudioError: practice."""
        entry = next((e for e in self.practices if (e.practice, e.language) == (practice, language)), None)
        if entry is None:
            raise StudioError("practice")
        return entry

    def voices_in(self, language: str) -> tuple[Voice, ...]:
        """Best first, each given this language."""
        named = {voice.name: voice for voice in self.voices}
        speaking = candidates(named, language)
        stand_in = [choose(named, v.name, language) for v in self.voices if v.engine == "tone"]
        return (*speaking, *stand_in)

    def voice(self, name: str | None, language: str) -> Voice:
        """The voice of that name, or the best. Raises StudioError: voice."""
        speaking = self.voices_in(language)
        voice = next((voice for voice in speaking if name in {None, voice.name}), None)
        if voice is None:
            raise StudioError("voice")
        return voice

    def range_ms(self, practice: str, language: str) -> tuple[int, int]:
        """The shortest and longest that may be asked for, whole minutes, within the host's limit.

        Raises StudioError: practice; length where the host's limit is too short for it.
        """
        entry = self.practice(practice, language)
        usual = entry.length_ms or 10 * _MINUTE_MS
        low, high = entry.range_ms or (usual, usual)
        shortest = max(math.ceil(low / _MINUTE_MS), 1) * _MINUTE_MS
        longest = max(min(high, self.longest_ms) // _MINUTE_MS * _MINUTE_MS, 0)
        if longest < shortest:
            raise StudioError("length")
        return shortest, longest

    def is_ranged(self, wish: Selection) -> bool:
        """Whether its practice is here, and can have another length."""
        try:
            shortest, longest = self.range_ms(wish.practice, wish.language)
        except StudioError:
            return False
        return shortest < longest


def read_choices(config: Config) -> Choices:
    """From the library, the user's own scripts, and the voices. Takes about a second: every script is looked at.

    A script whose front matter cannot be read is left out. Raises SettingsError for a voice that the config
    names and that is not there.
    """
    known = all_voices(config.settings)
    allowed = (
        config.voices if config.voices is not None else [n for n, v in known.items() if v.engine != "tone"]
    )
    if missing := [name for name in allowed if name not in known]:
        raise SettingsError(
            f"there is no voice {missing[0]!r}", cure=terminal("`kindvoice voices list` shows them")
        )
    return Choices(
        practices=tuple(_practices(config)),
        voices=tuple(known[name] for name in allowed if can_speak(known[name])),
        beds=tuple(BEDS),
        bells=tuple(BELLS),
        longest_ms=config.limits.length_ms,
        known=tuple(known.values()),
    )


def _practices(config: Config) -> Iterator[Entry]:
    for entry in entries(script_folders(config.settings)):
        near = nearest_tag(entry.language, config.languages)
        if near is not None and _PRACTICE.fullmatch(entry.practice):
            # A script in another region's language stands under the language that the pages have.
            yield entry if entry.language == near else replace(entry, language=near)


# ---------------------------------------------------------------- a wish


def phrases_of(wish: Selection) -> tuple[Phrase, ...]:
    """Raises StudioError: words."""
    try:
        return tuple(
            make_phrase(
                phrase.get("self", ""),
                wish.language,
                {name: phrase[name] for name in ("other", "together") if name in phrase},
            )
            for phrase in wish.phrases
        )
    except ScriptError:
        raise StudioError("words") from None


def check_wish(wish: Selection, config: Config, choices: Choices) -> Reading:
    """It can be made, as far as is known before it is spoken (some ms: the script is read with the phrases).

    Raises StudioError: practice, language, words, length, voice, sound.
    """
    if wish.language not in config.languages:
        raise StudioError("language")
    low, high = choices.range_ms(wish.practice, wish.language)
    if not low <= wish.length_ms <= high:
        raise StudioError("length")
    known = wish.bed in {None, "off", *choices.beds} and wish.bell in {None, "off", *choices.bells}
    fits = GAIN_DB[0] <= wish.bed_gain_db <= GAIN_DB[1] and 0 <= wish.landing_ms <= wish.length_ms
    if not (known and fits):
        raise StudioError("sound")
    if wish.audience not in AUDIENCES:
        raise StudioError("practice")
    _check_words(wish, config)
    request = request_of(wish, config, choices, Path())
    try:
        return read(request, {voice.name: voice for voice in choices.known})
    except VoiceError:
        raise StudioError("voice") from None
    except KindvoiceError:
        raise StudioError("practice") from None


def _check_words(wish: Selection, config: Config) -> None:
    limits = config.limits
    title = wish.title or ""
    long = any(len(text) > limits.phrase_letters for phrase in wish.phrases for text in phrase.values())
    if (
        long
        or len(wish.phrases) > limits.phrases
        or len(title) > limits.title_letters
        or not title.isprintable()
    ):
        raise StudioError("words")


def request_of(
    wish: Selection, config: Config, choices: Choices, folder: Path, *, extras: bool = False
) -> Request:
    """What is to be built, into this folder: FORMATS, or EXTRAS, which sound the same.

    Raises StudioError as check_wish does for what is not here.
    """
    settings = config.settings
    title = " ".join((wish.title or "").split())
    formats, captions = (EXTRAS, ()) if extras else (FORMATS, CAPTIONS)
    return Request(
        version=Version(
            script=choices.practice(wish.practice, wish.language).path.absolute(), language=wish.language,
            length_ms=wish.length_ms, phrases=phrases_of(wish) or None, gentle=wish.gentle, audience=wish.audience,
            group=True,
        ),
        sound=replace(
            default_sound(settings), voice=choices.voice(wish.voice, wish.language).name, default_voice=None,
            bed=wish.bed, bed_gain_db=wish.bed_gain_db, bell=wish.bell, landing_ms=wish.landing_ms,
            voice_folders=tuple(path.absolute() for path in voice_folders(settings)),
        ),
        publication=replace(
            default_publication(settings, folder), name=NAME, formats=formats, captions=captions,
            tags=(("title", title),) if title else (),
        ),
    )  # fmt: skip
