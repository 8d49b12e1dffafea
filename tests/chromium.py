"""The system's Chromium, where there is one, and who visits pages with it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = next(
    (
        found
        for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
        if (found := shutil.which(name))
    ),
    None,
)
wants_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no Chromium; apt-get install chromium-headless-shell"
)
WIDE, PHONE, SMALL = (1280, 900), (390, 844), (320, 640)
SWITCHES = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--mute-audio", "--disable-gpu-compositing",
    "--num-raster-threads=1", "--renderer-process-limit=1",
]  # fmt: skip


@contextmanager
def started(*more: str) -> Iterator[Browser]:
    """A browser without a window. Not for a whole session: while it runs, no other test may have an event loop."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*SWITCHES, *more])
        yield browser
        _IDLE.clear()
        browser.close()


_IDLE: list[tuple[dict[str, object], BrowserContext]] = []
"""Contexts, and one tab in each, left as if nobody had been there: a new tab costs most of a second."""


@dataclass
class Visit:
    """One visitor, and everything that their browser asked for and complained of."""

    context: BrowserContext
    own: tuple[str, ...]
    """how addresses begin that a page may ask for"""
    size: tuple[int, int] = WIDE
    media: dict[str, object] = field(default_factory=dict)
    idle: list[Page] = field(default_factory=list)
    """a tab that is there already"""
    changed: bool = False
    """what was done to the tab cannot be undone: nobody gets it afterwards"""
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def new_page(self) -> Page:
        page = self.idle.pop() if self.idle else self.context.new_page()
        page.set_viewport_size({"width": self.size[0], "height": self.size[1]})
        usual = {"media": "null", "color_scheme": "light", "reduced_motion": "no-preference"}
        page.emulate_media(**(usual | self.media))
        for event, told in self._told.items():
            page.on(event, told)
        return page

    @cached_property
    def _told(self) -> dict[str, Callable[[Any], None]]:
        return {
            "request": lambda request: self.asked.append(request.url),
            "console": lambda said: self.complaints.append(f"{said.type}: {said.text}"),
            "pageerror": lambda error: self.complaints.append(str(error)),
        }

    def leave(self) -> None:
        if self.changed:
            self.context.close()
        else:
            self._tidy_up()
        outside = [url for url in self.asked if not url.startswith((*self.own, "blob:"))]
        assert not outside, "something reached elsewhere"

    def _tidy_up(self) -> None:
        """Nothing that was kept stays: no cookie, no words, no worker."""
        for page in self.context.pages[1:]:
            page.close()
        self.context.set_offline(False)
        self.context.clear_cookies()
        for page in self.context.pages:
            for event, told in self._told.items():
                with suppress(KeyError):  # a tab that was opened by a page
                    page.remove_listener(event, told)
            page.unroute_all(behavior="ignoreErrors")
            page.mouse.move(0, 0)
            places = {"/".join(url.split("/", 3)[:3]) for url in self.asked}
            left = {place for place in places if place.startswith("http") and not _forget(page, place)}
            page.goto("about:blank")
            browser = self.context.new_cdp_session(page)
            for place in places:
                browser.send("Storage.clearDataForOrigin", {"origin": place, "storageTypes": "all"})
            browser.detach()
            for place in left:
                page.route(f"{place}/", lambda route: route.fulfill(body="", content_type="text/html"))
                page.goto(f"{place}/")
                page.evaluate("sessionStorage.clear()")
            if left:
                page.unroute_all()
                page.goto("about:blank")


def _forget(page: Page, place: str) -> bool:
    """Whether what this tab alone keeps is gone for good, since the page that it shows is of this place."""
    from playwright.sync_api import Error

    with suppress(Error):  # it is on its way elsewhere, or what it shows is no page of a server
        return page.evaluate(
            """place => location.origin === place
                && (Storage.prototype.setItem = () => {}, sessionStorage.clear(), true)""",
            place,
        )
    return False


@contextmanager
def visitors(browser: Browser, *own: str, kind: type[Visit] = Visit) -> Iterator[Callable[..., Visit]]:
    """Visitors with a browser context each, made as by `new_context`."""
    everybody: list[tuple[dict[str, object], Visit]] = []

    def arrive(size: tuple[int, int] = WIDE, **more: object) -> Visit:
        media = {name: more.pop(name) for name in ("color_scheme", "reduced_motion") if name in more}
        idle = next((each for each in _IDLE if each[0] == more), None)
        if idle:
            _IDLE.remove(idle)
        context = idle[1] if idle else browser.new_context(**more)
        context.set_default_timeout(60_000)
        everybody.append((more, kind(context, own, size, media, context.pages)))
        return everybody[-1][1]

    yield arrive
    for options, visit in everybody:
        visit.leave()
        if not visit.changed:
            _IDLE.append((options, visit.context))


def until(page: Page, expression: str, seconds: float = 90) -> None:
    """Asks again and again: what playwright itself would do is evaluation, which our policies forbid."""
    from playwright.sync_api import Error

    end, pause_ms = time.monotonic() + seconds, 20.0
    while True:
        try:
            if page.evaluate(expression):
                return
        except Error as error:
            if not _left(error) and "of null" not in str(error):
                raise
        assert time.monotonic() < end, f"not in {seconds} s: {expression}"
        page.wait_for_timeout(pause_ms)
        pause_ms = min(pause_ms * 1.3, 200)


def violations(page: Page, *rules: str) -> list[object]:
    """What axe finds, of these rules or of all; left to itself it fetches style sheets, which our policies forbid.

    A page that is left for the next one while axe looks is looked at again, as that next one.
    """
    axe = pytest.importorskip("axe_playwright_python.base").AXE_SCRIPT
    options = {"preload": False, "resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    from playwright.sync_api import Error

    for again in (True, True, False):
        try:
            if not page.evaluate("'axe' in window"):
                page.evaluate(axe)
            return page.evaluate(_LOOK, options)
        except Error as error:
            if not (again and _left(error)):
                raise
            page.wait_for_load_state()
    raise AssertionError("it goes on and on to another page")


_LOOK = """options => axe.run(options).then(({violations}) => violations.map(
    ({id, nodes}) => [id, nodes.slice(0, 3).map(node => node.html.slice(0, 90))]))"""
"""Of all that axe has looked at, only what it finds goes through to here."""


def _left(error: Exception) -> bool:
    """Whether the page went on to another one while it was asked."""
    return "context was destroyed" in str(error)
