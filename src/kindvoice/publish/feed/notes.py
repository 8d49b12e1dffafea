"""What is worth knowing of a feed before it is published. Nothing here is wrong enough to refuse it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kindvoice.errors import KindvoiceError
from kindvoice.languages import primary
from kindvoice.publish.cover import check_picture
from kindvoice.publish.feed.apple import PLAYED
from kindvoice.publish.feed.episodes import Episode, show_picture
from kindvoice.publish.feed.show import Show


def feed_notes(episodes: Sequence[Episode], show: Show) -> tuple[str, ...]:
    """show: as settle() gives it. What directories and apps would stumble over, and what would cure it."""
    return tuple(_notes(episodes, show))


def _notes(episodes: Sequence[Episode], show: Show) -> Iterator[str]:
    if not all(url.startswith("https://") for url in (show.url, show.feed_url)):
        yield "the address is not https: apps may refuse it, and anybody on the way can see what is listened to"
    if show_picture(episodes, show) is None:
        yield "the show has no picture, which directories ask for: render with a cover, or give one with --image"
    yield from _covers(episodes)
    for episode in episodes:
        name = episode.release.name
        if episode.sound.file.path.suffix.lower() not in PLAYED:
            yield f"{name}: Apple Podcasts plays MP3 and M4A only; render it with --format mp3 too"
        if not episode.transcripts:
            yield f"{name}: there are no captions to read along"
        if episode.release.personal:
            yield f"{name} speaks somebody's own phrases, and everybody will be able to hear them"
    yield from _languages(episodes, show)


def _languages(episodes: Sequence[Episode], show: Show) -> Iterator[str]:
    spoken = dict.fromkeys(primary(episode.release.tags.language) for episode in episodes)
    others = [language for language in spoken if language != primary(show.language)]
    if others:
        yield (
            f"the feed says {show.language}, and some recordings speak {', '.join(others)}: "
            "a feed has one language, so make a feed for each"
        )
    if len(primary(show.language)) != 2:
        yield f"Apple Podcasts knows languages of two letters, not {show.language}"


def _covers(episodes: Sequence[Episode]) -> Iterator[str]:
    for episode in episodes:
        try:
            if episode.cover:
                check_picture(episode.cover.file.path)
        except KindvoiceError as error:
            yield error.what
