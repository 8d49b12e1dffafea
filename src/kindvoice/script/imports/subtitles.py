"""Subtitles with time codes, SubRip (SRT) and WebVTT: what is between two of them is a pause."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from kindvoice.model import Where
from kindvoice.script.directions import LANGUAGES, read_alone, vocabulary
from kindvoice.script.imports.base import ReadLine, TextFormat, unreadable
from kindvoice.units import format_ms

_CLOCK = r"(?:\d{1,4}:)?[0-5]?\d:[0-5]?\d(?:[.,]\d{1,3})?"
_TIMES = re.compile(rf"[ \t]*({_CLOCK})[ \t]*-->[ \t]*({_CLOCK})(?:[ \t].*)?")
_BEGINS = re.compile(rf"\s*+(?:WEBVTT(?:[ \t\n]|$)|(?:\d{{1,6}}[ \t]*\n)?[ \t]*{_CLOCK}[ \t]*-->)")
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]*>|<[\d:.]+>|\{\\[^{}\n]*\}")
_TURN = re.compile(r"(?:>>|-|–)[ \t]*(?=[^\W\d]|\[|\()")
"""somebody else speaks"""
_SPEAKER = re.compile(r"[^\W\d_a-z][^:.!?…,\n]{0,30}:[ \t]")
_NOTES = re.compile("[♩♪♫♬#]+(?:[ ]|$)")
_SOUND = re.compile(r"[\[(（【]([^\[\]()（）【】]*)[\])）】]")
_STOP = re.compile(r"[.!?…:。！？][\"'”’»)]*$")
_LEAST_MS = 1_000
"""a shorter gap is only how captions are cut"""
_BLOCKS = {"NOTE": "a comment", "STYLE": "a command of layout", "REGION": "a command of layout"}


TimedRows = tuple[tuple[int, ...], list[ReadLine]]
"""start and end in ms, and the rows that are shown or said then; without times a block that is no cue"""


def _lines(text: str, where: Where) -> Iterable[ReadLine]:
    cues = list(_cues(text))
    if not any(times for times, _ in cues):
        raise unreadable("there is no time code in these subtitles", where)
    return timed_lines(cues)


def timed_lines(cues: Iterable[TimedRows]) -> Iterator[ReadLine]:
    """Sentences with the pauses between them."""
    ends: int | None = None
    said: list[ReadLine] = []
    last = ""
    for times, rows in cues:
        if not times:
            reason = _BLOCKS.get(rows[0].text.split()[0], "no cue of the subtitles")
            yield from (replace(row, reason=reason) for row in rows)
            continue
        gap = 0 if ends is None else times[0] - ends
        ends = max(ends or 0, times[1])
        if gap >= _LEAST_MS:
            yield from _joined(said)
            yield ReadLine(f"[pause {format_ms(gap // 100 * 100)}]", rows[0].number)
            yield ReadLine("", rows[0].number)
            said = []
        for row in rows:
            if row.text == last and gap < _LEAST_MS:  # captions that roll up show each line twice
                continue
            last = row.text
            if _NOTES.match(row.text) or (len(rows) == 1 and _is_sound(row.text)):
                yield replace(row, reason="music or a sound effect")
                continue
            if _SPEAKER.match(row.text):  # who speaks stands at the head of a line
                yield from _joined(said)
                said = []
            said.append(row)
            if _STOP.search(row.text):
                yield from _joined(said)
                said = []
    yield from _joined(said)


def _is_sound(text: str) -> bool:
    """Whether it tells what is heard there, and is no cue."""
    sound = _SOUND.fullmatch(text)
    return sound is not None and read_alone(sound[1], vocabulary("en", *LANGUAGES), emphasised=True) is None


def _joined(rows: list[ReadLine]) -> Iterator[ReadLine]:
    """A line ends where a sentence does, not where a caption was full."""
    if rows:
        yield ReadLine(" ".join(row.text for row in rows), rows[0].number)


def _cues(text: str) -> Iterator[TimedRows]:
    rows: list[ReadLine] = []
    times: tuple[int, ...] = ()
    for number, line in enumerate([*text.split("\n"), ""], 1):
        if match := _TIMES.fullmatch(line):
            times, rows = (
                tuple(map(clock_ms, (match[1], match[2]))),
                [],
            )  # a number or a name above it is for programs
        elif line.strip():
            if words := _TURN.sub("", html.unescape(_TAG.sub("", line)).strip()):
                rows.append(ReadLine(words, number))
        elif rows:
            if times or not (rows[0].text.startswith("WEBVTT") or rows[0].text.isdigit()):
                yield times, rows
            times, rows = (), []


def is_clock(text: str) -> bool:
    return re.fullmatch(_CLOCK, text) is not None


def clock_ms(clock: str) -> int:
    """
    >>> clock_ms("00:01:02,5"), clock_ms("01:02")
    (62500, 62000)
    """
    *hours, minutes, seconds = clock.replace(",", ".").split(":")
    return round((int(hours[0] if hours else 0) * 3_600 + int(minutes) * 60 + float(seconds)) * 1_000)


FORMAT = TextFormat(begins=lambda text: _BEGINS.match(text) is not None, lines=_lines)
