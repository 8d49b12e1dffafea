"""Which blocks a listener hears: conditions at the start of a paragraph, or below a heading for what is under it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kindvoice.errors import Faults, ScriptError
from kindvoice.script.condition import Condition, Listener, read_condition
from kindvoice.script.directions import Vocabulary
from kindvoice.script.flow import Flow
from kindvoice.script.frontmatter import TRAUMA_SENSITIVE
from kindvoice.script.literal import reveal

_BRACKET = re.compile(r"\s*\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class Head:
    """Who hears a block."""

    conditions: tuple[Condition, ...] = ()
    """all that must be so: those of its chapter, and its own"""
    end: int = 0
    """where the brackets at its start end"""

    def unmet(self, listener: Listener) -> str:
        """As `Condition.unmet`."""
        return ", ".join(filter(None, (condition.unmet(listener) for condition in self.conditions)))


def read_heads(
    flows: Sequence[Flow],
    kinds: Sequence[str],
    levels: Sequence[int],
    words: Vocabulary,
    without: Sequence[str],
    faults: Faults,
) -> list[Head]:
    """For every block. kinds: text, cell or heading count; levels: of headings, 1 to 6. without: as in Listener.
    faults: takes what is wrong.
    """
    unwanted = {words.chapter(title): title for title in without}
    heads = []
    chapters: list[tuple[int, tuple[Condition, ...]]] = []
    """the headings that the block stands under, and what is said right below them"""
    begins = False
    for i, (flow, kind, level) in enumerate(zip(flows, kinds, levels, strict=True)):
        head = Head()
        if kind == "heading":
            chapters = [chapter for chapter in chapters if chapter[0] < level]
            below = _head(flows[i + 1], words, Faults()) if kinds[i + 1 : i + 2] == ["text"] else head
            conditions = below.conditions if _alone(flows[i + 1 :][:1], below) else ()
            if title := unwanted.get(words.chapter(flow.text)):
                conditions += (Condition(without=title),)
            chapters.append((level, conditions))
        elif kind in {"text", "cell"}:
            head = _head(flow, words, faults)
            if begins and _alone([flow], head):
                head = Head(end=head.end)
            elif head.end and not flow.text[head.end :].strip():
                what = f"{flow.text[: head.end].strip()} stands alone"
                cure = "put it at the start of a paragraph, or right below a heading for its whole chapter"
                faults.add(ScriptError(what, where=flow.where(0), cure=cure))
        begins = kind == "heading"
        above = tuple(condition for _, several in chapters for condition in several)
        if head.conditions and _nobody(above + head.conditions) and not _nobody(above):
            what = f"{flow.text[: head.end].strip()} is heard by nobody"
            cure = f"its chapter is only {', '.join(map(str, above))}" if above else "take one of both out"
            faults.add(ScriptError(what, where=flow.where(0), cure=cure))
        heads.append(Head(above + head.conditions, head.end))
    return heads


def _nobody(conditions: Sequence[Condition]) -> bool:
    """Whether they cannot all be so."""
    low = max((condition.from_ms or 0 for condition in conditions), default=0)
    ends = [condition.until_ms for condition in conditions if condition.until_ms is not None]
    named = [of for condition in conditions if (of := set(condition.only_for)) and TRAUMA_SENSITIVE not in of]
    not_for = {name for condition in conditions for name in condition.not_for}
    return (
        low >= min(ends, default=low + 1)
        or {True, False} <= {condition.gentle for condition in conditions}
        or bool(named and not set.intersection(*named) - not_for)
    )


def _alone(flows: Sequence[Flow], head: Head) -> bool:
    """Whether the conditions have a line of their own."""
    return bool(head.end) and not flows[0].text[head.end :].partition("\n")[0].strip()


def _head(flow: Flow, words: Vocabulary, faults: Faults) -> Head:
    """The conditions at the start of a paragraph."""
    conditions: list[Condition] = []
    end = 0
    while bracket := _BRACKET.match(flow.text, end):
        condition = None
        with faults.catch():
            condition = condition_in(flow, bracket[1], bracket.start(1), words)
        if condition is None:
            break
        conditions.append(condition)
        end = bracket.end()
    return Head(tuple(conditions), end)


def condition_in(flow: Flow, inside: str, at: int, words: Vocabulary) -> Condition | None:
    """As `read_condition`, of what the author has written here. Raises ScriptError."""
    if inside != reveal(inside) or flow.is_own(at, at + len(inside)):
        return None
    try:
        return read_condition(inside, words)
    except ValueError as error:
        what, cure = error.args
        raise ScriptError(f"[{' '.join(inside.split())}]{what}", where=flow.where(at), cure=cure) from None
