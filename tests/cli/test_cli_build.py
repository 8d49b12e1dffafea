"""kindvoice build: what a dry run shows, and how it says no. Nothing is spoken here."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kindvoice.build import recording as build
from kindvoice.cli import run

SECRET = "May Zebulon forgive the lighthouse"
PLAN = """title = "A Kind Week"
notes = "Ask everyone first."
participants = "people.csv"
formats = ["mp3"]
output = "{participant}/{track:02} {title}"
[[tracks]]
practice = "loving-kindness"
length = "10m"
"""
PEOPLE = f"id,name,language,phrases\np1,Ana,en,{SECRET}|May I rest\np2,Bo,de,Möge ich sicher sein\n"


@pytest.fixture
def here(tmp_path, monkeypatch, cache) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KINDVOICE_OUTPUT", "out")

    def never(*args, **kwargs):
        raise AssertionError("a dry run renders nothing")

    monkeypatch.setattr(build, "render", never)
    Path("week.toml").write_text(PLAN, encoding="utf-8")
    Path("people.csv").write_text(PEOPLE, encoding="utf-8")
    return tmp_path


def dry(capsys, *args: str, code: int = 0) -> tuple[str, str]:
    assert run(["build", *args, "--dry-run"]) == code
    told = capsys.readouterr()
    assert "Zebulon" not in told.out + told.err and "Ana" not in told.out + told.err
    return told.out, told.err


def test_a_dry_run_shows_what_would_be_built(here, capsys):
    out, err = dry(capsys, "week.toml", "--jobs", "3")
    lines = out.splitlines()
    assert lines[1].split() == ["en/01-loving-kindness/10m/p1", "10:00", "10", "MB", "build",
                                "p1/01", "Loving-Kindness", "for", "Ourselves"]  # fmt: skip
    assert "p2/01 Liebende Güte für uns selbst" in lines[2]
    assert f"A Kind Week: 2 recordings, 0 right already, 2 to build in {Path('out', 'week')}" in out
    assert re.search(r"a guess: 20m of sound, 20 MB, .*minute.* with 3 jobs; \d+ lines to speak, ", out)
    assert err.splitlines() == [
        "note: people.csv: comma separated, UTF-8, id in 'id', name in 'name', language in 'language', phrases in "
        "'phrases', 2 people",
        f"note: {here / 'week.toml'} holds notes for whoever runs this course; please read them first",
    ]
    assert not (here / "out").exists()


def test_a_course_points_to_its_notes_in_the_language_that_is_built(here, capsys):
    for asked, folder in (("pt", "pt-BR"), ("de", "de"), ("en", "courses")):
        err = dry(capsys, "five-days", "--language", asked, "--only", "*/01-*")[1]
        assert re.search(rf"note: \S+/{folder}/five-days\.toml holds notes", err.replace("\\", "/")), err


def test_a_dry_run_as_one_document(here, capsys):
    out, _ = dry(capsys, "week.toml", "--json", "-o", "there")
    told = json.loads(out)
    assert (told["title"], told["recordings"], told["right"], told["to_build"]) == ("A Kind Week", 2, 0, 2)
    assert told["estimate"]["sound_ms"] == 1_200_000
    low, high = told["estimate"]["wall_s"]
    assert 0 < low < high and told["estimate"]["lines_to_speak"] > 80
    assert set(told["estimate"]["speech_s"]) == {"heart", "pico-de"}
    item = told["items"][0]
    assert item["path"] == str(here / "there" / "p1" / "01 Loving-Kindness for Ourselves")
    assert (item["length_ms"], item["length_asked"], item["participant"]) == (600_000, True, "p1")


@pytest.mark.slow
def test_a_dry_run_names_what_is_in_the_way(here, capsys):
    folder = here / "out" / "week" / "p1"
    folder.mkdir(parents=True)
    for ending in (".mp3", ".vtt"):
        (folder / f"01 Loving-Kindness for Ourselves{ending}").write_text("mine")
    out, err = dry(capsys, "week.toml", code=1)
    assert "cannot be built" in out and "2 recordings, 0 right already, 1 to build" in out
    assert "Ourselves.mp3 is there already, and kindvoice did not make it" in err
    assert "so are 1 more of its files" in err
    assert "cannot be built" not in dry(capsys, "week.toml", "--force")[0]


def test_a_file_of_participants_stands_in_place_of_the_plans(here, capsys):
    Path("people.csv").rename("ours.csv")
    assert "there is no file" in dry(capsys, "week.toml", code=1)[1]
    assert "2 recordings" in dry(capsys, "week.toml", "--participants", "ours.csv")[0]


@pytest.mark.slow
def test_only_some_and_what_was_asked_for_here(here, capsys):
    assert "p2" not in dry(capsys, "week.toml", "--only", "EN/*", "--only", "*/p1")[0]
    german = "--language de --language el --missing skip --only de/*"
    out, err = dry(capsys, "retreat-half-day", *german.split())
    assert "de/02 Liebevolles Atmen" in out and not re.search("^el/", out, re.M)
    assert re.search("there is no translation in el: .*retreat-opening", err)
    out, _ = dry(capsys, "week.toml", "--gentle", "--for", "carers", "--only", "*/p1")
    assert "/gentle-carers/p1" in out


@pytest.mark.slow
@pytest.mark.parametrize(("args", "what"), [
    (["week.toml", "--only", "fr/*"], "meets none of 2 recordings"), (["eight-week"], "did you mean 'eight-weeks'?"),
    (["gone.toml"], "there is no such file"), (["five-days", "--language", "el"], "missing in el"),
    (["eight-weeks", "--language", "Klingonish"], "is not a language"), (["week.toml", "--jobs", "0"], "--jobs"),
    (["week.toml", "-o", "people.csv/there"], "people.csv is a file, not a folder"),
    (["eight-weeks", "--participants", "gone.csv"], "cannot be read"),
    (["week.toml", "--for", "carer"], "did you mean carers?"),
])  # fmt: skip
def test_it_says_no_with_a_cure(here, capsys, args, what):
    _, err = dry(capsys, *args, code=1)
    assert re.search("^error: ", err, re.M) and what in err and "Traceback" not in err


def test_what_cannot_be_built_is_told_at_the_dry_run(here, capsys):
    Path("talk.md").write_text("Rest. [pasue 4s]\n", encoding="utf-8")
    Path("week.toml").write_text(PLAN + '[[tracks]]\nscript = "talk.md"\nlanguage = "en"\n', encoding="utf-8")
    out, err = dry(capsys, "week.toml", code=1)
    assert "cannot be built: en/02-talk/p1: " in err and "unknown cue [pasue 4s]" in err
    assert "2 to build" in out


def test_what_is_right_already_is_told(here, capsys, monkeypatch):
    from kindvoice.jobs import state

    real = state.standing
    monkeypatch.setattr(
        state, "standing",
        lambda item, *a, **k: state.Standing() if item.participant == "p1" else real(item, *a, **k),
    )  # fmt: skip
    out, _ = dry(capsys, "week.toml")
    assert "1 right already, 1 to build" in out and "a guess: 10m of sound" in out
    assert [line.split()[4] for line in out.splitlines()[1:3]] == ["right", "build"]


@pytest.mark.slow
def test_a_row_that_cannot_be_read_is_listed_and_the_others_go_on(here, capsys):
    with Path("people.csv").open("a", encoding="utf-8") as file:
        file.write("p3,Cy,Klingon,x\n")
    out, err = dry(capsys, "week.toml", code=1)
    assert "2 recordings" in out and "2 people, 1 left out, whose rows cannot be read" in err
    assert f"left out: {here / 'people.csv'}:4: cell C4: the language cannot be used\n  write such as" in err
    document = json.loads(dry(capsys, "week.toml", "--json", code=1)[0])
    assert document["recordings"] == 2 and document["rows_left_out"][0]["where"] == f"{here / 'people.csv'}:4"
    out, err = dry(capsys, "week.toml", "--strict", code=1)
    assert not out and err.startswith(f"error: {here / 'people.csv'}:4: cell C4")
