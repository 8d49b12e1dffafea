"""The show: what a feed says about itself, as it was asked for and as it is filled in from the recordings."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from kindvoice.errors import SettingsError
from kindvoice.languages import primary
from kindvoice.model import Release
from kindvoice.publish.cover import check_picture
from kindvoice.publish.feed.addresses import feed_guid, file_path, folder_address, web_address
from kindvoice.publish.feed.apple import DEFAULT_CATEGORY, find_category
from kindvoice.publish.feed.text import one_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """What a feed says about itself. What is empty is taken from the recordings, or left out."""

    url: str
    """the address of the folder that the files will lie in"""
    path: Path
    """the feed on this computer. Its folder is published as it is: recordings lie in it or below it"""
    feed_url: str = ""
    """where the feed will be; empty: in that folder, under the same name"""
    link: str = ""
    """the show's page; empty: the folder's address"""
    title: str = ""
    """empty: the album, or the title of a single recording"""
    about: str = ""
    """for whoever chooses; empty: what a single recording says of itself"""
    author: str = ""
    """empty: the hosts, else the recordings' artists"""
    email: str = ""
    """the owner's, which everybody can read; empty: left out"""
    language: str = ""
    """BCP 47; empty: the recordings'"""
    categories: tuple[str, ...] = ()
    """Apple's, such as `Health & Fitness > Mental Health`; the first counts most"""
    image: Path | None = None
    """a square picture in the folder; None: the first recording's cover"""
    hosts: tuple[str, ...] = ()
    """their names"""
    licence: str = ""
    """of the sound: an SPDX identifier, or a name of your own with `licence_url`"""
    licence_url: str = ""
    copyright: str = ""
    explicit: bool = False
    locked: bool = True
    """whether other hosts are asked not to take the feed over"""
    serial: bool | None = None
    """a course, heard from the first to the last; None: when there are several and all are numbered (track)"""
    complete: bool = False
    """whether nothing more will follow"""
    unlisted: bool = False
    """whether directories are asked not to show it: only who has the address finds it"""
    guid: str = ""
    """the podcast's identity, kept when a show moves; empty: made from the feed's address"""
    date: str = ""
    """when it is published, a day after ISO 8601; empty: each recording's own date, or its file's time"""
    with_phrases: bool = False
    """whether recordings with somebody's own phrases may be published"""

    @property
    def folder(self) -> Path:
        """What is published, on this computer."""
        return self.path.parent


def settle(show: Show, releases: Sequence[Release]) -> Show:
    """The show with everything checked and filled in; settling it again changes nothing.

    Raises SettingsError for what a feed may not say, or must say and nobody has said.
    """
    if not releases:
        raise SettingsError("a feed wants at least one recording", cure="name what `kindvoice render` made")
    url = folder_address(show.url)
    feed_url = web_address(show.feed_url or url + file_path(show.path, show.folder), "--feed-url")
    title = one_line(show.title) or _title(releases)
    hosts = tuple(map(one_line, show.hosts))
    if not all(hosts):
        raise SettingsError("--host wants a name")
    return replace(
        show,
        url=url,
        feed_url=feed_url,
        link=web_address(show.link or url, "--link"),
        title=title,
        about=one_line(show.about) or _about(releases),
        author=one_line(show.author) or _author(hosts, releases) or title,
        email=_checked("--email", show.email, _EMAIL, "such as kind@example.org"),
        language=_language(show.language or releases[0].tags.language),
        categories=tuple(dict.fromkeys(map(find_category, show.categories or (DEFAULT_CATEGORY,)))),
        image=check_picture(show.image).path if show.image else None,
        hosts=hosts,
        licence=_licence(show, releases),
        licence_url=web_address(show.licence_url, "--licence-url") if show.licence_url else "",
        copyright=one_line(show.copyright) or _shared(r.tags.copyright for r in releases),
        serial=len(releases) > 1 and all(r.tags.track for r in releases)
        if show.serial is None
        else show.serial,
        guid=_guid(show.guid) or str(feed_guid(feed_url)),
        date=day(show.date).date().isoformat() if show.date else "",
    )


def spdx(text: str) -> str:
    """The identifier of a well-known licence as SPDX writes it; empty for anything else.

    >>> spdx("cc-by-nc-4.0"), spdx("CC BY"), spdx("MIT OR Apache-2.0")
    ('CC-BY-NC-4.0', '', '')
    """
    try:
        identifier = str(canonicalize_license_expression(text))
    except InvalidLicenseExpression:
        return ""
    return "" if " " in identifier or identifier.startswith("LicenseRef-") else identifier


def day(text: str) -> datetime:
    """A year, a month or a day after ISO 8601, as its noon in UTC: the same day nearly everywhere.

    Raises SettingsError for anything else.
    """
    match = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", text.strip())
    try:
        year, month, date = (int(part or 1) for part in (match.groups() if match else ()))
        return datetime(year, month, date, 12, tzinfo=UTC)
    except ValueError:
        raise SettingsError(f"{text!r} is no date", cure="such as 2026-11-22") from None


def _shared(texts: Iterable[str]) -> str:
    """What all of them say, or nothing."""
    different = set(map(one_line, texts))
    return different.pop() if len(different) == 1 else ""


def _title(releases: Sequence[Release]) -> str:
    if album := _shared(r.tags.album for r in releases):
        return album
    if len(releases) > 1:
        raise SettingsError(
            "the recordings share no album, so the show has no title", cure="say it with --title"
        )
    return one_line(releases[0].tags.title) or releases[0].name


def _about(releases: Sequence[Release]) -> str:
    if len(releases) == 1 and (about := one_line(releases[0].about)):
        return about
    raise SettingsError(
        "the show does not say what it is about",
        cure="add a sentence or two for whoever chooses, with --about",
    )


def _author(hosts: Sequence[str], releases: Sequence[Release]) -> str:
    artists = [one_line(release.tags.artist) for release in releases]
    return ", ".join(dict.fromkeys(name for name in hosts or artists if name))


def _licence(show: Show, releases: Sequence[Release]) -> str:
    wanted = one_line(show.licence)
    if wanted and not spdx(wanted) and not show.licence_url:
        raise SettingsError(
            f"{wanted!r} is no SPDX identifier of a licence",
            cure="such as CC-BY-4.0 or CC-BY-NC-ND-4.0; a licence of your own wants its text's address: --licence-url",
        )
    return spdx(wanted) or wanted or spdx(_shared(r.tags.licence for r in releases))


_EMAIL = r"[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>()]+"


def _checked(option: str, text: str, pattern: str, cure: str) -> str:
    text = text.strip()
    if text and not re.fullmatch(pattern, text):
        raise SettingsError(f"{option} {text!r} cannot be used", cure=cure)
    return text


def _language(text: str) -> str:
    pattern = r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*"
    text = _checked("--language", text, pattern, "such as en, de or pt-BR")
    return "-".join([primary(text), *text.split("-")[1:]])


def _guid(text: str) -> str:
    try:
        return str(uuid.UUID(text.strip())) if text else ""
    except ValueError:
        raise SettingsError(
            f"--guid {text!r} is no podcast guid",
            cure="copy it from the old feed: podcast:guid, 36 characters",
        ) from None
