"""What the page of a course shows: practices to choose, people, what it will come to, and how far it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kindvoice.care import helplines
from kindvoice.errors import KindvoiceError
from kindvoice.jobs.outcome import Outcome
from kindvoice.languages import nearest_tag
from kindvoice.publish.page.words import size, words_for
from kindvoice.studio.group.course import ChosenTrack
from kindvoice.studio.group.courses import EVERYBODY, CourseItems, Courses, SavedCourse
from kindvoice.studio.group.worker import CourseGuess, is_made
from kindvoice.studio.teach.context import CourseDesk, Room
from kindvoice.studio.teach.scripts import Desk
from kindvoice.studio.teach.texts import teach_say, trouble_in
from kindvoice.studio.web.texts import lasting
from kindvoice.units import short_clock


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """Somebody in the list of a course."""

    id: str
    name: str = field(repr=False)
    language: str
    phrases: tuple[str, ...] = field(repr=False)
    made: int
    all: int
    at: str = ""
    """what is done for them just now, in words"""
    held: bool = False
    troubles: tuple[tuple[str, str], ...] = ()
    """(practice, why it was not made)"""


def tracks_to_choose(courses: Courses, language: str) -> list[ChosenTrack]:
    """Of the library, each once, in this language or whatever it is there in."""
    return [ChosenTrack(practice=practice) for practice in _titles(courses, language)]


def own_tracks(desk: Desk) -> list[ChosenTrack]:
    """The teacher's own scripts that can be read."""
    return [
        ChosenTrack(script=listed.path, language=listed.language)
        for listed in desk.listing()
        if listed.own and not listed.problem and not desk.is_library(listed.path)
    ]


def _titles(courses: Courses, language: str) -> dict[str, tuple[str, str]]:
    """By practice, its title and how long it may last, in the language where it is there in it."""
    titles: dict[str, tuple[str, str]] = {}
    entries = courses.practices
    for practice in dict.fromkeys(entry.practice for entry in entries):
        there = {entry.language: entry for entry in entries if entry.practice == practice}
        tag = nearest_tag(language, list(there))
        if tag is not None:
            low, high = there[tag].range_ms or (0, 0)
            span = f"{-(-low // 60_000)}–{high // 60_000}" if high else ""
            titles[practice] = (there[tag].title, span)
    return dict(sorted(titles.items(), key=lambda each: each[1][0].casefold()))


def course_values(
    room: Room, desk: CourseDesk, saved: SavedCourse, language: str, *, guess: bool
) -> dict[str, Any]:
    titles = _titles(desk.courses, saved.course.language)
    own = {
        str(listed.path): (listed.title, "")
        for listed in room.desk.listing()
        if listed.own and not room.desk.is_library(listed.path)
    }
    known = {**titles, **own}
    tracks = [(track, *known.get(track.key, (track.key, ""))) for track in saved.course.tracks]
    values: dict[str, Any] = {
        "course": saved.course, "saved": saved, "library": titles, "own": own,
        "tracks": tracks,
        "voices": room.desk.speaking(saved.course.language), "guess": None,
        **watch_values(desk, saved, language),
    }  # fmt: skip
    if guess and saved.course.tracks and (items := values["items"]):
        values["guess"] = _guessed(desk.worker.guess(saved, items), language)
    return values


def _guessed(guess: CourseGuess, language: str) -> dict[str, Any]:
    say, words = teach_say(language), words_for(language)
    low, high = (max(1, -(-round(s) // 60)) for s in guess.wall_s)
    return {
        "recordings": guess.recordings, "todo": guess.todo, "sound": short_clock(guess.sound_ms),
        "size": size(guess.bytes, words), "time": lasting(say, "course_takes", low * 60_000, high * 60_000),
        "problems": [(item.title, *trouble_in(language, error)) for item, error in guess.problems],
    }  # fmt: skip


def watch_values(desk: CourseDesk, saved: SavedCourse, language: str) -> dict[str, Any]:
    """How far everybody's are."""
    items: CourseItems | None = None
    problem: KindvoiceError | None = None
    if saved.course.tracks:
        try:
            items = desk.courses.items(saved)
        except KindvoiceError as error:
            problem = error
    people = list(_people(desk, saved, items, language))
    made, all_of_it = sum(row.made for row in people), sum(row.all for row in people)
    country = desk.courses.config.country
    held = [row for row in people if row.held]
    return {
        "items": items, "people": people, "made": made, "all": all_of_it, "problem": problem,
        "notes": items.notes if items else (), "making": saved.facts.making and problem is None,
        "held": held, "turn": [line.links for line in helplines(country)] if held else [],
    }  # fmt: skip


def _people(
    desk: CourseDesk, saved: SavedCourse, items: CourseItems | None, language: str
) -> Iterator[PersonRow]:
    say = teach_say(language)
    failures, now = desk.worker.failures(saved.id), desk.worker.at_work(saved.id)
    listed = [
        (person.id, person.name, person.language or saved.course.language, tuple(p.text for p in person.phrases))
        for person in saved.course.people
    ] or [(EVERYBODY, "", saved.course.language, ())]  # fmt: skip
    by_person: dict[str, list[Any]] = {}
    for item in items.items if items else ():
        by_person.setdefault(item.participant or "", []).append(item)
    for id, name, tag, phrases in listed:
        theirs = by_person.get(saved.whose(id), [])
        at = ""
        if now and any(item.id == now[0] for item in theirs):
            at = say.get(f"stage_{now[1]}", say["making"])
        yield PersonRow(
            id=id, name=name, language=tag, phrases=phrases, all=len(theirs), at=at,
            made=sum(is_made(saved.facts, items, item) for item in theirs) if items else 0,
            held=items is not None and id in items.held,
            troubles=tuple(
                (item.title, _why(failures[item.id], say)) for item in theirs if item.id in failures
            ),
        )  # fmt: skip


_WHY = {"length": "failed_fit", "voice": "failed_voice", "words": "course_script", "space": "full"}
"""a text for each kind of failure"""


def _why(outcome: Outcome, say: Mapping[str, str]) -> str:
    why = say[_WHY.get(outcome.kind, "trouble_about")]
    if outcome.range_ms is None:
        return why
    low, high = -(-outcome.range_ms[0] // 60_000), outcome.range_ms[1] // 60_000
    return f"{why} {lasting(say, 'fitting', low * 60_000, high * 60_000)}" if 0 < low <= high else why
