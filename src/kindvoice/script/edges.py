"""Where a script begins and ends in a text, by what its first and last lines are to whoever reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kindvoice.languages import count_words
from kindvoice.script.addressee import for_a_reader
from kindvoice.script.directions import Vocabulary
from kindvoice.script.units import NUMBER, SIGNS, Unit

HEAD = 0.4
"""of the words, where what stands above a script may end"""
_SURE, _READER, _LISTENER = 2.0, 1.0, -4.0
"""log odds that a line is not for the listener: the most that one counts, of one that shows it, and of lines that show
the contrary"""
_LEAST_UNITS, _LEAST_SAID = 4, 40
"""paragraphs and words of a script whose edges are looked at by their words"""
_LEAST_SENTENCE = 4
"""words of a line that says by itself that others before it are not for the listener either"""


def _odds(unit: Unit, words: Vocabulary) -> float:
    label = words.frame["speaker"].match(unit.text)
    return for_a_reader(unit.text[label.end() if label else 0 :], words.languages)


@dataclass(frozen=True, slots=True)
class Edges:
    """The units of a text, and how much of it has been said when each is over.

    titles: of the headings, by block. stands_out: tells whether lines without a stop stand out.
    """

    units: Sequence[Unit]
    share: Sequence[float]
    titles: Mapping[int, str]
    words: Vocabulary
    stands_out: Callable[[], bool]

    def script(self, start: int) -> tuple[int, int]:
        """The script's first unit, and the one below its last. start: where it begins at the earliest."""
        units = self.units
        begin = max(start, self._below_a_heading(start))
        first = begin + self._edge(range(begin, len(units)))
        last = len(units) - self._edge(range(len(units) - 1, first, -1))
        return (first, last) if self._is_enough(first, last) else (start, len(units))

    def of_a_page(self, start: int, end: int) -> Sequence[Unit]:
        """What a page has between these: heads and feet that were copied with the text."""
        page = [unit for unit in self.units[start:end] if unit.of_a_page and not unit.own]
        sure = [unit for unit in page if _odds(unit, self.words) > _SURE]
        return sure if sure and self._is_enough(start, end) else []

    def _is_enough(self, first: int, last: int) -> bool:
        said = [count_words(unit.text) for unit in self.units[first:last] if not (unit.cue or unit.bare)]
        return len(said) >= _LEAST_UNITS and sum(said) >= _LEAST_SAID

    def _below_a_heading(self, start: int) -> int:
        """Below the last heading or line such as "The exercise" that has nothing above it that is for the listener."""
        units = self.units
        begins = self.words.frame["begins"]

        def is_one(text: str) -> bool:
            return begins.fullmatch(SIGNS.sub("", text).rstrip(":： ")) is not None

        below = {n + 1 for n, unit in enumerate(units) if unit.bare and is_one(unit.text)}
        blocks = [block for block, title in self.titles.items() if is_one(title)]
        below |= {next((n for n, unit in enumerate(units) if unit.block > block), 0) for block in blocks}
        last, odds, most = start, 0.0, 0
        for n, unit in enumerate(units[: max(below, default=0)]):
            if self.share[n] > HEAD or unit.cue or unit.own:
                break
            if not unit.bare:
                odds += max(-_SURE, min(_SURE, _odds(unit, self.words)))
                most += 1
            if n + 1 in below and start <= n and odds >= -_SURE / 2 * most:
                last = n + 1
        return last

    def _edge(self, indices: range) -> int:
        """How many of these units, from the first, are for somebody else: those up to the last that shows it, as long
        as they show it together."""
        count, odds = 0, 0.0
        for n, index in enumerate(indices, 1):
            unit = self.units[index]
            share = self.share[index] if indices.step > 0 else 1 - self.share[index]
            if unit.own or share > HEAD or odds < _LISTENER or self.words.frame["wish"].match(unit.text):
                break
            if unit.cue:
                continue
            its = _odds(unit, self.words)
            odds += min(its, _SURE) if its > 0 else 2 * its
            if its > _READER and (
                self._leads(indices[count:n]) or (odds > 0 and (n == count + 1 or _is_sentence(unit)))
            ):
                count, odds = n, 0.0
        if count and indices.step < 0 and self._is_heading(indices[count:]):
            count += 1
        return count

    def _leads(self, indices: range) -> bool:
        """Whether the last of these, which is the highest, leads to a list of all others."""
        lead = self.units[indices[-1]]
        leads = indices.step < 0 and (lead.bare or lead.text.endswith((":", "：")))
        listed = (self.units[index] for index in indices[:-1])
        return leads and all(unit.apart or NUMBER.match(unit.text) for unit in listed)

    def _is_heading(self, indices: range) -> bool:
        """Whether the first of these may be the heading of the lines below it, which are for somebody else."""
        if not indices:
            return False
        unit = self.units[indices[0]]
        return unit.bare and not unit.own and self.stands_out() and _odds(unit, self.words) > 0


def _is_sentence(unit: Unit) -> bool:
    return not unit.bare and count_words(unit.text) >= _LEAST_SENTENCE
