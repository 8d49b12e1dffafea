"""A phrase, spoken at once."""

from __future__ import annotations

import io
import os
import threading
import time
from concurrent.futures import Future

import av
import numpy as np
import pytest
import soundfile
from ordering import studio_at, wish

from kindvoice.studio.host.config import Limits
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.host.orders import Orders
from kindvoice.studio.web import previews
from kindvoice.studio.web.previews import Previews


@pytest.fixture
def spoken(tmp_path):
    made = Previews(studio_at(tmp_path, limits=Limits(previews_per_minute=12, previews_waiting=2)))
    yield made
    made.stop()


def test_a_phrase_is_heard(spoken):
    sound = spoken.speak("May I be safe", "en", "tone", "anna", kind="wav")
    samples, rate = soundfile.read(io.BytesIO(sound))
    assert rate == 48_000 and np.abs(samples).max() > 0.05
    assert np.abs(samples[:4800]).max() < 0.002, "room tone"
    mp3 = spoken.speak("May I be safe", "en", None, "anna")
    with av.open(io.BytesIO(mp3)) as file:
        assert file.streams.audio[0].codec_context.name.startswith("mp3")
        assert float(file.duration or 0) / 1e6 == pytest.approx(len(samples) / rate, abs=0.05)
    assert b"safe" not in mp3 and b"safe" not in sound


def test_the_same_phrase_is_the_same_sound(spoken):
    sounds = {spoken.speak("May I be safe", "en", "tone", person) for person in ("anna", "bert")}
    assert len(sounds) == 1
    assert spoken.speak("May I be kind", "en", "tone", "anna") not in sounds


@pytest.mark.parametrize("text", ["", "   ", "...", "\u202e", "🙏🙏", "x" * 241, "\x00", "<>"])
def test_what_cannot_be_said_is_refused(spoken, text):
    with pytest.raises(StudioError) as caught:
        spoken.speak(text, "en", "tone", "anna")
    assert caught.value.kind == "words"


@pytest.mark.parametrize(
    "text", ["[bell] a", "{{ 7*7 }}", "<script>alert(1)</script>", "# a", "../../a", "a\x1b[31m", "\u202eabc"]
)
def test_markup_is_only_words(spoken, text):
    assert len(spoken.speak(text, "en", "tone", "anna")) > 5_000


@pytest.mark.parametrize("voice", ["nobody", "heart", "../tone", "tone*3"])
def test_a_voice_that_is_not_offered_is_refused(spoken, voice):
    with pytest.raises(StudioError) as caught:
        spoken.speak("May I be safe", "en", voice, "anna")
    assert caught.value.kind == "voice"


def test_so_many_a_minute_for_each_person(spoken):
    for _ in range(12):
        spoken.speak("May I be safe", "en", "tone", "anna", kind="wav")
    with pytest.raises(StudioError) as caught:
        spoken.speak("May I be safe", "en", "tone", "anna")
    assert caught.value.kind == "many" and 0 < caught.value.retry_s <= 5
    spoken.speak("May I be safe", "en", "tone", "bert", kind="wav")


def test_the_line_is_short(spoken, monkeypatch):
    go = threading.Event()

    def slow(task, on_stage):
        go.wait(10)
        return previews.Preview(b"sound")

    monkeypatch.setattr(previews, "say", slow)
    threads = [threading.Thread(target=spoken.speak, args=("a safe place", "en", "tone", p)) for p in "ab"]
    for thread in threads:
        thread.start()
    while spoken._line._line._of.total() < 2:
        time.sleep(0.005)
    with pytest.raises(StudioError) as caught:
        spoken.speak("a safe place", "en", "tone", "c")
    assert caught.value.kind == "busy"
    go.set()
    for thread in threads:
        thread.join()
    assert spoken.speak("a safe place", "en", "tone", "c") == b"sound"


class _Stuck:
    """Takes a task and comes back with nothing until it is stopped."""

    def submit(self, fn, task):
        self.future = Future()
        return self.future

    def stop(self, future):
        assert future.cancel()

    def shutdown(self, wait, cancel_futures):
        self.future.cancel()


@pytest.mark.parametrize("by_time", [True, False])
def test_who_waits_for_a_stuck_voice_or_when_the_studio_ends_is_told(tmp_path, monkeypatch, by_time):
    stuck, told = _Stuck(), []
    monkeypatch.setattr(previews, "Processes", lambda jobs, on_news: stuck)
    monkeypatch.setattr(previews, "LONGEST_S", 0.01 if by_time else 60.0)
    spoken = Previews(studio_at(tmp_path, jobs=1))

    def speak():
        with pytest.raises(StudioError) as caught:
            spoken.speak("a safe place", "en", "tone", "anna")
        told.append(caught.value.kind)

    thread = threading.Thread(target=speak)
    thread.start()
    while not (by_time or hasattr(stuck, "future")):
        time.sleep(0.005)
    if not by_time:
        spoken.stop()
    thread.join(10)
    assert told == ["busy"] and stuck.future.cancelled()


def _clips(config):
    return {p.name for p in (config.settings.cache / "v1").rglob("*") if p.is_file()}


def test_previews_are_forgotten_with_an_order_of_the_same_person(spoken):
    orders = Orders(spoken.config)
    token = orders.place(wish("May I be safe"), "anna").token
    spoken.speak("May I be safe", "en", "tone", "anna")
    spoken.speak("May I be kind", "en", "tone", "bert")
    before = _clips(orders.config)
    orders.delete(token)
    assert _clips(orders.config) < before, "hers is gone"
    assert _clips(orders.config), "his is not"
    orders.close()


def test_previews_are_forgotten_after_an_hour(spoken):
    orders = Orders(spoken.config)
    spoken.speak("May I be safe", "en", "tone", "anna")
    ledgers = list((orders.config.settings.cache / "ledgers").iterdir())
    orders.expire(0.0)
    assert _clips(orders.config) and len(ledgers) == 1
    old = time.time() - 3_700
    os.utime(ledgers[0], (old, old))
    orders.expire(0.0)
    assert not _clips(orders.config) and not ledgers[0].exists()
    orders.close()


@pytest.mark.slow
def test_a_process_keeps_the_voice(tmp_path):
    spoken = Previews(studio_at(tmp_path, jobs=1))
    here = Previews(studio_at(tmp_path))
    assert spoken.speak("May I be safe", "en", "tone", "anna") == here.speak(
        "May I be safe", "en", "tone", "anna"
    )
    began = time.monotonic()
    spoken.speak("May I be safe", "en", "tone", "anna")
    assert time.monotonic() - began < 2
    spoken.stop()


def test_no_repr_of_what_is_handed_on_holds_the_words(spoken):
    phrase = spoken._phrase("Purple giraffes", "en")
    task = previews.PreviewTask(
        phrase, spoken._choices.voice("tone", "en"), "p", "mp3", (), spoken.config.settings, "r"
    )
    assert "iraffe" not in repr(task)
