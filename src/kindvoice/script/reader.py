"""Which lines speak to whoever reads a script aloud, and not to the listener, by where and in what shape they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kindvoice.languages import count_words
from kindvoice.script.directions import TO_THE_READER, Vocabulary, is_direction, read_direction

_CLAUSE = re.compile(r"[^\n.,;:!?–—()。，、；：！？]{3,80}(?=[.,;:!–—(。，、；：！])")
_FACT = re.compile(r"(?P<label>[^\W\d_][^\n:：.!?…]{0,40}) ?[:：] ?(?P<value>\S.{0,100})")
_STOPPED = re.compile(r"[.!?…。！？]\W*$")
_LABEL_WORDS = 4
_VALUE_WORDS = 10
_FEW = 3
"""lines of facts that need no label that is known"""
_GLUED = re.compile(r"\s*([^\W\d_]{4,20}?)(?=[A-ZÀ-ÞŁŚŻĞİŞ][a-zà-ÿ])")
_BOLD = re.compile(
    r"^\W*\*\*(?P<name>[^*\n:：]{1,40})(?:[:：]\*\*|\*\* ?[:：])[ \t]*(?P<said>\S.*)$", re.MULTILINE
)
_LEAST_SAID = 3
"""words of a sentence behind a label"""


def begins_with_manner(line: str, words: Vocabulary) -> bool:
    """Whether the first clause of a line says how to read the script, and nothing else: "Read slowly, and ..." """
    clause = _CLAUSE.match(line)
    if clause is None:
        return False
    direction = read_direction(clause[0], words)
    return direction is not None and direction.reason == TO_THE_READER


def facts(spoken: Sequence[int], texts: Sequence[str], words: Vocabulary) -> list[int]:
    """Which of the first paragraphs are lines such as "Level: easy" below one another, one of them with a label that is
    known, where the paragraphs of the text have stops. spoken: indices of texts."""
    found: list[int] = []
    labels = known = 0
    for i in spoken:
        lines = [_FACT.fullmatch(line.strip("*_ ")) for line in texts[i].split("\n")]
        sure = [fact for fact in lines if fact and _is_fact(fact, words)]
        if len(sure) < len(lines):
            break
        found.append(i)
        labels += len(lines)
        known += sum(words.frame["label"].match(fact[0]) is not None for fact in sure)
    after = [texts[i] for i in spoken[len(found) :]]
    stopped = sum(_STOPPED.search(text[-20:]) is not None for text in after)
    sure_of_all = labels > 1 and (known or labels >= _FEW) and stopped > len(after) / 2
    return found if sure_of_all else []


def _is_fact(fact: re.Match[str], words: Vocabulary) -> bool:
    label, value = fact["label"], fact["value"].strip("*_ ")
    return (
        count_words(label) <= _LABEL_WORDS
        and count_words(value) <= _VALUE_WORDS
        and not _STOPPED.search(value)
        and words.frame["nobody"].match(label) is None
        and words.frame["wish"].match(value) is None
        and not is_direction(label, words)
    )


def glued_heading(text: str, words: Vocabulary) -> re.Match[str] | None:
    """The heading of a script that a conversion has left without a space before its first word: "TranscriptWelcome"."""
    glued = _GLUED.match(text)
    return glued if glued and words.frame["script"].fullmatch(glued[1]) else None


def bold_labels(text: str, words: Vocabulary) -> set[str]:
    """What stands in bold with a colon before a whole sentence, two at least: **Feet:** Feel your feet."""
    names = {
        match["name"].strip().casefold()
        for match in _BOLD.finditer(text)
        if count_words(match["said"]) >= _LEAST_SAID
        and not match["said"][0].islower()
        and _STOPPED.search(match["said"])
        and words.frame["nobody"].match(match["name"].strip()) is None
        and not all(word in words.kinds for word in match["name"].casefold().split())
    }
    return names if len(names) > 1 else set()
