"""Where somebody is met: helplines on every page, and what is said of a wish before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kindvoice.care import Care, country_of, find_care, helplines, linked
from kindvoice.speech.readable import cannot_read
from kindvoice.studio.host.choices import Choices
from kindvoice.studio.host.config import Config
from kindvoice.studio.host.wishes import Selection
from kindvoice.studio.web.form import PhraseField

Links = tuple[tuple[str, str], ...]
"""A line in parts: what is shown, and where it leads, or nothing"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhereToTurn:
    """The host's own words stand first; what they leave open is ours."""

    footer: tuple[Links, ...]
    """one or more lines below every page"""
    lines: tuple[Links, ...]
    """each by itself, where somebody should see one at once; the directory of all countries last"""


def where_to_turn(config: Config, language: str, tags: Sequence[str], sentence: str) -> WhereToTurn:
    """By the country that the host has settled, else that of the browser's languages. sentence: ours, for a footer."""
    country = config.country or country_of(tags, language)
    own = config.crisis_line(country)
    lines = tuple(line.links for line in helplines(country))
    if own:
        return WhereToTurn(footer=(linked(own),), lines=(linked(own), *lines))
    return WhereToTurn(footer=(linked(sentence), *lines[:-1]), lines=lines)


def care_for(wish: Selection, before: Selection | None) -> Care | None:
    """What to say of a wish that speaks of dying or of harm. before: what was made already is not asked about again."""
    known = {text for phrase in before.phrases for text in phrase.values()} if before else set()
    texts = [text for phrase in wish.phrases for text in phrase.values() if text not in known]
    return find_care(texts, wish.language)


def care_document(care: Care, turn: WhereToTurn) -> dict[str, object]:
    """For the form's script."""
    return {
        "kind": "care",
        "language": care.language,
        "line": care.line,
        "talk": care.talk,
        "lines": turn.lines,
    }


def unread(row: PhraseField, voice: str, language: str, choices: Choices, say: Mapping[str, str]) -> str:
    """That the chosen voice cannot read a phrase's letters, and which one can; empty where it can."""
    voices = choices.voices_in(language)
    chosen = next((each for each in voices if voice in {"", each.name}), None)
    text = f"{row.self} {row.other} {row.together}"
    if chosen is None or not (letters := cannot_read(chosen, text)):
        return ""
    others = ", ".join(each.title for each in voices if each.engine != "tone" and not cannot_read(each, text))
    name = "unread" if others else "unread_all"
    return say[name].format(voice=chosen.title, letters=letters, others=others)
