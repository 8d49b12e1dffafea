"""What a file in SSML says of itself: its language, its title, and what a script's front matter would say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from kindvoice.model import Glue, Hold, Pause, Script, Style
from kindvoice.script.duration import parse_duration
from kindvoice.script.frontmatter import FIELDS, parse_language, scale
from kindvoice.script.ssml.parser import Element
from kindvoice.units import format_ms

_META = ("title", "author")
"""also for other readers"""
_TEXTS = tuple(
    f.name for f in fields(Script)
    if f.type in {"str", "str | None"} and f.name in FIELDS and f.name not in {*_META, "language"}
)  # fmt: skip
"""practice, voice, bed and whatever else a script says in words"""
_GAPS = ("sentence", "paragraph", "chapter")
_VERSIONS = {"1.0", "1.1"}


class Facts:
    """Collects them while the file is read."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        """by the names of a script's front matter"""
        self.language = "en"
        self.base = ""

    @property
    def style(self) -> Style:
        style = self.values.get("style", Style())
        assert isinstance(style, Style)
        return style

    def speak(self, element: Element) -> None:
        """The outermost element. Raises ValueError with what is wrong and the cure."""
        version = element.attributes.get("version", "1.1").strip()
        if version not in _VERSIONS:
            raise ValueError(f"version={version!r} is not known", 'write version="1.1"')
        self.base = element.attributes.get("xml:base", "").strip()
        if language := element.attributes.get("xml:lang", "").strip():
            try:
                self.language = self.values["language"] = parse_language(language)
            except ValueError as error:
                raise ValueError(str(error), 'such as xml:lang="en"') from None

    def meta(self, element: Element) -> None:
        """`<meta name="title" content="...">`; what else it may say is for others."""
        name, content = element.attributes.get("name", ""), element.attributes.get("content", "")
        if name in _META and content.strip():
            self.values[name] = " ".join(content.split())

    def take(self, element: Element) -> None:
        """An element below <metadata>; what is not ours is not ours to understand. Raises ValueError."""
        if element.name == "kv:style":
            self.values["style"] = _read_style(element.attributes)
        elif element.name == "kv:tag":
            self.values.setdefault("tags", {}).update(FIELDS["tags"](dict(element.attributes)))
        elif element.name == "kv:script":
            for name, value in element.attributes.items():
                if name not in (*_TEXTS, "length"):
                    raise ValueError(f"{name} is not known here")
                self.values[name] = FIELDS[name](value)


def _read_style(attributes: Mapping[str, str]) -> Style:
    known = {f.name.removesuffix("_ms"): f.name for f in fields(Style)}
    values: dict[str, Any] = {}
    for name, value in attributes.items():
        if name not in known:
            raise ValueError(f"{name} is not known here")
        if name in _GAPS:
            lengths = [_ms(part) for part in value.split()]
            if len(lengths) != 3 or not lengths[1] <= lengths[0] <= lengths[2]:
                raise ValueError(f"{name}={value!r} wants a length, its shortest and its longest")
            values[name] = Glue(natural_ms=lengths[0], min_ms=lengths[1], max_ms=lengths[2])
        elif name in {"shrink", "stretch"}:
            values[name] = scale(name, float(value))
        else:
            values[known[name]] = _ms(value)
    return Style(**values)


def _ms(text: str) -> int:
    ms = parse_duration(text)
    if ms is None or ms > 24 * 3_600_000:
        raise ValueError(f"{text!r} is not a length of time that can be used")
    return ms


# ---------------------------------------------------------------- and back


def head_elements(script: Script) -> Iterator[tuple[str, dict[str, str]]]:
    """(element, attributes) of everything that a script says of itself, for the head of the file."""
    for name in _META:
        if value := getattr(script, name):
            yield "meta", {"name": name, "content": value}
    values = {name: str(value) for name in _TEXTS if (value := getattr(script, name))}
    if script.length_ms is not None:
        values["length"] = format_ms(script.length_ms)
    yield "kv:script", values
    if script.style != Style():
        yield "kv:style", _written_style(script.style)
    tags = dict(script.tags)
    for name, value in tags.items():
        if name not in {"tracks", "discs"}:
            of = tags.get(f"{name}s") if name in {"track", "disc"} else None
            yield "kv:tag", {name: str(value) if of is None else f"{value}/{of}"}


def _written_style(style: Style) -> dict[str, str]:
    usual = Style()
    values: dict[str, str] = {}
    for one in fields(Style):
        value = getattr(style, one.name)
        if value == getattr(usual, one.name):
            continue
        if isinstance(value, Glue):
            text = " ".join(format_ms(ms) for ms in (value.natural_ms, value.min_ms, value.max_ms))
        else:
            text = repr(value) if isinstance(value, float) else format_ms(value)
        values[one.name.removesuffix("_ms")] = text
    return values


def pause_ms(cue: Pause | Hold, style: Style) -> int:
    """How long a silence is before it gives."""
    return cue.ms if isinstance(cue, Hold) else cue.length_ms(style)
