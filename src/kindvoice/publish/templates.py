"""Pages of HTML from templates, in which nobody's words can become markup, and the pages' own texts by language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kindvoice.languages import primary
from kindvoice.units import short_clock

_NOT_HTML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def html_templates(*folders: Path) -> Environment:
    """Templates from these folders, the first that has a name: everything is escaped, a name that is not
    there is an error, and `clock` shows milliseconds as a player does."""
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    environment.filters["clock"] = short_clock
    return environment


@cache
def texts_for(folder: Path, language: str) -> Mapping[str, Any]:
    """A folder's texts by name, from its file of this language; from the English one where there is none.

    language: BCP 47. The text `language`, unless the file has one of its own, is the tag of these texts: with its
    region (pt-BR), or `en`. `{n}` and the like are filled in by whoever shows them.
    """
    known = primary(language) in languages_of(folder)
    path = folder / f"{primary(language) if known else 'en'}.toml"
    texts = tomllib.loads(path.read_text(encoding="utf-8"))
    return MappingProxyType({"language": language if known else "en", **texts})


@cache
def languages_of(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


def _shown(value: object) -> object:
    """Without what HTML cannot hold: control characters, noncharacters, halves of a surrogate pair."""
    return _NOT_HTML.sub("\ufffd", value) if type(value) is str else value
