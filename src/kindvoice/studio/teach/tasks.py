"""Work that takes longer than a page: a picture of what has been spoken, a chapter, a whole recording."""

from __future__ import annotations

import contextlib
import logging
import shutil
import threading
import traceback
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_urlsafe
from typing import TypeVar

from kindvoice.build import recording as build
from kindvoice.build.context import open_store
from kindvoice.build.prepared import OnEvent, prepare
from kindvoice.build.read import digest_of
from kindvoice.encode import FORMATS, Target
from kindvoice.encode.lame import FRAME
from kindvoice.errors import KindvoiceError, ScriptError, on_page
from kindvoice.jobs.ledgers import ledger_name, open_ledger
from kindvoice.jobs.workers import OnStage, Stopped, Threads
from kindvoice.model import Artifact, BellEvent, ChapterMark, Schedule, SpeechEvent, Tags
from kindvoice.sound.deliver import finish
from kindvoice.sound.prepare import reader
from kindvoice.sound.segments import Programme
from kindvoice.store import Store, file_sha256
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.host.files import PREVIEW
from kindvoice.studio.teach.scripts import Desk, Dressing, VoicedVersion
from kindvoice.studio.teach.view import exact_svg, schedule_facts
from kindvoice.units import frames_to_ms, ms_to_frames, short_clock

log = logging.getLogger("kindvoice.studio")

WHOLE = 0
"""the part that is everything; chapters count from 1"""
HEAD_FRAMES = ms_to_frames(500)
TAIL_FRAMES = ms_to_frames(1_500)
"""around a chapter that is made alone"""
MOST_KEPT = 20
"""finished recordings, and as many pictures, that can still be asked for"""
MOST_WAITING = {"make": 12, "picture": 24}
"""pieces of work that are not over"""
MOST_DRAWN = 16
"""drawings that are kept for whoever looks at the same script again"""
OVER = frozenset({"done", "failed", "ended"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskState:
    """How far a piece of work is. Every state is a new one: look at it from any thread."""

    stage: str = "waiting"
    """waiting; speak, measure, encode, check, draw; done, failed, ended (by whoever asked)"""
    done: int = 0
    total: int = 0
    title: str = ""
    picture: str = ""
    """SVG; of the kind `picture`"""
    facts: Mapping[str, str] | None = None
    sounds: tuple[Artifact, ...] = ()
    notes: tuple[str, ...] = ()
    problem: KindvoiceError | None = None

    @property
    def over(self) -> bool:
        return self.stage in OVER


class TeachTask:
    """One piece of work; `state` is what a page shows, and `stop` ends it soon."""

    def __init__(
        self, kind: str, folder: Path, voiced: VoicedVersion, part: int, dressing: Dressing | None = None
    ) -> None:
        self.kind = kind
        self.voiced, self.part, self.dressing = voiced, part, dressing or Dressing()
        self.token = token_urlsafe(18)
        self.folder = folder / self.token
        self.state = TaskState()
        self.stop: Callable[[], None] = lambda: None


class Workshop:
    """Does one piece of each kind at a time, in threads of its own; pictures do not wait for recordings."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        # The store sweeps away what a killed studio has left there.
        self._open = contextlib.ExitStack()
        self._folder = self._open.enter_context(desk.store.workspace(lasting=True))
        self._threads = {kind: Threads(1, _on_news) for kind in MOST_WAITING}
        self._tasks: OrderedDict[str, TeachTask] = OrderedDict()
        self._drawn: OrderedDict[str, TaskState] = OrderedDict()
        """finished pictures, by the digest of all that they depend on; for the picture's thread alone"""
        self._lock = threading.Lock()
        self._closed = False

    def close(self) -> None:
        """Ends what is at work, and takes away what was made for listening only."""
        with self._lock:
            self._closed = True
        for threads in self._threads.values():
            threads.shutdown(wait=True, cancel_futures=True)
        self._open.close()

    def folder(self, name: str) -> Path:
        """A folder that goes with the workshop."""
        folder = self._folder / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def get(self, token: str) -> TeachTask | None:
        with self._lock:
            return self._tasks.get(token)

    def picture(self, voiced: VoicedVersion) -> TeachTask:
        """Speaks what has not been spoken and draws the programme; its state's picture is there when it is done."""
        task = TeachTask("picture", self._folder, voiced, WHOLE)
        return self._begin(task, lambda on_stage: self._draw(voiced, on_stage))

    def make(self, voiced: VoicedVersion, part: int, dressing: Dressing | None = None) -> TeachTask:
        """The whole, into the output folder as `kindvoice render` does; or a chapter, to be heard here. With somebody's
        phrases both are only to be heard here, and all that was made of them goes within the hour."""
        task = TeachTask("make", self._folder, voiced, part, dressing)
        if part == WHOLE:
            return self._begin(task, lambda on_stage: self._whole(task, on_stage))
        return self._begin(task, lambda on_stage: self._chapter(task.folder, voiced, part, on_stage))

    # -- at work

    def _begin(self, task: TeachTask, work: Callable[[OnStage], TaskState]) -> TeachTask:
        kind, threads = task.kind, self._threads[task.kind]
        with self._lock:
            if self._closed:
                raise StudioError("busy")
            alike = [other for other in self._tasks.values() if other.kind == kind]
            if sum(not other.state.over for other in alike) >= MOST_WAITING[kind]:
                raise StudioError("busy")
            self._tasks[task.token] = task
            over = [other.token for other in alike if other.state.over]
            for token in over[: max(len(alike) + 1 - MOST_KEPT, 0)]:
                self._forget(self._tasks.pop(token))
            future: Future[TaskState] = threads.submit(lambda task, on_stage: work(on_stage), task)
        task.stop = lambda: threads.stop(future, wait=False)
        future.add_done_callback(lambda done: setattr(task, "state", _state_of(done)))
        return task

    def _forget(self, task: TeachTask) -> None:
        """Takes away what it made, and the picture that was sent for it alone."""
        shutil.rmtree(task.folder, ignore_errors=True)
        picture = Path(task.dressing.cover or "")
        borne = any(other.dressing.cover == task.dressing.cover for other in self._tasks.values())
        if picture.parent == self.folder("covers") and not borne:
            picture.unlink(missing_ok=True)

    def _draw(self, voiced: VoicedVersion, on_stage: OnStage) -> TaskState:
        reading = self.desk.read(voiced)
        key = digest_of(reading)
        if (known := self._drawn.get(key)) is None:
            prepared = prepare(reading, self.desk.store, _events(on_stage))
            on_stage("draw", 0, 0)
            svg = exact_svg(
                prepared.schedule, prepared.script.title, prepared.script.language, self.desk.store,
                lambda: on_stage("draw", 0, 0),
            )  # fmt: skip
            known = TaskState(stage="done", picture=svg, facts=schedule_facts(prepared.schedule))
        self._drawn[key] = known
        self._drawn.move_to_end(key)
        while len(self._drawn) > MOST_DRAWN:
            self._drawn.popitem(last=False)
        return known

    def _store(self, folder: Path, voiced: VoicedVersion) -> Store:
        if voiced.version.phrases is None:
            return self.desk.store
        cache = self.desk.settings.cache
        return open_store(
            self.desk.settings, open_ledger(cache, ledger_name(folder), f"{PREVIEW}desk", folder)
        )

    def _whole(self, task: TeachTask, on_stage: OnStage) -> TaskState:
        folder, voiced = task.folder, task.voiced
        own = voiced.version.phrases is not None
        reading = self.desk.read(voiced, folder=folder if own else None, dressing=task.dressing)
        result = build.render(reading, self._store(folder, voiced), _events(on_stage))
        schedule = result.prepared.schedule
        return TaskState(
            stage="done", title=result.prepared.script.title, sounds=tuple(result.artifacts),
            facts={
                "length": short_clock(frames_to_ms(schedule.frames)),
                "folder": "" if voiced.version.phrases else str(result.manifest.parent),
            },
            notes=tuple(map(on_page, (*result.warnings, *result.notes))),
        )  # fmt: skip

    def _chapter(self, folder: Path, voiced: VoicedVersion, part: int, on_stage: OnStage) -> TaskState:
        store = self._store(folder, voiced)
        prepared = prepare(self.desk.read(voiced), store, _events(on_stage))
        schedule, title = chapter(prepared.schedule, part)
        folder.mkdir(parents=True)
        format = FORMATS["mp3"]
        target = Target(
            path=folder / f"chapter-{part}{format.extension}", frames=schedule.frames, chapters=(),
            bitrate=prepared.preset.bitrate, rate=prepared.preset.rate,
            tags=Tags(title=title, artist=prepared.script.author or self.desk.settings.artist,
                      language=prepared.script.language, comment=""),
        )  # fmt: skip
        programme = Programme(schedule, reader(store))
        finished = finish(programme, [(format, target)], prepared.preset, store, on_stage)
        path = target.path
        sound = Artifact(kind="mp3", path=path, bytes=path.stat().st_size, sha256=file_sha256(path))
        return TaskState(
            stage="done", title=title, sounds=(sound,), notes=tuple(map(on_page, finished.warnings)),
            facts={"length": short_clock(frames_to_ms(schedule.frames))},
        )  # fmt: skip


def _events(on_stage: OnStage) -> OnEvent:
    return lambda event: on_stage(event.stage, event.done, event.total)


def _on_news(worker: str, task: TeachTask, stage: str, done: int, total: int) -> None:
    if stage != "started":
        task.state = replace(task.state, stage=stage, done=done, total=total)


def _state_of(future: Future[TaskState]) -> TaskState:
    """When it is over."""
    error = Stopped() if future.cancelled() else future.exception()
    if error is None:
        return future.result()
    if isinstance(error, Stopped):
        return TaskState(stage="ended")
    if not isinstance(error, KindvoiceError):
        # What it says may hold somebody's words: only where it happened is told.
        at = traceback.extract_tb(error.__traceback__)[-1]
        name, place = type(error).__name__, Path(at.filename).name
        log.error("fault in a teacher's work: %s at %s:%d", name, place, at.lineno)
        error = KindvoiceError(f"this is a fault of kindvoice ({name})", cure="please report it")
    return TaskState(stage="failed", problem=error)


# ---------------------------------------------------------------- a chapter alone


def chapters(schedule: Schedule) -> tuple[tuple[str, int, int], ...]:
    """(title, start frame, stop frame) of what can be heard alone, in order: from the first sound on the whole.

    What stands before the first heading is a chapter too, which bears the script's title (fit).
    """
    marks = schedule.chapters
    stops = [*(mark.start_frame for mark in marks), schedule.frames][1:]
    return tuple((mark.title, mark.start_frame, stop) for mark, stop in zip(marks, stops, strict=True))


def chapter(schedule: Schedule, number: int) -> tuple[Schedule, str]:
    """One part of a programme as a programme of its own, with its pauses as they are in the whole.

    number: from 1, as in `chapters`. What rings into it is heard in it, and its own last bell rings out. Raises
    ScriptError when there is no such part.
    """
    known = chapters(schedule)
    if not 1 <= number <= len(known):
        raise ScriptError(
            f"there is no chapter {number}: this script has {len(known)}", cure="load the page again"
        )
    title, start, stop = known[number - 1]
    by = (start - HEAD_FRAMES) // FRAME * FRAME
    speech = tuple(_moved(e, by) for e in schedule.speech if start <= e.start_frame < stop)
    bells = tuple(_moved(e, by) for e in schedule.bells if e.start_frame < stop and e.stop_frame > start)
    ends = [*(event.stop_frame for event in speech), *(event.stop_frame for event in bells)]
    frames = max([stop - by, *(end + TAIL_FRAMES for end in ends)])
    return Schedule(
        frames=frames, speech=speech, bells=bells,
        beds=tuple(
            replace(bed, start_frame=bed.start_frame - by, stop_frame=min(bed.stop_frame - by, frames))
            for bed in schedule.beds if bed.start_frame < stop and bed.stop_frame > start
        ),
        chapters=(ChapterMark(start_frame=HEAD_FRAMES, title=title),),
        ratio=schedule.ratio, shortest_ms=frames_to_ms(frames), longest_ms=frames_to_ms(frames),
    ), title  # fmt: skip


Event = TypeVar("Event", SpeechEvent, BellEvent)


def _moved(event: Event, by: int) -> Event:
    return replace(event, start_frame=event.start_frame - by, stop_frame=event.stop_frame - by)
