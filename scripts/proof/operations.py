"""What is tried: every operation that makes or removes files, small enough to be done thousands of times."""

from __future__ import annotations

import os
import sys
import tempfile
import time
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CANARY = "zebrafinch"
"""in the words that are somebody's own"""
SCRIPT = """---
title: A short one
language: en
voice: tone
phrases: ["May I be safe."]
---
# Arriving
Sit in a way that is kind. [pause 500ms]
# Words
{% for phrase in phrases %}
{{ phrase }} [pause 500ms max 60s]
{% endfor %}
"""
RUNG = f'{SCRIPT}[bell "ding.wav"]\n'
PLAN = """title = "A week"
formats = ["mp3"]
cover = "off"
participants = [{id = "ana", phrases = "May I be a zebrafinch."}, {id = "ben", phrases = "May I rest."}]
[[tracks]]
script = "short.md"
"""
TEXT = "# A text\n\nSit down (softly). [pause 3s]\n\nBreathe.\n"
RENDER = ["render", "short.md", "--phrase", "May I rest.", "--format", "mp3", "--cover", "off"]
BUILD = ["build", "week.toml", "--jobs", "1"]
FEED = ["feed", "output/short.mp3", "--url", "https://example.org", "--about", "x", "--with-phrases"]
PAGE = ["page", "output/short.mp3"]
Step = list[str] | Callable[[], int]
"""a command, or something that gives an exit code"""


@dataclass(frozen=True)
class Operation:
    name: str
    step: Step
    before: tuple[Step, ...] = ()
    """what has been done already"""
    forgets: bool = False
    """afterwards the canary's words are nowhere but in what was written by hand"""
    last: Step | None = None
    """what takes away those that a killed run had not come to forget"""


def enter(folder: Path) -> None:
    """This process works in this folder alone from now on."""
    for name in ("tmp", "cache"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name in [name for name in os.environ if name.startswith("KINDVOICE_")]:
        del os.environ[name]
    os.environ |= {
        "KINDVOICE_CACHE": str(folder / "cache"), "KINDVOICE_OUTPUT": str(folder / "output"),
        "KINDVOICE_TAKES": str(folder / "takes"), "KINDVOICE_MODELS": str(folder / "models"),
        "KINDVOICE_CONFIG": str(folder / "config.toml"), "TMPDIR": str(folder / "tmp"), "HOME": str(folder / "home"),
    }  # fmt: skip
    tempfile.tempdir = str(folder / "tmp")
    sys.dont_write_bytecode = True  # half of it would be there for everybody
    os.chdir(folder)


def write_inputs(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (
        ("short.md", SCRIPT),
        ("rung.md", RUNG),
        ("week.toml", PLAN),
        ("text.txt", TEXT),
        ("config.toml", ""),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    with wave.open(str(folder / "ding.wav"), "wb") as ding:
        ding.setparams((1, 2, 48_000, 0, "NONE", ""))
        ding.writeframes(b"\0\x10\0\xf0" * 1_000)


def do(step: Step) -> int:
    from kindvoice.cli import run

    return run(step) if isinstance(step, list) else step()


# ---------------------------------------------------------------- steps that are no command


def edit() -> int:
    path = Path("short.md")
    path.write_text(path.read_text().replace("kind.", "kind to you."))
    return 0


def record() -> int:
    """Somebody reads the sheet of the script."""
    import numpy as np
    import soundfile

    from kindvoice.engines import tone
    from kindvoice.model import Voice

    voice = Voice(name="tone", title="", engine="tone", language="en", licence="", credit="")
    quiet = np.zeros(tone.RATE * 2, np.float32)
    lines = [tone.speak(text, voice)[0] for text in ("Sit in a way that is kind.",)]
    sound = np.concatenate([quiet, *(part for line in lines for part in (line * 3, quiet))])
    noise = np.random.default_rng(0).standard_normal(len(sound)).astype(np.float32) * 1e-4
    soundfile.write("reading.wav", sound + noise, tone.RATE)
    return 0


def leave_library_out() -> None:
    """It lies elsewhere, so that no fault meets it; to look through it would be most of what an order costs."""
    from kindvoice.paths import data_folder
    from kindvoice.script import library

    real, shipped = library.library_paths, data_folder("scripts_library")
    library.library_paths = lambda folders: real(folder for folder in folders if folder != shipped)


def _studio() -> tuple[Any, Any]:
    from kindvoice.settings import load_settings
    from kindvoice.studio.host.choices import read_choices
    from kindvoice.studio.host.config import Limits, make_config

    scripts = Path("scripts/en")
    scripts.mkdir(parents=True, exist_ok=True)
    about = "practice: short\nlength: 8s\nrange: 8s to 40s\n"
    text = SCRIPT.replace("language: en\n", f"language: en\n{about}")
    (scripts / "short.md").write_text(text)
    os.environ["KINDVOICE_SCRIPTS"] = str(scripts.parent.absolute())
    config = make_config(
        load_settings(os.environ), data=Path("studio").absolute(), voices=("tone",), jobs=0,
        limits=Limits(page_bytes=0),
    )  # fmt: skip
    return config, read_choices(config)


def order() -> int:
    """Somebody orders a recording, and waits for it."""
    return _in_studio(f"May I be a {CANARY}.", stays=True)


def order_and_delete() -> int:
    return _in_studio(f"May I be a {CANARY}.", stays=False)


def order_before() -> int:
    """Somebody else did so: cover and quiet are in the store."""
    return _in_studio("May I rest.", stays=True)


def _in_studio(phrase: str, *, stays: bool) -> int:
    import sqlite3
    import threading

    from kindvoice.errors import KindvoiceError
    from kindvoice.studio.host.orders import Orders
    from kindvoice.studio.host.wishes import DONE, FAILED, Selection
    from kindvoice.studio.host.worker import OrderWorker

    try:
        config, choices = _studio()
        orders = Orders(config)
        worker = OrderWorker(config, orders, choices)
        worker.start()
        try:
            wish = Selection(
                phrases=({"self": phrase},), practice="short", language="en", length_ms=8_000,
                voice="tone",
            )  # fmt: skip
            news = threading.Event()
            orders.on_change(lambda key: news.set())
            token = orders.place(wish, "somebody").token
            until = time.monotonic() + 20
            while time.monotonic() < until:
                news.clear()
                order = orders.get(token)
                if order is None or order.state == FAILED:
                    break
                if order.state == DONE and not orders._base.without("extras"):  # made, or given up
                    break
                news.wait(1.0)
            if not stays:
                orders.delete(token)
        finally:
            worker.stop()
            orders.close()
    except KindvoiceError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except (OSError, sqlite3.Error) as error:  # as the server meets it
        print(f"error: {error}", file=sys.stderr)
        return 1
    if stays and (order is None or order.state != DONE):
        print(f"error: {order.message if order else 'gone'}", file=sys.stderr)
        return 1
    return 0


def expire() -> int:
    """Every order has lived its time."""
    from kindvoice.studio.host.orders import Orders

    orders = Orders(_studio()[0])
    orders.expire(time.time() + 10 * 366 * 86_400)
    orders.close()
    return 0


OPERATIONS = {
    operation.name: operation
    for operation in (
        Operation("render", [*RENDER, "--captions", "vtt,html"]),
        Operation("render more", ["render", "rung.md", *RENDER[2:], "--format", "m4b,opus"]),
        Operation("edit and render", RENDER, (RENDER, edit)),
        Operation("build", BUILD),
        Operation("forget", [*BUILD, "--forget", "ana"], (BUILD,), forgets=True),
        Operation("import", ["scripts", "import", "text.txt", "-o", "new.md", "--page", "seen.html"]),
        Operation("takes", ["voices", "takes", "short.md", "--no-listen", "--from", "reading.wav"], (record,)),
        Operation("prune", ["cache", "prune", "--all"], (BUILD,)),
        Operation("page", PAGE, (RENDER,)),
        Operation("page again", PAGE, (RENDER, PAGE, edit, RENDER)),
        Operation("feed", FEED, (RENDER,)),
        Operation("first order", order),
        Operation("order", order, (order_before,)),
        Operation("delete an order", order_and_delete, (order_before,), forgets=True, last=expire),
    )
}  # fmt: skip
