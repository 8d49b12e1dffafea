"""Where a caption may break: an utterance to captions of at most two lines that read well.

Every way of cutting an utterance costs something, and the cheapest is taken (the dynamic programming that
Knuth and Plass set paragraphs with). A cut costs little after a stop or a comma, more between two words, and
most after an article, a preposition or a conjunction; where a language's are not known here, after a short word.
Captions of one utterance are to be about equally long, and so are the two lines of a caption; the upper may be
the shorter.
The habits are common subtitling practice (BBC Subtitle Guidelines; Netflix Timed Text Style Guide: 42 characters).
"""

from __future__ import annotations

import itertools
import math
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kindvoice.languages import primary
from kindvoice.publish.captions.plain import columns, plain, wide, words

CAPTION_WIDTH = 42
"""columns of a caption's line, and two lines at most"""
SHORTEST_MS = 1_000
"""no part of an utterance is shown for less, where its words allow"""

_CLOSERS = "\"'”’»«›‹)]」』）】〉》"
_STOPS = ".!?…؟۔।。！？"
_COMMAS = ",;:–—،؛，、；："
_NOT_FIRST = "」』）】〉》。！？、，；：…ー・々ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
"""Far Eastern characters that no line begins with (the core of JIS X 4051's list)"""
_NOT_LAST = "「『（【〈《"
_ABBREVIATION = re.compile(r"\W*(?:[^\W\d_]{1,3}\.)+\W*")

_LEANING = {
    language: frozenset(leaning.split())
    for language, leaning in tomllib.loads(
        Path(__file__).with_name("leaning.toml").read_text(encoding="utf-8")
    ).items()
}
"""what leans on the word after it: articles, prepositions, conjunctions, pronouns; by language"""

# What things cost, in one unit; tried by reading several hundred captions in several languages.
_CUE = 26.0
_AT_STOP, _AT_COMMA, _AT_WORD, _BAD = 0.0, 7.0, 20.0, 90.0
_LONGER = 8.0
_UNEVEN = 25.0
_TOO_SHORT = 120.0
_LINE = 0.8
"""of a line's end, as a part of a caption's"""
_STRADDLING = 10.0
"""a caption that holds a sentence's end and only the beginning of the next one"""


@dataclass(frozen=True, slots=True)
class _Atom:
    """What is never parted."""

    text: str
    space: str
    """between it and the next"""
    cost: float
    """of a break after it"""
    width: int
    time: float
    """how long it takes to say, in letters"""


@dataclass(frozen=True, slots=True)
class CaptionPart:
    """A caption's text and its share of the utterance's time."""

    lines: tuple[str, ...]
    start: float
    """0 to 1"""
    stop: float


@lru_cache(maxsize=2_000)
def break_text(text: str, length_ms: int, language: str = "") -> tuple[CaptionPart, ...]:
    """An utterance's text as captions. Empty when there is nothing to see.

    length_ms: how long it is heard. language: BCP 47.
    """
    atoms = _atoms(text, language=primary(language))
    return tuple(_Cuts(atoms, length_ms).cheapest()) if atoms else ()


def break_lines(text: str, width: int) -> list[str]:
    """Text as full lines of at most `width` columns, as many words in each as it holds."""
    lines: list[list[_Atom]] = []
    room = 0
    for atom in _atoms(text, width):
        if not lines or atom.width > room:
            # A dash or a question mark that would begin the line takes the word before it along.
            taken = [lines[-1].pop()] if lines and len(lines[-1]) > 1 and lines[-1][-1].cost >= _BAD else []
            lines.append(taken)
            room = width - sum(a.width + len(a.space) for a in taken)
        lines[-1].append(atom)
        room -= atom.width + len(atom.space)
    return [_join(line) for line in lines]


class _Cuts:
    """The ways of cutting one utterance."""

    def __init__(self, atoms: list[_Atom], length_ms: int) -> None:
        self._atoms = atoms
        self._at = list(itertools.accumulate((a.width + len(a.space) for a in atoms), initial=0))
        said = list(itertools.accumulate((a.time for a in atoms), initial=0.0))
        self._said = [time / said[-1] for time in said]
        self._ends = list(itertools.accumulate((a.cost == _AT_STOP for a in atoms), initial=0))
        self._length_ms = length_ms

    def cheapest(self) -> list[CaptionPart]:
        best: list[tuple[float, int, int]] = [(0.0, 0, 0)]
        for stop in range(1, len(self._atoms) + 1):
            cheapest = (math.inf, 0, 0)
            for start in range(stop - 1, -1, -1):
                shape = self._shape(start, stop)
                if shape is None:
                    break
                cost, middle = shape
                cheapest = min(cheapest, (best[start][0] + cost, start, middle))
            best.append(cheapest)
        parts: list[CaptionPart] = []
        stop = len(self._atoms)
        while stop:
            _, start, middle = best[stop]
            lines = [(start, middle), (middle, stop)] if middle else [(start, stop)]
            texts = tuple(_join(self._atoms[a:b]) for a, b in lines)
            parts.append(CaptionPart(lines=texts, start=self._said[start], stop=self._said[stop]))
            stop = start
        return parts[::-1]

    def _shape(self, start: int, stop: int) -> tuple[float, int] | None:
        """What atoms[start:stop] cost as one caption, and where its second line begins (0: it has one).

        None when they do not fit in two lines.
        """
        width = self._width(start, stop)
        split = (0.0, 0) if width <= CAPTION_WIDTH else self._two_lines(start, stop)
        if split is None:
            return None
        cost, middle = split
        ms = self._length_ms * (self._said[stop] - self._said[start])
        cost += _CUE + _LONGER * (width / CAPTION_WIDTH) ** 2 + _TOO_SHORT * max(0.0, 1 - ms / SHORTEST_MS)
        last = self._atoms[stop - 1]  # the very last costs nothing
        if last.cost > _AT_STOP and self._ends[stop] > self._ends[start]:
            cost += _STRADDLING
        return cost + last.cost, middle

    def _two_lines(self, start: int, stop: int) -> tuple[float, int] | None:
        best: tuple[float, int] | None = None
        for middle in range(start + 1, stop):
            upper, lower = self._width(start, middle), self._width(middle, stop)
            if upper > CAPTION_WIDTH:
                break
            if lower <= CAPTION_WIDTH:
                uneven = (upper - lower) / CAPTION_WIDTH
                cost = (
                    self._atoms[middle - 1].cost * _LINE + _UNEVEN * uneven**2 + (1.0 if uneven > 0 else 0.0)
                )
                best = min(best or (cost, middle), (cost, middle))
        return best

    def _width(self, start: int, stop: int) -> int:
        return self._at[stop] - self._at[start] - len(self._atoms[stop - 1].space)


def _join(atoms: list[_Atom]) -> str:
    return "".join(atom.text + atom.space for atom in atoms[:-1]) + atoms[-1].text


# ---------------------------------------------------------------- atoms and what a break after them costs


def _atoms(text: str, width: int = CAPTION_WIDTH, language: str = "") -> list[_Atom]:
    """width: columns, and no atom is wider."""
    pieces: list[tuple[str, str]] = []
    for word in words(plain(text)):
        parts = [part for run in _runs(word) for part in _cut(run, width)]
        pieces += [(part, "") for part in parts[:-1]] + [(parts[-1], " ")]
    return [
        _Atom(
            text=piece,
            space=space,
            cost=_cost(piece, pieces[i + 1][0], space, language) if i + 1 < len(pieces) else 0.0,
            width=columns(piece),
            time=_time(piece),
        )
        for i, (piece, space) in enumerate(pieces)
    ]


def _runs(word: str) -> list[str]:
    """A word, cut where Far Eastern text may break."""
    cuts = [0]
    for i in range(1, len(word)):
        before, after = word[i - 1], word[i]
        if wide(before) and wide(after) and after not in _NOT_FIRST and before not in _NOT_LAST:
            cuts.append(i)
    if len(cuts) == 1:
        return [word]
    clusters = {at for at, _ in _clusters(word)}
    cuts = [at for at in cuts if at in clusters]
    return [word[a:b] for a, b in itertools.pairwise([*cuts, len(word)])]


def _cut(word: str, width: int) -> list[str]:
    """A word that is wider than a line in pieces that are not. Letters stay with their marks, and where a word has
    nothing but letters they part with a hyphen."""
    if columns(word) <= width:
        return [word]
    clusters = [cluster for _, cluster in _clusters(word)]
    letters = [*map(_is_letter, clusters)]
    inside = (
        letters[letters.index(True) : len(letters) - letters[::-1].index(True)] if any(letters) else [False]
    )
    hyphen, pieces = "-" if all(inside) else "", []
    while clusters:
        ends = itertools.accumulate(map(columns, clusters))
        count = max(sum(1 for _ in itertools.takewhile(lambda end: end <= width, ends)), 1)
        parts = hyphen and 1 < count < len(clusters) and all(map(_is_letter, clusters[count - 1 : count + 1]))
        count = _syllable(clusters, count - 1) if parts else count
        pieces.append("".join(clusters[:count]) + (hyphen if parts else ""))
        clusters = clusters[count:]
    return pieces


_VOWELS = frozenset("aeiouyäöüåæøéèêëáàâãąęíìîïıóòôõúùûœ")


def _syllable(clusters: list[str], most: int) -> int:
    """How many letters at most a word's first part has. The next begins with a consonant before a vowel, as nearly
    every syllable does in our languages: dictionaries weigh six megabytes, for words of 43 letters and more."""
    for at in range(most, most // 2, -1):
        before, after = clusters[at][:1].casefold(), "".join(clusters[at + 1 : at + 2])[:1].casefold()
        if before not in _VOWELS and after in _VOWELS and not wide(before):
            return at
    return most


def _is_letter(cluster: str) -> bool:
    return cluster[:1].isalpha() and not wide(cluster[:1])


def _clusters(word: str) -> list[tuple[int, str]]:
    """Letters with the marks that belong to them, and where they begin: grapheme clusters, nearly (UAX #29)."""
    clusters: list[tuple[int, str]] = []
    for i, character in enumerate(word):
        joined = (
            unicodedata.category(character) in {"Mn", "Me", "Mc", "Cf"}
            or "\U0001f3fb" <= character <= "\U0001f3ff"
            or (i > 0 and word[i - 1] == "\u200d")
        )
        if clusters and joined:
            clusters[-1] = (clusters[-1][0], clusters[-1][1] + character)
        else:
            clusters.append((i, character))
    return clusters


@lru_cache(maxsize=4096)
def _cost(before: str, after: str, space: str, language: str) -> float:
    """Of a break between two neighbours."""
    if not any(map(_sounds, after)) and not _opens(after):
        return _BAD  # a lone dash, question mark or closing quote never begins a line
    if not any(map(_sounds, before)) and _opens(before):
        return _BAD
    bare = before.rstrip(_CLOSERS)
    end = bare[-1:]
    if not space:
        # within Far Eastern text, or within a word that is wider than a line
        return _AT_STOP if end and end in _STOPS else _AT_COMMA if end and end in _COMMAS else _AT_WORD
    if end and end in _STOPS:
        if after[:1].islower() or _ABBREVIATION.fullmatch(before):
            return _AT_WORD + 20.0
        return _AT_STOP
    if end and end in _COMMAS:
        return _AT_COMMA
    if after[0] in "([„“‘«¿¡":
        return _AT_COMMA + 4.0
    # An article or a preposition stays with what it belongs to, and may well begin a line.
    lean = _LEANING.get(language)
    if lean is None:
        short = {1: 24.0, 2: 20.0, 3: 15.0, 4: 9.0}.get(len(before.strip(_CLOSERS)), 0.0)
        return _AT_WORD + short - (6.0 if len(after) <= 4 else 0.0)
    return _AT_WORD + (28.0 if before.lower() in lean else 0.0) - (8.0 if after.lower() in lean else 0.0)


def _sounds(character: str) -> bool:
    return unicodedata.category(character)[0] not in "PZC"


def _opens(token: str) -> bool:
    return all(unicodedata.category(c) in {"Ps", "Pi"} or c in "¿¡" for c in token)


def _time(piece: str) -> float:
    """How long a piece takes to say, in letters: figures are whole words, stops and commas are silences.

    The silence after a piece is counted with it, so that what comes next is shown when it is heard.
    """
    total = sum(
        5.0 if c.isdecimal() else 2.0 if wide(c) else 1.0
        for c in piece
        if unicodedata.category(c)[0] in "LNS"
    )
    end = piece.rstrip(_CLOSERS)[-1:]
    return total + 1.0 + (6.0 if end and end in _STOPS else 4.0 if end and end in _COMMAS else 0.0)
