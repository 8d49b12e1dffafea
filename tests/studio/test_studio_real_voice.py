"""The participant's way with a real voice: a phrase goes in, and a stranger hears it in the file that comes out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import mutagen
import pytest
import recogniser
import soundfile
import soxr
import studiobrowser
from chromium import until, visitors, wants_chromium
from studiobrowser import Guest, listenable
from studioweb import make_studio_config

from kindvoice.engines import can_speak
from kindvoice.paths import data_folder
from kindvoice.speech.voices import read_voices

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
HEART = read_voices([data_folder("voices")])["heart"]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.voice,
    pytest.mark.listens,
    wants_chromium,
    pytest.mark.skipif(not can_speak(HEART), reason="the voice heart cannot speak here"),
    pytest.mark.skipif(not recogniser.available(), reason="the recogniser comes with the dev extra"),
]
PHRASE = "May I be gentle with my tired heart"
OTHERS = {
    "other": "May you be gentle with your tired heart.",
    "together": "May you and I be gentle with our hearts.",
}
MINUTES = 2


@pytest.fixture
def visit(tmp_path, chromium) -> Iterator[Callable[..., Guest]]:
    config = make_studio_config(tmp_path, voices=("heart",))
    with studiobrowser.served(config) as served, visitors(chromium, served.url, kind=Guest) as arrive:
        yield arrive


def downloaded(page: sync_api.Page, kind: str, folder: Path) -> Path:
    """The file behind the page's own link."""
    with page.expect_download() as download:
        page.click(f".downloads a:has-text('{kind}')")
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_a_phrase_is_heard_in_the_recording_that_is_downloaded(visit, tmp_path):
    here = visit()
    page = here.go("/")
    page.click(".group > summary:has-text('More practices')")
    page.click("text=A Kind Minute")
    page.fill("#self-1", PHRASE)
    until(page, "document.getElementById('other-1').value !== ''")
    for form, text in OTHERS.items():
        page.fill(f"#{form}-1", text)
    page.click("#phrase-1 .hear")
    until(page, "document.querySelector('#phrase-1 .hear').classList.contains('heard')")
    page.fill("#minutes", str(MINUTES))
    page.click("button.main")
    page.wait_for_url("**/r/**")
    listenable(page, 200)
    if page.evaluate("document.getElementById('sound').paused"):
        page.click("#play")
    until(page, "document.getElementById('sound').currentTime > 1")
    assert page.evaluate("document.getElementById('sound').error") is None
    assert not page.evaluate("document.getElementById('sound').paused")
    page.click("#play")

    mp3, vtt = downloaded(page, "MP3", tmp_path), downloaded(page, "VTT", tmp_path)
    until(page, "document.querySelector('.downloads').textContent.includes('M4B')", 120)
    m4b = downloaded(page, "M4B", tmp_path)
    assert [path.name for path in (mp3, vtt, m4b)] == [
        f"kind-minute.{kind}" for kind in ("mp3", "vtt", "m4b")
    ]

    sound, rate = soundfile.read(
        mp3, dtype="float32"
    )  # libsndfile's reader: not the one that kindvoice decodes with
    assert (len(sound), rate) == (MINUTES * 60 * 48_000, 48_000)
    assert mutagen.File(m4b).info.length == pytest.approx(MINUTES * 60, abs=0.1)
    assert len(mutagen.File(m4b).chapters) == 3
    for text in (PHRASE + ".", OTHERS["together"]):
        start_s, stop_s = where(text, vtt.read_text(encoding="utf-8"))
        piece = sound[int((start_s - 0.5) * rate) : int((stop_s + 0.5) * rate)].mean(axis=1)
        heard = recogniser.hear(soxr.resample(piece, rate, 16_000))
        print(f"{start_s:.1f} s: {text!r} was heard as {heard!r}")
        assert recogniser.wrong_words(text, heard) == 0
    page.click(".delete summary")
    page.click(".danger")
    until(page, "document.querySelector('h1').textContent === 'It is deleted'")
    assert not here.complaints


def where(text: str, captions: str) -> tuple[float, float]:
    """When these words are first spoken, in seconds, as the captions have it."""
    for cue in captions.split("\n\n"):
        times = re.search(r"(?:(\d+):)?(\d+):([\d.]+) --> (?:(\d+):)?(\d+):([\d.]+)", cue)
        if times and text in " ".join(cue.split()):
            h, m, s, h2, m2, s2 = (float(each or 0) for each in times.groups())
            return h * 3600 + m * 60 + s, h2 * 3600 + m2 * 60 + s2
    raise AssertionError("no caption has it")
