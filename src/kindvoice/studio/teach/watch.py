"""Files on disk that change, seen by looking: no daemon, no platform's own way, network folders too."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

EVERY_S = 0.35
_Stat = tuple[int, int, int] | None
"""inode, size, modified ns; None: it is not there"""


class Watch:
    """Some files together. Not safe between threads: one watcher has one Watch."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = tuple(paths)
        self._stats = self._look()
        self._settled = self._stats
        self.digest = digest_of(self._paths)
        """of what stood in the files when they were last at rest"""

    def changed(self) -> bool:
        """Whether the files hold something else than before, and are at rest. To be asked every EVERY_S or so.

        At rest: nothing has happened since the question before. So half a file is never seen while an editor
        writes it, nor is a file missed that an editor puts another in place of. The same bytes written again
        are no change.
        """
        now = self._look()
        if now != self._stats:
            self._stats = now
            return False
        if now == self._settled:
            return False
        self._settled = now
        digest = digest_of(self._paths)
        changed, self.digest = digest != self.digest, digest
        return changed

    def _look(self) -> tuple[_Stat, ...]:
        return tuple(_stat(path) for path in self._paths)


def digest_of(paths: Sequence[Path]) -> str:
    """16 hex digits of what stands in these files; one that is not there counts as such."""
    digest = hashlib.sha256()
    for path in paths:
        try:
            digest.update(b"file" + path.read_bytes())
        except OSError:
            digest.update(b"none")
    return digest.hexdigest()[:16]


def _stat(path: Path) -> _Stat:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
