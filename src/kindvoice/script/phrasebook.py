"""Phrases by need, in every language: one file a language, `scripts_library/LANGUAGE/phrases.yaml`.

language: en
questions: ["What do I need to hear today?", ...]
needs:
  safety:
    title: Safety
    phrases:
      - {self: "May I be safe.", other: "May you be safe.", together: "May you and I be safe."}
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kindvoice.errors import ScriptError
from kindvoice.languages import nearest_tag
from kindvoice.model import Where
from kindvoice.paths import data_folder
from kindvoice.script.phrases import Phrase, phrases_from
from kindvoice.script.source import read_text
from kindvoice.script.yamltext import Items, Table, read_yaml

FILE = "phrases.yaml"


@dataclass(frozen=True, slots=True)
class Need:
    name: str
    """the same in every language: safety, kindness..."""
    title: str
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Phrasebook:
    language: str
    questions: tuple[str, ...]
    """gentle ones, which help somebody to find words of their own"""
    needs: tuple[Need, ...]

    def find(self, text: str) -> Phrase | None:
        """The book's own phrase in these words, whatever their capitals, quotes, apostrophes and marks at the end."""
        letters = _letters(text)
        return next((each for need in self.needs for each in need.phrases if _letters(each) == letters), None)


def _letters(text: str) -> str:
    """
    >>> _letters('“may I  be safe”!'), _letters("Que je m’accueille")
    ('may i be safe', 'que je maccueille')
    """
    # Turkish capitals: İ is i with a dot above, and I may have been ı.
    folded = text.casefold().replace("ı", "i").translate(dict.fromkeys(map(ord, "'’`´\u0307")))
    return " ".join("".join(c if c.isalnum() else " " for c in folded).split())


@lru_cache(maxsize=16)
def our_book(language: str) -> Phrasebook | None:
    """The book of a language that comes with kindvoice."""
    try:
        return find_phrasebook(language, [data_folder("scripts_library")])
    except ScriptError:
        return None


def known_phrase(text: str, language: str) -> Phrase | None:
    """The phrase of our book in these words. A book is read only where it holds them."""
    book = _pages(language)
    if f" {_letters(text)} " not in book:
        return None
    ours = our_book(language)
    return ours.find(text) if ours else None


@lru_cache(maxsize=16)
def _pages(language: str) -> str:
    known = {path.parent.name: path for path in data_folder("scripts_library").glob(f"*/{FILE}")}
    near = nearest_tag(language, known)
    return "" if near is None else f" {_letters(known[near].read_text('utf-8'))} "


def find_phrasebook(language: str, folders: Iterable[Path]) -> Phrasebook:
    """The book of a language, another region's if there is no nearer one; a later folder's stands first.

    Raises ScriptError, naming the languages there are.
    """
    known = {path.parent.name: path for folder in folders for path in sorted(folder.glob(f"*/{FILE}"))}
    near = nearest_tag(language, known)
    if near is None:
        raise ScriptError(
            f"there are no phrases in {language}", cure=f"there are some in: {', '.join(sorted(known))}"
        )
    return read_phrasebook(known[near])


def read_phrasebook(path: Path) -> Phrasebook:
    """Raises ScriptError with file and line."""
    where = Where(path=str(path), line=0)
    data = read_yaml(read_text(path, "a phrase book"), str(path), "the phrase book")
    if not isinstance(data, Table) or set(data) != {"language", "questions", "needs"}:
        raise ScriptError("a phrase book has `language`, `questions` and `needs`", where=where)
    language, questions, needs = str(data["language"]), data["questions"], data["needs"]
    if not isinstance(questions, Items) or not isinstance(needs, Table):
        raise ScriptError("`questions` wants a list, `needs` a table", where=where)
    book_needs = []
    for name, entry in needs.items():
        there = Where(path=str(path), line=needs.lines[name])
        if not isinstance(entry, Table) or set(entry) != {"title", "phrases"}:
            raise ScriptError(f"the need {name!r} has a `title` and `phrases`", where=there)
        book_needs.append(
            Need(str(name), str(entry["title"]), phrases_from(entry["phrases"], language, there))
        )
    return Phrasebook(language, tuple(map(str, questions)), tuple(book_needs))
