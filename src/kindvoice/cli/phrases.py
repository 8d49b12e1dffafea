"""kindvoice phrases list|new."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kindvoice.cli.context import print_json, script_folders, settings
from kindvoice.cli.options import AS_JSON, LANGUAGE
from kindvoice.errors import OutputError, ScriptError, did_you_mean
from kindvoice.paths import typed

if TYPE_CHECKING:
    from kindvoice.script import Phrase
    from kindvoice.script.phrasebook import Phrasebook
    from kindvoice.settings import Settings


@click.group()
def phrases() -> None:
    """Wishes: find some by need, or put your own into words."""


@phrases.command("list")
@click.option("--language", type=LANGUAGE, default="en", metavar="TAG", help="Such as en, de or pt-BR.")
@click.option("--need", metavar="NAME", help="Such as safety, kindness, acceptance or strength.")
@AS_JSON
def list_phrases(language: str, need: str | None, as_json: bool) -> None:
    """Phrases by need."""
    book = _book(language)
    names = [one.name for one in book.needs]
    if need and need not in names:
        raise ScriptError(f"there is no need {need!r}", cure=did_you_mean(need, names))
    chosen = [one for one in book.needs if need in (None, one.name)]
    if as_json:
        print_json(
            {
                "language": book.language,
                "questions": list(book.questions),
                "needs": {
                    n.name: {"title": n.title, "phrases": [p.forms() for p in n.phrases]} for n in chosen
                },
            }
        )
        return
    for one in chosen:
        click.echo(f"{one.title} ({one.name})")
        for phrase in one.phrases:
            click.echo(f"  {phrase}")


@phrases.command()
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False), default=Path("phrases.yaml"),
                required=False)  # fmt: skip
@click.option("--language", type=LANGUAGE, default="en", metavar="TAG", help="Such as en, de or pt-BR.")
def new(path: Path, language: str) -> None:
    """Find words of your own, with a few gentle questions; they go into PATH (phrases.yaml) and nowhere else."""
    if path.suffix.lower() not in {".yaml", ".yml"}:
        path = path.parent / f"{path.name}.yaml"
    if path.exists():
        raise OutputError(f"{path} is there already", cure="choose another name; nothing is replaced")
    book, config = _book(language), settings()
    click.echo(
        "There is no wrong answer, and no hurry. An empty line goes on; nothing leaves this computer.\n"
    )
    for question in book.questions:
        click.echo(question)
        _meet(_asked("  "), book.language, config)  # a thought for the writer alone: it is not kept
    _suggest(book)
    kept: list[Phrase] = []
    click.echo("\nNow your phrases, one a line, as wishes; an empty line ends.")
    while text := _asked(f"{len(kept) + 1}: "):
        phrase = _phrase(text, book.language)
        if phrase is not None:
            _meet(text, book.language, config)
            kept.append(phrase)
    if not kept:
        click.echo("Nothing was written. You can come back whenever you like.")
        return
    _write(path, kept, book.language)
    now = typed("render", "loving-kindness", "--phrases", path, "--language", book.language)
    click.echo(f"\n{path}\nnow: {now}")


def _book(language: str) -> Phrasebook:
    from kindvoice.script.phrasebook import find_phrasebook

    return find_phrasebook(language, script_folders(settings()))


def _asked(prompt: str) -> str:
    """A line; nothing at the end of the input."""
    try:
        return str(click.prompt(prompt, default="", show_default=False, prompt_suffix="")).strip()
    except click.Abort:
        if os.isatty(0):
            raise
        return ""


def _meet(text: str, language: str, config: Settings) -> None:
    from kindvoice.care import find_care
    from kindvoice.cli.care import show

    if care := find_care([text], language):
        show(care, config)
        click.echo("", err=True)


def _suggest(book: Phrasebook) -> None:
    names = ", ".join(need.name for need in book.needs)
    click.echo(f"\nSome words that others have found; a need shows them: {names}. An empty line goes on.")
    while wanted := _asked("  "):
        need = next((n for n in book.needs if wanted.casefold() in (n.name, n.title.casefold())), None)
        for phrase in need.phrases if need else ():
            click.echo(f"    {phrase}")


def _phrase(text: str, language: str) -> Phrase | None:
    """The phrase with its forms, asked for where no rule is sure; suggestions are only that."""
    from kindvoice.lint import phrase_hints
    from kindvoice.script import make_phrase

    try:
        phrase = make_phrase(text, language)
    except ScriptError as error:
        click.echo(f"   {error.what}")
        return None
    for hint in phrase_hints(str(phrase), language):
        click.echo(f"   {hint.what}: {hint.better}. It is yours, keep it if it is right.")
    forms = phrase.forms()
    for name, question in (
        ("other", "   to somebody dear, you would say: "), ("together", "   for both of you: "),
    ):  # fmt: skip
        if name in forms:
            click.echo(f"   {forms[name]}")
        elif said := _asked(question):
            forms[name] = said
    return make_phrase(str(phrase), language, {name: form for name, form in forms.items() if name != "self"})


def _write(path: Path, kept: list[Phrase], language: str) -> None:
    import yaml

    from kindvoice.publish.output import write_new

    document = {"language": language, "phrases": [phrase.forms() for phrase in kept]}
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=200)
    write_new(path, text, mode=0o600)  # intimate: for nobody else on this computer
