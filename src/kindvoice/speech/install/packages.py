"""Packages, through the user's own pip or uv, and so from the index that the user has chosen."""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from kindvoice.errors import VoiceError
from kindvoice.speech.install.processes import last_lines, run

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_OWN = "kindvoice"


def missing_packages(packages: Iterable[str]) -> list[str]:
    """Those of these that pip has yet to install. Raises VoiceError for one that is no package."""
    return [package for package in packages if not _is_installed(package)]


def _is_installed(package: str) -> bool:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        return _is_met(Requirement(package), set())
    except InvalidRequirement:
        raise VoiceError(
            f"{package!r} is no package",
            cure='correct `packages` in the voice\'s file, such as "some-voice>=1"',
        ) from None


def _is_met(requirement: Requirement, seen: set[str]) -> bool:
    """Whether it is installed, with all that the extras asked of it bring. Its other needs are pip's affair."""
    from importlib import metadata

    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    try:
        found = metadata.distribution(requirement.name)
    except metadata.PackageNotFoundError:
        if canonicalize_name(requirement.name) == _OWN:
            # pip would look for it in the index, where another package may have the name.
            raise VoiceError(
                f"{requirement} cannot be installed: kindvoice runs here without being installed",
                cure=f'in its folder: "{sys.executable}" -m pip install .',
            ) from None
        return False
    if canonicalize_name(requirement.name) == _OWN:
        _check_extras(requirement, found.metadata.get_all("Provides-Extra") or [])
    if not requirement.specifier.contains(found.version, prereleases=True):
        return False
    if str(requirement) in seen:
        return True
    seen.add(str(requirement))
    needs = [need for need in map(Requirement, found.requires or ()) if need.marker]
    brought = [
        need
        for need in needs
        for extra in requirement.extras
        if need.marker and need.marker.evaluate({"extra": extra}) and not need.marker.evaluate({"extra": ""})
    ]
    return all(_is_met(need, seen) for need in brought)


def _check_extras(requirement: Requirement, known: Iterable[str]) -> None:
    """pip only warns of an extra that is not there, and installs nothing."""
    from packaging.utils import canonicalize_name

    for extra in requirement.extras:
        if canonicalize_name(extra) not in map(canonicalize_name, known):
            raise VoiceError(
                f"this kindvoice has no extra {extra!r}",
                cure="correct `packages` in the voice's file, or update kindvoice",
            )


def installer(packages: Sequence[str]) -> list[str]:
    """pip, else uv, up to where the packages come. Both take kindvoice[extra] from what is installed."""
    if importlib.util.find_spec("pip") is not None:
        # -P: no module of the folder we are in stands in for one of Python's.
        return [sys.executable, "-P", "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--python", sys.executable]
    raise VoiceError(
        f"there is neither pip nor uv to install {', '.join(packages)}",
        cure=f'"{sys.executable}" -m ensurepip\n  "{sys.executable}" -m pip install {_quoted(packages)}',
    )


def _quoted(packages: Sequence[str]) -> str:
    return " ".join(f'"{package}"' for package in packages)


def install_packages(command: Sequence[str], packages: Sequence[str]) -> None:
    """Runs pip or uv as the user has set it up. Raises VoiceError with what it said last."""
    tool = "pip" if "-m" in command else "uv"
    by_hand = " ".join([f'"{sys.executable}" -m pip install'] if tool == "pip" else command)
    cure = f"by hand: {by_hand} {_quoted(packages)}"
    try:
        done = run([*command, *packages])
    except OSError as error:
        raise VoiceError(f"{tool} cannot be run: {error.strerror or error}", cure=cure) from error
    importlib.invalidate_caches()
    if done.returncode:
        told = last_lines(done.stderr or done.stdout, 6) or ["it does not say why"]
        raise VoiceError(f"{tool} could not install {', '.join(packages)}\n  " + "\n  ".join(told), cure=cure)
    if left := missing_packages(packages):
        raise VoiceError(f"{tool} says it is done, but {', '.join(left)} is still not installed", cure=cure)
