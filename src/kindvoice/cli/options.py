"""Kinds of options that several commands have."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from kindvoice.build.context import default_publication, default_sound
from kindvoice.cli.care import meet
from kindvoice.cli.context import script_folders
from kindvoice.errors import KindvoiceError, ScriptError, SettingsError
from kindvoice.script.frontmatter import (
    AUDIENCES,
    RESERVED,
    TRAUMA_SENSITIVE,
    parse_audience,
    parse_language,
    parse_length,
)
from kindvoice.script.tags import read_tags
from kindvoice.settings import Settings

if TYPE_CHECKING:
    from kindvoice.build.request import Request
    from kindvoice.script import Version

_Command = Callable[..., Any]


class ReadBy(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.3 on
    """An option's text through one of our own readers, which says what is wrong."""

    def __init__(self, name: str, read: Callable[[str], object]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return self._read(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(str(error), param, ctx)


LENGTH = ReadBy("length", parse_length)
FORCE = click.option(
    "--force",
    is_flag=True,
    help="Also replace files that kindvoice did not make, or that were changed since.",
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
AUDIENCE = ReadBy("audience", parse_audience)
AUDIENCE_HELP = (
    f"{', '.join(AUDIENCES[1:])}, where the script has words for them; {TRAUMA_SENSITIVE} is --gentle."
)
LANGUAGE = ReadBy("language", parse_language)


def _with(command: _Command, options: Sequence[Callable[[_Command], _Command]]) -> _Command:
    for option in reversed(options):  # --help lists them in this order
        command = option(command)
    return command


def version_options(command: _Command) -> _Command:
    """What of `render`'s options decides which words a script holds, but for its length."""
    return _with(command, (
        click.option("--phrase", "phrase_texts", multiple=True, metavar="TEXT",
                     help="A wish of your own; may be repeated."),
        click.option("--phrases", "phrases_file", type=click.Path(path_type=Path), metavar="FILE",
                     help="A file of wishes, one a line, or YAML with their forms."),
        click.option("--strict", is_flag=True,
                     help="Stop at a wish that has no sure form for somebody else; otherwise other words are spoken."),
        click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE",
                     help="A value that the script asks for; may be repeated."),
        click.option("--gentle", is_flag=True,
                     help="A trauma-sensitive reading: shorter silences, more to hold on to."),
        click.option("--for", "audience", type=AUDIENCE, default="everyone", metavar="WHOM",
                     help=AUDIENCE_HELP),
        click.option("--without", multiple=True, metavar="CHAPTER",
                     help="Leave out a chapter: introduction, questions, or any by its title; may be repeated."),
        click.option("--language", type=LANGUAGE, metavar="TAG", help="Such as en, de or pt-BR."),
    ))  # fmt: skip


def complete_script(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """For a shell: the practices of the library that begin so, else files."""
    from kindvoice.build.context import settings
    from kindvoice.script.library import library_paths

    with contextlib.suppress(KindvoiceError):
        names = sorted(
            {name for _, name in library_paths(script_folders(settings())) if name.startswith(begun)}
        )
        if names and begun:
            return [CompletionItem(name) for name in names]
    return complete_file(_, __, begun)


def complete_file(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    return [CompletionItem(begun, type="file")]


def reading_options(command: _Command) -> _Command:
    """SCRIPT, its length, and what else decides which words it holds."""
    return _with(command, (
        click.argument("script", metavar="SCRIPT|-", shell_complete=complete_script),
        click.option("--length", type=LENGTH, metavar="TIME",
                     help="How long it is to last, to the sample: 20m, 12m30s, 12:30."),
        version_options,
    ))  # fmt: skip


def read_version(options: Mapping[str, Any], settings: Settings) -> Version:
    """The version that reading_options, or some of them, name. Raises ScriptError and SettingsError."""
    # With all that reads a script, which few commands need.
    from kindvoice.script import Version, make_phrase, read_phrases
    from kindvoice.script.load import script_language
    from kindvoice.script.wishes import several_note, split_wishes

    language, file = options["language"], options.get("phrases_file")
    script, text = read_argument(options["script"], language, settings, options.get("name"))
    phrases = None
    notes: tuple[str, ...] = ()
    if options.get("phrase_texts") or file:
        spoken_in = language or script_language(script, text)
        texts = [wish for text in options["phrase_texts"] for wish in split_wishes(text) or [text]]
        phrases = tuple(make_phrase(text, spoken_in) for text in texts)
        notes = several_note("--phrase", len(options["phrase_texts"]), len(texts))
        phrases += read_phrases(file, spoken_in) if file else ()
    return Version(
        script=script, text=text, language=language, length_ms=options.get("length"), phrases=phrases,
        values=_parse_set(options["pairs"]), gentle=options["gentle"], audience=options["audience"],
        strict=options.get("strict", False), notes=notes, without=options.get("without", ()),
    )  # fmt: skip


def read_argument(
    script: str, language: str | None, settings: Settings, name: str | None = None
) -> tuple[Path, bytes | None]:
    """A script's file; for `-` a name and what stands in standard input. name: of that one; None: script."""
    from kindvoice.script.imports import MAX_FILE
    from kindvoice.script.library import find_script

    if script != "-":
        return find_script(script, language, script_folders(settings)), None
    return Path(name or "script"), sys.stdin.buffer.read(MAX_FILE + 1)


def sound_options(command: _Command) -> _Command:
    return _with(command, (
        click.option("--voice", metavar="NAME", help="See `kindvoice voices list`; NAME*0.9 speaks more slowly."),
        click.option("--bed", metavar="BED",
                     help="rain, waves, drone, off, or a sound file, over the whole programme."),
        click.option("--landing", type=LENGTH, metavar="TIME",
                     help="For falling asleep: in its last minutes (8m) it grows quieter and sparser."),
        click.option("--preset", metavar="NAME",
                     help="podcast, insight-timer, acx, audiobook, broadcast, sleep, or your own."),
        click.option("--all-the-same", is_flag=True,
                     help="Also of a wish that speaks of dying or of harm; otherwise it is asked about first."),
    ))  # fmt: skip


def request_options(command: _Command) -> _Command:
    """Everything that decides what is heard."""
    return _with(command, (reading_options, sound_options))


def tag_options(command: _Command) -> _Command:
    return _with(command, (
        click.option("--tag", "tags", multiple=True, metavar="NAME=VALUE",
                     help="What the file says of itself: title, artist, album, track=3/8, disc, date, genre, "
                     "copyright, licence..."),
        click.option("--cover", metavar="FILE", help="A picture of your own, or off; one is drawn if left out."),
    ))  # fmt: skip


def read_request(options: Mapping[str, Any], settings: Settings, output: Path) -> Request:
    """What request_options name, and tag_options and FORCE where a command has them. output: for finished files."""
    from kindvoice.build.request import Request  # not at the top: few commands need all that a build writes

    version = read_version(options, settings)
    meet(version, settings, all_the_same=options.get("all_the_same", False))
    sound = default_sound(settings)
    publication = replace(
        default_publication(settings, output), tags=_tags(options.get("tags", ())),
        cover=options.get("cover"), force=options.get("force", False),
    )  # fmt: skip
    if options["phrases_file"]:
        publication = replace(publication, made_from=(*publication.made_from, options["phrases_file"]))
    return Request(
        version=version, publication=publication,
        sound=replace(sound, voice=options["voice"], bed=options["bed"], preset=options["preset"],
                      landing_ms=options["landing"] or 0),
    )  # fmt: skip


def _tags(pairs: Iterable[str]) -> tuple[tuple[str, str | int], ...]:
    values = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise SettingsError(f"--tag {pair!r} is not name=value", cure="such as --tag track=3/8")
        values[name.strip()] = value
    try:
        return tuple(read_tags(values).items())
    except ValueError as error:
        raise SettingsError(f"--tag: {error}") from None


def _parse_set(pairs: tuple[str, ...]) -> tuple[tuple[str, object], ...]:
    """`--set name=value` as numbers and truths where they read as such."""
    values: list[tuple[str, object]] = []
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            raise SettingsError(f"--set {pair!r} is not name=value", cure="such as --set place=garden")
        if name in RESERVED:
            raise ScriptError(
                f"--set cannot change {name!r}", cure="see --length, --phrase, --language, --gentle and --for"
            )
        values.append((name, _value(value)))
    return tuple(values)


def _value(text: str) -> object:
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
