"""How the finished files of a plan are named: the template `{language}/{participant}/{track:02} {title}`.

What a name is filled with is made harmless, never obeyed: a title with a slash in it makes no folder. A participant's
words and name have no place in it.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from kindvoice.errors import SettingsError, nearest
from kindvoice.plan.participant import fold
from kindvoice.publish.output import check_name, safe_name
from kindvoice.script.literal import clean

NAMES = (
    "album", "audience", "language", "length", "participant", "practice", "session", "session_title", "title", "track",
    "variant", "voice",
)  # fmt: skip
"""what may stand in braces"""
NUMBERS = frozenset({"track", "session"})
MAX_PATH = 200
"""characters below the output folder: some systems take no more than 260 for a whole path"""

_PRIVATE = {"phrase", "phrases", "name", "words"}
_JOINERS = dict.fromkeys([0x200C, 0x200D])


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A checked template, in pieces: literal text, then a name in braces and how it is written out."""

    text: str
    pieces: tuple[tuple[str, str, str], ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for _, name, _ in self.pieces if name)


def read_template(text: str, *, folders: bool = True) -> Template:
    """folders: whether / may part folders. Raises ValueError with what is wrong.

    >>> sorted(read_template("{language}/{track:02} {title:.40}").names)
    ['language', 'title', 'track']
    """
    try:
        parsed = list(string.Formatter().parse(clean(text).strip()))
    except ValueError as error:
        raise ValueError(
            f"{text!r} is no template: {error}; a brace itself is written {{{{ or }}}}"
        ) from None
    pieces = []
    for literal, name, spec, conversion in parsed:
        if name is not None:
            _check_field(name, spec or "", conversion)
        pieces.append((literal, name or "", spec or ""))
    template = Template(text=text, pieces=tuple(pieces))
    _check_parts(template, folders)
    return template


def _check_field(name: str, spec: str, conversion: str | None) -> None:
    if name in _PRIVATE:
        raise ValueError(f"{{{name}}} does not belong in a file's name; {{participant}} is somebody's id")
    if name not in NAMES:
        hint = nearest(name, NAMES)
        cure = f"did you mean {{{hint}}}?" if hint else f"known: {', '.join(NAMES)}"
        raise ValueError(f"there is no {{{name}}}; {cure}")
    wanted = r"0?[1-9]" if name in NUMBERS else r"\.[1-9][0-9]{0,2}"
    if conversion or (spec and not re.fullmatch(wanted, spec, re.ASCII)):
        usual = f"{{{name}:02}}" if name in NUMBERS else f"{{{name}:.40}}, which cuts it short"
        raise ValueError(f"{{{name}}} cannot be written out like that; write {{{name}}} or {usual}")


def _check_parts(template: Template, folders: bool) -> None:
    """The literal text alone: every part must be a name wherever the braces' words stand for something harmless."""
    text = "".join(literal + ("0" if name else "") for literal, name, _ in template.pieces)
    if not text:
        raise ValueError("is empty")
    if "/" in text and not folders:
        raise ValueError("is the name of a file and names no folder")
    if text.startswith(("/", "~", "\\")) or re.match(r"[A-Za-z]:", text):
        raise ValueError("begins at the output folder; --output says where that is")
    for part in text.split("/"):
        if part in {".", ".."}:
            raise ValueError("stays inside of the output folder: leave out the dots")
        if not _is_name(part):
            raise ValueError(f"has a part that cannot be a name everywhere: {part!r}")


def _is_name(text: str) -> bool:
    try:
        check_name(text)
    except SettingsError:
        return False
    return text.isprintable()


def file_path(template: Template, values: Mapping[str, str | int], item: str) -> PurePosixPath:
    """The folders and the name, without an ending, below the output folder.

    values: what stands for each name; one that is missing or empty cannot be used. item: for the message.
    Raises SettingsError.
    """
    text = ""
    for literal, name, spec in template.pieces:
        text += literal
        if name:
            text += _written(name, spec, values, item)
    path = PurePosixPath(text)
    for part in text.split("/"):
        if not _is_name(part):
            raise SettingsError(
                f"{item} would be named {text!r}, and {part!r} cannot be a name on every system",
                cure="give the track a title, or write another `output`" if len(part) < 150 else _SHORTER,
            )
    if len(text) > MAX_PATH:
        raise SettingsError(f"{item} would have a name of {len(text)} characters", cure=_SHORTER)
    return path


_SHORTER = "cut it short in `output`, as in {title:.40}"


def _written(name: str, spec: str, values: Mapping[str, str | int], item: str) -> str:
    value = values.get(name, "")
    if isinstance(value, int):
        return format(value, spec + "d" if spec else "")
    text = " ".join(clean(value).split())
    if spec and name not in NUMBERS:
        text = text[: int(spec[1:])]
    text = _harmless(text)
    if not text:
        raise SettingsError(
            f"`output` names {{{name}}}, and {item} has none", cure=f"take {{{name}}} out, or give it one"
        )
    return text


def _harmless(text: str) -> str:
    """The text as part of a name; empty when nothing of it can be one.

    >>> _harmless("Who am I?"), _harmless("In / out: a breath"), _harmless("p-7"), _harmless("...")
    ('Who am I', 'In - out- a breath', 'p-7', '')
    """
    if not any(c.isalnum() for c in text):
        return ""
    kept = safe_name("".join(c if c.isprintable() else "-" for c in text.translate(_JOINERS)))
    return kept if kept == text else kept.rstrip("- ")


def check_distinct(
    named: Iterable[tuple[str, PurePosixPath, Mapping[str, str | int], tuple[str, ...]]],
) -> None:
    """That no item's files fall upon another's, nor upon a folder.

    named: for every item its id, its path, what stood for the names of the template, and the endings of its files.
    Raises SettingsError naming both.
    """
    items: dict[str, tuple[str, PurePosixPath, Mapping[str, str | int], tuple[str, ...]]] = {}
    folders: dict[str, str] = {}
    clashes = []
    for entry in named:
        item, path, values, _ = entry
        if (key := fold(str(path))) in items:
            clashes.append((items[key], item, path, values))
        items.setdefault(key, entry)
        for folder in path.parents:
            folders.setdefault(fold(str(folder)), item)
    if clashes:
        (first, _, others, _), item, path, values = clashes[0]
        more = f" ({len(clashes) - 1} more like this)" if len(clashes) > 1 else ""
        differs = [
            n for n in NAMES if n != "session_title" and values.get(n) != others.get(n) and values.get(n)
        ]
        cure = f"put {{{differs[0]}}} into `output`" if differs else "give one of them another title or name"
        raise SettingsError(f"{first} and {item} would both be named {str(path)!r}{more}", cure=cure)
    for key, (item, path, _, endings) in items.items():
        for ending in endings:
            if (other := folders.get(fold(f"{key}{ending}"))) is not None:
                raise SettingsError(
                    f"{str(path) + ending!r} would be a file of {item} and a folder of {other}",
                    cure="write another `output`",
                )
