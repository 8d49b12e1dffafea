"""The YAML above a script: what it may say, and where it ends."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from kindvoice.errors import Faults, ScriptError, did_you_mean, nearest
from kindvoice.languages import tag_of_language
from kindvoice.model import Glue, Style, Unspoken, Where
from kindvoice.script.duration import parse_duration
from kindvoice.script.tags import read_tags
from kindvoice.script.yamltext import Table, read_yaml


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What stood above the body, checked."""

    values: dict[str, Any]
    """the keys of `FIELDS` that were given"""
    body: str
    """the text below, with empty lines in place of the front matter so that line numbers stay"""
    lines: dict[str, int]
    """the author's line of every key"""
    faults: Faults = field(default_factory=Faults)
    """what is wrong in it; `values` has the rest"""
    unspoken: tuple[Unspoken, ...] = ()
    """what other programs read there"""


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
    """A BCP 47 tag in its usual case: `pt_br` becomes `pt-BR`, and `German` is `de`. Raises ValueError."""
    text = tag_of_language(_text(value)) or _text(value).replace("_", "-")
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?(-[A-Za-z0-9]{5,8})*", text):
        raise ValueError(f"{text!r} is not a language; write en, de or pt-BR")
    first, *rest = text.split("-")
    usual = [part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part for part in rest]
    return "-".join([first.lower(), *usual])


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise ValueError("wants a table of names and values")
    return value


RESERVED = frozenset({"minutes", "phrases", "language", "title", "practice", "gentle", "audience"})
"""Names that a script gets from kindvoice itself."""


def _values(value: object) -> Mapping[str, object]:
    """`values: {place: garden}`: names that the template may use."""
    for name in (table := _mapping(value)):
        if not name.isidentifier():
            raise ValueError(f"{name!r} is no name that a template can use; write letters, digits and _")
        if name in RESERVED:
            raise ValueError(f"{name!r} comes from kindvoice itself; choose another name")
    return table


def _ms(value: object) -> int:
    ms = parse_duration(str(value), bare_unit="s")
    if ms is None or ms > 3_600_000:
        raise ValueError(f"{value!r} is not a length of time that can be used; write 2s or 800ms")
    return ms


def _scaled(glue: Glue, natural_ms: int) -> Glue:
    """Glue of another natural length that gives by the same ratios."""
    least, most = (round(end * natural_ms / glue.natural_ms) for end in (glue.min_ms, glue.max_ms))
    return Glue(natural_ms=natural_ms, min_ms=min(least, natural_ms), max_ms=max(most, natural_ms))


def scale(name: str, value: object) -> float:
    """How far an explicit pause may `shrink` or `stretch`. Raises ValueError."""
    low, high = (0, 1) if name == "shrink" else (1, 10)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise ValueError(f"{name} is a number from {low} to {high}, not {value!r}")
    return float(value)


def _style(value: object) -> Style:
    """`style: {sentence: 1s, paragraph: 3s, long: 20s, stretch: 3}` over the defaults."""
    values: dict[str, Any] = {}
    for name, setting in _mapping(value).items():
        if name in {"sentence", "paragraph", "chapter"}:
            values[name] = _scaled(getattr(Style(), name), _ms(setting))
        elif name in {"short", "medium", "long"}:
            values[f"{name}_ms"] = _ms(setting)
        elif name in {"shrink", "stretch"}:
            values[name] = scale(name, setting)
        else:
            known = [f.name.removesuffix("_ms") for f in fields(Style)]
            cure = did_you_mean(name, known)
            raise ValueError(f"has no {name!r}; {cure}")
    return Style(**values)


def parse_range(value: object) -> tuple[int, int]:
    """The shortest and the longest that a script is written for, in ms: `5m to 45m`. Raises ValueError.

    >>> parse_range("5m to 45m")
    (300000, 2700000)
    """
    ends = re.split(r"\bto\b|–|-", str(value))
    if len(ends) != 2:
        raise ValueError(f"{value!r} is no range; write 5m to 45m")
    low, high = map(parse_length, ends)
    if low > high:
        raise ValueError(f"{value!r} runs backwards; write the shorter length first")
    return low, high


AUDIENCES = ("everyone", "carers", "teenagers", "older", "pain", "health-workers", "parents", "imageless")
"""for whom a script may have words of their own: people who care for others, the young, the old, those in pain, nurses
and doctors, mothers and fathers, those who see no inner pictures"""
TRAUMA_SENSITIVE = "trauma-sensitive"
"""can be asked for as an audience is, and is the gentle reading; it goes with any of them"""


def parse_audience(value: object) -> str:
    """One of AUDIENCES, or TRAUMA_SENSITIVE. Raises ValueError, naming the nearest."""
    text = "-".join(_text(value).casefold().split())
    known = (*AUDIENCES, TRAUMA_SENSITIVE)
    if text in known:
        return text
    several = [part for part in re.split(r"[-,;+/&]+", text) if part in known]
    if len(several) > 1:
        raise ValueError(
            f"a recording is for one audience, not for {' and '.join(several)}: make one for each"
        )
    hint = nearest(text, known)
    raise ValueError(
        f"{text!r} is no audience; " + (f"did you mean {hint}?" if hint else f"known: {', '.join(known)}")
    )


def _audiences(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(f"wants a list, such as [{', '.join(AUDIENCES[1:3])}]")
    return tuple(name for name in map(parse_audience, value) if name != TRAUMA_SENSITIVE)


def _accepted(value: object) -> Mapping[str, str]:
    """`accept: {long-silence: "a writing practice"}`: a rule's name and why it does not count here."""
    for name, reason in (table := _mapping(value)).items():
        if not isinstance(reason, str) or len(reason.split()) < 2:
            raise ValueError(f"{name}: say why, in some words")
    return {str(name): str(reason) for name, reason in table.items()}


SILENCES = ("writing", "sitting")


def _silence(value: object) -> str:
    """`silence: writing`: what a script is silent for, where that is most of its time."""
    text = _text(value).casefold()
    if text not in SILENCES:
        raise ValueError(f"{text!r} is nothing to be silent for; known: {', '.join(SILENCES)}")
    return text


def _words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError("wants a list, such as [breath, belly]")
    return tuple(map(_text, value))


def _tags(value: object) -> Mapping[str, str | int]:
    """`tags: {album: Eight Weeks, track: 3/8}`"""
    return read_tags(_mapping(value))


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
    "values": _values,
    "style": _style,
    "about": _text,
    "range": parse_range,
    "audiences": _audiences,
    "register": _text,
    "follows": _text,
    "licence": _text,
    "credit": _text,
    "tags": _tags,
    "accept": _accepted,
    "silence": _silence,
    "core": _words,
}

_ABOVE = re.compile(
    r"\A(?:[ \t]*\n)*---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_OPENED = re.compile(r"\A(?:[ \t]*\n)*---[ \t]*\n(?:[ \t]*(?:#.*)?\n)*[ \t]*[A-Za-z_]+[ \t]*:")


def split(text: str, path: str) -> FrontMatter:
    """Cleaned text to checked front matter and body. A text without front matter is all body."""
    faults = Faults()
    above = _ABOVE.match(text)
    if above is None:
        if opened := _OPENED.match(text):
            line = opened.group()[: opened.group().index("---")].count("\n") + 1
            where = Where(path=path, line=line)
            faults.add(
                ScriptError("the front matter is not closed", where=where, cure="end it with a line of ---")
            )
        return FrontMatter({}, text, {}, faults)
    first_line = text[: above.start(1)].count("\n") + 1
    body = "\n" * above.group().count("\n") + text[above.end() :]
    data = None
    with faults.catch():
        data = _read(above.group(1), path, first_line)
        if data is not None and not isinstance(data, Table):
            raise ScriptError(
                "the front matter is not a table of names and values", where=Where(path=path, line=first_line),
                cure="write lines such as `title: Loving-Kindness`; a rule at the top of a file is written ***",
            )  # fmt: skip
    if not isinstance(data, Table):
        return FrontMatter({}, body, {}, faults)
    values: dict[str, Any] = {}
    unspoken: list[Unspoken] = []
    for key, value in data.items():
        where = Where(path=path, line=data.lines[key])
        with faults.catch():
            if key not in FIELDS and (hint := nearest(str(key), FIELDS)) and str(key) not in _FOREIGN:
                cure = f"did you mean `{hint}:`?"
                raise ScriptError(f"the front matter has no {key!r}", where=where, cure=cure)
            if key not in FIELDS or (key == "tags" and not isinstance(value, Mapping)):
                reason = "another program's front matter (values of your own go below `values:`)"
                unspoken.append(Unspoken(text=f"{key}: {_shown(value)}", reason=reason, where=where))
            elif value is not None:  # `voice:` with nothing after it says nothing
                try:
                    values[key] = FIELDS[key](value)
                except ValueError as error:
                    raise ScriptError(f"`{key}` in the front matter: {error}", where=where) from None
    lines = {str(key): line for key, line in data.lines.items()}
    return FrontMatter(values, body, lines, faults, tuple(unspoken))


_FOREIGN = frozenset(
    {"date", "layout", "slug", "image", "draft", "lang", "name", "type", "description", "tag"}
)
"""what other programs have in their front matter, though it looks like a slip of ours"""
_KEY = re.compile(r"(\w[\w-]{0,60}):(?=[ \t])")


def _read(text: str, path: str, first_line: int) -> Any:
    """YAML, in which `title: Foo: Bar` may stand without quotes."""
    try:
        return read_yaml(text, path, "the front matter", first_line)
    except ScriptError:
        mended = "\n".join(map(_quoted, text.split("\n")))
        if mended == text:
            raise
        return read_yaml(mended, path, "the front matter", first_line)


def _quoted(line: str) -> str:
    key = _KEY.match(line)
    value = line[key.end() :].strip() if key else ""
    if key is None or value[:1] in set("\"'[{|>&*!%@") or not re.search(r"\S:[ \t]", value):
        return line
    return f"{key[0]} {json.dumps(value, ensure_ascii=False)}"


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
