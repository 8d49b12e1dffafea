"""The teachers' pages over HTTP, the part that is heard: two voices line by line, and recording one's own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from secrets import token_hex

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from kindvoice.build.read import Reading
from kindvoice.errors import KindvoiceError
from kindvoice.model import Voice
from kindvoice.speech.voices import choose, misheard_percent
from kindvoice.studio.host.security import check_token, person_of, read_body
from kindvoice.studio.teach.context import Room
from kindvoice.studio.teach.drafts import (
    ToRead,
    draft_wav,
    lines_to_read,
    spoken_wav,
)
from kindvoice.studio.teach.scripts import SpokenLine, VoicedVersion, find_line, lines_of
from kindvoice.studio.teach.texts import doubt_in, language_of, teach_say, trouble_in
from kindvoice.takes import same_words
from kindvoice.takes.recordable import Recordable
from kindvoice.takes.sitting import Unheard, undo

TAKE_S = 90.0
"""in which a recorded line has to have arrived"""
PACES = ("0.8", "0.9", "1", "1.1", "1.2")


def sound_routes(room: Room) -> list[BaseRoute]:
    """The routes below /teach that are about single lines."""
    pages = Lines(room)
    line = "{number:int}/{digest}"
    return [
        Route("/scripts/{id}/compare", pages.compare),
        Route(f"/scripts/{{id}}/say/{line}", _answered(pages.say)),
        Route("/scripts/{id}/record", pages.record),
        Route(f"/scripts/{{id}}/drafts/{line}", _answered(pages.add_draft), methods=["POST"]),
        Route(f"/scripts/{{id}}/read/{line}", _answered(pages.read)),
        Route(f"/scripts/{{id}}/takes/{line}", _answered(pages.take)),
        Route(f"/scripts/{{id}}/takes/{line}/accept", _answered(pages.accept), methods=["POST"]),
        Route(f"/scripts/{{id}}/takes/{line}/undo", _answered(pages.undo), methods=["POST"]),
        Route("/drafts/{token}", _answered(pages.draft)),
        Route("/drafts/{token}/keep", _answered(pages.keep_draft), methods=["POST"]),
        Route("/drafts/{token}/drop", _answered(pages.drop_draft), methods=["POST"]),
    ]


def _answered(handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """For a page's script: what is sent brings the token in a header; what cannot be is told as JSON."""

    async def answer(request: Request) -> Response:
        if request.method == "POST":
            check_token(request, request.headers.get("x-token"))
        try:
            return await handler(request)
        except KindvoiceError as error:
            what, cure = trouble_in(language_of(request), error)
            return JSONResponse({"what": what, "cure": cure}, 422 if isinstance(error, Unheard) else 409)

    return answer


class Lines:
    def __init__(self, room: Room) -> None:
        self._room = room
        self._desk = room.desk

    # -- two voices

    def compare(self, request: Request) -> Response:
        room = self._room
        voiced = room.voiced(request)
        problem: KindvoiceError | None = None
        title, language = voiced.version.script.stem, "en"
        lines: tuple[SpokenLine, ...] = ()
        try:
            reading = self._read(voiced)
            title, language, lines = reading.script.title, reading.script.language, lines_of(reading)
        except KindvoiceError as error:
            problem = error
        values = room.script_values(request, voiced, language)
        voices: dict[str, Voice] = {voice.name: voice for voice in values["voices"]}
        sides = []
        for side, fallback in (("a", [*voices][:1]), ("b", [*voices][:2][-1:])):
            name, pace = request.query_params.get(side, ""), request.query_params.get(f"pace_{side}", "1")
            name = name if name in voices else "".join(fallback)
            pace = pace if pace in PACES else "1"
            sides.append({"side": side, "name": name, "pace": pace, "voice": voices.get(name)})
        return room.page(
            request, "compare.html", title=title, language=language, lines=lines, sides=sides, paces=PACES,
            misheard=misheard_percent, problem=problem, **values,
        )  # fmt: skip

    def _read(self, voiced: VoicedVersion) -> Reading:
        return self._desk.read(voiced, takes=False)

    async def say(self, request: Request) -> Response:
        """A line in the voice of the query. The line's number and digest are in the address, its words are not."""

        def work() -> bytes:
            reading = self._read(self._room.voiced(request))
            line = find_line(lines_of(reading), request.path_params["digest"])
            return spoken_wav(self._desk, reading.cast[""], line.text)

        return await self._sound(work)

    # -- recording

    def record(self, request: Request) -> Response:
        room = self._room
        voiced = room.voiced(request)
        own = request.query_params.get("own") == "1"
        problem: KindvoiceError | None = None
        reading: Recordable | None = None
        lines: tuple[ToRead, ...] = ()
        readers: dict[str, int] = {}
        try:
            readers = self._desk.readers(voiced)
            reading, lines = self._to_read(voiced, own)
        except KindvoiceError as error:
            problem = error
        title, language = (reading.title, reading.language) if reading else (voiced.version.script.stem, "en")
        values = room.script_values(request, voiced, language)
        if not voiced.voice and reading:
            values["chosen"] = reading.voice
        return room.page(
            request, "record.html", title=title, language=language, reading=reading, lines=lines, own=own,
            sitting=f"studio-{token_hex(5)}", problem=problem, readers=readers, most_bytes=room.take_bytes, **values,
        )  # fmt: skip

    def _to_read(self, voiced: VoicedVersion, own: bool) -> tuple[Recordable, tuple[ToRead, ...]]:
        reading = self._desk.recordable(voiced, own_phrases=own)
        return reading, lines_to_read(self._desk.takes, reading)

    def _line(self, request: Request) -> tuple[Recordable, ToRead]:
        """The line of this digest, wherever it stands by now."""
        reading, lines = self._to_read(self._room.voiced(request), request.query_params.get("own") == "1")
        return reading, find_line(lines, request.path_params["digest"])

    async def add_draft(self, request: Request) -> Response:
        """A recorded line, to be heard and kept, or not."""
        room = self._room
        body = await read_body(request, room.take_bytes, TAKE_S)
        sitting = request.query_params.get("sitting", "")
        reading, line = await run_in_threadpool(self._line, request)
        async with room.speaking:
            draft = await run_in_threadpool(
                room.drafts.add, body, line.text, reading, sitting, person_of(request)
            )
        heard, language = draft.heard, language_of(request)
        return JSONResponse({
            "draft": draft.token, "length_ms": heard.length_ms, "noise_db": heard.noise_db,
            "peak": round(heard.peak, 3), "doubts": [doubt_in(language, doubt) for doubt in draft.doubts],
        })  # fmt: skip

    async def draft(self, request: Request) -> Response:
        draft = self._room.drafts.get(request.path_params["token"], person_of(request))
        if draft is None:
            raise HTTPException(404)
        return await self._sound(lambda: draft_wav(draft))

    async def keep_draft(self, request: Request) -> Response:
        token, owner = request.path_params["token"], person_of(request)
        take = await run_in_threadpool(self._room.drafts.keep, token, owner)
        if take is None:
            raise HTTPException(404)
        return JSONResponse({"state": "used", "length_ms": take.stop_ms - take.start_ms})

    async def drop_draft(self, request: Request) -> Response:
        token, owner = request.path_params["token"], person_of(request)
        await run_in_threadpool(self._room.drafts.drop, token, owner)
        return Response(status_code=204)

    async def read(self, request: Request) -> Response:
        """A line of the recording page, as the voice would say it."""
        reading, line = await run_in_threadpool(self._line, request)
        return await self._sound(lambda: spoken_wav(self._desk, self._voice(reading), line.text))

    async def take(self, request: Request) -> Response:
        """The newest take of a line, as a recording would have it."""
        reading, line = await run_in_threadpool(self._line, request)
        newest = self._desk.takes.newest(reading.voice).get(same_words(line.text))
        if newest is None:
            raise HTTPException(404)
        return await self._sound(lambda: spoken_wav(self._desk, self._voice(reading), line.text, newest))

    def _voice(self, reading: Recordable) -> Voice:
        return choose(self._desk.voices, reading.voice, reading.language)

    async def _sound(self, work: Callable[[], bytes]) -> Response:
        async with self._room.speaking:
            sound = await run_in_threadpool(work)
        return Response(sound, media_type="audio/wav", headers={"cache-control": "no-store"})

    async def accept(self, request: Request) -> Response:
        """Use a take that needed a look."""
        reading, line = await run_in_threadpool(self._line, request)
        await run_in_threadpool(self._desk.takes.accept, reading.voice, [line.text])
        return JSONResponse({"state": "used"})

    async def undo(self, request: Request) -> Response:
        """Takes back what this sitting kept of a line; what was used before is used again."""
        sitting = request.query_params.get("sitting", "")
        reading, line = await run_in_threadpool(self._line, request)

        def work() -> str:
            undo(self._desk.takes, reading.voice, line.text, sitting=sitting)
            return self._line(request)[1].state

        state = await run_in_threadpool(work)
        return JSONResponse({"state": state, "words": teach_say(language_of(request))[f"state_{state}"]})
