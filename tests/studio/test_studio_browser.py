"""The participant's way in a real browser: written, heard, made, listened to, changed; by mouse, keyboard and phone."""

from __future__ import annotations

import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
import uvicorn
from studioweb import PATH, make_studio_config

from kindvoice.studio.app import create_app
from kindvoice.studio.choices import read_choices
from kindvoice.studio.orders import Orders
from kindvoice.studio.worker import Worker

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; apt-get install chromium"),
]
SWITCHES = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--mute-audio",
]  # fmt: skip
WIDE, PHONE = (1280, 900), (390, 844)


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Iterator[str]:
    """The address of a studio that runs."""
    config = make_studio_config(tmp_path_factory.mktemp("studio"))
    orders, chosen = Orders(config), read_choices(config)
    app = create_app(config, orders, Worker(config, orders, chosen), choices=chosen)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=2))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(15)
    orders.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


@dataclass
class Visit:
    page: sync_api.Page
    base: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> sync_api.Page:
        self.page.goto(self.base + path)
        return self.page


@pytest.fixture
def visit(chromium, base) -> Iterator[Callable[..., Visit]]:
    visits: list[tuple[sync_api.BrowserContext, Visit]] = []

    def arrive(size: tuple[int, int] = WIDE, **more: object) -> Visit:
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, **more)
        context.set_default_timeout(10_000)
        page = context.new_page()
        made = Visit(page, base)
        page.on("request", lambda request: made.asked.append(request.url))
        page.on("console", lambda said: made.complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: made.complaints.append(str(error)))
        visits.append((context, made))
        return made

    yield arrive
    for context, made in visits:
        assert all(url.startswith((base, "blob:")) for url in made.asked), "something reached elsewhere"
        for url in made.asked:
            assert not re.search(r"myself|calm|tired|friend|genug", url.split("/r/")[0]), (
                "words in an address"
            )
        context.close()


def until(page: sync_api.Page, told: str, seconds: float = 20) -> None:
    """Asks again and again: what playwright itself would do is evaluation, which our policy forbids."""
    end = time.monotonic() + seconds
    while True:
        try:
            if page.evaluate(told):
                return
        except sync_api.Error as error:
            if "context was destroyed" not in str(error) and "of null" not in str(error):
                raise
        assert time.monotonic() < end, told
        page.wait_for_timeout(50)


def make(page: sync_api.Page) -> None:
    until(page, "!!document.getElementById('player')", 40)
    until(page, "document.getElementById('sound').readyState > 0")


def test_the_whole_way(visit):
    here = visit()
    page = here.go("/")
    page.click("text=A Kind Minute")
    page.fill("#self-1", "May I be kind to myself")
    until(page, "document.getElementById('other-1').value === 'May you be kind to yourself.'")
    page.fill("#self-2", "May I be a friend to myself")
    until(page, "document.querySelectorAll('#phrase-2 .lacking').length === 1")
    page.click("#suggestions > summary")
    page.click(".need >> nth=0 >> summary")
    page.click(".need >> nth=0 >> .use >> nth=1")
    assert page.input_value("#together-3") == "May you and I feel safe in our bodies."
    page.click("#another")
    assert page.evaluate("document.activeElement.id") == "self-4"
    page.click("#phrase-4 .remove")
    page.click("#phrase-1 .hear")
    until(page, "document.querySelector('#phrase-1 .hear').classList.contains('heard')")
    until(page, "!document.querySelector('#phrase-1 .hear').classList.contains('heard')")
    page.click("button[data-voice=tone]")
    until(page, "document.querySelector('[data-voice=tone]').classList.contains('heard')")
    page.click("[data-by='1']")
    assert page.input_value("#minutes") == "2"
    page.click("button.main")
    until(page, "document.activeElement?.id === 'problems'")
    assert "Phrase 2" in page.inner_text("#problems")
    assert page.input_value("#self-1") == "May I be kind to myself"
    page.fill("#together-2", "May you and I be friends to ourselves")
    page.click("button.main")
    page.wait_for_url("**/r/**")
    assert "giraffe" not in page.title() and page.title() == "Your recording · kindvoice"
    page.reload()
    make(page)
    link = page.url
    assert "May you and I be friends to ourselves." in page.inner_text(".words")
    page.click("#play")
    until(page, "document.getElementById('sound').currentTime > 0.3")
    page.click(".chapter >> nth=1")
    until(page, "document.querySelector('.chapter[aria-current]').textContent.includes('Words')")
    until(page, "!!document.querySelector('.line[aria-current]')")
    page.click("#play")
    with page.expect_download() as download:
        page.click(".downloads a >> nth=0")
    assert download.value.suggested_filename == "kind-minute.mp3"
    until(page, "document.querySelectorAll('.downloads ul a').length >= 3")  # the M4B comes a little later
    page.click(".own a >> nth=1")
    until(page, "document.activeElement?.id === 'self-2'")
    page.fill("#self-2", "May I rest when I am tired")
    until(page, "document.getElementById('together-2').value === 'May you and I rest when we are tired.'")
    page.click("button.main")
    page.wait_for_url(link)
    until(page, "document.getElementById('yours-title')?.textContent.includes('Version 2')", 40)
    assert "May you rest when you are tired." in page.inner_text(".words")
    page.click(".delete summary")
    page.click(".danger")
    until(page, "document.querySelector('h1').textContent === 'It is deleted'")
    assert page.goto(link).status == 404
    assert not [told for told in here.complaints if not re.search(r"status of (404|422)", told)]


def test_by_keyboard_alone_on_a_phone(visit):
    here = visit(PHONE, reduced_motion="reduce", color_scheme="dark")
    page = here.go(PATH)

    def tab_to(wanted: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate(f"document.activeElement.matches({wanted!r})"):
                return
        raise AssertionError(f"no way to {wanted}")

    tab_to("#self-1")
    page.keyboard.type("May I be calm")
    tab_to("#minutes")
    tab_to("input[name=voice]")
    tab_to("input[name=gentle]")
    page.keyboard.press("Space")
    tab_to("button.main")
    page.keyboard.press("Enter")
    page.wait_for_url("**/r/**")
    make(page)
    tab_to("#play")
    page.keyboard.press("Enter")
    until(page, "document.getElementById('sound').currentTime > 0.2")
    tab_to(".delete summary")
    page.keyboard.press("Enter")
    tab_to(".danger")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('h1').textContent === 'It is deleted'")
    assert not here.complaints


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE, (320, 640)])
def test_nobody_is_left_out(visit, size, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    here = visit(size, color_scheme=scheme, bypass_csp=True)
    for path in ("/", "/make/de/loving-kindness", "/r/nothing/"):
        page = here.go(path)
        if "make" in path:
            page.fill("#self-1", "Ich bin genug")
            until(page, "document.querySelectorAll('#phrase-1 .lacking').length === 2")
            page.click("#suggestions > summary")
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        found = axe.run(page).response["violations"]
        assert not [(one["id"], [node["html"][:90] for node in one["nodes"]][:3]) for one in found]
        small = page.evaluate("""() => [...document.querySelectorAll('button, a, input, select, summary, textarea')]
            .filter((e) => e.offsetParent && !e.closest('p, .skip, .card') 
                && !e.matches('.default, [type=hidden], [type=radio], [type=checkbox]'))
            .map((e) => [e.outerHTML.slice(0, 60), e.getBoundingClientRect()])
            .filter(([, box]) => box.width && (box.height < 24 || box.width < 24)).map(([told]) => told)""")
        assert not small


def test_without_a_script_the_way_is_open(visit):
    page = visit(java_script_enabled=False).go(PATH)
    page.fill("#self-1", "May I be calm")
    page.click("button:has-text('Show how it will be spoken')")
    assert page.input_value("#other-1") == "May you be calm."
    page.click("button.main")
    page.wait_for_url("**/r/**")
    end = time.monotonic() + 40
    while not page.locator("audio").count():
        assert time.monotonic() < end
        page.wait_for_timeout(300)
        page.reload()
    assert page.locator("audio").get_attribute("controls") is not None
    page.click("summary:has-text('Delete')")
    page.click(".danger")
    assert page.inner_text("h1") == "It is deleted"
