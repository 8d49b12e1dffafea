"""kindvoice check."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kindvoice.cli.context import print_json, script_folders, settings
from kindvoice.errors import SettingsError
from kindvoice.languages import primary

if TYPE_CHECKING:
    from kindvoice.lint import Finding


@click.command()
@click.argument("scripts", nargs=-1, metavar="[SCRIPT]...")
@click.option(
    "--all", "everything", is_flag=True, help="The whole library, and every language against the English."
)
@click.option("--language", metavar="TAG", help="With --all: only this language.")
@click.option("--rules", "list_rules", is_flag=True, help="List the rules and why they are there.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def check(
    scripts: tuple[str, ...], everything: bool, language: str | None, list_rules: bool, as_json: bool
) -> int:
    """Look through SCRIPT for what might hurt, mislead or be misspoken: file, line, why, and a better wording."""
    from kindvoice import lint
    from kindvoice.script.library import entries, find_script

    if list_rules:
        _rules(lint.known_rules(), as_json)
        return 0
    if not scripts and not everything:
        raise SettingsError("nothing to check", cure="name a script, or --all for the library")
    folders = script_folders(settings())
    library = list(entries(folders))
    ours = {entry.path for entry in library}
    english = {entry.practice: entry.path for entry in library if primary(entry.language) == "en"}
    if everything:
        wanted = [entry.path for entry in library if language in (None, entry.language)]
    else:
        wanted = [find_script(name, language, folders) for name in scripts]
    found = lint.check(wanted, library=ours, english=english)
    open_ones = [finding for finding in found if not finding.accepted]
    if as_json:
        print_json(_document(found, len(wanted)))
    else:
        _print(found, wanted)
    return 1 if any(finding.level == lint.ERROR for finding in open_ones) else 0


def _print(found: Sequence[Finding], wanted: Sequence[Path]) -> None:
    from kindvoice.lint import LEVELS

    colours = {"error": "red", "warning": "yellow", "hint": "cyan"}
    for finding in found:
        if finding.accepted:
            continue
        level = click.style(finding.level, fg=colours[finding.level])
        click.echo(f"{finding.where}: {level}: {finding.what} [{finding.rule}]")
        click.echo(f"    {finding.why}" + (f"; better: {finding.better}" if finding.better else ""))
    open_ones = [finding for finding in found if not finding.accepted]
    counts = ", ".join(f"{sum(f.level == level for f in open_ones)} {level}s" for level in LEVELS)
    accepted = len(found) - len(open_ones)
    click.echo(f"{len(wanted)} scripts: {counts}" + (f", {accepted} accepted on purpose" if accepted else ""))


def _document(found: Sequence[Finding], count: int) -> dict[str, object]:
    return {
        "scripts": count,
        "findings": [
            {
                "rule": f.rule, "level": f.level, "path": f.where.path, "line": f.where.line, "what": f.what,
                "why": f.why, "better": f.better,
            }
            for f in found if not f.accepted
        ],
        "accepted": [
            {"rule": f.rule, "path": f.where.path, "line": f.where.line, "what": f.what, "reason": f.accepted}
            for f in found if f.accepted
        ],
    }  # fmt: skip


def _rules(known: dict[str, tuple[str, str]], as_json: bool) -> None:
    if as_json:
        print_json([{"rule": name, "level": level, "why": why} for name, (level, why) in known.items()])
        return
    for name, (level, why) in known.items():
        click.echo(f"{name:16} {level:8} {why}")
