"""Phrases by need, and a participant's own."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from kindvoice.cli import cli, run
from kindvoice.errors import ScriptError
from kindvoice.lint import phrase_hints
from kindvoice.paths import data_folder
from kindvoice.script import read_phrases
from kindvoice.script.phrasebook import find_phrasebook, read_phrasebook

LANGUAGES = ("en", "es", "fr", "de", "it", "pt-BR", "nl", "pl", "sv", "tr", "ja", "zh")
NEEDS = {"safety", "kindness", "acceptance", "strength", "ease", "belonging", "forgiveness", "health"}
FOLDERS = [data_folder("scripts_library")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_phrases_for_every_need(language):
    book = find_phrasebook(language, FOLDERS)
    assert book.language == language
    assert {need.name for need in book.needs} == NEEDS
    assert len(book.questions) == 4
    for need in book.needs:
        assert 4 <= len(need.phrases) <= 6, need.name
        for phrase in need.phrases:
            assert set(phrase.forms()) == {"self", "other", "together"}, phrase
            assert len(set(phrase.forms().values())) == 3, phrase
            assert len(phrase.split()) <= 12, phrase
            assert not list(phrase_hints(phrase, language)), phrase
    every = [phrase for need in book.needs for phrase in need.phrases]
    assert len(set(every)) == len(every)


def test_the_nearest_book_is_found():
    assert find_phrasebook("pt", FOLDERS).language == "pt-BR"
    assert find_phrasebook("de-AT", FOLDERS).language == "de"
    with pytest.raises(ScriptError, match="no phrases in ko"):
        find_phrasebook("ko", FOLDERS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- x", "has `language`, `questions` and `needs`"),
        ("language: en\nquestions: x\nneeds: {}", "`questions` wants a list"),
        (
            "language: en\nquestions: [x]\nneeds:\n  a: {title: A}",
            ":4: the need 'a' has a `title` and `phrases`",
        ),
        ("language: en\nquestions: [x]\nneeds:\n  a: {title: A, phrases: 3}", "wants a list of wishes"),
    ],
)
def test_a_book_that_is_not_understood(tmp_path, text, message):
    path = tmp_path / "phrases.yaml"
    path.write_text(text)
    with pytest.raises(ScriptError) as caught:
        read_phrasebook(path)
    assert message in str(caught.value)


def test_hints_are_kind_and_few():
    assert not list(phrase_hints("May I be kind to myself.", "en"))
    assert [hint.what for hint in phrase_hints("Be strong and I was there", "en")] == [
        "it speaks of the past", "it sounds like an order",
    ]  # fmt: skip
    assert next(phrase_hints("May I " + "be " * 15, "en")).what == "17 words are a lot to hold"
    assert not list(phrase_hints("x" * 50, "tlh"))


# ---------------------------------------------------------------- the commands


def test_list_by_need(capsys):
    assert run(["phrases", "list", "--language", "de", "--need", "kindness"]) == 0
    out = capsys.readouterr().out
    assert "(kindness)" in out and "(safety)" not in out
    assert run(["phrases", "list", "--need", "kindnes"]) == 1
    assert "did you mean 'kindness'?" in capsys.readouterr().err


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """Answers in, and what came of it."""
    monkeypatch.chdir(tmp_path)

    def ask(lines: list[str], *arguments: str):
        done = CliRunner().invoke(cli, ["phrases", "new", *arguments], input="\n".join(lines) + "\n")
        written = {p.name: p.read_text("utf-8") for p in Path().iterdir()}
        mode = {p.name: stat.S_IMODE(p.stat().st_mode) for p in Path().iterdir()}
        phrases = read_phrases(Path("mine.yaml"), "en") if "mine.yaml" in written else ()
        return done, written, mode, phrases

    return ask


THOUGHTS = ["rest", "", "to hear that I am enough", ""]


def test_a_participant_finds_words_and_only_the_phrases_are_kept(asked):
    lines = [
        *THOUGHTS,
        "safety",
        "",
        "May I be at home in my body",
        "May our bodies be a home",
        "Be strong",
        "",
    ]
    done, written, mode, phrases = asked(lines, "mine.yaml")
    assert done.exit_code == 0, done.output
    assert list(written) == ["mine.yaml"]
    assert "I am enough" not in written["mine.yaml"], "a thought is nobody's business"
    if sys.platform != "win32":
        assert mode["mine.yaml"] == 0o600
    assert phrases[0] == "May I be at home in my body."
    assert phrases[0].other == "May you be at home in your body."
    assert phrases[0].together == "May our bodies be a home."
    assert phrases[1:] == ("Be strong.",)
    assert "it sounds like an order" in done.output
    assert "It is yours" in done.output


def test_an_unsure_form_is_asked_for(asked):
    done, _, _, phrases = asked(
        [*THOUGHTS, "", "My heart knows the way", "Your heart knows", "Our hearts know", ""], "mine.yaml"
    )
    assert done.exit_code == 0, done.output
    (phrase,) = phrases
    assert phrase.forms() == {
        "self": "My heart knows the way.", "other": "Your heart knows.", "together": "Our hearts know.",
    }  # fmt: skip


def test_nothing_is_written_for_nothing_and_nothing_is_replaced(asked, tmp_path):
    done, written, _, _ = asked([*THOUGHTS, "", ""], "mine.yaml")
    assert (done.exit_code, written) == (0, {})
    path = tmp_path / "there.yaml"
    path.write_text("x")
    assert run(["phrases", "new", str(path)]) == 1
    assert path.read_text() == "x"
