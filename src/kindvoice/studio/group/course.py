"""A course for a group as a teacher describes it, and the plan file that it is kept as."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kindvoice.languages import nearest_tag
from kindvoice.model import Where
from kindvoice.plan.participant import GivenPhrase, Participant, participant
from kindvoice.script.library import Entry
from kindvoice.units import format_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenTrack:
    """A practice of the library, or a script of the teacher's own."""

    practice: str = ""
    script: Path | None = None
    """absolute"""
    language: str = ""
    """of a script of one's own, which there is in no other; empty: that of whoever listens"""
    minutes: int | None = None
    """None: as long as the script says"""

    @property
    def key(self) -> str:
        """How a form names it."""
        return str(self.script) if self.script else self.practice


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCourse:
    title: str
    language: str
    """of those who have none of their own"""
    voice: str = ""
    """empty: the scripts' own, or the best"""
    gentle: bool = False
    tracks: tuple[ChosenTrack, ...] = ()
    people: tuple[Participant, ...] = field(default=(), repr=False)
    """nobody: it is made once, for all"""

    def person(self, id: str) -> Participant | None:
        return next((each for each in self.people if each.id == id), None)


def plan_text(course: GroupCourse, practices: tuple[Entry, ...], place: Callable[[Path], str] = str) -> str:
    """The course as a plan file. practices: of the library, which tell in which languages each is there.
    place: how the plan names a script of the teacher's own."""
    lines = [
        f"title = {_toml(course.title)}",
        f"language = {_toml(course.language)}",
        'formats = ["mp3"]',
        'missing = "skip"',
    ]
    lines += [f"voice = {_toml(course.voice)}"] if course.voice else []
    lines += ["gentle = true"] if course.gentle else []
    for track in course.tracks:
        lines += ["", "[[tracks]]"]
        if track.script:
            lines += [f"script = {_toml(place(track.script))}", f"language = {_toml(track.language)}"]
        else:
            lines.append(f"practice = {_toml(track.practice)}")
        lines += [f'length = "{track.minutes}m"'] if track.minutes else []
    for person in course.people:
        lines += ["", "[[participants]]", *_person_lines(person, course, practices)]
    return "\n".join(lines) + "\n"


def _person_lines(person: Participant, course: GroupCourse, practices: tuple[Entry, ...]) -> Iterator[str]:
    yield f"id = {_toml(person.id)}"
    if person.name:
        yield f"name = {_toml(person.name)}"
    yield f"language = {_toml(_spoken(person, course, practices))}"
    phrases = [
        {"self": phrase.text, **dict(phrase.forms)} if phrase.forms else phrase.text
        for phrase in person.phrases
    ]
    if phrases:
        yield f"phrases = {_toml(phrases)}"
    if person.length_ms:
        yield f'length = "{format_ms(person.length_ms)}"'
    own = (("voice", person.voice), ("gentle", person.gentle), ("audience", person.audience), *person.values)
    for name, value in own:
        if value is not None:
            yield f"{_toml(name)} = {_toml(value)}"


def _spoken(person: Participant, course: GroupCourse, practices: tuple[Entry, ...]) -> str:
    """What somebody hears: as they say; as their phrases tell, where some of the practices are in that language."""
    if person.language is None or not person.recognised:
        return person.language or course.language
    chosen = {track.practice for track in course.tracks}
    tags = [entry.language for entry in practices if entry.practice in chosen]
    tags += [track.language for track in course.tracks if track.language]
    return person.language if not tags or nearest_tag(person.language, tags) else course.language


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name} = {_toml(each)}" for name, each in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_toml, value)) + "]"
    # A TOML text is written as one of JSON, but for DEL, which no text here holds (script.literal.clean).
    return json.dumps(value, ensure_ascii=False)


def read_course(path: Path) -> GroupCourse:
    """What `plan_text` has written. Raises OSError, or ValueError or KeyError for what is no such file."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return GroupCourse(
        title=data["title"], language=data["language"], voice=data.get("voice", ""), gentle=data.get("gentle", False),
        tracks=tuple(_track(table) for table in data.get("tracks", ())),
        people=tuple(
            _person(table, Where(path=str(path), line=0)) for table in data.get("participants", ())
        ),
    )  # fmt: skip


def _track(table: Mapping[str, str]) -> ChosenTrack:
    length = table.get("length", "")
    return ChosenTrack(
        practice=table.get("practice", ""), script=Path(table["script"]) if "script" in table else None,
        language=table.get("language", ""), minutes=int(length.removesuffix("m")) if length else None,
    )  # fmt: skip


def _person(table: Mapping[str, Any], where: Where) -> Participant:
    row = {**table, "phrases": [list(table.get("phrases", ()))]}
    return participant(row, table["id"], where)


def phrase_lines(person: Participant) -> str:
    """A person's phrases as a form shows them, one a line."""
    return "\n".join(phrase.text for phrase in person.phrases)


def with_phrases(person: Participant, lines: str) -> tuple[GivenPhrase, ...]:
    """The phrases of a form; one that is as it was keeps its forms."""
    before = {phrase.text: phrase for phrase in person.phrases}
    texts = [" ".join(line.split()) for line in lines.splitlines()]
    return tuple(before.get(text) or GivenPhrase(text=text) for text in texts if text)


def with_script_moved(course: GroupCourse, old: Path, new: Path) -> GroupCourse:
    tracks = (replace(track, script=new) if track.script == old else track for track in course.tracks)
    return replace(course, tracks=tuple(tracks))
