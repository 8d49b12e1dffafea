"""A participant's phrases: their forms for oneself, another and both, and the file they come in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from kindvoice.errors import ScriptError
from kindvoice.model import Where
from kindvoice.script.literal import clean
from kindvoice.script.person import derive
from kindvoice.script.source import read_text
from kindvoice.script.yamltext import Items, Table, read_yaml

FORMS = ("self", "other", "together")


class Phrase(str):
    """A wish, spoken as itself. `.other` ("May you ...") and `.together` ("May you and I ...") are its forms.

    A form that no rule gives for sure, and that was not written, is a ScriptError when it is asked for.
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
            raise ScriptError(
                f"the phrase {str(self)!r} has no sure form for {name!r}",
                where=self._where,
                cure=f'write it in a phrases file (.yaml): `- {{self: "{self}", {name}: "..."}}`',
            )
        return form


def make_phrase(
    text: str, language: str, forms: Mapping[str, str] | None = None, where: Where | None = None
) -> Phrase:
    """A phrase from what a participant wrote; forms that are not given are derived where a rule is sure.

    Raises ScriptError for text without a letter.
    """
    given = {name: _sentence(form, where) for name, form in (forms or {}).items()}
    phrase = Phrase(_sentence(text, where))
    derived = derive(str(phrase), language)
    phrase._forms = {name: given.get(name, derived[name]) for name in ("other", "together")}
    phrase._where = where
    return phrase


def _sentence(text: str, where: Where | None) -> str:
    """One line; a full stop where the writer left none, so that the voice comes to rest."""
    line = " ".join(clean(text).split())
    if not any(c.isalnum() for c in line):
        raise ScriptError(
            "a phrase is empty", where=where, cure="write a wish, such as: May I be kind to myself."
        )
    return line if line[-1] in ".!?…,;:。！？，；：।؟۔\"'”’»)」』" else line + "."


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
    return tuple(
        _phrase_from(entry, language, Where(path=where.path, line=line))
        for entry, line in zip(entries, lines, strict=True)
    )


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


_BULLET = re.compile(r"^\s*[-*+•]\s+")


def read_phrases(path: Path, language: str) -> tuple[Phrase, ...]:
    """A participant's file: one wish a line, or YAML with `phrases:` where forms are written out.

    In a plain file an empty line and a line that begins with # do not count, nor does a list's dash.
    """
    where = Where(path=str(path), line=0)
    text = read_text(path, "a phrases file")
    if path.suffix.lower() in {".yaml", ".yml"}:
        data = read_yaml(text, str(path), "the phrases file")
        if isinstance(data, Table):
            where = Where(path=str(path), line=data.lines.get("phrases", 0))
            data = data.get("phrases")
        return phrases_from(data, language, where)
    phrases = [
        make_phrase(_BULLET.sub("", line), language, where=Where(path=str(path), line=number))
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not phrases:
        raise ScriptError("the phrases file holds no phrase", where=where, cure="write one wish a line")
    return tuple(phrases)
