"""The checksums in an MP3's gapless header: of the sound, and of the header itself.

CRC-16 as LAME's tag has it: polynomial 0x8005, reflected, beginning at zero.
"""

from __future__ import annotations

import itertools
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

_LAME = 120
"""Where LAME's part begins after "Info" in the first frame: after flags, counts, and the table of contents."""
_MUSIC_CRC, _TAG_CRC = 32, 34
"""Places within it"""
_AT_ONCE = 12_500
"""Frames: 5 minutes of sound"""


def _table() -> npt.NDArray[np.uint16]:
    table: npt.NDArray[np.uint16] = np.arange(256, dtype=np.uint16)
    for _ in range(8):
        table = ((table >> 1) ^ ((table & 1) * np.uint16(0xA001))).astype(np.uint16)
    return table


_TABLE = _table()


def crc16(data: bytes | bytearray | npt.NDArray[np.uint8]) -> int:
    """Of a few bytes.

    >>> hex(crc16(b"123456789"))
    '0xbb3d'
    """
    crc = 0
    table = _TABLE.tolist()
    for byte in bytes(data):
        crc = (crc >> 8) ^ table[(crc ^ byte) & 0xFF]
    return crc


def crc16_of_frames(frames: npt.NDArray[np.uint8], before: int = 0) -> int:
    """Of many equally long pieces, shape (n, length), one after the other; before: of what stands before them.

    A CRC is linear: each piece's own is taken for all pieces at once, and the sum so far is carried over a piece by
    what it does to each of the sixteen bits.
    """
    own = np.zeros(len(frames), np.uint16)
    carried = np.left_shift(np.uint16(1), np.arange(16, dtype=np.uint16))
    for column in frames.T:
        own = (own >> 8) ^ _TABLE[(own ^ column) & 0xFF]
        carried = (carried >> 8) ^ _TABLE[carried & 0xFF]
    bits = carried.tolist()
    over = [[0] * 256, [0] * 256]
    for half, byte, bit in itertools.product((0, 1), range(256), range(8)):
        if byte >> bit & 1:
            over[half][byte] ^= bits[8 * half + bit]
    crc = before
    for piece in own.tolist():
        crc = over[0][crc & 0xFF] ^ over[1][crc >> 8] ^ piece
    return crc


def seal(file: BinaryIO, size: int) -> None:
    """Makes both checksums of an open file anew: the header's frame and all others, each `size` bytes."""
    file.seek(size)
    crc = 0
    while data := file.read(_AT_ONCE * size):
        crc = crc16_of_frames(np.frombuffer(data, np.uint8).reshape(-1, size), crc)
    file.seek(0)
    header = bytearray(file.read(size))
    lame = header.index(b"Info") + _LAME
    header[lame + _MUSIC_CRC : lame + _MUSIC_CRC + 2] = crc.to_bytes(2, "big")
    header[lame + _TAG_CRC : lame + _TAG_CRC + 2] = crc16(header[: lame + _TAG_CRC]).to_bytes(2, "big")
    file.seek(0)
    file.write(header)
    file.flush()
