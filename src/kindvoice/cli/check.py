"""kindvoice check."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from kindvoice.cli.context import all_voices, counted, print_json, script_folders, settings
from kindvoice.cli.options import AS_JSON, complete_script, read_argument
from kindvoice.errors import SettingsError, revealed
from kindvoice.languages import primary
from kindvoice.units import short_clock

if TYPE_CHECKING:
    from kindvoice.lint import Figures, Finding


@click.command()
@click.argument("scripts", nargs=-1, metavar="[SCRIPT|-]...", shell_complete=complete_script)
@click.option("--all", "everything", is_flag=True,
              help="The whole library, and every language against the English.")  # fmt: skip
@click.option("--language", metavar="TAG", help="With --all: only this language.")
@click.option("--figures", "in_figures", is_flag=True,
              help="How much is silence, how long, and when cautions come, in a table.")  # fmt: skip
@click.option("--rules", "list_rules", is_flag=True, help="List the rules and why they are there.")
@AS_JSON
def check(
    scripts: tuple[str, ...], everything: bool, language: str | None, in_figures: bool, list_rules: bool,
    as_json: bool,
) -> int:  # fmt: skip
    """Look through SCRIPT for what might hurt, mislead or be misspoken: file, line, why, and a better wording."""
    from kindvoice import lint
    from kindvoice.script.library import entry_of, library_paths

    if list_rules:
        _rules(lint.known_rules(), as_json)
        return 0
    if not scripts and not everything:
        raise SettingsError("nothing to check", cure="name a script, or --all for the library")
    config = settings()
    folders = script_folders(config)
    documents = {} if everything else dict(read_argument(name, language, config) for name in scripts)
    named = list(documents)
    practices = {path.stem for path in named}
    paths = sorted(library_paths(folders).items())
    # Only what is compared with is read: a script that is broken does not stand in the way of another.
    library = [entry_of(*key, path) for key, path in paths if everything or key[1] in practices]
    wanted = named or [entry.path for entry in library if language in (None, entry.language)]
    own = [path for _, path in paths]
    if in_figures:
        _figures(list(lint.figures(wanted)), as_json)
        return 0
    findings = lint.check(
        wanted,
        library=[*own, *(path for path in named if path.resolve() in {each.resolve() for each in own})],
        english={entry.practice: entry.path for entry in library if primary(entry.language) == "en"},
        processes=os.cpu_count() or 1,
        voices=all_voices(config),
        texts={path: text for path, text in documents.items() if text is not None},
    )
    open_ones = [finding for finding in findings if not finding.accepted]
    if as_json:
        print_json(_document(findings, len(wanted)))
    else:
        _print(open_ones)
        counts = ", ".join(
            counted(sum(finding.level == level for finding in open_ones), level) for level in lint.LEVELS
        )
        accepted = len(findings) - len(open_ones)
        on_purpose = f", {accepted} accepted on purpose" if accepted else ""
        click.echo(f"{counted(len(wanted), 'script')}: {counts}{on_purpose}")
    return 1 if any(finding.level == lint.ERROR for finding in open_ones) else 0


def _print(findings: Iterable[Finding]) -> None:
    colours = {"error": "red", "warning": "yellow", "hint": "cyan"}
    for finding in findings:
        level = click.style(finding.level, fg=colours[finding.level])
        click.echo(f"{finding.where}: {level}: {finding.what} [{finding.rule}]")
        click.echo(f"    {finding.why}" + (f"; better: {revealed(finding.better)}" if finding.better else ""))


def _figures(rows: Sequence[Figures], as_json: bool) -> None:
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    click.echo(
        f"{'practice':40}{'length':>8}{'silent':>8}{'words/min':>11}{'longest':>9}{'alone at':>10}"
        f"{'caution at':>12}{'equal':>7}"
    )
    for row in rows:
        clock = [short_clock(ms) if ms is not None else "-" for ms in (row.alone_ms, row.caution_ms)]
        length = f"{row.length_ms / 60_000:g}m"
        click.echo(
            f"{row.practice + (', gentle' if row.gentle else ''):40}{length:>8}"
            f"{row.silent:>8.0%}{row.words_a_minute:>11.0f}{row.longest_silence_ms / 1000:>8.0f}s{clock[0]:>10}"
            f"{clock[1]:>12}{row.equal_pauses:>7.0%}"
            + ("" if row.possible else "   its pauses do not give so far")
        )


def _document(findings: Sequence[Finding], count: int) -> dict[str, object]:
    return {
        "scripts": count,
        "findings": [
            {
                "rule": f.rule, "level": f.level, "path": f.where.path, "line": f.where.line, "what": f.what,
                "why": f.why, "better": revealed(f.better),
            }
            for f in findings if not f.accepted
        ],
        "accepted": [
            {"rule": f.rule, "path": f.where.path, "line": f.where.line, "what": f.what, "reason": f.accepted}
            for f in findings if f.accepted
        ],
    }  # fmt: skip


def _rules(known: dict[str, tuple[str, str]], as_json: bool) -> None:
    if as_json:
        print_json([{"rule": name, "level": level, "why": why} for name, (level, why) in known.items()])
        return
    for name, (level, why) in known.items():
        click.echo(f"{name:16} {level:8} {why}")
