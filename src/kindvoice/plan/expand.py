"""A plan to items: every track in every language, length, voice and reading, for everybody. Nothing is spoken here."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from kindvoice.build.context import all_voices
from kindvoice.build.request import Publication, Request
from kindvoice.encode import find_format
from kindvoice.errors import SettingsError, terminal
from kindvoice.jobs.items import Item
from kindvoice.languages import covers
from kindvoice.model import Voice
from kindvoice.plan.cells import Cell, Cells
from kindvoice.plan.joined import joined
from kindvoice.plan.model import Exclude, Plan, in_language
from kindvoice.plan.naming import Template, check_distinct, file_path, read_template
from kindvoice.plan.participant import Participant, fold
from kindvoice.publish.captions import find_captions
from kindvoice.settings import Settings
from kindvoice.units import format_ms

MAX_ITEMS = 200_000
_SIDECARS = (".chapters.json", ".manifest.json", ".cover.jpg", ".cover.png")

OnNote = Callable[[str], None]


def expand(
    plan: Plan,
    *,
    output: Path,
    settings: Settings,
    voices: Mapping[str, Voice] | None = None,
    on_note: OnNote = lambda note: None,
    force: bool = False,
) -> tuple[Item, ...]:
    """The plan's recordings, those of one family one after another.

    output: the folder that all names are seen from. voices: those there are, by name; None: as the settings say.
    on_note: told what the organiser should know, such as practices that are left out in a language.
    force: as in Publication.
    Raises KindvoiceError for a practice, voice or preset that is not there, and for names that clash; nothing of
    anybody's words stands in it.
    """
    output = output.absolute()
    cells = Cells(plan, output, settings, all_voices(settings) if voices is None else voices)
    return _Expander(plan, output, cells, on_note, force).items()


class _Expander:
    def __init__(self, plan: Plan, output: Path, cells: Cells, on_note: OnNote, force: bool) -> None:
        self._plan, self._output, self._cells = plan, output, cells
        self._on_note, self._force = on_note, force
        self._excluded: set[Exclude] = set()

    def items(self) -> tuple[Item, ...]:
        families: dict[str, list[tuple[Cell, Participant | None]]] = {}
        nothing = {person.id: person for person in self._plan.participants}
        people: tuple[Participant | None, ...] = self._plan.participants or (None,)
        whole: dict[tuple[str, str], tuple[Participant | None, dict[int, list[tuple[Cell, bool]]]]] = {}
        count = 0
        for track, person in itertools.product(self._plan.tracks, people):
            for cell in self._cells.of(track, person):
                left_out = self._left_out(cell, person)
                if self._plan.joined:
                    _, tracks = whole.setdefault((cell.language, person.id if person else ""), (person, {}))
                    tracks.setdefault(track.number, []).append((cell, left_out))
                if left_out:
                    continue
                families.setdefault(cell.id, []).append((cell, person))
                count += 1
                if person is not None:
                    nothing.pop(person.id, None)
            if count > MAX_ITEMS:
                raise SettingsError(
                    f"the plan comes to more than {MAX_ITEMS} recordings", where=self._plan.where(),
                    cure="make several plans of it",
                )  # fmt: skip
        for person, tracks in whole.values():
            for cell in joined(self._plan, tracks):
                families.setdefault(cell.id, []).append((cell, person))
        self._tell_missing()
        for audience, practices in self._cells.plain.items():
            self._on_note(
                f"no words of their own for {audience}, so as everybody hears them: {', '.join(practices)}"
            )
        for note in self._cells.notes:
            self._on_note(note)
        for exclude in self._plan.excludes:
            if exclude not in self._excluded:
                self._on_note(f"{exclude.where}: this leaves nothing out")
        if not families:
            raise SettingsError("the plan comes to no recording", where=self._plan.where())
        for person in nothing.values():
            self._on_note(f"{person.where}: {person.id} gets no recording")
        # One language after another: a voice's model is loaded once, and whoever waits for one language has all of it.
        languages = list(dict.fromkeys(family[0][0].language for family in families.values()))
        ordered = sorted(families.values(), key=lambda family: languages.index(family[0][0].language))
        return self._named([each for family in ordered for each in family])

    def _tell_missing(self) -> None:
        by_languages: dict[str, list[str]] = {}
        for practice, languages in self._cells.missing.items():
            by_languages.setdefault(", ".join(languages), []).append(practice)
        missing = [f"in {languages}: {', '.join(practices)}" for languages, practices in by_languages.items()]
        if missing and not self._plan.skip_missing:
            raise SettingsError(
                f"practices are missing {'; '.join(missing)}", where=self._plan.where(),
                cure='write them, or leave them out with `missing = "skip"` in the plan'
                + terminal(" (--missing skip)"),
            )  # fmt: skip
        for each in missing:
            self._on_note(f"left out, because there is no translation {each}")

    # ---------------------------------------------------------------- leaving out, naming

    def _left_out(self, cell: Cell, person: Participant | None) -> bool:
        for exclude in self._plan.excludes:
            session = cell.track.session
            tests: tuple[tuple[Collection[object], set[object]], ...] = (
                (exclude.languages, {tag for tag in exclude.languages if covers(tag, cell.language)}),
                (exclude.tracks, {cell.track.number}),
                (exclude.practices, {cell.track.slug}),
                (exclude.sessions, {session.number, session.name} if session is not None else set()),
                (exclude.lengths, {cell.lasts_ms}),
                (exclude.voices, {cell.voice}),
                (exclude.variants, {cell.variant.name}),
                (exclude.participants, {fold(person.id)} if person is not None else set()),
            )
            if all(its.intersection(wanted) for wanted, its in tests if wanted):
                self._excluded.add(exclude)
                return True
        return False

    def _named(self, recordings: list[tuple[Cell, Participant | None]]) -> tuple[Item, ...]:
        templates = _Templates(self._plan, recordings)
        items, checked = [], []
        words: dict[tuple[str, str], tuple[Any, ...]] = {}
        # No recording may replace what another is made from.
        sources = (*self._plan.files, *{cell.request.version.script for cell, _ in recordings})
        for cell, person in recordings:
            id = f"{cell.id}/{person.id}" if person is not None else cell.id
            values = self._values(cell, person)
            path = file_path(templates.of(cell), values, id)
            request, publication = cell.request, cell.request.publication
            publication = replace(
                publication, folder=self._output.joinpath(*path.parent.parts), name=path.name, force=self._force,
                made_from=(*publication.made_from, *sources),
            )  # fmt: skip
            if person is not None:
                key = (person.id, cell.language)
                if key not in words:
                    words[key] = (person.spoken(cell.language), person.known())
                request = _with_words(request, *words[key])
            items.append(
                Item(
                    id=id, request=replace(request, publication=publication),
                    participant=person.id if person is not None else None, family=cell.id, title=cell.title,
                )
            )  # fmt: skip
            checked.append((id, path, values, self._endings(publication)))
        _check_ids(items, self._plan)
        try:
            check_distinct(checked)
        except SettingsError as error:
            raise error.told_as(SettingsError, where=self._plan.where()) from None
        return tuple(items)

    def _values(self, cell: Cell, person: Participant | None) -> dict[str, str | int]:
        session = cell.track.session
        return {
            "album": in_language(self._plan.albums, cell.language) or self._plan.title(cell.language),
            "audience": cell.variant.audience,
            "language": cell.language,
            "length": format_ms(cell.lasts_ms) if cell.lasts_ms else "",
            "participant": person.id if person is not None else "",
            "practice": cell.track.slug,
            "session": session.key if session is not None else "",
            "session_title": self._plan.session_title(session, cell.language) if session is not None else "",
            "title": cell.title,
            "track": cell.track.number,
            "variant": cell.variant.name,
            "voice": cell.voice or "",
        }

    @staticmethod
    def _endings(publication: Publication) -> tuple[str, ...]:
        sounds = [find_format(name).extension for name in publication.formats] or [".mp3", ".m4b", ".wav"]
        return (*sounds, *(find_captions(name).extension for name in publication.captions), *_SIDECARS)


def _with_words(request: Request, phrases: Any, known: Iterable[tuple[str, object]]) -> Request:
    """A recording, and all that is joined in it, in somebody's own words."""
    values = tuple({**dict(request.version.values), **dict(known)}.items())
    parts = request.joined and replace(
        request.joined, parts=tuple(_with_words(part, phrases, known) for part in request.joined.parts)
    )
    return replace(request, version=replace(request.version, phrases=phrases, values=values), joined=parts)


def _check_ids(items: Iterable[Item], plan: Plan) -> None:
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise SettingsError(
                f"two recordings are both {item.id}", where=plan.where(), cure="take one of the tracks out"
            )
        seen.add(item.id)


_CHOICES = ("length", "voice", "variant")
"""what one person may get several of in one track and language"""


class _Templates:
    """The template of every track's names."""

    def __init__(self, plan: Plan, recordings: list[tuple[Cell, Participant | None]]) -> None:
        self._plan = plan
        if plan.participants:
            self._folders = "{participant}/"  # who hears each track in one language
        else:
            self._folders = "{language}/" * (len({cell.language for cell, _ in recordings}) > 1)
        choices: dict[object, tuple[set[object], ...]] = {}
        self._differing: dict[tuple[int, str], dict[str, None]] = {}
        for cell, person in recordings:
            track = (cell.track.number, cell.language)
            known = choices.setdefault((track, person and person.id), (set(), set(), set()))
            for name, there, choice in zip(
                _CHOICES, known, (cell.lasts_ms, cell.voice, cell.variant), strict=True
            ):
                there.add(choice)
                if len(there) > 1:
                    self._differing.setdefault(track, {})[name] = None
        self._made: dict[tuple[int, str], Template] = {}

    def of(self, cell: Cell) -> Template:
        key = (cell.track.number, cell.language)
        if key not in self._made:
            self._made[key] = read_template(self._text(cell, key))
        return self._made[key]

    def _text(self, cell: Cell, key: tuple[int, str]) -> str:
        """The plan's own, else what tells the recordings apart, and no more."""
        text = self._plan.output
        if not text:
            words = "".join(f" {{{name}}}" for name in _CHOICES if name in self._differing.get(key, ()))
            text = f"{self._folders}{{track:02}} {{title}}{words}"
        folders, slash, _ = text.rpartition("/")
        return f"{folders}{slash}{cell.track.name}" if cell.track.name else text
