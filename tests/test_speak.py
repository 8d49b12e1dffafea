"""Speaking: a line is spoken once, and a change speaks what changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kindvoice.errors import VoiceError
from kindvoice.model import Say, Timeline, Voice, Where
from kindvoice.speak import LEAD_FRAMES, TAIL_FRAMES, readable, speak
from kindvoice.store import Store
from kindvoice.units import FRAMES_PER_MS
from kindvoice.wavfile import read_wav

TONE = Voice(name="t", title="T", engine="tone", language="en", licence="x", credit="x", gain_db=0.0)
LINES = ["May I be safe.", "Notice the breath.", "Rest.", "May I be kind to myself."]


def lines(*texts: str) -> Timeline:
    items = tuple(Say(text=text, where=Where(path="s.md", line=i + 1)) for i, text in enumerate(texts))
    return Timeline(title="T", language="en", items=items)


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path)


def test_lines_are_spoken_once(store):
    first = speak(lines(*LINES, *LINES), TONE, store)
    assert (first.asked, first.made) == (4, 4)
    again = speak(lines(*LINES), TONE, store)
    assert (again.asked, again.made) == (4, 0)
    assert again.clips == first.clips


def test_a_changed_line_speaks_one_line_and_an_inserted_one_nothing_else(store):
    speak(lines(*LINES), TONE, store)
    assert speak(lines(LINES[0], "Notice the body.", *LINES[2:]), TONE, store).made == 1
    assert speak(lines("A new one.", *LINES), TONE, store).made == 1


def test_the_same_line_for_another_place_or_gain_is_not_spoken_again(store):
    from dataclasses import replace

    speak(lines(*LINES), TONE, store)
    assert speak(lines(*LINES), replace(TONE, gain_db=-3.0, name="other", title="Y"), store).made == 0
    assert speak(lines(*LINES), replace(TONE, speed=0.9), store).made == 4


def test_clips_are_whole_milliseconds_with_known_breath_and_no_click(store):
    spoken = speak(lines(*LINES), TONE, store)
    for clip in spoken.clips.values():
        assert (clip.lead_frames, clip.tail_frames) == (LEAD_FRAMES, TAIL_FRAMES)
        assert clip.frames % FRAMES_PER_MS == 0
        samples, _ = read_wav(store.path(clip.key))
        assert samples.shape == (clip.frames, 1)
        peak = np.abs(samples).max()
        assert np.abs(samples[:48]).max() < peak * 0.003
        assert np.abs(samples[-48:]).max() < peak * 0.003


def test_the_gain_is_the_voices_and_never_the_lines(store):
    from dataclasses import replace

    for gain in (0.0, -6.0):
        clips = speak(lines(*LINES), replace(TONE, gain_db=gain), store).clips
        peaks = {t: np.abs(read_wav(store.path(c.key))[0]).max() for t, c in clips.items()}
        if gain == 0.0:
            before = peaks
    ratios = [20 * np.log10(peaks[t] / before[t]) for t in LINES]
    assert np.allclose(ratios, -6.0, atol=0.01)


def test_a_voice_without_a_gain_is_measured_once(store):
    from dataclasses import replace

    quiet = replace(TONE, gain_db=None)
    spoken = speak(lines(*LINES), quiet, store)
    assert speak(lines(*LINES), quiet, store).clips == spoken.clips


def test_a_failing_line_names_itself_and_the_others_are_kept(store):
    from dataclasses import replace

    broken = replace(TONE, options=(("fail_on", "breath"),))
    with pytest.raises(VoiceError) as error:
        speak(lines(*LINES), broken, store)
    assert str(error.value.where) == "s.md:2"
    assert speak(lines(LINES[0], LINES[2], LINES[3]), broken, store).made < 3


def test_a_line_that_the_voice_cannot_read_is_refused_before_anything_is_spoken(store):
    heart = Voice(
        name="heart", title="H", engine="hibari", model="heart", language="en", licence="x", credit="x"
    )
    with pytest.raises(VoiceError, match=r"s\.md:2: the voice 'heart' cannot read Cyrillic letters"):
        speak(lines("May I be safe.", "Пусть я буду в безопасности."), heart, store)
    assert store.usage().files == 0


def test_progress_counts_to_the_end(store):
    seen = []
    speak(lines(*LINES), TONE, store, lambda done, of: seen.append((done, of)))
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
    assert speak(lines(text), TONE, store).clips[text].sound_frames > 0
