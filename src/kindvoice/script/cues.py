"""The cues that stand in brackets: every form that people really write, in one table.

Forgiving about case and wording, strict about meaning: what is not understood is an error with the
nearest known cue, and is never spoken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from kindvoice.errors import ScriptError, nearest
from kindvoice.model import Bed, Bell, Breathe, Cue, Hold, Pause, VoiceChange, Where
from kindvoice.script.breaks import speech_pause
from kindvoice.script.directions import LANGUAGES, MAX_MS, Direction, Vocabulary, read_direction, vocabulary
from kindvoice.script.duration import DURATION, NUMBER, UNIT, parse_duration
from kindvoice.units import format_ms

EXAMPLES = (
    "[pause 8s]", "[short pause]", "[pause]", "[long pause]", "[silence 2m]", "[pause 8s min 5s max 20s]",
    "[hold 4s]", "[bell]", "[bell x3]", "[bell low]", "[bell no wait]", '[bell "my bowl.wav"]',
    "[bed rain]", "[bed off]", "[breathe in 4s out 6s x5]",
    "[voice anna]", "[voice es]", "[voice off]",
)  # fmt: skip
"""One of each, as an author may write it."""

CUE_WORDS = ("pause", "silence", "bell", "hold", "bed", "voice", "breathe")
"""with which a cue of ours may begin"""
_LITERAL = r"to have a bracket spoken, write \["

_HYPHEN = re.compile(rf"(?<=\d)-(?={UNIT})", re.IGNORECASE)
_QUOTES = str.maketrans("“”„", '"""')
"""as word processors make them"""
_QUOTED = re.compile(r"(\"[^\"]*\"|'[^']*')")

Build = Callable[[re.Match[str]], Cue]
"""Raises ValueError with what is wrong, which is said after the cue, and the cure."""


def _length(text: str) -> int:
    """Inside a cue a bare number counts seconds."""
    ms = parse_duration(text, bare_unit="s")
    if ms is None or ms > MAX_MS:
        raise ValueError(" has no length that can be used", "such as 8s, 1m30s or 2m")
    return ms


# ---------------------------------------------------------------- pause, hold


def _pause(match: re.Match[str]) -> Cue:
    natural = _length(match["length"])
    least, most = (_length(end) if end else None for end in match.group("min", "max"))
    if (least is not None and least > natural) or (most is not None and most < natural):
        raise ValueError(": the length is not between its min and max", "such as [pause 8s min 5s max 20s]")
    return Pause(natural_ms=natural, min_ms=least, max_ms=most)


def _hold(match: re.Match[str]) -> Cue:
    return Hold(ms=_length(match["length"]))


# ---------------------------------------------------------------- bell, bed, breathe: a word, then options

_BARE = rf"(?:{DURATION}|{NUMBER})(?![\w.])"
_OPTION = (
    r"(?P<nowait>(?:no\s+wait|without\s+waiting|and\s+continue)\b)"
    rf"|every\s+(?P<every>{_BARE})"
    rf"|(?P<phase>in|inhale|hold|out|exhale)\s*(?:for\s+)?(?P<length>{_BARE})"
    r"|(?:x|×)\s*(?P<x>\d{1,4})(?![\w.])|(?P<times>\d{1,4})\s*(?:x|×|times|breaths|rounds)(?![\w.])"
    rf"|(?P<level>(?:[+−–-]\s*)?{NUMBER})\s*db\b"
    r"|(?P<silent>silent(?:ly)?)\b"
    r"|\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'"
    r"|(?P<word>[^\s,]+)"
)
_PHASES = {"inhale": "in", "exhale": "out"}


def _options(rest: str, known: set[str]) -> Iterator[tuple[str, str]]:
    """The options after a cue's word, by kind. Raises ValueError for a kind that is not among `known`."""
    for match in re.finditer(_OPTION, rest.lstrip(" :,"), re.IGNORECASE):
        kind = match.lastgroup or ""
        value = match[kind]
        if kind == "length":
            kind, value = "phase", f"{match['phase'].casefold()} {value}"
        kind = {"x": "times", "double": "quoted", "single": "quoted"}.get(kind, kind)
        if value in {"-", "–", "—"}:
            continue
        if kind not in known:
            raise _not_understood(match.group())
        # The name of a file stands as it is written, and so does a name in quotes.
        yield kind, value.casefold() if kind == "word" and not re.search(r"[./\\]", value) else value


def _not_understood(word: str) -> ValueError:
    return ValueError(f": {word!r} is not understood here", f"known: {'  '.join(EXAMPLES)}")


def _level(text: str) -> float:
    gain_db = float(re.sub(r"\s", "", text.replace(",", ".")).translate({ord("−"): "-", ord("–"): "-"}))
    if not -40 <= gain_db <= 12:
        raise ValueError(": a level goes from -40dB to +12dB", "")
    return gain_db


# "7" and "-6" are no names, "7.wav" is.
_NAME = re.compile(r"(?![x×][\d.,+−-]+$)[^\d+−-]|.*\.[a-z]\w*$", re.IGNORECASE)
_FILLER = re.compile(r"^\s*(?:rings?|ringing|sounds?|strikes?|tolls?)(?=[\s,]|$)", re.IGNORECASE)


def _bell(match: re.Match[str]) -> Cue:
    parts = match.groupdict()
    sound, count, every, wait, gain = parts["tone"] or "", int(parts.get("count") or 1), None, True, 0.0
    known = {"word", "quoted", "times", "every", "nowait", "level"}
    for kind, value in _options(_FILLER.sub("", parts["rest"] or ""), known):
        if kind == "times":
            count = int(value)
        elif kind == "every":
            every = _length(value)
        elif kind == "nowait":
            wait = False
        elif kind == "level":
            gain = _level(value)
        elif not sound and (kind == "quoted" or _NAME.match(value)):
            sound = value
        else:
            raise _not_understood(value)
    if not 1 <= count <= 108:
        raise ValueError(f": a bell rings 1 to 108 times, not {count}", "")
    sound = sound.casefold() if parts["tone"] else sound
    sound = {"": "middle", "mid": "middle"}.get(sound, sound)
    return Bell(sound=sound, count=count, every_ms=every, wait=wait, gain_db=gain)


def _bed(match: re.Match[str]) -> Cue:
    sound, gain = "", 0.0
    off = False
    for kind, value in _options(match["rest"], {"word", "quoted", "level"}):
        if kind == "level":
            gain = _level(value)
        elif not sound:
            sound, off = value, kind == "word" and value in {"off", "none", "stop"}
        else:
            raise _not_understood(value)
    if not sound:
        raise ValueError(" names no bed", "such as [bed rain] or [bed off]")
    return Bed(sound=None if off else sound, gain_db=gain)


def _breathe(match: re.Match[str]) -> Cue:
    phases: list[tuple[str, int]] = []
    count, spoken = 1, True
    for kind, value in _options(match["rest"], {"phase", "times", "silent", "word"}):
        if kind == "phase":
            name, length = value.split(" ", 1)
            phases.append((_PHASES.get(name, name), _length(length)))
        elif kind == "times":
            count = int(value)
        elif kind == "silent":
            spoken = False
        elif value not in {"and", "then", "breathe"}:
            raise _not_understood(value)
    whole = {"in", "out"} <= {name for name, _ in phases} and all(ms for _, ms in phases)
    if not whole or not 1 <= count <= 500:
        raise ValueError(" is not a whole breath", "such as [breathe in 4s hold 2s out 6s x5]")
    return Breathe(phases=tuple(phases), count=count, spoken=spoken)


_SPEAKER = re.compile(r"(?:\"([^\"]+)\"|'([^']+)'|([^\s\"']+))(?:\s+([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*))?")
"""a voice's name, perhaps with its pace, or a language; then perhaps the language to speak in"""
_OWN = frozenset({"off", "end", "none", "own", "back"})


def _voice(match: re.Match[str]) -> Cue:
    speaker = _SPEAKER.fullmatch(match["rest"].strip())
    if speaker is None:
        raise ValueError(" names no voice", "such as [voice heart], [voice es] or [voice off]")
    name, language = speaker[1] or speaker[2] or speaker[3], speaker[4]
    if name.casefold() in _OWN and not language:
        return VoiceChange()
    return VoiceChange(speaker=f"{name} {language}" if language else name)


# ---------------------------------------------------------------- the table

_PAUSE = r"(?:an?\s+)?(?:(?:short|brief|medium|long|longer)\s+)?(?:pause|silence|silent\s+pause|break)"
# A dash before a figure, with a space before it, is a minus.
_TO = r"(?:\s*(?:for|of|[:=,]|[–—-](?=\s)|(?<!\s)[–—-])\s*|\s+)(?:for\s+)?(?:about\s+)?"
_LENGTH = rf"(?P<length>{DURATION}|{NUMBER})"
_LENGTH_ONLY = rf"(?P<length>{DURATION})"
_TONE = r"(?P<tone>low|middle|mid|high)"
_LIMITS = rf"(?:,?\s*min\s*(?P<min>{DURATION}|{NUMBER}))?(?:,?\s*max\s*(?P<max>{DURATION}|{NUMBER}))?"

TABLE: tuple[tuple[str, str, Build], ...] = (
    ("pause", rf"{_PAUSE}{_TO}{_LENGTH}{_LIMITS}", _pause),
    ("pause", rf"{_LENGTH_ONLY}(?:\s+(?:of\s+)?{_PAUSE})?{_LIMITS}", _pause),
    ("pause", r"medium\s+pause|pause[\s:]+medium", lambda _: Pause()),
    ("hold", rf"hold{_TO}{_LENGTH}", _hold),
    ("hold", rf"(?P<length>{DURATION})\s+hold", _hold),
    (
        "bell",
        rf"(?:(?:ring|strike|sound)\s+)?(?:(?:of\s+)?(?:the|an?)\s+)?(?:{_TONE}\s+)?bells?(?P<rest>[\s:,].*)?",
        _bell,
    ),
    ("bell", rf"(?P<count>\d{{1,4}})\s+(?:{_TONE}\s+)?bells?(?P<rest>)", _bell),
    ("bed", r"bed\b:?(?P<rest>.*)", _bed),
    ("breathe", r"(?:breathe|breath|breathing)\b:?(?P<rest>.*)", _breathe),
    ("voice", r"(?:voice|speaker)\b[\s:]*(?P<rest>.*)", _voice),
)
"""Cue name, the form that is recognised (the whole inside of the brackets), what builds it. A form is compiled when a
cue is none that is read in words: that takes long."""


LONGEST = 1_000
"""characters of a cue, with the path of a sound file in it"""


def parse_cue(inside: str, where: Where) -> Cue:
    """The inside of `[...]` to its cue.

    >>> parse_cue("Pause 8 seconds", Where(path="", line=1)).natural_ms
    8000

    Raises ScriptError, naming the nearest known cue, for anything else.
    """
    cue = read_bracket(inside, where, vocabulary("en")).cue
    if cue is None:
        raise ScriptError(f"unknown cue [{_short(inside)}]", where=where, cure=_suggest(_tidy(inside)))
    return cue


def read_bracket(inside: str, where: Where, words: Vocabulary) -> Direction:
    """The inside of `[...]` to its cue, or to why it is not spoken.

    Raises ScriptError for what is nearly a cue, and for a cue with a value that cannot be.
    """
    if len(inside) > LONGEST:
        what = f"[{inside[:20]}...] is no cue: it has {len(inside)} characters"
        raise ScriptError(what, where=where, cure=_LITERAL)
    raw, tidy = _short(inside), _tidy(inside)
    try:
        direction = _read(raw, tidy, words)
    except ValueError as error:
        what, cure = error.args
        raise ScriptError(f"[{raw}]{what}", where=where, cure=cure) from None
    if direction is not None and direction.cue is not None:
        return replace(direction, cue=replace(direction.cue, where=where))
    if direction is None and _NEGATIVE.search(tidy):
        what = f"[{raw}]: no length is below zero"
        raise ScriptError(what, where=where, cure="such as [pause 8s] or [hold 4s]")
    cure = _suggest(tidy)
    if direction is None and (not cure.startswith("known:") or not re.search(r"[^\W\d_]{3}", raw)):
        raise ScriptError(f"unknown cue [{raw}]", where=where, cure=cure)
    return direction or Direction(reason="not understood")


@lru_cache(maxsize=2_000)
def _read(raw: str, tidy: str, words: Vocabulary) -> Direction | None:
    """Raises ValueError with what is wrong and the cure."""
    if re.match("hold|breath", tidy, re.IGNORECASE):
        numbers = vocabulary("en").numbers
        tidy = re.sub(r"[A-Za-z-]+", lambda word: numbers.get(word[0].casefold(), word[0]), tidy)
    plain = (
        None if _HEADS.match(tidy) or _ODD.search(tidy) or _QUOTED.search(tidy) else _in_words(tidy, words)
    )
    if plain is not None and plain.cue is not None:
        return plain
    for name, form, build in TABLE:
        # What is made tidy elsewhere may be part of a voice's name.
        if match := re.fullmatch(form, raw if name == "voice" else tidy, re.IGNORECASE):
            try:
                return Direction(cue=build(match))
            except ValueError:
                loose = None if name in {"pause", "hold", "bed"} else _loosely(tidy, words)
                if loose is None:
                    raise
                return loose
    return plain or _loosely(tidy, words)


def _in_words(tidy: str, words: Vocabulary) -> Direction | None:
    """In the words of the script's language, else of any other."""
    direction = read_direction(tidy, words)
    others = (read_direction(tidy, vocabulary(language)) for language in LANGUAGES)
    return direction or next(filter(None, others), None)


def read_loosely(text: str, words: Vocabulary) -> Direction | None:
    """A sentence for the reader that asks for a pause or a bell, or says how to speak or breathe."""
    tidy = _tidy(text)
    try:
        return read_direction(tidy, words) or _loosely(tidy, words)
    except ValueError:
        return None


def _loosely(tidy: str, words: Vocabulary) -> Direction | None:
    """A sentence that begins with a pause or a bell, or speaks of breathing or of how to speak."""
    count = len(tidy.split())
    direction = read_direction(tidy, words, loose=True) if not _ODD.search(tidy) else None
    if direction is None or ("timed" in direction.kinds and direction.cue is None):
        return None
    if direction.cue is None and not direction.kinds & {"breathe", "breath", "music"}:
        return read_direction(tidy, words) if count > 1 else None
    begins = read_direction(" ".join(tidy.split()[:3]), words, loose=True)
    if direction.cue is not None and (
        count < 4 or begins is None or type(begins.cue) is not type(direction.cue)
    ):
        return None
    return direction


_HEADS = re.compile(r"(?:voice|speaker|bed|hold|breathe?|breathing)\b", re.IGNORECASE)
"""cues with a grammar of their own"""
_ODD = re.compile(r"(?:(?<![\d\w])|(?<!\w)x)[−–-]\d|(?<!\d)[.,]\d")
"""a figure below zero, or without the one before its point"""
_NEGATIVE = re.compile(rf"^(?:(?:pause|silence|hold|break)\b.*[\s:=,])?[−–-]\s?{NUMBER}", re.IGNORECASE)
_HALVES = {"½": ".5", "¼": ".25", "¾": ".75"}


def _short(raw: str) -> str:
    return " ".join(raw.translate(_QUOTES).split())


def _tidy(raw: str) -> str:
    """One way of writing: "8-second pause" as 8 second pause, "½" as 0.5, no stop at the end. What stands in quotes
    stays."""
    if pause := speech_pause(_short(raw)):
        return pause
    parts = _QUOTED.split(_short(raw))
    for i in range(0, len(parts), 2):
        spelt = re.sub(
            r"(?:(\d+) ?)?([½¼¾])(?!\d)", lambda match: (match[1] or "0") + _HALVES[match[2]], parts[i]
        )
        parts[i] = _HYPHEN.sub(" ", spelt)
    return re.sub(r"^[.…\s]+(?=[^\W\d])", "", "".join(parts)).rstrip(".…!;:, ")


def _suggest(raw: str) -> str:
    if re.fullmatch(NUMBER, raw):
        return f"a pause is written [pause {raw}s]; take a footnote's number out, or {_LITERAL}"
    words = raw.split()
    known = {*CUE_WORDS, "short", "long"}
    for i, word in enumerate(words):
        bare = re.match(r"[^\W\d]*", word)
        letters = bare.group() if bare else ""
        if len(letters) > 2 and (hint := nearest(letters, known)) and hint[0] == letters[0].casefold():
            mended = " ".join([*words[:i], hint + word[len(letters) :], *words[i + 1 :]])
            if any(re.fullmatch(form, mended, re.IGNORECASE) for _, form, _ in TABLE):
                return f"did you mean [{mended}]? {_LITERAL}"
    if words and words[0].casefold() in {"pause", "silence", "hold"}:
        return f"write its length as in [{words[0].casefold()} 8s], [pause 1m30s] or [long pause]; {_LITERAL}"
    whole = nearest(raw, [example[1:-1] for example in EXAMPLES])
    likely = whole and whole[0] == raw[:1].casefold()
    return f"did you mean [{whole}]? {_LITERAL}" if likely else f"known: {'  '.join(EXAMPLES)}; {_LITERAL}"


# ---------------------------------------------------------------- and back


def format_cue(cue: Cue) -> str:
    """The cue as an author would write it; parse_cue reads it back as the same.

    >>> format_cue(Bell(sound="low", count=3))
    '[bell low x3]'
    """
    match cue:
        case Pause(natural_ms=None, size=size):
            return "[pause]" if size == "medium" else f"[{size} pause]"
        case Pause(natural_ms=int(natural), min_ms=least, max_ms=most):
            text = f"pause {format_ms(natural)}"
            text += f" min {format_ms(least)}" if least is not None else ""
            return f"[{text} max {format_ms(most)}]" if most is not None else f"[{text}]"
        case Hold(ms=ms):
            return f"[hold {format_ms(ms)}]"
        case Bell(sound=sound, count=count, every_ms=every, wait=wait, gain_db=gain):
            parts = ["bell", *([_name(sound)] if sound != "middle" else [])]
            parts += [f"x{count}"] if count != 1 else []
            parts += [f"every {format_ms(every)}"] if every is not None else []
            parts += ["no wait"] if not wait else []
            return f"[{' '.join([*parts, *_gain(gain)])}]"
        case Bed(sound=sound, gain_db=gain):
            return f"[{' '.join(['bed', 'off' if sound is None else _name(sound), *_gain(gain)])}]"
        case Breathe(phases=phases, count=count, spoken=spoken):
            parts = ["breathe", *(f"{name} {format_ms(ms)}" for name, ms in phases)]
            parts += [f"x{count}"] if count != 1 else []
            return f"[{' '.join([*parts, *([] if spoken else ['silent'])])}]"
        case VoiceChange(speaker=speaker):
            return f"[voice {speaker or 'off'}]"
    raise TypeError(f"{type(cue).__name__} is not written in brackets")


_PLAIN_NAME = re.compile(
    r"(?!(?:off|none|stop|no|and|without|every|silent|mid|in|out|hold)$)[a-z]{2,}(?:\.[a-z0-9]+)?"
)


def _name(sound: str) -> str:
    if _PLAIN_NAME.fullmatch(sound):
        return sound
    return f"'{sound}'" if '"' in sound else f'"{sound}"'


def _gain(gain_db: float) -> list[str]:
    return [f"{Decimal(str(gain_db)).normalize():+f}dB"] if gain_db else []
