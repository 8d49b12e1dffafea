"""The table of rules, one function each, and those for front matter, for what is read aloud and for phrases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from kindvoice.errors import forms_line
from kindvoice.languages import UNKNOWN, count_words, language_name, line_in_other_language, other_language
from kindvoice.lint import measured, safety, wording
from kindvoice.lint.base import ERROR, HINT, WARNING, Found, Page, Rule
from kindvoice.lint.stock import stock
from kindvoice.lint.words import has, words_of
from kindvoice.model import Where, Words
from kindvoice.script.directions import find_slips
from kindvoice.script.frontmatter import TRAUMA_SENSITIVE
from kindvoice.script.wishes import split_wishes
from kindvoice.units import format_ms

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


def _never_heard(page: Page) -> Found:
    low, high = page.front.get("range", (0, None))
    offered = page.front.get("audiences", ())
    for line, condition in page.conditions:
        where = Where(path=str(page.path), line=line)
        late = high is not None and (condition.from_ms or 0) > high
        if late or (condition.until_ms is not None and condition.until_ms <= low):
            better = f"the range is {format_ms(low)} to {format_ms(high or low)}"
            yield where, f"[{condition}] is heard by nobody", better
        for name in set(condition.only_for) - {TRAUMA_SENSITIVE, *offered}:
            better = f"`audiences: [{', '.join([*offered, name])}]` in the front matter"
            yield where, f"nobody is told that there are words for {name}", better


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
    every = (cue for version in page.versions for cue in version.script.cues)
    cues = {(cue.where.line, cue.text): cue for cue in every if isinstance(cue, Words)}
    for slip in find_slips(cues.values(), page.language):
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
    brought = {str(form) for phrase in measured.script_phrases(page) for form in phrase.forms().values()}
    for moment in page.said.values():
        if has(page.words.wish, moment.text) and moment.text not in brought:
            better = "{{ phrase }}, so that everybody hears their own"
            yield moment.where, f"a wish stands in the text: {moment.text!r}", better


def _phrase_forms(page: Page) -> Found:
    unsure = {(each.forms, each.form): None for version in page.versions for each in version.script.stand_ins}
    for forms, form in unsure:
        phrase = dict(forms)["self"]
        what = f"the phrase {phrase!r} has no sure form for {form!r}: other words are spoken there"
        yield page.at("phrases"), what, forms_line(dict(forms))


def _phrase_wording(page: Page) -> Found:
    for phrase in measured.script_phrases(page):
        for hint in phrase_hints(str(phrase), page.language):
            yield page.at("phrases"), f"{str(phrase)!r}: {hint.what}", hint.better


MOST_PHRASE_WORDS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseHint:
    """A kind suggestion for one phrase; never a reason to refuse it."""

    name: str
    """long, several, past, command: for pages that say it in their own language"""
    what: str
    better: str
    words: int = 0
    """how many the phrase has, or wishes, where that is what it is about"""


def phrase_hints(text: str, language: str) -> Iterator[PhraseHint]:
    """What might be said of a phrase, in English."""
    count, wishes = count_words(text), len(split_wishes(text))
    if wishes > 1:
        yield PhraseHint(
            name="several",
            what=f"it holds {wishes} wishes",
            words=wishes,
            better="make each a phrase of its own",
        )
    elif count > MOST_PHRASE_WORDS:
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
    Rule("welcome", WARNING, "some people are not safe with closed eyes", safety.welcome),
    Rule("way-out", ERROR, "who knows the way out can stay", safety.way_out),
    Rule("backdraft", WARNING, "kindness can wake old pain; it helps to be told", safety.backdraft, library=True),
    Rule("what-helps", WARNING, "a recording does not see who needs help", safety.what_helps, library=True),
    Rule("feet-on-floor", WARNING, "an anchor that is not there unsettles", safety.feet_on_floor),
    Rule("driving", WARNING, "closed eyes and a calm voice make drivers sleepy", safety.driving, library=True),
    Rule("closing", ERROR, "nobody is left with closed eyes in the middle of something", safety.closing),
    Rule("chapters", HINT, "a listener finds back to a place", safety.chapters),
    Rule("gentle", HINT, "people with trauma need more to hold on to", safety.gentle, library=True),
    Rule("outside-first", WARNING, "for some, body and breath are where it hurts", safety.outside_first, library=True),
    Rule("open-eyes", HINT, "a gentle reading leaves the eyes open", safety.open_eyes, library=True),
    Rule("gentle-silence", WARNING, "alone in a silence, old pain has room", measured.gentle_silence, library=True),
    Rule("never-heard", WARNING, "a part is there to be heard", _never_heard),
    Rule("pace", WARNING, "words need time to be felt", measured.pace),
    Rule("crowded", WARNING, "a wish needs the time that was meant for it", measured.crowded, library=True),
    Rule("mostly-silent", WARNING, "a long version is more to hear, not more silence", measured.mostly_silent),
    Rule("long-silence", WARNING, "in sudden silence one thinks the recording has ended", measured.long_silence),
    Rule("silence-met", WARNING, "who comes back from far likes to be met", measured.silence_met),
    Rule("equal-pauses", HINT, "a rhythm without change sounds like a machine", measured.equal_pauses, library=True),
    Rule("core-returns", WARNING, "the last third is for the practice too", measured.core_returns, library=True),
    Rule("three-parts", WARNING, "the three parts work together", measured.three_parts, library=True),
    Rule("bell-over-words", WARNING, "two things at once are hard to hear", measured.bell_over_words),
    Rule("long-sentence", HINT, "the ear cannot turn back", wording.long_sentence),
    *(
        Rule(name, level, why, partial(wording.unkind, rule=name))
        for name, level, why in (
            ("command", WARNING, "an invitation leaves the listener free"),
            ("promise", WARNING, "a practice is no cure, and a feeling no duty"),
            ("body", WARNING, "bodies differ"),
            ("careful", HINT, "words that are harmless to most can be hard on some"),
            ("frightens", WARNING, "closed eyes make pictures of what is said"),
            ("flippant", WARNING, "to somebody who is overwhelmed a joke says that nobody sees it"),
            ("written", HINT, "a listener hears at once what nobody would say"),
        )
    ),
    Rule("touch", WARNING, "for some, touch has been an assault", wording.touch),
    Rule("excused", WARNING, "some know the harsh voice from a person who hurt them", wording.excused),
    Rule("contractions", WARNING, "text without any sounds read, not said", wording.contractions),
    Rule("narrator", HINT, "one voice, one person", wording.narrator),
    Rule("spelling", HINT, "one script, one English", wording.spelling),
    Rule("stock", WARNING, "whoever does several practices hears a form being read out", stock, library=True),
    Rule("read-aloud", ERROR, "what stands in the text is spoken", _read_aloud),
    Rule("direction", WARNING, "nobody wants to hear what was meant for the reader", _directions),
    Rule("not-spoken", HINT, "nothing is left out unseen", _not_spoken),
    Rule("language", WARNING, "a voice of another language makes gibberish of the words", _language),
    Rule("phrase-slots", ERROR, "participants bring their own words", _phrase_slots),
    Rule("phrase-in-text", HINT, "participants bring their own words", _phrase_in_text),
    Rule("phrase-forms", HINT, "a wish for somebody else is best in its author's words", _phrase_forms),
    Rule("phrase-wording", HINT, "a short wish for now is easiest to stay with", _phrase_wording),
)  # fmt: skip
