"""Clips, and the Schedule: every event at an exact frame."""

from __future__ import annotations

from dataclasses import dataclass

from kindvoice.model.places import Spans, Where, own_field, where_field


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A sound in the store, conditioned: 48 kHz, trimmed, levelled. Whole milliseconds long."""

    key: str
    frames: int
    lead_frames: int = 0
    """breath before the sound itself begins; the schedule counts from the sound, not from here"""
    tail_frames: int = 0
    """breath after the sound itself has ended"""

    @property
    def sound_frames(self) -> int:
        return self.frames - self.lead_frames - self.tail_frames


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechEvent:
    """Speech heard from start_frame to stop_frame; its clip reaches beyond both by its breath."""

    start_frame: int
    stop_frame: int
    clip: Clip
    text: str
    speaker: str = ""
    gain_db: float = 0.0
    """below 0 in a landing"""
    own: Spans = own_field()
    """where a participant's own words stand in it"""
    where: Where = where_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class BellEvent:
    start_frame: int
    stop_frame: int
    clip: Clip
    sound: str
    gain_db: float
    where: Where = where_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class BedEvent:
    start_frame: int
    stop_frame: int
    sound: str
    """a synthesised bed's name, or the key of a file's loop in the store"""
    gain_db: float
    loop_frames: int = 0
    """the length of a file's loop; 0 for a synthesised bed"""
    fall_db: float = 0.0
    """below 0 in a landing: so much it goes down, evenly..."""
    fall_frames: tuple[int, int] = (0, 0)
    """... from so many frames before its stop to so many before it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class GapEvent:
    start_frame: int
    stop_frame: int
    kind: str
    natural_ms: int
    where: Where = where_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterMark:
    start_frame: int
    title: str
    own: Spans = own_field()
    """where a participant's own words stand in it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The whole programme at 48 kHz. Events of one kind are in order of start_frame."""

    frames: int
    speech: tuple[SpeechEvent, ...]
    bells: tuple[BellEvent, ...] = ()
    beds: tuple[BedEvent, ...] = ()
    gaps: tuple[GapEvent, ...] = ()
    chapters: tuple[ChapterMark, ...] = ()
    ratio: float = 0.0
    """how the glue was set: -1 all at its shortest, 0 natural, 1 all at its longest"""
    shortest_ms: int = 0
    longest_ms: int = 0
    landing_frame: int | None = None
    """from here on it grows sparser and quieter"""
