"""Where an order's recordings lie, and how they and somebody's words go."""

from __future__ import annotations

import contextlib
import re
import shutil
from pathlib import Path

from kindvoice.jobs.ledgers import forget_participants
from kindvoice.publish.manifest import ENDING
from kindvoice.store import Store
from kindvoice.studio.host.config import Config

NAME = "recording"
"""of the finished files, without their endings"""
PREVIEW = "preview-"


class OrderFiles:
    """A folder for each order, in it one for each version. Every order is a participant in the store."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def folder_of(self, key: str, version: int) -> Path:
        return self.config.orders / key / str(version)

    def extras_of(self, key: str, version: int) -> Path:
        return self.folder_of(key, version) / "more"

    def page_of(self, key: str, version: int) -> Path:
        """The folder of the page where the minutes are chosen."""
        return self.folder_of(key, version) / "lengths"

    def lengths_of(self, key: str, version: int) -> Path | None:
        """The same, where there is one: what cannot have it, or for which there was no room, has none."""
        folder = self.page_of(key, version)
        return folder if (folder / "index.html").is_file() else None

    def early_of(self, key: str, version: int) -> Path:
        """The folder of what is heard while it is being made."""
        return self.folder_of(key, version) / "early"

    def manifest_of(self, key: str, version: int) -> Path:
        return self.folder_of(key, version) / f"{NAME}{ENDING}"

    def files_of(self, key: str, version: int, extras: int) -> dict[str, Path]:
        """extras: the version whose further formats are there."""
        folder = self.folder_of(key, version)
        there = {kind: folder / f"{NAME}.{kind}" for kind in ("mp3", "vtt")}
        if extras == version:
            there["m4b"] = self.extras_of(key, version) / f"{NAME}.m4b"
        return {kind: path for kind, path in there.items() if path.is_file()}

    def keys_on_disk(self) -> set[str]:
        """What else lies there is not ours."""
        folders = self.config.orders.iterdir() if self.config.orders.is_dir() else ()
        return {folder.name for folder in folders if re.fullmatch("[0-9a-f]{64}", folder.name)}

    def forget_versions_but(self, key: str, version: int) -> None:
        with contextlib.suppress(FileNotFoundError):  # it was deleted just now
            for old in (self.config.orders / key).iterdir():
                if old.name != str(version):
                    shutil.rmtree(old, ignore_errors=True)
        forget_participants(self._store(), key.__eq__, keep=self.manifest_of(key, version))

    def forget_failed(self, key: str, wanted: set[int], ready: int, extras: int, paged: int) -> None:
        """What failed makings have left where they could not take it away. wanted: versions that are there or are made.
        extras, paged: the versions of which these were made, or given up."""
        home = self.config.orders / key
        for folder in home.iterdir() if home.is_dir() else ():
            if folder.name not in map(str, wanted):
                shutil.rmtree(folder, ignore_errors=True)
        places = [
            each(key, version)
            for version in wanted
            for each in (self.folder_of, self.extras_of, self.page_of)
        ]
        left = [path for place in places for path in place.glob(".kindvoice-*.part")]
        for folder, version, there in (
            (self.extras_of(key, ready), extras, "m4b" in self.files_of(key, ready, extras)),
            (self.page_of(key, ready), paged, self.lengths_of(key, ready) is not None),
        ):
            if not ready or version != ready:
                continue
            if not there:
                shutil.rmtree(folder, ignore_errors=True)
            left += folder.glob(".kindvoice-*.journal")
        for path in left:
            with contextlib.suppress(OSError):
                path.unlink()

    def forget_files(self, key: str, person: str) -> None:
        """Raises OSError for what cannot be removed now."""
        folder = self.config.orders / key
        while folder.is_dir():
            # Older versions of it may be going at this moment.
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(folder)
        folder.unlink(missing_ok=True)
        theirs = {key, PREVIEW + person if person else key}
        forget_participants(self._store(), theirs.__contains__)

    def forget_previews(self) -> None:
        """Those to which nothing was added for an hour, and what killed makings have left."""
        store = self._store()
        forget_participants(store, lambda participant: participant.startswith(PREVIEW), idle=True)
        store.sweep()

    def _store(self) -> Store:
        return Store(self.config.settings.cache)
