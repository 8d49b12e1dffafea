"""kindvoice build."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kindvoice.cli.context import print_json, script_folders, settings
from kindvoice.cli.options import AUDIENCE, LANGUAGE

if TYPE_CHECKING:
    from kindvoice.plan.asked import Plan
    from kindvoice.plan.estimate import Estimate
    from kindvoice.plan.items import Item
    from kindvoice.settings import Settings


@click.command()
@click.argument("plan")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder that the recordings go into; output/PLAN if left out.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Show what would be built, what is right already, and a guess of the rest.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="GLOB",
    help="Only recordings with such an id, as --dry-run shows them: 'de/*', '*/p07'; may be repeated.",
)
@click.option("--language", "languages", type=LANGUAGE, multiple=True, metavar="TAG",
              help="In place of the plan's languages; may be repeated.")  # fmt: skip
@click.option("--missing", type=click.Choice(["error", "skip"]),
              help="What to do about practices that are not there in a language.")  # fmt: skip
@click.option("--participants", type=click.Path(path_type=Path), metavar="FILE",
              help="In place of the plan's: CSV, TOML or YAML.")  # fmt: skip
@click.option("--gentle", is_flag=True, help="Trauma-sensitive readings, in place of what the plan says.")
@click.option(
    "--for", "audience", type=AUDIENCE, metavar="WHOM", help="carers, teenagers, older or pain, likewise."
)
@click.option("--strict", is_flag=True,
              help="Stop at a wish that has no sure form for somebody else.")  # fmt: skip
@click.option("--jobs", "-j", type=click.IntRange(1, 1024), metavar="N",
              help="How many are built at once; as many as cores and memory allow if left out.")  # fmt: skip
@click.option("--scheduler", metavar="URL", help="Build on a Dask cluster, such as tcp://10.0.0.5:8786.")
@click.option(
    "--store",
    metavar="URL",
    help="What workers share spoken lines through, where they do not share the cache folder: an fsspec URL.",
)
@click.option("--verify", is_flag=True, help="Read every byte of what is there, whatever is known of it.")
@click.option(
    "--forget", metavar="PARTICIPANT", help="Remove everything that was made from somebody's words."
)
@click.option(
    "--json", "as_json", is_flag=True, help="JSON: a line for every event; one document with --dry-run."
)
def build(
    plan: str,
    output: Path | None,
    dry_run: bool,
    only: tuple[str, ...],
    jobs: int | None,
    scheduler: str | None,
    store: str | None,
    verify: bool,
    forget: str | None,
    as_json: bool,
    **given: Any,
) -> int:
    """Build every recording of PLAN: a TOML file, or a course of the library (`kindvoice build eight-weeks`).

    What is right already is left alone, so the same command again does only what is missing.
    """
    from kindvoice.errors import SettingsError
    from kindvoice.plan.expand import expand
    from kindvoice.plan.read import find_plan, read_plan

    own = settings()
    read = _changed(read_plan(find_plan(plan, script_folders(own))), **given)
    folder = (output or own.output / read.path.stem).absolute()
    for place in (folder, *folder.parents):
        if place.exists():
            if not place.is_dir():
                raise SettingsError(f"--output {_near(place)} is a file, not a folder")
            break
    notes: list[str] = []
    every = expand(read, output=folder, settings=own, on_note=notes.append)
    for note in notes:
        click.echo(f"note: {note}", err=True)
    if forget is not None:
        return _forget(every, forget, own, folder, store, as_json)
    items = _chosen(every, only)
    if dry_run:
        return _dry_run(read, items, folder, own, jobs, notes, as_json)
    how: dict[str, Any] = {"jobs": jobs, "scheduler": scheduler, "store": store, "verify": verify}
    return _run(read, items, folder, own, as_json, whole=len(items) == len(every), **how)


def _changed(
    plan: Plan, *, languages: tuple[str, ...], missing: str | None, participants: Path | None, gentle: bool,
    audience: str | None, strict: bool,
) -> Plan:  # fmt: skip
    """The plan with what was asked for here in place of what it says."""
    from dataclasses import replace

    from kindvoice.plan.people import read_people

    asked, output = plan.asked, plan.output
    if participants is not None:
        plan = replace(plan, participants=read_people(participants))
        output = _with_folder(output, "participant")
    if languages:
        asked = replace(asked, languages=tuple(dict.fromkeys(languages)))
        output = _with_folder(output, "language") if len(languages) > 1 else output
    if gentle:
        asked = replace(asked, gentle=(True,))
    if audience:
        asked = replace(asked, audiences=(audience,))
    skip = plan.skip_missing if missing is None else missing == "skip"
    return replace(plan, asked=asked, output=output, skip_missing=skip, strict=plan.strict or strict)


def _with_folder(output: str, name: str) -> str:
    """A template that was written for one, for several."""
    return output if not output or f"{{{name}" in output else f"{{{name}}}/{output}"


def _chosen(items: Sequence[Item], only: tuple[str, ...]) -> tuple[Item, ...]:
    from fnmatch import fnmatchcase

    from kindvoice.errors import SettingsError

    for glob in only:
        if not any(fnmatchcase(item.id.casefold(), glob.casefold()) for item in items):
            raise SettingsError(f"--only {glob!r} meets none of {len(items)} recordings",
                                cure=f"their ids are such as {items[0].id}; --dry-run shows them all")  # fmt: skip
    return tuple(
        item
        for item in items
        if not only or any(fnmatchcase(item.id.casefold(), glob.casefold()) for glob in only)
    )


# ---------------------------------------------------------------- building, forgetting


def _run(
    plan: Plan, items: Sequence[Item], folder: Path, own: Settings, as_json: bool, *, whole: bool, **how: Any
) -> int:  # fmt: skip
    """whole: whether these are all of the plan's items, so that the report is of the whole plan."""
    import datetime

    from kindvoice.cli.buildprogress import build_progress, print_summary
    from kindvoice.plan.report import write_report
    from kindvoice.plan.run import run

    with build_progress(as_json) as on_event:
        summary = run(items, settings=own, on_event=on_event, **how)
    print_summary(summary, as_json)
    if whole:
        date = datetime.date.today().isoformat()
        report = write_report(items, summary, folder, title=plan.title(), date=date)
        if not as_json:
            click.echo(_near(report))
    if not as_json:
        _point_to_notes(plan)
    return summary.exit_code


def _forget(
    items: Sequence[Item], participant: str, own: Settings, folder: Path, store: str | None, as_json: bool
) -> int:
    from kindvoice.plan.forget import forget

    gone = forget(items, participant, own, folder, store=store)
    if as_json:
        print_json(
            {
                "participant": gone.participant, "recordings": gone.recordings, "files": [str(p) for p in gone.files],
                "folders": [str(p) for p in gone.folders], "clips": gone.clips, "bytes": gone.bytes,
                "shared": gone.shared, "not_ours": [str(p) for p in gone.not_ours], "left": gone.left,
            }
        )  # fmt: skip
        return 0
    for path in (*gone.files, *gone.folders):
        click.echo(f"removed {path}")
    for path in gone.not_ours:
        click.echo(f"note: {path} stays: no recording names it", err=True)
    click.echo(
        f"{gone.participant}: {_many(gone.recordings, 'recording')} and {_many(gone.clips, 'clip')} in the cache "
        f"are gone, {_size(gone.bytes)}; what others hear too stays ({_many(gone.shared, 'clip')})"
    )
    click.echo(gone.left)
    return 0


def _point_to_notes(plan: Plan) -> None:
    if plan.notes:
        click.echo(
            f"note: {plan.path} holds notes for whoever runs this course; please read them first", err=True
        )


# ---------------------------------------------------------------- the dry run


def _dry_run(
    plan: Plan, items: Sequence[Item], folder: Path, own: Settings, jobs: int | None, notes: Sequence[str],
    as_json: bool,
) -> int:  # fmt: skip
    from kindvoice.plan.estimate import estimate
    from kindvoice.plan.state import State, standing
    from kindvoice.plan.workers import sensible_jobs
    from kindvoice.workplace import all_voices

    state, voices = State(own.cache), all_voices(own)
    right = [standing(item, voices, state).right for item in items]
    state.save()
    guessed = estimate(items)
    jobs = jobs or sensible_jobs()
    rows = list(zip(items, guessed, right, strict=True))
    if as_json:
        print_json(_document(plan, rows, folder, jobs, notes))
    else:
        _table(rows, folder)
        _totals(plan, rows, folder, jobs)
        _point_to_notes(plan)
    return 1 if any(guess.problem for guess in guessed) else 0


Row = tuple["Item", "Estimate", bool]


def _work_s(rows: Sequence[Row], jobs: int) -> float:
    return sum(guess.work_s for _, guess, right in rows if not right) / max(1, min(jobs, len(rows)))


def _document(
    plan: Plan, rows: Sequence[Row], folder: Path, jobs: int, notes: Sequence[str]
) -> dict[str, object]:
    todo = [guess for _, guess, right in rows if not right]
    return {
        "plan": str(plan.path),
        "title": plan.title(),
        "output": str(folder),
        "notes": list(notes),
        "recordings": len(rows),
        "right": sum(right for _, _, right in rows),
        "to_build": len(todo),
        "estimate": {
            "sound_ms": sum(guess.length_ms for guess in todo),
            "bytes": sum(guess.bytes for guess in todo),
            "jobs": jobs,
            "wall_s": round(_work_s(rows, jobs)),
        },
        "items": [
            {
                "id": item.id,
                "title": item.title,
                "language": item.job.language,
                "participant": item.participant,
                "path": str(item.job.output / (item.job.name or "")),
                "right": right,
                "length_ms": guess.length_ms,
                "length_asked": guess.exact,
                "speech_ms": guess.speech_ms,
                "bytes": dict(guess.sizes),
                "problem": guess.problem,
            }
            for item, guess, right in rows
        ],
    }


def _table(rows: Sequence[Row], folder: Path) -> None:
    from rich.table import Table
    from rich.text import Text

    from kindvoice.cli.show import console
    from kindvoice.units import clock

    table = Table(box=None, pad_edge=False)
    table.add_column("recording", no_wrap=True)
    table.add_column("length", justify="right", no_wrap=True)
    table.add_column("about", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("file")
    for item, guess, right in rows:
        path = (item.job.output / (item.job.name or "")).relative_to(folder)
        length = ("" if guess.exact else "~") + clock(guess.length_ms).partition(".")[0]
        state = "cannot be built" if guess.problem else "right" if right else "build"
        style = "red" if guess.problem else "dim" if right else ""
        table.add_row(
            Text(item.id), "" if guess.problem else length, "" if guess.problem else _size(guess.bytes), state,
            Text(str(path)), style=style,
        )  # fmt: skip
    console().print(table)


def _totals(plan: Plan, rows: Sequence[Row], folder: Path, jobs: int) -> None:
    from kindvoice.units import format_ms

    todo = [guess for _, guess, right in rows if not right and not guess.problem]
    right = sum(right for _, _, right in rows)
    sound = format_ms(round(sum(guess.length_ms for guess in todo), -3))
    click.echo(
        f"\n{plan.title()}: {_many(len(rows), 'recording')}, {right} right already, {len(todo)} to build "
        f"in {_near(folder)}"
    )
    if todo:
        with_jobs = f"with {jobs} jobs" if jobs > 1 else "with one job"
        click.echo(
            f"a guess: {sound} of sound, {_size(sum(guess.bytes for guess in todo))}, about "
            f"{_rough(_work_s(rows, jobs))} {with_jobs}; less where lines were spoken before"
        )
    problems: dict[str, list[str]] = {}
    for item, guess, _ in rows:
        if guess.problem:
            problems.setdefault(guess.problem, []).append(item.id)
    for problem, ids in problems.items():
        more = f" and {len(ids) - 1} more" if len(ids) > 1 else ""
        click.echo(f"cannot be built: {ids[0]}{more}: {problem}", err=True)


def _many(count: int, word: str) -> str:
    """
    >>> _many(1, "recording"), _many(0, "clip")
    ('1 recording', '0 clips')
    """
    return f"{count} {word}" + "s" * (count != 1)


def _near(path: Path) -> str:
    """A path as short as it can be said from here."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _rough(seconds: float) -> str:
    """A time that is only guessed.

    >>> _rough(20), _rough(400), _rough(20_000)
    ('a minute', '7 minutes', '5.6 hours')
    """
    minutes = round(seconds / 60)
    if minutes <= 1:
        return "a minute"
    return f"{minutes} minutes" if minutes < 120 else f"{seconds / 3600:.1f} hours"


def _size(size: int) -> str:
    """
    >>> _size(0), _size(12_345_678), _size(2_500_000_000)
    ('0 MB', '12 MB', '2.5 GB')
    """
    return (
        f"{size / 1e9:.1f} GB"
        if size >= 1e9
        else f"{size / 1e6:.1f} MB"
        if 0 < size < 1e7
        else f"{size / 1e6:.0f} MB"
    )
