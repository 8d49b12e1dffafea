"""Segments: what is put together is what a whole encode would have been, and every sound is made once."""

from __future__ import annotations

import io
import itertools
import subprocess
from pathlib import Path

import av
import mutagen
import numpy as np
import PIL.Image
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from make import clip, make_request, render

from kindvoice.build.request import Request
from kindvoice.encode import FORMATS, Target, encode
from kindvoice.encode.decode import decode
from kindvoice.encode.lame import FRAME, RUN, find_program, frame_count
from kindvoice.encode.xing import crc16, crc16_each, crc16_joined, crc16_of_file
from kindvoice.errors import OutputError
from kindvoice.model import BedEvent, BellEvent, ChapterMark, Loudness, Picture, Schedule, SpeechEvent, Tags
from kindvoice.paths import data_folder
from kindvoice.publish.verify import verify
from kindvoice.script import make_phrase
from kindvoice.sound.joined import Encoding
from kindvoice.sound.kept import KeptStretches
from kindvoice.sound.meter import measure
from kindvoice.sound.mix import room_tone
from kindvoice.sound.readings import Record
from kindvoice.sound.segments import Programme
from kindvoice.speech.voices import read_voices
from kindvoice.store import Store
from kindvoice.units import RATE, ms_to_frames

pytestmark = pytest.mark.slow

VOICES = read_voices([data_folder("voices")])
GAIN_DB, CEILING = 7.0, -1.5
CODECS = ("mp3", "m4a")


def read(key: str, start: int, stop: int) -> np.ndarray:
    """Something like a voice, another for every key: a hum that swells and fades, mono."""
    t = np.arange(start, stop) / RATE
    number = int(key[1:])
    hum = sum(np.sin(2 * np.pi * (110 + 13 * number) * n * t) / n for n in range(1, 12))
    swell = np.clip(np.sin(np.pi * t * 1.3) ** 2, 0, 1)
    return (0.14 * hum * swell).astype(np.float32)[:, None]


@st.composite
def schedules(draw, most: int = 6) -> Schedule:
    """A few lines, some of which touch, with a bell or a bed now and then; every line on the grid."""
    speech, bells, beds = [], [], []
    at = draw(st.integers(0, 30)) * FRAME
    for number in range(draw(st.integers(1, most))):
        ms = draw(st.integers(300, 1_800))
        start = at + ms_to_frames(60)
        event = SpeechEvent(
            start_frame=start,
            stop_frame=start + ms_to_frames(ms),
            clip=clip(ms, f"v{number}"),
            text=f"{number}",
            gain_db=draw(st.sampled_from([0.0, 0.0, -4.0])),
        )
        speech.append(event)
        at += -(-event.clip.frames // FRAME) * FRAME + draw(st.sampled_from([0, 1, 5, 9, 14, 40, 90])) * FRAME
    if draw(st.booleans()):
        start = draw(st.integers(0, at))
        ring = clip(2_000, "v20", 0, 0)
        bells.append(
            BellEvent(start_frame=start, stop_frame=start + ring.frames, clip=ring, sound="b", gain_db=-12.0)
        )
        at = max(at, start + ring.frames)
    if draw(st.booleans()):
        falls = draw(st.sampled_from([{}, {"fall_db": -9.0, "fall_frames": (at // 2, at // 9)}]))
        beds.append(
            BedEvent(start_frame=0, stop_frame=draw(st.integers(1, at)), sound="rain", gain_db=0.0, **falls)
        )
    frames = -(-(at + draw(st.integers(24_000, 96_000))) // 48) * 48
    return Schedule(frames=frames, speech=tuple(speech), bells=tuple(bells), beds=tuple(beds))


RAIN = Schedule(
    frames=20 * RATE,
    speech=(),
    bells=(),
    beds=(BedEvent(start_frame=0, stop_frame=19 * RATE, sound="rain", gain_db=0.0),),
)
"""Long enough to be cut where it is loud."""


def target_of(path: Path, frames: int, **more) -> Target:
    tags = Tags(title="T", artist="", language="en", comment="")
    return Target(
        **{"path": path, "frames": frames, "tags": tags, "chapters": (), "bitrate": 128_000, **more}
    )


def encoded_whole(pcm: np.ndarray, name: str, folder: Path) -> np.ndarray:
    target = target_of(folder / f"whole.{name}", len(pcm))
    encode([pcm], [(FORMATS[name], target)])
    return np.concatenate(list(decode(target.path)))[: len(pcm)]


def put_together(
    schedule: Schedule, name: str, folder: Path, store: Store, **more
) -> tuple[np.ndarray, Loudness]:
    target = target_of(folder / f"parts.{name}", schedule.frames, **more)
    kept = KeptStretches(Programme(schedule, read), store, lambda *_: None)
    loudness = kept.write([(FORMATS[name], target)], GAIN_DB, CEILING, 0.0)[name]
    return np.concatenate(list(decode(target.path))), loudness


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


LONG, START, SHORT, STOP = range(4)
FOLLOWS = {LONG: {LONG, START}, START: {SHORT}, SHORT: {SHORT, STOP}, STOP: {LONG, START}}
"""the windows of AAC: what may come after each"""


def window(packet: bytes) -> int:
    """Of the first channel."""
    bits = int.from_bytes(packet[:4], "big")
    assert bits >> 29 == 1, "no pair of channels"
    common = bits >> 24 & 1
    return bits >> (21 if common else 13) & 3


@pytest.mark.parametrize("name", CODECS)
@given(schedule=schedules())
@example(schedule=RAIN)
@settings(max_examples=3, deadline=None)
def test_any_schedule_put_together_is_a_whole_encode_within_the_codecs_own_error(
    name, tmp_path_factory, schedule
):
    folder = tmp_path_factory.mktemp("made")
    parts, loudness = put_together(schedule, name, folder, Store(folder / "store"))
    pcm = np.concatenate(list(Programme(schedule, read).blocks(GAIN_DB, CEILING)))
    whole = encoded_whole(pcm, name, folder)
    assert 0 <= len(parts) - len(pcm) <= (0 if FORMATS[name].exact else FORMATS[name].codec_frame)
    if name == "m4a":
        each = [window(packet) for packet in packets(folder / "parts.m4a")]
        assert len(each) == -(-schedule.frames // 1024) + 1
        assert all(b in FOLLOWS[a] for a, b in itertools.pairwise(each))
    parts = parts[: len(pcm)]
    reading = measure([parts])

    seconds = len(pcm) // RATE
    worse_db = level_db(parts - pcm, seconds) - level_db(whole - pcm, seconds)
    # AAC's rate control spends in the words what it has saved in the quiet, and knows less of it in a stretch.
    most_db, median_db = (1.5, 0.2) if name == "mp3" else (5.0, 1.5)
    assert worse_db.max() < most_db
    assert np.median(worse_db) < median_db
    for a, b in seams(schedule):
        near = slice(max(a - 2 * FRAME, 0), b + 2 * FRAME)
        assert steps(parts[near]) < 1.5 * steps(whole[near]) + 10 ** (-62 / 20)

    assert loudness.integrated_lufs == pytest.approx(reading.integrated_lufs, abs=0.02)
    assert loudness.rms_db == pytest.approx(reading.rms_db, abs=0.02)
    assert loudness.true_peak_dbtp == pytest.approx(reading.true_peak_dbtp, abs=0.05)


def level_db(sound: np.ndarray, seconds: int) -> np.ndarray:
    """Of each second; error as low as the room's tone counts as none."""
    each = (sound[: seconds * RATE].astype(np.float64) ** 2).reshape(seconds, -1).mean(axis=1)
    return 10 * np.log10(each + 10 ** (-62 / 10))


def seams(schedule: Schedule) -> list[tuple[int, int]]:
    parts = list(Programme(schedule, read).parts(-(-schedule.frames // FRAME)))
    return [(part.first * FRAME - 1105, part.first * FRAME + 1105) for part in parts[1:]]


def steps(sound: np.ndarray) -> float:
    return float(np.abs(np.diff(sound, axis=0)).max(initial=0.0))


@given(schedule=schedules())
@settings(max_examples=6, deadline=None)
def test_parts_cover_the_programme_once_whatever_is_in_it(schedule):
    count = frame_count(schedule.frames)
    at = 0
    for part in Programme(schedule, read).parts(count):
        assert part.first == at < part.stop
        at = part.stop
    assert at == count


@pytest.mark.parametrize(
    ("name", "frames"),
    [("m4b", 48_000), ("m4b", 3072 * 17), ("m4b", 3072 * 17 + 48), ("m4a", 3072 * 17 - 48)],
)
def test_an_mp4_put_together_is_one_that_was_encoded_whole_but_for_its_sound(tmp_path, name, frames):
    """Its length, tags, chapters and cover, as other programs read them."""
    cover = tmp_path / "cover.jpg"
    PIL.Image.new("RGB", (1400, 1400), (90, 120, 160)).save(cover)
    more = {
        "chapters": (
            ChapterMark(start_frame=0, title="Arriving"),
            ChapterMark(start_frame=24_000, title="Güte"),
        ),
        "cover": Picture(path=cover, type="image/jpeg", width=1400, height=1400),
    }
    schedule = Schedule(frames=frames, speech=(), bells=(), beds=())
    put_together(schedule, name, tmp_path, Store(tmp_path / "store"), **more)
    whole, parts = tmp_path / f"whole.{name}", tmp_path / f"parts.{name}"
    pcm = np.zeros((frames, 2), np.float32)
    encode([pcm], [(FORMATS[name], target_of(whole, frames, **more))])
    a, b = mutagen.File(whole), mutagen.File(parts)
    assert a.tags == b.tags and a.tags["covr"]
    assert [(c.start, c.title) for c in a.chapters] == [(c.start, c.title) for c in b.chapters]
    assert a.info.length == b.info.length
    assert times(whole) == times(parts)
    assert shape(whole) == shape(parts)


def times(path: Path) -> list[tuple[int | None, int | None]]:
    with av.open(str(path)) as container:
        return [(packet.pts, packet.duration) for packet in container.demux(audio=0)]


def shape(path: Path) -> tuple[int, ...]:
    """What FFmpeg's program decodes."""
    command = [str(find_program()), "-v", "error", "-i", str(path), "-map", "0:a", "-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, np.float32).shape


@pytest.mark.parametrize("name", CODECS)
def test_a_stretch_is_the_same_to_the_byte_wherever_it_stands_and_whatever_is_encoded_before_it(name):
    rng = np.random.default_rng(3)
    room = np.tile(room_tone() * np.float32(2.2), (2, 1))

    def sound(seed: int, frames: int) -> np.ndarray:
        x = room[: (frames + 2 * RUN) * FRAME].copy()
        loud = read(f"v{seed}", 0, (frames - 6) * FRAME)
        x[(RUN + 3) * FRAME : (RUN + frames - 3) * FRAME] += loud
        return x

    def encoded(*stretches: tuple[int, np.ndarray]) -> list[bytes]:
        recorder = Encoding(FORMATS[name].codec, 128_000).open()
        for first, samples in stretches:
            recorder.write(first, samples)
        return [record.frames.data for record in recorder.close()]

    stretches = [(seed, sound(seed, 20 + 7 * seed)) for seed in range(8)]
    alone = [encoded(stretch)[0] for stretch in stretches]
    order = list(rng.permutation(8))
    assert [alone[i] for i in order] == encoded(*(stretches[i] for i in order))
    # Eight MP3 frames are nine of AAC.
    first, samples = stretches[3]
    assert encoded((first + 800, samples)) == [alone[3]]


# ---------------------------------------------------------------- recordings

SCRIPT = """---
title: A family
phrases: ["May I be safe."]
---
# Arriving
[bell]
Rest here for a while, and breathe. [pause 5s]
{% for round in range(2) %}
{% for phrase in phrases %}{{ phrase }} [pause 6s]
{% endfor %}
And rest again, as long as you like. [pause 8s]
{% endfor %}
# Returning
Slowly come back. [pause 4s]
[bell low]
"""
ANNA = ("May I be safe.", "May I be kind to myself.")
BEN = ("May I rest well tonight.", "May I begin.")


@pytest.fixture(scope="module")
def script(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("script") / "family.md"
    path.write_text(SCRIPT)
    return path


def request(script: Path, folder: Path, *phrases: str, **more) -> Request:
    spoken = tuple(make_phrase(text, "en") for text in phrases)
    return make_request(script, folder, **{
        "voice": "tone", "length_ms": 80_000, "phrases": spoken, "cover": "off", **more,
    })  # fmt: skip


def stretches(store: Store) -> dict[str, bytes]:
    """What is kept of encoded sound, by its key."""
    kept = {path.name: path.read_bytes() for path in store.root.glob("v1/*/*")}
    return {key: data for key, data in kept.items() if (record := Record.unpack(data)) and record.frames.data}


def test_of_a_second_recording_only_what_is_new_is_encoded(script, tmp_path):
    """Another person, another length, one line edited, another order: the rest is there already."""
    store = Store(tmp_path / "store")
    render(request(script, tmp_path / "a", *ANNA), VOICES, store)
    first = stretches(store)
    edited = tmp_path / "edited.md"
    edited.write_text(SCRIPT.replace("And rest again, as", "And rest once more, as"))
    for more, new in (
        (request(script, tmp_path / "b", *BEN), 2),
        (request(script, tmp_path / "c", *ANNA, length_ms=93_000), 0),
        (request(edited, tmp_path / "d", *ANNA), 1),
        (request(script, tmp_path / "a", *ANNA), 0),
    ):
        before = stretches(store)
        result = render(more, VOICES, store)
        after = stretches(store)
        assert len(after) - len(before) == new
        assert before.items() <= after.items()
        assert verify(result.artifacts[0].path).passed
    assert first.items() <= stretches(store).items()


def test_it_does_not_depend_on_who_came_first(script, tmp_path):
    files = {}
    for order in ("ab", "ba"):
        store = Store(tmp_path / order)
        for who in order:
            render(
                request(script, tmp_path / f"{order}-{who}", *(ANNA if who == "a" else BEN)), VOICES, store
            )
            files[order, who] = (tmp_path / f"{order}-{who}" / "family.mp3").read_bytes()
    assert files["ab", "a"] == files["ba", "a"] != files["ab", "b"] == files["ba", "b"]


def test_the_keys_of_somebodys_own_words_are_told_and_hold_nobody_elses(script, tmp_path):
    store = Store(tmp_path / "store")
    a = render(request(script, tmp_path / "a", *ANNA), VOICES, store)
    b = render(request(script, tmp_path / "b", *BEN), VOICES, store)
    kept = stretches(store)
    assert len(a.own_keys & kept.keys()) == len(ANNA)
    assert not a.own_keys & b.own_keys
    store.remove(a.own_keys | b.own_keys)
    render(request(script, tmp_path / "c", "May I be well."), VOICES, store)
    left = stretches(store)
    assert not (a.own_keys | b.own_keys) & left.keys()
    assert {key for key in kept if key not in a.own_keys | b.own_keys} <= left.keys()


@pytest.mark.parametrize(
    "more", [{"bed": "rain", "formats": ("flac", "mp3")}, {"preset": "acx", "name": "acx"}]
)
def test_beds_and_other_formats_are_right_as_well(script, tmp_path, more):
    store = Store(tmp_path / "store")
    result = render(request(script, tmp_path / "a", *ANNA, **more), VOICES, store)
    for artifact in result.artifacts:
        if artifact.kind in {"mp3", "flac"}:
            report = verify(artifact.path)
            assert report.passed, report.findings


def test_an_encoder_that_is_killed_is_told_of_and_nothing_is_left_half_made(script, tmp_path, monkeypatch):
    store = Store(tmp_path / "store")
    killed = tmp_path / "ffmpeg"
    killed.write_text("#!/bin/sh\nhead -c 4000 > /dev/null; kill -9 $$\n")
    killed.chmod(0o755)
    monkeypatch.setattr("kindvoice.encode.lame.find_program", lambda: str(killed))
    with pytest.raises(OutputError, match="the MP3 encoder stopped: it was killed by signal 9"):
        render(request(script, tmp_path / "a", *ANNA), VOICES, store)
    assert not list((tmp_path / "a").glob("*"))
    assert not stretches(store)


def test_without_the_program_the_library_encodes(script, tmp_path, monkeypatch):
    monkeypatch.setattr("kindvoice.encode.lame.find_program", lambda: None)
    monkeypatch.setattr("kindvoice.encode.mp3.identity", lambda: "PyAV")
    result = render(request(script, tmp_path / "a", *ANNA), VOICES, Store(tmp_path / "store"))
    assert verify(result.artifacts[0].path).passed


# ---------------------------------------------------------------- checksums


@given(st.binary(max_size=3_000), st.integers(1, 8))
def test_a_checksum_in_pieces_is_that_of_the_whole(data, half):
    length = 2 * half
    data = data[: len(data) // length * length]
    pieces = np.frombuffer(data, np.uint8).reshape(-1, length)
    assert crc16_joined(crc16_each(pieces).tolist(), length) == crc16(data)
    assert crc16_of_file(io.BytesIO(data)) == (crc16(data), len(data))
