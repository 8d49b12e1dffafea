"""Schedule to SVG. Lanes of a row, from above: chapters, words, sound, pauses, beds, time."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from kindvoice.model import BedEvent, BellEvent, GapEvent, Schedule, SpeechEvent
from kindvoice.publish.captions.plain import plain
from kindvoice.publish.picture.marks import (
    LEGEND,
    box,
    exact,
    fitted,
    length,
    line,
    number,
    tip,
    two_lines,
    wide,
    words,
)
from kindvoice.publish.picture.style import STYLE
from kindvoice.units import FRAMES_PER_MS, counted, frames_to_ms, short_clock

WIDTH = 1120
"""pixels, as all lengths here"""
_LEFT, _RIGHT = 72, 32
_PLOT = WIDTH - _LEFT - _RIGHT
COLUMN = 2.5
"""from one bar of the outline to the next"""
_ROW_MS = (
    (90_000, 30_000), (10 * 60_000, 60_000), (30 * 60_000, 120_000), (100 * 60_000, 180_000),
    (240 * 60_000, 300_000), (math.inf, 600_000),
)  # fmt: skip
"""up to which length a row holds how much"""
_TICKS_MS = {
    30_000: (1_000, 5_000), 60_000: (5_000, 10_000), 120_000: (5_000, 30_000), 180_000: (10_000, 30_000),
    300_000: (15_000, 60_000), 600_000: (30_000, 60_000),
}  # fmt: skip
"""small marks, and marks with a time, by a row's length"""
EXACT_KINDS = frozenset({"hold", "breath"})
"""silences that never give"""
_BOLD = 1.15
"""how much wider bold letters are"""
_LEADING = 15
"""from one line of words to the next"""
RANG_OUT_DB = -60.0
"""how far a bell has fallen where its sound ends"""
RUN_MS = 2_000
"""lines with less silence between them are named together"""
_GAMMA = 0.5
"""how the outline is bent: a whisper and a bell's last ringing are to be seen beside a voice"""


@dataclass(frozen=True, slots=True)
class _DrawnPiece:
    """The part of a stretch of time that lies in one row."""

    row: int
    x: float
    stop_x: float
    first: bool
    """whether the stretch begins here"""

    @property
    def width(self) -> float:
        return self.stop_x - self.x


def outline_columns(schedule: Schedule) -> int:
    """How many numbers of an outline the picture has room for."""
    return max(1, math.ceil(frames_to_ms(schedule.frames) / _row_ms(schedule) * _PLOT / COLUMN))


def timeline_svg(
    schedule: Schedule,
    title: str,
    outline: Sequence[float] = (),
    *,
    language: str = "en",
    inline: bool = False,
) -> str:
    """The picture, as the text of an SVG file; the same input gives the same text.

    outline: the loudest sample of each of any number of equal stretches of the programme, 0 or more, as
    `kindvoice.waveform` gives it (`outline_columns` says how many are wanted); empty: speech is drawn as plain
    bars. language: BCP 47, of title and words. inline: as a part of a page that has `inline_css`; what stands in a
    line of the script then names it in `data-line`. Whatever words hold, the XML is valid.
    """
    return _Drawing(schedule, plain(title) or "A programme", outline, language, inline).text()


def _row_ms(schedule: Schedule) -> int:
    total_ms = frames_to_ms(schedule.frames)
    return next(row for most, row in _ROW_MS if total_ms <= most)


@dataclass
class _Drawing:
    _schedule: Schedule
    _title: str
    _outline: Sequence[float]
    _language: str
    _inline: bool

    def __post_init__(self) -> None:
        schedule = self._schedule
        self._total_ms = frames_to_ms(schedule.frames)
        self._row_ms = _row_ms(schedule)
        self._rows, rest_ms = divmod(self._total_ms, self._row_ms)
        self._wide_ms = self._row_ms
        """what the drawing's width holds"""
        if self._rows and rest_ms <= self._row_ms // 20:
            self._wide_ms += rest_ms  # so little is the end of the row before, not a row of its own
        else:
            self._rows += 1
        self._words_y = 37 if schedule.chapters else 15
        self._sound_y = self._words_y + 2 * _LEADING - 7
        self._sound_height = 52
        self._pause_y = self._sound_y + self._sound_height + 12
        self._bed_y = self._pause_y + 14
        self._axis_y = self._bed_y + (18 if schedule.beds else 0)
        self._height = self._axis_y + 38
        self._top = 132

    # -- places

    def _y(self, row: int) -> int:
        return self._top + row * self._height

    def _pieces(self, start_frame: int, stop_frame: int) -> Iterator[_DrawnPiece]:
        start_ms, stop_ms = max(frames_to_ms(start_frame), 0), min(frames_to_ms(stop_frame), self._total_ms)
        if start_ms >= stop_ms:
            return
        for row in range(self._row(start_ms), self._row(stop_ms - 1) + 1):
            begin = row * self._row_ms
            a, b = max(start_ms, begin), min(stop_ms, begin + self._length_ms(row))
            yield _DrawnPiece(row, self._x(a - begin), self._x(b - begin), a == start_ms)

    def _row(self, ms: float) -> int:
        return min(int(ms // self._row_ms), self._rows - 1)

    def _length_ms(self, row: int) -> int:
        """How much a row holds; the last may hold less, or a little more."""
        return self._total_ms - row * self._row_ms if row == self._rows - 1 else self._row_ms

    def _x(self, ms: float) -> float:
        """ms: since the row began."""
        return _LEFT + _PLOT * ms / self._wide_ms

    # -- the whole

    def text(self) -> str:
        height = self._top + self._rows * self._height + 8
        css, prefix, style = (
            ('class="tp" ', "tp-", []) if self._inline else ("", "", [f"<style>{STYLE}</style>"])
        )
        parts = [
            f'<svg {css}xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
            f'height="{height}" role="img" aria-labelledby="{prefix}name {prefix}about" '
            f"lang={quoteattr(plain(self._language))}>",
            f'<title id="{prefix}name">{escape(self._title)}</title>',
            f'<desc id="{prefix}about" lang="en">{escape(self._description())}</desc>',
            *style,
            f'<rect class="paper" width="{WIDTH}" height="{height}"/>',
            words(_LEFT, 44, "ink title", fitted(self._title, 26 * _BOLD, _PLOT)),
            words(_LEFT, 70, "soft facts", self._facts()),
            *self._legend(),
            *(part for row in range(self._rows) for part in self._frame(row)),
            *self._chapters(),
            *(part for bed in self._schedule.beds for part in self._bed(bed)),
            *(part for bell in self._schedule.bells for part in self._wedge(bell)),
            *(self._bars() if self._outline else self._blocks()),
            *(part for gap in self._schedule.gaps for part in self._gap(gap)),
            *self._said(),
            *(part for bell in self._schedule.bells for part in self._strike(bell)),
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def _facts(self) -> str:
        speech_ms = sum(frames_to_ms(e.stop_frame - e.start_frame) for e in self._schedule.speech)
        share = round(100 * speech_ms / self._total_ms) if self._total_ms else 0
        lines = counted(len(self._schedule.speech), "line")
        facts = [f"{short_clock(self._total_ms)} long", f"{share} % speech", lines]
        longest = max((frames_to_ms(g.stop_frame - g.start_frame) for g in self._schedule.gaps), default=0)
        if longest:
            facts.append(f"longest pause {length(longest)}")
        if self._schedule.bells:
            facts.append(counted(len(self._schedule.bells), "bell"))
        return "  ·  ".join(facts)

    def _description(self) -> str:
        chapters = [
            f"{short_clock(frames_to_ms(c.start_frame))} {plain(c.title)}" for c in self._schedule.chapters
        ]
        listed = f" Chapters: {'; '.join(chapters)}." if chapters else ""
        return f"Timeline of a programme: {self._facts().replace('  ·  ', ', ')}.{listed}"

    def _legend(self) -> Iterator[str]:
        kinds = {gap.kind in EXACT_KINDS for gap in self._schedule.gaps}
        entries = (
            self._schedule.speech,
            False in kinds,
            True in kinds,
            self._schedule.bells,
            self._schedule.beds,
        )
        x = _LEFT
        for (name, shape), present in zip(LEGEND, entries, strict=True):
            if present:
                yield shape.replace("{x}", str(x)).replace("{stop}", str(x + 22))
                yield words(x + 30, 98, "soft legend", name)
                x += 30 + round(wide(name, 13)) + 28

    # -- rows

    def _frame(self, row: int) -> Iterator[str]:
        """A row's lane, its time on the left, and the marks of time below it."""
        y, begin = self._y(row), row * self._row_ms
        stop = self._length_ms(row)
        stop_x, lane, axis = self._x(stop), y + self._sound_y, y + self._axis_y
        yield words(_LEFT - 14, lane + self._sound_height / 2 + 5, "ink row", short_clock(begin), "end")
        yield box("lane", _LEFT, lane, stop_x - _LEFT, self._sound_height)
        small, named = _TICKS_MS[self._row_ms]
        for at in range(0, stop + 1, small):
            x = self._x(at)
            if at % named:
                yield line("fine", x, axis, x, axis + 4)
                continue
            yield line("rule", x, axis, x, axis + 7)
            if at < self._row_ms and (stop == self._row_ms or stop_x - x > 44 or at == stop):
                yield words(x, axis + 19, "soft tick", short_clock(begin + at), "middle")
        yield line("rule", _LEFT, axis, stop_x, axis)
        if begin + stop == self._total_ms:
            yield line("end", stop_x, lane, stop_x, axis + 7)
            yield words(stop_x, axis + 19, "ink tick", short_clock(self._total_ms), "middle")

    def _chapters(self) -> Iterator[str]:
        marks = self._schedule.chapters
        stops = [*(mark.start_frame for mark in marks), self._schedule.frames][1:]
        for i, (mark, stop) in enumerate(zip(marks, stops, strict=True)):
            title = plain(mark.title)
            begin, end = short_clock(frames_to_ms(mark.start_frame)), short_clock(frames_to_ms(stop))
            yield f"<g>{tip(f'{title}: {begin} to {end}')}"
            for piece in self._pieces(mark.start_frame, stop):
                y = self._y(piece.row)
                yield box(f"band{i % 2}", piece.x, y, piece.width, 20)
                if piece.first:
                    yield line("end", piece.x, y, piece.x, y + 20)
                if shown := fitted(title, 13 * _BOLD, piece.width - 14, least=3):
                    kind = "ink chapter" if piece.first else "soft chapter more"
                    yield words(piece.x + 7, y + 14.5, kind, shown)
            yield "</g>"

    def _bed(self, bed: BedEvent) -> Iterator[str]:
        name = "sound file" if bed.loop_frames else plain(bed.sound)
        yield self._group(f"background: {name}", bed)
        for piece in self._pieces(bed.start_frame, bed.stop_frame):
            y = self._y(piece.row) + self._bed_y
            yield box("bed", piece.x, y, piece.width, 13)
            if shown := fitted(name, 11, piece.width - 10, least=3):
                yield words(piece.x + 5, y + 10, "bedname", shown)
        yield "</g>"

    # -- sound

    def _bars(self) -> Iterator[str]:
        """The outline: a bar for each of its numbers, coloured by what is heard there."""
        loudest = max(self._outline) or 1.0
        sounds = {"speech": _stretches(self._schedule.speech), "bell": _stretches(self._schedule.bells)}
        paths: dict[tuple[int, str], list[str]] = {}
        for i, peak in enumerate(self._outline):
            frame = int((i + 0.5) * self._schedule.frames / len(self._outline))
            heard = (
                k for k, (starts, untils) in sounds.items() if frame < untils[bisect_right(starts, frame) - 1]
            )
            kind = next(heard, "other")
            ms = frame / FRAMES_PER_MS
            row = self._row(ms)
            tall = max(1.0, (self._sound_height - 4) * (max(peak, 0.0) / loudest) ** _GAMMA)
            top = self._y(row) + self._sound_y + (self._sound_height - tall) / 2
            paths.setdefault((row, kind), []).append(
                f"M{number(self._x(ms - row * self._row_ms))} {number(top)}v{number(tall)}"
            )
        for (_, kind), bars in paths.items():
            yield f'<path class="{kind} bars" d="{"".join(bars)}"/>'

    def _blocks(self) -> Iterator[str]:
        for event in self._schedule.speech:
            for piece in self._pieces(event.start_frame, event.stop_frame):
                y = self._y(piece.row) + self._sound_y + 12
                yield box("speech", piece.x, y, piece.width, self._sound_height - 24)

    def _said(self) -> Iterator[str]:
        """What is said, above its sound, as far as the silence after it leaves room; all of it on pointing there."""
        runs: list[list[SpeechEvent]] = []
        for event in self._schedule.speech:
            near = runs and frames_to_ms(event.start_frame - runs[-1][-1].stop_frame) < RUN_MS
            runs[-1].append(event) if near else runs.append([event])
        starts = [*(run[0].start_frame for run in runs), self._schedule.frames][1:]
        for run, after in zip(runs, starts, strict=True):
            if piece := next(self._pieces(run[0].start_frame, after), None):
                lines = two_lines(" ".join(plain(event.text) for event in run), 12.5, piece.width - 6)
                top = self._y(piece.row) + self._words_y + _LEADING * (2 - len(lines))
                for i, shown in enumerate(lines):
                    yield words(piece.x, top + _LEADING * i - 1, "ink words", shown)
        for event in self._schedule.speech:
            who = f"{plain(event.speaker)}: " if event.speaker else ""
            yield self._group(f"{who}{plain(event.text)}", event, event.where.line)
            for part in self._pieces(event.start_frame, event.stop_frame):
                y = self._y(part.row) + self._sound_y
                yield box("see", part.x, y, part.width, self._sound_height)
            yield "</g>"

    def _wedge(self, bell: BellEvent) -> Iterator[str]:
        """A bell falls by the same number of decibels in every second; drawn bent as the outline is."""
        start_ms, stop_ms = frames_to_ms(bell.start_frame), frames_to_ms(bell.stop_frame)
        for piece in self._pieces(bell.start_frame, bell.stop_frame):
            middle = self._y(piece.row) + self._sound_y + self._sound_height / 2
            points = []
            for step in range(17):
                x = piece.x + piece.width * step / 16
                gone = (piece.row * self._row_ms + (x - _LEFT) * self._wide_ms / _PLOT - start_ms) / (
                    stop_ms - start_ms
                )
                points.append((x, self._sound_height / 2 * 10 ** (RANG_OUT_DB * gone * _GAMMA / 20)))
            upper = "L".join(f"{number(x)} {number(middle - tall)}" for x, tall in points)
            lower = "L".join(f"{number(x)} {number(middle + tall)}" for x, tall in reversed(points))
            yield f'<path class="wedge" d="M{upper}L{lower}Z"/>'

    def _strike(self, bell: BellEvent) -> Iterator[str]:
        piece = next(self._pieces(bell.start_frame, bell.stop_frame), None)
        if piece is None:
            return
        name = plain(bell.sound.replace("\\", "/").rpartition("/")[2])
        y = self._y(piece.row) + self._sound_y + self._sound_height / 2
        yield self._group(f"bell: {name}", bell, bell.where.line)
        yield f'<circle class="bell mark" cx="{number(piece.x)}" cy="{number(y)}" r="5.5"/>'
        yield "</g>"

    # -- silence

    def _gap(self, gap: GapEvent) -> Iterator[str]:
        ms = frames_to_ms(gap.stop_frame - gap.start_frame)
        pieces = list(self._pieces(gap.start_frame, gap.stop_frame))
        if not pieces or ms < 1:
            return
        exact = gap.kind in EXACT_KINDS
        name = gap.kind if gap.kind in {"pause", "hold"} else f"{gap.kind} silence"
        stretched = gap.kind == "pause" and gap.natural_ms != ms
        written = f" (written {length(gap.natural_ms)})" if stretched else ""
        yield self._group(f"{name} {length(ms)}{written}", gap, gap.where.line)
        widest = max(pieces, key=lambda piece: piece.width)
        for piece in pieces:
            y = self._y(piece.row) + self._pause_y
            label = length(ms) if piece is widest else ""
            room = wide(label, 11) + 6
            named = bool(label) and piece.width >= room + 4
            middle = (piece.x + piece.stop_x) / 2
            spans = [(piece.x, middle - room / 2), (middle + room / 2, piece.stop_x)] if named else []
            for a, b in spans or [(piece.x, piece.stop_x)]:
                if exact:
                    yield box("hold", a, y - 3, b - a, 6)
                elif gap.kind == "pause" or piece.width > 8:
                    yield line("pause", a, y, b, y)
            if not exact and piece.width > 8:
                for x in (piece.x + 0.75, piece.stop_x - 0.75):
                    yield line("end", x, y - 4, x, y + 4)
            if named:
                yield words(middle, y + 4, "soft length", label)
            yield box("see", piece.x, y - 10, piece.width, 20)
        yield "</g>"

    def _group(self, about: str, event: SpeechEvent | BellEvent | BedEvent | GapEvent, at: int = 0) -> str:
        """The beginning of a group that tells of an event on pointing there. at: its line in the script, from 1."""
        start, stop = (exact(frames_to_ms(frame)) for frame in (event.start_frame, event.stop_frame))
        place = f", line {at}" if at else ""
        line_of_script = f' data-line="{at}"' if at and self._inline else ""
        return f"<g{line_of_script}>{tip(f'{about} ({start} to {stop}){place}')}"


def _stretches(events: Sequence[SpeechEvent | BellEvent]) -> tuple[list[int], list[int]]:
    """Where events start, in order, and until which frame there is sound of those that have started by then; the last
    until is for frames before the first."""
    untils = itertools.accumulate((event.stop_frame for event in events), max)
    return [event.start_frame for event in events], [*untils, -1]
