"""Rules that measure: how much is silence, how long, and what is heard of it when, at every whole minute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from kindvoice.lint.base import MANY, Found, Moment, Page, Rendition, named
from kindvoice.model import Where
from kindvoice.script.phrases import Phrase, phrases_from
from kindvoice.units import format_ms

_MOST_SILENT, _LEAST_SILENT = 0.60, 0.33
_MOST_WPM, _LEAST_WPM = 95, 50


def pace(page: Page) -> Found:
    version = page.usual
    if not version.said or version.total_ms < 60_000:
        return
    if version.words_a_minute > _MOST_WPM:
        what = f"{version.words_a_minute:.0f} words a minute over the whole (of English length)"
        yield version.said[0].where, what, "60 to 80 leave room to feel; add pauses, or take words out"
    share = 1 - version.speech_ms / version.total_ms
    if share < _LEAST_SILENT:
        yield version.said[0].where, f"only {100 * share:.0f} % of it is silence", "40 to 60 %"


def mostly_silent(page: Page) -> Found:
    better = "write more that is heard there, or let `range` end where the material ends"
    if "silence" in page.front or "range" not in page.front:
        return
    if silent := [v for v in _possible(page) if v.silent > _MOST_SILENT]:
        share = max(v.silent for v in silent)
        what = f"up to {100 * share:.0f} % of it is silence; {100 * _MOST_SILENT:.0f} % is the most"
        yield page.at("range"), f"{what}:{named(silent)}", better
    if few := [v for v in _possible(page) if v.words_a_minute < _LEAST_WPM]:
        rate = min(v.words_a_minute for v in few)
        what = (
            f"down to {rate:.0f} words a minute over the whole (of English length), of at least {_LEAST_WPM}"
        )
        yield page.at("range"), f"{what}:{named(few)}", better


_LEAST_RATIO, _LEAST_FOR_MANY = -0.6, -0.7
"""a pause of 8 s is 5.6 s then, or 5.2 s"""


def crowded(page: Page) -> Found:
    better = "fewer words there: let a paragraph or a round begin later, such as [from 9m]"
    for versions, least, what in (
        (page.every, _LEAST_RATIO, "the pauses are far shorter than they are written"),
        (page.many, _LEAST_FOR_MANY, f"there is no room for {MANY} phrases"),
    ):
        if full := [v for v in versions if v.ratio < least]:
            yield page.at("range"), f"{what}:{named(full)}", better


def _possible(page: Page) -> list[Rendition]:
    return [v for v in page.every if v.possible and v.said]


# ---------------------------------------------------------------- silences

_WRITTEN_LONG_MS = 30_000
LONG_MS = 45_000
GENTLE_MS = 25_000
_ROUNDING_MS = 500


def _all(page: Page) -> Iterator[Rendition]:
    yield from page.versions
    yield from (v for v in page.every if v.possible)


def _worst(
    page: Page, wrong: Callable[[Rendition, Moment], bool]
) -> Iterator[tuple[Moment, list[Rendition]]]:
    """The silences that are wrong, the longest of each place, and in which versions."""
    places: dict[Where, list[tuple[Moment, Rendition]]] = {}
    for version in _all(page):
        for silence in version.silences:
            if wrong(version, silence):
                places.setdefault(silence.where, []).append((silence, version))
    for moments in places.values():
        longest = max((moment for moment, _ in moments), key=lambda m: m.length_ms)
        yield longest, [version for _, version in moments]


def long_silence(page: Page) -> Found:
    better = "say first that quiet is coming and that the voice will return"
    announcing = page.lines("quiet")

    def wrong(version: Rendition, silence: Moment) -> bool:
        if silence.natural_ms <= _WRITTEN_LONG_MS and silence.length_ms <= LONG_MS:
            return False
        return not any(m.text in announcing for m in version.around(silence, 4, 0))

    for silence, versions in _worst(page, wrong) if page.knows("quiet") else ():
        what = f"{seconds(silence)} of silence that nobody announced{named(versions)}"
        yield silence.where, what, better


def silence_met(page: Page) -> Found:
    better = (
        "begin by meeting whoever is listening: welcome back; wherever you've been, here's the ground again"
    )
    meeting = page.lines("meets")

    def wrong(version: Rendition, silence: Moment) -> bool:
        after = version.around(silence, 0, 2) if silence.length_ms > LONG_MS else []
        return bool(after) and not any(m.text in meeting for m in after)

    for silence, versions in _worst(page, wrong) if page.knows("meets") else ():
        what = f"after {seconds(silence)} of silence the voice just goes on{named(versions)}"
        yield silence.where, what, better


def gentle_silence(page: Page) -> Found:
    """No long ones, and none that are announced, in a gentle reading."""
    announcing = page.lines("announces")

    def too_long(version: Rendition, silence: Moment) -> bool:
        return version.gentle and silence.length_ms > GENTLE_MS + _ROUNDING_MS

    def announced(version: Rendition, silence: Moment) -> bool:
        if not version.gentle or silence.length_ms <= GENTLE_MS // 2:
            return False
        return any(m.text in announcing for m in version.around(silence, 1, 0))

    if long := list(_worst(page, too_long)):
        longest, versions = max(long, key=lambda place: place[0].length_ms)
        more = f" and {len(long) - 1} more over {GENTLE_MS // 1000} s" if len(long) > 1 else ""
        what = (
            f"{seconds(longest)} of silence in a gentle reading{more}{named(v for _, vs in long for v in vs)}"
        )
        yield longest.where, what, f"a line in between, or `[pause 15s max {GENTLE_MS // 1000}s]`"
    for silence, versions in _worst(page, announced):
        what = f"a silence is announced in a gentle reading{named(versions)}"
        yield silence.where, what, "let the voice stay near: short pauses, and a line for each"


def seconds(silence: Moment) -> str:
    """For a message, in whole ones."""
    return format_ms(round(silence.length_ms, -3))


_FEW_PAUSES = 9
"""too few to have a rhythm"""


def equal_pauses(page: Page) -> Found:
    shares: dict[Rendition, tuple[float, int]] = {}
    for version in _possible(page):
        share, natural_ms = equal_share(version)
        if share > 1 / 3:
            shares[version] = share, natural_ms
    if shares:
        share, natural_ms = max(shares.values())
        what = f"{100 * share:.0f} % of the pauses are of one length, {format_ms(natural_ms)}{named(shares)}"
        yield page.at(""), what, "after what moves people leave more room, after what leads on less"


def equal_share(version: Rendition) -> tuple[float, int]:
    """The share of pauses that have the length which most have, as they are written; 0 where there are few.

    A loop's pauses stand on one line and count once.
    """
    written = {(m.where.line, m.natural_ms) for m in version.silences if m.written}
    counts = Counter(natural_ms for _, natural_ms in written)
    if len(written) < _FEW_PAUSES:
        return 0.0, 0
    ((natural_ms, count),) = counts.most_common(1)
    return count / len(written), natural_ms


# ---------------------------------------------------------------- what is heard when


def core_returns(page: Page) -> Found:
    """The phrases, else what `core` in the front matter names, else the body's feeling, in the last third."""
    core = _core(page)
    known = core or "core" in page.front
    missing = [v for v in _possible(page) if known and not any(m.text in core for m in _last_third(v))]
    if missing:
        what = f"what it is about does not come back in the last third{named(missing)}"
        better = "the phrases once more, or where it is felt; `core: [word, word]` names what that is here"
        yield page.at("core"), what, better


def _core(page: Page) -> set[str] | frozenset[str]:
    if "core" in page.front:
        words = [word.casefold() for word in page.front["core"]]
        return {m.text for m in page.said.values() if any(word in m.text.casefold() for word in words)}
    if "phrases" in page.front:
        phrases = {str(form) for phrase in script_phrases(page) for form in phrase.forms().values()}
        stand_ins = {line for v in page.every for each in v.script.stand_ins for line in each.lines}
        return phrases | stand_ins
    return page.lines("feeling")


def _last_third(version: Rendition) -> Sequence[Moment]:
    """What is said there, before the last chapter, which leads back, if that leaves anything."""
    last = [m for m in version.said if m.start_ms >= version.total_ms * 2 / 3]
    chapter = max((m.chapter for m in version.moments), default=0)
    return [m for m in last if m.chapter < chapter] or last


def script_phrases(page: Page) -> tuple[Phrase, ...]:
    where = page.at("phrases")
    return phrases_from(page.front["phrases"], page.language, where) if "phrases" in page.front else ()


_PARTS = {
    "mindful": "nobody is invited to notice what is here",
    "humanity": "nothing says that others feel this too",
    "kind": "no word of kindness",
}


def three_parts(page: Page) -> Found:
    for name, what in _PARTS.items():
        words = page.lines(name)
        missing = [v for v in _possible(page) if not any(m.text in words for m in v.said)]
        if missing and page.knows(name):
            better = "mindfulness, common humanity and kindness, each in a line of its own"
            yield page.at(""), what + named(missing), better


def bell_over_words(page: Page) -> Found:
    for version in page.versions:
        for bell, after in zip(version.moments, version.moments[1:], strict=False):
            if bell.kind == "bell" and not bell.waits and after.kind == "say":
                yield bell.where, "the bell rings over words", "[bell], or a pause after [bell no wait]"
