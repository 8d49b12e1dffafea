"""The linter: what might hurt, mislead or be misspoken in a script, with file, line, reason and a better wording.

rules: what one script must hold. parity: what a practice must hold between its languages. words: what the rules
know of each language.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

from kindvoice.errors import Faults, KindvoiceError, ScriptError
from kindvoice.lint.base import ERROR, HINT, LEVELS, WARNING, Finding, Page, Rendition, moments
from kindvoice.lint.parity import PARITY, parity
from kindvoice.lint.rules import RULES, PhraseHint, phrase_hints
from kindvoice.model import Voice, Where
from kindvoice.script import Version
from kindvoice.script.load import Source, read_source
from kindvoice.speech.voices import cast_of
from kindvoice.timing.resolve import make_timeline

__all__ = [
    "ERROR", "HINT", "LEVELS", "WARNING",
    "Finding", "PhraseHint", "check", "known_rules", "phrase_hints",
]  # fmt: skip

_UNREADABLE = "a script that cannot be read cannot be heard"
_USUAL_MS = 15 * 60_000


def known_rules() -> dict[str, tuple[str, str]]:
    """Every rule's name: (level, why)."""
    return {rule.name: (rule.level, rule.why) for rule in RULES} | PARITY | {"readable": (ERROR, _UNREADABLE)}


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
    for practice in practices:
        group = [path for path in paths if path.stem == practice]
        theirs = (english or {}).get(practice)
        groups.append(
            (group, held.intersection([*group, *([theirs] if theirs else [])]), theirs, voices, texts or {})
        )
    if processes > 1 and len(groups) > 1:
        with _pool(min(processes, len(groups))) as pool:
            results = list(pool.map(_check_practice, groups))
    else:
        results = list(map(_check_practice, groups))
    findings = {path: page_findings for result in results for path, page_findings in result.items()}
    return [finding for path in paths for finding in findings[path]]


@contextmanager
def _pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    """Workers that leave Ctrl-C to the one who waits for them."""
    ignore = (signal.SIGINT, signal.SIG_IGN)
    pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=signal.signal, initargs=ignore)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


_Group = tuple[list[Path], set[Path], Path | None, Mapping[str, Voice] | None, Mapping[Path, str | bytes]]
"""the languages of a practice, those in the library, the English one, the voices, texts of what is no file"""


def _check_practice(group: _Group) -> dict[Path, list[Finding]]:
    """By path, in the order of lines."""
    paths, held, english, voices, texts = group
    every = {*paths, *([english] if english else [])}
    pages = {path: _read(path, texts.get(path), path in held, voices) for path in every}
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


# ---------------------------------------------------------------- reading


def _read(
    path: Path, written: str | bytes | None, library: bool, voices: Mapping[str, Voice] | None
) -> Page | list[Finding]:
    """A script at its usual, shortest and longest length, and in a gentle reading; else all that is wrong in it."""
    faults = Faults()
    try:
        source = read_source(path, written)
        if source.front.faults:
            raise source.with_cues(source.front.faults.error())
        text, front = source.text, source.front
        low, high = front.values.get("range", (None, None))
        usual = front.values.get("length")
        lengths = list(dict.fromkeys([usual, low, high] if low else [usual]))
        as_usual = Version(script=path, text=written, length_ms=usual)
        versions = [replace(as_usual, length_ms=length_ms) for length_ms in lengths]
        versions.append(replace(as_usual, gentle=True))
        versions += [replace(as_usual, audience=audience) for audience in front.values.get("audiences", ())]
        lines: set[str] = set()
        renditions = tuple(_rendition(source, version, lines, faults) for version in versions)
        if voices is not None:
            script = renditions[0].script
            cast_of(script, script.voice, voices, faults=faults)
        for minutes in _turns(text, low, high) if low and high else ():  # a fault at any length is one
            version = replace(as_usual, length_ms=minutes * 60_000)
            expanded, stand_ins = source.expanded(version)
            if not lines.issuperset(_lines(expanded)):
                lines.update(_lines(expanded))
                source.parsed(version, expanded, stand_ins, faults)
    except KindvoiceError as error:
        faults.add(error)
    if faults:
        return [
            Finding(
                rule="readable", level=ERROR, where=error.where or Where(path=str(path), line=0), what=error.what,
                why=_UNREADABLE, better=error.cure,
            )
            for error in faults.error().each
        ]  # fmt: skip
    return Page(
        path=path, text=text, front=front.values, front_lines=front.lines, versions=renditions, library=library,
        accepted=front.values.get("accept", {}),
    )  # fmt: skip


def _turns(text: str, low_ms: int, high_ms: int) -> list[int]:
    """The minutes of the range at which some condition may turn: a number in a tag, and the one before it."""
    named = {
        int(n)
        for tag in re.findall(r"\{%(?:(?!\{%|%\}).)*%\}", text, re.DOTALL)
        for n in re.findall(r"\d+", tag)
    }
    low, high = -(-low_ms // 60_000), high_ms // 60_000
    return [m for m in range(low, high + 1) if m in named or m + 1 in named or m - 1 in named]


def _lines(text: str) -> list[str]:
    """What can be at fault by itself: a line, unless a comment reaches over several."""
    return [text] if "<!--" in text else text.split("\n")


def _rendition(source: Source, version: Version, lines: set[str], faults: Faults) -> Rendition:
    """lines: those of the text are added. faults: takes what is wrong in single cues."""
    try:
        text, stand_ins = source.expanded(version)
    except ScriptError as error:
        missing = {getattr(each, "missing", "") for each in error.each}
        if version.length_ms is not None or "minutes" not in missing:
            raise
        version = replace(version, length_ms=_USUAL_MS)  # the text asks for a length and the file names none
        text, stand_ins = source.expanded(version)
    lines.update(_lines(text))
    script = source.parsed(version, text, stand_ins, faults)
    timeline = make_timeline(script, faults=faults)
    return Rendition(length_ms=version.length_ms, script=script, moments=moments(timeline))
