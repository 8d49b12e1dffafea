"""Traps for the whole session: no network, no cache or settings of the user's, nothing in output/."""

from __future__ import annotations

import compileall
import contextlib
import gc
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from chromium import started

# Everyone's run tries the same examples, however busy the machine; `--hypothesis-profile explore` looks for new ones.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None, max_examples=25)
hypothesis.settings.register_profile("explore", derandomize=False, deadline=None, max_examples=400)
hypothesis.settings.load_profile("steady")

ROOT = Path(__file__).resolve().parents[1]

# What is imported and collected comes to stay: it is compiled once, and the garbage collector need not look through it.
sys.dont_write_bytecode = False
gc.disable()


LONGEST = (
    "test_teachers_browser.py", "test_studio_browser.py", "test_studio_states_browser.py", "test_docs.py",
    "test_page_browser.py", "test_desk_browser.py", "test_real_voice.py", "test_crowd.py", "test_studio_real_voice.py",
    "test_cluster.py", "test_run.py", "test_contract.py",
)  # fmt: skip
"""whose tests take seconds each, the longest first"""


def pytest_xdist_auto_num_workers() -> int:
    """One more than cores: browsers and sounds are waited for in real time."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes longest begins first, with each worker some of it, so that at the end nobody works alone.

    A worker begins with a run of tests as long as the others': xdist's worksteal.
    """
    workers = int(getattr(config, "workerinput", {}).get("workercount", 1))
    first: list[list[pytest.Item]] = [[] for _ in range(workers)]
    others, whole = [], len(items)
    for item in items:
        name = item.path.name
        (first[LONGEST.index(name) % workers] if name in LONGEST else others).append(item)
    items.clear()
    for n, longest in enumerate(first):
        more = max((whole - len(items)) // (workers - n) - len(longest), 0)
        items += longest + others[:more]
        del others[:more]
    items += others


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_configure(config: pytest.Config) -> None:
    """All is compiled before a child whose disk is full, or that is killed, could leave half of a module's bytecode."""
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(ROOT / "src", quiet=2)


_NOT_OURS = {
    "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "PYTHONDONTWRITEBYTECODE",
}  # fmt: skip
"""what a terminal, a CI or an office has set, and what it changes is not what is tested"""


@pytest.fixture(scope="session", autouse=True)
def _no_user_folders(tmp_path_factory):
    """What a test does not name is kept in a folder of this session; children inherit it."""
    home = tmp_path_factory.mktemp("home")
    for name in [n for n in os.environ if n.startswith("KINDVOICE_") or n.upper() in _NOT_OURS]:
        del os.environ[name]
    os.environ["KINDVOICE_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    os.environ["KINDVOICE_CONFIG"] = str(home / "config.toml")
    (home / "config.toml").touch()
    os.environ["KINDVOICE_MODELS"] = str(home / "models")
    os.environ["KINDVOICE_TAKES"] = str(home / "takes")
    os.environ["KINDVOICE_OUTPUT"] = str(home / "output")
    before = sorted(p.name for p in (ROOT / "output").iterdir())
    yield
    assert sorted(p.name for p in (ROOT / "output").iterdir()) == before, "a test wrote into output/"


@pytest.fixture(scope="session", autouse=True)
def _interruptible():
    """Children take Ctrl+C, also where this run is in a script's background and ignores it: that is inherited."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    """One browser for all tests of a module, which have a context each."""
    with started() as browser:
        yield browser


@pytest.fixture
def popen() -> Iterator[Callable[..., subprocess.Popen]]:
    """subprocess.Popen of which, however the test ends, nothing is left: no process and no open pipe."""
    with contextlib.ExitStack() as children:

        def start(*args, **options) -> subprocess.Popen:
            child = children.enter_context(subprocess.Popen(*args, **options))
            children.callback(child.kill)
            return child

        yield start


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    connect = socket.socket.connect

    def guarded(self, address):
        local = self.family == getattr(socket, "AF_UNIX", None) or (
            isinstance(address, tuple) and address[0] in {"127.0.0.1", "::1", "localhost"}
        )
        if not local:
            raise AssertionError(f"a test reached for the network: {address}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def spoken(tmp_path_factory) -> Path:
    """A cache for the README's own practice in its own voice; it is not there before one of its tests has spoken."""
    return tmp_path_factory.getbasetemp() / "spoken"


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """A cache of this test's own."""
    path = tmp_path / "cache"
    monkeypatch.setenv("KINDVOICE_CACHE", str(path))
    return path
