"""The page where a recording is asked for: what stands in its fields, read from a request or from an order.

Everything is data here. A phrase becomes words to be spoken, never a template, a path or markup; every name is looked
up in a list of ours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from kindvoice.errors import ScriptError
from kindvoice.lint import PhraseHint, phrase_hints
from kindvoice.script import make_phrase
from kindvoice.script.frontmatter import AUDIENCES
from kindvoice.script.library import Entry
from kindvoice.script.literal import nfc
from kindvoice.script.load import read_facts
from kindvoice.script.phrasebook import Phrasebook
from kindvoice.script.source import read_text
from kindvoice.script.wishes import split_wishes
from kindvoice.sound.beds import BEDS
from kindvoice.sound.bells import BELLS
from kindvoice.studio.host.config import Limits
from kindvoice.studio.host.errors import StudioFault
from kindvoice.studio.host.wishes import Order, Selection
from kindvoice.studio.web.needs import SLEEP, needs
from kindvoice.studio.web.texts import lasting, say_for

GAIN_DB = (-12, 6)
"""of the background against its usual level: what the page offers"""
FORMS = ("other", "together")
LANDING_MS = 8 * 60_000
"""of a practice that is twice as long or longer; a shorter one lands from its middle on"""
SUGGESTED = 3
"""wishes that stand in a new form"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseField:
    """One phrase as it stands in the form."""

    number: int
    self: str = field(default="", repr=False)
    other: str = field(default="", repr=False)
    together: str = field(default="", repr=False)
    lacking: frozenset[str] = frozenset()
    """forms that no rule gives and nobody wrote"""
    hints: tuple[PhraseHint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderForm:
    """The whole form."""

    rows: tuple[PhraseField, ...]
    minutes: int | None
    """None: what was sent is no number"""
    voice: str
    """empty: the best"""
    bell: str = ""
    """empty: as the script has it"""
    bed: str = ""
    gain_db: int = 0
    gentle: bool = False
    landing: bool = False
    """whether it is to grow sparser and quieter at the end"""
    audience: str = "everyone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nature:
    """What a practice can be asked for."""

    phrases: bool
    """whether it speaks a participant's phrases at all"""
    wishes: tuple[str, ...]
    """those that it brings itself"""
    forms: tuple[str, ...]
    """which of their forms it speaks besides"""
    audiences: tuple[str, ...]
    """for whom it has words of its own; none, or more than one with everyone first"""
    bed: bool
    """whether it brings a background of its own"""
    own_bell: str
    """the bell that it rings first; empty where that is none of ours"""
    own_bed: str
    """the background that comes first; empty where that is none of ours"""


def nature_of(entry: Entry) -> Nature:
    return _nature(entry.path, entry.path.stat().st_mtime_ns)


@lru_cache(maxsize=512)
def _nature(path: Path, mtime_ns: int) -> Nature:
    text = read_text(path)
    facts = read_facts(path)
    known = [name for name in AUDIENCES if name in facts.get("audiences", ())]
    return Nature(
        wishes=_wishes(facts.get("phrases", ())),
        phrases="phrases" in facts or re.search(r"\{[{%][^{}]*\bphrases\b", text) is not None,
        forms=tuple(form for form in FORMS if re.search(rf"\w\.{form}\b", text)),
        audiences=("everyone", *(name for name in known if name != "everyone")) if known else (),
        bed="bed" in facts or re.search(r"^\[bed\b", text, re.MULTILINE | re.IGNORECASE) is not None,
        own_bell=_first_sound("bell", text, BELLS, otherwise="middle"),
        own_bed=_first_sound("bed", text, BEDS) if "bed" not in facts else _one_of(str(facts["bed"]), BEDS),
    )


def _wishes(brought: object) -> tuple[str, ...]:
    """As people read them: of each phrase its form for oneself."""
    each = brought if isinstance(brought, (list, tuple)) else ()
    return tuple(
        str(wish["self"]) if isinstance(wish, Mapping) and "self" in wish else str(wish) for wish in each
    )


def _first_sound(cue: str, text: str, ours: Collection[str], otherwise: str = "") -> str:
    """The sound of the first cue of that name."""
    match = re.search(rf"^[^\S\n]*\[{cue}\b([^\]\n]*)\]", text, re.MULTILINE | re.IGNORECASE)
    if match is None or '"' in match[1]:
        return ""
    return next((name for word in match[1].split() if (name := _one_of(word, ours))), otherwise)


def _one_of(word: str, ours: Collection[str]) -> str:
    name = word.strip(" :,").casefold()
    return name if name in ours else ""


# ---------------------------------------------------------------- from a request


def read_draft(fields: Mapping[str, str], limits: Limits) -> OrderForm:
    """What the fields say. Unknown names stay as they are, for `problems` to tell of."""
    rows = [
        PhraseField(
            number=at, self=one_line(fields[f"self-{n}"]),
            other=one_line(fields.get(f"other-{n}", "")), together=one_line(fields.get(f"together-{n}", "")),
        )
        for at, n in enumerate(_numbers(fields)[: limits.phrases], 1)
    ]  # fmt: skip
    return OrderForm(
        rows=tuple(rows),
        minutes=minutes_of(fields.get("minutes", "")),
        voice=fields.get("voice", "")[:100],
        bell=fields.get("bell", "")[:20],
        bed=fields.get("bed", "")[:20],
        gain_db=_number(fields.get("gain", "0"), *GAIN_DB) or 0,
        gentle="gentle" in fields,
        landing="landing" in fields,
        audience=fields.get("audience", "everyone")[:20],
    )


def _numbers(fields: Mapping[str, str]) -> list[int]:
    """Of the phrases that were sent: a row that was taken away leaves a gap."""
    matches = (re.fullmatch(r"self-([1-9][0-9]?)", name, re.ASCII) for name in fields)
    return sorted(int(match[1]) for match in matches if match)


def one_line(text: str) -> str:
    """One line in one spelling (NFC), without what is no text: controls, halves of pairs, marks that turn the line."""
    spaced = re.sub("[\t\r\n\u2028\u2029]", " ", nfc(text))
    kept = (c for c in spaced if unicodedata.category(c) not in {"Cc", "Cs", "Cn", "Co"} and c not in _TURNS)
    return " ".join("".join(kept).split())


_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _number(text: str, low: int, high: int) -> int | None:
    if not re.fullmatch(r"[+-]?[0-9]{1,4}(\.0*)?", text.strip(), re.ASCII):
        return None
    number = int(float(text))
    return number if low <= number <= high else None


def minutes_of(text: str) -> int | None:
    """That somebody says they have; None for what is no number of minutes."""
    return _number(text, 1, 24 * 60)


def _numbered(rows: Iterable[PhraseField]) -> tuple[PhraseField, ...]:
    return tuple(replace(row, number=n) for n, row in enumerate(rows, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeForm:
    """The form of one practice: what it can hold, and how it is filled in."""

    entry: Entry
    nature: Nature
    range_ms: tuple[int, int]
    """the lengths that may be asked for"""
    book: Phrasebook | None
    limits: Limits

    @property
    def for_sleep(self) -> bool:
        """Whether a landing is offered."""
        return self.entry.practice in needs()[SLEEP]

    @property
    def example(self) -> str:
        """A phrase of the language; empty where there is none."""
        return str(self.book.needs[0].phrases[0]) if self.book and self.book.needs else ""

    def first(self, voice: str, minutes: int | None = None) -> OrderForm:
        """As it is offered: with wishes that may be left as they are. minutes: that somebody has; None: as usual."""
        low, high = self.range_ms
        length_ms = minutes * 60_000 if minutes else self.entry.length_ms or low
        rows = [self.formed(PhraseField(number=0, self=text), {}) for text in self._suggested()]
        rows = rows or [PhraseField(number=0)]
        return OrderForm(rows=_numbered(rows), minutes=min(max(length_ms, low), high) // 60_000, voice=voice)

    def _suggested(self) -> list[str]:
        """Three wishes: the practice's own, and where it has fewer, some of the book, each of another need."""
        if not self.nature.phrases:
            return []
        book = [str(need.phrases[0]) for need in self.book.needs if need.phrases] if self.book else []
        wishes = dict.fromkeys((*self.nature.wishes, *book))
        return list(wishes)[: min(SUGGESTED, self.limits.phrases)]

    def read(self, fields: Mapping[str, str]) -> OrderForm:
        """The draft with the forms that rules give, but for phrases that are too long, which `problems` tells of.

        A form that was made for other words, which stand in the field `was-N`, is made anew, unless somebody changed
        it. Several wishes in one field are rows of their own.
        """
        draft, rows = read_draft(fields, self.limits), []
        for row, n in zip(draft.rows, _numbers(fields), strict=False):
            was = one_line(fields.get(f"was-{n}", ""))
            if max(len(row.self), len(was)) <= self.limits.phrase_letters:
                written = {name: getattr(row, name) for name in FORMS}
                if was and was != row.self:
                    old = self._sure(was)
                    written = {name: "" if text == old.get(name) else text for name, text in written.items()}
                row = self.formed(row, written)
            wishes = split_wishes(row.self)[: self.limits.phrases]
            rows += (
                [row] if len(wishes) < 2 else [self.formed(replace(row, self=wish), {}) for wish in wishes]
            )
        return replace(draft, rows=_numbered(rows[: self.limits.phrases]))

    def again(self, order: Order) -> OrderForm:
        """As it was when this was asked for; where that length did not fit, with the nearest one that does."""
        wish, minutes = order.wish, order.wish.length_ms // 60_000
        if order.range_ms is not None:
            shortest_ms, longest_ms = order.range_ms
            minutes = max(min(minutes, longest_ms // 60_000), -(-shortest_ms // 60_000))
        rows = [
            self.formed(PhraseField(number=n, self=phrase["self"]), phrase)
            for n, phrase in enumerate(wish.phrases, 1)
        ]
        return OrderForm(
            rows=tuple(rows) or (PhraseField(number=1),), minutes=minutes, voice=wish.voice or "",
            bell=wish.bell or "", bed=wish.bed or "", gain_db=round(wish.bed_gain_db), gentle=wish.gentle,
            landing=wish.landing_ms > 0, audience=wish.audience,
        )  # fmt: skip

    def formed(self, row: PhraseField, written: Mapping[str, str]) -> PhraseField:
        """The phrase with its forms: as somebody has written them, else as a rule gives them."""
        if not _is_said(row.self):
            return replace(row, other="", together="")
        spoken, sure = self.nature.forms, self._sure(row.self)
        forms = {name: written.get(name) or sure.get(name, "") if name in spoken else "" for name in FORMS}
        lacking = frozenset(name for name in spoken if not forms[name])
        hints = tuple(phrase_hints(row.self, self.entry.language))
        return replace(row, other=forms["other"], together=forms["together"], lacking=lacking, hints=hints)

    def _sure(self, text: str) -> dict[str, str]:
        """The forms other and together as far as they are sure: as the phrase book writes them, else by rule."""
        known = self.book.find(text) if self.book else None
        try:
            return (known or make_phrase(text, self.entry.language)).forms()
        except ScriptError:
            return {}

    def after_button(self, draft: OrderForm, fields: Mapping[str, str]) -> OrderForm:
        """The draft after a button that only changes it: another row, one less, or a phrase of the book."""
        rows = list(draft.rows)
        if fields.get("act") == "more":
            rows.append(PhraseField(number=0))
        elif "remove" in fields:
            rows = [row for row in rows if str(row.number) != fields["remove"]] or [PhraseField(number=0)]
        elif "use" in fields:
            name, _, at = fields["use"].partition(":")
            need = next((need for need in (self.book.needs if self.book else ()) if need.name == name), None)
            if need and at.isascii() and at.isdigit() and int(at) < len(need.phrases):
                used = self.formed(PhraseField(number=0, self=str(need.phrases[int(at)])), {})
                empty = next((n for n, row in enumerate(rows) if not row.self), len(rows))
                rows[empty : empty + 1] = [used]
        return replace(draft, rows=_numbered(rows[: self.limits.phrases]))

    def problems(self, draft: OrderForm) -> list[tuple[str, str]]:
        """What to look at again, in the page's words, and the id of the field."""
        problems, most, say = [], self.limits.phrase_letters, say_for(self.entry.language)
        for row in draft.rows:
            if max(len(row.self), len(row.other), len(row.together)) > most:
                problems.append((say["long_phrase"].format(n=row.number, most=most), f"self-{row.number}"))
            elif row.self and not _is_said(row.self):
                problems.append((say["bad_words"].format(most=most), f"self-{row.number}"))
        low, high = self.range_ms
        if draft.minutes is None or not low <= draft.minutes * 60_000 <= high:
            problems.append((lasting(say, "bad_length", low, high), "minutes"))
        return problems

    def refused(self, kind: StudioFault) -> tuple[str, str]:
        """Likewise, of what cannot be had in the end."""
        say = say_for(self.entry.language)
        name, at = _REFUSED.get(kind, ("trouble_about", ""))
        if name == "bad_length":
            return lasting(say, name, *self.range_ms), at
        return say[name].format(most=self.limits.phrase_letters), at

    def wish(self, draft: OrderForm) -> Selection:
        """Of a draft without problems."""
        phrases = tuple(
            {"self": row.self, **{name: text for name in self.nature.forms if (text := getattr(row, name))}}
            for row in draft.rows
            if row.self and self.nature.phrases
        )
        assert draft.minutes is not None
        length_ms = draft.minutes * 60_000
        landing_ms = min(LANDING_MS, length_ms // 2) if draft.landing and self.for_sleep else 0
        return Selection(
            practice=self.entry.practice, language=self.entry.language, phrases=phrases,
            length_ms=length_ms, landing_ms=landing_ms, voice=draft.voice or None, bell=draft.bell or None,
            bed=draft.bed or None, bed_gain_db=float(draft.gain_db), gentle=draft.gentle, audience=draft.audience,
        )  # fmt: skip


_REFUSED = {
    "words": ("bad_words", "self-1"), "length": ("bad_length", "minutes"), "voice": ("failed_voice", ""),
    "full": ("full", ""), "busy": ("full", ""), "many": ("many", ""),
}  # fmt: skip
"""the kind of a fault, to a text and a field"""


def _is_said(text: str) -> bool:
    return any(c.isalnum() for c in text)
