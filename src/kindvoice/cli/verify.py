"""kindvoice verify."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from kindvoice.cli.context import print_json, settings
from kindvoice.cli.options import AS_JSON
from kindvoice.publish import verify as measuring
from kindvoice.publish.manifest import loudness_facts
from kindvoice.sound.presets import all_presets, find_preset


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--preset", metavar="NAME", help="What to check against; the manifest's own if left out.")
@AS_JSON
def verify(files: tuple[Path, ...], preset: str | None, as_json: bool) -> int:
    """Measure finished FILES: length, loudness, peaks, edges, chapters, captions. Exit code 1 when a point fails."""
    presets = all_presets(settings().presets)
    wanted = find_preset(preset, presets) if preset else None
    reports = [measuring.verify(path, wanted, presets) for path in files]
    if as_json:
        print_json(
            [
                {
                    "path": str(report.path),
                    "passed": report.passed,
                    "loudness": loudness_facts(report.loudness) if report.loudness else None,
                    "findings": [asdict(finding) for finding in report.findings],
                }
                for report in reports
            ]
        )
    else:
        _print(reports)
    return 0 if all(report.passed for report in reports) else 1


def _print(reports: list[measuring.Report]) -> None:
    from rich.table import Table
    from rich.text import Text

    from kindvoice.cli.show import console

    out = console()
    styles = {measuring.PASS: "green", measuring.FAIL: "bold red", measuring.INFO: "dim"}
    for report in reports:
        out.print(Text(str(report.path), style="bold"))
        table = Table(box=None, pad_edge=False, show_header=False)
        for finding in report.findings:
            verdict = Text(finding.verdict, style=styles[finding.verdict])
            wanted = Text(f"wanted {finding.wanted}" if finding.wanted else "", style="dim")
            table.add_row(verdict, finding.point, Text(finding.measured), wanted)
            if finding.cure:
                table.add_row("", "", Text(finding.cure, style="yellow"), "")
        out.print(table)
