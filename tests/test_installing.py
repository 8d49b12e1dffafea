"""What docs/installing.md and the files of the container say is there."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from dataclasses import fields
from pathlib import Path

import click
import yaml
from platformdirs.macos import MacOS
from platformdirs.unix import Unix

from kindvoice.cli import cli
from kindvoice.settings import PREFIX, Settings, load_settings
from kindvoice.studio.host.config import make_config

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs/installing.md").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]["studio"]
NAMES = {field.name for field in fields(Settings)}


def test_the_example_of_the_settings_is_complete_and_says_the_defaults(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    block = re.search(r"```toml\n(.*?)```", GUIDE, re.DOTALL)[1]
    (tmp_path / "config.toml").write_text(block, encoding="utf-8")
    read, usual = load_settings({}, tmp_path / "config.toml"), load_settings({}, tmp_path / "none")
    assert set(tomllib.loads(block)) == NAMES
    for line in block.splitlines():
        if line.endswith("the default"):
            name = line.split(" ")[0]
            assert getattr(read, name) == getattr(usual, name)


def test_the_folders_are_there():
    row = r"^\| {} \| `(.*?)` \| `(.*?)` \|"
    for what, name in (
        ("settings: `config.toml`", "config"), ("spoken lines.*?", "cache"), ("takes.*?", "data"),
    ):  # fmt: skip
        shown = re.search(row.format(what), GUIDE, re.MULTILINE).groups()
        folders = [kind("kindvoice", appauthor=False) for kind in (Unix, MacOS)]
        real = [getattr(folder, f"user_{name}_dir") for folder in folders]
        assert [str(Path(path).expanduser()) for path in shown] == real


def _instructions(name: str) -> list[str]:
    """What follows each NAME in the Dockerfile; lines that go on are one."""
    return re.findall(rf"^{name} (.*)$", DOCKERFILE.replace("\\\n", " "), re.MULTILINE)


def test_the_container_starts_a_command_that_is_there_with_settings_that_are_there(tmp_path):
    command = json.loads(_instructions("ENTRYPOINT")[0]) + json.loads(_instructions("CMD")[0])
    assert command[:2] == ["kindvoice", "studio"]
    studio = cli.get_command(click.Context(cli), "studio")
    options = studio.make_context("studio", command[2:]).params
    assert (str(options["data"]), options["no_browser"]) == ("/data/studio", True)
    port, host = options["port"], options["host"]
    settings = load_settings({}, tmp_path / "none")
    config = make_config(settings, data=tmp_path / "studio", password="words " * 4, port=port, host=host)
    assert not config.alone
    assert _instructions("EXPOSE") == [str(port)] and f"127.0.0.1:{port}/health" in DOCKERFILE
    assert all(entry.endswith(f":{port}") for entry in COMPOSE["ports"])
    named = {*re.findall(rf"{PREFIX}\w+", DOCKERFILE), *COMPOSE["environment"]}
    assert named <= {f"{PREFIX}{name.upper()}" for name in NAMES} | {"KINDVOICE_STUDIO_PASSWORD"}


def test_the_container_is_built_from_what_is_there_and_runs_without_rights():
    for line in _instructions("COPY"):
        if not line.startswith("--from"):
            assert all((ROOT / source).exists() for source in line.split()[:-1])
    (extras,) = _instructions("ARG")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(extras.partition("=")[2].split(",")) <= set(project["optional-dependencies"])
    assert _instructions("USER") == ["10001"] and "--uid 10001" in DOCKERFILE
    assert COMPOSE["read_only"] and COMPOSE["volumes"] == [f"data:{_instructions('VOLUME')[0]}"]
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    sources = {path for line in _instructions("COPY") if "--from" not in line for path in line.split()[:-1]}
    assert sources <= {line[1:] for line in kept if line.startswith("!")}
    for line in _instructions("RUN"):
        assert shlex.split(line)
