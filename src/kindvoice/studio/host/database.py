"""The orders' SQLite database. Only this module knows its tables; it knows nothing of what a wish is."""

from __future__ import annotations

import contextlib
import json
import math
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from kindvoice.errors import SettingsError

LOCKED_S = 2.0
"""for another program that holds the file; everybody waits meanwhile"""
_VERSION = 2
_TABLES = """
CREATE TABLE orders (
    key TEXT PRIMARY KEY,            -- sha256 of the token
    person TEXT NOT NULL,            -- sha256 of who asked
    state TEXT NOT NULL,             -- waiting, making, done, failed
    place INTEGER NOT NULL,          -- in line: the turn, then a number that is never given twice
    version INTEGER NOT NULL,        -- of the wish
    ready INTEGER NOT NULL,          -- the version that is finished; 0: none
    extras INTEGER NOT NULL DEFAULT 0, -- the version whose further formats are there, or were given up
    paged INTEGER NOT NULL DEFAULT 0, -- likewise, the page where the minutes are chosen
    wish TEXT NOT NULL,              -- JSON, with the person's own words
    length_ms INTEGER NOT NULL,
    made_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    kind TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    shortest_ms INTEGER,
    longest_ms INTEGER
) STRICT;
CREATE INDEX in_line ON orders (state, place);
CREATE INDEX of_person ON orders (person);
CREATE TABLE places (last INTEGER NOT NULL) STRICT;
INSERT INTO places VALUES (0);
CREATE TABLE forgetting (key TEXT PRIMARY KEY, person TEXT NOT NULL) STRICT;
CREATE TABLE pace (stage TEXT PRIMARY KEY, seconds REAL NOT NULL) STRICT;
"""
_FROM_1 = "ALTER TABLE orders ADD COLUMN paged INTEGER NOT NULL DEFAULT 0;"
Later = Literal["extras", "paged"]
"""what is made after the recording: the columns that tell of which version it is there"""


class Base:
    """Safe between threads; every change is on the disk when its call returns."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # SQLite gives the files beside it the same rights.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            path.chmod(0o600)
            self._db = sqlite3.connect(path, timeout=LOCKED_S, isolation_level=None, check_same_thread=False)
            self._db.row_factory = sqlite3.Row
            self._open(path)
        except (OSError, sqlite3.DatabaseError) as error:
            raise SettingsError(
                f"the studio's orders {path} cannot be used: {getattr(error, 'strerror', None) or error}",
                cure="name another folder, or put a sound copy of the file in its place",
            ) from None  # fmt: skip

    def _open(self, path: Path) -> None:
        db = self._db
        db.execute("PRAGMA journal_mode = WAL")
        # What was accepted must outlast a power cut; what was deleted must not.
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA secure_delete = ON")
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version == 0:
            db.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {_VERSION}; COMMIT;")
        elif version == 1:
            db.executescript(f"BEGIN IMMEDIATE; {_FROM_1} PRAGMA user_version = {_VERSION}; COMMIT;")
        elif version != _VERSION:
            raise SettingsError(
                f"{path} is of another kindvoice: its version is {version}, and this one reads {_VERSION}",
                cure="use the kindvoice that made it, or name another folder",
            )  # fmt: skip

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextlib.contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                # A full disk may have undone it already, or not: nothing can begin while it is open.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(query, values).fetchall()

    # ---------------------------------------------------------------- orders

    # JSON in ASCII: half of a surrogate pair, which SQLite would refuse, is escaped.

    def add(
        self, key: str, person: str, wish: Mapping[str, object], length_ms: int, now: float, expires_at: float,
        turn: int,
    ) -> None:  # fmt: skip
        with self._change() as db:
            db.execute(
                "INSERT INTO orders (key, person, state, place, version, ready, wish, length_ms, made_at, expires_at) "
                "VALUES (?, ?, 'waiting', ?, 1, 0, ?, ?, ?, ?)",
                (key, person, _place(db, turn), json.dumps(wish), length_ms, now, expires_at),
            )

    def change(
        self, key: str, wish: Mapping[str, object], length_ms: int, expires_at: float, turn: int | None
    ) -> None:
        """turn: None: it keeps its place in line."""
        with self._change() as db:
            db.execute(
                "UPDATE orders SET state = 'waiting', version = version + 1, wish = ?, length_ms = ?, expires_at = ?, "
                "kind = '', message = '', shortest_ms = NULL, longest_ms = NULL WHERE key = ?",
                (json.dumps(wish), length_ms, expires_at, key),
            )
            if turn is not None:
                db.execute("UPDATE orders SET place = ? WHERE key = ?", (_place(db, turn), key))

    def claim(self) -> sqlite3.Row | None:
        with self._change() as db:
            row = db.execute(
                "SELECT key FROM orders WHERE state = 'waiting' ORDER BY place LIMIT 1"
            ).fetchone()
            if row is None:
                return None
            db.execute("UPDATE orders SET state = 'making' WHERE key = ?", (row["key"],))
            return self.find(row["key"])

    def settle(self, key: str, version: int, **columns: object) -> bool:
        """What became of it; only where it is still this version that is being made."""
        names = ", ".join(f"{name} = ?" for name in columns)
        with self._change() as db:
            query = f"UPDATE orders SET {names} WHERE key = ? AND version = ? AND state = 'making'"
            return db.execute(query, (*columns.values(), key, version)).rowcount == 1

    def without(self, later: Later, until: float | None = None) -> list[sqlite3.Row]:
        """until: those that expire by then."""
        query = f"SELECT * FROM orders WHERE state = 'done' AND {later} < ready AND expires_at <= ? ORDER BY place"
        return self._rows(query, math.inf if until is None else until)

    def set_later(self, later: Later, key: str, version: int) -> None:
        with self._change() as db:
            db.execute(f"UPDATE orders SET {later} = ? WHERE key = ? AND ready = ?", (version, key, version))

    def recover(self) -> int:
        with self._change() as db:
            return db.execute("UPDATE orders SET state = 'waiting' WHERE state = 'making'").rowcount

    def find(self, key: str) -> sqlite3.Row | None:
        return next(iter(self._rows("SELECT * FROM orders WHERE key = ?", key)), None)

    def making(self) -> list[sqlite3.Row]:
        return self._rows("SELECT * FROM orders WHERE state = 'making'")

    def expired(self, now: float) -> list[sqlite3.Row]:
        return self._rows("SELECT * FROM orders WHERE expires_at <= ? AND state != 'making'", now)

    def shorten(self, most: float) -> None:
        """Nothing expires later than this."""
        if self._rows("SELECT 1 FROM orders WHERE expires_at > ? LIMIT 1", most):
            with self._change() as db:
                db.execute("UPDATE orders SET expires_at = ?1 WHERE expires_at > ?1", (most,))

    def turn(self) -> int:
        """That of the last who waits: whose those are nobody knows after a restart, and nobody overtakes them."""
        row = self._rows("SELECT max(place) AS place FROM orders WHERE state IN ('waiting', 'making')")[0]
        return turn_of(row) if row["place"] is not None else 0

    def all(self) -> list[sqlite3.Row]:
        """But for their wishes."""
        return self._rows("SELECT key, state, version, ready, extras, paged FROM orders")

    def counts(self) -> dict[str, int]:
        return {row[0]: row[1] for row in self._rows("SELECT state, count(*) FROM orders GROUP BY state")}

    def before(self, row: sqlite3.Row) -> tuple[int, int]:
        """How many wait before this one, and their lengths in ms together."""
        query = "SELECT count(*), total(length_ms) FROM orders WHERE state = 'waiting' AND place < ?"
        count, length_ms = self._rows(query, row["place"])[0]
        return count, int(length_ms)

    def room(self, person: str) -> tuple[int, int, int]:
        """This person's orders that are not made yet, all of theirs, and everybody's that wait."""
        query = (
            "SELECT coalesce(sum(person = ?1 AND state IN ('waiting', 'making')), 0), "
            "coalesce(sum(person = ?1), 0), coalesce(sum(state = 'waiting'), 0) FROM orders"
        )
        mine_to_make, mine, waiting = self._rows(query, person)[0]
        return mine_to_make, mine, waiting

    # ---------------------------------------------------------------- forgetting

    def remove(self, key: str, expired: float | None = None) -> bool:
        """The order is gone, and what it leaves is noted, in one step. expired: only if it is, at this time."""
        which = "key = ?1 AND (?2 IS NULL OR (expires_at <= ?2 AND state != 'making'))"
        with self._change() as db:
            db.execute(
                f"INSERT OR REPLACE INTO forgetting SELECT key, person FROM orders WHERE {which}",
                (key, expired),
            )
            removed = db.execute(f"DELETE FROM orders WHERE {which}", (key, expired)).rowcount == 1
        self.wipe()
        return removed

    def note_forgetting(self, key: str, person: str) -> None:
        with self._change() as db:
            db.execute("INSERT OR IGNORE INTO forgetting VALUES (?, ?)", (key, person))

    def forgetting(self) -> list[tuple[str, str]]:
        return [(row["key"], row["person"]) for row in self._rows("SELECT * FROM forgetting")]

    def forgotten(self, key: str) -> None:
        with self._change() as db:
            db.execute("DELETE FROM forgetting WHERE key = ?", (key,))

    def wipe(self) -> None:
        """Empties the journal, which would hold what was deleted a while longer; another time when somebody else reads
        just now, such as who makes a copy of the file."""
        with self._lock, contextlib.suppress(sqlite3.OperationalError):
            self._db.execute("PRAGMA busy_timeout = 0")
            try:
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                self._db.execute(f"PRAGMA busy_timeout = {LOCKED_S * 1000:.0f}")

    # ---------------------------------------------------------------- pace

    def pace(self) -> dict[str, float]:
        return {row["stage"]: row["seconds"] for row in self._rows("SELECT * FROM pace")}

    def save_pace(self, seconds: Mapping[str, float]) -> None:
        with self._change() as db:
            db.executemany("INSERT OR REPLACE INTO pace VALUES (?, ?)", list(seconds.items()))


_TURN = 1 << 32


def _place(db: sqlite3.Connection, turn: int) -> int:
    db.execute("UPDATE places SET last = last + 1")
    return turn * _TURN + int(db.execute("SELECT last FROM places").fetchone()[0]) % _TURN


def turn_of(row: sqlite3.Row) -> int:
    return int(row["place"]) // _TURN
