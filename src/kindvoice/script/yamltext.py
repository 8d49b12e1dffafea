"""YAML as people write it: without its traps, and with the line of everything."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any

import yaml

from kindvoice.errors import ScriptError, as_own
from kindvoice.model import Where

MAX_CHARACTERS = 200_000
MOST_NESTED = 50


class Table(dict[Any, Any]):
    """A YAML mapping. `lines` has the author's line of every key."""

    lines: dict[object, int]


class Items(list[Any]):
    """A YAML sequence. `lines` has the author's line of every item."""

    lines: list[int]


class _Values(yaml.constructor.SafeConstructor, yaml.resolver.Resolver):  # type: ignore[misc, unused-ignore]
    """`no` is a word (and a language), 20:00 is not the number 1200, 08 is no broken octal; no tags, and a name is
    given once."""

    first_line = 1

    def table(self, node: yaml.MappingNode) -> Table:
        table = Table()
        table.lines = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            mark = key_node.start_mark
            if isinstance(key, (Table, Items)):
                raise yaml.MarkedYAMLError(problem="a name is a word", problem_mark=mark)
            if key in table:
                raise yaml.MarkedYAMLError(problem=f"{key!r} is given twice", problem_mark=mark)
            table.lines[key] = self.first_line + mark.line
            table[key] = self.construct_object(value_node, deep=True)
        return table

    def items(self, node: yaml.SequenceNode) -> Items:
        items = Items(self.construct_object(item, deep=True) for item in node.value)
        items.lines = [self.first_line + item.start_mark.line for item in node.value]
        return items

    def number(self, node: yaml.ScalarNode) -> int:
        return int(node.value)


_Values.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tTfF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]{0,14})$", "-+0123456789"),
    ("float", r"^[-+]?[0-9]{1,15}\.[0-9]{1,15}$", "-+0123456789"),
    ("null", r"^(?:~|null|)$", ["~", "n", "N", ""]),
):
    _Values.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(_pattern, re.IGNORECASE), list(_first)
    )

_Values.yaml_constructors = {
    "tag:yaml.org,2002:null": _Values.construct_yaml_null,
    "tag:yaml.org,2002:bool": _Values.construct_yaml_bool,
    "tag:yaml.org,2002:int": _Values.number,
    "tag:yaml.org,2002:float": _Values.construct_yaml_float,
    "tag:yaml.org,2002:str": _Values.construct_scalar,
    "tag:yaml.org,2002:map": _Values.table,
    "tag:yaml.org,2002:seq": _Values.items,
    None: _Values.construct_undefined,
}


class _Loader(_Values, yaml.SafeLoader):  # type: ignore[misc, unused-ignore]
    """Without aliases, and for any depth."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        # An alias in an alias in an alias is a few lines that fill the memory.
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise yaml.MarkedYAMLError(problem="a value cannot refer to another with *", problem_mark=mark)
        return super().compose_node(parent, index)

    def fetch_flow_collection_start(self, kind: Any) -> None:
        # PyYAML looks at every open bracket again for each further one.
        if self.flow_level >= MOST_NESTED:
            raise RecursionError
        super().fetch_flow_collection_start(kind)  # type: ignore[no-untyped-call, unused-ignore]


class _QuickLoader(_Values, getattr(yaml, "CSafeLoader", object)):  # type: ignore[misc]
    """libyaml's, where PyYAML has it: ten times as quick, but it has no bounds and says less of what is wrong."""


def _is_simple(text: str) -> bool:
    """Whether nothing is an alias, nested deeply (in a block, each level takes a column), or read otherwise by
    libyaml."""
    return text.count("[") + text.count("{") <= MOST_NESTED and not _NOT_SIMPLE.search(text)


_NOT_SIMPLE = re.compile(rf"[&!?\t\ufeff]|[\s:-]{{{2 * MOST_NESTED}}}")


def read_yaml(text: str, path: str, what: str, first_line: int = 1) -> Any:
    """Cleaned YAML text to None, text, numbers, bool, Table and Items.

    what: what the text is, for the message; first_line: the author's line of its first line.
    Raises ScriptError with file, line and cure.
    """
    if len(text) > MAX_CHARACTERS:
        raise ScriptError(f"{what} is too long", where=Where(path=path, line=first_line))
    straight = _QUOTED.sub(_straight, text)
    if yaml.__with_libyaml__ and _is_simple(straight):
        with suppress(yaml.YAMLError, ValueError, RecursionError):
            return _data(_QuickLoader(straight), first_line)
    try:
        return _data(_Loader(straight), first_line)
    except RecursionError:
        raise ScriptError(f"{what} is nested too deeply", where=Where(path=path, line=first_line)) from None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        line = text.split("\n")[mark.line] if mark and mark.line <= text.count("\n") else ""
        raise ScriptError(
            f"{what} is not YAML: {as_own(problem)}",
            where=Where(path=path, line=first_line + (mark.line if mark else 0)),
            cure=_cure(problem, line),
        ) from None


def _data(loader: Any, first_line: int) -> Any:
    loader.first_line = first_line
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


_QUOTED = re.compile(
    r"(?m)(?:(?<=[\[,{] )|(?<=[\[,{])|(?<=[:-] )|^ *)(?:“[^“”\n]*”|„[^„“”\n]*[“”]|«[^«»\n]*»)(?= *(?:[,\]}]|$))"
)
"""a whole text in the quotes that a word processor puts"""


def _straight(match: re.Match[str]) -> str:
    inner = match[0].strip()[1:-1].strip("\u00a0\u202f")
    space = match[0][: len(match[0]) - len(match[0].lstrip())]
    return f"{space}{json.dumps(inner, ensure_ascii=False)}"


def _cure(problem: str, line: str) -> str:
    if "twice" in problem:
        return "keep one of the two"
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "use spaces in place of the tab at the beginning of the line"
    return 'a text with a colon, a quote, a * or a & in it wants "quotes" around it'
