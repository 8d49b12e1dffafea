"""kindvoice build."""

from __future__ import annotations

from collections.abc import Container, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kindvoice.cli.builddry import dry_run as dry_run_of
from kindvoice.cli.builddry import fault_document, near, point_to_notes, size
from kindvoice.cli.context import (
    counted,
    open_store,
    own_files,
    print_json,
    script_folders,
    settings,
    tell_of_cache,
)
from kindvoice.cli.options import AUDIENCE, AUDIENCE_HELP, FORCE, LANGUAGE, complete_file

if TYPE_CHECKING:
    from kindvoice.jobs.items import Item
    from kindvoice.plan.model import Plan
    from kindvoice.publish.output import Guard
    from kindvoice.settings import Settings


@click.command()
@click.argument("plan", shell_complete=complete_file)
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
              help="In place of the plan's: CSV, XLSX, ODS, TOML or YAML.")  # fmt: skip
@click.option("--gentle", is_flag=True, help="Trauma-sensitive readings, in place of what the plan says.")
@click.option("--for", "audience", type=AUDIENCE, metavar="WHOM", help=AUDIENCE_HELP)
@click.option(
    "--without", multiple=True, metavar="CHAPTER", help="Leave out introduction, questions, likewise."
)
@click.option("--all-the-same", multiple=True, metavar="ID",
              help="Also of a participant's wishes that speak of dying or of harm; may be repeated.")  # fmt: skip
@click.option("--strict", is_flag=True,
              help="Stop at a wish without a sure form for others, and at a row that cannot be read.")  # fmt: skip
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
    all_the_same: tuple[str, ...],
    verify: bool,
    forget: str | None,
    force: bool,
    as_json: bool,
    **options: Any,
) -> int:
    """Build every recording of PLAN: a TOML file, or a course of the library (`kindvoice build eight-weeks`).

    What is right already is left alone, so the same command again does only what is missing.
    """
    from dataclasses import replace

    from kindvoice.cli.care import HELD
    from kindvoice.errors import SettingsError
    from kindvoice.jobs.report import NAME as REPORT
    from kindvoice.plan.expand import expand
    from kindvoice.plan.held import held_back
    from kindvoice.plan.read import find_plan, read_plan
    from kindvoice.publish.output import Guard

    config = settings()
    people_file = options.pop("participants")
    read = _changed(read_plan(find_plan(plan, script_folders(config)), people_file), **options)
    if people_file is not None:
        read = replace(read, output=_with_folder(read.output, "participant"))
    folder = (output or config.output / read.path.stem).absolute()
    for place in (folder, *folder.parents):
        if place.exists():
            if not place.is_dir():
                raise SettingsError(f"--output {near(place)} is a file, not a folder")
            break
    people = read.people.strict() if read.strict else read.people
    notes: list[str] = list(people.notes)
    guard = Guard(inputs=(*read.files, *own_files(config)), force=force)
    every = expand(read, output=folder, settings=config, on_note=notes.append, force=force)
    for note in notes:
        click.echo(f"note: {note}", err=True)
    for error in people.faults:
        click.echo(f"left out: {error.redacted()}", err=True)
    if forget is not None:
        return _forget(every, forget, config, folder, store, as_json)
    items = _chosen(every, only)
    held = held_back(items, all_the_same)
    for person in held:
        click.echo(f"{person}: {HELD}", err=True)
    report = folder / REPORT if len(items) == len(every) else None
    if report is not None:
        guard.check(report)
    if dry_run:
        items = tuple(item for item in items if item.participant not in held)
        return dry_run_of(read, items, folder, config, jobs, notes, as_json)
    how: dict[str, Any] = {"jobs": jobs, "scheduler": scheduler, "store": store, "verify": verify}
    return _run(read, items, report, config, as_json, guard, held, **how)


def _changed(
    plan: Plan, *, languages: tuple[str, ...], missing: str | None, gentle: bool, audience: str | None,
    without: tuple[str, ...], strict: bool,
) -> Plan:  # fmt: skip
    """The plan with what was asked for here in place of what it says."""
    from dataclasses import replace

    from kindvoice.script.frontmatter import TRAUMA_SENSITIVE

    options, output = plan.options, plan.output
    if languages:
        options = replace(options, languages=tuple(dict.fromkeys(languages)))
        output = _with_folder(output, "language") if len(languages) > 1 else output
    if gentle or audience == TRAUMA_SENSITIVE:
        options = replace(options, gentle=(True,))
    if audience and audience != TRAUMA_SENSITIVE:
        options = replace(options, audiences=(audience,))
    if without:
        options = replace(options, without=without)
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
    plan: Plan, items: Sequence[Item], report: Path | None, config: Settings, as_json: bool, guard: Guard,
    held: Container[str | None], **how: Any
) -> int:  # fmt: skip
    """report: where it goes; None: these are not all of the plan's items, and a report is of the whole plan.
    held: participants of whom nothing is made."""
    import datetime
    from dataclasses import replace

    from kindvoice.build.context import all_voices
    from kindvoice.cli.buildprogress import build_progress, print_summary
    from kindvoice.cli.care import HELD
    from kindvoice.jobs.outcome import LEFT, Outcome
    from kindvoice.jobs.report import write_report
    from kindvoice.jobs.run import run
    from kindvoice.plan.estimate import PlanPace, estimate_new

    if as_json:
        for error in plan.people.faults:
            print_json({"event": "row_left_out", **fault_document(error)}, indent=None)
    wanted = [item for item in items if item.participant not in held]
    pace = PlanPace(config.cache)
    guesses = estimate_new(wanted, all_voices(config), open_store(config))
    work = {name: pace.seconds(guess) for name, guess in guesses.items()}
    with build_progress(as_json, work=work) as on_event:
        summary = run(wanted, settings=config, on_event=on_event, **how)
    left = (Outcome(item=item.id, status=LEFT, cause=HELD) for item in items if item.participant in held)
    summary = replace(summary, outcomes=(*summary.outcomes, *left))
    if how["scheduler"] is None:
        pace.learn(guesses, summary.outcomes)
    print_summary(summary, as_json)
    if report is not None:
        date = datetime.date.today().isoformat()
        write_report(items, summary, report.parent, title=plan.title(), date=date, guard=guard,
                     notes=plan.people.notes, left_out=plan.people.faults)  # fmt: skip
        if not as_json:
            click.echo(near(report))
    if not as_json:
        point_to_notes(plan)
    tell_of_cache(open_store(config))
    if plan.people.faults:
        click.echo(
            f"{counted(len(plan.people.faults), 'row')} of participants left out, as said above", err=True
        )
    return summary.exit_code or int(bool(plan.people.faults))


def _forget(
    items: Sequence[Item], participant: str, config: Settings, folder: Path, store: str | None, as_json: bool
) -> int:
    from dataclasses import asdict

    from kindvoice.jobs.forget import forget

    gone = forget(items, participant, config, folder, store=store)
    if as_json:
        print_json({**asdict(gone), "left": gone.left})
        return 0
    for path in (*gone.files, *gone.folders):
        click.echo(f"removed {path}")
    for path in gone.not_ours:
        click.echo(f"note: {path} stays: no recording names it", err=True)
    click.echo(
        f"{gone.participant}: {counted(gone.recordings, 'recording')} and {counted(gone.clips, 'clip')} in the cache "
        f"are gone, {size(gone.bytes)}; what others hear too stays ({counted(gone.shared, 'clip')})"
    )
    click.echo(gone.left)
    return 0
