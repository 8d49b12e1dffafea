"""Which pieces of a recording are which lines: the most probable reading, by order and plausible length.

A reader is taken to go through the lines in order. A line is one piece of sound or several in a row; a line may
be missing, be read again, or be taken up again from some lines back; a piece may be none of them (a cough, a
false start). Each of these has a score, the logarithm of a probability up to a constant, and all ways through
are summed (forward and backward), so that every match comes with how probable it is among all.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from kindvoice.speech.recognise import edits

Floats = npt.NDArray[np.float64]
Scores = dict[int, Floats]
"""by number of pieces: shape (lines, pieces), the score of a line read in so many pieces from that one on"""
Plus = Callable[[Floats, Floats], Floats]

MOST_PIECES = 12
"""of one line"""
_SKIP = -4.0
_AGAIN = (-2.5, -3.5, -4.5)
"""going back by one line (reading the last one again), two, three"""
_MATCH = 1.5
_RIGHT, _WRONG = 3.0, -3.0
"""a word that was heard as written, and one that was not"""
_MOSTLY_WRONG = 0.5
_HOPELESS = -14.0
_INNER_S, _GAP_SPREAD = 0.55, 0.5
"""a pause inside a line; how far pauses spread around the usual one, as a natural logarithm"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundStretch:
    """A stretch of sound between two silences."""

    start_s: float
    stop_s: float
    speech: float
    """how much it sounds like a voice: 0 not at all, 1 like the rest of the recording"""
    words: tuple[str, ...] | None = None
    """what a recogniser heard; None: nobody listened"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineReading:
    """A line as it was read, once."""

    line: int
    """0 is the first"""
    first: int
    stop: int
    """first piece, and one past the last"""
    probability: float
    off: float
    """how far the length is from what was expected, in the reader's own spreads"""
    expected_s: float


@dataclass(frozen=True, slots=True)
class _Pace:
    """What is known of the reader: seconds for a unit of text, its spread (natural log), the usual pauses."""

    second: float
    spread: float
    inner_s: float
    between_s: float


def align(
    pieces: Sequence[SoundStretch], lines: Sequence[str], words: Sequence[tuple[str, ...]]
) -> tuple[LineReading, ...]:
    """Every reading of a line, in the order of the recording; the last reading of a line comes last.

    words: each line's own, as a recogniser would give them back.
    """
    if not pieces or not lines:
        return ()
    weights = np.array([weight(line) for line in lines])
    lengths = np.array([piece.stop_s - piece.start_s for piece in pieces])
    heard = _word_scores(pieces, words)
    best: tuple[float, _Pace, tuple[LineReading, ...]] | None = None
    share = np.array([piece.speech for piece in pieces]) @ lengths / weights.sum()
    # The recording may hold more than the lines (repeats, talk) or less of them.
    starts = sorted({min(max(share * part, 0.04), 0.3) for part in (0.55, 0.75, 0.95, 1.2, 1.6, 2.5)})
    for start in starts:
        pace = _Pace(start, 0.25, *_usual_pauses(pieces, len(lines)))
        for _ in range(4):
            total, readings = _solve(pieces, weights, heard, pace)
            if best is None or total > best[0]:
                best = total, pace, readings
            if not readings:
                break
            pace = _learn(pieces, weights, readings, pace)
    assert best is not None
    return best[2]


# ---------------------------------------------------------------- text

_PAUSES = re.compile(r"[,;:.!?…—–،؛؟、。，；：！？]+")


def weight(text: str) -> float:
    """How long a text takes to say, in letters: letters, marks at which a voice rests, and a little for itself.

    >>> weight("May I be safe.")
    17.0
    """
    letters = sum(_letter(c) for c in text if c.isalnum())
    return max(letters + 3.0 * len(_PAUSES.findall(text)), 3.0) + 4.0


def _letter(character: str) -> float:
    """A digit is a word, a character of Chinese or Korean a syllable, a kana half of one.

    >>> [_letter(c) for c in "a7慈か"]
    [1.0, 4.0, 3.0, 2.0]
    """
    if character.isdigit():
        return 4.0
    name = unicodedata.name(character, "").split(" ")[0]
    return {"CJK": 3.0, "HANGUL": 3.0, "HIRAGANA": 2.0, "KATAKANA": 2.0}.get(name, 1.0)


# ---------------------------------------------------------------- scores


def _usual_pauses(pieces: Sequence[SoundStretch], lines: int) -> tuple[float, float]:
    gaps = np.sort(_gaps(pieces))[::-1]
    if not len(gaps):
        return _INNER_S, 2.0
    between = float(np.median(gaps[: max(lines - 1, 1)]))
    return min(_INNER_S, between / 1.5), max(between, 0.5)


def _gaps(pieces: Sequence[SoundStretch]) -> Floats:
    return np.array([b.start_s - a.stop_s for a, b in itertools.pairwise(pieces)])


def _match_scores(
    pieces: Sequence[SoundStretch], weights: Floats, heard: Scores | None, pace: _Pace
) -> Scores:
    lengths = np.array([piece.stop_s - piece.start_s for piece in pieces])
    no_voice = np.array([1 - piece.speech for piece in pieces])
    strange = no_voice * lengths
    length_sums, strange_sums = _sums(lengths), _sums(strange)
    # An inner pause against one between lines: positive where it is the former.
    gaps = np.log(np.maximum(_gaps(pieces), 0.05))
    inner = (gaps - np.log(pace.between_s)) ** 2 - (gaps - np.log(pace.inner_s)) ** 2
    # Short silences keep words together, not a word and a cough.
    voices = np.array([min(a.speech, b.speech) for a, b in itertools.pairwise(pieces)])
    inner = np.clip(inner / (2 * _GAP_SPREAD**2), -6.0, 6.0) - 0.3
    inner_sums = _sums(np.where(inner > 0, inner * voices, inner))
    scores: Scores = {}
    for count in range(1, min(MOST_PIECES, len(pieces)) + 1):
        length = length_sums[count:] - length_sums[:-count]
        off = np.abs(_off(length, weights, pace))
        # A normal curve with heavy tails.
        fit = -np.where(off < 3, off**2 / 2, 4.5 + 2 * (off - 3))
        if heard is not None:
            fit = 0.3 * fit + heard[count]
        fit += (
            _MATCH - np.log(pace.spread / 0.2) - 3 * (strange_sums[count:] - strange_sums[:-count]) / length
        )
        if count > 1:
            fit += inner_sums[count - 1 :] - inner_sums[: -(count - 1)]
        scores[count] = np.where(fit > _HOPELESS, fit, -np.inf)
    return scores


def _off(length: Floats, weights: Floats, pace: _Pace) -> Floats:
    """How far lengths (pieces,) are from what the weights (lines,) ask for, in spreads: shape (lines, pieces)."""
    expected = pace.second * weights[:, None]
    spread = np.hypot(pace.spread, 0.12 / expected)
    return np.asarray(np.log(length / expected) / spread)


def _sums(values: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(values)])


def _drop_scores(pieces: Sequence[SoundStretch]) -> Floats:
    """What it costs that a piece is none of the lines: the more, the more it sounds like somebody reading."""
    lengths = np.array([piece.stop_s - piece.start_s for piece in pieces])
    speech = np.array([piece.speech for piece in pieces])
    said = -(1.5 + 1.5 * np.minimum(lengths, 4.0))
    noise = -(0.4 + 0.2 * np.minimum(lengths, 4.0))
    return np.asarray(speech * said + (1 - speech) * noise)


def _word_scores(pieces: Sequence[SoundStretch], words: Sequence[tuple[str, ...]]) -> Scores | None:
    """What was heard against what was to be said: for every word right a gain, for every wrong one a loss."""
    if any(piece.words is None for piece in pieces):
        return None
    heard = [piece.words or () for piece in pieces]
    bags = [Counter(line) for line in words]
    scores: Scores = {}
    for count in range(1, min(MOST_PIECES, len(pieces)) + 1):
        table = np.zeros((len(words), len(pieces) - count + 1))
        for j in range(table.shape[1]):
            said = tuple(word for piece in heard[j : j + count] for word in piece)
            bag = Counter(said)
            for i, line in enumerate(words):
                longer = max(len(line), len(said))
                wrong = longer - sum((bag & bags[i]).values())
                if wrong <= longer * _MOSTLY_WRONG:  # in their order there are no fewer
                    wrong = edits(line, said)
                # A word or two alone may well be misheard.
                hopeless = longer > 3 and wrong > longer * _MOSTLY_WRONG
                table[i, j] = -np.inf if hopeless else _RIGHT * (longer - wrong) + _WRONG * wrong
        scores[count] = table
    return scores


# ---------------------------------------------------------------- all ways through


def _solve(
    pieces: Sequence[SoundStretch], weights: Floats, heard: Scores | None, pace: _Pace
) -> tuple[float, tuple[LineReading, ...]]:
    """The logarithm of the sum over all ways through, and the readings on the best of them."""
    scores, drops = _match_scores(pieces, weights, heard, pace), _drop_scores(pieces)
    path = _best_path(_forward(scores, drops, np.maximum), scores, drops)
    ahead, back = _forward(scores, drops, np.logaddexp), _backward(scores, drops)
    total = float(ahead[-1, -1])
    readings = []
    for line, first, count in path:
        ways = [ahead[line, first]]
        ways += [
            ahead[line + back_by, first] + cost
            for back_by, cost in enumerate(_AGAIN, 1)
            if line + back_by < len(ahead)
        ]
        log = float(np.logaddexp.reduce(ways) + scores[count][line, first] + back[line + 1, first + count])
        length = sum(p.stop_s - p.start_s for p in pieces[first : first + count])
        readings.append(
            LineReading(
                line=line, first=first, stop=first + count, probability=float(min(np.exp(log - total), 1.0)),
                off=float(_off(np.array([length]), weights[line : line + 1], pace)[0, 0]),
                expected_s=float(pace.second * weights[line]),
            )
        )  # fmt: skip
    return total, tuple(readings)


def _skipped(column: Floats, plus: Plus) -> Floats:
    """A column of states (lines done) after any number of lines were left out."""
    cost = np.arange(len(column)) * _SKIP
    return np.asarray(plus.accumulate(column - cost) + cost)  # type: ignore[attr-defined]


def _forward(scores: Scores, drops: Floats, plus: Plus) -> Floats:
    """The score of having come to each state: shape (lines done + 1, pieces done + 1)."""
    lines, count = next(iter(scores.values())).shape[0], len(drops)
    table = np.full((lines + 1, count + 1), -np.inf)
    table[0, 0] = 0.0
    for j in range(count + 1):
        column = table[:, j] = _skipped(table[:, j], plus)
        if j == count:
            break
        table[:, j + 1] = plus(table[:, j + 1], column + drops[j])
        for k, score in scores.items():
            if j + k > count:
                break
            after, said = table[:, j + k], score[:, j]
            after[1:] = plus(after[1:], column[:-1] + said)
            for back_by, cost in enumerate(_AGAIN[:lines], 1):
                to = slice(1, lines + 2 - back_by)
                after[to] = plus(after[to], column[back_by:] + said[: lines + 1 - back_by] + cost)
    return table


def _backward(scores: Scores, drops: Floats) -> Floats:
    """The score of getting from each state to the end, over all ways."""
    lines, count = next(iter(scores.values())).shape[0], len(drops)
    plus = np.logaddexp
    table = np.full((lines + 1, count + 1), -np.inf)
    table[lines, count] = 0.0
    for j in range(count, -1, -1):
        column = table[:, j]
        if j < count:
            column[:] = plus(column, table[:, j + 1] + drops[j])
            for k, score in scores.items():
                if j + k > count:
                    break
                after, said = table[1:, j + k], score[:, j]
                column[:-1] = plus(column[:-1], after + said)
                for back_by, cost in enumerate(_AGAIN[:lines], 1):
                    n = lines + 1 - back_by
                    column[back_by:] = plus(column[back_by:], after[:n] + said[:n] + cost)
        # Lines left out from here on: the same sum, seen from the other end.
        column[:] = _skipped(column[::-1], plus)[::-1]
    return table


def _best_path(table: Floats, scores: Scores, drops: Floats) -> list[tuple[int, int, int]]:
    """(line, first piece, number of pieces) of every reading on the best way, in order."""
    i, j = table.shape[0] - 1, table.shape[1] - 1
    path: list[tuple[int, int, int]] = []
    while (i, j) != (0, 0):
        same = partial(_same, float(table[i, j]))
        if i and same(table[i - 1, j] + _SKIP):
            i -= 1
            continue
        if j and same(table[i, j - 1] + drops[j - 1]):
            j -= 1
            continue
        i, j, line, count = _step(table, scores, i, j, same)
        path.append((line, j, count))
    return path[::-1]


def _same(a: float, b: float) -> bool:
    return abs(a - b) < 1e-7


def _step(
    table: Floats, scores: Scores, i: int, j: int, same: Callable[[float], bool]
) -> tuple[int, int, int, int]:
    """The match that led to the state: the state before it, its line, its number of pieces."""
    line = i - 1
    for count, score in scores.items():
        if count > j or line < 0:
            break
        said = score[line, j - count]
        for back_by, cost in enumerate((0.0, *_AGAIN)):
            if line + back_by < len(table) and same(table[line + back_by, j - count] + said + cost):
                return line + back_by, j - count, line, count
    raise AssertionError("the best way has no step before it")


# ---------------------------------------------------------------- the reader


def _learn(
    pieces: Sequence[SoundStretch], weights: Floats, readings: Sequence[LineReading], pace: _Pace
) -> _Pace:
    """The pace and the pauses of this reader, from what seems to have been read."""
    said = [sum(p.stop_s - p.start_s for p in pieces[r.first : r.stop]) for r in readings]
    rates = np.log(np.array(said) / weights[[r.line for r in readings]])
    second = float(np.exp(np.median(rates)))
    spread = float(1.48 * np.median(np.abs(rates - np.median(rates)))) if len(rates) >= 6 else pace.spread
    gaps = _gaps(pieces)
    inner = [gap for r in readings for gap in gaps[r.first : r.stop - 1]]
    between = [gaps[r.stop - 1] for r, after in itertools.pairwise(readings) if after.first == r.stop]
    between_s = float(np.median(between)) if len(between) >= 3 else pace.between_s
    inner_s = float(np.median(inner)) if len(inner) >= 5 else pace.inner_s
    return _Pace(
        min(max(second, 0.03), 0.4), min(max(spread, 0.12), 0.3), min(inner_s, between_s / 1.5), between_s
    )
