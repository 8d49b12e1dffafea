"""verify: a clear finding for whatever it is given."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

from kindvoice.encode import FORMATS, Target, encode
from kindvoice.model import ChapterMark, Tags
from kindvoice.publish.verify import verify
from kindvoice.sound.presets import find_preset


def findings(path, preset=None) -> dict[str, tuple[str, str]]:
    return {f.point: (f.verdict, f.measured) for f in verify(path, preset).findings}


def tone(seconds: float = 4.0, rate: int = 48_000, level: float = 0.2) -> np.ndarray:
    t = np.arange(round(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * 300 * t)[:, None] * np.ones((1, 2))).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("nothing.mp3", b""),
        ("text.mp3", b"this is not sound " * 100),
        (
            "header-only.wav",
            b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\2\0\x80\xbb\0\0\0\xee\2\0\4\0\x10\0data\0\0\0\0",
        ),
        ("zeros.mp3", bytes(5000)),
        ("id3-only.mp3", b"ID3\x03\0\0\0\0\0\x0a" + bytes(10)),
    ],
)
def test_files_that_are_no_sound(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    report = verify(tmp_path / name)
    assert not report.passed
    assert report.findings[0].point == "readable"


def test_a_missing_file_and_a_folder(tmp_path):
    assert findings(tmp_path / "no.mp3")["readable"][1] == "there is no such sound file"
    assert not verify(tmp_path).passed


def encoded(tmp_path, x, name="mp3", chapters=()):
    path = tmp_path / f"x{FORMATS[name].extension}"
    target = Target(
        path=path, frames=len(x), tags=Tags(title="T", artist="A", language="en", comment="C"), chapters=chapters,
        bitrate=128_000,
    )  # fmt: skip
    encode([x], [(FORMATS[name], target)])
    return path


@pytest.mark.slow
def test_every_cut_of_a_file_gives_a_finding_and_never_a_traceback(tmp_path):
    whole = encoded(tmp_path, tone()).read_bytes()
    for length in range(0, len(whole), len(whole) // 11):
        (tmp_path / "cut.mp3").write_bytes(whole[:length])
        assert verify(tmp_path / "cut.mp3").findings
    broken = bytearray(whole)
    rng = np.random.default_rng(1)
    for _ in range(10):
        broken[int(rng.integers(0, len(broken)))] ^= 0xFF
        (tmp_path / "odd.mp3").write_bytes(bytes(broken))
        assert verify(tmp_path / "odd.mp3").findings


def test_a_sound_that_is_cut_off_is_found(tmp_path):
    x = tone()
    x[-100:] = 0.2
    soundfile.write(str(tmp_path / "x.wav"), x, 48_000)
    found = findings(tmp_path / "x.wav")
    assert found["last moment"][0] == "fail"


def test_loudness_and_peak_against_a_preset(tmp_path):
    soundfile.write(str(tmp_path / "x.wav"), tone(level=0.99), 44_100)
    found = findings(tmp_path / "x.wav", find_preset("podcast"))
    assert found["loudness"][0] == found["true peak"][0] == "fail"
    assert found["format"][1].startswith("pcm_s16le, 44100 Hz, 2 channels")


def test_mono_is_measured_as_mono(tmp_path):
    soundfile.write(str(tmp_path / "m.wav"), tone()[:, 0], 48_000)
    soundfile.write(str(tmp_path / "s.wav"), tone(), 48_000)
    mono, stereo = verify(tmp_path / "m.wav").loudness, verify(tmp_path / "s.wav").loudness
    assert stereo.integrated_lufs - mono.integrated_lufs == pytest.approx(3.01, abs=0.02)


def test_chapters_with_a_hole_fail(tmp_path):
    good = encoded(
        tmp_path,
        tone(),
        chapters=(ChapterMark(start_frame=0, title="A"), ChapterMark(start_frame=96_000, title="B")),
    )
    assert findings(good)["chapters"] == ("pass", "2: A, B")
    late = encoded(tmp_path, tone(), chapters=(ChapterMark(start_frame=48_000, title="A"),))
    assert findings(late)["chapters"][0] == "fail"


TWO = (ChapterMark(start_frame=0, title="A"), ChapterMark(start_frame=96_000, title="B\u00a0ö"))


@pytest.mark.parametrize(
    ("named", "verdict", "measured"),
    [
        ([(0, "A"), (2000, "B\u00a0ö")], "pass", "2: A, B\u00a0ö"),
        ([(0, "A"), (2000, "C")], "fail", "2; number 2 is 'B\\xa0ö' at 2.000 s"),
        ([(0, "A"), (1900, "B\u00a0ö")], "fail", "2; number 2 is"),
        ([(0, "A"), (2000, "B\u00a0ö"), (3000, "C")], "fail", "2; not 3"),
        ([(0, "A")], "fail", "2; not 1"),
        ([], "pass", "2: A"),
        ("damaged", "pass", "2: A"),
    ],
)
def test_chapters_are_those_that_are_named_beside_the_file(tmp_path, named, verdict, measured):
    """By the manifest, or without one by NAME.chapters.json."""
    path = encoded(tmp_path, tone(), chapters=TWO)
    told = [{"start_ms": ms, "title": title} for ms, title in named] if named != "damaged" else {"a": []}
    manifest = {"kindvoice": "manifest", "frames": 192_000, "rate": 48_000, "chapters": told}
    beside = [{"startTime": ms / 1000, "title": t} for ms, t in named] if named != "damaged" else [1]
    for name, document in (("x.manifest.json", manifest), ("x.chapters.json", {"chapters": beside})):
        (tmp_path / name).write_text(json.dumps(document), encoding="utf-8")
        found = findings(path)["chapters"]
        assert found[0] == verdict and found[1].startswith(measured), name
        (tmp_path / name).unlink()


def test_chapters_that_a_file_has_lost_fail(tmp_path):
    path = encoded(tmp_path, tone())
    assert findings(path)["chapters"] == ("info", "none")
    (tmp_path / "x.chapters.json").write_text('{"chapters": [{"startTime": 0, "title": "A"}]}')
    assert findings(path)["chapters"][0] == "fail"


def test_captions_over_silence_fail(tmp_path):
    x = tone()
    x[:96_000] = 0
    path = encoded(tmp_path, x, "wav")
    (tmp_path / "x.vtt").write_text("WEBVTT\n\n00:00:02.500 --> 00:00:03.000\nhello\n")
    assert findings(path)["captions"][0] == "pass"
    (tmp_path / "x.vtt").write_text("WEBVTT\n\n00:00:00.500 --> 00:00:01.000\nhello\n")
    assert findings(path)["captions"] == ("fail", "1 cues, 1 of them over silence")
    (tmp_path / "x.vtt").write_text("not captions --> at all\n")
    assert findings(path)["captions"][0] == "fail"


def test_a_manifest_that_is_not_one_is_passed_over(tmp_path):
    path = encoded(tmp_path, tone(), "wav")
    for text in (
        "{",
        "[]",
        '{"kindvoice": "manifest"}',
        '{"kindvoice": "manifest", "frames": "x", "rate": null}',
    ):
        (tmp_path / "x.manifest.json").write_text(text)
        assert findings(path)["length"][0] in {"info", "fail"}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_file_that_was_cut_short_is_found_without_its_manifest(tmp_path, name):
    path = encoded(tmp_path, tone(6), name)
    assert findings(path)["whole"][0] == "pass"
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    report = verify(path)
    # Ogg says nowhere how long it is: its last page is the end, and a page that is missing is not missed.
    if name not in {"ogg", "opus"}:
        assert not report.passed
        assert any(
            f.point in {"whole", "readable"} and f.verdict == "fail" and f.cure for f in report.findings
        ) or (report.findings[0].point == "readable")


def test_a_varying_bit_rate_without_a_header_is_not_taken_for_a_cut(tmp_path):
    path = encoded(tmp_path, tone(6))
    data = path.read_bytes()
    at = data.index(b"Info")
    path.write_bytes(data[:at] + bytes(4) + data[at + 4 :])
    assert "whole" not in findings(path)


def silent_edges(level: float, speech_s: float, whole_s: float, head_s: float = 0.7) -> np.ndarray:
    """Something like speech in something like a room."""
    rng = np.random.default_rng(3)
    x = (10 ** (-72 / 20) * rng.standard_normal((round(whole_s * 48_000), 1))).astype(np.float32)
    speech = level * tone(speech_s, level=1.0)[:, :1]
    ramp = np.minimum(1, np.minimum(np.arange(len(speech)), np.arange(len(speech))[::-1]) / 4800)[:, None]
    first = round(head_s * 48_000)
    x[first : first + len(speech)] += speech * ramp.astype(np.float32)
    return np.repeat(x, 2, axis=1)


def acx(tmp_path, x, bitrate=192_000, rate=44_100, name="mp3"):
    path = tmp_path / f"acx{FORMATS[name].extension}"
    target = Target(
        path=path, frames=len(x), tags=Tags(title="T", artist="A", language="en", comment="C"), chapters=(),
        bitrate=bitrate, rate=rate,
    )  # fmt: skip
    encode([x], [(FORMATS[name], target)])
    report = verify(path, find_preset("acx"))
    return {f.point: f for f in report.findings}, report.passed


def test_a_file_that_acx_takes(tmp_path):
    found, passed = acx(tmp_path, silent_edges(0.2, 10, 12.5))
    assert passed, found
    points = ["codec", "sample rate", "bit rate", "noise floor", "silence before", "silence after", "length limit",
              "size limit", "RMS", "true peak"]  # fmt: skip
    assert {p: found[p].verdict for p in points} == dict.fromkeys(points, "pass")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sound", "more", "failing"),
    [
        ({"level": 0.9, "speech_s": 10, "whole_s": 12.5}, {}, {"true peak", "RMS"}),
        ({"level": 0.2, "speech_s": 10, "whole_s": 60}, {}, {"RMS", "silence after"}),
        ({"level": 0.2, "speech_s": 10, "whole_s": 12.5, "head_s": 0.1}, {}, {"silence before"}),
        ({"level": 0.2, "speech_s": 10, "whole_s": 12.5}, {"bitrate": 128_000}, {"bit rate"}),
        ({"level": 0.2, "speech_s": 10, "whole_s": 12.5}, {"rate": 48_000}, {"sample rate"}),
        ({"level": 0.2, "speech_s": 10, "whole_s": 12.5}, {"name": "m4a"}, {"codec"}),
    ],
)
def test_every_point_of_acx_can_fail_and_says_what_to_do(tmp_path, sound, more, failing):
    found, passed = acx(tmp_path, silent_edges(**sound), **more)
    assert not passed
    assert {p for p, f in found.items() if f.verdict == "fail"} == failing
    assert all(found[p].cure or p == "true peak" for p in failing)


def test_a_loud_room_fails_the_floor(tmp_path):
    x = silent_edges(0.2, 10, 12.5)
    x += (0.003 * np.random.default_rng(1).standard_normal(x.shape)).astype(np.float32)
    found, _ = acx(tmp_path, x)
    assert found["noise floor"].verdict == "fail"
    assert "bed" in found["noise floor"].cure


@pytest.mark.slow
def test_an_rms_that_pauses_pull_down_says_how_much_shorter_it_must_be(tmp_path):
    """Half the power is missing by 3 dB, so half of the time has to go."""
    x = silent_edges(0.316, 5, 65)
    found, _ = acx(tmp_path, x)
    short = -23 - float(found["RMS"].measured.split()[0])
    assert f"{100 * 10 ** (-short / 10):.0f} %" in found["RMS"].cure
    assert "--length" in found["RMS"].cure
