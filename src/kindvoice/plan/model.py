"""What a plan says, read and checked: the plan, its tracks and what each of them asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from kindvoice.languages import nearest_tag
from kindvoice.model import Where
from kindvoice.plan.participant import Participant
from kindvoice.plan.people import People
from kindvoice.script.frontmatter import TRAUMA_SENSITIVE

T = TypeVar("T")

ByLanguage = tuple[tuple[str, T], ...]
"""Something that may differ from language to language, by tag; under an empty tag what counts in all others."""


def in_language(table: ByLanguage[T], language: str) -> T | None:
    """What a table says for a language.

    >>> in_language((("", "Kindness"), ("pt", "Bondade")), "pt-BR"), in_language((("pt", "Bondade"),), "de")
    ('Bondade', None)
    """
    known = dict(table)
    near = nearest_tag(language, [tag for tag in known if tag])
    return known.get(near or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """Whom a recording is for, and how."""

    gentle: bool = False
    audience: str = "everyone"
    """as in Version"""

    def __post_init__(self) -> None:
        if self.audience == TRAUMA_SENSITIVE:
            object.__setattr__(self, "audience", "everyone")
            object.__setattr__(self, "gentle", True)

    @property
    def name(self) -> str:
        """
        >>> Variant().name, Variant(gentle=True).name, Variant(gentle=True, audience="carers").name
        ('standard', 'gentle', 'gentle-carers')
        """
        words = ["gentle"] * self.gentle + [self.audience] * (self.audience != "everyone")
        return "-".join(words) or "standard"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """What a plan asks for in all its tracks, or one track in place of that. None: nothing is said."""

    languages: tuple[str, ...] | None = None
    voices: ByLanguage[tuple[str, ...]] | None = None
    lengths: tuple[int, ...] | None = None
    """ms"""
    gentle: tuple[bool, ...] | None = None
    audiences: tuple[str, ...] | None = None
    variants: tuple[Variant, ...] | None = None
    """all readings at once, in place of gentle and audiences"""
    without: tuple[str, ...] | None = None
    """titles of chapters that are left out"""
    bed: str | None = None
    """a bed's name, off, or a sound file's absolute path"""
    landing_ms: int | None = None
    preset: str | None = None
    formats: tuple[str, ...] | None = None
    captions: tuple[str, ...] | None = None
    cover: str | None = None
    """off, or a picture's absolute path"""
    values: tuple[tuple[str, object], ...] = ()
    tags: tuple[tuple[str, str | int], ...] = ()
    """by the names of model.Tags"""

    def __post_init__(self) -> None:
        # So that a participant's or a track's own audience does not take the place of the gentle reading.
        if self.audiences == (TRAUMA_SENSITIVE,):
            object.__setattr__(self, "audiences", None)
            object.__setattr__(self, "gentle", (True,))


def variants(levels: Sequence[PlanOptions]) -> tuple[Variant, ...]:
    """The readings that are asked for. levels: the plan, then the track; what is said later counts.

    >>> [v.name for v in variants([PlanOptions(audiences=("everyone", "carers")), PlanOptions(gentle=(True,))])]
    ['gentle', 'gentle-carers']
    """
    readings: tuple[Variant, ...] = (Variant(),)
    for level in levels:
        readings = level.variants or readings
        readings = tuple(
            dict.fromkeys(
                Variant(gentle=gentle, audience=audience)
                for base in readings
                for gentle in level.gentle or (base.gentle,)
                for audience in level.audiences or (base.audience,)
            )
        )
    return readings


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A meeting of a course."""

    number: int | None
    name: str
    title: str
    note: str

    @property
    def key(self) -> int | str:
        """How tracks and file names refer to it."""
        return self.name if self.number is None else self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTrack:
    """One practice of a plan."""

    number: int
    """its place in the plan, from 1"""
    practice: str
    """a practice of the library; empty when there is a script"""
    script: Path | None
    """absolute; may hold {language}"""
    titles: ByLanguage[str]
    """in place of the script's own"""
    name: str
    """a template in place of the last part of the plan's output; empty: none"""
    session: Session | None
    note: str
    options: PlanOptions
    where: Where

    @property
    def slug(self) -> str:
        """The practice, or the script's name, for people."""
        return self.practice or (self.script.stem if self.script else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclude:
    """Recordings that are left out: those of which all of this is so. Empty: whichever."""

    languages: tuple[str, ...] = ()
    tracks: tuple[int, ...] = ()
    practices: tuple[str, ...] = ()
    sessions: tuple[int | str, ...] = ()
    lengths: tuple[int, ...] = ()
    voices: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    participants: tuple[str, ...] = ()
    where: Where


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseWords:
    """What a course is called in another language than its own."""

    title: str
    about: str
    sessions: Mapping[int | str, str]
    """their titles, by number or name"""
    path: Path
    """where its notes are"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Many recordings that belong together."""

    path: Path
    """absolute"""
    titles: ByLanguage[str]
    about: str = ""
    licence: str = ""
    credit: str = ""
    notes: str = ""
    """for whoever runs the course"""
    options: PlanOptions = field(default_factory=PlanOptions)
    albums: ByLanguage[str] = ()
    """in place of the title"""
    people: People = People()
    output: str = ""
    """the template of the files' names; empty: one that fits"""
    skip_missing: bool = False
    """whether a practice that is missing in a language is left out; otherwise it is an error"""
    joined: tuple[str, ...] = ()
    """formats of one more recording, of all tracks in one; none: there is no such"""
    strict: bool = False
    """whether a phrase without a sure form for somebody else, or a row that cannot be read, is an error"""
    sessions: tuple[Session, ...] = ()
    tracks: tuple[PlanTrack, ...]
    excludes: tuple[Exclude, ...] = ()
    translations: ByLanguage[CourseWords] = ()

    @property
    def participants(self) -> tuple[Participant, ...]:
        return self.people.participants

    @property
    def files(self) -> tuple[Path, ...]:
        """The plan and its table of participants."""
        return tuple({self.path, *(Path(person.where.path) for person in self.participants)})

    def title(self, language: str = "") -> str:
        words = in_language(self.translations, language)
        return words.title if words else in_language(self.titles, language) or self.titles[0][1]

    def about_in(self, language: str) -> str:
        words = in_language(self.translations, language)
        return words.about if words else self.about

    def session_title(self, session: Session, language: str) -> str:
        words = in_language(self.translations, language)
        return words.sessions.get(session.key, session.title) if words else session.title

    def where(self, line: int = 0) -> Where:
        return Where(path=str(self.path), line=line)
