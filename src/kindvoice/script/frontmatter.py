"""The YAML above a script: what it may say, and where it ends."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import yaml

from kindvoice.errors import ScriptError, nearest
from kindvoice.model import Glue, Style, Where
from kindvoice.script.duration import parse_duration


class Loader(yaml.SafeLoader):
    """YAML without its traps: `no` is a word (and a language), 20:00 is not the number 1200."""


Loader.yaml_implicit_resolvers = {}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$", re.I), list("tTfF"))
Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+\.[0-9]+$"), list("-+0123456789"))
Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What stood above the body, checked."""

    values: dict[str, Any]
    """the keys of `FIELDS` that were given"""
    body: str
    """the text below, with empty lines in place of the front matter so that line numbers stay"""


def parse_length(value: object) -> int:
    """A whole programme's length in ms: 20m, 12:30, or a bare number of minutes.

    Raises ValueError with what is wrong.
    """
    ms = parse_duration(str(value), bare_unit="m")
    if ms is None:
        raise ValueError(f"{value!r} is not a length; write 20m, 12m30s or 12:30")
    if ms < 1000:
        raise ValueError(f"{value!r} is too short; a programme lasts at least a second")
    if ms > 24 * 3_600_000:
        raise ValueError(f"{value!r} is too long; a programme lasts at most 24 hours")
    return ms


def _text(value: object) -> str:
    if not isinstance(value, (str, int, float)) or isinstance(value, bool) or not str(value).strip():
        raise ValueError("wants a text")
    return " ".join(str(value).split())


def parse_language(value: object) -> str:
    """A BCP 47 tag in its usual case: `pt_br` becomes `pt-BR`. Raises ValueError."""
    text = _text(value).replace("_", "-")
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?(-[A-Za-z0-9]{5,8})*", text):
        raise ValueError(f"{text!r} is not a language; write en, de or pt-BR")
    first, *rest = text.split("-")
    return "-".join([first.lower(), *(p.upper() if len(p) == 2 else p.title() if len(p) == 4 else p for p in rest)])


def _mapping(value: object) -> dict[str, object]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise ValueError("wants a table of names and values")
    return dict(value)


def _ms(value: object) -> int:
    ms = parse_duration(str(value), bare_unit="s")
    if ms is None:
        raise ValueError(f"{value!r} is not a length of time; write 2s or 800ms")
    return ms


def _style(value: object) -> Style:
    """`style: {sentence: 1s, paragraph: 3s, long: 20s, stretch: 3}` over the defaults."""
    style = Style()
    for name, setting in _mapping(value).items():
        if name in {"sentence", "paragraph", "chapter"}:
            natural = _ms(setting)
            old: Glue = getattr(style, name)
            scale = natural / old.natural_ms
            glue = Glue(
                natural_ms=natural, min_ms=int(old.min_ms * scale), max_ms=max(natural, round(old.max_ms * scale))
            )
            style = replace(style, **{name: glue})
        elif name in {"short", "medium", "long"}:
            style = replace(style, **{f"{name}_ms": _ms(setting)})
        elif name in {"shrink", "stretch"}:
            number = float(str(setting))
            low, high = (0.0, 1.0) if name == "shrink" else (1.0, 10.0)
            if not low <= number <= high:
                raise ValueError(f"{name} goes from {low:g} to {high:g}")
            style = replace(style, **{name: number})
        else:
            known = [f.name.removesuffix("_ms") for f in fields(Style)]
            hint = nearest(name, known)
            raise ValueError(f"has no {name!r}; " + (f"did you mean {hint!r}?" if hint else f"known: {', '.join(known)}"))
    return style


FIELDS: dict[str, Callable[[object], Any]] = {
    "title": _text,
    "practice": _text,
    "language": parse_language,
    "length": parse_length,
    "voice": _text,
    "bed": _text,
    "preset": _text,
    "author": _text,
    "phrases": lambda value: value,
    "values": _mapping,
    "style": _style,
    "about": _text,
}

_ABOVE = re.compile(r"\A(?:[ \t]*\n)*---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_OPENED = re.compile(r"\A(?:[ \t]*\n)*---[ \t]*\n[ \t]*[A-Za-z_]+:", re.DOTALL)


def split(text: str, path: str) -> FrontMatter:
    """Cleaned text to checked front matter and body. A text without front matter is all body.

    Raises ScriptError with file and line.
    """
    above = _ABOVE.match(text)
    if above is None:
        if _OPENED.match(text):
            raise ScriptError(
                "the front matter is not closed", where=Where(path=path, line=1), cure="end it with a line of ---"
            )
        return FrontMatter({}, text)
    first = text[: above.start(1)].count("\n")
    body = "\n" * above.group().count("\n") + text[above.end() :]
    try:
        data = yaml.load(above.group(1), Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ScriptError(
            f"the front matter is not YAML: {getattr(error, 'problem', None) or error}",
            where=Where(path=path, line=first + (mark.line if mark else 0) + 1),
            cure='a text with a colon or a quote in it wants "quotes" around it',
        ) from None
    if data is None:
        return FrontMatter({}, body)
    if not isinstance(data, Mapping):
        raise ScriptError(
            "the front matter is not a table of names and values", where=Where(path=path, line=first + 1),
            cure="write lines such as `title: Loving-Kindness`",
        )  # fmt: skip
    values: dict[str, Any] = {}
    for key, value in data.items():
        where = Where(path=path, line=first + _line_of(str(key), above.group(1)))
        if key not in FIELDS:
            hint = nearest(str(key), FIELDS)
            raise ScriptError(
                f"the front matter has no {key!r}",
                where=where,
                cure=f"did you mean `{hint}:`?" if hint else "your own values go below `values:`",
            )
        try:
            values[key] = FIELDS[key](value)
        except ValueError as error:
            raise ScriptError(f"`{key}` in the front matter: {error}", where=where) from None
    return FrontMatter(values, body)


def _line_of(key: str, yaml_text: str) -> int:
    found = re.search(rf"^[ \t]*[\"']?{re.escape(key)}[\"']?[ \t]*:", yaml_text, re.MULTILINE)
    return yaml_text[: found.start()].count("\n") + 1 if found else 1
