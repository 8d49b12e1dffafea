"""kindvoice voices takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kindvoice.cli.context import all_voices, print_json, settings
from kindvoice.cli.options import AS_JSON, AUDIENCE, FORCE, LANGUAGE, LENGTH, complete_script, read_version
from kindvoice.errors import SettingsError
from kindvoice.paths import typed
from kindvoice.units import format_ms

if TYPE_CHECKING:
    from kindvoice.model import Take
    from kindvoice.settings import Settings
    from kindvoice.takes import Takes
    from kindvoice.takes.cutting import Cutting, Hear
    from kindvoice.takes.folder import Kept, Stale
    from kindvoice.takes.recordable import Recordable

_NOT_CHECKED = (
    "words were not checked. Order and length cannot tell a line that was left out from its neighbour that was "
    'read twice: hear a few, or let a recogniser listen (pip install "kindvoice[listen]")'
)


@click.command()
@click.argument("script", shell_complete=complete_script)
@click.option("--from", "recording", type=click.Path(path_type=Path), metavar="RECORDING",
              help="One long recording of the sheet, to be cut; any sound file.")  # fmt: skip
@click.option("--accept", "accepted", multiple=True, metavar="N",
              help="Use the take of line N, which needed a look; may be repeated; `all` for all of them.")  # fmt: skip
@click.option(
    "--own-phrases", is_flag=True, help="Also the lines with phrases, as the script itself has them."
)
@click.option("--missing", is_flag=True, help="Only the lines that have no take to be used yet.")
@click.option("--replace", is_flag=True,
              help="With --from: a new take also for lines that have one; the old file stays.")  # fmt: skip
@click.option("--listen/--no-listen", default=None,
              help='Whether a recogniser checks the words; it does when "kindvoice[listen]" is installed.')  # fmt: skip
@click.option(
    "--voice", metavar="NAME", help="The voice that the takes belong to; the script's own if left out."
)
@click.option("--language", type=LANGUAGE, metavar="TAG", help="Such as en, de or pt-BR.")
@click.option("--length", type=LENGTH, metavar="TIME", help="The version of the script: 20m, 45m.")
@click.option("--gentle", is_flag=True, help="The lines of a trauma-sensitive reading.")
@click.option("--for", "audience", type=AUDIENCE, default="everyone", metavar="WHOM", help="As in render.")
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE",
              help="A value that the script asks for; may be repeated.")  # fmt: skip
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), metavar="DIR", help="The folder for the sheet."
)
@FORCE
@AS_JSON
def takes(
    recording: Path | None, accepted: tuple[str, ...], missing: bool, replace: bool,
    listen: bool | None, output: Path | None, force: bool, as_json: bool, **options: Any,
) -> None:  # fmt: skip
    """Record SCRIPT yourself: a sheet to read from, then --from RECORDING to cut what was read into takes.

    Rendering uses a take wherever its text still matches, and the voice for the rest. A take that needs a look
    is kept, and used once it is accepted.
    """
    from kindvoice.takes import Takes
    from kindvoice.takes.recordable import lines_to_record

    config = settings()
    recordable = lines_to_record(
        read_version(options, config), all_voices(config), voice=options["voice"], default_voice=config.voice,
        own_phrases=options["own_phrases"],
    )  # fmt: skip
    again = _again(options)
    kept = Takes(config.takes)
    if accepted:
        kept.accept(recordable.voice, [recordable.lines[n] for n in _accepted(accepted, recordable, kept)])
    lines = _without_take(recordable, kept) if missing else recordable.lines
    if recording:
        _cut(recording, recordable, lines, kept, listen, replace, config, as_json, again)
    else:
        sheet = () if accepted else _write_sheet(recordable, lines, output or config.output, force)
        only = ("--missing",) if missing else ()
        _tell_state(recordable, kept, sheet, as_json, again, typed(*again, *only, "--from", "RECORDING"))


def _again(options: Mapping[str, Any]) -> tuple[str | Path, ...]:
    """The command's words for this version of the script: in another, lines are others or have other numbers."""
    script, length = options["script"], options["length"]
    words: list[str | Path] = ["voices", "takes", Path(script) if script.startswith("-") else script]
    named = {
        "--voice": options["voice"], "--language": options["language"], "--length": length and format_ms(length),
        "--for": options["audience"] if options["audience"] != "everyone" else None,
    }  # fmt: skip
    for option, value in named.items():
        words += [option, value] if value else []
    for pair in options["pairs"]:
        words += ["--set", pair]
    words += [f"--{name.replace('_', '-')}" for name in ("own_phrases", "gentle") if options[name]]
    return tuple(words)


# ---------------------------------------------------------------- accepting, sheets


def _accepted(texts: Sequence[str], recordable: Recordable, kept: Takes) -> list[int]:
    if "all" in texts:
        return list(_to_look_at(recordable, kept))
    numbers = []
    for text in texts:
        if not text.isdecimal() or int(text) not in recordable.lines:
            raise SettingsError(
                f"--accept {text!r} is no line's number",
                cure=f"a number from 1 to {len(recordable.lines)}, as on the sheet, or `all`",
            )
        numbers.append(int(text))
    return numbers


def _to_look_at(recordable: Recordable, kept: Takes) -> dict[int, Take]:
    """The newest take of each line that is not used yet."""
    from kindvoice.takes import same_words

    newest = kept.newest(recordable.voice)
    return {
        n: t for n, line in recordable.lines.items() if (t := newest.get(same_words(line))) and not t.usable
    }


def _without_take(recordable: Recordable, kept: Takes) -> dict[int, str]:
    there = kept.for_lines(recordable.voice, recordable.lines.values())
    lines = {number: line for number, line in recordable.lines.items() if line not in there}
    if not lines:
        raise SettingsError(f"every line of {recordable.title!r} has a take", cure="leave --missing out")
    return lines


def _note(recordable: Recordable) -> str:
    if not recordable.left_out:
        return ""
    return (
        "The phrases that each participant brings are not on this sheet; "
        "the voice speaks them, and every sentence that holds one."
    )


def _write_sheet(
    recordable: Recordable, lines: Mapping[int, str], output: Path, force: bool
) -> tuple[Path, ...]:
    from kindvoice.publish.output import Guard, write_whole
    from kindvoice.takes.sheet import sheet_html, sheet_text

    guard = Guard(inputs=[recordable.path], force=force)
    pages = {
        output / f"{recordable.path.stem}-sheet.html": sheet_html(
            recordable.title, lines, recordable.language, _note(recordable)
        ),
        output / f"{recordable.path.stem}-sheet.txt": sheet_text(recordable.title, lines, _note(recordable)),
    }
    for path in pages:
        guard.check(path)
    for path, page in pages.items():
        write_whole(path, page, guard)
    return tuple(pages)


def _tell_state(
    recordable: Recordable, kept: Takes, sheet: tuple[Path, ...], as_json: bool, again: Sequence[str | Path], now: str
) -> None:  # fmt: skip
    there = kept.for_lines(recordable.voice, recordable.lines.values())
    look = _to_look_at(recordable, kept)
    stale = kept.stale(recordable.voice, list(recordable.lines.values()), recordable.practice)
    if as_json:
        print_json(
            {
                **_head(recordable, kept), "sheet": [str(path) for path in sheet],
                "lines": [
                    {
                        "number": n, "text": line, "used": str(there[line].path) if line in there else None,
                        "look": str(look[n].path) if n in look else None,
                        "reason": look[n].reason if n in look else "",
                    }
                    for n, line in recordable.lines.items()
                ],
                "changed": _changed_document(stale),
            }
        )  # fmt: skip
        return
    for path in sheet:
        click.echo(path)
    click.echo(
        f"{len(recordable.lines)} lines, {len(there)} of them with a take of the voice {recordable.voice!r}"
    )
    if _note(recordable) and sheet:
        click.echo(f"note: {_note(recordable)}")
    _tell_looks({n: (take.reason, take) for n, take in look.items()}, again)
    _tell_stale(stale)
    if sheet:
        click.echo(f"now: record the sheet, then: {now}")


# ---------------------------------------------------------------- cutting


def _cut(
    recording: Path, recordable: Recordable, lines: Mapping[int, str], kept: Takes, listen: bool | None, replace: bool,
    config: Settings, as_json: bool, again: Sequence[str | Path],
) -> None:  # fmt: skip
    from kindvoice.build.prepared import Progress
    from kindvoice.cli.progress import progress
    from kindvoice.takes.cutting import cut

    hear = _hear(listen, recordable.language, config)
    with progress(quiet=as_json or hear is None) as on_event:
        cutting = cut(
            recording, lines, language=recordable.language, hear=hear,
            on_progress=lambda done, total: on_event(Progress(stage="listen", done=done, total=total)),
        )  # fmt: skip
    done = {
        k.match.number: k
        for k in kept.keep(recordable.voice, cutting, script=recordable.practice, replace=replace)
    }
    stale = kept.stale(recordable.voice, list(recordable.lines.values()), recordable.practice)
    if as_json:
        print_json(_cutting_document(recordable, kept, cutting, done, stale))
        return
    _table(cutting, lines, done)
    sure = sum(match.verdict == "sure" for match in cutting.matches)
    click.echo(
        f"\n{len(lines)} lines: {sure} sure, {len(cutting.matches) - sure} to look at, "
        f"{len(cutting.missing)} not found. Kept in {kept.folder / recordable.voice}"
    )
    click.echo(f"the voice at {cutting.speech_lufs:.1f} LUFS, the room {-cutting.noise_db:.0f} dB below it")
    for note in cutting.notes:
        click.echo(f"warning: {note}.", err=True)
    if hear is None:
        click.echo(f"note: {_NOT_CHECKED}", err=True)
    if cutting.unused:
        parts = ", ".join(f"{start / 1000:.1f}-{stop / 1000:.1f} s" for start, stop in cutting.unused)
        click.echo(f"sounds that are no line, or an earlier reading of one: {parts}")
    if any(k.status == "has a take" for k in done.values()):
        click.echo("lines that had a take kept it; --replace puts the new ones in their place")
    _tell_looks(
        {n: (k.match.reason, k.take) for n, k in done.items() if not k.take.usable}, again, reasons=False
    )
    _tell_stale(stale)


def _hear(listen: bool | None, language: str, config: Settings) -> Hear | None:
    from kindvoice.speech.recognise import INSTALL, Recogniser, available

    if listen is False or (listen is None and not available()):
        return None
    if not available():
        raise SettingsError("speech recognition is not installed", cure=INSTALL)
    recogniser = Recogniser(config.cache / "recogniser")
    if listen is None and not recogniser.knows(language):
        return None
    return recogniser.hear


def _table(cutting: Cutting, lines: Mapping[int, str], done: Mapping[int, Kept]) -> None:
    from rich.text import Text

    from kindvoice.cli.show import console, plain_table

    matches = {match.number: match for match in cutting.matches}
    columns = ("line", "verdict", "at", "seconds", "text", "why")
    table = plain_table(*columns, right=("line", "at", "seconds"), wrap=("text", "why"))
    styles = {"sure": "green", "look": "yellow", "not found": "red"}
    for number, text in lines.items():
        match = matches.get(number)
        verdict = match.verdict if match else "not found"
        at = f"{match.start_ms / 1000:.1f} s" if match else ""
        seconds = f"{(match.stop_ms - match.start_ms) / 1000:.1f}" if match else ""
        status = done[number].status if match else ""
        why = "; ".join(filter(None, [match.reason if match else "", "" if status == "kept" else status]))
        table.add_row(str(number), Text(verdict, style=styles[verdict]), at, seconds, Text(text), Text(why))
    console().print(table)


def _tell_looks(
    look: Mapping[int, tuple[str, Take]], again: Sequence[str | Path], *, reasons: bool = True
) -> None:
    if not look:
        return
    click.echo("these need a look, and are not used yet:")
    for number, (reason, take) in look.items():
        click.echo(f"  {number:3d}  {take.path}" + (f"  {reason}" if reasons and reason else ""))
    some = [word for n in list(look)[:2] for word in ("--accept", str(n))]
    click.echo(f"hear them, then record those lines again, or: {typed(*again, *some)}")


def _tell_stale(stale: Sequence[Stale]) -> None:
    for one in stale:
        if one.line is not None:
            click.echo(
                f"changed since it was recorded, so its take is not used: {one.take.text!r}\n  is now: {one.line!r}",
                err=True,
            )
    if gone := sum(one.line is None for one in stale):
        click.echo(f"{gone} more takes are of lines that are not in this version of the script", err=True)


# ---------------------------------------------------------------- documents


def _head(recordable: Recordable, kept: Takes) -> dict[str, object]:
    return {
        "script": str(recordable.path), "voice": recordable.voice, "language": recordable.language,
        "folder": str(kept.folder / recordable.voice), "left_out": recordable.left_out,
    }  # fmt: skip


def _changed_document(stale: Sequence[Stale]) -> list[dict[str, object]]:
    return [{"text": one.take.text, "now": one.line, "path": str(one.take.path)} for one in stale]


def _cutting_document(
    recordable: Recordable, kept: Takes, cutting: Cutting, done: Mapping[int, Kept], stale: Sequence[Stale]
) -> dict[str, object]:
    return {
        **_head(recordable, kept),
        "recording": str(cutting.recording),
        "speech_lufs": cutting.speech_lufs,
        "noise_db": cutting.noise_db,
        "overloaded": cutting.overloaded,
        "notes": list(cutting.notes),
        "lines": [
            {**asdict(m), "status": done[m.number].status, "take": str(done[m.number].take.path)}
            for m in cutting.matches
        ],
        "not_found": list(cutting.missing),
        "unused": [{"start_ms": start, "stop_ms": stop} for start, stop in cutting.unused],
        "changed": _changed_document(stale),
    }  # fmt: skip
