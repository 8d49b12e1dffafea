"""Sound files as nobody's recorder writes them, and files that only say they were sound."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import av
import numpy as np
import soundfile


def tone(seconds: float, rate: int = 48_000, channels: int = 1, **how: str) -> bytes:
    """A quiet tone, as WAV unless said otherwise."""
    wave = 0.1 * np.sin(2 * np.pi * 220 * np.arange(round(seconds * rate)) / rate)
    file = io.BytesIO()
    soundfile.write(file, np.repeat(wave[:, None], channels, axis=1), rate, **{"format": "WAV", **how})
    return file.getvalue()


def encoded(path: Path, codec: str, channels: int) -> bytes:
    """Half a second in a container by the path's ending."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=48_000, layout={6: "5.1", 8: "7.1"}[channels])
        sound = np.full((1, 24_000 * channels), 1000, np.int16)
        frame = av.AudioFrame.from_ndarray(sound, format="s16", layout=stream.layout)
        frame.sample_rate = 48_000
        for part in av.AudioResampler(format=stream.codec_context.format).resample(frame):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path.read_bytes()


def slow_flac(rate: int = 1, samples: int = 65_535) -> bytes:
    """55 bytes: a FLAC file of one frame, silence at so many samples a second, each of which would become 48000."""
    facts = struct.pack(">HH6xQ16x", samples, samples, rate << 44 | 15 << 36 | samples)
    head = b"\xff\xf8\x70\x08\x00" + struct.pack(">H", samples - 1)
    frame = head + bytes([_crc(head, 8, 0x07)]) + b"\0\0\0"
    return b"fLaC\x80\0\0\x22" + facts + frame + struct.pack(">H", _crc(frame, 16, 0x8005))


def _crc(data: bytes, bits: int, polynomial: int) -> int:
    crc = 0
    for byte in data:
        crc ^= byte << bits - 8
        for _ in range(8):
            crc = (crc << 1 ^ (polynomial if crc >> bits - 1 else 0)) & (1 << bits) - 1
    return crc


def said_rate(rate: int) -> bytes:
    wav = bytearray(tone(0.1))
    wav[24:28] = struct.pack("<I", rate)
    return bytes(wav)


NEIGHBOUR = "neighbour.wav"
"""a sound beside the file, which no file may lead to"""

PLAYLISTS = {
    "sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
    "sdp as a picture": b"v=0\nftypjp2\nm=audio 5004 RTP/AVP 0\n",
    "ffconcat": b"ffconcat version 1.0\nfile neighbour.wav\n",
    "ffconcat after ID3": b"ID3\4\0\0\0\0\0\0ffconcat version 1.0\nfile neighbour.wav\n",
    "m3u8": b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nneighbour.wav\n#EXT-X-ENDLIST\n",
    "dash": b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period/></MPD>',
    "ffmetadata": b";FFMETADATA1\ntitle=x\n",
    "cue": b'FILE "neighbour.wav" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n',
}
