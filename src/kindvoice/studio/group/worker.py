"""Makes courses, a recording at a time and courses in turn, in a process of its own that stands back behind the orders
of those who wait at a page."""

from __future__ import annotations

import contextlib
import shutil
import threading
import uuid
from collections import OrderedDict, deque
from collections.abc import Mapping
from concurrent import futures
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from kindvoice.build.context import all_voices, open_store
from kindvoice.errors import KindvoiceError
from kindvoice.jobs.items import Item
from kindvoice.jobs.one import ItemTask, build_item, outcome_of
from kindvoice.jobs.outcome import BUILT, FAILED, SKIPPED, Outcome
from kindvoice.jobs.processes import Processes
from kindvoice.jobs.workers import Threads
from kindvoice.plan.estimate import Estimate, PlanPace, estimate_new
from kindvoice.studio.group.courses import CourseFacts, CourseItems, Courses, SavedCourse
from kindvoice.studio.host.config import Config
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.host.orders import LEAST_FREE_BYTES

_NICE = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseGuess:
    """What making a course will come to."""

    recordings: int
    todo: int
    """that are not as they should be yet"""
    sound_ms: int
    bytes: int
    wall_s: tuple[float, float]
    problems: tuple[tuple[Item, KindvoiceError], ...] = ()
    """what cannot be made, and why: each reason once"""


@dataclass(slots=True)
class _Run:
    """A course that is being made, or was since the start."""

    saved: SavedCourse
    prints: Mapping[str, str]
    waiting: deque[Item]
    failed: dict[str, Outcome] = field(default_factory=dict)


class CourseWorker:
    """Safe between threads. After a restart what was to be made is made."""

    def __init__(self, config: Config, courses: Courses) -> None:
        self.config, self.courses = config, courses
        self._runs: OrderedDict[str, _Run] = OrderedDict()
        self._now: tuple[str, Item, Future[Outcome]] | None = None
        self._far: tuple[str, int, int] = ("", 0, 0)
        self._lock = threading.Condition()
        self._ending = False
        self._thread: threading.Thread | None = None
        self._executor: Processes | Threads | None = None
        self._run = uuid.uuid4().hex
        courses.break_off = self.break_off

    def start(self) -> None:
        for saved in self.courses.all():
            if saved.facts.making:
                with contextlib.suppress(KindvoiceError):
                    self.make(saved.id)

    def stop(self) -> None:
        """What is being made is broken off, and made at the next start."""
        with self._lock:
            self._ending = True
            self._lock.notify_all()
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
        if self._thread is not None:
            self._thread.join()

    # ---------------------------------------------------------------- for the pages

    def guess(self, saved: SavedCourse, items: CourseItems) -> CourseGuess:
        """Takes some tenths of a second for each practice."""
        todo = self._todo(saved, items)
        settings = self.config.settings
        # Of what is there and is to be made anew, the guess is as of what is not there.
        guesses = estimate_new(
            [_as_new(item, saved) for item in todo], all_voices(settings), open_store(settings)
        )
        each = guesses.values()
        return CourseGuess(
            recordings=len(items.items), todo=len(todo), sound_ms=sum(guess.length_ms for guess in each),
            bytes=sum(guess.bytes for guess in each), wall_s=PlanPace(settings.cache).range_s(each, 1),
            problems=_problems(todo, guesses),
        )  # fmt: skip

    def make(self, id: str) -> None:
        """All that is not as it should be. Raises StudioError (gone; recordings, minutes: of too many; full: there is
        no room), and KindvoiceError for what cannot be made so."""
        saved = self.courses.find(id)
        if saved is None:
            raise StudioError("gone")
        items = self.courses.items(saved, anew=True)
        self._check_bounds(saved, items)
        self.courses.tidy(saved, items)
        saved = self.courses.note(id, lambda facts: replace(facts, making=True))
        with self._lock:
            self._runs[id] = _Run(saved, items.prints, deque(self._todo(saved, items)))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="courses", daemon=True)
                self._thread.start()
            self._lock.notify_all()

    def halt(self, id: str) -> None:
        """No more of it is made; what is there stays."""
        self.courses.note(id, lambda facts: replace(facts, making=False))
        self.break_off(id, None)

    def failures(self, id: str) -> Mapping[str, Outcome]:
        """By item, of the last run."""
        with self._lock:
            return dict(self._runs[id].failed) if id in self._runs else {}

    def at_work(self, id: str) -> tuple[str, str, int, int] | None:
        """(item, stage, done, total) of what is being made of a course just now."""
        with self._lock:
            return (self._now[1].id, *self._far) if self._now and self._now[0] == id else None

    def break_off(self, id: str, person: str | None) -> None:
        with self._lock:
            now, run = self._now, self._runs.get(id)
            whose = None if run is None or person is None else run.saved.whose(person)
            if run is not None:
                run.waiting = deque(item for item in run.waiting if whose and item.participant != whose)
                run.failed = {i: o for i, o in run.failed.items() if whose and not i.endswith(f"/{person}")}
        if now and now[0] == id and self._executor and (whose is None or now[1].participant == whose):
            self._executor.stop(now[2])
            with self._lock:
                self._lock.wait_for(lambda: self._now is not now)

    # ---------------------------------------------------------------- inside

    def _todo(self, saved: SavedCourse, items: CourseItems) -> list[Item]:
        held = {saved.whose(person) for person in items.held}
        return [
            item for item in items.items
            if item.participant not in held and not is_made(saved.facts, items, item)
        ]  # fmt: skip

    def _check_bounds(self, saved: SavedCourse, items: CourseItems) -> None:
        limits = self.config.limits
        if len(items.items) > limits.course_recordings:
            raise StudioError("recordings")
        length_ms = sum(map(_asked_ms, items.items))
        if length_ms > limits.course_minutes * 60_000:
            raise StudioError("minutes")
        need = sum(_asked_ms(item) * 16 + 250_000 for item in self._todo(saved, items))
        if shutil.disk_usage(self.config.data).free - need < LEAST_FREE_BYTES:
            raise StudioError("full")

    def _work(self) -> None:
        while True:
            with self._lock:
                self._lock.wait_for(lambda: self._ending or any(run.waiting for run in self._runs.values()))
                if self._ending:
                    return
                id, run = next((id, run) for id, run in self._runs.items() if run.waiting)
                self._runs.move_to_end(id)
                item = run.waiting.popleft()
                if self._executor is None:
                    jobs = self.config.jobs
                    self._executor = (
                        Processes(1, self._on_news, nice=_NICE) if jobs else Threads(1, self._on_news)
                    )
                settings = self.config.settings_of(run.saved.facts.owner)
                task = ItemTask(item, settings, self._run, anchor=self.config.database)
                future: Future[Outcome] = self._executor.submit(build_item, task)
                self._now, self._far = (id, item, future), ("", 0, 0)
                del task
            futures.wait([future])
            outcome = outcome_of(item.id, future)
            with contextlib.suppress(KindvoiceError):  # told when the page is looked at: it is made anew then
                self._came(id, run, item, outcome)
            with self._lock:
                self._now = None
                self._lock.notify_all()

    def _on_news(self, worker: str, task: ItemTask, stage: str, done: int, of: int) -> None:
        self._far = (stage if stage not in {"started", "lost"} else "", done, of)

    def _came(self, id: str, run: _Run, item: Item, outcome: Outcome) -> None:
        with self._lock:
            if outcome.kind == "space":
                run.waiting.clear()
            if outcome.status == FAILED:
                run.failed[item.id] = outcome
            last = not run.waiting and not self._ending
        if outcome.status in {BUILT, SKIPPED}:
            print = run.prints[item.id]
            self.courses.note(id, lambda facts: replace(facts, made={**facts.made, item.id: print}))
        if last:
            self.courses.note(id, lambda facts: replace(facts, making=False))


def is_made(facts: CourseFacts, items: CourseItems, item: Item) -> bool:
    known = items.prints[item.id]
    return bool(known) and facts.made.get(item.id) == known and item.request.manifest.is_file()


def _as_new(item: Item, saved: SavedCourse) -> Item:
    """The item where nothing of it is there."""
    publication = item.request.publication
    folder = saved.folder / "anew" / publication.folder.name
    return replace(item, request=replace(item.request, publication=replace(publication, folder=folder)))


def _asked_ms(item: Item) -> int:
    return item.request.version.length_ms or 15 * 60_000


def _problems(todo: list[Item], guesses: Mapping[str, Estimate]) -> tuple[tuple[Item, KindvoiceError], ...]:
    seen: dict[str, tuple[Item, KindvoiceError]] = {}
    for item in todo:
        if (error := guesses[item.id].error) is not None:
            seen.setdefault(error.redacted(), (item, error))
    return tuple(seen.values())
