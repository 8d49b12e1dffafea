"""How far a build is, for people and for machines."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from kindvoice.cli import buildprogress
from kindvoice.cli.buildprogress import build_progress, print_summary, summary_lines
from kindvoice.jobs.outcome import JobEvent, Outcome, Summary

BUILT = Outcome(
    item="ana/01", status="built", why="not built yet", manifest=Path("/out/a.manifest.json"), duration_ms=600_000,
    bytes=9_600_000, asked=50, spoken=5, wall_s=12.3456, warnings=("too loud",), notes=("a fair voice",),
)  # fmt: skip
FAILED = Outcome(item="ben/01", status="failed", cause="a.md:3: unknown cue\n  did you mean [bell]?")
EVENTS = (
    JobEvent(kind="skipped", item="cem/01", outcome=Outcome(item="cem/01", status="skipped")),
    JobEvent(kind="planned", done=1, total=3),
    JobEvent(kind="started", item="ana/01", worker="2", total=1),
    JobEvent(kind="progress", item="ana/01", worker="2", stage="speak", done=0, total=50),
    JobEvent(kind="progress", item="ana/01", worker="2", stage="speak", done=25, total=50),
    JobEvent(kind="progress", item="ana/01", worker="2", stage="wait", done=0, total=1),
    JobEvent(kind="progress", item="ana/01", worker="2", stage="encode", done=3, total=6),
    JobEvent(kind="built", item="ana/01", worker="2", outcome=BUILT),
    JobEvent(kind="failed", item="ben/01", worker="2", outcome=FAILED),
    JobEvent(kind="finished", done=3, total=3),
)
SUMMARY = Summary(
    outcomes=(BUILT, FAILED, Outcome(item="cem/01", status="skipped", duration_ms=600_000)), wall_s=13.0
)


def test_machines_get_one_object_a_line_and_one_line_a_stage(capsys):
    with build_progress(as_json=True) as on_event:
        for event in EVENTS:
            on_event(event)
    print_summary(SUMMARY, as_json=True)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in lines] == [
        "skipped", "planned", "started", "progress", "progress", "progress", "built", "failed", "finished", "summary",
    ]  # fmt: skip
    assert lines[6]["lines_spoken_now"] == 5
    assert lines[7]["cause"] == FAILED.cause
    assert lines[-1]["failures"] == [{"item": "ben/01", "cause": FAILED.cause}]
    assert (lines[-1]["built"], lines[-1]["lines_reused"], lines[-1]["audio_ms"]) == (1, 45, 1_200_000)


def test_people_get_nothing_on_stdout_and_little_where_there_is_no_terminal(capsys):
    with build_progress() as on_event:
        for event in EVENTS:
            on_event(event)
    assert capsys.readouterr() == ("", "")
    assert not sys.stderr.isatty()


def test_one_bar_over_all_and_one_line_per_worker():
    out = io.StringIO()
    now = [0.0]
    with Progress(console=Console(file=out, width=100), auto_refresh=False) as bars:
        shown = buildprogress._Bars(bars, lambda: now[0])
        for event in EVENTS[:5]:
            now[0] += 2.0
            shown(event)
        whole, worker = bars.tasks
        assert worker.description.strip() == "Speaking  ana/01"
        assert worker.completed == 0.25
        assert (whole.total, whole.completed) == (2, 0.25)
        assert whole.fields["note"] == "0/2  42s left"
        assert len(whole.description) == len(worker.description)
        for event in EVENTS[5:]:
            shown(event)
        assert (whole.completed, whole.fields["note"]) == (2, "2/2  ")
        assert worker.description.strip() == "idle"
    assert "ben/01: a.md:3: unknown cue" in out.getvalue()


def test_where_there_is_no_terminal_a_line_a_minute_says_how_far_it_is(capsys):
    now = [0.0]
    shown = buildprogress._Bars(buildprogress._Lines(lambda: now[0]), lambda: now[0])
    for event in EVENTS:
        now[0] += 20.0
        shown(event)
    told = capsys.readouterr()
    assert told.out == ""
    assert [line[:13] for line in told.err.splitlines()] == [
        "Building  0/2",
        "Building  0/2",
        "Building  2/2",
    ]


def test_what_is_left_is_told_by_the_work_that_is_left():
    """A slow voice's lines first, then little: nine tenths of the work are done when the first item is."""
    now = [0.0]
    work = {"ana/01": (80.0, 10.0), "ben/01": (0.0, 10.0), "cem/01": (0.0, 900.0)}
    with Progress(console=Console(file=io.StringIO(), width=100), auto_refresh=False) as bars:
        shown = buildprogress._Bars(bars, lambda: now[0], work)
        whole = bars.tasks[0]
        for event, note in (
            (EVENTS[0], ""),  # cem's is there
            (replace(EVENTS[1], total=3), "0/2  "),
            (EVENTS[2], "0/2  "),
            (replace(EVENTS[4], done=25, total=50), "0/2  60s left"),
            (replace(EVENTS[6], stage="check", done=1, total=1), "0/2  4s left"),
            (EVENTS[7], "1/2  4s left"),
        ):
            shown(event)
            assert whole.fields["note"] == note
            now[0] = {"progress": 40.0}.get(event.kind, 40.0 if event is EVENTS[2] else 0.0)
        assert whole.completed == 2 * 0.9


def test_the_summary_names_what_failed_and_why():
    assert list(summary_lines(SUMMARY)) == [
        "1 built, 1 right already, 1 failed",
        "50 lines asked for, 5 spoken, 45 reused",
        "10m of sound built in 13.0 s; 20m in all",
        "note: a fair voice",
        "warning: ana/01: too loud",
        "failed:",
        "  ben/01  a.md:3: unknown cue",
        "            did you mean [bell]?",
    ]
    assert list(summary_lines(Summary(outcomes=(), wall_s=0.1))) == ["nothing to build"]
    idle = Summary(outcomes=(Outcome(item="cem/01", status="skipped", duration_ms=600_000),), wall_s=0.1)
    assert list(summary_lines(idle)) == ["1 right already", "10m in all"]
    stopped = Summary(outcomes=(FAILED,), wall_s=0.1, stopped="the disk is full")
    assert list(summary_lines(stopped))[-1] == "stopped: the disk is full"
    assert (SUMMARY.exit_code, stopped.exit_code, Summary(outcomes=(BUILT,), wall_s=1).exit_code) == (1, 1, 0)
