"""README and docs hold word for word: their console and Python blocks are run as a newcomer would, and compared.

One empty folder for each document, its blocks in order; for README and plans nothing has been spoken. A block after a
line that ends in `NAME`: is the file of that name. In what a command says, `...` stands for anything (as a line of its
own: for any number of lines). A command that is shown with an error does not end with exit code 0, any other does.

When a message has changed on purpose: the failure prints each block as it is now. Paste it over the old one.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from kindvoice.cli import run

ROOT = Path(__file__).parents[1]
PLAIN = re.compile(r"kindvoice [^|<>$`;&]+")
NOT_RUN = {
    r"-m (venv|pip)\b": "installs",
    r"-m pytest\b": "this test itself",
    r"kindvoice studio\b": "a server; tests/studio starts it",
    r"\bgetpass\b": "asks at a terminal",
}
"""parts of a command line (between &&) that are left out, and why"""
TIMES = r"in [\d.hms ]+;|about [\w ]+ with \d+ jobs?"
DECIMAL = r"\d+\.\d+"
"""what may differ: how long it takes; and decimals, by 0.3, because another processor rounds otherwise"""


@dataclass(frozen=True)
class Block:
    line: int
    kind: str
    name: str
    """of the file that it is to be saved as, or empty"""
    text: str


def blocks(document: str) -> Iterator[Block]:
    for hit in re.finditer(r"(?:^(.+)\n\n?)?^```(\w+)\n((?:.*\n)*?)```$", document, re.MULTILINE):
        name = re.search(r"`([^`/ ]+\.\w+)`[^`]*:$", hit[1] or "")
        line = document.count("\n", 0, hit.start(3)) + 1
        yield Block(line, hit[2], name[1] if name else "", hit[3])


def commands(block: Block) -> list[tuple[str, str]]:
    """(what is typed, what is shown below it)."""
    parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]
    return [(typed.strip(), shown) for typed, _, shown in (part.partition("\n") for part in parts)]


def to_run(typed: str) -> str:
    parts = typed.split(" && ")
    return " && ".join(part for part in parts if not any(re.search(why, part) for why in NOT_RUN))


def says(shown: str, said: str) -> bool:
    """Whether a command said what is shown."""
    pattern, numbers = "", []
    for line in shown.splitlines():
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
            continue
        numbers += re.findall(DECIMAL, re.sub(TIMES, "", line))
        for piece in re.split(rf"(\.\.\.|{TIMES}|{DECIMAL})", line.rstrip()):
            if piece == "...":
                pattern += ".*"
            elif re.fullmatch(TIMES, piece):
                pattern += f"(?:{TIMES})"
            elif re.fullmatch(DECIMAL, piece):
                pattern += f"({DECIMAL})"
            else:
                pattern += re.escape(piece)
        pattern += " *\n"
    found = re.fullmatch(pattern, "".join(f"{line}\n" for line in said.splitlines()))
    return found is not None and all(
        abs(float(a) - float(b)) < 0.31 for a, b in zip(numbers, found.groups(), strict=True)
    )


def test_what_is_compared():
    shown = "made\n...\n10.0 s long, -1.2 dBTP, in 49.4 s; .../a.md\nend\n"
    said = "made\nx\ny\n10.0 s long, -1.4 dBTP, in 3.0 s; /b/c/a.md\nend\n"
    assert says(shown, said) and says(shown, said.replace("x\ny\n", ""))
    for old, new in (
        ("made", "maid"), ("10.0", "11.0"), ("1.4", "1.8"), ("long", "short"), ("end", "end\nmore"), ("end\n", ""),
        ("a.md", "b.md"),
    ):  # fmt: skip
        assert not says(shown, said.replace(old, new)), new
    assert says("", "") and not says("a\n", "") and not says("55 lines\n", "68 lines\n")


class Newcomer:
    """Somebody in an empty folder, with kindvoice installed in its .venv."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        kept = {n: t for n, t in os.environ.items() if not n.startswith("KINDVOICE_")}
        bin = folder / ".venv/bin"
        bin.mkdir(parents=True)
        for name, words in {"kindvoice": "-m kindvoice", "python": ""}.items():
            (bin / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
            (bin / name).chmod(0o755)
        own = {"PATH": f"{bin}:{os.environ['PATH']}", "KINDVOICE_CACHE": str(cache), "PYTHONUTF8": "1"}
        own |= {
            f"KINDVOICE_{name}": os.environ[f"KINDVOICE_{name}"] for name in ("CONFIG", "MODELS", "TAKES")
        }
        self._env = kept | own

    def types(self, command: str) -> tuple[int, str]:
        """(exit code, all that is said). A plain `kindvoice ...` is run in this process, which is all it needs."""
        if PLAIN.fullmatch(command):
            said = io.StringIO()
            with (
                pytest.MonkeyPatch.context() as patch,
                contextlib.redirect_stdout(said),
                contextlib.redirect_stderr(said),
            ):
                patch.chdir(self.folder)
                for name in [name for name in os.environ if name.startswith("KINDVOICE_")]:
                    patch.delenv(name)
                for name in self._env.keys() - os.environ.keys():
                    patch.setenv(name, self._env[name])
                return run(shlex.split(command)[1:]), said.getvalue()
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.folder, env=self._env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8",
        )  # fmt: skip
        return done.returncode, done.stdout


AS_MANY = {
    "docs/architecture.md": 0,
    "README.md": 7,
    "docs/installing.md": 0,
    "docs/licences.md": 0,
    "docs/plans.md": 3,
    "docs/publishing.md": 1,
    "docs/speed.md": 0,
    "docs/studio.md": 0,
    "docs/voices.md": 0,
    "docs/writing.md": 0,
}
"""blocks that are run, at least"""


def test_every_document_is_looked_at():
    assert {str(p.relative_to(ROOT)) for p in (ROOT / "README.md", *ROOT.glob("docs/*.md"))} == AS_MANY.keys()


def test_every_package_and_every_voice_has_its_licence():
    page = (ROOT / "docs/licences.md").read_text(encoding="utf-8")
    rows = {tuple(cell.strip() for cell in line.split("|")[1:-1]) for line in page.splitlines()}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for line in [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]:
        wanted = Requirement(line)
        bounds = ", ".join(sorted(map(str, wanted.specifier), reverse=True))
        if wanted.name != "kindvoice":
            row = next((row for row in rows if row[:1] == (wanted.name,) and row[1].startswith(bounds)), None)
            assert row and row[3], f"{wanted}: scripts/licences writes its row"
    for path in ROOT.glob("voices/*.toml"):
        voice = tomllib.loads(path.read_text(encoding="utf-8"))
        assert any(row[:2] == (path.stem, voice["licence"]) for row in rows), path.stem


@pytest.mark.slow
@pytest.mark.voice
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform != "linux", reason="voices and figures are those of Linux")
@pytest.mark.parametrize("document", [name for name, least in AS_MANY.items() if least])
def test_blocks_say_what_happens(tmp_path, document, spoken):
    # What these say is to be spoken must be so; the others may find what has been spoken.
    fresh = document == "docs/plans.md" or (document == "README.md" and spoken.exists())
    cache = tmp_path / "cache" if fresh else spoken
    newcomer = Newcomer(tmp_path / "kind", cache)
    ran, wrong = 0, []
    for block in blocks((ROOT / document).read_text(encoding="utf-8")):
        if block.name:
            (newcomer.folder / block.name).write_text(block.text, encoding="utf-8")
        elif block.kind == "python":
            code, said = newcomer.types(f"python -c {shlex.quote(block.text)}")
            ran += 1
            wrong += [f"{document}:{block.line}: {said}"] if code else []
        elif block.kind == "console":
            now, right, typed_some = "", True, False
            for typed, shown in commands(block):
                said, command = shown, to_run(typed)
                if command:
                    code, said = newcomer.types(command)
                    typed_some = True
                    right &= (code != 0) == ("error: " in shown) and (not shown or says(shown, said))
                now += f"$ {typed}\n{said if shown or 'error: ' in said else ''}"
            ran += typed_some
            wrong += [] if right else [f"{document}:{block.line} is now:\n```console\n{now}```"]
    assert not wrong, "\n\n".join(wrong)
    assert ran >= AS_MANY[document]
