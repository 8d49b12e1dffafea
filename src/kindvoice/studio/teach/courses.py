"""The teachers' pages of a course: practices in their order, people, what will be made, and everybody's link."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kindvoice.errors import KindvoiceError
from kindvoice.model import Where
from kindvoice.plan.participant import Participant, participant
from kindvoice.plan.people import People
from kindvoice.script.literal import clean
from kindvoice.studio.group.archive import folder_names
from kindvoice.studio.group.course import ChosenTrack, GroupCourse, plan_text, with_phrases
from kindvoice.studio.group.courses import EVERYBODY, SavedCourse
from kindvoice.studio.group.pages import releases_of, send_zip
from kindvoice.studio.group.table import MOST_BYTES, BroughtTable, free_ids, read_table, taken_in
from kindvoice.studio.host.config import LANGUAGES
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.host.security import read_form
from kindvoice.studio.host.uploads import read_upload
from kindvoice.studio.teach.context import CourseDesk, Room
from kindvoice.studio.teach.courseview import course_values, own_tracks, tracks_to_choose, watch_values
from kindvoice.studio.teach.texts import Unread, language_of, title_in
from kindvoice.studio.web.texts import NAMES

MOST_FORM_BYTES = 64_000
MOST_TRACKS = 40
MOST_MINUTES = 180
UPLOAD_S = 60.0
_PASTED = "people"
_Handler = Callable[[Request, SavedCourse, Any], Response]
"""of a course's page, in a thread; the last: what was read of a request that sends something"""


def course_routes(room: Room, desk: CourseDesk) -> list[BaseRoute]:
    """The routes below /teach/courses."""
    pages = CoursePages(room, desk)
    one = "/courses/{course}"
    post = ["POST"]
    return [
        Route("/courses/new", pages.new, methods=["GET", "POST"]),
        Route(one, pages.of(pages.show)),
        Route(f"{one}/watch", pages.of(pages.watch)),
        Route(f"{one}/tracks", pages.of(pages.tracks), methods=post),
        Route(f"{one}/people", pages.of(pages.people, pages.table), methods=post),
        Route(f"{one}/people/{{person}}", pages.of(pages.person), methods=["GET", "POST"]),
        Route(f"{one}/people/{{person}}/forget", pages.of(pages.forget), methods=post),
        Route(f"{one}/people/{{person}}/link", pages.of(pages.new_link), methods=post),
        Route(f"{one}/make", pages.of(pages.make), methods=post),
        Route(f"{one}/halt", pages.of(pages.halt), methods=post),
        Route(f"{one}/willing", pages.of(pages.willing), methods=post),
        Route(f"{one}/links", pages.of(pages.links)),
        Route(f"{one}/zip", pages.of(pages.archive)),
        Route(f"{one}/plan", pages.of(pages.plan)),
        Route(f"{one}/delete", pages.of(pages.delete), methods=post),
    ]


async def _fields(request: Request) -> Mapping[str, str]:
    return await read_form(request, MOST_FORM_BYTES)


class CoursePages:
    def __init__(self, room: Room, desk: CourseDesk) -> None:
        self._room, self._desk, self._courses, self._worker = room, desk, desk.courses, desk.worker

    def of(
        self, handler: _Handler, read: Callable[[Request], Awaitable[Any]] = _fields
    ) -> Callable[[Request], Awaitable[Response]]:
        """For a course of this teacher's; what cannot be is told on its page."""

        async def answer(request: Request) -> Response:
            id = request.path_params["course"]
            saved = await run_in_threadpool(self._courses.find, id, self._desk.owner)
            if saved is None:
                raise HTTPException(404)
            try:
                sent = await read(request) if request.method == "POST" else {}
                return await run_in_threadpool(handler, request, saved, sent)
            except KindvoiceError as error:
                if isinstance(error, StudioError) and error.kind == "gone":
                    raise HTTPException(404) from None
                again = await run_in_threadpool(self._courses.find, id) or saved
                return await run_in_threadpool(self._page, request, again, status=422, error=error)

        return answer

    def _back(self, request: Request, saved: SavedCourse, place: str = "") -> Response:
        return self._room.to(request, f"/courses/{saved.id}{place}")

    # ---------------------------------------------------------------- the course itself

    async def new(self, request: Request) -> Response:
        fields = await _fields(request) if request.method == "POST" else None
        return await run_in_threadpool(self._new, request, fields)

    def _new(self, request: Request, fields: Mapping[str, str] | None) -> Response:
        language, error = language_of(request), None
        if fields is not None:
            title, tag = title_in(fields.get("title", "")), fields.get("language", "")
            course = GroupCourse(title=title, language=tag if tag in LANGUAGES else language)
            try:
                if not title:
                    raise Unread("title")
                return self._back(request, self._courses.add(course, self._desk.owner))
            except KindvoiceError as fault:
                error = fault
        return self._room.page(
            request, "new.html", 422 if error else 200, what="course", error=error, languages=LANGUAGES,
            names=NAMES, language=language,
        )  # fmt: skip

    def show(self, request: Request, saved: SavedCourse, _: Any) -> Response:
        return self._page(request, saved, guess=request.query_params.get("guess") == "1")

    def _page(
        self, request: Request, saved: SavedCourse, *, status: int = 200, guess: bool = False,
        error: KindvoiceError | None = None, understood: People | None = None,
    ) -> Response:  # fmt: skip
        values = course_values(self._room, self._desk, saved, language_of(request), guess=guess)
        return self._room.page(
            request, "course.html", status, error=error, understood=understood, languages=LANGUAGES, names=NAMES,
            **values,
        )  # fmt: skip

    def watch(self, request: Request, saved: SavedCourse, _: Any) -> Response:
        """What changes while it is made."""
        values = watch_values(self._desk, saved, language_of(request))
        return self._room.page(request, "coursewatch.html", course=saved.course, saved=saved, **values)

    def tracks(self, request: Request, saved: SavedCourse, fields: Mapping[str, str]) -> Response:
        """The whole form: the course's own fields, and the practices in the order in which they stand in it."""
        library = tracks_to_choose(self._courses, saved.course.language)
        known = {t.key: t for t in (*library, *own_tracks(self._room.desk), *saved.course.tracks)}
        chosen = list(_chosen(fields, known))
        if len(chosen) > MOST_TRACKS:
            raise Unread("tracks")
        at = _moved(chosen, fields.get("act", "keep"))
        tag, title = fields.get("language", ""), title_in(fields.get("title", ""))
        voice = fields.get("voice", "")
        saved = self._courses.change(
            saved.id,
            lambda course: replace(
                course, tracks=tuple(chosen), title=title or course.title, gentle="gentle" in fields,
                language=tag if tag in LANGUAGES else course.language,
                voice=voice if voice in self._room.desk.voices else "",
            ),
        )  # fmt: skip
        if request.headers.get("accept") == "application/json":
            return Response(status_code=204)
        return self._back(request, saved, f"#track-{at}" if at else "#practices")

    def delete(self, request: Request, saved: SavedCourse, _: Any) -> Response:
        self._courses.delete(saved.id)
        return self._room.to(request, "/")

    # ---------------------------------------------------------------- people

    async def table(self, request: Request) -> People:
        """What is understood of a table, as a file or pasted."""
        with self._room.reader.place():
            upload = await read_upload(request, MOST_BYTES + 100_000, UPLOAD_S)
            data = upload.data or clean(upload.fields.get("text", "")).encode()
            if not data.strip():
                raise Unread("nothing")
            if len(data) > MOST_BYTES:
                raise StudioError("table")
            # A file's name may be somebody's, and is in no message.
            understood: People = await self._room.reader.read(read_table, BroughtTable(data, _PASTED))
            return understood

    def people(self, request: Request, saved: SavedCourse, understood: People) -> Response:
        saved = self._courses.change(
            saved.id,
            lambda course: replace(course, people=taken_in(course.people, understood.participants)),
        )
        return self._page(request, saved, understood=understood)

    def person(self, request: Request, saved: SavedCourse, fields: Mapping[str, str]) -> Response:
        id = request.path_params["person"]
        known = saved.course.person(id)
        if known is None and id != "new":
            raise HTTPException(404)
        person = known or Participant(id=next(free_ids(saved.facts.links)), where=Where(path=_PASTED, line=0))
        error = None
        if request.method == "POST":
            try:
                changed = _person(person, fields)
                people = {each.id: each for each in saved.course.people} | {person.id: changed}
                self._courses.change(saved.id, lambda course: replace(course, people=tuple(people.values())))
                return self._back(request, saved, f"#person-{person.id}")
            except KindvoiceError as fault:
                error = fault
        link = self._link(request, saved, person.id) if known else ""
        return self._room.page(
            request, "courseperson.html", 422 if error else 200, saved=saved, course=saved.course, person=person,
            known=known, error=error, fields=fields, link=link, languages=LANGUAGES, names=NAMES,
        )  # fmt: skip

    def forget(self, request: Request, saved: SavedCourse, _: Any) -> Response:
        self._courses.forget(saved.id, request.path_params["person"])
        return self._back(request, saved, "?forgotten=1#people")

    def new_link(self, request: Request, saved: SavedCourse, _: Any) -> Response:
        person = request.path_params["person"]
        self._courses.new_link(saved.id, person)
        return self._back(request, saved, f"/people/{person}#link")

    # ---------------------------------------------------------------- making

    def make(self, request: Request, saved: SavedCourse, _: Any) -> Response:
        if not saved.course.tracks:
            raise Unread("practices")
        self._worker.make(saved.id)
        return self._back(request, saved, "#watch")

    def halt(self, request: Request, saved: SavedCourse, _: Any) -> Response:
        self._worker.halt(saved.id)
        return self._back(request, saved, "#watch")

    def willing(self, request: Request, saved: SavedCourse, fields: Mapping[str, str]) -> Response:
        """Somebody was spoken with, and theirs is made as it is written."""
        if (person := saved.course.person(fields.get("person", ""))) is not None:
            ids = tuple(dict.fromkeys((*saved.facts.willing, person.id)))
            self._courses.note(saved.id, lambda facts: replace(facts, willing=ids))
        return self._back(request, saved, "?guess=1#making")

    # ---------------------------------------------------------------- giving it out

    def _link(self, request: Request, saved: SavedCourse, person: str) -> str:
        return f"{request.url.scheme}://{request.headers['host']}/g/{self._courses.link(saved, person)}/"

    def links(self, request: Request, saved: SavedCourse, _: Any) -> Response:
        """To be printed and cut, or copied."""
        people = [(person.name or person.id, person.id) for person in saved.course.people] or [
            ("", EVERYBODY)
        ]
        links = [(name, self._link(request, saved, id)) for name, id in people]
        return self._room.page(request, "courselinks.html", saved=saved, course=saved.course, links=links)

    def archive(self, request: Request, saved: SavedCourse, _: Any) -> Response:
        """Everybody's recordings, in a folder each that bears their name."""
        people = [(person.id, person.name) for person in saved.course.people]
        files = [
            (f"{folder}/{artifact.path.name}".lstrip("/"), artifact.path)
            for id, folder in (folder_names(people) if people else {EVERYBODY: ""}).items()
            for release in releases_of(saved, id)
            for artifact in release.artifacts if artifact.path.suffix in {".mp3", ".vtt"}
        ]  # fmt: skip
        if not files:
            raise Unread("made")
        return send_zip(files, saved.course.title)

    def plan(self, request: Request, saved: SavedCourse, _: Any) -> Response:
        """The file that `kindvoice build` reads; in a ZIP with the scripts where some are the teacher's own."""
        own = [track.script for track in saved.course.tracks if track.script]
        text = plan_text(saved.course, self._courses.practices, lambda script: script.name)
        headers = {
            "cache-control": "private, no-store",
            "content-disposition": 'attachment; filename="plan.toml"',
        }
        if not own:
            return Response(text, media_type="application/toml", headers=headers)
        return send_zip([(script.name, script) for script in own], "plan", {"plan.toml": text.encode()})


def _chosen(fields: Mapping[str, str], known: Mapping[str, ChosenTrack]) -> list[ChosenTrack]:
    """Fields `track-N` and `minutes-N` in their order. Raises Unread (minutes)."""
    chosen = []
    for name, key in fields.items():
        match = re.fullmatch(r"track-([0-9]{1,4}|new)", name)
        if match and key in known:
            minutes = fields.get(f"minutes-{match[1]}", "").strip()
            if minutes and not (re.fullmatch("[0-9]{1,3}", minutes) and 0 < int(minutes) <= MOST_MINUTES):
                raise Unread("minutes")
            chosen.append(replace(known[key], minutes=int(minutes) if minutes else None))
    return chosen


def _moved(chosen: list[ChosenTrack], act: str) -> int:
    """Does what a button asks for; the number of the practice that was moved, 0 for none."""
    match = re.fullmatch(r"(up|down|off)-([0-9]{1,3})", act)
    if match is None or not 0 < (number := int(match[2])) <= len(chosen):
        return len(chosen) if act == "add" else 0
    track = chosen.pop(number - 1)
    if match[1] == "off":
        return min(number, len(chosen))
    at = max(0, number - 2) if match[1] == "up" else min(len(chosen), number)
    chosen.insert(at, track)
    return at + 1


def _person(person: Participant, fields: Mapping[str, str]) -> Participant:
    """As the form has it. Raises SettingsError, and Unread (name)."""
    name = title_in(fields.get("name", ""))
    if not name and not person.name and person.id.startswith("p"):
        raise Unread("name")
    phrases = with_phrases(person, clean(fields.get("phrases", "")))
    wishes = [{"self": p.text, **dict(p.forms)} if p.forms else p.text for p in phrases]
    row = {"name": name, "phrases": [wishes], "language": fields.get("language", "")}
    read = participant(row, person.id, person.where)
    return replace(
        person, name=read.name, phrases=read.phrases, language=read.language, recognised=read.recognised
    )
