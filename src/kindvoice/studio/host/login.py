"""The door to the teachers' pages: open on one's own computer, else a password, set by the host."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from kindvoice.plan.participant import fold
from kindvoice.store import write_aside
from kindvoice.studio.host.clients import client_key
from kindvoice.studio.host.config import Config
from kindvoice.studio.host.keys import check_password, read_secret
from kindvoice.studio.host.limits import Buckets
from kindvoice.studio.host.security import RequestRefused, read_form

COOKIE = "kindvoice_teacher"
LEAVE = "/teach/leave"
STAYS_S = 12 * 3600
"""how long a teacher is let in"""
_PATIENCE_S = 2.0
"""for those before to have tried: a guess takes time and 32 MiB"""


class Door:
    def __init__(self, config: Config, clock: Callable[[], float] = time.time) -> None:
        """clock: Unix time in seconds."""
        shared = {"": config.teacher_hash} if config.teacher_hash is not None else {}
        self._hashes = {**shared, **config.teachers}
        """by name; under an empty one, that of the password which all may share"""
        self._clock = clock
        self._secret = read_secret(config.data)
        per_minute = config.limits.logins_per_minute
        self._tries = Buckets(per_minute, 60)
        at_once = max(10.0, per_minute)
        self._all_tries = Buckets(at_once, 6 * at_once / per_minute)
        # Guesses from many addresses keep nobody out who comes from another.
        self._first_tries = Buckets(1, 3600)
        self._checking = threading.Semaphore(2)
        self._left_file = config.data / "left.json"
        self._left = self._read_left()
        """until when, by signature: stays that ended by leaving, and are over wherever their cookie still is"""
        self.teach = config.alone or bool(self._hashes)
        """whether there are pages for teachers at all"""
        self.named = bool(config.teachers)
        """whether teachers have names"""

    def enter(self, request: Request, password: str, name: str = "") -> Response | None:
        """The way in for whoever knows the password; None for whoever does not. Call it from a thread.

        Raises Refused (429) for too many tries.
        """
        key = client_key(request.scope)
        wait_s = self._tries.take(key) or (self._first_tries.take(key) and self._all_tries.take(""))
        if wait_s:
            raise RequestRefused(429, "login", wait_s)
        who = next((known for known in self._hashes if fold(known) == fold(name.strip())), None)
        # A name that is not known takes as long as one that is.
        hashed = next(iter(self._hashes.values()), None) if who is None else self._hashes[who]
        if hashed is None or not self._right(password, hashed) or who is None:
            return None
        until = int(self._clock()) + STAYS_S
        response = RedirectResponse("/teach/", status_code=303)
        response.set_cookie(
            COOKIE, f"{until}.{self._signed(request.state.session, until, who)}", max_age=STAYS_S, httponly=True,
            samesite="strict", secure=request.url.scheme == "https", path="/teach",
        )  # fmt: skip
        return response

    def _right(self, password: str, hashed: str) -> bool:
        if not self._checking.acquire(timeout=_PATIENCE_S):
            raise RequestRefused(429, "login", _PATIENCE_S)
        try:
            return check_password(password, hashed)
        finally:
            self._checking.release()

    def is_open(self, request: Request) -> bool:
        return self.who(request) is not None

    def who(self, request: Request) -> str | None:
        """The name of the teacher who asks, empty for one who has none; None for whoever has not come in."""
        if not self._hashes:
            return "" if self.teach else None
        until, _, signed = request.cookies.get(COOKIE, "").partition(".")
        if not (until.isascii() and until.isdigit() and len(until) < 12) or int(until) < self._clock():
            return None
        if signed in self._left:
            return None
        session = request.state.session
        names = [
            name for name in self._hashes
            if hmac.compare_digest(signed.encode(), self._signed(session, int(until), name).encode())
        ]  # fmt: skip
        return names[0] if names else None

    def _signed(self, session: str, until: int, name: str) -> str:
        # With another password, everybody who came in with the old one is out.
        secret = self._secret + self._hashes[name].encode()
        claim = f"teacher:{session}:{until}" + (f":{name}" if name else "")
        return hmac.new(secret, claim.encode(), hashlib.sha256).hexdigest()

    def guarding(self, app: ASGIApp) -> ASGIApp:
        """The application for those who may come in; others are shown the door."""

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            request = Request(scope, receive)
            scope.setdefault("state", {})["teacher"] = who = self.who(request)
            if who is None:
                if request.method not in {"GET", "HEAD"}:
                    raise RequestRefused(403, "door")
                await RedirectResponse("/login", status_code=303)(scope, receive, send)
            elif request.method == "POST" and scope["path"] == LEAVE:
                await (await self._leave(request))(scope, receive, send)
            else:
                await app(scope, receive, send)

        return guarded

    def _read_left(self) -> dict[str, int]:
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            left = json.loads(self._left_file.read_text("utf-8"))
            return self._still({str(signed): int(until) for signed, until in left.items()})
        return {}

    def _still(self, left: Mapping[str, int]) -> dict[str, int]:
        """Those whose time would not be over by itself."""
        return {signed: until for signed, until in left.items() if until >= self._clock()}

    async def _leave(self, request: Request) -> Response:
        """Out again, on a computer that others use too."""
        await read_form(request, 1_000)
        if self._hashes:
            until, _, signed = request.cookies.get(COOKIE, "").partition(".")
            self._left = {**self._still(self._left), signed: int(until)}
            with contextlib.suppress(OSError):  # without a disk it is remembered until the next start
                write_aside(self._left_file, json.dumps(self._left).encode(), 0o600)
        response = RedirectResponse("/", status_code=303)
        response.delete_cookie(COOKIE, path="/teach", httponly=True, samesite="strict")
        return response
