"""The edges of clips: nothing of a word is ever lost, and nothing clicks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from kindvoice.sound.edges import find_sound, trim

RATE = 48_000
MS = 48


def db(level: float) -> float:
    return 10.0 ** (level / 20)


def tone(frames: int, level: float = 0.3, hz: float = 180.0) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hz * np.arange(frames) / RATE)).astype(np.float32)


def noise(frames: int, level: float, seed: int = 0) -> np.ndarray:
    return (level * np.random.default_rng(seed).standard_normal(frames)).astype(np.float32)


def spoken(before: int, vowel: int, after: int, floor_db: float = -75.0, seed: int = 0) -> np.ndarray:
    """A vowel that swells in and out in the room of a recording."""
    x = noise(before + vowel + after, db(floor_db), seed)
    x[before : before + vowel] += tone(vowel) * np.hanning(vowel).astype(np.float32) ** 0.3
    return x


# ---------------------------------------------------------------- find_sound


@settings(deadline=None)
@given(
    before=st.integers(0, 20_000),
    length=st.integers(400, 20_000),
    after=st.integers(0, 20_000),
    rate=st.sampled_from([16_000, 22_050, 24_000, 44_100, 48_000]),
    level=st.sampled_from([0.003, 0.1, 0.9]),
)
def test_sound_in_silence_is_found_whole_and_not_much_more(
    before: int, length: int, after: int, rate: int, level: float
) -> None:
    x = np.zeros(before + length + after, np.float32)
    x[before : before + length] = noise(length, level)
    found = find_sound(x, rate)
    assert found is not None
    start, stop = found
    window = 5 * round(rate / 1000)
    assert max(0, before - window) <= start <= before
    assert before + length <= stop <= min(len(x), before + length + window)


@pytest.mark.parametrize("level", [0.0, 0.25, -1.0])
def test_silence_and_a_mere_offset_are_no_sound(level: float) -> None:
    assert find_sound(np.full(10_000, level, np.float32), RATE) is None


def test_clips_without_room_for_sound_are_silence() -> None:
    for frames in (0, 1, 47, 96):
        assert find_sound(noise(frames, 0.5), RATE) is None


def test_dither_is_silence_at_any_gate() -> None:
    lsb = np.sign(noise(RATE, 1.0)) * np.float32(2**-15)
    assert find_sound(lsb, RATE) is None
    assert find_sound(lsb, RATE, gate_db=-10) is None


@settings(deadline=None)
@given(at=st.integers(0, 9_000), width=st.integers(1, 40), late=st.booleans())
def test_a_crackle_counts_for_nothing(at: int, width: int, late: bool) -> None:
    x = np.zeros(40_000, np.float32)
    x[14_000:26_000] = tone(12_000, 0.05)
    # A soft end that a gate hung on the crackle would lose.
    x[26_000:29_000] = noise(3_000, 0.05 / np.sqrt(2) * db(-44))
    clean = find_sound(x, RATE)
    assert clean is not None and clean[1] >= 29_000
    place = at + 30_000 if late else at
    x[place : place + width] = 1.0
    assert find_sound(x, RATE) == clean, "neither as a sound nor as the loudest of all"


def test_a_crackle_alone_is_silence() -> None:
    x = np.zeros(10_000, np.float32)
    x[5_000:5_020] = 0.9
    assert find_sound(x, RATE) is None


def test_rumble_and_offset_do_not_hold_the_gate_open() -> None:
    x = np.zeros(2 * RATE, np.float32)
    x[RATE // 2 : RATE] = tone(RATE // 2)
    quiet = find_sound(x, RATE)
    hum = (0.02 + 0.01 * np.sin(2 * np.pi * 2 * np.arange(len(x)) / RATE)).astype(np.float32)
    start, stop = find_sound(x + hum, RATE) or (0, 0)
    assert quiet is not None
    assert abs(start - quiet[0]) <= 5 * MS and abs(stop - quiet[1]) <= 5 * MS


@pytest.mark.parametrize("level_db", [-25, -35, -42, -46])
def test_soft_consonants_stay(level_db: float) -> None:
    """An f at the start and an s at the end, far below the vowel."""
    sos = signal.butter(4, 3_500, "highpass", fs=RATE, output="sos")
    hiss = signal.sosfilt(sos, noise(RATE, 1.0, seed=3)).astype(np.float32)
    hiss *= db(level_db) * 0.21 / hiss.std()
    x = np.zeros(2 * RATE, np.float32)
    x[20_000:26_000] = hiss[:6_000]
    x[26_000:50_000] = tone(24_000, 0.3)
    x[50_000:62_000] = hiss[6_000:18_000]
    start, stop = find_sound(x, RATE) or (0, 0)
    assert start <= 20_000 and stop >= 62_000


def test_an_end_that_dies_away_is_followed_below_the_gate() -> None:
    x = np.zeros(2 * RATE, np.float32)
    fall = (10.0 ** (-3 * np.arange(RATE) / (0.6 * RATE))).astype(np.float32)
    x[10_000 : 10_000 + RATE] = noise(RATE, 0.2) * fall
    _, stop = find_sound(x, RATE) or (0, 0)
    level = 20 * np.log10(fall[stop - 10_000])
    assert -62 < level < -52


@pytest.mark.parametrize("floor_db", [-90, -75, -68, -62, -56, -52])
@pytest.mark.parametrize("colour", ["white", "pink"])
def test_the_room_is_not_taken_for_speech(floor_db: float, colour: str) -> None:
    """The vowel stands at -12 dB, so the loudest of these rooms lies 10 dB above the plain gate."""
    x = spoken(30_000, 40_000, 30_000, floor_db=-140)
    room = noise(len(x), 1.0, seed=5)
    if colour == "pink":
        spectrum = np.fft.rfft(room)
        spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
        room = np.fft.irfft(spectrum, len(x)).astype(np.float32)
    x += room / room.std() * np.float32(db(floor_db))
    start, stop = find_sound(x, RATE) or (0, 0)
    assert 30_000 - 46 * MS <= start <= 30_000 and 70_000 <= stop <= 70_000 + 46 * MS
    padded = np.concatenate([np.zeros(20 * MS, np.float32), x, np.zeros(20 * MS, np.float32)])
    near = find_sound(padded, RATE) or (0, 0)
    assert near == pytest.approx((start + 20 * MS, stop + 20 * MS), abs=100 * MS), (
        "nor behind a codec's delay"
    )


def test_a_steady_soft_end_is_not_taken_for_a_room() -> None:
    x = np.concatenate([tone(20_000, 0.3), noise(20_000, 0.3 / np.sqrt(2) * db(-40))])
    assert find_sound(x, RATE) == (0, 40_000)
    assert find_sound(x[::-1], RATE) == (0, 40_000)
    softly = np.concatenate([noise(9_600, 0.007), tone(20_000, 0.3), noise(9_600, 0.007)])
    assert find_sound(softly, RATE) == (0, len(softly)), "-30 dB at both ends is still speech"


def test_the_gate_moves_the_edges() -> None:
    x = spoken(30_000, 40_000, 30_000)
    tight, usual = find_sound(x, RATE, gate_db=-20), find_sound(x, RATE)
    assert tight is not None and usual is not None
    assert usual[0] <= tight[0] and tight[1] <= usual[1] and usual != tight


@pytest.mark.slow
@settings(deadline=None)
@given(seed=st.integers(0, 1_000), halvings=st.integers(-3, 3), whole_ms=st.integers(0, 50))
def test_loudness_and_place_do_not_matter(seed: int, halvings: int, whole_ms: int) -> None:
    x = spoken(4_800, 9_600, 4_800, seed=seed)
    start, stop = find_sound(x, RATE) or (0, 0)
    moved = np.concatenate([np.full(whole_ms * MS, x[0]), x * np.float32(2.0**halvings)])
    moved[: whole_ms * MS] = moved[whole_ms * MS]
    assert find_sound(moved, RATE) == (start + whole_ms * MS, stop + whole_ms * MS)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_find_sound_refuses_what_is_no_number(wrong: float) -> None:
    with pytest.raises(ValueError):
        find_sound(np.append(tone(4_800), np.float32(wrong)), RATE)


# ---------------------------------------------------------------- trim

clips = st.builds(
    spoken,
    before=st.integers(0, 9_000),
    vowel=st.integers(2_400, 9_000),
    after=st.integers(0, 9_000),
    floor_db=st.sampled_from([-40.0, -60.0, -90.0]),
    seed=st.integers(0, 50),
)


@pytest.mark.slow
@settings(deadline=None)
@given(x=clips, lead=st.integers(0, 6_000), tail=st.integers(0, 6_000))
def test_the_sound_stands_at_the_lead_bit_for_bit(x: np.ndarray, lead: int, tail: int) -> None:
    before = x.copy()
    first, last = find_sound(x, RATE) or (0, 0)
    samples, start, stop = trim(x, lead_frames=lead, tail_frames=tail)
    np.testing.assert_array_equal(x, before)
    assert samples.dtype == np.float32
    assert start == lead and len(samples) == stop + tail
    assert (stop - start) % MS == 0 and 0 <= (stop - start) - (last - first) < MS
    assert samples[start : start + last - first].tobytes() == x[first:last].tobytes()


@settings(deadline=None)
@given(x=clips, lead=st.integers(0, 6_000), tail=st.integers(0, 6_000))
def test_breath_is_the_sources_where_it_has_any_and_zeros_beyond(x: np.ndarray, lead: int, tail: int) -> None:
    first, last = find_sound(x, RATE) or (0, 0)
    samples, start, _ = trim(x, lead_frames=lead, tail_frames=tail)
    real_lead, real_tail = min(lead, first), min(len(samples) - start - (last - first), len(x) - last)
    if first:
        assert not samples[: lead - real_lead].any()
        kept = max(0, real_lead - 5 * MS)
        np.testing.assert_array_equal(samples[lead - kept : lead], x[first - kept : first])
        faded = slice(lead - real_lead, lead)
        assert (np.abs(samples[faded]) <= np.abs(x[first - real_lead : first])).all()
        assert not real_lead or samples[lead - real_lead] == 0
    if last < len(x):
        end = start + last - first
        assert not samples[end + real_tail :].any()
        kept = max(0, real_tail - 10 * MS)
        np.testing.assert_array_equal(samples[end : end + kept], x[last : last + kept])
        assert not real_tail or samples[end + real_tail - 1] == 0


@settings(deadline=None)
@given(x=clips, lead=st.integers(480, 6_000), tail=st.integers(480, 6_000))
def test_nothing_clicks(x: np.ndarray, lead: int, tail: int) -> None:
    samples, _, _ = trim(x, lead_frames=lead, tail_frames=tail)
    around = np.concatenate([[0], samples, [0]])
    assert np.abs(np.diff(around)).max() <= np.abs(np.diff(x)).max() * 1.01
    assert abs(samples[0]) <= 1e-6 and abs(samples[-1]) <= 1e-6


@pytest.mark.parametrize("phase", [0.0, 0.3, 0.5, 1.0])
def test_a_source_that_starts_and_ends_in_mid_wave_is_led_in_and_out(phase: float) -> None:
    """espeak-ng does this."""
    t = np.arange(9_613) / RATE
    x = (0.4 * np.cos(2 * np.pi * 200 * t + np.pi * phase)).astype(np.float32)
    samples, start, stop = trim(x, lead_frames=2_400, tail_frames=2_400)
    assert samples[start : start + len(x)].tobytes() == x.tobytes()
    assert np.abs(np.diff(samples)).max() <= np.abs(np.diff(x)).max() * 1.1
    assert not samples[: start - 5 * MS].any() and not samples[stop + 10 * MS :].any()
    bare, start, stop = trim(x, lead_frames=0, tail_frames=0)
    assert start == 0 and stop == len(bare) == 9_648


def test_fades_are_as_long_as_asked() -> None:
    x = spoken(9_600, 9_600, 9_600, floor_db=-55)
    first, _ = find_sound(x, RATE) or (0, 0)
    lead, tail = 2_400, 4_800
    samples, *_ = trim(x, lead_frames=lead, tail_frames=tail, fade_in_ms=20, fade_out_ms=40)
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = samples / x[first - lead : first - lead + len(samples)]
    assert gain[0] == 0 and gain[10 * MS] == pytest.approx(0.5, abs=0.01)
    assert (gain[20 * MS : -40 * MS] == 1).all() and 0.9 < gain[19 * MS] < 1
    assert gain[-20 * MS - 1] == pytest.approx(0.5, abs=0.01) and gain[-1] == 0
    plain, *_ = trim(x, lead_frames=lead, tail_frames=tail, fade_in_ms=0, fade_out_ms=0)
    np.testing.assert_array_equal(plain, x[first - lead : first - lead + len(plain)])


def test_trim_refuses_silence() -> None:
    with pytest.raises(ValueError, match="no sound"):
        trim(np.zeros(48_000, np.float32), lead_frames=0, tail_frames=0)
