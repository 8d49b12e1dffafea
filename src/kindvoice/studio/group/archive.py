"""Many recordings in one ZIP, written while it is sent: nothing of it touches a disk, and it takes no memory."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from kindvoice.publish.output import safe_name

_BLOCK = 1 << 18
_DATE = (1980, 1, 1, 0, 0, 0)


class _ZipSink:
    """What has been written and not yet sent. It cannot seek, so sizes and sums follow each file."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def take(self) -> bytes:
        whole = b"".join(self._parts)
        self._parts.clear()
        return whole


def zip_blocks(
    files: Iterable[tuple[str, Path]], texts: Mapping[str, bytes] | None = None
) -> Iterator[bytes]:
    """files: each one's name in the archive, and where it lies; one that is gone by then is left out. texts: what
    lies nowhere."""
    sent = _ZipSink()
    with zipfile.ZipFile(sent, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for name, text in (texts or {}).items():
            archive.writestr(zipfile.ZipInfo(name, _DATE), text)
        for name, path in files:
            try:
                file = path.open("rb")
            except OSError:
                continue
            with (
                file,
                archive.open(zipfile.ZipInfo(name, _DATE), "w", force_zip64=True) as entry,
            ):
                while block := file.read(_BLOCK):
                    entry.write(block)
                    yield sent.take()
    yield sent.take()


def folder_names(people: Iterable[tuple[str, str]]) -> dict[str, str]:
    """people: (id, name). What each one's folder is called: the name, with the id where two have the same."""
    listed = [(id, safe_name(name) if name.strip() else id) for id, name in people]
    folded = [name.casefold() for _, name in listed]
    return {id: f"{name} ({id})" if folded.count(name.casefold()) > 1 else name for id, name in listed}
