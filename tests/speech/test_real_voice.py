"""The main job with the real voice: what a newcomer's first command gives, heard and measured by others."""

from __future__ import annotations

import itertools
import json
import sys

import mutagen
import numpy as np
import pyloudnorm
import pytest
import recogniser
import soundfile
import soxr
from make import make_request, prepare, render
from sentences import SENTENCES

from kindvoice.cli import run
from kindvoice.encode.decode import decode
from kindvoice.paths import data_folder
from kindvoice.publish.verify import verify
from kindvoice.script import make_phrase
from kindvoice.speech.voices import read_voices
from kindvoice.store import Store
from kindvoice.units import frames_to_ms

pytestmark = [pytest.mark.voice, pytest.mark.slow]

PHRASE = "May I be kind to myself"


@pytest.fixture(scope="module")
def finished(tmp_path_factory, spoken):
    """The README's own render, half as long, decoded."""
    folder = tmp_path_factory.mktemp("out")
    arguments = ["render", "loving-kindness", "--phrase", PHRASE, "--length", "5m", "-o", str(folder)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINDVOICE_CACHE", str(spoken))
        assert run(arguments) == 0
    path = folder / "loving-kindness.mp3"
    return path, np.concatenate(list(decode(path)))


def test_it_lasts_five_minutes_to_the_sample(finished):
    path, sound = finished
    assert len(sound) == 300 * 48_000
    assert soundfile.info(str(path)).frames == pytest.approx(300 * 48_000, abs=1152)


def test_other_meters_agree(finished):
    path, sound = finished
    report = verify(path)
    assert report.passed, report.findings
    theirs = pyloudnorm.Meter(48_000).integrated_loudness(sound.astype(float))
    assert theirs == pytest.approx(-16.0, abs=0.5)
    assert report.loudness.integrated_lufs == pytest.approx(theirs, abs=0.1)
    assert report.loudness.true_peak_dbtp <= -1.0
    loudest = np.abs(sound).max(axis=1).argmax()
    near = sound[max(loudest - 240_000, 0) : loudest + 240_000]
    peak = np.abs(soxr.resample(near, 48_000, 192_000)).max()
    assert 20 * np.log10(peak) == pytest.approx(report.loudness.true_peak_dbtp, abs=0.2)


def test_chapters_and_tags_are_there_for_another_reader(finished):
    path, _ = finished
    tags = mutagen.File(path).tags
    chapters = sorted(tags.getall("CHAP"), key=lambda chapter: chapter.start_time)
    assert chapters[0].start_time == 0
    assert chapters[-1].end_time == 300_000
    assert all(a.end_time == b.start_time for a, b in itertools.pairwise(chapters))
    assert "hibari" in tags.getall("COMM")[0].text[0]


@pytest.mark.skipif(not recogniser.available(), reason="the recogniser comes with the dev extra")
@pytest.mark.listens
def test_the_phrase_is_heard_where_the_manifest_says(finished):
    path, sound = finished
    lines = json.loads(path.with_name("loving-kindness.manifest.json").read_text())["lines"]
    for form in ("May I be kind to myself.", "May you be kind to yourself."):
        line = next(line for line in lines if line["text"] == form)
        clip = sound[(line["start_ms"] - 50) * 48 : (line["stop_ms"] + 150) * 48, 0]
        heard = recogniser.hear(soxr.resample(clip, 48_000, 16_000))
        assert recogniser.wrong_words(form, heard) == 0, heard


@pytest.mark.parametrize(("voice", "minutes"), [("heart", 5), ("tone", 44.99)])
def test_a_practice_fits_every_length_of_its_range(finished, spoken, voice, minutes):
    """With the real voice's lines the silences stay near what was written."""
    store, voices = Store(spoken), read_voices([data_folder("voices")])
    script = data_folder("scripts_library") / "en" / "loving-kindness.md"
    phrase = make_phrase(PHRASE, "en")
    request = make_request(script, voice=voice, length_ms=round(minutes * 60_000), phrases=(phrase,))
    schedule = prepare(request, voices, store).schedule
    assert frames_to_ms(schedule.frames) == round(minutes * 60_000)
    assert -0.8 < schedule.ratio < 0.6
    assert schedule.bells
    assert schedule.bells[-1].stop_frame <= schedule.frames
    # a way out is spoken before the first silence of 20 seconds
    silence = next((g.start_frame for g in schedule.gaps if g.stop_frame - g.start_frame > 20 * 48_000), None)
    way_out = next(e.start_frame for e in schedule.speech if "open your eyes" in e.text or "stop" in e.text)
    assert silence is None or way_out < silence


SHIPPED = {
    "en": "heart", "es": "pico-es", "fr": "pico-fr", "de": "pico-de", "it": "pico-it", "pt-BR": "system",
    "nl": "system", "pl": "system", "sv": "system", "tr": "system",
}  # fmt: skip
"""by language, who speaks on Linux when nothing has been downloaded"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems bring other voices")
@pytest.mark.parametrize("language", SHIPPED)
def test_with_nothing_downloaded_every_language_is_spoken(language, tmp_path, monkeypatch):
    for extra in ("kokoro", "piper"):
        monkeypatch.setattr(
            f"kindvoice.engines.{extra}.problem", lambda voice: ("not installed", "install it")
        )
    script = tmp_path / "one.md"
    line = SENTENCES[language][0]
    script.write_text(f"---\ntitle: One\nlanguage: {language}\n---\n{line}\n", encoding="utf-8")
    result = render(
        make_request(script, tmp_path / "out", formats=("wav",), cover="off"),
        read_voices([data_folder("voices")]), Store(tmp_path / "store"),
    )  # fmt: skip
    assert result.prepared.voice.name == SHIPPED[language]
    assert verify(tmp_path / "out" / "one.wav").passed
    hard = any("hard to understand" in note for note in result.notes)
    assert hard == (language in {"nl", "pl", "sv", "tr"})
    if hard:
        assert "kindvoice voices install k" in result.notes[0]
