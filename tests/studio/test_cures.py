"""What a teacher is told speaks of what is on the page: never of options, commands or variables."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import kindvoice
from kindvoice.errors import KindvoiceError, SettingsError, on_page, redacted, revealed, terminal
from kindvoice.studio.teach.texts import trouble_in

SRC = Path(kindvoice.__file__).parent
TYPED = re.compile(
    r"(?<![\w-])--[a-z]{2}|KINDVOICE_[A-Z]|`kindvoice |pip install"
    r"|\bkindvoice (voices|check|render|scripts|cache|build)\b"
)
ELSEWHERE = (
    "cli", "jobs/cluster.py", "store/remote.py", "speech/install.py", "speech/recognise.py", "build/play.py",
    "build/sample.py",
    "publish/feed", "publish/page", "publish/verify.py", "takes/sheet.py", "build/context.py", "settings.py",
    "engines", "studio/host/config.py", "studio/host/worker.py", "studio/serve.py", "plan/naming.py",
    "errors.py", "care",
)  # fmt: skip
"""What only a host or a command line meets: what is wrong with an installation or with a plan file's own words, the
studio's start, and measurements whose cures the studio words itself. What an engine lacks is marked as it is told."""


def said(path: Path) -> list[tuple[int, str]]:
    """The texts of a module that may be shown, with their lines: not docstrings, and not what is for a terminal."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"terminal", "typed"}:
            skipped |= set(ast.walk(node))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped |= set(ast.walk(node))
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if node not in skipped and isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


@pytest.mark.slow
def test_no_message_that_a_page_can_show_speaks_of_what_is_typed():
    told = []
    for path in sorted(SRC.rglob("*.py")):
        place = path.relative_to(SRC).as_posix()
        if not place.startswith(ELSEWHERE):
            told += [
                f"{place}:{line}: {text}" for line, text in said(path) if TYPED.search(text) and " " in text
            ]
    for path in (SRC / "studio").glob("*/words/*.toml"):
        told += [f"{path}: {line}" for line in path.read_text("utf-8").splitlines() if TYPED.search(line)]
    assert not told


def test_the_terminal_has_the_whole_sentence_and_a_page_the_part_that_is_its_own():
    error = SettingsError("no", cure=f"name another{terminal(' with --output')}, or none")
    assert error.cure == "name another with --output, or none"
    assert str(error) == error.redacted() == "no\n  name another with --output, or none"
    assert on_page(error.marked_cure) == "name another, or none"
    assert trouble_in("en", error) == ("no", "name another, or none")
    assert redacted(terminal("x")) == revealed(terminal("x")) == "x" and on_page(terminal("x")) == ""


def _voice() -> None:
    from kindvoice.speech.voices import find_voice

    find_voice({}, "nobody")


def _practice() -> None:
    from kindvoice.script.library import find_script

    find_script("nothing-such", "en", [])


def _blank() -> None:
    from kindvoice.script import read_script
    from kindvoice.script.version import Version

    read_script(Version(script=Path("a.md"), text="Hello [your name]. [pause 4s]\n{{ minutes }}\n"))


def _in_the_way(folder: Path) -> None:
    from kindvoice.publish.output import OURS_ONLY

    (folder / "a").write_text("mine")
    OURS_ONLY.check(folder / "a")


@pytest.mark.parametrize("fault", [_voice, _practice, _blank, _in_the_way])
def test_real_errors_are_told_without_options(tmp_path, fault):
    with pytest.raises(KindvoiceError) as caught:
        fault(*([tmp_path] if fault is _in_the_way else []))
    assert any(TYPED.search(f"{each.what} {each.cure}") for each in caught.value.each), (
        "else it proves nothing"
    )
    for each in caught.value.each:
        assert not TYPED.search(" ".join(trouble_in("en", each)))
