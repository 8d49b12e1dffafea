"""A script that a teacher brings, as a file or pasted: both columns are shown, and it becomes a draft on the desk."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kindvoice.errors import KindvoiceError
from kindvoice.languages import direction
from kindvoice.publish.output import title_name
from kindvoice.script.imported import Imported
from kindvoice.script.imports import MAX_FILE
from kindvoice.studio.host.config import LANGUAGES
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.host.uploads import Upload, read_upload
from kindvoice.studio.teach.brought import Brought, read_brought
from kindvoice.studio.teach.context import Room
from kindvoice.studio.teach.scripts import script_id
from kindvoice.studio.teach.texts import Unread, language_of
from kindvoice.studio.teach.view import line_parts
from kindvoice.studio.web.texts import NAMES

UPLOAD_S = 90.0
"""in which a file has to have arrived"""
_PASTED = "script"


class Imports:
    """The routes below /teach/import. What was brought is kept nowhere: the page has it, and sends the clean script of
    it back to be taken over."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.routes: list[BaseRoute] = [Route("/import", self.bring, methods=["GET", "POST"])]

    async def bring(self, request: Request) -> Response:
        """The form; both columns of what was brought; or, of one of its scripts, a draft or a file."""
        if request.method == "GET":
            return await self._page(request)
        upload = None
        try:
            with self._room.reader.place():
                upload = await read_upload(request, MAX_FILE + 100_000, UPLOAD_S)
                scripts = await self._scripts(upload)
                if not any(script.rows for script in scripts):
                    raise Unread("nothing")
            return await self._answered(request, upload, scripts)
        except KindvoiceError as error:
            status = 429 if isinstance(error, StudioError) else 422
            return await self._page(request, status, upload=upload, error=error)

    async def _answered(self, request: Request, upload: Upload, scripts: tuple[Imported, ...]) -> Response:
        act, (script, *_) = upload.fields.get("act"), scripts
        if act == "keep":
            path = await run_in_threadpool(self._room.desk.add, script.title, script.text)
            return self._room.to(request, f"/scripts/{script_id(path)}")
        if act == "save":
            response = Response(script.text, media_type="text/markdown")
            name = title_name(script.title).encode("ascii", "ignore").decode() or _PASTED
            response.headers["content-disposition"] = f'attachment; filename="{name}.md"'
            return response
        return await self._page(request, upload=upload, scripts=scripts)

    async def _scripts(self, upload: Upload) -> tuple[Imported, ...]:
        """Raises KindvoiceError."""
        data: bytes | str = upload.data or upload.fields.get("text", "")
        if not data.strip():
            raise Unread("nothing")
        name = PurePath(upload.name.replace("\\", "/")).name[-100:] if upload.data else ""
        name = "".join(letter for letter in name if letter.isprintable()) or _PASTED
        language = upload.fields.get("language")
        brought = Brought(data, name, language if language in LANGUAGES else None)
        scripts: tuple[Imported, ...] = await self._room.reader.read(read_brought, brought)
        return scripts

    async def _page(
        self, request: Request, status: int = 200, *, upload: Upload | None = None,
        scripts: tuple[Imported, ...] = (), error: KindvoiceError | None = None,
    ) -> Response:  # fmt: skip
        values: dict[str, Any] = {
            "scripts": scripts, "error": error, "languages": LANGUAGES, "names": NAMES, "direction": direction,
            "parts": line_parts, "language": language_of(request), "fields": upload.fields if upload else {},
            "file": upload.name if upload and upload.data else "",
        }  # fmt: skip
        return await run_in_threadpool(lambda: self._room.page(request, "import.html", status, **values))
