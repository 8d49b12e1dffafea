"""All tracks of a plan in one recording, each a chapter of its own length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from kindvoice.build.request import Joined, Request
from kindvoice.errors import SettingsError
from kindvoice.plan.cells import Cell
from kindvoice.plan.model import Plan, Variant
from kindvoice.units import format_ms


def joined(plan: Plan, tracks: Mapping[int, Sequence[Cell]]) -> Iterator[Cell]:
    """One recording for each length, voice and reading that the tracks have.

    tracks: by their numbers, what somebody gets of them in one language. Raises SettingsError where the tracks have
    different numbers of these.
    """
    most = max(map(len, tracks.values()))
    for cells in tracks.values():
        if len(cells) not in {1, most}:
            raise SettingsError(
                f"a track comes to {len(cells)} recordings in {cells[0].language} and another to {most}, so they "
                "cannot be joined", where=cells[0].track.where,
                cure="give them as many lengths, voices and readings each, or take `joined` out of the plan",
            )  # fmt: skip
    for i in range(most):
        yield _whole(plan, [cells[i % len(cells)] for cells in tracks.values()])


def _whole(plan: Plan, parts: Sequence[Cell]) -> Cell:
    language, first = parts[0].language, parts[0].request
    # Of what is not the same in all tracks, the whole is called by what most of its choices come from.
    lead = next((cell for cell in parts if cell.variant != Variant() or cell.voice), parts[0])
    lengths = [cell.lasts_ms for cell in parts]
    lasts_ms = None if None in lengths else sum(filter(None, lengths))
    asked = format_ms(lasts_ms) if lasts_ms else ""
    steps = [
        language,
        "joined",
        asked,
        lead.voice or "",
        lead.variant.name if lead.variant != Variant() else "",
    ]
    title = plan.title(language)
    left = ("track", "tracks", "disc", "discs", "title")
    tags = tuple((name, value) for name, value in first.publication.tags if name not in left)
    version = replace(
        lead.request.version, script=plan.path, length_ms=lasts_ms, without=(), values=plan.options.values
    )
    return Cell(
        track=replace(lead.track, number=0, practice=plan.path.stem, script=None, titles=plan.titles, name=""),
        language=language, voice=lead.voice, variant=lead.variant, title=title, lasts_ms=lasts_ms,
        id="/".join(step for step in steps if step),
        request=Request(
            version=version,
            sound=first.sound,
            publication=replace(first.publication, tags=tags, formats=plan.joined, cover=plan.options.cover),
            joined=Joined(title=title, about=plan.about, parts=tuple(cell.request for cell in parts)),
        ),
    )  # fmt: skip
