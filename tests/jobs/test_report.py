"""report.html: whole, true, deterministic, and without anybody's words or names."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from hostile import HOSTILE
from make import changed
from plans import WORDS, item, script, settings

from kindvoice.errors import SettingsError
from kindvoice.jobs.outcome import Outcome, Summary
from kindvoice.jobs.report import write_report
from kindvoice.jobs.run import run
from kindvoice.model import Where


class Page(HTMLParser):
    """What a reader of the page gets."""

    VOID = frozenset({"meta", "link", "br", "img", "hr", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(text)
        self.close()
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.words += data + " "

    def attributes(self, tag: str, name: str) -> list[str]:
        return [str(attrs[name]) for found, attrs in self.tags if found == tag and name in attrs]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("made")
    items = [
        replace(item(tmp_path, who, values=(("name", "Anastasia"),)), title="A small one")
        for who in ("ana", "ben")
    ]
    items.append(replace(item(tmp_path, "eve", script=script(tmp_path, "[pasue]", "broken")), family=""))
    return tmp_path, items, run(items, settings=settings(tmp_path), jobs=1)


def report(made, folder: Path | None = None, **more) -> str:
    tmp_path, items, summary = made
    given = {"title": "Eight weeks", "date": "2026-11-22", **more}
    return write_report(items, summary, folder or tmp_path / "out", **given).read_text(encoding="utf-8")


def test_it_tells_what_was_built_and_what_failed(made):
    page = Page(report(made))
    words = " ".join(page.words.split())
    assert "Built on 2026-11-22 with kindvoice" in words
    assert re.search(r"ana/01 .* en ana built 0:25 -1[56]\.\d -\d+\.\d", words)
    assert "eve/01 failed" in words
    assert " broken.md:1: unknown cue [pasue]" in words
    assert str(made[0]) not in report(made)
    for href in page.attributes("a", "href"):
        assert (made[0] / "out" / unquote(href)).is_file(), href
    assert sum(label.startswith("wav of ana/01, 7.2 MB") for label in page.attributes("a", "aria-label")) == 1


def test_it_needs_nothing_else_and_runs_nothing(made):
    page = Page(report(made))
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in page.tags}
    assert all(not re.match(r"\w+:|//", href) for href in page.attributes("a", "href"))
    assert "default-src 'none'" in " ".join(page.attributes("meta", "content"))
    assert "prefers-color-scheme: dark" in report(made)
    scopes = page.attributes("th", "scope")
    assert {"col", "row"} == set(scopes)
    assert len(scopes) == sum(tag == "th" for tag, _ in page.tags)


def test_nobodys_words_or_name_stand_in_it(made):
    text = report(made)
    for words in (*WORDS.values(), "Anastasia", "grandmother"):
        assert words not in text
    assert "A small one" in text


def test_what_was_understood_of_a_table_and_rows_left_out_stand_in_it(made):
    where = Where(path=str(made[0] / "people.csv"), line=4)
    error = SettingsError("cell C4: the language cannot be used", where=where, cure="write en")
    words = " ".join(Page(report(made, notes=["people.csv: 2 people"], left_out=[error])).words.split())
    assert "people.csv: 2 people" in words
    assert "people.csv:4 left out cell C4: the language cannot be used write en" in words
    assert str(made[0]) not in words


def test_the_same_build_gives_the_same_bytes(made, tmp_path):
    assert report(made) == report(made)
    assert report(made) != report(made, date="2026-11-23")


def test_hostile_titles_ids_and_causes_are_shown_not_obeyed(made, tmp_path):
    for text in HOSTILE:
        one = replace(made[1][0], id=f"x{text}", title=text, participant=text)
        summary = Summary(outcomes=(Outcome(item=one.id, status="failed", cause=text),), wall_s=1.0)
        path = write_report([one], summary, tmp_path, title=text, date=text)
        page = Page(path.read_text(encoding="utf-8"))
        assert [tag for tag, _ in page.tags].count("main") == 1
        assert not {"script", "i", "lang"} & {tag for tag, _ in page.tags}


def test_a_recording_that_was_removed_meanwhile_is_no_trouble(made, tmp_path):
    gone = replace(made[1][0], request=changed(made[1][0].request, folder=tmp_path / "nowhere"))
    summary = Summary(outcomes=(Outcome(item=gone.id, status="built"),), wall_s=1.0)
    text = write_report([gone], summary, tmp_path, title="x", date="y").read_text()
    assert "<a " not in text
