"""One participant: what stands in a row, or in a table of TOML or YAML, read and checked.

Phrases are intimate, and so is a name. No message repeats what stands in a cell, not even where a row is out of
step and a phrase stands in another column; a Participant does not show them either.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kindvoice.errors import SettingsError
from kindvoice.languages import language_of_phrases
from kindvoice.model import Where
from kindvoice.plan.headings import FIELDS, cell_audience, cell_language, cell_length, cell_truth
from kindvoice.publish.output import check_name
from kindvoice.script import Phrase, make_phrase
from kindvoice.script.frontmatter import AUDIENCES, TRAUMA_SENSITIVE
from kindvoice.script.literal import clean
from kindvoice.script.phrases import FORMS, MAX_CHARACTERS
from kindvoice.script.wishes import split_wishes

MAX_PHRASES = 100
MAX_ID_CHARACTERS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenPhrase:
    """A phrase as somebody gave it."""

    text: str = field(repr=False)
    forms: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """other and together, where they are written out"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Somebody who gets recordings of their own. What is None or empty is as the plan says."""

    id: str
    """a folder's name on every system; no two differ in upper and lower case alone"""
    name: str = field(default="", repr=False)
    language: str | None = None
    recognised: bool = False
    """whether only their phrases tell the language"""
    phrases: tuple[GivenPhrase, ...] = field(default=(), repr=False)
    """none: the script's own"""
    length_ms: int | None = None
    voice: str | None = None
    gentle: bool | None = None
    audience: str | None = None
    values: tuple[tuple[str, object], ...] = field(default=(), repr=False)
    where: Where

    def spoken(self, language: str) -> tuple[Phrase, ...] | None:
        """Their phrases with the forms that a language has rules for; None: the script's own are spoken."""
        return (
            tuple(make_phrase(wish.text, language, dict(wish.forms), self.where) for wish in self.phrases)
            or None
        )

    def known(self) -> tuple[tuple[str, object], ...]:
        """What scripts may use of them: their own columns, and `name`."""
        return self.values + ((("name", self.name),) if self.name else ())


def fold(text: str) -> str:
    """A name as a file system sees it that does not tell A from a, nor two spellings of é.

    >>> fold("Zoé") == fold("ZOE\\u0301")
    True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def slug(text: str) -> str:
    """A text as an id: a folder's name on every system. Empty where nothing is left of it.

    >>> slug("Ana Lima"), slug("../../etc"), slug("CON"), slug("…")
    ('Ana-Lima', 'etc', 'p-CON', '')
    """
    kept = "".join(c if c.isalnum() or c == "_" or unicodedata.category(c)[0] == "M" else " " for c in text)
    name = "-".join(kept.split())[: MAX_ID_CHARACTERS - 4].strip("-")
    try:
        check_name(name or "none")
    except SettingsError:
        name = f"p-{name}"[: MAX_ID_CHARACTERS - 4]  # a name that some system keeps for itself
    return name


def participant(
    row: Mapping[str, Any], id: str, where: Where, place: Callable[[str], str] = lambda name: ""
) -> Participant:
    """row: by field or value's name; phrases as a list of cells, texts and tables of forms.

    place: where a field stands within the row, for messages, such as "D7: ". Raises SettingsError.
    """

    def fault(name: str, what: str, cure: str) -> SettingsError:
        return SettingsError(f"{place(name)}{what}", where=where, cure=cure)

    def read(name: str, reader: Callable[[str], Any], wanted: str) -> Any:
        text = one_line(row.get(name))
        try:
            return reader(text) if text else None
        except ValueError:
            raise fault(name, f"the {name} cannot be used", f"write {wanted}") from None

    try:
        phrases = _wishes(row.get("phrases", ()))
    except _WishFault as error:
        raise fault("phrases", *error.args) from None
    language = read("language", cell_language, "such as en, de, pt-BR or Deutsch")
    likely = language_of_phrases(" ".join(wish.text for wish in phrases)) if language is None else None
    values: list[tuple[str, object]] = []
    if surname := one_line(row.get("surname")):
        values.append(("surname", surname))
    for name, value in row.items():
        if name not in FIELDS and one_line(value):
            if isinstance(value, dict):
                raise fault(
                    name, "a value is a text, a number, true or false, or a list of them", "write such a one"
                )
            values.append((name, _value(value)))
    wanted = f"one of: {', '.join((*AUDIENCES, TRAUMA_SENSITIVE))}"
    audience, sensitive = read("audience", cell_audience, wanted) or ("", False)
    return Participant(
        id=id,
        name=one_line(row.get("name")),
        language=language or likely,
        recognised=likely is not None,
        phrases=phrases,
        length_ms=read("length", cell_length, "such as 20m, 12m30s or 12:30"),
        voice=one_line(row.get("voice")) or None,
        gentle=sensitive or read("gentle", cell_truth, "yes or no"),
        audience=audience or None,
        values=tuple(values),
        where=where,
    )


def one_line(value: object) -> str:
    """One line, whatever it was in the file."""
    text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
    return " ".join(clean(text).split())


def _value(value: object) -> object:
    """As `--set` would read it: numbers and truths where they read as such."""
    if isinstance(value, (list, tuple)):
        return tuple(_value(each) for each in value)
    if isinstance(value, (bool, int, float)):
        return value
    text = clean(str(value)).strip()
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    if re.fullmatch(r"-?(?:0|[1-9][0-9]{0,14})", text):  # 007 is a name, not a number
        return int(text)
    return float(text) if re.fullmatch(r"-?[0-9]{1,15}\.[0-9]{1,15}", text) else text


# ---------------------------------------------------------------- phrases


class _WishFault(Exception):
    """what, and its cure"""


def _wishes(values: Sequence[Any]) -> tuple[GivenPhrase, ...]:
    """Cells, which may hold several phrases each, and lists of texts and of tables of forms."""
    entries: list[object] = []
    for value in values:
        if isinstance(value, str):
            entries += split_wishes(value)
        elif isinstance(value, list):
            entries += value
        elif value is not None:
            raise _WishFault("the phrases are neither a text nor a list", "write | between them")
    if len(entries) > MAX_PHRASES:
        raise _WishFault(f"there are more than {MAX_PHRASES} phrases", "choose a few of them")
    return tuple(_wish(entry, number) for number, entry in enumerate(entries, 1))


def _wish(entry: object, number: int) -> GivenPhrase:
    forms = {"self": entry} if isinstance(entry, str) else entry
    if not isinstance(forms, dict) or "self" not in forms or not set(forms) <= set(FORMS):
        raise _WishFault(
            f"phrase {number} is neither a text nor a table of its forms",
            'write "May I be safe." or {self = "...", other = "...", together = "..."}',
        )
    texts = {}
    for name, form in forms.items():
        text = " ".join(clean(form).split()) if isinstance(form, str) else ""
        if not any(c.isalnum() for c in text):
            raise _WishFault(f"phrase {number} has no words", "take it out, or write a wish")
        if len(text) > MAX_CHARACTERS:
            raise _WishFault(
                f"phrase {number} has more than {MAX_CHARACTERS} characters",
                "write | between several phrases",
            )
        texts[name] = text
    return GivenPhrase(text=texts.pop("self"), forms=tuple(texts.items()))
