"""Rules for whoever listens with closed eyes in a hard moment: how it begins, what holds, the way out, the way back."""

from __future__ import annotations

from collections.abc import Sequence

from kindvoice.lint.base import Found, Moment, Page, Rendition, named
from kindvoice.lint.words import has
from kindvoice.model import Where


def welcome(page: Page) -> Found:
    for version in page.versions if page.words else ():
        early = [m for m in version.said if m.chapter <= 2]
        if early and not any(m.text in page.lines("eyes") for m in early):
            what = "nothing is said about the eyes"
            yield early[0].where, what, "they may close, or rest on something quiet"
            return


_EARLY_MS = 90_000


def way_out(page: Page) -> Found:
    better = "You can move, open your eyes, leave out what does not suit you, or stop at any time."
    late = []
    for version in (*page.versions, *page.every) if page.words else ():
        early = [m for m in version.said if m.start_ms < _EARLY_MS]
        if early and not any(m.text in page.lines("stop") for m in early):
            late.append(version)
    if late:
        what = f"nobody is told in the first minute and a half that they may stop{named(late)}"
        yield late[0].said[0].where, what, better if page.language.startswith("en") else ""


# ---------------------------------------------------------------- what may come up, and what helps

_LONG_MS = 20_000
"""of silence, long enough for old pain to come up in"""
_SHORT_MS = 180_000
"""a version with no such silence that is shorter has no room for more than a way out"""


def first_alone(version: Rendition) -> Moment | None:
    """The first silence that is long enough to be alone in."""
    return next((m for m in version.silences if m.length_ms >= _LONG_MS), None)


def first_caution(page: Page, version: Rendition) -> Moment | None:
    """Where it is said that old pain may come up, and near it what to do then."""
    pain, ground, said = page.lines("backdraft"), page.lines("ground"), version.said
    for i, moment in enumerate(said):
        near = said[i : i + 4]
        if moment.text in pain and any(m.text in ground for m in near):
            return moment
    return None


def _before_alone(version: Rendition) -> Sequence[Moment] | None:
    """What is said before somebody is left alone; None in a version too short for that."""
    alone = first_alone(version)
    if alone is None and version.total_ms < _SHORT_MS:
        return None
    stop_ms = alone.start_ms if alone else version.total_ms / 2
    return [m for m in version.said if m.start_ms < stop_ms]


def backdraft(page: Page) -> Found:
    better = (
        "before the first silence of 20 s: an old ache may wake; nothing has gone wrong; what one can do then"
    )
    never, late = [], []
    for version in page.every:
        before, caution = _before_alone(version), first_caution(page, version)
        if before is None or not version.said:
            continue
        if caution is None:
            never.append(version)
        elif caution not in before:
            late.append(version)
    if never and page.words:
        yield page.at(""), f"nothing is said about old pain that kindness may wake{named(never)}", better
    if late and page.words:
        caution = first_caution(page, late[-1])
        where = caution.where if caution else page.at("")
        yield where, f"what may come up is named only after the first silence of 20 s{named(late)}", better


_HELP = {
    "pausing": "pause or stop the recording",
    "opens": "open their eyes",
    "held": "feel what holds them",
    "person": "turn to a person",
}


def what_helps(page: Page) -> Found:
    for name, help_text in _HELP.items():
        lines = page.lines(name) | (page.lines("looks") if name == "opens" else frozenset())
        missing = []
        for version in page.every if page.knows(name) else ():
            before = _before_alone(version)
            if before is not None and not any(m.text in lines for m in before):
                missing.append(version)
        if missing:
            what = f"nobody hears before the first silence of 20 s that they can {help_text}{named(missing)}"
            yield page.at(""), what, "name it with what may come up, in words of this practice"


def feet_on_floor(page: Page) -> Found:
    lying, floor = page.lines("lying"), page.lines("floor") - page.lines("held")
    better = "feel what is holding you; or name both: the floor, the bed"
    seen: set[tuple[Where, str]] = set()
    for version in (*page.versions, *page.every):
        if any(m.text in lying for m in version.said):
            seen.update((m.where, m.text) for m in version.said if m.text in floor)
    for where, text in sorted(seen, key=lambda place: place[0].line):
        yield where, f"whoever lies down has no feet on the floor: {text!r}", better


def driving(page: Page) -> Found:
    if not page.knows("driving") or page.lines("driving"):
        return
    if not has(page.words.driving if page.words else "", str(page.front.get("about", ""))):
        yield page.at("about"), "nothing says that it is not for the road", "Not while driving."


# ---------------------------------------------------------------- a gentle reading


def gentle(page: Page) -> Found:
    gently = [v for v in page.every if v.gentle]
    plain = {v.length_ms: v for v in page.every if not v.gentle}
    own = {m.text for v in gently for m in v.said} - {m.text for v in plain.values() for m in v.said}
    if not own:
        yield page.at(""), "a gentle reading has nothing of its own", "begin a paragraph with [gentle]"


def outside_first(page: Page) -> Found:
    better = "before anything is felt: sounds, a colour, something in the room that one can look at"
    outside, inside = page.lines("outside"), page.lines("inside")
    wrong: dict[Moment, list[Rendition]] = {}
    for version in (v for v in page.every if v.gentle and page.knows("outside", "inside")):
        first = next((m for m in version.said if m.text in outside or m.text in inside), None)
        if first and first.text not in outside:
            wrong.setdefault(first._replace(start_ms=0, chapter=0), []).append(version)
    for moment, versions in wrong.items():
        what = f"a gentle reading goes into the body before it offers an anchor outside{named(versions)}"
        yield moment.where, what, better


def open_eyes(page: Page) -> Found:
    opens = page.lines("opens") - page.lines("unless")
    wrong: dict[tuple[str, int], list[tuple[Moment, Rendition]]] = {}
    for version in (v for v in page.every if v.gentle):
        for moment in version.said[-5:]:
            if moment.text in opens:
                wrong.setdefault((moment.text, moment.where.line), []).append((moment, version))
    for moments in wrong.values():
        what = f"who listened gently may have had open eyes all along: {moments[0][0].text!r}"
        better = "if your eyes are closed, they can open; else look around you"
        yield moments[0][0].where, what + named(version for _, version in moments), better


# ---------------------------------------------------------------- the end


def closing(page: Page) -> Found:
    for version in page.versions:
        if not version.said:
            continue
        sounds = [m for m in version.moments if m.kind != "silence"]
        if sounds[-1].kind != "bell":
            yield sounds[-1].where, "the last sound is no bell", "end with [bell]"
            return
        if page.words and not any(m.text in page.lines("back") for m in version.said[-5:]):
            yield version.said[-1].where, "the way back is missing: the room, the hands, the eyes", ""
            return


def chapters(page: Page) -> Found:
    count = max((m.chapter for m in page.usual.moments), default=0)
    if count < 2 and (page.usual.length_ms or page.usual.total_ms) > 240_000:
        better = "a heading such as `# Arriving` begins one; players show them"
        yield page.at(""), "there are no chapters", better
