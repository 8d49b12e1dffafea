"""Wishes that speak of dying or of harm, and those that only sound so; helplines as links; the command line."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest

from kindvoice.care import FOLDER, country_of, find_care, helplines, linked
from kindvoice.cli import run
from kindvoice.paths import data_folder

WISHES = Path(__file__).parents[1] / "data" / "wishes"
LISTS = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))}
LANGUAGES = ("de", "en", "es", "fr", "it", "ja", "nl", "pl", "pt", "sv", "tr", "zh")
SPEAK_OF_IT = {"May I stop cutting myself.", "May I not kill myself."}
"""among the ordinary wishes, and rightly seen"""


def test_there_is_a_list_in_every_language_with_a_reason_and_examples_for_each_entry():
    assert tuple(LISTS) == LANGUAGES
    for data in LISTS.values():
        assert len(data["ordinary"]) >= 20
        assert all(entry["why"] and entry["said"] and entry["hit"] for entry in data["seen"])
        assert all(entry["why"] for entry in data["spared"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_list_holds_is_seen_and_its_ordinary_wishes_are_not(language):
    hits = [hit for entry in LISTS[language]["seen"] for hit in entry["hit"]]
    assert [hit for hit in hits if getattr(find_care([hit], language), "language", "") != language] == []
    loud = [hit.upper().replace("'", "’") for hit in hits if language != "tr"]
    assert [hit for hit in loud if find_care([hit], language) is None] == []
    assert [hit for hit in hits if find_care([hit], "fi") is None] == [], "written on another language's page"
    assert [text for text in LISTS[language]["ordinary"] if find_care([text], language)] == []


@pytest.mark.parametrize("path", sorted(WISHES.glob("*.txt")), ids=lambda path: path.stem)
def test_ordinary_wishes_are_not_seen(path):
    wishes = [part.strip() for line in path.read_text("utf-8").splitlines() for part in line.split("|")]
    assert len(wishes) > 300
    assert {wish for wish in wishes if find_care([wish], path.stem)} <= SPEAK_OF_IT


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_pattern_repeats_without_a_bound(language):
    data = LISTS[language]
    for pattern in [data["others"], *(entry["said"] for entry in data["seen"] + data["spared"])]:
        assert not re.search(r"(?<!\\)[*+]|\{\d*,\}", pattern), pattern


@pytest.mark.parametrize(
    "text",
    [
        "quiero morir ya",
        "Mochte nicht mehr leben",
        "OLMEK ISTIYORUM",
        "May I\u200b not\nwake up",
        "chce umrzec",
    ],
)
def test_it_is_seen_however_it_is_typed(text):
    assert find_care([text], "en")


def test_helplines_are_links_by_country_and_the_directory_comes_last():
    for country in ("DE", "us", "TR", "", "XX"):
        links = [link for line in helplines(country) for link in line.links]
        assert links[-1] == ("findahelpline.com", "https://findahelpline.com")
        assert all(address.startswith(("tel:", "https://", "")) for _, address in links)
    assert ("0800 111 0 111", "tel:08001110111") in helplines("DE")[0].links
    tags = ("de-AT", "de_CH.UTF-8", "de", "zh-Hant-TW")
    assert [country_of([tag], "de") for tag in tags] == ["AT", "CH", "DE", "TW"]


def test_the_notes_of_every_course_name_the_helplines_of_the_list():
    emergency = {"110", "112", "113", "119", "120"}
    for path in data_folder("scripts_library").glob("[!c]*/*.toml"):
        country = country_of([path.parent.name], path.parent.name)
        calls = [address for line in helplines(country) for _, address in line.links if "tel:" in address]
        listed = {address.removeprefix("tel:") for address in calls}
        named = {re.sub(r"\D", "", number) for number in re.findall(r"\d[\d -]+\d", path.read_text("utf-8"))}
        assert {number for number in named if len(number) > 2} - emergency <= listed, path
        assert named & listed, path


def test_a_host_s_own_words_become_links_and_hours_do_not():
    parts = linked("Ring 116 123 (24/7, 8-20) or +44 (0)20 7946 0000, see https://a.example/x. Or www.b.org")
    assert [address for _, address in parts if address] == [
        "tel:116123", "tel:+4402079460000", "https://a.example/x", "https://www.b.org",
    ]  # fmt: skip
    assert "".join(text for text, _ in parts).startswith("Ring 116 123 (24/7, 8-20) or ")


# ---------------------------------------------------------------- the command line

WISH = "May I not wake up"
SCRIPT = """---
title: A minute
language: en
phrases: ["May I be safe."]
---
{% for phrase in phrases %}{{ phrase }} [pause 2s max 1m]
{% endfor %}
"""


@pytest.fixture
def here(tmp_path, monkeypatch, cache) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KINDVOICE_OUTPUT", "out")
    monkeypatch.setenv("KINDVOICE_COUNTRY", "US")
    Path("minute.md").write_text(SCRIPT, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("command", ["render", "timeline", "render --json", "render --dry-run"])
def test_nothing_is_made_of_such_a_wish_unasked(here, capsys, command):
    name, *more = command.split()
    assert run([name, "minute.md", "--voice", "tone", "--phrase", WISH, *more]) == 1
    said = capsys.readouterr()
    assert (
        "don't have to be alone" in said.err and "988 <tel:988>" in said.err and "--all-the-same" in said.err
    )
    assert WISH not in said.out + said.err
    assert not Path("out").exists()


def test_who_has_a_terminal_is_asked_and_an_option_says_yes(here, capsys, monkeypatch):
    arguments = ["timeline", "minute.md", "--voice", "tone", "--phrase", WISH]
    for stream in (sys.stdin, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.confirm", lambda text, **more: "Make it all the same" in text)
    assert run(arguments) == 0
    assert "alone" in capsys.readouterr().err
    monkeypatch.setattr("click.confirm", lambda text, **more: False)
    assert run(arguments) == 1
    assert run([*arguments, "--all-the-same"]) == 0


@pytest.mark.slow
def test_a_plan_makes_the_others_and_names_no_wish(here, capsys):
    people = f'[{{id = "ana", phrases = "May I rest"}}, {{id = "cem", phrases = "{WISH}"}}]'
    track = '[[tracks]]\nscript = "minute.md"\n'
    plan = f'title = "Week"\nvoice = "tone"\nlength = "10s"\nparticipants = {people}\n{track}'
    Path("week.toml").write_text(plan, encoding="utf-8")
    assert run(["build", "week.toml", "--jobs", "1"]) == 1
    said = capsys.readouterr()
    assert "1 built, 1 left" in said.out and "cem: left for now" in said.err
    assert "--all-the-same" in Path("out/week/report.html").read_text("utf-8")
    written = b"".join(path.read_bytes() for path in Path("out").rglob("*") if path.is_file())
    assert b"wake up" not in written and "wake up" not in said.out + said.err
    assert run(["build", "week.toml", "--jobs", "1", "--all-the-same", "c*"]) == 0
    assert "1 built, 1 right already" in capsys.readouterr().out


def test_a_phrases_file_is_written_and_who_writes_it_is_met(here, capsys, monkeypatch):
    answers = iter(["I want to die", "", "", "", "", WISH, ""])
    monkeypatch.setattr("click.prompt", lambda *args, **more: next(answers))
    assert run(["phrases", "new", "own.yaml"]) == 0
    assert capsys.readouterr().err.count("988 <tel:988>") == 2
    assert WISH in Path("own.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("wish", "letters", "who"),
    [
        ("Пусть я буду спокойна", "Пусть", "kumo-ru (Russian)"),
        ("静かに", "静かに", "kokoro-ja (Japanese)"),
        ("สงบ", "สงบ", "write it in Latin letters"),
    ],
)
def test_letters_that_the_voice_cannot_read_are_said_with_who_can_before_anything_is_made(
    here, capsys, monkeypatch, wish, letters, who
):
    monkeypatch.setattr("kindvoice.build.read.can_speak", lambda voice: voice.engine != "pyttsx3")
    assert run(["render", "minute.md", "--voice", "heart", "--phrase", wish]) == 5
    said = capsys.readouterr().err
    assert f"'heart' cannot read {letters} in" in said and who in said
    assert not Path("out").exists()
