"""Nothing of an author's is ever overwritten: whatever writes a file asks in one place whose it is."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
import soundfile
from PIL import Image

from kindvoice.cli import main, run
from kindvoice.errors import OutputError
from kindvoice.publish import output

SCRIPT = """---
title: Calm
language: en
---
# Rest
May I be safe. [pause 2s max 60s]
"""
PLAN = 'title = "Week"\noutput = "{title}"\nformat = "wav"\n[[tracks]]\nscript = "calm.txt"\n'
FEED = "feed calm.mp3 --url https://example.org/calm --about Rest."


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def here(tmp_path, monkeypatch, cache) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, value in {"OUTPUT": "out", "VOICE": "tone", "CACHE": str(cache), "TAKES": "takes"}.items():
        monkeypatch.setenv(f"KINDVOICE_{name}", value)
    Path("calm.txt").write_text(SCRIPT)
    Path("week.toml").write_text(PLAN)
    return tmp_path


def files() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(Path().rglob("*")) if path.is_file()}


# ---------------------------------------------------------------- what is there already

WRITERS = [
    ("render calm.txt -f m4a -o .", "calm.m4a"),
    ("render calm.txt -o .", "calm.manifest.json"),
    ("render calm.txt -o .", "calm.cover.jpg"),
    ("timeline calm.txt --picture calm.svg", "calm.svg"),
    ("scripts export --ssml calm.txt -o calm.ssml", "calm.ssml"),
    ("voices takes calm.txt -o .", "calm-sheet.txt"),
    ("voices takes calm.txt -o .", "calm-sheet.html"),
    ("voices say tone Rest. -o mine.wav", "mine.wav"),
    ("build week.toml -o . --jobs 1", "report.html"),
    ("build week.toml -o . --jobs 1", "Calm.wav"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("command", "name"), WRITERS)
def test_what_somebody_else_made_stays_and_what_we_made_is_made_again(
    here, capfd, monkeypatch, command, name
):
    Path(name).write_text("mine")
    before = files()
    with monkeypatch.context() as patch:
        for module in ("prepared", "sample"):
            patch.setattr(f"kindvoice.build.{module}.speak", Mock(side_effect=AssertionError("was spoken")))
        assert run(command.split()) == 1
    told = "".join(capfd.readouterr())
    assert f"{name} is there already" in told and "--force" in told
    assert {name: files()[name] for name in before} == before
    assert run([*command.split(), "--force"]) == run(command.split()) == 0
    made = files()[name]
    assert made != b"mine"
    Path(name).write_bytes(made + b" ")
    assert run(command.split()) == 1, "changed since"
    assert files()[name] == made + b" "


@pytest.mark.parametrize(("made", "name"), [(FEED, "feed.xml"), ("page calm.mp3 -o .", "index.html")])
def test_what_is_published_stays_likewise(here, capfd, made, name):
    assert run(["render", "calm.txt", "-o", "."]) == 0
    Path(name).write_text("mine")
    assert run(made.split()) == 1
    assert Path(name).read_text() == "mine"
    assert run([*made.split(), "--force"]) == run(made.split()) == 0
    Path(name).write_text(Path(name).read_text().replace("Calm", "Kalm"))
    assert run(made.split()) == 1
    assert "changed since" in capfd.readouterr().err


def test_a_feeds_picture_is_replaced_by_itself_alone(here, capfd):
    assert run(["render", "calm.txt", "-o", ".", "--name", "a"]) == 0
    feed = [*FEED.replace("calm.mp3", "a.mp3").split(), "--image", "a.cover.jpg"]
    assert run(feed) == run(feed) == 0
    Path("feed.cover.jpg").write_text("my own")
    assert run(feed) == 1
    assert Path("feed.cover.jpg").read_text() == "my own"


@pytest.mark.parametrize("command", ["scripts new calm.txt", "phrases new calm.yaml"])
def test_what_becomes_somebodys_own_replaces_nothing(here, capfd, command):
    Path("calm.yaml").write_text("mine")
    before = files()
    assert run(command.split()) == 1
    assert "is there already" in capfd.readouterr().err
    assert files() == before


# ---------------------------------------------------------------- what a run reads


# What is read, and a command that would write over it; FILE stands for the name by which it is read.
READ = {
    "script": ("calm.txt", "render FILE -c txt -o . --name calm"),
    "bell": ("mine.wav", "render bell.md -f wav -o . --name mine"),
    "bed": ("mine.wav", "render calm.txt --bed FILE -f wav -o . --name mine"),
    "phrases": ("wishes.txt", "render calm.txt --phrases FILE -c txt -o . --name wishes"),
    "cover": ("mine.cover.jpg", "render calm.txt --cover FILE -o . --name mine"),
    "settings": ("own.toml", "timeline calm.txt --picture own.toml"),
    "plan": ("week.toml", "build FILE -o ."),
    "table": ("people.csv", "build people.toml -o ."),
}


@pytest.mark.parametrize(
    ("kind", "how"),
    [(kind, how) for n, kind in enumerate(READ) for how in ("", ("symlink", "hard link")[n % 2])],
)
def test_what_a_run_reads_is_not_replaced_even_with_force(here, capfd, monkeypatch, kind, how):
    soundfile.write("mine.wav", np.sin(np.arange(96_000) / 20) * 0.1, 48_000)
    Path("wishes.txt").write_text("May I rest.\n")
    Path("own.toml").write_text("")
    Path("people.csv").write_text("id,phrases\np1,May I rest.\n")
    Image.new("RGB", (1500, 1500), "teal").save("mine.cover.jpg")
    read, command = READ[kind]
    named = read
    if how:
        named = f"other{Path(read).suffix}"
        {"symlink": os.symlink, "hard link": os.link}[how](read, named)
    Path("bell.md").write_text(f'{SCRIPT}[bell "{named}"]\n')
    Path("people.toml").write_text(
        f'participants = "{named}"\n{PLAN}'.replace("{title}", "{participant} {title}")
    )
    if kind == "settings":
        monkeypatch.setenv("KINDVOICE_CONFIG", named)
    if kind in {"plan", "table"}:
        Path("report.html").symlink_to(read)  # nothing that a plan makes ends like these
    before = files()
    assert run([*command.replace("FILE", named).split(), "--force"]) == 1
    assert "it is what this is made from" in capfd.readouterr().err
    assert {name: files()[name] for name in before} == before


# ---------------------------------------------------------------- again and again


def test_other_formats_come_and_go(here, capfd):
    for formats in ("mp3", "wav", "mp3", "wav,flac", "mp3"):
        assert run(["render", "calm.txt", "-f", formats]) == 0
    assert {"calm.mp3", "calm.wav", "calm.flac"} <= {path.name for path in Path("out").iterdir()}
    assert not list(Path("out").glob(".*"))


@pytest.mark.slow
@pytest.mark.parametrize("dies_at", range(1, 6))
def test_a_run_that_died_while_its_files_were_put_in_place_is_no_stranger(here, capfd, monkeypatch, dies_at):
    assert run(["render", "calm.txt", "-f", "wav"]) == 0
    for length in ("20s", "25s"):  # twice in a row
        moved, place = [], output.place

        def dies(path, folder, moved=moved, place=place):
            moved.append(path)
            if len(moved) == dies_at:
                raise KeyboardInterrupt
            return place(path, folder)

        with monkeypatch.context() as patch:
            patch.setattr(output, "place", dies)
            assert run(f"render calm.txt -f wav --length {length}".split()) == 130
    assert run(["render", "calm.txt", "-f", "wav", "--length", "30s"]) == 0
    assert not list(Path("out").glob(".*"))


def test_a_plan_removes_only_what_is_still_as_it_made_it(here, capfd):
    assert run(["build", "week.toml", "-o", "out", "--jobs", "1"]) == 0
    Path("out/Calm.vtt").write_text("corrected by hand")
    Path("week.toml").write_text(PLAN.replace('"wav"', '"flac"').replace("[[", "captions = []\n[[", 1))
    assert run(["build", "week.toml", "-o", "out", "--jobs", "1"]) == 0
    assert not Path("out/Calm.wav").exists()
    assert Path("out/Calm.vtt").read_text() == "corrected by hand"


def test_from_python_likewise(here):
    import kindvoice

    Path("out").mkdir()
    Path("out/calm.mp3").write_text("mine")
    with pytest.raises(OutputError, match=r"calm\.mp3 is there already"):
        kindvoice.render("calm.txt")
    assert kindvoice.render("calm.txt", force=True).path.stat().st_size > 1000


@pytest.mark.parametrize(
    "data",
    [
        b"<a>x</a>\n", b"<a>kindvoice made: y</a>", b'{\n  "a": 1\n}\n', b"RIFF\4\0\0\0WAVE",
        b"", b"plain", b"{", b"a >", b"<", b"RIFF", b"kindvoice made: ",
    ],
)  # fmt: skip
def test_a_seal_fits_until_a_byte_is_changed(data):
    sealed = output.sealed(data)
    assert output.is_sealed(sealed) and not output.is_sealed(data)
    for at in range(len(sealed)):
        assert not output.is_sealed(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :])


# ---------------------------------------------------------------- devices, links


def test_a_link_stays_and_what_it_leads_to_is_written(here, capfd):
    Path("pictures").mkdir()
    Path("calm.svg").symlink_to("pictures/calm.svg")
    assert run(["timeline", "calm.txt", "--picture", "pictures/calm.svg"]) == 0
    assert run(["timeline", "calm.txt", "--picture", "calm.svg"]) == 0
    assert Path("calm.svg").is_symlink()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_what_is_printed_to_a_full_disk_is_no_bug(here):
    def kindvoice(command: str, **streams) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([sys.executable, "-m", "kindvoice", *command.split()], timeout=120, **streams)

    with Path("/dev/full").open("wb") as full:
        ended = kindvoice("cache info", stdout=full, stderr=subprocess.PIPE)
        assert ended.returncode == 7
        assert ended.stderr.startswith(b"error: the output cannot be written: No space left on device")
        assert ended.stderr.count(b"\n") == 2
        assert kindvoice("cache info", stdout=subprocess.PIPE, stderr=full).returncode == 0
        assert kindvoice("nothing", stdout=subprocess.PIPE, stderr=full).returncode == 1


def terminal(monkeypatch, command: str, encoding: str) -> tuple[int, bytes, bytes]:
    """Exit code and what comes to a terminal of that encoding on stdout and stderr."""
    paths = [Path("stdout"), Path("stderr")]
    with contextlib.ExitStack() as streams, monkeypatch.context() as patch:
        for path in paths:
            patch.setattr(sys, path.name, streams.enter_context(path.open("w", encoding=encoding)))
        with pytest.raises(SystemExit) as ended:
            main(command.split())
        sys.stderr.flush()
    return (ended.value.code or 0, *(path.read_bytes() for path in paths))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "encoding"),
    [
        ("scripts list --language pl", "cp1252"), ("phrases list --language tr", "latin-1"),
        ("timeline ł.txt", "ascii"),
    ],
)  # fmt: skip
def test_letters_that_a_terminal_does_not_have_are_no_bug(here, monkeypatch, command, encoding):
    Path("ł.txt").write_text(SCRIPT.replace("safe", "łagodny – ☺"), encoding="utf-8")
    code, out, err = terminal(monkeypatch, command, encoding)
    assert (code, err) == (0, b"") and out
    code, out, err = terminal(monkeypatch, command + " --json", encoding)
    assert "\\u0142" in out.decode("ascii") or "tr" in command
    json.loads(out)


def test_a_script_is_printed_as_it_is_written_whatever_a_terminal_takes(here, monkeypatch):
    Path("ł.txt").write_text("Łagodnie ☺\n", encoding="utf-8")
    _, out, _ = terminal(monkeypatch, "scripts show ł.txt", "cp1252")
    assert out.decode("utf-8").splitlines() == ["Łagodnie ☺"]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="closed as a shell closes them")
@pytest.mark.parametrize("closed", ["0", "1", "2"])
def test_a_stream_that_is_closed_is_no_bug(here, closed):
    ended = subprocess.run(
        ["sh", "-c", f'"$0" -m kindvoice cache info {closed}>&-', sys.executable],
        capture_output=True,
        timeout=120,
    )
    assert (ended.returncode, ended.stderr) == (0, b"")
