"""One line to its clip: as a voice speaks it, or as a person recorded it.

Two stages, each remembered on its own: the raw speech as the engine gives it, and the clip made from
it (48 kHz, trimmed, levelled). A change of level or trimming speaks nothing again.
"""

from __future__ import annotations

import unicodedata
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kindvoice import engines
from kindvoice.engines.base import Engine, Samples
from kindvoice.errors import VoiceError, quoted, terminal
from kindvoice.model import Clip, Say, Take, Utterance, Voice, Where
from kindvoice.sound.wavfile import read_wav, wav_frames, write_wav
from kindvoice.speech.lexicon import Lexicon, respell
from kindvoice.speech.readable import readable, unreadable
from kindvoice.speech.samples import sample_lines
from kindvoice.speech.spelling import spell_out
from kindvoice.store import Store, stage_key
from kindvoice.units import RATE, db_to_gain, ms_to_frames

RAW_VERSION = 1
CLIP_VERSION = 1
LEAD_FRAMES = ms_to_frames(60)
TAIL_FRAMES = ms_to_frames(200)
"""Breath kept around the sound; a soft last consonant fades within the tail."""
_NUMBERS = ("1 2 3 4 5 6 7 8 9 10",)
"""For a voice that cannot read our letters."""


@dataclass(frozen=True, slots=True)
class ReadyLine:
    """One line's clip."""

    utterance: Utterance
    clip: Clip
    raw_key: str = ""
    """of what the engine gave, before it became a clip; empty: a person recorded it"""
    fresh: bool = False
    """whether an engine spoke it just now"""


class Speaker:
    """One voice at work: its engine, its lexicon, its level, and the store it speaks into."""

    def __init__(self, voice: Voice, store: Store, lexicon: Lexicon) -> None:
        self._voice, self._store, self._lexicon = voice, store, lexicon
        self._engine: Engine = engines.load(voice.engine)
        if problem := self._engine.problem(voice):
            what = f"the voice {voice.name!r} cannot be used: {problem[0]}"
            raise VoiceError(what, cure=terminal(problem[1]))
        self._can_read = self._engine.can_read(voice)
        self._version = self._engine.version(voice)
        self._gain_db = voice.gain_db
        """None: not known yet"""
        self._text = cache(self._respelled)

    def check(self, line: Say) -> None:
        """Engines make gibberish of a script they do not know; a listener must never hear that."""
        if letter := unreadable(self._text(line.text), self._can_read):
            name = unicodedata.name(letter, "").split()[0].capitalize()
            raise VoiceError(
                f"the voice {self._voice.name!r} cannot read {name} letters "
                f"({letter!r} in {quoted(line.text, line.own)})",
                where=line.where,
                cure=f"it speaks {self._voice.language}; choose another{terminal(' (--voice)')}, or the `language:`",
            )

    def set_level(self, pool: Executor | None) -> None:
        """The one gain of the voice: as its file says, else measured once over a few lines and kept.

        pool: speaks those lines. None: nothing is spoken; what is not in the store stays unknown.
        """
        if self._gain_db is not None:
            return
        texts = sample_lines(self._voice.language)
        if unreadable("".join(texts), self._can_read) is not None:
            texts = _NUMBERS
        where = Where(path=f"voice {self._voice.name}", line=0)
        lines = [Say(text=text, where=where) for text in texts]
        if pool is None and not all(self._store.look(self._raw_key(line)) for line in lines):
            return
        spoken = [read_wav(path) for path, _ in (pool.map if pool else map)(self._raw, lines)]
        import numpy as np
        import soxr

        speech = [soxr.resample(samples[:, 0], rate, RATE) for samples, rate in spoken]
        self._gain_db = round(_below_reference_db(np.concatenate(speech)), 1)

    def begin(self, line: Say, pool: Executor) -> ReadyLine | Future[ReadyLine]:
        """The line where it is in the store, else what speaks it in the pool."""
        raw_key = self._raw_key(line)
        key = self._clip_key(raw_key)
        self._store.note(raw_key, key)
        if path := self._store.get(key):
            return ReadyLine(line.utterance, _clip(key, path), raw_key)
        return pool.submit(self._spoken, line, raw_key, key)

    def _spoken(self, line: Say, raw_key: str, key: str) -> ReadyLine:
        raw, fresh = self._raw(line)
        path = self._store.get_or_make(key, lambda part: self._condition(raw, part, line), own=bool(line.own))
        return ReadyLine(line.utterance, _clip(key, path), raw_key, fresh)

    def kept(self, line: Say) -> tuple[str, Clip | None]:
        """The key of its raw speech, and its clip where it is in the store. Nothing is spoken."""
        raw_key = self._raw_key(line)
        if self._gain_db is None:
            return raw_key, None
        key = self._clip_key(raw_key)
        path = self._store.look(key)
        return raw_key, _clip(key, path) if path is not None else None

    def _clip_key(self, raw_key: str) -> str:
        assert self._gain_db is not None
        return stage_key(
            "clip", CLIP_VERSION, raw=raw_key, gain_db=round(self._gain_db, 3), even=self._voice.even,
            lead=LEAD_FRAMES, tail=TAIL_FRAMES,
        )  # fmt: skip

    def _condition(self, raw: Path, part: Path, line: Say) -> None:
        import soxr

        samples, rate = read_wav(raw)
        speech = soxr.resample(samples[:, 0], rate, RATE, quality="VHQ") if rate != RATE else samples[:, 0]
        gain_db = self._gain_db or 0.0
        if self._voice.even:
            gain_db += _evened_db(speech, gain_db, self._voice.even)
        _write_clip(speech, part, gain_db, line)

    def _respelled(self, text: str) -> str:
        """The text as the engine gets it."""
        text = respell(readable(text), self._lexicon, phonemes=self._engine.PHONEMES)
        return spell_out(text, self._voice.language)

    def _raw_key(self, line: Say) -> str:
        voice = self._voice
        return stage_key(
            "raw", RAW_VERSION, engine=voice.engine, version=self._version, model=voice.model, speed=voice.speed,
            language=voice.language, options=voice.options, text=self._text(line.text),
        )  # fmt: skip

    def _raw(self, line: Say) -> tuple[Path, bool]:
        """What the engine gives for a line, and whether it was spoken now."""
        fresh = False

        def make(part: Path) -> None:
            import numpy as np

            nonlocal fresh
            try:
                samples, rate = self._engine.speak(self._text(line.text), self._voice)
            except VoiceError as error:
                what = f"{error.what}, in {quoted(line.text, line.own)}"
                raise VoiceError(what, where=line.where, cure=error.cure) from error
            if not len(samples) or not np.isfinite(samples).all() or not np.abs(samples).max() > 1e-5:
                raise VoiceError(
                    f"the voice {self._voice.name!r} gives no sound for {quoted(line.text, line.own)}",
                    where=line.where, cure="write the line in other words, or choose another voice",
                )  # fmt: skip
            write_wav(part, samples, rate)
            fresh = True

        # What is read is read to its end.
        path = self._store.get_or_make(self._raw_key(line), make, own=bool(line.own), throughout=True)
        return path, fresh


def _clip(key: str, path: Path) -> Clip:
    return Clip(key=key, frames=wav_frames(path), lead_frames=LEAD_FRAMES, tail_frames=TAIL_FRAMES)


_MOST_EVENED_DB = 2.5
_SURE_S = 2.0
"""a shorter line is evened less: the loudness of a word or two says little"""


def _evened_db(speech: Samples, gain_db: float, even: float) -> float:
    """What brings one line nearer to the voice's level; for engines that speak some lines louder than others."""
    import numpy as np

    from kindvoice.sound.edges import find_sound

    bounds = find_sound(speech, RATE)
    if bounds is None:
        return 0.0
    sounding = speech[slice(*bounds)]
    off_db = _below_reference_db(sounding) - gain_db
    if not np.isfinite(off_db):
        return 0.0
    sure = min(len(sounding) / RATE / _SURE_S, 1.0)
    return float(np.clip(even * sure * off_db, -_MOST_EVENED_DB, _MOST_EVENED_DB))


def _below_reference_db(speech: Samples) -> float:
    """How far mono speech at RATE is below the loudness of every voice, heard from both channels."""
    import numpy as np

    # Imported here, for what is in the store already is not measured, and scipy takes long to load.
    from kindvoice.sound.kweight import LoudnessMeter
    from kindvoice.sound.mix import REFERENCE_LUFS

    meter = LoudnessMeter(RATE, 2)
    meter.add(np.repeat(speech[:, None], 2, axis=1))
    return REFERENCE_LUFS - meter.integrated_lufs()


def take_line(take: Take, store: Store, line: Say) -> ReadyLine:
    """A recorded line, conditioned as any speech; one gain for all lines of its recording."""
    from kindvoice.sound.mix import REFERENCE_LUFS

    gain_db = round(REFERENCE_LUFS - take.speech_lufs, 2)
    key = stage_key(
        "take", CLIP_VERSION, sha256=take.sha256, gain_db=gain_db, lead=LEAD_FRAMES, tail=TAIL_FRAMES
    )
    path = store.get_or_make(
        key, lambda part: _condition_sound(take.path, part, gain_db, line), own=bool(line.own)
    )
    return ReadyLine(line.utterance, _clip(key, path))


def _condition_sound(path: Path, part: Path, gain_db: float, line: Say) -> None:
    import numpy as np

    from kindvoice.encode.decode import decode

    samples = np.concatenate(list(decode(path, rate=RATE, stereo=False)))[:, 0]
    # A room comes and goes with its line: slowly, all along the breath.
    _write_clip(samples, part, gain_db, line, fades_ms=(50, 180))


def _write_clip(
    speech: Samples, part: Path, gain_db: float, line: Say, fades_ms: tuple[int, int] = (5, 10)
) -> None:
    import numpy as np

    from kindvoice.sound.edges import trim

    try:
        clip, _, _ = trim(
            speech, lead_frames=LEAD_FRAMES, tail_frames=TAIL_FRAMES, fade_in_ms=fades_ms[0],
            fade_out_ms=fades_ms[1],
        )  # fmt: skip
    except ValueError:
        raise VoiceError(
            f"there is only silence for {quoted(line.text, line.own)}",
            where=line.where,
            cure="write the line in other words",
        ) from None
    write_wav(part, clip * np.float32(db_to_gain(gain_db)), RATE)
