"""What comes out: measured, named, and told of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


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
    """What a finished file is to be, by where it goes. Either `lufs` or `rms_db` is given."""

    name: str
    what_for: str
    peak_dbtp: float
    """no true peak above this"""
    lufs: float | None = None
    """integrated loudness, within `within_lu`"""
    within_lu: float = 0.5
    rms_db: tuple[float, float] | None = None
    """RMS over the whole file, pauses counted: from, to"""
    floor_db: float | None = None
    """no room louder than this: the RMS of the quietest half second"""
    formats: tuple[str, ...] = ("mp3",)
    """what is made when nothing else is asked for; the first is what the place takes"""
    only: bool = False
    """whether the place takes no other format than these"""
    bitrate: int = 128_000
    """bits per second of a lossy file, and the least that is taken"""
    rate: int = 48_000
    head_ms: int = 500
    """silence made before the first sound"""
    tail_ms: int = 2_000
    """silence made after the last"""
    head_range_ms: tuple[int, int] | None = None
    """what the place takes"""
    tail_range_ms: tuple[int, int] | None = None
    max_ms: int | None = None
    """the longest file that the place takes"""
    max_bytes: int | None = None
    source: str = ""
    """where these numbers are from"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A square cover."""

    path: Path
    type: str
    """image/jpeg or image/png"""
    width: int
    """pixels"""
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """What a finished file says about itself. What is empty is not written."""

    title: str
    artist: str
    language: str
    """BCP 47"""
    comment: str
    album: str = ""
    track: int | None = None
    tracks: int | None = None
    """how many there are"""
    disc: int | None = None
    discs: int | None = None
    date: str = ""
    """ISO 8601: a year, or a whole date"""
    genre: str = ""
    copyright: str = ""
    licence: str = ""
    """of the text and of the voices"""
    about: str = ""
    """one or two sentences for whoever chooses"""
    lyrics: str = ""
    """the transcript, one line a caption"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A finished file."""

    path: Path
    kind: str
    """a format (mp3, m4b...), a caption format (vtt, srt...), chapters, cover or manifest"""
    sha256: str
    bytes: int


# ---------------------------------------------------------------- what was said when


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One utterance as a reader sees it, from the first sound of it to the last."""

    start_ms: int
    stop_ms: int
    text: str
    language: str
    """BCP 47; another than the transcript's where another voice speaks another language"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A chapter, or what stands before the first one; contiguous with its neighbours."""

    title: str
    """empty where there are no chapters"""
    start_ms: int
    stop_ms: int
    paragraphs: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """The whole programme in words, for captions, lyrics and pages."""

    title: str
    language: str
    """BCP 47"""
    duration_ms: int
    sections: tuple[Section, ...]
    """from 0 to the end without a hole"""

    @property
    def lines(self) -> Iterator[Line]:
        return (line for section in self.sections for paragraph in section.paragraphs for line in paragraph)


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A finished recording with all its files, as its manifest tells of it."""

    manifest: Path
    """the manifest's own place; every artifact lies beside it"""
    digest: str
    """of all that went in: the same inputs give the same digest"""
    practice: str
    """the practice's id, or the script's name"""
    about: str
    """one or two sentences for whoever chooses; may be empty"""
    tags: Tags
    credits: tuple[str, ...]
    """who or what speaks, with licences"""
    transcript: Transcript
    loudness: dict[str, Loudness]
    """by format"""
    artifacts: tuple[Artifact, ...]
    personal: bool = False
    """whether somebody's own phrases are spoken in it: not to be published by accident"""
    voices: tuple[str, ...] = ()
    """the synthetic ones that are heard, by their titles"""

    @property
    def name(self) -> str:
        """The files' common name, without endings."""
        return self.manifest.name.removesuffix(".manifest.json")

    def artifact(self, kind: str) -> Artifact | None:
        return next((artifact for artifact in self.artifacts if artifact.kind == kind), None)
