"""Orders: what people asked for, in line or finished. SQLite, so that no accepted one is lost.

A token is the only way to an order and is never kept: the database and the folder know its sha256 (the key). Who
somebody is, is kept as a sha256 too.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict

from kindvoice.errors import KindvoiceError
from kindvoice.studio.host import database
from kindvoice.studio.host.config import Config
from kindvoice.studio.host.early import forget_sound
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.host.estimate import MakingPace, Makings, NewLines
from kindvoice.studio.host.files import OrderFiles
from kindvoice.studio.host.limits import Buckets, Turns, most_of_one
from kindvoice.studio.host.wishes import (
    DONE,
    FAILED,
    MAKING,
    WAITING,
    Order,
    Selection,
    key_of,
    read_selection,
)

LEAST_FREE_BYTES = 500_000_000
"""with less free, nothing more is taken on: what was accepted has to fit"""
EXTRAS_WAIT_S = 600.0
"""Nobody's further formats wait longer than this for a moment in which nobody waits for a recording."""
_TOKEN_BYTES = 24


class Orders(OrderFiles):
    """Safe between threads. Every call is short (milliseconds) but `change`, `delete` and `expire`, which may have to
    break off a making: call these from a thread. One process only."""

    def __init__(
        self, config: Config, *, clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """clock: Unix time in seconds, which may be set while we run. timer: seconds that only go on, for how long
        something takes. Raises SettingsError for a database that cannot be used."""
        super().__init__(config)
        self._clock = clock
        self._lock = threading.RLock()
        self._base = database.Base(config.database)
        self._pace = MakingPace(self._base.pace())
        self._makings = Makings(self._pace, timer)
        self._extras: set[str] = set()
        self._turns = Turns(now=self._base.turn())
        self._sources: dict[str, str] = {}
        """of those that wait, by key; never written down"""
        self._callbacks: list[Callable[[str], None]] = []
        self._per_hour = Buckets(config.limits.orders_per_hour, 3600, clock=timer)
        self.break_off: Callable[[str], None] = lambda key: None
        """the worker's: breaks off the making of an order and waits until it has ended"""

    def close(self) -> None:
        self._base.close()

    # ---------------------------------------------------------------- for the pages

    def place(self, wish: Selection, person: str, source: str = "", lines: NewLines | None = None) -> Order:
        """A new order in line. person: who asks, such as a session's id. source: where from, such as an address:
        sources take turns, none may fill the line alone, and none is kept. lines: for the guess how long it takes.

        The wish was checked before (`choices.check_wish`). Raises StudioError: full when the queue is, many when
        this person or source has too many waiting or kept, or asked too often; busy when the disk is full.
        """
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        key, whose, now = key_of(token), key_of(person), self._clock()
        with self._lock, _busy():
            self._room(whose, source, kept=True)
            turn = self._turns.take(source)
            self._base.add(key, whose, asdict(wish), wish.length_ms, now, now + self.config.keep_s, turn)
            self._sources[key] = source
            self._makings.expect(key, lines)
            row = self._base.find(key)
        self._tell(key)
        assert row is not None
        return self._order(row, token)

    def get(self, token: str) -> Order | None:
        """None for a link that leads nowhere (any more)."""
        if not 0 < len(token) <= 100:
            return None
        with self._lock:
            row = self._base.find(key_of(token))
            return None if row is None else self._readable(row, token)

    def waiting_before(self, token: str) -> int:
        """How many come first; those being made are not counted. 0 for one that is not waiting."""
        with self._lock:
            row = self._base.find(key_of(token))
            if row is None or row["state"] != WAITING:
                return 0
            return self._base.before(row)[0]

    def change(self, token: str, wish: Selection, source: str = "", lines: NewLines | None = None) -> Order:
        """A new version of the same order. One that waits keeps its place in line, any other gets a new one, as in
        `place`; what is finished stays until the new version is.

        Raises StudioError as `place` does, and gone.
        """
        key = key_of(token)
        with self._lock, _busy():
            row = self._base.find(key)
            if row is None:
                raise StudioError("gone")
            was = row["state"]
            self._room(row["person"], source, kept=False, moving=was in {WAITING, MAKING})
            turn = self._turns.take(source) if was != WAITING else None
            self._base.change(key, asdict(wish), wish.length_ms, self._clock() + self.config.keep_s, turn)
            self._sources[key] = source
            self._makings.end(key)
            self._makings.expect(key, lines)
        self.break_off(key)
        self._base.wipe()
        self._tell(key)
        changed = self.get(token)
        if changed is None:
            raise StudioError("gone")
        return changed

    def delete(self, token: str) -> None:
        """Everything of the order at once: link, phrases, files, clips made from the words. No error if it is gone."""
        with self._lock:
            row = self._base.find(key_of(token))
        if row is not None:
            self._remove(row["key"])

    def expire(self, now: float | None = None) -> int:
        """Deletes orders that have lived their time, previews of an hour ago, and what an earlier deletion or a kill
        has left; how many orders. One that is being made is left for later. now: None: the clock's."""
        now = self._clock() if now is None else now
        with self._lock:
            # Nothing stays longer than it may from now on, were the clock ahead when it was written down.
            self._base.shorten(now + self.config.keep_s)
            keys = [row["key"] for row in self._base.expired(now)]
        expired = sum(self._remove(key, expired=now) for key in keys)
        self._forget_left()
        self.forget_previews()
        return expired

    def counts(self) -> dict[str, int]:
        """How many are in each state: waiting, making, done, failed."""
        with self._lock:
            return dict.fromkeys((WAITING, MAKING, DONE, FAILED), 0) | self._base.counts()

    def on_change(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Calls back with an order's key whenever it has changed; from any thread, so it must be quick. Returns what
        ends it."""
        self._callbacks.append(callback)

        def end() -> None:
            with contextlib.suppress(ValueError):
                self._callbacks.remove(callback)

        return end

    # ---------------------------------------------------------------- for the worker

    def recover(self) -> int:
        """After a restart: what was being made waits again, first in line; what was being deleted goes, and what failed
        makings have left. Returns how many wait again."""
        with self._lock:
            again = self._base.recover()
            known = {row["key"]: row for row in self._base.all()}
        for key in self.keys_on_disk() - known.keys():
            self._base.note_forgetting(key, "")
        for key, row in known.items():
            wanted = {row["ready"], row["version"] if row["state"] == WAITING else 0}
            self.forget_failed(key, wanted, row["ready"], row["extras"], row["paged"])
        self._forget_left()
        return again

    def claim(self) -> Order | None:
        """The next in line, which is being made from now on; None when nobody waits."""
        order = None
        while order is None:
            with self._lock:
                row = self._base.claim()
                if row is None:
                    return None
                self._turns.begin(database.turn_of(row))
                self._sources.pop(row["key"], None)
                self._makings.begin(row["key"], row["version"], row["length_ms"], _voice(row))
                order = self._readable(row, "")
            if order is None:  # those behind it must not wait for it
                self.fail(row["key"], row["version"], "fault", "its wish cannot be read")
        self._tell(order.key)
        return order

    def claim_extras(self, *, overdue: bool = False) -> Order | None:
        """The next finished order whose further formats can be made, while nobody waits; None when there is none.
        Nothing of it is kept over a restart: `finish_extras` or `leave_extras` ends it.

        overdue: only one that has waited for them for EXTRAS_WAIT_S, and also while others wait for theirs.
        """
        with self._lock:
            if not overdue and self._base.counts().get(WAITING):
                return None
            until = self._clock() + self.config.keep_s - EXTRAS_WAIT_S if overdue else None
            for row in self._base.without("extras", until):
                if row["key"] not in self._extras and (order := self._readable(row, "")) is not None:
                    self._extras.add(order.key)
                    return order
            return None

    def claim_page(self) -> Order | None:
        """Likewise, the next whose page with all lengths can be made: while nothing else is to do and there is room."""
        limits, free = self.config.limits, shutil.disk_usage(self.config.data).free
        with self._lock:
            if not limits.page_bytes or free < 2 * LEAST_FREE_BYTES or self._base.counts().get(WAITING):
                return None
            for row in self._base.without("paged"):
                if row["key"] not in self._extras and (order := self._readable(row, "")) is not None:
                    self._extras.add(order.key)
                    return order
            return None

    def finish_extras(self, key: str, version: int, later: database.Later = "extras") -> None:
        """They are there, or cannot be made."""
        with self._lock:
            self._extras.discard(key)
            self._base.set_later(later, key, version)
        forget_sound(self.early_of(key, version))
        self._tell(key)

    def leave_extras(self, key: str) -> None:
        """They are made another time."""
        with self._lock:
            self._extras.discard(key)

    def wanted(self, order: Order, extras: bool) -> bool:
        """Whether what was claimed is still to be made: nobody deleted or changed it."""
        with self._lock:
            row = self._base.find(order.key)
        state = DONE if extras else MAKING
        return row is not None and (row["version"], row["state"]) == (order.version, state)

    def progress(self, key: str, version: int, stage: str, done: int, total: int) -> None:
        """Kept in memory only."""
        with self._lock:
            changed = self._makings.step(key, version, stage, done, total)
        if changed:
            self._tell(key)

    def gauge(self, line_s: float) -> None:
        """A line of a voice was spoken in so many seconds, before anything was made."""
        with self._lock:
            self._pace.gauge(line_s)

    def finish(self, key: str, version: int) -> bool:
        """This version lies in its folder now; those before it go. False: nobody waits for it any more."""
        with self._lock:
            self._makings.end(key, version, finished=True)
            self._base.save_pace(self._pace.seconds)
            expires_at = self._clock() + self.config.keep_s
            if not self._base.settle(
                key, version, state=DONE, ready=version, expires_at=expires_at, kind="", message=""
            ):
                return False
        self._tell(key)
        self.forget_versions_but(key, version)
        return True

    def fail(
        self, key: str, version: int, kind: str, message: str, range_ms: tuple[int, int] | None = None
    ) -> bool:
        with self._lock:
            self._makings.end(key, version)
            low, high = range_ms or (None, None)
            failed = self._base.settle(
                key, version, state=FAILED, kind=kind, message=message, shortest_ms=low, longest_ms=high
            )
        self._tell(key)
        return failed

    def release(self, key: str, version: int) -> None:
        """Its making was broken off; it waits again where it was in line."""
        with self._lock:
            self._makings.end(key, version)
            self._base.settle(key, version, state=WAITING)
        self._tell(key)

    # ---------------------------------------------------------------- inside

    def _room(self, whose: str, source: str, *, kept: bool, moving: bool = False) -> None:
        """Raises StudioError where one more is too many. moving: it is in line already."""
        limits = self.config.limits
        waiting, all_of_theirs, in_line = self._base.room(whose)
        from_there = 0
        if source and not self.config.alone:
            from_there = sum(each == source for each in self._sources.values())
        if not moving and in_line >= limits.waiting:
            raise StudioError("full")
        if not moving and (waiting >= limits.waiting_each or from_there >= most_of_one(limits.waiting)):
            raise StudioError("many")
        if kept and all_of_theirs >= limits.orders_each:
            raise StudioError("many")
        if kept and shutil.disk_usage(self.config.data).free < LEAST_FREE_BYTES:
            raise StudioError("full")
        if self._per_hour.take(whose):
            raise StudioError("many")

    def _remove(self, key: str, *, expired: float | None = None) -> bool:
        """expired: only if it still is, at this time."""
        with self._lock, _busy():
            # The link is dead from here on, and it is noted what there is to forget.
            if not self._base.remove(key, expired):
                return False
            self._makings.end(key)
            self._sources.pop(key, None)
        self._tell(key)
        self.break_off(key)
        self._forget_left()
        return True

    def _forget_left(self) -> None:
        """Forgets what deleted orders have left; what cannot be removed now is tried again another time."""
        for key, person in self._base.forgetting():
            try:
                self.forget_files(key, person)
            except (OSError, KindvoiceError):
                continue
            self._base.forgotten(key)
        self._base.wipe()

    def _left_s(self, row: sqlite3.Row) -> float | None:
        if row["state"] == MAKING:
            return self._making_left_s(row)
        if row["state"] != WAITING:
            return None
        count, before_ms = self._base.before(row)
        lanes = max(self.config.jobs, 1)
        at_work = [self._making_left_s(other) for other in self._base.making()]
        first_free = min(at_work, default=0.0) if len(at_work) >= lanes else 0.0
        itself = self._makings.whole_s(row["key"], int(row["length_ms"]), _voice(row))
        before_s = self._pace.whole_s(before_ms) / lanes if count else 0.0
        return first_free + before_s + itself

    def _making_left_s(self, row: sqlite3.Row) -> float:
        return self._makings.left_s(row["key"], int(row["length_ms"]), _voice(row))

    def _readable(self, row: sqlite3.Row, token: str) -> Order | None:
        """None for one whose wish cannot be read: a damaged file must cost nobody else theirs."""
        try:
            return self._order(row, token)
        except (ValueError, TypeError, KeyError):
            return None

    def _order(self, row: sqlite3.Row, token: str) -> Order:
        ready, key = int(row["ready"]), str(row["key"])
        making = self._makings.get(key) if row["state"] == MAKING else None
        low, high = row["shortest_ms"], row["longest_ms"]
        return Order(
            token=token, key=key, state=row["state"],
            stage=making.stage if making else "", done=making.done if making else 0,
            total=making.total if making else 0,
            left_s=self._left_s(row), expires_at=row["expires_at"], message=row["message"], kind=row["kind"],
            range_ms=(low, high) if low is not None and high is not None else None,
            folder=self.folder_of(key, ready) if ready else None,
            manifest=self.manifest_of(key, ready) if ready else None,
            files=self.files_of(key, ready, int(row["extras"])) if ready else {},
            lengths=self.lengths_of(key, ready) if ready and row["paged"] == ready else None,
            wish=read_selection(row["wish"]), version=row["version"], ready=ready,
        )  # fmt: skip

    def _tell(self, key: str) -> None:
        for callback in list(self._callbacks):
            callback(key)


def _voice(row: sqlite3.Row) -> str:
    """Whose speed counts: the voice's, or where none was chosen the language's best one's."""
    try:
        wish = read_selection(row["wish"])
        return wish.voice or wish.language
    except (ValueError, TypeError, KeyError):
        return ""


@contextlib.contextmanager
def _busy() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError:
        raise StudioError("busy") from None
