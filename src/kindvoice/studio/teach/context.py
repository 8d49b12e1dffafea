"""What every page for teachers needs: the desk, the script that is asked for, a template."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from kindvoice.errors import KindvoiceError
from kindvoice.publish.page.words import words_for
from kindvoice.publish.templates import html_templates
from kindvoice.script.frontmatter import AUDIENCES
from kindvoice.studio.group.course import with_script_moved
from kindvoice.studio.group.courses import Courses, SavedCourse
from kindvoice.studio.group.worker import CourseWorker
from kindvoice.studio.host.security import form_token
from kindvoice.studio.teach.drafts import Drafts
from kindvoice.studio.teach.reader import SideReader
from kindvoice.studio.teach.scripts import Desk, VoicedVersion, read_voiced
from kindvoice.studio.teach.tasks import Workshop
from kindvoice.studio.teach.texts import language_of, live_texts, teach_say, trouble_in
from kindvoice.units import format_ms

_HERE = Path(__file__).parents[1]
_KEPT = frozenset({"length", "voice", "pace", "gentle", "audience"})


@dataclass(frozen=True, slots=True)
class CourseDesk:
    """Where courses are kept and made, and whose they are here."""

    courses: Courses
    worker: CourseWorker
    owner: str = ""

    def of(self) -> list[SavedCourse]:
        return self.courses.of(self.owner)

    def script_moved(self, old: Path, new: Path) -> None:
        """Courses with a script go with it."""
        for saved in self.of():
            if any(track.script == old for track in saved.course.tracks):
                self.courses.change(saved.id, lambda course: with_script_moved(course, old, new))


class Room:
    """Where teachers work. take_bytes, leaving, courses and name: as for Teachers."""

    def __init__(
        self, desk: Desk, *, take_bytes: int, leaving: bool, courses: CourseDesk | None = None, name: str = ""
    ) -> None:
        self.name = name
        self.courses = courses
        self.desk = desk
        self.take_bytes = take_bytes
        self.leaving = leaving
        self.workshop = Workshop(desk)
        self.reader = SideReader()
        self.drafts = Drafts(self.workshop.folder("drafts"), desk.takes)
        self.speaking = asyncio.Semaphore(3)

    def path(self, request: Request) -> Path:
        """The script that is asked for, looked for on the disk. Raises HTTPException 404."""
        path = self.desk.find(request.path_params["id"])
        if path is None:
            raise HTTPException(404)
        return path

    def voiced(self, request: Request) -> VoicedVersion:
        """The script and its version, from the query; one that cannot be is answered with 400."""
        path = self.path(request)
        try:
            return read_voiced(path, request.query_params)
        except KindvoiceError as error:
            raise HTTPException(400, str(error)) from None

    def to(self, request: Request, where: str) -> RedirectResponse:
        """On to another of the teachers' pages."""
        return RedirectResponse(f"{request.scope.get('root_path', '')}{where}", 303)

    def page(self, request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
        language = language_of(request)
        values = {
            "base": request.scope.get("root_path", ""), "token": form_token(request), "ui": words_for(language),
            "leaving": self.leaving, "teacher": self.name,
            "say": teach_say(language), "live_texts": live_texts(language),
            "trouble": lambda error: trouble_in(language, error), **values,
        }  # fmt: skip
        return HTMLResponse(templates().get_template(name).render(values), status)

    def script_values(self, request: Request, voiced: VoicedVersion, language: str) -> dict[str, Any]:
        """What the head of every page of a script shows."""
        voices = self.desk.speaking(language)
        version = voiced.version
        query = {name: value for name, value in request.query_params.items() if name in _KEPT and value}
        return {
            "id": request.path_params["id"], "mine": self.desk.is_mine(version.script),
            "file": version.script.name, "voiced": voiced, "voices": voices,
            "query": urlencode(query), "audiences": AUDIENCES,
            "length": format_ms(version.length_ms) if version.length_ms else "",
            "chosen": (voiced.voice or "").partition("*")[0],
        }  # fmt: skip


@cache
def templates() -> Environment:
    return html_templates(_HERE / "templates" / "teach")
