"""A room for each teacher who has a name, and one that all others share."""

from __future__ import annotations

import threading
from pathlib import Path

from starlette.types import Receive, Scope, Send

from kindvoice.studio.group.courses import Courses
from kindvoice.studio.group.worker import CourseWorker
from kindvoice.studio.host.config import Config
from kindvoice.studio.teach.context import CourseDesk
from kindvoice.studio.teach.routes import Teachers
from kindvoice.studio.teach.scripts import Desk


class TeacherRooms:
    """The teachers' pages as an ASGI application, behind the door, which says who asks. A room is opened when somebody
    first comes in: a name that never comes costs nothing."""

    def __init__(self, config: Config, courses: Courses, worker: CourseWorker) -> None:
        self._config, self._courses, self._worker = config, courses, worker
        self._rooms: dict[str, Teachers] = {}
        self._lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.of(scope["state"]["teacher"]).router(scope, receive, send)

    def of(self, teacher: str) -> Teachers:
        """teacher: empty: the room that all share."""
        with self._lock:
            if teacher not in self._rooms:
                self._rooms[teacher] = self._open(teacher)
            return self._rooms[teacher]

    def close(self) -> None:
        with self._lock:
            for room in self._rooms.values():
                room.close()

    def _open(self, teacher: str) -> Teachers:
        config = self._config
        # Where the host works nobody else sees; participants are offered neither.
        folder = Path.cwd() if config.alone else config.drafts
        history = config.data / "history"
        if teacher:
            folder, history = config.space(teacher) / "scripts", config.space(teacher) / "history"
        return Teachers(
            Desk(config.settings_of(teacher), (folder,), history=history), take_bytes=config.limits.take_bytes,
            leaving=config.teacher_hash is not None or bool(config.teachers), name=teacher,
            courses=CourseDesk(self._courses, self._worker, teacher),
        )  # fmt: skip
