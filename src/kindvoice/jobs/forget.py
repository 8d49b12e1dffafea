"""Forgetting a participant: every file, clip and entry that was made from their words."""

from __future__ import annotations

import contextlib
import html
import os
import tempfile
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from kindvoice.errors import SettingsError, did_you_mean
from kindvoice.jobs.items import Item
from kindvoice.jobs.ledgers import forget_keys, ledger_name
from kindvoice.jobs.one import recording_lock
from kindvoice.jobs.report import NAME as REPORT
from kindvoice.jobs.run import absolute
from kindvoice.jobs.state import SeenFiles, named_clips, named_files
from kindvoice.publish.manifest import ENDING
from kindvoice.publish.output import journal_of, read_record
from kindvoice.settings import Settings
from kindvoice.store import SeenLedger, Store, removed
from kindvoice.store.remote import RemoteStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What is gone."""

    participant: str
    recordings: int
    files: tuple[Path, ...]
    """recordings with everything beside them, and their manifests"""
    folders: tuple[Path, ...]
    """that were empty then"""
    clips: int
    """things in the cache that were made from their words, and from nobody else's"""
    bytes: int
    """of files and clips"""
    shared: int
    """things in the cache that others' recordings are made of too; they stay"""
    not_ours: tuple[Path, ...]
    """what stands in their folders and no manifest names; it stays"""

    @property
    def left(self) -> str:
        """What forgetting does not reach, for the user to do."""
        return (
            f"remove the row of {self.participant!r} from the plan's participants, or the next build makes everything "
            "again; their words may also stand in copies and pages made of these recordings, and in backups"
        )


def forget(
    items: Iterable[Item],
    participant: str,
    settings: Settings,
    root: Path | None = None,
    *,
    store: str | None = None,
) -> Forgotten:
    """Removes the files that the manifests of this participant's items name, the manifests, folders that are empty
    then, everything in the cache that was made for these items and is part of no one else's, and its own notes.

    items: all of the plan. root: the folder that the plan's recordings lie in; what was built there for this
    participant before and is no longer in the plan goes too. store: the fsspec URL that the plan was built with, if
    it was; what lies there goes, and what lies in this computer's cache. Waits for a run that builds one of them
    just now. Raises SettingsError when there is nothing of such a participant, OutputError when a file cannot be
    removed.
    """
    settings = absolute(settings)
    items = list(items)
    with contextlib.ExitStack() as stack:
        stores = [Store(settings.cache)]
        if store:
            front = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
            stores.append(RemoteStore(Path(front), store))
        return _forget(items, participant, settings, root, stores)


def _forget(
    items: Sequence[Item], participant: str, settings: Settings, root: Path | None, stores: Sequence[Store]
) -> Forgotten:
    theirs = [item for item in items if item.participant == participant]
    ledgers = [ledger for each in stores for ledger in each.ledgers()]
    former = _former(ledgers, participant, root)
    if not theirs and not former:
        known = sorted({item.participant for item in items if item.participant})
        raise SettingsError(
            f"there is no participant {participant!r} in this plan, and nothing that was built for one",
            cure=did_you_mean(participant, known, "look at the ids in the plan's participants"),
        )
    manifests = former | {item.request.manifest for item in theirs}
    others = {item.request.manifest for item in items} - manifests
    top = root or Path(os.path.commonpath([item.request.publication.folder for item in items]))
    return _remove_recordings(manifests, others, participant, settings, top, stores)


def forget_former(items: Iterable[Item], settings: Settings, root: Path) -> None:
    """Removes every recording below `root` that is none of these items, as `forget` does; what kindvoice did not
    make stays. Raises OutputError when a file cannot be removed."""
    settings = absolute(settings)
    others = {item.request.manifest for item in items}
    former = {path for path in root.rglob(f"*{ENDING}") if path not in others}
    if former:
        _remove_recordings(former, others, "", settings, root, [Store(settings.cache)])


def _remove_recordings(
    manifests: AbstractSet[Path], others: AbstractSet[Path], participant: str, settings: Settings, top: Path,
    stores: Sequence[Store],
) -> Forgotten:  # fmt: skip
    """others: the recordings that stay. participant: whose they are, and whose other recordings protect nothing;
    empty: of several."""
    with contextlib.ExitStack() as locks:
        for path in sorted(manifests):
            locks.enter_context(recording_lock(path, settings))
        names = {ledger_name(path.absolute()) for path in manifests}
        gone, shared, drop_ledgers = forget_keys(
            stores,
            lambda ledger: ledger.name.partition(".")[0] in names,
            keys=frozenset[str]().union(*map(named_clips, manifests)),
            kept=frozenset[str]().union(*map(named_clips, others)),
            unprotected=participant or None,
        )
        # A run that is broken off here can be repeated: manifests and ledgers go last.
        files, size = _remove_files(sorted(manifests), participant, settings, top)
        drop_ledgers()
    folders, not_ours = _empty_folders(
        [path.parent for path in manifests], [path.parent for path in others], top
    )
    return Forgotten(
        participant=participant, recordings=sum(path in manifests for path in files), files=tuple(files),
        folders=folders, clips=max(each.files for each in gone),
        bytes=sum(each.bytes for each in gone) + size, shared=shared, not_ours=not_ours,
    )  # fmt: skip


def _former(ledgers: Iterable[SeenLedger], participant: str, root: Path | None) -> set[Path]:
    """Manifests of recordings that were built for them below the plan's folder."""
    if root is None:
        return set()
    of_theirs = [ledger.about for ledger in ledgers if ledger.about.get("participant") == participant]
    paths = {Path(about.get("manifest", "")) for about in of_theirs}
    return {path for path in paths if path.name.endswith(ENDING) and path.is_relative_to(root.absolute())}


def _remove_files(
    manifests: Sequence[Path], participant: str, settings: Settings, root: Path | None
) -> tuple[list[Path], int]:
    """The files that are gone, and their bytes. Manifests last: as long as one stands it tells what else there is."""
    files = [file for path in manifests for file in sorted(named_files(path)) if file.is_file()]
    if root is not None and _tells_of(root / REPORT, participant):
        files.append(root / REPORT)  # the next build writes another
    files += [path for m in manifests for path in (journal_of(m), m) if path.is_file()]
    size = sum(removed(path) or 0 for path in files)
    state = SeenFiles(settings.cache)
    state.drop(files)
    state.save()
    return files, size


def _tells_of(report: Path, participant: str) -> bool:
    """Whether it is a report of ours that names them. Raises OutputError."""
    try:
        text = read_record(report)
    except UnicodeDecodeError:
        return False
    return "with kindvoice" in text and f">{html.escape(participant, quote=False)}</td>" in text


def _empty_folders(
    folders: Iterable[Path], shared: Iterable[Path], top: Path
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Removes folders below `top` that hold nothing more; also tells what else stands in those that were theirs."""
    gone: list[Path] = []
    left: list[Path] = []
    for folder in sorted(set(folders) - set(shared)):
        if not folder.is_dir():
            continue
        for part in folder.glob(".kindvoice-*.part"):  # what a killed run has left
            removed(part)
        left += sorted(folder.iterdir())
        while folder != top and folder.is_relative_to(top) and not any(folder.iterdir()):
            try:
                folder.rmdir()
            except OSError:
                left.append(folder)
                break
            gone.append(folder)
            folder = folder.parent
    return tuple(gone), tuple(left)
