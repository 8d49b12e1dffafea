"""What goes wrong in the studio and can be told to whoever uses it."""

from __future__ import annotations

from kindvoice.errors import KindvoiceError

KINDS = frozenset(
    {"practice", "language", "words", "length", "voice", "sound", "full", "many", "busy", "gone", "setup"}
)  # fmt: skip


class StudioError(KindvoiceError):
    """A fault that the person at the page, or the host, can do something about. Never holds anybody's words.

    kind: practice (no such one), language, words (a phrase is empty or too long, or there are too many), length, voice,
    sound (bell, bed or level), full (the queue), many (of this person's own), busy (try again soon), gone (no such
    order), setup (the host's settings). retry_s: when it may work, where that is known.
    """

    def __init__(self, what: str, *, kind: str, cure: str = "", retry_s: float | None = None) -> None:
        super().__init__(what, cure=cure)
        if kind not in KINDS:
            raise ValueError(f"no kind of fault {kind!r}")
        self.kind = kind
        self.retry_s = retry_s

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self.what, self.kind, self.cure, self.retry_s))


def _rebuild(what: str, kind: str, cure: str, retry_s: float | None) -> StudioError:
    return StudioError(what, kind=kind, cure=cure, retry_s=retry_s)
