"""kindvoice play: what is heard, how early, through what, and how it says no."""

from __future__ import annotations

import io
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from kindvoice.cli import run
from kindvoice.engines import tone
from kindvoice.errors import VoiceError
from kindvoice.units import RATE

SCRIPT = """---
title: Small
---
# Arriving here
[bell]
May I be safe. [pause 4s]

# Turning
May I be kind to myself, today and in the days that come. [pause 4s]
Rest. [pause 3s]
# Leaving
May all be well, wherever they are. [pause 2s]
"""
posix = pytest.mark.skipif(sys.platform == "win32", reason="players are stood in for by scripts of a shell")


@pytest.fixture
def here(tmp_path, monkeypatch, cache) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KINDVOICE_VOICE", "tone")
    Path("small.md").write_text(SCRIPT)
    Path("long.md").write_text(LONG)
    Path("cue.md").write_text("[pasue 8s] May I rest.\n")
    Path("slot.md").write_text("May I rest.\n\n[breathe in 200ms out 4s]\n")
    return tmp_path


class Pipe(io.BytesIO):
    """What stands for stdout; on_sound: called before everything that is written."""

    def __init__(self, on_sound=lambda: None) -> None:
        super().__init__()
        self.on_sound = on_sound

    def write(self, data) -> int:
        self.on_sound()
        return super().write(data)


@pytest.fixture
def heard(here, monkeypatch):
    """The samples that a command writes to its stdout: shape (n, 2)."""

    def play(*arguments: str, pipe: Pipe | None = None, code: int = 0) -> np.ndarray:
        pipe = Pipe() if pipe is None else pipe
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", io.TextIOWrapper(pipe, write_through=True))
            assert run(["play", *arguments, "-o", "-"]) == code
            sys.stdout.detach()
        pipe.seek(0)
        samples, rate = soundfile.read(pipe, always_2d=True)
        assert (rate, samples.shape[1]) == (RATE, 2)
        return samples

    return play


def spans(samples: np.ndarray) -> list[tuple[float, float]]:
    """From when to when something is heard, in seconds."""
    loud = np.flatnonzero(np.abs(samples).max(axis=1) > 0.003)
    cuts = np.flatnonzero(np.diff(loud) > RATE // 4)
    return [(a / RATE, b / RATE) for a, b in zip(loud[[0, *cuts + 1]], loud[[*cuts, -1]], strict=True)]


def expected(capsys, *arguments: str) -> list[dict]:
    assert run(["timeline", "small.md", "--json", *arguments]) == 0
    events = json.loads(capsys.readouterr().out)["events"]
    return [event for event in events if event["kind"] in {"speech", "bell", "chapter"}]


@pytest.mark.slow
def test_what_was_never_spoken_is_heard_as_it_is_rendered(heard, capsys):
    cold = heard("small.md")
    warm = heard("small.md")
    says = [event for event in expected(capsys) if event["kind"] == "speech"]
    assert spans(warm)[0][0] == pytest.approx(
        0.5, abs=0.05
    )  # the bell, in which the first line is not told apart
    for (start, stop), event in zip(spans(warm)[-3:], says[-3:], strict=True):
        assert start == pytest.approx(event["start_ms"] / 1000, abs=0.05)
        assert stop == pytest.approx(event["stop_ms"] / 1000, abs=0.1)
    lengths = [[stop - start for start, stop in spans(sound)[-3:]] for sound in (cold, warm)]
    assert lengths[0] == pytest.approx(lengths[1], abs=0.05)
    assert len(cold) == pytest.approx(len(warm), rel=0.05)


def test_it_begins_at_a_chapter(heard, capsys):
    unspoken = spans(heard("small.md", "--from", "2"))
    says = [event["start_ms"] / 1000 for event in expected(capsys) if event["kind"] == "speech"][1:3]
    for sound in (
        unspoken,
        *(spans(heard("small.md", "--from", chapter)) for chapter in ("Turning", "turn")),
    ):
        assert len(sound) == 3
        assert sound[0][0] == pytest.approx(0.5, abs=0.05)
        assert sound[1][0] - sound[0][0] == pytest.approx(says[1] - says[0], abs=0.05)


def test_one_line_and_nothing_else(heard, capsys):
    [(start, stop)] = spans(heard("small.md", "--line", "9"))
    event = next(event for event in expected(capsys) if event["line"] == 9)
    assert stop - start == pytest.approx((event["stop_ms"] - event["start_ms"]) / 1000, abs=0.1)
    assert start < 0.5


@pytest.mark.slow
def test_options_say_what_is_heard(heard):
    times = [spans(heard("small.md", "--length", length, "--from", "2"))[1][0] for length in ("40s", "52s")]
    assert times[1] > times[0] + 1
    quiet, loud = (np.abs(heard("small.md", "--preset", name)).max() for name in ("sleep", "podcast"))
    assert 20 * np.log10(loud / quiet) == pytest.approx(4, abs=0.2)


LONG = "".join(f"May I be safe, number {n}. [pause 4s]\n\n" for n in range(24))


@pytest.fixture
def asked(here, monkeypatch) -> list[str]:
    """The lines that the engine is asked for."""
    asked: list[str] = []
    speak = tone.speak

    def noted(text, voice):
        asked.append(text)
        return speak(text, voice)

    monkeypatch.setattr(tone, "speak", noted)
    return asked


@pytest.mark.slow
def test_sound_comes_before_the_second_line_is_spoken(heard, asked, monkeypatch):
    sounding = threading.Event()
    speak = tone.speak

    def waiting(text, voice):
        assert "number 0" in text or sounding.wait(120), "no sound before this line"
        return speak(text, voice)

    monkeypatch.setattr(tone, "speak", waiting)
    assert len(spans(heard("long.md", pipe=Pipe(sounding.set)))) == 24


def test_a_line_that_cannot_be_spoken_ends_it_when_it_is_its_turn(heard, asked, monkeypatch, capsys):
    speak = tone.speak

    def failing(text, voice):
        if "number 5" in text:
            raise VoiceError("the engine is ill")
        return speak(text, voice)

    monkeypatch.setattr(tone, "speak", failing)
    assert len(spans(heard("long.md", code=5))) == 5
    assert "long.md:11: " in capsys.readouterr().err
    assert len(asked) < 20


@pytest.mark.slow
def test_no_more_than_a_minute_is_spoken_ahead(heard, asked):
    counts: list[int] = []
    heard("long.md", pipe=Pipe(lambda: counts.append(len(asked))))
    assert counts[0] <= 10
    assert all(after - before <= 10 for before, after in itertools.pairwise(counts))
    assert len(asked) == 24


def test_who_stops_listening_stops_the_speaking(heard, asked):
    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(soundfile.LibsndfileError):
        heard("long.md", pipe=Pipe(stop), code=130)
    assert len(asked) <= 12


BAD = [
    (["small.md", "--from", "9"], "its chapters: 1 'Arriving here', 2 'Turning', 3 'Leaving'"),
    (["small.md", "--from", "left"], "there is no chapter 'left' (--from)"),
    (["cue.md", "--from", "1"], "cue.md:1: unknown cue [pasue 8s]"),
    (["slot.md", "--from", "1"], "there is no chapter '1'"),
    (["slot.md"], "slot.md:3: 'Breathing in.' takes"),
    (["small.md", "--line", "8"], "small.md:8: nothing is heard of what this line begins (--line)"),
    (["small.md", "--line", "8"], "line 6 and line 9"),
    (["small.md", "--line", "0"], "--line"),
    (["small.md", "--line", "9", "--from", "2"], "cannot go together"),
    (["long.md", "--length", "3h"], "these lengths are a guess"),
    (["small.md", "--voice", "hart"], "did you mean 'heart'"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_what_is_wrong_is_said_before_any_sound(here, capfd, arguments, message):
    assert run(["play", *arguments, "-o", "-"]) in {1, 4, 5}
    out, err = capfd.readouterr()
    assert out == ""
    assert message in err


def test_a_file_is_for_render(here, capsys):
    assert run(["play", "small.md", "-o", "small.wav"]) == 1
    assert "kindvoice render SCRIPT -f wav" in capsys.readouterr().err


# ---------------------------------------------------------------- players


@pytest.fixture
def player(here, monkeypatch):
    """Puts a shell script in place of a player; there is no other then."""
    (here / "bin").mkdir()
    monkeypatch.setenv("PATH", str(here / "bin"))
    monkeypatch.setattr("kindvoice.cli.play.find_spec", lambda name: None)

    def install(name: str, script: str) -> None:
        path = here / "bin" / name
        path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
        path.chmod(0o755)

    return install


def test_without_a_player_it_says_what_to_install(player, capsys):
    assert run(["play", "small.md"]) == 1
    assert capsys.readouterr().err.startswith("error: there is no program here that plays sound\n  install ")


@posix
def test_a_player_gets_the_whole_and_one_that_does_not_work_is_passed_over(here, player, heard, capsys):
    player("ffplay", "echo 'no such device' >&2; exit 1")
    player("aplay", "cat > heard.wav")
    player("play", "cat > wrong.wav")
    heard("small.md")
    piped = heard("small.md")
    assert run(["play", "small.md"]) == 0
    assert capsys.readouterr().err == ""
    np.testing.assert_array_equal(soundfile.read("heard.wav")[0], piped)
    assert not Path("wrong.wav").exists()


@posix
@pytest.mark.parametrize(
    ("script", "code", "message"),
    [
        (
            "echo 'no such device' >&2; exit 1",
            1,
            "aplay ended with code 1: no such device\n  is there a sound device?",
        ),
        ("echo 'audio open failed' >&2; exit 0", 1, "aplay ended with code 0: audio open failed\n"),
        ("head -c 1500000 > /dev/null; exit 3", 1, "error: aplay ended with code 3\n"),
        ("head -c 1500000 > /dev/null; exit 0", 0, ""),
    ],
)
def test_a_player_that_ends_early(here, player, capsys, script, code, message):
    player("aplay", script)
    assert run(["play", "small.md"]) == code
    err = capsys.readouterr().err
    assert message in err
    assert bool(err) == bool(message)


@pytest.mark.slow
@posix
def test_ctrl_c_ends_the_player_too(here, player, popen):
    os.mkfifo("pid")
    player("aplay", "echo $$ > pid\nexec sleep 1000")
    child = popen([sys.executable, "-m", "kindvoice", "play", "small.md"], stderr=subprocess.PIPE, text=True)
    pid = int(Path("pid").read_text())
    child.send_signal(signal.SIGINT)
    assert "interrupted" in child.communicate(timeout=120)[1]
    assert child.returncode == 130
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@posix
def test_ctrl_c_while_the_player_starts(here, player, monkeypatch):
    players = []

    class Interrupted(subprocess.Popen):
        def __init__(self, command, **options):
            super().__init__(command, **options)
            if command[0] == "aplay":
                players.append(self)
                signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    player("aplay", "exec sleep 1000")
    assert run(["play", "small.md"]) == 130
    assert [one.poll() for one in players] == [-signal.SIGKILL]
