"""The teachers' pages in a real browser: they follow the file, let two voices be heard, and record."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from teachpages import SCRIPT, served, teachers_in

from kindvoice.engines import tone
from kindvoice.model import Voice
from kindvoice.takes import Takes

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; apt-get install chromium"),
]
WIDE, PHONE, SMALL = (1280, 900), (390, 844), (320, 640)
LINE = "Find a position that feels comfortable."


@pytest.fixture(scope="module")
def chromium(tmp_path_factory) -> Iterator[sync_api.Browser]:
    """A browser whose microphone hears somebody read the same line again and again."""
    voice = Voice(name="tone", title="Tone", engine="tone", language="en", licence="x", credit="x")
    hum = np.repeat(tone.speak(LINE, voice)[0], 2) * 0.8
    room = np.random.default_rng(1).standard_normal(len(hum) + 24_000) * 3e-5
    room[: len(hum)] += hum
    heard = tmp_path_factory.mktemp("microphone") / "line.wav"
    soundfile.write(str(heard), room, 48_000, subtype="PCM_16")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                "--mute-audio", "--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={heard}",
                "--autoplay-policy=no-user-gesture-required",
            ],
        )  # fmt: skip
        yield browser
        browser.close()


@pytest.fixture
def desk(tmp_path) -> Iterator[tuple[Path, str]]:
    """A folder with one script, and the address of its list."""
    with served(teachers_in(tmp_path), tmp_path) as address:
        yield tmp_path, address


@pytest.fixture
def visit(chromium, desk) -> Iterator[Callable[..., sync_api.Page]]:
    """Leaves before the server does."""
    contexts, complaints = [], []

    def arrive(
        address: str, size=WIDE, scheme="light", microphone=True, scripts=True, quiet=True, **more: object
    ) -> sync_api.Page:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            java_script_enabled=scripts,
            **more,
        )
        if microphone:
            context.grant_permissions(["microphone"])
        context.set_default_timeout(8_000)
        contexts.append(context)
        page = context.new_page()
        if quiet:
            page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda request: (
                request.url.startswith(("http://127.0.0.1", "blob:")) or complaints.append(request.url)
            ),
        )
        page.goto(f"{address}/")
        page.get_by_role("link", name="A Kind Morning").click()
        page.locator("#source").wait_for()
        return page

    yield arrive
    for context in contexts:
        context.close()
    assert not complaints


def until(page, true: str, seconds: float = 20) -> None:
    """Waits for an expression to become true. The driver's own way is eval, which the page's policy forbids."""
    late = time.monotonic() + seconds
    while not page.evaluate(true):
        if time.monotonic() > late:
            told = page.locator(".status").all_inner_texts()
            raise AssertionError(f"not in {seconds} s: {true}; the page says {told}")
        page.wait_for_timeout(20)


def says(page, place: str, text: str) -> None:
    until(page, f"document.querySelector({place!r}).textContent.includes({text!r})")


# ---------------------------------------------------------------- following the file


def test_the_page_follows_the_file(visit, desk):
    folder, address = desk
    page = visit(address)
    says(page, "#live", "The picture is exact")
    says(page, "#can-last", " to ")
    path = folder / "scripts" / "morning.md"
    path.write_text(
        SCRIPT.replace("Find a", "You must find a").replace("Thank you", "A thousand thanks to you")
    )
    began = time.monotonic()
    says(page, "#source", "You must find")
    assert time.monotonic() - began < 4
    says(page, "#findings", "command")
    says(page, "#picture", "A thousand thanks")
    says(page, "#live", "The picture is exact")
    assert page.locator("#source .remark").first.is_visible()
    path.write_text(SCRIPT + "[pasue 4s]\n")
    says(page, "#findings", "unknown cue [pasue 4s]")
    until(page, "!document.querySelector('#picture svg')")
    beside = path.with_suffix(".new")
    beside.write_text(SCRIPT + "[bell low]\n")
    beside.replace(path)
    until(page, "document.querySelector('#picture .tp-bars')")
    says(page, "#findings", "nothing found")


def test_from_the_picture_to_the_line(visit, desk):
    page = visit(desk[1])
    says(page, "#live", "The picture is exact")
    page.locator('#picture [data-line="10"]').first.locator(".tp-see").first.click(force=True)
    until(page, "document.activeElement.id === 'line-10'")


def test_a_chapter_and_the_whole_are_made_and_play(visit, desk):
    folder, address = desk
    page = visit(address)
    page.locator("#part").select_option("Phrases")
    page.get_by_role("button", name="Make").click()
    until(page, "document.querySelector('#made audio')?.duration > 5", 20)
    page.evaluate("document.querySelector('#made audio').play()")
    until(page, "document.querySelector('#made audio').currentTime > 0.2")
    page.evaluate("document.querySelector('#made audio').pause()")
    page.locator("#part").select_option("The whole")
    page.get_by_role("button", name="Make").click()
    until(page, "document.querySelector('#made').textContent.includes('chapters')", 30)
    assert (folder / "out" / "morning.mp3").is_file()


def test_without_scripts_it_is_read_and_made(visit, desk):
    page = visit(desk[1], scripts=False)
    assert page.locator("#picture svg").is_visible()
    page.get_by_label("Length").fill("1m")
    page.get_by_role("button", name="Show").click()
    assert "length=1m" in page.url
    assert "1:00 long" in page.locator("#picture").text_content()
    page.locator("#part").select_option("Closing")
    page.get_by_role("button", name="Make").click()
    page.wait_for_url("**/pieces/*")
    for _ in range(50):
        if page.locator("audio").count():
            break
        page.wait_for_timeout(200)
        page.reload()
    assert page.locator("audio[controls]").is_visible()


# ---------------------------------------------------------------- two voices


def test_one_line_in_two_voices(visit, desk):
    page = visit(desk[1])
    page.get_by_role("link", name="Two voices").click()
    page.locator("[name=pace_b]").select_option("0.8")
    page.locator("[name=a], [name=b]").nth(0).select_option("tone")
    page.locator("[name=b]").select_option("tone")
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**pace_b=0.8**")
    asked = []
    page.on("request", lambda request: "/say/" in request.url and asked.append(request.url))
    page.locator("#lines li").nth(2).get_by_role("button", name="A, then B").click()
    until(page, "document.querySelector('#lines .playing')?.dataset.side === 'a'")
    until(page, "document.querySelector('#lines .playing')?.dataset.side === 'b'")
    until(page, "!document.querySelector('#lines .playing')")
    assert len(asked) == 2 and "pace=1&" in asked[0] + "&" and "pace=0.8" in asked[1]
    assert not any("safe" in url for url in asked), "no words in addresses"
    page.get_by_role("button", name="Go through all lines").click()
    until(page, "document.querySelector('#lines li:nth-child(2) .playing')", 20)
    page.get_by_role("button", name="Stop").click()
    until(page, "!document.querySelector('#lines .playing')")


# ---------------------------------------------------------------- recording


def test_a_line_is_recorded_by_keyboard_alone(visit, desk):
    folder, address = desk
    page = visit(address)
    page.get_by_role("link", name="Record").click()
    page.locator("#open").focus()
    page.keyboard.press("Enter")
    says(page, "#say", "The microphone is on")
    until(page, "getComputedStyle(meter).getPropertyValue('--held') > 0.5")
    assert page.locator("#now").inner_text() == LINE
    page.keyboard.press("r")
    says(page, "#say", "Recording")
    page.wait_for_timeout(3_200)
    page.keyboard.press("r")
    says(page, "#say", "ear it")
    assert not (folder / "takes").exists()
    page.keyboard.press("h")
    page.keyboard.press("r")
    says(page, "#say", "Recording")
    page.wait_for_timeout(3_200)
    page.keyboard.press("r")
    says(page, "#say", "ear it")
    assert page.evaluate("document.activeElement.id") == "keep"
    page.keyboard.press("Enter")
    says(page, "#say", "Kept.")
    take = Takes(folder / "takes").find("tone", LINE)
    assert take is not None
    samples, rate = soundfile.read(str(take.path))
    assert rate == 48_000
    assert 1.5 < len(samples) / rate < 5
    assert np.abs(samples).max() > 0.05
    assert page.locator("#used").inner_text() == "1"
    says(page, "#now", "You can move")
    page.keyboard.press("ArrowLeft")
    says(page, "#progress", "recorded")
    assert len(Takes(folder / "takes").all("tone")) == 1, "what was not kept is nowhere"
    page.get_by_role("link", name="Script", exact=True).click()
    page.locator("#source").wait_for()
    says(page, "#source", "recorded")


def test_a_microphone_that_is_not_allowed_is_said(visit, desk):
    page = visit(desk[1], microphone=False, quiet=False)
    page.get_by_role("link", name="Record").click()
    page.evaluate(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError')); 0"
    )
    page.get_by_role("button", name="Turn the microphone on").click()
    says(page, "#say", "is not allowed")
    assert page.locator("#record").is_disabled()


# ---------------------------------------------------------------- for everybody


@pytest.mark.parametrize(
    ("size", "scheme"), [(WIDE, "light"), (WIDE, "dark"), (PHONE, "dark"), (SMALL, "light")]
)
def test_axe_finds_nothing_and_nothing_is_cut_off(visit, desk, size, scheme):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    folder, address = desk
    (folder / "scripts" / "morning.md").write_text(SCRIPT.replace("Find a", "You must find a"))
    page = visit(address, size, scheme, reduced_motion="reduce")
    says(page, "#live", "The picture is exact")
    for way in ("Script", "Two voices", "Record", "All scripts"):
        page.get_by_role("link", name=way, exact=True).click()
        page.wait_for_load_state()
        found = axe.Axe().run(page, options={"preload": False}).response["violations"]
        assert not found, (
            way,
            [(v["id"], v["impact"], [n["html"][:160] for n in v["nodes"]]) for v in found],
        )
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), way
        small = page.evaluate("""() => [...document.querySelectorAll("a, button, input, select, summary")].filter(e => {
            const box = (e.closest("label") || e).getBoundingClientRect();
            return e.checkVisibility() && !e.closest("svg, .skip") && (box.height < 24 || box.width < 20);
        }).map(e => e.outerHTML.slice(0, 80))""")
        assert not small, (way, small)


def test_dark_by_hand(visit, desk):
    page = visit(desk[1], scheme="light")
    paper = "getComputedStyle(document.querySelector('#picture .tp-paper')).fill"
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    before = page.evaluate(paper), page.evaluate(ground)
    page.get_by_role("button", name="Dark").click()
    after = page.evaluate(paper), page.evaluate(ground)
    assert before[0] != after[0] and before[1] != after[1]
