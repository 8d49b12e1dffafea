"""kindvoice build."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kindvoice.cli.context import open_store, own_files, print_json, script_folders, settings, tell_of_cache
from kindvoice.cli.options import AUDIENCE, FORCE, LANGUAGE

if TYPE_CHECKING:
    from kindvoice.jobs.items import Item
    from kindvoice.plan.estimate import Estimate
    from kindvoice.plan.model import Plan
    from kindvoice.publish.output import Guard
    from kindvoice.settings import Settings


@click.command()
@click.argument("plan")
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="DIR",
              help="The folder that the recordings go into; output/PLAN if left out.")  # fmt: skip
@click.option("--dry-run", is_flag=True,
              help="Show what would be built, what is right already, and a guess of the rest.")  # fmt: skip
@click.option("--only", multiple=True, metavar="GLOB",
              help="Only recordings with such an id, as --dry-run shows them: 'de/*'; may be repeated.")  # fmt: skip
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
@click.option("--store", metavar="URL",
              help="What workers without a common cache folder share spoken lines through: an fsspec URL.")  # fmt: skip
@click.option("--verify", is_flag=True, help="Read every byte of what is there, whatever is known of it.")
@click.option(
    "--forget", metavar="PARTICIPANT", help="Remove everything that was made from somebody's words."
)
@FORCE
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
    force: bool,
    as_json: bool,
    **options: Any,
) -> int:
    """Build every recording of PLAN: a TOML file, or a course of the library (`kindvoice build eight-weeks`).

    What is right already is left alone, so the same command again does only what is missing.
    """
    from kindvoice.errors import SettingsError
    from kindvoice.jobs.report import NAME as REPORT
    from kindvoice.plan.expand import expand
    from kindvoice.plan.read import find_plan, read_plan
    from kindvoice.publish.output import Guard

    own = settings()
    read = _changed(read_plan(find_plan(plan, script_folders(own))), **options)
    folder = (output or own.output / read.path.stem).absolute()
    for place in (folder, *folder.parents):
        if place.exists():
            if not place.is_dir():
                raise SettingsError(f"--output {_near(place)} is a file, not a folder")
            break
    notes: list[str] = []
    guard = Guard(inputs=(*read.files, *own_files(own)), force=force)
    every = expand(read, output=folder, settings=own, on_note=notes.append, force=force)
    for note in notes:
        click.echo(f"note: {note}", err=True)
    if forget is not None:
        return _forget(every, forget, own, folder, store, as_json)
    items = _chosen(every, only)
    report = folder / REPORT if len(items) == len(every) else None
    if report is not None:
        guard.check(report)
    if dry_run:
        return _dry_run(read, items, folder, own, jobs, notes, as_json)
    how: dict[str, Any] = {"jobs": jobs, "scheduler": scheduler, "store": store, "verify": verify}
    return _run(read, items, report, own, as_json, guard, **how)


def _changed(
    plan: Plan, *, languages: tuple[str, ...], missing: str | None, participants: Path | None, gentle: bool,
    audience: str | None, strict: bool,
) -> Plan:  # fmt: skip
    """The plan with what was asked for here in place of what it says."""
    from dataclasses import replace

    from kindvoice.plan.people import read_people

    options, output = plan.options, plan.output
    if participants is not None:
        plan = replace(plan, participants=read_people(participants))
        output = _with_folder(output, "participant")
    if languages:
        options = replace(options, languages=tuple(dict.fromkeys(languages)))
        output = _with_folder(output, "language") if len(languages) > 1 else output
    if gentle:
        options = replace(options, gentle=(True,))
    if audience:
        options = replace(options, audiences=(audience,))
    skip = plan.skip_missing if missing is None else missing == "skip"
    return replace(plan, options=options, output=output, skip_missing=skip, strict=plan.strict or strict)


def _with_folder(output: str, name: str) -> str:
    """A template that was written for one, for several."""
    return output if not output or f"{{{name}" in output else f"{{{name}}}/{output}"


def _chosen(items: Sequence[Item], only: tuple[str, ...]) -> tuple[Item, ...]:
    from fnmatch import fnmatchcase

    from kindvoice.errors import SettingsError

    chosen: set[str] = set()
    for glob in only:
        matching = {item.id for item in items if fnmatchcase(item.id.casefold(), glob.casefold())}
        if not matching:
            raise SettingsError(f"--only {glob!r} meets none of {len(items)} recordings",
                                cure=f"their ids are such as {items[0].id}; --dry-run shows them all")  # fmt: skip
        chosen |= matching
    return tuple(item for item in items if not only or item.id in chosen)


# ---------------------------------------------------------------- building, forgetting


def _run(
    plan: Plan, items: Sequence[Item], report: Path | None, own: Settings, as_json: bool, guard: Guard, **how: Any
) -> int:  # fmt: skip
    """report: where it goes; None: these are not all of the plan's items, and a report is of the whole plan."""
    import datetime

    from kindvoice.cli.buildprogress import build_progress, print_summary
    from kindvoice.jobs.report import write_report
    from kindvoice.jobs.run import run
    from kindvoice.plan.estimate import PlanPace

    guesses, pace = _guesses(items, own), PlanPace(own.cache)
    work = {name: pace.seconds(guess) for name, guess in guesses.items()}
    with build_progress(as_json, work=work) as on_event:
        summary = run(items, settings=own, on_event=on_event, **how)
    if how["scheduler"] is None:
        pace.learn(guesses, summary.outcomes)
    print_summary(summary, as_json)
    if report is not None:
        date = datetime.date.today().isoformat()
        write_report(items, summary, report.parent, title=plan.title(), date=date, guard=guard)
        if not as_json:
            click.echo(_near(report))
    if not as_json:
        _point_to_notes(plan)
    tell_of_cache(open_store(own))
    return summary.exit_code


def _guesses(items: Sequence[Item], own: Settings) -> dict[str, Estimate]:
    """By item, for those whose manifest is not there: of what is there nothing is likely to be made."""
    from kindvoice.build.context import all_voices
    from kindvoice.plan.estimate import estimate

    new = [item for item in items if not item.request.manifest.is_file()]
    return {
        item.id: guess
        for item, guess in zip(new, estimate(new, all_voices(own), open_store(own)), strict=True)
    }


def _forget(
    items: Sequence[Item], participant: str, own: Settings, folder: Path, store: str | None, as_json: bool
) -> int:
    from kindvoice.jobs.forget import forget

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
    from dataclasses import replace

    from kindvoice.build.context import all_voices
    from kindvoice.cli.dryrun import in_the_way
    from kindvoice.jobs.state import SeenFiles, standing
    from kindvoice.jobs.workers import sensible_jobs
    from kindvoice.plan.estimate import PlanPace, estimate

    state, voices = SeenFiles(own.cache), all_voices(own)
    right = [standing(item, voices, state).right for item in items]
    state.save()
    guessed = [
        guess if done or guess.problem else replace(guess, problem=in_the_way(item, guess))
        for item, guess, done in zip(
            items, estimate(items, voices, open_store(own), right), right, strict=True
        )
    ]
    jobs = jobs or sensible_jobs()
    took = PlanPace(own.cache).range_s(guessed, jobs)
    rows = list(zip(items, guessed, right, strict=True))
    if as_json:
        print_json(_document(plan, rows, folder, jobs, took, notes))
    else:
        _table(rows, folder)
        _totals(plan, rows, folder, jobs, took)
        _point_to_notes(plan)
    return 1 if any(guess.problem for guess in guessed) else 0


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
        path = (item.request.publication.folder / (item.request.publication.name or "")).relative_to(folder)
        length = ("" if guess.exact else "~") + clock(guess.length_ms).partition(".")[0]
        state = "cannot be built" if guess.problem else "right" if right else "build"
        style = "red" if guess.problem else "dim" if right else ""
        table.add_row(
            Text(item.id), "" if guess.problem else length, "" if guess.problem else _size(guess.bytes), state,
            Text(str(path)), style=style,
        )  # fmt: skip
    console().print(table)


def _totals(plan: Plan, rows: Sequence[Row], folder: Path, jobs: int, took: tuple[float, float]) -> None:
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
        lines = sum(guess.to_speak for guess in todo)
        speech_ms = round(sum(_speech_s(todo).values())) * 1000
        speech = f"; {_many(lines, 'line')} to speak, {format_ms(speech_ms)}" if lines else ""
        click.echo(
            f"a guess: {sound} of sound, {_size(sum(guess.bytes for guess in todo))}, {_between(*took)} "
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


def _many(count: int, word: str) -> str:
    """
    >>> _many(1, "recording"), _many(0, "clip")
    ('1 recording', '0 clips')
    """
    return f"{count} {word}" + "s" * (count != 1)


def _near(path: Path) -> str:
    """A path as short as it can be said from here."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


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


def _size(size: int) -> str:
    """
    >>> _size(0), _size(12_345_678), _size(2_500_000_000)
    ('0 MB', '12 MB', '2.5 GB')
    """
    if size >= 1e9:
        return f"{size / 1e9:.1f} GB"
    return f"{size / 1e6:.1f} MB" if 0 < size < 1e7 else f"{size / 1e6:.0f} MB"
