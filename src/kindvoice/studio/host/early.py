"""A recording that is heard from its beginning while the rest of it is being made: in the making's own process, and
from the same lines, so that nothing is spoken twice.

Its files lie beside the recording and go with it: the sound so far, and where its lines stand in it.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from kindvoice.build.play import play
from kindvoice.build.read import read
from kindvoice.encode.lame import open_lame
from kindvoice.engines import load
from kindvoice.errors import VoiceError
from kindvoice.jobs.one import ItemTask, build_item, task_store, workplace
from kindvoice.jobs.outcome import Outcome
from kindvoice.jobs.workers import OnStage
from kindvoice.model import SpeechEvent, Voice
from kindvoice.settings import Settings
from kindvoice.speech.samples import sample_lines
from kindvoice.units import RATE, frames_to_ms

SOUND, LINES, WANTED = "early.mp3", "early.lines", "early.wanted"
"""MPEG frames alone; a line's start and stop in ms, one each row; its time is when somebody listened last"""
AHEAD_S = 40.0
"""so far it is mixed before somebody who began to listen at once needs it"""
PATIENCE_S = 15.0
"""Nobody has listened for so long: no more of it is mixed."""
FIRST_S = 10.0
"""so long the making of the whole waits for the first line at most"""
_HEARD = 2 * RATE
_STEP_S = 0.1


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class OrderTask(ItemTask):
    """An order's recording, which can be heard early."""

    early: Path
    """the folder of the files above"""


def build_order(task: OrderTask, on_stage: OnStage = lambda stage, done, of: None) -> Outcome:
    """As `build_item`. Where its beginning cannot be heard, that is no fault: the making tells what is wrong."""
    stop, begun = threading.Event(), threading.Event()
    mixing = threading.Thread(target=_mix, args=(task, stop, begun), name="early", daemon=True)
    mixing.start()
    try:
        # The first line has all cores to itself. Those after it are being spoken meanwhile.
        end = time.monotonic() + FIRST_S
        while not begun.wait(_STEP_S) and time.monotonic() < end:
            on_stage("", 0, 0)
        return build_item(task, on_stage)
    finally:
        stop.set()
        mixing.join()


@dataclass(frozen=True, slots=True, repr=False)
class WarmTask:
    """A voice that is going to be needed."""

    voice: Voice
    settings: Settings
    run: str


def warm(task: WarmTask, on_stage: OnStage) -> None:
    """What takes longest when the first order comes is done before it does: modules and the voice are loaded.

    on_stage: told of speak, and the ms that one line took.
    """
    workplace(task.run, task.settings)
    with contextlib.suppress(VoiceError):
        engine = load(task.voice.engine)
        engine.speak("One.", task.voice)
        began = time.monotonic()
        engine.speak(max(sample_lines(task.voice.language), key=len), task.voice)
        on_stage("speak", round((time.monotonic() - began) * 1000), 0)


def _mix(task: OrderTask, stop: threading.Event, begun: threading.Event) -> None:
    """begun: set when something can be heard, and when there is no more to come."""
    with contextlib.suppress(Exception), _setting(begun):  # as above; what it says may hold somebody's words
        task.early.mkdir(parents=True, exist_ok=True)
        _, voices = workplace(task.run, task.settings)
        store, _ = task_store(task)
        reading = read(task.item.request, voices)
        with (task.early / LINES).open("w") as lines, (task.early / SOUND).open("wb", 0) as out:
            spoken: list[SpeechEvent] = []

            def on_line(line: SpeechEvent) -> None:
                spoken.append(line)
                _note(lines, line)

            encoder = open_lame(out, reading.preset.bitrate, RATE, at_once=True)
            with closing(play(reading, store, on_line=on_line)) as blocks:
                sent, pace = 0, _EarlyPace(task.early / WANTED)
                for block in blocks:
                    encoder.write(block)
                    sent += len(block)
                    # A line is handed out when it is whole, a bell before it at once.
                    if sent >= next(
                        (line.stop_frame for line in spoken if line.start_frame < _HEARD), _HEARD
                    ):
                        begun.set()
                    while not (stop.is_set() or pace.wants(sent / RATE)):
                        stop.wait(_STEP_S)
                    if stop.is_set():
                        return
            encoder.close()


@contextlib.contextmanager
def _setting(event: threading.Event) -> Iterator[None]:
    """However it ends."""
    try:
        yield
    finally:
        event.set()


def _note(lines: TextIO, line: SpeechEvent) -> None:
    lines.write(f"{frames_to_ms(line.start_frame)} {frames_to_ms(line.stop_frame)}\n")
    lines.flush()


class _EarlyPace:
    """Not faster than somebody listens, and only while they do."""

    def __init__(self, wanted: Path) -> None:
        self._wanted = wanted
        self._began = time.monotonic()

    def wants(self, ready_s: float) -> bool:
        began_s = time.monotonic() - self._began
        return ready_s < began_s + AHEAD_S and (began_s < PATIENCE_S or self._is_heard())

    def _is_heard(self) -> bool:
        try:
            return time.time() - self._wanted.stat().st_mtime < PATIENCE_S
        except FileNotFoundError:
            return False


# ---------------------------------------------------------------- for who hands it out


def note_listener(folder: Path) -> None:
    """Somebody listens just now."""
    with contextlib.suppress(OSError):
        path = folder / WANTED
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        os.utime(path)


def lines_of(folder: Path) -> list[tuple[int, int]]:
    """Start and stop of the lines so far, in ms of the early sound; none where there is none."""
    try:
        rows = (folder / LINES).read_text("ascii").splitlines(keepends=True)
    except FileNotFoundError:
        return []
    return [(int(start), int(stop)) for start, stop in (row.split() for row in rows if row.endswith("\n"))]


def forget_sound(folder: Path) -> None:
    """What nobody can begin to listen to any more; where its lines stood stays, for who listens still."""
    for name in (SOUND, WANTED):
        with contextlib.suppress(OSError):
            (folder / name).unlink(missing_ok=True)


def quiet_ms(lines: list[tuple[int, int]], ready_ms: int) -> int:
    """How much may be handed out of what is ready: no line of which only a part is there."""
    for start_ms, stop_ms in lines:
        if stop_ms > ready_ms:
            return min(start_ms, ready_ms)
    return ready_ms


def place_in(finished: list[tuple[int, int]], early: list[tuple[int, int]], at_ms: int) -> tuple[int, int]:
    """Where in the finished recording somebody is who hears this ms of the early sound, and for how many ms more a
    line is being spoken there: 0 in a pause.

    finished, early: start and stop of the same lines; early may have fewer. Pauses may differ: in a longer one the
    place is no later than the next line's beginning.
    """
    said = [number for number, (start_ms, _) in enumerate(early[: len(finished)]) if start_ms <= at_ms]
    if not said:
        return min(at_ms, finished[0][0] if finished else at_ms), 0
    number = said[-1]
    since_ms = at_ms - early[number][0]
    place_ms, stop_ms = finished[number][0] + since_ms, finished[number][1]
    if number + 1 < len(early) and number + 1 < len(finished):
        place_ms = min(place_ms, finished[number + 1][0])
    following = next(((start, stop) for start, stop in finished if start <= place_ms < stop), (0, 0))
    return place_ms, max(stop_ms - place_ms, following[1] - place_ms, 0)
