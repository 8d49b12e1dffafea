"""One item of a plan, built where a worker is: checked, locked, rendered, read back. Never raises for a fault of the
item; the outcome tells it, without a participant's words."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from filelock import FileLock, Timeout

from kindvoice.build import recording as build
from kindvoice.build.context import all_voices, open_store
from kindvoice.build.prepared import Progress
from kindvoice.build.read import Reading, read
from kindvoice.errors import (
    FitError,
    KindvoiceError,
    OutputError,
    ScriptError,
    SoundError,
    VoiceError,
    is_disk_full,
    redacted,
)
from kindvoice.jobs.items import Item
from kindvoice.jobs.ledgers import ledger_name, note_common, open_ledger
from kindvoice.jobs.outcome import BUILT, FAILED, LEFT, SKIPPED, Checked, Outcome
from kindvoice.jobs.state import SeenFiles, read_back, standing
from kindvoice.jobs.workers import OnStage, Stopped, WorkerLost
from kindvoice.model import Release, Voice
from kindvoice.publish.output import recording_digests, remove_ours
from kindvoice.settings import Settings
from kindvoice.store import Ledger, Store, cache_error
from kindvoice.store.remote import RemoteStore
from kindvoice.units import frames_to_ms

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
    anchor: Path | None = None
    """what holds nobody's words outlives the recording, as long as this file is there; None: all goes with it"""

    def __repr__(self) -> str:
        return f"ItemTask({self.item.id!r})"


def build_item(task: ItemTask, on_stage: OnStage = lambda stage, done, of: None) -> Outcome:
    """The item's outcome. Only an interrupt is raised."""
    began = time.monotonic()
    item = task.item
    try:
        return replace(_patiently(task, on_stage), wall_s=time.monotonic() - began)
    except Exception as error:  # noqa: BLE001 - one failing item must not stop the others
        return replace(failure(item.id, error), wall_s=time.monotonic() - began)


_KINDS = ((FitError, "length"), (VoiceError, "voice"), (SoundError, "sound"), (ScriptError, "words"))


def outcome_of(item: str, future: Future[Outcome]) -> Outcome:
    """What became of an item that was submitted; left: it was stopped, or never begun."""
    error = Stopped() if future.cancelled() else future.exception()
    if error is None:
        return future.result()
    if isinstance(error, Stopped):
        return Outcome(item=item, status=LEFT, cause="it was cancelled")
    if isinstance(error, WorkerLost):
        return Outcome(item=item, status=FAILED, cause=str(error), kind="lost")
    return failure(item, error)


def failure(item: str, error: BaseException) -> Outcome:
    """The outcome of an item whose build raised this."""
    kind = next((kind for fault, kind in _KINDS if isinstance(error, fault)), "fault")
    possible = (error.shortest_ms, error.longest_ms) if isinstance(error, FitError) else None
    return Outcome(
        item=item, status=FAILED, cause=public_message(error), kind="space" if _disk_full(error) else kind,
        range_ms=possible,
    )  # fmt: skip


def public_message(error: BaseException) -> str:
    """An error as logs and reports have it: without anybody's own words. What a bug says may hold them."""
    if not isinstance(error, KindvoiceError):
        return f"bug: {type(error).__name__}\n  building this item alone tells more"
    return "\n".join(
        "".join(c if c.isprintable() else "\ufffd" for c in line) for line in error.redacted().splitlines()
    )


def _disk_full(error: BaseException | None) -> bool:
    """Whether a full disk is behind it: then the other items will fare no better."""
    return any(
        is_disk_full(each) or (isinstance(each, OutputError) and each.disk_full) for each in _causes(error)
    )


def _passing(error: BaseException) -> bool:
    return any(isinstance(each, OSError) and each.errno in _PASSING for each in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


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


def _locked(task: ItemTask, on_stage: OnStage) -> Outcome:
    item, settings = task.item, task.settings
    _, voices = workplace(task.run, settings)
    with recording_lock(item.request.manifest, settings, on_stage):
        # Another run may have built it since it was looked at.
        there = standing(item, voices, SeenFiles(settings.cache), verify=task.verify)
        if there.right and there.release is not None:
            return skipped(item, there.release)
        reading = there.reading or read(item.request, voices)
        return _built(task, reading, there.why, on_stage)


@contextlib.contextmanager
def recording_lock(
    manifest: Path, settings: Settings, on_stage: OnStage = lambda stage, done, of: None
) -> Iterator[None]:
    """Nobody else builds or removes this recording meanwhile."""
    path = settings.cache / "locks" / "items" / f"{ledger_name(manifest.absolute())}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            on_stage("wait", 0, 1)
            lock.acquire()
    except OSError as error:
        raise cache_error(settings.cache, error) from error
    try:
        yield
    finally:
        lock.release()


def _built(task: ItemTask, reading: Reading, why: str, on_stage: OnStage) -> Outcome:
    item = task.item
    before = recording_digests(item.request.manifest)
    store, ledger = task_store(task)
    began, speak_s = time.monotonic(), 0.0

    def on_event(event: Progress) -> None:
        nonlocal speak_s
        if event.stage == "speak":
            speak_s = time.monotonic() - began
        on_stage(event.stage, event.done, event.total)

    result = build.render(reading, store, on_event)
    if task.anchor is not None:
        personal_cover = any(name == "title" for name, _ in item.request.publication.tags)
        own = result.own_keys | ({result.cover_key} if personal_cover else set())
        note_common(task.settings.cache, ledger.noted - own, task.anchor)
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


def task_store(task: ItemTask) -> tuple[Store, Ledger]:
    """With a ledger of all that the item is made of."""
    root, manifest = task.settings.cache, task.item.request.manifest.absolute()
    key, about = ledger_name(manifest), (task.item.participant or "", manifest)
    try:
        if task.store is None:
            ledger = open_ledger(root, key, *about)
            return open_store(task.settings, ledger), ledger
        # What comes from a shared store stays on this computer for one run only.
        root = root / "shared" / task.run
        ledger = open_ledger(root, f"{key}.{task.run[:12]}", *about)
        return RemoteStore(root, task.store, ledger), ledger
    except OSError as error:
        raise cache_error(root, error) from error


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
