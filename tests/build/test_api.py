"""kindvoice from Python."""

from __future__ import annotations

import subprocess
import sys

import mutagen
import numpy as np
import pytest
import soundfile

import kindvoice
from kindvoice.errors import KindvoiceError

SCRIPT = """---
title: A small one
phrases: ["May I be safe."]
tags: {album: Evenings, track: 2/5}
---
# Arriving
[bell]
Rest here. [pause 3s]
{% for phrase in phrases %}{{ phrase }} [pause 2s]
{% endfor %}
{{ place }}.
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "small.md"
    path.write_text(SCRIPT)
    return path


def render(script, tmp_path, **more):
    given = {
        "length": "25s",
        "voice": "tone",
        "values": {"place": "The garden"},
        "output": tmp_path / "out",
        **more,
    }
    return kindvoice.render(script, **given)


@pytest.mark.slow
def test_paths_samples_and_a_pydub_segment(script, tmp_path):
    stages = []
    made = render(
        script, tmp_path, phrases=["May I be kind to myself."], formats=["mp3", "flac"], captions=["vtt"],
        tags={"artist": "Ana", "track": "3/5"}, on_progress=lambda *step: stages.append(step),
    )  # fmt: skip
    assert made.path == tmp_path / "out" / "small.mp3"
    assert {"mp3", "flac", "vtt", "chapters", "manifest"} <= set(made.files)
    assert all(path.is_file() for path in made.files.values())
    assert made.duration_ms == 25_000
    assert made.loudness["mp3"].integrated_lufs == pytest.approx(-16, abs=0.5)
    samples = made.samples()
    assert (samples.dtype, samples.shape) == (np.float32, (1_200_000, 2))
    flac, _ = soundfile.read(made.files["flac"], dtype="float32")
    assert np.array_equal(samples, flac)
    segment = made.audio_segment()
    assert (len(segment), segment.frame_rate, segment.channels, segment.sample_width) == (
        25_000,
        48_000,
        2,
        2,
    )
    heard = np.array(segment.get_array_of_samples()).reshape(-1, 2) / 32_768
    assert np.abs(heard - samples).max() <= 1 / 65_536 + 1e-7
    assert stages[-1] == ("check", 2, 2)
    tags = mutagen.File(made.path).tags
    assert [tags[key].text[0] for key in ("TPE1", "TALB", "TRCK")] == ["Ana", "Evenings", "3/5"]


@pytest.mark.slow
def test_an_m4b_alone_has_samples_of_the_exact_length(script, tmp_path):
    made = render(script, tmp_path, preset="audiobook", captions=[], cover="off")
    assert set(made.files) == {"m4b", "chapters", "manifest"}
    assert made.samples().shape == (1_200_000, 2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"length": "soon"}, {"language": "??"}, {"audience": "cats"}, {"tags": {"albun": "x"}}, {"formats": ["mp9"]},
        {"captions": ["doc"]}, {"voice": "nobody"}, {"preset": "loud"}, {"values": {"minutes": 3}}, {"name": "a/b"},
        {"bed": "thunder"}, {"cover": "no-such.jpg"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)  # fmt: skip
def test_what_is_wrong_is_told_and_nothing_is_written(script, tmp_path, wrong):
    with pytest.raises(KindvoiceError):
        render(script, tmp_path, **wrong)
    assert not list((tmp_path / "out").glob("*"))


def test_a_text_is_one_phrase_and_names_may_be_one_text(script, tmp_path):
    made = render(script, tmp_path, phrases="May I rest.", formats="wav, flac", captions="txt", cover="off")
    assert set(made.files) == {"wav", "flac", "txt", "chapters", "manifest"}
    assert made.files["txt"].read_text().count("May I rest.") == 1


def test_importing_kindvoice_costs_nothing():
    code = "import sys, kindvoice; print([m for m in ('numpy', 'av', 'click', 'pydub') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
