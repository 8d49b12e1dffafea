"""The teachers' desk in a real browser: by keyboard alone, but for what is dragged, and without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from chromium import WIDE, until, visitors, wants_chromium
from studiobrowser import Guest, Served, problems, served
from studioweb import make_studio_config
from teachpages import small_library

from kindvoice.studio.host.keys import hash_password

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [pytest.mark.slow, wants_chromium]
PRACTICES = ("A Kind Minute", "A Short Kindness", "For a Friend")
PASSWORD = "some words in a row"


@pytest.fixture(scope="module")
def studio(tmp_path_factory, choices) -> Iterator[Served]:
    config = make_studio_config(
        tmp_path_factory.mktemp("desk"), voices=None, teachers={"Ana": hash_password(PASSWORD)}
    )
    settings = replace(config.settings, voice="tone")
    with small_library(), served(replace(config, settings=settings), choices) as studio:
        yield studio


@pytest.fixture
def visit(chromium, studio) -> Iterator[Callable[..., Guest]]:
    with visitors(chromium, studio.url, kind=Guest) as arrive:

        def arrived(size=WIDE, **more: object) -> Guest:
            guest = arrive(size, **more)
            page = guest.go("/teach")
            write(page, page.get_by_label("Name"), "Ana")
            write(page, page.get_by_label("Password"), PASSWORD)
            page.keyboard.press("Enter")
            page.locator("#courses").wait_for()
            return guest

        yield arrived


def reach(page, target) -> None:
    """By Tab alone, or back by Shift+Tab, whichever is nearer."""
    target.wait_for(state="attached")
    element = target.element_handle()
    key = None
    for _ in range(800):
        where = element.evaluate("""element => element === document.activeElement ? 'here'
            : document.activeElement.compareDocumentPosition(element) & 2 ? 'Shift+Tab' : 'Tab'""")
        if where == "here":
            return
        key = key or where  # it leads there all the way
        page.keyboard.press(key)
    raise AssertionError(f"no way to {target}")


def press(page, target, key: str = "Enter") -> None:
    reach(page, target)
    page.keyboard.press(key)


def write(page, target, text: str) -> None:
    press(page, target, "Control+A")
    page.keyboard.type(text)


def button(page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def begin(page, title: str) -> None:
    press(page, page.get_by_role("link", name="A new course"))
    write(page, page.get_by_label("Name"), title)
    press(page, button(page, "Begin"))
    for practice in PRACTICES:
        page.locator("select[name=track-new] option").first.wait_for(state="attached")
        write(page, page.get_by_label("Another practice"), practice)
        press(page, button(page, "Add it"))
        page.locator(f"#track-{PRACTICES.index(practice) + 1}").wait_for()
    until(page, f"document.querySelectorAll('#chosen .name').length === {len(PRACTICES)}")
    assert order(page) == [*PRACTICES]


def order(page) -> list[str]:
    return page.locator("#chosen .name").all_inner_texts()


def test_a_course_is_put_in_order_by_keys_and_by_pointer_and_given_out(visit):
    page = visit(color_scheme="light").page
    begin(page, "Kind Weeks")
    press(page, button(page, f"{PRACTICES[0]}: one place down"))
    assert order(page) == [PRACTICES[1], PRACTICES[0], PRACTICES[2]]
    assert page.evaluate("document.activeElement.value") == "down-2", "the key stays with its practice"
    until(page, "document.getElementById('tracks-say').textContent === 'Kept.'")
    grip, above = page.locator(".grip").nth(2).bounding_box(), page.locator("#chosen li").first.bounding_box()
    page.mouse.move(grip["x"] + 5, grip["y"] + 5)
    page.mouse.down()
    page.mouse.move(grip["x"] + 5, above["y"] + 4, steps=8)
    page.mouse.up()
    dragged = [PRACTICES[2], PRACTICES[1], PRACTICES[0]]
    assert order(page) == dragged
    kept = re.compile(r'minutes-2(=|"\s+)2\b')
    with page.expect_response(lambda answer: kept.search(answer.request.post_data or "")):
        write(page, page.locator("[name=minutes-2]"), "2")
        page.keyboard.press("Tab")
    until(page, "document.getElementById('tracks-say').textContent === 'Kept.'")
    page.reload()
    assert order(page) == dragged and page.locator("[name=minutes-2]").input_value() == "2"
    write(page, page.get_by_label("Or the text itself"), "Ana: May I be safe\nBen: May I rest")
    press(page, button(page, "Take them in"))
    page.get_by_text("People understood: 2").wait_for()
    assert not problems(page)
    press(page, page.get_by_role("link", name="A page with all links"))
    until(page, "document.querySelectorAll('.slips code').length === 2")
    assert not problems(page)
    press(page, page.locator(".slips a").first)
    page.get_by_text("Only this link leads here").wait_for()
    assert not problems(page)


def test_without_scripts_a_course_is_put_in_order(visit):
    page = visit(java_script_enabled=False).page
    begin(page, "Plain")
    page.get_by_role("button", name=f"{PRACTICES[2]}: one place up").click()
    for practice in (PRACTICES[0], PRACTICES[2]):
        page.get_by_role("button", name=f"Take out {practice}").click()
    sync_api.expect(page.locator("#chosen .name")).to_have_text([PRACTICES[1]], timeout=60_000)
    page.get_by_role("button", name="See what will be made").click()
    assert "Recordings" in page.inner_text(".facts")
    assert page.get_by_role("button", name="Make all").is_enabled()


def test_a_script_is_written_beside_its_picture_with_undo_made_and_published(visit):
    page = visit().page
    press(page, page.get_by_role("link", name="A new script"))
    write(page, page.get_by_label("Title"), "Evening")
    press(page, button(page, "Begin"))
    text = page.locator("#text")
    before = text.input_value()
    press(page, text, "Control+End")
    page.keyboard.type("You must rest. ")
    press(page, button(page, "Pause"))
    assert text.input_value().endswith("You must rest. [pause 5s]")
    until(page, "document.getElementById('write-say').textContent === 'Saved.'")
    until(page, "document.getElementById('findings').textContent.includes('command')")
    press(page, page.locator("#findings a").last)
    assert "You must" in page.evaluate("text.value.slice(text.selectionStart, text.selectionEnd)")
    for _ in range(30):
        if text.input_value() == before:
            break
        press(page, button(page, "Undo"))
    assert text.input_value() == before
    write(page, text, "# Resting\nRest here. [pause 5s]\nStay a while.")
    press(page, button(page, "Keep this version"))
    page.locator(".versions a").first.wait_for()
    assert not problems(page)
    press(page, button(page, "Make"))
    publish = page.get_by_role("link", name="Cover, tags and preset")
    publish.wait_for()
    press(page, publish)
    write(page, page.get_by_label("Artist"), "Ana Lima")
    press(page, page.get_by_role("checkbox", name="OPUS"), "Space")
    press(page, button(page, "Make it so"))
    page.get_by_role("link", name="opus").wait_for()
