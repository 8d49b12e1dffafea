"""Where courses are kept: a folder each, with its plan, what is known of it besides, and everybody's recordings.

A link is made of a number that is kept and the studio's secret, which lies elsewhere: who has only the folder of a
course cannot make its links. Nobody's name or words stand in a link, or in a file's name.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from kindvoice.build.context import script_folders
from kindvoice.errors import KindvoiceError, OutputError, on_page
from kindvoice.jobs.forget import forget, forget_former
from kindvoice.jobs.items import Item
from kindvoice.plan.expand import expand
from kindvoice.plan.held import held_back
from kindvoice.plan.participant import Participant
from kindvoice.plan.read import read_plan
from kindvoice.script.library import Entry, entry_of, library_paths
from kindvoice.store import write_aside
from kindvoice.studio.group.course import GroupCourse, plan_text, read_course
from kindvoice.studio.host.config import Config
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.host.keys import read_secret

KNOWN_S = 60.0
_MOST_KNOWN = 4
EVERYBODY = ""
"""the id of whom a course without people is for"""
_ID = re.compile(r"[A-Za-z0-9_-]{16}")
_LINK_LETTERS = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseFacts:
    """What is known of a course besides its plan."""

    owner: str
    """the teacher's name; empty where teachers have none"""
    made_at: float
    making: bool = False
    """whether it is to be made, now or after the next start"""
    willing: tuple[str, ...] = ()
    """ids of people whose recordings are made although a wish of theirs speaks of dying or of harm"""
    links: dict[str, str] = field(default_factory=dict, repr=False)
    """by a person's id, the number that their link is made of"""
    made: dict[str, str] = field(default_factory=dict)
    """by an item's id, the print of what it was made of"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedCourse:
    id: str
    folder: Path
    course: GroupCourse
    facts: CourseFacts

    @property
    def plan(self) -> Path:
        return self.folder / "plan.toml"

    @property
    def recordings(self) -> Path:
        return self.folder / "recordings"

    def whose(self, person: str) -> str:
        """Somebody as the store knows them: no two courses have the same."""
        return f"course-{self.id}-{person}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseItems:
    """What a course comes to."""

    items: tuple[Item, ...]
    notes: tuple[str, ...]
    held: frozenset[str]
    """ids of people of whose wishes nothing is made yet"""
    prints: dict[str, str] = field(repr=False)
    """by an item's id, of all that it is made of, as far as that is seen without reading a script"""

    def of(self, saved: SavedCourse, person: str) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.participant == saved.whose(person))


class Courses:
    """Safe between threads."""

    def __init__(self, config: Config, *, clock: Callable[[], float] = time.time) -> None:
        self.config = config
        self._secret = read_secret(config.data)
        self._clock = clock
        self._lock = threading.RLock()
        self._known: dict[str, tuple[object, float, CourseItems]] = {}
        self.break_off: Callable[[str, str | None], None] = lambda course, person: None
        """the worker's: breaks off what is made of a course for somebody, or (None) all of it"""

    # ---------------------------------------------------------------- courses

    def of(self, owner: str) -> list[SavedCourse]:
        """A teacher's, the newest first; one that cannot be read hides no other."""
        return sorted(
            (s for s in self.all() if s.facts.owner == owner), key=lambda s: s.facts.made_at, reverse=True
        )

    def all(self) -> Iterator[SavedCourse]:
        folders = self.config.courses.iterdir() if self.config.courses.is_dir() else ()
        for folder in sorted(folders):
            if (saved := self.find(folder.name)) is not None:
                yield saved

    def find(self, id: str, owner: str | None = None) -> SavedCourse | None:
        """owner: None: whoever's. None where there is no such course of theirs."""
        if not _ID.fullmatch(id):
            return None
        folder = self.config.courses / id
        with self._lock:
            try:
                facts = _facts(json.loads((folder / "course.json").read_text(encoding="utf-8")))
                course = read_course(folder / "plan.toml")
            except (OSError, ValueError, KeyError, TypeError, KindvoiceError):
                return None
        if owner is not None and facts.owner != owner:
            return None
        return SavedCourse(id=id, folder=folder, course=course, facts=facts)

    def add(self, course: GroupCourse, owner: str) -> SavedCourse:
        """Raises StudioError (many)."""
        if len(self.of(owner)) >= self.config.limits.courses:
            raise StudioError("many")
        id = secrets.token_urlsafe(12)
        saved = SavedCourse(
            id=id, folder=self.config.courses / id, course=course, facts=CourseFacts(owner=owner, made_at=self._clock())
        )  # fmt: skip
        with _writing():
            saved.folder.mkdir(parents=True, mode=0o700)
        return self._write(saved)

    def change(self, id: str, changed: Callable[[GroupCourse], GroupCourse]) -> SavedCourse:
        """Raises StudioError (gone; many, for more people than a course may have), OutputError."""
        with self._lock:
            saved = self._there(id)
            course = changed(saved.course)
            if len(course.people) > self.config.limits.course_people:
                raise StudioError("people")
            words = {each.id: each.phrases for each in saved.course.people}
            same = {each.id for each in course.people if words.get(each.id) == each.phrases}
            willing = tuple(id for id in saved.facts.willing if id in same)
            return self._write(replace(saved, course=course, facts=replace(saved.facts, willing=willing)))

    def note(self, id: str, changed: Callable[[CourseFacts], CourseFacts]) -> SavedCourse:
        with self._lock:
            saved = self._there(id)
            return self._write(replace(saved, facts=changed(saved.facts)), plan=False)

    def _there(self, id: str) -> SavedCourse:
        saved = self.find(id)
        if saved is None:
            raise StudioError("gone")
        return saved

    def _write(self, saved: SavedCourse, *, plan: bool = True) -> SavedCourse:
        ids = [person.id for person in saved.course.people] or [EVERYBODY]
        links = {id: saved.facts.links.get(id) or secrets.token_urlsafe(12) for id in ids}
        saved = replace(saved, facts=replace(saved.facts, links=links))
        with self._lock, _writing():
            if plan:
                self._known.pop(saved.id, None)  # words that may be somebody's no more
                write_aside(saved.plan, plan_text(saved.course, self.practices).encode(), 0o600)
            write_aside(saved.folder / "course.json", json.dumps(asdict(saved.facts)).encode(), 0o600)
        return saved

    @property
    def practices(self) -> tuple[Entry, ...]:
        """Of the library; one that cannot be read is left out."""
        known = sorted(library_paths(script_folders(self.config.settings)).items())
        entries = (_entry(*key, path) for key, path in known)
        return tuple(entry for entry in entries if entry is not None)

    # ---------------------------------------------------------------- links

    def link(self, saved: SavedCourse, person: str) -> str:
        """What opens this person's page and nobody else's."""
        number = saved.facts.links[person]
        signed = hmac.new(
            self._secret, f"group:{saved.id}:{person}:{number}".encode(), hashlib.sha256
        ).digest()
        return saved.id + base64.urlsafe_b64encode(signed[:24]).decode()

    def lead(self, link: str) -> tuple[SavedCourse, str] | None:
        """The course and the person that a link leads to; None for one that leads nowhere (any more)."""
        if len(link) != _LINK_LETTERS or not link.isascii() or (saved := self.find(link[:16])) is None:
            return None
        leads = [id for id in saved.facts.links if hmac.compare_digest(self.link(saved, id), link)]
        return (saved, leads[0]) if leads else None

    def new_link(self, id: str, person: str) -> None:
        """The old one leads nowhere from now on."""
        self.note(id, lambda f: replace(f, links={each: n for each, n in f.links.items() if each != person}))

    # ---------------------------------------------------------------- what is made

    def items(self, saved: SavedCourse, *, anew: bool = False) -> CourseItems:
        """A large course takes a second, and its page asks again and again: what was found is known for a while, but
        where the course has changed, or where it is asked for anew.

        Raises KindvoiceError for what cannot be made so; nobody's words stand in it.
        """
        key = (saved.plan.stat().st_mtime_ns, saved.facts.willing)
        with self._lock:
            known = self._known.get(saved.id)
        if known and known[0] == key and not anew and self._clock() - known[1] < KNOWN_S:
            return known[2]
        items = self._expanded(saved)
        with self._lock:
            self._known[saved.id] = (key, self._clock(), items)
            while len(self._known) > _MOST_KNOWN:
                self._known.pop(next(iter(self._known)))
        return items

    def _expanded(self, saved: SavedCourse) -> CourseItems:
        notes: list[str] = []
        plan = read_plan(saved.plan)
        settings = self.config.settings_of(saved.facts.owner)
        expanded = expand(plan, output=saved.recordings, settings=settings, on_note=notes.append)
        items = tuple(
            replace(item, participant=saved.whose(item.participant or EVERYBODY)) for item in expanded
        )
        ids = {saved.whose(person.id): person.id for person in plan.participants}
        held = {ids[who] for who in held_back(items, ()) if who in ids}
        return CourseItems(
            items=items, notes=tuple(map(on_page, notes)), held=frozenset(held - {*saved.facts.willing}),
            prints={item.id: _print(item) for item in items},
        )  # fmt: skip

    # ---------------------------------------------------------------- forgetting

    def forget(self, id: str, person: str) -> None:
        """All of theirs at once: link, phrases, recordings, and every sound made from their words. Takes as long as
        what is made of them now needs to end."""
        with self._lock:
            saved = self._there(id)
            if saved.course.person(person) is None:
                return
            # The link is dead from here on, and nothing more is made of them.
            self.change(id, lambda c: replace(c, people=tuple(p for p in c.people if p.id != person)))
        self.break_off(id, person)
        with contextlib.suppress(KindvoiceError):  # there was nothing of theirs yet
            forget((), saved.whose(person), self.config.settings, saved.recordings)
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(saved.recordings / person)
        self.note(id, lambda f: replace(f, made={i: p for i, p in f.made.items() if not _is_of(i, person)}))

    def delete(self, id: str) -> None:
        """The course and everybody in it."""
        with self._lock:
            saved = self._there(id)
            self._write(replace(saved, course=replace(saved.course, tracks=(), people=()), facts=replace(
                saved.facts, making=False, links={EVERYBODY: secrets.token_urlsafe(12)})))  # fmt: skip
        self.break_off(id, None)
        people: Collection[Participant] = saved.course.people
        for whose in [saved.whose(person.id) for person in people] or [saved.whose(EVERYBODY)]:
            with contextlib.suppress(KindvoiceError):
                forget((), whose, self.config.settings, saved.recordings)
        with contextlib.suppress(OSError):
            forget_former((), self.config.settings, saved.recordings)
            shutil.rmtree(saved.folder)

    def tidy(self, saved: SavedCourse, items: CourseItems) -> None:
        """Takes away what the course does not have any more."""
        forget_former(items.items, self.config.settings, saved.recordings)
        known = {item.id for item in items.items}
        self.note(saved.id, lambda f: replace(f, made={i: p for i, p in f.made.items() if i in known}))


def _entry(language: str, practice: str, path: Path) -> Entry | None:
    try:
        return entry_of(language, practice, path)
    except KindvoiceError:
        return None


def _is_of(item: str, person: str) -> bool:
    return item.endswith(f"/{person}")


def _facts(values: dict[str, Any]) -> CourseFacts:
    values = {name: value for name, value in values.items() if name in CourseFacts.__slots__}
    return CourseFacts(**{**values, "willing": tuple(values.get("willing", ()))})


def _print(item: Item) -> str:
    version, request = item.request.version, item.request
    with contextlib.suppress(OSError):
        seen = version.script.stat()
        changed = (seen.st_mtime_ns, seen.st_size)
        parts = [
            str(version.script), changed, version.language, version.length_ms, version.gentle, version.audience,
            [phrase.forms() for phrase in version.phrases or ()], version.values, request.sound.voice,
            request.publication.name, request.publication.tags,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:24]
    return ""


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"the course cannot be kept: {error.strerror or error}") from error
