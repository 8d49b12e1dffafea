"""What is heard before anything is ordered: a phrase in any voice; a bell or a background, as it will sound."""

from __future__ import annotations

import io
import os
import threading
import time
from concurrent.futures import Future

import numpy as np
import pytest
import soundfile
from ordering import refused, studio_at, wish

from kindvoice.sound import beds, bells
from kindvoice.studio.host.config import Limits
from kindvoice.studio.host.orders import Orders
from kindvoice.studio.web import previews, soundbites
from kindvoice.studio.web.previews import Previews
from kindvoice.studio.web.soundbites import LONGEST_MS, Soundbites
from kindvoice.units import db_to_gain

SAFE = "May I be safe"


@pytest.fixture(scope="module")
def spoken(tmp_path_factory, choices):
    made = Previews(
        studio_at(tmp_path_factory.mktemp("spoken"), limits=Limits(previews_per_minute=1000)), choices
    )
    yield made
    made.stop()


@pytest.fixture
def fresh(tmp_path, choices):
    """With a cache and limits of its own."""
    made = Previews(studio_at(tmp_path, limits=Limits(previews_per_minute=2, previews_waiting=2)), choices)
    yield made
    made.stop()


def heard(mp3: bytes) -> np.ndarray:
    samples, rate = soundfile.read(io.BytesIO(mp3), dtype="float32")
    assert rate == 48_000
    return samples


# ---------------------------------------------------------------- a phrase


def test_a_phrase_is_heard_and_the_same_phrase_is_the_same_sound(spoken):
    mp3 = spoken.speak(SAFE, "en", None, "anna")
    sound = heard(mp3)
    assert np.abs(sound).max() > 0.05
    assert np.abs(sound[:4800]).max() < 0.002, "room tone"
    assert b"safe" not in mp3
    assert (
        spoken.speak(SAFE, "en", "tone", "bert") == mp3 != spoken.speak("May I be kind", "en", "tone", "anna")
    )


@pytest.mark.parametrize(
    ("text", "voice", "kind"),
    [
        *((text, "tone", "words") for text in ("", "   ", "...", "\u202e", "🙏🙏", "x" * 241, "\x00", "<>")),
        *((SAFE, voice, "voice") for voice in ("nobody", "heart", "../tone", "tone*3")),
    ],
)
def test_what_cannot_be_said_is_refused(spoken, text, voice, kind):
    with refused(kind):
        spoken.speak(text, "en", voice, "anna")


@pytest.mark.parametrize(
    "text", ["[bell] a", "{{ 7*7 }}", "<script>alert(1)</script>", "# a", "../../a", "a\x1b[31m", "\u202eabc"]
)
def test_markup_is_only_words(spoken, text):
    assert len(spoken.speak(text, "en", "tone", "anna")) > 5_000


def test_so_many_a_minute_for_each_person(fresh):
    for _ in range(2):
        fresh.speak(SAFE, "en", "tone", "anna")
    with refused("many"):
        fresh.speak(SAFE, "en", "tone", "anna")
    fresh.speak(SAFE, "en", "tone", "bert")


def test_the_line_is_short(fresh, monkeypatch):
    go = threading.Event()

    def slow(task, on_stage):
        assert "safe" not in repr(task), "words that somebody could log"
        go.wait(120)
        return b"sound"

    monkeypatch.setattr(previews, "say", slow)
    threads = [threading.Thread(target=fresh.speak, args=(SAFE, "en", "tone", person)) for person in "ab"]
    for thread in threads:
        thread.start()
    while fresh._line._line._of.total() < 2:
        time.sleep(0.005)
    with refused("busy"):
        fresh.speak(SAFE, "en", "tone", "c")
    go.set()
    for thread in threads:
        thread.join()
    assert fresh.speak(SAFE, "en", "tone", "c") == b"sound"


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
def test_who_waits_for_a_stuck_voice_or_when_the_studio_ends_is_told(tmp_path, choices, monkeypatch, by_time):
    stuck, ended = _Stuck(), threading.Event()
    monkeypatch.setattr(previews, "Processes", lambda jobs, on_news: stuck)
    monkeypatch.setattr(previews, "LONGEST_S", 0.01 if by_time else 60.0)
    spoken = Previews(studio_at(tmp_path, jobs=1), choices)

    def speak():
        with refused("busy"):
            spoken.speak(SAFE, "en", "tone", "anna")
        ended.set()

    threading.Thread(target=speak).start()
    while not (by_time or hasattr(stuck, "future")):
        time.sleep(0.005)
    if not by_time:
        spoken.stop()
    assert ended.wait(120) and stuck.future.cancelled()


def _clips(config):
    return {p.name for p in (config.settings.cache / "v1").rglob("*") if p.is_file()}


def test_previews_are_forgotten_with_an_order_of_the_same_person_or_after_an_hour(fresh):
    orders, ledgers = Orders(fresh.config), fresh.config.settings.cache / "ledgers"
    token = orders.place(wish(SAFE), "anna").token
    fresh.speak(SAFE, "en", "tone", "anna")
    fresh.speak("May I be kind", "en", "tone", "bert")
    before = _clips(orders.config)
    orders.delete(token)
    assert _clips(orders.config) < before, "hers is gone"
    (ledger,) = ledgers.iterdir()
    orders.expire(0.0)
    assert _clips(orders.config), "his is not, yet"
    old = time.time() - 3_700
    os.utime(ledger, (old, old))
    orders.expire(0.0)
    assert not _clips(orders.config) and not ledger.exists()
    orders.close()


@pytest.mark.slow
def test_a_process_speaks_what_a_thread_does_also_the_second_time(tmp_path, spoken, choices):
    lane = Previews(studio_at(tmp_path, jobs=1), choices)
    for _ in range(2):
        assert lane.speak(SAFE, "en", "tone", "anna") == spoken.speak(SAFE, "en", "tone", "anna")
    lane.stop()


# ---------------------------------------------------------------- a bell or a background


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    return Soundbites(studio_at(tmp_path_factory.mktemp("sounds"), limits=Limits(previews_per_minute=1000)))


def level_db(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(samples.astype(float) ** 2)))


@pytest.mark.parametrize("name", bells.BELLS)
def test_a_bell_sounds_as_the_mixer_has_it_and_fades(sounds, name):
    sound = heard(sounds.play("bell", name, "somebody"))
    assert len(sound) == LONGEST_MS * 48 and sound.shape[1] == 2
    assert level_db(sound[:96_000]) == pytest.approx(level_db(bells.strike(name)[:96_000]), abs=0.3)
    assert np.abs(sound[-480:]).max() < 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("name", beds.BEDS)
def test_a_background_sounds_as_the_mixer_has_it_at_every_level(sounds, name):
    own = level_db(beds.block(beds.layers(name), 48_000, 5 * 48_000))
    for gain_db in (-12, 0, 6):
        sound = heard(sounds.play("bed", name, "somebody", gain_db=gain_db))
        assert level_db(sound[48_000 : 6 * 48_000]) == pytest.approx(own + gain_db, abs=0.5)
        ends = np.concatenate([sound[:24], sound[-24:]])
        assert np.abs(ends).max() < 1e-3 * db_to_gain(gain_db)
    beds._made.cache_clear()


def test_what_was_made_once_is_not_made_again(sounds, monkeypatch):
    beds._made.cache_clear()
    first = sounds.play("bed", "rain", "somebody", gain_db=-3)
    monkeypatch.setattr(soundbites, "small_mp3", lambda *given: pytest.fail("made again"))
    assert sounds.play("bed", "rain", "another", gain_db=-3) == first
    assert beds._made.cache_info().currsize == 0, "the loops are not kept in memory"


@pytest.mark.parametrize(
    ("kind", "name", "gain_db"),
    [("bell", "off", 0), ("bell", "", 0), ("bed", "/etc/passwd", 0), ("gong", "low", 0), ("bed", "rain", 99)],
)
def test_what_is_not_ours_is_refused(sounds, kind, name, gain_db):
    with refused("sound"):
        sounds.play(kind, name, "somebody", gain_db=gain_db)


def test_nobody_tries_sounds_without_end_or_keeps_others_waiting(tmp_path, monkeypatch):
    sounds = Soundbites(studio_at(tmp_path, limits=Limits(previews_waiting=1, previews_per_minute=2)))
    begun, go_on = threading.Event(), threading.Event()

    def slow(sound, path, tags):
        begun.set()
        assert go_on.wait(120)
        path.write_bytes(b"sound")
        return path

    monkeypatch.setattr(soundbites, "small_mp3", slow)
    thread = threading.Thread(target=sounds.play, args=("bell", "high", "somebody"))
    thread.start()
    assert begun.wait(120)
    with refused("busy"):
        sounds.play("bell", "low", "another")
    go_on.set()
    thread.join(120)
    assert sounds.play("bell", "high", "another") == b"sound", "what is there waits for nobody"
    sounds.play("bell", "high", "somebody")
    with refused("many"):
        sounds.play("bell", "high", "somebody")
