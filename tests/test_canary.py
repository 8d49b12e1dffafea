"""Words that nobody else uses, in every input: they are where they belong, nowhere else, and gone once forgotten."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from ordering import everything_in, studio_at, until, wish
from teachpages import LINE, Browser, recorded

from kindvoice.cli import run
from kindvoice.engines import tone
from kindvoice.studio.host.choices import read_choices
from kindvoice.studio.host.orders import Orders
from kindvoice.studio.host.worker import OrderWorker

PHRASE, NAME, VALUE, TAKE, FILE, TITLE, FAILING = CANARIES = (
    "zebrafinch", "quillfeather", "wombatdream", "marshlight", "ospreynest", "larkspurhill", "heronstone",
)  # fmt: skip
SCRIPT = """---
title: A small one
language: en
voice: {voice}
---
Dear {{{{ name }}}}, sit down. [pause 500ms]
{{{{ phrases[0] }}}} [pause 500ms]
May there be {{{{ hope | default("rest") }}}}.
"""
PLAN = """title = "A week"
participants = "people.csv"
formats = ["mp3"]
cover = "off"
[[tracks]]
script = "small.md"
"""
PEOPLE = f"""id,name,hope,phrases
p1,{NAME},{VALUE},May I be a {PHRASE}.
p2,Ben,rest,May I be a {FAILING}.
p3,Cem,rest,May I rest.
"""
VOICE = """title = "One that fails"
engine = "tone"
language = "en"
licence = "CC0-1.0"
credit = "nobody"
options = {{fail_on = "{word}"}}
"""


class Watch:
    """Everything that is said, and all that children are told."""

    def __init__(self, monkeypatch, capfd, caplog) -> None:
        monkeypatch.syspath_prepend(Path(__file__).parents[1] / "scripts")
        self._capfd, self._caplog, self._heard = capfd, caplog, []
        self.looked = 0
        caplog.set_level(logging.DEBUG)
        real = subprocess.Popen

        class Watched(real):
            def __init__(child, command, *args, **options) -> None:
                self.looked += 1
                self._heard.append(repr((command, options.get("env") or dict(os.environ))))
                super().__init__(command, *args, **options)

        monkeypatch.setattr(subprocess, "Popen", Watched)

    def look_at_children(self) -> None:
        """What `ps` and /proc show of those that are there now."""
        from proof.life import tree

        for pid in tree(os.getpid())[1:] if sys.platform == "linux" else ():
            for name in ("comm", "cmdline", "environ"):
                with contextlib.suppress(OSError):  # it has just ended
                    self._heard.append(Path(f"/proc/{pid}/{name}").read_text(errors="replace"))
                    self.looked += 1

    def heard(self) -> str:
        said = self._capfd.readouterr()
        self._heard += [said.out, said.err, self._caplog.text, repr(dict(os.environ))]
        return "".join(self._heard).lower()


@pytest.fixture
def watch(monkeypatch, capfd, caplog):
    return Watch(monkeypatch, capfd, caplog)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Everything below one folder, temporary files too."""
    for name in ("cache", "output", "takes", "voices"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(f"KINDVOICE_{name.upper()}", str(tmp_path / name))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def holders(folder: Path, word: str, written: frozenset[str] = frozenset()) -> set[str]:
    """Files that hold the word or bear it, but for those that somebody wrote."""
    found = set()
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if name not in written and (
            word in name.lower() or (path.is_file() and word.encode() in path.read_bytes().lower())
        ):
            found.add(name)
    return found


def read_aloud(path: Path, *lines: str) -> None:
    """Somebody reads these lines in a quiet room."""
    voice = tone_voice()
    quiet = np.zeros(2 * tone.RATE, np.float32)
    sound = np.concatenate(
        [quiet, *(part for line in lines for part in (3 * tone.speak(line, voice)[0], quiet))]
    )
    room = np.random.default_rng(0).standard_normal(len(sound)).astype(np.float32) * 1e-4
    soundfile.write(path, sound + room, tone.RATE)


def tone_voice():
    from make import make_voice

    return make_voice()


@pytest.mark.slow
def test_a_participants_words_stay_in_their_recording_and_go_with_it(home, watch):
    written = frozenset({"people.csv", "small.md", "week.toml", "voices/fails.toml"})
    (home / "people.csv").write_text(PEOPLE)
    (home / "small.md").write_text(SCRIPT.format(voice="fails"))
    (home / "week.toml").write_text(PLAN)
    (home / "voices" / "fails.toml").write_text(VOICE.format(word=FAILING[:-3]))
    for dry in ([], ["--dry-run"], ["--json"]):
        assert run(["build", "week.toml", "--jobs", "1", *dry]) == (0 if "--dry-run" in dry else 1)
    assert not [word for word in CANARIES if word in watch.heard()]
    theirs = {f"output/week/p1/01 A small one.{kind}" for kind in ("manifest.json", "vtt")}
    for word in (PHRASE, NAME, VALUE):
        assert holders(home, word, written) == theirs
    assert not holders(home, FAILING, written)
    assert (
        run(["feed", "output/week/p1", "--url", "https://example.org", "-o", "output/week/p1/feed.xml"]) == 1
    )
    assert not holders(home, PHRASE, written) - theirs, "and a feed of them is refused"
    assert run(["build", "week.toml", "--forget", "p1"]) == 0
    assert not [word for word in CANARIES if word in watch.heard() or holders(home, word, written)]
    assert run(["cache", "prune", "--all"]) == 0
    assert not [
        path for path in (home / "cache").rglob("*") if path.is_file() and not path.name.endswith(".lock")
    ]


def test_a_recorded_line_is_in_its_index_and_its_recording_only(home, watch):
    line = f"May the {TAKE} rest."
    (home / "small.md").write_text(f"---\nlanguage: en\nvoice: tone\n---\n{line}\n")
    read_aloud(home / "reading.wav", line)
    assert run(["voices", "takes", "small.md", "--no-listen", "--from", "reading.wav", "--json"]) == 0
    assert run(["render", "small.md", "--format", "wav", "--cover", "off"]) == 0
    belongs = {"small.md", "takes/tone/takes.json", "output/small.manifest.json", "output/small.vtt"}
    assert holders(home, TAKE) == belongs
    told = watch.heard().split("{")[0]  # takes are told to whoever recorded them
    assert TAKE not in told


@pytest.mark.slow
def test_an_order_is_in_its_own_folder_and_its_database_and_goes(home, watch):
    config = studio_at(home)
    orders = Orders(config)
    worker = OrderWorker(config, orders, read_choices(config))
    worker.start()
    try:
        token = orders.place(
            wish(f"May I be a {PHRASE}", title=TITLE), f"{NAME}-session", f"{FILE}-address"
        ).token
        order = until(orders, token, extras=True)
        own = f"studio/orders/{order.key}/"
        for word in (PHRASE, TITLE):
            elsewhere = {name for name in holders(home, word) if not name.startswith(own)}
            assert elsewhere <= {f"studio/orders.sqlite{end}" for end in ("", "-wal", "-shm")}
        assert (
            not holders(home, NAME) and not holders(home, FILE) and token.encode() not in everything_in(home)
        )
        orders.delete(token)
        assert not [word for word in CANARIES if holders(home, word)]
    finally:
        worker.stop()
        orders.close()
    heard = watch.heard()
    assert not [word for word in (*CANARIES, token.lower()) if word in heard or holders(home, word)]


@pytest.mark.slow
def test_what_is_brought_and_not_kept_leaves_nothing(home, watch):
    """A script that is only shown, a recording that is measured, a line that is dropped; by words, names and tags."""
    browser = Browser(home)

    def bring(page: str, name: str, data: bytes, **fields: str) -> str:
        files = {"file": (f"{FILE}.{name}", data)}
        answer = browser.client.post(f"/teach/{page}", data={"token": browser.token, **fields}, files=files)
        assert answer.status_code == 200, answer.text
        watch.look_at_children()
        return answer.text

    try:
        assert PHRASE in bring("import", "md", f"May the {PHRASE} rest. [pause 3s]\n".encode(), act="show")
        sound = io.BytesIO()
        with soundfile.SoundFile(sound, "w", 48_000, 1, format="WAV") as file:
            file.title = file.artist = file.comment = TITLE
            file.write(soundfile.read(io.BytesIO(recorded(LINE)))[0])
        bring("check", "wav", sound.getvalue())
        line, *_ = browser.lines()
        draft = browser.send(line, sound.getvalue()).json()["draft"]
        assert browser.post(f"/teach/drafts/{draft}/drop").status_code == 204
        assert not [word for word in CANARIES if holders(home, word)]
    finally:
        browser.teachers.close()
    assert watch.looked
    heard = watch.heard()
    assert not [word for word in CANARIES if word in heard]
