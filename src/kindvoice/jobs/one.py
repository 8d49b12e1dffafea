"""One item of a plan, built where a worker is: checked, locked, rendered, read back. Never raises for a fault of the
item; the outcome tells it, without a participant's words."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from filelock import FileLock, Timeout

from kindvoice.build import recording as build
from kindvoice.build.context import all_voices
from kindvoice.build.read import Reading, read
from kindvoice.errors import KindvoiceError, OutputError, redacted
from kindvoice.jobs.items import Item
from kindvoice.jobs.outcome import BUILT, FAILED, SKIPPED, Checked, Outcome
from kindvoice.jobs.state import SeenFiles, manifest_path, read_back, standing
from kindvoice.model import Release, Voice
from kindvoice.publish.output import recording_digests, remove_ours
from kindvoice.settings import Settings
from kindvoice.store import Ledger, Store
from kindvoice.store.remote import RemoteStore
from kindvoice.units import frames_to_ms

OnStage = Callable[[str, int, int], None]
"""stage, done, of"""
_PASSING = frozenset(
    getattr(errno, name)
    for name in ("EIO", "ESTALE", "ETIMEDOUT", "EAGAIN", "ENOTCONN", "EREMOTEIO", "EHOSTDOWN", "ENETDOWN", "ECONNRESET")
    if hasattr(errno, name)
)  # fmt: skip
"""what a network's file system says when it stalls"""
_WAITS_S = (1.0, 5.0)
"""before it is tried again after one of these"""


@dataclass(frozen=True, slots=True, repr=False)
class ItemTask:
    """What a worker is given. Its repr, which schedulers log, holds nobody's words."""

    item: Item
    settings: Settings
    run: str
    """voices are read once a run"""
    verify: bool = False
    store: str | None = None
    """an fsspec URL that workers share their clips through; None: they share the cache folder"""

    def __repr__(self) -> str:
        return f"ItemTask({self.item.id!r})"


def build_item(task: ItemTask, on_stage: OnStage = lambda stage, done, of: None) -> Outcome:
    """The item's outcome. Only an interrupt is raised."""
    began = time.monotonic()
    item = task.item
    try:
        return replace(_patiently(task, on_stage), wall_s=time.monotonic() - began)
    except Exception as error:  # noqa: BLE001 - one failing item must not stop the others
        return Outcome(
            item=item.id, status=FAILED, cause=told(error), wall_s=time.monotonic() - began,
            disk_full=disk_full(error),
        )  # fmt: skip


def told(error: BaseException) -> str:
    """An error as logs and reports have it: without anybody's own words. What a bug says may hold them."""
    if not isinstance(error, KindvoiceError):
        return f"bug: {type(error).__name__}\n  building this item alone tells more"
    return "\n".join(
        "".join(c if c.isprintable() else "\ufffd" for c in line) for line in error.redacted().splitlines()
    )


def disk_full(error: BaseException | None) -> bool:
    """Whether a full disk is behind it: then the other items will fare no better."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return True
        if isinstance(error, OutputError) and error.disk_full:
            return True
        error = error.__cause__
    return False


def _patiently(task: ItemTask, on_stage: OnStage) -> Outcome:
    """A store or a folder that stalls for a while is given time."""
    for wait_s in _WAITS_S:
        try:
            return _locked(task, on_stage)
        except OutputError as error:
            if not _passing(error):
                raise
        time.sleep(wait_s)
    return _locked(task, on_stage)


def _passing(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, OSError) and error.errno in _PASSING:
            return True
        error = error.__cause__
    return False


def _locked(task: ItemTask, on_stage: OnStage) -> Outcome:
    item, settings = task.item, task.settings
    _, voices = workplace(task.run, settings)
    with item_lock(item, settings, on_stage):
        # Another run may have built it since it was looked at.
        there = standing(item, voices, SeenFiles(settings.cache), verify=task.verify)
        if there.right and there.release is not None:
            return skipped(item, there.release)
        reading = there.reading or read(item.request, voices)
        return _built(task, reading, there.why, on_stage)


@contextlib.contextmanager
def item_lock(
    item: Item, settings: Settings, on_stage: OnStage = lambda stage, done, of: None
) -> Iterator[None]:
    """Nobody else builds or removes this item meanwhile."""
    path = settings.cache / "locks" / "items" / f"{item_key(item)}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            on_stage("wait", 0, 1)
            lock.acquire()
    except OSError as error:
        raise OutputError(
            f"the cache folder {settings.cache} cannot be written: {error.strerror or error}",
            cure="free some space, or name another folder in KINDVOICE_CACHE",
        ) from error
    try:
        yield
    finally:
        lock.release()


def item_key(item: Item) -> str:
    """Names what the cache keeps of an item; tells nothing of it."""
    told = str(manifest_path(item).absolute()).encode("utf-8", "surrogatepass")
    return hashlib.sha256(told).hexdigest()[:32]


def _built(task: ItemTask, reading: Reading, why: str, on_stage: OnStage) -> Outcome:
    item = task.item
    before = recording_digests(manifest_path(item))
    store = _store(task)
    began, speak_s = time.monotonic(), 0.0

    def on_event(event: build.Progress) -> None:
        nonlocal speak_s
        if event.stage == "speak":
            speak_s = time.monotonic() - began
        on_stage(event.stage, event.done, event.total)

    result = build.render(reading, store, on_event)
    # Another format was asked for: what this plan does not make any more nobody would look for.
    now = {path.name for path in (result.manifest, *(artifact.path for artifact in result.artifacts))}
    remove_ours(result.manifest.parent, {name: known for name, known in before.items() if name not in now})
    checked = tuple(_whole(artifact.path, artifact.sha256) for artifact in result.artifacts)
    spoken = result.prepared.spoken
    return Outcome(
        item=item.id,
        status=BUILT,
        why=why,
        manifest=result.manifest,
        duration_ms=frames_to_ms(result.prepared.schedule.frames),
        bytes=sum(artifact.bytes for artifact in result.artifacts),
        asked=spoken.asked,
        spoken=spoken.made,
        speak_s=speak_s,
        warnings=tuple(map(redacted, result.warnings)),
        notes=tuple(map(redacted, result.notes)),
        checked=checked,
    )


def _store(task: ItemTask) -> Store:
    """With a ledger of all that the item is made of."""
    item, root = task.item, task.settings.cache
    about = {"participant": item.participant or "", "manifest": str(manifest_path(item).absolute())}
    try:
        if task.store is None:
            return Store(root, Ledger(root / "ledgers" / item_key(item), about))
        # What comes from a shared store stays on this computer for one run only.
        root = root / "shared"
        ledger = Ledger(root / task.run / "ledgers" / f"{item_key(item)}.{task.run[:12]}", about)
        return RemoteStore(root / task.run, task.store, ledger)
    except OSError as error:
        raise OutputError(
            f"the cache folder {root} cannot be written: {error.strerror or error}",
            cure="free some space (`kindvoice cache prune --older-than 7d`), "
            "or name another folder in KINDVOICE_CACHE",
        ) from error


def _whole(path: Path, sha256: str) -> Checked:
    """The finished file as it can be read again, where it lies now."""
    try:
        checked = read_back(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be read again: {error.strerror or error}") from error
    if checked.sha256 != sha256:
        raise OutputError(
            f"{path} does not hold what was written to it", cure="the disk may be failing; run it again"
        )
    return checked


def skipped(item: Item, release: Release) -> Outcome:
    return Outcome(
        item=item.id, status=SKIPPED, manifest=release.manifest, duration_ms=release.transcript.duration_ms,
        bytes=sum(artifact.bytes for artifact in release.artifacts),
    )  # fmt: skip


@lru_cache(maxsize=2)
def workplace(run: str, settings: Settings) -> tuple[str, dict[str, Voice]]:
    """What a run's items share: the voices, read once, and the folder that engines look into."""
    if settings.models is not None:
        os.environ["KINDVOICE_MODELS"] = str(settings.models)
    return run, all_voices(settings)
