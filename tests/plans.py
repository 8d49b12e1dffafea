"""Small plans for the tests of a plan's run: the voice that hums, half a minute each."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from make import changed, make_request

from kindvoice.cli.buildprogress import build_progress, print_summary
from kindvoice.jobs.items import Item
from kindvoice.jobs.one import ItemTask, build_item
from kindvoice.jobs.outcome import JobEvent, Outcome, Summary
from kindvoice.jobs.run import run
from kindvoice.jobs.workers import OnStage
from kindvoice.script import make_phrase
from kindvoice.settings import Settings

SCRIPT = """---
title: A small one
language: en
phrases: ["May I be safe."]
---
# Arriving
[bell no wait]
Find a position that feels comfortable. [pause 4s]
Nothing needs to be done now. [pause 2s]
# Phrases
{% for phrase in phrases %}
{{ phrase }} [pause 3s]
{% endfor %}
"""
WORDS = {
    "ana": "May I forgive my grandmother",
    "ben": "May I stop drinking",
    "cem": "May I love my crooked nose",
    "dia": "May I sleep without the lamp",
}


def settings(tmp_path: Path) -> Settings:
    return Settings(cache=tmp_path / "cache", takes=tmp_path / "takes")


def script(tmp_path: Path, text: str = SCRIPT, name: str = "small") -> Path:
    path = tmp_path / f"{name}.md"
    path.write_text(text, encoding="utf-8")
    return path


def item(tmp_path: Path, who: str, words: str | None = None, **more: object) -> Item:
    words = WORDS.get(who, f"May I be {who}") if words is None else words
    path = tmp_path / "small.md"
    options = {
        "script": path if path.exists() else script(tmp_path), "folder": tmp_path / "out" / who, "name": "01 small",
        "length_ms": 25_000, "voice": "tone", "formats": ("wav",), "phrases": (make_phrase(words, "en"),),
        "cover": "off", **more,
    }  # fmt: skip
    return Item(
        id=f"{who}/01", request=changed(make_request(path), **options), participant=who, family="small"
    )


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def whole(folder: Path) -> dict[str, bytes]:
    """The finished files, after a look that everything that lies there is whole."""
    for manifest in folder.rglob("*.manifest.json"):
        for artifact in json.loads(manifest.read_text(encoding="utf-8"))["artifacts"]:
            path = manifest.with_name(artifact["name"])
            assert hashlib.sha256(path.read_bytes()).hexdigest() == artifact["sha256"], path
    return tree(folder)


def go(tmp_path: Path, items: Sequence[Item], **more: Any) -> tuple[Summary, list[JobEvent]]:
    events: list[JobEvent] = []
    summary = run(items, settings=settings(tmp_path), on_event=events.append, **{"jobs": 1, **more})
    return summary, events


def start(
    popen: Callable[..., subprocess.Popen[str]], tmp_path: Path, where: str = "2", *more: str
) -> subprocess.Popen[str]:
    """`main` below, in a process group of its own."""
    command = [sys.executable, __file__, str(tmp_path), ",".join(WORDS), where, *more]
    return popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def until(child: subprocess.Popen[str], wanted: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """The events up to the first that is wanted."""
    assert child.stdout is not None
    told = []
    for line in child.stdout:
        told.append(json.loads(line))
        if wanted(told[-1]):
            return told
    raise AssertionError(told)


def deadly_build(task: ItemTask, on_stage: OnStage) -> Outcome:
    """Takes its process with it where the participant is cem."""
    if task.item.participant == "cem":
        os.kill(os.getpid(), signal.SIGKILL)
    return build_item(task, on_stage)


def steps(task: object, on_stage: OnStage) -> None:
    while True:
        on_stage("encode", 0, 1)
        time.sleep(0.01)


def stuck(task: object, on_stage: OnStage) -> None:
    time.sleep(600)


def main() -> int:
    """A run of its own: folder, participants with commas, jobs or a scheduler's address, and a shared store's URL.

    JSON lines on stdout.
    """
    folder, people, where = Path(sys.argv[1]), sys.argv[2].split(","), sys.argv[3]
    place: dict[str, Any] = {"scheduler": where} if "://" in where else {"jobs": int(where)}
    if len(sys.argv) > 4:
        place["store"] = sys.argv[4]
    with build_progress(as_json=True) as on_event:
        items = [item(folder, who) for who in people]
        try:
            summary = run(items, settings=settings(folder), on_event=on_event, **place)
        except KeyboardInterrupt:
            return 130
    print_summary(summary, as_json=True)
    return summary.exit_code


if __name__ == "__main__":
    sys.exit(main())
