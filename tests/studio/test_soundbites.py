"""A bell or a background for a moment: as loud as in a recording, soft at its ends, made once."""

from __future__ import annotations

import io
import threading

import numpy as np
import pytest
import soundfile
from studioweb import make_studio_config

from kindvoice.sound import beds, bells
from kindvoice.studio.host.config import Limits
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.web import soundbites
from kindvoice.studio.web.soundbites import LONGEST_MS, Soundbites
from kindvoice.units import db_to_gain


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return make_studio_config(tmp_path_factory.mktemp("studio"), limits=Limits(previews_per_minute=1000))


@pytest.fixture(scope="module")
def sounds(config):
    return Soundbites(config)


def heard(mp3: bytes) -> np.ndarray:
    samples, rate = soundfile.read(io.BytesIO(mp3), dtype="float32")
    assert rate == 48_000
    return samples


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
        assert np.abs(sound[:24]).max() < 1e-3 * db_to_gain(gain_db)
        assert np.abs(sound[-24:]).max() < 1e-3 * db_to_gain(gain_db)
    beds._made.cache_clear()


def test_what_was_made_once_is_not_made_again(sounds, config, monkeypatch):
    beds._made.cache_clear()
    first = sounds.play("bed", "rain", "somebody", gain_db=-3)
    monkeypatch.setattr(soundbites, "small_mp3", lambda *given: pytest.fail("made again"))
    assert Soundbites(config).play("bed", "rain", "another", gain_db=-3) == first
    assert beds._made.cache_info().currsize == 0, "the loops are not kept in memory"


@pytest.mark.parametrize(
    ("kind", "name", "gain_db"),
    [("bell", "off", 0), ("bell", "", 0), ("bed", "/etc/passwd", 0), ("gong", "low", 0), ("bed", "rain", 99)],
)
def test_what_is_not_ours_is_refused(sounds, kind, name, gain_db):
    with pytest.raises(StudioError) as told:
        sounds.play(kind, name, "somebody", gain_db=gain_db)
    assert told.value.kind == "sound"


def test_nobody_asks_without_end(tmp_path):
    sounds = Soundbites(make_studio_config(tmp_path, limits=Limits(previews_per_minute=2)))
    for _ in range(2):
        sounds.play("bell", "high", "somebody")
    with pytest.raises(StudioError) as told:
        sounds.play("bell", "high", "somebody")
    assert told.value.kind == "many" and told.value.retry_s
    assert sounds.play("bell", "high", "another")


def test_those_who_try_sounds_take_turns_and_one_address_cannot_fill_the_line(tmp_path, monkeypatch):
    sounds = Soundbites(make_studio_config(tmp_path, limits=Limits(previews_waiting=1)))
    begun, go_on = threading.Event(), threading.Event()

    def slow(sound, path, tags):
        begun.set()
        assert go_on.wait(20)
        path.write_bytes(b"sound")
        return path

    monkeypatch.setattr(soundbites, "small_mp3", slow)
    thread = threading.Thread(target=sounds.play, args=("bell", "high", "somebody"))
    thread.start()
    assert begun.wait(20)
    with pytest.raises(StudioError) as refused:
        sounds.play("bell", "low", "another")
    assert refused.value.kind == "busy"
    go_on.set()
    thread.join(20)
    assert sounds.play("bell", "high", "another") == b"sound", "what is there waits for nobody"
