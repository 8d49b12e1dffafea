"""One at a time over all processes and threads, by a lock on a file. The system lets go of it when a process ends.

The package filelock does the same, and takes as long to load as NumPy.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from pathlib import Path

_HELD = {errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK}
_AGAIN_S = 0.02

if sys.platform == "win32":
    import msvcrt

    def _try(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Locked(Exception):
    """Somebody else holds it."""


class FileLock:
    """Any thread may give back what another took. The file stays, and its time is when it was last taken."""

    def __init__(self, path: Path, *, blocking: bool = True) -> None:
        """blocking: whether to wait for whoever holds it."""
        self._path, self._blocking = path, blocking
        self._handle: int | None = None

    @property
    def is_locked(self) -> bool:
        """Whether this object holds it."""
        return self._handle is not None

    def acquire(self, *, blocking: bool | None = None) -> None:
        """blocking: None: as the lock was made. Raises Locked, and OSError where the file cannot be opened."""
        wait = self._blocking if blocking is None else blocking
        while not self._taken():
            if not wait:
                raise Locked(self._path)
            time.sleep(_AGAIN_S)

    def _taken(self) -> bool:
        # Whoever waits must not change the file of who holds it, nor anybody that of a link.
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
        try:
            _try(handle)
            if not os.fstat(handle).st_nlink:  # it was removed just now
                raise BlockingIOError(errno.EAGAIN, "gone")
            os.truncate(handle, 0)
        except BaseException as error:
            os.close(handle)
            if isinstance(error, OSError) and error.errno in _HELD:
                return False
            raise
        self._handle = handle
        return True

    def release(self) -> None:
        """Nothing where it is not held."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    def __enter__(self) -> FileLock:
        self.acquire()
        return self

    def __exit__(self, *exc: object) -> None:
        self.release()
