"""The listening page in a real browser, opened from the disk: it plays, follows, serves everybody, and is quiet."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import soundfile
from chromium import PHONE, SMALL, WIDE, Visit, until, violations, visitors, wants_chromium
from pages import read_html, release, transcript

from kindvoice.cli import run
from kindvoice.publish.page import write_page

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = [
    pytest.mark.slow,
    wants_chromium,
]


def sound(seconds: int = 60, format: str = "MP3") -> bytes:
    t = np.arange(16_000 * seconds) / 16_000
    buffer = io.BytesIO()
    soundfile.write(buffer, 0.1 * np.sin(2 * np.pi * 220 * t), 16_000, format=format)
    return buffer.getvalue()


def picture() -> bytes:
    buffer = io.BytesIO()
    PIL.Image.new("RGB", (300, 300), (46, 86, 84)).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The page of one recording of a minute."""
    base = tmp_path_factory.mktemp("page")
    files = {"mp3": sound(), "flac": b"f" * 123_456, "vtt": b"WEBVTT\n", "cover": picture()}
    return write_page([release(base / "in", files=files)], base / "a page #1").parent


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    base = tmp_path_factory.mktemp("course")
    mp3 = sound(30)
    recordings = [
        release(
            base / f"in{n}",
            "day",
            title=f"Day {n}",
            album="Three days",
            files={"mp3": mp3, "cover": picture()},
        )
        for n in (1, 2, 3)
    ]
    return write_page(recordings, base / "page").parent


class Listener(Visit):
    def open(self, folder: Path, name: str = "index.html") -> sync_api.Page:
        page = self.new_page()
        page.goto((folder / name).as_uri())
        if page.locator("html.scripted #player").count():
            until(page, "document.getElementById('sound').readyState > 0")
        return page

    def leave(self) -> None:
        super().leave()
        assert not self.complaints


@pytest.fixture
def visit(chromium, folder, course) -> Iterator[Callable[..., Listener]]:
    own = (folder.parents[1].as_uri(), course.parents[1].as_uri())
    with visitors(chromium, *own, kind=Listener) as arrive:
        yield arrive


def state(page) -> dict:
    return page.evaluate("({at: sound.currentTime, paused: sound.paused})")


def move(page, seconds: float) -> None:
    page.evaluate(
        "at => new Promise(done => { sound.onseeked = () => setTimeout(done, 30); sound.currentTime = at; })",
        seconds,
    )


def current(page, kind: str) -> list[str]:
    return page.locator(f".{kind}[aria-current]").all_inner_texts()


def focused(page) -> str:
    return page.evaluate("document.activeElement.id || document.activeElement.innerText")


# ---------------------------------------------------------------- playing


def test_it_plays_and_pauses_from_where_the_listener_says(visit, folder):
    page = visit().open(folder)
    play, back = (page.get_by_role("button", name=name) for name in ("Play", "Back 15 seconds"))
    assert current(page, "chapter") == ["Arriving\n0:00"]
    play.click()
    until(page, "sound.currentTime > 0.2 && navigator.mediaSession.playbackState === 'playing'")
    said = page.evaluate("[navigator.mediaSession.metadata.title, navigator.mediaSession.metadata.artist]")
    assert said == ["A kind minute", "Ana Lima"], "the system knows what is played"
    until(page, "document.getElementById('now').innerText === '0:01'")
    page.get_by_role("button", name="Pause").click()
    play.wait_for()
    assert state(page)["paused"]
    page.get_by_role("link", name="Kind words").click()
    until(page, "!sound.paused && sound.currentTime > 20.1")
    assert state(page)["at"] < 23
    assert current(page, "chapter") == ["Kind words\n0:20"]
    page.get_by_role("link", name="May I be peaceful.").click()
    until(page, "!sound.paused && sound.currentTime > 26.05")
    assert state(page)["at"] < 29
    assert len(page.context.pages) == 1 and page.url.endswith("index.html")
    page.get_by_role("button", name="Pause").click()
    move(page, 0)
    page.get_by_role("button", name="Forward 15 seconds").click(click_count=2)
    assert state(page)["at"] == pytest.approx(30, abs=0.1)
    back.click()
    assert state(page)["at"] == pytest.approx(15, abs=0.1)
    back.click(click_count=2)
    assert state(page)["at"] == 0
    move(page, 59.5)
    play.click()
    until(page, "sound.ended")
    play.click()
    until(page, "!sound.paused && sound.currentTime < 5 && sound.currentTime > 0")


def test_the_right_line_is_marked(visit, folder):
    page = visit().open(folder)
    for seconds, spoken, last in (
        (45.0, [], ["Let your eyes open, and take this kindness with you."]),
        (0.5, [], []),
        (1.0, ["It is good that you are here."], ["It is good that you are here."]),
        (4.5, [], ["It is good that you are here."]),
        (21.5, ["May I be safe."], ["May I be safe."]),
        (33.9, ["May I be kind to myself."], ["May I be kind to myself."]),
        (59.0, [], ["Let your eyes open, and take this kindness with you."]),
    ):
        move(page, seconds)
        assert current(page, "line") == spoken
        assert page.locator(".line.last").all_inner_texts() == last


# ---------------------------------------------------------------- by keyboard


def test_by_keyboard_alone(visit, folder):
    page = visit().open(folder)
    press = page.keyboard.press
    press("Tab")
    assert focused(page) == "Skip to the player"
    press("Enter")
    press("Tab")
    assert focused(page) == "seek"
    press("ArrowRight")
    press("ArrowRight")
    press("ArrowLeft")
    assert state(page)["at"] == pytest.approx(5, abs=0.1)
    press("End")
    assert state(page)["at"] == pytest.approx(60, abs=0.2)
    press("Home")
    press("PageUp")
    assert state(page)["at"] == pytest.approx(60, abs=0.2)
    press("Home")
    press("Space")
    until(page, "!sound.paused")
    press("k")
    until(page, "sound.paused")
    press("l")
    assert state(page)["at"] == pytest.approx(15, abs=3)
    press("j")
    assert state(page)["at"] == pytest.approx(0, abs=3)
    press("Tab")
    press("Tab")
    assert focused(page) == "play"
    press("Space")
    until(page, "!sound.paused")
    press("Enter")
    until(page, "sound.paused")
    page.locator(".chapter").nth(2).focus()
    press("Enter")
    until(page, "!sound.paused && sound.currentTime > 40")
    press("Space")
    assert not state(page)["paused"], "outside of the player, a key is the page's own"
    page.locator("#follow").focus()
    press("Tab")
    assert focused(page) == "Skip past the transcript"
    press("Enter")
    press("Tab")
    assert focused(page).startswith("MP3")


def test_what_has_the_focus_can_be_seen(visit, folder):
    page = visit().open(folder)
    seen = set()
    while True:
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        look = page.evaluate("""() => {
            const e = document.activeElement, shown = e.id === "seek" ? e.parentElement.querySelector(".thumb") : e;
            const box = e.getBoundingClientRect();
            const inside = box.top >= 0 && box.bottom <= innerHeight;
            return [e.id || e.innerText, getComputedStyle(shown).outlineStyle, inside];
        }""")
        assert look[1] == "solid", f"{look[0]} has the focus and does not show it"
        assert look[2], f"{look[0]} has the focus and is out of sight"
        seen.add(look[0])
    assert len(seen) > 20


def test_a_screen_reader_is_left_in_peace(visit, folder):
    """While it plays, nothing that is read aloud changes: not the slider under the focus, not the live region."""
    page = visit().open(folder)
    page.locator("#seek").focus()
    page.keyboard.press("Space")
    until(page, "!sound.paused")
    page.evaluate("""
        window.told = [];
        const watch = new MutationObserver(all => all.forEach(c => told.push(c.target.id || c.target.nodeName)));
        watch.observe(seek, {attributes: true});
        watch.observe(note, {childList: true, characterData: true, subtree: true});
        window.before = seek.value;
    """)
    until(page, "sound.currentTime > 1.7")
    assert page.evaluate("told") == []
    assert page.evaluate("seek.value === before")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("told") == ["seek"]
    assert page.locator("[aria-live], [role=status], [role=alert]").count() == 1


# ---------------------------------------------------------------- following


def come_to_rest(page) -> None:
    """Waits until a glide has ended."""
    before = None
    while before != (before := page.evaluate("scrollY")):
        page.wait_for_timeout(150)


IN_VIEW = """(() => {
        const box = document.querySelector(".line.last").getBoundingClientRect();
        const player = document.getElementById("player");
        const low = getComputedStyle(player).position === "fixed" ? player.getBoundingClientRect().top : innerHeight;
        return box.top >= 0 && box.bottom <= low;
    })()"""


def test_the_words_follow_until_the_listener_looks_elsewhere(visit, folder):
    page = visit(SMALL).open(folder)
    pill = page.get_by_role("button", name="Back to the voice")
    move(page, 40.8)
    assert page.evaluate("scrollY") == 0, "nobody listens yet"
    page.get_by_role("button", name="Play").click()
    until(page, "scrollY > 200")
    come_to_rest(page)
    assert page.evaluate(IN_VIEW)
    assert not pill.is_visible()
    page.mouse.wheel(0, -5_000)
    until(page, "scrollY === 0")
    pill.wait_for()
    move(page, 26.5)
    page.wait_for_timeout(300)
    assert page.evaluate("scrollY") == 0
    pill.click()
    come_to_rest(page)
    assert page.evaluate(IN_VIEW)
    assert not pill.is_visible()
    assert focused(page) == "May I be peaceful."
    page.get_by_role("button", name="Follow the voice").click()
    page.evaluate("scrollTo(0, 0)")
    move(page, 41.5)
    page.wait_for_timeout(500)
    assert page.evaluate("scrollY") == 0
    assert not pill.is_visible()


def test_nothing_moves_for_who_wants_no_motion(visit, folder):
    page = visit(SMALL, reduced_motion="reduce").open(folder)
    assert page.locator("#follow").get_attribute("aria-pressed") == "false"
    move(page, 41.5)
    page.wait_for_timeout(400)
    assert page.evaluate("scrollY") == 0
    page.locator("#follow").click()
    assert page.evaluate(IN_VIEW), "at once, without a glide"


# ---------------------------------------------------------------- remembering


def test_it_remembers_where_the_listener_stopped(visit, folder):
    listener = visit()
    page = listener.open(folder)
    page.get_by_role("link", name="May I be kind to myself.").click()
    until(page, "sound.currentTime > 32.2")
    page.close()
    page = listener.open(folder)
    until(page, "sound.currentTime > 32 && sound.currentTime < 36")
    assert state(page)["paused"]
    assert page.locator("#note").inner_text().startswith("You stopped at 0:3")
    assert page.locator("#now").inner_text().startswith("0:3")
    page.get_by_role("button", name="Start from the beginning").click()
    until(page, "!sound.paused && sound.currentTime < 3")
    assert page.locator("#note").inner_text() == ""
    assert focused(page) == "play"
    page.close()
    page = listener.open(folder)
    assert page.locator("#note").inner_text() == ""


def test_a_course_shows_how_far_each_was_heard(visit, course):
    listener = visit()
    page = listener.open(course)
    assert page.locator(".heard").all_inner_texts() == ["", "", ""]
    page.get_by_role("link", name="Day 2").click()
    page.wait_for_url("**/day-2.html")
    until(page, "sound.readyState > 0")
    # This one lasts half as long as its words say: the sound itself is believed.
    assert page.locator("#whole").inner_text() == "0:30"
    page.get_by_role("button", name="Forward 15 seconds").click()
    page.get_by_role("link", name="Three days").click()
    page.get_by_text("Heard up to 0:15").wait_for()
    assert page.locator(".heard").all_inner_texts() == ["", "Heard up to 0:15", ""]
    page.get_by_role("link", name="Day 3").click()
    page.get_by_role("link", name="Previous Day 2").click()
    page.get_by_text("You stopped at 0:15 last time.").wait_for()


def test_it_works_where_storage_is_blocked(visit, folder):
    listener = visit()
    listener.changed = True
    page = listener.new_page()
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }})"
    )
    page.goto((folder / "index.html").as_uri())
    page.get_by_role("button", name="Dark").click()
    page.get_by_role("link", name="Kind words").click()
    until(page, "sound.currentTime > 20.2")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


# ---------------------------------------------------------------- seeing


def ground(page) -> str:
    return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")


def test_dark_and_light(visit, folder):
    listener = visit(color_scheme="dark")
    page = listener.open(folder)
    button = page.get_by_role("button", name="Dark")
    assert button.get_attribute("aria-pressed") == "true"
    dark = ground(page)
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    light = ground(page)
    assert light != dark
    page.reload()
    assert ground(page) == light
    assert ground(visit(color_scheme="light").open(folder)) == light


def test_axe_finds_nothing(visit, folder, course):
    for size, scheme, rules in ((PHONE, "light", ()), (WIDE, "dark", ("color-contrast",))):
        listener = visit(size, color_scheme=scheme, reduced_motion="reduce")
        page = listener.open(folder)
        move(page, 21.5)
        for each in (page, listener.open(course)):
            assert not violations(each, *rules)


def test_nothing_is_cut_off_and_everything_can_be_touched(visit, folder, course):
    listener = visit()
    for place, name in ((folder, "index.html"), (course, "index.html"), (course, "day-2.html")):
        page = listener.open(place, name)
        for width, height in (PHONE, SMALL, (320, 256), (844, 390), WIDE):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
            small = page.evaluate("""() => Array.from(document.querySelectorAll("a, button, input")).filter(e => {
                const box = (e.closest(".track") || e).getBoundingClientRect();
                return e.checkVisibility() && !e.classList.contains("skip") && (box.height < 44 || box.width < 44);
            }).map(e => e.outerHTML.slice(0, 80))""")
            assert not small, (name, width)
        page.close()


def test_long_words_and_hostile_ones(visit, tmp_path_factory, folder):
    long = "Donaudampfschifffahrtsgesellschaft" * 8
    bad = "</script><script>window.hacked = 1</script><img src=x onerror='hacked = 2'>\u2028\"'"
    words = transcript(
        [(bad, 0, 20_000, (((1_000, 2_000, long), (3_000, 4_000, bad)),)), (long, 20_000, 60_000, ())]
    )
    base = tmp_path_factory.mktemp("hostile")
    made = release(
        base / "in",
        title=long,
        about=bad,
        artist=bad,
        words=words,
        credits=(bad, long),
        files={"mp3": sound(5)},
    )
    page = visit(SMALL).open(write_page([made], base / "page").parent)
    assert page.evaluate("window.hacked") is None
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".line").nth(1).text_content() == bad


def test_right_to_left(visit, tmp_path_factory):
    base = tmp_path_factory.mktemp("rtl")
    words = transcript(
        [("الوصول", 0, 60_000, (((1_000, 2_000, "ليتني أكون بخير."), (3_000, 4_000, "May I be well.")),))],
        language="ar",
    )
    made = release(base / "in", title="لحظة لطف", language="ar", words=words, files={"mp3": sound(5)})
    page = visit().open(write_page([made], base / "page").parent)
    sides = page.evaluate("""Array.from(document.querySelectorAll(".line"), line => {
        const range = document.createRange(), box = line.getBoundingClientRect();
        range.selectNodeContents(line);
        const text = range.getBoundingClientRect();
        return text.left - box.left > box.right - text.right ? "right" : "left";
    })""")
    assert sides == ["right", "left"]
    assert page.locator("html").get_attribute("lang") == "en"


def test_without_scripts_it_still_plays_and_reads(visit, folder):
    page = visit(java_script_enabled=False).open(folder)
    assert page.locator("audio[controls]").is_visible()
    assert page.locator("audio").bounding_box()["height"] > 30
    assert page.locator(".line").count() == 6
    assert page.locator(".line").first.is_visible()
    assert page.locator(".line").nth(2).get_attribute("href") == "media/kind-minute.mp3#t=21.0"
    for control in ("#play", "#seek", "#theme", "#follow", "#return"):
        assert not page.locator(control).is_visible()


def test_what_cannot_be_played_is_said_and_the_next_format_is_played(visit, tmp_path_factory):
    base = tmp_path_factory.mktemp("broken")
    made = release(base / "in", files={"mp3": b"no sound at all" * 100, "wav": b"RIFF"})
    page = visit().context.new_page()
    page.goto(write_page([made], base / "page").as_uri())
    page.locator("#silent").wait_for(state="visible")
    assert "download it below" in page.locator("#silent").inner_text()
    assert not page.locator("#play").is_visible()
    base = tmp_path_factory.mktemp("second")
    made = release(base / "in", files={"mp3": b"no sound at all" * 100, "flac": sound(20, "FLAC")})
    page = visit().open(write_page([made], base / "page").parent)
    page.get_by_role("button", name="Play").click()
    until(page, "sound.currentTime > 0.2 && sound.currentSrc.endsWith('.flac')")
    assert not page.locator("#silent").is_visible()


def test_on_paper_there_are_the_words(visit, folder):
    page = visit().open(folder)
    page.emulate_media(media="print")
    for each in (page.locator("h1"), page.locator(".part h3").first, page.locator(".line").first):
        assert each.is_visible()
        assert each.bounding_box()["x"] >= 0
    for part in ("#player", ".chapters", ".downloads", ".top"):
        assert not page.locator(part).is_visible()


# ---------------------------------------------------------------- any length

KIND = """---
title: A Short Kindness
language: en
length: 3m
range: 1m to 3m
---
# Arriving
[bell]
It is good that you are here. [pause 4s min 1s max 90s]
{% for minute in range(minutes) %}
May I be kind to myself. [pause 20s min 4s max 60s]
{% endfor %}
# Returning
Let your eyes open. [pause 8s min 1s max 60s]
"""
WITH_BELL = {1: "kind-1m.html", 2: "kind-2m.html", 3: "index.html"}


@pytest.fixture(scope="module")
def any_length(tmp_path_factory) -> Path:
    """A page of three lengths, with and without bell."""
    base = tmp_path_factory.mktemp("any")
    (base / "kind.md").write_text(KIND)
    assert (
        run(["page", "--any-length", str(base / "kind.md"), "--voice", "tone", "-o", str(base / "page")]) == 0
    )
    return base / "page"


def test_every_length_plays_and_is_what_render_makes(visit, any_length):
    page = visit().open(any_length)
    for minutes in (3, 1, 2):
        page.get_by_role("link", name=str(minutes), exact=True).click()
        page.wait_for_url(f"**/{WITH_BELL[minutes]}")
        until(page, "sound.readyState > 0")
        assert page.evaluate("sound.duration") == pytest.approx(minutes * 60, abs=1152 / 48_000)
        page.get_by_role("button", name="Play").click()
        until(page, "sound.currentTime > 0.2")
        page.get_by_role("link", name="Returning").click()
        until(page, f"!sound.paused && sound.currentTime > {minutes * 60 - 75}")
        with page.expect_download() as download:
            page.get_by_role("link", name="MP3").click()
        assert download.value.suggested_filename == f"kind-{minutes}m.mp3"
        if minutes == 1:
            script, folder = any_length.parent / "kind.md", any_length.parent / "alone"
            assert run(["render", str(script), "--length", "1m", "--voice", "tone", "-o", str(folder)]) == 0
            assert Path(download.value.path()).read_bytes() == (folder / "kind.mp3").read_bytes()
        assert page.evaluate("sound.src === document.querySelector('[data-assembled]').href")


def test_the_bell_is_left_out_at_the_same_length(visit, any_length):
    page = visit().open(any_length, "kind-2m.html")
    with_bell = page.locator(".line").nth(1).get_attribute("data-start")
    page.get_by_role("link", name="Without bell").click()
    page.wait_for_url("**/kind-2m-no-bell.html")
    until(page, "sound.readyState > 0")
    assert page.locator("#whole").inner_text() == "2:00"
    assert page.locator(".line").nth(1).get_attribute("data-start") != with_bell
    assert page.locator(".lengths [aria-current]").all_inner_texts() == ["2", "Without bell"]


def test_who_presses_play_at_once_hears_it_as_soon_as_it_is_there(visit, any_length):
    page = visit().new_page()
    waiting: list[sync_api.Route] = []
    page.route("**/media/sound-*.js", lambda route: waiting.append(route))
    page.goto((any_length / "index.html").as_uri(), wait_until="commit")
    page.get_by_role("button", name="Play").click()
    assert page.evaluate("sound.readyState") == 0
    for route in waiting:
        route.continue_()
    until(page, "!sound.paused && sound.currentTime > 0.2")


def test_any_length_is_a_page_like_others(visit, any_length):
    for size, scheme, rules in ((SMALL, "light", ()), (PHONE, "dark", ("color-contrast",))):
        page = visit(size, color_scheme=scheme, reduced_motion="reduce").open(any_length)
        assert not violations(page, *rules)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        boxes = [link.bounding_box() for link in page.locator(".lengths a").all()]
        assert all(box["height"] >= 44 and box["width"] >= 44 for box in boxes)


def test_what_it_needs_is_said(visit, any_length, tmp_path_factory):
    needs = "To play, this page needs JavaScript and all the files of its folder."
    page = visit(java_script_enabled=False).open(any_length)
    assert page.get_by_text(needs).is_visible()
    page.get_by_role("link", name="Arriving").click()
    assert page.url.endswith("index.html#player")
    partial = tmp_path_factory.mktemp("partial") / "page"
    shutil.copytree(any_length, partial)
    html = read_html(partial / "index.html")
    last = [script.get("src") for script in html.all("script")][-1]
    (partial / last).write_text("")
    page = visit().new_page()
    page.goto((partial / "index.html").as_uri())
    page.get_by_text(needs).wait_for(state="visible")
    assert not page.locator("#play").is_visible()
