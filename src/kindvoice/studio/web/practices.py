"""The start page: where to begin at once, and all practices, by what somebody needs and how long they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kindvoice.errors import KindvoiceError
from kindvoice.studio.host.choices import Choices
from kindvoice.studio.web.form import nature_of
from kindvoice.studio.web.needs import needs
from kindvoice.studio.web.texts import lasting, say_for

MINUTES = (2, 5, 10, 20, 30)
"""that somebody may have; each shows the practices that can last so long"""
BEGIN, BEGIN_MINUTES = "loving-kindness", 10
"""the practice for who does not want to choose, and how long it is unless they say otherwise"""
OWN = "own"
"""the group of practices that stand in no other"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeCard:
    """One practice as the start page shows it."""

    practice: str
    title: str
    about: str
    lasts: str
    """its minutes, in words"""
    phrases: bool
    """whether it speaks somebody's own"""


@dataclass(frozen=True, slots=True)
class NeedGroup:
    """The practices for one need."""

    name: str
    title: str
    cards: tuple[PracticeCard, ...]


def practice_groups(choices: Choices, language: str, minutes: int | None = None) -> list[NeedGroup]:
    """Those that can be made here, by need. minutes: only what can last so long."""
    say = say_for(language)
    cards: dict[str, PracticeCard] = {}
    for entry in choices.practices_in(language):
        try:
            low, high = choices.range_ms(entry.practice, entry.language)
            phrases = nature_of(entry).phrases
        except (KindvoiceError, OSError):
            continue  # it cannot be made here, or was changed just now: not offered
        if minutes is None or low <= minutes * 60_000 <= high:
            cards[entry.practice] = PracticeCard(
                practice=entry.practice, title=entry.title, about=entry.about,
                lasts=lasting(say, "span", low, high), phrases=phrases,
            )  # fmt: skip
    known = {name for practices in needs().values() for name in practices}
    groups = {**needs(), OWN: [name for name in cards if name not in known]}
    return [
        NeedGroup(name, say[f"need_{name}"], there)
        for name, practices in groups.items()
        if (there := tuple(cards[practice] for practice in practices if practice in cards))
    ]


def where_to_begin(groups: Sequence[NeedGroup]) -> str:
    """The practice for who does not want to choose, which speaks their wishes if any does; empty: there is none."""
    cards = [card for group in groups for card in group.cards]
    cards.sort(key=lambda card: (card.practice != BEGIN, not card.phrases))
    return cards[0].practice if cards else ""
