"""What people put into a transcript, or a text for a reader: who speaks and when, and strokes where to rest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

from kindvoice.model import Pause
from kindvoice.script.directions import Vocabulary, is_direction

_CLOCK = r"\d{1,2}:[0-5]\d(?::[0-5]\d)?"
STROKES = {
    "/": Pause(size="short"), "//": Pause(), "///": Pause(size="long"), "|": Pause(size="short"), "||": Pause(),
    "|||": Pause(size="long"), "…": Pause(), "……": Pause(), "...": Pause(), ". . .": Pause(),
    "—": Pause(), "–": Pause(),
}  # fmt: skip
"""signs that have a line to themselves"""
_NAME = r"[^\W\d_][\w.’'-]{0,20}(?: (?:[^\W\d_][\w.’'-]{0,20}|\d{1,2})){0,2}"
_SAID_BY = re.compile(
    r"(?P<id>[a-z]{1,20}(?:[-_][a-z0-9]{1,20}){1,5}) ?:(?=[ \t])|(?P<glued>\d{1,3}:[0-5]\d(?::[0-5]\d)?)(?=[^\W\d_])"
    rf"|[\[(]?{_CLOCK}[\])]?[ \t–—|-]*(?P<first>{_NAME})[ \t]*(?::|$)"
    rf"|(?P<then>{_NAME})[ \t]*[:,|–—-]?[ \t]*(?:\[{_CLOCK}\]|\({_CLOCK}\)|{_CLOCK}(?=[ \t]*(?::|$)))[ \t]*:?"
)
"""what a program calls a line; a time without a space behind it; who speaks, and when, as a transcript has it"""
_SPEAKER = re.compile(rf"(?P<name>{_NAME})(?: \([^()\n]{{1,40}}\))?[ \t]?(?::(?=[ \t]|$)|：)")
_ABOVE = re.compile(rf"^\W{{0,3}}({_NAME}) ?[:：]\W{{0,3}}\n\s*(?=[\[(]?{_CLOCK})", re.MULTILINE)
"""who speaks, right above what is said and when"""
_LEAST = 3
"""lines with what a program calls them, or with times that nothing parts from the words"""


def names_of_speakers(text: str, words: Vocabulary) -> frozenset[str]:
    """Who speaks in a transcript: names with times at the head of lines, if one of them stands there twice;
    and what else stands there in every line."""
    names: Counter[str] = Counter()
    plain: Counter[str] = Counter()
    kinds: dict[str, set[str]] = {"id": set(), "glued": set()}
    for line in text.split("\n"):
        bare = line[:120].replace("*", "").strip("#> \t")
        said = _SAID_BY.match(bare)
        kind, name = _label(said) if said else ("", "")
        if kind in kinds:
            kinds[kind].add(name)
        elif name[:1].isupper() and not is_direction(name, words):
            names[name.casefold()] += 1
        elif said is None and (speaks := _SPEAKER.match(bare)):
            plain[speaks["name"]] += 2 if "(" in speaks[0] else 1  # Anna (softly): is surely one
    spoken_by = names if max(names.values(), default=0) > 1 else ()
    several = (kind for kind in kinds.values() if len(kind) >= _LEAST)
    return frozenset(spoken_by).union(_plain_names(plain, text, words), *several)


def _plain_names(heads: Counter[str], text: str, words: Vocabulary) -> set[str]:
    """Of what stands before a colon at the head of lines, the names of who speaks: with capitals, and again and again,
    or in two words where the text begins; and not otherwise a word of the text, or of scripts."""
    first = re.match(rf"\W*(?:#[^\n]*\s+)?({_NAME})(?= \(|[ \t]?[:：])", text[:200])
    small = {word for word in re.findall(r"\w+", text) if word[0].islower()} if heads else set()
    frames = [words.frame[name] for name in ("nobody", "aside", "parts", "speakers", "several")]

    def is_voice(name: str) -> bool:
        """VOICE: again and again is who speaks, and no label of a fact."""
        kinds = words.kinds.get(name.casefold(), frozenset())
        return name.isupper() and heads[name] > 1 and "manner" in kinds and "music" not in kinds

    def may_be(name: str) -> bool:
        parts = name.split()
        return (
            all(part[0].isupper() or part.isdecimal() for part in parts)
            and not any(frame.fullmatch(part) for part in (name, parts[0]) for frame in frames)
            and (is_voice(name) or not (words.frame["labels"].fullmatch(name) or is_direction(name, words)))
            and not small.issuperset(part.lower() for part in parts)
        )

    likely = {name for name in heads if may_be(name)}
    again = {name for name in likely if heads[name] > 1}
    once = {name for name in likely if name.isupper()} if any(map(str.isupper, again)) else set()
    opens = {first[1]} & likely if first and (" " in first[1] or first[1].isupper()) else set()
    opens |= likely.intersection(_ABOVE.findall(text)) if likely else set()
    return {name.casefold() for name in again | once | opens}


def end_of_label(line: str, names: Collection[str]) -> int:
    """Where the label of somebody who speaks ends at the head of a line; 0: there is none."""
    said = _SAID_BY.match(line)
    if said and _label(said)[1].casefold() in names:
        return said.end()
    speaks = _SPEAKER.match(line)
    return speaks.end() if speaks and speaks["name"].casefold() in names else 0


def _label(said: re.Match[str]) -> tuple[str, str]:
    kind = said.lastgroup or ""
    return kind, said[kind]
