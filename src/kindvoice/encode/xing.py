"""The gapless header of an MP3, which is its first frame and silent, and the checksums in it.

CRC-16 as LAME's tag has it: polynomial 0x8005, reflected, beginning at zero. The layout after
"Mp3 Info Tag rev 1 specifications" (gabriel.mp3-tech.org).
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from typing import IO

import numpy as np
import numpy.typing as npt

from kindvoice.encode.lame import gapless

_PIECE, _AT_ONCE = 1024, 12_000
_KBITS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_RATES = {44_100: 0, 48_000: 1, 32_000: 2}


def _table() -> npt.NDArray[np.uint16]:
    table: npt.NDArray[np.uint16] = np.arange(256, dtype=np.uint16)
    for _ in range(8):
        table = ((table >> 1) ^ ((table & 1) * np.uint16(0xA001))).astype(np.uint16)
    return table


_TABLE = _table()
_FIRST = np.tile(_TABLE, 256)
_PAIRS = (_FIRST >> 8) ^ _TABLE[(_FIRST ^ np.arange(1 << 16) >> 8) & 0xFF]
"""Of two bytes at once, the first of them the lower."""


def crc16(data: bytes | bytearray, before: int = 0) -> int:
    """Of a few bytes; before: of what stands before them.

    >>> hex(crc16(b"123456789"))
    '0xbb3d'
    """
    crc = before
    table = _TABLE.tolist()
    for byte in data:
        crc = (crc >> 8) ^ table[(crc ^ byte) & 0xFF]
    return crc


def crc16_each(pieces: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint16]:
    """Of many equally long pieces, shape (n, an even length), each by itself; shape (n,)."""
    crcs = np.zeros(len(pieces), np.uint16)
    for column in np.ascontiguousarray(pieces.view("<u2").T):
        crcs = _PAIRS[crcs ^ column]
    return crcs


def crc16_joined(crcs: Sequence[int], length: int, before: int = 0) -> int:
    """Of pieces of `length` bytes one after the other, from each one's own; before: of what stands before them.

    A CRC is linear: the sum so far is carried over a piece by what that does to each of the sixteen bits.
    """
    low, high = _carry(length)
    crc = before
    for piece in crcs:
        crc = low[crc & 0xFF] ^ high[crc >> 8] ^ piece
    return crc


@functools.cache
def _carry(length: int) -> tuple[list[int], list[int]]:
    """What `length` bytes of zeros make of a CRC, by its lower and by its upper byte."""
    carried = np.left_shift(np.uint16(1), np.arange(16, dtype=np.uint16))
    for _ in range(length):
        carried = (carried >> 8) ^ _TABLE[carried & 0xFF]
    bits = carried.tolist()
    over = [0] * 256, [0] * 256
    for half, byte, bit in itertools.product((0, 1), range(256), range(8)):
        if byte >> bit & 1:
            over[half][byte] ^= bits[8 * half + bit]
    return over


def crc16_of_file(file: IO[bytes]) -> tuple[int, int]:
    """Of all that is left of an open file, and how many bytes that is."""
    crc = size = 0
    while data := file.read(_PIECE * _AT_ONCE):
        whole = len(data) // _PIECE * _PIECE
        pieces = np.frombuffer(data, np.uint8, whole).reshape(-1, _PIECE)
        crc = crc16(data[whole:], crc16_joined(crc16_each(pieces).tolist(), _PIECE, crc))
        size += len(data)
    return crc, size


def info_frame(bitrate: int, rate: int, frames: int, count: int, size: int, crc: int) -> bytes:
    """The header of a programme of so many samples, which `count` MPEG frames follow: `size` bytes with this crc."""
    header = bytes([0xFF, 0xFB, _KBITS.index(bitrate // 1000) << 4 | _RATES[rate] << 2, 0])
    length = 144 * bitrate // rate
    before, after = gapless(frames)
    # Every hundredth of the time begins at a hundredth of the bytes.
    contents = bytes(percent * 256 // 100 for percent in range(100))
    tag = b"".join([
        header, bytes(32), b"Info", (0b1111).to_bytes(4, "big"), count.to_bytes(4, "big"),
        (length + size).to_bytes(4, "big"), contents, bytes(4),
        b"Lavf".ljust(21, b"\0"), (before << 12 | after).to_bytes(3, "big"), bytes(4),
        (length + size).to_bytes(4, "big"), crc.to_bytes(2, "big"),
    ])  # fmt: skip
    return (tag + crc16(tag).to_bytes(2, "big")).ljust(length, b"\0")
