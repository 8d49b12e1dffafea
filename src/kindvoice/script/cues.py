"""The cues that stand in brackets: every form that people really write, in one table.

Forgiving about case and wording, strict about meaning: what is not understood is an error with the
nearest known cue, and is never spoken.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from kindvoice.errors import ScriptError, nearest
from kindvoice.model import Bed, Bell, Breathe, Cue, Hold, Pause, Where
from kindvoice.script.duration import DURATION, parse_duration
from kindvoice.units import format_ms

EXAMPLES = (
    "[pause 8s]", "[short pause]", "[pause]", "[long pause]", "[silence 2m]", "[pause 8s min 5s max 20s]",
    "[hold 4s]", "[bell]", "[bell x3]", "[bell low]", "[bell no wait]", '[bell "my bowl.wav"]',
    "[bed rain]", "[bed off]", "[breathe in 4s out 6s x5]",
)  # fmt: skip
"""One of each, as an author may write it."""

MAX_MS = 24 * 3_600_000
_NUMBER = r"\d+(?:[.,]\d+)?"
_LENGTH = rf"(?:{DURATION}|{_NUMBER})"  # inside a pause a bare number counts seconds
_SIZES = {"short": "short", "brief": "short", "small": "short", "medium": "medium", "long": "long", "longer": "long"}
_SILENCE = r"(?:pause|silence|silent pause|break)"
_DB = re.compile(r"^([+-]?\d+(?:[.,]\d+)?)\s*db$")
_TIMES = re.compile(r"^(?:x\s*(\d+)|(\d+)\s*x|×\s*(\d+))$")
_NAMED_FILE = re.compile(r"\.(?:wav|flac|mp3|ogg|oga|opus|m4a|m4b|aac|aif|aiff)$", re.IGNORECASE)
_BREAK_MS = {"none": 0, "x-weak": 250, "weak": 500, "medium": 1000, "strong": 2000, "x-strong": 4000}

Build = Callable[[re.Match[str], str, Where], Cue]


def _pause(match: re.Match[str], raw: str, where: Where) -> Cue:
    found = match.groupdict()
    if found.get("low"):
        unit = found["unit"] or "s"
        low, high = (_length(found[name] + unit, raw, where) for name in ("low", "high"))
        if high < low:
            raise ScriptError(f"[{raw}] runs backwards", where=where)
        return Pause(natural_ms=(low + high) // 2, min_ms=low, max_ms=high, where=where)
    size = _SIZES[found["size"]] if found.get("size") else "medium"
    natural, least, most = (
        _length(found[name], raw, where) if found.get(name) else None for name in ("length", "min", "max")
    )
    if natural is None:
        return Pause(size=size, where=where)
    if (least is not None and least > natural) or (most is not None and most < natural):
        raise ScriptError(
            f"[{raw}]: the length is not between its min and max", where=where, cure="such as [pause 8s min 5s max 20s]"
        )
    return Pause(natural_ms=natural, min_ms=least, max_ms=most, where=where)


def _hold(match: re.Match[str], raw: str, where: Where) -> Cue:
    return Hold(ms=_length(match["length"], raw, where), where=where)


def _length(text: str, raw: str, where: Where) -> int:
    ms = parse_duration(text, bare_unit="s")
    if ms is None or ms > MAX_MS:
        raise ScriptError(f"[{raw}] has no length that can be used", where=where, cure="such as 8s, 1m30s or 2m")
    return ms


def _bell(match: re.Match[str], raw: str, where: Where) -> Cue:
    sound, count, every, wait, gain = "middle", 1, None, True, 0.0
    named = False
    rest = re.sub(r"\b(?:no wait|without waiting|and continue)\b", "nowait", _rest_of(match, raw), flags=re.IGNORECASE)
    rest = re.sub(r"\b(\d+) times\b", r"x\1", rest, flags=re.IGNORECASE)
    rest = re.sub(rf"\bevery\s+({DURATION})", lambda m: "every=" + m[1].replace(" ", ""), rest, flags=re.IGNORECASE)
    if match.groupdict().get("count"):
        count = int(match["count"])
    if match.groupdict().get("tone"):
        sound, named = match["tone"].casefold(), True
    for word in _words(rest):
        low = word.casefold()
        if times := _TIMES.match(low):
            count = int(next(filter(None, times.groups())))
        elif low.startswith("every="):
            every = _length(low[6:], raw, where)
        elif low == "nowait":
            wait = False
        elif level := _DB.match(low):
            gain = float(level[1].replace(",", "."))
        elif not named:
            sound, named = word if _NAMED_FILE.search(word) else low, True
        else:
            raise _not_understood(raw, word, where)
    if not 1 <= count <= 108:
        raise ScriptError(f"[{raw}]: a bell rings 1 to 108 times, not {count}", where=where)
    _check_level(gain, raw, where)
    sound = "middle" if sound == "mid" else sound
    return Bell(sound=sound, count=count, every_ms=every, wait=wait, gain_db=gain, where=where)


def _bed(match: re.Match[str], raw: str, where: Where) -> Cue:
    sound: str | None = ""
    gain = 0.0
    for word in _words(_rest_of(match, raw)):
        if level := _DB.match(word.casefold()):
            gain = float(level[1].replace(",", "."))
        elif sound == "":
            sound = word if _NAMED_FILE.search(word) else word.casefold()
        else:
            raise _not_understood(raw, word, where)
    if not sound:
        raise ScriptError(f"[{raw}] names no bed", where=where, cure="such as [bed rain] or [bed off]")
    _check_level(gain, raw, where)
    return Bed(sound=None if sound in {"off", "none", "stop"} else sound, gain_db=gain, where=where)


def _check_level(gain_db: float, raw: str, where: Where) -> None:
    if not -40 <= gain_db <= 12:
        raise ScriptError(f"[{raw}]: a level goes from -40dB to +12dB", where=where)


def _breathe(match: re.Match[str], raw: str, where: Where) -> Cue:
    rest = re.sub(r"\b(\d+) (?:times|breaths|rounds)\b", r"x\1", _rest_of(match, raw).casefold())
    phases: list[tuple[str, int]] = []
    count, spoken = 1, True
    for part in re.finditer(rf"(in|hold|out)\s*(?:for\s+)?({_LENGTH})|(\S+)", rest):
        name, length, other = part.groups()
        if name:
            phases.append((name, _length(length, raw, where)))
        elif times := _TIMES.match(other):
            count = int(next(filter(None, times.groups())))
        elif other in {"silent", "silently"}:
            spoken = False
        elif other not in {",", "and"}:
            raise _not_understood(raw, other, where)
    if not {"in", "out"} <= {name for name, _ in phases} or not 1 <= count <= 500:
        raise ScriptError(
            f"[{raw}] is not a whole breath", where=where, cure="such as [breathe in 4s hold 2s out 6s x5]"
        )
    return Breathe(phases=tuple(phases), count=count, spoken=spoken, where=where)


def _rest_of(match: re.Match[str], raw: str) -> str:
    """What follows the cue's own word, in the author's upper and lower case."""
    start, stop = match.span("rest")
    return raw[start:stop]


def _words(text: str) -> list[str]:
    return [quoted or single or plain for quoted, single, plain in re.findall(r'"([^"]*)"|\'([^\']*)\'|([^\s,]+)', text)]


def _not_understood(raw: str, word: str, where: Where) -> ScriptError:
    return ScriptError(f"[{raw}]: {word!r} is not understood here", where=where, cure=f"known: {'  '.join(EXAMPLES)}")


_RANGE = rf"(?P<low>{_NUMBER})\s*(?:-|–|to)\s*(?P<high>{_NUMBER})\s*(?P<unit>[a-z]*)"
_TO = r"(?:\s*(?:for|of|[:=,–—-])\s*|\s+)"

TABLE: tuple[tuple[str, re.Pattern[str], Build], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE), build)
    for name, pattern, build in (
        ("pause", rf"(?:(?P<size>{'|'.join(_SIZES)})\s+)?{_SILENCE}", _pause),
        ("pause", rf"{_SILENCE}{_TO}(?:for\s+)?(?:about\s+)?{_RANGE}", _pause),
        (
            "pause",
            rf"{_SILENCE}{_TO}(?:for\s+)?(?P<length>{_LENGTH})"
            rf"(?:,?\s*min\s*(?P<min>{_LENGTH}))?(?:,?\s*max\s*(?P<max>{_LENGTH}))?",
            _pause,
        ),
        ("pause", rf"(?P<length>{DURATION})(?:\s+(?:of\s+)?{_SILENCE})?", _pause),
        ("hold", rf"hold{_TO}(?:for\s+)?(?P<length>{_LENGTH})", _hold),
        ("hold", rf"(?P<length>{DURATION})\s+hold", _hold),
        ("bell", r"(?:(?:ring|strike|sound)\s+)?(?:the\s+|a\s+)?(?:(?P<tone>low|middle|mid|high)\s+)?bells?\b[:,]?(?P<rest>.*)", _bell),
        ("bell", r"(?P<count>\d+)\s+(?:(?P<tone>low|middle|mid|high)\s+)?bells?(?P<rest>)", _bell),
        ("bed", r"bed\b[:,]?(?P<rest>.*)", _bed),
        ("breathe", r"(?:breathe|breath|breathing)\b[:,]?(?P<rest>.*)", _breathe),
    )
)  # fmt: skip
"""Cue name, the form that is recognised (the whole inside of the brackets), what builds it."""


def parse_cue(inside: str, where: Where) -> Cue:
    """The inside of `[...]` to its cue.

    >>> parse_cue("Pause 8 seconds", Where(path="", line=1)).natural_ms
    8000

    Raises ScriptError, naming the nearest known cue, for anything else.
    """
    raw = " ".join(inside.split())
    # "8-second pause" is written with a hyphen, and sentences end cues with a full stop.
    tidy = re.sub(r"(?<=\d)-(?=[a-zA-Z])", " ", raw).rstrip(".!;:, ")
    for _, pattern, build in TABLE:
        if match := pattern.fullmatch(tidy):
            return build(match, tidy, where)
    raise ScriptError(f"unknown cue [{raw}]", where=where, cure=_suggest(tidy))


def _suggest(raw: str) -> str:
    literal = r"to have a bracket spoken, write \["
    if re.fullmatch(_NUMBER, raw):
        return f"did you mean [pause {raw}s]? {literal}"
    words = raw.split()
    known = {"pause", "silence", "hold", "bell", "bed", "breathe", "short", "long"}
    for i, word in enumerate(words):
        bare = re.match(r"[^\W\d]*", word)
        letters = bare.group() if bare else ""
        if len(letters) > 2 and (hint := nearest(letters, known)) and hint != letters.casefold():
            mended = " ".join([*words[:i], hint + word[len(letters) :], *words[i + 1 :]])
            if any(pattern.fullmatch(mended) for _, pattern, _ in TABLE):
                return f"did you mean [{mended}]? {literal}"
    whole = nearest(raw, [example[1:-1] for example in EXAMPLES])
    return f"did you mean [{whole}]? {literal}" if whole else f"known: {'  '.join(EXAMPLES)}; {literal}"


_BREAK = re.compile(r"<\s*break\b(?P<attributes>[^<>]*)/?>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"(\w+)\s*=\s*[\"']([^\"']*)[\"']")


def parse_tag(tag: str, where: Where) -> Cue:
    """SSML's `<break time="8s"/>` to a pause. Raises ScriptError for any other element."""
    match = _BREAK.fullmatch(tag)
    if match is None:
        raise ScriptError(
            f"unknown element {tag}", where=where,
            cure=r'known: <break time="8s"/>; to have the sign spoken, write \<',
        )  # fmt: skip
    attributes = {name.casefold(): value for name, value in _ATTRIBUTE.findall(match["attributes"])}
    if "time" in attributes:
        ms = parse_duration(attributes["time"])
        if ms is None or ms > MAX_MS:
            raise ScriptError(f"{tag} has no length that can be used", where=where, cure='such as <break time="8s"/>')
        return Pause(natural_ms=ms, where=where)
    strength = attributes.get("strength", "medium")
    if strength not in _BREAK_MS:
        hint = nearest(strength, _BREAK_MS) or "medium"
        raise ScriptError(f"{tag}: no strength {strength!r}", where=where, cure=f"did you mean {hint!r}?")
    return Pause(natural_ms=_BREAK_MS[strength], where=where)


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
            parts = ["bell", *([_quoted(sound)] if sound != "middle" else [])]
            parts += [f"x{count}"] if count != 1 else []
            parts += [f"every {format_ms(every)}"] if every is not None else []
            parts += ["no wait"] if not wait else []
            return f"[{' '.join([*parts, *_level(gain)])}]"
        case Bed(sound=sound, gain_db=gain):
            return f"[{' '.join(['bed', _quoted(sound) if sound else 'off', *_level(gain)])}]"
        case Breathe(phases=phases, count=count, spoken=spoken):
            parts = ["breathe", *(f"{name} {format_ms(ms)}" for name, ms in phases)]
            parts += [f"x{count}"] if count != 1 else []
            return f"[{' '.join([*parts, *([] if spoken else ['silent'])])}]"
    raise TypeError(f"{type(cue).__name__} is not written in brackets")


def _quoted(sound: str) -> str:
    return f'"{sound}"' if re.search(r"[\s,]", sound) else sound


def _level(gain_db: float) -> list[str]:
    return [f"{gain_db:+g}dB"] if gain_db else []
