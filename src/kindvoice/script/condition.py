"""Who hears a paragraph or a chapter: `[from 12m]`, `[until 10m]`, `[gentle]`, `[for carers]`, and several together.

Minutes are of the length that was asked for: from is the first length at which it is heard, until the first at which it
is not. So `[until 10m]` and `[from 10m]` are one or the other at every length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from kindvoice.errors import did_you_mean, terminal
from kindvoice.script.directions import Vocabulary, read_direction, vocabulary
from kindvoice.script.duration import parse_duration
from kindvoice.script.frontmatter import TRAUMA_SENSITIVE
from kindvoice.units import format_ms

EXAMPLES = "[from 12m]  [until 10m]  [from 8m until 20m]  [gentle]  [not gentle]  [for teenagers]"
LENGTH_CURE = f"add `length: 15m` to the front matter{terminal(' or give --length 15m')}"
LONGEST = 200
"""characters of a condition"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """For whom a script is read."""

    length_ms: int | None = None
    gentle: bool = False
    audience: str = "everyone"
    without: tuple[str, ...] = ()
    """titles of chapters that are left out"""

    @property
    def heard_as(self) -> frozenset[str]:
        return frozenset((self.audience, *([TRAUMA_SENSITIVE] if self.gentle else [])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What one pair of brackets says of who hears it."""

    from_ms: int | None = None
    """the shortest length at which it is heard"""
    until_ms: int | None = None
    """the shortest length at which it is heard no more"""
    gentle: bool | None = None
    only_for: tuple[str, ...] = ()
    not_for: tuple[str, ...] = ()
    without: str = ""
    """the chapter's title, where it is left out because it was asked for"""

    def __str__(self) -> str:
        return ", ".join(filter(None, self._parts()))

    @property
    def timed(self) -> bool:
        return self.from_ms is not None or self.until_ms is not None

    def unmet(self, listener: Listener) -> str:
        """What of it is not so for this listener, as it is written; empty where all is."""
        length_ms = listener.length_ms
        low, high = self.from_ms or 0, self.until_ms
        outside = length_ms is not None and (length_ms < low or (high is not None and length_ms >= high))
        wrong = (
            outside,
            self.gentle not in (None, listener.gentle),
            bool(self.only_for) and listener.heard_as.isdisjoint(self.only_for),
            listener.audience in self.not_for,
            bool(self.without),
        )
        if not any(wrong):
            return ""
        return ", ".join(part for part, out in zip(self._parts(), wrong, strict=True) if out)

    def _parts(self) -> tuple[str, ...]:
        ends = (("from", self.from_ms), ("until", self.until_ms))
        return (
            " ".join(f"{name} {format_ms(ms)}" for name, ms in ends if ms is not None),
            "" if self.gentle is None else "gentle" if self.gentle else "not gentle",
            f"for {', '.join(self.only_for)}" if self.only_for else "",
            f"not for {', '.join(self.not_for)}" if self.not_for else "",
            f"without {self.without}" if self.without else "",
        )


# ---------------------------------------------------------------- one pair of brackets

_TOKEN = re.compile(
    r"(?P<clock>\d{1,4}:[0-5]\d(?!\d))|(?P<number>\d{1,9}(?:[.,]\d{1,2}(?!\d))?)"
    r"|(?P<word>[^\W\d_]+(?:-[^\W\d_]+)*)|(?P<and>[,;])|(?P<other>[^\s'’.])"
)
_UNITS = {"seconds": "s", "minutes": "m", "hours": "h"}
_Item = tuple[str, str]
"""(kind, text): from, until, gentle, not, for, and; a length in English; a word; other"""


class _Strange(Exception):
    """It is no condition."""


@lru_cache(maxsize=4096)
def read_condition(inside: str, words: Vocabulary) -> Condition | None:
    """The inside of `[...]`; None where it is about something else.

    >>> str(read_condition("Gentle, from 10 minutes", vocabulary("en")))
    'from 10m, gentle'

    Raises ValueError with what is wrong and the cure.
    """
    items = list(_items(inside, words)) if len(inside) <= LONGEST else []
    kinds = {kind for kind, _ in items}
    if not kinds & {"from", "until", "gentle", "for"}:
        return None
    # Where the words stand behind what they are about, as in Turkish, the text is read from its end.
    orders = [items, items[::-1]] if words.after else [items]
    for order in orders:
        try:
            return _Grammar(order, words, backwards=order is not items).read()
        except _Strange:
            continue
    direction = read_direction(inside, words) if "gentle" in kinds else None
    if direction is not None and direction.kinds & {"music", "bell", "fade"}:
        return None  # gentle music
    if "length" in kinds and (items[0][0] in {"from", "until"} or {"gentle", "length"} <= kinds):
        raise ValueError(" cannot be understood", f"who hears a paragraph is written {EXAMPLES}")
    return None


def _items(inside: str, words: Vocabulary) -> Iterator[_Item]:
    length = ""
    for match in _TOKEN.finditer(inside.casefold()):
        kind, text = match.lastgroup or "", match[0]
        unit = ""
        if kind == "word" and length[-1:].isdecimal():
            of = words.kinds.get(text, frozenset())
            unit = next((letter for name, letter in _UNITS.items() if name in of), "")
        if unit or (kind == "number" and length[-1:].isalpha()):
            length += unit or text
            continue
        if length:
            yield "length", length
            length = ""
        if kind in {"clock", "number"}:
            length = text
        elif kind != "word":
            yield kind, text
        elif (role := words.heard.get(text, "word")) != "also":
            yield role, text
    if length:
        yield "length", length


class _Grammar:
    """items: in the order in which a word comes before what it is about. backwards: whether they were turned for it."""

    def __init__(self, items: list[_Item], words: Vocabulary, *, backwards: bool) -> None:
        self._items = items
        self._words = words
        self._backwards = backwards
        self._at = 0
        self._known: dict[str, int | bool] = {}
        self._audiences: dict[bool, list[str]] = {True: [], False: []}

    def read(self) -> Condition:
        while self._at < len(self._items):
            kind = self._next()
            wanted = kind != "not"
            if not wanted:
                kind = self._next()
                if kind in {"from", "until"} and self._peek() == "length":
                    raise ValueError(" cannot be turned round", "[not from 10m] is [until 10m]")
            if kind in {"from", "until"} and wanted:
                while self._peek() == kind:
                    self._at += 1
                self._note(kind, self._length())
            elif kind == "gentle":
                self._note(kind, wanted)
            elif kind == "for":
                names = list(self._names())
                if not names:
                    raise _Strange
                self._audiences[wanted] += names
            elif kind != "and" or not wanted:
                raise _Strange
        return self._checked()

    def _peek(self) -> str:
        return self._items[self._at][0] if self._at < len(self._items) else ""

    def _next(self) -> str:
        kind = self._peek()
        self._at += 1
        return kind

    def _note(self, name: str, value: int | bool) -> None:
        if name in self._known:
            raise ValueError(f" says `{name}` twice", "say it once; no part is heard that wants both")
        self._known[name] = value

    def _length(self) -> int:
        if self._peek() != "length":
            raise _Strange
        ms = parse_duration(self._items[self._at][1], bare_unit="m")
        if ms is None:
            raise ValueError(" has no length that can be used", "such as 12m, 90s or 1h15m")
        self._at += 1
        return ms

    def _names(self) -> Iterator[str]:
        """Audiences, with commas or `and` between them."""
        while self._peek() == "word":
            parts = []
            while self._peek() == "word":
                parts.append(self._items[self._at][1])
                self._at += 1
            yield self._audience(" ".join(parts[::-1] if self._backwards else parts))
            following = self._items[self._at : self._at + 2]
            if [kind for kind, _ in following] == ["and", "word"]:
                self._at += 1

    def _audience(self, name: str) -> str:
        known = self._words.audiences
        audience = known.get(name)
        if audience is None and len(name.split()) > 2:
            raise _Strange  # "[for those who came late]" is an aside
        if audience is None:
            raise ValueError(f": {name!r} is no audience", did_you_mean(name, known, self._all()))
        if audience == "everyone":
            cure = f"take it out: everybody hears what says nothing; or {self._all()}"
            raise ValueError(": a part that is for everyone needs no mark", cure)
        return audience

    def _all(self) -> str:
        return f"known: {', '.join([of for of in dict.fromkeys(self._words.audiences.values()) if of != 'everyone'])}"

    def _checked(self) -> Condition:
        low, high = self._known.get("from"), self._known.get("until")
        if low is not None and high is not None and low >= high:
            cure = "write the shorter length first: from is the first that has it, until the first without"
            raise ValueError(" is true of no length", cure)
        only_for, not_for = (tuple(dict.fromkeys(self._audiences[wanted])) for wanted in (True, False))
        if both := set(only_for) & set(not_for):
            raise ValueError(f" is for {min(both)} and not for them", "take one of both out")
        if only_for == (TRAUMA_SENSITIVE,):
            self._note("gentle", True)
            only_for = ()
        elif TRAUMA_SENSITIVE in not_for:
            self._note("gentle", False)
            not_for = tuple(name for name in not_for if name != TRAUMA_SENSITIVE)
        if not (self._known or only_for or not_for):
            raise _Strange
        gentle = self._known.get("gentle")
        return Condition(
            from_ms=low, until_ms=high, gentle=None if gentle is None else bool(gentle),
            only_for=only_for, not_for=not_for,
        )  # fmt: skip


# ---------------------------------------------------------------- in a cue, and in a whole text


def choose(inside: str, words: Vocabulary, listener: Listener | None) -> Iterator[str]:
    """The cues that `pause 6s, 12s from 10m` may be, the one that is heard last; of any other inside, itself.

    >>> list(choose("pause 6s, 12s from 10m, 20s from 20m", vocabulary("en"), Listener(length_ms=600_000)))
    ['pause 6s', 'pause 20s', 'pause 12s']

    Raises ValueError as `read_condition` does.
    """
    base, forms = inside.strip(), _forms(inside, words)
    if forms:
        base = inside.partition(",")[0].strip()
    before = re.split(r"\d", base, maxsplit=1)[0].strip()
    heard, others = base, []
    for length, condition in forms:
        cue = f"{before} {length}".strip()
        if listener is None or condition.unmet(listener):
            others.append(cue)
        else:
            others.append(heard)
            heard = cue
    yield from [*others, heard]


def _forms(inside: str, words: Vocabulary) -> list[tuple[str, Condition]]:
    """Of `pause 6s, 12s from 10m` the length `12s` and its condition; empty where it is another cue."""
    if "," not in inside or len(inside) > LONGEST:
        return []
    forms = [next(_form(part.strip(), words), None) for part in inside.split(",")[1:]]
    whole = [form for form in forms if form is not None]
    return whole if len(whole) == len(forms) else []


def _form(part: str, words: Vocabulary) -> Iterator[tuple[str, Condition]]:
    for space in re.finditer(r"\s+", part) if part[:1].isdecimal() else ():
        if condition := read_condition(part[space.end() :], words):
            yield part[: space.start()], condition


def conditions_in(text: str, language: str) -> Iterator[tuple[int, Condition]]:
    """Those that stand in an author's text, each with its line, but for those that are wrong."""
    words, line, position = vocabulary(language), 1, 0
    for bracket in re.finditer(r"\[([^\[\]]*)\]", text):
        line, position = line + text.count("\n", position, bracket.start()), bracket.start()
        with suppress(ValueError):
            forms = [condition for _, condition in _forms(bracket[1], words)]
            condition = read_condition(bracket[1], words)
            yield from ((line, each) for each in [*forms, *([condition] if condition else [])])
