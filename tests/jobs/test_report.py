"""report.html: whole, true, deterministic, and without anybody's words or names."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from hostile import HOSTILE
from make import changed
from pages import Element, read_html
from plans import WORDS, item, script, settings

from kindvoice.errors import SettingsError
from kindvoice.jobs.outcome import Outcome, Summary
from kindvoice.jobs.report import write_report
from kindvoice.jobs.run import run
from kindvoice.model import Where


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("made")
    items = [
        replace(item(tmp_path, who, values=(("name", "Anastasia"),)), title="A small one")
        for who in ("ana", "ben")
    ]
    items.append(replace(item(tmp_path, "eve", script=script(tmp_path, "[pasue]", "broken")), family=""))
    return tmp_path, items, run(items, settings=settings(tmp_path), jobs=1)


def report(made, **more) -> Path:
    tmp_path, items, summary = made
    given = {"title": "Eight weeks", "date": "2026-11-22", **more}
    return write_report(items, summary, tmp_path / "out", **given)


def words_of(page: Element) -> str:
    for element in page:
        element.children.append(" ")
    return " ".join(page.text.split())


@pytest.mark.slow
def test_it_tells_what_was_built_and_what_failed(made):
    page, text = read_html(report(made)), report(made).read_text(encoding="utf-8")
    words = words_of(page)
    assert "Built on 2026-11-22 with kindvoice" in words
    assert re.search(r"ana/01 .* en ana built 0:25 -1[56]\.\d -\d+\.\d", words)
    assert "eve/01 failed" in words
    assert " broken.md:1: unknown cue [pasue]" in words
    for private in (str(made[0]), *WORDS.values(), "Anastasia", "grandmother"):
        assert private not in text
    assert "A small one" in text
    links = page.all("a")
    for link in links:
        assert (made[0] / "out" / unquote(link.get("href"))).is_file(), link
    assert sum(link.get("aria-label").startswith("wav of ana/01, 7.2 MB") for link in links) == 1
    assert report(made).read_text() == text != report(made, date="2026-11-23").read_text()


def test_it_needs_nothing_else_and_runs_nothing(made):
    page = read_html(report(made))
    assert not {"script", "link", "img", "iframe"} & {element.tag for element in page}
    assert all(not re.match(r"\w+:|//", link.get("href")) for link in page.all("a"))
    assert any("default-src 'none'" in (meta.get("content") or "") for meta in page.all("meta"))
    assert "prefers-color-scheme: dark" in page.one("style").text
    assert {head.get("scope") for head in page.all("th")} == {"col", "row"}


def test_what_was_understood_of_a_table_and_rows_left_out_stand_in_it(made):
    where = Where(path=str(made[0] / "people.csv"), line=4)
    error = SettingsError("cell C4: the language cannot be used", where=where, cure="write en")
    words = words_of(read_html(report(made, notes=["people.csv: 2 people"], left_out=[error])))
    assert "people.csv: 2 people" in words
    assert "people.csv:4 left out cell C4: the language cannot be used write en" in words
    assert str(made[0]) not in words


def test_hostile_titles_ids_and_causes_are_shown_not_obeyed(made, tmp_path):
    for text in HOSTILE:
        one = replace(made[1][0], id=f"x{text}", title=text, participant=text)
        summary = Summary(outcomes=(Outcome(item=one.id, status="failed", cause=text),), wall_s=1.0)
        page = read_html(write_report([one], summary, tmp_path, title=text, date=text))
        assert page.one("main")
        assert not {"script", "i", "lang"} & {element.tag for element in page}
    summary = Summary(outcomes=(Outcome(item=one.id, status="built"),), wall_s=1.0)
    gone = replace(one, request=changed(one.request, folder=tmp_path / "removed meanwhile"))
    assert not read_html(write_report([gone], summary, tmp_path, title="x", date="y")).all("a")
