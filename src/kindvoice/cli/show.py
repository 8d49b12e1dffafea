"""Tables and lines for a person, documents for a program."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

import click

from kindvoice.errors import revealed
from kindvoice.languages import count_words, language_name
from kindvoice.model import Chapter, ParagraphBreak, Script, Words
from kindvoice.script.cues import format_cue
from kindvoice.units import clock, format_ms, frames_to_ms, frames_to_seconds

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from kindvoice.build.prepared import Prepared
    from kindvoice.model import Loudness


def console() -> Console:
    """Colour on a terminal, whole lines of plain text in a pipe."""
    from rich.console import Console  # takes long to load

    return Console(
        width=None if sys.stdout.isatty() else 200, highlight=False, soft_wrap=not sys.stdout.isatty()
    )


def heard_lines(script: Script) -> Iterator[str]:
    """A script as it is heard, a paragraph a line, with what is left out and why."""
    parts: list[tuple[int, str]] = []
    left_out = list(script.left_out)

    def leave_until(before: int) -> Iterator[str]:
        while left_out and left_out[0].before <= before:
            left = left_out.pop(0)
            yield f"- {left.where.line:4}  ({left.reason}) {left.text}"

    def paragraph() -> Iterator[str]:
        if parts:
            yield f"  {parts[0][0]:4}  {' '.join(text for _, text in parts)}"
            parts.clear()

    for i, cue in enumerate(script.cues):
        match cue:
            case ParagraphBreak():
                yield from paragraph()
                yield from leave_until(i + 1)
            case Chapter():
                yield from (*paragraph(), *leave_until(i), "", f"  {cue.where.line:4}  # {cue.title}")
            case _:
                yield from leave_until(i) if not parts else ()
                parts.append((cue.where.line, cue.text if isinstance(cue, Words) else format_cue(cue)))
    yield from (*paragraph(), *leave_until(len(script.cues)))


def plain_table(*columns: str, right: Collection[str] = (), wrap: Collection[str] = ()) -> Table:
    """right: columns of numbers. wrap: those that give way where a terminal is narrow."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", no_wrap=column not in wrap)
    return table


def loudness_line(reading: Loudness) -> str:
    return (
        f"{reading.integrated_lufs:.1f} LUFS, RMS {reading.rms_db:.1f} dB, "
        f"true peak {reading.true_peak_dbtp:.1f} dBTP, {frames_to_seconds(reading.frames, reading.rate):.3f} s"
    )


def voices_line(prepared: Prepared) -> str:
    """Who speaks, and in which language."""
    return ", ".join(f"{voice.name} in {language_name(voice.language)}" for voice in prepared.heard)


def _events(prepared: Prepared) -> list[dict[str, object]]:
    schedule = prepared.schedule
    rows: list[tuple[int, int, dict[str, object]]] = []

    def add(order: int, start: int, stop: int, kind: str, text: str, line: int, speaker: str = "") -> None:
        event = {
            "start_ms": frames_to_ms(start), "stop_ms": frames_to_ms(stop), "kind": kind, "text": text, "line": line,
            "speaker": speaker,
        }  # fmt: skip
        rows.append((start, order, event))

    for mark in schedule.chapters:
        add(0, mark.start_frame, mark.start_frame, "chapter", mark.title, 0)
    if schedule.landing_frame is not None:
        add(1, schedule.landing_frame, schedule.frames, "landing", "sparser and quieter from here on", 0)
    for bed in schedule.beds:
        name = bed.sound if not bed.loop_frames else "file"
        add(1, bed.start_frame, bed.stop_frame, "bed", name, 0)
    for bell in schedule.bells:
        add(2, bell.start_frame, bell.stop_frame, "bell", bell.sound, bell.where.line)
    for event in schedule.speech:
        add(3, event.start_frame, event.stop_frame, "speech", event.text, event.where.line, event.speaker)
    for gap in schedule.gaps:
        text = f"{format_ms(gap.natural_ms)} written" if gap.kind in {"pause", "hold"} else gap.kind
        add(4, gap.start_frame, gap.stop_frame, "pause", text, gap.where.line)
    return [event for _, _, event in sorted(rows, key=lambda row: row[:2])]


def timeline_document(prepared: Prepared) -> dict[str, object]:
    schedule = prepared.schedule
    return {
        "title": prepared.script.title,
        "voice": prepared.voice.name,
        "language": prepared.voice.language,
        "duration_ms": frames_to_ms(schedule.frames),
        "ratio": round(schedule.ratio, 6),
        "shortest_ms": schedule.shortest_ms,
        "longest_ms": schedule.longest_ms,
        "events": _events(prepared),
        "notes": [revealed(note) for note in prepared.reading.notes],
    }


_STYLES: dict[str, dict[str, Any]] = {
    "chapter": {"bold": True}, "pause": {"dim": True}, "bell": {"fg": "yellow"}, "bed": {"fg": "cyan"},
    "landing": {"fg": "cyan"}, "speech": {},
}  # fmt: skip


def timeline_table(prepared: Prepared) -> None:
    schedule = prepared.schedule
    events = _events(prepared)
    rows = [("at", "lasts", "what   ", "line", "")]
    for event in events:
        kind, start, stop = str(event["kind"]), int(str(event["start_ms"])), int(str(event["stop_ms"]))
        length = "" if kind == "chapter" else f"{(stop - start) / 1000:.1f} s"
        text = f"{event['speaker']}: {event['text']}" if event["speaker"] else str(event["text"])
        rows.append((clock(start), length, f"{kind:7}", str(event["line"] or ""), text))
    widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:-1]]
    for kind, (*cells, text) in zip(["chapter", *(str(e["kind"]) for e in events)], rows, strict=True):
        row = "  ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
        click.echo(click.style(f"{row}  {text}".rstrip(), **_STYLES[kind]))
    speech = sum(frames_to_ms(e.stop_frame - e.start_frame) for e in schedule.speech)
    words = sum(count_words(e.text) for e in schedule.speech)
    total = frames_to_ms(schedule.frames)
    click.echo(
        f"\n{prepared.script.title}: {clock(total)}, {100 * speech / total:.0f} % of it speech, "
        f"{words / (total / 60_000):.0f} words a minute over the whole, "
        f"{words / (speech / 60_000) if speech else 0:.0f} while speaking."
    )
    if voices := voices_line(prepared):
        click.echo(f"Voice: {voices}.")
    click.echo(
        f"Pauses are set at {schedule.ratio:+.2f} (-1 shortest, 0 as written, +1 longest); with these words it can "
        f"last from {clock(schedule.shortest_ms)} to {clock(schedule.longest_ms)}."
    )
