"""For whom a line is: for the listener, or for somebody who reads a page, or reads the script to others.

A linear model of words, one for each language (`words/LANG.weights`): every word has a weight by its first letters, in
Japanese and Chinese every sign and every two. The weights are learned from lines of both kinds by `scripts/weigh`. They
know what pages are like, and no more: they leave a line out only at the edges of a text, where others bear them out,
and keep other rules from leaving out what they know to be for the listener.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path

from kindvoice.languages import UNSPACED

_FOLDER = Path(__file__).with_name("words")
_LETTERS = 5
"""of a word: what stays the same in most of its forms"""
_LONGEST = 2_000
"""characters of a line that are looked at"""
_BESIDE = re.compile(
    r"^[\W_]*\d{1,2}[.)、．]|[\[(（【][^\[\]()（）【】]{0,30}[\])）】]|\d{1,2}:\d\d(?::\d\d)?"
)
"""a number at the head, short stretches in brackets, times"""
_WORD = re.compile(r"[^\W\d_]+|\d+")
_SHAPES = {
    name: re.compile(pattern)
    for name, pattern in {
        "#asks": r"[?？]\W*$",
        "#colon": r"[:：]",
        "#semicolon": r"[;；]",
        "#dash": r"[–—]",
        "#quotes": r"[\"“”„«「]",
        "#signs": r"[/&@%€$£|+*©]",
        "#capitals": r"\b[A-ZÀ-ÖØ-Þ]{2,}\b",
        "#name": r"[a-zà-öø-ÿ,] [A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]",
    }.items()
}
"""how a line looks, whatever its words (none of which begins with #); whether it has a stop says nothing in verse"""
_AGAINST = -1.5
_KNOWN = 0.2
"""of the words of a line, how many have a weight where it is in the language"""
BIAS = "-"
"""where a file of weights has what stands for no word"""


def features(line: str) -> set[str]:
    """What a line is weighed by.

    >>> sorted(features("Breathing, 30 times: 呼吸法."))
    ['#colon', '0', 'breat', 'times', '吸', '吸法', '呼', '呼吸', '法']
    """
    line = _BESIDE.sub(" ", line[:_LONGEST])
    found = {name for name, shape in _SHAPES.items() if shape.search(line)}
    for word in _WORD.findall(line.casefold()):
        if word[0] in UNSPACED:
            found |= {*word, *(word[n : n + 2] for n in range(len(word) - 1))}
        else:
            found.add("0" if word[0].isdecimal() else word[:_LETTERS])
    return found


def may_be_for_a_reader(line: str, languages: Collection[str]) -> bool:
    """Whether its words do not speak against its being for somebody else than the listener."""
    return for_a_reader(line, languages) > _AGAINST


def for_a_reader(line: str, languages: Collection[str]) -> float:
    """The log odds that a line is not for the listener; 0 where it is in none of these languages.

    English counts only where it knows the words far better: a chat may answer in it with a text in another language."""
    found = features(line)
    words = {feature for feature in found if feature[0] != "#"}
    known: dict[str, float] = {language: len(words & _weights(language).keys()) for language in languages}
    known |= {"en": known["en"] / 2} if "en" in known and len(known) > 1 else {}
    language = max(known, key=lambda each: known[each], default="")
    return odds(found, _weights(language)) if known and known[language] >= _KNOWN * len(words) else 0.0


def odds(found: AbstractSet[str], weights: Mapping[str, float]) -> float:
    """Of a line's features, by these weights; 0 where none is known."""
    if found.isdisjoint(weights.keys()):
        return 0.0
    return weights[BIAS] + sum(weights.get(feature, 0.0) for feature in found) / math.sqrt(len(found))


@cache
def _weights(language: str) -> Mapping[str, float]:
    """By feature; {} for a language without any."""
    path = _FOLDER / f"{language}.weights"
    return dict(_read(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def _read(text: str) -> Iterator[tuple[str, float]]:
    for line in text.splitlines():
        weight, _, words = line.partition(": ")
        for word in words.split():
            yield word, int(weight) / 10
