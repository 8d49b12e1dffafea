"""Rules between languages: a practice is the same practice in every one of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from kindvoice.errors import terminal
from kindvoice.languages import is_formal
from kindvoice.lint.base import ERROR, WARNING, Finding, Page
from kindvoice.model import Where
from kindvoice.script.condition import Condition
from kindvoice.script.follows import changes, paragraphs

PARITY = {
    "parity-chapters": (ERROR, "chapters are found at the same place in every language"),
    "parity-bells": (ERROR, "the bells carry the practice"),
    "parity-phrases": (ERROR, "a participant's phrases come as often in every language"),
    "parity-lengths": (WARNING, "a course runs alike in every language"),
    "parity-front": (ERROR, "one plan serves all languages"),
    "parity-spoken": (WARNING, "about as much is said in every language"),
    "behind": (WARNING, "what was mended for one listener is mended for all"),
    "english-left": (ERROR, "a voice of another language cannot read English"),
}
"""name: (level, why)"""
_LEAST, _MOST = 0.7, 1.45
"""spoken length against the English"""
_ENGLISH = frozenset(
    ["the", "and", "you", "your", "with", "this", "that", "may", "are", "have", "from", "what", "when", "there",
     "for", "will", "into"]
)  # fmt: skip


def parity(page: Page, english: Page) -> Iterator[Finding]:
    """What the page has otherwise than the English one of the same practice."""

    def finding(rule: str, where: Where, what: str) -> Finding:
        level, why = PARITY[rule]
        return Finding(rule=rule, level=level, where=where, what=what, why=why)

    for key in ("range", "length"):
        if page.front.get(key) != english.front.get(key):
            yield finding("parity-front", page.at(key), f"`{key}` differs from the English")
    skipped = _ADDRESSED_INFORMALLY if is_formal(page.language) else ""
    ours, theirs = _thresholds(page, skipped), _thresholds(english, skipped)
    if ours != theirs:
        odd = sorted((ours - theirs) + (theirs - ours))
        what = f"the conditions differ from the English: {', '.join(odd[:4])}"
        yield finding("parity-lengths", page.at(""), what)
    for mine, other in zip(page.versions, english.versions, strict=False):
        chapters = [max((m.chapter for m in v.moments), default=0) for v in (mine, other)]
        if chapters[0] != chapters[1]:
            what = f"{chapters[0]} chapters{mine.at}, in English {chapters[1]}"
            yield finding("parity-chapters", page.at(""), what)
        bells = [[m.text for m in v.moments if m.kind == "bell"] for v in (mine, other)]
        if bells[0] != bells[1]:
            yield finding(
                "parity-bells", page.at(""), f"the bells{mine.at} are {bells[0]}, in English {bells[1]}"
            )
        ratio = mine.speech_ms / max(other.speech_ms, 1)
        if not _LEAST <= ratio <= _MOST:
            yield finding("parity-spoken", page.at(""), f"{ratio:.2f} times as long as the English{mine.at}")
    slots = [len(re.findall(r"\{%-?\s*for\b[^%]*%\}", p.text)) for p in (page, english)]
    if slots[0] != slots[1]:
        what = f"{slots[0]} loops over phrases, in English {slots[1]}"
        yield finding("parity-phrases", page.at("phrases"), what)
    yield from _english_left(page, english, finding)
    for where, what in _behind(page, english):
        yield replace(finding("behind", where, what), better=_FOLLOW)


_FOLLOW = "say it in this language too" + terminal(", and then: kindvoice scripts follow FILE")


def _behind(page: Page, english: Page) -> Iterator[tuple[Where, str]]:
    """Where the English has changed since this was made from it."""
    if "follows" not in page.front:
        if page.library:
            yield page.at(""), "nothing says from which English words this was made"
        return
    ours = paragraphs(page.text)
    changed = list(changes(page.front["follows"], english.text))
    alike = len(ours) == len(paragraphs(english.text)) + sum(
        (each.was is not None) - (each.now is not None) for each in changed
    )
    for each in changed:
        where = page.at("follows")
        if alike and ours:
            where = Where(path=str(page.path), line=ours[min(each.place, len(ours) - 1)].line)
        if each.now is None:
            yield where, "the English no longer has this paragraph"
            continue
        begins = each.now.words if len(each.now.words) <= _SHOWN else f"{each.now.words[:_SHOWN].rstrip()}…"
        has = "has a paragraph more here" if each.was is None else "has other words here"
        yield where, f"the English {has} (line {each.now.line} there): {begins!r}"


_SHOWN = 60


_ADDRESSED_INFORMALLY = "teenagers"
"""a formal reading may leave out what is for them alone"""


def _thresholds(page: Page, skipped: str) -> Counter[str]:
    """The conditions of a page, as if nobody were of the audience that is skipped."""
    computed = re.findall(r"\{%-?\s*(?:if|elif)\b((?:(?!\{%|-?%\}).)*)-?%\}", page.text, re.DOTALL)
    unheard = {line for line, condition in page.conditions if condition.only_for == (skipped,)}
    written = (_without(skipped, each) for line, each in page.conditions if line not in unheard)
    return Counter([*(" ".join(condition.split()) for condition in computed), *filter(None, written)])


def _without(audience: str, condition: Condition) -> str:
    only_for, not_for = (
        tuple(name for name in names if name != audience) for names in (condition.only_for, condition.not_for)
    )
    return str(replace(condition, only_for=only_for, not_for=not_for))


def _english_left(page: Page, english: Page, finding: Callable[..., Finding]) -> Iterator[Finding]:
    theirs = {m.text.casefold() for m in english.said.values()}
    for moment in page.said.values():
        words = [word.strip(".,;:!?…\"'").casefold() for word in moment.text.split()]
        count = sum(word in _ENGLISH for word in words)
        if moment.text.casefold() in theirs or count >= max(3, len(words) // 3):
            yield finding("english-left", moment.where, f"this is English: {moment.text!r}")
