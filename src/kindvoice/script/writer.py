"""A script as its author might have typed it, so that reading it gives the same cues again."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields
from pathlib import Path
from typing import Any

from kindvoice.errors import KindvoiceError
from kindvoice.model import Chapter, Cue, Glue, ParagraphBreak, Script, Spans, Style, Words
from kindvoice.script.cues import format_cue
from kindvoice.script.sentences import split_sentences
from kindvoice.script.ssml.facts import head_elements
from kindvoice.units import format_ms

_Care = Callable[[str, Spans], str]
"""Words as they are written: their text, and where blanks stand in it."""
_SIGNS = re.compile(r"([\[\]<>()#*_+\\`~|&=!/{}%•·–—…-])")
_NUMBER = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
_MOST_TRIES = 3
_BEGINNING = 20
"""characters by which a line is known"""
_MOST_CHECKED = 2_000
"""sentences that are looked at one by one"""
_FACTS = ("language", "voice", "bed", "preset", "author", "about", "licence", "credit")


def write_script(script: Script, reads: Callable[[str], Script]) -> tuple[str, bool]:
    """The text, and whether it is surely the same script. Signs are escaped only where they would mean something.

    reads: reads a text as the script was read; may raise KindvoiceError. What is marked as a participant's own in the
    script are blanks and template tags, written as they are.
    """
    front, text = _front(script), ""

    def read(text: str) -> Script | None:
        try:
            return reads(text)
        except KindvoiceError:
            return None

    few = sum(isinstance(cue, Words) for cue in script.cues) <= _MOST_CHECKED
    checked = [(_checked(read, script.language), False)] if few else []
    for care, joined in ((_plain, False), *checked, (_escaped, False), (_escaped, True)):
        silent: set[str] = set()
        for _ in range(_MOST_TRIES):
            text = front + _body(script.cues, _spoken(care, silent), ends=care is not _plain, joined=joined)
            again = read(text)
            if again is not None and _same(again.cues, script.cues) and again.style == script.style:
                return text, True
            lost = _silent(again, script) if again else set()
            if lost <= silent:
                break
            silent |= lost
    return text, False


def _silent(again: Script, script: Script) -> set[str]:
    """Lines that are not spoken when the text is read, by their beginnings."""
    titles = {cue.title for cue in script.cues if isinstance(cue, Chapter)}
    lines = [left.text for left in again.unspoken]
    lines += [cue.title for cue in again.cues if isinstance(cue, Chapter) and cue.title not in titles]
    return {line[:_BEGINNING] for line in lines}


def _spoken(care: _Care, silent: AbstractSet[str]) -> _Care:
    """With a backslash before lines that would be silent."""

    def spoken(text: str, own: Spans) -> str:
        return ("\\" if text[:_BEGINNING] in silent and text[0].isalnum() else "") + care(text, own)

    return spoken


def _same(cues: Iterable[Cue], others: Iterable[Cue]) -> bool:
    """Also in what is a blank."""
    pairs = itertools.zip_longest(cues, others)
    return all(a == b and getattr(a, "own", ()) == getattr(b, "own", ()) for a, b in pairs)


def _front(script: Script) -> str:
    import yaml

    values: dict[str, Any] = {"title": script.title}
    if script.practice not in {"", Path(script.path).stem}:
        values["practice"] = script.practice
    values |= {name: value for name in _FACTS if (value := getattr(script, name))}
    if script.length_ms is not None:
        values["length"] = format_ms(script.length_ms)
    if style := _style(script.style):
        values["style"] = style
    tags = {
        name: value
        for element, facts in head_elements(script)
        if element == "kv:tag"
        for name, value in facts.items()
    }
    values |= {"tags": tags} if tags else {}
    return f"---\n{yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=100_000)}---\n\n"


def _style(style: Style) -> dict[str, object]:
    """What of it is not as usual."""
    changed = {f.name.removesuffix("_ms"): (f.name, getattr(style, f.name)) for f in fields(Style)}
    return {
        name: format_ms(value.natural_ms)
        if isinstance(value, Glue)
        else value
        if isinstance(value, float)
        else format_ms(value)
        for name, (field, value) in changed.items()
        if value != getattr(Style(), field)
    }


_END = "</s>"
"""the end of a sentence, whatever its words look like"""


def _body(cues: Sequence[Cue], care: _Care, *, ends: bool, joined: bool) -> str:
    """ends: whether a sentence says that it ends, where the next one might belong to it. joined: whether a paragraph is
    one line: at the head of a line some words are labels."""
    lines: list[str] = []
    line = ""
    for cue, after in itertools.zip_longest(cues, cues[1:]):
        if line and isinstance(
            cue, (ParagraphBreak, Chapter) if joined else (Words, ParagraphBreak, Chapter)
        ):
            lines.append(line)
            line = ""
        match cue:
            case Words(text=text, own=own):
                line = f"{line} {care(text, own)}".lstrip()
                if ends and isinstance(after, Words):
                    parted = split_sentences(f"{text} {after.text}") == [text, after.text]
                    line += "" if parted else _END
            case ParagraphBreak():
                lines.append("")
            case Chapter(title=title, own=own):
                lines += [f"# {care(title, own)}", ""]
            case _:
                line = f"{line} {format_cue(cue)}".lstrip()
    text = "\n".join([*lines, line])
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def _plain(text: str, own: Spans) -> str:
    return text


def _escaped(text: str, own: Spans) -> str:
    parts, position = [], 0
    for start, stop in own:
        parts += [_SIGNS.sub(r"\\\1", text[position:start]), text[start:stop]]
        position = stop
    parts.append(_SIGNS.sub(r"\\\1", text[position:]))
    return _NUMBER.sub(r"\1\\\2", "".join(parts))


def _checked(read: Callable[[str], Script | None], language: str) -> _Care:
    """Escapes those words alone that would not be read as they are, by themselves and below others."""
    head = f"---\nlanguage: {language}\n---\n\n"
    dot = Words(text="A.")

    def care(text: str, own: Spans) -> str:
        words = Words(text=text, own=own)
        for before, expected in (("", [words]), (f"A.{_END}\n", [dot, words])):
            again = read(f"{head}{before}{text}{_END}\n")
            if again is None or not _same(again.cues, expected):
                return _escaped(text, own)
        return text

    return care
