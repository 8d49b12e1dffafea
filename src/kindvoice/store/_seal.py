"""What stands at the end of every file of the store, so that what is read is what was written.

    4 bytes  seal
    4 bytes  1 where a participant's own words are in it, else 0
    4 bytes  CRC-32 of the file's first 64 bytes
    4 bytes  CRC-32 of all its bytes

Both begin with the key and the flag, so a file under another's name is known too. A head is looked at whenever a thing
is asked for, the whole when its bytes are used. A CRC tells of accidents, not of somebody who means to deceive.
"""

from __future__ import annotations

import os
import struct
import zlib
from io import FileIO
from pathlib import Path
from typing import BinaryIO

_SEAL = struct.Struct("<4sIII")
_MAGIC = b"seal"
_HEAD = 64
_BLOCK = 1 << 20

BYTES = _SEAL.size


def seal(path: Path, key: str, *, own: bool) -> None:
    """Seals a finished file. Raises OSError."""
    with path.open("rb+") as file:
        head, whole = _sums(file, file.seek(0, os.SEEK_END), key, own)
        file.write(_SEAL.pack(_MAGIC, own, head, whole))


def is_whole(path: Path, key: str, *, throughout: bool) -> bool:
    """Whether the file is as it was sealed. throughout: every byte of it is read. Raises OSError."""
    with path.open("rb", buffering=0) as file:
        size, seal = _read_seal(file)
        if seal is None:
            return False
        own, head, whole = seal
        if throughout:
            return (head, whole) == _sums(file, size, key, own)
        file.seek(0)
        return head == zlib.crc32(file.read(min(_HEAD, size)), _start(key, own))


def content(path: Path, key: str) -> bytes | None:
    """What was sealed; None when it is not whole. Raises OSError."""
    with path.open("rb", buffering=0) as file:
        size, seal = _read_seal(file)
        if seal is None:
            return None
        own, head, whole = seal
        file.seek(0)
        data = file.read(size)
    start = _start(key, own)
    return data if (zlib.crc32(data[:_HEAD], start), zlib.crc32(data, start)) == (head, whole) else None


def is_own(path: Path) -> bool:
    """Whether a participant's own words are in it. Raises OSError."""
    with path.open("rb", buffering=0) as file:
        _, seal = _read_seal(file)
    return seal is not None and bool(seal[0])


def _read_seal(file: FileIO) -> tuple[int, tuple[int, int, int] | None]:
    """How many bytes come before it; the flag and both sums."""
    size = max(file.seek(0, os.SEEK_END) - BYTES, 0)
    file.seek(size)
    data = file.read(BYTES)
    if len(data) < BYTES:
        return size, None
    magic, own, head, whole = _SEAL.unpack(data)
    return size, (own, head, whole) if magic == _MAGIC else None


def _start(key: str, own: int) -> int:
    return zlib.crc32(f"{key} {own:d}".encode())


def _sums(file: BinaryIO, size: int, key: str, own: int) -> tuple[int, int]:
    """Of the first `size` bytes; the file then stands behind them."""
    file.seek(0)
    block = file.read(min(_BLOCK, size))
    head = zlib.crc32(block[:_HEAD], _start(key, own))
    whole = _start(key, own)
    while block:
        whole, size = zlib.crc32(block, whole), size - len(block)
        block = file.read(min(_BLOCK, size))
    return head, whole
