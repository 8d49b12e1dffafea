"""Scripts as YAML: the same shapes as in JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kindvoice.errors import ScriptError
from kindvoice.model import Where
from kindvoice.script.imports.base import ReadLine, TextFormat
from kindvoice.script.imports.jsonscript import data_lines
from kindvoice.script.yamltext import read_yaml

_STEP = re.compile(
    r"^ {0,8}- +(?:\"?(?:text|type|speech|say|line|content|narration|pause|title|name)\"? ?:)", re.MULTILINE
)
"""a step of a list"""


def _lines(text: str, where: Where) -> Iterable[ReadLine]:
    return data_lines(read_yaml(text, where.path, "this"), where)


def _begins(text: str) -> bool:
    if not _STEP.search(text):
        return False
    try:
        return isinstance(read_yaml(text, "", "this"), (list, dict))
    except ScriptError:
        return False


FORMAT = TextFormat(begins=_begins, lines=_lines)
