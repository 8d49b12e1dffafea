"""The table of people that a teacher brings, read in a process of its own, and taken into a course."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kindvoice.jobs.workers import OnStage
from kindvoice.plan.participant import Participant, fold, slug
from kindvoice.plan.people import People, people_from_table

MOST_BYTES = 5_000_000


@dataclass(frozen=True, slots=True, repr=False)
class BroughtTable:
    """Its repr, which may be logged, tells nothing of it."""

    data: bytes
    name: str


def read_table(table: BroughtTable, on_stage: OnStage) -> People:
    """Raises SettingsError."""
    return people_from_table(table.data, table.name)


def taken_in(known: Sequence[Participant], brought: Sequence[Participant]) -> tuple[Participant, ...]:
    """Those who are known with what was brought of them, then the new ones.

    Somebody is known by the id of the table, else by the name. An id that was only made from a name is a number here:
    it becomes a file's name, and names are nobody's business.
    """
    people = {person.id: person for person in known}
    by_name: dict[str, str] = {fold(person.name): person.id for person in known if person.name}
    free = free_ids(people)
    for person in brought:
        by_name_alone = _is_of_name(person)
        id = by_name.get(fold(person.name), "") if by_name_alone else person.id
        if not id:
            id = next(free)
        people[id] = replace(person, id=id)
        if by_name_alone:
            by_name.pop(fold(person.name), None)  # two of one name are two
    return tuple(people.values())


def _is_of_name(person: Participant) -> bool:
    surname = dict(person.values).get("surname", "")
    name = slug(f"{person.name} {surname}".strip()).lower()
    return bool(name) and re.fullmatch(rf"{re.escape(name)}(-\d+)?", person.id) is not None


def free_ids(taken: object) -> Iterator[str]:
    """p01, p02 ... that nobody has; `taken` may grow meanwhile."""
    number = 0
    while True:
        number += 1
        if (id := f"p{number:02}") not in taken:  # type: ignore[operator]
            yield id
