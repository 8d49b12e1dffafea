"""A studio that is served for real, and browsers without a window that visit it."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import uvicorn
from chromium import PHONE, SMALL, WIDE, Visit, until, violations
from starlette.types import ASGIApp

from kindvoice.studio.app import Studio
from kindvoice.studio.host.choices import Choices, read_choices
from kindvoice.studio.host.config import Config
from kindvoice.studio.host.orders import Orders
from kindvoice.studio.host.worker import OrderWorker

if TYPE_CHECKING:
    from playwright.sync_api import Page

PRIVATE = "myself|calm|tired|friend|genug|ashamed|gentle with"
"""words of the tests' own phrases, which no address may hold"""


@dataclass(frozen=True)
class Served:
    url: str
    orders: Orders
    config: Config
    streams: Callable[[], int] = lambda: 0
    """how many pages are told of their progress"""


@contextmanager
def served(config: Config, choices: Choices | None = None) -> Iterator[Served]:
    """A studio that runs on a port of its own."""
    orders, chosen = Orders(config), choices or read_choices(config)
    studio = Studio(config, orders, OrderWorker(config, orders, chosen), chosen)
    with listening(studio.app) as url:
        yield Served(url, orders, config, lambda: studio.live.open)
    orders.close()


@contextmanager
def listening(app: ASGIApp) -> Iterator[str]:
    """The address, such as http://127.0.0.1:4711, where an application is served meanwhile."""
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=2, ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [port]}, daemon=True)
        thread.start()
        end = time.monotonic() + 180
        while not server.started:
            assert thread.is_alive() and time.monotonic() < end, "the studio did not start"
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{port.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(120)


class Guest(Visit):
    """Who visits the studio, with one page."""

    @cached_property
    def page(self) -> Page:
        return self.new_page()

    @property
    def base(self) -> str:
        return self.own[0]

    def go(self, path: str) -> Page:
        self.page.goto(self.base + path)
        return self.page

    def leave(self) -> None:
        super().leave()
        for url in self.asked:
            assert not re.search(PRIVATE, url.split("/r/")[0]), "words in an address"


def listenable(page: Page, seconds: float = 180) -> None:
    """Waits for the page to have a recording that a browser can play."""
    over = "document.readyState === 'complete' && !document.getElementById('progress')"
    until(page, f"({over}) || !!document.getElementById('player')", seconds)
    assert page.locator("#player").count(), page.inner_text("main")
    until(page, "document.getElementById('sound').readyState > 0")


def playing(page: Page) -> None:
    """The recording is heard: it may have begun by itself, where it was heard before it was made."""
    until(page, "sound.currentTime > 0.3 || (sound.paused && play.click())")


def problems(page: Page) -> list[object]:
    """What leaves somebody out: what axe finds, pale words in the dark, and what `_too_large_or_small` does."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")  # no colour is on its way to another
    found = violations(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found += violations(page, "color-contrast")
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    for width, height in (SMALL, PHONE, WIDE):
        page.set_viewport_size({"width": width, "height": height})
        found += _too_large_or_small(page, width)
    return found


def _too_large_or_small(page: Page, width: int) -> list[object]:
    """What is wider than the page, and what is too small for a finger."""
    found: list[object] = []
    if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
        found.append(f"{wide} wide")
    found += page.evaluate("""() => [...document.querySelectorAll('button, a, input, select, summary, textarea')]
        .filter((e) => e.offsetParent && !e.closest('p, .skip, .card')
            && !e.matches('.default, [type=hidden], [type=radio], [type=checkbox]'))
        .map((e) => [e.outerHTML.slice(0, 60), e.getBoundingClientRect()])
        .filter(([, box]) => box.width && (box.height < 24 || box.width < 24)).map(([told]) => told)""")
    return found
