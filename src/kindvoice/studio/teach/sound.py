"""The teachers' pages over HTTP, the part that is heard: two voices line by line, and recording one's own."""

from __future__ import annotations

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from kindvoice.errors import KindvoiceError
from kindvoice.model import Voice
from kindvoice.speech.voices import choose, misheard_percent
from kindvoice.studio.host.security import check_token, person_of, read_body
from kindvoice.studio.teach.context import Room
from kindvoice.studio.teach.drafts import (
    TakeDraft,
    ToRead,
    draft_wav,
    lines_to_read,
    new_sitting,
    spoken_wav,
    state_of,
    taken_wav,
)
from kindvoice.studio.teach.scripts import Desk, Moved, SpokenLine, VoicedVersion, find_line, lines_of
from kindvoice.studio.teach.texts import doubt_in, language_of, teach_say, trouble_in
from kindvoice.takes import same_words
from kindvoice.takes.recordable import Recordable
from kindvoice.takes.sitting import undo

TAKE_S = 90.0
"""in which a recorded line has to have arrived"""
PACES = ("0.8", "0.9", "1", "1.1", "1.2")


def sound_routes(room: Room) -> list[BaseRoute]:
    """The routes below /teach that are about single lines."""
    pages = Lines(room)
    return [
        Route("/scripts/{id}/compare", pages.compare),
        Route("/scripts/{id}/say/{number:int}/{digest}", pages.say),
        Route("/scripts/{id}/record", pages.record),
        Route("/scripts/{id}/drafts/{number:int}/{digest}", pages.add_draft, methods=["POST"]),
        Route("/scripts/{id}/read/{number:int}/{digest}", pages.read),
        Route("/scripts/{id}/takes/{number:int}/{digest}", pages.take),
        Route("/scripts/{id}/takes/{number:int}/{digest}/accept", pages.accept, methods=["POST"]),
        Route("/scripts/{id}/takes/{number:int}/{digest}/undo", pages.undo, methods=["POST"]),
        Route("/drafts/{token}", pages.draft),
        Route("/drafts/{token}/keep", pages.keep_draft, methods=["POST"]),
        Route("/drafts/{token}/drop", pages.drop_draft, methods=["POST"]),
    ]


class Lines:
    def __init__(self, room: Room) -> None:
        self._room = room
        self._desk: Desk = room.desk

    # -- two voices

    async def compare(self, request: Request) -> Response:
        room = self._room
        voiced = await room.voiced(request)
        problem: KindvoiceError | None = None
        title, language = voiced.version.script.stem, "en"
        lines: tuple[SpokenLine, ...] = ()
        try:
            title, language, lines = await room.run(self._lines, voiced)
        except KindvoiceError as error:
            problem = error
        values = await room.run(room.script_values, request, voiced, language)
        voices: tuple[Voice, ...] = values["voices"]
        names = [voice.name for voice in voices]
        sides = []
        for side, otherwise in (("a", 0), ("b", 1)):
            name = request.query_params.get(side, "")
            fallback = names[min(otherwise, len(names) - 1)] if names else ""
            pace = request.query_params.get(f"pace_{side}", "1")
            name = name if name in names else fallback
            sides.append(
                {
                    "side": side, "name": name, "pace": pace if pace in PACES else "1",
                    "voice": next((voice for voice in voices if voice.name == name), None),
                }
            )  # fmt: skip
        return room.page(
            request, "compare.html", title=title, language=language, lines=lines, sides=sides, paces=PACES,
            misheard=misheard_percent, problem=problem, **values,
        )  # fmt: skip

    def _lines(self, voiced: VoicedVersion) -> tuple[str, str, tuple[SpokenLine, ...]]:
        reading = self._desk.read(voiced, takes=False)
        return reading.script.title, reading.script.language, lines_of(reading)

    async def say(self, request: Request) -> Response:
        """A line in the voice of the query. The line's number and digest are in the address, its words are not."""
        room = self._room
        voiced = await room.voiced(request)
        digest = request.path_params["digest"]

        def work() -> bytes:
            reading = self._desk.read(voiced, takes=False)
            return spoken_wav(self._desk, reading.cast[""], find_line(lines_of(reading), digest).text)

        return await self._sound(request, work)

    # -- recording

    async def record(self, request: Request) -> Response:
        room = self._room
        voiced = await room.voiced(request)
        own = request.query_params.get("own") == "1"
        problem: KindvoiceError | None = None
        title = voiced.version.script.stem
        reading: Recordable | None = None
        lines: tuple[ToRead, ...] = ()
        readers: dict[str, int] = {}
        try:
            readers = await room.run(self._desk.readers, voiced)
            reading, lines = await room.run(self._to_read, voiced, own)
        except KindvoiceError as error:
            problem = error
        language = reading.language if reading else "en"
        values = await room.run(room.script_values, request, voiced, language)
        if not voiced.voice and reading:
            values["chosen"] = reading.voice
        return room.page(
            request, "record.html", title=reading.title if reading else title, language=language, reading=reading,
            lines=lines, own=own, sitting=new_sitting(), problem=problem, readers=readers,
            most_bytes=room.take_bytes, **values,
        )  # fmt: skip

    def _to_read(self, voiced: VoicedVersion, own: bool) -> tuple[Recordable, tuple[ToRead, ...]]:
        reading = self._desk.recordable(voiced, own_phrases=own)
        return reading, lines_to_read(self._desk.takes, reading)

    async def _line(self, request: Request) -> tuple[Recordable, ToRead]:
        """The line of this digest, wherever it stands by now."""
        room = self._room
        voiced = await room.voiced(request)
        own = request.query_params.get("own") == "1"
        reading, lines = await room.run(self._to_read, voiced, own)
        found = next((line for line in lines if line.digest == request.path_params["digest"]), None)
        if found is None:
            raise Moved
        return reading, found

    async def add_draft(self, request: Request) -> Response:
        """A recorded line, to be heard and kept, or not."""
        room = self._room
        check_token(request, request.headers.get("x-token"))
        body = await read_body(request, room.take_bytes, TAKE_S)
        sitting = request.query_params.get("sitting", "")
        try:
            reading, line = await self._line(request)
        except KindvoiceError as error:
            return _problem(request, error, 409)
        try:
            async with room.speaking:
                draft = await room.run(room.drafts.add, body, line.text, reading, sitting, person_of(request))
        except KindvoiceError as error:
            return _problem(request, error, 422)
        heard, language = draft.heard, language_of(request)
        return JSONResponse(
            {
                "draft": draft.token, "length_ms": heard.length_ms, "noise_db": heard.noise_db,
                "peak": round(heard.peak, 3), "doubts": [doubt_in(language, doubt) for doubt in draft.doubts],
            }
        )  # fmt: skip

    def _draft(self, request: Request) -> TakeDraft:
        found = self._room.drafts.get(request.path_params["token"], person_of(request))
        if found is None:
            raise HTTPException(404)
        return found

    async def draft(self, request: Request) -> Response:
        found = self._draft(request)
        return await self._sound(request, lambda: draft_wav(found))

    async def keep_draft(self, request: Request) -> Response:
        check_token(request, request.headers.get("x-token"))
        token, owner = request.path_params["token"], person_of(request)
        try:
            take = await self._room.run(self._room.drafts.keep, token, owner)
        except KindvoiceError as error:
            return _problem(request, error, 409)
        if take is None:
            raise HTTPException(404)
        return JSONResponse({"state": "used", "length_ms": take.stop_ms - take.start_ms})

    async def drop_draft(self, request: Request) -> Response:
        check_token(request, request.headers.get("x-token"))
        token, owner = request.path_params["token"], person_of(request)
        await self._room.run(self._room.drafts.drop, token, owner)
        return Response(status_code=204)

    async def read(self, request: Request) -> Response:
        """A line of the recording page, as the voice would say it."""
        try:
            reading, line = await self._line(request)
        except KindvoiceError as error:
            return _problem(request, error, 409)
        return await self._sound(request, lambda: spoken_wav(self._desk, self._voice(reading), line.text))

    async def take(self, request: Request) -> Response:
        """The newest take of a line, as a recording would have it."""
        try:
            reading, line = await self._line(request)
            newest = self._desk.takes.newest(reading.voice).get(same_words(line.text))
        except KindvoiceError as error:
            return _problem(request, error, 409)
        if newest is None:
            raise HTTPException(404)
        return await self._sound(
            request, lambda: taken_wav(self._desk, self._voice(reading), line.text, newest)
        )

    def _voice(self, reading: Recordable) -> Voice:
        return choose(self._desk.voices, reading.voice, reading.language)

    async def _sound(self, request: Request, work: Callable[[], bytes]) -> Response:
        try:
            async with self._room.speaking:
                return Response(
                    await self._room.run(work),
                    media_type="audio/wav",
                    headers={"cache-control": "no-store"},
                )
        except KindvoiceError as error:
            return _problem(request, error, 409)

    async def accept(self, request: Request) -> Response:
        """Use a take that needed a look."""
        check_token(request, request.headers.get("x-token"))
        try:
            reading, line = await self._line(request)
            await self._room.run(self._desk.takes.accept, reading.voice, [line.text])
        except KindvoiceError as error:
            return _problem(request, error, 409)
        return JSONResponse({"state": "used"})

    async def undo(self, request: Request) -> Response:
        """Takes back what this sitting kept of a line; what was used before is used again."""
        check_token(request, request.headers.get("x-token"))
        sitting = request.query_params.get("sitting", "")

        def work(voice: str, text: str) -> str:
            undo(self._desk.takes, voice, text, sitting=sitting)
            return state_of(self._desk.takes, voice, text)

        try:
            reading, line = await self._line(request)
            state = await self._room.run(work, reading.voice, line.text)
        except KindvoiceError as error:
            return _problem(request, error, 409)
        return JSONResponse({"state": state, "words": teach_say(language_of(request))[f"state_{state}"]})


def _problem(request: Request, error: KindvoiceError, status: int) -> Response:
    what, cure = trouble_in(language_of(request), error)
    return JSONResponse({"what": what, "cure": cure}, status)
