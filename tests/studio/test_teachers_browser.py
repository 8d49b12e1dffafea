"""The teachers' pages in a real browser: they follow the file, let two voices be heard, and record."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from chromium import PHONE, SMALL, WIDE, Visit, started, until, violations, visitors, wants_chromium
from teachpages import SCRIPT, door_in, served, small_library, teachers_in

from kindvoice.engines import tone
from kindvoice.model import Voice
from kindvoice.takes import Takes

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = [
    pytest.mark.slow,
    wants_chromium,
]
LINE = "Find a position that feels comfortable."
SHORT = """---
title: A Kind Morning
language: en
voice: tone
---
# One
Rest here.
Stay.
Yes.
"""
"""lines that are soon heard"""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory) -> Iterator[sync_api.Browser]:
    """A browser whose microphone hears somebody say the same words again and again."""
    voice = Voice(name="tone", title="Tone", engine="tone", language="en", licence="x", credit="x")
    hum = np.repeat(tone.speak("Find a position.", voice)[0], 2) * 0.8
    # A second of quiet each time: any take of two seconds has some of it, whenever it begins.
    room = np.random.default_rng(1).standard_normal(len(hum) + 48_000) * 3e-5
    room[: len(hum)] += hum
    heard = tmp_path_factory.mktemp("microphone") / "line.wav"
    soundfile.write(str(heard), room, 48_000, subtype="PCM_16")
    with started(
        "--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={heard}",
        "--autoplay-policy=no-user-gesture-required", "--auto-accept-camera-and-microphone-capture",
    ) as browser:  # fmt: skip
        yield browser


@pytest.fixture
def desk(tmp_path) -> Iterator[tuple[Path, str]]:
    """A folder with one script, and the address of its list."""
    with small_library(), served(teachers_in(tmp_path), tmp_path) as address:
        yield tmp_path, address


class Teacher(Visit):
    quiet = True
    """nothing is to go wrong"""

    def leave(self) -> None:
        super().leave()
        assert not (self.quiet and self.complaints)


@pytest.fixture
def visit(chromium, desk) -> Iterator[Callable[..., sync_api.Page]]:
    """The page of the script. Leaves before the server does."""
    with visitors(chromium, "http://127.0.0.1", kind=Teacher) as arrive:

        def arrived(address: str, size=WIDE, *, quiet=True, door=None, **more: object) -> sync_api.Page:
            teacher = arrive(size, **{"permissions": ["microphone"], "color_scheme": "light", **more})
            teacher.quiet = quiet
            page = teacher.new_page()
            page.goto(f"{address}/")
            if door:
                door(page)
            page.get_by_role("link", name="A Kind Morning").click()
            page.locator("#source").wait_for()
            return page

        yield arrived


def says(page, place: str, text: str) -> None:
    until(page, f"document.querySelector({place!r})?.textContent.includes({text!r})")


# ---------------------------------------------------------------- following the file


def test_the_page_follows_the_file(visit, desk):
    folder, address = desk
    page = visit(address, quiet=False)
    says(page, "#live", "The picture is exact")
    says(page, "#can-last", " to ")
    path = folder / "scripts" / "morning.md"
    path.write_text(
        SCRIPT.replace("Find a", "You must find a").replace("Thank you", "A thousand thanks to you")
    )
    says(page, "#source", "You must find")
    says(page, "#findings", "command")
    says(page, "#picture", "A thousand thanks")
    says(page, "#live", "The picture is exact")
    assert page.locator("#source .remark").first.is_visible()
    page.locator('#picture [data-line="10"]').first.locator(".see").first.click(force=True)
    until(page, "document.activeElement.id === 'line-10'")
    path.write_text(SCRIPT + "[pasue 4s]\n")
    says(page, "#findings", "unknown cue [pasue 4s]")
    says(page, "#live", "unknown cue")
    until(page, "!document.querySelector('#picture svg')")
    path.unlink()
    says(page, "#live", "is not there just now")
    page.wait_for_timeout(800)  # what there was to say of its picture has been said
    says(page, "#live", "is not there just now")
    says(page, "#source", "Find a position")
    beside = path.with_suffix(".new")
    beside.write_text(SCRIPT + "[bell low]\n")
    beside.replace(path)
    until(page, "document.querySelector('#picture .tp .bars')")
    says(page, "#findings", "nothing found")
    says(page, "#live", "The picture is exact")


def test_whoever_reads_the_script_stays_where_they_are(visit, desk):
    folder, address = desk
    path = folder / "scripts" / "morning.md"
    longer = SCRIPT + "Rest here. [pause 2s]\n" * 80
    path.write_text(longer)
    page = visit(address)
    page.evaluate(
        "document.querySelector('#source').scrollTop = 500; document.querySelector('#line-40').focus()"
    )
    page.evaluate(
        "window.heard = []; new MutationObserver(() => heard.push(live.textContent)).observe(live, {childList: true})"
    )
    path.write_text(longer + "Thank you.\n")
    says(page, "#source", "Thank you.\n"[:10])
    says(page, "#live", "The picture is exact")
    assert page.evaluate("[document.querySelector('#source').scrollTop, document.activeElement.id]") == [
        500,
        "line-40",
    ]
    heard = page.evaluate("window.heard")
    assert len(heard) <= 5 and not any("/" in text for text in heard), "what is read out does not count"


def test_a_chapter_and_the_whole_are_made_and_play(visit, desk):
    folder, address = desk
    page = visit(address)
    page.locator("#part").select_option("Phrases")
    page.get_by_role("button", name="Make").click()
    until(page, "document.querySelector('#made audio')?.duration > 5")
    page.evaluate("document.querySelector('#made audio').play()")
    until(page, "document.querySelector('#made audio').currentTime > 0.2")
    page.evaluate("document.querySelector('#made audio').pause()")
    page.locator("#part").select_option("The whole")
    page.get_by_role("button", name="Make").click()
    until(page, "document.querySelector('#made').textContent.includes('chapters')")
    says(page, "#made-say", "It is made.")
    assert (folder / "out" / "morning.mp3").is_file()


def test_what_is_being_made_is_stopped(visit, desk):
    folder, address = desk
    (folder / "scripts" / "morning.md").write_text(SCRIPT + "Rest here. [pause 60s]\n" * 200)
    page = visit(address)
    page.get_by_role("button", name="Make").click()
    page.locator("#made").get_by_role("button", name="Stop").click()
    says(page, "#made-say", "Stopped.")
    assert not list((folder / "out").glob("*.mp3"))


def test_without_scripts_it_is_read_and_made(visit, desk):
    page = visit(desk[1], java_script_enabled=False)
    assert page.locator("#picture svg").is_visible()
    page.get_by_label("Length").fill("1m")
    page.get_by_role("button", name="Show").click()
    assert "length=1m" in page.url
    assert "1:00 long" in page.locator("#picture").text_content()
    page.get_by_label("Part").select_option("Closing")
    page.get_by_role("button", name="Make").click()
    page.wait_for_url("**/pieces/*")
    page.locator("audio[controls]").wait_for()  # the page loads itself again
    page.go_back()
    page.get_by_role("link", name="Two voices").click()
    assert page.locator("#lines li").first.get_by_role("link", name="A").is_visible()
    page.get_by_role("link", name="Record").click()
    page.locator("noscript code").wait_for()


# ---------------------------------------------------------------- two voices


def test_one_line_in_two_voices(visit, desk):
    (desk[0] / "scripts" / "morning.md").write_text(SHORT)
    page = visit(desk[1])
    page.get_by_role("link", name="Two voices").click()
    page.locator("[name=pace_b]").select_option("0.8")
    page.locator("[name=a]").select_option("tone")
    page.locator("[name=b]").select_option("tone")
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**pace_b=0.8**")
    asked = []
    page.on("request", lambda request: "/say/" in request.url and asked.append(request.url))
    page.evaluate("""window.played = []; new MutationObserver(
        () => document.querySelectorAll("#lines .playing").forEach(
        (each) => played.push(each.closest("li").dataset.line[0] + each.dataset.side))
    ).observe(lines, {attributes: true, subtree: true})""")
    page.locator("#lines li").nth(1).get_by_role("button", name="A, then B").click()
    until(
        page,
        "window.played.join().endsWith('2b') && !document.querySelector('#lines .playing, #lines .busy')",
    )
    assert page.evaluate("[...new Set(window.played)]") == ["2a", "2b"]
    assert len(asked) == 2 and "pace=1&" in asked[0] + "&" and "pace=0.8" in asked[1]
    assert not any("Stay" in url for url in asked), "no words in addresses"
    page.get_by_role("button", name="Go through all lines").click()
    until(page, "document.querySelector('#lines li:nth-child(2) .playing')")
    page.get_by_role("button", name="Stop").click()
    until(page, "!document.querySelector('#lines .playing')")
    assert page.evaluate("[...new Set(window.played)]")[2:4] == ["1a", "1b"]


# ---------------------------------------------------------------- recording


def booth(page) -> None:
    """The recording page, with the microphone on and somebody talking."""
    page.get_by_role("link", name="Record", exact=True).click()
    page.locator("#open").wait_for()  # hidden until the script is there
    page.locator("#open").focus()
    page.keyboard.press("Enter")
    says(page, "#say", "The microphone is on")
    until(page, "getComputedStyle(meter).getPropertyValue('--held') > 0.5")


def read_aloud(page) -> None:
    """By the clock of the sound, not by ours: a busy machine may be late with both."""
    page.keyboard.press("r")
    says(page, "#say", "Recording")
    until(page, "document.querySelector('#time').textContent < '0:02'")  # that of the one before is gone
    until(page, "document.querySelector('#time').textContent >= '0:02'")
    page.keyboard.press("r")
    says(page, "#say", "ear it")


def test_a_line_is_recorded_by_keyboard_alone(visit, desk):
    folder, address = desk
    page = visit(address)
    booth(page)
    assert page.locator("#now").inner_text() == LINE
    read_aloud(page)
    assert not (folder / "takes").exists()
    page.keyboard.press("h")
    read_aloud(page)
    assert page.evaluate("document.activeElement.id") == "keep"
    page.keyboard.press("Enter")
    says(page, "#say", "Kept.")
    take = Takes(folder / "takes").find("tone", LINE)
    assert take is not None
    samples, rate = soundfile.read(str(take.path))
    assert rate == 48_000
    assert len(samples) / rate > 0.4
    assert np.abs(samples).max() > 0.05
    assert page.locator("#used").inner_text().startswith("1 of 3")
    says(page, "#now", "You can move")
    page.keyboard.press("ArrowLeft")
    says(page, "#progress", "recorded")
    assert len(Takes(folder / "takes").all("tone")) == 1, "what was not kept is nowhere"
    page.get_by_role("link", name="Script", exact=True).click()
    page.locator("#source").wait_for()
    says(page, "#source", "recorded")
    booth(page)
    says(page, "#used", "1 of 3")
    page.keyboard.press("ArrowLeft")
    read_aloud(page)
    page.keyboard.press("k")
    says(page, "#say", "Kept.")
    page.keyboard.press("u")
    says(page, "#say", "Taken back.")
    assert page.locator("#now").inner_text() == LINE
    assert page.locator("#undo").is_hidden()
    assert len(Takes(folder / "takes").all("tone")) == 1, "that of the sitting before stays"
    page.get_by_label("Keys:").uncheck()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("r")
    assert page.locator("#now").inner_text() == LINE
    assert page.locator("#record").inner_text() == "Record"


def test_a_take_that_is_recorded_anew_while_it_is_heard(visit, desk):
    page = visit(desk[1])
    booth(page)
    read_aloud(page)
    waiting = []
    page.route("**/drafts/*", lambda route: waiting.append(route))
    page.keyboard.press("h")
    until(page, "true")
    with page.expect_response("**/drop") as dropped:
        page.keyboard.press("r")
    assert dropped.value.ok
    for route in waiting:
        with contextlib.suppress(sync_api.Error):  # it was not wanted any more
            route.continue_()
    says(page, "#say", "Recording")  # and nothing is complained of: see `visit`


def test_nothing_is_lost_when_the_studio_cannot_be_reached(visit, desk):
    folder, address = desk
    page = visit(address, quiet=False)
    booth(page)
    page.route("**/drafts/**", lambda route: route.abort())
    page.keyboard.press("r")
    until(page, "document.querySelector('#time').textContent >= '0:02'")
    page.keyboard.press("r")
    says(page, "#say", "Your take is still here")
    page.unroute("**/drafts/**")
    page.get_by_role("button", name="Try again").click()
    says(page, "#say", "ear it")
    page.route("**/keep", lambda route: route.fulfill(status=404, body="{}"))
    page.keyboard.press("k")
    page.wait_for_timeout(50)
    says(page, "#say", "ear it")
    page.unroute("**/keep")
    page.keyboard.press("k")
    says(page, "#say", "Kept.")
    assert Takes(folder / "takes").find("tone", LINE)


def test_whoever_was_away_too_long_comes_in_again_and_goes_on(visit, tmp_path):
    now = [1_000_000.0]
    door = door_in(tmp_path, "some words in a row", lambda: now[0])
    with served(teachers_in(tmp_path), tmp_path, door) as address:

        def come_in(page) -> None:
            page.locator("[name=password]").fill("some words in a row")
            page.get_by_role("button", name="In").click()
            page.get_by_role("link", name="A Kind Morning").wait_for()

        page = visit(address, quiet=False, door=come_in)
        booth(page)
        read_aloud(page)
        now[0] += 13 * 3600
        page.keyboard.press("k")
        says(page, "#say", "nothing is lost")
        with page.context.expect_page() as tab:
            page.get_by_role("link", name="Come in again").click()
        come_in(tab.value)
        tab.value.close()
        page.get_by_role("button", name="Try again").click()
        says(page, "#say", "ear it")
        page.keyboard.press("k")
        says(page, "#say", "Kept.")
        assert Takes(tmp_path / "takes").find("tone", LINE)
        page.close()


def test_a_microphone_that_cannot_be_had_is_said(visit, desk):
    page = visit(desk[1], permissions=[], quiet=False)
    page.get_by_role("link", name="Record").click()
    page.locator("#open").wait_for()  # hidden until the script is there
    for name, words in (
        ("NotAllowedError", "is not allowed"),
        ("NotFoundError", "No microphone was found"),
        ("NotReadableError", "another program"),
    ):
        page.evaluate(
            f"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', '{name}')); 0"
        )
        page.get_by_role("button", name="Turn the microphone on").click()
        says(page, "#say", words)
        assert page.locator("#record").is_disabled()


def test_a_microphone_that_is_pulled_out_is_said(visit, desk):
    page = visit(desk[1])
    page.get_by_role("link", name="Record", exact=True).click()
    page.locator("#open").wait_for()  # hidden until the script is there
    page.evaluate("""() => {
        const devices = navigator.mediaDevices, real = devices.getUserMedia.bind(devices);
        devices.getUserMedia = async (wanted) => (window.got = await real(wanted));
    }""")
    page.locator("#open").click()
    says(page, "#say", "The microphone is on")
    page.keyboard.press("r")
    says(page, "#say", "Recording")
    assert page.locator("#device").is_disabled(), "nothing is changed in the middle of a line"
    page.evaluate("got.getAudioTracks()[0].dispatchEvent(new Event('ended'))")
    says(page, "#say", "The microphone is gone")
    assert page.locator("#record").is_disabled() and page.locator("#open").is_enabled()
    page.locator("#open").click()
    says(page, "#say", "The microphone is on")


# ---------------------------------------------------------------- for everybody


def test_axe_finds_nothing_and_nothing_is_cut_off(visit, desk):
    folder, address = desk
    (folder / "scripts" / "morning.md").write_text(SCRIPT.replace("Find a", "You must find a"))
    page = visit(address, reduced_motion="reduce")
    says(page, "#live", "The picture is exact")
    for way in ("Script", "Two voices", "Record", "All scripts", "Bring a script"):
        with page.expect_navigation():
            page.get_by_role("link", name=way, exact=True).click()
        if way == "Script":
            page.get_by_role("button", name="Make").click()
            page.locator("#piece").wait_for()
        if way == "Bring a script":
            page.get_by_label("Or the text").fill(
                "# Rest\n\n*soft music*\n\nRest here. [bel] (pause 3 seconds)\n"
            )
            page.get_by_role("button", name="Show what").click()
            page.locator("table.columns").wait_for()
        if way == "Record":
            page.locator("#open").click()
            says(page, "#say", "The microphone is on")
            page.keyboard.press("r")
            says(page, "#say", "Recording")
        assert not violations(page), way
        page.emulate_media(color_scheme="dark")
        assert not violations(page, "color-contrast"), way
        page.emulate_media(color_scheme="light")
        for width, height in (SMALL, PHONE, WIDE):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (way, width)
            small = page.evaluate("""() => [...document.querySelectorAll("a, button, input, select, summary")].filter(
                (e) => {
                    const box = (e.closest("label") || e).getBoundingClientRect();
                    return e.checkVisibility() && !e.closest("svg, .skip") && (box.height < 24 || box.width < 20);
                }).map(e => e.outerHTML.slice(0, 80))""")
            assert not small, (way, width, small)


def test_dark_by_hand(visit, desk):
    page = visit(desk[1], color_scheme="light")
    paper = "getComputedStyle(document.querySelector('#picture .tp .paper')).fill"
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    before = page.evaluate(paper), page.evaluate(ground)
    page.get_by_role("button", name="Dark").click()
    after = page.evaluate(paper), page.evaluate(ground)
    assert before[0] != after[0] and before[1] != after[1]
