"""A made recording, made ready to go out: cover, tags, preset; and any recording, checked for where it may go."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kindvoice.encode import FORMATS
from kindvoice.errors import KindvoiceError, OutputError, SettingsError
from kindvoice.jobs.workers import OnStage
from kindvoice.model import Preset
from kindvoice.publish.cover import check_picture
from kindvoice.publish.verify import FAIL, INFO, Report, verify_for
from kindvoice.script.literal import clean
from kindvoice.script.tags import read_tags
from kindvoice.sound.presets import all_presets
from kindvoice.studio.host.uploads import read_upload
from kindvoice.studio.teach.context import Room
from kindvoice.studio.teach.scripts import Dressing
from kindvoice.studio.teach.tasks import WHOLE, TeachTask
from kindvoice.studio.teach.texts import Unread

TAGS = ("title", "artist", "album", "date", "copyright", "comment")
"""that are asked for; `comment` is the description"""
CHOSEN_FORMATS = ("mp3", "m4b", "opus", "flac")
MOST_COVER = 12_000_000
UPLOAD_S = 120.0


@dataclass(frozen=True, slots=True, repr=False)
class CheckTask:
    """Its repr, which may be logged, tells nothing of the file."""

    path: Path
    presets: tuple[Preset, ...]


def check_file(task: CheckTask, on_stage: OnStage) -> tuple[Report, ...]:
    """One for each preset."""
    return verify_for(task.path, task.presets)


def publishing_routes(room: Room) -> list[BaseRoute]:
    """The routes below /teach that are about what goes out."""
    pages = Publishing(room)
    return [
        Route("/check", pages.check, methods=["GET", "POST"]),
        Route("/pieces/{token}/check", pages.check_piece),
        Route("/pieces/{token}/publish", pages.publish, methods=["GET", "POST"]),
    ]


class Publishing:
    def __init__(self, room: Room) -> None:
        self._room = room

    @property
    def _presets(self) -> dict[str, Preset]:
        """Raises SettingsError."""
        return all_presets(self._room.desk.settings.presets)

    def _piece(self, request: Request) -> TeachTask:
        """A whole recording that is made. Raises HTTPException (404)."""
        piece = self._room.workshop.get(request.path_params["token"])
        if piece is None or piece.kind != "make" or piece.part != WHOLE or piece.state.stage != "done":
            raise HTTPException(404)
        return piece

    # ---------------------------------------------------------------- the check

    async def check(self, request: Request) -> Response:
        """Any recording: it is measured, and kept nowhere."""
        if request.method == "GET":
            return self._page(request)
        try:
            with self._room.reader.place():
                upload = await read_upload(request, self._room.take_bytes, UPLOAD_S)
                if not upload.data:
                    raise Unread("recording")
                ending = Path(upload.name).suffix.lower()
                folder = self._room.workshop.folder("checks") / token_urlsafe(9)
                path = folder / f"recording{ending if ending[1:] in FORMATS else ''}"
                try:
                    await run_in_threadpool(_write, path, upload.data)
                    reports = await self._reports(path)
                finally:
                    await run_in_threadpool(shutil.rmtree, folder, True)
        except KindvoiceError as error:
            return self._page(request, 422, error=error)
        return self._page(request, reports=reports)

    async def check_piece(self, request: Request) -> Response:
        piece = self._piece(request)
        sound = next((each for each in piece.state.sounds if each.kind in FORMATS), None)
        if sound is None:
            raise HTTPException(404)
        try:
            with self._room.reader.place():
                reports = await self._reports(sound.path)
        except KindvoiceError as error:
            return self._page(request, 422, error=error)
        return self._page(request, reports=reports, title=piece.state.title, piece=piece)

    async def _reports(self, path: Path) -> list[tuple[Preset, Report]]:
        presets = tuple(self._presets.values())
        reports = await self._room.reader.read(check_file, CheckTask(path, presets))
        return list(zip(presets, reports, strict=True))

    def _page(self, request: Request, status: int = 200, **values: Any) -> Response:
        defaults: dict[str, Any] = {
            "reports": [],
            "title": "",
            "piece": None,
            "error": None,
            "fail": FAIL,
            "info": INFO,
        }
        return self._room.page(request, "check.html", status, **{**defaults, **values})

    # ---------------------------------------------------------------- cover, tags, preset

    async def publish(self, request: Request) -> Response:
        """The form; sent, the recording is made once more with what it says: what was spoken is there already."""
        piece = self._piece(request)
        if request.method == "GET":
            return self._form(request, piece, dict(piece.dressing.tags))
        fields: Mapping[str, str] = {}
        try:
            upload = await read_upload(request, MOST_COVER, UPLOAD_S)
            fields = upload.fields
            dressing = await run_in_threadpool(self._dressing, piece, fields, upload.data)
            again = self._room.workshop.make(piece.voiced, WHOLE, dressing)
        except KindvoiceError as error:
            return self._form(request, piece, fields, error=error)
        return self._room.to(request, f"/pieces/{again.token}")

    def _form(
        self, request: Request, piece: TeachTask, fields: Mapping[str, Any], *, error: KindvoiceError | None = None
    ) -> Response:  # fmt: skip
        presets = list(self._presets.values())
        return self._room.page(
            request, "publish.html", 422 if error else 200, piece=piece, fields=fields, error=error, tags=TAGS,
            presets=presets, formats=CHOSEN_FORMATS, dressing=piece.dressing,
        )  # fmt: skip

    def _dressing(self, piece: TeachTask, fields: Mapping[str, str], picture: bytes) -> Dressing:
        texts = {name: text for name in TAGS if (text := " ".join(clean(fields.get(name, "")).split())[:500])}
        try:
            tags = tuple(read_tags(texts).items())
        except ValueError as error:
            raise SettingsError(str(error)) from None
        preset = fields.get("preset", "")
        formats = tuple(name for name in CHOSEN_FORMATS if fields.get(f"format-{name}"))
        cover = {"off": "off", "drawn": None}.get(fields.get("cover", ""), piece.dressing.cover)
        if picture:
            path = self._room.workshop.folder("covers") / token_urlsafe(9)
            _write(path, picture)
            try:
                cover = str(check_picture(path).path)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        return replace(
            piece.dressing, tags=tags, cover=cover, preset=preset if preset in self._presets else None, formats=formats
        )  # fmt: skip


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        with contextlib.suppress(OSError):
            path.unlink()
        raise OutputError(f"the file cannot be written: {error.strerror or error}") from error
