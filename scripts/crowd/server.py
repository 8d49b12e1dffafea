"""`kindvoice studio` as a process, and what it takes of its machine."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import httpx2
from proof.life import tree

LIMITS = """voices = ["{voice}"]

[limits]
requests_per_second = 5000
requests_burst = 10000
orders_each = 100
orders_per_hour = 1000
address_requests = 1000
address_connections = 1000
address_orders_per_hour = 100000
address_previews_per_minute = 100000
"""
"""Fifty people at one address are fifty times its pace; the rest of the limits is as it comes."""


class Server:
    """`kindvoice studio` in a process of its own, with all that it has in one folder."""

    def __init__(self, folder: Path, voice: str = "tone", scripts: Path | None = None) -> None:
        self.folder, self.data, self.cache, self.scripts = folder, folder / "data", folder / "cache", scripts
        self.log = folder / "log.txt"
        self.data.mkdir(parents=True, exist_ok=True)
        (self.data / "studio.toml").write_text(LIMITS.format(voice=voice), encoding="utf-8")
        (folder / "config.toml").touch()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.base = f"http://127.0.0.1:{self.port}"
        self._env = {name: value for name, value in os.environ.items() if not name.startswith("KINDVOICE_")}
        for name, path in {
            "CACHE": self.cache,
            "CONFIG": folder / "config.toml",
            "TAKES": folder / "takes",
        }.items():
            self._env[f"KINDVOICE_{name}"] = str(path)
        if scripts is not None:
            self._env["KINDVOICE_SCRIPTS"] = str(scripts)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, within_s: float = 180.0) -> float:
        """Returns once it answers; how long that took, in seconds."""
        began = time.monotonic()
        command = [sys.executable, "-m", "kindvoice", "studio", "--no-browser", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--data", str(self.data)], env=self._env, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True, cwd=self.folder,
            )  # fmt: skip
        while time.monotonic() - began < within_s:
            if self.process.poll() is not None:
                raise RuntimeError(
                    f"the studio ended: {self.log.read_text(encoding='utf-8', errors='replace')}"
                )
            with contextlib.suppress(httpx2.TransportError):
                # Certificates are not read anew each time: there are none.
                if httpx2.get(f"{self.base}/health", timeout=2, verify=False).status_code == 200:
                    return time.monotonic() - began
            time.sleep(0.02)
        raise RuntimeError(f"the studio does not answer after {within_s:.0f} s")

    def kill(self) -> None:
        """At once, with all its processes, as a power cut would."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self, within_s: float = 120.0) -> float:
        """As a service manager does; how long that took, in seconds. Raises subprocess.TimeoutExpired."""
        assert self.process is not None
        began = time.monotonic()
        self.process.terminate()
        self.process.wait(within_s)
        return time.monotonic() - began

    def processes(self) -> list[int]:
        """The server's own and all below it. Linux alone."""
        assert self.process is not None
        return tree(self.process.pid)


@dataclass(frozen=True, slots=True)
class Sample:
    """What the server takes at one time."""

    at_s: float
    own_mb: float
    children_mb: float
    children: int
    files: int
    threads: int


class Watch:
    """Looks at a server's memory, now and then, from a thread. Linux alone; elsewhere there are no samples."""

    def __init__(self, server: Server, every_s: float = 0.5) -> None:
        self._server, self._every_s = server, every_s
        self._over = threading.Event()
        self.samples: list[Sample] = []
        self._thread = threading.Thread(target=self._look, daemon=True)
        if sys.platform == "linux":
            self._thread.start()

    def end(self) -> list[Sample]:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        return self.samples

    def _look(self) -> None:
        began = time.monotonic()
        while not self._over.is_set():
            with contextlib.suppress(OSError, ValueError, KeyError):
                self.samples.append(sample(self._server, time.monotonic() - began))
            self._over.wait(self._every_s)


def sample(server: Server, at_s: float = 0.0) -> Sample:
    own, *children = server.processes()
    below = []
    for pid in children:
        with contextlib.suppress(OSError, ValueError):
            below.append(_status(pid)[0])
    mb, threads = _status(own)
    return Sample(at_s, mb, sum(below), len(below), len(list(Path(f"/proc/{own}/fd").iterdir())), threads)


def _status(pid: int) -> tuple[float, int]:
    """RSS in MB, threads."""
    told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(told["VmRSS"].split()[0]) / 1000, int(told["Threads"])
