"""Finding a script by path or by practice."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from make import clip, library, make_request, prepare

from kindvoice.errors import KindvoiceError, ScriptError
from kindvoice.lint.base import spoken_ms
from kindvoice.model import Say
from kindvoice.paths import data_folder
from kindvoice.script import frontmatter, make_phrase
from kindvoice.script.library import entries, find_script
from kindvoice.speech.speak import Spoken
from kindvoice.speech.voices import read_voices
from kindvoice.store import Store


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
    for name in ("a.md", "no/such.txt", "x/y", "B.MD", "plain", "~nobody-of-this-name/a.md"):
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
        ("May I rest. " * 30, None, f"there is no script {'May I rest. ' * 30!r}: neither a file nor a practice of "
                                    "the library\n  `kindvoice scripts list` shows the library"),
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


# ---------------------------------------------------------------- what comes with kindvoice

LANGUAGES = {"es", "fr", "de", "it", "pt-BR", "nl", "pl", "sv", "tr", "ja", "zh"}
WISHES = ["May I be safe.", "May I live with ease.", "May I be kind to myself.", "May I forgive myself."]


@pytest.mark.slow
def test_the_library_holds_what_a_course_needs():
    course = tomllib.loads(
        (data_folder("scripts_library") / "courses" / "eight-weeks.toml").read_text(encoding="utf-8")
    )
    practices = {track["practice"] for track in course["tracks"]}
    assert len(practices) == 48
    for language in LANGUAGES:
        ranges = {entry.practice: entry.range_ms for entry in library() if entry.language == language}
        assert ranges.keys() >= practices, language
        for track in course["tracks"]:
            if "length" in track:
                low, high = ranges[track["practice"]]
                assert low <= frontmatter.parse_length(track["length"]) <= high, (language, track["practice"])


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return read_voices([data_folder("voices")]), Store(tmp_path_factory.mktemp("library"))


@pytest.fixture
def tones(kept, monkeypatch):
    """Voices and a store in which no line is: each lasts about as long as a calm voice takes."""

    def hum(timeline, cast, store, on_line=None, **more):
        said = {(item.speaker, item.text) for item in timeline.items if isinstance(item, Say)}
        clips = {(who, text): clip(spoken_ms(text, timeline.language)) for who, text in said}
        return Spoken(clips, len(clips), 0, {}, dict.fromkeys(clips, "k"))

    monkeypatch.setattr("kindvoice.build.prepared.speak", hum)
    return kept


@pytest.mark.slow
def test_a_script_can_last_its_shortest_length_with_four_phrases(tones):
    """The linter looks at every minute; here all is done that a recording needs, for every tenth script."""
    voices, store = tones
    phrases = tuple(make_phrase(text, "en", {"other": text, "together": text}) for text in WISHES)
    wrong = []
    for entry in library()[::10]:
        shortest_ms, _ = entry.range_ms
        front = frontmatter.split(entry.path.read_text(encoding="utf-8"), str(entry.path)).values
        request = make_request(
            entry.path, length_ms=shortest_ms, voice="tone", phrases=phrases if "phrases" in front else None
        )
        try:
            lasts_ms = prepare(request, voices, store).schedule.frames / 48
        except KindvoiceError as error:
            lasts_ms = error
        if lasts_ms != shortest_ms:
            wrong.append(f"{entry.path}: {lasts_ms}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
def test_a_course_names_practices_and_lengths_that_there_are():
    english = {entry.practice: entry for entry in library() if entry.language == "en"}
    for path in sorted(data_folder("scripts_library").glob("courses/*.toml")):
        course = tomllib.loads(path.read_text(encoding="utf-8"))
        assert "trademark" not in course["title"] and "Mindful Self-Compassion" not in course["title"]
        assert "not therapy" in course["notes"]
        sessions = {session.get("number", session.get("name")) for session in course["sessions"]}
        assert {track["session"] for track in course["tracks"]} == sessions, path
        for track in course["tracks"]:
            low, high = english[track["practice"]].range_ms
            assert low <= frontmatter.parse_length(track.get("length", f"{low // 1000}s")) <= high, (
                path,
                track,
            )
            assert track["note"]
