"""Files on disk that change, seen by looking: no daemon, no platform's own way, network folders too."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

EVERY_S = 0.35


class Watch:
    """Some files together. Not safe between threads: one watcher has one Watch."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = tuple(paths)
        self.digest = self._seen = digest_of(self._paths)
        """of what stood in the files when they were last at rest"""

    def changed(self) -> bool:
        """Whether the files hold something else than before, and are at rest. To be asked every EVERY_S or so.

        At rest: nothing has happened since the question before. So half a file is never seen while an editor
        writes it, nor is a file missed that an editor puts another in place of. The same bytes written again
        are no change.
        """
        before, self._seen = self._seen, digest_of(self._paths)
        if self._seen != before or self._seen == self.digest:
            return False
        self.digest = self._seen
        return True


def digest_of(paths: Sequence[Path]) -> str:
    """16 hex digits of what stands in these files; one that is not there counts as such."""
    digest = hashlib.sha256()
    for path in paths:
        try:
            digest.update(b"file" + path.read_bytes())
        except OSError:
            digest.update(b"none")
    return digest.hexdigest()[:16]
