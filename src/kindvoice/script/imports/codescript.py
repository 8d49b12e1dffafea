"""Scripts in the source of a program: lists, tables and long texts of TypeScript, JavaScript and Python.

Nothing is run. A value that is no plain text, number, list or table says nothing; all other lines are named as code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from kindvoice.errors import ScriptError
from kindvoice.languages import count_words
from kindvoice.model import Where
from kindvoice.script.imports.base import ReadLine, TextFormat, too_long
from kindvoice.script.imports.jsonscript import data_lines

_LEAST_WORDS = 4
"""of a text that may be a line to speak, and none of a program's names"""
_MAX_DEPTH = 30
_LONGEST = 300_000
"""characters"""
_MOST_READ = 20
"""times that a text is gone through, at most, looking for values"""
_BEGINS = re.compile(
    r"\s*(?:(?:/\*[^*]*\*+/|(?://|#)[^\n]*(?:\n|$)|\"\"\"[^\"]*\"\"\"|['\"]use \w+['\"];?)\s*)*"
    r"(?:import\s[^\n]*['\";]|from\s+[\w.]+\s+import\s|export\s+(?:default|const|type|interface|enum|function)\b"
    r"|(?:const|let|var)\s+\w+[^\n=]{0,60}=|module\.exports\b"
    r"|[A-Za-z_]\w*(?::\s*[\w\[\], ]{1,60})?\s*=\s*(?:[\[({`]|\"\"\"))"
)
_VALUE = re.compile(r"(?:(?<![=!<>])=(?!=|>)|\breturn\b|\bexport\s+default\b)\s*(?=[\[{(`'\"]|[rf]?\"\"\")")
_SPACE = re.compile(r"(?:\s+|//[^\n]*|#[^\n]*|/\*.{0,300}?\*/)*", re.DOTALL)
_STRING = re.compile(
    r"[rfub]{0,2}(?:\"\"\"(?P<long>(?:[^\"\\]|\\.|\"(?!\"\"))*+)\"\"\"|'''(?P<long2>(?:[^'\\]|\\.|'(?!''))*+)'''"
    r"|`(?P<template>(?:[^`\\]|\\.)*+)`|\"(?P<double>(?:[^\"\\\n]|\\.)*+)\"|'(?P<single>(?:[^'\\\n]|\\.)*+)')",
    re.DOTALL,
)
_NUMBER = re.compile(r"-?\d[\d_]*(?:\.\d+)?(?![\w.])")
_NAME = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*")
_KEY = re.compile(r"[A-Za-z_$][\w$-]*")
_ESCAPE = re.compile(r"\\(?:u\{?([0-9a-fA-F]{4,6})\}?|x([0-9a-fA-F]{2})|(\r?\n)|(.))", re.DOTALL)
_PLACE = re.compile(r"\$\{\s*(?:[\w$]+\??\.)*([A-Za-z_]\w*)[^{}]{0,60}\}")
_NAMED = {
    "true": True,
    "True": True,
    "false": False,
    "False": False,
    "null": None,
    "None": None,
    "undefined": None,
}
_LETTERS = {"n": "\n", "t": " ", "r": ""}


class _Other(Exception):
    """It is no value that can be read."""


def _lines(text: str, where: Where) -> Iterable[ReadLine]:
    if len(text) > _LONGEST:
        raise too_long(where)
    values = list(_values(text))
    if not values:
        cure = "copy the words out of it, or make it JSON"
        raise ScriptError("this code holds no texts of a script that can be read", where=where, cure=cure)
    data = [value for _, _, value in values]
    yield from data_lines(data[0] if len(data) == 1 else data, where)
    number = 1
    for begin, end in zip(
        [0, *(end for _, end, _ in values)], [*(at for at, _, _ in values), len(text)], strict=True
    ):
        number = text.count("\n", 0, begin) + 1
        for offset, line in enumerate(text[begin:end].split("\n")):
            if re.search(r"\w", line):
                yield ReadLine(line.strip(), number + offset, reason="code of a program")


def _values(text: str) -> Iterator[tuple[int, int, Any]]:
    """Where each value with words to speak begins and ends, and the value."""
    reader = _CodeReader(text)
    position = 0
    while match := _VALUE.search(text, position):
        position = match.end()
        try:
            value, end = reader.value(match.end(), 1)
        except _Other:
            continue
        if _speaks(value):
            yield match.end(), end, value
            position = end


def _speaks(value: Any) -> bool:
    if isinstance(value, str):
        return count_words(value) >= _LEAST_WORDS
    if isinstance(value, dict):
        value = list(value.values())
    return isinstance(value, list) and any(map(_speaks, value))


class _CodeReader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._left = _MOST_READ * (len(text) + 1)

    def value(self, at: int, depth: int) -> tuple[Any, int]:
        """What stands here, and where it ends. Raises _Other."""
        text = self._text
        if depth > _MAX_DEPTH or self._left < 0:
            raise _Other
        begin = at = self._space(at)
        if text[at : at + 1] in {"[", "("}:
            value, at = self._list(at, depth)
        elif text[at : at + 1] == "{":
            value, at = self._table(at, depth)
        elif _STRING.match(text, at):
            value, at = self._string(at)
        elif match := _NUMBER.match(text, at):
            value, at = float(match[0].replace("_", "")), match.end()
            value = int(value) if value.is_integer() else value
        elif match := _NAME.match(text, at):
            name, at = match[0].rpartition(".")[2], match.end()
            value = _NAMED.get(match[0], name)
            if text[at : at + 1] == "(":  # a call: pause(5)
                value, at = self._list(at, depth)
                value = {name: value}
        else:
            raise _Other
        self._left -= at - begin
        return value, at

    def _space(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return match.end() if match else at

    def _string(self, at: int) -> tuple[str, int]:
        """Of several with nothing or a plus between them, all."""
        parts = []
        while match := _STRING.match(self._text, at):
            parts.append(_plain(next(part for part in match.groups() if part is not None)))
            after = self._space(match.end())
            after = self._space(after + 1) if self._text[after : after + 1] == "+" else after
            at = match.end()
            if not _STRING.match(self._text, after):
                break
            at = after
        return "\n".join(line.strip() for line in "".join(parts).split("\n")), at

    def _list(self, at: int, depth: int) -> tuple[Any, int]:
        """Also (in brackets) and what Python calls a tuple; one text in brackets is that text."""
        close, items = {"[": "]", "(": ")"}[self._text[at]], []
        single = close == ")"
        at = self._space(at + 1)
        while self._text[at : at + 1] != close:
            value, at = self.value(at, depth + 1)
            items.append(value)
            at, comma = self._rest(at, close)
            single = single and not comma
        return (items[0] if single and len(items) == 1 else items), at + 1

    def _table(self, at: int, depth: int) -> tuple[dict[str, Any], int]:
        table: dict[str, Any] = {}
        at = self._space(at + 1)
        while self._text[at : at + 1] != "}":
            if match := _STRING.match(self._text, at):
                key = _plain(next(part for part in match.groups() if part is not None))
            elif match := _KEY.match(self._text, at):
                key = match[0]
            else:
                raise _Other
            at = self._space(match.end())
            if self._text[at : at + 1] != ":":
                raise _Other
            table[key], at = self.value(at + 1, depth + 1)
            at, _ = self._rest(at, "}")
        return table, at + 1

    def _rest(self, at: int, close: str) -> tuple[int, bool]:
        """Behind what else stands there (as const, * 1000), and behind a comma; whether there was one."""
        depth, begin = 0, at
        while at < len(self._text):
            at = self._space(at)
            sign = self._text[at : at + 1]
            if not depth and sign in {",", close}:
                self._left -= at - begin
                return (self._space(at + 1), True) if sign == "," else (at, False)
            if match := _STRING.match(self._text, at):
                at = match.end()
                continue
            depth += (sign in "([{") - (sign in ")]}") if sign else 0
            if depth < 0:
                raise _Other
            at += 1
        self._left = -1  # nothing closes what is open, so nothing after it can be read
        raise _Other


def _plain(text: str) -> str:
    """Without escapes, and with what is put in by the program as a blank."""

    def letter(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        if code:
            return chr(int(code, 16)) if int(code, 16) < 0x110000 else ""
        return "" if match[3] else _LETTERS.get(match[4], match[4])

    return _PLACE.sub(lambda match: f"[your {match[1]}]", _ESCAPE.sub(letter, text))


def _begins(text: str) -> bool:
    return len(text) <= _LONGEST and _BEGINS.match(text) is not None and any(_values(text))


FORMAT = TextFormat(begins=_begins, lines=_lines)
