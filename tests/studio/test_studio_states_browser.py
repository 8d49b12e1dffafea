"""The pages in every state, as different people meet them; and what was typed, which nothing takes away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import ordering
import pytest
import studiobrowser
from chromium import until, visitors, wants_chromium
from ordering import wish
from studiobrowser import Guest, Served, listenable, problems
from studioweb import PATH, make_studio_config

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [pytest.mark.slow, wants_chromium]


@dataclass
class Place:
    served: Served
    links: dict[str, str]
    """a page in each state that an order has"""


@pytest.fixture(scope="module")
def place(tmp_path_factory, choices) -> Iterator[Place]:
    config = make_studio_config(tmp_path_factory.mktemp("studio"))
    with studiobrowser.served(config, choices) as served:
        orders, tokens = served.orders, {}

        def ask(state: str, phrase: str) -> None:
            tokens[state] = orders.place(wish(phrase, practice="kind-minute"), person=state).token

        ask("done", "May I trust myself")
        ask("again", "May I be at ease")
        for state in ("done", "again"):
            ordering.until(orders, tokens[state])
        claim = orders.claim
        orders.claim = lambda: None  # from here on nothing is made
        ask("failed", "May I be failed")
        failed = claim()
        orders.fail(failed.key, failed.version, "length", "it does not fit", (120_000, 120_000))
        ask("making", "May I be made")
        making = claim()
        orders.progress(making.key, making.version, "speak", 3, 9)
        ask("waiting", "May I wait")
        orders.change(tokens["again"], orders.get(tokens["again"]).wish)
        yield Place(served, {state: f"/r/{token}/" for state, token in tokens.items()})


@pytest.fixture
def visit(chromium, place) -> Iterator[Callable[..., Guest]]:
    with visitors(chromium, place.served.url, kind=Guest) as arrive:
        yield arrive


# ---------------------------------------------------------------- every state, for everybody


def test_nobody_is_left_out(visit, place):
    here = visit(color_scheme="light", bypass_csp=True)
    for path in ("/", "/make/de/loving-kindness", "/r/nothing/", "/deleted"):
        page = here.go(path)
        if path == "/":
            page.click(".languages summary")
        if "make" in path:
            page.fill("#self-1", "Ich bin genug")
            until(page, "document.querySelectorAll('#phrase-1 .lacking').length === 1")
            page.click("#suggestions > summary")
            page.click("#choices > summary")
            page.select_option("#bed", "waves")
        assert not problems(page), path
    for state, link in place.links.items():
        page = here.go(link)
        if state == "done":
            listenable(page)
        page.click(".delete summary")
        assert not problems(page), state
    page = here.go(place.links["done"] + "change")
    page.evaluate("document.getElementById('make').noValidate = true")
    page.fill("#minutes", "99")
    page.click("button.main")
    until(page, "document.activeElement?.id === 'problems'")
    assert not problems(page), "change"


def test_each_state_says_how_it_is(visit, place):
    page = visit().go(place.links["waiting"])
    until(page, "document.getElementById('now-doing').textContent === 'You are next.'")
    page.goto(place.served.url + place.links["making"])
    until(page, "document.querySelector('[aria-current=step]')?.textContent === 'Speaking'")
    until(page, "Number(document.querySelector('[role=progressbar]').getAttribute('aria-valuenow')) === 15")
    page.goto(place.served.url + place.links["failed"])
    assert "This length would fit: 2 min." in page.inner_text("main")
    page.goto(place.served.url + place.links["again"])
    listenable(page)
    assert page.inner_text("#again-title") == "The new version is being made"
    assert "you can listen to the version before" in page.inner_text(".banner")


# ---------------------------------------------------------------- what was typed


def typed(here: Guest, path: str = PATH) -> sync_api.Page:
    """A form with two phrases, one of them with a form of its own, and sounds that were chosen."""
    page = here.go(path)
    page.fill("#self-1", "May I be kind to myself")
    until(page, "document.getElementById('other-1').value === 'May you be kind to yourself.'")
    page.fill("#other-1", "May you be so kind to yourself.")
    page.fill("#self-3", "May I be a friend to myself")
    until(page, "document.querySelectorAll('#phrase-3 .lacking').length === 1")
    page.click("#another")
    page.fill("#self-4", "May I rest when I am tired")
    until(page, "document.getElementById('other-4').value !== ''")
    page.fill("#minutes", "3")
    page.click("#choices > summary")
    page.select_option("#bell", "high")
    page.check("[name=gentle]")
    return page


def assert_typed(page: sync_api.Page) -> None:
    until(page, "document.getElementById('self-4')?.value === 'May I rest when I am tired'")
    assert page.input_value("#self-1") == "May I be kind to myself"
    assert page.input_value("#other-1") == "May you be so kind to yourself."
    assert page.input_value("#self-2") == OFFERED[1]
    assert page.locator("#phrase-3 .lacking").count() == 1 and page.locator(".row-of").count() == 4
    assert page.input_value("#minutes") == "3" and page.input_value("#bell") == "high"
    assert page.is_checked("[name=gentle]")


OFFERED = ("May I be safe.", "May I be kind to myself.")
"""what an untouched form suggests"""
KEPT = "Object.keys(sessionStorage).length"


def test_a_reload_loses_nothing_and_one_can_begin_afresh(visit):
    here = visit()
    page = typed(here)
    assert not page.is_visible("#draft")
    page.reload()
    assert_typed(page)
    assert "is here again" in page.inner_text("#draft")
    page.fill("#self-1", "May I be calm")
    until(page, "document.getElementById('together-1').value === 'May you and I be calm.'")
    assert page.input_value("#other-1") == "May you be so kind to yourself.", "one's own words stay"
    other = here.context.new_page()
    other.goto(page.url)
    assert other.input_value("#self-1") == OFFERED[0], "another tab knows nothing of it"
    page.click("#draft button")
    until(
        page,
        f"document.getElementById('self-1').value === '{OFFERED[0]}' && !document.getElementById('self-4')",
    )
    until(page, f"{KEPT} === 0")
    assert not here.complaints


def test_the_way_back_leads_to_what_was_typed(visit, place):
    here = visit()
    page = typed(here)
    page.click(".crumbs a")
    page.wait_for_url("**/?language=en")
    page.go_back()
    assert_typed(page)
    page.fill("#together-3", "May you and I be friends")
    page.click("button.main")
    page.wait_for_url("**/r/**")
    token = page.url.split("/")[-2]
    page.go_back()
    until(page, "document.getElementById('together-3')?.value === 'May you and I be friends'")
    page.go_forward()
    page.wait_for_url("**/r/**")
    page.click(".delete summary")
    page.click(".danger")
    until(page, "document.querySelector('h1')?.textContent === 'It is deleted'")
    until(page, f"{KEPT} === 0")
    assert place.served.orders.get(token) is None
    here.go(PATH)
    assert page.input_value("#self-1") == OFFERED[0] and not page.is_visible("#draft")


def _made_page(here):
    """The page of an order that waits, and its token."""
    page = here.go(PATH)
    page.fill("#self-1", "May I be calm")
    page.click("button.main")
    page.wait_for_url("**/r/**")
    until(page, "document.getElementById('progress') !== null")
    assert page.evaluate(KEPT) > 0
    return page, page.url.split("/")[-2]


def test_deleting_while_it_is_made_ends_on_deleted_whoever_is_told_first(visit, place):
    page, token = _made_page(visit())
    held: list[sync_api.Route] = []
    page.route("**/delete", lambda route: held.append(route))
    page.click(".delete summary")
    page.click(".danger", no_wait_after=True)
    while not held:
        page.wait_for_timeout(20)
    # The stream tells that it is gone before the answer to the button is there.
    place.served.orders.delete(token)
    while place.served.streams():
        page.wait_for_timeout(20)
    assert "/deleted" not in page.url
    held[0].continue_()
    until(page, "document.querySelector('h1')?.textContent === 'It is deleted'")
    until(page, f"{KEPT} === 0")


def test_what_was_sent_is_forgotten_here_when_it_is_deleted_elsewhere(visit, place):
    here = visit()
    page, token = _made_page(here)
    place.served.orders.delete(token)
    until(page, "document.querySelector('h1')?.textContent === 'It is deleted'")
    until(page, f"{KEPT} === 0")
    page, token = _made_page(here)
    here.go(PATH)
    assert page.input_value("#self-1") == OFFERED[0] and not page.is_visible("#draft"), (
        "it does not wait in an empty form"
    )
    place.served.orders.delete(token)
    here.go(f"/r/{token}/")
    until(page, "document.querySelector('h1')?.textContent.length > 0")
    until(page, f"{KEPT} === 0")


def test_without_a_connection_the_words_stay_where_they_are(visit, place):
    here = visit()
    page = here.go(PATH)
    page.fill("#self-1", "May I be calm")
    here.context.set_offline(True)
    page.click("button.main")
    until(page, "document.getElementById('said').textContent.includes('no connection')")
    assert page.input_value("#self-1") == "May I be calm" and page.url.endswith(PATH)
    here.context.set_offline(False)
    page.click("button.main")
    page.wait_for_url("**/r/**")
    place.served.orders.delete(page.url.split("/")[-2])


def test_from_a_page_that_refuses_one_comes_back_to_the_words(visit):
    here = visit()
    page = typed(here)
    page.evaluate("document.querySelector('[name=token]').value = '0'.repeat(64)")
    page.fill("#together-3", "May you and I be friends")
    page.click("button.main")
    until(page, "document.querySelector('h1')?.textContent === 'This could not be taken'")
    page.click("text=Back to your words")
    assert_typed_but = "document.getElementById('together-3')?.value === 'May you and I be friends'"
    until(page, assert_typed_but)


def test_who_types_before_the_script_is_there_gets_their_forms_too(visit):
    here = visit()
    held: list[sync_api.Route] = []
    here.page.route("**/static/make.js", lambda route: held.append(route))
    here.page.goto(here.base + PATH, wait_until="commit")
    here.page.fill("#self-1", "May I be calm")
    while not held:
        here.page.wait_for_timeout(20)
    held[0].continue_()
    until(here.page, "document.getElementById('other-1').value === 'May you be calm.'")


def test_without_storage_the_form_works_and_keeps_nothing(visit):
    here = visit()
    here.changed = True
    here.page.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('off'); } })"
    )
    page = typed(here)
    page.reload()
    assert page.input_value("#self-1") == OFFERED[0]
    assert not here.complaints


def test_a_change_that_was_begun_survives_a_reload_and_belongs_to_its_version(visit, place):
    here = visit()
    page = here.go(place.links["done"] + "change")
    page.fill("#self-1", "May I be calm")
    until(page, "document.getElementById('other-1').value === 'May you be calm.'")
    page.reload()
    until(page, "document.getElementById('self-1').value === 'May I be calm'")
    here.go(PATH)
    assert page.input_value("#self-1") == OFFERED[0]
    here.go(place.links["done"] + "change")
    assert page.input_value("#self-1") == "May I be calm"
