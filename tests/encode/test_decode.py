"""Anybody's sound file: what is read, what is refused, and that nothing of it reaches this process."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hostilesound import NEIGHBOUR, PLAYLISTS, encoded, said_rate, slow_flac, tone

from kindvoice.cli import run
from kindvoice.encode import decode as seam
from kindvoice.encode.decode import TooLong, decode, sound_info
from kindvoice.engines._process import Pool
from kindvoice.errors import SoundError
from kindvoice.units import RATE


def read(path, **how):
    return np.concatenate(list(decode(path, rate=RATE, **how)))


@pytest.fixture
def file(tmp_path):
    def write(data: bytes, name="x.wav"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("channels", range(1, 9))
def test_up_to_eight_channels_are_mixed_to_two_or_kept(file, channels, own):
    path = file(tone(0.5, channels=channels))
    assert read(path, own=own).shape == (24_000, 2)
    assert read(path, own=own, stereo=False).shape == (24_000, channels)


@pytest.mark.parametrize(
    "name, codec", [("x.flac", "flac"), ("x.m4a", "aac"), ("x.opus", "libopus"), ("x.mka", "pcm_s24le")]
)
@pytest.mark.parametrize("channels", [6, 8])
def test_codecs_with_a_plane_for_each_channel_too(tmp_path, name, codec, channels):
    path = tmp_path / name
    encoded(path, codec, channels)
    assert len(read(path)) == pytest.approx(24_000, abs=2_100)
    assert read(path, stereo=False).shape[1] == channels


@pytest.mark.slow
@pytest.mark.parametrize(
    "data, said",
    [
        (tone(0.1, channels=9), "9 channels"),
        (tone(0.1, channels=64), "64 channels"),
        (slow_flac(), "1 samples a second"),
        (said_rate(1), "1 samples a second"),
        (said_rate(7_999), "7999 samples a second"),
        (said_rate(384_001), "384001 samples a second"),
        (said_rate(2**31 - 1), "samples a second"),
        (tone(0.5, format="AU"), "not a sound file that can be read"),
        (tone(0.5, subtype="IMA_ADPCM"), "a kind of sound that is not read"),
        (b"", "not a sound file that can be read"),
        *((data, "not a sound file") for data in PLAYLISTS.values()),
    ],
)  # fmt: skip
def test_what_no_recorder_writes_is_refused_with_the_reason(file, data, said):
    file(tone(0.5), NEIGHBOUR)
    path = file(data)
    for work in (lambda: read(path), lambda: sound_info(path)):
        with pytest.raises(SoundError, match=said) as refused:
            work()
        assert refused.value.where.path == str(path)
        assert refused.value.cure


@pytest.mark.parametrize("rate", [8_000, 11_025, 96_000, 384_000])
def test_every_rate_that_recorders_have_is_read(file, rate):
    assert len(read(file(tone(0.5, rate)))) == pytest.approx(24_000, abs=2)


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
@pytest.mark.parametrize(
    "name", ["concat:neighbour.wav|neighbour.wav", "file:neighbour.wav", "data:,x", "é\udcff.wav"]
)
def test_a_name_is_a_name_and_no_address(file, name):
    file(tone(2), NEIGHBOUR)
    assert len(read(file(tone(0.5), name))) == 24_000


def test_what_is_too_long_is_told_before_it_is_all_converted(file):
    given = []
    with pytest.raises(TooLong, match="longer than 1 minutes"):
        for block in decode(file(tone(75, 8_000)), rate=RATE, most_s=60):
            given.append(len(block))
    assert sum(given) <= 60 * RATE


@pytest.mark.parametrize(
    "end, why",
    [("os.abort()", "ended with code"), ("sys.exit('no')", "no"), ("time.sleep(600)", "did not finish")],
)
def test_a_reader_that_falls_or_hangs_takes_nobody_with_it(file, monkeypatch, end, why):
    path = file(tone(0.5))
    falls = [sys.executable, "-c", f"import os, sys, time; sys.stdin.readline(); {end}"]
    with monkeypatch.context() as broken:
        broken.setattr(seam, "_pool", Pool(lambda _: falls, most=1, jobs=9))
        broken.setattr(seam, "_START_S", 2.0 if "sleep" in end else 60.0)
        with pytest.raises(SoundError, match=f"cannot be decoded.*{why}"):
            read(path)
    assert len(read(path)) == 24_000


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep no such limit")
def test_its_reader_has_a_limit_on_memory():
    code = (
        "import importlib.util as u, sys\n"
        "spec = u.spec_from_file_location('w', sys.argv[1]); w = u.module_from_spec(spec); spec.loader.exec_module(w)\n"
        "w._limit_memory(); bytearray(1 << 28)\n"
        "try: bytearray(1 << 31)\n"
        "except MemoryError: print('limited')"
    )
    command = [sys.executable, "-P", "-c", code, seam._worker.__file__]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "limited\n"


@pytest.mark.slow
@pytest.mark.parametrize("data", [tone(0.1, channels=9), slow_flac(), PLAYLISTS["m3u8"]])
@pytest.mark.parametrize("cue", ['[bell "mine.wav"]', '[bed "mine.wav"]'])
def test_a_script_s_own_sounds_are_anybody_s_files(file, tmp_path, capsys, data, cue):
    file(tone(2), NEIGHBOUR)
    file(data, "mine.wav")
    script = file(f"{cue}\n\nBreathe.\n".encode(), "s.md")
    assert run(["render", str(script), "--voice", "tone", "-o", str(tmp_path / "out")]) == 1
    assert "s.md:1: " in capsys.readouterr().err
    assert not list(tmp_path.glob("out/*"))


@pytest.mark.parametrize(
    "data", [tone(1, channels=8), tone(1, channels=9), slow_flac(), PLAYLISTS["ffconcat"]]
)
def test_verify_survives_anybody_s_file(file, data, capsys):
    assert run(["verify", str(file(data))]) in (0, 1)
    assert "Traceback" not in capsys.readouterr().err
