"""A file on its way: what has come of it so far, and whether it is whole."""

from __future__ import annotations

from pathlib import Path

from kindvoice.engines._models import models_folder
from kindvoice.model import Download, Voice
from kindvoice.store import file_sha256


def todo_of(voice: Voice) -> list[Download]:
    return [d for d in voice.downloads if not is_whole(models_folder() / d.path, d)]


def part_of(target: Path, download: Download) -> Path:
    return target.with_name(f"{target.name}.{download.sha256[:8]}.part")


def is_whole(path: Path, download: Download) -> bool:
    return path.is_file() and size_of(path) == download.bytes and file_sha256(path) == download.sha256


def size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def in_bytes(count: int) -> str:
    """Bytes as a person says them.

    >>> in_bytes(522_240), in_bytes(92_361_271)
    ('522 kB', '92.4 MB')
    """
    return (
        f"{count / 1e6:.1f} MB"
        if count >= 1e6
        else f"{count / 1e3:.0f} kB"
        if count >= 1e3
        else f"{count} bytes"
    )
