"""Every command that a message, a page or a document shows does what it says when it is typed as it stands."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from kindvoice.cli import COMMANDS, cli, run
from kindvoice.languages import primary

ROOT = Path(__file__).parents[1]
posix = pytest.mark.skipif(sys.platform == "win32", reason="commands are read as a Unix shell does")
pytestmark = posix


SMALL = """---
title: Small
language: en
---
[bell]
May I be safe. [pause 4s]
May I be kind to myself. [pause 4s]
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def here(tmp_path, monkeypatch, cache) -> Path:
    monkeypatch.setenv("KINDVOICE_CACHE", str(cache))
    monkeypatch.chdir(tmp_path)
    for name, value in {"OUTPUT": "out", "VOICE": "tone", "FORMAT": "wav", "TAKES": "takes"}.items():
        monkeypatch.setenv(f"KINDVOICE_{name}", value)
    return tmp_path


def run_shown(text: str, *more: str) -> int:
    """The command at the end of the last line that shows one."""
    shown = re.findall(r"(?:^|: )(kindvoice .+)", text, re.MULTILINE)
    assert shown, text
    return run([*shlex.split(shown[-1])[1:], *more])


# ---------------------------------------------------------------- what to do next

NAMES = (
    "morning", "it's \"calm\" – Übung", "-f", "$HOME `date`!", "a;b & c", "a: b #1", "[bell] {{ 7*7 }}",
    "sub folder/one", "back\\slash", "a.b", "~", "yes", "...",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_new_script_is_read_by_the_command_that_is_shown(here, capsys, name):
    assert run(["scripts", "new", "--", name]) == 0, capsys.readouterr().err
    assert run_shown(capsys.readouterr().out, "--dry-run") == 0, capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("language", ["tr", "en-GB", "pt", "de-AT"])
def test_a_new_script_is_in_the_language_that_is_asked_for(here, capsys, language):
    assert run(["scripts", "new", "mine", "--language", language]) == 0
    assert run_shown(capsys.readouterr().out, "--dry-run") == 0, capsys.readouterr().err
    text = Path("mine.md").read_text(encoding="utf-8")
    assert ("May I be safe" in text) == (primary(language) == "en")


@pytest.mark.parametrize("name", ["mine.ssml", "mine.xml", ".", "folder/"])
def test_a_name_for_something_else_is_refused_with_a_cure(here, capsys, name):
    Path("folder").mkdir()
    assert run(["scripts", "new", name]) == 1
    assert [path.name for path in here.iterdir()] == ["folder"]


@pytest.fixture
def answer(monkeypatch):
    """What is typed at a question that holds such words; an empty line at any other, and the second time."""

    def give(**answers: str) -> None:
        def asked(prompt: str) -> str:
            return next((answers.pop(words) for words in list(answers) if words in prompt), "")

        monkeypatch.setattr("kindvoice.cli.phrases._asked", asked)

    return give


@pytest.mark.slow
@pytest.mark.parametrize("name", [*NAMES[:4], "sub folder/one", "mine.yml"])
def test_phrases_of_ones_own_are_spoken_by_the_command_that_is_shown(here, capsys, answer, name):
    wish = 'May I say "no": kindly, # and {{ often }}'
    answer(**{"1: ": wish, "to somebody": wish.replace("I", "you"), "for both": wish.replace("I", "we")})
    assert run(["phrases", "new", "--", name]) == 0, capsys.readouterr().err
    command = capsys.readouterr().out.replace("kindvoice render", "kindvoice timeline")
    assert run_shown(command, "--json") == 0, capsys.readouterr().err
    assert "kindly, # and {{ often }}" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("language", ["de", "pt-BR", "tr"])
def test_phrases_with_their_forms_are_spoken_in_every_language(here, capsys, answer, language):
    answer(**{"1: ": "Paz.", "to somebody": "Paz a ti.", "for both": "Paz, paz."})
    assert run(["phrases", "new", "--language", language]) == 0
    assert run_shown(capsys.readouterr().out, "--dry-run") == 0, capsys.readouterr().err


def test_a_voice_whose_name_wants_quotes_is_installed_by_the_command_that_is_shown(here, capsys, monkeypatch):
    Path("voices").mkdir()
    monkeypatch.setenv("KINDVOICE_VOICES", "voices")
    Path("voices/Anna's own.toml").write_text(
        'title = "Anna"\nengine = "tone"\nlanguage = "en"\nlicence = "CC-BY-NC-4.0"\ncredit = "Anna"\n'
        'commercial = false\n[[files]]\npath = "anna.bin"\nbytes = 3\nsha256 = "' + "0" * 64 + '"\n'
        'from = ["https://127.0.0.1:9/anna.bin"]\n'
    )
    assert run(["voices", "install", "Anna's own"]) == 5
    refused = capsys.readouterr().err
    assert run_shown(refused) == 5
    assert "may not be used commercially, and there is no terminal" in refused
    assert "127.0.0.1" in capsys.readouterr().err, "it is agreed to, and fetched"


# ---------------------------------------------------------------- what stands in texts

_COMMAND = rf"kindvoice (?:{'|'.join(COMMANDS)})\b"
_QUOTED = re.compile(
    rf"`({_COMMAND}[^`]*)`|<code>({_COMMAND}[^<]*)</code>|[“«„‘”]\s?({_COMMAND}[^”»“’]*?)\s?[”»“’]"
)
_LAST = re.compile(rf"(?:^|: )({_COMMAND}[^`\n]*)", re.MULTILINE)
_INDENTED = re.compile(rf"^ {{4}}({_COMMAND}.*?)(?: {{3,}}.*)?$", re.MULTILINE)
_CONSOLE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
"""these are test_docs.py's"""


def _texts(source: str) -> Iterator[str]:
    """A program's texts, with a \0 for what is filled in; what modules and classes say of themselves is not shown."""
    silent: set[ast.AST] = set()
    for node in ast.walk(ast.parse(source)):  # what holds others comes before them
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else "\0" for p in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in silent:
            yield node.value
        elif isinstance(node, ast.Module | ast.ClassDef) and node.body and isinstance(node.body[0], ast.Expr):
            silent.add(node.body[0].value)


def shown_commands() -> dict[str, str]:
    """Command -> where it is shown."""
    found: dict[str, str] = {}
    for path in sorted([*ROOT.glob("src/**/*.*"), *ROOT.glob("docs/*.md"), ROOT / "README.md"]):
        if path.suffix not in {".py", ".md", ".html", ".js", ".toml"}:
            continue
        text = path.read_text(encoding="utf-8")
        if not re.search(_COMMAND, text):
            continue
        texts = _texts(text) if path.suffix == ".py" else [_CONSOLE.sub("", text)]
        patterns = (_QUOTED, _INDENTED) if path.suffix == ".md" else (_QUOTED, _LAST)
        hits = (hit for text in texts for pattern in patterns for hit in pattern.finditer(text))
        for hit in hits:
            found.setdefault(" ".join(next(filter(None, hit.groups())).split()), str(path.relative_to(ROOT)))
    return found


SHOWN = shown_commands()
STANDS_FOR = {
    "verify FILE": "verify out/small.wav", "timeline FILE": "timeline loving-kindness",
    "show NAME": "show loving-kindness", "--any-length SCRIPT": "--any-length minute.md",
    "FILE.ssml": "small.ssml", "FILE": "small.md", "SCRIPT": "small.md",
    "RECORDING...": "out/small.wav", "recording.m4a": "out/small.wav --no-listen", "RECORDING": "out/small.wav",
    "--preset NAME": "--preset podcast", "install NAME": "install tone", "--accept NUMBER": "--accept all",
    "https://...": "https://example.org/kind", "my-practice": "small", "PLAN --forget": "week.toml --forget",
    " | PLAYER": "", "build PLAN": "build week.toml --dry-run",
}  # fmt: skip
"""what a reader puts in; a plan is built as a dry run"""
ONLY_READ = {
    "studio": "a server", "play": "wants a sound device", "build week.toml --dry-run --scheduler": "wants a cluster",
    "check --all": "test_library.py's", "build eight-weeks": "test_expand.py's",
    "build retreat-half-day": "test_expand.py's",
    "voices install kokoro-es": "goes online",
}  # fmt: skip
FINDS_FAULTS = ("verify out/small.wav", "check")
"""whose exit code 1 says that something was found"""


def test_messages_with_names_in_their_commands_quote_them():
    unquoted = {command: path for command, path in SHOWN.items() if "\0" in command}
    assert not unquoted, "kindvoice.paths.typed writes a command that can be pasted"


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A folder in which somebody has made all that commands are about."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "scripts/en").mkdir(parents=True)
    for path in ("small.md", "scripts/en/small.md"):
        (folder / path).write_text(SMALL)
    minute = SMALL.replace("language: en", "language: en\nrange: 1m to 1m").replace("4s]", "4s max 1m]")
    (folder / "minute.md").write_text(minute)
    (folder / "week.toml").write_text(
        'title = "Week"\n[[participants]]\nid = "p07"\n[[tracks]]\nscript = "small.md"\nlength = "30s"\n'
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for command in (
            "render small.md -o out --voice tone -f wav", "scripts export small.md --ssml -o small.ssml",
        ):  # fmt: skip
            assert run(command.split()) == 0
    return folder


@pytest.fixture
def lived_in(here, made, monkeypatch, answer) -> Path:
    answer()
    shutil.copytree(made, here, dirs_exist_ok=True)
    monkeypatch.setenv("KINDVOICE_SCRIPTS", "scripts")
    return here


def _command_of(words: list[str]) -> tuple[click.Command, list[str]]:
    command: click.Command = cli
    while isinstance(command, click.Group) and words:
        inner = command.get_command(click.Context(command), words[0])
        assert inner is not None, words
        command, words = inner, words[1:]
    return command, words


@pytest.mark.slow
@pytest.mark.parametrize("shown", sorted(command for command in SHOWN if "\0" not in command))
def test_a_command_that_is_shown_works(lived_in, capsys, shown):
    text = shown
    for word, real in STANDS_FOR.items():
        text = text.replace(word, real)
    words = shlex.split(text)[1:]
    command, rest = _command_of(words)
    if any(" ".join(words).startswith(start) for start in ONLY_READ):
        command.make_context("shown", rest)
    elif not rest and any(isinstance(param, click.Argument) and param.required for param in command.params):
        assert shown == " ".join(["kindvoice", *words]), "the command is only named"
    else:
        assert run(words) in ((0, 1) if " ".join(words).startswith(FINDS_FAULTS) else (0,)), (
            capsys.readouterr().err
        )


def _options(command: click.Command) -> set[str]:
    found = {option for param in command.params for option in (*param.opts, *param.secondary_opts)}
    if isinstance(command, click.Group):
        context = click.Context(command)
        inner = [command.get_command(context, name) for name in command.list_commands(context)]
        found |= {option for each in inner if each for option in _options(each)}
    return found


def test_options_that_are_named_are_there():
    known = _options(cli) | {"--help", "--version", "--force-reinstall", "--nthreads", "--nworkers"}
    option = re.compile(r"(?<![\w(-])--[a-z][a-z-]+(?!\w*:)")
    named = {}
    for path in ROOT.glob("src/**/*.py"):
        source = path.read_text(encoding="utf-8")
        for text in _texts(source) if option.search(source) else ():
            if " " in text:  # not one word of a command that is run
                named |= dict.fromkeys(option.findall(text), path.name)
    assert len(named) > 20
    assert {option: path for option, path in named.items() if option not in known} == {}


def test_extras_that_are_named_are_there():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    paths = (*ROOT.glob("src/**/*.py"), *ROOT.glob("docs/*.md"), ROOT / "README.md")
    texts = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    named = set(re.findall(r"(?:kindvoice|\.)\[([a-z]+)\][\"']", texts))
    assert named and named <= set(project["optional-dependencies"])
