"""A Release as the page shows it: what is played, what is offered, and under which names it lies in the folder."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kindvoice.encode import FORMATS
from kindvoice.errors import ManifestError
from kindvoice.languages import direction
from kindvoice.model import Artifact, Release, Where
from kindvoice.publish.captions import CAPTIONS

SOUNDS = ("mp3", "m4a", "m4b", "opus", "ogg", "flac", "wav")
"""formats in the order in which a browser is asked: what every browser plays, and small, comes first"""
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
MEDIA = "media"
"""the folder of what is played and downloaded"""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to be copied into the folder."""

    source: Artifact
    href: str
    """its place below the folder; plain ASCII, so it needs no escaping and survives every archive and server"""
    name: str
    """what it is called when it is saved"""
    type: str
    """MIME; empty where a browser need not know"""

    @property
    def label(self) -> str:
        return Path(self.href).suffix.lstrip(".").upper() or self.source.kind.upper()

    @property
    def bytes(self) -> int:
        return self.source.bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthLink:
    """To the page of another length, or of another choice of what is heard in it."""

    page: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """How the browser puts the recording together where it does not lie in the folder as a file."""

    ranges: str
    """`offset+length` of bytes, one after the other; offsets count through all scripts of the pool"""
    chunks: tuple[File, ...]
    """the scripts that hold them"""
    chunk_bytes: int
    """of sound in every script but the last"""
    rows: tuple[tuple[LengthLink, ...], ...]
    """what a listener can choose: minutes, bell, bed"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTrack:
    """One recording on its page."""

    page: str
    """the page's file name"""
    title: str
    release: Release
    sounds: tuple[File, ...]
    """in the order in which a browser is asked; at least one"""
    texts: tuple[File, ...]
    cover: File | None
    assembly: Assembly | None = None

    @property
    def duration_ms(self) -> int:
        return self.release.transcript.duration_ms

    @property
    def has_chapters(self) -> bool:
        return any(section.title for section in self.release.transcript.sections)

    @property
    def direction(self) -> str:
        """ltr or rtl: how its words are written"""
        return direction(self.release.tags.language)

    @property
    def licence(self) -> str:
        """Empty when the credits already say it."""
        licence = self.release.tags.licence
        return "" if any(licence in credit for credit in self.release.credits) else licence

    @property
    def files(self) -> tuple[File, ...]:
        sounds = self.assembly.chunks if self.assembly else self.sounds
        return (*sounds, *self.texts, *([self.cover] if self.cover else ()))

    def at(self, ms: int) -> str:
        """The recording from there on (W3C Media Fragments): what a link does where no script runs."""
        if self.assembly:
            return "#player"
        return f"{self.sounds[0].href}#t={ms / 1000}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Several recordings and the page that lists them."""

    title: str
    language: str
    """BCP 47, of the title; empty when the recordings do not agree on one"""
    artist: str
    """when it is the same in all"""
    tracks: tuple[PageTrack, ...]

    @property
    def duration_ms(self) -> int:
        return sum(track.duration_ms for track in self.tracks)

    @property
    def credits(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(credit for track in self.tracks for credit in track.release.credits))


def shown(releases: Sequence[Release], title: str | None = None) -> tuple[PageTrack, ...]:
    """title: instead of the recording's own, where there is only one.

    Raises ManifestError when a release holds no sound that a browser plays.
    """
    names = _Names()
    alone = len(releases) == 1
    tracks = []
    for release in releases:
        stem = names.free(slug(release.name))
        page = "index.html" if alone else f"{stem}.html"
        shown_title = (title if alone else None) or release.tags.title
        tracks.append(_track(release, stem=stem, page=page, title=shown_title, names=names))
    return tuple(tracks)


def course(tracks: Sequence[PageTrack], title: str | None, words: Mapping[str, Any]) -> Course:
    """title: what was asked for; else the album that all are of; else the page's own word for recordings."""
    albums = {track.release.tags.album for track in tracks}
    artists = {track.release.tags.artist for track in tracks}
    languages = {track.release.tags.language for track in tracks}
    album = albums.pop() if len(albums) == 1 else ""
    title = title or album
    return Course(
        title=title or words["recordings"],
        language=words["language"] if not title else languages.pop() if len(languages) == 1 else "",
        artist=artists.pop() if len(artists) == 1 else "",
        tracks=tuple(tracks),
    )


def _track(release: Release, *, stem: str, page: str, title: str, names: _Names) -> PageTrack:
    sounds = [a for kind in SOUNDS for a in release.artifacts if a.kind == kind]
    if not sounds:
        raise ManifestError(
            f"{release.name} holds no sound that a browser plays",
            where=Where(path=str(release.manifest), line=0),
            cure=f"render it in one of these: {', '.join(SOUNDS)}",
        )
    texts = [a for a in release.artifacts if a.kind in CAPTIONS]
    cover = release.artifact("cover")
    if cover and cover.path.suffix.lower() not in PICTURES:
        cover = None
    return PageTrack(
        page=page, title=title, release=release,
        sounds=tuple(names.file(a, stem, FORMATS[a.kind].type) for a in sounds),
        texts=tuple(names.file(a, stem, "") for a in texts),
        cover=names.file(cover, f"{stem}-cover", "") if cover else None,
    )  # fmt: skip


class _Names:
    """Names that are given out once, whatever the case; the same picture is kept once."""

    def __init__(self) -> None:
        self._taken = {"index"}
        self._pictures: dict[str, str] = {}

    def free(self, name: str) -> str:
        numbered = (f"{name}-{count}" for count in itertools.count(2))
        free = next(each for each in itertools.chain([name], numbered) if each not in self._taken)
        self._taken.add(free)
        return free

    def file(self, artifact: Artifact, stem: str, type: str) -> File:
        suffix = re.sub(r"[^a-z0-9]", "", artifact.path.suffix.lower())[:8] or slug(artifact.kind)
        href = self._pictures.get(artifact.sha256) if artifact.kind == "cover" else None
        if href is None:
            href = f"{MEDIA}/{self.free(f'{stem}.{suffix}')}"
            self._pictures[artifact.sha256] = href
        return File(source=artifact, href=href, name=artifact.path.name, type=type)


def slug(name: str) -> str:
    """A file's name that is plain ASCII and harmless in a link, on every system and in every archive.

    >>> slug("Méditation n° 3"), slug("慈悲"), slug("CON")
    ('meditation-n-3', 'recording', 'con-recording')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].rstrip("-") or "recording"
    return f"{name}-recording" if re.fullmatch(r"con|prn|aux|nul|com\d|lpt\d", name) else name
