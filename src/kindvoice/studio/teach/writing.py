"""Scripts of a teacher's own: begun, written beside their picture, brought back, renamed, taken along, deleted."""

from __future__ import annotations

from collections.abc import Mapping
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
_MOST_TEXT_BYTES = 12 * MOST_TEXT
"""a letter may be written as 12 bytes in a form"""


def writing_routes(room: Room) -> list[BaseRoute]:
    """The routes below /teach that write scripts. /scripts/new stands before any script's own."""
    pages = Writing(room)
    one, post = "/scripts/{id}", ["POST"]
    return [
        Route("/scripts/new", pages.new, methods=["GET", "POST"]),
        Route(f"{one}/copy", pages.copy, methods=post),
        Route(f"{one}/write", pages.write, methods=["GET", "POST"]),
        Route(f"{one}/versions/{{number:int}}", pages.version, methods=["GET", "POST"]),
        Route(f"{one}/rename", pages.rename, methods=post),
        Route(f"{one}/file", pages.file),
        Route(f"{one}/delete", pages.delete, methods=post),
    ]


class Writing:
    def __init__(self, room: Room) -> None:
        self._room, self._desk = room, room.desk

    async def _mine(self, request: Request) -> Path:
        """Raises HTTPException 404 for a script that is not the teacher's own."""
        path = await self._room.path(request)
        if not self._desk.is_mine(path):
            raise HTTPException(404)
        return path

    def _to(self, request: Request, path: Path) -> Response:
        return self._room.to(request, f"/scripts/{script_id(path)}/write")

    # ---------------------------------------------------------------- beginning

    async def new(self, request: Request) -> Response:
        language = language_of(request)
        error: KindvoiceError | None = None
        fields: Mapping[str, str] = {}
        if request.method == "POST":
            fields = await read_form(request, MOST_FORM_BYTES)
            tag, title = fields.get("language", ""), title_in(fields.get("title", ""))
            tag = tag if tag in LANGUAGES else language

            def begin() -> Path:
                if not title:
                    raise Unread("script_title")
                folders = script_folders(self._desk.own)
                return self._desk.add(title, with_front(begun(title, tag, None, folders), "title", title))

            try:
                return self._to(request, await run_in_threadpool(begin))
            except KindvoiceError as fault:
                error = fault
        return self._room.page(
            request, "new.html", 422 if error else 200, what="script", error=error, languages=LANGUAGES,
            names=NAMES, language=fields.get("language", language),
        )  # fmt: skip

    async def copy(self, request: Request) -> Response:
        """One's own, to be changed, of any script."""
        path = await self._room.path(request)
        await read_form(request, MOST_FORM_BYTES)

        def add() -> Path:
            title = next((each.title for each in self._desk.listing() if each.path == path), path.stem)
            return self._desk.add(title, read_text(path))

        try:
            return self._to(request, await run_in_threadpool(add))
        except KindvoiceError as error:
            return self._refused(request, error)

    # ---------------------------------------------------------------- writing

    async def write(self, request: Request) -> Response:
        path = await self._mine(request)
        if request.method == "GET":
            return await self._page(request, path)
        fields = await read_form(request, _MOST_TEXT_BYTES)
        text = clean(fields.get("text", ""))
        in_script = request.headers.get("accept") == "application/json"

        def save() -> str:
            before = read_text(path)
            if text_digest(before) != fields.get("seen"):
                raise Moved
            if len(text) > MOST_TEXT:
                raise Unread("long")
            if text != before:
                self._desk.history.write(path, before, text)
            if fields.get("act") == "keep":
                self._desk.history.keep(path, text)
            return text_digest(text)

        try:
            seen = await run_in_threadpool(save)
        except KindvoiceError as error:
            if in_script:
                what, cure = trouble_in(language_of(request), error)
                return JSONResponse({"what": what, "cure": cure}, 409 if isinstance(error, Moved) else 422)
            return await self._page(request, path, text=text, error=error, status=422)
        if in_script:
            return JSONResponse({"seen": seen, "kept": len(self._desk.history.versions(path))})
        return self._to(request, path)

    async def _page(
        self, request: Request, path: Path, *, text: str | None = None, error: KindvoiceError | None = None,
        status: int = 200,
    ) -> Response:  # fmt: skip
        """text: what was written and could not be taken: it stays in the page."""
        voiced = VoicedVersion(version=Version(script=path))

        def values() -> dict[str, Any]:
            now = read_text(path)
            view = look(self._desk, voiced)
            return {
                "text": now if text is None else text, "seen": text_digest(now), "view": view, "error": error,
                "digest": digest_of(self._desk.watched(path)), "versions": self._desk.history.versions(path),
                **self._room.script_values(request, voiced, view.language),
            }  # fmt: skip

        try:
            found = await run_in_threadpool(values)
        except KindvoiceError as fault:  # it cannot be read as text at all
            return self._refused(request, fault)
        return self._room.page(request, "write.html", status, fragment=False, cues=CUES, **found)

    def _refused(self, request: Request, error: KindvoiceError) -> Response:
        return self._room.page(request, "refused.html", 422, error=error, id=request.path_params["id"])

    async def version(self, request: Request) -> Response:
        """What it said then; sent, it says so again, and what it says now is kept."""
        path, number = await self._mine(request), request.path_params["number"]
        text = await run_in_threadpool(self._desk.history.text, path, number)
        if text is None:
            raise HTTPException(404)
        if request.method == "GET":
            voiced = VoicedVersion(version=Version(script=path))
            values = await run_in_threadpool(self._room.script_values, request, voiced, "en")
            return self._room.page(
                request, "version.html", number=number, text=text, title=path.stem, **values
            )
        await read_form(request, MOST_FORM_BYTES)

        def bring_back() -> None:
            before = read_text(path)
            self._desk.history.keep(path, before)
            self._desk.history.write(path, before, text)

        try:
            await run_in_threadpool(bring_back)
        except KindvoiceError as error:
            return self._refused(request, error)
        return self._to(request, path)

    # ---------------------------------------------------------------- the file

    async def rename(self, request: Request) -> Response:
        """Its title, and with it the file's name."""
        path = await self._mine(request)
        fields = await read_form(request, MOST_FORM_BYTES)
        title = title_in(fields.get("title", ""))

        def change() -> Path:
            if not title:
                raise Unread("script_title")
            text = read_text(path)
            self._desk.history.write(path, text, with_front(text, "title", title))
            new = path.with_name(f"{title_name(title)}{path.suffix}")
            if new == path:
                return path
            if new.exists():
                raise OutputError(f"there is a script {new.name} already", cure="choose another title")
            try:
                path.rename(new)
            except OSError as error:
                raise OutputError(f"the script cannot be renamed: {error.strerror or error}") from error
            self._desk.history.move(path, new)
            if self._room.courses is not None:
                self._room.courses.script_moved(path, new)
            return new

        try:
            return self._to(request, await run_in_threadpool(change))
        except KindvoiceError as error:
            return self._refused(request, error)

    async def file(self, request: Request) -> Response:
        """Any script, as it is."""
        path = await self._room.path(request)
        try:
            text = await run_in_threadpool(read_text, path)
        except KindvoiceError as error:
            return self._refused(request, error)
        headers = {"content-disposition": f"attachment; filename*=utf-8''{quote(path.name)}"}
        return Response(text, media_type="text/markdown", headers=headers)

    async def delete(self, request: Request) -> Response:
        path = await self._mine(request)
        await read_form(request, MOST_FORM_BYTES)

        def remove() -> None:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise OutputError(f"the script cannot be deleted: {error.strerror or error}") from error
            self._desk.history.forget(path)

        try:
            await run_in_threadpool(remove)
        except KindvoiceError as error:
            return self._refused(request, error)
        return self._room.to(request, "/")
