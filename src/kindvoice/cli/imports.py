"""kindvoice scripts import."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from html import escape
from pathlib import Path

import click

from kindvoice.cli.context import counted, own_files, print_json, settings
from kindvoice.cli.options import AS_JSON, FORCE, LANGUAGE
from kindvoice.errors import OutputError
from kindvoice.languages import direction, language_name
from kindvoice.paths import typed
from kindvoice.script.imported import Imported, ImportRow, import_scripts
from kindvoice.script.imports import MAX_FILE
from kindvoice.script.source import read_bytes


@click.command("import")
@click.argument("file", metavar="FILE|-", type=click.Path(path_type=Path))
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="NEW.md",
              help="Where to write the clean script, or a folder; nothing that is there is replaced.")  # fmt: skip
@click.option("--page", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.html",
              help="Show what is spoken and what is not as a page as well.")  # fmt: skip
@click.option("--language", type=LANGUAGE, metavar="TAG", help="Such as de; otherwise the words tell.")
@FORCE
@AS_JSON
def import_script(
    file: Path, output: Path | None, page: Path | None, language: str | None, force: bool, as_json: bool
) -> None:
    """Show what would be spoken of FILE and what not, line by line, and write it as a clean script.

    Reads plain text, Markdown, DOCX, ODT, RTF, HTML, SSML, JSON, SRT and VTT, an answer from a chat, several scripts in
    one file; - is standard input.
    """
    from kindvoice.publish.output import Guard, write_new, write_whole

    standard = str(file) == "-"
    data = sys.stdin.buffer.read(MAX_FILE + 1) if standard else read_bytes(file, MAX_FILE)
    scripts = import_scripts(data, "script" if standard else str(file), language)
    targets = _targets(output, scripts) if output else []
    if page is not None:
        guard = Guard(inputs=[*([] if standard else [file]), *targets, *own_files(settings())], force=force)
        write_whole(page, _page(file.name, scripts), guard)
    for target, script in zip(targets, scripts, strict=bool(targets)):
        write_new(target, script.text)
    if as_json:
        print_json(_document(scripts, targets, page))
        return
    for at, script in enumerate(scripts):
        _print(script)
        written = targets[at : at + 1]
        click.echo(
            f"{written[0]}\nnow: {typed('render', written[0])}"
            if written
            else "nothing was written; -o NEW.md does"
        )
        click.echo("")
    if page is not None:
        click.echo(f"{page}")


def _targets(output: Path, scripts: Sequence[Imported]) -> list[Path]:
    """A file for each: of this name, or of their titles in this folder. Raises OutputError when one is there."""
    from kindvoice.publish.output import title_name

    if output.is_dir() or not output.suffix:
        names = [title_name(script.title) for script in scripts]
        names = [f"{name}-{at}" if names.count(name) > 1 else name for at, name in enumerate(names, 1)]
        targets = [output / f"{name}.md" for name in names]
    elif len(scripts) == 1:
        targets = [output]
    else:
        targets = [
            output.with_name(f"{output.stem}-{at}{output.suffix}") for at in range(1, len(scripts) + 1)
        ]
    if there := next(filter(Path.exists, targets), None):
        raise OutputError(f"{there} is there already", cure="choose another name; nothing is replaced")
    return targets


def _print(script: Imported) -> None:
    from rich.table import Table
    from rich.text import Text

    from kindvoice.cli.show import console

    table = Table(box=None, pad_edge=False, title_justify="left")
    table.add_column("line", justify="right", no_wrap=True, style="dim")
    table.add_column("spoken", ratio=3)
    table.add_column("not spoken", ratio=2)
    for row in script.rows:
        left = Text("\n").join(
            [Text(f"{text}  ", "yellow") + Text(why, "dim") for text, why in row.unspoken]
            + [
                Text(f"error: {what}", "red") + Text(f"; {cure}" if cure else "", "dim")
                for what, cure in row.wrong
            ]
        )
        table.add_row(str(row.line), Text(row.spoken, style_of(row)), left)
    console().print(table)
    click.echo(f"\n{script.title}: {_facts(script)}")
    for note in script.notes:
        click.echo(f"note: {note}", err=True)
    for blank in script.blanks:
        click.echo(f"note: to fill in: {blank}", err=True)


def style_of(row: ImportRow) -> str:
    return (
        "bold"
        if row.spoken.startswith("# ")
        else "cyan"
        if re.fullmatch(r"(?:\[[^\]]*\] ?)+", row.spoken)
        else ""
    )


def _facts(script: Imported) -> str:
    recognised = " (recognised)" if script.recognised else ""
    chapters = counted(len(script.chapters), "chapter") + (
        f": {', '.join(script.chapters)}" if script.chapters else ""
    )
    left = sum(len(row.unspoken) for row in script.rows)
    wrong = sum(len(row.wrong) for row in script.rows)
    wrong_too = f", {counted(wrong, 'error')}, left out" if wrong else ""
    return (
        f"in {language_name(script.language)}{recognised}; {chapters}; "
        f"{counted(left, 'thing')} not spoken{wrong_too}"
    )


def _page(name: str, scripts: Sequence[Imported]) -> str:
    """A page that stands alone: no program in it, and nothing from elsewhere."""
    import jinja2

    template = Path(__file__).with_name("import.html").read_text(encoding="utf-8")
    page = jinja2.Environment(
        finalize=lambda value: escape(str(value)), trim_blocks=True, keep_trailing_newline=True
    ).from_string(template)
    return page.render(name=name, scripts=scripts, facts=_facts, direction=direction, style_of=style_of)


def _document(scripts: Sequence[Imported], targets: Sequence[Path], page: Path | None) -> dict[str, object]:
    return {
        "scripts": [
            {
                "title": script.title, "language": script.language, "recognised": script.recognised,
                "chapters": script.chapters, "blanks": script.blanks, "text": script.text, "notes": script.notes,
                "path": str(targets[at]) if targets else None,
                "rows": [
                    {
                        "line": row.line, "spoken": row.spoken,
                        "unspoken": [{"text": text, "reason": reason} for text, reason in row.unspoken],
                        "wrong": [{"what": what, "cure": cure} for what, cure in row.wrong],
                    }
                    for row in script.rows
                ],
            }
            for at, script in enumerate(scripts)
        ],
        "page": str(page) if page else None,
    }  # fmt: skip
