"""The page where a recording is asked for: what stands in its fields, read from a request or from an order.

Everything is data here. A phrase becomes words to be spoken, never a template, a path or markup; every name is looked
up in a list of ours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
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
from kindvoice.sound.beds import BEDS
from kindvoice.sound.bells import BELLS
from kindvoice.studio.host.choices import Choices
from kindvoice.studio.host.config import Limits
from kindvoice.studio.host.wishes import Selection

GAIN_DB = (-12, 6)
"""of the background against its usual level: what the page offers"""
FORMS = ("other", "together")


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
    bell: str
    """empty: as the script has it"""
    bed: str
    gain_db: int
    gentle: bool
    audience: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nature:
    """What a practice can be asked for."""

    phrases: bool
    """whether it speaks a participant's phrases at all"""
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
        phrases="phrases" in facts or re.search(r"\{[{%][^{}]*\bphrases\b", text) is not None,
        forms=tuple(form for form in FORMS if re.search(rf"\w\.{form}\b", text)),
        audiences=("everyone", *(name for name in known if name != "everyone")) if known else (),
        bed="bed" in facts or re.search(r"^\[bed\b", text, re.MULTILINE | re.IGNORECASE) is not None,
        own_bell=_first_sound("bell", text, BELLS, otherwise="middle"),
        own_bed=_first_sound("bed", text, BEDS) if "bed" not in facts else _one_of(str(facts["bed"]), BEDS),
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
            number=at, self=_text(fields[f"self-{n}"]),
            other=_text(fields.get(f"other-{n}", "")), together=_text(fields.get(f"together-{n}", "")),
        )
        for at, n in enumerate(_numbers(fields)[: limits.phrases], 1)
    ]  # fmt: skip
    return OrderForm(
        rows=tuple(rows),
        minutes=_number(fields.get("minutes", ""), 1, 24 * 60),
        voice=fields.get("voice", "")[:100],
        bell=fields.get("bell", "")[:20],
        bed=fields.get("bed", "")[:20],
        gain_db=_number(fields.get("gain", "0"), *GAIN_DB) or 0,
        gentle="gentle" in fields,
        audience=fields.get("audience", "everyone")[:20],
    )


def _numbers(fields: Mapping[str, str]) -> list[int]:
    """Of the phrases that were sent: a row that was taken away leaves a gap."""
    matches = (re.fullmatch(r"self-([1-9][0-9]?)", name, re.ASCII) for name in fields)
    return sorted(int(match[1]) for match in matches if match)


def _text(text: str) -> str:
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


def with_forms(
    draft: OrderForm,
    fields: Mapping[str, str],
    nature: Nature,
    language: str,
    book: Phrasebook | None,
    limits: Limits,
) -> OrderForm:
    """The draft with the forms that rules give, but for phrases that are too long, which `problems` tells of.

    A form that was made for other words, which stand in the field `was-N`, is made anew, unless somebody changed it.
    """
    rows = []
    for row, n in zip(draft.rows, _numbers(fields), strict=False):
        was = _text(fields.get(f"was-{n}", ""))
        if max(len(row.self), len(was)) <= limits.phrase_letters:
            written = {name: getattr(row, name) for name in FORMS}
            if was and was != row.self:
                old = forms_of(was, language, book)
                written = {name: "" if text == old.get(name) else text for name, text in written.items()}
            row = formed(row, written, nature, language, book)
        rows.append(row)
    return replace(draft, rows=tuple(rows))


def formed(
    row: PhraseField, written: Mapping[str, str], nature: Nature, language: str, book: Phrasebook | None
) -> PhraseField:
    """The phrase with its forms: as somebody has written them, else as a rule gives them."""
    if not any(c.isalnum() for c in row.self):
        return replace(row, other="", together="")
    sure = forms_of(row.self, language, book)
    forms = {
        name: (written.get(name) or sure.get(name, "")) if name in nature.forms else "" for name in FORMS
    }
    lacking = frozenset(name for name in nature.forms if not forms[name])
    hints = tuple(phrase_hints(row.self, language))
    return replace(row, other=forms["other"], together=forms["together"], lacking=lacking, hints=hints)


def forms_of(text: str, language: str, book: Phrasebook | None) -> dict[str, str]:
    """The forms other and together as far as they are sure: as the phrase book writes them, else by rule."""
    known = book.find(text) if book else None
    try:
        return (known or make_phrase(text, language)).forms()
    except ScriptError:
        return {}


# ---------------------------------------------------------------- to a wish, and back


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something to look at again."""

    words: str
    """which of the page's texts tells it"""
    at: str
    """the id of the field"""
    n: int = 0
    most: int = 0


def problems(draft: OrderForm, nature: Nature, range_ms: tuple[int, int], limits: Limits) -> list[Problem]:
    problems, most = [], limits.phrase_letters
    for row in draft.rows:
        if max(len(row.self), len(row.other), len(row.together)) > most:
            problems.append(Problem(words="long_phrase", at=f"self-{row.number}", n=row.number, most=most))
        elif row.self and not any(c.isalnum() for c in row.self):
            problems.append(Problem(words="bad_words", at=f"self-{row.number}", most=most))
    low, high = range_ms
    if draft.minutes is None or not low <= draft.minutes * 60_000 <= high:
        problems.append(Problem(words="bad_length", at="minutes"))
    return problems


def wish_of(draft: OrderForm, entry: Entry, nature: Nature) -> Selection:
    """Of a draft without problems."""
    phrases = tuple(
        {"self": row.self, **{name: text for name in nature.forms if (text := getattr(row, name))}}
        for row in draft.rows
        if row.self and nature.phrases
    )
    assert draft.minutes is not None
    return Selection(
        practice=entry.practice,
        language=entry.language,
        phrases=phrases,
        length_ms=draft.minutes * 60_000,
        voice=draft.voice or None,
        bell=draft.bell or None,
        bed=draft.bed or None,
        bed_gain_db=float(draft.gain_db),
        gentle=draft.gentle,
        audience=draft.audience,
    )


def after_button(
    draft: OrderForm,
    fields: Mapping[str, str],
    nature: Nature,
    language: str,
    book: Phrasebook | None,
    most: int,
) -> OrderForm:
    """The draft after a button that only changes it: another row, one less, or a phrase of the book."""
    rows = list(draft.rows)
    if fields.get("act") == "more":
        rows.append(PhraseField(number=0))
    elif "remove" in fields:
        rows = [row for row in rows if str(row.number) != fields["remove"]] or [PhraseField(number=0)]
    elif "use" in fields:
        name, _, at = fields["use"].partition(":")
        need = next((need for need in (book.needs if book else ()) if need.name == name), None)
        if need and at.isascii() and at.isdigit() and int(at) < len(need.phrases):
            used = formed(PhraseField(number=0, self=str(need.phrases[int(at)])), {}, nature, language, book)
            empty = next((n for n, row in enumerate(rows) if not row.self), len(rows))
            rows[empty : empty + 1] = [used]
    numbered = [replace(row, number=n) for n, row in enumerate(rows[:most], 1)]
    return replace(draft, rows=tuple(numbered))


def first_draft(entry: Entry, choices: Choices, voice: str) -> OrderForm:
    """An empty form."""
    low, high = choices.range_ms(entry.practice, entry.language)
    usual = min(max(entry.length_ms or low, low), high)
    return OrderForm(
        rows=tuple(PhraseField(number=n) for n in (1, 2, 3)), minutes=max(1, usual // 60_000), voice=voice,
        bell="", bed="",
        gain_db=0, gentle=False, audience="everyone",
    )  # fmt: skip


def draft_of(wish: Selection, nature: Nature, book: Phrasebook | None) -> OrderForm:
    """The form as it was when this was asked for."""
    rows = [
        formed(PhraseField(number=n, self=phrase["self"]), phrase, nature, wish.language, book)
        for n, phrase in enumerate(wish.phrases, 1)
    ]
    return OrderForm(
        rows=tuple(rows) or (PhraseField(number=1),), minutes=wish.length_ms // 60_000, voice=wish.voice or "",
        bell=wish.bell or "", bed=wish.bed or "", gain_db=round(wish.bed_gain_db), gentle=wish.gentle,
        audience=wish.audience,
    )  # fmt: skip
