"""The user's own bells and beds, in every format, at any level and length."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from kindvoice.encode import FORMATS, Target, encode
from kindvoice.errors import SoundError
from kindvoice.model import BedChange, Ring, Tags, Timeline, Where
from kindvoice.sound.kweight import LoudnessMeter
from kindvoice.sound.prepare import BED_LUFS, BELL_MOMENTARY_LUFS, prepare_sounds
from kindvoice.sound.wavfile import read_wav
from kindvoice.store import Store
from kindvoice.units import FRAMES_PER_MS, RATE

HERE = Where(path="s.md", line=7)


def prepared(item, tmp_path):
    store = Store(tmp_path / "store")
    sounds = prepare_sounds(Timeline(title="T", language="en", items=(item,)), store)
    if item.sound not in sounds:
        return None, None
    clip = sounds[item.sound]
    return clip, read_wav(store.path(clip.key))[0]


def noise(seconds: float, rate: int = 44_100, channels: int = 2, level: float = 0.5) -> np.ndarray:
    rng = np.random.default_rng(2)
    return (rng.standard_normal((round(seconds * rate), channels)) * level * 0.2).astype(np.float32)


def write(path, samples, rate=44_100):
    soundfile.write(str(path), samples, rate)
    return str(path)


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_bed_in_any_format_becomes_a_loop_at_our_level(tmp_path, suffix, channels):
    path = write(tmp_path / f"rain here.{suffix}", noise(8, channels=channels))
    clip, loop = prepared(BedChange(sound=path, where=HERE), tmp_path)
    assert loop.shape[1] == 2
    assert 4.5 * RATE < clip.frames < 8 * RATE
    meter = LoudnessMeter(RATE, 2)
    meter.add(loop)
    assert meter.integrated_lufs() == pytest.approx(BED_LUFS, abs=0.3)
    # the seam: played round, the step from the last sample to the first is like any other
    steps = np.abs(np.diff(np.concatenate([loop, loop[:1]]), axis=0)).max(axis=1)
    assert steps[-1] <= np.quantile(steps, 0.999) * 1.5


def test_an_m4a_works_too(tmp_path):
    import av

    path = tmp_path / "bed.m4a"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=RATE, layout="stereo")
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(noise(5, RATE).T), format="fltp", layout="stereo"
        )
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    clip, _ = prepared(BedChange(sound=str(path), where=HERE), tmp_path)
    assert clip.frames > RATE


def test_a_very_short_bed_still_loops(tmp_path):
    clip, loop = prepared(BedChange(sound=write(tmp_path / "s.wav", noise(0.4)), where=HERE), tmp_path)
    assert clip.frames == len(loop) > 0


def test_a_bell_from_a_file_starts_at_its_strike_and_ends_softly(tmp_path):
    t = np.arange(6 * 44_100) / 44_100
    ring = 0.05 * np.sin(2 * np.pi * 300 * t) * np.exp(-t)
    samples = np.concatenate([np.zeros(44_100), ring, np.zeros(44_100)]).astype(np.float32)
    clip, bell = prepared(
        Ring(sound=write(tmp_path / "bowl.wav", samples), advance_ms=None, where=HERE), tmp_path
    )
    assert clip.frames % FRAMES_PER_MS == 0
    assert clip.frames < 6.2 * RATE, "the silence around it is gone"
    assert np.abs(bell[: RATE // 50]).max() > 0.01, "the strike comes at once"
    assert np.abs(bell[0]).max() < 1e-4
    assert np.abs(bell[-1]).max() < 1e-6
    meter = LoudnessMeter(RATE, 2)
    meter.add(np.pad(bell, ((0, RATE), (0, 0))))
    assert meter.momentary_lufs().max() == pytest.approx(BELL_MOMENTARY_LUFS, abs=0.3)


def test_synthesised_bells_are_made_once_and_beds_not_stored(tmp_path):
    clip, bell = prepared(Ring(sound="middle", advance_ms=None), tmp_path)
    assert len(bell) == clip.frames
    assert prepared(BedChange(sound="rain"), tmp_path) == (None, None)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("not.wav", b"this is text, not sound" * 50, "not a sound file"),
        ("empty.mp3", b"", "not a sound file"),
        ("cut.flac", None, "not a sound file|cannot be decoded|empty or silent"),
    ],
)
def test_what_is_not_sound_is_one_clear_error_with_the_scripts_line(tmp_path, name, content, message):
    path = tmp_path / name
    if content is None:
        soundfile.write(str(path), noise(1), 44_100)
        content = path.read_bytes()[:60]
    path.write_bytes(content)
    with pytest.raises(SoundError, match=message) as error:
        prepared(BedChange(sound=str(path), where=HERE), tmp_path)
    assert str(error.value).startswith("s.md:7: ")
    assert name in str(error.value)


def test_a_silent_bed_is_an_error(tmp_path):
    with pytest.raises(SoundError, match="silent"):
        prepared(BedChange(sound=write(tmp_path / "s.wav", noise(3, level=0.0)), where=HERE), tmp_path)


def test_a_finished_file_of_ours_works_as_a_bed(tmp_path):
    path = tmp_path / "mine.mp3"
    x = noise(6, RATE)
    target = Target(
        path=path, frames=len(x), chapters=(), bitrate=128_000,
        tags=Tags(title="x", artist="x", language="en", comment="x"),
    )  # fmt: skip
    encode([x], [(FORMATS["mp3"], target)])
    assert prepared(BedChange(sound=str(path), where=HERE), tmp_path)[0].frames > RATE
