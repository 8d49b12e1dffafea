"""The command line: argv to calls, events to text. Nothing is decided here.

Exit codes: errors.EXIT_CODES.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import click

from kindvoice import __version__
from kindvoice.errors import EXIT_CODES, KindvoiceError, is_disk_full, is_of_disk
from kindvoice.units import MANY_OBJECTS

COMMANDS = {
    "render": "Turn a script into a finished recording.",
    "timeline": "Show what will happen when, without encoding.",
    "play": "Hear a script at once, while the rest of it is still being spoken.",
    "check": "Look through scripts for what might hurt, mislead or be misspoken.",
    "scripts": "The library: list, show, begin a script of your own, or export one as SSML.",
    "phrases": "Wishes: find some by need, or put your own into words.",
    "voices": "The voices: list, hear, install, or record your own.",
    "build": "Build a plan: a course, participants, languages, in one go.",
    "studio": "A page where somebody makes a meditation of their own.",
    "verify": "Measure a finished file.",
    "page": "A listening page of finished recordings, for any browser.",
    "feed": "A podcast feed of finished recordings.",
    "cache": "What is kept between runs: look at it, check it, or clear it.",
    "help": "Show this, or the help of a command.",
}
_EXITS = "\n".join(f"  {code:<3} {meaning}" for code, meaning in EXIT_CODES.items())
_SETTINGS = Path(__file__).with_name("settings.txt").read_text(encoding="utf-8")
EPILOG = f"""\b
{_SETTINGS}
\b
Exit codes:
{_EXITS}\n
kindvoice is a practice aid, not therapy, and no help in a crisis."""


class _Lazy(click.Group):
    """Commands whose modules are imported when they are called, so that --help pays for nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        if name == "help":
            return help_command
        module = importlib.import_module(f"kindvoice.cli.{'render' if name == 'timeline' else name}")
        return getattr(module, name)  # type: ignore[no-any-return]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from kindvoice.errors import nearest

        if args and args[0] not in COMMANDS and (hint := nearest(args[0], COMMANDS)):
            raise click.UsageError(f"there is no command {args[0]!r}; did you mean {hint!r}?")
        return super().resolve_command(ctx, args)


@click.group(cls=_Lazy, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kindvoice")
def cli() -> None:
    """Write a meditation once. kindvoice speaks it, paces it, makes it personal, and publishes it, offline."""


@click.command("help")
@click.argument("command", nargs=-1)
def help_command(command: tuple[str, ...]) -> None:
    """Show the help of COMMAND, or what commands there are."""
    cli.main(
        [*command, "--help"],
        prog_name=click.get_current_context().find_root().info_name,
        standalone_mode=False,
    )


def main(args: list[str] | None = None) -> None:
    """The console script, and the one place that catches."""
    gc.set_threshold(MANY_OBJECTS)
    _ready_streams()
    sys.exit(run(args))


def run(args: list[str] | None = None) -> int:
    """Carries a command out and gives its exit code."""
    try:
        code = _run(args)
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # click makes the one of the other
        # The reader has gone (`kindvoice scripts show x | head`): nothing is wrong, nothing more to say.
        _silence_stdout()
        return 0
    except OSError as error:
        _silence_stdout()
        _tell(
            f"the output cannot be written: {error.strerror or error}\n  look at where it goes: is the disk full?"
        )
        return 7 if is_disk_full(error) else 1
    return code


def _run(args: list[str] | None) -> int:
    args = sys.argv[1:] if args is None else args
    try:
        result = cli.main(args=args or ["--help"], standalone_mode=False)
        return result if isinstance(result, int) else 0
    except KindvoiceError as error:
        if "--json" in args:
            _print_errors(error)
        _tell(str(error))
        return error.exit_code
    except click.exceptions.Exit as error:
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        _tell("interrupted; what was spoken is kept for the next run", head="")
        return 130
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        _tell(error.format_message() + (f"\n  {context.command_path} --help tells more" if context else ""))
        return 1
    except Exception as error:  # the last resort: a bug is said plainly, without a traceback
        if isinstance(error, OSError) and error.filename is None:
            raise  # of a stream or a disk, not of a file that we have forgotten to look at
        if isinstance(error, OSError) and is_of_disk(error):
            _tell(
                f"{error.filename} cannot be used: {error.strerror}\n"
                "  look whether its disk is full or damaged, and whose it is; then run it again"
            )
            return 7 if is_disk_full(error) else 1
        if os.environ.get("KINDVOICE_DEBUG"):
            traceback.print_exc()
        _tell(
            f"this is a bug in kindvoice: {type(error).__name__}: {error}\n"
            "  please report it; KINDVOICE_DEBUG=1 shows where it happened"
        )
        return 3


def _print_errors(error: KindvoiceError) -> None:
    """For a program, each by itself."""
    from kindvoice.cli.context import print_json

    errors = [
        {
            "path": single.where.path if single.where else "", "line": single.where.line if single.where else 0,
            "what": single.what, "cure": single.cure,
        }
        for single in error.each
    ]  # fmt: skip
    print_json({"errors": errors})


def _tell(message: str, head: str = "error: ") -> None:
    click.echo(head + message, err=True)


# ---------------------------------------------------------------- streams


class _Lenient(io.FileIO):
    """Where nothing can be written, what was said is lost; the work is not."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data) or 0
        except OSError:
            return len(data)


def _ready_streams() -> None:
    """A character that stdout or stderr has not is shown as `?`; one that is closed takes everything."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    if not sys.stderr.isatty():
        raw = _Lenient(sys.stderr.fileno(), "w", closefd=False)
        sys.stderr = io.TextIOWrapper(
            io.BufferedWriter(raw), encoding=sys.stderr.encoding, errors="replace", line_buffering=True
        )


def _silence_stdout() -> None:
    """What is still waiting to be written would fail once more at the end."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.__stdout__.fileno() if sys.__stdout__ else 1)
        os.close(null)
