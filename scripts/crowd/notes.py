"""What people wished, were told and found wrong."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field

WORD = re.compile(rb"zo(?:[bdfgklmnprstv][aeiou]){4}x")


def word(number: int) -> str:
    """A word that nobody has ever wished for; no two numbers below 4 million have the same.

    >>> word(0), word(1)
    ('zobababax', 'zodababax')
    """
    told = []
    for _ in range(4):
        number, at = divmod(number, 60)
        told.append("bdfgklmnprst"[at % 12] + "aeiou"[at // 12])
    return f"zo{''.join(told)}x"


def words_in(data: bytes | str) -> set[str]:
    """Everybody's words in a page or a file. Tags may spell them with two bytes a letter."""
    raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
    return {found.decode() for found in WORD.findall(raw.replace(b"\0", b"").lower())}


@dataclass
class Making:
    """One version of an order, from the button to the recording."""

    sent_s: float
    answered_s: float
    done_s: float | None = None
    """by the server's clock"""
    plain: bool = True
    """nobody changed or deleted it on its way"""


@dataclass
class Link:
    """An order that was accepted: what must, and what may, be in it."""

    path: str
    fields: dict[str, str]
    """the form, as it was sent last"""
    may: set[str]
    """the word of the newest version that was accepted; more where nobody can know which that is"""
    all: set[str]
    """with those of versions before it, which stand there until the next one is made"""
    deleted: bool = False
    unsure: bool = False
    """a deletion was sent, and the answer was lost"""
    makings: list[Making] = field(default_factory=list)
    changing: int = 0
    """changes that are on their way"""
    before: set[str] = field(default_factory=set)
    """what it might have been before the first of them"""
    answers: dict[str, bool] = field(default_factory=dict)
    """of these changes, by their word: whether they were accepted"""
    lost: set[str] = field(default_factory=set)
    """those of them without an answer"""

    def begin_change(self, own: str) -> None:
        if not self.changing:
            self.before, self.answers, self.lost = set(self.may), {}, set()
        self.changing += 1
        self.lost.add(own)
        self.may.add(own)
        self.all.add(own)

    def end_change(self, own: str, accepted: bool | None) -> None:
        self.changing -= 1
        if accepted is not None:
            self.lost.discard(own)
            self.answers[own] = accepted
        if not self.changing:
            taken = {word for word, yes in self.answers.items() if yes}
            self.may = taken | self.lost | (set() if taken else self.before)


@dataclass
class Notes:
    """Everything that came of it."""

    times_ms: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    sounds: dict[str, str] = field(default_factory=dict)
    """sha256 of a file to what is said in it"""
    deeds: Counter[str] = field(default_factory=Counter)
    links: list[Link] = field(default_factory=list)
    orphans: set[str] = field(default_factory=set)
    """words of orders that were sent, and whose answer the kill cut off: nobody has their link"""

    def fault(self, told: str) -> None:
        self.faults.append(told)

    def heard(self, data: bytes, said: str) -> None:
        """No two different things said may be the same file."""
        if (other := self.sounds.setdefault(hashlib.sha256(data).hexdigest(), said)) != said:
            self.fault(f"one sound file for two wishes: {other!r} and {said!r}")
