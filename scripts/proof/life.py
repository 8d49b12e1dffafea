"""What something that goes on for long takes of its machine. Linux."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import astuple, dataclass
from pathlib import Path

PARTS = (0.1, 0.5, 1.0)
SCRIPT = """---
title: Short
practice: short
language: en
length: 6s
range: 6s to 6s
phrases: ["May I be safe."]
---
{% for phrase in phrases %}
{{ phrase }} [pause 500ms max 60s]
{% endfor %}
Rest. [pause 500ms max 60s]
"""
PLAN = """title = "Many"
participants = "people.csv"
formats = ["mp3"]
cover = "off"
voice = "tone"
output = "{participant}/{title}"
[[tracks]]
script = "scripts/en/short.md"
"""
_MB = 1e6


@dataclass(frozen=True)
class Taken:
    """At one time, by a process with all below it."""

    at_s: float
    processes: int
    mb: float
    """resident"""
    files: int
    """that are open, with pipes and sockets"""
    threads: int
    store_mb: float = 0.0
    stored: int = 0
    """files in the store"""


def tree(root: int) -> list[int]:
    """A process and all below it."""
    below: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            below.setdefault(parent, []).append(int(path.parent.name))
    found = [root]
    for pid in found:
        found += below.get(pid, [])
    return found


def taken(root: int, store: Path | None = None, at_s: float = 0.0) -> Taken:
    mb, files, threads, count = 0.0, 0, 0, 0
    for pid in tree(root):
        with contextlib.suppress(OSError, KeyError, ValueError):
            facts = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
            mb += int(facts["VmRSS"].split()[0]) / 1000
            threads += int(facts["Threads"])
            files += len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - the quickest
            count += 1
    sizes = _sizes(store) if store is not None else []
    return Taken(at_s, count, mb, files, threads, sum(sizes) / _MB, len(sizes))


def _sizes(folder: Path) -> list[int]:
    sizes = []
    for place, _, names in os.walk(folder):  # which passes over what goes meanwhile
        for name in names:
            with contextlib.suppress(OSError):
                sizes.append(Path(place, name).stat().st_size)
    return sizes


def table(name: str, parts: dict[float, Taken]) -> None:
    print(name)
    print(
        f"{'':6} {'s':>7} {'processes':>10} {'MB':>7} {'files':>6} {'threads':>8} {'store MB':>9} {'in it':>7}"
    )
    for part, each in parts.items():
        at_s, processes, mb, files, threads, store_mb, stored = astuple(each)
        row = f"{part:6.0%} {at_s:7.0f} {processes:10} {mb:7.0f} {files:6} {threads:8} {store_mb:9.2f} {stored:7}"
        print(row, flush=True)


class Watch:
    """Looks every now and then, from a thread, until it ends; what it saw after these parts of the time."""

    def __init__(self, root: int, store: Path, every_s: float = 1.0) -> None:
        self._root, self._store, self._every_s = root, store, every_s
        self._over = threading.Event()
        self._began = time.monotonic()
        self._seen: list[Taken] = []
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(self._every_s):
            self._seen.append(taken(self._root, self._store, time.monotonic() - self._began))

    def end(self) -> dict[float, Taken]:
        self._over.set()
        self._thread.join()
        seen = [each for each in self._seen if each.processes]
        if not seen:
            raise SystemExit("it was over before it could be looked at")
        return {part: seen[max(round(part * len(seen)) - 1, 0)] for part in PARTS}


# ---------------------------------------------------------------- what goes on


def command(folder: Path, *arguments: str) -> dict[float, Taken]:
    """kindvoice at work in a process of its own."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("KINDVOICE_")}
    env |= {"KINDVOICE_CACHE": str(folder / "cache"), "KINDVOICE_CONFIG": str(folder / "config.toml")}
    (folder / "config.toml").touch()
    with (folder / "said.txt").open("w") as said:
        whole = [sys.executable, "-m", "kindvoice", *arguments]
        child = subprocess.Popen(whole, cwd=folder, env=env, stdout=said, stderr=said)
        watch = Watch(child.pid, folder / "cache")
        code = child.wait()
    parts = watch.end()
    if code:
        raise SystemExit(f"exit code {code}: {(folder / 'said.txt').read_text()[-2000:]}")
    return parts


def recording(folder: Path, hours: float) -> None:
    count = round(hours * 240)
    lines = "\n\n".join(f"This is line number {n} of many. [pause 10s min 1s max 60s]" for n in range(count))
    (folder / "long.md").write_text(f"---\ntitle: Long\nlanguage: en\n---\n{lines}\n")
    length = f"{round(hours * 60)}m"
    parts = command(
        folder, "render", "long.md", "--voice", "tone", "--length", length, "--cover", "off", "-o", "long.mp3"
    )
    size = (folder / "long.mp3").stat().st_size / _MB
    table(f"{length} of recording in one file of {size:.0f} MB, {count} lines", parts)


def people(folder: Path, count: int) -> None:
    (folder / "scripts/en").mkdir(parents=True)
    (folder / "scripts/en/short.md").write_text(SCRIPT)
    rows = "".join(f"p{n:05},May I be number {n}.\n" for n in range(count))
    (folder / "people.csv").write_text(f"id,phrases\n{rows}")
    (folder / "many.toml").write_text(PLAN)
    parts = command(folder, "build", "many.toml", "--jobs", "1", "--output", "out")
    made = sum(1 for _ in (folder / "out").rglob("*.mp3"))
    table(f"a plan of {count} participants, {made} recordings", parts)


def orders(folder: Path, count: int, until: Callable[[], bool]) -> None:
    """In a studio's line and by its workers; every second one is deleted when it is there. until: ends it early."""
    from kindvoice.settings import Settings
    from kindvoice.studio.host.choices import read_choices
    from kindvoice.studio.host.config import Limits, make_config
    from kindvoice.studio.host.orders import Orders
    from kindvoice.studio.host.wishes import DONE, FAILED, Selection
    from kindvoice.studio.host.worker import OrderWorker

    (folder / "scripts/en").mkdir(parents=True)
    (folder / "scripts/en/short.md").write_text(SCRIPT)
    settings = Settings(cache=folder / "cache", scripts=folder / "scripts", takes=folder / "takes")
    limits = Limits(page_bytes=0, waiting=100)
    config = make_config(
        settings, data=folder / "studio", voices=("tone",), jobs=1, limits=limits, languages=("en",)
    )
    line = Orders(config)
    worker = OrderWorker(config, line, read_choices(config))
    news = threading.Event()
    line.on_change(lambda key: news.set())
    worker.start()
    parts: dict[float, Taken] = {}
    began, done, placed, failed = time.monotonic(), 0, 0, 0
    open_tokens: deque[str] = deque()
    marks = deque(PARTS)
    try:
        while done < count and not until():
            while len(open_tokens) < 8 and placed < count:
                wish = Selection(
                    phrases=({"self": f"May I be number {placed}."},), practice="short", language="en", length_ms=6_000,
                    voice="tone",
                )  # fmt: skip
                open_tokens.append(line.place(wish, f"person {placed}", f"from {placed}").token)
                placed += 1
            news.clear()
            order = line.get(open_tokens[0])
            if order is None or order.state not in {DONE, FAILED}:
                news.wait(1.0)
                continue
            token = open_tokens.popleft()
            failed += order.state == FAILED
            if done % 2:
                line.delete(token)
            done += 1
            while marks and done >= marks[0] * count:
                parts[marks.popleft()] = taken(os.getpid(), folder / "cache", time.monotonic() - began)
        if marks:
            parts[done / count] = taken(os.getpid(), folder / "cache", time.monotonic() - began)
    finally:
        worker.stop()
        line.close()
    there = sum(1 for _ in (folder / "studio/orders").iterdir())
    base_kb = (folder / "studio/orders.sqlite").stat().st_size / 1000
    table(
        f"{done} orders in a row, {failed} failed, every second one deleted: {there} are there, "
        f"{base_kb:.0f} kB of database", parts,
    )  # fmt: skip
