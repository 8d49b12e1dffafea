"""Script: what an author wrote."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from kindvoice.model.places import Spans, Where, own_field, where_field


@dataclass(frozen=True, slots=True, kw_only=True)
class Glue:
    """An elastic pause."""

    natural_ms: int
    min_ms: int
    max_ms: int

    def __post_init__(self) -> None:
        if not 0 <= self.min_ms <= self.natural_ms <= self.max_ms:
            raise ValueError(f"glue wants 0 <= min <= natural <= max, not {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """The pauses that an author does not write out, and how far written ones may give."""

    sentence: Glue = Glue(natural_ms=900, min_ms=600, max_ms=1_800)
    paragraph: Glue = Glue(natural_ms=2_500, min_ms=1_500, max_ms=6_000)
    chapter: Glue = Glue(natural_ms=5_000, min_ms=3_000, max_ms=12_000)
    short_ms: int = 3_000
    medium_ms: int = 6_000
    long_ms: int = 15_000
    shrink: float = 0.5
    """an explicit pause may shrink to this part of itself; 0..1"""
    stretch: float = 2.5
    """an explicit pause may stretch to this many times itself; at least 1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A run of text to be spoken, within one paragraph; one or more sentences."""

    text: str
    own: Spans = own_field()
    """where a participant's own words stand in it"""
    where: Where = where_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphBreak:
    """A blank line in the author's text."""

    where: Where = where_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """An elastic silence: `[pause 8s]`, `[short pause]`, `[pause 8s min 5s max 20s]`."""

    natural_ms: int | None = None
    """None: the style's length for `size`"""
    size: str = "medium"
    """short, medium or long; counts only where natural_ms is None"""
    min_ms: int | None = None
    max_ms: int | None = None
    where: Where = where_field()

    def length_ms(self, style: Style) -> int:
        """Before it gives."""
        if self.natural_ms is not None:
            return self.natural_ms
        return {"short": style.short_ms, "medium": style.medium_ms, "long": style.long_ms}[self.size]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A silence that never gives: `[hold 4s]`."""

    ms: int
    where: Where = where_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bell:
    """A strike or more: `[bell]`, `[bell low x3]`, `[bell "my bowl.wav"]`."""

    sound: str = "middle"
    """a synthesised bell's name, or the path of a sound file"""
    count: int = 1
    every_ms: int | None = None
    """from strike to strike; None: the bell's own habit"""
    wait: bool = True
    """whether what follows waits until the bell has rung out"""
    gain_db: float = 0.0
    where: Where = where_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """From here on this background sound, or none: `[bed rain]`, `[bed off]`."""

    sound: str | None
    """a synthesised bed's name, the path of a sound file, or None for off"""
    gain_db: float = 0.0
    where: Where = where_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class Breathe:
    """Paced breathing: `[breathe in 4s out 6s x5]`. Its times are exact and never stretch."""

    phases: tuple[tuple[str, int], ...]
    """("in" | "hold" | "out", ms) in order"""
    count: int = 1
    spoken: bool = True
    """whether the phases are named aloud"""
    where: Where = where_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A heading. It is shown by players and never spoken."""

    title: str
    own: Spans = own_field()
    """where a participant's own words stand in it"""
    where: Where = where_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceChange:
    """From here on another voice speaks, or the script's own again: `[voice anna]`, `[voice es]`, `[voice off]`."""

    speaker: str = ""
    """a voice's name, a language, or both with a space between; empty: the script's own voice"""
    where: Where = where_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """What is spoken where a phrase has no sure form for somebody else."""

    number: int
    """of the phrase, from 1"""
    forms: tuple[tuple[str, str], ...] = field(repr=False)
    """those that are known, `self` first: intimate"""
    form: str
    """the one that is not: other or together"""
    spoken: str
    """both: the form for the other and then the phrase itself; script: phrases of the script's, or of the language's
    book; self: the phrase itself"""
    lines: tuple[str, ...] = field(default=(), repr=False)
    """what is heard"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unspoken:
    """Something in an author's text that nobody hears."""

    text: str
    """as it stands there, without marks of emphasis"""
    reason: str
    """why: a direction, a label, a footnote ..."""
    own: Spans = own_field()
    """where a participant's own words stand in it"""
    where: Where = where_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A paragraph or a heading of an author's text that is there for other listeners."""

    text: str
    reason: str
    """what of its conditions is not so, as in `from 12m`"""
    before: int
    """how many cues stand before it"""
    last_line: int
    """of it"""
    own: Spans = own_field()
    """where a participant's own words stand in it"""
    where: Where = where_field()


Cue = Words | ParagraphBreak | Pause | Hold | Bell | Bed | Breathe | Chapter | VoiceChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A parsed script: what the author asked for, nothing resolved yet."""

    title: str
    language: str
    """BCP 47, such as en or pt-BR"""
    cues: tuple[Cue, ...]
    recognised: bool = False
    """whether nobody has said the language: its words tell"""
    practice: str = ""
    """the same id in every language"""
    length_ms: int | None = None
    voice: str | None = None
    bed: str | None = None
    preset: str | None = None
    author: str = ""
    about: str = ""
    """one or two sentences for whoever chooses"""
    licence: str = ""
    """of the text"""
    credit: str = ""
    """where the text is from, a sentence"""
    tags: tuple[tuple[str, str | int], ...] = ()
    """what the finished file is to say of itself, by the names of Tags"""
    style: Style = Style()
    path: str = field(default="", compare=False)
    stand_ins: tuple[StandIn, ...] = ()
    """for phrases that have no sure form for somebody else"""
    unspoken: tuple[Unspoken, ...] = ()
    """what stands in the text and is not heard, in its order"""
    left_out: tuple[LeftOut, ...] = field(default=(), compare=False)
    """what is there for other lengths, other readings and other audiences, in its order"""
    audiences: frozenset[str] = field(default=frozenset(), compare=False)
    """for whom it has words of their own"""
    remarks: tuple[str, ...] = ()
    """how its file was understood, where the author may have meant something else"""

    @property
    def id(self) -> str:
        """The practice, else the file's name."""
        return self.practice or Path(self.path).stem
