"""Sentences that stand in many practices of a library: whoever listens to several hears a form being read out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from pathlib import Path

from kindvoice.errors import KindvoiceError
from kindvoice.languages import count_words
from kindvoice.lint.base import Found, Page
from kindvoice.script.load import read_facts
from kindvoice.script.source import read_text

MOST_PRACTICES = 3
"""that may share a sentence"""
_LEAST_WORDS = 5
_MARKUP = re.compile(r"\{[{%#](?:(?!\{[{%#])[^}])*\}\}?|\[[^\[\]]*\]")
_SIGNS = ".,;:!?…“”\"'’‘«»„()"
_STOP = re.compile(r"(?<=[.!?…])\s+|\n")


def shared_sentences(library: Collection[Path], folders: Collection[Path]) -> frozenset[str]:
    """The sentences that stand in more practices of one folder than may share one, but for the wishes of a script."""
    counts: Counter[tuple[Path, str]] = Counter()
    wishes: set[str] = set()
    within = {folder.resolve() for folder in folders}
    for path in {path.resolve() for path in library if path.parent.resolve() in within}:
        try:
            text = read_text(path)
            phrases = read_facts(path).get("phrases", ())
        except (KindvoiceError, OSError):
            continue  # whoever checks it is told
        wishes.update(_plain(phrase) for phrase in phrases if isinstance(phrase, str))
        sentences = {_plain(sentence) for sentence in _STOP.split(_MARKUP.sub("\n", text))}
        counts.update((path.parent, s) for s in sentences if count_words(s) >= _LEAST_WORDS)
    return frozenset(sentence for (_, sentence), count in counts.items() if count > MOST_PRACTICES) - wishes


def _plain(sentence: str) -> str:
    return " ".join(word.strip(_SIGNS) for word in sentence.casefold().split())


def stock(page: Page) -> Found:
    for moment in page.said.values():
        if _plain(moment.text) in page.shared:
            what = f"more than {MOST_PRACTICES} practices say {moment.text!r}"
            yield moment.where, what, "say it in words of this practice's own"
