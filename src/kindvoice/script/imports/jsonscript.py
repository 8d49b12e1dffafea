"""Scripts as JSON, in the shapes that programs and chat assistants give them.

A list of texts with pauses (`{"text": ..., "pauseAfter": 15}`), steps with a type, segments with times, sections, a
whole text, several scripts; as a list, or below a name such as "script". Names are compared without case and signs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kindvoice.errors import ScriptError
from kindvoice.languages import count_words
from kindvoice.model import Where
from kindvoice.script.duration import parse_duration
from kindvoice.script.imports.base import ReadLine, TextFormat, front_lines
from kindvoice.script.imports.subtitles import TimedRows, clock_ms, is_clock, timed_lines
from kindvoice.script.ssml import begins_as_xml
from kindvoice.units import format_ms

_MAX_DEPTH = 30
_MAX_SHOWN = 200
_MAX_MS = 24 * 3_600_000
_FEW_WORDS = 2
"""of a text that may be a line"""
_LEAST_WORDS = 15
"""of a text that may be a whole script"""
_TEXT = frozenset([
    "text", "content", "line", "speech", "say", "spoken", "narration", "sentence", "voiceover", "body", "ssml",
    "transcript", "message", "value", "texto", "texte", "testo", "tekst", "metin", "テキスト", "文本",
])  # fmt: skip
_WITHIN = frozenset([
    "script", "scripts", "meditations", "meditation", "practices", "segments", "sections", "chapters", "parts",
    "steps", "lines", "items", "blocks", "cues", "content", "data", "messages", "paragraphs", "sentences", "events",
    "entries", "body", "text", "transcript", "result", "output", "tutorial", "exercises", "phases", "stages", "prompts",
    "instructions", "slides", "scenes", "timeline", "tracks", "captions", "subtitles",
])  # fmt: skip
_SEVERAL = frozenset(["scripts", "meditations", "practices"])
_HEADING = frozenset(["title", "heading", "chapter", "section"])
_ALSO_PARTS = frozenset(["body", "script", "meditation"])
"""names of what is spoken that may be those of parts as well"""
_FACTS = {
    "title": "title",
    "titel": "title",
    "titolo": "title",
    "título": "title",
    "titre": "title",
    "başlık": "title",
    "baslik": "title",
    "name": "title",
    "language": "language",
    "lang": "language",
    "locale": "language",
}
_SILENT = frozenset([
    "id", "index", "number", "order", "seq", "step", "version", "words", "tokens", "key", "slug", "uuid", "category",
])  # fmt: skip
"""names of what says nothing to anybody"""
_TYPE = ("type", "kind", "action", "role", "event")
_KNOWN = _TEXT | _WITHIN | _HEADING | {*_TYPE}
_UNIT = r"(?:in)?(?P<unit>milliseconds|millis|ms|seconds|secs|sec|s|minutes|mins|min|m)?"
_PAUSE = "pause|silence|wait|delay|break|gap|rest|hold|pausa|pauze|przerwa|pauza|paus|bekleme|stille|間|停顿"
_PAUSED = re.compile(
    rf"(?:after|before|pre|post)?(?:{_PAUSE})(?:duration|length|time)?(?:after|before)?(?:duration)?{_UNIT}"
)
_BEFORE = re.compile("before|pre")
_LENGTH = re.compile(rf"(?:duration|length|time|value|for)?{_UNIT}")
_MS = 1_000
"""a number without a unit counts seconds; a pause of as much or more, milliseconds"""
_SECONDS_MOST = 20_000
"""a time of the last segment that is later is in milliseconds"""
_BELL = re.compile(
    r"(?:singing|tibetan|temple|ring|start|end|opening|closing)*(?:bell|gong|chime|bowl)s?(?:mp3|wav|ogg|m4a|flac)?"
)
_STRIKES = frozenset(["count", "strikes", "times", "repeat", "repeats", "rings", "cycles", "rounds"])
_PHASES = {"inhale": "in", "hold": "hold", "exhale": "out"}
_LONGEST_PHASE = 60_000
"""ms"""
_MUSIC = re.compile(r"music|sfx|sounds?|soundeffect|ambien(?:ce|t)|background(?:music|sound)?|audio")
_ASIDE = re.compile(
    r"direction|(?:teachers?|facilitators?)?notes?|aside|instruction|stagedirection|comment|cue|metadata"
)
_REASONS = ((_MUSIC, "music or a sound effect"), (_ASIDE, "a direction"))
_START = re.compile(rf"(?:start|begin|from)(?:time)?{_UNIT}")
_STOP = re.compile(rf"(?:end|stop|to)(?:time)?{_UNIT}")
_LASTS = re.compile(rf"duration{_UNIT}")
_OVER = re.compile(r"(?:[.!?…:;,。！？]|\])[\"'”’»)]*\s*$")
"""what ends with it is no half of a sentence"""
_BEGINS = re.compile(r'\s*+(?:\[\s*+)?\{\s*+"[^"\n]{1,60}"\s*+:')
_ELEMENT = re.compile(r"<(?!/?break\b)[^<>]*>")


def _lines(text: str, where: Where) -> Iterable[ReadLine]:
    return data_lines(_parsed(text, where), where, "this JSON")


def data_lines(data: Any, where: Where, what: str = "this") -> list[ReadLine]:
    """Lists and tables in these shapes as lines. what: they are called in a message. Raises ScriptError."""
    lines = list(_JsonReader(where).document(data))
    if not any(line.text and not line.reason for line in lines):
        cure = 'such as [{"text": "Find a place to sit.", "pauseAfter": 15}]'
        raise ScriptError(f"{what} holds no lines of a script", where=where, cure=cure)
    return lines


def _parsed(text: str, where: Where) -> Any:
    """A document, or one on each line."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        wrong = error
    except (ValueError, RecursionError):
        raise ScriptError("this JSON holds too long a number, or goes too deep", where=where) from None
    rows = [row for row in text.split("\n") if row.strip()]
    if len(rows) > 1 and all(row.lstrip()[0] == "{" for row in rows):
        try:
            return [json.loads(row) for row in rows]
        except (ValueError, RecursionError):
            pass
    cure = "names and texts stand in quotes, commas between them, and every bracket is closed"
    raise ScriptError(
        f"this is not JSON: {wrong.msg}", where=Where(path=where.path, line=wrong.lineno), cure=cure
    )  # fmt: skip


class _JsonReader:
    def __init__(self, where: Where) -> None:
        self._where = where
        self._open = False
        """whether the last line may go on"""
        self._chapter = ""

    def document(self, data: Any) -> Iterator[ReadLine]:
        for one in _several(data) or [data]:
            facts = {}
            if isinstance(one, dict) and _is_whole(one):
                for name, value in list(one.items()):
                    if (fact := _FACTS.get(_key(name))) and isinstance(value, str) and fact not in facts:
                        facts[fact] = value
                        one = {other: each for other, each in one.items() if other != name}
            self._open, self._chapter = False, ""
            yield from front_lines(**facts)
            yield from self._any(one, 1)
            yield ReadLine("")

    def _any(self, value: Any, depth: int) -> Iterator[ReadLine]:
        if depth > _MAX_DEPTH:
            raise ScriptError(f"its parts stand more than {_MAX_DEPTH} deep in each other", where=self._where)
        if isinstance(value, str):
            yield from self._say(value)
        elif isinstance(value, list) and (timed := _timed(value)):
            yield from timed_lines(timed)
        elif isinstance(value, list) and _is_line(value):
            yield from self._say(value[0])
            yield _pause("", value[1], "")
            self._open = False
        elif isinstance(value, list):
            for each in value:
                yield from self._any(each, depth + 1)
        elif isinstance(value, dict):
            yield from self._entry(value, depth)

    def _entry(self, entry: Mapping[str, Any], depth: int) -> Iterator[ReadLine]:
        fields = {_key(name): (name, value) for name, value in entry.items() if _key(name) not in _SILENT}
        known = set(filter(_is_known, fields))
        if not known or (known <= _ALSO_PARTS and len(fields) - len(known) > 1):  # sections by their names
            for label, value in fields.values():
                if _has_words(value):
                    yield from self._heading(label)
                    yield from self._any(value, depth + 1)
                else:
                    yield _silent(label, value, "no line to speak")
            return
        kind = next(
            (_key(str(fields.pop(name)[1])) for name in _TYPE if name in fields),
            "",
        )
        if {"inhale", "exhale"} <= fields.keys():
            yield from self._breathe(fields)
        alone = "" if fields.keys() & _TEXT else "instruction"
        after: list[ReadLine] = []
        strikes = None
        if _BELL.fullmatch(kind) and (count := next((name for name in fields if name in _STRIKES), "")):
            strikes = fields.pop(count)[1]
        rests = _PAUSED.fullmatch(kind) is not None
        if "segments" in fields:
            fields.pop("text", None)  # the same once more
        for name, (label, value) in fields.items():
            if value in (None, "", False, [], {}):
                continue
            if match := _PAUSED.fullmatch(name) or (_LENGTH.fullmatch(name) if rests else None):
                pause = _pause(label, value, match["unit"] or "")
                if _BEFORE.match(name) or name.endswith("before"):
                    yield pause
                else:
                    after.append(pause)
            elif _BELL.fullmatch(name) or (
                isinstance(value, str) and _is_bell(_key(value), kind) and not rests
            ):
                yield _bell(strikes or value)
                kind = ""
            elif isinstance(value, str) and (
                name in _TEXT or name in _HEADING or name == alone or (name in _WITHIN and " " in value)
            ):
                yield from self._words(name, kind, value)
            elif isinstance(value, (list, dict)) and (name in _WITHIN or name in _TEXT):
                yield from self._any(value, depth + 1)
            elif name == "name" and (
                "script" in fields or any(isinstance(other, (list, dict)) for _, other in fields.values())
            ):
                yield from self._heading(str(value))
            else:
                reasons = (why for pattern, why in _REASONS if pattern.fullmatch(name))
                yield _silent(label, value, next(reasons, "no line to speak"))
        if _BELL.fullmatch(kind):
            yield _bell(strikes)
        if rests and not after:
            after.append(ReadLine("[pause]"))
        self._open = self._open and not after
        yield from after

    def _breathe(self, fields: dict[str, tuple[str, Any]]) -> Iterator[ReadLine]:
        """Paced breathing, where its parts have lengths that can be."""
        phases = [(name, _ms(fields[key][1], "")) for key, name in _PHASES.items() if key in fields]
        count = next((fields[name][1] for name in _STRIKES if name in fields), 1)
        if not all(ms and ms <= _LONGEST_PHASE for _, ms in phases) or not isinstance(count, int):
            return
        for name in {*_PHASES, *_STRIKES} & fields.keys():
            fields.pop(name)
        lengths = " ".join(f"{name} {format_ms(ms or 0)}" for name, ms in phases)
        yield ReadLine(f"[breathe {lengths} x{min(max(count, 1), 100)}]")

    def _words(self, name: str, kind: str, text: str) -> Iterator[ReadLine]:
        if name in _HEADING or kind in _HEADING:
            yield from self._heading(text)
        elif _MUSIC.fullmatch(kind):
            yield ReadLine(" ".join(text.split()), reason="music or a sound effect")
        elif _ASIDE.fullmatch(kind):
            yield ReadLine(" ".join(text.split()), reason="a direction")
        elif kind in {"user", "system", "human", "tool"}:
            yield ReadLine(" ".join(text.split()), reason="what was asked in the chat")
        elif not _BELL.fullmatch(kind):
            yield from self._say(text)

    def _say(self, text: str) -> Iterator[ReadLine]:
        text = _ELEMENT.sub(" ", text) if begins_as_xml(text) else text
        if text.strip():
            yield from [ReadLine("")] if self._open else []
            yield from map(ReadLine, text.strip().split("\n"))
            self._open = _OVER.search(text[-20:]) is None

    def _heading(self, text: str) -> Iterator[ReadLine]:
        title = " ".join(text.split())
        if title and title != self._chapter:
            yield from (ReadLine(""), ReadLine(f"# {title}"), ReadLine(""))
        self._chapter, self._open = title, False


def _key(name: str) -> str:
    """
    >>> _key("pause_after"), _key("pauseAfter")
    ('pauseafter', 'pauseafter')
    """
    return "".join(filter(str.isalnum, name.casefold()))


def _silent(label: str, value: Any, reason: str) -> ReadLine:
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return ReadLine(f"{label}: {shown[:_MAX_SHOWN]}", reason=reason)


def _has_words(value: Any, depth: int = 0) -> bool:
    """Whether a text of several words is in it."""
    if isinstance(value, str):
        return count_words(value) >= _FEW_WORDS
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return depth < _MAX_DEPTH and any(_has_words(each, depth + 1) for each in inner)


def _is_known(name: str) -> bool:
    patterns = (_PAUSED, _BELL, _MUSIC, _ASIDE)
    return name in _KNOWN or any(pattern.fullmatch(name) for pattern in patterns)


def _is_whole(data: Mapping[str, Any]) -> bool:
    """Whether it is a script, and no line of one."""
    return any(
        isinstance(value, (list, dict)) or len(str(value)) > 200 or _key(name) in {"script", "meditation"}
        for name, value in data.items()
    )


def _several(data: Any) -> list[Any]:
    """The scripts, where it surely holds more than one."""
    if isinstance(data, dict):
        lists = [value for name, value in data.items() if _key(name) in _SEVERAL]
        return _several(lists[0]) if len(lists) == 1 and isinstance(lists[0], list) else []
    titled = isinstance(data, list) and all(
        isinstance(one, dict)
        and any(_FACTS.get(_key(name)) == "title" for name in one)
        and any(
            _key(name) in _WITHIN - {"content", "text", "body"}
            for name, value in one.items()
            if isinstance(value, list) or (isinstance(value, str) and count_words(value) >= _LEAST_WORDS)
        )
        for one in data
    )
    return data if titled and len(data) > 1 else []


def _is_line(value: list[Any]) -> bool:
    """A text and the seconds after it."""
    return len(value) == 2 and isinstance(value[0], str) and type(value[1]) in {int, float} and value[1] > 0


def _is_bell(value: str, kind: str) -> bool:
    return _BELL.fullmatch(value) is not None or (
        _MUSIC.fullmatch(kind) is not None
        and re.search("bell|gong|chime|singingbowl", value[:80]) is not None
    )


def _bell(strikes: Any) -> ReadLine:
    """strikes: how many, if it is a number that can be."""
    several = isinstance(strikes, int) and 1 < strikes <= 108
    return ReadLine(f"[bell x{strikes}]" if several else "[bell]")


def _pause(label: str, value: Any, unit: str) -> ReadLine:
    """unit: that the name says."""
    if isinstance(value, dict):
        numbers = ((name, each) for name, each in value.items() if isinstance(each, (int, float, str)))
        name, value = next(numbers, ("", ""))
        match = _LENGTH.fullmatch(_key(name))
        unit = (match and match["unit"]) or unit
    size = str(value).strip().casefold()
    if value is True or size in {"short", "medium", "long"}:
        return ReadLine(f"[{size} pause]" if size in {"short", "long"} else "[pause]")
    plain = isinstance(value, (int, float)) and value >= _MS and not unit
    ms = _ms(value, "ms" if plain else unit)
    if ms is not None and 0 < ms <= _MAX_MS:
        return ReadLine(f"[pause {format_ms(ms)}]")
    return ReadLine(f"{label}: {str(value)[:_MAX_SHOWN]}", reason="no length of a pause")


def _ms(value: Any, unit: str) -> int | None:
    """A number of units, 15s, 0:15 or PT15S."""
    text = str(value).strip().casefold()
    try:
        factor = 1 if unit in {"ms", "milliseconds", "millis"} else 60_000 if unit[:1] == "m" else _MS
        return round(float(text) * factor)
    except (ValueError, OverflowError):
        return clock_ms(text) if is_clock(text) else parse_duration(text.removeprefix("pt"))


def _timed(rows: list[Any]) -> list[TimedRows]:
    """Segments with a start and an end each, as speech recognisers give them; else nothing."""
    timed: list[tuple[int, int, str]] = []
    for row in rows:
        fields = {_key(name): value for name, value in row.items()} if isinstance(row, dict) else {}
        times = [_ms(value, match["unit"] or "") for pattern in (_START, _STOP, _LASTS)
                 for name, value in fields.items() if (match := pattern.fullmatch(name))]  # fmt: skip
        if len(times) == 2 and None not in times and not any(map(_STOP.fullmatch, fields)):
            times[1] = sum(time or 0 for time in times)
        text = next((each for name, each in fields.items() if name in _TEXT and isinstance(each, str)), None)
        if text is None or len(times) < 2 or None in times or any(map(_PAUSED.fullmatch, fields)):
            return []
        timed.append((times[0] or 0, times[1] or 0, " ".join(text.split())))
    divisor = _MS if timed and timed[-1][1] > _SECONDS_MOST * _MS else 1
    return [((start // divisor, stop // divisor), [ReadLine(text)]) for start, stop, text in timed if text]


def _begins(text: str) -> bool:
    return _BEGINS.match(text) is not None


FORMAT = TextFormat(begins=_begins, lines=_lines)
