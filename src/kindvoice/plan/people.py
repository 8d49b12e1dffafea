"""The participants of a plan: a spreadsheet's CSV, TOML or YAML to Participant.

Phrases are intimate, and so is a name. No message repeats what stands in a cell, not even where a row is out of
step and a phrase stands in another column; a Participant does not show them either.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kindvoice.errors import ScriptError, SettingsError, nearest, redacted
from kindvoice.model import Where
from kindvoice.plan.tomltext import read_toml
from kindvoice.publish.output import check_name
from kindvoice.script import Phrase, make_phrase
from kindvoice.script.frontmatter import AUDIENCES, RESERVED, parse_audience, parse_language, parse_length
from kindvoice.script.literal import clean
from kindvoice.script.phrases import FORMS, MAX_CHARACTERS
from kindvoice.script.source import read_text
from kindvoice.script.yamltext import Items, Table, read_yaml

MAX_PEOPLE = 100_000
MAX_PHRASES = 100
MAX_BYTES = 64_000_000
MAX_ID_CHARACTERS = 64

FIELDS = ("id", "name", "language", "phrases", "length", "voice", "gentle", "audience")
"""what kindvoice understands; anything else is a value that scripts may use"""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenPhrase:
    """A phrase as somebody gave it."""

    text: str = field(repr=False)
    forms: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """other and together, where they are written out"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Somebody who gets recordings of their own. What is None or empty is as the plan says."""

    id: str
    """a folder's name on every system; no two differ in upper and lower case alone"""
    name: str = field(default="", repr=False)
    language: str | None = None
    phrases: tuple[GivenPhrase, ...] = field(default=(), repr=False)
    """none: the script's own"""
    length_ms: int | None = None
    voice: str | None = None
    gentle: bool | None = None
    audience: str | None = None
    values: tuple[tuple[str, object], ...] = field(default=(), repr=False)
    where: Where

    def spoken(self, language: str) -> tuple[Phrase, ...] | None:
        """Their phrases with the forms that a language has rules for; None: the script's own are spoken."""
        return (
            tuple(make_phrase(wish.text, language, dict(wish.forms), self.where) for wish in self.phrases)
            or None
        )

    def known(self) -> tuple[tuple[str, object], ...]:
        """What scripts may use of them: their own columns, and `name`."""
        return self.values + ((("name", self.name),) if self.name else ())


def fold(text: str) -> str:
    """A name as a file system sees it that does not tell A from a, nor two spellings of é.

    >>> fold("Zoé") == fold("ZOE\\u0301")
    True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def read_people(path: Path) -> tuple[Participant, ...]:
    """A file of participants by its ending: .csv (with commas, semicolons or tabs), .tsv, .toml, .yaml.

    Raises SettingsError with file and line, without a word of what stands there.
    """
    ending = path.suffix.lower()
    if ending in {".csv", ".tsv", ".txt"}:
        return _gathered(_rows(path), str(path))
    if ending == ".toml":
        toml = read_toml(path, "a file of participants", private=True)
        if extra := [name for name in toml.data if name != "participants"]:
            raise SettingsError(
                "the file holds more than [[participants]]", where=toml.where(extra[0]), cure=_TABLES
            )
        return people_from(toml.data.get("participants"), lambda n: toml.where("participants", n), str(path))
    if ending in {".yaml", ".yml"}:
        return _from_yaml(path)
    cure = (
        "save it as CSV UTF-8"
        if ending in {".xlsx", ".xls", ".ods", ".numbers"}
        else "use .csv, .toml or .yaml"
    )
    raise SettingsError(f"{path.name} is no kind of file that participants are read from", cure=cure)


_TABLES = "begin every participant with [[participants]], and give an id"


def _from_yaml(path: Path) -> tuple[Participant, ...]:
    try:
        data = read_yaml(read_text(path, "a file of participants"), str(path), "the file of participants")
    except ScriptError as error:
        raise SettingsError(redacted(error.marked_what), where=error.where, cure=error.cure) from None
    if isinstance(data, Table):
        data = data.get("participants") if set(data) == {"participants"} else None
    lines = data.lines if isinstance(data, Items) else []
    return people_from(data, lambda n: Where(path=str(path), line=lines[n]), str(path))


def people_from(entries: object, where: Callable[[int], Where], path: str) -> tuple[Participant, ...]:
    """Tables as TOML and YAML have them. where: the place of the n-th, from 0. Raises SettingsError."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise SettingsError(
            "the participants are no list of tables", where=Where(path=path, line=0), cure=_TABLES
        )
    return _gathered(((_named(entry, where(n)), where(n)) for n, entry in enumerate(entries)), path)


def _named(entry: Mapping[Any, object], where: Where) -> dict[str, object]:
    names = [str(name) for name in entry]
    columns = [_column(name) for name in names]
    _check_columns(columns, where)
    return dict(zip(columns, entry.values(), strict=True))


def _gathered(rows: Iterable[tuple[Mapping[str, object], Where]], path: str) -> tuple[Participant, ...]:
    people: list[Participant] = []
    lines: dict[str, int] = {}
    for row, where in rows:
        if len(people) == MAX_PEOPLE:
            raise SettingsError(
                f"there are more than {MAX_PEOPLE} participants", where=where, cure="make several plans of it"
            )
        person = _participant(row, where)
        if (key := fold(person.id)) in lines:
            first = f"in line {lines[key]}" if lines[key] else "before"
            raise SettingsError(
                f"the same id stands {first}, capitals aside",
                where=where,
                cure="give everyone an id of their own",
            )
        lines[key] = where.line
        people.append(person)
    if not people:
        raise SettingsError(
            "there are no participants", where=Where(path=path, line=0),
            cure="write one a line below the names of the columns, or leave `participants` out of the plan",
        )  # fmt: skip
    return tuple(people)


# ---------------------------------------------------------------- one participant


def _participant(row: Mapping[str, object], where: Where) -> Participant:
    def read(name: str, reader: Callable[[str], Any], wanted: str) -> Any:
        text = _text(row.get(name))
        try:
            return reader(text) if text else None
        except ValueError:
            raise SettingsError(f"the {name} cannot be used", where=where, cure=f"write {wanted}") from None

    return Participant(
        id=_id(_text(row.get("id")), where),
        name=_text(row.get("name")),
        language=read("language", parse_language, "such as en, de or pt-BR"),
        phrases=_wishes(row.get("phrases"), where),
        length_ms=read("length", parse_length, "such as 20m, 12m30s or 12:30"),
        voice=_text(row.get("voice")) or None,
        gentle=read("gentle", _truth, "yes or no"),
        audience=read("audience", parse_audience, f"one of: {', '.join(AUDIENCES)}"),
        values=tuple(
            (name, _value(value, where)) for name, value in row.items() if name not in FIELDS and _text(value)
        ),
        where=where,
    )


def _text(value: object) -> str:
    """One line, whatever it was in the file."""
    text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
    return " ".join(clean(text).split())


def _id(text: str, where: Where) -> str:
    letters = all(c.isalnum() or c in "-_" or unicodedata.category(c).startswith("M") for c in text)
    try:
        check_name(text)
    except SettingsError:
        letters = False  # a name that some system keeps for itself
    if not letters or len(text) > MAX_ID_CHARACTERS:
        what = "the id cannot be a folder's name on every system" if text else "there is no id"
        cure = f"use letters, digits, - and _, at most {MAX_ID_CHARACTERS}, such as p07"
        raise SettingsError(what, where=where, cure=cure)
    return text


_YES, _NO = {"yes", "y", "true", "1", "x"}, {"no", "n", "false", "0"}


def _truth(text: str) -> bool:
    if text.casefold() not in _YES | _NO:
        raise ValueError
    return text.casefold() in _YES


def _value(value: object, where: Where) -> object:
    """As `--set` would read it: numbers and truths where they read as such."""
    if isinstance(value, (list, tuple)):
        return tuple(_value(each, where) for each in value)
    if isinstance(value, dict):
        raise SettingsError("a value is a text, a number, true or false, or a list of them", where=where)
    if isinstance(value, (bool, int, float)):
        return value
    text = clean(str(value)).strip()
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    if re.fullmatch(r"-?(?:0|[1-9][0-9]{0,14})", text):  # 007 is a name, not a number
        return int(text)
    return float(text) if re.fullmatch(r"-?[0-9]{1,15}\.[0-9]{1,15}", text) else text


def _wishes(value: object, where: Where) -> tuple[GivenPhrase, ...]:
    """A cell with | or line breaks between the phrases, or a list of texts and of tables of forms."""
    if isinstance(value, str):
        value = [part for part in re.split(r"[|\n]", clean(value)) if part.strip()]
    if value is None or value == []:
        return ()
    if not isinstance(value, list):
        raise SettingsError(
            "the phrases are neither a text nor a list", where=where, cure="write | between them"
        )
    if len(value) > MAX_PHRASES:
        raise SettingsError(
            f"there are more than {MAX_PHRASES} phrases", where=where, cure="choose a few of them"
        )
    return tuple(_wish(entry, n, where) for n, entry in enumerate(value, 1))


def _wish(entry: object, number: int, where: Where) -> GivenPhrase:
    forms = {"self": entry} if isinstance(entry, str) else entry
    if not isinstance(forms, dict) or "self" not in forms or not set(forms) <= set(FORMS):
        raise SettingsError(
            f"phrase {number} is neither a text nor a table of its forms", where=where,
            cure='write "May I be safe." or {self = "...", other = "...", together = "..."}',
        )  # fmt: skip
    texts = {}
    for name, form in forms.items():
        text = " ".join(clean(form).split()) if isinstance(form, str) else ""
        if not any(c.isalnum() for c in text):
            raise SettingsError(
                f"phrase {number} has no words", where=where, cure="take it out, or write a wish"
            )
        if len(text) > MAX_CHARACTERS:
            what = f"phrase {number} has more than {MAX_CHARACTERS} characters"
            raise SettingsError(what, where=where, cure="write | between several phrases")
        texts[name] = text
    return GivenPhrase(text=texts.pop("self"), forms=tuple(texts.items()))


# ---------------------------------------------------------------- spreadsheets

_UTF8 = "in a spreadsheet's save dialog choose CSV UTF-8, or Unicode (UTF-8)"
_BEGINNINGS = {b"PK\x03\x04": "a spreadsheet", b"\xd0\xcf\x11\xe0": "an old spreadsheet", b"%PDF-": "a PDF"}


def _table_text(path: Path) -> str:
    where = Where(path=str(path), line=0)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"the participants cannot be read: {error.strerror}", where=where) from None
    if len(data) > MAX_BYTES:
        raise SettingsError(f"the file is larger than {MAX_BYTES // 1_000_000} MB", where=where)
    for beginning, kind in _BEGINNINGS.items():
        if data.startswith(beginning):
            raise SettingsError(f"this is {kind}, not plain text", where=where, cure=_UTF8)
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")  # "Unicode text" of some spreadsheets
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = 0 if wide else data[: error.start].count(b"\n") + 1
        raise SettingsError(
            "the file is not UTF-8 text; perhaps it is the older Windows-1252, where é and ü would come out wrong",
            where=Where(path=str(path), line=line), cure=_UTF8,
        ) from None  # fmt: skip
    if "\0" in text:
        raise SettingsError("the file is not text", where=where, cure=_UTF8)
    return clean(text)


def _records(text: str, delimiter: str, path: str, before: int) -> Iterator[tuple[list[str], int]]:
    """Rows that are not empty, each with the line that it begins in. before: the line that the text begins after."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    line = before + 1
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                yield cells, line
            line = before + reader.line_num + 1
    except csv.Error as error:
        what = "a cell is too long" if "larger" in str(error) else 'the "quotes" around a cell do not match'
        raise SettingsError(
            what, where=Where(path=path, line=line), cure='a quote inside of a quoted cell is written ""'
        ) from None


def _rows(path: Path) -> Iterator[tuple[Mapping[str, object], Where]]:
    text = _table_text(path)
    before = 0
    if re.match(r"sep=.\n", text):  # how some spreadsheets are told which mark parts the cells
        text, before = text.partition("\n")[2], 1
    for delimiter in ",;\t":
        records = _records(text, delimiter, str(path), before)
        header, line = _first(records)
        columns = [_column(cell) for cell in header]
        if "id" in columns:
            break
    else:
        raise SettingsError(
            "the first line does not name the columns, or none of them is `id`", where=Where(path=str(path), line=line),
            cure="begin the file with a line such as: id,name,language,phrases",
        )  # fmt: skip
    _check_columns(columns, Where(path=str(path), line=line))
    for cells, line in records:
        where = Where(path=str(path), line=line)
        beyond = [*cells[len(columns) :], *(c for c, name in zip(cells, columns, strict=False) if not name)]
        if any(map(str.strip, beyond)):
            what = "this row has more cells than there are names of columns"
            raise SettingsError(
                what, where=where, cure=f'a cell with {delimiter!r} in it wants "quotes" around it'
            )
        yield {name: cell for name, cell in zip(columns, cells, strict=False) if name}, where


def _first(records: Iterator[tuple[list[str], int]]) -> tuple[list[str], int]:
    try:
        return next(records, ([], 0))
    except SettingsError:
        return [], 0  # of another delimiter's quotes


def _column(name: str) -> str:
    """A column's name as scripts may use it.

    >>> _column(" Group-Size ")
    'group_size'
    """
    return re.sub(r"[\s./-]+", "_", unicodedata.normalize("NFKC", name).strip().casefold())


def _check_columns(columns: list[str], where: Where) -> None:
    for number, name in enumerate(columns, 1):
        if not name:
            continue
        if name in columns[: number - 1]:
            raise SettingsError(f"there are two columns {name!r}", where=where, cure="rename one of them")
        if name in FIELDS:
            continue
        if name in RESERVED or not name.isidentifier():
            what = f"column {number} has a name that no value can have"
            taken = ", ".join(sorted(RESERVED - set(FIELDS)))
            raise SettingsError(what, where=where, cure=f"use letters, digits and _, and none of: {taken}")
        near = nearest(name, FIELDS)
        if near and difflib.SequenceMatcher(a=name, b=near).ratio() >= 0.8:
            raise SettingsError(
                f"there is no column {name!r}",
                where=where,
                cure=f"did you mean {near!r}? otherwise rename it",
            )
