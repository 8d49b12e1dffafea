"""One long recording and the lines that were read: where each line is, what is sure, and what needs a look."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kindvoice.errors import SoundError
from kindvoice.model import LOOK, NOISE_DB, SURE, Where
from kindvoice.speech.recognise import edits, words
from kindvoice.takes import recording as sound
from kindvoice.takes.align import LineReading, SoundStretch, align
from kindvoice.takes.recording import Recording

Hear = Callable[[npt.NDArray[np.float32], str], str]
"""mono float32 at 16 kHz, a language -> the words heard"""

_PROBABLE = 0.97
_OFF = 2.3
"""spreads from the expected length that are still plausible"""
_LEVEL_LU = 8.0
_MISHEARD = 0.07
"""the part of a line's letters that a recogniser may get wrong by itself"""
_FEWEST_MS = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A line's reading in the recording: the last good one, when it was read several times."""

    number: int
    """of the line, as on the reading sheet"""
    text: str
    verdict: str
    """sure or look"""
    reason: str
    """why it needs a look; or, for a sure one, what is worth knowing"""
    start_ms: int
    stop_ms: int
    """where it is cut, with its breath"""
    probability: float
    """of this match among all, 0..1"""
    readings: int = 1
    heard: str | None = None
    """what a recogniser made of it; None: nobody listened"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutting:
    """What was found in a recording."""

    recording: Path
    channel: int | None
    """the channel that was used; None: the mean of all"""
    matches: tuple[Match, ...]
    """by line number"""
    missing: tuple[int, ...]
    """numbers of the lines that were not found"""
    unused: tuple[tuple[int, int], ...]
    """sounds that are none of the lines or an earlier reading, (start ms, stop ms)"""
    speech_lufs: float
    """loudness of all matched lines together, as two equal channels"""
    noise_db: float
    """the room in the pauses against the speech; -100 when there is nothing to hear"""
    overloaded: int
    """places within the lines where the recording stood at full scale"""
    peak: float
    """the highest sample; above 1.0 in some compressed recordings"""
    notes: tuple[str, ...] = ()
    """what is to be said of the whole recording, each with its cure"""


def cut(
    recording: Path,
    lines: Mapping[int, str],
    *,
    language: str = "en",
    hear: Hear | None = None,
    on_progress: Callable[[int, int], None] = lambda done, of: None,
) -> Cutting:
    """Finds the lines in the recording, by order, by plausible length, and by their words where `hear` is given.

    lines: by number, in the order in which they were to be read. on_progress: called with (pieces heard, pieces
    in all), for hearing takes time. Raises SoundError for a recording that cannot be read, holds no voice, or
    has no silences.
    """
    heard = sound.listen(recording)
    cuts = sound.pieces(heard)
    if not cuts or (len(cuts) == 1 and len(lines) > 2):
        raise SoundError(
            "there are no silences in this recording that could part one line from another",
            where=Where(path=str(recording), line=0),
            cure="leave about two seconds of silence after every line, in a quiet room",
        )
    return _Cutter(heard, cuts, lines, language, hear, on_progress).cut()


class _Cutter:
    def __init__(
        self, recording: Recording, cuts: list[tuple[int, int]], lines: Mapping[int, str], language: str,
        hear: Hear | None, on_progress: Callable[[int, int], None],
    ) -> None:  # fmt: skip
        self._recording, self._cuts = recording, cuts
        self._numbers, self._texts = list(lines), list(lines.values())
        self._language, self._hear = language, hear
        self._pieces = self._described(on_progress)
        self._strays: set[int] = set()
        """pieces that sound like speech and are no line's"""

    def cut(self) -> Cutting:
        readings = align(self._pieces, self._texts, [tuple(words(text)) for text in self._texts])
        read = {piece for reading in readings for piece in range(reading.first, reading.stop)}
        self._strays = {
            number for number, piece in enumerate(self._pieces)
            if number not in read and piece.speech > 0.5 and piece.stop_s - piece.start_s > 0.25
        }  # fmt: skip
        by_line: dict[int, list[LineReading]] = {}
        for reading in readings:
            by_line.setdefault(reading.line, []).append(reading)
        chosen = {line: self._last_good(of_line) for line, of_line in by_line.items()}
        stretches = [self._stretch(reading) for reading in chosen.values()]
        lufs = sound.speech_lufs(self._recording, stretches)
        matches = tuple(self._match(chosen[line], by_line[line], lufs) for line in sorted(chosen))
        used = {piece for reading in chosen.values() for piece in range(reading.first, reading.stop)}
        noise_db = self._noise_db(lufs)
        overloaded = sum(self._recording.overloaded(m.start_ms, m.stop_ms) for m in matches)
        return Cutting(
            recording=self._recording.path, channel=self._recording.channel, matches=matches,
            missing=tuple(n for line, n in enumerate(self._numbers) if line not in chosen),
            unused=tuple(cut for piece, cut in enumerate(self._cuts) if piece not in used),
            speech_lufs=round(lufs, 2) if np.isfinite(lufs) else -100.0, noise_db=noise_db, overloaded=overloaded,
            peak=self._recording.peak, notes=tuple(_notes(noise_db, overloaded)),
        )  # fmt: skip

    # -- pieces

    def _described(self, on_progress: Callable[[int, int], None]) -> list[SoundStretch]:
        voiced = [sound.voiced_share(sound.slice_of(self._recording, *cut)) for cut in self._cuts]
        lengths = [stop - start for start, stop in self._cuts]
        # A whispering reader has no pitch: what counts is how a piece compares with the rest.
        usual = float(np.average(voiced, weights=lengths))
        stretches = []
        for number, ((start, stop), share) in enumerate(zip(self._cuts, voiced, strict=True)):
            speech = min(max((share / usual - 0.15) / 0.35, 0.0), 1.0) if usual > 0.15 else 1.0
            stretches.append(
                SoundStretch(
                    start_s=start / 1000, stop_s=stop / 1000, speech=speech, words=self._words(start, stop)
                )
            )
            if self._hear is not None:
                on_progress(number + 1, len(self._cuts))
        return stretches

    def _words(self, start: int, stop: int) -> tuple[str, ...] | None:
        if self._hear is None:
            return None
        if stop - start < _FEWEST_MS:
            return ()
        return tuple(words(self._heard(start - 150, stop + 150)))

    def _heard(self, start: int, stop: int) -> str:
        assert self._hear is not None
        return self._hear(sound.slice_of(self._recording, start, stop), self._language)

    def _stretch(self, reading: LineReading) -> tuple[int, int]:
        """From the first sound of a reading to the last, in ms."""
        return self._cuts[reading.first][0], self._cuts[reading.stop - 1][1]

    # -- one line

    def _last_good(self, readings: Sequence[LineReading]) -> LineReading:
        """Who stumbles reads the line again: the last reading that is not worse than the others counts."""
        return max(reversed(readings), key=lambda r: -round(self._misfit(r), 1))

    def _misfit(self, reading: LineReading) -> float:
        if self._hear is None:
            return max(abs(reading.off) - _OFF, 0.0)
        return _wrong(self._texts[reading.line], self._words_in(reading))

    def _match(self, reading: LineReading, readings: Sequence[LineReading], lufs: float) -> Match:
        text = self._texts[reading.line]
        start, stop = self._stretch(reading)
        heard = self._understood(reading) if self._hear is not None else None
        doubts = [*self._doubts_of_sound(reading, lufs)]
        if heard is None:
            doubts += self._doubts_of_order(reading, readings)
        elif _wrong(text, heard) > _MISHEARD:
            doubts.append(f"heard: {heard!r}" if heard else "no words were heard")
        before = self._cuts[reading.first - 1][1] if reading.first else -start
        end = 2 * self._recording.length_ms - stop
        after = self._cuts[reading.stop][0] if reading.stop < len(self._cuts) else end
        first, last = sound.edges(self._recording, start, stop, (before + start) // 2, (stop + after) // 2)
        again = [f"read {len(readings)} times, the last is kept"] if len(readings) > 1 else []
        return Match(
            number=self._numbers[reading.line], text=text, start_ms=first, stop_ms=last,
            verdict=LOOK if doubts else SURE, reason="; ".join(doubts or again),
            probability=round(reading.probability, 3), readings=len(readings), heard=heard,
        )  # fmt: skip

    def _understood(self, reading: LineReading) -> str:
        """The line's words as they were heard in pieces or as a whole, whichever is nearer to the text."""
        text = self._texts[reading.line]
        in_pieces = self._words_in(reading)
        if _wrong(text, in_pieces) == 0:
            return in_pieces
        start, stop = self._stretch(reading)
        return min(in_pieces, self._heard(start - 250, stop + 250), key=lambda heard: _wrong(text, heard))

    def _words_in(self, reading: LineReading) -> str:
        return " ".join(" ".join(p.words or ()) for p in self._pieces[reading.first : reading.stop])

    def _doubts_of_sound(self, reading: LineReading, lufs: float) -> list[str]:
        doubts = []
        start, stop = self._stretch(reading)
        if self._recording.overloaded(start, stop) >= 2:
            doubts.append("the recording is overloaded here")
        step = sound.speech_lufs(self._recording, [(start, stop)]) - lufs
        if np.isfinite(step) and abs(step) > _LEVEL_LU:
            doubts.append(f"much {'louder' if step > 0 else 'softer'} than the rest ({step:+.0f} dB)")
        if np.mean([p.speech for p in self._pieces[reading.first : reading.stop]]) < 0.35:
            doubts.append("it hardly sounds like a voice")
        return doubts

    def _doubts_of_order(self, reading: LineReading, readings: Sequence[LineReading]) -> list[str]:
        """What only order and length can say, where nobody listened to the words."""
        doubts = []
        seconds = sum(p.stop_s - p.start_s for p in self._pieces[reading.first : reading.stop])
        if abs(reading.off) > _OFF:
            what = "longer" if reading.off > 0 else "shorter"
            why = "a false start?" if reading.off > 0 else "are words missing?"
            doubts.append(
                f"{what} than expected: {seconds:.1f} s, about {reading.expected_s:.1f} s expected; {why}"
            )
        run = self._pieces[reading.first : reading.stop]
        inner = max((b.start_s - a.stop_s for a, b in itertools.pairwise(run)), default=0.0)
        if inner > 0.6 and reading.off > 0.7:
            doubts.append(f"a pause of {inner:.1f} s inside, and longer than expected; a false start?")
        if reading.probability < _PROBABLE:
            doubts.append(f"it may be another line ({100 * reading.probability:.0f} % sure)")
        if len(readings) > 1:
            doubts.append(f"read {len(readings)} times, as it seems; the last is kept")
        if {reading.first - 1, reading.stop} & self._strays:
            doubts.append("next to it is speech that fits no line")
        return doubts

    # -- the whole

    def _noise_db(self, lufs: float) -> float:
        ends = [0, *(ms for cut in self._cuts for ms in cut), self._recording.length_ms]
        pauses = list(zip(ends[::2], ends[1::2], strict=True))
        noise = sound.room_lufs(self._recording, pauses) - lufs
        return round(max(noise, -100.0), 1) if np.isfinite(lufs) else 0.0


def _wrong(text: str, heard: str) -> float:
    """The part of a text's letters that were heard differently, however they were parted into words.

    >>> _wrong("Look inward.", "look in ward"), _wrong("Rest.", "Best!")
    (0.0, 0.25)
    """
    letters, letters_heard = "".join(words(text)), "".join(words(heard))
    return edits(letters, letters_heard) / max(len(letters), 1)


def _notes(noise_db: float, overloaded: int) -> list[str]:
    notes = []
    if noise_db > NOISE_DB:
        notes.append(
            f"the room can be heard: it is {-noise_db:.0f} dB below the voice, and {-NOISE_DB:.0f} would be quiet. "
            "Record closer to the microphone, in a quieter room, away from fans and windows"
        )
    if overloaded >= 5:
        notes.append(
            f"the recording is overloaded in {overloaded} places, which can be heard as crackling. "
            "Turn the microphone down until its peaks stay well below full scale (-6 dB), and record again"
        )
    return notes
