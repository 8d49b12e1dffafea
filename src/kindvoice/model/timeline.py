"""Timeline: everything resolved, nothing measured."""

from __future__ import annotations

from dataclasses import dataclass, field

from kindvoice.model.places import Spans, Where, own_field, where_field
from kindvoice.model.script import Glue

SOUNDS_OPEN, SOUNDS_CLOSE = "\ue000", "\ue001"
"""around IPA in a text on its way to an engine: two private characters, which are taken out of what authors write"""

Utterance = tuple[str, str]
"""(speaker, text): what one clip is for"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """One utterance."""

    text: str
    """as captions show it and the engine gets it"""
    speaker: str = ""
    """who says it, as the cue names them; empty: the script's own voice"""
    slot_ms: int | None = None
    """when set, the next event starts exactly so long after this speech begins"""
    own: Spans = own_field()
    """where a participant's own words stand in it"""
    where: Where = where_field()

    @property
    def utterance(self) -> Utterance:
        return self.speaker, self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A silence between two sounds."""

    glue: Glue
    kind: str
    """pause, hold, sentence, paragraph, chapter, clause, breath"""
    where: Where = where_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """One strike of a bell."""

    sound: str
    """a synthesised bell's name, or an absolute path"""
    advance_ms: int | None
    """the next event starts so long after the strike; None: when the bell has rung out"""
    gain_db: float = 0.0
    where: Where = where_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class BedChange:
    """From here on this bed, or none."""

    sound: str | None
    """a synthesised bed's name, an absolute path, or None"""
    gain_db: float = 0.0
    where: Where = where_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A chapter starts here."""

    title: str
    own: Spans = own_field()
    """where a participant's own words stand in it"""
    where: Where = where_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """The end grows sparser and quieter, for somebody who falls asleep."""

    length_ms: int
    """before the programme's end; longer than it: all of it"""
    longest_pause_ms: int
    """a pause grows no further, unless it may last longer anyway"""


Item = Say | Gap | Ring | BedChange | Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Names resolved, long text split, pauses merged; no lengths of sounds yet."""

    title: str
    language: str
    items: tuple[Item, ...]
    path: str = field(default="", compare=False)
    parts: tuple[TimelinePart, ...] = ()
    """of several recordings in one; then `items` holds all of theirs"""
    landing: Landing | None = None
    """of several recordings in one it is the last one's"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePart:
    """A recording inside of another: fitted to its own length, and a chapter with its title."""

    timeline: Timeline
    length_ms: int | None
