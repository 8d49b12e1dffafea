"""The whole way, with a voice that hums: exact, measured, the same bytes twice, never half-made."""

from __future__ import annotations

import hashlib
import itertools
import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import mutagen
import numpy as np
import pytest
import soundfile
from make import changed, make_request, prepare, render

from kindvoice.build.prepared import Progress
from kindvoice.build.request import Request
from kindvoice.encode.decode import decode, sound_info
from kindvoice.errors import (
    FitError,
    OutputError,
    ScriptError,
    SettingsError,
    VoiceError,
    WishError,
    redacted,
    revealed,
)
from kindvoice.model import Voice
from kindvoice.paths import data_folder
from kindvoice.publish import output
from kindvoice.publish.verify import verify
from kindvoice.script import make_phrase
from kindvoice.sound import kept
from kindvoice.sound.joined import joined
from kindvoice.sound.meter import measure
from kindvoice.speech.voices import read_voices
from kindvoice.store import Store

pytestmark = pytest.mark.slow

VOICES = read_voices([data_folder("voices")])
SCRIPT = """---
title: A small one
language: en
phrases: ["May I be safe."]
---
# Arriving
[bell]
Find a position that feels comfortable. [pause 4s]
# Phrases
{% for phrase in phrases %}
{{ phrase }} [pause 5s]
{% endfor %}
[bell low]
"""


@pytest.fixture
def script(tmp_path) -> Path:
    path = tmp_path / "small one.md"
    path.write_text(SCRIPT)
    return path


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    return Store(tmp_path_factory.mktemp("store"))


def request(script: Path, folder: Path, **more) -> Request:
    return make_request(script, folder, **{"voice": "tone", "length_ms": 48_000, **more})


def tree(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


def test_a_script_becomes_whole_right_files(script, tmp_path, store):
    events: list[Progress] = []
    result = render(
        request(script, tmp_path / "out", formats=("mp3", "flac", "wav")), VOICES, store, events.append
    )
    names = [
        "small one.chapters.json",
        "small one.cover.jpg",
        "small one.flac",
        "small one.manifest.json",
        "small one.mp3",
        "small one.vtt",
        "small one.wav",
    ]
    assert sorted(tree(tmp_path / "out")) == names
    for artifact in result.artifacts:
        assert hashlib.sha256(artifact.path.read_bytes()).hexdigest() == artifact.sha256
    for name in ("mp3", "flac", "wav"):
        sound = np.concatenate(list(decode(tmp_path / "out" / f"small one.{name}")))
        assert sound.shape == (48_000 * 48, 2)
        reading = measure([sound])
        assert reading.integrated_lufs == pytest.approx(-16, abs=0.5)
        assert reading.true_peak_dbtp <= -1.0
        report = verify(tmp_path / "out" / f"small one.{name}")
        assert report.passed, report.findings
    assert result.warnings == ()
    stages = [event.stage for event in events]
    assert list(dict.fromkeys(stages)) == ["speak", "measure", "encode", "check"]
    assert all(e.done <= e.total for e in events)


def test_a_landing_is_heard_as_it_is_told(tmp_path, store):
    path = tmp_path / "evening.md"
    path.write_text("Rest. [pause 3s]\n" * 14)
    made = render(
        request(path, tmp_path / "made", cover="off", length_ms=60_000, landing_ms=30_000), VOICES, store
    )
    mp3 = tmp_path / "made" / "evening.mp3"
    sound = np.concatenate(list(decode(mp3)))
    assert len(sound) == 60 * 48_000
    told = json.loads(made.manifest.read_text())
    assert told["landing_start_ms"] == 30_000
    parts = [sound[line["start_ms"] * 48 : line["stop_ms"] * 48] for line in told["lines"]]
    levels = np.array([20 * np.log10(np.sqrt(np.mean(part**2))) for part in parts])
    gains = [line.get("gain_db", 0.0) for line in told["lines"]]
    assert gains[0] == 0.0 and gains[-1] == -9.0
    assert levels - levels[0] == pytest.approx(gains, abs=0.3)
    between = [b["start_ms"] - a["stop_ms"] for a, b in itertools.pairwise(told["lines"])]
    assert between[-1] > 1.5 * between[0]
    captions = (tmp_path / "made" / "evening.vtt").read_text()
    assert all(f"00:{line['start_ms'] / 1000:06.3f} -->" in captions for line in told["lines"])
    assert verify(mp3).passed
    assert made.loudness["mp3"].integrated_lufs == pytest.approx(measure([sound]).integrated_lufs, abs=0.02)


def test_the_manifest_tells_everything_and_nothing_of_this_machine(script, tmp_path, store):
    phrase = make_phrase("May I be kind to myself", "en")
    result = render(request(script, tmp_path / "out", phrases=(phrase,)), VOICES, store)
    text = result.manifest.read_text()
    manifest = json.loads(text)
    assert str(tmp_path) not in text
    assert [line["text"] for line in manifest["lines"]][-1] == "May I be kind to myself."
    assert manifest["inputs"]["phrases"][0]["other"] == "May you be kind to yourself."
    assert manifest["duration_ms"] == 48_000
    assert manifest["voice"]["licence"] == "Apache-2.0"
    assert manifest["loudness"]["mp3"]["integrated_lufs"] == pytest.approx(-16, abs=0.5)
    assert {"kindvoice", "av", "mp3", "engine tone"} <= set(manifest["tools"])
    assert [a["name"] for a in manifest["artifacts"]] == [
        "small one.mp3",
        "small one.vtt",
        "small one.chapters.json",
        "small one.cover.jpg",
    ]
    for line in manifest["lines"]:
        assert store.path(line["clip"]).is_file()


def test_captions_begin_and_end_with_the_speech_in_the_decoded_file(script, tmp_path, store):
    result = render(request(script, tmp_path / "out"), VOICES, store)
    sound = np.abs(np.concatenate(list(decode(tmp_path / "out" / "small one.mp3")))).max(axis=1)
    for line in json.loads(result.manifest.read_text())["lines"]:
        start, stop = line["start_ms"] * 48, line["stop_ms"] * 48
        level = sound[start:stop].max()
        gate = level * 10 ** (-40 / 20)
        heard = np.flatnonzero(sound[start - 4800 : stop + 9600] > gate) - 4800
        assert abs(heard[0]) <= 20 * 48, "within 20 ms of the first sound"
        assert abs(heard[-1] - (stop - start)) <= 20 * 48


def test_the_same_inputs_give_the_same_bytes(script, tmp_path, store):
    render(request(script, tmp_path / "a", formats=("mp3", "wav")), VOICES, store)
    render(request(script, tmp_path / "b", formats=("mp3", "wav")), VOICES, Store(tmp_path / "fresh"))
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


def test_tags_are_read_by_mutagen(script, tmp_path, store):
    render(request(script, tmp_path / "out", artist="A. Teacher"), VOICES, store)
    tags = mutagen.File(tmp_path / "out" / "small one.mp3").tags
    assert tags["TIT2"].text == ["A small one"]
    assert tags["TPE1"].text == ["A. Teacher"]
    comment = tags.getall("COMM")[0].text[0]
    assert "test tones" in comment
    assert "Apache-2.0" in comment
    assert len(tags.getall("CHAP")) == 2


def test_a_build_that_cannot_be_leaves_what_was_there(script, tmp_path, store):
    render(request(script, tmp_path / "out"), VOICES, store)
    before = tree(tmp_path / "out")
    with pytest.raises(FitError, match="cannot last 5m"):
        render(request(script, tmp_path / "out", length_ms=300_000), VOICES, store)
    assert tree(tmp_path / "out") == before


@pytest.mark.parametrize("format", ["mp3", "m4b"])
def test_a_failure_while_encoding_leaves_what_was_there(script, tmp_path, store, monkeypatch, format):
    render(request(script, tmp_path / "out", formats=(format,)), VOICES, store)
    before = tree(tmp_path / "out")

    def full(*parts):
        yield from itertools.islice(joined(*parts), 3)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept, "joined", full)
    with pytest.raises(OutputError, match="the disk is full"):
        render(request(script, tmp_path / "out", length_ms=50_000, formats=(format,)), VOICES, store)
    assert tree(tmp_path / "out") == before


def test_a_disk_that_is_too_small_is_told_before_the_work(script, tmp_path, store, monkeypatch):
    monkeypatch.setattr(output.shutil, "disk_usage", lambda _: SimpleNamespace(free=10**6))
    with pytest.raises(OutputError, match="MB are needed and 1 MB are free"):
        render(request(script, tmp_path / "out", formats=("wav",)), VOICES, store)


def test_another_disk_is_written_in_one_step_too(script, tmp_path, store, monkeypatch):
    replace = Path.replace

    def other_disk(self, target):
        if Path(target).parent.name == "out" and self.parent.name != "out":
            raise OSError(18, "Invalid cross-device link")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", other_disk)
    render(request(script, tmp_path / "out"), VOICES, store)
    assert len(tree(tmp_path / "out")) == 5
    assert verify(tmp_path / "out" / "small one.mp3").passed


@pytest.mark.parametrize("name", ["a/b", "..", "con", "x:y", "x" * 300, "dot."])
def test_names_that_some_system_refuses_are_refused(script, tmp_path, store, name):
    with pytest.raises(SettingsError, match="cannot be a file's name"):
        render(request(script, tmp_path / "out", name=name), VOICES, store)


def test_hostile_phrases_are_spoken_not_obeyed(script, tmp_path, store):
    phrases = tuple(
        make_phrase(text, "en")
        for text in (
            "[bell] ring",
            "# Heading",
            "{{ 7*7 }} is it",
            "a --- b",
            '<break time="9s"/> x',
            "[pause 99s] y",
        )
    )
    prepared = prepare(request(script, tmp_path, phrases=phrases, length_ms=None), VOICES, store)
    said = [event.text for event in prepared.schedule.speech][1:]
    assert said == [str(p) for p in phrases]
    assert len(prepared.schedule.bells) == 2
    assert [c.title for c in prepared.schedule.chapters] == ["Arriving", "Phrases"]


def test_a_wish_without_sure_forms_is_noted_and_the_manifest_tells_it_by_number(script, tmp_path, store):
    script.write_text(SCRIPT.replace("{{ phrase }}", "{{ phrase.other }} {{ phrase.together }}"))
    wished = request(
        script, tmp_path / "out", phrases=(make_phrase("May I rest", "en"), make_phrase("Help me, Zoe", "en"))
    )
    result = render(wished, VOICES, store)
    (note,) = map(revealed, result.notes)
    assert note.startswith("phrase 2, 'Help me, Zoe.': in rounds for somebody else or both other kind words")
    assert "Zoe" not in redacted(result.notes[0]) and "\n" not in note
    assert '- {self: "Help me, Zoe.", other: "...", together: "..."}' in note
    manifest = json.loads(result.manifest.read_text("utf-8"))
    assert manifest["stand_ins"] == [
        {"phrase": 2, "form": "other", "spoken": "script"}, {"phrase": 2, "form": "together", "spoken": "script"},
    ]  # fmt: skip
    personal = {line["text"] for line in manifest["lines"] if line.get("own")}
    assert personal == {"May you rest.", "May you and I rest.", "May you be safe.", "May you and I be safe."}
    with pytest.raises(WishError):
        render(changed(wished, strict=True), VOICES, store)


CHILD = """
import sys
from pathlib import Path
from kindvoice.build.read import read
from kindvoice.build.recording import render
from kindvoice.build.request import Publication, Request, Sound
from kindvoice.paths import data_folder
from kindvoice.script import Version
from kindvoice.store import Store
from kindvoice.speech.voices import read_voices
request = Request(
    version=Version(script=Path(sys.argv[1]), length_ms=int(sys.argv[4])), sound=Sound(voice="tone"),
    publication=Publication(folder=Path(sys.argv[2]), formats=("mp3", "wav")),
)
render(read(request, read_voices([data_folder("voices")])), Store(Path(sys.argv[3])))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 is a Unix thing")
def test_killed_at_a_random_moment_only_whole_right_files_are_there(tmp_path, script, popen):
    out, cache = tmp_path / "out", tmp_path / "cache"
    command = [sys.executable, "-c", CHILD, str(script), str(out), str(cache)]
    began = time.monotonic()
    subprocess.run([*command, "48000"], check=True)
    usual = time.monotonic() - began
    rng = np.random.default_rng(11)
    child = popen([*command, str(int(rng.integers(45_000, 60_000)))])
    time.sleep(float(rng.uniform(0, usual)))  # scripts/kills has more such moments
    child.send_signal(signal.SIGKILL)
    child.wait()
    names = {p.name for p in out.iterdir() if not p.name.startswith(".")}
    assert names == {
        f"small one{end}"
        for end in (".mp3", ".wav", ".vtt", ".chapters.json", ".cover.jpg", ".manifest.json")
    }
    for name in ("small one.mp3", "small one.wav"):
        frames = sum(len(block) for block in decode(out / name))
        assert frames % 48 == 0
        assert 45_000 * 48 <= frames <= 60_000 * 48
    json.loads((out / "small one.manifest.json").read_text())
    subprocess.run([*command, "52000"], check=True)
    assert verify(out / "small one.mp3").passed
    assert verify(out / "small one.wav").passed
    finished = [p for p in cache.glob("v1/*/*") if p.suffix != ".part"]
    assert finished
    assert all(p.stat().st_size for p in finished)


# ---------------------------------------------------------------- several voices, takes, notes

DUET = """---
title: Duet
language: en
---
One line in my own voice. [voice ana] Una línea en otra voz.
[voice tone*0.8]
Slowly, and this.
[voice off] And mine again.
"""


def a_hum(name: str, language: str, **more) -> Voice:
    stated = {
        "title": name.title(),
        "licence": "CC0-1.0",
        "credit": f"Voice: {name.title()}",
        "gain_db": 0.0,
        **more,
    }
    return Voice(name=name, engine="tone", language=language, **stated)


def with_voices(*voices: Voice) -> dict[str, Voice]:
    return {**VOICES, **{voice.name: voice for voice in voices}}


def test_a_cue_lets_another_voice_speak_and_both_are_credited(tmp_path, store):
    script = tmp_path / "duet.md"
    script.write_text(DUET, encoding="utf-8")
    voices = with_voices(a_hum("ana", "es-MX", speed=0.7))
    result = render(request(script, tmp_path / "out", length_ms=None), voices, store)
    manifest = json.loads(result.manifest.read_text(encoding="utf-8"))
    assert [line.get("speaker", "") for line in manifest["lines"]] == ["", "ana", "tone*0.8", ""]
    assert {s: v["language"] for s, v in manifest["speakers"].items()} == {"ana": "es-MX", "tone*0.8": "en"}
    captions = (tmp_path / "out" / "duet.vtt").read_text(encoding="utf-8")
    assert "<lang es-MX>Una línea en otra voz.</lang>" in captions
    assert captions.count("<lang") == 1
    comment = mutagen.File(tmp_path / "out" / "duet.mp3").tags.getall("COMM")[0].text[0]
    assert comment.count("Voice: Ana") == comment.count("Voice: test tones") == 1


@pytest.mark.parametrize(
    ("cue", "said"), [("anna", "did you mean 'ana'"), ("ana*9", "no pace"), ("ana de", "speaks es-MX")]
)
def test_a_cue_for_nobody_names_its_line(tmp_path, store, cue, said):
    script = tmp_path / "duet.md"
    script.write_text(DUET.replace("[voice ana]", f"[voice {cue}]"), encoding="utf-8")
    with pytest.raises(VoiceError) as caught:
        render(request(script, tmp_path / "out"), with_voices(a_hum("ana", "es-MX")), store)
    assert f"{script}:5" in str(caught.value)
    assert said in str(caught.value)
    assert not (tmp_path / "out").exists() or not tree(tmp_path / "out")


def test_a_phrase_cannot_change_the_voice(tmp_path, store, script):
    phrase = make_phrase("May I be [voice ana] still", "en")
    result = render(request(script, tmp_path / "out", phrases=(phrase,)), VOICES, store)
    lines = json.loads(result.manifest.read_text())["lines"]
    assert lines[-1]["text"] == "May I be [voice ana] still."


def keep_takes(folder: Path, texts: list[str], noise_db: float = -70.0) -> None:
    """What `voices takes` would have kept."""
    home = folder / "tone"
    home.mkdir(parents=True)
    t = np.arange(48_000) / 48_000
    entries = []
    for number, text in enumerate(texts):
        hum = 0.3 * np.sin(2 * np.pi * (150 + 10 * number) * t) * np.minimum(1, np.minimum(t, t[::-1]) * 20)
        soundfile.write(home / f"{number}.flac", np.pad(hum, 4800), 48_000, subtype="PCM_24")
        digest = hashlib.sha256((home / f"{number}.flac").read_bytes()).hexdigest()
        entries.append(
            {
                "text": text, "path": f"{number}.flac", "sha256": digest, "verdict": "sure", "reason": "",
                "script": "small one",
                "source": "r.wav", "start_ms": 0, "stop_ms": 1200, "speech_lufs": -16.0, "noise_db": noise_db,
            }
        )  # fmt: skip
    (home / "takes.json").write_text(json.dumps({"version": 1, "takes": entries}))


def test_a_take_is_used_where_its_text_still_matches_and_the_voice_for_the_rest(script, tmp_path, store):
    keep_takes(tmp_path / "takes", ["Find a position that feels  comfortable.", "May I be saved."])
    result = render(request(script, tmp_path / "out", takes=tmp_path / "takes"), VOICES, store)
    lines = json.loads(result.manifest.read_text())["lines"]
    assert [("take" in line) for line in lines] == [True, False]
    first = lines[0]
    assert abs(first["stop_ms"] - first["start_ms"] - 1000) < 60
    comment = mutagen.File(tmp_path / "out" / "small one.mp3").tags.getall("COMM")[0].text[0]
    assert "1 of 2 lines are recorded by a person" in comment
    (changed,) = result.notes
    assert (
        changed
        == "'May I be safe.' has changed since it was recorded as 'May I be saved.': the voice speaks it"
    )
    without = render(request(script, tmp_path / "b"), VOICES, store)
    assert "take" not in json.loads(without.manifest.read_text())["lines"][0]


def test_a_recording_of_every_line_credits_no_voice(script, tmp_path, store):
    keep_takes(
        tmp_path / "takes", ["Find a position that feels comfortable.", "May I be safe."], noise_db=-30
    )
    result = render(request(script, tmp_path / "out", takes=tmp_path / "takes"), VOICES, store)
    comment = mutagen.File(tmp_path / "out" / "small one.mp3").tags.getall("COMM")[0].text[0]
    assert "Voice:" not in comment
    assert result.prepared.spoken.made == 0
    (note,) = result.notes
    assert "the room can be heard in 2 recorded lines, 30 dB below the voice" in note


def test_a_voice_at_two_paces_has_one_set_of_takes(tmp_path, store):
    script = tmp_path / "small one.md"
    script.write_text("Rest here now. [voice tone*0.8] Then rest there now. [voice off] Rest again.\n")
    keep_takes(tmp_path / "takes", ["Rest here now.", "Then rest there now."])
    result = render(
        request(script, tmp_path / "out", length_ms=None, takes=tmp_path / "takes"), VOICES, store
    )
    lines = json.loads(result.manifest.read_text())["lines"]
    assert [("take" in line) for line in lines] == [True, True, False]
    assert result.notes == (), "the other speaker's line is not taken for a changed one"


def test_a_take_that_was_changed_stops_the_render_with_its_cure(script, tmp_path, store):
    keep_takes(tmp_path / "takes", ["May I be safe."])
    (tmp_path / "takes" / "tone" / "0.flac").write_bytes(b"something else")
    with pytest.raises(VoiceError, match="has been changed since it was kept"):
        render(request(script, tmp_path / "out", takes=tmp_path / "takes"), VOICES, store)


def test_a_voice_that_is_hard_to_understand_says_so_and_what_would_be_better(script, tmp_path, store):
    voices = {
        "poor": a_hum("poor", "en", misheard=(("*", 66.0),)),
        "good": replace(
            a_hum("good", "en-GB", misheard=(("*", 2.0),), title="The good one"),
            engine="hibari",
            model="heart",
        ),
        "fair": a_hum("fair", "en", misheard=(("*", 20.0),), note="A fair voice."),
    }
    (note,) = render(request(script, tmp_path / "a", voice="poor"), voices, store).notes
    assert revealed(note) == (
        "the voice 'poor' is hard to understand in en: a recogniser mistook 66 of 100 words. "
        "The good one is better (2 of 100): --voice good"
    )
    assert render(request(script, tmp_path / "b", voice="fair"), voices, store).notes == ("A fair voice.",)
    alone = {"poor": voices["poor"]}
    (note,) = render(request(script, tmp_path / "d", voice="poor"), alone, store).notes
    assert revealed(note).endswith(
        "Recording the lines yourself would be better: kindvoice voices takes SCRIPT"
    )
    voices["good"] = replace(voices["good"], engine="piper", model="not-here", packages=("kindvoice[piper]",))
    (note,) = render(request(script, tmp_path / "e", voice="poor"), voices, store).notes
    assert revealed(note).endswith("kindvoice voices install good")


SITTING = """---
title: Sitting
language: en
---
[bed rain]
Sit in a way that is comfortable. [hold 75s]
You can open your eyes.
"""


def test_few_words_over_a_long_background_are_not_shouted(tmp_path, store):
    path = tmp_path / "sitting.md"
    path.write_text(SITTING)
    result = render(request(path, tmp_path / "out", length_ms=None, formats=("wav",)), VOICES, store)
    manifest = json.loads(result.manifest.read_text())
    sound = np.concatenate(list(decode(tmp_path / "out" / "sitting.wav")))
    spoken = [sound[line["start_ms"] * 48 : line["stop_ms"] * 48] for line in manifest["lines"]]
    assert measure([np.concatenate(spoken)]).integrated_lufs == pytest.approx(-12, abs=0.7)
    assert any("a quieter one helps" in warning for warning in result.warnings)
    quieter = path.with_name("quieter.md")
    quieter.write_text(SITTING.replace("rain", "rain -8dB"))
    result = render(request(quieter, tmp_path / "out", length_ms=None, formats=("wav",)), VOICES, store)
    assert result.warnings == ()


def test_what_outweighs_few_words_is_named_as_what_it_is(tmp_path, store):
    path = tmp_path / "bowls.md"
    path.write_text("---\nlanguage: en\n---\n[bell]\nSit. [hold 40s]\n[bell low x3]\n")
    result = render(request(path, tmp_path / "out", length_ms=None, formats=("wav",)), VOICES, store)
    (warning,) = result.warnings
    assert "the bells weigh more than the few words in it" in warning and "background" not in warning
    path.write_text(path.read_text().replace("[bell]\n", "[bell]\n[bed rain]\n"))
    result = render(request(path, tmp_path / "out", length_ms=None, formats=("wav",)), VOICES, store)
    assert (
        "the background and the bells weigh more" in result.warnings[0]
        and "[bed rain -6dB]" in result.warnings[0]
    )


def test_what_its_place_does_not_take_is_told_when_it_is_made(script, tmp_path, store):
    presets = tmp_path / "presets.toml"
    presets.write_text(
        '[hall]\nwhat_for = "x"\nlufs = -16.0\npeak_dbtp = -1.0\nmax_ms = 47000\nmax_bytes = 500000\n'
    )
    result = render(
        request(script, tmp_path / "out", preset="hall", presets=presets, cover="off"), VOICES, store
    )
    assert [warning.partition(",")[0] for warning in result.warnings] == [
        "it lasts 48s",
        "small one.mp3 has 0.8 MB",
    ]


MANY = "---\ntitle: Many\nlanguage: en\n---\n" + "".join(
    f"# Step {n}{' ' + 'wide ö' * 60 if n == 5 else ''}\nRest.\n[hold 20ms]\n" for n in range(1, 1041)
).replace("Rest.\n", "", 1039)


def test_more_chapters_than_a_file_can_hold_are_merged_evenly_and_told(tmp_path, store):
    """As other readers find them, and as verify compares them with the manifest."""
    path = tmp_path / "many.md"
    path.write_text(MANY, encoding="utf-8")
    result = render(
        request(path, tmp_path / "out", length_ms=None, formats=("mp3", "m4b", "opus", "wav")), VOICES, store
    )
    manifest = json.loads(result.manifest.read_text(encoding="utf-8"))
    named = [(chapter["start_ms"], chapter["title"]) for chapter in manifest["chapters"]]
    assert len(named) == 1040 and len(named[4][1]) > 300
    assert [note for note in result.notes if "chapters" in note] == manifest["notes"] == [
        "1040 chapters are more than mp3 and m4b can hold: neighbours are merged there evenly, into 255",
        "1040 chapters are more than opus can hold: neighbours are merged there evenly, into 1000",
        "titles of chapters that are too long for m4b end there with an ellipsis",
    ]  # fmt: skip
    sizes = [b - a for a, b in itertools.pairwise([*(1040 * n // 255 for n in range(255)), 1040])]
    assert set(sizes) == {4, 5}

    mp3 = mutagen.File(tmp_path / "out" / "many.mp3").tags.getall("CHAP")
    mp3 = [(mark.start_time, mark.sub_frames["TIT2"].text[0]) for mark in mp3]
    assert (
        len(mp3) == 255
        and mp3[2] == (named[8][0], "Step 9 – Step 12")
        and mp3[-1][1].endswith(" – Step 1040")
    )
    assert [start for start, _ in mp3] == [named[1040 * n // 255][0] for n in range(255)]
    nero = [(round(c.start * 1000), c.title) for c in mutagen.File(tmp_path / "out" / "many.m4b").chapters]
    assert nero[1][1].endswith("…") and 250 < len(nero[1][1].encode()) <= 255
    track = [(start, title) for start, _, title in sound_info(tmp_path / "out" / "many.m4b").chapters]
    assert nero == track and [start for start, _ in nero] == [start for start, _ in mp3]
    assert len(sound_info(tmp_path / "out" / "many.opus").chapters) == 1000
    for artifact in result.artifacts:
        if artifact.kind in {"mp3", "m4b", "opus", "wav"}:
            report = verify(artifact.path)
            (found,) = [finding for finding in report.findings if finding.point == "chapters"]
            assert report.passed and len(found.measured) < 800, found
            if artifact.kind == "wav":
                assert found.measured == "none: wav has no place for them"


def test_a_phrase_that_the_script_does_not_speak_is_told(script, tmp_path, store):
    script.write_text("---\nlength: 20s\n---\nRest now. [pause 10s max 30s]\n")
    wished = request(script, tmp_path / "out", length_ms=20_000, phrases=(make_phrase("May I rest", "en"),))
    (note,) = render(wished, VOICES, store).notes
    assert (
        revealed(note).startswith("the phrase 'May I rest.' is not heard")
        and "rest" not in redacted(note)[:30]
    )
    with pytest.raises(ScriptError, match="is not heard"):
        render(changed(wished, strict=True), VOICES, store)
    script.write_text("Rest now. {{ phrases[0] }} [pause 10s max 30s]\n")
    assert render(wished, VOICES, store).notes == ()
