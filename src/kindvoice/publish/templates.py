"""Pages of HTML from templates: one set-up, in which nobody's words can become markup."""

from __future__ import annotations

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kindvoice.units import short_clock

_NOT_HTML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def html_templates(*folders: Path) -> Environment:
    """Templates from these folders, the first that has a name: everything is escaped, a name that is not
    there is an error, and `clock` shows milliseconds as a player does."""
    made = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    made.filters["clock"] = short_clock
    return made


def _shown(value: object) -> object:
    """Without what HTML cannot hold: control characters, noncharacters, halves of a surrogate pair."""
    return _NOT_HTML.sub("\ufffd", value) if type(value) is str else value
