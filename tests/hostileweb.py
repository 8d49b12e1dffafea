"""A real studio in a process of its own, behind a proxy that we play, and somebody who means it harm."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import itertools
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from studioweb import PATH, token_in

NAME = "studio.example.org"
PASSWORD = "a kind and long password"
MARK = "giraffe"
"""in words that were accepted: on the disk until they are deleted, and in no log"""
REFUSED = "zebra"
"""in words that were refused: on no disk, in no log"""
SCRIPT = """---
title: A Kind Minute
practice: kind-minute
language: en
about: To try it.
length: 1m
range: 1m to 5m
phrases: ["May I be safe."]
---
# Words
{% for phrase in phrases %}
{{ phrase }} [pause 1s min 100ms]
{% endfor %}
You can open your eyes. [pause 8s max 5m]
"""
_START = """
import sys
from kindvoice.studio.host import connections, security
security.BODY_S = connections.HEAD_S = connections.SEND_S = 1.0
from kindvoice.cli import main
sys.argv[0] = "kindvoice"
main()
"""
"""the command itself, with less patience"""
_SALT = b"some other salt."
_HASH = base64.b64encode(
    hashlib.scrypt(PASSWORD.encode(), salt=_SALT, n=1 << 14, r=8, p=1, dklen=32)
).decode()
"""the cheapest that a host may write down"""
TOML = f"""
teacher_hash = "scrypt$16384$8$1${base64.b64encode(_SALT).decode()}${_HASH}"
voices = ["tone"]
jobs = 0
[limits]
page_bytes = 0
waiting_each = 6
orders_each = 50
logins_per_minute = 6
address_connections = 12
address_requests = 6
"""
_addresses = (f"198.51.{n // 250}.{n % 250 + 1}" for n in itertools.count())


@dataclass
class Attacked:
    """The studio's process, its folders, and what it has said."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    http: httpx2.Client
    tokens: list[str] = field(default_factory=list)
    """links and sessions that no log may tell of"""

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def visitor(self, **more: str) -> Visitor:
        """Somebody else, at an address of their own."""
        return Visitor(self, more)

    def raw(
        self, sent: bytes, *, source: str = "127.0.0.1", wait_s: float = 3.0, most: int = 1 << 20
    ) -> bytes:
        """What comes back until the connection ends; b"" also where it is cut."""
        with self.connection(source, wait_s) as client:
            with contextlib.suppress(OSError):
                client.sendall(sent)
            return read_all(client, most)

    def connection(self, source: str = "127.0.0.1", wait_s: float = 3.0) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=wait_s, source_address=(source, 0))

    def head(self, method: str = "GET", target: str = "/", *lines: str) -> bytes:
        """A request of another visitor, as the proxy passes it on."""
        own = [f"{method} {target} HTTP/1.1", f"Host: {NAME}", f"X-Forwarded-For: {next(_addresses)}", *lines]
        return ("\r\n".join([*own, "Connection: close"]) + "\r\n\r\n").encode("utf-8", "surrogateescape")

    def said(self) -> str:
        """Everything on its stdout and stderr."""
        return "".join((self.folder / name).read_text(errors="replace") for name in ("out", "err"))

    def on_disk(self) -> bytes:
        """All names and bytes of all files, but what it said."""
        found = []
        for path in sorted(self.folder.rglob("*")):
            found.append(str(path.relative_to(self.folder)).encode())
            if path.is_file() and path.name not in {"out", "err"}:
                with contextlib.suppress(FileNotFoundError):
                    found.append(path.read_bytes())
        return b"\n".join(found)

    def status(self) -> int:
        """Of a page that somebody else asks for: it is still there for the others."""
        return self.visitor().get("/").status_code


class Visitor:
    """A browser: it keeps its cookies, and the proxy says its address."""

    def __init__(self, host: Attacked, more: dict[str, str]) -> None:
        self.host, self.cookies = host, dict[str, str]()
        self.headers = {
            "host": NAME,
            "x-forwarded-for": next(_addresses),
            "x-forwarded-proto": "https",
            **more,
        }

    def request(self, method: str, path: str, **more: object) -> httpx2.Response:
        headers = {**self.headers, **more.pop("headers", {})}  # type: ignore[dict-item]
        if self.cookies:
            headers.setdefault("cookie", "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        answer = self.host.http.request(method, path, headers=headers, **more)  # type: ignore[arg-type]
        self.host.http.cookies.clear()
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
            if name != "kindvoice_language" and len(value) > 20:
                self.host.tokens.append(value.strip('"'))
        return answer

    def get(self, path: str, **more: object) -> httpx2.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: object) -> httpx2.Response:
        return self.request("POST", path, **more)

    def form(self, *phrases: str, path: str = PATH, **more: str) -> dict[str, str]:
        own = {f"self-{n}": phrase for n, phrase in enumerate(phrases, 1)}
        usual = {"language": "en", "practice": "kind-minute", "minutes": "1", "voice": "tone", "act": "make"}
        return {"token": token_in(self.get(path).text), **usual, **own, **more}

    def place(self, *phrases: str, **more: str) -> str:
        """The order's link, from / to /."""
        answer = self.post(PATH, data=self.form(*phrases, **more))
        assert answer.status_code == 303, answer.text
        self.host.tokens.append(answer.headers["location"].split("/")[2])
        return str(answer.headers["location"])

    def finished(self, link: str, kind: str = "MP3") -> str:
        """The page, once there is such a file."""
        until = time.monotonic() + 180
        while kind not in [one["label"] for one in self.get(link + "files").json()["sounds"]]:
            assert time.monotonic() < until, self.get(link).text
            time.sleep(0.05)
        return self.get(link).text


def read_all(client: socket.socket, most: int = 1 << 20) -> bytes:
    found = b""
    with contextlib.suppress(ConnectionError):
        while len(found) < most and (more := client.recv(1 << 16)):
            found += more
    return found


@contextlib.contextmanager
def attacked(folder: Path) -> Iterator[Attacked]:
    """`kindvoice studio` as a host starts it behind a proxy; all of its folders are in this one."""
    for name in ("scripts/en", "data", "home", "work", "tmp"):
        (folder / name).mkdir(parents=True)
    (folder / "scripts" / "en" / "kind-minute.md").write_text(SCRIPT, encoding="utf-8")
    (folder / "data" / "studio.toml").write_text(TOML, encoding="utf-8")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("KINDVOICE_", "COV_"))}
    own = {
        "HOME": "home", "XDG_CACHE_HOME": "home", "XDG_DATA_HOME": "home", "XDG_CONFIG_HOME": "home", "TMPDIR": "tmp",
        "KINDVOICE_CACHE": "cache", "KINDVOICE_SCRIPTS": "scripts", "KINDVOICE_TAKES": "takes",
        "KINDVOICE_OUTPUT": "output", "KINDVOICE_MODELS": "models",
    }  # fmt: skip
    env = kept | {name: str(folder / at) for name, at in own.items()}
    env |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
    command = [
        sys.executable, "-c", _START, "studio", "--port", "0", "--no-browser", "--data", str(folder / "data"),
        "--proxy", "127.0.0.1", "--name", NAME,
    ]  # fmt: skip
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        process = subprocess.Popen(command, env=env, cwd=folder / "work", stdout=out, stderr=err)
    try:
        until = time.monotonic() + 180
        while not (found := re.search(r"^http://\S+:(\d+)/", (folder / "out").read_text())):
            assert process.poll() is None and time.monotonic() < until, (folder / "err").read_text()
            time.sleep(0.02)
        with httpx2.Client(base_url=f"http://127.0.0.1:{found[1]}", timeout=120, trust_env=False) as http:
            yield Attacked(folder, int(found[1]), process, http)
    finally:
        process.send_signal(signal.SIGINT) if os.name != "nt" else process.terminate()
        try:
            process.wait(120)
        finally:
            process.kill()
            process.wait()
