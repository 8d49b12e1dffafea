"""A participant's phrases: their forms for oneself, another and both, and the file they come in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from kindvoice.errors import Faults, ScriptError, WishError
from kindvoice.languages import UNSPACED
from kindvoice.model import StandIn, Where
from kindvoice.script.literal import clean
from kindvoice.script.source import read_text
from kindvoice.script.wishes import split_wishes
from kindvoice.script.yamltext import Items, Table, read_yaml

FORMS = ("self", "other", "together")
MAX_CHARACTERS = 2_000
"""of a phrase, and of each of its forms"""


class Phrase(str):
    """A wish, spoken as itself. `.other` ("May you ...") and `.together` ("May you and I ...") are its forms.

    A form that no rule gives for sure, and that was not written, is a WishError when it is asked for; in a script that
    is read, something else is spoken there (StandIns).
    """

    __slots__ = ("_forms", "_where")
    _forms: dict[str, str | None]
    _where: Where | None

    def forms(self) -> dict[str, str]:
        """The forms that are known, by their names."""
        return {"self": str(self), **{name: form for name, form in self._forms.items() if form is not None}}

    @property
    def self(self) -> str:
        return str(self)

    @property
    def other(self) -> str:
        return self._form("other")

    @property
    def together(self) -> str:
        return self._form("together")

    def _form(self, name: str) -> str:
        form = self._forms[name]
        if form is None:
            raise WishError(self.forms(), name, where=self._where)
        return form


def make_phrase(
    text: str, language: str, forms: Mapping[str, str] | None = None, where: Where | None = None
) -> Phrase:
    """A phrase from what a participant wrote. Forms that are not given are those of our book of phrases, where it has
    this one, else they are derived where a rule is sure.

    Raises ScriptError for text without a letter and for text of more than MAX_CHARACTERS.
    """
    phrase = Phrase(_sentence(text, where))
    # The dots that our notes show in a form's place stand for one that nobody has written.
    known: dict[str, str | None] = {name: form for name, form in (forms or {}).items() if form.strip(" .…")}
    if not known.keys() >= {"other", "together"}:
        known = {**_known_forms(str(phrase), language), **known}
    phrase._forms = {name: form and _sentence(form, where) for name, form in known.items() if name != "self"}
    phrase._where = where
    return phrase


def _known_forms(text: str, language: str) -> Mapping[str, str | None]:
    from kindvoice.script.phrasebook import known_phrase  # which is made of phrases

    known = known_phrase(text, language)
    if known is not None:
        return known.forms()
    from kindvoice.script.person import derive  # whose patterns take long to make

    return derive(text, language)


def _sentence(text: str, where: Where | None) -> str:
    """One line; a full stop where the writer left none, so that the voice comes to rest."""
    if len(text) > MAX_CHARACTERS:
        raise ScriptError(
            f"a phrase has {len(text)} characters, and there is room for {MAX_CHARACTERS}", where=where,
            cure="make it shorter, or several of it",
        )  # fmt: skip
    line = " ".join(clean(text).split())
    if not any(c.isalnum() for c in line):
        raise ScriptError(
            "a phrase is empty", where=where, cure="write a wish, such as: May I be kind to myself."
        )
    closed = line[-1] in ".!?…,;:。！？，；：।؟۔\"'”’»)」』"
    return line if closed else line + ("。" if line[-1] in UNSPACED else ".")


# ---------------------------------------------------------------- where no form is sure


class StandIns:
    """What is spoken in a script where a phrase has no sure form: words that are certainly right.

    For both, the form for the other and then the phrase itself; else a phrase that the script brings, of the same place
    in its list, or the next one that was not heard in this round. Each is told, once.
    """

    def __init__(
        self, phrases: Sequence[Phrase], brought: Callable[[], Sequence[Phrase]], language: str
    ) -> None:
        """own: the phrases that the script itself brings; asked for when they are needed."""
        self.phrases = tuple(_Standing.of(phrase, at, self) for at, phrase in enumerate(phrases))
        self._brought = brought
        self._language = language
        self._choices: dict[str, list[str]] = {}
        self._heard: dict[str, list[str]] = {}
        self._records: dict[tuple[int, str], StandIn] = {}

    def records(self) -> tuple[StandIn, ...]:
        return tuple(self._records[key] for key in sorted(self._records))

    def line(self, at: int, form: str) -> str:
        """What is spoken now in place of this form of the phrase at this place."""
        phrase = self.phrases[at]
        other = phrase._forms["other"]
        if form == "together" and other is not None:
            line, spoken = (other, "self") if other == str(phrase) else (f"{other} {phrase}", "both")
        elif chosen := self._next(at, form):
            line, spoken = chosen, "script"
        else:
            line, spoken = str(phrase), "self"
        stand_in = self._records.get((at, form))
        if stand_in is None:
            stand_in = StandIn(number=at + 1, forms=tuple(phrase.forms().items()), form=form, spoken=spoken)
        if line not in stand_in.lines:
            stand_in = replace(stand_in, lines=(*stand_in.lines, line))
        self._records[at, form] = stand_in
        return line

    def _next(self, at: int, form: str) -> str | None:
        missing = sum(phrase._forms[form] is None is phrase._forms["other"] for phrase in self.phrases)
        # As scripts do, so that a round is never short: one phrase is said three times in it, two are said twice.
        a_round = missing * {1: 3, 2: 2}.get(len(self.phrases), 1)
        if form not in self._choices:
            self._choices[form] = self._choices_for(form, a_round)
        choices, heard = self._choices[form], self._heard.setdefault(form, [])
        if not choices:
            return None
        start = at % max(1, min(len(self._brought()), len(choices)))  # its own stand before the language's
        turned = choices[start:] + choices[:start]
        span = min(a_round, len(choices)) - 1
        recent = heard[-span:] if span else []
        line = next(choice for choice in turned if choice not in recent)
        heard.append(line)
        return line

    def _choices_for(self, form: str, least: int) -> list[str]:
        """The script's own, then the language's where these do not fill a round; but for what is spoken anyway."""
        from kindvoice.script.phrasebook import our_book

        lines = [brought._forms[form] for brought in self._brought()]
        taken = {phrase._forms[form] for phrase in self.phrases}
        if len(set(lines) - taken) < least and (book := our_book(self._language)):
            lines += [need.phrases[0]._forms[form] for need in book.needs]
        free = dict.fromkeys(line for line in lines if line is not None and line not in taken)
        return list(free)[: max(least, len(self._brought()))]


class _Standing(Phrase):
    """A phrase in a script that is read."""

    __slots__ = ("_at", "_stand_ins")
    _at: int
    _stand_ins: StandIns

    @classmethod
    def of(cls, phrase: Phrase, at: int, stand_ins: StandIns) -> _Standing:
        standing = cls(phrase)
        standing._forms, standing._where, standing._at, standing._stand_ins = (
            phrase._forms,
            phrase._where,
            at,
            stand_ins,
        )
        return standing

    def _form(self, name: str) -> str:
        form = self._forms[name]
        return self._stand_ins.line(self._at, name) if form is None else form


# ---------------------------------------------------------------- the phrases file

_FORM_CURE = 'write "May I be safe." or {self: "...", other: "...", together: "..."}'


def phrases_from(entries: object, language: str, where: Where) -> tuple[Phrase, ...]:
    """Phrases from the value of a `phrases:` key: texts, or tables with self, other and together.

    where: the place of the key; an entry has a line of its own.
    """
    if isinstance(entries, str):
        entries = Items(line for line in entries.split("\n") if line.strip())
    if not isinstance(entries, Items) or not entries:
        raise ScriptError(
            "`phrases` wants a list of wishes", where=where, cure='such as: phrases: ["May I be safe."]'
        )
    lines = getattr(entries, "lines", [where.line] * len(entries))
    return _all_of(
        partial(_phrase_from, entry, language, Where(path=where.path, line=line))
        for entry, line in zip(entries, lines, strict=True)
    )


def _all_of(makers: Iterable[Callable[[], Phrase]]) -> tuple[Phrase, ...]:
    """Raises ScriptErrors of all that are wrong."""
    phrases, faults = [], Faults()
    for make in makers:
        with faults.catch():
            phrases.append(make())
    faults.raise_any()
    return tuple(phrases)


def _phrase_from(entry: object, language: str, where: Where) -> Phrase:
    if isinstance(entry, str):
        return make_phrase(entry, language, where=where)
    if not isinstance(entry, Table) or "self" not in entry or not set(entry) <= set(FORMS):
        raise ScriptError("a phrase is neither a text nor a table of its forms", where=where, cure=_FORM_CURE)
    for name, form in entry.items():
        if not isinstance(form, str):
            there = Where(path=where.path, line=entry.lines[name])
            raise ScriptError(f"the form {name!r} of a phrase is not a text", where=there, cure=_FORM_CURE)
    forms = {name: form for name, form in entry.items() if name != "self"}
    return make_phrase(entry["self"], language, forms, where)


def read_phrases(path: Path, language: str) -> tuple[Phrase, ...]:
    """A participant's file: one wish a line, or YAML with `phrases:` where forms are written out.

    In a plain file an empty line and a line that begins with # do not count, nor does a list's dash or number; several
    wishes on one line are told apart where that is sure.
    """
    where = Where(path=str(path), line=0)
    text = read_text(path, "a phrases file")
    if path.suffix.lower() in {".yaml", ".yml"}:
        data = read_yaml(text, str(path), "the phrases file")
        if isinstance(data, Table):
            where = Where(path=str(path), line=data.lines.get("phrases", 0))
            data = data.get("phrases")
        return phrases_from(data, language, where)
    phrases = _all_of(
        partial(make_phrase, wish, language, where=Where(path=str(path), line=number))
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip() and not line.lstrip().startswith("#")
        for wish in split_wishes(line) or [line]
    )
    if not phrases:
        raise ScriptError("the phrases file holds no phrase", where=where, cure="write one wish a line")
    return phrases
