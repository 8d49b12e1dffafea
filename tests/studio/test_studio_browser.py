"""The participant's way in a real browser: written, heard, made, listened to, changed; by mouse, keyboard and phone."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import ordering
import pytest
import studiobrowser
from chromium import PHONE, until, visitors, wants_chromium
from ordering import wish
from studiobrowser import Guest, Served, listenable, playing
from studioweb import PATH, make_studio_config

from kindvoice.studio.host import early
from kindvoice.studio.host.config import Limits
from kindvoice.studio.web.needs import SLEEP, needs

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [pytest.mark.slow, wants_chromium]


@pytest.fixture(scope="module")
def served(tmp_path_factory, choices) -> Iterator[Served]:
    config = make_studio_config(tmp_path_factory.mktemp("studio"))
    with studiobrowser.served(config, choices) as served:
        yield served


@pytest.fixture
def visit(chromium, served) -> Iterator[Callable[..., Guest]]:
    with visitors(chromium, served.url, kind=Guest) as arrive:
        yield arrive


def assert_content(here: Guest) -> None:
    """Whoever deletes may still be asking whether a further file is there."""
    assert not [each for each in here.complaints if not re.search(r"status of (404|422)", each)]


def test_the_whole_way(visit):
    here = visit()
    page = here.go("/")
    page.click(".group > summary:has-text('More practices')")
    page.click(".card:has-text('A Kind Minute') [data-sample]")
    until(page, "!!document.querySelector('.heard')")
    page.click("text=A Kind Minute")
    assert page.input_value("#self-1") == "May I be safe." and not page.is_visible("#other-1")
    page.fill("#self-3", "")
    page.click("[data-sample]")
    until(page, "!!document.querySelector('[data-sample].heard')")
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
    assert not page.evaluate("!!document.querySelector('[data-sample].heard')"), "one at a time"
    page.click("#choices > summary")
    page.click("button[data-voice=tone]")
    until(page, "document.querySelector('[data-voice=tone]').classList.contains('heard')")
    page.click("button[data-try=bell]")
    until(page, "document.querySelector('[data-try=bell]').classList.contains('heard')")
    assert not page.evaluate("!!document.querySelector('[data-voice=tone].heard')"), "one at a time"
    assert not page.is_visible("button[data-try=bed]"), "there is none to be heard"
    page.select_option("#bed", "rain")
    page.click("button[data-try=bed]")
    until(page, "document.querySelector('[data-try=bed]').classList.contains('heard')")
    with page.expect_response("**/hear") as louder:
        page.focus("#gain")
        page.keyboard.press("ArrowRight")
    assert louder.value.ok and "gain=1" in louder.value.request.post_data, "heard anew as it is chosen now"
    page.select_option("#bed", "")
    assert not page.is_visible("button[data-try=bed]")
    until(page, "!document.querySelector('.heard')")
    page.click("[data-by='1']")
    assert page.input_value("#minutes") == "2"
    assert "words that fit are spoken here" in page.inner_text("#ask-together-2"), "a form may be left out"
    page.evaluate("document.getElementById('make').noValidate = true")
    page.fill("#minutes", "99")
    page.click("button.main")
    until(page, "document.activeElement?.id === 'problems'")
    assert "from 1 to 3 minutes" in page.inner_text("#problems")
    assert page.input_value("#self-1") == "May I be kind to myself"
    page.fill("#minutes", "1")
    page.fill("#together-2", "May you and I be friends to ourselves")
    page.click("button.main")
    page.wait_for_url("**/r/**")
    assert page.title() == "Your recording · kindvoice"
    page.reload()
    listenable(page)
    link = page.url
    assert "May you and I be friends to ourselves." in page.inner_text(".words")
    playing(page)
    page.click(".chapter >> nth=1")
    until(page, "document.querySelector('.chapter[aria-current]').textContent.includes('Words')")
    until(page, "!!document.querySelector('.line[aria-current]')")
    page.click("#play")
    with page.expect_download() as download:
        page.click(".downloads a >> nth=0")
    assert download.value.suggested_filename == "kind-minute.mp3"
    # The M4B comes a little later.
    until(page, "document.querySelectorAll('.downloads ul a').length >= 3")
    page.click(".own a >> nth=1")
    until(page, "document.activeElement?.id === 'self-2'")
    page.fill("#self-2", "May I rest when I am tired")
    until(page, "document.getElementById('together-2').value === 'May you and I rest when we are tired.'")
    page.click("button.main")
    page.wait_for_url(link)
    until(page, "document.getElementById('yours-title')?.textContent.includes('Version 2')")
    assert "May you rest when you are tired." in page.inner_text(".words")
    page.click(".delete summary")
    page.click(".danger")
    until(page, "document.querySelector('h1').textContent === 'It is deleted'")
    assert page.goto(link).status == 404
    assert_content(here)


def test_another_length_is_chosen_played_and_taken_along(chromium, choices, tmp_path):
    config = make_studio_config(tmp_path, limits=Limits())
    kind, phrase = "kind-minute", "May I be calm"
    with (
        studiobrowser.served(config, choices) as served,
        visitors(chromium, served.url, kind=Guest) as arrive,
    ):
        tokens = [
            served.orders.place(wish(phrase, practice=kind, length_ms=minutes * 60_000), "me").token
            for minutes in (1, 3)
        ]
        three = ordering.until(served.orders, tokens[1])
        here = arrive()
        page = here.go(f"/r/{tokens[0]}/")
        until(page, "!document.getElementById('lengths').hidden")
        assert page.locator(".downloads a").all_inner_texts()[1].startswith("M4B")
        page.click("#lengths")
        page.get_by_role("link", name="3", exact=True).click()
        page.wait_for_url(f"**/r/{tokens[0]}/v1/lengths/{kind}-3m.html")
        until(page, "sound.readyState > 0")
        page.get_by_role("button", name="Play").click()
        until(page, "sound.currentTime > 0.3")
        with page.expect_download() as download:
            page.get_by_role("link", name="MP3").click()
        assert Path(download.value.path()).read_bytes() == three.files["mp3"].read_bytes()
        assert not here.complaints
        assert not studiobrowser.problems(page)
        lengths = f"{served.url}/r/{tokens[0]}/v1/lengths/"
        for path in (
            "../recording.mp3",
            "media/../../recording.mp3",
            "%2e%2e/recording.mp3",
            "media",
            "none.js",
        ):
            assert page.request.get(lengths + path).status == 404, path
        served.orders.delete(tokens[0])
        assert page.request.get(lengths).status == 404


def test_it_is_heard_while_it_is_made_and_goes_on_as_the_recording(visit, served, monkeypatch):
    made, release = early.build_item, threading.Event()
    monkeypatch.setattr(early, "build_item", lambda *task: (release.wait(300), made(*task))[1])
    here = visit(PHONE, color_scheme="light")
    page = here.go("/")
    page.click("#begin")
    page.wait_for_url("**/make/**")
    page.go_back()
    page.click(".group > summary:has-text('More practices')")
    page.click("text=A Kind Minute")
    page.click("button.main")
    page.wait_for_url("**/r/**")
    until(page, "document.getElementById('early-sound').currentTime > 0.3")
    assert not page.evaluate("document.getElementById('early-sound').paused")
    assert not studiobrowser.problems(page)
    order = served.orders.get(page.url.split("/")[-2])
    assert len(order.wish.phrases) == 3, "as they were suggested"
    release.set()
    until(page, "!!document.getElementById('sound') && sound.currentTime > 0.3 && !sound.paused")
    assert page.evaluate("sound.currentTime") < 60
    served.orders.delete(order.token)
    assert_content(here)


def test_by_keyboard_alone_on_a_phone_with_a_landing_to_fall_asleep(visit, served, monkeypatch):
    monkeypatch.setitem(needs(), SLEEP, [*needs()[SLEEP], "kind-minute"])
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
    tab_to("#choices > summary")
    page.keyboard.press("Enter")
    tab_to("input[name=voice]")
    tab_to("input[name=landing]")
    page.keyboard.press("Space")
    page.reload()
    assert page.is_checked("input[name=landing]"), "it is kept with what was typed"
    tab_to("#choices > summary")
    page.keyboard.press("Enter")
    tab_to("input[name=gentle]")
    page.keyboard.press("Space")
    tab_to("button.main")
    page.keyboard.press("Enter")
    page.wait_for_url("**/r/**")
    listenable(page)
    assert served.orders.get(page.url.split("/")[-2]).wish.landing_ms == 30_000
    tab_to("#play")
    while not page.evaluate("sound.currentTime > 0.2"):  # it may begin by itself
        if page.evaluate("sound.paused"):
            page.keyboard.press("Enter")
        page.wait_for_timeout(500)
    tab_to(".delete summary")
    page.keyboard.press("Enter")
    tab_to(".danger")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('h1').textContent === 'It is deleted'")
    assert_content(here)


def test_who_listens_is_not_interrupted_when_the_new_version_is_there(visit, served, monkeypatch):
    orders = served.orders
    calm = wish("May I be calm", practice="kind-minute")
    token = orders.place(calm, "somebody").token
    ordering.until(orders, token)
    monkeypatch.setattr(orders, "claim", lambda: None)
    orders.change(token, calm)
    here = visit()
    page = here.go(f"/r/{token}/")
    listenable(page)
    page.click("#play")
    until(page, "document.getElementById('sound').currentTime > 0.2")
    monkeypatch.undo()
    until(page, "document.getElementById('news').textContent.includes('The new version is ready.')")
    assert not page.is_visible("#progress") and not page.is_visible("#still-old")
    before = page.evaluate("document.getElementById('sound').currentTime")
    until(page, f"document.getElementById('sound').currentTime > {before} + 0.2")
    page.click("#news a")
    until(page, "document.getElementById('yours-title')?.textContent.includes('Version 2')")
    assert not page.locator(".banner").count()
    assert not here.complaints


def test_without_a_script_the_way_is_open(visit):
    page = visit(java_script_enabled=False).go("/?language=en")
    page.click("summary:has-text('More practices')")
    page.click("text=A Kind Minute")
    page.fill("#self-1", "May I be calm")
    page.click("button:has-text('Show how it will be spoken')")
    assert page.input_value("#other-1") == "May you be calm."
    page.click("button.main")
    page.wait_for_url("**/r/**")
    end = time.monotonic() + 180
    while not page.locator(".downloads a").count():
        assert time.monotonic() < end
        page.wait_for_timeout(300)
        page.reload()
    sound = page.locator("audio")
    assert sound.get_attribute("controls") is not None
    heard = page.request.get(sound.evaluate("sound => sound.currentSrc"), headers={"Range": "bytes=0-999"})
    assert heard.status == 206 and len(heard.body()) == 1000
    page.click("summary:has-text('Delete')")
    page.click(".danger")
    assert page.inner_text("h1") == "It is deleted"


def test_a_wish_that_speaks_of_dying_is_met_before_it_is_heard_or_made(visit):
    here = visit()
    page = here.go(PATH)
    page.fill("#self-1", "May I not wake up")
    page.click("#phrase-1 .hear")
    page.wait_for_selector("#phrase-1 .care a")
    assert not page.evaluate("!!document.querySelector('.heard')")
    page.click("#phrase-1 .hear")
    until(page, "document.querySelector('#phrase-1 .hear').classList.contains('heard')")
    page.click("button.main")
    page.wait_for_selector("[name=care][value=seen]", state="attached")
    assert not studiobrowser.problems(page)
    page.click("text=Change the wish")
    assert page.input_value("#self-1") == "May I not wake up", "and it is asked for as it was"
    page.click("button.main")
    page.click("text=Make it all the same")
    listenable(page)
    assert_content(here)


def test_a_recording_is_kept_on_the_device_plays_without_a_connection_and_goes_with_its_order(visit, served):
    token = served.orders.place(wish("May I be calm", practice="kind-minute"), "me").token
    ordering.until(served.orders, token, extras=True)
    here = visit()
    page = here.go(f"/r/{token}/")
    workers = "navigator.serviceWorker.getRegistrations().then((all) => all.length)"
    until(page, "!document.getElementById('offline').hidden")
    assert page.evaluate(workers) == 0 and page.evaluate("caches.keys()") == [], "nothing is kept unasked"
    page.click("#offline button")
    until(page, "document.querySelector('#offline button').dataset.kept === 'yes'")
    until(page, "!!navigator.serviceWorker.controller")
    here.context.set_offline(True)
    page.reload()
    listenable(page)
    playing(page)
    page.evaluate("sound.currentTime = 40")
    until(page, "sound.currentTime > 40.3")
    here.context.set_offline(False)
    page.reload()
    until(page, "document.querySelector('#offline button').dataset.kept === 'yes'")
    page.click(".delete summary")
    page.click(".danger")
    until(page, "document.querySelector('h1').textContent === 'It is deleted'")
    assert page.evaluate(workers) == 0 and page.evaluate("caches.keys()") == []
    other = served.orders.place(wish("May I be calm", practice="kind-minute"), "me").token
    ordering.until(served.orders, other, extras=True)
    here.go(f"/r/{other}/")
    until(page, "!document.getElementById('offline').hidden")
    page.click("#offline button")
    until(page, "document.querySelector('#offline button').dataset.kept === 'yes'")
    until(page, "!!navigator.serviceWorker.controller")
    served.orders.delete(other)
    assert page.reload().status == 404, "deleted elsewhere"
    until(page, "caches.keys().then((all) => all.length === 0)")
    assert page.evaluate(workers) == 0
