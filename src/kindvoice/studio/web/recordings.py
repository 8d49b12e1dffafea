"""What a link leads to: a recording while it is made and when it is there, its files, and its end."""

from __future__ import annotations

import re

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from kindvoice.errors import ManifestError
from kindvoice.publish.page.shown import PageTrack
from kindvoice.publish.page.words import size, words_for
from kindvoice.studio.host.assets import HERE, send_asset
from kindvoice.studio.host.clients import client_key
from kindvoice.studio.host.orders import Orders
from kindvoice.studio.host.security import read_form
from kindvoice.studio.host.wishes import MAKING, WAITING, Order
from kindvoice.studio.web.early import EarlySound
from kindvoice.studio.web.listening import send_file, send_part, track_of
from kindvoice.studio.web.live import Live
from kindvoice.studio.web.pages import Pages

_REPLACED = (FileNotFoundError, ManifestError)
"""Its files are not there: another version has taken their place just now, or it was deleted."""


class Recordings:
    """Everything below /r/ but the form."""

    def __init__(self, orders: Orders, pages: Pages, live: Live, body_bytes: int) -> None:
        self._orders, self._pages, self._live, self._body_bytes = orders, pages, live, body_bytes
        self.early = EarlySound(orders)
        self.routes: list[BaseRoute] = [
            Route("/r/{token}", self.slash),
            Route("/r/{token}/", self.order),
            Route("/r/{token}/events", self.events),
            Route("/r/{token}/app.webmanifest", self.manifest),
            Route("/r/{token}/offline.js", self.worker),
            Route("/r/{token}/early", self.early_sound),
            Route("/r/{token}/place", self.place),
            Route("/r/{token}/files", self.files),
            Route("/r/{token}/delete", self.delete, methods=["POST"]),
            Route("/r/{token}/v{version:int}/{name}", self.file),
            Route("/r/{token}/v{version:int}/lengths/{path:path}", self.lengths),
            Route("/deleted", self.deleted),
        ]

    def find(self, request: Request) -> Order:
        """The order that the link leads to. Raises HTTPException (404)."""
        order = self._orders.get(request.path_params["token"])
        if order is None:
            raise HTTPException(404)
        return order

    def slash(self, request: Request) -> Response:
        order = self.find(request)
        return RedirectResponse(f"/r/{order.token}/", status_code=308)

    def order(self, request: Request) -> Response:
        order = self.find(request)
        before = self._orders.waiting_before(order.token)
        try:
            return self._pages.order(request, order, before)
        except _REPLACED:
            newer = self._orders.get(order.token)
            if newer is None:
                raise HTTPException(404) from None
            return self._pages.order(request, newer, before)

    def _track(self, order: Order) -> PageTrack:
        try:
            return track_of(order)
        except _REPLACED:
            raise HTTPException(404) from None

    async def events(self, request: Request) -> Response:
        """How far it is, as it goes on."""
        order = await run_in_threadpool(self.find, request)
        return self._live.stream(order.token, client_key(request.scope))

    def manifest(self, request: Request) -> Response:
        """What a browser asks for that makes an app of the listening page. It holds nobody's words."""
        order = self.find(request)
        return JSONResponse(
            {
                "name": "kindvoice", "short_name": "kindvoice", "lang": order.wish.language,
                "start_url": "./", "scope": "./", "display": "standalone",
                "background_color": "#f7f4ee", "theme_color": "#f7f4ee",
                "icons": [{"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml"}],
            },
            media_type="application/manifest+json",
        )  # fmt: skip

    def worker(self, request: Request) -> Response:
        """The service worker of a finished order's page; there is none for any other."""
        order = self.find(request)
        if order.manifest is None:
            raise HTTPException(404)
        request.path_params["name"] = "offline.js"
        return send_asset(request, {"offline.js": HERE / "offline.js"})

    async def early_sound(self, request: Request) -> Response:
        """What is being made, as sound, from its beginning."""
        order = await run_in_threadpool(self.find, request)
        if order.state not in {WAITING, MAKING} or order.ready:
            raise HTTPException(404)
        return self.early.stream(order, client_key(request.scope))

    def place(self, request: Request) -> Response:
        """Where in the finished recording somebody is who hears this second (`at`) of its early sound; `busy_s`: for so
        long a line is being spoken there."""
        order = self.find(request)
        text = request.query_params.get("at", "")
        if not re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,9})?", text, re.ASCII):
            raise HTTPException(404)
        try:
            place = self.early.place(order, round(float(text) * 1000))
        except _REPLACED:
            raise HTTPException(404) from None
        return JSONResponse({"at": place[0] / 1000, "busy_s": place[1] / 1000})

    async def delete(self, request: Request) -> Response:
        """Also for one that is gone already, such as by the first of two clicks."""
        await read_form(request, self._body_bytes)
        token = request.path_params["token"]
        order = await run_in_threadpool(self._orders.get, token)
        await run_in_threadpool(self._orders.delete, token)
        language = order.wish.language if order else self._pages.language_of(request.scope)
        return RedirectResponse(f"/deleted?language={language}", status_code=303)

    def deleted(self, request: Request) -> Response:
        return self._pages.message(self._pages.language_of(request.scope), "deleted", status=200)

    def files(self, request: Request) -> Response:
        """The sound files that are there: a further format may come a little later than the page."""
        order = self.find(request)
        if order.manifest is None:
            return JSONResponse({"version": 0, "sounds": []})
        track = self._track(order)
        words = words_for(order.wish.language)
        sounds = [
            {"href": file.href, "name": file.name, "label": file.label, "size": size(file.bytes, words)}
            for file in track.sounds
        ]
        return JSONResponse({"version": order.ready, "sounds": sounds, "lengths": order.lengths is not None})

    def lengths(self, request: Request) -> Response:
        """The page where the minutes are chosen, with its files."""
        order = self.find(request)
        path = request.path_params["path"] or "index.html"
        if order.lengths is None or request.path_params["version"] != order.ready:
            raise HTTPException(404)
        if not re.fullmatch(r"(?:media/)?[a-z0-9][a-z0-9-]*\.[a-z0-9]{2,4}", path, re.ASCII):
            raise HTTPException(404)
        try:
            return send_part(order.lengths / path)
        except FileNotFoundError:
            raise HTTPException(404) from None

    def file(self, request: Request) -> Response:
        order = self.find(request)
        if order.manifest is None or request.path_params["version"] != order.ready:
            raise HTTPException(404)
        href = f"v{order.ready}/{request.path_params['name']}"
        for file in self._track(order).files:
            if file.href == href and file.source.path.is_file():
                return send_file(file)
        raise HTTPException(404)
