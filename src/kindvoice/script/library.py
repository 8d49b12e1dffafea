"""The scripts that come with kindvoice, and the user's own: one folder per language, one file per practice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kindvoice.errors import ScriptError, did_you_mean, nearest, terminal
from kindvoice.languages import nearest_tag
from kindvoice.paths import expanded, is_file
from kindvoice.script.load import read_facts

_LONGEST_NAME = 60
"""characters; more are no name but a text"""
SUFFIXES = (".md", ".txt", ".ssml")
"""of a library's scripts; where a practice is there in SSML too, the one that was written for people counts"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    practice: str
    language: str
    title: str
    about: str
    length_ms: int | None
    range_ms: tuple[int, int] | None
    """the shortest and the longest that it is written for"""
    path: Path


_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*")


def library_paths(folders: Iterable[Path]) -> dict[tuple[str, str], Path]:
    """Unread, by language folder and practice; a later folder's stands in place of an earlier's."""
    return {
        (path.parent.name, path.stem): path
        for folder in folders
        for path in sorted(folder.glob("*/*"), key=lambda path: (path.suffix.lower() != ".ssml", path))
        if path.suffix.lower() in SUFFIXES
        and _LANGUAGE.fullmatch(path.parent.name)
        and path.stem.casefold() != "readme"
    }


def entry_of(language: str, practice: str, path: Path) -> Entry:
    """Raises ScriptError. A file is read once, and again when it has changed."""
    try:
        seen = path.stat()
    except OSError:
        return _read_entry(language, practice, path, ())  # which says what is wrong
    return _read_entry(language, practice, path, (seen.st_mtime_ns, seen.st_size, seen.st_ino))


@lru_cache(maxsize=4_000)
def _read_entry(language: str, practice: str, path: Path, state: tuple[int, ...]) -> Entry:
    front = read_facts(path)
    return Entry(
        practice=practice,
        language=front.get("language", language),
        title=front.get("title", practice),
        about=front.get("about", ""),
        length_ms=front.get("length"),
        range_ms=front.get("range"),
        path=path,
    )


def entries(folders: Iterable[Path]) -> Iterator[Entry]:
    """Every script of the library, by language and practice; a later folder's stands in place of an earlier's."""
    for (language, practice), path in sorted(library_paths(folders).items()):
        yield entry_of(language, practice, path)


def find_script(name: str, language: str | None, folders: Iterable[Path]) -> Path:
    """A path as it is, a practice id of the library in the language (None: English, else whatever there is), or the
    name without its ending of a script that lies in this folder.

    Raises ScriptError, naming the nearest practice or the languages there are.
    """
    path = expanded(name)
    if path.suffix.lower() in {*SUFFIXES, ".xml"} or is_file(path) or "/" in name or "\\" in name:
        return path
    known = library_paths(folders)
    # Only these are read: a script that is broken does not stand in the way of another.
    there = [entry_of(*key, file) for key, file in sorted(known.items()) if key[1] == name]
    if not there:
        here = (path.with_name(path.name + suffix) for suffix in SUFFIXES)
        if (beside := next((file for file in here if is_file(file)), None)) is not None:
            return beside
        raise ScriptError(
            f"there is no script {name!r}: neither a file nor a practice of the library",
            cure=_suggest(name, {practice for _, practice in known}),
        )
    near = nearest_tag(language or "en", [entry.language for entry in there])
    if near is not None:
        return next(entry.path for entry in there if entry.language == near)
    if language is None:
        return there[0].path
    raise ScriptError(
        f"{name!r} is not in the library in {language}",
        cure=f"there it is in: {', '.join(entry.language for entry in there)}",
    )


def _suggest(name: str, practices: set[str]) -> str:
    """The nearest practice, or those that share a word with the name."""
    words = {word for word in re.findall(r"[^\W\d_]+", name.casefold()) if len(word) > 2}
    alike = sorted(practice for practice in practices if words & set(practice.split("-")))
    if nearest(name, practices) or not alike or len(name) > _LONGEST_NAME:
        return did_you_mean(name, practices, terminal("`kindvoice scripts list` shows the library"))
    return f"with these words there are: {', '.join(alike)}"
