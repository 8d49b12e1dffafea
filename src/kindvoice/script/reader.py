"""Which lines speak to whoever reads a script aloud, and not to the listener, by where and in what shape they stand."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from kindvoice.languages import count_words
from kindvoice.script.directions import Vocabulary, is_direction, tells_how_to_read
from kindvoice.script.markdown import Block
from kindvoice.script.titles import STOPPED

_MOST_MANNER = 7
"""words that say how the script is to be read, at the head of a line that says more of it"""
_BRACKETS = re.compile(r"[\[(（【〔][^\[\]()（）【】]*[\])）】〕]")
_FACT = re.compile(r"(?P<label>[^\W\d_][^\n:：.!?…]{0,40}) ?[:：] ?(?P<value>\S.{0,100})")
_STOPPED = re.compile(r"[.!?…。！？]\W*$")
_LABEL_WORDS = 4
_VALUE_WORDS = 10
_TITLE_WORDS, _LINE_WORDS = 10, 16
_STOPPED_SHARE = 0.66
_FEW = 3
"""lines of facts that need no label that is known"""
_GLUED = re.compile(r"\s*([^\W\d_]{4,20}?)(?=[A-ZÀ-ÞŁŚŻĞİŞ][a-zà-ÿ])")
_BOLD = re.compile(
    r"^\W*\*\*(?P<name>[^*\n:：]{1,40})(?:[:：]\*\*|\*\* ?[:：])[ \t]*(?P<said>\S.*)$", re.MULTILINE
)
_LEAST_SAID = 3
"""words of a sentence behind a label"""


def is_for_reader(line: str, words: Vocabulary) -> bool:
    """Whether a line above the first that is spoken is for whoever reads: "Read this slowly and wait where ..." """
    heads = (line[: match.end()] for match in itertools.islice(re.finditer(r"\w+", line), 1, _MOST_MANNER))
    frame = words.frame
    label = frame["speaker"].match(line)
    to_do = label is not None and line[label.end() :][:1].islower()  # Teacher: dim the lights
    said = frame["reader"].search(line) or frame["told"].fullmatch(line)
    return to_do or said is not None or any(tells_how_to_read(head, words) for head in heads)


def facts(
    spoken: Sequence[int], blocks: Sequence[Block], texts: Sequence[str], words: Vocabulary
) -> list[int]:
    """Which of the first paragraphs tell of the script, where the paragraphs of the text have stops: lines without one
    that have a label, a figure, or a word such as "meditation". spoken: indices of blocks and of their texts."""
    found: list[int] = []
    labels = known = 0
    for i in spoken:
        if "[" in texts[i]:
            break  # perhaps a cue
        lines = [_BRACKETS.sub("", line).strip("*_ ") for line in texts[i].split("\n")]
        facts = [fact for line in lines if (fact := _FACT.fullmatch(line)) and _is_fact(fact, words)]
        if len(facts) < len(lines) and (blocks[i].apart or not _tell(lines, words)):
            break
        found.append(i)
        labels += len(facts)
        known += sum(words.frame["label"].match(fact[0]) is not None for fact in facts)
    after = [texts[i] for i in spoken[len(found) :]]
    stopped = sum(STOPPED.search(text[-20:]) is not None for text in after)
    if not stopped or stopped < _STOPPED_SHARE * len(after):
        return []
    if labels and not (known or labels >= _FEW):  # a single "Place: at home" may be a line like any other
        return [i for i in found if not _FACT.match(texts[i])]
    return found


def _tell(lines: Sequence[str], words: Vocabulary) -> bool:
    """Whether lines of one paragraph are all without a stop, and the first of them, or each, is about the script."""
    title = _tells(lines[0], words) and words.frame["wish"].match(lines[0]) is None
    return title and all(_tells(line, words) or not _STOPPED.search(line) for line in lines[1:])


def _tells(line: str, words: Vocabulary) -> bool:
    """Whether a line without a stop is one about the script, or its title."""
    frame = words.frame
    about = frame["heads"].fullmatch(line) or frame["label"].match(line) or frame["furniture"].fullmatch(line)
    return (
        0 < count_words(line) <= _LINE_WORDS
        and not _STOPPED.search(line)
        and bool(
            about
            or frame["reader"].search(line)
            or (
                re.search(r"\d", line)
                and count_words(line) <= _TITLE_WORDS
                and not line[0].islower()
                and not frame["nobody"].match(line)
                and not frame["wish"].match(line)
                and not is_direction(line, words)
            )
        )
    )


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


def is_salutation(line: str) -> bool:
    """Whether it may be what a letter begins with."""
    return line.endswith((",", "，", "、")) and count_words(line) <= _LABEL_WORDS and "\n" not in line


def without_salutation(text: str) -> str:
    first, below, rest = text.partition("\n")
    return rest if below and is_salutation(first) else text


def is_signature(text: str) -> bool:
    """Whether a last paragraph is how a letter ends: a greeting with a comma, and below it a name."""
    greeting, _, name = text.partition("\n")
    parts = name.split()
    return (
        greeting.endswith((",", "，", "、"))
        and count_words(greeting) <= _FEW
        and 0 < len(parts) <= _FEW
        and all(part[0].isupper() for part in parts)
        and not _STOPPED.search(name)
    )


def glued_heading(text: str, words: Vocabulary) -> re.Match[str] | None:
    """The heading of a script that a conversion has left without a space before its first word: "TranscriptWelcome"."""
    glued = _GLUED.match(text)
    return glued if glued and words.frame["script"].fullmatch(glued[1]) else None


def bold_labels(text: str, words: Vocabulary) -> set[str]:
    """What stands in bold with a colon before a whole sentence: two at least, **Feet:** Feel your feet., or one of who
    speaks again and again: **Calm voice:** Welcome."""
    heads = list(_BOLD.finditer(text))
    many = len(heads) >= _FEW
    names = {
        match["name"].strip().casefold()
        for match in heads
        if count_words(match["said"]) >= _LEAST_SAID
        and not match["said"][0].islower()
        and not any(words.frame[name].match(f"{match['name']}:") for name in ("label", "aside"))
        and _STOPPED.search(match["said"])
        and (many or words.frame["nobody"].match(match["name"].strip()) is None)
        and not all(word in words.kinds for word in match["name"].casefold().split())
    }
    again = {
        name for name in names if sum(match["name"].strip().casefold() == name for match in heads) >= _FEW
    }
    return names if len(names) > 1 else again
