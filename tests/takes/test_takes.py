"""Takes: one long recording becomes lines. Recordings are made here from a real voice, with everything that
happens when somebody reads: coughs, false starts, lines read twice, lines left out, a room."""

from __future__ import annotations

import itertools
import json
import pickle
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
import pytest
import recogniser
import soundfile
import soxr
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pages import read_html
from scipy.signal import lfilter

from kindvoice import engines
from kindvoice.errors import KindvoiceError, OutputError, SettingsError, SoundError, VoiceError
from kindvoice.paths import data_folder
from kindvoice.sound.edges import find_sound
from kindvoice.sound.kweight import LoudnessMeter
from kindvoice.speech import recognise
from kindvoice.speech.voices import read_voices
from kindvoice.takes import Takes, same_words
from kindvoice.takes.align import SoundStretch, align
from kindvoice.takes.cutting import Cutting, Match, cut
from kindvoice.takes.recording import listen, pieces
from kindvoice.takes.sheet import sheet_html, sheet_text
from kindvoice.units import RATE, db_to_gain, ms_to_frames

LINES = [
    "It is good that you are here.",
    "Find a way of sitting or lying that is kind to your body today.",
    "Let your shoulders rest.",
    "Feel what is carrying you, the chair, the cushion or the bed.",
    "You can lean on it a little more.",
    "Your eyes may fall shut, or rest on something quiet in front of you.",
    "Perhaps a hand would like to lie on the heart, and feel its warmth.",
    "There is nothing to do.",
    "Whatever you meet is welcome, and you may let it be as it is.",
    "When you are ready, come back to the room around you.",
]
NUMBERED = dict(enumerate(LINES, 1))


# ---------------------------------------------------------------- a reader, a room, a tape


@pytest.fixture(scope="module")
def voice():
    """A line as the reader says it: 48 kHz, from its first sound to its last, peak 0.3."""
    heart = read_voices([data_folder("voices")])["heart"]
    engine = engines.load(heart.engine)
    known: dict[str, np.ndarray] = {}

    def say(text: str) -> np.ndarray:
        if text not in known:
            raw, rate = engine.speak(text, heart)
            speech = soxr.resample(raw, rate, RATE).astype(np.float32)
            first, last = find_sound(speech, RATE)
            known[text] = (0.3 * speech[first:last] / np.abs(speech).max()).astype(np.float32)
        return known[text]

    return say


class Tape:
    """Sounds one after the other, and where each line is."""

    def __init__(self, seed: int = 1, room_db: float = -75.0) -> None:
        self._random = np.random.default_rng(seed)
        self._parts: list[np.ndarray] = []
        self._room_db = room_db
        self.at: dict[int, tuple[float, float]] = {}
        """line number -> start and stop in ms of its last reading"""
        self.rest(1.2)

    @property
    def _ms(self) -> float:
        return sum(map(len, self._parts)) / 48

    def rest(self, seconds: float = 2.0) -> Tape:
        self._parts.append(np.zeros(int(seconds * RATE), np.float32))
        return self

    def say(self, number: int, *sounds: np.ndarray, pause: float = 0.0) -> Tape:
        start = self._ms
        for i, one in enumerate(sounds):
            if i:
                self.rest(pause)
            self._parts.append(one)
        self.at[number] = (start, self._ms)
        return self.rest(self._random.uniform(1.5, 2.5))

    def sound(self, samples: np.ndarray, seconds: float = 1.5) -> Tape:
        self._parts.append(samples.astype(np.float32))
        return self.rest(seconds)

    def cough(self, ms: int = 300, seconds: float = 1.2) -> Tape:
        fall = np.exp(-np.arange(48 * ms) / (12 * ms))
        return self.sound(self._random.standard_normal(48 * ms) * fall * 0.15, seconds)

    def samples(self) -> np.ndarray:
        dry = np.concatenate(self._parts)
        room = lfilter([1], [1, -0.9], self._random.standard_normal(len(dry)))
        return (dry + room / room.std() * db_to_gain(self._room_db)).astype(np.float32)

    def save(self, path: Path, subtype: str = "PCM_16") -> Path:
        soundfile.write(path, self.samples(), RATE, subtype=subtype)
        return path


def covers(match: Match, where: tuple[float, float]) -> bool:
    """The whole line with some breath, and not much more."""
    before, after = where[0] - match.start_ms, match.stop_ms - where[1]
    return 40 <= before < 450 and 40 <= after < 600


def plain(voice, lines=LINES, **room) -> Tape:
    tape = Tape(**room)
    for number, line in enumerate(lines, 1):
        tape.say(number, voice(line))
    return tape


@pytest.fixture(scope="module")
def session(voice, tmp_path_factory):
    """A recording in which everything happens, with nobody listening to the words."""
    tape = Tape(seed=3, room_db=-75.0)
    tape.cough()
    tape.say(1, voice(LINES[0]))
    tape.sound(voice(LINES[1])[: RATE * 3 // 4] * np.linspace(1, 0, RATE * 3 // 4), 1.4)  # a false start
    tape.say(2, voice(LINES[1]))
    tape.say(3, voice(LINES[2]))
    tape.say(4, voice("Feel what is carrying you,"), voice("the chair, the cushion or the bed."), pause=0.7)
    tape.say(5, voice(LINES[4])).cough(200, 0.9)
    tape.say(6, voice(LINES[5]))
    tape.say(7, voice(LINES[6]) * 0.5)  # read once, too far away...
    tape.say(7, voice(LINES[6]))
    # line 8 is left out
    tape.say(9, voice(LINES[8]))
    tape.say(10, voice(LINES[9]))
    path = tape.save(tmp_path_factory.mktemp("session") / "evening.wav")
    return tape, path, cut(path, NUMBERED)


# ---------------------------------------------------------------- which piece is which line


@pytest.mark.slow
def test_a_plain_reading_is_sure_from_the_first_line_to_the_last(voice, tmp_path):
    tape = plain(voice)
    cutting = cut(tape.save(tmp_path / "r.wav"), NUMBERED)
    assert [m.number for m in cutting.matches] == list(NUMBERED)
    assert all(covers(m, tape.at[m.number]) for m in cutting.matches)
    assert {m.verdict for m in cutting.matches} == {"sure"}, [m.reason for m in cutting.matches]
    assert (cutting.missing, cutting.unused, cutting.notes) == ((), (), ())


@pytest.mark.slow
def test_a_session_with_everything_in_it(session):
    tape, _, cutting = session
    found = {m.number: m for m in cutting.matches}
    assert cutting.missing == (8,)
    assert set(found) == set(NUMBERED) - {8}
    # Nothing of a line is lost; what comes with more than its line, such as a cough before it, is not called sure.
    lost = [n for n, m in found.items() if m.start_ms > tape.at[n][0] or m.stop_ms < tape.at[n][1]]
    wrong = [n for n, m in found.items() if m.verdict == "sure" and not covers(m, tape.at[n])]
    assert not lost + wrong, [found[n] for n in lost + wrong]
    # what only order and length can tell needs a look where something happened beside it
    assert found[7].readings == 2
    assert (found[7].verdict, found[2].verdict) == ("look", "look")
    assert "read 2 times" in found[7].reason
    assert {n for n, m in found.items() if m.verdict == "sure"} >= {3, 5, 10}

    # a cough, a false start and the first reading of line 7 (with a rest in it) are used for nothing
    assert len(cutting.unused) >= 4


def piece(start: float, seconds: float, words: str | None = None, speech: float = 1.0) -> SoundStretch:
    told = None if words is None else tuple(recognise.words(words))
    return SoundStretch(start_s=start, stop_s=start + seconds, speech=speech, words=told)


def aligned(found: list[SoundStretch], lines: list[str]) -> list[tuple[int, int, int]]:
    words = [tuple(recognise.words(line)) for line in lines]
    return [(r.line, r.first, r.stop) for r in align(found, lines, words)]


def test_words_decide_where_lengths_cannot():
    lines = ["May I be safe now.", "May I be calm now.", "May I be kind now.", "May I be well now."]
    said = ["may i be safe now", "thank you", "may i", "may i be kind now", "may i be well now"]
    found = [piece(4 * i, 1.3, text) for i, text in enumerate(said)]
    assert aligned(found, lines) == [(0, 0, 1), (2, 3, 4), (3, 4, 5)]


def test_a_reader_may_go_back_some_lines():
    lines = ["One is here.", "Two is over there.", "Three, and a good deal longer than that.", "Four."]
    said = [lines[0], lines[1], lines[2], lines[1], lines[2], lines[3]]
    found = [piece(5 * i, len(text) / 14, text) for i, text in enumerate(said)]
    assert [line for line, _, _ in aligned(found, lines)] == [0, 1, 2, 1, 2, 3]


@pytest.mark.slow
@given(st.data())
@settings(max_examples=40, deadline=None)
def test_readings_are_in_order_apart_and_within_the_recording(data):
    lines = data.draw(st.lists(st.sampled_from(LINES), min_size=1, max_size=8, unique=True))
    at, found = 0.0, []
    for _ in range(data.draw(st.integers(1, 12))):
        seconds = data.draw(st.floats(0.1, 9))
        found.append(piece(at, seconds, speech=data.draw(st.floats(0, 1))))
        at += seconds + data.draw(st.floats(0.35, 6))
    readings = align(found, lines, [tuple(recognise.words(line)) for line in lines])
    assert all(0 <= r.first < r.stop <= len(found) and 0 <= r.line < len(lines) for r in readings)
    assert all(a.stop <= b.first for a, b in itertools.pairwise(readings))
    assert all(0 <= r.probability <= 1 for r in readings)


def test_only_some_lines_may_be_asked_for(voice, tmp_path):
    tape = Tape().say(4, voice(LINES[3])).say(8, voice(LINES[7]))
    cutting = cut(tape.save(tmp_path / "r.wav"), {4: LINES[3], 8: LINES[7]})
    assert [m.number for m in cutting.matches] == [4, 8]
    assert all(covers(m, tape.at[m.number]) for m in cutting.matches)


@pytest.mark.slow
@pytest.mark.listens
@pytest.mark.skipif(not recogniser.available(), reason="the recogniser comes with the dev extra")
def test_a_recogniser_makes_sure_and_finds_what_was_misread(voice, tmp_path):
    tape = Tape(seed=4)
    tape.sound(voice(LINES[0])[: RATE // 2], 1.3)
    tape.say(1, voice(LINES[0]))
    tape.say(2, voice("You can lean on him a little more."))
    lines = {1: LINES[0], 2: LINES[4]}
    steps = []
    cutting = cut(
        tape.save(tmp_path / "r.wav"), lines, hear=recogniser.hear, on_progress=lambda *s: steps.append(s)
    )
    found = {m.number: m for m in cutting.matches}
    assert all(covers(m, tape.at[m.number]) for m in cutting.matches)
    assert [found[n].verdict for n in lines] == ["sure", "look"], cutting.matches
    assert "him" in found[2].reason
    assert steps[-1][0] == steps[-1][1] == len(steps)


# ---------------------------------------------------------------- sound


def test_every_take_is_a_stretch_of_the_recording_to_the_sample(session, tmp_path):
    _, path, cutting = session
    whole, _ = soundfile.read(path, dtype="int16")
    for kept in Takes(tmp_path).keep("anna", cutting, script="s"):
        samples, rate = soundfile.read(kept.take.path, dtype="int32")
        assert rate == RATE
        first, last = ms_to_frames(kept.match.start_ms), ms_to_frames(kept.match.stop_ms)
        assert np.array_equal(samples >> 16, whole[first:last])


def _buzz(seconds: float, rise: float) -> np.ndarray:
    """Something like a voice, which begins and ends as softly as `rise` seconds allow."""
    t = np.arange(int(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * 130 * k * t) / k for k in range(1, 12)) * (
        1 + 0.5 * np.sin(2 * np.pi * 4 * t)
    )
    fade = np.minimum(1, np.minimum(t, t[::-1]) / rise)
    return (0.1 * tone * fade).astype(np.float32)


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.floats(0.4, 3), st.floats(0.005, 0.2), st.floats(0.4, 2)), min_size=1, max_size=5),
    st.sampled_from([-90, -70, -55]),
)
# its length leaves the resampler nothing to give at the end
@example(
    [
        (1.0, 0.125, 0.671875),
        (1.6875, 0.125, 1.65625),
        (1.734375, 0.125, 0.4921875),
        (1.0546875, 0.125, 0.75),
    ],
    -90,
)
@settings(max_examples=12, deadline=None)
def test_a_cut_never_goes_through_sound(tmp_path_factory, sounds, room_db):
    tape = Tape(room_db=room_db)
    places = []
    for seconds, rise, pause in sounds:
        before = sum(map(len, tape._parts))
        tape.sound(_buzz(seconds, rise), pause)
        places.append((before, before + int(seconds * RATE)))
    path = tape.save(tmp_path_factory.mktemp("buzz") / "r.wav")
    heard = listen(path)
    found = pieces(heard)
    assert len(found) == len(sounds)
    cutting = cut(path, {1: "a" * 12, 2: "b" * 30})
    inside = np.zeros(len(tape.samples()), bool)
    for first, last in places:
        # what lies under the room cannot be heard
        inside[first + 960 : last - 960] = True
    for m in cutting.matches:
        first, last = ms_to_frames(m.start_ms), ms_to_frames(m.stop_ms)
        assert not inside[max(first - 48, 0) : first + 2400].any()
        assert not inside[last - 2400 : last + 48].any()


def test_one_gain_for_a_session_and_the_lines_keep_their_levels(voice, tmp_path):
    tape = Tape()
    gains = [1.0, 0.6, 0.8, 0.5, 0.9, 0.7]
    for number, gain in enumerate(gains, 1):
        tape.say(number, voice(LINES[number - 1]) * gain)
    cutting = cut(tape.save(tmp_path / "r.wav", "FLOAT"), dict(enumerate(LINES[:6], 1)))
    takes = [k.take for k in Takes(tmp_path / "t").keep("anna", cutting, script="s")]
    assert len({take.speech_lufs for take in takes}) == 1
    meter = LoudnessMeter(RATE, 2)
    for take, gain, line in zip(takes, gains, LINES, strict=False):
        samples, _ = soundfile.read(take.path, dtype="float32")
        assert np.abs(samples).max() == pytest.approx(gain * np.abs(voice(line)).max(), rel=0.02)
        meter.add(np.repeat(samples[:, None], 2, axis=1))
    assert takes[0].speech_lufs == pytest.approx(meter.integrated_lufs(), abs=0.3)


@pytest.mark.slow
def test_a_quiet_room_is_not_mentioned_and_a_loud_one_is(voice, tmp_path):
    quiet = cut(plain(voice, LINES[:5], room_db=-80).save(tmp_path / "q.wav"), dict(enumerate(LINES[:5], 1)))
    assert quiet.noise_db < -50
    assert quiet.notes == ()
    tape = plain(voice, LINES[:5], room_db=-52)
    loud = cut(tape.save(tmp_path / "l.wav"), dict(enumerate(LINES[:5], 1)))
    assert loud.noise_db - quiet.noise_db == pytest.approx(28, abs=1.5)
    assert "quieter room" in loud.notes[0]
    assert all(covers(m, tape.at[m.number]) for m in loud.matches)
    assert len(loud.matches) == 5


def test_an_overloaded_recording_is_reported(voice, tmp_path):
    tape = Tape()
    for number, line in enumerate(LINES[:4], 1):
        tape.say(number, np.clip(voice(line) * (6 if number == 2 else 1), -1, 1))
    cutting = cut(tape.save(tmp_path / "r.wav"), dict(enumerate(LINES[:4], 1)))
    assert cutting.overloaded >= 5
    assert "microphone down" in cutting.notes[0]
    assert [m.number for m in cutting.matches if "overloaded" in m.reason] == [2]


def test_sound_above_full_scale_is_lowered_and_not_cut_off(voice, tmp_path):
    tape = Tape().say(1, voice(LINES[0]) * 10).say(2, voice(LINES[1]) * 10)
    cutting = cut(tape.save(tmp_path / "r.wav", "FLOAT"), {1: LINES[0], 2: LINES[1]})
    take = Takes(tmp_path).keep("anna", cutting, script="s")[0].take
    samples, _ = soundfile.read(take.path)
    assert np.abs(samples).max() == pytest.approx(0.75, abs=0.01)
    assert take.speech_lufs == pytest.approx(cutting.speech_lufs - 12.04, abs=0.02)


@pytest.mark.parametrize(("sides", "channel"), [((1, 0), 0), ((0, 1), 1), ((1, 1), None)])
def test_a_microphone_on_one_side_only(voice, tmp_path, sides, channel):
    tape = plain(voice, LINES[:3])
    soundfile.write(tmp_path / "r.wav", tape.samples()[:, None] * np.array(sides, np.float32), RATE)
    cutting = cut(tmp_path / "r.wav", dict(enumerate(LINES[:3], 1)))
    assert cutting.channel == channel
    assert cutting.speech_lufs == pytest.approx(-24, abs=2)


def _damaged(by: float) -> np.ndarray:
    sound = _buzz(6.0, 0.1)
    sound[4 * RATE] = by
    return sound


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sound", "said"),
    [
        (np.zeros(6 * RATE), "empty or silent"),
        (np.random.default_rng(1).standard_normal(6 * RATE) * 0.01, "no voice"),
        (_buzz(6.0, 0.01), "no silences|no voice"),
        (_damaged(np.nan), "damaged at 0:04"),
        (_damaged(-np.inf), "damaged at 0:04"),
    ],
)
def test_what_cannot_be_cut_says_so(tmp_path, sound, said):
    soundfile.write(tmp_path / "r.wav", sound, RATE, subtype="FLOAT")
    with pytest.raises(SoundError, match=said) as caught:
        cut(tmp_path / "r.wav", NUMBERED)
    assert caught.value.cure


# ---------------------------------------------------------------- what is kept


@pytest.fixture
def kept(session, tmp_path) -> Takes:
    takes = Takes(tmp_path / "takes")
    takes.keep("anna", session[2], script="evening")
    return takes


def again(session, tmp_path, gain: float = 0.5, **changes) -> Cutting:
    """The same session from another recording."""
    samples, _ = soundfile.read(session[1], dtype="float32")
    soundfile.write(tmp_path / "again.wav", samples * gain, RATE)
    return replace(session[2], recording=tmp_path / "again.wav", **changes)


def test_a_take_is_found_by_its_text_and_one_that_needs_a_look_once_it_is_accepted(kept):
    take = kept.find("anna", LINES[2])
    assert take.verdict == "sure"
    assert (take.source, take.script) == ("evening.wav", "evening")
    assert kept.find("anna", "Let  your shoulders rest.") == take
    assert kept.find("anna", "Let your shoulders drop.") is None
    assert kept.find("berta", LINES[2]) is None
    assert same_words("Say “yes”, it’s fine…") == same_words('Say  "yes", it\'s fine...')
    names = [path.name.removesuffix(".flac") for path in (kept.folder / "anna").iterdir()]
    assert {"takes.json", ".lock"} == {name for name in names if set(name) - set("0123456789abcdef-")}
    assert len(names) == 9 + 2, "no words in names, nothing unfinished"
    assert kept.find("anna", LINES[6]) is None
    (take,) = kept.accept("anna", [LINES[6]])
    assert kept.find("anna", LINES[6]) == take
    assert take.verdict == "accepted"
    with pytest.raises(VoiceError, match="no take of"):
        kept.accept("anna", ["There is no such line."])


@pytest.mark.slow
def test_nothing_is_ever_overwritten(session, kept, tmp_path):
    before = {p: p.read_bytes() for p in (kept.folder / "anna").glob("*.flac")}
    same = kept.keep("anna", session[2], script="evening")
    assert {k.status for k in same} == {"there already"}
    first = kept.find("anna", LINES[2])
    refused = kept.keep("anna", again(session, tmp_path), script="evening")
    assert {k.status for k in refused} == {"has a take"}
    assert kept.find("anna", LINES[2]) == first
    taken = kept.keep("anna", again(session, tmp_path), script="evening", replace=True)
    assert {k.status for k in taken} == {"kept"}
    assert kept.find("anna", LINES[2]).sha256 != first.sha256
    assert {p: p.read_bytes() for p in before} == before
    assert len(list((kept.folder / "anna").glob("*.flac"))) == 18


@pytest.mark.parametrize("accepted", [False, True])
def test_a_take_that_somebody_has_worked_on_is_not_written_over(session, kept, accepted):
    take = kept.find("anna", LINES[2])
    samples, _ = soundfile.read(take.path)
    soundfile.write(take.path, samples * 0.9, RATE)
    worked_on = take.path.read_bytes()
    if accepted:
        kept.accept("anna", [LINES[2]])
    kept.keep("anna", session[2], script="evening", replace=True)
    assert take.path.read_bytes() == worked_on
    if accepted:
        assert kept.find("anna", LINES[2]).path != take.path


def test_a_new_take_in_doubt_does_not_push_out_a_sure_one(session, kept, tmp_path):
    doubted = tuple(replace(m, verdict="look", reason="?") for m in session[2].matches)
    sure = kept.find("anna", LINES[2])
    kept.keep("anna", again(session, tmp_path, matches=doubted), script="evening", replace=True)
    assert kept.find("anna", LINES[2]) == sure
    kept.accept("anna", [LINES[2]])
    assert kept.find("anna", LINES[2]).source == "again.wav"


def test_a_changed_line_is_reported_with_what_it_became(kept):
    now = [*LINES[:3], "Feel what is carrying you, the chair or the bed.", *LINES[5:], "A new one."]
    stale = {s.take.text: s.line for s in kept.stale("anna", now, "evening")}
    assert stale == {LINES[3]: now[3], LINES[4]: None}
    assert kept.stale("anna", now, "another script") == ()
    assert kept.find("anna", now[3]) is None


def test_a_file_that_was_changed_or_lost_is_not_used_silently(session, kept):
    take = kept.find("anna", LINES[2])
    samples, _ = soundfile.read(take.path)
    soundfile.write(take.path, samples * 0.9, RATE)
    with pytest.raises(VoiceError, match="changed since"):
        kept.find("anna", LINES[2])
    kept.accept("anna", [LINES[2]])
    assert kept.find("anna", LINES[2]).verdict == "accepted"
    take.path.unlink()
    with pytest.raises(VoiceError, match="is gone"):
        kept.find("anna", LINES[2])
    other = kept.find("anna", LINES[9])
    other.path.unlink()
    kept.keep("anna", session[2], script="evening")
    assert kept.find("anna", LINES[9]) == other


def test_a_broken_index_is_an_error_and_stays_as_it_is(session, kept):
    index = kept.folder / "anna" / "takes.json"
    for broken in (
        "{", "[]", '{"version": 1, "takes": [{"text": 1}]}', '{"version": 2, "takes": []}',
        '{"version": 1, "takes": [{"path": "../../x.flac"}]}',
    ):  # fmt: skip
        index.write_text(broken)
        with pytest.raises(VoiceError, match="index of takes"):
            kept.find("anna", LINES[2])
        with pytest.raises(VoiceError, match="index of takes"):
            kept.keep("anna", session[2], script="evening")
        assert index.read_text() == broken


def test_a_folder_that_cannot_be_written_or_that_a_name_leads_out_of(session, tmp_path):
    (tmp_path / "takes").write_text("a file")
    with pytest.raises(OutputError, match="cannot be written"):
        Takes(tmp_path / "takes").keep("anna", session[2], script="evening")
    for name in ("", "..", "a/b", "../x"):
        with pytest.raises(VoiceError, match="no voice's name"):
            Takes(tmp_path).find(name, "x")


KEEP_SOME = """
import pickle, sys
from dataclasses import replace
from kindvoice.takes import Takes
folder, cutting, only = pickle.load(sys.stdin.buffer)
part = tuple(m for m in cutting.matches if m.number in only)
Takes(folder).keep("anna", replace(cutting, matches=part), script="evening")
"""


@pytest.mark.slow
def test_processes_that_keep_at_the_same_time_lose_nothing(session, tmp_path, popen):
    parts = [{1, 2, 3, 4}, {5, 6, 7, 9, 10}]
    jobs = [popen([sys.executable, "-c", KEEP_SOME], stdin=subprocess.PIPE) for _ in parts]
    for job, part in zip(jobs, parts, strict=True):
        job.stdin.write(pickle.dumps((tmp_path, session[2], part)))
        job.stdin.close()
    assert [job.wait(120) for job in jobs] == [0, 0]
    assert len(Takes(tmp_path).all("anna")) == 9
    for take in Takes(tmp_path).all("anna"):
        assert soundfile.info(take.path).samplerate == RATE


# ---------------------------------------------------------------- the sheet

NASTY = {1: "Breathe <b>in</b> & out.", 2: '"Rest," she said.', 12: "{{ 7*7 }} <script>alert(1)</script>"}


def lines_on(sheet: Path) -> dict[str | None, str]:
    return {line.get("value"): line.text for line in read_html(sheet).one("ol").all("li")}


def test_the_page_is_escaped_accessible_and_alone(tmp_path):
    text = sheet_html("Kind & calm", NASTY, "en-GB", "Phrases are left out.")
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    assert lines_on(tmp_path / "page.html") == {str(n): line for n, line in NASTY.items()}
    page = read_html(tmp_path / "page.html")
    tags = [element.tag for element in page]
    assert not {"script", "link", "img", "iframe"} & set(tags)
    assert (page.one("html").attributes, page.one("ol").get("lang")) == ({"lang": "en"}, "en-GB")
    assert [tag for tag in tags if tag in {"h1", "h2", "main", "ol"}] == ["main", "h1", "h2", "h2", "ol"]
    assert "<title>Kind &amp; calm: reading sheet</title>" in text
    assert "break-inside: avoid" in text
    assert "http" not in text
    assert 'dir="rtl"' in sheet_html("שלום", {1: "שלום"}, "he")


def test_the_text_sheet_holds_every_line_in_72_columns():
    text = sheet_text("Evening", NUMBERED, "A note.")
    assert all(len(line) <= 72 for line in text.splitlines())
    flat = " ".join(text.split())
    assert all(f" {number} {line}" in flat for number, line in NUMBERED.items())
    assert "two seconds" in flat


# ---------------------------------------------------------------- the command

SCRIPT = """---
title: Evening
language: en
phrases: ["May I be safe.", "May I be calm."]
---
# One
It is good that you are here. [pause 4s]
Let your shoulders rest.
{% for phrase in phrases %}
Say to yourself, {{ phrase }} [pause 8s]
{{ phrase.other }}
{% endfor %}
It is good that you are here. There is nothing to do.
"""


@pytest.fixture
def here(tmp_path, monkeypatch, cache) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KINDVOICE_TAKES", str(tmp_path / "kept"))
    Path("evening.md").write_text(SCRIPT)
    return tmp_path


def run(*arguments: str) -> object:
    from kindvoice.cli.takes import takes

    return takes.main(list(arguments), standalone_mode=False)


def test_the_sheet_holds_each_of_the_scripts_own_lines_once(here, capsys):
    run("evening.md", "--output", "out")
    assert sorted(p.name for p in Path("out").iterdir()) == ["evening-sheet.html", "evening-sheet.txt"]
    assert list(lines_on(Path("out/evening-sheet.html")).values()) == [LINES[0], LINES[2], LINES[7]]
    out = capsys.readouterr().out
    assert "3 lines, 0 of them with a take of the voice 'heart'" in out
    assert "phrases that each participant brings are not on this sheet" in out


def test_a_value_that_was_set_is_recorded_and_a_phrase_is_not_however_it_is_changed(here, capsys):
    Path("named.md").write_text(
        "---\nlanguage: en\n---\nDear {{ name }}, rest.\n\n{% for phrase in phrases %}{{ phrase | upper }}\n\n"
        "{% endfor %}\nMay I be safe.\n"
    )
    run("named.md", "--set", "name=Grace", "--json")
    document = json.loads(capsys.readouterr().out)
    assert [line["text"] for line in document["lines"]] == ["Dear Grace, rest.", "May I be safe."]
    assert document["left_out"] == 4


def test_from_a_recording_to_takes_and_a_changed_script(here, voice, capsys):
    tape = Tape().say(1, voice(LINES[0])).say(2, voice(LINES[2])).say(3, voice(LINES[7]))
    tape.save(here / "r.wav")
    run("evening.md", "--from", "r.wav", "--no-listen")
    out, err = capsys.readouterr()
    assert "3 lines: 3 sure, 0 to look at, 0 not found" in out
    assert "kindvoice[listen]" in err
    assert Takes(here / "kept").find("heart", LINES[2]) is not None
    run("evening.md", "--from", "r.wav", "--no-listen", "--json")
    document = json.loads(capsys.readouterr().out)
    assert [line["status"] for line in document["lines"]] == ["there already"] * 3
    Path("evening.md").write_text(SCRIPT.replace("shoulders rest", "shoulders be at rest"))
    run("evening.md", "--missing", "-o", "out")
    assert lines_on(Path("out/evening-sheet.html")) == {"2": "Let your shoulders be at rest."}
    assert "changed since it was recorded" in capsys.readouterr().err


def test_accepting_by_number(here, voice, capsys):
    tape = Tape().say(1, voice(LINES[0])).say(2, voice(LINES[2]) * 3.3).say(3, voice(LINES[7]))
    tape.sound(voice(LINES[7]), 1.0).save(here / "r.wav")
    run("evening.md", "--from", "r.wav", "--no-listen")
    out = capsys.readouterr().out
    assert "need a look, and are not used yet" in out
    assert Takes(here / "kept").find("heart", LINES[7]) is None
    run("evening.md", "--accept", "3", "-o", "out")
    assert Takes(here / "kept").find("heart", LINES[7]) is not None
    assert not Path("out").exists()
    capsys.readouterr()
    run("evening.md", "--accept", "all", "--json")
    document = json.loads(capsys.readouterr().out)
    assert all(line["used"] for line in document["lines"])
    for wrong in ("4", "0", "x"):
        with pytest.raises(SettingsError, match="no line's number"):
            run("evening.md", "--accept", wrong)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="commands are read as a Unix shell does")
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("evening.md", []),
        (
            'it\'s "late" – Übung.md',
            ["--set", "who=you & $ME", "--gentle", "--for", "carers", "--own-phrases"],
        ),
        ("-x.md", ["--length", "1m30s", "--language", "en", "--voice", "pico-en-gb", "--missing"]),
    ],
)
def test_the_commands_that_are_shown_go_on_with_the_same_lines(here, voice, capsys, name, options):
    lines = [LINES[0], LINES[2], LINES[7]]
    last = "{% if gentle or minutes == 1 %}{{ who }} may rest.{% endif %}\n"
    Path(name).write_text(
        "---\nlanguage: en\nlength: 5m\nvalues: {who: I}\n---\n" + "\n\n".join([*lines, last])
    )

    def shown_by(*arguments: str) -> list[str]:
        run(*arguments)
        hits = re.findall(r": kindvoice voices takes (.+)", capsys.readouterr().out)
        return shlex.split(hits[-1].replace("RECORDING", "r.wav --no-listen"))

    def facts(*arguments: str) -> dict[str, bool]:
        run(*arguments, "--json")
        return {one["text"]: bool(one["used"]) for one in json.loads(capsys.readouterr().out)["lines"]}

    asked = facts("./" + name, *options)
    tape = plain(voice, asked)
    tape.sound(voice([*asked][-1]), 1.0).save(here / "r.wav")  # read twice, which wants a look
    cut = shown_by("./" + name, *options)
    assert facts(*cut[: cut.index("--from")]) == asked
    accept = shown_by(*cut)
    assert facts(*accept) == dict.fromkeys(asked, True)


def test_each_speaker_of_a_script_has_a_sheet_of_their_own(here, capsys):
    Path("two.md").write_text(
        "---\ntitle: Two\nlanguage: en\n---\nRest here. [voice pico-es] Que descanses. [voice off] Rest again.\n"
    )
    run("two.md", "--json")
    document = json.loads(capsys.readouterr().out)
    assert [line["text"] for line in document["lines"]] == ["Rest here.", "Rest again."]
    run("two.md", "--voice", "pico-es", "--json")
    document = json.loads(capsys.readouterr().out)
    assert [line["text"] for line in document["lines"]] == ["Que descanses."]
    assert (document["voice"], document["language"]) == ("pico-es", "es-ES")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["evening.md", "--from", "nowhere.wav"], "no such sound file"),
        (["nothing-like-it"], "no script"),
        (["evening.md", "--length", "soon"], "not a length"),
        (["evening.md", "--voice", "hart"], "no voice named"),
        (["evening.md", "--from", "evening.md"], "not a sound file"),
    ],
)
def test_what_a_user_can_get_wrong(here, arguments, said):
    with pytest.raises((KindvoiceError, click.BadParameter), match=said):
        run(*arguments, *(["--no-listen"] if "--from" in arguments else []))


def test_listening_without_the_extra_names_the_install_command(here, monkeypatch):
    monkeypatch.setattr(recognise, "available", lambda: False)
    Path("r.wav").write_bytes(b"")
    with pytest.raises(SettingsError) as caught:
        run("evening.md", "--from", "r.wav", "--listen")
    assert caught.value.cure == 'pip install "kindvoice[listen]"'
    with pytest.raises(SettingsError) as caught:
        recognise.Recogniser(here).hear(np.zeros(100, np.float32))
    assert caught.value.cure == 'pip install "kindvoice[listen]"'
