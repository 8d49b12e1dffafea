"""Participants whose wishes speak of dying or of harm: nothing is made of these unasked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from kindvoice.care import find_care

if TYPE_CHECKING:
    from kindvoice.jobs.items import Item
    from kindvoice.script import Version


def own_words(version: Version) -> list[str]:
    """All that a participant wrote."""
    phrases = [form for phrase in version.phrases or () for form in phrase.forms().values()]
    return phrases + [text for _, text in version.values if isinstance(text, str)]


def held_back(items: Iterable[Item], built: Sequence[str]) -> tuple[str, ...]:
    """Participants, by id, of whose wishes nothing is to be made yet. built: ids, or globs, that are all the same."""
    seen: dict[tuple[str, str], bool] = {}
    for item in items:
        person, version = item.participant or "", item.request.version
        key = (person, version.language or "en")
        if person and key not in seen and not any(fnmatchcase(person, glob) for glob in built):
            seen[key] = find_care(own_words(version), key[1]) is not None
    return tuple(dict.fromkeys(person for (person, _), held in seen.items() if held))
