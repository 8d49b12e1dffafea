"""Finished recordings to a podcast feed: RSS 2.0 with the tags of Apple and of Podcasting 2.0.

The feed lies in the folder that is put on a web server as it is; every address in it is the show's address and
the file's place in that folder. The same files and the same show give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

from kindvoice.model import Release
from kindvoice.publish.feed.episodes import Episode, EpisodeLink, make_episodes
from kindvoice.publish.feed.files import bring_picture, feed_path, find_releases
from kindvoice.publish.feed.notes import feed_notes
from kindvoice.publish.feed.rss import rss
from kindvoice.publish.feed.show import Person, Show, settle

__all__ = [
    "Episode",
    "EpisodeLink",
    "Person",
    "Show",
    "bring_picture",
    "feed_notes",
    "feed_path",
    "find_releases",
    "make_episodes",
    "make_feed",
    "settle",
]


def make_feed(releases: Sequence[Release], show: Show) -> str:
    """The feed's text, for UTF-8.

    Raises SettingsError for what the show may not say and for recordings that hold a participant's own phrases
    (Show.with_phrases), ManifestError for a recording that no podcast app could play.
    """
    settled = settle(show, releases)
    return rss(make_episodes(releases, settled), settled)
