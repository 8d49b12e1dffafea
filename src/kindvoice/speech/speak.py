"""Timeline to Clips: every line spoken once, conditioned, and kept in the store.

Two stages, each remembered on its own: the raw speech as the engine gives it, and the clip made from
it (48 kHz, trimmed, levelled). A change of level or trimming speaks nothing again.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import soxr

from kindvoice import engines
from kindvoice.encode.decode import decode
from kindvoice.engines.base import Engine, Samples
from kindvoice.errors import VoiceError, quoted
from kindvoice.languages import primary
from kindvoice.model import Clip, Say, Take, Timeline, Utterance, Voice, Where
from kindvoice.sound.edges import find_sound, trim
from kindvoice.sound.kweight import LoudnessMeter
from kindvoice.sound.mix import REFERENCE_LUFS
from kindvoice.sound.wavfile import read_wav, wav_frames, write_wav
from kindvoice.speech.lexicon import Lexicon, respell
from kindvoice.speech.spelling import spell_out
from kindvoice.store import Store, stage_key
from kindvoice.units import RATE, db_to_gain, ms_to_frames

RAW_VERSION = 1
CLIP_VERSION = 1
LEAD_FRAMES = ms_to_frames(60)
TAIL_FRAMES = ms_to_frames(200)
"""Breath kept around the sound; a soft last consonant fades within the tail."""
SAMPLES = {
    "en": (
        "May I be kind to myself.",
        "Notice the weight of the body, held by the ground.",
        "There is nothing to do.",
    ),
    "de": ("Möge ich freundlich zu mir sein.", "Spüre das Gewicht des Körpers auf dem Boden."),
    "es": ("Que pueda ser amable conmigo.", "Nota el peso del cuerpo sobre el suelo."),
    "fr": ("Puissé-je être bienveillant envers moi.", "Sentez le poids du corps sur le sol."),
    "it": ("Che io possa essere gentile con me.", "Senti il peso del corpo sul pavimento."),
    "nl": ("Mag ik vriendelijk zijn voor mezelf.", "Voel het gewicht van het lichaam op de grond."),
    "pl": ("Chcę traktować siebie z życzliwością.", "Poczuj ciężar ciała na podłodze."),
    "pt": ("Que eu seja gentil comigo.", "Sinta o peso do corpo apoiado no chão."),
    "ru": ("Пусть я буду относиться к себе с добротой.", "Почувствуй вес тела на полу."),
    "sv": ("Må jag vara vänlig mot mig själv.", "Känn kroppens tyngd mot golvet."),
    "tr": ("Kendime karşı nazik olayım.", "Bedenin yerdeki ağırlığını hisset."),
    "uk": ("Нехай я ставлюся до себе з добротою.", "Відчуй вагу тіла на підлозі."),
}
"""What a voice says to be heard and measured, by language."""
_NUMBERS = ("1 2 3 4 5 6 7 8 9 10",)
"""For a voice that cannot read our letters."""


def sample_lines(language: str) -> tuple[str, ...]:
    """Lines of that language, of English where there are none."""
    return SAMPLES.get(primary(language), SAMPLES["en"])


@dataclass(frozen=True, slots=True)
class Spoken:
    """What speaking came to."""

    clips: Mapping[Utterance, Clip]
    """by speaker and text"""
    asked: int
    """different lines in the timeline"""
    made: int
    """lines that an engine spoke now; the rest was there"""
    takes: Mapping[Utterance, Take]
    """the lines that a person recorded"""
    raw_keys: Mapping[Utterance, str]
    """of what the engine gave for a line, before it became a clip"""


def speak(
    timeline: Timeline,
    cast: Mapping[str, Voice],
    store: Store,
    on_line: Callable[[int, int], None] = lambda done, of: None,
    *,
    lexicons: Mapping[str, Lexicon] | None = None,
    takes: Mapping[Utterance, Take] | None = None,
) -> Spoken:
    """Speaks what is not in the store yet, several lines at once where the engine allows.

    cast: the voice of each speaker in the timeline. lexicons: by speaker, words that the voice is to say
    differently; captions keep the author's. takes: recordings that stand in place of a voice. on_line: called
    with (lines done, lines in all), from this thread. One line that fails does not stop the others, which stay
    in the store, unless several fail. Raises VoiceError with the line's file and line.
    """
    takes = takes or {}
    lines = _lines(timeline)
    asked = sum(map(len, lines.values()))
    clips: dict[Utterance, Clip] = {}
    raw_keys: dict[Utterance, str] = {}
    on_line(0, asked)
    for utterance, take in takes.items():
        if (line := lines.get(utterance[0], {}).pop(utterance[1], None)) is not None:
            clips[utterance] = _take_clip(take, store, line)
    speakers = {
        name: _Speaker(cast[name], store, (lexicons or {}).get(name, {}), said.values())
        for name, said in lines.items() if said
    }  # fmt: skip
    for speaker in speakers.values():
        speaker.check()
    made = 0
    for name, speaker in speakers.items():
        for text, clip, raw_key, fresh in speaker.clips():
            clips[name, text], raw_keys[name, text] = clip, raw_key
            made += fresh
            on_line(len(clips), asked)
    on_line(asked, asked)
    used = {utterance: take for utterance, take in takes.items() if utterance in clips}
    return Spoken(clips, asked, made, used, raw_keys)


def kept_clips(
    timeline: Timeline, cast: Mapping[str, Voice], store: Store, *, lexicons: Mapping[str, Lexicon],
    takes: Mapping[Utterance, Take],
) -> tuple[dict[Utterance, Clip], dict[Utterance, str]]:  # fmt: skip
    """What `speak` would find in the store, and of the rest the key of what an engine would have to speak.

    Nothing is spoken. Raises VoiceError for a line that its voice cannot read, and for a voice that cannot be used.
    """
    clips: dict[Utterance, Clip] = {}
    missing: dict[Utterance, str] = {}
    lines = _lines(timeline)
    for utterance, take in takes.items():
        if (line := lines.get(utterance[0], {}).pop(utterance[1], None)) is not None:
            clips[utterance] = _take_clip(take, store, line)
    for name, said in lines.items():
        if said:
            speaker = _Speaker(cast[name], store, lexicons.get(name, {}), said.values())
            speaker.check()
            for text, raw_key, clip in speaker.kept():
                if clip is None:
                    missing[name, text] = raw_key
                else:
                    clips[name, text] = clip
    return clips, missing


def _lines(timeline: Timeline) -> dict[str, dict[str, Say]]:
    """By speaker, every different line as it first stands."""
    lines: dict[str, dict[str, Say]] = {}
    for item in timeline.items:
        if isinstance(item, Say):
            lines.setdefault(item.speaker, {}).setdefault(item.text, item)
    return lines


_FAILURES = 5
"""after so many the engine itself must be ill, and the rest is not tried"""


class _Speaker:
    """One voice at work: its engine, its lexicon, its lines, and the store it speaks into."""

    def __init__(self, voice: Voice, store: Store, lexicon: Lexicon, lines: Iterable[Say]) -> None:
        self._voice, self._store, self._lexicon = voice, store, lexicon
        self._engine: Engine = engines.load(voice.engine)
        if problem := self._engine.problem(voice):
            what, cure = problem
            raise VoiceError(f"the voice {voice.name!r} cannot be used: {what}", cure=cure)
        self._can_read = self._engine.can_read(voice)
        self._version = self._engine.version(voice)
        self._lines = [(line, self._said(line.text)) for line in lines]

    def check(self) -> None:
        """Engines make gibberish of a script they do not know; a listener must never hear that."""
        for line, said in self._lines:
            if letter := _unreadable(said, self._can_read):
                name = unicodedata.name(letter, "").split()[0].capitalize()
                raise VoiceError(
                    f"the voice {self._voice.name!r} cannot read {name} letters "
                    f"({letter!r} in {quoted(line.text, line.own)})",
                    where=line.where,
                    cure=f"it speaks {self._voice.language}; choose another with --voice, or the script's `language:`",
                )

    def clips(self) -> Iterator[tuple[str, Clip, str, bool]]:
        """As they get done: a line's text, its clip, the key of the engine's sound, and whether it was spoken now."""
        gain_db = self._gain_db()
        failed: list[VoiceError] = []
        at_once = self._engine.PARALLEL or os.cpu_count() or 1
        with ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="speak") as pool:
            tasks = {pool.submit(self._clip, line, said, gain_db): line.text for line, said in self._lines}
            try:
                for task in as_completed(tasks):
                    try:
                        yield tasks[task], *task.result()
                    except VoiceError as error:
                        failed.append(error)
                        if len(failed) == _FAILURES:
                            break
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
        if failed:
            raise _together(failed)

    def _clip(self, line: Say, said: str, gain_db: float) -> tuple[Clip, str, bool]:
        """A line's clip, the key of the engine's sound, and whether it was spoken now. said: the engine's text."""
        raw_key = self._raw_key(said)
        key = self._clip_key(raw_key, gain_db)
        self._store.note(raw_key)
        path, fresh = self._store.get(key), False
        if path is None:
            raw, fresh = self._raw(raw_key, said, line)
            path = self._store.get_or_make(key, lambda part: self._condition(raw, part, gain_db, line))
        clip = Clip(key=key, frames=wav_frames(path), lead_frames=LEAD_FRAMES, tail_frames=TAIL_FRAMES)
        return clip, raw_key, fresh

    def _clip_key(self, raw_key: str, gain_db: float) -> str:
        return stage_key(
            "clip", CLIP_VERSION, raw=raw_key, gain_db=round(gain_db, 3), even=self._voice.even,
            lead=LEAD_FRAMES, tail=TAIL_FRAMES,
        )  # fmt: skip

    def kept(self) -> Iterator[tuple[str, str, Clip | None]]:
        """Every line's text, the key of its raw speech, and its clip where it is in the store. Nothing is spoken."""
        raw_keys = [(line.text, self._raw_key(said)) for line, said in self._lines]
        measured = [self._raw_key(self._said(line)) for line in self._measured_lines()]
        known = self._voice.gain_db is not None or all(self._store.path(key).is_file() for key in measured)
        gain_db = self._gain_db() if known else 0.0
        for text, raw_key in raw_keys:
            key = self._clip_key(raw_key, gain_db)
            path, clip = self._store.path(key), None
            if known and path.is_file():
                frames = wav_frames(path)
                clip = Clip(key=key, frames=frames, lead_frames=LEAD_FRAMES, tail_frames=TAIL_FRAMES)
            yield text, raw_key, clip

    def _measured_lines(self) -> Sequence[str]:
        """What its loudness is measured on."""
        lines = sample_lines(self._voice.language)
        return lines if _unreadable("".join(lines), self._can_read) is None else _NUMBERS

    def _condition(self, raw: Path, part: Path, gain_db: float, line: Say) -> None:
        samples, rate = read_wav(raw)
        speech = soxr.resample(samples[:, 0], rate, RATE, quality="VHQ") if rate != RATE else samples[:, 0]
        if self._voice.even:
            gain_db += _evened_db(speech, gain_db, self._voice.even)
        _write_clip(speech, part, gain_db, line)

    def _gain_db(self) -> float:
        """The one gain of the voice, in dB: as its file says, else measured once over a few lines and kept."""
        if self._voice.gain_db is not None:
            return self._voice.gain_db
        meter = LoudnessMeter(RATE, 2)
        for line in self._measured_lines():
            said = self._said(line)
            sample = Say(text=line, where=Where(path=f"voice {self._voice.name}", line=0))
            raw, _ = self._raw(self._raw_key(said), said, sample)
            samples, rate = read_wav(raw)
            speech = soxr.resample(samples[:, 0], rate, RATE)
            meter.add(np.repeat(speech[:, None], 2, axis=1))
        return round(REFERENCE_LUFS - meter.integrated_lufs(), 1)

    def _said(self, text: str) -> str:
        said = respell(readable(text), self._lexicon, phonemes=self._engine.PHONEMES)
        return spell_out(said, self._voice.language)

    def _raw_key(self, said: str) -> str:
        voice = self._voice
        return stage_key(
            "raw", RAW_VERSION, engine=voice.engine, version=self._version, model=voice.model, speed=voice.speed,
            language=voice.language, options=voice.options, text=said,
        )  # fmt: skip

    def _raw(self, key: str, said: str, line: Say) -> tuple[Path, bool]:
        fresh = False

        def make(part: Path) -> None:
            nonlocal fresh
            try:
                samples, rate = self._engine.speak(said, self._voice)
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

        return self._store.get_or_make(key, make), fresh


def _together(failed: Sequence[VoiceError]) -> VoiceError:
    """The first of several errors in the order of the script, which names the others."""
    first, *rest = sorted(
        failed, key=lambda error: (error.where is None, (error.where and error.where.line) or 0)
    )
    if not rest:
        return first
    lines = ", ".join(str(error.where.line) for error in rest if error.where)
    return VoiceError(f"{first.marked_what} (and so for line {lines})", where=first.where, cure=first.cure)


_MOST_EVENED_DB = 2.5
_SURE_S = 2.0
"""a shorter line is evened less: the loudness of a word or two says little"""


def _evened_db(speech: Samples, gain_db: float, even: float) -> float:
    """What brings one line nearer to the voice's level; for engines that speak some lines louder than others."""
    found = find_sound(speech, RATE)
    if found is None:
        return 0.0
    heard = speech[found[0] : found[1]]
    meter = LoudnessMeter(RATE, 2)
    meter.add(np.repeat(heard[:, None], 2, axis=1))
    off_db = REFERENCE_LUFS - (meter.integrated_lufs() + gain_db)
    if not np.isfinite(off_db):
        return 0.0
    sure = min(len(heard) / RATE / _SURE_S, 1.0)
    return float(np.clip(even * sure * off_db, -_MOST_EVENED_DB, _MOST_EVENED_DB))


def _take_clip(take: Take, store: Store, line: Say) -> Clip:
    """A recorded line, conditioned as any speech; one gain for all lines of its recording."""
    gain_db = round(REFERENCE_LUFS - take.speech_lufs, 2)
    key = stage_key(
        "take", CLIP_VERSION, sha256=take.sha256, gain_db=gain_db, lead=LEAD_FRAMES, tail=TAIL_FRAMES
    )
    path = store.get_or_make(key, lambda part: _condition_sound(take.path, part, gain_db, line))
    return Clip(key=key, frames=wav_frames(path), lead_frames=LEAD_FRAMES, tail_frames=TAIL_FRAMES)


def _condition_sound(path: Path, part: Path, gain_db: float, line: Say) -> None:
    samples = np.concatenate(list(decode(path, rate=RATE, stereo=False)))[:, 0]
    # A room comes and goes with its line: slowly, all along the breath.
    _write_clip(samples, part, gain_db, line, fades_ms=(50, 180))


def _write_clip(
    speech: Samples, part: Path, gain_db: float, line: Say, fades_ms: tuple[int, int] = (5, 10)
) -> None:
    try:
        clip, _, _ = trim(
            speech, rate=RATE, lead_frames=LEAD_FRAMES, tail_frames=TAIL_FRAMES, fade_in_ms=fades_ms[0],
            fade_out_ms=fades_ms[1],
        )  # fmt: skip
    except ValueError:
        raise VoiceError(
            f"there is only silence for {quoted(line.text, line.own)}",
            where=line.where,
            cure="write the line in other words",
        ) from None
    write_wav(part, clip * np.float32(db_to_gain(gain_db)), RATE)


# ---------------------------------------------------------------- text


_NOT_SPOKEN = re.compile(
    "[\\u200d\\ue000-\\uf8ff\\ufe00-\\ufe0f\\U0001f000-\\U0001faff\\u2600-\\u27bf\\u2b00-\\u2bff\\u20e3\\U000e0000-\\U000e007f]"
)


def readable(text: str) -> str:
    """The text as engines get it: no emoji, plain spaces.

    >>> readable("Be well 🙏  now")
    'Be well now'
    """
    return " ".join(_NOT_SPOKEN.sub(" ", text).split())


def _unreadable(text: str, can_read: frozenset[str] | None) -> str | None:
    if can_read is None:
        return None
    return next((c for c in text if c.isalpha() and _script_of(c) not in can_read | _NO_SCRIPT), None)


_NO_SCRIPT = frozenset(
    {"MODIFIER", "MASCULINE", "FEMININE", "FULLWIDTH", "HALFWIDTH", "MICRO", "SUPERSCRIPT"}
)
"""First words of the names of letters that belong to no script: the turned comma of Hawaiʻi, the º of 1º."""


@cache
def _script_of(letter: str) -> str:
    """A letter's script as Unicode names it: LATIN, CYRILLIC, HIRAGANA..."""
    return unicodedata.name(letter, "UNKNOWN").split()[0]
