"""A few seconds of a practice, to be heard before it is chosen."""

from __future__ import annotations

from pathlib import Path

from kindvoice.build.context import open_store
from kindvoice.build.read import read
from kindvoice.errors import KindvoiceError
from kindvoice.model import Say, Voice
from kindvoice.script.library import Entry
from kindvoice.store import stage_key
from kindvoice.studio.host.choices import Choices, request_of
from kindvoice.studio.host.config import Config
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.host.wishes import Selection
from kindvoice.studio.web.previews import Previews

VERSION = 1
ENOUGH_LETTERS, MOST_LETTERS = 50, 200
"""of the practice's first words: 4 to 15 seconds"""


class PracticeSamples:
    """Short MP3 of how practices begin, in the voice that is offered first. Safe between threads.

    They hold nobody's words: what was made once stays in the cache.
    """

    def __init__(self, config: Config, choices: Choices, previews: Previews) -> None:
        self._config, self._choices, self._previews = config, choices, previews
        self._store = open_store(config.settings)
        self._texts: dict[tuple[Path, int], str] = {}

    def kept(self, entry: Entry, voice: Voice) -> bytes | None:
        """One that was made before. Takes some milliseconds, more for a script that is read for the first time."""
        return self._store.read(self._key(entry, voice))

    def make(self, entry: Entry, voice: Voice, person: str, *, source: str = "") -> bytes:
        """Blocks, and raises StudioError, as `Previews.speak`, which it is spoken by."""
        sound = self._previews.speak(self.read(entry), entry.language, voice.name, person, source=source)
        self._store.get_or_make(self._key(entry, voice), lambda part: _write(part, sound))
        return sound

    def _key(self, entry: Entry, voice: Voice) -> str:
        return stage_key(
            "practice-sample", VERSION, text=self.read(entry), voice=voice.name, engine=voice.engine,
            model=voice.model, speed=voice.speed, language=voice.language,
        )  # fmt: skip

    def read(self, entry: Entry) -> str:
        """Its words. Raises StudioError: words."""
        key = entry.path, entry.path.stat().st_mtime_ns
        if key not in self._texts:
            self._texts[key] = self._first_lines(entry)
        if not self._texts[key]:
            raise StudioError("words")
        return self._texts[key]

    def _first_lines(self, entry: Entry) -> str:
        """The script's first lines; empty where it has none that are short enough."""
        length_ms = self._choices.range_ms(entry.practice, entry.language)[1]
        wish = Selection(practice=entry.practice, language=entry.language, length_ms=length_ms)
        try:
            request = request_of(wish, self._config, self._choices, Path())
            timeline = read(request, {voice.name: voice for voice in self._choices.known}).timeline
        except KindvoiceError:
            return ""
        text = ""
        for item in timeline.items:
            if isinstance(item, Say) and not item.speaker and len(text) < ENOUGH_LETTERS:
                longer = f"{text} {item.text}".strip()
                text = longer if len(longer) <= MOST_LETTERS else text
        return text


def _write(part: Path, sound: bytes) -> None:
    part.write_bytes(sound)
