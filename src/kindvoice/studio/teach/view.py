"""What a teacher sees of a script: its text line by line, what was found in it, and its picture over time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from kindvoice import lint
from kindvoice.build.read import Reading, lines_by_voice
from kindvoice.errors import FitError, KindvoiceError
from kindvoice.lint import Finding
from kindvoice.lint.base import spoken_ms
from kindvoice.model import Clip, Mark, ParagraphBreak, Say, Schedule, Script, Utterance
from kindvoice.publish.picture import outline_columns, timeline_svg
from kindvoice.script.source import read_text
from kindvoice.sound.mix import Mix
from kindvoice.sound.prepare import prepare_sounds, reader
from kindvoice.sound.waveform import waveform
from kindvoice.speech.speak import LEAD_FRAMES, TAIL_FRAMES
from kindvoice.store import Store
from kindvoice.studio.teach.scripts import Desk, VoicedVersion
from kindvoice.timing.fit import fit
from kindvoice.units import frames_to_ms, ms_to_frames, short_clock

_SHOWN_LINES = 4_000
_CUT = re.compile(r"(\{%.{0,500}?%\}|\{#.{0,500}?#\}|\{\{.{0,500}?\}\}|\\.|\[[^\[\]]*\]|<[^<>]*>)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptLine:
    """A line of the author's file."""

    number: int
    parts: tuple[tuple[str, str], ...]
    """(kind, text): words, cue, template, heading, front"""
    findings: tuple[Finding, ...] = ()
    recorded: int = 0
    """how many of its sentences a person has recorded"""
    left_out: str = ""
    """why it is not heard in this version, as in `from 12m`"""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A script as it is on the disk now."""

    title: str
    language: str
    rows: tuple[ScriptLine, ...]
    loose: tuple[Finding, ...]
    """findings that are of the whole file"""
    counts: Mapping[str, int]
    """by level, of what is not accepted"""
    accepted: tuple[Finding, ...]
    problem: KindvoiceError | None
    """why there is no picture: it cannot be read, spoken or fitted as it was asked for"""
    problem_lines: frozenset[int]
    parts: tuple[str, ...]
    """what can be made alone, by name"""
    voice: str
    facts: tuple[tuple[str, str], ...]
    """what it is (voice, lines, recorded), and its value"""
    picture: str
    """SVG, with lengths that are guessed; empty where there is a problem"""


def look(desk: Desk, voiced: VoicedVersion) -> View:
    """Everything that can be known without speaking. Takes some tenths of a second."""
    path, text, findings = voiced.version.script, "", []
    with suppress(KindvoiceError):  # it is read once more below, where it is told
        text = read_text(path)
        findings = lint.check([path], library=[path] if desk.is_library(path) else [])
    problem: KindvoiceError | None = None
    reading: Reading | None = None
    schedule: Schedule | None = None
    try:
        reading = desk.read(voiced)
        schedule = guessed(reading, desk.store)
    except FitError as error:
        # The guess may be wrong: the lengths that were spoken decide.
        schedule = guessed(reading, desk.store, natural=True) if reading else None
        problem = None if schedule else error
    except KindvoiceError as error:
        problem = error
    # Where there is a problem, the linter tells of the same fault in its own words.
    open_ones = [f for f in findings if not f.accepted and not (problem and f.rule == "readable")]
    recorded = _recorded(reading) if reading else {}
    script = reading.script if reading else None
    return View(
        title=script.title if script else path.stem,
        language=script.language if script else "en",
        rows=tuple(_rows(text, open_ones, recorded, _left_out(script) if script else {})),
        loose=tuple(finding for finding in open_ones if not finding.where.line),
        counts={level: sum(finding.level == level for finding in open_ones) for level in lint.LEVELS},
        accepted=tuple(finding for finding in findings if finding.accepted),
        problem=problem,
        problem_lines=frozenset(e.where.line for e in problem.each if e.where) if problem else frozenset(),
        parts=parts_of(reading) if reading else (),
        voice=reading.cast[""].name if reading else "",
        facts=tuple(_facts(reading)) if reading else (),
        picture=timeline_svg(schedule, script.title, language=script.language, inline=True)
        if schedule and script
        else "",
    )


def guessed(reading: Reading, store: Store, *, natural: bool = False) -> Schedule:
    """The programme with lines as long as a calm voice would take. natural: whatever length was asked for.

    Raises FitError, which may be wrong, and what a bell or a bed cannot do.
    """
    clips: dict[Utterance, Clip] = {}
    for item in reading.timeline.items:
        if isinstance(item, Say):
            take = reading.takes.get(item.utterance)
            guess_ms = max(spoken_ms(item.text, reading.script.language), 300)
            ms = take.stop_ms - take.start_ms if take else guess_ms
            frames = LEAD_FRAMES + ms_to_frames(ms) + TAIL_FRAMES
            clips[item.utterance] = Clip(
                key="", frames=frames, lead_frames=LEAD_FRAMES, tail_frames=TAIL_FRAMES
            )
    return fit(
        reading.timeline, clips, prepare_sounds(reading.timeline, store), None if natural else reading.script.length_ms,
        head_ms=reading.preset.head_ms, tail_ms=reading.preset.tail_ms,
    )  # fmt: skip


def exact_svg(
    schedule: Schedule, title: str, language: str, store: Store, on_block: Callable[[], None]
) -> str:
    """The picture of a programme whose lines have been spoken, with the outline of its sound.

    on_block: called every half second of it; what it raises ends the work.
    """
    mix = Mix(schedule, reader(store))

    def blocks() -> Iterator[object]:
        for block in mix.blocks():
            on_block()
            yield block

    outline = waveform(blocks(), schedule.frames, outline_columns(schedule))  # type: ignore[arg-type]
    return timeline_svg(schedule, title, outline, language=language, inline=True)


def schedule_facts(schedule: Schedule) -> dict[str, str]:
    return {
        "length": short_clock(frames_to_ms(schedule.frames)),
        # Rounded to what can be asked for.
        "shortest": short_clock(-(-schedule.shortest_ms // 1000) * 1000),
        "longest": short_clock(schedule.longest_ms),
    }


def parts_of(reading: Reading) -> tuple[str, ...]:
    """The chapters; what is heard before the first heading is one too, named as in `fit` after the script."""
    titles: list[str] = []
    heard = False
    for item in reading.timeline.items:
        if isinstance(item, Mark):
            titles += [reading.script.title] if heard and not titles else []
            titles.append(item.title)
        heard = heard or type(item).__name__ in {"Say", "Ring"}
    return tuple(titles)


# ---------------------------------------------------------------- lines


def _left_out(script: Script) -> dict[int, str]:
    """By line, why it is not heard; lines that some round of a loop lets be heard are not in it."""
    heard = {cue.where.line for cue in script.cues if not isinstance(cue, ParagraphBreak)}
    reasons = {
        line: left.reason for left in script.left_out for line in range(left.where.line, left.last_line + 1)
    }
    return {line: reason for line, reason in reasons.items() if line not in heard}


def _rows(
    text: str, findings: list[Finding], recorded: Mapping[int, int], left_out: Mapping[int, str]
) -> Iterator[ScriptLine]:
    by_line: dict[int, list[Finding]] = {}
    for finding in findings:
        by_line.setdefault(finding.where.line, []).append(finding)
    inside = remark = False
    for number, line in enumerate(text.split("\n")[:_SHOWN_LINES], 1):
        fence = line.strip() == "---" and (number == 1 or inside)
        kind = "front" if inside or fence else "words"
        inside = inside != fence
        if kind == "words" and (remark or ("{#" in line and "#}" not in line)):
            kind = "template"  # a comment over several lines
            remark = "#}" not in line
        yield ScriptLine(
            number=number, parts=tuple(line_parts(line, kind)), findings=tuple(by_line.get(number, ())),
            recorded=recorded.get(number, 0), left_out=left_out.get(number, ""),
        )  # fmt: skip


def line_parts(line: str, kind: str = "words") -> Iterator[tuple[str, str]]:
    """(kind, text), as in ScriptLine. kind: of the whole line; words may have cues among them."""
    if kind != "words":
        if line:
            yield kind, line
        return
    if re.match(r"#{1,6}\s", line):
        yield "heading", line
        return
    for piece in _CUT.split(line):
        if piece.startswith("{"):
            yield "template", piece
        elif piece.startswith(("[", "<")) and len(piece) > 1:
            yield "cue", piece
        elif piece:
            yield "words", piece


def _recorded(reading: Reading) -> dict[int, int]:
    lines: dict[int, set[str]] = {}
    for item in reading.timeline.items:
        if isinstance(item, Say) and item.utterance in reading.takes:
            lines.setdefault(item.where.line, set()).add(item.text)
    return {line: len(texts) for line, texts in lines.items()}


def _facts(reading: Reading) -> Iterator[tuple[str, str]]:
    said = lines_by_voice(reading.timeline, reading.cast)
    yield "voice", ", ".join(said) or reading.cast[""].name
    yield "lines", str(sum(len({item.text for item in items}) for items in said.values()))
    if reading.takes:
        yield "recorded", str(len(reading.takes))
