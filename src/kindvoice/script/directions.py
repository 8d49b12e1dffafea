"""What looks like a stage direction and would be spoken: "(pause)", "PAUSE 30 SECONDS", "Duration: 10 minutes"."""

from __future__ import annotations

import bisect
import itertools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kindvoice.languages import primary
from kindvoice.model import Cue, Where, Words

_BREATH_S = 5
_OUT = "take it out, or keep it for yourself as {# a comment #}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """Words in a script that are probably meant for whoever reads it aloud."""

    where: Where
    text: str
    """as it stands in the script, without its marks of emphasis"""
    better: str
    """how to write it"""


def find_directions(cues: Iterable[Cue], language: str) -> Iterator[Direction]:
    """What looks like a stage direction among the words of a script, in their order; nothing is changed.

    language: BCP 47; its words and the English ones are looked for. What a participant has written is no direction.
    """
    for is_words, run in itertools.groupby(cues, lambda cue: isinstance(cue, Words) and not cue.own):
        if is_words:
            yield from _in_words([cue for cue in run if isinstance(cue, Words)], language)


_BRACKETED = re.compile(r"[(\[]([^()\[\]]{1,80})[)\]]")
_TIME = r"\d{1,2}:[0-5]\d(?::[0-5]\d)?"
_TIME_CODE = re.compile(
    rf"^[(\[]?(?:{_TIME} ?[-–—] ?{_TIME}|0?0:[0-5]\d(?::[0-5]\d)?)[)\]]?|[(\[]{_TIME}[)\]]"
)
_SHORT = re.compile(r"(?<!\S)/\d{1,3}(?:s|sec|min|m)(?!\w)")
_SINGLE_BRACE = re.compile(r"(?<!\{)\{ ?[A-Za-z_][\w.]{0,40} ?\}(?!\})")
"""what should have been {{ phrase }}"""
_GLUED_HEADING = re.compile(r"^#{1,6}[^\W\d_][^.!?…A-Z]{0,50}$")


def _in_words(run: list[Words], language: str) -> Iterator[Direction]:
    text = " ".join(words.text for words in run)
    starts = list(itertools.accumulate((len(words.text) + 1 for words in run), initial=0))
    for match in _BRACKETED.finditer(text):
        if better := _bracketed(match[1], language):
            at = bisect.bisect_right(starts, match.start()) - 1
            yield Direction(where=run[at].where, text=match[0], better=better)
    for words in run:
        rest = _BRACKETED.sub("", words.text).strip()
        if brace := _SINGLE_BRACE.search(words.text):
            better = f"write {{{brace[0]}}}"
            yield Direction(where=words.where, text=brace[0], better=better)
        if (code := _TIME_CODE.search(words.text)) or (code := _SHORT.search(words.text)):
            yield Direction(where=words.where, text=code[0], better=_time_code(code[0]))
        elif label := _labels(language).match(words.text):
            yield Direction(where=words.where, text=label[0], better=_OUT)
        elif _GLUED_HEADING.match(words.text):
            better = re.sub(r"^(#+)", r"\1 ", words.text)
            yield Direction(where=words.where, text=words.text, better=f"write {better}")
        else:
            for part in _parts(rest):
                if better := _alone(part, language):
                    yield Direction(where=words.where, text=part, better=better)
                    break


_BETWEEN = re.compile(r"(?:\.{2,}|…) ?[^\W\d]{1,20} ?(?:\.{2,}|…)| [-–—] ?[^\W\d]{1,20} ?[-–—] ")


def _parts(sentence: str) -> Iterator[str]:
    """The sentence; what stands between its dots or dashes; and its first words, as a line of their own that had
    no stop may be."""
    yield sentence
    yield from (match[0].strip() for match in _BETWEEN.finditer(sentence))
    words = sentence.split()
    for count in range(min(5, len(words) - 1), 0, -1):
        if words[count][0].isupper() and not words[count].isupper():
            first = " ".join(words[:count])
            if len(first) > 3 and (first.isupper() or any(map(str.isdecimal, first))):
                yield first


def _time_code(text: str) -> str:
    return f"write [pause {text[1:]}]" if text.startswith("/") else _OUT


def _bracketed(inside: str, language: str) -> str:
    """How to write what stands in brackets; empty where it is no direction."""
    if _labels(language).match(f"{inside} "):
        return _OUT
    kinds, all_kinds = _kinds(inside, language)
    length = {"seconds", "minutes"} & all_kinds and len(re.findall(r"\w+", inside)) > 1  # but in "friend(s)"
    return _better(inside, all_kinds, language) if kinds or length else ""


def _alone(text: str, language: str) -> str:
    """The same for a sentence without brackets, which must say it plainly: in capitals, with a length, between
    dots or dashes, or as nothing but "Pause"."""
    bare = text.strip(" .…-–—*_:;!,")
    kinds, all_kinds = _kinds(bare, language)
    if not kinds & {"pause", "silence", "bell", "music"}:
        return ""
    marked = (
        re.match(r"[.…]{2,}|…|[-–—]", text) is not None
        or re.search(r"(?:[.…]{2,}|…|[-–—])$", text) is not None
    )
    timed = bool({"seconds", "minutes"} & all_kinds) and any(map(str.isdecimal, bare))
    plain = bare.isupper() or timed or kinds == {"pause"} or (marked and "silence" not in kinds)
    return _better(bare, all_kinds, language) if plain else ""


def _kinds(text: str, language: str) -> tuple[set[str], set[str]]:
    """What a text that is nothing but a direction is about, and all that is in it; both empty for any other text."""
    known = _vocabulary(primary(language))
    words = re.findall(r"[^\W\d_]+", text.casefold())
    all_kinds = {kind for word in words for kind in known.get(word, ("",))}
    if not words or len(words) > 8 or "" in all_kinds:
        return set(), set()
    return all_kinds - {"small", "seconds", "minutes"}, all_kinds


def _better(text: str, all_kinds: set[str], language: str) -> str:
    if "bell" in all_kinds:
        return "write [bell]"
    if not all_kinds & {"pause", "silence", "seconds", "minutes"} or "music" in all_kinds:
        return _OUT
    known = _vocabulary(primary(language))
    number = re.search(r"(\d+)(?: ?[-–—] ?(\d+))?[ -]*([^\W\d_]*)", text)
    if number is None:
        return "write [pause], or its length as in [pause 8s]"
    kinds = known.get(number[3].casefold(), ())
    each = _BREATH_S if "breathe" in kinds else 1
    length = "-".join(str(int(figure) * each) for figure in number.group(1, 2) if figure)
    return f"write [pause {length}{'m' if 'minutes' in kinds else 's'}]"


# ---------------------------------------------------------------- the words


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


@cache
def _vocabulary(language: str) -> Mapping[str, tuple[str, ...]]:
    """By word, what it may be: pause, silence, bell, music, breathe, manner, seconds, minutes, small."""
    vocabulary: dict[str, tuple[str, ...]] = {}
    for tag in dict.fromkeys((language, "en")):
        for kind, words in _table().get(tag, {}).items():
            for word in words.split() if kind != "labels" else ():
                vocabulary[word] = (*vocabulary.get(word, ()), kind)
    return vocabulary


@cache
def _labels(language: str) -> re.Pattern[str]:
    tags = dict.fromkeys((primary(language), "en"))
    labels = "|".join(_table()[tag]["labels"] for tag in tags if tag in _table())
    return re.compile(rf"(?:{labels}) ?:(?=\s|$).{{0,40}}", re.IGNORECASE)
