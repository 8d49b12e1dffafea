"""What a course of the library is called in other languages than its own: `de/eight-weeks.toml` beside `courses/`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kindvoice.errors import SettingsError
from kindvoice.model import Where
from kindvoice.paths import is_file
from kindvoice.plan import fields
from kindvoice.plan.model import ByLanguage, CourseWords
from kindvoice.plan.tomltext import read_toml


def translations(course: Path) -> ByLanguage[CourseWords]:
    """By the names of the folders. Raises SettingsError."""
    if course.parent.name != "courses":
        return ()
    beside = (
        folder / course.name for folder in sorted(course.parent.parent.iterdir()) if folder != course.parent
    )
    return tuple((path.parent.name, _read(path)) for path in beside if is_file(path))


def _read(path: Path) -> CourseWords:
    data = read_toml(path, "a course's words").data
    try:
        title, about = fields.text(data.get("title")), fields.text(data.get("about"))
        sessions = dict(_titles(data.get("sessions", [])))
    except ValueError as error:
        cure = "it has a title, an about and the titles of the course's [[sessions]]"
        raise SettingsError(f"a value here {error}", where=Where(path=str(path), line=0), cure=cure) from None
    return CourseWords(title=title, about=about, sessions=sessions, path=path)


def _titles(sessions: object) -> Iterator[tuple[int | str, str]]:
    for each in fields.tables(sessions):
        yield fields.key(each.get("number") or each.get("name")), fields.text(each.get("title"))
