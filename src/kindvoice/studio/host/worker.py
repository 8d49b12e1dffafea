"""Runs orders, one after another, in processes of their own."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from kindvoice.errors import KindvoiceError
from kindvoice.jobs.workers import Here, Processes, WorkerLost
from kindvoice.studio.host.choices import Choices, read_choices, request_of
from kindvoice.studio.host.config import Config
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.host.orders import DONE, FAILED, WAITING, Order, Orders
from kindvoice.studio.host.tasks import BROKEN_OFF, OrderOutcome, OrderTask, make

EXPIRE_EVERY_S = 60.0
MOST_CHANGES_S = 0.25
"""`changes` tells no more often"""
AGAIN_S = 0.5
"""until what could not be written down is tried again"""
_PATIENCE_S = 1.0
"""for a making to end by itself at its next step, before its process is ended"""
_LINE_MOVES_S = 2.0
"""one that waits is told of its place so often"""


class OrderWorker:
    """Makes what waits in `orders`. After a restart those that were being made are made again, first in line."""

    def __init__(self, config: Config, orders: Orders, choices: Choices | None = None) -> None:
        """choices: None: read when it starts."""
        self.config = config
        self.orders = orders
        self._choices = choices
        self._lanes: list[_OrderLane] = []
        self._news = threading.Event()
        self._moved = threading.Event()
        self._ending = threading.Event()
        self._keeper: threading.Thread | None = None
        # Taken by one thread and given back by another.
        self._lock = FileLock(config.data / "studio.lock", blocking=False, thread_local=False)
        self._unheard: Callable[[], None] | None = None

    def take_folder(self) -> None:
        """The folder is ours alone until `stop`; `start` does it too. Raises StudioError (setup) when another studio is
        at work in it."""
        if self._lock.is_locked:
            return
        try:
            self._lock.acquire()
        except Timeout:
            raise StudioError(
                f"another studio is at work in {self.config.data}", kind="setup",
                cure="stop it first, or name another folder with --data",
            ) from None  # fmt: skip

    def start(self) -> None:
        """Returns at once. Raises StudioError (setup) when another studio is at work in the same folder."""
        if self._lanes:
            return
        self.take_folder()
        self._ending.clear()
        try:
            if self._choices is None:
                self._choices = read_choices(self.config)
            self.orders.recover()
        except BaseException:
            self._lock.release()
            raise
        self.orders.break_off = self._break_off
        self._unheard = self.orders.on_change(self._heard)
        run = uuid.uuid4().hex
        self._lanes = [_OrderLane(self, n, run) for n in range(max(self.config.jobs, 1))]
        self._keeper = threading.Thread(target=self._keep, name="studio keeper", daemon=True)
        self._keeper.start()
        for lane in self._lanes:
            lane.thread.start()

    def stop(self) -> None:
        """Breaks off what is being made (it waits again) and waits for the threads to end."""
        if not self._lanes:
            self._lock.release()
            return
        self._ending.set()
        self._news.set()
        self._moved.set()
        for lane in self._lanes:
            lane.break_off(None)
        for lane in self._lanes:
            lane.thread.join()
        if self._keeper is not None:
            self._keeper.join()
        self.orders.break_off = lambda key: None
        if self._unheard is not None:
            self._unheard()
        self._lanes = []
        self._lock.release()

    @property
    def running(self) -> bool:
        """False before the start, after the end, and when a thread of it has died."""
        threads = [self._keeper, *(lane.thread for lane in self._lanes)]
        return bool(self._lanes) and all(thread is not None and thread.is_alive() for thread in threads)

    async def changes(self, token: str) -> AsyncIterator[Order]:
        """The order as it is, then every time it has changed, at most some times a second; ends after done or
        failed, and when it is deleted. Closing the iterator ends it."""
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()
        first = await asyncio.to_thread(self.orders.get, token)
        if first is None:
            return
        key = first.key

        def heard(which: str) -> None:
            if which == key:
                with contextlib.suppress(RuntimeError):  # the loop has ended
                    loop.call_soon_threadsafe(changed.set)

        end = self.orders.on_change(heard)
        try:
            while True:
                changed.clear()  # before the look: what changes after it is told of again
                order = await asyncio.to_thread(self.orders.get, token)
                if order is None:
                    return
                yield order
                if order.state in {DONE, FAILED}:
                    return
                await asyncio.sleep(MOST_CHANGES_S)
                # The line moves without a change of this order. Not wait_for: before Python 3.12 it may swallow a
                # cancellation.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LINE_MOVES_S if order.state == WAITING else None):
                        await changed.wait()
        finally:
            end()

    # ---------------------------------------------------------------- inside

    def _break_off(self, key: str) -> None:
        """The making of this order, but not that of the version that is wanted now."""
        for lane in self._lanes:
            if not lane.is_at_wanted(key):
                lane.break_off(key)

    def _heard(self, key: str) -> None:
        self._news.set()
        self._moved.set()

    def _next(self, made_extras: bool) -> tuple[Order, bool, bool] | None:
        """Waits for an order to be made, or one whose further formats are: then True, and whether they are overdue.
        None at the end. made_extras: what this lane has just made; overdue ones are made in turn with orders."""
        while True:
            self._news.clear()
            if self._ending.is_set():
                return None
            with contextlib.suppress(sqlite3.Error):  # a full disk may have room again
                if not made_extras and (order := self.orders.claim_extras(overdue=True)) is not None:
                    return order, True, True
                if (order := self.orders.claim()) is not None:
                    return order, False, False
                if (order := self.orders.claim_extras()) is not None:
                    return order, True, False
            made_extras = False
            self._news.wait(1.0)

    def _keep(self) -> None:
        """Deletes what has expired, now and then, and lets nobody wait for what is only nice to have."""
        expired_s = -EXPIRE_EVERY_S
        while True:
            self._moved.clear()
            if self._ending.is_set():
                return
            with contextlib.suppress(KindvoiceError, OSError, sqlite3.Error):
                if time.monotonic() - expired_s >= EXPIRE_EVERY_S:
                    expired_s = time.monotonic()
                    self.orders.expire(self.orders.now())
                extras = [lane for lane in self._lanes if lane.extras and not lane.overdue]
                if extras and self.orders.counts()[WAITING] and all(lane.busy for lane in self._lanes):
                    extras[0].break_off(None, only_extras=True)
            self._moved.wait(EXPIRE_EVERY_S)
            self._ending.wait(0.2)

    def _task(self, order: Order, extras: bool, run: str, stop: Path) -> OrderTask:
        """Raises KindvoiceError for a practice or voice that is not here any more."""
        assert self._choices is not None
        orders, config = self.orders, self.config
        place = orders.extras_of if extras else orders.folder_of
        folder = place(order.key, order.version)
        request = request_of(order.wish, config, self._choices, folder, extras=extras)
        return OrderTask(
            order.key, order.version, request, order.wish.title, config.settings, run, config.database, stop,
            aside=config.jobs > 0,
        )  # fmt: skip


class _OrderLane:
    """One order at a time, and its process."""

    def __init__(self, worker: OrderWorker, number: int, run: str) -> None:
        self._worker, self._run = worker, run
        self._orders = worker.orders
        self._lock = threading.Lock()
        self._order: Order | None = None
        self.extras = self.overdue = False
        """what is made now are further formats, which have waited too long"""
        self._broken = self._shut = False
        self._ended = threading.Event()
        """of the making that goes on now"""
        self._executor: Executor | None = None
        self.thread = threading.Thread(target=self._work, name=f"studio lane {number}", daemon=True)

    @property
    def busy(self) -> bool:
        return self._order is not None

    def is_at_wanted(self, key: str) -> bool:
        """Whether it makes what is still wanted of this order."""
        with self._lock:
            order, extras = self._order, self.extras
        return order is not None and order.key == key and self._orders.wanted(order, extras)

    def break_off(self, key: str | None, *, only_extras: bool = False) -> None:
        """Ends the making of this order, or (None) of any, and waits until it has ended. Nothing if it is not here."""
        with self._lock:
            order, ended = self._order, self._ended
            if order is None or key not in {None, order.key} or (only_extras and not self.extras):
                return
            self._broken = True
            with contextlib.suppress(OSError):
                self._stop_file(order).touch(mode=0o600)
        if ended.wait(_PATIENCE_S):
            return
        # It is in the middle of a long step. A process that has only just been asked for cannot be reached at once.
        while not ended.wait(0.05):
            with self._lock:
                if self._order is order and isinstance(self._executor, Processes):
                    self._shut = True
                    self._executor.shutdown(wait=False, cancel_futures=True)

    def _stop_file(self, order: Order) -> Path:
        return self._worker.config.data / f"{order.key}.stop"

    def _work(self) -> None:
        extras = False
        while (found := self._worker._next(extras)) is not None:
            order, extras, overdue = found
            ended = threading.Event()
            with self._lock:
                self._ended, self._order, self.extras, self.overdue = ended, order, extras, overdue
                self._broken = self._shut = False
            made: OrderOutcome | None = None
            try:
                # Whoever deletes it now finds it here; who did so before is seen.
                if not self._worker._ending.is_set() and self._orders.wanted(order, extras):
                    made = self._make(order, extras)
            finally:
                with self._lock:
                    broken, shut, self._order, self.extras = self._broken, self._shut, None, False
                    with contextlib.suppress(OSError):
                        self._stop_file(order).unlink(missing_ok=True)
                if shut:
                    self._end()  # it takes no more work
                ended.set()
                self._settle(order, extras, None if broken else made)
            del found, order, made  # their words are not kept until somebody else's come
        self._end()

    def _make(self, order: Order, extras: bool) -> OrderOutcome:
        try:
            task = self._worker._task(order, extras, self._run, self._stop_file(order))
        except KindvoiceError as error:
            # Nobody's words are in the names of practices and voices.
            kind = error.kind if isinstance(error, StudioError) else "fault"
            return OrderOutcome(kind=kind, message=error.what)
        try:
            future: Future[Any] = self._open().submit(make, task)  # type: ignore[call-arg]
            made: OrderOutcome = future.result()
        except WorkerLost as error:
            return OrderOutcome(kind="lost", message=str(error))
        except Exception as error:  # noqa: BLE001 - one order that fails must not end the lane
            return OrderOutcome(kind="fault", message=type(error).__name__)
        return made

    def _settle(self, order: Order, extras: bool, made: OrderOutcome | None) -> None:
        """Writes down how it went. None, or broken off from inside: it is made again."""
        key, version = order.key, order.version
        again = made is None or made.kind == BROKEN_OFF
        while True:  # a full disk may have room again
            try:
                if extras:
                    if again:
                        self._orders.leave_extras(key)
                    else:
                        self._orders.finish_extras(key, version)
                elif made is None or again:
                    self._orders.release(key, version)
                elif made.kind:
                    self._orders.fail(key, version, made.kind, made.message, made.range_ms)
                else:
                    self._orders.finish(key, version)
                return
            except (OSError, sqlite3.Error, KindvoiceError):
                if self._worker._ending.wait(AGAIN_S):
                    return  # it is made again after the restart

    def _open(self) -> Executor:
        if self._executor is None:
            jobs = self._worker.config.jobs
            self._executor = Processes(1, self._on_news) if jobs else Here(self._on_news)
        return self._executor

    def _end(self) -> None:
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=True, cancel_futures=True)

    def _on_news(self, name: str, task: OrderTask, stage: str, done: int, of: int) -> None:
        if stage in {"started", "lost"}:
            stage, done, of = "", 0, 0
        if not self.extras:
            self._orders.progress(task.key, task.version, stage, done, of)


__all__ = ["EXPIRE_EVERY_S", "MOST_CHANGES_S", "OrderWorker"]
