"""One more recording of a family: what is shared is the same to the byte, and what is new has no seam."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from make import make_request, prepare, render
from make import timeline as picture

from kindvoice.build.request import Request
from kindvoice.encode import Target, encode
from kindvoice.encode.decode import decode
from kindvoice.encode.mp3 import MP3, MP3_FRAME
from kindvoice.encode.xing import crc16, crc16_of_frames
from kindvoice.errors import FitError
from kindvoice.model import Say, Tags
from kindvoice.paths import data_folder
from kindvoice.publish.verify import verify
from kindvoice.script import make_phrase
from kindvoice.sound import sharing
from kindvoice.sound.master import master
from kindvoice.sound.meter import measure
from kindvoice.sound.mix import Mix
from kindvoice.sound.wavfile import read_wav
from kindvoice.speech.voices import read_voices
from kindvoice.store import Store
from kindvoice.timing.fit import CODEC_FRAME_MS, fit
from kindvoice.timing.slots import keep_slots
from kindvoice.units import frames_to_ms, ms_to_frames

VOICES = read_voices([data_folder("voices")])
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


@pytest.fixture(scope="module")
def script(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("script") / "family.md"
    path.write_text(SCRIPT)
    return path


def request(script, folder, *phrases: str, **more) -> Request:
    spoken = tuple(make_phrase(text, "en") for text in phrases)
    return make_request(script, folder, **{
        "voice": "tone", "length_ms": 80_000, "phrases": spoken, "shared": True,
        "cover": "off", **more,
    })  # fmt: skip


ANNA = ("May I be safe.", "May I be kind to myself.")
BEN = ("May I rest well tonight.", "May I begin.")


def frames_of(path: Path) -> list[bytes]:
    data = path.read_bytes()
    data = data[data.rindex(b"\xff\xfb", 0, data.index(b"Info")) :]
    return [data[at : at + 384] for at in range(384, len(data), 384)]


@pytest.mark.slow
@pytest.mark.parametrize("bed", [None, "rain"])
def test_outside_of_their_own_words_two_recordings_are_the_same_to_the_byte(script, tmp_path, bed):
    store = Store(tmp_path / "store")
    a = render(request(script, tmp_path / "a", *ANNA, bed=bed), VOICES, store)
    b = render(request(script, tmp_path / "b", *BEN, bed=bed), VOICES, store)
    ours, theirs = frames_of(tmp_path / "a" / "family.mp3"), frames_of(tmp_path / "b" / "family.mp3")
    assert len(ours) == len(theirs)
    own = set()
    for result in (a, b):
        for event in result.prepared.schedule.speech:
            if event.own:
                first, last = event.start_frame - ms_to_frames(300), event.stop_frame + ms_to_frames(400)
                own |= set(range(first // MP3_FRAME, last // MP3_FRAME))
    differing = {i for i, (x, y) in enumerate(zip(ours, theirs, strict=True)) if x != y}
    assert differing
    assert differing <= own
    for folder in ("a", "b"):
        report = verify(tmp_path / folder / "family.mp3")
        assert report.passed, report.findings


@pytest.mark.slow
def test_it_does_not_depend_on_who_came_first_nor_on_what_is_kept(script, tmp_path):
    made = {}
    for order in ("ab", "ba"):
        store = Store(tmp_path / order)
        for who in order:
            phrases = ANNA if who == "a" else BEN
            render(request(script, tmp_path / f"{order}-{who}", *phrases), VOICES, store)
            made[order, who] = (tmp_path / f"{order}-{who}" / "family.mp3").read_bytes()
    assert made["ab", "a"] == made["ba", "a"]
    assert made["ab", "b"] == made["ba", "b"]
    assert made["ab", "a"] != made["ab", "b"]


@pytest.mark.slow
def test_it_is_as_near_to_the_master_as_a_whole_encode_and_has_no_step(script, tmp_path, monkeypatch):
    """In every second the error is that of a whole encode within 0.2 dB, and no joint steps."""
    store = Store(tmp_path / "store")
    one = request(script, tmp_path / "a", *ANNA)
    levels = []
    real = sharing._mastered

    def noted(mix, start, stop, gain_db, ceiling_db):
        levels.append((gain_db, ceiling_db))
        return real(mix, start, stop, gain_db, ceiling_db)

    monkeypatch.setattr(sharing, "_mastered", noted)
    result = render(one, VOICES, store)
    [(gain_db, ceiling_db)] = set(levels)
    schedule = result.prepared.schedule
    mix = Mix(schedule, lambda key, start, stop: read_wav(store.path(key), start, stop)[0])
    pcm = np.concatenate(list(master(mix.blocks(), gain_db, ceiling_db)))
    target = Target(
        path=tmp_path / "whole.mp3", frames=len(pcm), tags=Tags(title="T", artist="", language="en", comment=""),
        chapters=(), bitrate=128_000,
    )  # fmt: skip
    encode([pcm], [(MP3, target)])
    whole = np.concatenate(list(decode(target.path)))
    parts = np.concatenate(list(decode(tmp_path / "a" / "family.mp3")))
    assert parts.shape == whole.shape == pcm.shape

    def error_db(y):
        seconds = len(pcm) // 48_000
        error = ((y - pcm)[: seconds * 48_000].astype(np.float64) ** 2).reshape(seconds, -1).mean(axis=1)
        return 10 * np.log10(error + 1e-14)

    assert np.abs(error_db(parts) - error_db(whole)).max() < 0.2
    step = np.abs(np.diff(parts - pcm, axis=0)).max()
    assert step < 1.5 * np.abs(np.diff(whole - pcm, axis=0)).max() + 1e-4


@pytest.mark.slow
def test_what_was_measured_in_parts_is_what_a_meter_reads_of_the_file(script, tmp_path):
    result = render(request(script, tmp_path / "a", *BEN), VOICES, Store(tmp_path / "store"))
    read = measure(decode(tmp_path / "a" / "family.mp3"))
    told = result.loudness["mp3"]
    assert told.integrated_lufs == pytest.approx(read.integrated_lufs, abs=0.02)
    assert told.rms_db == pytest.approx(read.rms_db, abs=0.02)
    assert told.true_peak_dbtp == pytest.approx(read.true_peak_dbtp, abs=0.1)
    assert told.frames == read.frames


@pytest.mark.slow
def test_a_phrase_too_long_for_its_slot_is_made_alone_and_is_right(script, tmp_path):
    long = (
        "May I "
        + "meet whatever comes to me today with patience and with a soft and open heart, " * 2
        + "always."
    )
    result = render(
        request(script, tmp_path / "a", long, length_ms=110_000), VOICES, Store(tmp_path / "store")
    )
    assert result.prepared.schedule.alone
    assert verify(tmp_path / "a" / "family.mp3").passed


@pytest.mark.slow
def test_nobodys_words_are_in_what_is_kept_for_the_family(script, tmp_path):
    """The family's base is the same whoever comes first, so it cannot hold anybody's words."""
    kept = {}
    for who, phrases in (("a", ANNA), ("b", BEN)):
        store = Store(tmp_path / who)
        before = set()
        prepare(request(script, tmp_path / "out", *phrases), VOICES, store)
        before = {p.name for p in store.root.glob("v1/*/*")}
        render(request(script, tmp_path / "out", *phrases), VOICES, store)
        kept[who] = {p.name: p.read_bytes() for p in store.root.glob("v1/*/*") if p.name not in before}
    assert len(kept["a"]) == 3
    assert kept["a"] == kept["b"]


@pytest.mark.slow
def test_other_formats_are_made_as_ever(script, tmp_path):
    store = Store(tmp_path / "store")
    render(request(script, tmp_path / "a", *ANNA, formats=("flac", "mp3")), VOICES, store)
    render(request(script, tmp_path / "a", *ANNA, preset="acx", name="acx"), VOICES, store)
    for name in ("family.mp3", "family.flac"):
        assert verify(tmp_path / "a" / name).passed


# ---------------------------------------------------------------- slots


def slotted(lengths: list[int], rest: str = "_2000-5000-9000") -> tuple:
    line = " ".join(f"{chr(97 + i)}{ms} {rest}" for i, ms in enumerate(lengths))
    timeline, clips, sounds = picture(f"x1000 {rest} {line} y900")
    return mark_own(timeline, len(lengths)), clips, sounds


def mark_own(timeline, count):
    items = [
        replace(item, own=((0, len(item.text)),), allow_ms=2_500)
        if isinstance(item, Say) and item.text in [chr(97 + i) for i in range(count)]
        else item
        for item in timeline.items
    ]
    return replace(timeline, items=tuple(items))


@given(
    st.lists(st.tuples(st.integers(300, 4_400), st.integers(300, 4_400)), min_size=1, max_size=6),
    st.sampled_from([None, 0.2, 0.5, 0.9]),
)
@settings(max_examples=60, deadline=None)
def test_everybody_has_the_same_schedule_but_for_their_own_words(pairs, part):
    made = []
    for who in (0, 1):
        timeline, clips, sounds = slotted([pair[who] for pair in pairs])
        natural = fit(timeline, clips, sounds)
        target = None
        if part is not None:
            span = natural.longest_ms - natural.shortest_ms
            target = natural.shortest_ms + round(part * span)
        made.append(fit(timeline, clips, sounds, target))
    a, b = made
    assume(not a.alone and not b.alone)
    assert a.frames == b.frames
    assert [e.start_frame for e in a.speech] == [e.start_frame for e in b.speech]
    assert [g.stop_frame for g in a.gaps] == [g.stop_frame for g in b.gaps]
    for schedule in made:
        for gap in schedule.gaps:
            assert frames_to_ms(gap.stop_frame - gap.start_frame) >= 2_000
        ends = [e.stop_frame for e in schedule.speech[:-1]]
        assert [g.start_frame for g in schedule.gaps] == ends


@given(st.lists(st.integers(300, 30_000), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_a_slot_grows_by_whole_codec_frames_and_the_length_holds(lengths):
    timeline, clips, sounds = slotted(lengths)
    natural = fit(timeline, clips, sounds)
    target = (natural.shortest_ms + natural.longest_ms) // 2
    try:
        schedule = fit(timeline, clips, sounds, target)
    except FitError:
        return
    assert schedule.frames == ms_to_frames(target)
    for before, after, gap in zip(schedule.speech, schedule.speech[1:], schedule.gaps, strict=False):
        assert after.start_frame == gap.stop_frame
        assert gap.start_frame == before.stop_frame
        assert frames_to_ms(gap.stop_frame - gap.start_frame) >= 2_000
    assert CODEC_FRAME_MS * 48 == MP3_FRAME


def test_which_lines_keep_a_slot():
    timeline, *_ = picture("a1000 _500-1000-2000 b1000 =2000 c1000 _500-1000-2000 d1000")
    words = {
        "a": ("May I rest.", ((0, 11),)), "b": ("And now: may I rest, softly.", ((9, 19),)),
        "c": ("Dear Ana, rest now.", ((5, 8),)), "d": ("Rest.", ()),
    }  # fmt: skip
    items = [
        replace(i, text=words[i.text][0], own=words[i.text][1]) if isinstance(i, Say) else i
        for i in timeline.items
    ]
    kept = keep_slots(replace(timeline, items=tuple(items)))
    assert [item.allow_ms for item in kept.items if isinstance(item, Say)] == [
        round(26 / 10.5 * 1000),
        None,  # a hold must not give
        round((len("Dear , rest now") + 26) / 10.5 * 1000),
        None,
    ]


@given(st.binary(max_size=200), st.integers(1, 16), st.integers(0, 0xFFFF))
def test_a_checksum_in_pieces_is_that_of_the_whole(data, length, before):
    data = data[: len(data) // length * length]
    pieces = np.frombuffer(data, np.uint8).reshape(-1, length)
    assert crc16_of_frames(pieces) == crc16(data)
    half = len(pieces) // 2
    assert crc16_of_frames(pieces[half:], crc16_of_frames(pieces[:half])) == crc16(data)
