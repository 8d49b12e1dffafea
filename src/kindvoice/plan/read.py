"""A plan's file to Plan. Everything that it says is checked here, but for voices, presets and practices, which
depend on where it is built."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from kindvoice.errors import SettingsError, did_you_mean, nearest
from kindvoice.paths import expanded, is_file
from kindvoice.plan import fields
from kindvoice.plan.model import ByLanguage, Exclude, Plan, PlanOptions, PlanTrack, Session
from kindvoice.plan.naming import read_template
from kindvoice.plan.participant import fold
from kindvoice.plan.people import People, people_from, read_people
from kindvoice.plan.tomltext import Place, Toml, read_toml
from kindvoice.plan.translations import translations
from kindvoice.script.tags import read_tags

Reader = Callable[[object], Any]
Fields = Mapping[str, tuple[str, Reader]]
"""the names that a table may hold: what each is an other name of, and how it is read"""

_TAGS = ("artist", "date", "genre", "copyright")
_NOT_A_PLAN = "a plan is a TOML file; docs/plans.md shows one"


def find_plan(name: str, folders: Iterable[Path]) -> Path:
    """A path as it is, or the name of a course of the library; a later folder's stands in place of an earlier's.

    Raises SettingsError, naming the nearest.
    """
    path = expanded(name)
    if is_file(path) or path.suffix.lower() == ".toml" or "/" in name or "\\" in name:
        return path
    courses = {path.stem: path for folder in folders for path in sorted(folder.glob("courses/*.toml"))}
    if name not in courses:
        raise SettingsError(
            f"there is no plan {name!r}: neither a file nor a course of the library",
            cure=did_you_mean(name, courses, f"the library has: {', '.join(courses)}"),
        )
    return courses[name]


def read_plan(path: Path, participants: Path | None = None) -> Plan:
    """Paths in a plan are seen from its folder. participants: a file in place of the plan's, which is left alone then.

    Raises SettingsError with the file and, where it is sure, the line.
    """
    plan = _PlanReader(read_toml(path, "a plan", _NOT_A_PLAN), path.absolute(), participants).plan()
    return replace(plan, translations=translations(plan.path))


_OPTIONS = {"for": "audience"}
"""a field whose option on the command line has another name"""


class _PlanReader:
    def __init__(self, toml: Toml, path: Path, participants: Path | None) -> None:
        self._toml = toml
        self._participants = participants
        self._path = path
        folder = path.parent
        self._options: Fields = {
            "language": ("languages", fields.several(fields.language)),
            "languages": ("languages", fields.several(fields.language)),
            "voice": ("voices", fields.by_language(fields.several(fields.text))),
            "voices": ("voices", fields.by_language(fields.several(fields.text))),
            "length": ("lengths", fields.several(fields.length)),
            "lengths": ("lengths", fields.several(fields.length)),
            "gentle": ("gentle", fields.several(fields.truth)),
            "audience": ("audiences", fields.several(fields.audience)),
            "audiences": ("audiences", fields.several(fields.audience)),
            "variants": ("variants", fields.several(fields.variant)),
            "without": ("without", fields.several(fields.text)),
            "bed": ("bed", fields.bed(folder)),
            "landing": ("landing_ms", fields.length),
            "preset": ("preset", fields.text),
            "format": ("formats", fields.formats),
            "formats": ("formats", fields.formats),
            "captions": ("captions", fields.captions),
            "cover": ("cover", fields.cover(folder)),
            "values": ("values", fields.values),
            **{name: (name, fields.tag) for name in _TAGS},
        }

    def plan(self) -> Plan:
        known: Fields = {
            **self._options,
            "title": ("title", fields.by_language(fields.text)),
            **{name: (name, fields.text) for name in ("about", "licence", "credit")},
            "notes": ("notes", fields.long_text),
            "album": ("album", lambda value: value),
            "participants": ("participants", lambda value: value),
            "output": ("output", _template(folders=True)),
            "missing": ("missing", _missing),
            "strict": ("strict", fields.truth),
            "joined": ("joined", fields.joined),
            **{name: (name, fields.tables) for name in ("sessions", "tracks", "exclude")},
        }
        data = self._toml.data
        values = self._read(data, known, ())
        for needed, cure in (
            ("title", 'title = "Eight Weeks"'),
            ("tracks", "[[tracks]] with a practice and a length"),
        ):
            if not values.get(needed):
                raise self._fault((), f"the plan lacks `{needed}`", f"such as: {cure}")
        albums, tags = self._album(values.get("album"))
        if twice := [name for name in tags if name in values]:
            what = f"`{twice[0]}` stands in the plan and in its [album]"
            raise self._fault(("album", twice[0]), what, "keep one of them")
        sessions = self._sessions(values.get("sessions", []))
        return Plan(
            path=self._path,
            titles=values["title"],
            options=self._gathered(values, (), tags),
            albums=albums,
            people=self._people(),
            output=values.get("output", ""),
            skip_missing=values.get("missing", False),
            strict=values.get("strict", False),
            joined=values.get("joined", ()),
            sessions=sessions,
            tracks=tuple(self._track(n, table, sessions) for n, table in enumerate(values["tracks"])),
            excludes=self._excludes(values.get("exclude", [])),
            **{name: values[name] for name in ("about", "licence", "credit", "notes") if name in values},
        )

    # ---------------------------------------------------------------- any table

    def _read(self, data: Mapping[str, object], known: Fields, place: Place) -> dict[str, Any]:
        """The values of a table by the names of their fields, checked."""
        values: dict[str, Any] = {}
        spelt: dict[str, str] = {}
        for name, value in data.items():
            at = (*place, name)
            if name not in known:
                hint = _OPTIONS[name] if _OPTIONS.get(name) in known else nearest(name, known)
                cure = f"did you mean `{hint}`?" if hint else f"known: {', '.join(sorted(known))}"
                raise self._fault(at, f"{_told(place)} has no {name!r}", cure)
            field, read = known[name]
            if field in spelt:
                raise self._fault(at, f"`{spelt[field]}` and `{name}` say the same", "keep one of them")
            spelt[field] = name
            values[field] = self._one(read, value, at)
        return values

    def _one(self, read: Reader, value: object, place: Place) -> Any:
        try:
            return read(value)
        except ValueError as error:
            raise self._fault(place, f"`{place[-1]}`: {error}") from None

    def _fault(self, place: Place, what: str, cure: str = "") -> SettingsError:
        return SettingsError(what, where=self._toml.where(*place), cure=cure)

    def _gathered(self, values: Mapping[str, Any], place: Place, tags: Mapping[str, object]) -> PlanOptions:
        if values.get("variants") and (also := [n for n in ("gentle", "audiences") if n in values]):
            what = f"`variants` already says what `{also[0]}` does"
            raise self._fault((*place, "variants"), what, "keep one of them")
        texts = {**tags, **{name: values[name] for name in _TAGS if name in values}}
        try:
            read = read_tags(texts)
        except ValueError as error:
            name = str(error).partition(":")[0]
            at = ("album", name) if name in tags else (*place, name)
            raise self._fault(at, f"`{name}`{str(error)[len(name) :]}") from None
        names = ("languages", "voices", "lengths", "gentle", "audiences", "variants", "without", "bed",
                 "landing_ms", "preset", "formats", "captions", "cover", "values")  # fmt: skip
        return PlanOptions(
            **{name: values[name] for name in names if name in values}, tags=tuple(read.items())
        )

    # ---------------------------------------------------------------- the tables of a plan

    def _album(self, value: object) -> tuple[ByLanguage[str], dict[str, object]]:
        """The album's titles and its tags: a text, or a table with title, artist, date, genre, copyright."""
        if value is None:
            return (), {}
        if isinstance(value, str):
            return (("", fields.text(value)),), {}
        table = self._one(fields.table, value, ("album",))
        known: Fields = {
            "title": ("title", fields.by_language(fields.text)),
            **{name: (name, fields.tag) for name in (*_TAGS, "comment")},
        }
        values = self._read(table, known, ("album",))
        return values.pop("title", ()), values

    def _sessions(self, entries: list[dict[str, Any]]) -> tuple[Session, ...]:
        known: Fields = {
            "number": ("number", fields.whole), "name": ("name", fields.text), "title": ("title", fields.text),
            "note": ("note", fields.long_text),
        }  # fmt: skip
        sessions: list[Session] = []
        for n, entry in enumerate(entries):
            values = self._read(entry, known, ("sessions", n))
            if "number" not in values and "name" not in values:
                raise self._fault(("sessions", n), "a session has a number or a name", "such as: number = 1")
            session = Session(
                number=values.get("number"), name=values.get("name", ""), title=values.get("title", ""),
                note=values.get("note", ""),
            )  # fmt: skip
            if session.key in [other.key for other in sessions]:
                what = f"there are two sessions {session.key!r}"
                raise self._fault(("sessions", n), what, "rename one of them")
            sessions.append(session)
        return tuple(sessions)

    def _track(self, n: int, entry: dict[str, Any], sessions: tuple[Session, ...]) -> PlanTrack:
        known: Fields = {
            **self._options,
            "practice": ("practice", fields.text),
            "script": ("script", fields.text),
            "title": ("title", fields.by_language(fields.text)),
            "name": ("name", _template(folders=False)),
            "note": ("note", fields.long_text),
            "session": ("session", fields.key),
        }
        values = self._read(entry, known, ("tracks", n))
        if ("practice" in values) == ("script" in values):
            what = "a track has a practice or a script" + (", not both" if "script" in values else "")
            raise self._fault(("tracks", n), what, 'such as: practice = "loving-kindness"')
        practice, script = self._source(n, values)
        return PlanTrack(
            number=n + 1,
            practice=practice,
            script=script,
            titles=values.get("title", ()),
            name=values.get("name", ""),
            session=self._session(n, values.get("session"), sessions),
            note=values.get("note", ""),
            options=self._gathered(values, ("tracks", n), {}),
            where=self._toml.where("tracks", n),
        )

    def _source(self, n: int, values: Mapping[str, str]) -> tuple[str, Path | None]:
        """A practice of the library, or the path of a script, which may hold {language}."""
        practice, script = values.get("practice", ""), values.get("script", "")
        path = Path(practice)
        if (
            practice
            and path.suffix.lower() not in {".md", ".txt", ".ssml", ".xml"}
            and "/" not in practice
            and "\\" not in practice
        ):
            return practice, None
        at = ("tracks", n, "script" if script else "practice")
        path_text = script or practice
        try:
            braces = [field for _, field, _, _ in string.Formatter().parse(path_text) if field is not None]
        except ValueError:
            braces = ["?"]
        if set(braces) - {"language"}:
            raise self._fault(at, f"`{at[-1]}`: the path may hold {{language}} and nothing else in braces")
        place = self._one(lambda value: fields.place(self._path.parent, str(value)), path_text, at)
        if not braces and not is_file(place):
            raise self._fault(at, f"there is no script {path_text}", f"looked for {place}")
        return "", place

    def _session(self, n: int, key: int | str | None, sessions: tuple[Session, ...]) -> Session | None:
        if key is None:
            return None
        for session in sessions:
            if key in (session.number, session.name):
                return session
        if not sessions:
            return Session(number=key if isinstance(key, int) else None, name="" if isinstance(key, int) else key,
                           title="", note="")  # fmt: skip
        known = ", ".join(str(session.key) for session in sessions)
        raise self._fault(("tracks", n, "session"), f"there is no session {key!r}", f"known: {known}")

    def _excludes(self, entries: list[dict[str, Any]]) -> tuple[Exclude, ...]:
        text = fields.several(fields.text)
        one: Fields = {
            "language": ("languages", fields.several(fields.language)),
            "track": ("tracks", fields.several(fields.whole)),
            "practice": ("practices", text), "session": ("sessions", fields.several(fields.key)),
            "length": ("lengths", fields.several(fields.length)), "voice": ("voices", text),
            "variant": ("variants", fields.several(lambda value: fields.variant(value).name)),
            "participant": ("participants", fields.several(lambda value: fold(fields.text(value)))),
        }  # fmt: skip
        known = {**one, **{field: (field, read) for field, read in one.values()}}
        excludes = []
        for n, entry in enumerate(entries):
            at = ("exclude", n)
            if not entry:
                raise self._fault(at, "this leaves out everything", 'such as: language = "de"')
            excludes.append(Exclude(**self._read(entry, known, at), where=self._toml.where(*at)))
        return tuple(excludes)

    def _people(self) -> People:
        value = self._toml.data.get("participants")
        if self._participants is not None:
            return read_people(self._participants)
        if value is None:
            return People()
        if isinstance(value, str):
            return read_people(self._one(fields.file(self._path.parent), value, ("participants",)))
        return people_from(value, lambda n: self._toml.where("participants", n), self._toml.path)


def _told(place: Place) -> str:
    """A table as a person calls it.

    >>> _told(()), _told(("tracks", 0)), _told(("album",))
    ('a plan', 'a track', 'the album')
    """
    if not place:
        return "a plan"
    return {"tracks": "a track", "sessions": "a session", "exclude": "an exclusion"}.get(
        str(place[0]), f"the {place[0]}"
    )


def _template(*, folders: bool) -> Reader:
    def read(value: object) -> str:
        return read_template(fields.text(value), folders=folders).text

    return read


def _missing(value: object) -> bool:
    if value not in ("error", "skip"):
        raise ValueError('is "error" or "skip"')
    return value == "skip"
