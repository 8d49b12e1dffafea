"""Names of finished files: what a template may be, and what can never come of it."""

from __future__ import annotations

import unicodedata
from pathlib import Path, PurePosixPath

import pytest
from hostile import HOSTILE
from hypothesis import given, settings
from hypothesis import strategies as st

from kindvoice.errors import SettingsError
from kindvoice.plan.naming import MAX_PATH, NAMES, check_distinct, file_path, read_template

VALUES: dict[str, str | int] = {
    "album": "A Kind Week", "audience": "everyone", "language": "pt-BR", "length": "20m", "participant": "p07",
    "practice": "loving-kindness", "session": 3, "session_title": "Wishing / Well?", "title": "Who am I?", "track": 7,
    "variant": "standard", "voice": "heart*0.9",
}  # fmt: skip


@pytest.mark.parametrize(("template", "path"), [
    ("{language}/{participant}/{track:02} {title}", "pt-BR/p07/07 Who am I"),
    ("{session:02} {session_title}/{track}", "03 Wishing - Well/7"),
    ("{voice} {length} {variant}", "heart-0.9 20m standard"),
    ("{{x}} {title:.3}", "{x} Who"),
    ("{album}/{practice}-{audience}", "A Kind Week/loving-kindness-everyone"),
])  # fmt: skip
def test_a_template_is_filled_in(template, path):
    assert str(file_path(read_template(template), VALUES, "item")) == path


@pytest.mark.parametrize(("text", "what"), [
    ("{tracks}", "did you mean {track}?"), ("{}", "there is no {}"), ("{0}", "there is no {0}"),
    ("{phrase}", "does not belong in a file's name"), ("{name}", "{participant} is somebody's id"),
    ("{title!r}", "cannot be written out"), ("{title.x}", "there is no {title.x}"), ("{title[0]}", "there is no"),
    ("{track:999999999}", "cannot be written out"), ("{track:{length}}", "cannot be written out"),
    ("{track:>9}", "cannot"), ("{title:03}", "cannot"), ("{title", "is no template"), ("title}", "is no template"),
    ("", "is empty"), ("/{title}", "begins at the output folder"), ("~/{title}", "begins at"),
    ("C:/{title}", "begins at"),
    ("../{title}", "stays inside"), ("a/./{title}", "stays inside"), ("a//{title}", "cannot be a name"),
    ("{title}/", "cannot be a name"), ("ab:c {title}", "cannot be a name"), ("{title}.", "cannot be a name"),
    ("nul/{title}", "cannot be a name"), ("LPT¹/{title}", "cannot be a name"), ("a \\ {title}", "cannot be a name"),
])  # fmt: skip
def test_what_is_no_template(text, what):
    with pytest.raises(ValueError, match=r".") as caught:
        read_template(text)
    assert what in str(caught.value)


def test_a_name_of_its_own_names_no_folder():
    assert read_template("talk {length}", folders=False).names == {"length"}
    with pytest.raises(ValueError, match="no folder"):
        read_template("a/b", folders=False)


@pytest.mark.parametrize(("values", "what"), [
    ({"participant": ""}, "`output` names {participant}, and en/01-x has none"), ({"title": "..."}, "has none"),
    ({"title": "é" * 99, "participant": "p" * 60, "language": "x" * 60}, "a name of 2"),
])  # fmt: skip
def test_a_name_that_cannot_be(values, what):
    with pytest.raises(SettingsError) as caught:
        file_path(read_template("{language}/{participant}/{title}"), VALUES | values, "en/01-x")
    assert what in caught.value.what and caught.value.cure


def distinct(*paths: str, endings: tuple[str, ...] = (".mp3",)) -> None:
    check_distinct([(f"item{n}", PurePosixPath(path), {"track": n}, endings) for n, path in enumerate(paths)])


def test_two_of_one_name_are_both_named():
    distinct("a/x", "b/x", "a/y", "a/x.mp3")
    for one, other in (("a/x", "A/X"), ("Zoé", "ZOE\u0301"), ("straße", "STRASSE"), ("İ", "i̇")):
        with pytest.raises(SettingsError, match=r"item0 and item1 would both be named") as caught:
            distinct(one, other)
        assert "put {track} into `output`" in caught.value.cure
    with pytest.raises(SettingsError, match="2 more like this"):
        distinct("a", "a", "a", "a")
    with pytest.raises(SettingsError, match="a file of item0 and a folder of item1"):
        distinct("p.x", "p.x.MP3/b")


TEXTS = st.one_of(st.sampled_from([*HOSTILE, "..", "con", "a/b", "C:\\x", ". .", "~"]), st.text(max_size=60))
FIELDS = st.sampled_from([f"{{{name}}}" for name in NAMES] + ["{track:03}", "{title:.9}"])
TEMPLATES = st.one_of(
    st.lists(FIELDS, min_size=1, max_size=3).flatmap(
        lambda given: st.sampled_from(["/", " ", "-"]).map(lambda mark: mark.join(given))
    ),
    st.lists(st.one_of(FIELDS, st.sampled_from(["/", " ", "-"]), TEXTS), min_size=1, max_size=6).map("".join),
)
ROWS = st.fixed_dictionaries(dict.fromkeys(NAMES, TEXTS) | {"track": st.integers(1, 999)})


def test_a_title_that_no_system_takes_becomes_a_name():
    template = read_template("{language}/{participant}/{title}")
    path = file_path(template, VALUES | {"participant": "aux", "title": "é" * 240}, "en/01-x")
    assert path.parts[1:] == ("meditation-aux", "é" * 60)


@settings(max_examples=40)
@given(TEMPLATES, st.lists(ROWS, min_size=1, max_size=4))
def test_any_template_and_any_words_give_safe_names_or_an_error(text, rows):
    try:
        template = read_template(text)
        named = [(f"i{n}", file_path(template, row, f"i{n}"), row, (".mp3",)) for n, row in enumerate(rows)]
        check_distinct(named)
    except (ValueError, SettingsError) as error:
        assert str(error)
        return
    root = Path("/output")
    seen = set()
    for _, path, _, _ in named:
        whole = (root / path).resolve()
        assert whole.is_relative_to(root) and whole != root and len(str(path)) <= MAX_PATH
        assert str(path).isprintable() and not set(str(path)) & set('\\:*?"<>|\x00')
        for part in path.parts:
            assert part.strip(" .") == part and part.split(".")[0].strip().lower() not in {
                "con",
                "nul",
                "aux",
                "prn",
            }
            assert len(part.encode()) <= 200
        seen.add(unicodedata.normalize("NFC", str(path)).casefold())
    assert len(seen) == len(rows)
