"""The shape of the program: imports go down, the error tree is as drawn, --help pays for nothing."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

import kindvoice
from kindvoice import errors

SRC = Path(kindvoice.__file__).parent

FLOORS = {
    "model": 0, "units": 0, "errors": 0, "languages": 0, "paths": 0, "xmlzip": 0,
    "settings": 1, "store": 1, "engines": 1, "script": 1, "care": 1,
    "encode": 2,
    "sound": 3,
    "speech": 4, "timing": 4,
    "takes": 5, "publish": 5, "lint": 5,
    "build": 6,
    "jobs": 7,
    "plan": 8,
    "studio.host": 9, "studio.web": 10, "studio.group": 11, "studio.teach": 12, "studio": 13,
    "cli": 14,
}  # fmt: skip
"""A stage stands on the floors below it; what stands on the ground may lean on its neighbours."""

HEAVY = (
    "markdown_it", "numpy", "scipy", "av", "soundfile", "onnxruntime", "hibari", "num2words", "pyttsx3", "jinja2",
    "rich", "yaml", "soxr", "PIL", "resvg_py", "starlette", "uvicorn", "filelock", "packaging", "zipfile",
    "http.client", "kindvoice.encode", "kindvoice.publish.captions", "kindvoice.script.ssml.reader",
    "kindvoice.script.imports.docx", "kindvoice.script.imports.page", "kindvoice.script.person_germanic",
    "kindvoice.script.person_romance",
)  # fmt: skip


def _room(module: str) -> str:
    """The folder, or module at the root, that a module lies in; the studio has three of its own."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "studio" and len(parts) > 2 else parts[0]


def _modules() -> dict[str, Path]:
    """By dotted name below kindvoice."""
    paths = {path: path.relative_to(SRC).with_suffix("").parts for path in SRC.rglob("*.py")}
    return {".".join(p[:-1] if p[-1] == "__init__" else p): path for path, p in paths.items()}


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(_tree(path)):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {name.removeprefix("kindvoice.") for name in names if name.startswith("kindvoice.")}
    return found - {"__version__"}


@pytest.mark.slow
def test_an_import_goes_to_a_lower_floor_only():
    wrong = []
    modules = _modules()
    for module, path in modules.items():
        room = _room(module)
        if not module or module.startswith("__"):
            continue
        for name in _imports(path):
            other = _room(name if name in modules else name.rpartition(".")[0])
            if other != room and not (FLOORS[other] < FLOORS[room] or FLOORS[room] == 0 == FLOORS[other]):
                wrong.append(f"{path.relative_to(SRC)} imports {other}")
    assert not wrong


def test_every_room_has_a_floor():
    rooms = {_room(module) for module in _modules() if module and not module.startswith("__")}
    assert rooms == set(FLOORS)
    assert all(isinstance(floor, int) for floor in FLOORS.values())


def test_a_class_name_stands_once():
    names = [
        node.name for path in SRC.rglob("*.py") for node in _tree(path).body if isinstance(node, ast.ClassDef)
    ]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []


def test_the_error_tree_is_as_its_docstring_draws_it():
    drawn = set(re.findall(r"^ +(\w+Errors?)", errors.__doc__, re.MULTILINE))
    real = {
        n for n, e in vars(errors).items() if isinstance(e, type) and issubclass(e, errors.KindvoiceError)
    }
    assert drawn == real


EVERYDAY = {
    "--help": (),
    "render --help": ("yaml",),
    "build --help": ("rich", "yaml"),
    "scripts list": ("rich", "yaml"),
    "scripts show loving-kindness": ("jinja2", "yaml"),
    "phrases list": ("yaml",),
    "voices list": ("rich", "yaml", "zipfile"),
    "check loving-kindness": ("jinja2", "markdown_it", "yaml"),
    "timeline loving-kindness --voice tone": ("jinja2", "markdown_it", "yaml", "zipfile"),
}  # fmt: skip
"""what a command may import of what is heavy"""


@pytest.mark.slow
@pytest.mark.parametrize("command", EVERYDAY)
def test_an_everyday_command_imports_only_what_it_needs(command, cache):
    code = (
        f"import sys\nfrom kindvoice.cli import run\nrun({command.split()!r})\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    for _ in range(1 + command.startswith("timeline")):  # what has been spoken needs less
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout
    assert set(ast.literal_eval(done.stderr.splitlines()[-1])) <= set(EVERYDAY[command])


def test_errors_survive_a_process_boundary():
    import pickle

    from kindvoice.model import Where

    error = errors.FitError("too short", where=Where(path="a.md", line=3), cure="ask for more")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is errors.FitError
    assert str(again) == str(error) == "a.md:3: too short\n  ask for more"


def test_onnxruntime_is_told_to_report_to_nobody_before_it_is_loaded():
    code = (
        "import kindvoice, os, sys; print('onnxruntime' in sys.modules, os.environ['ORT_DISABLE_TELEMETRY'])"
    )
    env = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "1"]


def test_pytest_looks_into_every_folder(pytestconfig):
    """Its own norecursedirs leaves out whatever is called build."""
    folders = {path.parent.name for root in (SRC, Path(__file__).parent) for path in root.rglob("*.py")}
    left_out = pytestconfig.getini("norecursedirs")
    assert not [name for name in folders for pattern in left_out if fnmatch(name, pattern)]
