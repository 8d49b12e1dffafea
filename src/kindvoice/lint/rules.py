"""The rules: one function each, in one table. A function looks at a page and yields (where, what, better)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from kindvoice.errors import forms_line
from kindvoice.languages import UNKNOWN, language_name, line_in_other_language, other_language
from kindvoice.lint.base import ERROR, HINT, WARNING, Page
from kindvoice.lint.words import has, words_of
from kindvoice.model import Where
from kindvoice.script.directions import find_slips
from kindvoice.script.phrases import Phrase, phrases_from
from kindvoice.units import format_ms

Found = Iterator[tuple[Where, str, str]]
"""(where, what is the matter, a better wording or what to do)"""


@dataclass(frozen=True)
class Rule:
    name: str
    level: str
    why: str
    look: Callable[[Page], Found]
    library: bool = False
    """whether only the library is held to it"""


# ---------------------------------------------------------------- front matter

_NEEDED = ("title", "practice", "language", "about", "length", "range", "register", "licence", "credit")


def _front_matter(page: Page) -> Found:
    for key in _NEEDED:
        if key not in page.front:
            yield page.at(""), f"the front matter has no `{key}`", f"add `{key}:`"


def _place(page: Page) -> Found:
    if page.front.get("practice", page.path.stem) != page.path.stem:
        what = f"the practice is {page.front['practice']!r} and the file {page.path.name}"
        yield page.at("practice"), what, ""
    if page.path.parent.name != page.language:
        what = f"the language is {page.language} and the folder {page.path.parent.name!r}"
        yield page.at("language"), what, ""


_TRADEMARK = re.compile(r"mindful\s+self.?compassion|\bMSC\b", re.IGNORECASE)


def _trademark(page: Page) -> Found:
    for key in ("title", "practice"):
        if _TRADEMARK.search(str(page.front.get(key, ""))):
            better = "a title of your own, such as Loving-Kindness for Ourselves; credit the program as inspiration"
            yield page.at(key), f"the {key} uses a trademarked name", better


def _credit(page: Page) -> Found:
    for key in ("licence", "credit"):
        if key in page.front and len(str(page.front[key])) < 3:
            yield page.at(key), f"`{key}` says nothing", "such as Apache-2.0, and whose words they are"


def _length_in_range(page: Page) -> Found:
    low, high = page.front.get("range", (0, 0))
    length = page.front.get("length")
    if high and length and not low <= length <= high:
        yield page.at("length"), f"the usual length {format_ms(length)} is not in the range", ""


# ---------------------------------------------------------------- structure


def _welcome(page: Page) -> Found:
    for version in page.versions if page.words else ():
        early = [m for m in version.said if m.chapter <= 2]
        if early and page.words and not any(has(page.words.eyes, m.text) for m in early):
            what = "nothing is said about the eyes"
            yield early[0].where, what, "they may close, or rest on something quiet"
            return


def _way_out(page: Page) -> Found:
    better = "You can move, open your eyes, leave out what does not suit you, or stop at any time."
    for version in page.versions if page.words else ():
        early = [m for m in version.said if m.start_ms < max(version.total_ms * 0.4, 120_000)]
        if early and page.words and not any(has(page.words.stop, m.text) for m in early):
            what = f"nobody is told early on that they may stop{version.at}"
            yield early[0].where, what, better if page.language.startswith("en") else ""
            return


def _backdraft(page: Page) -> Found:
    words = page.words
    better = "an old ache may wake; nothing has gone wrong; slow down, feel the feet, let the words go"
    for version in page.versions if words else ():
        said = version.said
        near = [" ".join(m.text for m in said[i : i + 4]) for i in range(len(said))]
        if words and not any(has(words.backdraft, text) and has(words.ground, text) for text in near):
            what = f"nothing is said about old pain that kindness may wake{version.at}"
            yield page.at(""), what, better
            return


def _closing(page: Page) -> Found:
    words = page.words
    for version in page.versions:
        if not version.said:
            continue
        sounds = [m for m in version.moments if m.kind != "silence"]
        last = version.said[-5:]
        if sounds[-1].kind != "bell":
            yield sounds[-1].where, "the last sound is no bell", "end with [bell]"
            return
        if words and not any(has(words.back, m.text) for m in last):
            yield last[-1].where, "the way back is missing: the room, the hands, the eyes", ""
            return


def _chapters(page: Page) -> Found:
    count = max((m.chapter for m in page.usual.moments), default=0)
    if count < 2 and (page.usual.length_ms or page.usual.total_ms) > 240_000:
        better = "a heading such as `# Arriving` begins one; players show them"
        yield page.at(""), "there are no chapters", better


def _gentle(page: Page) -> Found:
    computed = re.search(r"\{%[^%]*\bgentle\b", page.text)
    if not computed and all(condition.gentle is None for _, condition in page.conditions):
        yield page.at(""), "a gentle reading has nothing of its own", "[gentle] at the start of a paragraph"


def _never_heard(page: Page) -> Found:
    low, high = page.front.get("range", (0, None))
    offered = page.front.get("audiences", ())
    for line, condition in page.conditions:
        where = Where(path=str(page.path), line=line)
        late = high is not None and (condition.from_ms or 0) > high
        if late or (condition.until_ms is not None and condition.until_ms <= low):
            better = f"the range is {format_ms(low)} to {format_ms(high or low)}"
            yield where, f"[{condition}] is heard by nobody", better
        for name in set(condition.only_for) - set(offered):
            better = f"`audiences: [{', '.join([*offered, name])}]` in the front matter"
            yield where, f"nobody is told that there are words for {name}", better


# ---------------------------------------------------------------- pace and silence

LONG_SILENCE_MS = 30_000
_MOST_WPM, _LEAST_SILENCE = 95, 0.33


def _pace(page: Page) -> Found:
    version = page.usual
    minutes = version.total_ms / 60_000
    if not version.said or minutes < 1:
        return
    letters = sum(sum(map(str.isalnum, m.text)) for m in version.said)
    if letters / 4.6 / minutes > _MOST_WPM:
        what = f"{letters / 4.6 / minutes:.0f} words a minute over the whole (of English length)"
        yield version.said[0].where, what, "60 to 80 leave room to feel; add pauses, or take words out"
    silent = 1 - version.speech_ms / version.total_ms
    if silent < _LEAST_SILENCE:
        yield version.said[0].where, f"only {100 * silent:.0f} % of it is silence", "40 to 60 %, or more"


def _long_silence(page: Page) -> Found:
    words = page.words
    if words is None:
        return
    better = "say first that quiet is coming and that the voice will return"
    for version in page.versions:
        said: list[str] = []
        for moment in version.moments:
            if moment.kind == "say":
                said.append(moment.text)
            elif moment.kind == "silence" and moment.length_ms > LONG_SILENCE_MS:
                what = f"{format_ms(moment.length_ms)} of silence that nobody announced"
                announced = has(words.quiet, " ".join(said[-4:]))
                yield from [] if announced else [(moment.where, what, better)]


def _bell_over_words(page: Page) -> Found:
    for version in page.versions:
        for bell, after in zip(version.moments, version.moments[1:], strict=False):
            if bell.kind == "bell" and not bell.waits and after.kind == "say":
                yield bell.where, "the bell rings over words", "[bell], or a pause after [bell no wait]"


_LONG_WORDS = 32


def _long_sentence(page: Page) -> Found:
    for moment in page.said.values():
        if (count := len(moment.text.split())) > _LONG_WORDS:
            yield moment.where, f"a sentence of {count} words", "two shorter ones are easier to hear"


# ---------------------------------------------------------------- language that invites


def _unkind(page: Page, rule: str) -> Found:
    for moment in page.said.values():
        for unkind in page.words.unkind if page.words else ():
            if unkind.rule == rule and (match := re.search(unkind.said, moment.text, re.IGNORECASE)):
                what = f"{match[0].strip()!r}"
                yield moment.where, f"{what}: {unkind.why}" if unkind.why else what, unkind.better


# ---------------------------------------------------------------- read aloud

_ALOUD = (
    (
        re.compile(r"https?://|www\.|\w+@\w+\.\w|\w\.(?:com|org|net|edu|info)\b"),
        "an address is read aloud", "put it into `about:` or `credit:`",
    ),
    (re.compile(r"\b(?:TODO|FIXME|XXX|TBD)\b"), "a note to yourself is read aloud", "write {# ... #}"),
    (re.compile(r"\*\*|__|(?<!\w)\*(?=\w)|`"), "marks of formatting stand in the spoken words", "take them out"),
)  # fmt: skip


def _read_aloud(page: Page) -> Found:
    for moment in page.said.values():
        for pattern, what, better in _ALOUD:
            if pattern.search(moment.text):
                yield moment.where, what, better


def _directions(page: Page) -> Found:
    for version in page.versions:
        for slip in find_slips(version.script.cues, page.language):
            yield slip.where, f"{slip.text!r} is spoken, and may not be meant to be", slip.better


def _not_spoken(page: Page) -> Found:
    for version in page.versions:
        for left in version.script.unspoken:
            what = f"not spoken: {left.text!r}, {left.reason}"
            yield left.where, what, r"to have a bracket spoken, write \( or \["


def _language(page: Page) -> Found:
    if other := other_language(" ".join(m.text for m in page.usual.said), page.language):
        looks = "like no language that is known here" if other == UNKNOWN else language_name(other)
        what = f"the words look {looks}, and the script says {language_name(page.language)}"
        yield page.at("language"), what, f"write `language: {'TAG' if other == UNKNOWN else other}`"
        return
    for moment in page.said.values():
        if other := line_in_other_language(moment.text, page.language):
            what = f"{moment.text!r} looks {language_name(other)}, and the script is in {language_name(page.language)}"
            yield moment.where, what, f"[voice {other}] before it and [voice off] after it"


# ---------------------------------------------------------------- phrases


def _phrase_slots(page: Page) -> Found:
    if "phrases" in page.front and not re.search(r"\{%[^%]*\bphrases\b", page.text):
        better = "{% for phrase in phrases %}{{ phrase }} [pause 8s]{% endfor %}"
        yield page.at("phrases"), "the script has phrases and never speaks them", better


def _phrase_in_text(page: Page) -> Found:
    if "phrases" not in page.front or page.words is None:
        return
    brought = {str(form) for phrase in _script_phrases(page) for form in phrase.forms().values()}
    for moment in page.said.values():
        if has(page.words.wish, moment.text) and moment.text not in brought:
            better = "{{ phrase }}, so that everybody hears their own"
            yield moment.where, f"a wish stands in the text: {moment.text!r}", better


def _script_phrases(page: Page) -> tuple[Phrase, ...]:
    where = page.at("phrases")
    return phrases_from(page.front["phrases"], page.language, where) if "phrases" in page.front else ()


def _phrase_forms(page: Page) -> Found:
    unsure = {(each.forms, each.form): None for version in page.versions for each in version.script.stand_ins}
    for forms, form in unsure:
        phrase = dict(forms)["self"]
        what = f"the phrase {phrase!r} has no sure form for {form!r}: other words are spoken there"
        yield page.at("phrases"), what, forms_line(dict(forms))


def _phrase_wording(page: Page) -> Found:
    for phrase in _script_phrases(page):
        for hint in phrase_hints(str(phrase), page.language):
            yield page.at("phrases"), f"{str(phrase)!r}: {hint.what}", hint.better


MOST_PHRASE_WORDS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseHint:
    """A kind suggestion for one phrase; never a reason to refuse it."""

    name: str
    """long, past, command: for pages that say it in their own language"""
    what: str
    better: str
    words: int = 0
    """how many the phrase has, where that is what it is about"""


def phrase_hints(text: str, language: str) -> Iterator[PhraseHint]:
    """What might be said of a phrase, in English."""
    count = len(text.split())
    if count > MOST_PHRASE_WORDS:
        yield PhraseHint(
            name="long", what=f"{count} words are a lot to hold", words=count,
            better="a shorter one is easier to keep company with",
        )  # fmt: skip
    words = words_of(language)
    if words is not None and has(words.past, text):
        yield PhraseHint(
            name="past", what="it speaks of the past",
            better="a wish for now, or for the time to come, has more room",
        )  # fmt: skip
    if words is not None and has(words.command, text):
        yield PhraseHint(
            name="command", what="it sounds like an order",
            better="a wish leaves you free: May I ..., if your language says it so",
        )  # fmt: skip


# ---------------------------------------------------------------- the table

RULES: tuple[Rule, ...] = (
    Rule("front-matter", ERROR, "lists, files and players tell people what this is", _front_matter, library=True),
    Rule("place", ERROR, "a practice is found by its file and folder", _place, library=True),
    Rule("trademark", ERROR, "the name belongs to its owners", _trademark),
    Rule("credit", WARNING, "a listener may know whose words they hear", _credit),
    Rule("length-in-range", ERROR, "the usual length must be possible", _length_in_range),
    Rule("welcome", WARNING, "some people are not safe with closed eyes", _welcome),
    Rule("way-out", ERROR, "who knows the way out can stay", _way_out),
    Rule("backdraft", WARNING, "kindness can wake old pain; it helps to be told", _backdraft, library=True),
    Rule("closing", ERROR, "nobody is left with closed eyes in the middle of something", _closing),
    Rule("chapters", HINT, "a listener finds back to a place", _chapters),
    Rule("gentle", HINT, "people with trauma need more to hold on to", _gentle, library=True),
    Rule("never-heard", WARNING, "a part is there to be heard", _never_heard),
    Rule("pace", WARNING, "words need time to be felt", _pace),
    Rule("long-silence", WARNING, "in sudden silence one thinks the recording has ended", _long_silence),
    Rule("bell-over-words", WARNING, "two things at once are hard to hear", _bell_over_words),
    Rule("long-sentence", HINT, "the ear cannot turn back", _long_sentence),
    Rule("command", WARNING, "an invitation leaves the listener free", partial(_unkind, rule="command")),
    Rule("promise", WARNING, "a practice is no cure, and a feeling no duty", partial(_unkind, rule="promise")),
    Rule("body", WARNING, "bodies differ", partial(_unkind, rule="body")),
    Rule("careful", HINT, "words that are harmless to most can be hard on some", partial(_unkind, rule="careful")),
    Rule("read-aloud", ERROR, "what stands in the text is spoken", _read_aloud),
    Rule("direction", WARNING, "nobody wants to hear what was meant for the reader", _directions),
    Rule("not-spoken", HINT, "nothing is left out unseen", _not_spoken),
    Rule("language", WARNING, "a voice of another language makes gibberish of the words", _language),
    Rule("phrase-slots", ERROR, "participants bring their own words", _phrase_slots),
    Rule("phrase-in-text", HINT, "participants bring their own words", _phrase_in_text),
    Rule("phrase-forms", HINT, "a wish for somebody else is best in its author's words", _phrase_forms),
    Rule("phrase-wording", HINT, "a short wish for now is easiest to stay with", _phrase_wording),
)  # fmt: skip
