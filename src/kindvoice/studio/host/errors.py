"""What somebody at a page cannot have, and can do something about."""

from __future__ import annotations

from typing import Literal

from kindvoice.errors import KindvoiceError

StudioFault = Literal[
    "practice", "language", "words", "length", "voice", "sound", "full", "many", "busy", "gone", "people",
    "recordings", "minutes", "table",
]  # fmt: skip


class StudioError(KindvoiceError):
    """A page tells of it in its own language, from the kind alone; so it never holds anybody's words.

    kind: practice (no such one, or it cannot be made so), language, words (a phrase is empty or too long, or there are
    too many), length, voice, sound (bell, bed or level), full (the queue, or the disk), many (of this person's own, or
    from their address), busy (try again soon), gone (no such order); of a course: people, recordings, minutes (too many
    of them), table (its people cannot be read so fast, or are none).
    """

    def __init__(self, kind: StudioFault) -> None:
        super().__init__(kind)
        self.kind = kind
