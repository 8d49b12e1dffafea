"""What a finished file says about itself: who wrote, who speaks, and under which licence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kindvoice.model import Script, Tags, Transcript, Voice
from kindvoice.script.tags import TagValues

SAFETY = "Made with kindvoice. A practice aid, not therapy."


def make_credits(script: Script, heard: Iterable[Voice], lines: int, recorded: int) -> tuple[str, ...]:
    """A sentence for the text where it says so, and one for every voice that is heard.

    lines: how many there are; recorded: how many of them a person recorded.
    """
    credits = [script.credit] if script.credit else []
    if script.licence:
        credits.append(f"Licence of the text: {script.licence}.")
    credits += [f"{voice.credit}. Licence of the voice: {voice.licence}." for voice in heard]
    if recorded:
        credits.append(f"{recorded} of {lines} lines are recorded by a person.")
    return tuple(dict.fromkeys(credits))


def title_and_artist(script: Script, wanted: TagValues, artist: str) -> tuple[str, str]:
    """As `make_tags` has them."""
    values = {"title": script.title, "artist": script.author or artist, **dict(script.tags), **wanted}
    return str(values["title"]), str(values["artist"])


def make_tags(
    script: Script, wanted: TagValues, transcript: Transcript, credits: Iterable[str], artist: str
) -> Tags:
    """wanted: what was asked for from outside; it stands before the script's own. artist: when nobody is named."""
    values: dict[str, Any] = {
        "title": script.title,
        "artist": script.author or artist,
        "genre": "Meditation",
        "licence": script.licence,
        "comment": " ".join([*credits, SAFETY]),
        **dict(script.tags),
        **wanted,
    }
    lyrics = "\n".join(line.text for line in transcript.lines)
    return Tags(language=script.language, about=script.about, lyrics=lyrics, **values)
