"""Ogg Vorbis. PyAV has no encoder for it, so libsndfile writes the sound, and PyAV puts the same packets into a
container with tags, chapters and cover."""

from __future__ import annotations

import numpy as np
import soundfile

from kindvoice.encode.base import Format, Samples, Target, Writer
from kindvoice.encode.tags import VORBIS_CHAPTERS, vorbis_chapters, vorbis_picture, vorbis_tags

_QUALITY = ((64_000, 0.0), (80_000, 0.1), (96_000, 0.2), (112_000, 0.3), (128_000, 0.4), (160_000, 0.5), (192_000, 0.6),
            (224_000, 0.7), (256_000, 0.8), (320_000, 0.9))  # fmt: skip
"""Vorbis has qualities in place of bit rates; these are what they come to in stereo, as its authors give them."""
_BLOCK = 12_000
"""libsndfile has crashed on long blocks of Vorbis"""


class _VorbisWriter:
    def __init__(self, target: Target) -> None:
        self._target = target
        self._bare = target.path.with_name(target.path.name + ".bare")
        quality = max((q for bitrate, q in _QUALITY if bitrate <= target.bitrate), default=0.0)
        self._file = soundfile.SoundFile(
            str(self._bare), "w", samplerate=target.rate, channels=2, format="OGG", subtype="VORBIS",
            compression_level=1.0 - quality,
        )  # fmt: skip

        self._left = np.zeros((0, 2), np.float32)

    def write(self, block: Samples) -> None:
        # Always in the same pieces: how the packets come out depends on them.
        block = np.concatenate([self._left, block])
        whole = len(block) // _BLOCK * _BLOCK
        for at in range(0, whole, _BLOCK):
            self._file.write(block[at : at + _BLOCK])
        self._left = block[whole:].copy()

    def close(self) -> None:
        import av

        self._file.write(self._left)
        self._file.close()
        cover = self._target.cover
        with (
            av.open(str(self._bare)) as source,
            av.open(str(self._target.path), "w", format="ogg", options={"fflags": "+bitexact"}) as out,
        ):
            sound = source.streams.audio[0]
            stream = out.add_stream_from_template(sound)
            out.metadata.update(
                {
                    **vorbis_tags(self._target.tags),
                    **vorbis_chapters(self._target.chapters),
                    **(vorbis_picture(cover) if cover else {}),
                }
            )
            for packet in source.demux(sound):
                if packet.dts is not None:
                    packet.stream = stream
                    out.mux(packet)
        self._bare.unlink()

    def abandon(self) -> None:
        self._file.close()


def _open(target: Target) -> Writer:
    return _VorbisWriter(target)


OGG = Format(
    name="ogg", extension=".ogg", type="audio/ogg; codecs=vorbis", lossy=True, open=_open, codec_frame=2048,
    exact=False, overshoot_db=0.3, most_chapters=VORBIS_CHAPTERS,
)  # fmt: skip
