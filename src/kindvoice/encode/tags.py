"""Tags under the names that FFmpeg gives them; it writes each container's own."""

from __future__ import annotations

from kindvoice.model import Tags


def plain_tags(tags: Tags, language: str) -> dict[str, str]:
    """language: the code as the container wants it."""
    found = {
        "title": tags.title,
        "artist": tags.artist,
        "album": tags.album,
        "language": language,
        "comment": tags.comment,
    }
    return {name: value for name, value in found.items() if value}
