"""What one build is to make. The clients of the core (commands, plan, studio, Python) only describe it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kindvoice.paths import data_folder
from kindvoice.publish.manifest import ENDING
from kindvoice.publish.output import safe_name
from kindvoice.script.version import Version


def destination(
    output: Path, name: str | None, formats: tuple[str, ...]
) -> tuple[Path, str | None, tuple[str, ...]]:
    """Folder, name and formats, where the output or the name may be a whole sound file's: `talks/evening.mp3`.

    formats: those that are named besides.
    """
    if not output.is_dir() and (format := _format_of(output)):
        output, name, formats = output.parent, name or output.stem, (format, *formats)
    if name and (format := _format_of(Path(name))):
        output, name, formats = output / Path(name).parent, Path(name).stem, (format, *formats)
    return output, name, tuple(dict.fromkeys(formats))


def _format_of(path: Path) -> str:
    """By the ending; empty for another ending."""
    if not path.suffix:
        return ""
    from kindvoice.encode import FORMATS

    return path.suffix[1:].lower() if path.suffix[1:].lower() in FORMATS else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """How it is spoken and what is heard with it. What is None, the script says, else the default."""

    voice: str | None = None
    default_voice: str | None = None
    """when neither the request nor the script names one"""
    bed: str | None = None
    default_bed: str | None = None
    bell: str | None = None
    """for every stroke, in place of the script's own; "off" for none"""
    bed_gain_db: float = 0.0
    """added to the level of every bed"""
    landing_ms: int = 0
    """so long before its end it begins to grow sparser and quieter, for somebody who falls asleep; 0: it does not"""
    preset: str | None = None
    default_preset: str = "podcast"
    presets: Path | None = None
    """a file of the user's own presets"""
    voice_folders: tuple[Path, ...] = (data_folder("voices"),)
    """where lexicons are looked for"""
    takes: Path | None = None
    """the folder of recorded lines; None: the voices speak every line"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Which files are made, and where."""

    folder: Path
    """for the finished files"""
    name: str | None = None
    """the finished files' name without its ending; None: the script's own"""
    formats: tuple[str, ...] = ()
    """none: the preset's own"""
    captions: tuple[str, ...] = ("vtt",)
    tags: tuple[tuple[str, str | int], ...] = ()
    """what the files are to say of themselves, by the names of Tags; it stands before the script's own"""
    cover: str | None = None
    """the path of a picture, "off" for none; None: one is drawn"""
    artist: str = "kindvoice"
    made_from: tuple[Path, ...] = ()
    """further files that this is made from (phrases, settings, a plan), which nothing that is made may replace"""
    force: bool = False
    """whether files may be replaced that kindvoice did not make, or that were changed since"""

    @property
    def picture(self) -> Path | None:
        """The user's own cover."""
        return None if self.cover in {None, "off"} else Path(str(self.cover))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    version: Version
    sound: Sound = Sound()
    publication: Publication
    joined: Joined | None = None
    """what is one after another in it; then the version is that of the whole, and its script the plan"""

    @property
    def name(self) -> str:
        """The finished files', without their endings."""
        return self.publication.name or safe_name(self.version.script.stem)

    @property
    def manifest(self) -> Path:
        """Where it is, or will be."""
        return self.publication.folder / f"{self.name}{ENDING}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Several recordings in one, each of its own length and a chapter with its title."""

    title: str
    about: str
    parts: tuple[Request, ...]
