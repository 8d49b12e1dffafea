"""The stand-in: its times, its level, and its failing on purpose."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given
from hypothesis import strategies as st
from make import make_voice

from kindvoice.engines import tone
from kindvoice.errors import VoiceError
from kindvoice.model import Voice

VOICE = make_voice()
LINE = "Let the shoulders soften, and rest here for a while."


def sounding_s(text: str, voice: Voice = VOICE) -> float:
    samples, rate = tone.speak(text, voice)
    return (len(samples) - tone.LEAD_FRAMES - tone.TAIL_FRAMES) / rate


@given(st.text(min_size=1))
def test_any_text_sounds_between_silences(text: str) -> None:
    samples, rate = tone.speak(text, VOICE)
    assert rate == tone.RATE
    assert not samples[: tone.LEAD_FRAMES].any()
    assert not samples[-tone.TAIL_FRAMES :].any()
    assert 0.1 < np.abs(samples).max() < 0.2


@pytest.mark.parametrize("characters", [28, 70, 140, 600])
def test_fourteen_characters_take_a_second(characters: int) -> None:
    assert sounding_s("m" * characters) == pytest.approx(characters / 14, abs=0.1)
    assert sounding_s("m" * characters, make_voice(speed=0.7)) == pytest.approx(
        characters / 14 / 0.7, abs=0.15
    )


def test_text_model_and_speed_each_make_another_sound() -> None:
    first, _ = tone.speak(LINE, VOICE)
    assert np.array_equal(first, tone.speak(LINE, make_voice())[0])
    others = [
        tone.speak(LINE[:-1] + "!", VOICE)[0],
        tone.speak(LINE, make_voice(model="low"))[0],
        tone.speak(LINE, make_voice(speed=0.9))[0],
    ]
    assert not any(np.array_equal(first, other) for other in others)


def test_level_is_near_minus_24_lufs() -> None:
    samples, rate = tone.speak(LINE, VOICE)
    stereo = np.repeat(samples[:, np.newaxis], 2, axis=1)
    assert pyloudnorm.Meter(rate).integrated_loudness(stereo) == pytest.approx(-24, abs=0.5)


def test_fades_are_soft() -> None:
    samples, _ = tone.speak(LINE, VOICE)
    steps = np.abs(np.diff(samples))
    assert steps[tone.LEAD_FRAMES - 1] < 1e-4
    assert steps.max() < 0.1


def test_reads_any_script() -> None:
    assert tone.can_read(VOICE) is None
    assert sounding_s("愿我平安") > 0


def test_fails_where_it_is_told_to() -> None:
    voice = make_voice(options=(("fail_on", "storm"),))
    assert sounding_s("a calm sea", voice) > 0
    with pytest.raises(VoiceError, match="a word of this line"):
        tone.speak("a storm at sea", voice)
