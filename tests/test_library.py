"""Finding a script by path or by practice."""

from __future__ import annotations

from pathlib import Path

import pytest

from kindvoice.errors import ScriptError
from kindvoice.library import entries, find_script
from kindvoice.resources import data_folder


def put(folder: Path, *files: str, text: str = "One.") -> Path:
    for name in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def folders(tmp_path):
    ours = put(tmp_path / "ours", "en/rest.md", "de/rest.md", "pt-BR/rest.md", "en/walk.txt", "es/camino.md")
    put(ours, "courses/eight-weeks.md", "en/README.md", "en/notes.pdf", "stray.md")
    theirs = put(tmp_path / "theirs", "en/walk.md", "en/mine.MD")
    put(theirs, "en/broken.md", text="---\ntitel: x\n---\n")
    return [ours, theirs]


def test_a_path_is_as_it_is(folders, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put(tmp_path, "plain")
    (tmp_path / "rest").mkdir()
    for name in ("a.md", "no/such.txt", "x/y", "B.MD", "plain"):
        assert find_script(name, None, folders) == Path(name)
    # a folder that happens to be named like a practice does not hide it
    assert find_script("rest", None, folders) == folders[0] / "en/rest.md"


@pytest.mark.parametrize(
    ("name", "language", "found"),
    [
        ("rest", None, "ours/en/rest.md"),
        ("rest", "en", "ours/en/rest.md"),
        ("rest", "en-GB", "ours/en/rest.md"),
        ("rest", "de-CH", "ours/de/rest.md"),
        ("rest", "pt", "ours/pt-BR/rest.md"),
        ("rest", "PT-br", "ours/pt-BR/rest.md"),
        ("camino", None, "ours/es/camino.md"),
        ("walk", None, "theirs/en/walk.md"),
        ("mine", None, "theirs/en/mine.MD"),
    ],
)
def test_a_practice_in_the_nearest_language(folders, tmp_path, name, language, found):
    assert find_script(name, language, folders) == tmp_path / found


@pytest.mark.parametrize(
    ("name", "language", "message"),
    [
        ("rset", None, "there is no script 'rset': neither a file nor a practice of the library\n"
                       "  did you mean 'rest'?"),
        ("xyzzy", None, "there is no script 'xyzzy': neither a file nor a practice of the library\n"
                        "  `kindvoice scripts list` shows the library"),
        ("rest", "sv", "'rest' is not in the library in sv\n  there it is in: de, en, pt-BR"),
        ("readme", None, "there is no script 'readme': neither a file nor a practice of the library\n"
                         "  `kindvoice scripts list` shows the library"),
    ],
)  # fmt: skip
def test_a_practice_that_is_not_there(folders, name, language, message):
    with pytest.raises(ScriptError) as caught:
        find_script(name, language, folders)
    assert str(caught.value) == message


def test_what_the_library_lists(tmp_path):
    text = "---\ntitle: Gehen\nlanguage: de\nlength: 10m\nabout: Schritt für Schritt\n---\nEins."
    folder = put(tmp_path / "a", "de/walk.md", text=text)
    put(folder, "en/walk.md")
    german, english = entries([folder, tmp_path / "none"])
    assert (german.practice, german.language, german.title, german.length_ms, german.about) == (
        "walk", "de", "Gehen", 600_000, "Schritt für Schritt",
    )  # fmt: skip
    assert (english.language, english.title, english.length_ms) == ("en", "walk", None)


def test_a_broken_script_is_named_where_it_is_and_stands_in_nobodys_way(folders):
    assert find_script("rest", None, folders)
    with pytest.raises(ScriptError, match=r"broken.md:2: the front matter has no 'titel'"):
        find_script("broken", None, folders)
    with pytest.raises(ScriptError, match=r"broken.md:2"):
        list(entries(folders))


def test_the_library_that_comes_with_it_can_be_read():
    assert {"loving-kindness"} <= {entry.practice for entry in entries([data_folder("scripts_library")])}
