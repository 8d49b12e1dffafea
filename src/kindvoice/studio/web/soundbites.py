"""A bell or a background, heard for a moment before it is chosen."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kindvoice.build.context import open_store
from kindvoice.encode import Samples
from kindvoice.model import Tags
from kindvoice.sound import beds, bells
from kindvoice.sound.wavfile import read_wav, write_wav
from kindvoice.store import stage_key
from kindvoice.studio.host.choices import GAIN_DB
from kindvoice.studio.host.config import Config
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.host.limits import PreviewLine
from kindvoice.studio.web.previews import small_mp3
from kindvoice.units import RATE, db_to_gain, ms_to_frames

LONGEST_MS = 8_000
VERSION = 1
_FADES_MS = {"bell": (0, 2_500), "bed": (800, 1_500)}
"""in and out; a bell begins as it is struck"""


class Soundbites:
    """Short MP3 of the bells and beds that recordings are mixed from. Safe between threads.

    A level is the mixer's own: beside a preview of a phrase it sounds as loud as it will in the finished recording
    where nobody speaks. What was made once stays in the cache; it holds nobody's words.
    """

    def __init__(self, config: Config) -> None:
        self._store = open_store(config.settings)
        self._line = PreviewLine(config)

    def play(self, kind: str, name: str, person: str, *, source: str = "", gain_db: int = 0) -> bytes:
        """Blocks for some hundredths of a second, for up to two where a bed is heard for the first time.

        kind: bell or bed. name: as in BELLS or BEDS. person: who asks, source: where from, as for
        `Previews.speak`. gain_db: of a bed, against its usual level. Raises StudioError: sound; many (with retry_s),
        busy.
        """
        if name not in {"bell": bells.BELLS, "bed": beds.BEDS}.get(kind, {}):
            raise StudioError("sound")
        if not GAIN_DB[0] <= gain_db <= GAIN_DB[1]:
            raise StudioError("sound")
        self._line.count(person)
        gain_db = gain_db if kind == "bed" else 0
        key = stage_key("soundbite", VERSION, kind=kind, name=name, gain_db=gain_db)
        if (mp3 := self._store.read(key)) is None:
            with self._line.place(source):  # making a bed takes 160 MB for a moment: one after the other
                mp3 = self._store.read_or_make(key, lambda part: self._make(part, kind, name, gain_db))
        return mp3

    def _make(self, part: Path, kind: str, name: str, gain_db: int) -> None:
        sound = self._plain(kind, name) * np.float32(db_to_gain(gain_db))
        with self._store.workspace() as work:
            tags = Tags(title=name, artist="kindvoice", language="", comment="")
            part.write_bytes(small_mp3(sound, work / "sound.mp3", tags).read_bytes())

    def _plain(self, kind: str, name: str) -> Samples:
        """At its usual level, with its fades; float32, shape (n, 2). A bed is kept, for each level begins with it."""
        frames = ms_to_frames(LONGEST_MS)
        if kind == "bell":
            return _faded(np.array(bells.strike(name)[:frames]), kind)
        key = stage_key("soundbite-bed", VERSION, name=name)
        path = self._store.get_or_make(
            # Not `layers`, which would keep its 30 MB: this is the one moment when the server needs them.
            key,
            lambda part: write_wav(part, _faded(beds.block(beds.BEDS[name](), 0, frames), kind), RATE),
            throughout=True,
        )
        return read_wav(path)[0]


def _faded(sound: Samples, kind: str) -> Samples:
    """With both ends softened in place, as raised cosines."""
    for ms, part in zip(_FADES_MS[kind], (sound, sound[::-1]), strict=True):
        frames = min(ms_to_frames(ms), len(sound))
        rise = 0.5 - 0.5 * np.cos(np.pi * np.arange(frames) / max(frames, 1))
        part[:frames] *= rise.astype(np.float32)[:, None]
    return sound
