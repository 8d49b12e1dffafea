"""Several scripts in one text: told apart where that is sure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from kindvoice.languages import count_words
from kindvoice.script.directions import Vocabulary
from kindvoice.script.frontmatter import FIELDS

_HEADING = re.compile(r"(#{1,3})[ \t]+(\S.*?)[ \t]*#*")
_KEY = re.compile(r"(\w[\w-]{0,40}):(?:[ \t].*)?")
_LEAST_WORDS = 15
"""of a script: less is only a part of one"""
_MOST_FRONT = 40
"""lines of front matter below the first script's"""


@dataclass(frozen=True, slots=True)
class ScriptPart:
    """One script of several."""

    title: str
    """empty: its front matter may tell"""
    first: int
    """its first line, from 0"""
    after: int
    """the line below its last"""


def find_parts(text: str, words: Vocabulary) -> tuple[list[ScriptPart], bool]:
    """The scripts of a text, two at least, else none; and whether that is sure. Lines above the first belong to none.

    Sure are: front matter more than once; headings of one level that are numbered as scripts, meditations or days are;
    a heading "Script", or the same two headings, below each heading of the top level.
    """
    lines = text.split("\n")
    fronts = _fronts(lines)
    if len(fronts) > 1:
        return _cut(lines, [(at, "") for at in fronts], 0), True
    matches = ((at, _HEADING.fullmatch(line)) for at, line in enumerate(lines))
    headings = [(at, len(match[1]), match[2].strip("*_ ")) for at, match in matches if match]
    for level in sorted({level for _, level, _ in headings}):
        tops = [(at, title) for at, of, title in headings if of == level]
        numbered = [top for top in tops if _is_numbered(top[1], words)]
        if parts := _cut(lines, [(at, _bare(title, words)) for at, title in numbered]):
            return parts, True
        if len(tops) > 1:
            return _by_what_is_below(lines, headings, tops, level, words)
    return [], True


def _by_what_is_below(
    lines: Sequence[str],
    headings: Sequence[tuple[int, int, str]],
    tops: Sequence[tuple[int, str]],
    level: int,
    words: Vocabulary,
) -> tuple[list[ScriptPart], bool]:
    ends = [*(at for at, _ in tops[1:]), len(lines)]
    below = [
        [title.casefold().rstrip(": ") for at, of, title in headings if top < at < end and of > level]
        for (top, _), end in zip(tops, ends, strict=True)
    ]
    scripts = all(any(map(words.frame["script"].fullmatch, titles)) for titles in below)
    alike = len(set.intersection(*map(set, below))) > 1
    if scripts or alike:
        return _cut(lines, tops), True
    return (_cut(lines, tops) if all(len(titles) > 1 for titles in below) else []), False


def _bare(title: str, words: Vocabulary) -> str:
    """Script 1: Morning is called Morning."""
    match = words.frame["several"].match(title)
    after = re.match(r"[\s#:.-]*\w+\s*[:.–—-]\s*(\w.*)", title[match.end() :]) if match else None
    return after[1] if after else title


def _is_numbered(title: str, words: Vocabulary) -> bool:
    """Meditation 2: Evening; Script Two; Tag 3."""
    match = words.frame["several"].match(title)
    after = re.match(r"[\s#:.-]*(\w+)", title[match.end() :]) if match else None
    return after is not None and (after[1].isdecimal() or after[1].casefold() in words.numbers)


def _fronts(lines: Sequence[str]) -> list[int]:
    """Where front matter begins."""
    marks = [at for at, line in enumerate(lines) if line.rstrip() == "---"]
    begins: list[int] = []
    end = -1
    for first, last in itertools.pairwise(marks):
        keys = [match[1] for line in lines[first + 1 : last] if (match := _KEY.fullmatch(line))]
        if first > end and last - first <= _MOST_FRONT and keys and not FIELDS.keys().isdisjoint(keys):
            begins.append(first)
            end = last
    return begins


def _cut(
    lines: Sequence[str], tops: Sequence[tuple[int, str]], least: int = _LEAST_WORDS
) -> list[ScriptPart]:
    """At these lines; nothing where one of the parts is too short, or there are not two."""
    if len(tops) < 2:
        return []
    ends = [*(at for at, _ in tops[1:]), len(lines)]
    parts = [ScriptPart(title, at, end) for (at, title), end in zip(tops, ends, strict=True)]
    long_enough = all(
        sum(count_words(line) for line in lines[part.first + 1 : part.after]) >= least for part in parts
    )
    return parts if long_enough else []
