"""A participant's phrases: their forms for oneself, another and both, and the file they come in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from kindvoice.errors import ScriptError
from kindvoice.model import Where
from kindvoice.script.frontmatter import Loader
from kindvoice.script.literal import clean

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
                cure=f"write it in the phrases file: `- {{self: ..., {name}: ...}}`",
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
        raise ScriptError("a phrase is empty", where=where, cure="write a wish, such as: May I be kind to myself.")
    return line if line[-1] in ".!?…。！？\"'”’»)" else line + "."


# ---------------------------------------------------------------- grammatical person


def derive(text: str, language: str) -> dict[str, str | None]:
    """The forms other and together of a wish; None where no rule is sure.

    >>> derive("May I be kind to myself.", "en")
    {'other': 'May you be kind to yourself.', 'together': 'May you and I be kind to ourselves.'}
    >>> derive("May all beings be well.", "en")["other"]
    'May all beings be well.'
    >>> derive("Ich bin genug.", "de")
    {'other': None, 'together': None}
    """
    rule = _RULES.get(language.split("-")[0].lower())
    return rule(text) if rule else {"other": None, "together": None}


_EN_OTHER = {
    "i am": "you are", "i'm": "you're", "i've": "you've", "i'll": "you'll", "i'd": "you'd", "am i": "are you",
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself",
}  # fmt: skip
_EN_TOGETHER = {
    "i am": "we are", "i'm": "we're", "i've": "we've", "i'll": "we'll", "i'd": "we'd", "am i": "are we",
    "i": "we", "me": "us", "my": "our", "mine": "ours", "myself": "ourselves",
}  # fmt: skip
_EN_FIRST = re.compile(r"\b(i am|am i|i['’](?:m|ve|ll|d)|i|me|my|mine|myself)\b", re.IGNORECASE)
_EN_WISH = re.compile(r"(may|let) (i|me)\b", re.IGNORECASE)
# A verb that changes with its person, after "I", and a thing that is one each ("my heart", "our hearts"):
# no rule is sure about these.
_EN_UNSURE = re.compile(r"\b(i was|i wasn['’]t|was i)\b", re.IGNORECASE)
_EN_ONE_EACH = re.compile(r"\bmy (own )?(heart|body|mind|life|self|breath|face|soul|voice|home|head)\b", re.IGNORECASE)


def _english(text: str) -> dict[str, str | None]:
    if not _EN_FIRST.search(text):
        return {"other": text, "together": text}
    wish = _EN_WISH.match(text)
    if wish is None or _EN_UNSURE.search(text):
        return {"other": None, "together": None}
    rest = text[wish.end() :]
    verb = wish.group(1)
    let = verb.casefold() == "let"
    other = f"{verb} you{_swap(rest, _EN_OTHER)}"
    together = f"{verb} you and {'me' if let else 'I'}{_swap(rest, _EN_TOGETHER)}"
    # "Let you be kind" is not what anyone says.
    return {"other": None if let else other, "together": None if let or _EN_ONE_EACH.search(rest) else together}


def _swap(text: str, table: Mapping[str, str]) -> str:
    def swapped(match: re.Match[str]) -> str:
        found = match.group()
        word = table[found.casefold().replace("’", "'")]
        if found[0].isupper() and not found.casefold().startswith("i"):
            word = word[0].upper() + word[1:]
        return word

    return _EN_FIRST.sub(swapped, text)


_RULES = {"en": _english}
"""A language without a rule takes every form from the phrases file."""


# ---------------------------------------------------------------- the phrases file


def phrases_from(entries: object, language: str, where: Where) -> tuple[Phrase, ...]:
    """Phrases from the value of a `phrases:` key: texts, or tables with self, other and together."""
    if isinstance(entries, str):
        entries = [entries]
    if not isinstance(entries, Sequence) or not entries:
        raise ScriptError(
            "`phrases` wants a list of wishes", where=where, cure='such as: phrases: ["May I be safe."]'
        )
    phrases = []
    for entry in entries:
        if isinstance(entry, str):
            phrases.append(make_phrase(entry, language, where=where))
            continue
        if not isinstance(entry, Mapping) or "self" not in entry or not set(entry) <= set(FORMS):
            raise ScriptError(
                "a phrase is neither a text nor a table of its forms",
                where=where,
                cure='write "May I be safe." or {self: "...", other: "...", together: "..."}',
            )
        forms = {name: str(form) for name, form in entry.items() if name != "self"}
        phrases.append(make_phrase(str(entry["self"]), language, forms, where))
    return tuple(phrases)


def read_phrases(path: Path, language: str) -> tuple[Phrase, ...]:
    """A participant's file: one wish a line, or YAML with `phrases:` where forms are written out.

    In a plain file an empty line and a line that begins with # do not count.
    """
    where = Where(path=str(path), line=0)
    try:
        text = clean(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ScriptError(f"the phrases file cannot be read: {error.strerror}", where=where) from None
    except UnicodeDecodeError:
        raise ScriptError("the phrases file is not UTF-8 text", where=where) from None
    if path.suffix.lower() in {".yaml", ".yml"}:
        try:
            data = yaml.load(text, Loader)
        except yaml.YAMLError as error:
            line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
            raise ScriptError(
                f"the phrases file is not YAML: {getattr(error, 'problem', error)}",
                where=Where(path=str(path), line=line),
            ) from None
        return phrases_from(data.get("phrases") if isinstance(data, Mapping) else data, language, where)
    phrases = [
        make_phrase(line, language, where=Where(path=str(path), line=number))
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not phrases:
        raise ScriptError("the phrases file holds no phrase", where=where, cure="write one wish a line")
    return tuple(phrases)
