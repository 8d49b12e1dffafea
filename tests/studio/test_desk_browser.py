"""The teachers' desk in a real browser: a course by mouse, by keyboard and without scripts, and a script that is
written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from chromium import WIDE, until, visitors, wants_chromium
from studiobrowser import Guest, Served, problems, served
from studioweb import make_studio_config

from kindvoice.studio.host.keys import hash_password

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [pytest.mark.slow, wants_chromium]
PRACTICES = ("A Kind Minute", "A Short Kindness", "For a Friend")
PASSWORD = "some words in a row"


@pytest.fixture(scope="module")
def studio(tmp_path_factory, choices) -> Iterator[Served]:
    config = make_studio_config(
        tmp_path_factory.mktemp("desk"), voices=None, teachers={"Ana": hash_password(PASSWORD)}
    )
    with served(replace(config, settings=replace(config.settings, voice="tone")), choices) as studio:
        yield studio


@pytest.fixture
def visit(chromium, studio) -> Iterator[Callable[..., Guest]]:
    with visitors(chromium, studio.url, kind=Guest) as arrive:

        def arrived(size=WIDE, **more: object) -> Guest:
            guest = arrive(size, **more)
            guest.context.set_default_timeout(30_000)
            page = guest.go("/teach/")
            page.get_by_label("Name").fill("Ana")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Come in").click()
            page.locator("#courses").wait_for()
            return guest

        yield arrived


def begin(page, title: str) -> None:
    page.get_by_role("link", name="A new course").click()
    page.get_by_label("Name").fill(title)
    page.get_by_role("button", name="Begin").click()
    for practice in PRACTICES:
        page.locator("select[name=track-new] option").first.wait_for(state="attached")
        options = page.locator("select[name=track-new] option").all_text_contents()
        label = next(text for text in options if text.startswith(practice))
        page.get_by_label("Another practice").select_option(label=label)
        page.get_by_role("button", name="Add it").click()
        page.locator(f"#track-{PRACTICES.index(practice) + 1}").wait_for()
    until(page, f"document.querySelectorAll('#chosen .name').length === {len(PRACTICES)}")
    assert order(page) == [*PRACTICES]


def order(page) -> list[str]:
    return page.locator("#chosen .name").all_inner_texts()


def test_a_course_is_put_in_order_by_keys_and_by_pointer_and_given_out(visit):
    page = visit(color_scheme="light").page
    begin(page, "Kind Weeks")
    page.locator("#chosen button").nth(1).focus()
    page.keyboard.press("Enter")
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
        page.locator("[name=minutes-2]").fill("2")
        page.locator("[name=minutes-2]").press("Tab")
    until(page, "document.getElementById('tracks-say').textContent === 'Kept.'")
    page.reload()
    assert order(page) == dragged and page.locator("[name=minutes-2]").input_value() == "2"
    page.get_by_label("Or the text itself").fill("Ana: May I be safe\nBen: May I rest")
    page.get_by_role("button", name="Take them in").click()
    page.get_by_text("People understood: 2").wait_for()
    assert not problems(page)
    page.get_by_role("link", name="A page with all links").click()
    until(page, "document.querySelectorAll('.slips code').length === 2")
    assert not problems(page)
    page.locator(".slips a").first.click()
    page.get_by_text("Only this link leads here").wait_for()
    assert not problems(page)


def test_without_scripts_a_course_is_put_in_order_made_and_heard(visit, studio):
    page = visit(java_script_enabled=False).page
    begin(page, "Plain")
    page.get_by_role("button", name=f"{PRACTICES[2]}: one place up").click()
    for practice in (PRACTICES[0], PRACTICES[2]):
        page.get_by_role("button", name=f"Take out {practice}").click()
    assert order(page) == [PRACTICES[1]]
    page.get_by_role("button", name="See what will be made").click()
    assert "Recordings" in page.inner_text(".facts")
    page.get_by_role("button", name="Make all").click()
    for _ in range(400):
        if "1 of 1 are made" in page.inner_text("main"):
            break
        page.wait_for_timeout(500)
        page.reload()
    page.get_by_role("link", name="A page with all links").click()
    page.locator(".slips a").click()
    page.get_by_role("link", name=PRACTICES[1]).click()
    assert page.locator("audio[controls]").is_visible()


def test_a_script_is_written_beside_its_picture_with_undo(visit):
    page = visit().page
    page.get_by_role("link", name="A new script").click()
    page.get_by_label("Title").fill("Evening")
    page.get_by_role("button", name="Begin").click()
    text = page.locator("#text")
    before = text.input_value()
    text.press("Control+End")
    page.keyboard.type("You must rest. ")
    page.get_by_role("button", name="Pause", exact=True).click()
    assert text.input_value().endswith("You must rest. [pause 5s]")
    until(page, "document.getElementById('write-say').textContent === 'Saved.'")
    until(page, "document.getElementById('findings').textContent.includes('command')")
    page.locator("#findings a").last.click()
    assert "You must" in page.evaluate("text.value.slice(text.selectionStart, text.selectionEnd)")
    for _ in range(30):
        if text.input_value() == before:
            break
        page.get_by_role("button", name="Undo").click()
    assert text.input_value() == before
    page.get_by_role("button", name="Keep this version").click()
    page.locator(".versions a").first.wait_for()
    assert not problems(page)
