"""What is in the cache of somebody's words, and how it goes again.

Every thing that is made for an order or a preview is noted in a ledger, as plans do. What the practice itself is
made of (its own lines, the bells) is noted in one more ledger, which never goes: so the next person need not wait
for it, and forgetting takes away somebody's own words and nothing else.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from pathlib import Path

from kindvoice.settings import Settings
from kindvoice.store import Ledger, SeenLedger, Store

AT_WORK_S = 3600.0
"""A ledger that was written to so lately may be of something that is being made. Previews live as long."""
_COMMON = "studio-common"


def store_for(settings: Settings, participant: str, manifest: Path | None) -> tuple[Store, Ledger]:
    """The shared cache, with a ledger of what is made for this order's (or preview's) manifest."""
    told = str(manifest.absolute()) if manifest else ""
    name = hashlib.sha256(f"{participant}\n{told}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
    about = {"participant": participant, "manifest": told}
    ledger = Ledger(settings.cache / "ledgers" / name, about)
    return Store(settings.cache, ledger), ledger


def note_common(keys: Iterable[str], settings: Settings, anchor: Path) -> None:
    """Notes things in the store that hold nobody's words.

    anchor: a file that is there as long as the studio is, so that plans too leave these things alone.
    """
    about = {"participant": "", "manifest": str(anchor.absolute())}
    ledger = Ledger(settings.cache / "ledgers" / _COMMON, about)
    for key in sorted(keys):
        ledger.note(key)


def forget_words(settings: Settings, participants: Iterable[str], *, keep: Path | None = None) -> int:
    """Removes from the cache what was made for these and is part of nobody else's; how many things.

    keep: a manifest of theirs that stays, with all it is made of. What is being made for them now must have ended.
    """
    theirs = {name for name in participants if name}
    kept = str(keep.absolute()) if keep else None
    store = Store(settings.cache)
    own: list[SeenLedger] = []
    others: set[str] = set()
    for ledger in store.ledgers():
        if ledger.about.get("participant") in theirs and ledger.about.get("manifest") != kept:
            own.append(ledger)
        elif ledger.about and (_at_work(ledger) or Path(ledger.about.get("manifest", "")).is_file()):
            others |= ledger.keys
    if not own:
        return 0
    removed = store.remove(sorted(frozenset[str]().union(*(each.keys for each in own)) - others))
    store.sweep()
    store.drop_ledgers([ledger.name for ledger in own])  # last: what is broken off can be done again
    return removed.files


def forget_previews(settings: Settings, prefix: str) -> int:
    """Forgets previews, by the beginning of their participants' names, when nothing was added for an hour."""
    old = [
        ledger.about["participant"]
        for ledger in Store(settings.cache).ledgers()
        if ledger.about.get("participant", "").startswith(prefix) and not _at_work(ledger)
    ]
    return forget_words(settings, old) if old else 0


def _at_work(ledger: SeenLedger) -> bool:
    return time.time() - ledger.written_s < AT_WORK_S
