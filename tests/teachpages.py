"""A teachers' part of a studio for tests: behind the studio's own guard, with a voice that needs nothing."""

from __future__ import annotations

import contextlib
import io
import re
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from studiobrowser import listening

from kindvoice.engines import tone
from kindvoice.model import Voice
from kindvoice.settings import Settings
from kindvoice.studio.host.config import make_config
from kindvoice.studio.host.login import Door
from kindvoice.studio.host.security import RequestGuard, RequestRefused, form_token, read_form
from kindvoice.studio.teach import scripts
from kindvoice.studio.teach.routes import Teachers
from kindvoice.studio.teach.scripts import Desk, script_id
from kindvoice.studio.teach.tasks import TeachTask
from kindvoice.takes import Takes

VOICE = Voice(name="tone", title="Tone", engine="tone", language="en", licence="x", credit="x")
LINE = "Find a position that feels comfortable."
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
    own = base / "scripts"
    own.mkdir(parents=True, exist_ok=True)
    (own / "morning.md").write_text(text, encoding="utf-8")
    return Teachers(Desk(settings_in(base), (own,)))


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


@cache
def _some_of_the_library() -> list[Path]:
    return [*scripts._library_paths()][::40]


@contextlib.contextmanager
def small_library() -> Iterator[None]:
    """Some scripts of each language: a list of them all is most of a second's work in each browser that opens it."""
    some = _some_of_the_library()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scripts, "_library_paths", lambda: iter(some))
        yield


class Browser:
    """A teacher's browser: one session, one script."""

    def __init__(self, base: Path, teachers: Teachers | None = None) -> None:
        self.base = base
        self.teachers = teachers or teachers_in(base)
        self.workshop, self.desk = self.teachers.workshop, self.teachers.desk
        self.path = base / "scripts" / "morning.md"
        self.client = TestClient(app_of(self.teachers, base), base_url="http://127.0.0.1")
        self.script = f"/teach/scripts/{script_id(self.path)}"
        self.token = self.client.get("/token").text

    @property
    def takes(self) -> Takes:
        return Takes(self.base / "takes")

    @property
    def drafts(self) -> list[Path]:
        return list(self.workshop.folder("drafts").iterdir())

    def get(self, address: str):
        return self.client.get(f"{self.script}{address}")

    def post(self, address: str, **more):
        headers = {"x-token": self.token, "accept": "application/json"}
        return self.client.post(address, headers=headers, **more)

    def lines(self, way: str = "/record") -> list[str]:
        return re.findall(r'data-line="(\d+/\w+)"', self.get(way).text)

    def send(self, line: str, body: bytes, sitting: str = "s"):
        return self.post(f"{self.script}/drafts/{line}?sitting={sitting}", content=body)

    def draft(self, sitting: str = "s") -> str:
        """The first line, recorded and not kept yet."""
        answer = self.send(self.lines()[0], recorded(LINE), sitting)
        assert answer.status_code == 200, answer.text
        return f"/teach/drafts/{answer.json()['draft']}"

    def make(self, part: str, **more: str) -> TeachTask:
        form = {"token": self.token, "part": part, **more}
        answer = self.client.post(f"{self.script}/make", data=form, headers={"accept": "application/json"})
        assert answer.status_code == 200, answer.text
        return over(self.workshop.get(answer.json()["piece"]))


def over(piece: TeachTask) -> TeachTask:
    late = time.monotonic() + 180
    while not piece.state.over:
        assert time.monotonic() < late
        time.sleep(0.01)
    return piece


@cache
def recorded(text: str) -> bytes:
    hum = np.repeat(tone.speak(text, VOICE)[0], 2)
    whole = np.concatenate([np.zeros(33_600), hum, np.zeros(24_000)])
    whole += np.random.default_rng(1).standard_normal(len(whole)) * 3e-5
    file = io.BytesIO()
    soundfile.write(file, whole, 48_000, format="WAV", subtype="PCM_24")
    return file.getvalue()
