"""A plan's items, built: what is right already is left alone, the rest goes through one executor."""

from __future__ import annotations

import contextlib
import itertools
import queue
import shutil
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from kindvoice.encode import find_format
from kindvoice.errors import OutputError, terminal
from kindvoice.jobs.items import Item
from kindvoice.jobs.one import ItemTask, build_item, outcome_of, skipped, workplace
from kindvoice.jobs.outcome import BUILT, FAILED, LEFT, SKIPPED, JobEvent, Outcome, Summary
from kindvoice.jobs.processes import Processes
from kindvoice.jobs.state import SeenFiles, named_files, standing
from kindvoice.jobs.workers import Here, OnNews, Runner, sensible_jobs
from kindvoice.model import Preset
from kindvoice.publish.output import journal_of
from kindvoice.settings import Settings
from kindvoice.sound.presets import all_presets, find_preset
from kindvoice.store import sweep_aside
from kindvoice.store.remote import clear_runs

OnEvent = Callable[[JobEvent], None]


def run(
    items: Sequence[Item],
    *,
    settings: Settings,
    jobs: int | None = None,
    scheduler: str | None = None,
    verify: bool = False,
    store: str | None = None,
    on_event: OnEvent = lambda event: None,
) -> Summary:
    """Builds what is not right yet. One failing item does not stop the others.

    jobs: so many processes on this machine; 1: this process alone; None: as many as cores and memory allow.
    scheduler: the address of a Dask scheduler, whose workers build in their place. verify: reads every byte of what
    is there, whatever is known of it. store: an fsspec URL that workers share what they speak through, where they do
    not share the cache folder; nothing of it stays in their caches. on_event: called from this thread.

    Of each family one item goes first, so that what its members share is made once; where most of its lines are there,
    the others need not wait for it. A full disk stops the run; the summary says how much is needed. Raises
    SettingsError for a scheduler that cannot be used, OutputError when clearly too little space is free before anything
    is built, and KeyboardInterrupt after everything that was being built has been cleared away; what is finished stays.
    """
    began = time.monotonic()
    settings = absolute(settings)
    state = SeenFiles(settings.cache)
    name = uuid.uuid4().hex
    outcomes: dict[str, Outcome] = {}
    stopped = ""
    try:
        for outcome in _right(items, settings, name, state, verify, on_event):
            outcomes[outcome.item] = outcome
        for folder in {item.request.publication.folder for item in items if item.id in outcomes}:
            sweep_aside(folder)  # a folder with something to build is swept by that
        todo = [item for item in items if item.id not in outcomes]
        on_event(JobEvent(kind="planned", done=len(outcomes), total=len(items)))
        _check_space(todo, settings)
        if todo:
            task = ItemTask(todo[0], settings, name, verify, store)
            work = _Work(todo, task, on_event, outcomes)
            with (
                _no_empty_folders(todo, outcomes),
                _open(jobs, scheduler, task, len(todo), work.on_news) as executor,
            ):
                work.through(executor, state)
            stopped = work.stopped
    finally:
        state.save()
        if store is not None:
            clear_runs(settings.cache / "shared", name)
    summary = Summary(
        outcomes=tuple(outcomes[item.id] for item in items), wall_s=time.monotonic() - began, stopped=stopped
    )
    on_event(
        JobEvent(kind="finished", done=len(items) - summary.count(LEFT), total=len(items), detail=stopped)
    )
    return summary


def absolute(settings: Settings) -> Settings:
    """A worker may have another folder than we."""
    paths = ("cache", "takes", "output", "voices", "models", "scripts", "presets")
    absolutes = {name: value.absolute() for name in paths if (value := getattr(settings, name)) is not None}
    return replace(settings, **absolutes)


def _right(
    items: Iterable[Item], settings: Settings, name: str, state: SeenFiles, verify: bool, on_event: OnEvent
) -> Iterator[Outcome]:
    _, voices = workplace(name, settings)
    for item in items:
        there = standing(item, voices, state, verify=verify)
        if there.right and there.release is not None:
            with contextlib.suppress(OSError):  # of a run that was killed when all was there
                journal_of(item.request.manifest).unlink(missing_ok=True)
            outcome = skipped(item, there.release)
            on_event(JobEvent(kind=SKIPPED, item=item.id, outcome=outcome))
            yield outcome


@contextlib.contextmanager
def _no_empty_folders(items: Sequence[Item], outcomes: Mapping[str, Outcome]) -> Iterator[None]:
    """Takes away the folders that were made for items that are not there in the end."""
    new = {item.id: _missing_folders(item.request.publication.folder) for item in items}
    try:
        yield
    finally:
        for id, folders in new.items():
            for folder in folders if outcomes.get(id, _NONE).status != BUILT else ():
                with contextlib.suppress(OSError):
                    folder.rmdir()


def _missing_folders(folder: Path) -> list[Path]:
    """The innermost first."""
    return list(itertools.takewhile(lambda each: not each.exists(), (folder, *folder.parents)))


@contextlib.contextmanager
def _open(
    jobs: int | None, scheduler: str | None, task: ItemTask, most: int, on_news: OnNews
) -> Iterator[Runner]:
    executor: Runner
    if scheduler is not None:
        from kindvoice.jobs.cluster import Cluster

        cache = task.settings.cache
        if task.store is None:
            executor = Cluster(scheduler, on_news, cache)
        else:
            executor = Cluster(scheduler, on_news, None, partial(clear_runs, cache / "shared", task.run))
    else:
        jobs = min(jobs or sensible_jobs(), most)
        executor = Here(on_news) if jobs == 1 else Processes(jobs, on_news)
    try:
        yield executor
    except BaseException:
        executor.shutdown(wait=True, cancel_futures=True)
        raise
    executor.shutdown(wait=True)


# ---------------------------------------------------------------- the work


class _Work:
    """What is waiting, what is out, and what came back."""

    def __init__(
        self, items: Sequence[Item], task: ItemTask, on_event: OnEvent, outcomes: dict[str, Outcome]
    ) -> None:
        """task: for any item. outcomes: where what comes back is put, by item."""
        self.outcomes = outcomes
        self.stopped = ""
        self._items, self._task = items, task
        self._on_event = on_event
        self._thread = threading.get_ident()
        self._news: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        self._ready: deque[Item] = deque()
        self._behind: dict[str, deque[Item]] = {}
        self._where: dict[str, str] = {}
        self._speaking: set[str] = set()
        for item in items:
            if item.family and item.family in self._behind:
                self._behind[item.family].append(item)
            else:
                self._ready.append(item)
                if item.family:
                    self._behind[item.family] = deque()

    def on_news(self, worker: str, task: ItemTask, stage: str, done: int, of: int) -> None:
        """From any thread; told at once where it is ours."""
        if threading.get_ident() == self._thread:
            self._stage(worker, task.item, stage, done, of)
        else:
            self._news.put(("stage", worker, task.item, stage, done, of))

    def through(self, executor: Runner, state: SeenFiles) -> None:
        """Until nothing is out and nothing waits, or the disk is full."""
        out: set[Future[Outcome]] = set()
        while out or (self._ready and not self.stopped):
            while self._ready and not self.stopped and len(out) < executor.slots:
                out.add(self._send(executor, self._ready.popleft()))
                self._tell(state, out, block=False)
            self._tell(state, out, block=bool(out))
        for item in self._items:
            if item.id not in self.outcomes:
                self._came(Outcome(item=item.id, status=LEFT, cause=self.stopped), state)

    def _send(self, executor: Runner, item: Item) -> Future[Outcome]:
        task = replace(self._task, item=item)
        future: Future[Outcome] = executor.submit(build_item, task)
        future.add_done_callback(lambda done: self._news.put(("done", item, done)))
        return future

    def _tell(self, state: SeenFiles, out: set[Future[Outcome]], *, block: bool) -> None:
        """Everything that has come in; block: at least one thing."""
        while True:
            try:
                # Not for ever: on Windows Ctrl-C is only seen between two calls.
                news = self._news.get(timeout=0.5) if block else self._news.get_nowait()
            except queue.Empty:
                return
            block = False
            if news[0] == "done":
                _, item, future = news
                out.discard(future)
                self._came(self._outcome(item, future), state, item)
            else:
                self._stage(*news[1:])

    def _stage(self, worker: str, item: Item, stage: str, done: int, of: int) -> None:
        if stage == "speak" and item.id not in self._speaking:
            self._speaking.add(item.id)
            if 2 * done > of:  # what its family shares was made by an earlier run
                self._release(item, first_failed=False)
        self._where[item.id] = worker or self._where.get(item.id, "")
        kind = stage if stage in {"started", "lost"} else "progress"
        name = stage if kind == "progress" else ""
        self._on_event(JobEvent(kind=kind, item=item.id, worker=worker, stage=name, done=done, total=of))

    def _outcome(self, item: Item, future: Future[Outcome]) -> Outcome:
        worker = self._where.get(item.id, "")
        outcome = replace(outcome_of(item.id, future), worker=worker)
        if outcome.status == BUILT and not item.request.manifest.is_file():
            folder = item.request.publication.folder
            cause = (
                f"it was built by {worker}, whose {folder} is another folder than ours\n"
                "  give all workers the same folders at the same paths"
            )
            return Outcome(item=item.id, status=FAILED, cause=cause, kind="fault", worker=worker)
        return outcome

    def _came(self, outcome: Outcome, state: SeenFiles, item: Item | None = None) -> None:
        state.learn(outcome.checked)
        outcome = replace(outcome, checked=())
        self.outcomes[outcome.item] = outcome
        if item is not None:
            self._release(item, first_failed=outcome.status == FAILED)
        self._on_event(
            JobEvent(kind=outcome.status, item=outcome.item, worker=outcome.worker, outcome=outcome)
        )
        if outcome.kind == "space" and not self.stopped:
            self.stopped = self._needed()
            self._on_event(JobEvent(kind="stopped", detail=self.stopped))

    def _release(self, item: Item, first_failed: bool) -> None:
        """The others of a family may come after its first. If it failed, another goes first."""
        behind = self._behind.get(item.family)
        if not behind:
            return
        if first_failed:
            self._ready.appendleft(behind.popleft())
        else:
            self._ready.extendleft(reversed(behind))
            behind.clear()

    def _needed(self) -> str:
        left = [
            item for item in self._items if self.outcomes.get(item.id, _NONE).status not in {BUILT, SKIPPED}
        ]
        sizes = [outcome.bytes for outcome in self.outcomes.values() if outcome.status == BUILT]
        typical = sum(sizes) // len(sizes) if sizes else None
        need = sum(_expected_bytes(item, typical) for item in left)
        free = shutil.disk_usage(_existing(left[0].request.publication.folder)).free if left else 0
        return (
            f"the disk is full: about {max(need / 1e6, 1):.0f} MB are needed for the {len(left)} recordings that are "
            f"left, and {free / 1e6:.0f} MB are free; what is finished stays, and the next run goes on from here"
        )


_NONE = Outcome(item="", status=LEFT)

# ---------------------------------------------------------------- space

_USUAL_MS = 15 * 60_000


def _expected_bytes(item: Item, typical: int | None = None) -> int:
    """About what the item's files will need."""
    length_ms, sound = item.request.version.length_ms, item.request.sound
    if length_ms is None and typical is not None:
        return typical
    preset = _preset(sound.preset or sound.default_preset, sound.presets)
    seconds = (length_ms or _USUAL_MS) / 1000
    formats = item.request.publication.formats or preset.formats
    return sum(find_format(name).bytes_for(seconds, preset) for name in formats) + 100_000


@lru_cache(maxsize=64)
def _preset(name: str, own: Path | None) -> Preset:
    return find_preset(name, all_presets(own))


def _existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())


def _check_space(items: Sequence[Item], settings: Settings) -> None:
    """Raises OutputError when half of what the recordings will take is more than what is free, per disk."""
    disks: dict[int, tuple[Path, int]] = {}
    for item in items:
        if item.request.version.length_ms is None:
            continue
        folder = _existing(item.request.publication.folder)
        there = sum(path.stat().st_size for path in named_files(item.request.manifest) if path.is_file())
        disk = folder.stat().st_dev
        _, need = disks.get(disk, (folder, 0))
        disks[disk] = (folder, need + max(0, _expected_bytes(item) - there))
    for folder, need in disks.values():
        free = shutil.disk_usage(folder).free
        if need / 2 > free:
            raise OutputError(
                f"the disk of {folder} is too full: about {need / 1e6:.0f} MB are needed for {len(items)} recordings, "
                f"and {free / 1e6:.0f} MB are free",
                cure=f"free some space{terminal(', or name another folder with --output')}",
            )
