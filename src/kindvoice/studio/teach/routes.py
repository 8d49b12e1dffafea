"""The teachers' pages over HTTP: routes, and what a request is turned into. The rest is in desk, view and work."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import BaseRoute, Route, Router

from kindvoice.encode import FORMATS
from kindvoice.errors import KindvoiceError, SettingsError, on_page
from kindvoice.publish.page.words import size, words_for
from kindvoice.publish.picture import inline_css
from kindvoice.script.version import Version
from kindvoice.studio.host.assets import HERE, OF_PAGE, send_asset
from kindvoice.studio.host.config import LANGUAGES
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.host.events import BEAT, event
from kindvoice.studio.host.security import check_token, read_form
from kindvoice.studio.teach.context import CourseDesk, Room
from kindvoice.studio.teach.courses import course_routes
from kindvoice.studio.teach.imports import Imports
from kindvoice.studio.teach.publishing import publishing_routes
from kindvoice.studio.teach.scripts import Desk, VoicedVersion, read_voiced
from kindvoice.studio.teach.sound import sound_routes
from kindvoice.studio.teach.tasks import OVER, WHOLE, TeachTask
from kindvoice.studio.teach.texts import language_of, trouble_in
from kindvoice.studio.teach.view import look
from kindvoice.studio.teach.watch import EVERY_S, Watch, digest_of
from kindvoice.studio.teach.writing import writing_routes
from kindvoice.studio.web.listening import media_type
from kindvoice.studio.web.pages import remember_language
from kindvoice.studio.web.texts import NAMES

STATIC = {
    "page.css": OF_PAGE / "style.css", "base.js": OF_PAGE / "base.js", "icon.svg": OF_PAGE / "icon.svg",
    "teach.css": HERE / "teach.css", "teach.js": HERE / "teach.js",
    "compare.js": HERE / "compare.js", "record.js": HERE / "record.js",
    "microphone.js": HERE / "microphone.js", "course.js": HERE / "course.js", "write.js": HERE / "write.js",
}  # fmt: skip
MOST_STREAMS = 24
"""pages that are live at once"""
_BEAT_S = 10.0
MOST_FORM_BYTES = 64_000


class Teachers(Room):
    """The teachers' pages. Mount `router` below /teach; call `close` when the server ends.

    Who may come in, headers, hosts, sizes and tokens are the studio's (security.py). take_bytes: the most of one
    recorded line. leaving: whether there is a way out, for there was a password at the door. courses: None: there are
    none here. name: the teacher's.
    """

    def __init__(
        self, desk: Desk, *, take_bytes: int = 40_000_000, leaving: bool = False,
        courses: CourseDesk | None = None, name: str = "",
    ) -> None:  # fmt: skip
        super().__init__(desk, take_bytes=take_bytes, leaving=leaving, courses=courses, name=name)
        self.closing = False
        self._streams = 0
        self.imports = Imports(self)
        self.routes: list[BaseRoute] = [
            Route("/", self.index),
            Route("/static/{name}", self.static),
            *self.imports.routes,
            *(course_routes(self, courses) if courses else ()),
            *writing_routes(self),
            Route("/scripts/{id}", self.script),
            Route("/scripts/{id}/look", self.look),
            Route("/scripts/{id}/live", self.live),
            Route("/scripts/{id}/make", self.make, methods=["POST"]),
            Route("/pieces/{token}", self.piece),
            Route("/pieces/{token}/look", self.piece_look),
            Route("/pieces/{token}/live", self.piece_live),
            Route("/pieces/{token}/stop", self.piece_stop, methods=["POST"]),
            Route("/pieces/{token}/files/{number:int}", self.piece_file),
            *publishing_routes(self),
            *sound_routes(self),
        ]
        self.router = Router(self.routes)

    def close(self) -> None:
        """Ends open streams and work."""
        self.closing = True
        self.workshop.close()
        self.reader.close()

    # -- pages

    def index(self, request: Request) -> Response:
        scripts = self.desk.listing()
        library: dict[str, list[Any]] = {}
        for script in scripts:
            if not script.own:
                library.setdefault(script.language, []).append(script)
        language = language_of(request)
        page = self.page(
            request, "index.html", mine=[script for script in scripts if script.own], names=NAMES, library=library,
            folders=[str(folder) for folder in self.desk.folders], languages=LANGUAGES, language=language,
            courses=self.courses.of() if self.courses else None,
        )  # fmt: skip
        remember_language(request, page, language)
        return page

    def script(self, request: Request) -> Response:
        path, problem = self.path(request), ""
        try:
            voiced = read_voiced(path, request.query_params)
        except SettingsError as error:
            voiced, problem = VoicedVersion(version=Version(script=path)), on_page(error.marked_what)
        digest = digest_of(self.desk.watched(path))
        view = look(self.desk, voiced)
        return self.page(
            request, "script.html", 400 if problem else 200, view=view, digest=digest, refused=problem, fragment=False,
            **self.script_values(request, voiced, view.language),
        )  # fmt: skip

    def look(self, request: Request) -> Response:
        """The parts of the page that change with the file."""
        view = look(self.desk, self.voiced(request))
        return self.page(request, "look.html", view=view, fragment=True)

    # -- live

    async def live(self, request: Request) -> Response:
        voiced = await run_in_threadpool(self.voiced, request)
        seen = request.query_params.get("seen", "")
        return self._stream(request, self._script_events(voiced, seen, language_of(request)))

    async def _script_events(
        self, voiced: VoicedVersion, seen: str, language: str = "en"
    ) -> AsyncIterator[bytes]:
        watch = await run_in_threadpool(lambda: Watch(self.desk.watched(voiced.version.script)))
        piece: TeachTask | None = None
        said: object = None
        try:
            if watch.digest != seen:
                yield event("look", {"digest": watch.digest})
            piece = self.workshop.picture(voiced)
            while not self.closing:
                if piece is not None and (now := _summary(piece, language)) != said:
                    said = now
                    yield event("picture", now)
                await asyncio.sleep(EVERY_S)
                if await run_in_threadpool(watch.changed):
                    if piece is not None:
                        piece.stop()
                    yield event("look", {"digest": watch.digest})
                    piece, said = self.workshop.picture(voiced), None
                else:
                    yield b""
        except KindvoiceError as error:
            what, cure = trouble_in(language, error)
            yield event("picture", {"stage": "failed", "what": what, "cure": cure})
        finally:
            if piece is not None:
                piece.stop()

    def _stream(self, request: Request, events: AsyncIterator[bytes]) -> Response:
        """Server-sent events; an empty one only asks whether somebody is there."""
        if self._streams >= MOST_STREAMS:
            raise HTTPException(503, "too many pages are open")

        async def watched() -> AsyncIterator[bytes]:
            self._streams += 1
            quiet_s = 0.0
            try:
                async for news in events:
                    if self.closing or await request.is_disconnected():
                        return
                    quiet_s = 0.0 if news else quiet_s + EVERY_S
                    if news:
                        yield news
                    elif quiet_s >= _BEAT_S:
                        quiet_s = 0.0
                        yield BEAT
            finally:
                self._streams -= 1
                await events.aclose()  # type: ignore[attr-defined]

        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(watched(), media_type="text/event-stream", headers=headers)

    # -- making

    async def make(self, request: Request) -> Response:
        path = await run_in_threadpool(self.path, request)
        form = await read_form(request, MOST_FORM_BYTES)
        in_script = request.headers.get("accept") == "application/json"
        try:
            voiced = read_voiced(path, form)
            part = int(form["part"]) if re.fullmatch(r"[0-9]{1,4}", form.get("part", "")) else WHOLE
            piece = self.workshop.make(voiced, part)
        except KindvoiceError as error:
            status = 429 if isinstance(error, StudioError) else 400
            if in_script:
                what, cure = trouble_in(language_of(request), error)
                return JSONResponse({"what": what, "cure": cure}, status)
            return self.page(request, "refused.html", status, error=error, id=request.path_params["id"])
        return (
            JSONResponse({"piece": piece.token}) if in_script else self.to(request, f"/pieces/{piece.token}")
        )

    def _piece(self, request: Request) -> TeachTask:
        piece = self.workshop.get(request.path_params["token"])
        if piece is None:
            raise HTTPException(404)
        return piece

    def piece(self, request: Request) -> Response:
        piece = self._piece(request)
        sounds = _heard(piece, language_of(request))
        return self.page(request, "piece.html", piece=piece, state=piece.state, sounds=sounds)

    def piece_look(self, request: Request) -> Response:
        piece = self._piece(request)
        if piece.state.picture:
            return HTMLResponse(f'<div id="drawn">{piece.state.picture}</div>')
        sounds = _heard(piece, language_of(request))
        return self.page(request, "made.html", piece=piece, state=piece.state, sounds=sounds)

    async def piece_live(self, request: Request) -> Response:
        return self._stream(request, self._piece_events(self._piece(request), language_of(request)))

    async def _piece_events(self, piece: TeachTask, language: str) -> AsyncIterator[bytes]:
        said: object = None
        while True:
            now = _summary(piece, language)
            yield event("piece", now) if now != said else b""
            said = now
            if now["stage"] in OVER:
                return
            await asyncio.sleep(EVERY_S)

    async def piece_stop(self, request: Request) -> Response:
        """From a script with the token in a header, or from a form."""
        if token := request.headers.get("x-token"):
            check_token(request, token)
        else:
            await read_form(request, MOST_FORM_BYTES)
        piece = self._piece(request)
        piece.stop()
        if token:
            return Response(status_code=204)
        return self.to(request, f"/pieces/{piece.token}")

    def piece_file(self, request: Request) -> Response:
        sounds = self._piece(request).state.sounds
        number = request.path_params["number"]
        if not number < len(sounds) or not sounds[number].path.is_file():
            raise HTTPException(404)
        sound = sounds[number]
        name = sound.path.name if "save" in request.query_params else None
        return FileResponse(sound.path, media_type=media_type(sound.path), filename=name)

    def static(self, request: Request) -> Response:
        if request.path_params["name"] == "picture.css":
            return Response(inline_css(), media_type="text/css", headers={"cache-control": "no-cache"})
        return send_asset(request, STATIC)


def _summary(piece: TeachTask, language: str) -> Mapping[str, object]:
    """What a page is told of a piece of work; never anybody's words but in an error that quotes the script itself."""
    state = piece.state
    summary: dict[str, object] = {
        "piece": piece.token, "stage": state.stage, "done": state.done, "total": state.total,
        "facts": dict(state.facts or {}),
    }  # fmt: skip
    if state.problem is not None:
        what, cure = trouble_in(language, state.problem)
        line = state.problem.where.line if state.problem.where else 0
        summary |= {"what": what, "cure": cure, "line": line}
    return summary


def _heard(piece: TeachTask, language: str) -> list[dict[str, object]]:
    """A piece's files with what a page shows of them; the first that can be played comes first."""
    words = words_for(language)
    return [
        {
            "number": number, "kind": sound.kind, "name": sound.path.name, "size": size(sound.bytes, words),
            "plays": sound.kind in FORMATS,
        }
        for number, sound in enumerate(piece.state.sounds)
    ]  # fmt: skip
