"""The shape of the program: imports go down, the error tree is as drawn, --help pays for nothing."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import kindvoice
from kindvoice import errors

SRC = Path(kindvoice.__file__).parent

LEVELS = {
    "cli": 6,
    "studio": 5,
    "api": 4, "plan": 4,
    "build": 3, "workplace": 3, "page": 3, "feed": 3, "verify": 3, "lint": 3, "recordable": 3, "sample": 3,
    "timeline": 2, "speak": 2, "sounds": 2, "fit": 2, "mix": 2, "meter": 2, "master": 2, "output": 2,
    "takes": 2, "install": 2, "notes": 2, "slots": 2, "remote": 2, "manifest": 2, "credits": 2, "finish": 2.5,
    "job": 2.5,
    "picture": 2, "waveform": 2.5, "sharing": 2.7,
    "script": 1, "engines": 1, "dsp": 1, "encode": 1, "store": 1, "voices": 1, "decode": 1.5, "wavfile": 1,
    "presets": 1, "lexicon": 1, "recognise": 1, "spell": 1, "settings": 1, "transcript": 1,
    "captions": 1, "cover": 1, "templates": 1,
    "library": 2,
    "model": 0, "units": 0, "errors": 0, "languages": 0, "tagging": 0, "paths": 0, "resources": 0,
}  # fmt: skip

HEAVY = (
    "numpy",
    "scipy",
    "av",
    "soundfile",
    "onnxruntime",
    "hibari",
    "num2words",
    "pyttsx3",
    "jinja2",
    "rich",
    "yaml",
    "soxr",
    "PIL",
    "resvg_py",
    "starlette",
    "uvicorn",
)


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith("kindvoice.")}
    return found - {"__version__"}


def test_an_import_goes_to_a_lower_level_only():
    wrong = []
    for path in SRC.rglob("*.py"):
        part = path.relative_to(SRC).parts[0].removesuffix(".py")
        if part.startswith("__"):
            continue
        for other in _imports(path) - {part}:
            lower = LEVELS[other] < LEVELS[part] or LEVELS[part] == 0 == LEVELS[other]
            if not lower:
                wrong.append(f"{path.relative_to(SRC)} imports {other}")
    assert not wrong


def test_every_module_has_a_level():
    parts = {p.stem for p in SRC.glob("*.py")} | {p.parent.name for p in SRC.glob("*/__init__.py")}
    assert {p for p in parts if not p.startswith("__")} == set(LEVELS)


def test_the_error_tree_is_as_its_docstring_draws_it():
    drawn = set(re.findall(r"^ +(\w+Error)", errors.__doc__, re.MULTILINE))
    real = {
        n for n, e in vars(errors).items() if isinstance(e, type) and issubclass(e, errors.KindvoiceError)
    }
    assert drawn == real


def test_help_imports_nothing_heavy():
    code = (
        "import sys\nfrom kindvoice.cli import run\nassert run(['--help']) == 0\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


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
