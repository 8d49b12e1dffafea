"""The studio as an ASGI application: routes, and what a request is turned into. Everything else is elsewhere."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Scope

from kindvoice.build.context import script_folders
from kindvoice.errors import ScriptError
from kindvoice.script.library import Entry
from kindvoice.script.phrasebook import Phrasebook, find_phrasebook
from kindvoice.studio.host.assets import HERE, OF_PAGE, send_asset
from kindvoice.studio.host.choices import Choices, check_wish, read_choices
from kindvoice.studio.host.clients import client_key
from kindvoice.studio.host.config import Config
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.host.login import Door
from kindvoice.studio.host.orders import Orders
from kindvoice.studio.host.security import RequestGuard, person_of, read_form, spend
from kindvoice.studio.host.wishes import Order
from kindvoice.studio.host.worker import OrderWorker
from kindvoice.studio.web.form import (
    Nature,
    OrderForm,
    after_button,
    draft_of,
    first_draft,
    formed,
    nature_of,
    problems,
    read_draft,
    wish_of,
    with_forms,
)
from kindvoice.studio.web.live import Health, Live
from kindvoice.studio.web.pages import Pages, example_of, hint_texts, lasting, remember_language
from kindvoice.studio.web.previews import Previews
from kindvoice.studio.web.recordings import Recordings
from kindvoice.studio.web.soundbites import Soundbites
from kindvoice.studio.web.texts import say_for

STATIC = {
    **{name: OF_PAGE / name for name in ("base.js", "words.js", "player.js", "style.css", "icon.svg")},
    **{name: HERE / name for name in ("studio.css", "make.js", "draft.js", "order.js")},
}


def create_app(
    config: Config,
    orders: Orders,
    worker: OrderWorker,
    *,
    choices: Choices | None = None,
) -> Starlette:
    """The studio's pages. Starts and stops the worker with the server, unless it is running already.

    choices: None: read now (about a second).
    """
    return Studio(config, orders, worker, choices or read_choices(config)).app


class Studio:
    def __init__(self, config: Config, orders: Orders, worker: OrderWorker, choices: Choices) -> None:
        self.config, self.orders, self.worker, self.choices = config, orders, worker, choices
        self.previews = Previews(config, choices)
        self.sounds = Soundbites(config)
        self.door = Door(config)
        self.pages = Pages(config, choices, teach=self.door.teach)
        self.teachers = self._open_teachers() if self.door.teach else None
        self.live = Live(orders)
        self.recordings = Recordings(orders, self.pages, self.live, config.limits.body_bytes)
        self.health = Health(orders, worker, self.live)
        routes = [
            Route("/", self.start),
            Route("/make/{language}/{practice}", self.make, methods=["GET", "POST"]),
            Route("/forms", self.forms, methods=["POST"]),
            Route("/hear", self.hear, methods=["POST"]),
            Route("/r/{token}/change", self.change, methods=["GET", "POST"]),
            *self.recordings.routes,
            Route("/static/{name}", self.static),
            Route("/health", self.health.health),
            Route("/metrics", self.health.metrics),
        ]
        if self.teachers is not None:
            routes += [
                Route("/login", self.login, methods=["GET", "POST"]),
                Mount("/teach", self.door.guarding(self.teachers.router)),
            ]
        self.app = Starlette(
            routes=routes,
            middleware=[Middleware(self._guarded)],
            exception_handlers={HTTPException: self._http, StudioError: self._studio},  # type: ignore[dict-item]
            lifespan=self._life,
        )
        self.app.router.redirect_slashes = False
        self.app.state.studio = self

    def _guarded(self, app: Any) -> RequestGuard:
        guard = RequestGuard(app, self.config, self._fault)
        self.health.answered = guard.answered
        return guard

    def _open_teachers(self) -> Any:
        from kindvoice.studio.teach.routes import Teachers
        from kindvoice.studio.teach.scripts import Desk

        folders = (Path.cwd(),) if self.config.alone else ()  # where the host works; nobody else sees it
        return Teachers(
            Desk(self.config.settings, folders), take_bytes=self.config.limits.take_bytes,
            leaving=self.config.teacher_hash is not None,
        )  # fmt: skip

    @contextlib.asynccontextmanager
    async def _life(self, app: Starlette) -> AsyncIterator[None]:
        own = not self.worker.running
        if own:
            await run_in_threadpool(self.worker.start)
        try:
            yield
        finally:
            self.live.close()
            if self.teachers is not None:
                await run_in_threadpool(self.teachers.close)
            await run_in_threadpool(self.previews.stop)
            if own:
                await run_in_threadpool(self.worker.stop)

    # ---------------------------------------------------------------- choosing, writing, making

    async def start(self, request: Request) -> Response:
        language = self.pages.language_of(request.scope)
        response = await run_in_threadpool(self.pages.start, language)
        remember_language(request, response, language)
        return response

    def _entry(self, language: str, practice: str) -> Entry:
        try:
            entry = self.choices.practice(practice, language)
            self.choices.range_ms(practice, language)
        except StudioError:
            raise HTTPException(404) from None
        return entry

    def _book(self, language: str) -> Phrasebook | None:
        try:
            return find_phrasebook(language, script_folders(self.config.settings))
        except ScriptError:
            return None

    async def make(self, request: Request) -> Response:
        entry = self._entry(request.path_params["language"], request.path_params["practice"])
        if request.method == "POST":
            fields = await read_form(request, self.config.limits.body_bytes)
            return await run_in_threadpool(self._sent, request, fields, entry, None)
        return await run_in_threadpool(self._empty, request, entry)

    def _empty(self, request: Request, entry: Entry) -> Response:
        voices = self.choices.voices_in(entry.language)
        wanted = self.config.settings.voice
        voice = next((v.name for v in voices if v.name == wanted), voices[0].name if voices else "")
        draft = first_draft(entry, self.choices, voice)
        return self.pages.make(request, entry, nature_of(entry), draft, self._book(entry.language))

    def _sent(
        self, request: Request, fields: Mapping[str, str], entry: Entry, order: Order | None
    ) -> Response:
        """What a button of the form asks for: another row, its forms, a phrase of the book, or the recording."""
        nature, book = nature_of(entry), self._book(entry.language)
        limits = self.config.limits
        draft = with_forms(read_draft(fields, limits), fields, nature, entry.language, book, limits)
        if "act" not in fields or fields["act"] != "make":
            draft = after_button(draft, fields, nature, entry.language, book, self.config.limits.phrases)
            return self.pages.make(
                request, entry, nature, draft, book, order=order, open_book="use" in fields
            )
        wrong, status = self._wrong(draft, nature, entry), 422
        if not wrong:
            wish = wish_of(draft, entry, nature)
            try:
                check_wish(wish, self.config, self.choices)
                spend(request, "order")
                spend(request, "minute", wish.length_ms / 60_000)
                source = client_key(request.scope)
                if order is None:
                    order = self.orders.place(wish, person_of(request), source)
                else:
                    order = self.orders.change(order.token, wish, source)
                return RedirectResponse(f"/r/{order.token}/", status_code=303)
            except StudioError as error:
                if error.kind == "gone":
                    raise
                wrong = [self._told(error, entry)]
                status = 503 if error.kind in {"full", "busy"} else 429 if error.kind == "many" else 422
        return self.pages.make(
            request, entry, nature, draft, book, problems=wrong, order=order, status=status
        )

    def _wrong(self, draft: OrderForm, nature: Nature, entry: Entry) -> list[tuple[str, str]]:
        range_ms = self.choices.range_ms(entry.practice, entry.language)
        return [
            self.pages.told(problem, entry.language, range_ms)
            for problem in problems(draft, nature, range_ms, self.config.limits)
        ]

    def _told(self, error: StudioError, entry: Entry) -> tuple[str, str]:
        say = say_for(entry.language)
        range_ms = self.choices.range_ms(entry.practice, entry.language)
        name, at = _KINDS.get(error.kind, ("trouble_about", ""))
        if name == "bad_length":
            return lasting(say, name, *range_ms), at
        return say[name].format_map({"most": self.config.limits.phrase_letters, "n": 1}), at

    async def forms(self, request: Request) -> Response:
        """A phrase's forms for others, as far as they are sure, and kind hints."""
        fields = await read_form(request, self.config.limits.body_bytes)
        entry = self._entry(fields.get("language", ""), fields.get("practice", ""))

        def answer() -> dict[str, object]:
            draft = read_draft({"self-1": fields.get("text", "")}, self.config.limits)
            row = draft.rows[0]
            if len(row.self) > self.config.limits.phrase_letters:
                return {"other": "", "together": "", "hints": []}
            row = formed(row, {}, nature_of(entry), entry.language, self._book(entry.language))
            hints = hint_texts(row.hints, say_for(entry.language))
            return {"other": row.other, "together": row.together, "hints": hints}

        return JSONResponse(await run_in_threadpool(answer))

    async def hear(self, request: Request) -> Response:
        """A phrase at once in any voice; or, where `try` says so, the bell or the background that is chosen.

        Without a script the whole form is sent, and the answer opens beside it.
        """
        fields = await read_form(request, self.config.limits.body_bytes)
        entry = self._entry(fields.get("language", ""), fields.get("practice", ""))
        kind = fields.get("try", "")

        def sound() -> bytes:
            spend(request, "preview")
            return (self._sound if kind else self._spoken)(fields, entry, request)

        try:
            heard = await run_in_threadpool(sound)
        except StudioError as error:
            status = {"busy": 503, "many": 429}.get(error.kind, 422)
            if "audio/*" not in request.headers.get("accept", ""):
                name = {"busy": "full", "many": "fast"}.get(error.kind, "not_played" if kind else "not_heard")
                return self.pages.message(
                    entry.language, "trouble", status=status, text=say_for(entry.language)[name]
                )
            return JSONResponse({"kind": error.kind}, status_code=status)
        name = "sound" if kind else "phrase"
        return Response(
            heard, media_type="audio/mpeg", headers={"content-disposition": f'inline; filename="{name}.mp3"'}
        )

    def _spoken(self, fields: Mapping[str, str], entry: Entry, request: Request) -> bytes:
        text = fields.get("text") or fields.get(f"self-{fields.get('say', '')}", "")
        voice = fields.get("say-voice") or fields.get("voice") or None
        own = read_draft({"self-1": text}, self.config.limits).rows[0].self
        book = self._book(entry.language)
        said = own or (example_of(book) if book else "") or entry.title
        source = client_key(request.scope)
        return self.previews.speak(said, entry.language, voice, person_of(request), source=source)

    def _sound(self, fields: Mapping[str, str], entry: Entry, request: Request) -> bytes:
        """What is chosen, or what the practice brings where nothing is."""
        kind = fields["try"]
        draft, nature = read_draft(fields, self.config.limits), nature_of(entry)
        chosen = {"bell": draft.bell or nature.own_bell, "bed": draft.bed or nature.own_bed}.get(kind, "")
        source = client_key(request.scope)
        return self.sounds.play(kind, chosen, person_of(request), source=source, gain_db=draft.gain_db)

    async def change(self, request: Request) -> Response:
        order = await self.recordings.find(request)
        entry = self._entry(order.wish.language, order.wish.practice)
        if request.method == "POST":
            fields = await read_form(request, self.config.limits.body_bytes)
            return await run_in_threadpool(self._sent, request, fields, entry, order)

        def page() -> Response:
            nature, book = nature_of(entry), self._book(entry.language)
            draft = draft_of(order.wish, nature, book)
            return self.pages.make(request, entry, nature, draft, book, order=order)

        return await run_in_threadpool(page)

    # ---------------------------------------------------------------- teachers' door, small things

    async def login(self, request: Request) -> Response:
        language = self.pages.language_of(request.scope)
        if request.method == "GET":
            return self.pages.login(request, language)
        fields = await read_form(request, self.config.limits.body_bytes)
        entered = await run_in_threadpool(self.door.enter, request, fields.get("password", ""))
        return entered or self.pages.login(request, language, wrong=True)

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


_KINDS = {
    "words": ("bad_words", "self-1"), "length": ("bad_length", "minutes"),
    "voice": ("failed_voice", ""), "full": ("full", ""), "busy": ("full", ""), "many": ("many", ""),
}  # fmt: skip
"""the kind of a fault, to a text and a field"""


_FORMS = r"/make/[A-Za-z-]{2,35}/[A-Za-z0-9_-]{1,100}|/r/[A-Za-z0-9_-]{1,64}/change"
"""addresses of forms where phrases are written"""
