"""The fields of a plan, one by one: from what stands in the file to what is asked for. Each raises ValueError."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from kindvoice.build.context import names
from kindvoice.encode import find_format
from kindvoice.errors import KindvoiceError, did_you_mean
from kindvoice.paths import expanded, is_file
from kindvoice.plan.model import ByLanguage, Variant
from kindvoice.publish.captions import find_captions
from kindvoice.script.frontmatter import AUDIENCES, RESERVED, parse_audience, parse_language, parse_length
from kindvoice.script.literal import clean
from kindvoice.sound.beds import BEDS

T = TypeVar("T")


def text(value: object) -> str:
    """One line."""
    if not isinstance(value, str) or not (line := " ".join(clean(value).split())):
        raise ValueError("wants a text")
    return line


def long_text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("wants a text")
    return clean(value).strip()


def whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10_000:
        raise ValueError("wants a whole number from 1 on")
    return value


def table(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ValueError("wants a table of names and values")
    return value


def tables(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise ValueError("wants tables, each under its [[name]]")
    return value


def several(read: Callable[[object], T]) -> Callable[[object], tuple[T, ...]]:
    """One value, or a list of them; the same one counts once."""

    def reader(value: object) -> tuple[T, ...]:
        if value == []:
            raise ValueError("is empty")
        return tuple(dict.fromkeys(read(each) for each in (value if isinstance(value, list) else [value])))

    return reader


def by_language(read: Callable[[object], T]) -> Callable[[object], ByLanguage[T]]:
    """A value for every language, or a table of them by language."""

    def reader(value: object) -> ByLanguage[T]:
        if not isinstance(value, dict):
            return (("", read(value)),)
        if not value:
            raise ValueError("is empty")
        return tuple((parse_language(tag), read(each)) for tag, each in value.items())

    return reader


def language(value: object) -> str:
    return parse_language(text(value))


def length(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError('wants a length, such as "20m"')
    return parse_length(value)


def truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("is true or false")
    return value


def audience(value: object) -> str:
    return parse_audience(text(value))


def variant(value: object) -> Variant:
    """standard, gentle, an audience, or gentle-carers.

    >>> variant("gentle carers")
    Variant(gentle=True, audience='carers')
    """
    words = text(value).casefold().replace("-", " ").replace("trauma sensitive", "gentle").split()
    audience = "-".join(word for word in words if word not in {"gentle", "standard"}) or "everyone"
    if audience not in AUDIENCES:
        known = ["standard", "gentle", *AUDIENCES[1:]]
        raise ValueError(f"has no {value!r}; " + did_you_mean(audience, known))
    return Variant(gentle="gentle" in words, audience=audience)


def _named(find: Callable[[str], Any]) -> Callable[[object], tuple[str, ...]]:
    """Names, one by one or with commas; `none` or an empty list is none."""

    def reader(value: object) -> tuple[str, ...]:
        wanted = names(*map(text, value if isinstance(value, list) else [value]))
        try:
            return tuple(dict.fromkeys(find(name).name for name in wanted))
        except KindvoiceError as error:
            raise ValueError(f"{error.what}; {error.cure}") from None

    return reader


captions = _named(find_captions)


def formats(value: object) -> tuple[str, ...]:
    if not (formats := _named(find_format)(value)):
        raise ValueError("is empty")
    return formats


def joined(value: object) -> tuple[str, ...]:
    """The formats of the recording of all tracks; false: there is none."""
    if value is True:
        raise ValueError('wants a format, such as "m4b"')
    return () if value is False else formats(value)


def bed(folder: Path) -> Callable[[object], str]:
    """A bed's name, off, or a sound file, seen from the plan's folder."""

    def reader(value: object) -> str:
        name = text(value)
        if name.casefold() in {*BEDS, "off", "none"}:
            return name.casefold()
        if "." in name or "/" in name or "\\" in name:
            return str(file(folder)(name))
        known = did_you_mean(name, BEDS, f"known: {', '.join(BEDS)}, off, or a sound file")
        raise ValueError(f"has no {name!r}; {known}")

    return reader


def cover(folder: Path) -> Callable[[object], str]:
    return lambda value: "off" if value == "off" else str(file(folder)(value))


def file(folder: Path) -> Callable[[object], Path]:
    """A file that is there, seen from the plan's folder."""

    def reader(value: object) -> Path:
        path = place(folder, text(value))
        if not is_file(path):
            raise ValueError(f"there is no file {text(value)}; looked for {path}")
        return path

    return reader


def place(folder: Path, name: str) -> Path:
    path = folder / expanded(name)
    if "\0" in name:
        raise ValueError("is no path")
    return path


def values(value: object) -> tuple[tuple[str, object], ...]:
    """What scripts may use."""
    for name, each in (named := table(value)).items():
        if not name.isidentifier():
            raise ValueError(f"{name!r} is no name that a script can use; write letters, digits and _")
        if name in RESERVED:
            raise ValueError(f"{name!r} comes from kindvoice itself; choose another name")
        _check_value(each)
    return tuple((name, _frozen(each)) for name, each in named.items())


def _check_value(value: object) -> None:
    if isinstance(value, list):
        for each in value:
            _check_value(each)
    elif not isinstance(value, (str, int, float, bool)):
        raise ValueError("a value is a text, a number, true or false, or a list of them")


def _frozen(value: object) -> object:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def tag(value: object) -> str:
    """A year may stand as a number and a day as a date."""
    if isinstance(value, (datetime.date, int)) and not isinstance(value, (bool, datetime.datetime)):
        return str(value)
    return text(value)


def key(value: object) -> int | str:
    """A session's number or name."""
    return value if isinstance(value, int) and not isinstance(value, bool) else text(value)
