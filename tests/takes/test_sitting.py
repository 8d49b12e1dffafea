"""Lines that are recorded one by one: cut, doubted, kept, and levelled as one sitting."""

from __future__ import annotations

import errno
import pickle
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from make import make_voice

from kindvoice.engines import tone
from kindvoice.errors import OutputError, SettingsError
from kindvoice.takes import Takes
from kindvoice.takes.sitting import Unheard, doubts, hear, keep, of_sitting, pooled_lufs, undo

VOICE = make_voice()
LINE = "Find a position that feels comfortable."


def spoken(text: str = LINE, gain: float = 1.0, before_s: float = 0.7, after_s: float = 0.5) -> np.ndarray:
    """A line with a quiet room around and under it, at 48 kHz."""
    hum, _ = tone.speak(text, VOICE)
    line = np.repeat(hum, 2) * gain
    whole = np.concatenate([np.zeros(int(48_000 * before_s)), line, np.zeros(int(48_000 * after_s))])
    return whole + np.random.default_rng(1).standard_normal(len(whole)) * 3e-5


def heard(folder: Path, samples: np.ndarray, name: str = "came.wav", rate: int = 48_000):
    folder.mkdir(parents=True, exist_ok=True)
    soundfile.write(str(folder / name), samples, rate)
    return hear(folder / name, folder / "line.wav")


def test_a_line_is_cut_with_its_breath(tmp_path):
    found = heard(tmp_path, spoken())
    speech_ms = len(tone.speak(LINE, VOICE)[0]) // 24 - 500
    assert found.start_ms == pytest.approx(900 - 100, abs=40)
    assert found.stop_ms == pytest.approx(900 + speech_ms + 250, abs=120)
    assert found.noise_db < -40
    assert doubts(found, LINE) == ()


def test_a_key_that_was_pressed_is_no_part_of_the_line(tmp_path):
    quiet = heard(tmp_path / "a", spoken(before_s=1.5, after_s=1.5))
    samples = spoken(before_s=1.5, after_s=1.5)
    knock = np.random.default_rng(2).standard_normal(4_800) * np.exp(-np.arange(4_800) / 1_000) * 0.2
    samples[9_600:14_400] += knock
    samples[-14_400:-9_600] += knock
    knocked = heard(tmp_path / "b", samples)
    assert knocked.start_ms == pytest.approx(quiet.start_ms, abs=20)
    assert knocked.stop_ms == pytest.approx(quiet.stop_ms, abs=20)


def kinds(found, text, others=()) -> list[str]:
    return [doubt.kind for doubt in doubts(found, text, others)]


def test_what_is_odd_is_told(tmp_path):
    takes = Takes(tmp_path / "takes")
    loud = heard(tmp_path / "loud", np.clip(spoken(gain=12.0), -1, 1))
    assert "overloaded" in kinds(loud, LINE)
    room = spoken()
    room = room + np.random.default_rng(3).standard_normal(len(room)) * 0.01
    assert "room" in kinds(heard(tmp_path / "room", room), LINE)
    assert "shorter" in kinds(heard(tmp_path / "long", spoken("Yes.")), LINE * 3)
    longer = doubts(heard(tmp_path / "short", spoken(LINE * 4)), "Rest.")
    assert [doubt.kind for doubt in longer] == ["longer"]
    assert str(longer[0]).startswith(f"longer than expected ({longer[0].number:.1f} s)")
    keep(takes, "tone", LINE, heard(tmp_path / "first", spoken()), sitting="s-1", script="x")
    soft = heard(tmp_path / "soft", spoken("You can move at any time.", gain=0.2))
    others = of_sitting(takes, "tone", "s-1")
    assert "softer" in kinds(soft, "You can move at any time.", others)
    assert kinds(soft, "You can move at any time.") == []


def test_mains_hum_is_told(tmp_path):
    line = spoken()
    hum = 0.02 * np.sin(np.arange(len(line)) * 2 * np.pi * 100 / 48_000)
    assert kinds(heard(tmp_path, line + hum), LINE) == ["room"]


def test_what_was_kept_is_taken_back(tmp_path):
    takes = Takes(tmp_path / "takes")
    first = keep(takes, "tone", LINE, heard(tmp_path / "a", spoken(gain=0.5)), sitting="s-1", script="x")
    other = "Thank you for being here."
    keep(takes, "tone", other, heard(tmp_path / "o", spoken(other)), sitting="s-2", script="x")
    alone = of_sitting(takes, "tone", "s-2")[0].speech_lufs
    second = keep(takes, "tone", LINE, heard(tmp_path / "b", spoken()), sitting="s-2", script="x")
    assert not undo(takes, "tone", LINE, sitting="s-1"), "the newest is of another sitting"
    assert undo(takes, "tone", LINE, sitting="s-2")
    assert takes.find("tone", LINE) == first
    assert first.path.is_file() and not second.path.exists()
    assert of_sitting(takes, "tone", "s-2")[0].speech_lufs == alone, "the sitting is levelled anew"
    assert not undo(takes, "tone", LINE, sitting="s-2"), "once"
    assert undo(takes, "tone", other, sitting="s-2")
    assert takes.find("tone", other) is None


@pytest.mark.slow
def test_what_could_not_be_kept_can_be_tried_again(tmp_path, monkeypatch):
    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "full")

    found, takes = heard(tmp_path / "a", spoken()), Takes(tmp_path / "takes")
    with monkeypatch.context() as patched:
        patched.setattr("kindvoice.takes.folder.write_aside", full)
        with pytest.raises(OutputError, match="the disk is full"):
            keep(takes, "tone", LINE, found, sitting="s-1", script="x")
    assert takes.all("tone") == ()
    assert keep(takes, "tone", LINE, found, sitting="s-1", script="x").usable


def test_one_gain_for_a_sitting(tmp_path):
    takes = Takes(tmp_path / "takes")
    texts = [
        "Find a position that feels comfortable.",
        "You can move at any time.",
        "Thank you for being here.",
    ]
    for n, (text, gain) in enumerate(zip(texts, (1.0, 0.6, 1.2), strict=True)):
        found = heard(tmp_path / str(n), spoken(text, gain))
        keep(takes, "tone", text, found, sitting="s-1", script="morning")
    found = heard(tmp_path / "o", spoken("Rest here.", 0.1))
    keep(takes, "tone", "Rest here.", found, sitting="s-2", script="morning")
    kept = takes.for_lines("tone", [*texts, "Rest here."])
    assert len(kept) == 4
    levels = {kept[text].speech_lufs for text in texts}
    assert len(levels) == 1, "a soft line stays softer than a loud one"
    assert levels == {pooled_lufs(kept[text].path for text in texts)}
    assert kept["Rest here."].speech_lufs < levels.pop() - 10


def test_a_retake_stands_beside_the_first_and_is_used(tmp_path):
    takes = Takes(tmp_path / "takes")
    first = keep(takes, "tone", LINE, heard(tmp_path / "a", spoken()), sitting="s-1", script="x")
    second = keep(takes, "tone", LINE, heard(tmp_path / "b", spoken(gain=0.8)), sitting="s-1", script="x")
    assert first.path != second.path
    assert first.path.is_file()
    assert takes.find("tone", LINE) == second
    assert len(of_sitting(takes, "tone", "s-1")) == 1


def test_who_keeps_a_line_has_heard_it(tmp_path):
    takes = Takes(tmp_path / "takes")
    odd = heard(tmp_path / "a", np.clip(spoken(gain=12.0), -1, 1))
    take = keep(takes, "tone", LINE, odd, sitting="s-1", script="x")
    assert take.usable
    assert "overloaded" in take.reason


@pytest.mark.parametrize("rate", [16_000, 44_100])
@pytest.mark.parametrize("name", ["came.wav", "came.ogg"])
def test_whatever_a_browser_gives(tmp_path, rate, name):
    import soxr

    samples = soxr.resample(np.stack([spoken(), spoken()], axis=1), 48_000, rate)
    found = heard(tmp_path, samples, name, rate)
    assert soundfile.info(str(found.path)).samplerate == 48_000
    assert soundfile.info(str(found.path)).channels == 1
    assert doubts(found, LINE) == ()


def written_by(container: str, codec: str, path: Path) -> Path:
    """The line as a browser's own recorder would write it."""
    samples = spoken()[None, :].astype(np.float32)
    with av.open(str(path), "w", format=container) as out:
        stream = out.add_stream(codec, rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        frame.sample_rate = 48_000
        resampler = av.AudioResampler(
            format=stream.codec_context.format,
            layout="mono",
            rate=48_000,
            frame_size=stream.codec_context.frame_size,
        )
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("container", "codec"), [("webm", "libopus"), ("ogg", "libopus"), ("mp4", "aac"), ("flac", "flac")]
)
def test_whatever_another_recorder_gives(tmp_path, container, codec):
    plain = heard(tmp_path / "a", spoken())
    found = hear(written_by(container, codec, tmp_path / "came"), tmp_path / "line.wav")
    assert found.length_ms == pytest.approx(plain.length_ms, abs=60)
    assert found.speech_lufs == pytest.approx(plain.speech_lufs, abs=1)
    assert doubts(found, LINE) == ()


NOISE = np.random.default_rng(4).standard_normal(96_000) * 0.05


@pytest.mark.slow
@pytest.mark.parametrize(
    ("samples", "kind"),
    [
        (np.zeros(96_000), "silent"), (NOISE * 1e-4, "silent"), (NOISE, "noise"), (np.zeros(10), "short"),
        (spoken("Yes.")[:16_000] * 0, "short"), (np.zeros(48_000 * 5), "long"),
    ],
)  # fmt: skip
def test_no_voice_is_told(tmp_path, monkeypatch, samples, kind):
    monkeypatch.setattr("kindvoice.takes.sitting.MAX_MS", 4_000)
    with pytest.raises(Unheard) as told:
        heard(tmp_path, samples)
    assert told.value.kind == kind
    assert pickle.loads(pickle.dumps(told.value)).kind == kind


def test_no_sound(tmp_path):
    (tmp_path / "came").write_bytes(b"<script>" * 100)
    with pytest.raises(Unheard) as told:
        hear(tmp_path / "came", tmp_path / "line.wav")
    assert told.value.kind == "unreadable"


@pytest.mark.parametrize("name", ["", "../up", "a/b", "a b", "x" * 65, "é"])
def test_a_sitting_has_a_plain_name(tmp_path, name):
    with pytest.raises(SettingsError):
        keep(Takes(tmp_path), "tone", LINE, heard(tmp_path / "a", spoken()), sitting=name, script="x")
