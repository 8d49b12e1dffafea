"""Kinds of options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from kindvoice.script.frontmatter import parse_audience, parse_language, parse_length


class _Checked(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.3 on
    """An option's text through one of our own readers, which says what is wrong."""

    def __init__(self, name: str, read: Callable[[object], object]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return self._read(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(str(error), param, ctx)


LENGTH = _Checked("length", parse_length)
AUDIENCE = _Checked("audience", parse_audience)
LANGUAGE = _Checked("language", parse_language)
