"""Speaking: a line is spoken once, and a change speaks what changed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from make import make_voice

from kindvoice.engines import tone
from kindvoice.errors import VoiceError
from kindvoice.model import Say, Take, Timeline, Where
from kindvoice.sound.wavfile import read_wav
from kindvoice.speech.lexicon import Said
from kindvoice.speech.readable import readable
from kindvoice.speech.speak import LEAD_FRAMES, TAIL_FRAMES, speak, speak_in_order
from kindvoice.store import Store
from kindvoice.units import FRAMES_PER_MS, RATE

TONE = make_voice(gain_db=0.0)
LINES = ["May I be safe.", "Notice the breath.", "Rest.", "May I be kind to myself."]


def lines(*texts: str) -> Timeline:
    items = tuple(Say(text=text, where=Where(path="s.md", line=i + 1)) for i, text in enumerate(texts))
    return Timeline(title="T", language="en", items=items)


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path)


def test_lines_are_spoken_once(store):
    first = speak(lines(*LINES, *LINES), {"": TONE}, store)
    assert (first.asked, first.made) == (4, 4)
    again = speak(lines(*LINES), {"": TONE}, store)
    assert (again.asked, again.made) == (4, 0)
    assert again.clips == first.clips


def test_a_changed_line_speaks_one_line_and_an_inserted_one_nothing_else(store):
    speak(lines(*LINES), {"": TONE}, store)
    assert speak(lines(LINES[0], "Notice the body.", *LINES[2:]), {"": TONE}, store).made == 1
    assert speak(lines("A new one.", *LINES), {"": TONE}, store).made == 1


def test_the_same_line_for_another_place_or_gain_is_not_spoken_again(store):
    speak(lines(*LINES), {"": TONE}, store)
    assert speak(lines(*LINES), {"": replace(TONE, gain_db=-3.0, name="other", title="Y")}, store).made == 0
    assert speak(lines(*LINES), {"": replace(TONE, speed=0.9)}, store).made == 4


def test_clips_are_whole_milliseconds_with_known_breath_and_no_click(store):
    spoken = speak(lines(*LINES), {"": TONE}, store)
    for clip in spoken.clips.values():
        assert (clip.lead_frames, clip.tail_frames) == (LEAD_FRAMES, TAIL_FRAMES)
        assert clip.frames % FRAMES_PER_MS == 0
        samples, _ = read_wav(store.path(clip.key))
        assert samples.shape == (clip.frames, 1)
        peak = np.abs(samples).max()
        assert np.abs(samples[:48]).max() < peak * 0.003
        assert np.abs(samples[-48:]).max() < peak * 0.003


def test_the_gain_is_the_voices_and_never_the_lines(store):
    for gain in (0.0, -6.0):
        clips = speak(lines(*LINES), {"": replace(TONE, gain_db=gain)}, store).clips
        peaks = {t[1]: np.abs(read_wav(store.path(c.key))[0]).max() for t, c in clips.items()}
        if gain == 0.0:
            before = peaks
    ratios = [20 * np.log10(peaks[t] / before[t]) for t in LINES]
    assert np.allclose(ratios, -6.0, atol=0.01)


def test_a_voice_without_a_gain_is_measured_once(store):
    quiet = replace(TONE, gain_db=None)
    spoken = speak(lines(*LINES), {"": quiet}, store)
    assert speak(lines(*LINES), {"": quiet}, store).clips == spoken.clips


def test_a_failing_line_names_itself_and_the_others_are_kept(store):
    broken = replace(TONE, options=(("fail_on", "breath"),))
    with pytest.raises(VoiceError) as error:
        speak(lines(*LINES), {"": broken}, store)
    assert str(error.value.where) == "s.md:2"
    assert speak(lines(LINES[0], LINES[2], LINES[3]), {"": broken}, store).made < 3


def test_all_lines_that_fail_are_named_and_the_rest_is_kept(store):
    broken = replace(TONE, options=(("fail_on", "breath"),))
    timeline = lines("One.", "A breath.", "Two.", "No breath.", "Three.")
    with pytest.raises(VoiceError, match=r"s\.md:2: .*\(and so for line 4\)"):
        speak(timeline, {"": broken}, store)
    assert speak(lines("One.", "Two.", "Three."), {"": broken}, store).made == 0


def test_an_engine_that_fails_on_every_line_is_not_asked_for_all(store, monkeypatch):
    asked = []

    def fail(text, voice):
        asked.append(text)
        time.sleep(0.002)  # as long as an engine takes to fail, in which others get their turn
        raise VoiceError("the engine is ill")

    monkeypatch.setattr("kindvoice.engines.tone.speak", fail)
    with pytest.raises(VoiceError, match="ill"):
        speak(lines(*(f"Line {n}." for n in range(200))), {"": TONE}, store)
    assert len(asked) < 50


def test_each_speaker_has_a_voice_and_the_same_words_are_two_clips(store):
    timeline = Timeline(
        title="T", language="en",
        items=(Say(text="Rest."), Say(text="Rest.", speaker="b"), Say(text="Rest.", speaker="c"), Say(text="Rest.")),
    )  # fmt: skip
    seen = []
    cast = {"": TONE, "b": replace(TONE, speed=0.8), "c": replace(TONE, name="other")}
    spoken = speak(timeline, cast, store, lambda done, of: seen.append((done, of)))
    assert (spoken.asked, spoken.made) == (3, 2), "c says it just as the script's own voice does"
    assert spoken.clips["", "Rest."] == spoken.clips["c", "Rest."]
    assert spoken.clips["b", "Rest."].frames > spoken.clips["", "Rest."].frames
    assert seen[-1] == (3, 3)
    respelled = speak(timeline, cast, store, lexicons={"b": {"rest": Said("be at rest")}})
    assert respelled.made == 1


# ---------------------------------------------------------------- takes


def a_take(tmp_path, text: str, lufs: float = -20.0, seconds: float = 1.0) -> Take:
    """A hum that begins and ends softly, as somebody might have recorded it."""
    t = np.arange(int(seconds * RATE)) / RATE
    hum = 0.2 * np.sin(2 * np.pi * 220 * t) * np.minimum(1, np.minimum(t, t[::-1]) * 20)
    quiet = np.zeros(RATE // 10)
    path = tmp_path / f"{text[:4]}{lufs}.flac"
    soundfile.write(path, np.concatenate([quiet, hum, quiet]), RATE, subtype="PCM_24")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Take(
        text=text, path=path, sha256=digest, verdict="sure", reason="", script="s", source="r.wav", start_ms=0,
        stop_ms=1200, speech_lufs=lufs, noise_db=-70,
    )  # fmt: skip


def test_a_take_stands_in_place_of_the_voice_and_needs_no_engine(store, tmp_path, monkeypatch):
    take = a_take(tmp_path, LINES[1])
    spoken = speak(lines(*LINES), {"": TONE}, store, takes={("", LINES[1]): take, ("", "Not said."): take})
    assert (spoken.asked, spoken.made) == (4, 3)
    assert spoken.takes == {("", LINES[1]): take}
    clip = spoken.clips["", LINES[1]]
    assert (clip.lead_frames, clip.tail_frames, clip.frames % FRAMES_PER_MS) == (LEAD_FRAMES, TAIL_FRAMES, 0)
    assert 0.98 < clip.sound_frames / RATE < 1.05
    # every line recorded: the engine is not even asked whether it is there
    monkeypatch.setattr("kindvoice.engines.tone.problem", lambda voice: ("gone", "cure"))
    assert speak(lines(LINES[1]), {"": TONE}, store, takes={("", LINES[1]): take}).made == 0
    with pytest.raises(VoiceError, match="gone"):
        speak(lines(*LINES), {"": TONE}, store, takes={("", LINES[1]): take})


def test_a_takes_level_comes_from_its_whole_recording(store, tmp_path):
    takes = {("", "One."): a_take(tmp_path, "One.", -20.0), ("", "Two."): a_take(tmp_path, "Two.", -26.0)}
    clips = speak(lines("One.", "Two."), {"": TONE}, store, takes=takes).clips
    peaks = [np.abs(read_wav(store.path(clips["", t].key))[0]).max() for t in ("One.", "Two.")]
    assert np.allclose(20 * np.log10(peaks[0] / 0.2), -3.0, atol=0.1)
    assert np.allclose(20 * np.log10(peaks[1] / peaks[0]), 6.0, atol=0.1)


def test_a_line_that_the_voice_cannot_read_is_refused_before_anything_is_spoken(store):
    heart = make_voice("hibari", name="heart", model="heart")
    with pytest.raises(VoiceError, match=r"s\.md:2: the voice 'heart' cannot read Cyrillic letters"):
        speak(lines("May I be safe.", "Пусть я буду в безопасности."), {"": heart}, store)
    assert store.usage().files == 0


def test_progress_counts_to_the_end(store):
    seen = []
    speak(lines(*LINES), {"": TONE}, store, lambda done, of: seen.append((done, of)))
    assert seen[0] == (0, 4)
    assert seen[-1] == (4, 4)
    assert seen == sorted(seen)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Be well 🙏🏽 now", "Be well now"),
        ("a\u2003b\nc", "a b c"),
        ("☀️ sun ❤️", "sun"),
        ("naïve — “yes”", "naïve — “yes”"),
    ],
)
def test_engines_get_no_emoji_and_plain_spaces(text, expected):
    assert readable(text) == expected


@settings(max_examples=30, deadline=None)
@given(st.text(min_size=1, max_size=200).filter(lambda t: any(c.isalnum() for c in readable(t))))
def test_any_text_with_a_letter_becomes_a_clip(tmp_path_factory, text):
    store = Store(Path(tmp_path_factory.mktemp("store")))
    assert speak(lines(text), {"": TONE}, store).clips["", text].sound_frames > 0


def test_an_engine_whose_lines_jump_is_evened_and_short_lines_less(store, monkeypatch):
    def speak_unevenly(text, voice):
        loud, seconds = float(text.split()[1]) / 100, float(text.split()[2])
        t = np.arange(int(seconds * 24_000)) / 24_000
        return (loud * np.sin(2 * np.pi * 500 * t)).astype(np.float32), 24_000

    monkeypatch.setattr("kindvoice.engines.tone.speak", speak_unevenly)
    texts = ["a 10 3", "b 20 3", "c 20 0.5", "d 5 3", "e 40 3"]

    def levels(voice):
        clips = speak(lines(*texts), {"": voice}, store).clips
        return [20 * np.log10(np.abs(read_wav(store.path(clips["", t].key))[0]).max()) for t in texts]

    # a full-scale sine at 500 Hz reads about -0.7 LUFS on both channels; 14 % of it stands in the middle
    as_spoken = levels(replace(TONE, gain_db=-5.4))
    evened = levels(replace(TONE, gain_db=-5.4, even=0.5))
    assert np.diff(as_spoken)[0] == pytest.approx(6.02, abs=0.05)
    assert evened[1] - evened[0] == pytest.approx(3.0, abs=0.2)
    assert as_spoken[2] > evened[2] > evened[1] + 0.9, "half a second tells little"
    assert evened[3] - as_spoken[3] == pytest.approx(2.5, abs=0.01), "never by more than 2.5 dB"
    assert evened[4] - as_spoken[4] == pytest.approx(-2.5, abs=0.01)


def test_lines_come_in_their_order_as_soon_as_they_are_ready(store, monkeypatch):
    """The last line waits until the first has been handed out: nobody has to wait for the whole."""
    heard = threading.Event()
    engine = "kindvoice.engines.tone.speak"
    hum = tone.speak

    def last_waits(text, voice):
        assert text != LINES[-1] or heard.wait(120)
        return hum(text, voice)

    monkeypatch.setattr(engine, last_waits)
    timeline = Timeline(
        title="T",
        language="en",
        items=(*lines(*LINES).items[:2], Say(text="Rest.", speaker="b"), *lines(*LINES).items),
    )
    order = []
    for line in speak_in_order(timeline, {"": TONE, "b": TONE}, store):
        order.append(line.utterance)
        heard.set()
    assert order == [("", LINES[0]), ("", LINES[1]), ("b", "Rest."), ("", LINES[2]), ("", LINES[3])]


def test_who_stops_listening_stops_the_speaking(store):
    timeline = lines(*(f"Line {n}." for n in range(400)))
    next(speech := speak_in_order(timeline, {"": TONE}, store))
    speech.close()
    assert store.usage().files < 400


def test_the_same_samples_from_however_many_workers(tmp_path, monkeypatch):
    texts = [f"{line} {n}" for n in range(4) for line in LINES]
    sounds = []
    for cores, order in (("1", texts), ("8", texts[::-1])):
        monkeypatch.setenv("OMP_NUM_THREADS", cores)
        store = Store(tmp_path / cores)
        clips = speak(lines(*order), {"": replace(TONE, gain_db=None, even=0.5)}, store).clips
        sounds.append({text: read_wav(store.path(clips["", text].key))[0].tobytes() for text in texts})
    assert sounds[0] == sounds[1]


@pytest.mark.slow
def test_the_heavy_packages_wait_until_there_is_something_to_speak():
    code = "import sys, kindvoice.speech.speak; print({'onnxruntime', 'scipy', 'av', 'hibari'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"
