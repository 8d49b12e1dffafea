"""The listening page: what is in the folder, and what it leaves alone."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from click.testing import CliRunner
from feeds import record
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pages import read_html, release, transcript

from kindvoice.cli.page import page as page_command
from kindvoice.errors import ManifestError, OutputError
from kindvoice.publish import output
from kindvoice.publish import page as page_module
from kindvoice.publish.page import write_page
from kindvoice.publish.page.shown import slug
from kindvoice.publish.page.words import FOLDER, words_for
from kindvoice.publish.templates import languages_of

RECORD = "kindvoice-page.json"
HOSTILE = (
    "</script><script>alert(1)</script>\" onload='x' &amp; <b>\u2028\u2029 "
    "{{ 7*7 }} {% x %} \u202e\x00\x1b \U0001f600"
)
CLEAN = HOSTILE.replace("\x00", "\ufffd").replace("\x1b", "\ufffd")


def tree(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def links(folder: Path) -> list[str]:
    """Every address in every page."""
    found = []
    for html in folder.glob("*.html"):
        for element in read_html(html):
            found += [str(element.get(name)) for name in ("href", "src") if element.get(name) is not None]
    return found


# ---------------------------------------------------------------- one recording


def test_one_recording_as_a_reader_meets_it(tmp_path):
    made = release(
        tmp_path / "in", files={"flac": b"f" * 9_640_000, "mp3": b"m" * 5_000, "vtt": b"v", "srt": b"s"}
    )
    index = write_page([made], tmp_path / "page")
    assert index == tmp_path / "page" / "index.html"
    html = read_html(index)
    assert html.one("html").get("lang") == "en"
    assert html.one("title").text == html.one("h1").text == "A kind minute"
    assert [s.get("src") for s in html.one("audio").all("source")] == [
        "media/kind-minute.mp3",
        "media/kind-minute.flac",
    ]
    assert (
        html.one("audio").get(
            "controls",
        )
        is None
        and "controls" in html.one("audio").attributes
    )
    assert [c.text.split() for c in html.all("a", "chapter")] == [
        ["Arriving", "0:00"],
        ["Kind", "words", "0:20"],
        ["Returning", "0:40"],
    ]
    assert [h.text for h in html.one(kind="words").all("h3")] == ["Arriving", "Kind words", "Returning"]
    lines = html.all("a", "line")
    assert [line.text for line in lines] == [line.text for line in made.transcript.lines]
    assert [(int(x.get("data-start")), int(x.get("data-stop"))) for x in lines] == [
        (x.start_ms, x.stop_ms) for x in made.transcript.lines
    ]
    assert len(html.all(kind="paragraph")) == 4
    assert [a.text.split() for a in html.one(kind="downloads").all("a")] == [
        ["MP3", "5", "kB"], ["FLAC", "9.6", "MB"], ["VTT", "1", "bytes"], ["SRT", "1", "bytes"],
    ]  # fmt: skip
    foot = html.one("footer").text
    assert "Voice: Heart. Licence of the voice: Apache-2.0." in foot
    assert "Licence: CC-BY-4.0" in foot
    assert "A practice aid, not therapy." in foot


def test_every_link_leads_to_a_file_of_the_folder_and_pages_are_in_order(tmp_path):
    recordings = [
        release(tmp_path / "in", name, files={"mp3": b"m", "cover": name.encode(), "vtt": b"v"})
        for name in ("eins #1?%20", "Été", "慈悲", "con", "index")
    ]
    write_page(recordings, tmp_path / "page")
    found = links(tmp_path / "page")
    assert len(found) > 100
    ids = {e.get("id") for html in (tmp_path / "page").glob("*.html") for e in read_html(html)}
    for link in found:
        parts = urlsplit(link)
        assert not parts.scheme and not parts.netloc
        if parts.path:
            assert (tmp_path / "page" / unquote(parts.path)).is_file(), link
        elif parts.fragment:
            assert parts.fragment in ids, link
    used = {unquote(urlsplit(link).path) for link in found}
    there = set(tree(tmp_path / "page")) - {RECORD, "index.html"}
    assert there <= used | {"icon.svg"}, "a file that no page uses"
    for path in (tmp_path / "page").glob("*.html"):
        check_html(read_html(path))


def check_html(html) -> None:
    """Headings do not skip a level, ids are unique, no script or style stands in it."""
    levels = [int(e.tag[1]) for e in html if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels)), levels
    ids = [e.get("id") for e in html if e.get("id")]
    assert len(set(ids)) == len(ids)
    assert {e.get("aria-labelledby") for e in html} - {None} <= set(ids)
    assert len(html.all("main")) == len(html.all("header")) == len(html.all("footer")) == 1
    policy = html.one("meta", **{"http-equiv": "Content-Security-Policy"}).get("content")
    assert policy.startswith("default-src 'none'; script-src 'self'") and "unsafe" not in policy
    assert all(script.get("src") and not script.text for script in html.all("script"))
    assert not html.all("style")
    for element in html:
        assert not [name for name in element.attributes if name == "style" or name.startswith("on")]


def test_hostile_words_are_only_words(tmp_path):
    words = transcript([(HOSTILE, 0, 60_000, (((1_000, 2_000, HOSTILE),),))], language='x"><i>')
    made = release(
        tmp_path / "in", title=HOSTILE, about=HOSTILE, words=words, language='x"><i>', credits=(HOSTILE,),
        artist=HOSTILE, album=HOSTILE, licence=HOSTILE, copyright=HOSTILE,
    )  # fmt: skip
    other = release(tmp_path / "in", "other", title=HOSTILE, album=HOSTILE)
    for recordings in ([made], [made, other]):
        folder = tmp_path / f"page{len(recordings)}"
        write_page(recordings, folder)
        for path in folder.glob("*.html"):
            html = read_html(path)
            assert [s.get("src") for s in html.all("script")] == ["base.js", "words.js", "player.js"]
            assert not html.all("b") and not html.all("i")
            assert html.one("h1").text == CLEAN
        text = read_html(folder / ("index.html" if len(recordings) == 1 else "kind-minute.html"))
        assert text.one("a", "line").text == CLEAN
        assert text.one(id="player").get("data-title") == CLEAN


@settings(max_examples=30, deadline=None)
@example(text="a\ud800b")
@given(text=st.text(min_size=1, max_size=60))
def test_any_text_comes_back_as_it_was_but_for_what_html_cannot_hold(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("any")
    words = transcript([("", 0, 60_000, (((0, 500, text),),))])
    write_page([release(folder / "in", title=text, words=words)], folder / "page")
    html = read_html(folder / "page" / "index.html")
    shown = re.sub(
        r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]", "\ufffd", text
    )
    # A file read as text has one kind of line end.
    assert html.one("a", "line").text == shown.replace("\r\n", "\n").replace("\r", "\n")


def test_without_cover_chapters_captions_or_words(tmp_path):
    bare = transcript([("", 0, 60_000, ())])
    made = release(
        tmp_path / "in", files={"wav": b"w"}, words=bare, about="", credits=(), artist="", licence=""
    )
    write_page([made], tmp_path / "page")
    html = read_html(tmp_path / "page" / "index.html")
    assert not html.all("img") and not html.all("a", "line") and not html.all("a", "chapter")
    assert not html.all(kind="transcript") and not html.all("nav") and not html.all(kind="credits")
    assert [a.text.split()[0] for a in html.one(kind="downloads").all("a")] == ["WAV"]


def test_somebodys_own_phrases_are_not_for_search_engines(tmp_path):
    for personal in (True, False):
        folder = tmp_path / str(personal)
        write_page([release(folder / "in", personal=personal)], folder / "page")
        robots = read_html(folder / "page" / "index.html").all("meta", name="robots")
        assert [r.get("content") for r in robots] == (["noindex"] if personal else [])


# ---------------------------------------------------------------- languages


def test_the_ten_languages_have_the_same_words_and_places():
    assert languages_of(FOLDER) == ("de", "en", "es", "fr", "it", "ja", "nl", "pl", "pt", "sv", "tr", "zh")
    english = words_for("en")
    for language in languages_of(FOLDER):
        words = words_for(language)
        assert words.keys() == english.keys()
        for name, value in words.items():
            assert value and value == (value.strip() if isinstance(value, str) else value)
            places = re.findall(r"\{\w+\}", str(english[name]))
            assert re.findall(r"\{\w+\}", str(value)) == places, (language, name)
        assert len(words["units"]) == 4


@pytest.mark.parametrize(
    ("language", "page", "direction"),
    [("de", "de", "ltr"), ("pt-BR", "pt-BR", "ltr"), ("ar", "en", "rtl"), ("he-IL", "en", "rtl")],
)
def test_the_page_speaks_the_recordings_language_or_says_which(tmp_path, language, page, direction):
    write_page([release(tmp_path / "in", language=language)], tmp_path / "page")
    html = read_html(tmp_path / "page" / "index.html")
    assert html.one("html").get("lang") == page
    assert html.one(kind="words").get("lang") == language
    assert html.one(kind="words").get("dir") == direction
    assert all(line.get("dir") == "auto" for line in html.all("a", "line"))


def test_a_line_in_another_language_says_so(tmp_path):
    words = transcript()
    first = words.sections[0]
    line = dataclasses.replace(first.paragraphs[0][0], text="Que yo esté en paz.", language="es")
    section = dataclasses.replace(first, paragraphs=((line, first.paragraphs[0][1]),))
    words = dataclasses.replace(words, sections=(section, *words.sections[1:]))
    write_page([release(tmp_path / "in", words=words)], tmp_path / "page")
    lines = read_html(tmp_path / "page" / "index.html").all("a", "line")
    assert [line.get("lang") for line in lines[:3]] == ["es", None, None]


# ---------------------------------------------------------------- a course


def test_a_course_is_a_list_and_a_page_for_each(tmp_path):
    cover = b"the same picture"
    recordings = [
        release(
            tmp_path / f"in{n}",
            "day",
            title=f"Day {n}",
            album="Three Days",
            files={"mp3": bytes([n]), "cover": cover},
        )
        for n in (1, 2, 3)
    ]
    index = write_page([*recordings, recordings[0]], tmp_path / "page")
    html = read_html(index)
    assert html.one("title").text == html.one("h1").text == "Three Days"
    assert html.one(kind="count").text == "3 · 3:00"
    tracks = html.one("ol", "tracks").all("a")
    assert [(a.get("href"), a.text) for a in tracks] == [
        ("day.html", "Day 1"),
        ("day-2.html", "Day 2"),
        ("day-3.html", "Day 3"),
    ]
    middle = read_html(tmp_path / "page" / "day-2.html")
    assert [a.get("href") for a in middle.one(kind="neighbours").all("a")] == ["day.html", "day-3.html"]
    assert middle.one(kind="crumbs").one("a").get("href") == "index.html"
    assert (tmp_path / "page" / "media" / "day-2.mp3").read_bytes() == b"\2"
    assert [p for p in tree(tmp_path / "page") if "cover" in p] == ["media/day-cover.jpg"]
    write_page(recordings, tmp_path / "page", title="My three")
    assert read_html(index).one("h1").text == "My three"


@given(st.text(max_size=80))
def test_a_slug_is_a_plain_name(name):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug(name))
    assert slug(slug(name)) == slug(name)


# ---------------------------------------------------------------- the folder


@pytest.mark.parametrize("code", ["base.js", "words.js", "player.js"])
def test_no_script_fetches_or_makes_markup_of_text(code):
    text = (Path(page_module.__file__).parent / "static" / code).read_text()
    assert not re.search(r"fetch\(|XMLHttpRequest|import\b|innerHTML|eval\(|https?:", text)


def test_the_same_recording_gives_the_same_bytes(tmp_path):
    made = release(tmp_path / "in", files={"mp3": b"m", "flac": b"f", "cover": b"c", "vtt": b"v"})
    first, second = (tree(write_page([made], tmp_path / name).parent) for name in "ab")
    assert first == second
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_a_new_folder_can_be_read_by_a_server(tmp_path):
    (tmp_path / "plain").mkdir()
    write_page([release(tmp_path / "in")], tmp_path / "deep" / "page")
    for path in (tmp_path / "deep" / "page", *(tmp_path / "deep" / "page").rglob("*")):
        like = (tmp_path / "plain") if path.is_dir() else (tmp_path / "in" / "kind-minute.mp3")
        assert path.stat().st_mode == like.stat().st_mode, path


def test_a_page_is_replaced_and_what_is_no_longer_needed_goes(tmp_path):
    folder = tmp_path / "page"
    two = [release(tmp_path / "in", name, files={"mp3": name.encode(), "flac": b"f"}) for name in ("a", "b")]
    write_page(two, folder)
    (folder / "CNAME").write_text("mine")
    (folder / "media" / "mine.txt").write_text("mine")
    (folder / "own").mkdir()
    again = release(tmp_path / "in", "a", files={"mp3": b"new"})
    write_page([again], folder)
    assert read_html(folder / "index.html").one("h1").text == "A kind minute"
    assert set(tree(folder)) == {
        "CNAME", "media/mine.txt", "media/a.mp3", RECORD, "base.js", "words.js", "player.js", "style.css",
        "icon.svg", "index.html",
    }  # fmt: skip
    assert (folder / "media" / "a.mp3").read_bytes() == b"new"
    assert (folder / "own").is_dir()
    record = json.loads((folder / RECORD).read_text())["files"]
    assert set(record) == set(tree(folder)) - {"CNAME", "media/mine.txt", RECORD}
    write_page([again], tmp_path / "fresh")
    assert (folder / RECORD).read_bytes() == (tmp_path / "fresh" / RECORD).read_bytes()


@pytest.mark.parametrize("name", ["index.html", "media", "media/kind-minute.mp3", "style.css", RECORD])
def test_what_we_did_not_make_is_not_written_over(tmp_path, name):
    folder = tmp_path / "page"
    target = folder / name
    target.parent.mkdir(parents=True)
    target.write_text("mine")
    with pytest.raises(OutputError, match=f"{name} is (there already|a file)"):
        write_page([release(tmp_path / "in")], folder)
    assert tree(folder) == {name: b"mine"}


def test_what_was_changed_since_stays(tmp_path):
    two = [release(tmp_path / "in", name, files={"mp3": name.encode()}) for name in ("a", "b")]
    folder = write_page(two, tmp_path / "page").parent
    (folder / "b.html").write_text("mine now")
    write_page(two[:1], folder)
    assert (folder / "b.html").read_text() == "mine now"
    assert not (folder / "media" / "b.mp3").exists()
    (folder / "style.css").write_text("mine")
    before = tree(folder)
    with pytest.raises(OutputError, match=r"style\.css is there already.* changed since"):
        write_page(two[:1], folder)
    assert tree(folder) == before


@pytest.mark.parametrize(
    "name", ["../outside.txt", "/etc/passwd", "media/../../outside.txt", "a/b/c", "..", "C:x"]
)
def test_a_record_from_elsewhere_leads_nowhere(tmp_path, name):
    folder = write_page([release(tmp_path / "in")], tmp_path / "page").parent
    outside = tmp_path / "outside.txt"
    outside.write_text("mine")
    record = json.loads((folder / RECORD).read_text())
    record["files"][name] = [hashlib.sha256(b"mine").hexdigest()]
    (folder / RECORD).write_text(json.dumps(record))
    write_page([release(tmp_path / "in")], folder)
    assert outside.read_text() == "mine"


def test_a_run_that_died_halfway_can_be_run_again(tmp_path, monkeypatch):
    old = release(tmp_path / "in", files={"mp3": b"old", "flac": b"f"})
    folder = write_page([old], tmp_path / "page").parent
    new = release(tmp_path / "new", title="New", files={"mp3": b"new", "vtt": b"v"})
    real, moved = output.place, []

    def dies(path, target):
        moved.append(path.name)
        if path.name == "index.html":
            raise OSError(28, "No space left on device")
        return real(path, target)

    monkeypatch.setattr(output, "place", dies)
    with pytest.raises(OutputError, match=r"disk .* is full"):
        write_page([new], folder)
    assert moved[-1] == "index.html"
    assert read_html(folder / "index.html").one("h1").text == "A kind minute"
    monkeypatch.undo()
    write_page([new], folder)
    write_page([new], tmp_path / "fresh")
    assert tree(folder) == tree(tmp_path / "fresh")


def test_nothing_appears_when_a_file_is_not_what_its_manifest_says(tmp_path):
    made = release(tmp_path / "in")
    made.artifacts[0].path.write_bytes(b"other")
    with pytest.raises(ManifestError, match="not what its manifest says"):
        write_page([made], tmp_path / "page")
    made.artifacts[0].path.unlink()
    with pytest.raises(ManifestError, match="not there any more"):
        write_page([made], tmp_path / "page")
    assert [p.name for p in tmp_path.iterdir()] == ["in"]


def test_what_cannot_be_shown_is_told(tmp_path):
    with pytest.raises(ManifestError, match="no sound that a browser plays"):
        write_page([release(tmp_path / "in", files={"vtt": b"v"})], tmp_path / "page")
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="is a file"):
        write_page([release(tmp_path / "in")], tmp_path / "file")
    with pytest.raises(OutputError):
        write_page([release(tmp_path / "in")], tmp_path / "file" / "page")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "in"]


# ---------------------------------------------------------------- the command


def run(*args: object):
    done = CliRunner().invoke(page_command, [str(arg) for arg in args])
    assert done.exit_code == 0, done.output
    return done


def test_the_command_takes_sound_files_and_manifests(tmp_path):
    folder = tmp_path / "in"
    manifest = record(folder, "kind-minute", kinds=("mp3", "flac"))
    done = run(folder / "kind-minute.mp3", folder / "kind-minute.flac")
    index = folder / "kind-minute-page" / "index.html"
    assert done.stdout.splitlines()[:2] == [str(index), "Kind-Minute: 10:00, 1 lines"]
    assert "note:" not in done.stderr
    offered = [a.get("href") for a in read_html(index).one(kind="downloads").all("a")]
    assert offered == ["media/kind-minute.mp3", "media/kind-minute.flac"]
    other = record(folder, "other")
    done = run(manifest, other, "--output", tmp_path / "two", "--title", "Both", "--json")
    found = json.loads(done.stdout)
    assert found == {"page": str(tmp_path / "two" / "index.html"), "recordings": [str(manifest), str(other)]}
    assert read_html(tmp_path / "two" / "index.html").one("h1").text == "Both"


def test_the_command_warns_of_somebodys_own_phrases(tmp_path):
    done = run(record(tmp_path, "a", phrases=[{"self": "May I."}]))
    assert "somebody's own phrases" in done.stderr
