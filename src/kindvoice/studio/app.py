"""The studio as an ASGI application: routes, and what a request is turned into. Everything else is elsewhere."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Scope

from kindvoice.build.context import open_store, script_folders
from kindvoice.care import find_care
from kindvoice.errors import ScriptError
from kindvoice.model import Voice
from kindvoice.script.phrasebook import find_phrasebook
from kindvoice.studio.group.courses import Courses
from kindvoice.studio.group.pages import GroupPages
from kindvoice.studio.group.worker import CourseWorker
from kindvoice.studio.host.assets import HERE, OF_PAGE, send_asset
from kindvoice.studio.host.choices import Choices, check_wish
from kindvoice.studio.host.clients import client_key
from kindvoice.studio.host.config import Config
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.host.estimate import new_lines
from kindvoice.studio.host.login import Door
from kindvoice.studio.host.orders import Orders
from kindvoice.studio.host.security import RequestGuard, person_of, read_form, spend
from kindvoice.studio.host.wishes import Order, Selection
from kindvoice.studio.host.worker import OrderWorker
from kindvoice.studio.web.form import (
    OrderForm,
    PhraseField,
    PracticeForm,
    minutes_of,
    nature_of,
    one_line,
    read_draft,
)
from kindvoice.studio.web.live import Health, Live
from kindvoice.studio.web.meeting import care_document, care_for, unread
from kindvoice.studio.web.pages import Pages, hint_texts, remember_language
from kindvoice.studio.web.previews import Previews
from kindvoice.studio.web.recordings import Recordings
from kindvoice.studio.web.samples import PracticeSamples
from kindvoice.studio.web.soundbites import Soundbites
from kindvoice.studio.web.texts import say_for

STATIC = {
    **{name: OF_PAGE / name for name in ("base.js", "words.js", "player.js", "style.css", "icon.svg")},
    **{
        name: HERE / name
        for name in ("studio.css", "make.js", "draft.js", "order.js", "samples.js", "keep.js")
    },
}


class Studio:
    """The studio's pages: `app`. Starts and stops the worker with the server, unless it is running already."""

    def __init__(self, config: Config, orders: Orders, worker: OrderWorker, choices: Choices) -> None:
        self.config, self.orders, self.worker, self.choices = config, orders, worker, choices
        self._store = open_store(config.settings)
        self.previews = Previews(config, choices)
        self.sounds = Soundbites(config)
        self.samples = PracticeSamples(config, choices, self.previews)
        self.door = Door(config)
        self.pages = Pages(config, choices, teach=self.door.teach)
        self.courses = Courses(config)
        self.course_worker = CourseWorker(config, self.courses)
        self.teachers = self._open_teachers() if self.door.teach else None
        self.live = Live(orders)
        self.recordings = Recordings(orders, self.pages, self.live, config.limits.body_bytes)
        self.health = Health(orders, worker, self.live)
        routes = [
            Route("/", self.start),
            Route("/make/{language}/{practice}", self.make, methods=["GET", "POST"]),
            Route("/sample/{language}/{practice}", self.sample),
            Route("/forms", self.forms, methods=["POST"]),
            Route("/hear", self.hear, methods=["POST"]),
            Route("/r/{token}/change", self.change, methods=["GET", "POST"]),
            *self.recordings.routes,
            *GroupPages(self.courses, self.pages, config.limits.body_bytes).routes,
            Route("/static/{name}", self.static),
            Route("/health", self.health.health),
            Route("/metrics", self.health.metrics),
        ]
        if self.teachers is not None:
            routes += [
                Route("/login", self.login, methods=["GET", "POST"]),
                Route("/teach", self.slash),
                Mount("/teach", self.door.guarding(self.teachers)),
            ]
        self.app = Starlette(
            routes=routes,
            middleware=[Middleware(self._guarded)],
            exception_handlers={HTTPException: self._http, StudioError: self._studio},  # type: ignore[dict-item]
            lifespan=self._life,
        )
        self.app.router.redirect_slashes = False

    def _guarded(self, app: Any) -> RequestGuard:
        guard = RequestGuard(app, self.config, self._fault)
        self.health.answered = guard.answered
        return guard

    def _open_teachers(self) -> Any:
        from kindvoice.studio.teach.rooms import TeacherRooms

        return TeacherRooms(self.config, self.courses, self.course_worker)

    @contextlib.asynccontextmanager
    async def _life(self, app: Starlette) -> AsyncIterator[None]:
        own = not self.worker.running
        if own:
            await run_in_threadpool(self.worker.start)
        await run_in_threadpool(self.course_worker.start)
        # The first order need not wait until all that reads a script is loaded.
        threading.Thread(target=self._read_one, name="ready", daemon=True).start()
        try:
            yield
        finally:
            self.live.close()
            await run_in_threadpool(self.course_worker.stop)
            if self.teachers is not None:
                await run_in_threadpool(self.teachers.close)
            await run_in_threadpool(self.previews.stop)
            if own:
                await run_in_threadpool(self.worker.stop)

    def _read_one(self) -> None:
        with contextlib.suppress(StudioError, OSError):
            for entry in self.choices.practices[:1]:
                self.samples.read(entry)

    # ---------------------------------------------------------------- choosing, writing, making

    async def start(self, request: Request) -> Response:
        language = self.pages.language_of(request.scope)
        minutes = minutes_of(request.query_params.get("minutes", ""))
        response = await run_in_threadpool(self.pages.start, request, language, minutes)
        remember_language(request, response, language)
        return response

    def _form(self, language: str, practice: str) -> PracticeForm:
        """Raises HTTPException (404) for a practice that is not here."""
        try:
            entry = self.choices.practice(practice, language)
            range_ms = self.choices.range_ms(practice, language)
        except StudioError:
            raise HTTPException(404) from None
        book = None
        with contextlib.suppress(ScriptError):
            book = find_phrasebook(language, script_folders(self.config.settings))
        limits = self.config.limits
        return PracticeForm(entry=entry, nature=nature_of(entry), range_ms=range_ms, book=book, limits=limits)

    async def make(self, request: Request) -> Response:
        practice = request.path_params
        form = await run_in_threadpool(self._form, practice["language"], practice["practice"])
        if request.method == "POST":
            return await self._sent(request, form, None)
        minutes = minutes_of(request.query_params.get("minutes", ""))
        voice = self._first_voice(form.entry.language)

        def page() -> Response:
            return self.pages.make(
                request, form, form.first(voice.name if voice else "", minutes), fresh=True
            )

        return await run_in_threadpool(page)

    def _first_voice(self, language: str) -> Voice | None:
        """That is offered first; None where none speaks the language."""
        voices = self.choices.voices_in(language)
        wanted = self.config.settings.voice
        return next((voice for voice in voices if voice.name == wanted), next(iter(voices), None))

    async def sample(self, request: Request) -> Response:
        """A few seconds of a practice."""
        practice = request.path_params
        form = await run_in_threadpool(self._form, practice["language"], practice["practice"])
        entry, source = form.entry, client_key(request.scope)

        def sound() -> bytes:
            if (voice := self._first_voice(entry.language)) is None:
                raise StudioError("voice")
            if (kept := self.samples.kept(entry, voice)) is not None:
                return kept
            spend(request, "preview")
            return self.samples.make(entry, voice, person_of(request), source=source)

        try:
            mp3 = await run_in_threadpool(sound)
        except StudioError as error:
            name = {"busy": "full", "many": "fast"}.get(error.kind, "not_played")
            text, status = say_for(entry.language)[name], _STATUS.get(error.kind, 422)
            return self.pages.message(entry.language, "trouble", status=status, text=text)
        return Response(mp3, media_type="audio/mpeg", headers={"cache-control": "private, max-age=3600"})

    async def change(self, request: Request) -> Response:
        order = await run_in_threadpool(self.recordings.find, request)
        form = await run_in_threadpool(self._form, order.wish.language, order.wish.practice)
        if request.method == "POST":
            return await self._sent(request, form, order)
        draft = await run_in_threadpool(form.again, order)
        return self.pages.make(request, form, draft, order=order)

    async def _sent(self, request: Request, form: PracticeForm, order: Order | None) -> Response:
        fields = await read_form(request, self.config.limits.body_bytes)
        return await run_in_threadpool(self._answered, request, fields, form, order)

    def _answered(
        self, request: Request, fields: Mapping[str, str], form: PracticeForm, order: Order | None
    ) -> Response:
        """What a button of the form asks for: another row, its forms, a phrase of the book, or the recording."""
        draft = form.read(fields)
        if fields.get("act") != "make":
            draft = form.after_button(draft, fields)
            return self.pages.make(request, form, draft, order=order, open_book="use" in fields)
        wrong, status = [*form.problems(draft), *self._unread(form, draft)], 422
        if not wrong:
            wish = form.wish(draft)
            if "care" not in fields and (care := care_for(wish, order.wish if order else None)):
                return self.pages.care(request, form, care, fields, ("act", "make"), order=order)
            try:
                order = self._ordered(request, wish, order)
                return RedirectResponse(f"/r/{order.token}/", status_code=303)
            except StudioError as error:
                if error.kind == "gone":
                    raise
                wrong, status = [form.refused(error.kind)], _STATUS.get(error.kind, 422)
        return self.pages.make(request, form, draft, problems=wrong, order=order, status=status)

    def _unread(self, form: PracticeForm, draft: OrderForm) -> list[tuple[str, str]]:
        """As `problems`: phrases that the chosen voice cannot read."""
        say = say_for(form.entry.language)
        texts = [
            (row, unread(row, draft.voice, form.entry.language, self.choices, say)) for row in draft.rows
        ]
        return [
            (f"{say['phrase'].format(n=row.number)}: {text}", f"self-{row.number}")
            for row, text in texts
            if text
        ]

    def _ordered(self, request: Request, wish: Selection, order: Order | None) -> Order:
        """Raises StudioError."""
        reading = check_wish(wish, self.config, self.choices)
        spend(request, "order")
        spend(request, "minute", wish.length_ms / 60_000)
        source, lines = client_key(request.scope), new_lines(reading, self._store)
        if order is None:
            return self.orders.place(wish, person_of(request), source, lines)
        return self.orders.change(order.token, wish, source, lines)

    async def forms(self, request: Request) -> Response:
        """A phrase's forms for others, as far as they are sure, and what to know of it: kind hints, and at once what
        would stand in its way."""
        fields = await read_form(request, self.config.limits.body_bytes)

        def answer() -> dict[str, object]:
            form = self._form(fields.get("language", ""), fields.get("practice", ""))
            row = PhraseField(number=1, self=one_line(fields.get("text", "")))
            say, most = say_for(form.entry.language), form.limits.phrase_letters
            if len(row.self) <= most:
                row = form.formed(row, {})
                hints = hint_texts(row.hints, say)
            else:
                hints = [say["too_long"].format(n=len(row.self), most=most)]
            if text := unread(row, fields.get("voice", ""), form.entry.language, self.choices, say):
                hints.insert(0, text)
            return {"other": row.other, "together": row.together, "hints": hints}

        return JSONResponse(await run_in_threadpool(answer))

    async def hear(self, request: Request) -> Response:
        """A phrase at once in any voice; or, where `try` says so, the bell or the background that is chosen.

        Without a script the whole form is sent, and the answer opens beside it.
        """
        fields = await read_form(request, self.config.limits.body_bytes)
        form = await run_in_threadpool(self._form, fields.get("language", ""), fields.get("practice", ""))
        kind, language = fields.get("try", ""), form.entry.language
        said = _said(fields, form)
        short = len(said) <= form.limits.phrase_letters  # another is refused below
        if not kind and short and "care" not in fields and (care := find_care([said], language)):
            if _wants_sound(request):
                turn = self.pages.turn(request, language)
                return JSONResponse(care_document(care, turn), status_code=422)
            again = next(
                ((name, fields[name]) for name in ("say", "say-voice") if name in fields), ("say", "1")
            )
            return self.pages.care(request, form, care, fields, again)

        def sound() -> bytes:
            spend(request, "preview")
            return self._sound(fields, form, request) if kind else self._spoken(said, fields, form, request)

        try:
            heard = await run_in_threadpool(sound)
        except StudioError as error:
            status = _STATUS.get(error.kind, 422)
            if not _wants_sound(request):
                name = {"busy": "full", "many": "fast"}.get(error.kind, "not_played" if kind else "not_heard")
                return self.pages.message(language, "trouble", status=status, text=say_for(language)[name])
            return JSONResponse({"kind": error.kind}, status_code=status)
        name = "sound" if kind else "phrase"
        return Response(
            heard, media_type="audio/mpeg", headers={"content-disposition": f'inline; filename="{name}.mp3"'}
        )

    def _spoken(self, said: str, fields: Mapping[str, str], form: PracticeForm, request: Request) -> bytes:
        voice = fields.get("say-voice") or fields.get("voice") or None
        source = client_key(request.scope)
        return self.previews.speak(said, form.entry.language, voice, person_of(request), source=source)

    def _sound(self, fields: Mapping[str, str], form: PracticeForm, request: Request) -> bytes:
        """What is chosen, or what the practice brings where nothing is."""
        kind, draft = fields["try"], read_draft(fields, form.limits)
        own = {"bell": form.nature.own_bell, "bed": form.nature.own_bed}
        chosen = getattr(draft, kind) or own[kind] if kind in own else ""
        source = client_key(request.scope)
        return self.sounds.play(kind, chosen, person_of(request), source=source, gain_db=draft.gain_db)

    # ---------------------------------------------------------------- teachers' door, small things

    async def login(self, request: Request) -> Response:
        language = self.pages.language_of(request.scope)
        if request.method == "GET":
            return self.pages.login(request, language, named=self.door.named)
        fields = await read_form(request, self.config.limits.body_bytes)
        entered = await run_in_threadpool(
            self.door.enter, request, fields.get("password", ""), fields.get("name", "")
        )
        return entered or self.pages.login(request, language, wrong=True, named=self.door.named)

    async def slash(self, request: Request) -> Response:
        return RedirectResponse("/teach/", status_code=308)

    async def static(self, request: Request) -> Response:
        return send_asset(request, STATIC)

    # ---------------------------------------------------------------- faults

    def _fault(self, scope: Scope, status: int, kind: str) -> Response:
        language = self.pages.language_of(scope)
        say = say_for(language)
        if status == 404:
            return self.pages.message(language, "missing", status=status)
        # Where somebody's words were sent, and not read, the way back is to them: the tab has kept them.
        path = scope.get("path", "") if scope.get("method") == "POST" else ""
        back = path if re.fullmatch(_FORMS, path, re.ASCII) else ""
        text = say["fast"] if status == 429 or kind == "streams" else None
        title = "trouble" if text or status >= 500 else "refused"
        return self.pages.message(language, title, status=status, text=text, back=back)

    async def _http(self, request: Request, error: HTTPException) -> Response:
        response = self._fault(request.scope, error.status_code, "http")
        response.headers.update(error.headers or {})
        return response

    async def _studio(self, request: Request, error: StudioError) -> Response:
        return self._fault(request.scope, 404 if error.kind == "gone" else 422, error.kind)


def _said(fields: Mapping[str, str], form: PracticeForm) -> str:
    """What is to be heard: the phrase that was asked for, else one of ours."""
    text = fields.get("text") or fields.get(f"self-{fields.get('say', '')}", "")
    return one_line(text) or form.example or form.entry.title


def _wants_sound(request: Request) -> bool:
    """Whether the form's script asks, and not a browser that would show what comes."""
    return "audio/*" in request.headers.get("accept", "")


_STATUS = {"full": 503, "busy": 503, "many": 429}
"""of an answer, by the kind of a fault; of all others 422"""
_FORMS = r"/make/[A-Za-z-]{2,35}/[A-Za-z0-9_-]{1,100}|/r/[A-Za-z0-9_-]{1,64}/change"
"""addresses of forms where phrases are written"""
