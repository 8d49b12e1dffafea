"""What stands between the network and the pages: hosts, headers, sessions, tokens, sizes, pace; faults without traces.

Nothing that somebody sent is ever logged: a refusal is told by its kind and the method, a fault by its type and the
lines of our own code that it passed.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import re
import secrets
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request, cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kindvoice.studio.host.clients import Clients, client_key, from_here
from kindvoice.studio.host.config import Config, is_address, is_loopback
from kindvoice.studio.host.keys import read_secret
from kindvoice.studio.host.limits import Buckets

log = logging.getLogger("kindvoice.studio")

COOKIE = "kindvoice"
HOST_COOKIE = f"__Host-{COOKIE}"
"""over https: no other name below the same domain can set one that is called so (RFC 6265bis, 4.1.3.2)"""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
"""Nothing but our own files, and sounds that a script has just been given or recorded."""
HEADERS = MappingProxyType({
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not no-referrer: with that a browser sends `Origin: null` with our own forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), payment=(), usb=(), microphone=(self)",
    "x-robots-tag": "noindex, nofollow",
})  # fmt: skip
MOST_FIELDS = 120
"""in one form"""
BODY_S = 20.0
"""in which a form has to have arrived"""
MOST_PATH, MOST_QUERY = 1_000, 8_000
"""letters of an address, and of what stands behind its question mark"""
_SAFE = frozenset({"GET", "HEAD"})
_COOKIE_LETTERS = 32


class RequestRefused(Exception):
    """A request that is not answered. kind: method, host, pace, origin, site, size,
    slow, form, token, login, door, streams. Holds nothing of it."""

    def __init__(self, status: int, kind: str, retry_s: float = 0.0) -> None:
        super().__init__(kind)
        self.status = status
        self.kind = kind
        self.retry_s = retry_s


OnFault = Callable[[Scope, int, str], Response]
"""the request's scope, a status and a kind to a page that tells of it"""


class RequestGuard:
    """The outermost ASGI layer. Puts `session`, `person` and `form_token` into the request's state."""

    def __init__(self, app: ASGIApp, config: Config, on_fault: OnFault) -> None:
        self._app = app
        self._config = config
        self._on_fault = on_fault
        self._secret = read_secret(config.data)
        self.clients = Clients(config)
        self._refusals = Refusals()
        self._advised = False
        self.answered: dict[tuple[str, int], int] = {}
        """how many, by method and status"""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = False
        new_cookie = self._open_session(scope)

        async def sending(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                began = True
                self._finish(scope, message, new_cookie)
            await send(message)

        try:
            self._check(scope)
            with self.clients.at_once(scope) as room:
                if not room:
                    raise RequestRefused(429, "pace", 5)
                await self._app(scope, receive, sending)
        except ClientDisconnect:
            return
        except RequestRefused as refused:
            self._refusals.tell(f"refused {_method(scope)}: {refused.kind} {refused.status}")
            response = self._on_fault(scope, refused.status, refused.kind)
            if refused.retry_s:
                response.headers["retry-after"] = str(max(1, round(min(refused.retry_s, 3600))))
            if not began:
                await response(scope, receive, sending)
        except Exception as error:  # noqa: BLE001 - the last resort; a message may hold somebody's words
            log.error("fault on %s: %s at %s", _method(scope), type(error).__name__, _path_of(error))
            if began:
                # The rest of the answer is missing: without this, what came would pass as whole.
                raise Broken from None
            await self._on_fault(scope, 500, "trouble")(scope, receive, sending)

    # ---- before

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        if scope["method"] not in {"GET", "HEAD", "POST"}:
            raise RequestRefused(405, "method")
        if not allowed_host(headers.getlist("host"), self._config):
            raise RequestRefused(421, "host")
        self._advise(scope, headers)
        if wait_s := self.clients.pace(scope):
            raise RequestRefused(429, "pace", wait_s)
        if len(scope["path"]) > MOST_PATH or len(scope["query_string"]) > MOST_QUERY:
            raise RequestRefused(414, "size")
        if scope["method"] in _SAFE:
            _check_site(headers)
        else:
            _check_origin(headers, scope["scheme"])
        length = headers.get("content-length", "0")
        if not re.fullmatch("[0-9]{1,15}", length) or int(length) > self._config.limits.take_bytes:
            raise RequestRefused(413, "size")

    def _advise(self, scope: Scope, headers: Headers) -> None:
        """Tells the host, once, of a proxy that does not say for whom it asks."""
        if self._advised or not self._config.proxies or from_here(scope, headers["host"]):
            return
        lacking = [name for name in ("X-Forwarded-For", "X-Forwarded-Proto") if name not in headers]
        if lacking and client_key(scope) in self._config.proxies:
            self._advised = True
            log.warning(
                "the proxy sends no %s: visitors share their limits, or cookies are not for https alone",
                " and no ".join(lacking),
            )

    def _open_session(self, scope: Scope) -> str | None:
        """Gives the new cookie's value where there was none."""
        session = _cookie(Headers(scope=scope).getlist("cookie"), _cookie_name(scope))
        fresh = session is None
        session = session or secrets.token_urlsafe(_COOKIE_LETTERS * 3 // 4)
        state = scope.setdefault("state", {})
        state["clients"] = self.clients
        state["session"] = session
        state["person"] = self._signed("person", session)
        state["form_token"] = self._signed("form", session)
        return session if fresh else None

    def _signed(self, what: str, session: str) -> str:
        return hmac.new(self._secret, f"{what}:{session}".encode(), hashlib.sha256).hexdigest()

    # ---- after

    def _finish(self, scope: Scope, message: Message, new_cookie: str | None) -> None:
        key = (_method(scope), message["status"])
        self.answered[key] = self.answered.get(key, 0) + 1
        headers = MutableHeaders(scope=message)
        for name, value in HEADERS.items():
            headers[name] = value
        headers.setdefault("cache-control", "no-store")
        # Only a page that has a form wants a session.
        if new_cookie and headers.get("content-type", "").startswith("text/html"):
            secure = "; Secure" if scope.get("scheme") == "https" else ""
            name = _cookie_name(scope)
            headers.append("set-cookie", f"{name}={new_cookie}; Path=/; HttpOnly; SameSite=Lax{secure}")


class Broken(Exception):
    """An answer that ends too early. Says nothing of why."""


def _method(scope: Scope) -> str:
    """Never more than a known word: a method is text from the network too."""
    method = str(scope["method"])
    return method if method in {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"} else "?"


def _path_of(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames[-6:]))


def _cookie_name(scope: Scope) -> str:
    return HOST_COOKIE if scope.get("scheme") == "https" else COOKIE


def _cookie(headers: list[str], name: str) -> str | None:
    """Read as browsers write it: a cookie of another program on this host, however odd, does not hide ours."""
    cookie = cookie_parser("; ".join(headers)).get(name, "")
    return cookie if len(cookie) == _COOKIE_LETTERS and set(cookie) <= _BASE64URL else None


_BASE64URL = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def allowed_host(hosts: list[str], config: Config) -> bool:
    """Whether a browser may ask for this host. Against pages elsewhere whose name is made to lead here (DNS rebinding).

    Exactly one Host header; loopback's own names, the studio's names, and, when it is bound beyond this computer, any
    plain address: rebinding wants a name.
    """
    if len(hosts) != 1 or len(hosts[0]) > 255:
        return False
    try:
        parts = urlsplit(f"//{hosts[0]}")
        name, _ = (parts.hostname or "").casefold().rstrip("."), parts.port
    except ValueError:
        return False
    if parts.netloc != hosts[0] or parts.username is not None or not name:
        return False
    if is_loopback(name) or name in {own.casefold() for own in config.names}:
        return True
    return not is_loopback(config.host) and (is_address(name) or name == config.host.casefold())


def _check_site(headers: Headers) -> None:
    """Other sites may link to a page and do nothing else with us: no picture, sound, script or frame of ours there.

    Browsers say what for (Fetch Metadata, W3C); who says nothing is none, or an old one.
    """
    if headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}:
        return
    if (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) != ("navigate", "document"):
        raise RequestRefused(403, "site")


def _check_origin(headers: Headers, scheme: str) -> None:
    """A form comes from our own page. Browsers say where from; who says nothing still needs the token."""
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise RequestRefused(403, "origin")
    for origin in headers.getlist("origin"):
        # Not the other way round: a proxy may speak https and not say so.
        own = {"https"} if scheme == "https" else {"http", "https"}
        if origin.casefold() not in {f"{each}://{headers['host'].casefold()}" for each in own}:
            raise RequestRefused(403, "origin")


class Refusals:
    """Tells of each one; of many alike within a short time, how many there were. A flood must not fill the disk."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._told = Buckets(30, 60, clock=clock)
        self._untold: Counter[str] = Counter()

    def tell(self, line: str) -> None:
        """line: the kind of it; never anything that was sent."""
        if self._told.take(line):
            self._untold[line] += 1
            return
        more = self._untold.pop(line, 0)
        log.warning("%s%s", line, f" (and {more} like it before)" if more else "")


# ---------------------------------------------------------------- what is sent to us


def person_of(request: Request) -> str:
    """Whose request it is: 64 hexadecimal digits that lead to nobody."""
    return str(request.state.person)


def form_token(request: Request) -> str:
    """For the hidden field `token` of a form, or the header `X-Token`."""
    return str(request.state.form_token)


def spend(request: Request, deed: str, cost: float = 1.0) -> None:
    """Counts an `order`, a `minute` of it or a `preview` against the address that it comes from. Raises StudioError
    (many)."""
    clients: Clients = request.state.clients
    clients.spend(request.scope, deed, cost)


def check_token(request: Request, token: str | None) -> None:
    """Raises Refused when the form is not one that this browser was given."""
    if not token or not hmac.compare_digest(token.encode("utf-8", "replace"), form_token(request).encode()):
        raise RequestRefused(403, "token")


async def read_body(request: Request, most_bytes: int, most_s: float) -> bytes:
    """What was sent, not more than that and not slower. Raises Refused."""
    if int(request.headers.get("content-length", "0")) > most_bytes:
        raise RequestRefused(413, "size")
    body = bytearray()
    try:
        async with asyncio.timeout(most_s):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most_bytes:
                    raise RequestRefused(413, "size")
    except TimeoutError:
        raise RequestRefused(408, "slow") from None
    return bytes(body)


async def read_form(request: Request, most_bytes: int) -> Mapping[str, str]:
    """The fields of a form with our token in it, each once. Raises Refused."""
    if (
        request.headers.get("content-type", "").partition(";")[0].strip().lower()
        != "application/x-www-form-urlencoded"
    ):
        raise RequestRefused(415, "form")
    body = await read_body(request, most_bytes, BODY_S)
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise RequestRefused(400, "form") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise RequestRefused(400, "form")
    check_token(request, fields.get("token"))
    return fields
