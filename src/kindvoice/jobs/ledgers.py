"""What is in the store of somebody's words, and the one rule of how it goes again.

Everything that is made for a recording is noted in a ledger of its own. What a studio's practices themselves are made
of (their lines, the bells) is noted in one more, which never goes: so the next person need not wait for it, and
forgetting takes away somebody's own words and nothing else.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from kindvoice.store import Ledger, SeenLedger, Store, Usage, cache_error

AT_WORK_S = 3600.0
"""a ledger that was written to so lately may be of a recording that is being built"""
_COMMON = "studio-common"


def ledger_name(manifest: Path | str) -> str:
    """Names what the cache keeps of a recording; tells nothing of it."""
    return hashlib.sha256(str(manifest).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def open_ledger(root: Path, name: str, participant: str, manifest: Path | str) -> Ledger:
    """root: of the store. Raises OSError."""
    return Ledger(root / "ledgers" / name, {"participant": participant, "manifest": str(manifest)})


def note_common(root: Path, keys: Iterable[str], anchor: Path) -> None:
    """Notes things that hold nobody's words. anchor: a file that is there as long as they are to stay. Raises
    OutputError."""
    try:
        ledger = open_ledger(root, _COMMON, "", anchor.absolute())
        for key in sorted(keys):
            ledger.note(key)
    except OSError as error:
        raise cache_error(root, error) from error


def at_work(ledger: SeenLedger) -> bool:
    return time.time() - ledger.written_s < AT_WORK_S


def forget_keys(
    stores: Sequence[Store],
    is_theirs: Callable[[SeenLedger], bool],
    *,
    keys: frozenset[str] = frozenset(),
    kept: frozenset[str] = frozenset(),
    unprotected: str | None = None,
) -> tuple[list[Usage], int, Callable[[], None]]:
    """Removes what their ledgers name, and `keys`, but for `kept` and for what others' recordings are made of.

    unprotected: a participant whose other recordings protect nothing. Returns what has gone from each store, how many
    things stay because they are others' too, and what drops their ledgers: call it last, so that what is broken off
    before can be done again.
    """
    ledgers = [(store, ledger) for store in stores for ledger in store.ledgers()]
    theirs = [(store, ledger) for store, ledger in ledgers if is_theirs(ledger)]
    keys = keys.union(*(ledger.keys for _, ledger in theirs))
    # A ledger of what is no more protects nothing.
    others = kept.union(
        *(
            ledger.keys
            for _, ledger in ledgers
            if not is_theirs(ledger)
            and ledger.about
            and ledger.about.get("participant") != unprotected
            and (at_work(ledger) or Path(ledger.about.get("manifest", "")).is_file())
        )
    )
    gone = sorted(keys - others)
    removed = [store.remove(gone) for store in stores]
    for store in stores:
        store.sweep()

    def drop() -> None:
        for store, ledger in theirs:
            store.drop_ledgers([ledger.name])

    return removed, len(keys & others), drop


def forget_participants(
    store: Store, is_theirs: Callable[[str], bool], *, keep: Path | None = None, idle: bool = False
) -> None:
    """Removes from the store what was made for these participants and is part of nobody else's.

    keep: a manifest of theirs that stays, with all it is made of. idle: only where nothing was added for an hour; else
    what is being made for them now must have ended.
    """
    kept = str(keep.absolute()) if keep else None

    def goes(ledger: SeenLedger) -> bool:
        participant = ledger.about.get("participant", "")
        return (
            bool(participant)
            and is_theirs(participant)
            and ledger.about.get("manifest") != kept
            and not (idle and at_work(ledger))
        )

    if any(map(goes, store.ledgers())):
        forget_keys([store], goes)[2]()
