"""The system's Chromium, where there is one, and who visits pages with it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
wants_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; apt-get install chromium")
WIDE, PHONE, SMALL = (1280, 900), (390, 844), (320, 640)
SWITCHES = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--mute-audio",
]  # fmt: skip


@contextmanager
def started(*more: str) -> Iterator[Browser]:
    """A browser without a window. Not for a whole session: while it runs, no other test may have an event loop."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*SWITCHES, *more])
        yield browser
        browser.close()


@dataclass
class Visit:
    """One visitor, and everything that their browser asked for and complained of."""

    context: BrowserContext
    own: tuple[str, ...]
    """how addresses begin that a page may ask for"""
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def new_page(self) -> Page:
        page = self.context.new_page()
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda said: self.complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def leave(self) -> None:
        self.context.close()
        outside = [url for url in self.asked if not url.startswith((*self.own, "blob:"))]
        assert not outside, "something reached elsewhere"


@contextmanager
def visitors(browser: Browser, *own: str, kind: type[Visit] = Visit) -> Iterator[Callable[..., Visit]]:
    """Visitors with a browser context each, made as by `new_context`."""
    everybody: list[Visit] = []

    def arrive(size: tuple[int, int] = WIDE, **more: object) -> Visit:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **more)
        context.set_default_timeout(60_000)
        everybody.append(kind(context, own))
        return everybody[-1]

    yield arrive
    for visit in everybody:
        visit.leave()


def until(page: Page, expression: str, seconds: float = 90) -> None:
    """Asks again and again: what playwright itself would do is evaluation, which our policies forbid."""
    from playwright.sync_api import Error

    end = time.monotonic() + seconds
    while True:
        try:
            if page.evaluate(expression):
                return
        except Error as error:
            if not _left(error) and "of null" not in str(error):
                raise
        assert time.monotonic() < end, f"not in {seconds} s: {expression}"
        page.wait_for_timeout(50)


def violations(page: Page, *rules: str) -> list[object]:
    """What axe finds, of these rules or of all; left to itself it fetches style sheets, which our policies forbid.

    A page that is left for the next one while axe looks is looked at again, as that next one.
    """
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    options = {"preload": False, **({"runOnly": list(rules)} if rules else {})}
    from playwright.sync_api import Error

    for again in (True, True, False):
        try:
            found = axe.run(page, options=options).response["violations"]
            break
        except Error as error:
            if not (again and _left(error)):
                raise
            page.wait_for_load_state()
    return [(each["id"], [node["html"][:90] for node in each["nodes"]][:3]) for each in found]


def _left(error: Exception) -> bool:
    """Whether the page went on to another one while it was asked."""
    return "context was destroyed" in str(error)
