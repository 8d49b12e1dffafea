"""A recording's cover: the user's picture, or one that is drawn once for all recordings of the same name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kindvoice.build.request import Publication
from kindvoice.errors import terminal
from kindvoice.model import Picture, Script
from kindvoice.publish import cover as covers
from kindvoice.publish.credits import title_and_artist
from kindvoice.store import Store, stage_key

COVER_VERSION = 2
"""of the drawing of covers"""


def drawn_cover(publication: Publication, script: Script, store: Store) -> tuple[str, bytes] | None:
    """Its key and its JPEG, from the store; None: none is drawn for this one."""
    if publication.cover == "off" or publication.picture is not None:
        return None
    title, subtitle = title_and_artist(script, dict(publication.tags), publication.artist)
    practice = script.id

    def draw(part: Path) -> None:
        part.write_bytes(covers.draw_cover(title, practice=practice, subtitle=subtitle))

    key = stage_key(
        "cover", COVER_VERSION, title=title, practice=practice, subtitle=subtitle, size=covers.SIZE
    )
    return key, store.read_or_make(key, draw)


def place_cover(
    publication: Publication, drawn: tuple[str, bytes] | None, work: Path, name: str
) -> Picture | None:
    """Beside the recording's other files."""
    if drawn is not None:
        path = work / f"{name}.cover.jpg"
        path.write_bytes(drawn[1])
        return Picture(path=path, type="image/jpeg", width=covers.SIZE, height=covers.SIZE)
    if publication.cover == "off" or publication.picture is None:
        return None
    return covers.copy_cover(publication.picture, work, name)


def cover_notes(publication: Publication, title: str) -> Iterator[str]:
    if publication.cover is None and not covers.drawn_text(title):
        missing = covers.missing_letters(title)
        why = f"its font has no {missing}" if missing else "it has no letters"
        yield f"the title is not on the cover: {why}. A picture of your own helps{terminal(': --cover FILE')}"
