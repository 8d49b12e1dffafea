"""The teachers' pages over HTTP: routes, and what a request is turned into. The rest is in desk, view and work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from jinja2 import Environment
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import BaseRoute, Route, Router

from kindvoice.encode import FORMATS
from kindvoice.errors import KindvoiceError, SettingsError
from kindvoice.page.words import size, words_for
from kindvoice.script.frontmatter import AUDIENCES
from kindvoice.studio.desk import Asked, Desk, read_asked
from kindvoice.studio.drafts import Drafts, told
from kindvoice.studio.say import NAMES
from kindvoice.studio.security import check_token, form_token, read_form
from kindvoice.studio.view import View, look, picture_css
from kindvoice.studio.watch import BEAT, EVERY_S, Watch, digest_of, event
from kindvoice.studio.work import WHOLE, Piece, Workshop
from kindvoice.templates import html_templates
from kindvoice.units import format_ms

_HERE = Path(__file__).parent
_PAGE = _HERE.parent / "page" / "static"
STATIC = {
    "page.css": _PAGE / "style.css", "base.js": _PAGE / "base.js", "icon.svg": _PAGE / "icon.svg",
    "teach.css": _HERE / "static" / "teach.css", "teach.js": _HERE / "static" / "teach.js",
    "compare.js": _HERE / "static" / "compare.js", "record.js": _HERE / "static" / "record.js",
    "microphone.js": _HERE / "static" / "microphone.js",
}  # fmt: skip
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
MOST_STREAMS = 24
"""pages that are live at once"""
_BEAT_S = 10.0
MOST_FORM_BYTES = 64_000

T = TypeVar("T")


class Teachers:
    """The teachers' pages. Mount `router` below /teach; call `close` when the server ends.

    Who may come in, headers, hosts, sizes and tokens are the studio's (security.py). take_bytes: the most of one
    recorded line.
    """

    def __init__(self, desk: Desk, *, take_bytes: int = 40_000_000) -> None:
        from kindvoice.studio.teachsound import sound_routes

        self.desk = desk
        self.take_bytes = take_bytes
        self.workshop = Workshop(desk)
        self.drafts = Drafts(self.workshop.folder("drafts"), desk.takes)
        self.speaking = asyncio.Semaphore(3)
        self.closing = False
        self._streams = 0
        self.routes: list[BaseRoute] = [
            Route("/", self.index),
            Route("/static/{name}", self.static),
            Route("/scripts/{id}", self.script),
            Route("/scripts/{id}/look", self.look),
            Route("/scripts/{id}/live", self.live),
            Route("/scripts/{id}/make", self.make, methods=["POST"]),
            Route("/pieces/{token}", self.piece),
            Route("/pieces/{token}/look", self.piece_look),
            Route("/pieces/{token}/live", self.piece_live),
            Route("/pieces/{token}/stop", self.piece_stop, methods=["POST"]),
            Route("/pieces/{token}/files/{number:int}", self.piece_file),
            *sound_routes(self),
        ]
        self.router = Router(self.routes)

    def close(self) -> None:
        """Ends open streams and work."""
        self.closing = True
        self.workshop.close()

    # -- what every handler needs

    def path(self, request: Request) -> Path:
        """The script that is asked for. Raises HTTPException 404."""
        found = self.desk.find(request.path_params["id"])
        if found is None:
            raise HTTPException(404)
        return found

    async def asked(self, request: Request) -> Asked:
        """Which version, from the query; one that cannot be is answered with 400."""
        try:
            return read_asked(request.query_params)
        except KindvoiceError as error:
            raise HTTPException(400, str(error)) from None

    async def run(self, work: Callable[..., T], *given: object) -> T:
        """In a thread: reading, linting and speaking take their time."""
        return await run_in_threadpool(work, *given)

    def page(self, request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
        values = {
            "base": request.scope.get("root_path", ""), "token": form_token(request), "ui": words_for("en"), **values,
        }  # fmt: skip
        return HTMLResponse(templates().get_template(name).render(values), status)

    def script_values(self, request: Request, path: Path, asked: Asked, language: str) -> dict[str, Any]:
        """What the head of every page of a script shows."""
        voices = self.desk.speaking(language)
        query = {name: value for name, value in request.query_params.items() if name in _KEPT and value}
        return {
            "id": request.path_params["id"], "file": path.name, "asked": asked, "voices": voices,
            "query": urlencode(query), "audiences": AUDIENCES,
            "length": format_ms(asked.length_ms) if asked.length_ms else "",
            "chosen": (asked.voice or "").partition("*")[0],
        }  # fmt: skip

    # -- pages

    async def index(self, request: Request) -> Response:
        scripts = await self.run(self.desk.listing)
        mine = [script for script in scripts if script.own]
        library: dict[str, list[Any]] = {}
        for script in scripts:
            if not script.own:
                library.setdefault(script.language, []).append(script)
        return self.page(
            request,
            "index.html",
            mine=mine,
            names=NAMES,
            library=library,
            folders=[str(folder) for folder in self.desk.folders],
        )

    async def script(self, request: Request) -> Response:
        path, problem = self.path(request), ""
        try:
            asked = read_asked(request.query_params)
        except SettingsError as error:
            asked, problem = Asked(), error.what
        watched = self._watched(path)
        digest = await self.run(digest_of, watched)
        view = await self.run(look, self.desk, path, asked)
        values = await self.run(self.script_values, request, path, asked, view.language)
        return self.page(
            request,
            "script.html",
            400 if problem else 200,
            view=view,
            digest=digest,
            refused=problem,
            **values,
        )

    async def look(self, request: Request) -> Response:
        """The parts of the page that change with the file."""
        path, asked = self.path(request), await self.asked(request)
        view: View = await self.run(look, self.desk, path, asked)
        return self.page(request, "look.html", view=view, id=request.path_params["id"])

    def _watched(self, path: Path) -> list[Path]:
        """The script, and what is recorded: both change the page."""
        return [path, *(self.desk.own.takes / name / "takes.json" for name in sorted(self.desk.voices))]

    # -- live

    async def live(self, request: Request) -> Response:
        path, asked = self.path(request), await self.asked(request)
        return self._stream(request, self._script_events(path, asked, request.query_params.get("seen", "")))

    async def _script_events(self, path: Path, asked: Asked, seen: str) -> AsyncIterator[bytes]:
        watch = await self.run(Watch, self._watched(path))
        piece: Piece | None = None
        said: object = None
        try:
            if watch.digest != seen:
                yield event("look", {"digest": watch.digest})
            piece = self.workshop.picture(path, asked)
            while not self.closing:
                if piece is not None and (now := _summary(piece)) != said:
                    said = now
                    yield event("picture", now)
                await asyncio.sleep(EVERY_S)
                if await self.run(watch.changed):
                    if piece is not None:
                        piece.stop.set()
                    yield event("look", {"digest": watch.digest})
                    piece, said = self.workshop.picture(path, asked), None
                else:
                    yield b""
        except KindvoiceError as error:
            yield event("picture", {"stage": "failed", "what": told(error), "cure": error.cure})
        finally:
            if piece is not None:
                piece.stop.set()

    def _stream(self, request: Request, events: AsyncIterator[bytes]) -> Response:
        """Server-sent events; an empty one only asks whether somebody is there."""
        if self._streams >= MOST_STREAMS:
            raise HTTPException(503, "too many pages are open")

        async def watched() -> AsyncIterator[bytes]:
            self._streams += 1
            quiet_s = 0.0
            try:
                async for told_now in events:
                    if self.closing or await request.is_disconnected():
                        return
                    quiet_s = 0.0 if told_now else quiet_s + EVERY_S
                    if told_now:
                        yield told_now
                    elif quiet_s >= _BEAT_S:
                        quiet_s = 0.0
                        yield BEAT
            finally:
                self._streams -= 1
                await events.aclose()  # type: ignore[attr-defined]

        return StreamingResponse(
            watched(),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )

    # -- making

    async def make(self, request: Request) -> Response:
        path = self.path(request)
        form = await read_form(request, MOST_FORM_BYTES)
        try:
            asked = read_asked(form)
            part = int(form["part"]) if form.get("part", "").isdecimal() else WHOLE
            piece = self.workshop.make(path, asked, part)
        except KindvoiceError as error:
            raise HTTPException(429 if getattr(error, "kind", "") == "busy" else 400, str(error)) from None
        where = f"{request.scope.get('root_path', '')}/pieces/{piece.token}"
        if request.headers.get("accept") == "application/json":
            return JSONResponse({"piece": piece.token})
        return RedirectResponse(where, 303)

    def _piece(self, request: Request) -> Piece:
        found = self.workshop.get(request.path_params["token"])
        if found is None:
            raise HTTPException(404)
        return found

    async def piece(self, request: Request) -> Response:
        piece = self._piece(request)
        return self.page(request, "piece.html", piece=piece, state=piece.state, sounds=_heard(piece))

    async def piece_look(self, request: Request) -> Response:
        piece = self._piece(request)
        if piece.state.picture:
            return HTMLResponse(f'<div id="drawn">{piece.state.picture}</div>')
        return self.page(request, "made.html", piece=piece, state=piece.state, sounds=_heard(piece))

    async def piece_live(self, request: Request) -> Response:
        return self._stream(request, self._piece_events(self._piece(request)))

    async def _piece_events(self, piece: Piece) -> AsyncIterator[bytes]:
        said: object = None
        while True:
            now = _summary(piece)
            yield event("piece", now) if now != said else b""
            said = now
            if piece.state.over:
                return
            await asyncio.sleep(EVERY_S)

    async def piece_stop(self, request: Request) -> Response:
        check_token(request, request.headers.get("x-token"))
        self._piece(request).stop.set()
        return Response(status_code=204)

    async def piece_file(self, request: Request) -> Response:
        sounds = self._piece(request).state.sounds
        number = request.path_params["number"]
        if not number < len(sounds) or not sounds[number].path.is_file():
            raise HTTPException(404)
        sound = sounds[number]
        named = {"filename": sound.path.name} if "save" in request.query_params else {}
        type = (
            FORMATS[sound.kind].type
            if sound.kind in FORMATS
            else _SIDE.get(sound.kind, "application/octet-stream")
        )
        return FileResponse(sound.path, media_type=type, **named)

    async def static(self, request: Request) -> Response:
        name = request.path_params["name"]
        headers = {"cache-control": "no-cache"}
        if name == "picture.css":
            return Response(picture_css(), media_type="text/css", headers=headers)
        if name not in STATIC:
            raise HTTPException(404)
        return FileResponse(STATIC[name], media_type=_TYPES[STATIC[name].suffix], headers=headers)


_KEPT = frozenset({"length", "voice", "pace", "gentle", "audience"})
_SIDE = {"vtt": "text/vtt", "chapters": "application/json", "cover": "image/jpeg", "html": "text/plain"}


def _summary(piece: Piece) -> Mapping[str, object]:
    """What a page is told of a piece of work; never anybody's words but in an error that quotes the script itself."""
    state = piece.state
    summary: dict[str, object] = {
        "piece": piece.token, "stage": state.stage, "done": state.done, "total": state.total,
        "facts": dict(state.facts or {}),
    }  # fmt: skip
    if state.problem is not None:
        line = state.problem.where.line if state.problem.where else 0
        summary |= {"what": told(state.problem), "cure": state.problem.cure, "line": line}
    return summary


def _heard(piece: Piece) -> list[dict[str, object]]:
    """A piece's files with what a page shows of them; the first that can be played comes first."""
    words = words_for("en")
    return [
        {
            "number": number, "kind": sound.kind, "name": sound.path.name, "size": size(sound.bytes, words),
            "plays": sound.kind in FORMATS,
        }
        for number, sound in enumerate(piece.state.sounds)
    ]  # fmt: skip


@cache
def templates() -> Environment:
    found = html_templates(_HERE / "templates" / "teach")
    found.filters["told"] = told
    return found
