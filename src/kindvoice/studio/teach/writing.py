"""Scripts of a teacher's own: begun, written beside their picture, brought back, renamed, taken along, deleted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from kindvoice.build.context import script_folders
from kindvoice.errors import KindvoiceError, OutputError
from kindvoice.publish.output import title_name
from kindvoice.script.beginning import begun, with_front
from kindvoice.script.literal import clean
from kindvoice.script.source import read_text
from kindvoice.script.version import Version
from kindvoice.studio.host.config import LANGUAGES
from kindvoice.studio.host.security import read_form
from kindvoice.studio.teach.context import Room
from kindvoice.studio.teach.history import MOST_TEXT, text_digest
from kindvoice.studio.teach.scripts import Moved, VoicedVersion, script_id
from kindvoice.studio.teach.texts import Unread, language_of, title_in, trouble_in
from kindvoice.studio.teach.view import look
from kindvoice.studio.teach.watch import digest_of
from kindvoice.studio.web.texts import NAMES

MOST_FORM_BYTES = 64_000
CUES = {
    "pause": "[pause 5s]", "bell": "\n[bell]\n", "chapter": "\n\n# ",
    "phrases": "\n{% for phrase in phrases %}\n{{ phrase }} [pause 8s]\n{% endfor %}\n",
}  # fmt: skip
"""what buttons put in, by the name of their text"""
_Handler = Callable[[Request, Path, Any], Response]
"""of a script's page, in a thread; the last: the fields of what was sent"""
_MOST_TEXT_BYTES = 12 * MOST_TEXT
"""a letter may be written as 12 bytes in a form"""


def writing_routes(room: Room) -> list[BaseRoute]:
    """The routes below /teach that write scripts. /scripts/new stands before any script's own."""
    pages = Writing(room)
    one, post = "/scripts/{id}", ["POST"]
    return [
        Route("/scripts/new", pages.new, methods=["GET", "POST"]),
        Route(f"{one}/copy", pages.of(pages.copy, mine=False), methods=post),
        Route(f"{one}/write", pages.of(pages.write, most_bytes=_MOST_TEXT_BYTES), methods=["GET", "POST"]),
        Route(f"{one}/versions/{{number:int}}", pages.of(pages.version), methods=["GET", "POST"]),
        Route(f"{one}/rename", pages.of(pages.rename), methods=post),
        Route(f"{one}/file", pages.of(pages.file, mine=False)),
        Route(f"{one}/delete", pages.of(pages.delete), methods=post),
    ]


class Writing:
    def __init__(self, room: Room) -> None:
        self._room, self._desk = room, room.desk

    def of(
        self, handler: _Handler, *, mine: bool = True, most_bytes: int = MOST_FORM_BYTES
    ) -> Callable[[Request], Awaitable[Response]]:
        """For a script (mine: of the teacher's own, or there is none); what cannot be is told on a page."""

        async def answer(request: Request) -> Response:
            path = await run_in_threadpool(self._room.path, request)
            if mine and not self._desk.is_mine(path):
                raise HTTPException(404)
            fields = await read_form(request, most_bytes) if request.method == "POST" else {}
            try:
                return await run_in_threadpool(handler, request, path, fields)
            except KindvoiceError as error:
                return self._room.page(
                    request, "refused.html", 422, error=error, id=request.path_params["id"]
                )

        return answer

    def _to(self, request: Request, path: Path) -> Response:
        return self._room.to(request, f"/scripts/{script_id(path)}/write")

    # ---------------------------------------------------------------- beginning

    async def new(self, request: Request) -> Response:
        fields = await read_form(request, MOST_FORM_BYTES) if request.method == "POST" else None
        return await run_in_threadpool(self._new, request, fields)

    def _new(self, request: Request, fields: Mapping[str, str] | None) -> Response:
        language, error = language_of(request), None
        if fields is not None:
            tag, title = fields.get("language", ""), title_in(fields.get("title", ""))
            folders = script_folders(self._desk.settings)
            try:
                if not title:
                    raise Unread("script_title")
                text = begun(title, tag if tag in LANGUAGES else language, None, folders)
                return self._to(request, self._desk.add(title, with_front(text, "title", title)))
            except KindvoiceError as fault:
                error, language = fault, fields.get("language", language)
        return self._room.page(
            request, "new.html", 422 if error else 200, what="script", error=error, languages=LANGUAGES,
            names=NAMES, language=language,
        )  # fmt: skip

    def copy(self, request: Request, path: Path, _: Any) -> Response:
        """One's own, to be changed, of any script."""
        title = next((each.title for each in self._desk.listing() if each.path == path), path.stem)
        return self._to(request, self._desk.add(title, read_text(path)))

    # ---------------------------------------------------------------- writing

    def write(self, request: Request, path: Path, fields: Mapping[str, str]) -> Response:
        if request.method == "GET":
            return self._page(request, path)
        text = clean(fields.get("text", ""))
        in_script = request.headers.get("accept") == "application/json"
        try:
            before = read_text(path)
            if text_digest(before) != fields.get("seen"):
                raise Moved
            if len(text) > MOST_TEXT:
                raise Unread("long")
            if text != before:
                self._desk.history.write(path, before, text)
            if fields.get("act") == "keep":
                self._desk.history.keep(path, text)
        except KindvoiceError as error:
            if in_script:
                what, cure = trouble_in(language_of(request), error)
                return JSONResponse({"what": what, "cure": cure}, 409 if isinstance(error, Moved) else 422)
            return self._page(request, path, text=text, error=error, status=422)
        if in_script:
            kept = len(self._desk.history.versions(path))
            return JSONResponse({"seen": text_digest(text), "kept": kept})
        return self._to(request, path)

    def _page(
        self, request: Request, path: Path, *, text: str | None = None, error: KindvoiceError | None = None,
        status: int = 200,
    ) -> Response:  # fmt: skip
        """text: what was written and could not be taken: it stays in the page."""
        voiced = VoicedVersion(version=Version(script=path))
        now, view = read_text(path), look(self._desk, voiced)
        return self._room.page(
            request, "write.html", status, fragment=False, cues=CUES, text=now if text is None else text,
            seen=text_digest(now), view=view, error=error, digest=digest_of(self._desk.watched(path)),
            versions=self._desk.history.versions(path),
            **self._room.script_values(request, voiced, view.language),
        )  # fmt: skip

    def version(self, request: Request, path: Path, _: Any) -> Response:
        """What it said then; sent, it says so again, and what it says now is kept."""
        number, history = request.path_params["number"], self._desk.history
        text = history.text(path, number)
        if text is None:
            raise HTTPException(404)
        if request.method == "GET":
            voiced = VoicedVersion(version=Version(script=path))
            values = self._room.script_values(request, voiced, "en")
            return self._room.page(
                request, "version.html", number=number, text=text, title=path.stem, **values
            )
        before = read_text(path)
        history.keep(path, before)
        history.write(path, before, text)
        return self._to(request, path)

    # ---------------------------------------------------------------- the file

    def rename(self, request: Request, path: Path, fields: Mapping[str, str]) -> Response:
        """Its title, and with it the file's name."""
        title = title_in(fields.get("title", ""))
        if not title:
            raise Unread("script_title")
        text = read_text(path)
        self._desk.history.write(path, text, with_front(text, "title", title))
        new = path.with_name(f"{title_name(title)}{path.suffix}")
        if new != path:
            if new.exists():
                raise OutputError(f"there is a script {new.name} already", cure="choose another title")
            try:
                path.rename(new)
            except OSError as error:
                raise OutputError(f"the script cannot be renamed: {error.strerror or error}") from error
            self._desk.history.move(path, new)
            if self._room.courses is not None:
                self._room.courses.script_moved(path, new)
        return self._to(request, new)

    def file(self, request: Request, path: Path, _: Any) -> Response:
        """Any script, as it is."""
        headers = {"content-disposition": f"attachment; filename*=utf-8''{quote(path.name)}"}
        return Response(read_text(path), media_type="text/markdown", headers=headers)

    def delete(self, request: Request, path: Path, _: Any) -> Response:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(f"the script cannot be deleted: {error.strerror or error}") from error
        self._desk.history.forget(path)
        return self._room.to(request, "/")
