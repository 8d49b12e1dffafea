"""Finished recordings to a podcast feed: RSS 2.0 with the tags of Apple and of Podcasting 2.0.

The feed lies in the folder that is put on a web server as it is; every address in it is the show's address and
the file's place in that folder. The same files and the same show give the same bytes.
"""

from __future__ import annotations

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
    "rss",
    "settle",
]
