"""The command line: argv to calls, events to text. Nothing is decided here.

Exit codes: 0 done, 1 the user can fix it, 3 a bug, 130 interrupted.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback

import click

from kindvoice import __version__
from kindvoice.errors import KindvoiceError

COMMANDS = {
    "render": "kindvoice.cli.render:render",
    "timeline": "kindvoice.cli.render:timeline",
    "check": "kindvoice.cli.check:check",
    "scripts": "kindvoice.cli.scripts:scripts",
    "phrases": "kindvoice.cli.phrases:phrases",
    "voices": "kindvoice.cli.voices:voices",
    "build": "kindvoice.cli.build:build",
    "studio": "kindvoice.cli.studio:studio",
    "verify": "kindvoice.cli.verify:verify",
    "page": "kindvoice.cli.page:page",
    "feed": "kindvoice.cli.feed:feed",
    "cache": "kindvoice.cli.cache:cache",
}
HELP = {
    "render": "Turn a script into a finished recording.",
    "timeline": "Show what will happen when, without encoding.",
    "check": "Look through scripts for what might hurt, mislead or be misspoken.",
    "scripts": "The library: list, show, begin a script of your own, or export one as SSML.",
    "phrases": "Wishes: find some by need, or put your own into words.",
    "voices": "The voices: list, hear, install, or record your own.",
    "build": "Build a plan: a course, participants, languages, in one go.",
    "studio": "A page where somebody makes a meditation of their own.",
    "verify": "Measure a finished file.",
    "page": "A listening page of finished recordings, for any browser.",
    "feed": "A podcast feed of finished recordings.",
    "cache": "What is kept between runs: look at it, or clear it.",
}
EPILOG = """\b
Settings come from options, then variables, then a TOML file, then defaults:
  KINDVOICE_OUTPUT   where finished files go (./output)
  KINDVOICE_CACHE    the folder of spoken lines, kept between runs
  KINDVOICE_VOICE    the voice when neither an option nor the script names one
  KINDVOICE_BED      likewise the background sound
  KINDVOICE_PRESET   likewise what it is for: podcast, insight-timer, acx, audiobook, broadcast, sleep
  KINDVOICE_PRESETS  a TOML file of your own presets
  KINDVOICE_FORMAT   mp3, m4b, m4a, opus, ogg, flac, wav, or several with commas; else the preset's own
  KINDVOICE_CAPTIONS vtt, srt, lrc, txt, html, several with commas, or none
  KINDVOICE_ARTIST   who the tags name when the script names no author
  KINDVOICE_VOICES   a folder of your own voice files
  KINDVOICE_SCRIPTS  a folder of your own library
  KINDVOICE_MODELS   the folder of installed voices' files
  KINDVOICE_TAKES    the folder of recorded lines
  KINDVOICE_CONFIG   the TOML file, which has the same names in lower case
  KINDVOICE_STUDIO_PASSWORD  for the teachers' pages of a studio that others can reach
kindvoice is a practice aid, not therapy, and no help in a crisis."""


class _Lazy(click.Group):
    """Commands whose modules are imported when they are called, so that --help pays for nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        return getattr(importlib.import_module(module), attribute)  # type: ignore[no-any-return]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(HELP.items()))

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


def main(args: list[str] | None = None) -> None:
    """The console script, and the one place that catches."""
    sys.exit(run(args))


def run(args: list[str] | None = None) -> int:
    """Carries a command out and gives its exit code."""
    try:
        result = cli.main(args=args, standalone_mode=False)
        return result if isinstance(result, int) else 0
    except KindvoiceError as error:
        _tell(str(error))
        return 1
    except click.exceptions.Exit as error:
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        _tell("interrupted; what was spoken is kept for the next run", head="")
        return 130
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        _tell(error.format_message() + (f"\n  {context.command_path} --help tells more" if context else ""))
        return 1
    except BrokenPipeError:
        # The reader has gone (`kindvoice scripts show x | head`): nothing is wrong, nothing more to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the last resort: a bug is said plainly, without a traceback
        if os.environ.get("KINDVOICE_DEBUG"):
            traceback.print_exc()
        _tell(
            f"this is a bug in kindvoice: {type(error).__name__}: {error}\n"
            "  please report it; KINDVOICE_DEBUG=1 shows where it happened"
        )
        return 3


def _tell(message: str, head: str = "error: ") -> None:
    click.echo(head + message, err=True)
