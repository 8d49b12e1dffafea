"""A layer between kindvoice and the system, in which a call fails when it is told to. For a process of its own.

It sees what Python asks of files below one folder (open, read, write, fsync, rename, remove, mkdir), children that are
started, and statements to SQLite. What C libraries do by themselves it sees where they are opened.
"""

from __future__ import annotations

import builtins
import errno
import hashlib
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WRITING = ("create", "write", "fsync", "rename", "mkdir", "sql")
READING = ("open", "read")
CHANGING = ("create", "rename", "remove", "mkdir")
ALL = (*WRITING, *READING, "remove", "start")
_SQL = {errno.ENOSPC: "database or disk is full", errno.EIO: "disk I/O error"}


@dataclass(frozen=True)
class Fault:
    """Which call fails, and how."""

    name: str
    calls: Collection[str]
    """kinds of calls that are counted"""
    code: int = 0
    """an errno; 0: the process group is killed"""
    lasting: bool = False
    """from then on all of them fail, not this one only"""
    below: str = ""
    """only calls for files below this folder"""
    slow_s: float = 0.0
    """they do not fail, and take so much longer"""
    child: bool = False
    """it is the started child that is killed"""
    way: str = ""
    """only calls that the program comes to in this way (`Layer.ways`)"""


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("full, once", WRITING, errno.ENOSPC),
        Fault("full, for good", WRITING, errno.ENOSPC, lasting=True),
        Fault("damaged, once", (*READING, *WRITING), errno.EIO),
        Fault("damaged, for good", (*READING, *WRITING), errno.EIO, lasting=True),
        Fault("denied, once", ("open", *CHANGING), errno.EACCES),
        Fault("denied, for good", ("open", *CHANGING), errno.EACCES, lasting=True),
        Fault("no child", ("start",), errno.EAGAIN),
        Fault("no children", ("start",), errno.EAGAIN, lasting=True),
        Fault("child killed", ("start",), child=True),
        Fault("killed", ALL),
    )
}


@dataclass
class Layer:
    """Installed once, in a process that ends with what it is tried on."""

    root: Path
    fault: Fault
    number: int
    """the call that fails, from 1; 0: none does"""
    told: int
    """a file descriptor that hears, as a line of JSON, of the call that fails"""
    calls: int = 0
    ways: Counter[str] = field(default_factory=Counter)
    """where none is to fail: how many calls were come to through the same lines of kindvoice"""
    unsynced: set[str] = field(default_factory=set)
    """files that a power cut takes something of"""
    _lock: Any = field(default_factory=threading.RLock)
    _where: str = ""
    _synced: set[str] = field(default_factory=set)

    def install(self) -> None:
        self._where = f"{os.path.realpath(self.root)}{os.sep}"
        self._patch_open()
        self._patch_os()
        self._patch_children()
        self._patch_sqlite()
        shutil._USE_CP_SENDFILE = False  # type: ignore[attr-defined]

    def covers(self, file: Any, dir_fd: int | None = None) -> str:
        """The path of a file below the folder; empty for any other."""
        try:
            if isinstance(file, int):
                path = _REAL["readlink"](f"/proc/self/fd/{file}")
            else:
                path = os.fsdecode(os.fspath(file))
                if dir_fd is not None:
                    path = f"{_REAL['readlink'](f'/proc/self/fd/{dir_fd}')}/{path}"
                path = os.path.abspath(path)  # noqa: PTH100 - a link may be what is looked at
        except (OSError, TypeError):
            return ""
        return path if path.startswith(self._where) else ""

    def hit(self, kind: str, path: str) -> None:
        """A call is made; raises what it fails with."""
        if self.happens(kind, path):
            raise OSError(self.fault.code, os.strerror(self.fault.code), path)

    def happens(self, kind: str, path: str) -> bool:
        """Whether this call is to fail; where it kills, it does not return."""
        if kind not in self.fault.calls or not path.startswith(f"{self._where}{self.fault.below}"):
            return False
        if self.fault.slow_s:
            time.sleep(self.fault.slow_s)
            return False
        way = _way(kind) if self.fault.way or not self.number else ""
        with self._lock:
            if self.fault.way not in {"", way}:
                return self.fault.lasting and self.calls >= self.number
            self.calls += 1
            if not self.number:
                self.ways[way] += 1
            if not self.number or self.calls < self.number:
                return False
            if self.calls > self.number and not self.fault.lasting:
                return False
            if self.calls == self.number:
                where = {"path": path.removeprefix(self._where), "place": _place(), "clearing": _clearing()}
                self.tell({"kind": kind, **where, "unsynced": sorted(self.unsynced)})
            if not self.fault.code and not self.fault.child:
                os.killpg(os.getpgrp(), signal.SIGKILL)
                signal.pause()
            return True

    def on_change(self, kind: str, path: str) -> None:
        """What is written is in memory alone until it is synced; a name that moves takes that with it."""
        if kind == "rename":
            source, _, path = path.partition("\0")
            kind = "write" if source in self.unsynced or source not in self._synced else "fsync"
        if kind == "fsync":
            self._synced.add(path)
            self.unsynced.discard(path)
        elif ".sqlite" not in path:  # SQLite syncs its files itself
            self._synced.discard(path)
            self.unsynced.add(path)

    def tell(self, document: dict[str, object]) -> None:
        _REAL["write"](self.told, (json.dumps(document) + "\n").encode())

    # ---------------------------------------------------------------- what is patched

    def _patch_open(self) -> None:
        layer = self

        class File(io.FileIO):
            def __init__(self, file: Any, mode: str, closefd: bool = True, opener: Any = None) -> None:
                super().__init__(file, mode, closefd, opener)
                self.where = layer.covers(file)

            def read(self, size: int | None = -1) -> Any:
                layer.hit("read", self.where)
                return super().read(-1 if size is None else size)

            def readall(self) -> Any:
                layer.hit("read", self.where)
                return super().readall()

            def readinto(self, buffer: Any) -> Any:
                layer.hit("read", self.where)
                return super().readinto(buffer)

            def write(self, data: Any) -> Any:
                if layer.happens("write", self.where):
                    super().write(memoryview(data).cast("B")[: len(data) // 2])  # a disk takes what it can
                    raise OSError(layer.fault.code, os.strerror(layer.fault.code))
                layer.on_change("write", self.where)
                return super().write(data)

        def opened(
            file: Any, mode: str = "r", buffering: int = -1, encoding: Any = None, errors: Any = None,
            newline: Any = None, closefd: bool = True, opener: Any = None,
        ) -> Any:  # fmt: skip
            path = layer.covers(file)
            if not path:
                return _REAL["open"](file, mode, buffering, encoding, errors, newline, closefd, opener)
            if not isinstance(file, int) and opener is None:
                layer.hit("open" if set(mode) <= set("rbt") else "create", path)
            raw = File(file, "".join(c for c in mode if c not in "bt"), closefd, opener)
            if set(mode) & set("wxa+"):
                layer.on_change("create", path)
            return _wrapped(raw, mode, buffering, encoding, errors, newline)

        io.open = builtins.open = opened  # type: ignore[assignment]

    def _patch_os(self) -> None:
        layer = self

        def opened(path: Any, flags: int, *more: Any, dir_fd: int | None = None, **options: Any) -> int:
            if where := layer.covers(path, dir_fd):
                layer.hit("create" if flags & (os.O_WRONLY | os.O_RDWR) else "open", where)
            handle = _REAL["os.open"](path, flags, *more, dir_fd=dir_fd, **options)
            if where and flags & (os.O_WRONLY | os.O_RDWR):
                layer.on_change("create", where)
            return int(handle)

        def synced(handle: Any) -> None:
            where = layer.covers(handle if isinstance(handle, int) else handle.fileno())
            if where:
                layer.hit("fsync", where)
            _REAL["fsync"](handle)
            if where:
                layer.on_change("fsync", where)

        def renamed(real: Any) -> Any:
            def rename(source: Any, target: Any, **options: Any) -> None:
                if where := layer.covers(target):
                    layer.hit("rename", where)
                    layer.on_change("rename", f"{layer.covers(source)}\0{where}")
                real(source, target, **options)

            return rename

        def changed(kind: str, real: Any) -> Any:
            def change(path: Any, *more: Any, dir_fd: int | None = None, **options: Any) -> None:
                if where := layer.covers(path, dir_fd):
                    layer.hit(kind, where)
                real(path, *more, dir_fd=dir_fd, **options)

            return change

        os.open, os.fsync = opened, synced  # type: ignore[assignment]
        os.rename, os.replace = renamed(os.rename), renamed(os.replace)
        os.link = renamed(os.link)
        os.unlink, os.remove = changed("remove", os.unlink), changed("remove", os.remove)
        os.rmdir, os.mkdir = changed("remove", os.rmdir), changed("mkdir", os.mkdir)

    def _patch_children(self) -> None:
        layer, real = self, subprocess.Popen

        class Child(real):  # type: ignore[misc,valid-type]
            def __init__(self, *args: Any, **options: Any) -> None:
                fails = layer.happens("start", layer._where)
                if fails and layer.fault.code:
                    raise OSError(layer.fault.code, os.strerror(layer.fault.code))
                super().__init__(*args, **options)
                if fails:
                    self.kill()

        subprocess.Popen = Child  # type: ignore[misc]

    def _patch_sqlite(self) -> None:
        layer, real = self, sqlite3.connect

        class Connection(sqlite3.Connection):
            def execute(self, *args: Any) -> Any:
                layer_sql()
                return super().execute(*args)

            def executescript(self, *args: Any) -> Any:
                layer_sql()
                return super().executescript(*args)

        def layer_sql() -> None:
            if layer.happens("sql", layer._where):
                raise sqlite3.OperationalError(_SQL.get(layer.fault.code, "disk I/O error"))

        sqlite3.connect = lambda *a, **k: real(*a, **{**k, "factory": Connection})  # type: ignore[assignment]


_REAL: dict[str, Any] = {
    "open": io.open, "os.open": os.open, "fsync": os.fsync, "write": os.write, "readlink": os.readlink,
}  # fmt: skip


def _wrapped(raw: Any, mode: str, buffering: int, encoding: Any, errors: Any, newline: Any) -> Any:
    """As io.open puts a file together."""
    if buffering == 0:
        return raw
    size = buffering if buffering > 1 else io.DEFAULT_BUFFER_SIZE
    kind: Any = io.BufferedRandom if "+" in mode else io.BufferedReader if "r" in mode else io.BufferedWriter
    buffer = kind(raw, size)
    if "b" in mode:
        return buffer
    text = io.TextIOWrapper(buffer, encoding, errors, newline, line_buffering=buffering == 1)
    text.mode = mode  # type: ignore[misc]
    return text


def _clearing() -> str:
    """Whether it is the clearing away itself that fails."""
    frame: Any = sys._getframe(1)
    while frame is not None and "rmtree" not in frame.f_code.co_name:
        frame = frame.f_back
    return "" if frame is None else "yes"


def _way(kind: str) -> str:
    """Through which lines of kindvoice a call is come to, from the beginning of its thread."""
    frame: Any = sys._getframe(1)
    way = hashlib.sha256(kind.encode())
    while frame is not None:
        if f"{os.sep}kindvoice{os.sep}" in frame.f_code.co_filename:
            way.update(f"{frame.f_code.co_filename}:{frame.f_lineno}".encode())
        frame = frame.f_back
    return way.hexdigest()[:12]


def _place() -> str:
    """Who of kindvoice makes the call."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if f"{os.sep}kindvoice{os.sep}" in file:
            return f"{file.rpartition(f'{os.sep}kindvoice{os.sep}')[2]}:{frame.f_code.co_name}"
        frame = frame.f_back
    return "elsewhere"
