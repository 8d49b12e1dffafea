"""What lies on a teacher's desk: scripts by an id that tells nothing, and what can be known of one. No HTTP here."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TypeVar

from kindvoice.build.context import all_voices, default_publication, default_sound, open_store, script_folders
from kindvoice.build.read import Reading, lines_by_voice, read
from kindvoice.build.request import Request
from kindvoice.engines import can_speak
from kindvoice.errors import KindvoiceError, OutputError, ScriptError, SettingsError
from kindvoice.languages import primary
from kindvoice.model import Chapter, ParagraphBreak, Say, Voice, Words
from kindvoice.paths import data_folder
from kindvoice.publish.output import title_name, write_new
from kindvoice.script import make_phrase
from kindvoice.script.frontmatter import AUDIENCES, parse_audience, parse_length
from kindvoice.script.library import SUFFIXES
from kindvoice.script.literal import clean
from kindvoice.script.load import read_facts, read_source, script_language
from kindvoice.script.version import Version
from kindvoice.settings import Settings
from kindvoice.speech.voices import candidates, choose
from kindvoice.store import Store
from kindvoice.studio.teach.history import History
from kindvoice.takes import Takes, same_words
from kindvoice.takes.recordable import Recordable, lines_to_record

MOST_TRIED = 12
"""of a participant's phrases, to try a script with"""
_MOST_FILES = 500
"""of one folder"""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_NO_SCRIPTS = re.compile(r"(readme|changelog|licen[cs]e|requirements|contributing|notice)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicedVersion:
    """Which version of a script is on the desk, and in whose voice."""

    version: Version
    voice: str | None = None
    """None: the script's own"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A script in the list."""

    id: str
    path: Path
    title: str
    language: str
    length_ms: int | None
    own: bool
    """of the teacher's own, not the library's"""
    problem: str = ""
    """why it cannot be read"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenLine:
    """A line of a script."""

    number: int
    """from 1, in order of first appearance"""
    text: str

    @property
    def digest(self) -> str:
        """Of the text, so that a page that is behind does not get another line's sound."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dressing:
    """How a recording is to be published. What is empty is as the script and the settings say."""

    tags: tuple[tuple[str, str | int], ...] = ()
    cover: str | None = None
    """the path of a picture, or off"""
    preset: str | None = None
    formats: tuple[str, ...] = ()


LineKind = TypeVar("LineKind", bound=SpokenLine)


class Moved(ScriptError):
    """A line that a page still shows is not in the script any more."""

    def __init__(self) -> None:
        super().__init__("the script has changed since this page was made", cure="load the page again")


class Desk:
    """Reads settings, voices and scripts anew where they may change; keeps nothing of anybody's words.

    folders: the teacher's own, looked through for scripts one by one and in folders named after a language. history:
    where what they were before is kept; None: in the cache.
    """

    def __init__(
        self, settings: Settings, folders: tuple[Path, ...] = (), *, history: Path | None = None
    ) -> None:
        self.settings = settings
        self.history = History(history or settings.cache / "history")
        self.folders = tuple(folder.expanduser().absolute() for folder in folders)

    @cached_property
    def store(self) -> Store:
        return open_store(self.settings)

    @property
    def voices(self) -> Mapping[str, Voice]:
        return all_voices(self.settings)

    @property
    def takes(self) -> Takes:
        return Takes(self.settings.takes)

    # -- scripts

    def listing(self) -> tuple[Listed, ...]:
        """The teacher's own scripts, then the library's by language; one that is broken does not hide the others."""
        mine = self._own_paths()
        known = {(path.parent.name, path.stem) for path in mine} | {path.resolve() for path in mine}
        library = (
            path for path in _library_paths()
            if (path.parent.name, path.stem) not in known and path.resolve() not in known
        )  # fmt: skip
        return (*(_listed(path, own=True) for path in mine), *(_listed(path, own=False) for path in library))

    def find(self, id: str) -> Path | None:
        """The script of this id; None when no such script is on the desk. An id is never taken for a path."""
        if not re.fullmatch(r"[0-9a-f]{16}", id):
            return None
        paths = itertools.chain(self._own_paths(), _library_paths())
        return next((path for path in paths if script_id(path) == id), None)

    def is_library(self, path: Path) -> bool:
        return any(path.parent.parent == folder for folder in script_folders(self.settings))

    def _own_paths(self) -> list[Path]:
        places = [(folder, pattern) for folder in self.folders for pattern in ("*", "*/*")]
        places += [(self.settings.scripts.absolute(), "*/*")] if self.settings.scripts else []
        paths = dict.fromkeys(path for place in places for path in _scripts_in(*place))
        # What was written here is one, whatever is left of it.
        return [p for p in paths if _is_script(p, _changed_ns(p)) or self.history.knows(p)]

    def is_mine(self, path: Path) -> bool:
        """Whether it lies in the teacher's own folder, where it can be written, renamed and deleted."""
        return any(path.is_relative_to(folder) for folder in self.folders)

    def add(self, title: str, text: str) -> Path:
        """A new script among the teacher's own, named after its title; nothing is replaced. Raises OutputError."""
        home = self.folders[0]
        with contextlib.suppress(OSError):  # told when it is written to
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = title_name(title)
        name = f"script-{name}" if _NO_SCRIPTS.match(name) else name
        paths = (home / f"{name}{number}.md" for number in ("", *(f"-{n}" for n in range(2, _MOST_FILES))))
        path = next((path for path in paths if not path.exists()), home / f"{name}.md")
        write_new(path, text, mode=0o600)
        if self.find(script_id(path)) is None:
            path.unlink(missing_ok=True)
            raise OutputError("there are too many scripts in this folder", cure="take some away")
        return path

    # -- one script

    def watched(self, script: Path) -> list[Path]:
        """The script, and what is recorded: both change its page."""
        return [script, *(self.settings.takes / name / "takes.json" for name in sorted(self.voices))]

    def read(
        self, voiced: VoicedVersion, *, takes: bool = True, folder: Path | None = None,
        dressing: Dressing | None = None,
    ) -> Reading:  # fmt: skip
        """As `kindvoice render` would make it. takes: whether what was recorded is used. folder: in place of the
        output folder."""
        dressing = dressing or Dressing()
        sound = replace(default_sound(self.settings), voice=voiced.voice, preset=dressing.preset)
        publication = default_publication(self.settings, folder or self.settings.output)
        if dressing.formats:
            publication = replace(publication, formats=dressing.formats)
        request = Request(
            version=voiced.version,
            sound=sound if takes else replace(sound, takes=None),
            publication=replace(publication, tags=dressing.tags, cover=dressing.cover),
        )
        return read(request, self.voices)

    def speaking(self, language: str) -> tuple[Voice, ...]:
        """The voices that can speak this language here and now, best first."""
        voices = self.voices
        speaking = [voice for voice in candidates(voices, language) if can_speak(voice)]
        # The stand-in is nobody's choice, but whoever set it wants to see it.
        if self.settings.voice in voices and all(voice.name != self.settings.voice for voice in speaking):
            speaking.insert(0, choose(voices, self.settings.voice, language))
        return tuple(speaking)

    def readers(self, voiced: VoicedVersion) -> dict[str, int]:
        """The voices of a script as its author has them, each with how many different lines it says."""
        reading = self.read(replace(voiced, voice=None), takes=False)
        said = lines_by_voice(reading.timeline, reading.cast)
        return {voice: len({same_words(item.text) for item in items}) for voice, items in said.items()}

    def recordable(self, voiced: VoicedVersion, *, own_phrases: bool) -> Recordable:
        return lines_to_record(
            voiced.version, self.voices, voice=voiced.voice, default_voice=self.settings.voice,
            own_phrases=own_phrases,
        )  # fmt: skip


def lines_of(reading: Reading) -> tuple[SpokenLine, ...]:
    """Every line in the script's language, whichever voice says it, once."""
    language = primary(reading.script.language)
    texts = dict.fromkeys(
        item.text
        for item in reading.timeline.items
        if isinstance(item, Say)
        and (not item.speaker or primary(reading.cast[item.speaker].language) == language)
    )
    return tuple(SpokenLine(number=n, text=text) for n, text in enumerate(texts, 1))


def read_voiced(script: Path, fields: Mapping[str, str]) -> VoicedVersion:
    """fields: of a query or a form. Raises SettingsError for what cannot be."""
    try:
        # Only a form has phrases: they are in no address.
        lines = [" ".join(line.split()) for line in clean(fields.get("phrases", "")).splitlines()]
        language = script_language(script) or "en" if any(lines) else ""
        version = Version(
            script=script,
            phrases=tuple(make_phrase(line, language) for line in lines[:MOST_TRIED] if line) or None,
            length_ms=parse_length(fields["length"]) if fields.get("length", "").strip() else None,
            gentle=fields.get("gentle") in {"1", "on"},
            audience=parse_audience(fields["audience"]) if fields.get("audience") else AUDIENCES[0],
        )
    except ValueError as error:
        raise SettingsError(str(error)) from None
    except ScriptError as error:
        raise error.told_as(SettingsError) from None
    return VoicedVersion(version=version, voice=_voice(fields.get("voice", ""), fields.get("pace", "")))


def _voice(name: str, pace: str) -> str | None:
    """heart, or heart*0.9."""
    if not name.strip():
        return None
    if len(name) > 100 or not name.isprintable() or "/" in name or "\\" in name:
        raise SettingsError("this is no voice's name")
    return f"{name.strip()}*{pace}" if pace and pace != "1" and "*" not in name else name.strip()


def script_id(path: Path) -> str:
    return hashlib.sha256(str(path.absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _listed(path: Path, *, own: bool) -> Listed:
    return _listed_at(path, own, _changed_ns(path))


@lru_cache(maxsize=4_000)
def _listed_at(path: Path, own: bool, mtime_ns: int) -> Listed:
    near = path.parent.name
    language = near if _LANGUAGE.fullmatch(near) and not own else "en"
    title, length, problem = path.stem, None, ""
    try:
        facts = read_facts(path)
        title = facts.get("title", title)
        language = facts.get("language") or (script_language(path) if own else language)
        length = facts.get("length")
    except KindvoiceError as error:
        problem = error.what
    return Listed(
        id=script_id(path), path=path, title=title, language=language, length_ms=length, own=own, problem=problem
    )  # fmt: skip


def _library_paths() -> Iterator[Path]:
    return _scripts_in(data_folder("scripts_library"), "*/*")


def _scripts_in(folder: Path, pattern: str) -> Iterator[Path]:
    """Scripts that really are in the folder: a link that leads elsewhere is not followed."""
    try:
        home = folder.resolve()
        paths = sorted(folder.glob(pattern))[: _MOST_FILES * 4]
    except OSError:
        return
    count = 0
    for path in paths:
        if path.suffix.lower() not in SUFFIXES or _NO_SCRIPTS.match(path.name) or path.name.startswith("."):
            continue
        if pattern != "*" and not _LANGUAGE.fullmatch(path.parent.name):
            continue
        if path.is_file() and path.resolve().is_relative_to(home) and count < _MOST_FILES:
            count += 1
            yield path


def _changed_ns(path: Path) -> int:
    with contextlib.suppress(OSError):  # it went away just now
        return path.stat().st_mtime_ns
    return 0


@lru_cache(maxsize=2_000)
def _is_script(path: Path, mtime_ns: int) -> bool:
    """Whether somebody means this text to be heard: it says something of itself at its top, or waits, rings or
    breathes somewhere. A list of phrases, a note or a list of things to do is none."""
    try:
        source = read_source(path)
        if source.front.values or source.front.faults:
            return True
        return any(not isinstance(cue, _OF_ANY_TEXT) for cue in source.script(Version(script=path)).cues)
    except KindvoiceError:
        return True  # told on its page


_OF_ANY_TEXT = (Words, Chapter, ParagraphBreak)


def find_line(lines: Iterable[LineKind], digest: str) -> LineKind:
    """Wherever it stands by now. Raises Moved when there is no such line any more."""
    for line in lines:
        if line.digest == digest:
            return line
    raise Moved
