"""Recordings to episodes: which file is played, where everything lies, when it was published, in which order."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kindvoice.encode import FORMATS
from kindvoice.errors import ManifestError, SettingsError
from kindvoice.model import Artifact, Release, Where
from kindvoice.publish.captions import CAPTIONS
from kindvoice.publish.feed.addresses import file_path
from kindvoice.publish.feed.show import Show, day

SOUNDS = {
    "mp3": "MP3", "m4a": "AAC", "m4b": "AAC audiobook", "opus": "Opus", "ogg": "Ogg Vorbis",
    "flac": "FLAC, lossless", "wav": "WAV, lossless",
}  # fmt: skip
"""What a feed calls them; the best understood first: it becomes the enclosure."""
TRANSCRIPTS = ("vtt", "srt", "html", "txt")

STEP = timedelta(minutes=1)
"""between two episodes of a course that would otherwise have no order in time"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeLink:
    """A file beside the feed, and where it will be."""

    file: Artifact
    url: str
    type: str
    """MIME: of the sounds without their codecs, and of M4A as Apple lists it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One recording in a feed."""

    release: Release
    guid: str
    """stays when the recording is rendered again"""
    published: datetime
    """UTC, whole seconds"""
    sound: EpisodeLink
    others: tuple[EpisodeLink, ...]
    """the same in further formats"""
    transcripts: tuple[EpisodeLink, ...]
    chapters: EpisodeLink | None
    cover: EpisodeLink | None
    number: int | None
    season: int | None

    @property
    def links(self) -> tuple[EpisodeLink, ...]:
        """All files that a feed with this episode points to."""
        further = (link for link in (self.chapters, self.cover) if link is not None)
        return (self.sound, *self.others, *self.transcripts, *further)


def make_episodes(releases: Sequence[Release], show: Show) -> tuple[Episode, ...]:
    """show: as settle() gives it.

    In the order given; a course whose recordings are all numbered, by season and number. A course's episodes are
    dated in the order in which they are heard, each later than the one before: that is the order apps show.

    Raises SettingsError and ManifestError.
    """
    _check(releases, show)
    numbered = bool(show.serial) and all(r.tags.track for r in releases)
    if numbered:
        releases = sorted(releases, key=lambda r: (r.tags.disc or 1, r.tags.track))
    episodes: list[Episode] = []
    for place, release in enumerate(releases, start=1):
        number = place if show.serial and not numbered else release.tags.track
        episode = _episode(release, show, number)
        if show.serial and episodes:
            _check_number(episodes[-1], episode)
            earliest = episodes[-1].published + STEP
            episode = replace(episode, published=max(earliest, episode.published))
        episodes.append(episode)
    return tuple(episodes)


def show_picture(episodes: Sequence[Episode], show: Show) -> Path | None:
    """What was asked for, else the first cover there is."""
    return show.image or next((episode.cover.file.path for episode in episodes if episode.cover), None)


def _episode(release: Release, show: Show, number: int | None) -> Episode:
    def link(artifact: Artifact, type: str) -> EpisodeLink:
        return EpisodeLink(file=artifact, url=show.url + file_path(artifact.path, show.folder), type=type)

    types = {kind: FORMATS[kind].type.partition(";")[0] for kind in SOUNDS} | {"m4a": "audio/x-m4a"}
    sounds = [link(a, types[kind]) for kind in SOUNDS if (a := release.artifact(kind))]
    if not sounds:
        raise ManifestError(
            "the recording has no sound file that a feed can offer",
            where=_where(release),
            cure="render it again with --format mp3",
        )
    chapters, cover = release.artifact("chapters"), release.artifact("cover")
    name = file_path(release.manifest.with_name(release.name), show.folder)
    return Episode(
        release=release,
        guid=str(uuid.uuid5(uuid.UUID(show.guid), name)),
        published=_published(release, sounds[0].file, show),
        sound=sounds[0],
        others=tuple(sounds[1:]),
        transcripts=tuple(
            link(a, CAPTIONS[kind].type) for kind in TRANSCRIPTS for a in release.artifacts if a.kind == kind
        ),
        chapters=link(chapters, "application/json+chapters") if chapters else None,
        cover=link(cover, "image/png" if cover.path.suffix.lower() == ".png" else "image/jpeg") if cover else None,
        number=number,
        season=release.tags.disc,
    )  # fmt: skip


def _published(release: Release, sound: Artifact, show: Show) -> datetime:
    if show.date or release.tags.date:
        return day(show.date or release.tags.date)
    return datetime.fromtimestamp(int(sound.path.stat().st_mtime), UTC)


def _check(releases: Sequence[Release], show: Show) -> None:
    """That nothing is published by accident, and nothing twice."""
    seen: set[Path] = set()
    for release in releases:
        if release.personal and not show.with_phrases:
            raise SettingsError(
                "this recording speaks somebody's own words, and everybody can hear what a feed offers",
                where=_where(release),
                cure="leave it out, render it without --phrase, --phrases, --set, or add --with-phrases if it is meant",
            )
        place = release.manifest.resolve()
        if place in seen:
            raise SettingsError(
                "this recording is named twice",
                where=_where(release),
                cure="name each once, by one of its files",
            )
        seen.add(place)


def _check_number(before: Episode, episode: Episode) -> None:
    if (before.season, before.number) == (episode.season, episode.number):
        raise SettingsError(
            f"{before.release.name} and {episode.release.name} are both number {episode.number} of the course",
            where=_where(episode.release),
            cure="render one of them with another `track`, or make a feed for each language or length",
        )


def _where(release: Release) -> Where:
    return Where(path=str(release.manifest), line=0)
