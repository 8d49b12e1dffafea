"""kindvoice scripts list|show|new|import|export."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from kindvoice.cli.context import all_voices, own_files, print_json, print_text, script_folders, settings
from kindvoice.cli.imports import import_script
from kindvoice.cli.options import AS_JSON, FORCE, LANGUAGE, read_argument, read_version, reading_options
from kindvoice.errors import OutputError, SettingsError, VoiceError, revealed
from kindvoice.model import Script, VoiceChange
from kindvoice.paths import typed
from kindvoice.script import read_script
from kindvoice.script.beginning import begun
from kindvoice.script.imports import read_document
from kindvoice.script.library import Entry, entries, find_script
from kindvoice.script.ssml import is_ssml
from kindvoice.units import format_ms


@click.group()
def scripts() -> None:
    """The library: list it, show a script, begin one of your own, bring one in, or take one to another program."""


scripts.add_command(import_script)


@scripts.command("list")
@click.option("--language", metavar="TAG", help="Only this language.")
@AS_JSON
def list_scripts(language: str | None, as_json: bool) -> None:
    """What the library holds."""
    listed = [e for e in entries(script_folders(settings())) if language in (None, e.language)]
    if as_json:
        print_json([asdict(entry) for entry in listed])
        return
    from kindvoice.cli.show import console, plain_table

    naming = "title" if language else "languages"
    table = plain_table("practice", "from", "usual", "to", naming, wrap=("languages",))
    practices: dict[str, list[Entry]] = {}
    for entry in listed:
        practices.setdefault(entry.practice, []).append(entry)
    for practice, there in sorted(practices.items()):
        first = next((e for e in there if e.language == "en"), there[0])
        low, high = (format_ms(ms) for ms in first.range_ms) if first.range_ms else ("", "")
        usual = format_ms(first.length_ms) if first.length_ms else "as written"
        last = first.title if language else " ".join(e.language for e in there)
        table.add_row(practice, low, usual, high, last)
    console().print(table)


@scripts.command()
@reading_options
def show(**options: Any) -> None:
    """Print a script as it is written; with a length or a reading, as it is heard then.

    What is there for other lengths and other listeners stands in it with a - and the reason.
    """
    choosing = ("length", "audience", "gentle", "phrase_texts", "phrases_file", "pairs", "without")
    if all(options[name] in (None, False, (), "everyone") for name in choosing):
        path, text = read_argument(options["script"], options["language"], settings())
        print_text(read_document(path, text).text)
        return
    from kindvoice.cli.show import heard_lines
    from kindvoice.speech.notes import audience_notes

    version = read_version(options, settings())
    script = read_script(version)
    print_text("\n".join(heard_lines(script)) + "\n")
    for note in audience_notes(script, version.audience):
        click.echo(f"note: {note}", err=True)


@scripts.command()
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--from", "source", metavar="PRACTICE", help="Begin from this practice of the library.")
@click.option("--language", type=LANGUAGE, metavar="TAG", default="en", show_default=True)
def new(path: Path, source: str | None, language: str) -> None:
    """Begin a script of your own at PATH; nothing that is there is replaced."""
    from kindvoice.publish.output import safe_name, write_new

    path = path.parent / f"{safe_name(path.stem)}{path.suffix or '.md'}"
    title = path.stem.replace("-", " ").replace("_", " ").capitalize()
    text = begun(title, language, source, script_folders(settings()))
    if is_ssml(path, "") and not is_ssml(Path("-"), text):
        raise SettingsError(f"{path.name} is a name for SSML, and this text is none", cure="end it in .md")
    write_new(path, text)
    click.echo(f"{path}\nnow: {typed('render', path)}")


@scripts.command()
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path, dir_okay=False)
)
@click.option("--original", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="What they were made from; the library's English script of that name if left out.")  # fmt: skip
def follow(files: tuple[Path, ...], original: Path | None) -> None:
    """Say of translations that they follow the original as it stands now.

    It is written into their front matter; when the original changes, `check` names the paragraphs that have to follow.
    """
    from kindvoice.script.follows import following
    from kindvoice.script.load import read_facts
    from kindvoice.script.source import read_text
    from kindvoice.store import write_aside

    texts = {}
    for path in files:
        source = original or find_script(path.stem, "en", script_folders(settings()))
        if path.resolve() == source.resolve():
            raise SettingsError(f"{path} is the original itself", cure="name the translations")
        texts[path] = following(read_text(path), read_text(source), read_facts(source).get("language", "en"))
    for path, text in texts.items():
        try:
            write_aside(path, text.encode(), path.stat().st_mode & 0o777)
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error
        click.echo(path)


@scripts.command()
@reading_options
@click.option("--ssml", "as_ssml", is_flag=True,
              help="Speech Synthesis Markup Language 1.1, which other voices read.")  # fmt: skip
@click.option(
    "--plain",
    is_flag=True,
    help="For services that refuse what they do not know: nothing of kindvoice's own, no break over 10 s.",
)
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Where to write it; standard output if left out.")  # fmt: skip
@FORCE
def export(as_ssml: bool, plain: bool, output: Path | None, force: bool, **options: Any) -> None:
    """Write SCRIPT, with its phrases and at its length, in a form that other programs read.

    What is exported can be read back: kindvoice render FILE.ssml
    """
    from kindvoice.publish.output import Guard, write_whole
    from kindvoice.script.ssml import write_ssml
    from kindvoice.speech.notes import wish_notes
    from kindvoice.timing.resolve import BREATH_WORDS

    if not as_ssml:
        raise SettingsError(
            "there is no form named to export to", cure="such as: kindvoice scripts export SCRIPT --ssml"
        )
    version = read_version(options, settings())
    script = read_script(version)
    for note in wish_notes(script.stand_ins):
        click.echo(f"note: {revealed(note)}", err=True)
    text = write_ssml(
        script,
        folder=output.parent if output else None,
        languages=_spoken_languages(script),
        breath_words=BREATH_WORDS,
        plain=plain,
    )
    if output is None:
        print_text(text)
    else:
        phrases_file = options["phrases_file"]
        inputs = [version.script, *([phrases_file] if phrases_file else []), *own_files(settings())]
        write_whole(output, text, Guard(inputs=inputs, force=force))
        click.echo(f"{output}")


def _spoken_languages(script: Script) -> dict[str, str]:
    """What the speakers of voice cues speak. Another program has other voices: one that is missing here is no fault."""
    from kindvoice.speech.voices import choose_speaker

    speakers = {cue.speaker for cue in script.cues if isinstance(cue, VoiceChange) and cue.speaker}
    voices = all_voices(settings()) if speakers else {}
    languages = {}
    for speaker in speakers:
        try:
            languages[speaker] = choose_speaker(voices, speaker, script.language).language
        except VoiceError:
            continue
    return languages
