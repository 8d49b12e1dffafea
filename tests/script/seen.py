"""How the tests look at scripts: written to a file, read, and drawn on one line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from make import read_script

from kindvoice.errors import ScriptError
from kindvoice.model import Chapter, Cue, ParagraphBreak, Script, Words
from kindvoice.script.cues import format_cue
from kindvoice.script.literal import line_mark
from kindvoice.script.parse import ESCAPED, parse


def read(folder: Path, text: str | bytes, name: str = "a.md", **how) -> Script:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_script(path, **how)


def drawn(cues: Sequence[Cue]) -> str:
    """The cues on one line: words in quotes, / for a paragraph, # for a chapter, the others as they are written.

    >>> drawn(parse("# A\\nOne. *[PAUSE:8]* Two.\\n\\nThree", "", "en"))
    "#A 'One.' [pause 8s] 'Two.' / 'Three'"
    """
    out = []
    for cue in cues:
        match cue:
            case Words():
                out.append(f"'{cue.text}'")
            case ParagraphBreak():
                out.append("/")
            case Chapter():
                out.append(f"#{cue.title}")
            case _:
                out.append(format_cue(cue))
    return " ".join(out)


def parsed(text: str, language: str = "en") -> tuple[Cue, ...]:
    """Text without a template to cues; every line is line 1."""
    return parse(line_mark(1) + text, "a.md", language)


def shape(cues: Sequence[Cue]) -> list[object]:
    """The cues without their texts: neighbouring words are one "words"."""
    out: list[object] = []
    for cue in cues:
        if isinstance(cue, Chapter):
            out.append("chapter")
        elif not isinstance(cue, Words):
            out.append(cue)
        elif out[-1:] != ["words"]:
            out.append("words")
    return out


def places(cues: Sequence[Cue]) -> list[tuple[int, str]]:
    """Every cue's line, and how it begins."""
    return [(cue.where.line, drawn([cue])) for cue in cues]


def refused(call, *args, **how) -> str:
    """What a call is refused with, as the user reads it, without the folder."""
    with pytest.raises(ScriptError) as caught:
        call(*args, **how)
    error = caught.value
    if error.where is None:
        return str(error)
    return str(error).replace(error.where.path, Path(error.where.path).name)


def format_cues(cues: tuple[Cue, ...]) -> str:
    """Cues as an author would write them; `parse` reads them back as the same cues."""
    text = ""
    for cue in cues:
        match cue:
            case Chapter(title=title):
                text += ("\n" if text.endswith(" ") else "") + f"# {_escape(title)}\n\n"
            case ParagraphBreak():
                text = text.rstrip() + "\n\n"
            case Words(text=words):
                text += _escape(words) + " "
            case _:
                text += format_cue(cue) + " "
    return text.rstrip() + "\n"


def _escape(text: str) -> str:
    return re.sub(rf"([{re.escape(ESCAPED)}])", r"\\\1", text)
