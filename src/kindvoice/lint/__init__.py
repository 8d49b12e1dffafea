"""The linter: what might hurt, mislead or be misspoken in a script, with file, line, reason and a better wording.

rules: what one script must hold. parity: what a practice must hold between its languages. words: what the rules
know of each language.
"""

from __future__ import annotations

import gc
import re
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from kindvoice.lint.base import ERROR, HINT, LEVELS, WARNING, Finding, Page
from kindvoice.lint.figures import Figures, figures
from kindvoice.lint.parity import PARITY, parity
from kindvoice.lint.reading import UNREADABLE, read_page
from kindvoice.lint.rules import RULES, PhraseHint, phrase_hints
from kindvoice.lint.stock import shared_sentences
from kindvoice.model import Voice, Where
from kindvoice.units import MANY_OBJECTS

__all__ = [
    "ERROR", "HINT", "LEVELS", "WARNING",
    "Figures", "Finding", "PhraseHint", "check", "figures", "known_rules", "phrase_hints",
]  # fmt: skip


def known_rules() -> dict[str, tuple[str, str]]:
    """Every rule's name: (level, why)."""
    return {rule.name: (rule.level, rule.why) for rule in RULES} | PARITY | {"readable": (ERROR, UNREADABLE)}


def check(
    paths: Sequence[Path],
    library: Iterable[Path] = (),
    english: Mapping[str, Path] | None = None,
    processes: int = 1,
    voices: Mapping[str, Voice] | None = None,
    texts: Mapping[Path, str | bytes] | None = None,
) -> list[Finding]:
    """Every finding in these scripts, in the order of files and lines; accepted ones too, with their reason.

    library: those of the paths that belong to the library, which wants more. english: by practice, the English script
    to compare another language with. processes: how many may work on several practices at once. voices: all that there
    are; None: whether the script's are among them is not looked at. texts: of paths that are no files.
    """
    held, practices = set(library), dict.fromkeys(path.stem for path in paths)
    groups: list[_Group] = []
    shared = shared_sentences(held, {path.parent for path in held.intersection(paths)})
    for practice in practices:
        group = [path for path in paths if path.stem == practice]
        theirs = (english or {}).get(practice)
        both = held.intersection([*group, *([theirs] if theirs else [])])
        groups.append(_Group(group, both, theirs, voices, texts or {}, shared))
    findings: dict[Path, list[Finding]] = {}
    with _pool(min(processes, len(groups)) - 1) as pool:
        # They begin at the first, and this process at the last.
        futures = [pool.submit(_check_practice, each) if pool else None for each in groups]
        for each, future in reversed(list(zip(groups, futures, strict=True))):
            findings |= _check_practice(each) if future is None or future.cancel() else future.result()
    return [finding for path in paths for finding in findings[path]]


@contextmanager
def _pool(processes: int) -> Iterator[ProcessPoolExecutor | None]:
    """Workers that leave Ctrl-C to the one that works beside them; None where there are to be none."""
    if processes < 1:
        yield None
        return
    pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=_be_worker)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _be_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(MANY_OBJECTS)


class _Group(NamedTuple):
    """The languages of a practice."""

    paths: list[Path]
    library: set[Path]
    english: Path | None
    voices: Mapping[str, Voice] | None
    texts: Mapping[Path, str | bytes]
    shared: frozenset[str]


def _check_practice(group: _Group) -> dict[Path, list[Finding]]:
    """By path, in the order of lines."""
    paths, held, english, voices, texts, shared = group
    every = {*paths, *([english] if english else [])}
    pages = {
        path: read_page(
            path, texts.get(path), library=path in held, voices=voices, shared=shared,
            # A translation is held to the English text, which shows the rest.
            every_minute=path in paths and (english is None or english.resolve() == path.resolve()),
        )
        for path in every
    }  # fmt: skip
    theirs = pages[english] if english else None
    findings = {}
    for path in paths:
        page = pages[path]
        if not isinstance(page, Page):
            findings[path] = page
            continue
        page_findings = list(_rules(page))
        if isinstance(theirs, Page) and path != english and not page.language.startswith("en"):
            page_findings += parity(page, theirs)
        findings[path] = sorted(_judged(page, page_findings), key=lambda f: (f.where.line, f.rule))
    return findings


def _rules(page: Page) -> Iterable[Finding]:
    for rule in RULES:
        if rule.library and not page.library:
            continue
        for where, what, better in rule.look(page):
            name, level, why = rule.name, rule.level, rule.why
            yield Finding(rule=name, level=level, where=where, what=what, why=why, better=better)


# ---------------------------------------------------------------- accepted on purpose

_INLINE = re.compile(r"\{#-?\s*accept\s+(?P<rule>[\w-]+)\s*:(?P<reason>(?:(?!#\}|\{#).)*)#\}", re.DOTALL)


def _judged(page: Page, page_findings: Sequence[Finding]) -> Iterable[Finding]:
    """The findings once each, those that were accepted with the reason why; and acceptances that meet nothing."""
    inline = {
        (page.text.count("\n", 0, match.start()) + 1, match["rule"]): match["reason"].rstrip("-").strip()
        for match in _INLINE.finditer(page.text)
    }
    unused = dict.fromkeys([("", rule) for rule in page.accepted], 0) | dict.fromkeys(inline, 0)
    seen = set()
    for finding in page_findings:
        key = (finding.rule, finding.where.line, finding.what)
        if key in seen:
            continue
        seen.add(key)
        at = finding.where.line
        place = next((p for p in ((at, finding.rule), (at - 1, finding.rule)) if p in inline), None)
        reason = inline[place] if place else page.accepted.get(finding.rule, "")
        if reason:
            unused.pop(place or ("", finding.rule), None)
        yield replace(finding, accepted=reason) if reason else finding
    for line, rule in unused:
        known = rule in known_rules()
        yield Finding(
            rule="accept", level=HINT, why="it may hide something later", better="take it out",
            what=f"`accept {rule}` meets nothing here" if known else f"there is no rule {rule!r}",
            where=Where(path=str(page.path), line=line) if isinstance(line, int) else page.at("accept"),
        )  # fmt: skip
