"""Gives what waits in the line to the runner, as many at once as there are places, and writes down how it went."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path

from filelock import FileLock, Timeout

from kindvoice.build.any_length import Bounds
from kindvoice.errors import HeldError, KindvoiceError
from kindvoice.jobs.items import Item
from kindvoice.jobs.one import ItemTask, build_item, outcome_of
from kindvoice.jobs.outcome import FAILED, LEFT, Outcome
from kindvoice.jobs.processes import Processes
from kindvoice.jobs.workers import Threads
from kindvoice.studio.host.choices import Choices, request_of
from kindvoice.studio.host.config import Config
from kindvoice.studio.host.early import OrderTask, WarmTask, build_order, warm
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.host.lengths import PageTask, build_page
from kindvoice.studio.host.orders import Orders
from kindvoice.studio.host.wishes import Order

EXPIRE_EVERY_S = 60.0
MOST_LATER = 8
"""A process that makes what gives way ends after so many: its memory is not needed all the time."""
AGAIN_S = 0.5
"""until what could not be written down is tried again"""


@dataclass(slots=True, eq=False)
class _Claim:
    """What is being made: an order, or what is made later."""

    order: Order
    extras: bool = False
    """or the page with all lengths, which is made after them"""
    page: bool = False
    overdue: bool = False
    """they have waited too long to give way"""
    folder: Path = Path()
    ended: threading.Event = field(default_factory=threading.Event)
    """nothing is written into the folder any more"""

    @property
    def gives_way(self) -> bool:
        """To somebody who waits."""
        return self.extras and not self.overdue


class OrderWorker:
    """Makes what waits in `orders`. After a restart those that were being made are made again, first in line."""

    def __init__(self, config: Config, orders: Orders, choices: Choices) -> None:
        self.config = config
        self.orders = orders
        self._choices = choices
        self._threads: list[threading.Thread] = []
        self._executor: Processes | Threads
        self._later: Processes | Threads
        """for what gives way: the process that is stopped for it is not the one that has a voice loaded"""
        self._making: dict[Future[Outcome], _Claim] = {}
        self._claims = threading.Lock()
        """for `_making`"""
        self._news = threading.Event()
        self._ending = threading.Event()
        # Taken by one thread and given back by another.
        self._lock = FileLock(config.data / "studio.lock", blocking=False, thread_local=False)
        self._unheard: Callable[[], None] = lambda: None

    def take_folder(self) -> None:
        """The folder is ours alone until `stop`; `start` does it too. Raises HeldError when another studio is
        at work in it."""
        if self._lock.is_locked:
            return
        try:
            self._lock.acquire()
        except Timeout:
            raise HeldError(
                f"another studio is at work in {self.config.data}",
                cure="stop it first, or name another folder with --data",
            ) from None  # fmt: skip

    def start(self) -> None:
        """Returns at once. Raises HeldError when another studio is at work in the same folder."""
        if self._threads:
            return
        self.take_folder()
        self._ending.clear()
        try:
            self.orders.recover()
        except BaseException:
            self._lock.release()
            raise
        self.orders.break_off = self._break_off
        self._unheard = self.orders.on_change(lambda key: self._news.set())
        self._run = uuid.uuid4().hex
        jobs = self.config.jobs
        # Whoever looks at a page need not wait for somebody else's recording.
        self._executor = Processes(jobs, self._on_news, nice=10) if jobs else Threads(1, self._on_news)
        self._later = Processes(1, self._on_news, most_items=MOST_LATER, nice=10) if jobs else self._executor
        if jobs:
            self._warm()
        self._threads = [
            threading.Thread(target=work, name="studio", daemon=True) for work in (self._work, self._keep)
        ]
        for thread in self._threads:
            thread.start()

    def _warm(self) -> None:
        """The first order need not wait for a process and the language's best voice to be loaded."""
        for voice in self._choices.voices_in(self.config.languages[0])[:1]:
            self._executor.submit(warm, WarmTask(voice, self.config.settings, self._run))

    def stop(self) -> None:
        """Breaks off what is being made (it waits again) and waits for the threads to end."""
        if self._threads:
            self._ending.set()
            self._news.set()
            for thread in self._threads:
                thread.join()
            for executor in (self._executor, self._later):
                executor.shutdown(wait=True, cancel_futures=True)
            self._threads = []
            self.orders.break_off = lambda key: None
            self._unheard()
        self._lock.release()

    @property
    def running(self) -> bool:
        """False before the start, after the end, and when a thread of it has died."""
        return bool(self._threads) and all(thread.is_alive() for thread in self._threads)

    # ---------------------------------------------------------------- inside

    def _work(self) -> None:
        """Sends orders to the executor, as many as it has places for."""
        extras_before = False
        while not self._ending.is_set():
            self._news.clear()
            with contextlib.suppress(sqlite3.Error):  # a full disk may have room again
                while (claim := self._next(extras_before)) is not None:
                    extras_before = claim.extras
                    self._send(claim)
                    del claim  # their words are not kept until somebody else's come
                self._make_way()
            self._news.wait(1.0)

    def _keep(self) -> None:
        """Deletes what has expired, now and then."""
        while True:
            with contextlib.suppress(KindvoiceError, OSError, sqlite3.Error):
                self.orders.expire()
            if self._ending.wait(EXPIRE_EVERY_S):
                return

    def _next(self, extras_before: bool) -> _Claim | None:
        """An order to be made, or one whose further formats are. extras_before: whether these were made last; overdue
        ones are made in turn with orders."""
        at_work = list(self._making.values())
        slots = self._executor.slots
        free = len(at_work) < slots
        if free and not extras_before and (order := self.orders.claim_extras(overdue=True)) is not None:
            return _Claim(order, extras=True, overdue=True)
        # What will give way does not keep anybody waiting until it has.
        if sum(not each.gives_way for each in at_work) < slots and (order := self.orders.claim()) is not None:
            return _Claim(order)
        if not free:
            return None
        if (order := self.orders.claim_extras()) is not None:
            return _Claim(order, extras=True)
        if (order := self.orders.claim_page()) is not None:
            return _Claim(order, extras=True, page=True)
        return None

    def _send(self, claim: _Claim) -> None:
        order = claim.order
        try:
            task = self._task(claim)
        except KindvoiceError as error:
            # Nobody's words are in the names of practices and voices.
            kind = error.kind if isinstance(error, StudioError) else "fault"
            self._settle(claim, Outcome(item=order.key, status=FAILED, kind=kind, cause=error.what))
            return
        future: Future[Outcome] | None = None
        with self._claims, contextlib.suppress(sqlite3.Error):
            # Whoever deletes it now finds it here; who did so before is seen.
            if self.orders.wanted(order, claim.extras):
                executor = self._later if claim.extras else self._executor
                build = build_page if isinstance(task, PageTask) else build_item
                future = executor.submit(build_order if isinstance(task, OrderTask) else build, task)
                self._making[future] = claim
        if future is not None:
            future.add_done_callback(self._came)
        else:
            self._settle(claim, Outcome(item=order.key, status=LEFT))

    def _task(self, claim: _Claim) -> ItemTask:
        """Raises KindvoiceError for a practice or voice that is not here any more."""
        order, config = claim.order, self.config
        files = self.orders
        place = files.page_of if claim.page else files.extras_of if claim.extras else files.folder_of
        claim.folder = place(order.key, order.version)
        request = request_of(order.wish, config, self._choices, claim.folder, extras=claim.extras)
        item = Item(id=order.key, request=request, participant=order.key)
        if not claim.extras:
            early = files.early_of(order.key, order.version)
            return OrderTask(item, config.settings, self._run, anchor=config.database, early=early)
        if not claim.page:
            return ItemTask(item, config.settings, self._run, anchor=config.database)
        if not self._choices.is_ranged(order.wish):
            raise StudioError("length")
        low, high = (ms // 60_000 for ms in self._choices.range_ms(order.wish.practice, order.wish.language))
        named = replace(request, publication=replace(request.publication, name=order.wish.practice))
        bounds = Bounds(range(low, high + 1), config.limits.page_bytes)
        return PageTask(replace(item, request=named), config.settings, self._run, bounds=bounds)

    def _stop(self, future: Future[Outcome]) -> None:
        for executor in (self._executor, self._later):
            executor.stop(future)

    def _make_way(self) -> None:
        """Nobody waits for what is only nice to have."""
        with self._claims:
            extras = [future for future, claim in self._making.items() if claim.gives_way]
            too_many = len(self._making) > self._executor.slots
        if extras and too_many:
            self._stop(extras[0])

    def _break_off(self, key: str) -> None:
        """The making of this order, but not that of the version that is wanted now."""
        with self._claims:
            making = list(self._making.items())
        for future, claim in making:
            if claim.order.key == key and not self.orders.wanted(claim.order, claim.extras):
                self._stop(future)
                claim.ended.wait()

    def _on_news(self, worker: str, task: ItemTask | WarmTask, stage: str, done: int, of: int) -> None:
        if stage in {"started", "lost"}:
            stage, done, of = "", 0, 0
        if isinstance(task, WarmTask):
            if stage == "speak":
                self.orders.gauge(done / 1000)
            return
        manifest = task.item.request.manifest
        for claim in list(self._making.values()):
            if not claim.extras and claim.folder == manifest.parent:
                self.orders.progress(claim.order.key, claim.order.version, stage, done, of)

    def _came(self, future: Future[Outcome]) -> None:
        with self._claims:
            claim = self._making.pop(future)
        outcome = outcome_of(claim.order.key, future)
        if outcome.status in {FAILED, LEFT}:
            shutil.rmtree(claim.folder, ignore_errors=True)
        claim.ended.set()
        self._settle(claim, outcome)
        self._news.set()

    def _settle(self, claim: _Claim, outcome: Outcome) -> None:
        """Writes down how it went; what was broken off is made again."""
        key, version = claim.order.key, claim.order.version
        while True:  # a full disk may have room again
            try:
                if claim.extras and outcome.status == LEFT:
                    self.orders.leave_extras(key)
                elif claim.extras:
                    self.orders.finish_extras(key, version, "paged" if claim.page else "extras")
                elif outcome.status == LEFT:
                    self.orders.release(key, version)
                elif outcome.status == FAILED:
                    self.orders.fail(key, version, outcome.kind, outcome.cause, outcome.range_ms)
                else:
                    self.orders.finish(key, version)
                return
            except (OSError, sqlite3.Error, KindvoiceError):
                if self._ending.wait(AGAIN_S):
                    return  # it is made again after the restart
