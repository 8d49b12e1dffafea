"""What stands in brackets, or alone on a line, in any language: a pause, a bell, or words about the speaking."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from kindvoice.languages import UNSPACED, primary
from kindvoice.model import Bell, Cue, Pause, Where, Words
from kindvoice.script.sentences import split_sentences

_BREATH_MS = 5_000
_UNITS = {"seconds": "s", "minutes": "m", "hours": "h", "breath": "b"}
_UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "b": _BREATH_MS}
_LONGEST_WORD = 12
_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
"""figures, letters and marks as wide as a letter of Chinese"""
_HALVES = {"½": "0.5", "¼": "0.25", "¾": "0.75"}
_MOST_WORDS = 12
_WORDS = Path(__file__).with_name("words")
LANGUAGES = tuple(sorted(path.stem for path in _WORDS.glob("*.toml")))
MAX_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """What somebody wrote for whoever reads it aloud."""

    cue: Cue | None = None
    """what is heard instead; None: nothing"""
    reason: str = ""
    """why nothing is, as a note says it"""
    kinds: frozenset[str] = frozenset()
    """what it speaks of, by the entries of the words; `timed` where it has a length in figures or words"""


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The words of some languages."""

    languages: tuple[str, ...]
    kinds: Mapping[str, frozenset[str]]
    numbers: Mapping[str, str]
    frame: Mapping[str, re.Pattern[str]]
    """what stands around a script, by the entries below [frame]"""
    heard: Mapping[str, str]
    """words of who hears a part, by the entries below [heard], and what each of them says"""
    audiences: Mapping[str, str]
    """by what people call them, without the words of [heard]"""
    after: bool
    """whether the words of [heard] may stand behind what they are about"""
    nouns: bool
    """whether nouns are written with a capital"""
    chapters: Mapping[str, str]
    """titles of chapters that many recordings begin or end with, and which of them it is"""

    def chapter(self, title: str) -> str:
        """What two titles of the same chapter have in common."""
        plain = " ".join(title.casefold().split())
        return self.chapters.get(plain, plain)


@lru_cache(maxsize=256)
def vocabulary(language: str, *others: str) -> Vocabulary:
    """language: BCP 47. The words of English are known everywhere."""
    return _vocabulary(tuple(sorted({"en", *map(primary, (language, *others))} & set(LANGUAGES))))


TO_THE_READER = "a note to the reader"
_AGAIN = "a repetition"
_SAID_HOW = r"(?: \([^()\n]{1,80}\))?"
_COLON = r" ?(?::(?=\W|$)|：)"
_AFTER = {"aside": _COLON}
"""what follows an entry of the frame where it stands"""


@cache
def _vocabulary(tags: tuple[str, ...]) -> Vocabulary:
    kinds: dict[str, set[str]] = {}
    numbers: dict[str, str] = {}
    frames: dict[str, list[str]] = {}
    heard: dict[str, str] = {}
    names: list[tuple[str, str]] = []
    chapters: dict[str, str] = {}
    after = False
    for tag in tags:
        table = tomllib.loads((_WORDS / f"{tag}.toml").read_text(encoding="utf-8"))
        for kind, entry in table.items():
            for word in entry.split() if isinstance(entry, str) else ():
                kinds.setdefault(word, set()).add(kind)
        for number, words in table["numbers"].items():
            numbers |= dict.fromkeys(words.split(), number)
        for name, pattern in table["frame"].items():
            if name != "person" or tag != "en" or len(tags) == 1:  # "i" is a word of several languages
                frames.setdefault(name, []).append(pattern)
        after |= table["heard"].pop("after", False)
        for role, entry in table["heard"].items():
            heard |= dict.fromkeys(entry.split(), role)
        for role, entry in table["chapters"].items():
            chapters |= dict.fromkeys(entry.split(", "), role)
        names += [(name, of) for of, entry in table["audiences"].items() for name in entry.split(", ")]
    frames["speaker"] = [f"(?:{'|'.join(frames['speakers'])})(?: \\d)?{_SAID_HOW} ?[:：] *(?=\\S|$)"]
    frames["told"] = [f"(?:\\w+['’]? ?)?(?:{'|'.join(frames['speakers'])}) [^\\n:.!?]{{2,30}}[:：]"]
    frames["label"] = [f"(?:{'|'.join(frames['labels'])}){_SAID_HOW}{_COLON}"]
    return Vocabulary(
        languages=tags,
        kinds={word: frozenset(of) for word, of in kinds.items()},
        numbers=numbers,
        frame={
            name: re.compile(f"(?:{'|'.join(several)})" + _AFTER.get(name, ""), re.IGNORECASE)
            for name, several in frames.items()
        },
        heard=heard,
        audiences={" ".join(word for word in name.split() if word not in heard): of for name, of in names},
        after=after,
        nouns="de" in tags,
        chapters=chapters,
    )


# ---------------------------------------------------------------- a text that is nothing but a direction

_CLOCK = r"\d{1,3}:[0-5]\d(?::[0-5]\d)?"
_TOKEN = re.compile(
    rf"{_CLOCK}(?!\w)|\d{{1,9}}(?:[.,]\d{{1,2}}(?!\d))?|[½¼¾]|[^\W\d_]+(?:-[^\W\d_]+)?|[×–—−-]|[.…]{{2,}}|…"
)
_N = r"\d+(?:\.\d+)?"
_LENGTH = re.compile(
    rf"(?<!\S)({_N})(?: (0\.\d+))?(?:(?: ([smhb]))? - ({_N})(?: (0\.\d+))?)?(?: -)? ([smhb])(?!\S)"
)
_UNIT = re.compile(r"(?<!\S)[smhb](?!\S)")
_BARE = re.compile(rf"(?<!\S)({_N})(?: - ({_N}))?(?!\S)")


@lru_cache(maxsize=1024)
def read_direction(text: str, words: Vocabulary, *, loose: bool = False) -> Direction | None:
    """A text that holds nothing but the words of directions and figures; None for any other.

    loose: whether words that are not known may stand in it, as they do in square brackets. Raises ValueError with what
    is wrong and the cure where a pause or a bell has a length or a count that cannot be.
    """
    if len(text) > 300:
        return None
    plain, kinds, strange = _plain(text, words, loose=loose)
    lengths = _LENGTH.findall(plain)
    numbers = _BARE.findall(_LENGTH.sub(" ", plain))
    found = frozenset(kinds | ({"timed"} if lengths else set()))
    if strange and not (loose and (not numbers or lengths)):
        return None
    if {"read", "manner"} <= kinds:
        return Direction(reason=TO_THE_READER, kinds=found)
    if "music" in kinds or ("fade" in kinds and not kinds & {"pause", "silence", "bell"}):
        return Direction(reason="music or a sound effect", kinds=found)
    if "bell" in kinds:
        return _bell(numbers, kinds, found) if not lengths else None
    rests = kinds & {"pause", "silence"} or "wait" in kinds
    if rests or (lengths and not kinds & {"breathe", "manner"}):
        return _pause(plain, lengths, numbers, found)
    if kinds & {"breathe", "breath", "manner"}:
        return Direction(reason="a direction", kinds=found)
    if "repeat" in kinds or ("times" in kinds and numbers):
        return Direction(reason=_AGAIN, kinds=found)
    return None


def is_direction(text: str, words: Vocabulary) -> bool:
    """Whether it is one, even with a length that cannot be."""
    try:
        return read_direction(text, words) is not None
    except ValueError:
        return True


def is_breath(text: str, words: Vocabulary) -> bool:
    """Whether it names the breath and asks for nothing."""
    _, found, strange = _plain(text, words, loose=False)
    return not strange and "breath" in found and found <= {"breath", "small"}


def tells_how_to_read(text: str, words: Vocabulary, *, loose: bool = False) -> bool:
    """Whether it says that and nothing else. loose: whether a sentence of it speaks of reading a text, and how."""
    if loose:
        kinds = (_plain(sentence, words, loose=True)[1] for sentence in split_sentences(text))
        return any({"read", "beside"} <= each and each & {"manner", "pause", "silence"} for each in kinds)
    _, found, strange = _plain(text, words, loose=False)
    return not strange and {"read", "manner"} <= found


def _plain(text: str, words: Vocabulary, *, loose: bool) -> tuple[str, set[str], bool]:
    """The text as figures and the first letters of units; what its words are about; and whether one is not known, after
    which, unless loose, nothing is read."""
    parts: list[str] = []
    kinds: set[str] = set()
    strange = count = 0
    for token in _tokens(text.translate(_WIDE).casefold(), words):
        of = words.kinds.get(token, frozenset())
        unit = next((letter for kind, letter in _UNITS.items() if kind in of), "")
        if ":" in token:
            seconds = 0
            for figure in token.split(":"):
                seconds = seconds * 60 + int(figure)
            parts.append(f"{seconds} s")
        elif token[0].isdecimal():
            parts.append(token.replace(",", "."))
        elif token in _HALVES or "half" in of:
            parts.append(_HALVES.get(token, "0.5"))
        elif token in words.numbers and not (unit and parts and parts[-1][-1].isdecimal()):
            parts.append(words.numbers[token])
        elif token in "-–—−" or "to" in of:
            parts.append("-")
        elif token[0] not in ".…":
            count += 1
            strange += not of
            if strange and not loose:
                break
            parts += [unit] if unit else []
        kinds |= of
    strange = bool(strange) or count > _MOST_WORDS or ("beside" in kinds and "read" not in kinds)
    return " ".join(parts), kinds, strange


def _tokens(text: str, words: Vocabulary) -> Iterator[str]:
    for match in _TOKEN.finditer(text):
        token = match[0]
        if "-" in token[1:] and token not in words.numbers:
            first, _, second = token.partition("-")
            yield from (first, second)
        elif token[0] in UNSPACED:
            yield from _cut(token, words)
        else:
            yield token


def _cut(run: str, words: Vocabulary) -> Iterator[str]:
    """Letters of a language that has no spaces, at the longest words that are known; the rest letter by letter.

    >>> list(_cut("三回静かに鐘を", vocabulary("ja")))
    ['三', '回', '静かに', '鐘', 'を']
    """
    at = 0
    while at < len(run):
        known = (run[at : at + size] for size in range(min(_LONGEST_WORD, len(run) - at), 1, -1))
        word = next((word for word in known if word in words.kinds or word in words.numbers), run[at])
        yield word
        at += len(word)


def _bell(numbers: list[tuple[str, str]], kinds: set[str], found: frozenset[str]) -> Direction | None:
    tones = kinds & {"low", "high"}
    if len(numbers) > 1 or len(tones) > 1 or any(high or "." in low for low, high in numbers):
        return None
    count = int(numbers[0][0]) if numbers else 1
    if not 1 <= count <= 108:
        raise ValueError(f": a bell rings 1 to 108 times, not {count}", "")
    return Direction(cue=Bell(sound=next(iter(tones), "middle"), count=count), kinds=found)


def _pause(
    plain: str, lengths: list[tuple[str, ...]], numbers: list[tuple[str, str]], found: frozenset[str]
) -> Direction | None:
    units = [length[-1] for length in lengths]
    if units != sorted(set(units), key="hmsb".index) or (lengths and _UNIT.search(_LENGTH.sub(" ", plain))):
        return None  # "5s 2m" is more likely a slip than a length
    if lengths and not numbers:
        ends = [_ends(*length) for length in lengths]
        low, high = sum(low for low, _ in ends), sum(high for _, high in ends)
    elif not lengths and len(numbers) == 1:
        low, high = (round(float(figure or numbers[0][0]) * 1_000) for figure in numbers[0])
    elif lengths or numbers:
        return None
    elif unit := _UNIT.search(plain):
        low = high = _UNIT_MS[unit[0]]
        found = found | {"timed"}
    else:
        size = next((size for size in ("short", "long") if size in found), "medium")
        return Direction(cue=Pause(size=size), kinds=found)
    if high > MAX_MS:
        raise ValueError(" has no length that can be used", "such as 8s, 1m30s or 2m")
    if high < low:
        raise ValueError(" runs backwards", "write the shorter length first")
    if low == high:
        return Direction(cue=Pause(natural_ms=low), kinds=found)
    return Direction(cue=Pause(natural_ms=(low + high) // 2, min_ms=low, max_ms=high), kinds=found)


def _ends(low: str, part: str, low_unit: str, high: str, high_part: str, unit: str) -> tuple[int, int]:
    """The shortest and the longest that a length says, in ms."""
    least = (float(low) + float(part or 0)) * _UNIT_MS[low_unit or unit]
    most = (float(high) + float(high_part or 0)) * _UNIT_MS[unit] if high else least
    return round(least), round(most)


_STEP = re.compile(r"\d{1,2}[.)] ")
"""of a numbered list: what it says is done by the listener"""
_EDGES = " .…-–—*_:;!,~=/"


def read_alone(
    text: str, words: Vocabulary, *, emphasised: bool = False, whole: bool = False
) -> Direction | None:
    """The same for a line, or a stretch between stars, without brackets, which must say it plainly: in capitals, with a
    length in figures, between dots or dashes, or as nothing but "Pause".

    emphasised: whether it stands between stars; whole: and is all of its line.
    """
    bare = text.strip(_EDGES)
    if len(bare) > 80:
        return None
    try:
        direction = read_direction(bare, words)
    except ValueError:
        return None
    if direction is None or direction.reason == TO_THE_READER:
        return direction
    kinds = direction.kinds
    if "wait" in kinds and any(map(str.isdecimal, bare)) and text[-1] not in ".!。！":
        return direction
    if direction.reason == _AGAIN and any(map(str.isdecimal, bare)) and not _STEP.match(bare):
        return direction
    if not kinds & {"pause", "silence", "bell", "music", "fade"}:
        return None
    marked = emphasised or re.match(r"[.…]{2}|…|[-–—]", text) or re.search(r"(?:[.…]{2}|…|[-–—])$", text)
    timed = "timed" in kinds and (emphasised or any(map(str.isdecimal, bare)))
    only = not kinds & {"silence", "bell", "music", "fade", "breathe", "manner"} and "timed" not in kinds
    plain = (
        (bare.isupper() and len(bare) > 2) or timed or only or (marked and (whole or "silence" not in kinds))
    )
    return direction if plain else None


# ---------------------------------------------------------------- what is spoken, and may not be meant to be

_SINGLE_BRACE = re.compile(r"(?<!\{)\{ ?[A-Za-z_][\w.]{0,40} ?\}(?!\})")
"""what should have been {{ phrase }}"""
_GLUED_HEADING = re.compile(r"^#{1,6}[^\W\d_][^.!?…A-Z]{0,50}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """Words of a script that are spoken and were probably not meant to be."""

    where: Where
    text: str
    better: str
    """how to write it"""


def find_slips(cues: Iterable[Cue], language: str) -> Iterator[Slip]:
    """What looks like a slip or a direction among the words of a script. What a participant has written is none."""
    words = vocabulary(language)
    for cue in cues:
        if not isinstance(cue, Words) or cue.own:
            continue
        if brace := _SINGLE_BRACE.search(cue.text):
            yield Slip(where=cue.where, text=brace[0], better=f"write {{{brace[0]}}}")
        elif _GLUED_HEADING.match(cue.text):
            better = re.sub(r"^(#+)", r"\1 ", cue.text)
            yield Slip(where=cue.where, text=cue.text, better=f"write {better}")
        elif (direction := read_alone(cue.text, words)) and direction.cue is not None:
            yield Slip(
                where=cue.where, text=cue.text, better="write it in square brackets: [pause 8s], [bell]"
            )
