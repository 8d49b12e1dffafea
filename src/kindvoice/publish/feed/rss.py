"""Episodes to RSS 2.0 (rssboard.org/rss-specification), Apple's tags and the Podcasting 2.0 namespace."""

from __future__ import annotations

import base64
import html
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from email.utils import format_datetime

from kindvoice import __version__
from kindvoice.encode import FORMATS
from kindvoice.model import Release
from kindvoice.publish.credits import SAFETY
from kindvoice.publish.feed.addresses import file_path
from kindvoice.publish.feed.apple import DESCRIPTION_BYTES, TITLE_CHARACTERS
from kindvoice.publish.feed.episodes import SOUNDS, Episode, EpisodeLink, show_picture
from kindvoice.publish.feed.show import Show, spdx
from kindvoice.publish.feed.text import clipped, clipped_bytes, one_line, xml_text

_NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
}
for _prefix, _namespace in _NAMESPACES.items():
    ET.register_namespace(_prefix, _namespace)

_NAME_CHARACTERS = 128
"""of a person or a licence, before aggregators cut"""


def rss(episodes: Sequence[Episode], show: Show) -> str:
    """show: as settle() gives it. The whole document, with its declaration."""
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    _channel(channel, show, episodes)
    for episode in episodes:
        _item(_add(channel, "item"), episode, show)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    """tag: such as `itunes:author`. Attributes that are empty are left out."""
    prefix, colon, name = tag.rpartition(":")
    element = ET.SubElement(parent, f"{{{_NAMESPACES[prefix]}}}{name}" if colon else name)
    element.attrib |= {key.rstrip("_"): xml_text(value) for key, value in attributes.items() if value}
    if text:
        element.text = xml_text(text)
    return element


def _add_if(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    if text:
        _add(parent, tag, text, **attributes)


# ---------------------------------------------------------------- the show


def _channel(channel: ET.Element, show: Show, episodes: Sequence[Episode]) -> None:
    _add(channel, "title", clipped(show.title, TITLE_CHARACTERS))
    _add(channel, "link", show.link)
    _add(channel, "atom:link", href=show.feed_url, rel="self", type="application/rss+xml")
    _add(channel, "description", _paragraphs(show.about, [SAFETY]))
    # RSS lists its languages in small letters.
    _add(channel, "language", show.language.lower())
    _add_if(channel, "copyright", clipped(show.copyright, TITLE_CHARACTERS))
    _add(channel, "pubDate", format_datetime(max(e.published for e in episodes), usegmt=True))
    _add(channel, "generator", f"kindvoice {__version__}")
    _add(channel, "itunes:author", clipped(show.author, TITLE_CHARACTERS))
    if show.email:
        owner = _add(channel, "itunes:owner")
        _add(owner, "itunes:name", clipped(show.author, TITLE_CHARACTERS))
        _add(owner, "itunes:email", show.email)
    if picture := show_picture(episodes, show):
        _add(channel, "itunes:image", href=show.url + file_path(picture, show.folder))
    for category in show.categories:
        name, _, sub = category.partition(" > ")
        element = _add(channel, "itunes:category", text_=name)
        if sub:
            _add(element, "itunes:category", text_=sub)
    _add(channel, "itunes:explicit", str(show.explicit).lower())
    _add(channel, "itunes:type", "serial" if show.serial else "episodic")
    _add_if(channel, "itunes:complete", "Yes" if show.complete else "")
    _add_if(channel, "itunes:block", "Yes" if show.unlisted else "")
    _add(channel, "podcast:guid", show.guid)
    _add(channel, "podcast:medium", "course" if show.serial else "podcast")
    _add(channel, "podcast:locked", "yes" if show.locked else "no", owner=show.email)
    _add_if(channel, "podcast:block", "yes" if show.unlisted else "")
    _licence(channel, show.licence, show.licence_url)
    _persons(channel, show.hosts, "host")


# ---------------------------------------------------------------- an episode


def _item(item: ET.Element, episode: Episode, show: Show) -> None:
    release, tags, sound = episode.release, episode.release.tags, episode.sound
    _add(item, "title", clipped(one_line(tags.title), TITLE_CHARACTERS) or release.name)
    _add(item, "description", _paragraphs(release.about, _small_print(release)))
    _add(item, "enclosure", url=sound.url, length=str(sound.file.bytes), type=sound.type)
    _add(item, "guid", episode.guid, isPermaLink="false")
    _add(item, "pubDate", format_datetime(episode.published, usegmt=True))
    if (artist := clipped(one_line(tags.artist), TITLE_CHARACTERS)) != show.author:
        _add_if(item, "itunes:author", artist)
    # Never 0, which apps read as unknown.
    _add(item, "itunes:duration", str(max(round(release.transcript.duration_ms / 1000), 1)))
    if episode.cover is not None:
        _add(item, "itunes:image", href=episode.cover.url)
    _add(item, "itunes:explicit", str(show.explicit).lower())
    _add_if(item, "itunes:season", str(episode.season or ""))
    _add_if(item, "itunes:episode", str(episode.number or ""))
    _add(item, "itunes:episodeType", "full")
    for link in episode.transcripts:
        timed = link.file.kind in {"vtt", "srt"}
        _add(
            item, "podcast:transcript", url=link.url, type=link.type, language=tags.language,
            rel="captions" if timed else "",
        )  # fmt: skip
    if episode.chapters is not None:
        _add(item, "podcast:chapters", url=episode.chapters.url, type=episode.chapters.type)
    for link in episode.others:
        _alternate(item, link, release)
    if not show.licence:
        _licence(item, spdx(tags.licence), "")
    # Whoever listens may know that nobody sat at a microphone.
    narrators = [
        f"{clipped(name, _NAME_CHARACTERS - 20)} (synthetic voice)"
        for name in filter(None, map(one_line, release.voices))
    ]
    # An episode's persons stand in place of the show's: hosts are named again.
    _persons(item, show.hosts if narrators else (), "host")
    _persons(item, narrators, "narrator")


def _alternate(item: ET.Element, link: EpisodeLink, release: Release) -> None:
    element = _add(
        item, "podcast:alternateEnclosure", type=link.type, length=str(link.file.bytes),
        bitrate=str(round(link.file.bytes * 8_000 / max(release.transcript.duration_ms, 1))),
        lang=release.tags.language, title=SOUNDS[link.file.kind],
        codecs=FORMATS[link.file.kind].type.partition("codecs=")[2],
    )  # fmt: skip
    _add(element, "podcast:source", uri=link.url)
    digest = base64.b64encode(bytes.fromhex(link.file.sha256)).decode()
    _add(element, "podcast:integrity", type="sri", value=f"sha256-{digest}")


# ---------------------------------------------------------------- what both have


def _licence(parent: ET.Element, licence: str, url: str) -> None:
    """The specification wants known identifiers in small letters."""
    text = licence.lower() if spdx(licence) else clipped(licence, _NAME_CHARACTERS)
    _add_if(parent, "podcast:license", text, url=url)


def _persons(parent: ET.Element, names: Sequence[str], role: str) -> None:
    for name in dict.fromkeys(names):
        _add(parent, "podcast:person", clipped(name, _NAME_CHARACTERS), role=role, group="cast")


def _small_print(release: Release) -> list[str]:
    credits = " ".join(map(one_line, release.credits))
    licence = one_line(release.tags.licence)
    # The credits may have said it of the text already.
    licence = "" if licence in credits else f"Licence: {licence}."
    fine_print = " ".join(filter(None, [credits, licence, one_line(release.tags.copyright)]))
    return [text for text in (fine_print.strip(), SAFETY) if text]


def _paragraphs(about: str, rest: Sequence[str]) -> str:
    """A description as apps show it, in HTML: readers take it for HTML whatever it is. The rest is never cut."""

    def written(text: str) -> str:
        return f"<p>{html.escape(text, quote=False)}</p>" if text else ""

    tail = "".join(map(written, rest))
    return written(clipped_bytes(one_line(about), DESCRIPTION_BYTES - len(tail.encode()), written)) + tail
