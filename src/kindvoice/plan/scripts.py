"""The scripts that a plan's tracks are read from; each is looked at once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from functools import cache, cached_property
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
        self.facts: Callable[[Path], Mapping[str, Any]] = cache(read_facts)
        self._in_language = cache(self._find)

    def practice(self, name: str, language: str | None, where: Where) -> Path | None:
        """A practice in a language (None: English, else whatever there is). None: not in this language.

        Raises ScriptError for a practice that is in no language.
        """
        try:
            return self._in_language(name, language)
        except ScriptError as error:
            raise error.told_as(ScriptError, where=error.where or where) from None

    def _find(self, name: str, language: str | None) -> Path | None:
        there = self._library.get(name, [])
        if there and language is not None:
            near = nearest_tag(language, [entry.language for entry in there])
            return next((entry.path for entry in there if entry.language == near), None)
        anywhere = find_script(name, None, self._folders)
        if language is None:
            return anywhere
        with contextlib.suppress(ScriptError):
            return find_script(name, language, self._folders)
        return None

    @cached_property
    def _library(self) -> Mapping[str, list[Entry]]:
        library: dict[str, list[Entry]] = {}
        try:
            for entry in entries(self._folders):
                library.setdefault(entry.path.stem, []).append(entry)
        except KindvoiceError:
            return {}  # one broken script is not in the way of others: each is looked for alone
        return library
