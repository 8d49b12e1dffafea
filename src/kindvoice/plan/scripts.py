"""The scripts that a plan's tracks are read from; each is looked at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from kindvoice.errors import ScriptError
from kindvoice.languages import nearest_tag
from kindvoice.model import Where
from kindvoice.script.library import Entry, entry_of, find_script, library_paths
from kindvoice.script.load import read_facts, read_source


def usual_title(script: Path) -> str:
    """What a script is called that has no title of its own, as when it is rendered.

    >>> usual_title(Path("a-kind_morning.md"))
    'A kind morning'
    """
    return script.stem.replace("-", " ").replace("_", " ").strip().capitalize()


class Scripts:
    """The library; of a practice each script is read once."""

    def __init__(self, folders: list[Path]) -> None:
        self._folders = folders
        self.facts: Callable[[Path], Mapping[str, Any]] = cache(read_facts)
        self.audiences: Callable[[Path], frozenset[str]] = cache(lambda script: read_source(script).audiences)
        self._of_practice = cache(self._entries)

    def practice(self, name: str, language: str | None, where: Where) -> Path | None:
        """A practice in a language (None: English, else whatever there is). None: not in this language.

        Raises ScriptError for a practice that is in no language.
        """
        try:
            there = self._of_practice(name)
            if not there:
                return find_script(name, language, self._folders)
        except ScriptError as error:
            raise error.told_as(ScriptError, where=error.where or where) from None
        near = nearest_tag(language or "en", [entry.language for entry in there])
        otherwise = there[0].path if language is None else None
        return next((entry.path for entry in there if entry.language == near), otherwise)

    def _entries(self, name: str) -> list[Entry]:
        paths = sorted(library_paths(self._folders).items())
        return [entry_of(*key, path) for key, path in paths if key[1] == name]
