"""The participants of a plan: a spreadsheet, CSV, TOML or YAML to participants, and what was understood of it.

A row that cannot be read does not stop the others: it is told of with its place, and never with its words.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kindvoice.errors import ScriptError, SettingsError, nearest, redacted
from kindvoice.languages import language_name
from kindvoice.model import Where
from kindvoice.plan.headings import FIELDS, Heading, is_total, read_headings, score
from kindvoice.plan.participant import Participant, fold, one_line, participant, slug
from kindvoice.plan.tables import CSV_UTF8, MAX_BYTES, Row, Sheet, cell_name, read_sheets
from kindvoice.plan.tomltext import read_toml
from kindvoice.script.encoding import decode
from kindvoice.script.source import read_text
from kindvoice.script.yamltext import Items, Table, read_yaml

MAX_PEOPLE = 100_000
_MOST_ABOVE = 20
"""rows among which the headings are looked for"""
_NEAR = 0.8
"""how much the name of a value is like that of a field"""
_TABLES = "begin every participant with [[participants]], and give an id"


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    participants: tuple[Participant, ...] = ()
    faults: tuple[SettingsError, ...] = ()
    """a row each that could not be read"""
    notes: tuple[str, ...] = ()
    """what was understood, without anybody's words"""

    def strict(self) -> People:
        """The same, if everything could be read. Raises SettingsError."""
        if self.faults:
            first, more = self.faults[0], len(self.faults) - 1
            what = f"{first.what}" + (f" (and {more} more such rows)" if more else "")
            raise SettingsError(what, where=first.where, cure=first.cure)
        return self


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row before it is read."""

    row: Mapping[str, Any] = field(repr=False)
    where: Where
    id_otherwise: str = ""
    """where there is neither an id nor a name; empty: that is a fault"""
    place: Callable[[str], str] = lambda name: ""
    fault: SettingsError | None = None


def read_people(path: Path) -> People:
    """A file of participants: .toml, .yaml, or a table as spreadsheets export it (CSV, XLSX, ODS).

    Raises SettingsError with file and line, without a word of what stands there, where nobody can be read.
    """
    ending = path.suffix.lower()
    if ending == ".toml":
        toml = read_toml(path, "a file of participants", private=True)
        if extra := [name for name in toml.data if name != "participants"]:
            raise SettingsError(
                "the file holds more than [[participants]]", where=toml.where(extra[0]), cure=_TABLES
            )
        return people_from(toml.data.get("participants"), lambda n: toml.where("participants", n), str(path))
    if ending in {".yaml", ".yml"}:
        return _from_yaml(path)
    return _from_table(path)


def _from_yaml(path: Path) -> People:
    try:
        data = read_yaml(read_text(path, "a file of participants"), str(path), "the file of participants")
    except ScriptError as error:
        raise SettingsError(redacted(error.marked_what), where=error.where, cure=error.cure) from None
    if isinstance(data, Table):
        data = data.get("participants") if set(data) == {"participants"} else None
    lines = data.lines if isinstance(data, Items) else []
    return people_from(data, lambda n: Where(path=str(path), line=lines[n]), str(path))


def people_from(entries: object, where: Callable[[int], Where], path: str) -> People:
    """Tables as TOML and YAML have them. where: the place of the n-th, from 0. Raises SettingsError."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise SettingsError(
            "the participants are no list of tables", where=Where(path=path, line=0), cure=_TABLES
        )
    return _gathered((_named(entry, where(n)) for n, entry in enumerate(entries)), path)


def _named(entry: Mapping[Any, object], where: Where) -> _Entry:
    headings = read_headings([str(name) for name in entry])
    bad = [heading for heading in headings if not heading.field and not heading.unused]
    fault = None
    if bad:
        what = f"name {bad[0].column + 1} of this table cannot be used, or stands there twice"
        fault = SettingsError(
            what, where=where, cure="use letters, digits and _, and no name of kindvoice's own"
        )
    return _Entry(_by_field(headings, list(entry.values())), where, fault=fault)


def _by_field(headings: Sequence[Heading], cells: Sequence[Any]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for heading, cell in zip(headings, cells, strict=False):
        if heading.field == "phrases":
            row.setdefault("phrases", []).append(cell)
        elif heading.field:
            row[heading.field] = cell
    return row


def _gathered(entries: Iterable[_Entry], path: str, notes: Sequence[str] = ()) -> People:
    everybody: list[_Entry] = []
    characters = 0
    for entry in entries:
        characters += sum(len(str(cell)) for cell in entry.row.values())
        if len(everybody) == MAX_PEOPLE or characters > MAX_BYTES:
            what = (
                f"there are more than {MAX_PEOPLE} participants"
                if characters <= MAX_BYTES
                else "there is too much text"
            )
            raise SettingsError(what, where=entry.where, cure="make several plans of it")
        everybody.append(entry)
    people: list[Participant] = []
    faults: list[SettingsError] = []
    for entry, id in zip(everybody, _ids(everybody), strict=True):
        if isinstance(id, SettingsError) or entry.fault:
            faults.append(entry.fault or id)  # type: ignore[arg-type]
            continue
        try:
            people.append(participant(entry.row, id, entry.where, entry.place))
        except SettingsError as error:
            faults.append(error)
    if not people:
        raise faults[0] if faults else SettingsError(
            "there are no participants", where=Where(path=path, line=0),
            cure="write one a line below the names of the columns, or leave `participants` out of the plan",
        )  # fmt: skip
    return People(participants=tuple(people), faults=tuple(faults), notes=(*notes, *_recognised(people)))


_MOST_NAMED = 12


def _recognised(people: Sequence[Participant]) -> Iterator[str]:
    """Of those whose phrases tell their language; English alone is what anybody expects."""
    by_language: dict[str, list[str]] = {}
    for person in people:
        if person.recognised:
            by_language.setdefault(language_name(person.language or ""), []).append(person.id)
    each = (
        f"{language} ({', '.join(ids[:_MOST_NAMED])}{' and others' * (len(ids) > _MOST_NAMED)})"
        for language, ids in by_language.items()
    )
    if by_language.keys() - {language_name("en")}:
        yield f"languages that their phrases tell: {'; '.join(each)}; a column `language` settles it"


def _ids(entries: Sequence[_Entry]) -> Iterator[str | SettingsError]:
    """Everybody's id: their own, else one that is made from the name, which no other has."""
    own = [one_line(entry.row.get("id")) for entry in entries]
    taken = {fold(id) for id in own if id and slug(id) == id}
    lines: dict[str, int] = {}
    numbers: dict[str, int] = {}
    """the last that was put behind an id; to begin from 2 each time would take the square of the rows"""
    for entry, id in zip(entries, own, strict=True):
        name = f"{one_line(entry.row.get('name'))} {one_line(entry.row.get('surname'))}"
        safe = slug(id) or slug(name).lower() or entry.id_otherwise
        if id and safe == id:
            if (key := fold(id)) in lines:
                first = f"in line {lines[key]}" if lines[key] else "before"
                yield SettingsError(
                    f"{entry.place('id')}the same id stands {first}, capitals aside",
                    where=entry.where, cure="give everyone an id of their own",
                )  # fmt: skip
                continue
            lines[key] = entry.where.line
        elif not safe:
            cure = "use letters, digits, - and _, such as p07"
            yield SettingsError(f"{entry.place('id')}there is no id", where=entry.where, cure=cure)
            continue
        else:
            key, number = fold(safe), numbers.get(fold(safe), 1)
            each = safe if number == 1 else f"{safe}-{number}"
            while fold(each) in taken:
                number += 1
                each = f"{safe}-{number}"
            numbers[key], safe = number, each
            taken.add(fold(safe))
        yield safe


# ---------------------------------------------------------------- spreadsheets


class NoHeadings(SettingsError):
    """A table in which no row names the columns."""


def people_from_table(data: bytes, name: str) -> People:
    """A spreadsheet's file, or a text, that lies on no disk; name: for messages.

    A text whose rows have no headings is a list: a name, a colon, a tab or the like, and phrases, a person a line.
    Raises SettingsError.
    """
    try:
        return _from_table(Path(name), data)
    except NoHeadings:
        try:
            lines = decode(data)[0].splitlines()
        except UnicodeDecodeError:
            raise SettingsError("it is not clear which encoding the text is in", cure=CSV_UTF8) from None
        rows = [(number, match) for number, line in enumerate(lines, 1) if (match := _LISTED.match(line))]
        if "\0" in "".join(lines[:1]) or not rows:
            raise
        entries = [
            {"name": match["name"].strip(), "phrases": (match["phrases"] or "").strip()} for _, match in rows
        ]
        return people_from(entries, lambda n: Where(path=name, line=rows[n][0]), name)


_LISTED = re.compile(r"[\s*•–-]*(?P<name>[^\t:;|,]{1,80}?)\s*(?:[\t:;|,]\s*(?P<phrases>.*))?$")


def _from_table(path: Path, data: bytes | None = None) -> People:
    sheets = read_sheets(path, data)
    heads = [_head(sheet) for sheet in sheets]
    best = max(range(len(sheets)), key=lambda at: heads[at][0], default=None)
    if best is None or not heads[best][0]:
        raise NoHeadings(
            "no row names the columns, or none of them is known", where=Where(path=str(path), line=1),
            cure="begin the table with a row such as: id,name,language,phrases",
        )  # fmt: skip
    _, head, headings = heads[best]
    return _Reading(path, sheets[best], head, headings).people()


def _head(sheet: Sheet) -> tuple[float, Row, tuple[Heading, ...]]:
    """How likely the likeliest row is that of the headings, and the row."""
    best: tuple[float, Row, tuple[Heading, ...]] = (0.0, Row(0, 0, ()), ())
    for row in itertools.islice(sheet.rows(), _MOST_ABOVE):
        headings = read_headings(row.cells)
        if (likely := score(headings)) > best[0]:
            best = (likely, row, headings)
    return best


class _Reading:
    def __init__(self, path: Path, sheet: Sheet, head: Row, headings: tuple[Heading, ...]) -> None:
        self._path, self._sheet, self._head, self._headings = path, sheet, head, headings
        self._totals: list[int] = []

    def people(self) -> People:
        people = _gathered(self._entries(), str(self._path))
        return People(
            participants=people.participants,
            faults=people.faults,
            notes=(*self._notes(people), *people.notes),
        )

    def _entries(self) -> Iterator[_Entry]:
        width = len(self._headings)
        for row in self._sheet.rows():
            if row.number <= self._head.number:
                continue
            where = Where(path=str(self._path), line=row.line)
            fault, cure = row.fault, row.cure
            beyond = [at for at in range(width, len(row.cells)) if row.cells[at].strip()]
            if beyond and not fault:
                fault = "this row has more cells than there are names of columns"
                cure = 'a cell with a comma or semicolon in it wants "quotes" around it'
            cells = _by_field(self._headings, row.cells)
            first = next((cell for cell in row.cells if cell.strip()), "")
            if is_total(first):
                self._totals.append(row.number)
                continue
            texts = [cells.get(name, "") for name in ("id", "name", "surname")] + cells.get("phrases", [])
            if not fault and not any(map(str.strip, texts)):
                continue
            error = SettingsError(f"row {row.number}: {fault}", where=where, cure=cure) if fault else None
            yield _Entry(cells, where, f"row-{row.number}", self._place(row), error)

    def _place(self, row: Row) -> Callable[[str], str]:
        def place(name: str) -> str:
            columns = [heading.column for heading in self._headings if heading.field == name]
            filled = [at for at in columns if at < len(row.cells) and row.cells[at].strip()]
            at = next(iter(filled + columns), None)
            return f"row {row.number}: " if at is None else f"cell {cell_name(at, row.number)}: "

        return place

    def _notes(self, people: People) -> Iterator[str]:
        """What was understood, in a line, and what is to be known besides."""
        by_field: dict[str, list[Heading]] = {}
        for heading in self._headings:
            by_field.setdefault(heading.field, []).append(heading)
        parts = [self._sheet.form]
        if self._head.line > 1:
            parts.append(f"headings in row {self._head.number}")
        for name in FIELDS:
            if columns := by_field.get(name):
                parts.append(f"{name} in {' to '.join(dict.fromkeys((columns[0].label, columns[-1].label)))}")
        count = len(people.participants)
        parts.append(f"{count} {'person' if count == 1 else 'people'}")
        if people.faults:
            parts.append(f"{len(people.faults)} left out, whose rows cannot be read")
        yield f"{self._path.name}: {', '.join(parts)}"
        if "id" not in by_field:
            yield (
                "there is no column of ids, so they are made from the names, and files and messages say them; "
                "ids of your own, such as p07, keep names out of there"
            )
        if self._totals:
            yield f"row {self._totals[0]} adds up the others and is nobody"
        if unused := [heading.label for heading in by_field.pop("", []) if heading.text.strip()]:
            yield f"not used: {', '.join(unused)}"
        for name in sorted(by_field.keys() - set(FIELDS)):
            near = nearest(name, FIELDS)
            if near and difflib.SequenceMatcher(a=name, b=near).ratio() >= _NEAR:
                yield f"the column {name!r} is a value for scripts; if it is {near!r}, rename it"
