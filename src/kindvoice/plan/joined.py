"""All tracks of a plan in one recording, each a chapter of its own length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from kindvoice.build.request import Joined, Request
from kindvoice.errors import SettingsError
from kindvoice.plan.cells import Cell
from kindvoice.plan.model import Plan, Variant
from kindvoice.units import format_ms

T = TypeVar("T")


def joined(plan: Plan, tracks: Mapping[int, Sequence[tuple[Cell, bool]]]) -> Iterator[Cell]:
    """One recording for each length, voice and reading that the tracks have; a track of one kind is in all of them.

    tracks: by their numbers, what somebody gets of them in one language, and whether it is left out. Raises
    SettingsError where the tracks have different numbers of kinds.
    """
    most = max(map(len, tracks.values()))
    for several in tracks.values():
        if len(several) not in {1, most}:
            raise SettingsError(
                f"a track comes to {len(several)} recordings in {several[0][0].language} and another to {most}, so "
                "they cannot be joined", where=several[0][0].track.where,
                cure="give them as many lengths, voices and readings each, or take `joined` out of the plan",
            )  # fmt: skip
    for i in range(most):
        choice = [several[i % len(several)] for several in tracks.values()]
        kind = [several[i][0] for several in tracks.values() if len(several) == most]
        parts = [cell for cell, left_out in choice if not left_out]
        if parts:
            yield _whole(plan, parts, kind)


def _common(values: Iterable[T], otherwise: T) -> T:
    """The one that they all are."""
    several = list(dict.fromkeys(values))
    return several[0] if len(several) == 1 else otherwise


def _whole(plan: Plan, parts: Sequence[Cell], kind: Sequence[Cell]) -> Cell:
    """kind: cells that tell which voice and reading this one is."""
    language, first = parts[0].language, parts[0].request
    voice = _common((cell.voice for cell in kind), None)
    variant = _common((cell.variant for cell in kind), Variant())
    lengths = [cell.lasts_ms for cell in parts]
    lasts_ms = None if None in lengths else sum(filter(None, lengths))
    length = format_ms(lasts_ms) if lasts_ms else ""
    steps = [language, "joined", length, voice or "", variant.name if variant != Variant() else ""]
    title = plan.title(language)
    of_a_track = ("track", "tracks", "disc", "discs", "title")
    tags = tuple((name, value) for name, value in first.publication.tags if name not in of_a_track)
    version = replace(
        first.version, script=plan.path, length_ms=lasts_ms, gentle=variant.gentle, audience=variant.audience,
        without=(), values=plan.options.values,
    )  # fmt: skip
    publication = replace(first.publication, tags=tags, formats=plan.joined, cover=plan.options.cover)
    return Cell(
        track=replace(parts[0].track, number=0, practice=plan.path.stem, script=None, titles=(("", title),), name=""),
        language=language, voice=voice, variant=variant, title=title, lasts_ms=lasts_ms,
        id="/".join(step for step in steps if step),
        request=Request(
            version=version, sound=first.sound, publication=publication,
            joined=Joined(title=title, about=plan.about_in(language), parts=tuple(cell.request for cell in parts)),
        ),
    )  # fmt: skip
