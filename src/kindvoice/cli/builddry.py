"""kindvoice build --dry-run: what a plan would come to, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kindvoice.cli.context import counted, open_store, print_json

if TYPE_CHECKING:
    from kindvoice.errors import KindvoiceError
    from kindvoice.jobs.items import Item
    from kindvoice.plan.estimate import Estimate
    from kindvoice.plan.model import Plan
    from kindvoice.settings import Settings


def dry_run(
    plan: Plan, items: Sequence[Item], folder: Path, config: Settings, jobs: int | None, notes: Sequence[str],
    as_json: bool,
) -> int:  # fmt: skip
    from dataclasses import replace

    from kindvoice.build.context import all_voices
    from kindvoice.cli.dryrun import in_the_way
    from kindvoice.jobs.state import SeenFiles, standing
    from kindvoice.jobs.workers import sensible_jobs
    from kindvoice.plan.estimate import PlanPace, estimate

    state, voices = SeenFiles(config.cache), all_voices(config)
    right = [standing(item, voices, state).right for item in items]
    state.save()
    guessed = [
        guess if done or guess.problem else replace(guess, problem=in_the_way(item, guess))
        for item, guess, done in zip(
            items, estimate(items, voices, open_store(config), right), right, strict=True
        )
    ]
    jobs = jobs or sensible_jobs()
    took = PlanPace(config.cache).range_s(guessed, jobs)
    rows = list(zip(items, guessed, right, strict=True))
    if as_json:
        print_json(_document(plan, rows, folder, jobs, took, notes))
    else:
        _table(rows, folder)
        _totals(plan, rows, folder, jobs, took)
        point_to_notes(plan)
    return 1 if plan.people.faults or any(guess.problem for guess in guessed) else 0


def fault_document(error: KindvoiceError) -> dict[str, object]:
    return {"where": str(error.where), "what": error.what, "cure": error.cure}


Row = tuple["Item", "Estimate", bool]


def _document(
    plan: Plan, rows: Sequence[Row], folder: Path, jobs: int, took: tuple[float, float], notes: Sequence[str]
) -> dict[str, object]:
    todo = [guess for _, guess, right in rows if not right]
    return {
        "plan": str(plan.path),
        "title": plan.title(),
        "output": str(folder),
        "notes": list(notes),
        "rows_left_out": [fault_document(error) for error in plan.people.faults],
        "recordings": len(rows),
        "right": sum(right for _, _, right in rows),
        "to_build": len(todo),
        "estimate": {
            "sound_ms": sum(guess.length_ms for guess in todo),
            "bytes": sum(guess.bytes for guess in todo),
            "jobs": jobs,
            "wall_s": [round(seconds) for seconds in took],
            "lines_to_speak": sum(guess.to_speak for guess in todo),
            "speech_s": {name: round(s, 1) for name, s in _speech_s(todo).items()},
        },
        "items": [
            {
                "id": item.id,
                "title": item.title,
                "language": item.request.version.language,
                "participant": item.participant,
                "path": str(item.request.publication.folder / (item.request.publication.name or "")),
                "right": right,
                "length_ms": guess.length_ms,
                "length_asked": guess.exact,
                "speech_ms": guess.speech_ms,
                "bytes": dict(guess.sizes),
                "problem": guess.problem,
                "doubt": guess.doubt,
            }
            for item, guess, right in rows
        ],
    }


def _speech_s(guesses: Iterable[Estimate]) -> dict[str, float]:
    """Seconds that are still to be spoken, by voice."""
    seconds: dict[str, float] = {}
    for guess in guesses:
        for voice, (more, _) in guess.speak.items():
            seconds[voice] = seconds.get(voice, 0.0) + more
    return seconds


def _table(rows: Sequence[Row], folder: Path) -> None:
    from rich.text import Text

    from kindvoice.cli.show import console, plain_table
    from kindvoice.units import clock

    table = plain_table("recording", "length", "about", "", "file", right=("length", "about"), wrap=("file",))
    for item, guess, right in rows:
        path = (item.request.publication.folder / (item.request.publication.name or "")).relative_to(folder)
        length = ("" if guess.exact else "~") + clock(guess.length_ms).partition(".")[0]
        state = "cannot be built" if guess.problem else "right" if right else "build"
        style = "red" if guess.problem else "dim" if right else ""
        table.add_row(
            Text(item.id), "" if guess.problem else length, "" if guess.problem else size(guess.bytes), state,
            Text(str(path)), style=style,
        )  # fmt: skip
    console().print(table)


def _totals(plan: Plan, rows: Sequence[Row], folder: Path, jobs: int, took: tuple[float, float]) -> None:
    from kindvoice.units import format_ms

    todo = [guess for _, guess, right in rows if not right and not guess.problem]
    right = sum(right for _, _, right in rows)
    sound = format_ms(round(sum(guess.length_ms for guess in todo), -3))
    click.echo(
        f"\n{plan.title()}: {counted(len(rows), 'recording')}, {right} right already, {len(todo)} to build "
        f"in {near(folder)}"
    )
    if todo:
        with_jobs = f"with {jobs} jobs" if jobs > 1 else "with one job"
        lines = sum(guess.to_speak for guess in todo)
        speech_ms = round(sum(_speech_s(todo).values())) * 1000
        speech = f"; {counted(lines, 'line')} to speak, {format_ms(speech_ms)}" if lines else ""
        click.echo(
            f"a guess: {sound} of sound, {size(sum(guess.bytes for guess in todo))}, {_between(*took)} "
            f"{with_jobs}{speech}"
        )
    faults: dict[str, list[str]] = {}
    for item, guess, _ in rows:
        if guess.problem or guess.doubt:
            head = "cannot be built" if guess.problem else "perhaps cannot be built"
            faults.setdefault(f"{head}: %s: {guess.problem or guess.doubt}", []).append(item.id)
    for text, ids in faults.items():
        more = f" and {len(ids) - 1} more" if len(ids) > 1 else ""
        click.echo(text.replace("%s", f"{ids[0]}{more}", 1), err=True)


def _between(low_s: float, high_s: float) -> str:
    """A time that is only guessed.

    >>> _between(10, 50), _between(50, 80), _between(40, 800), _between(6_000, 20_000)
    ('less than a minute', 'about a minute', '1 to 13 minutes', '1.7 to 5.6 hours')
    """
    if high_s <= 60:
        return "less than a minute"
    if high_s >= 7_200:
        return f"{low_s / 3600:.1f} to {high_s / 3600:.1f} hours"
    low, high = max(round(low_s / 60), 1), round(high_s / 60)
    if low == high:
        return f"about {low} minutes" if low > 1 else "about a minute"
    return f"{low} to {high} minutes"


def size(size: int) -> str:
    """
    >>> size(0), size(12_345_678), size(2_500_000_000)
    ('0 MB', '12 MB', '2.5 GB')
    """
    if size >= 1e9:
        return f"{size / 1e9:.1f} GB"
    return f"{size / 1e6:.1f} MB" if 0 < size < 1e7 else f"{size / 1e6:.0f} MB"


def point_to_notes(plan: Plan) -> None:
    from kindvoice.plan.model import in_language

    if plan.notes:
        words = [in_language(plan.translations, tag) for tag in plan.options.languages or ()]
        paths = [each.path for each in words if each] or [plan.path]
        holds = "holds" if len(paths) == 1 else "hold"
        click.echo(
            f"note: {' and '.join(map(str, paths))} {holds} notes for whoever runs this course; please read them first",
            err=True,
        )


def near(path: Path) -> str:
    """A path as short as it can be said from here."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
