"""A made recording made ready to go out, and any recording checked, in the teachers' pages."""

from __future__ import annotations

import html
import io
import re
from pathlib import Path

import pytest
from PIL import Image
from teachpages import Browser, over

from kindvoice.encode.decode import sound_info
from kindvoice.publish.manifest import manifest_of, read_release
from kindvoice.publish.verify import FAIL, verify, verify_for
from kindvoice.sound.presets import shipped
from kindvoice.studio.teach.tasks import TeachTask

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    made = Browser(tmp_path_factory.mktemp("publishing"))
    made.client.follow_redirects = False
    yield made
    made.teachers.close()


@pytest.fixture(scope="module")
def piece(browser) -> TeachTask:
    return browser.make("0")


def sound_of(piece: TeachTask) -> Path:
    return next(each.path for each in piece.state.sounds if each.kind == "mp3")


def verdicts(page: str) -> dict[str, str]:
    found = re.findall(r'<span class="name">([^<]+)</span> <span class="level [^>]*>([^<]+)</span>', page)
    return dict(found)


def picture(size: tuple[int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (40, 90, 80)).save(file, "PNG")
    return file.getvalue()


def send(browser, address: str, file: tuple[str, bytes] = ("", b""), **fields: str):
    return browser.client.post(address, data={"token": browser.token, **fields}, files={"file": file})


def test_each_preset_passes_or_fails_with_a_cure_in_a_sentence(browser, piece):
    page = browser.client.get(f"/teach/pieces/{piece.token}/check").text
    assert set(verdicts(page)) == set(shipped())
    assert verdicts(page)["podcast"] == "passes" and verdicts(page)["acx"] == "fails"
    told = html.unescape(page)
    assert "Make it again with the preset “acx”." in told and "at least 192 kbit/s" in told
    assert "--preset" not in told and "render" not in told
    german = browser.client.get(f"/teach/pieces/{piece.token}/check", headers={"accept-language": "de"}).text
    assert "Mach sie noch einmal mit der Vorgabe „acx“." in german


def test_the_check_is_what_verify_measures(piece):
    presets = list(shipped().values())
    each = verify_for(sound_of(piece), presets)
    assert each == tuple(verify(sound_of(piece), preset) for preset in presets)
    failed = [point for report in each for point in report.findings if point.verdict == FAIL]
    assert failed and all(point.remedy for point in failed if point.cure)
    (missing, _) = verify_for(Path("nothing.mp3"), presets[:2])
    assert [point.point for point in missing.findings] == ["readable"]


def test_any_recording_is_checked_and_nothing_of_it_is_kept(browser, piece):
    page = send(browser, "/teach/check", ("../me.mp3", sound_of(piece).read_bytes()))
    assert page.status_code == 200 and verdicts(page.text)["podcast"] == "passes"
    for name, data in (
        ("a.mp3", b"ID3" + b"\0" * 500),
        ("a.m3u8", b"#EXTM3U\nfile:///etc/passwd"),
        ("a", b"x"),
    ):
        answer = send(browser, "/teach/check", (name, data))
        assert answer.status_code == 200 and set(verdicts(answer.text).values()) == {"fails"}
        assert "Can be read" in answer.text and "passwd" not in answer.text
    assert send(browser, "/teach/check").status_code == 422
    assert not list(browser.workshop.folder("checks").iterdir())


def test_cover_tags_and_preset_are_put_on_it(browser, piece):
    address = f"/teach/pieces/{piece.token}/publish"
    assert "Cover, tags and preset" in browser.client.get(address).text
    fields = {
        "title": "Dawn", "artist": "Ana Lima", "album": "Kind Weeks", "date": "2026-11", "comment": "For <b>you</b>",
        "copyright": "2026 Ana", "preset": "acx",
    }  # fmt: skip
    answer = send(browser, address, ("me.png", picture((1500, 1500))), **fields)
    assert answer.status_code == 303, answer.text
    again = over(browser.workshop.get(answer.headers["location"].rpartition("/")[2]))
    assert again.state.stage == "done", again.state.problem
    sound = sound_of(again)
    tags = read_release(manifest_of(sound)).tags
    assert (tags.title, tags.artist, tags.album, tags.date) == ("Dawn", "Ana Lima", "Kind Weeks", "2026-11")
    assert sound_info(sound).rate == 44_100 and sound_info(sound).tags["title"] == "Dawn"
    form = browser.client.get(f"/teach/pieces/{again.token}/publish").text
    assert (
        'value="Ana Lima"' in form and "For &lt;b&gt;you" in form and '<option value="acx" selected' in form
    )


@pytest.mark.parametrize(
    ("file", "fields", "told"),
    [
        (("", b""), {"date": "soon"}, "is no date"),
        (("a.png", picture((20, 30))), {}, "trouble"),
        (("a.png", b"\x89PNG" + b"x" * 99), {"title": "Kept"}, 'value="Kept"'),
    ],
)
def test_what_cannot_be_is_said_and_what_was_filled_in_stays(browser, piece, file, fields, told):
    answer = send(browser, f"/teach/pieces/{piece.token}/publish", file, **fields)
    assert (
        answer.status_code == 422 and told in answer.text and "--" not in re.sub(r"<[^>]+>", "", answer.text)
    )
    covers = browser.workshop.folder("covers")
    assert all(path.stat().st_size > 1_000 for path in covers.iterdir())


def test_only_a_whole_recording_that_is_made_goes_out(browser):
    chapter = browser.make("1")
    for token in (chapter.token, "x" * 24):
        assert browser.client.get(f"/teach/pieces/{token}/publish").status_code == 404
        assert browser.client.get(f"/teach/pieces/{token}/check").status_code == 404
