"""A teachers' part of a studio for tests: behind the studio's own guard, with a voice that needs nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from studiobrowser import listening

from kindvoice.settings import Settings
from kindvoice.studio.host.config import make_config
from kindvoice.studio.host.login import Door
from kindvoice.studio.host.security import RequestGuard, RequestRefused, form_token, read_form
from kindvoice.studio.teach.routes import Teachers
from kindvoice.studio.teach.scripts import Desk

SCRIPT = """\
---
title: A Kind Morning
language: en
voice: tone
phrases: ["May I be safe.", "May I be kind to myself."]
---
# Arriving
[bell]
Find a position that feels comfortable. [pause 4s]
You can move, open your eyes, or stop at any time. [pause 6s]

# Phrases
{% for phrase in phrases %}
{{ phrase }} [pause 5s]
{% endfor %}
# Closing
Thank you for being here. [pause 2s]
"""


def settings_in(base: Path) -> Settings:
    return Settings(cache=base / "cache", takes=base / "takes", output=base / "out", voice="tone")


def teachers_in(base: Path, text: str = SCRIPT) -> Teachers:
    """One script, morning.md, in a folder of its own."""
    scripts = base / "scripts"
    scripts.mkdir(parents=True, exist_ok=True)
    (scripts / "morning.md").write_text(text, encoding="utf-8")
    return Teachers(Desk(settings_in(base), (scripts,)))


def app_of(teachers: Teachers, base: Path, door: Door | None = None) -> RequestGuard:
    """door: the pages are behind it, as the studio's are."""

    async def refused(request: Request, error: Exception) -> PlainTextResponse:
        assert isinstance(error, RequestRefused)
        return PlainTextResponse(error.kind, error.status)

    async def login(request: Request) -> Response:
        if request.method == "GET":
            token = form_token(request)
            field = f'<input type="hidden" name="token" value="{token}">'
            return HTMLResponse(
                f'<form method="post">{field}<input name="password"><button>In</button></form>'
            )
        fields = await read_form(request, 1_000)
        return door.enter(request, fields["password"]) or PlainTextResponse("no", 403)

    pages = door.guarding(teachers.router) if door else teachers.router

    async def token(request: Request) -> Response:
        return HTMLResponse(form_token(request))

    app = Starlette(
        routes=[
            Route("/token", token),
            Mount("/teach", app=pages),
            *([Route("/login", login, methods=["GET", "POST"])] if door else []),
        ],
        exception_handlers={RequestRefused: refused},
    )
    config = make_config(settings_in(base), data=base / "data")
    return RequestGuard(app, config, lambda scope, status, kind: PlainTextResponse(kind, status))


def door_in(base: Path, password: str, clock: Callable[[], float]) -> Door:
    return Door(make_config(settings_in(base), data=base / "data", password=password), clock)


@contextlib.contextmanager
def served(teachers: Teachers, base: Path, door: Door | None = None) -> Iterator[str]:
    """The address of a running server."""
    with listening(app_of(teachers, base, door)) as address:
        try:
            yield f"{address}/teach"
        finally:
            teachers.close()
