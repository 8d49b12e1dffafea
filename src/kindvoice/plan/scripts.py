"""The scripts that a plan's tracks are read from; each is looked at once."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kindvoice.errors import KindvoiceError, ScriptError
from kindvoice.languages import nearest_tag
from kindvoice.model import Where
from kindvoice.script.library import Entry, entries, find_script
from kindvoice.script.load import read_facts


def usual_title(script: Path) -> str:
    """What a script is called that has no title of its own, as when it is rendered.

    >>> usual_title(Path("a-kind_morning.md"))
    'A kind morning'
    """
    return script.stem.replace("-", " ").replace("_", " ").strip().capitalize()


class Scripts:
    """The library, read once."""

    def __init__(self, folders: list[Path]) -> None:
        self._folders = folders
        self._facts: dict[Path, Mapping[str, Any]] = {}
        self._known: dict[str, list[Entry]] | None = None
        self._found: dict[tuple[str, str | None], Path | None] = {}

    def facts(self, path: Path) -> Mapping[str, Any]:
        if path not in self._facts:
            self._facts[path] = read_facts(path)
        return self._facts[path]

    def practice(self, name: str, language: str | None, where: Where) -> Path | None:
        """A practice in a language (None: English, else whatever there is). None: not in this language.

        Raises ScriptError for a practice that is in no language.
        """
        key = (name, language)
        if key not in self._found:
            self._found[key] = self._find(name, language, where)
        return self._found[key]

    def _find(self, name: str, language: str | None, where: Where) -> Path | None:
        there = self._library().get(name, [])
        if there and language is not None:
            near = nearest_tag(language, [entry.language for entry in there])
            return next((entry.path for entry in there if entry.language == near), None)
        try:
            anywhere = find_script(name, None, self._folders)
        except ScriptError as error:
            raise error.told_as(ScriptError, where=error.where or where) from None
        if language is None:
            return anywhere
        with contextlib.suppress(ScriptError):
            return find_script(name, language, self._folders)
        return None

    def _library(self) -> Mapping[str, list[Entry]]:
        if self._known is None:
            self._known = {}
            try:
                for entry in entries(self._folders):
                    self._known.setdefault(entry.path.stem, []).append(entry)
            except KindvoiceError:
                self._known = {}  # one broken script is not in the way of others: each is looked for alone
        return self._known
