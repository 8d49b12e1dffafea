"""A page whose listener chooses the minutes: all its files come back byte for byte from what lies there once."""

from __future__ import annotations

import base64
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from make import make_request, render
from pages import read_html

from kindvoice.cli import run
from kindvoice.paths import data_folder
from kindvoice.publish.page import any_length
from kindvoice.publish.page.any_length import SoundPool, pieces_of
from kindvoice.speech.voices import read_voices
from kindvoice.store import Store

SCRIPT = """---
title: A Short Kindness
language: en
length: 2m
range: 1m to 3m
---
# Arriving
[bell]
It is good that you are here. [pause 4s min 1s max 40s]

{% if minutes >= 2 %}
Let your shoulders be soft. [pause 8s min 1s max 60s]
{% endif %}

# Resting
May I be kind to myself. [pause 8s min 1s max 90s]
"""


def stored(chunk: Path) -> bytes:
    """What a script of the pool holds."""
    text = re.fullmatch(r'kindvoice\.sound\(\d+, "([\w+/=]+)"\);\n', chunk.read_text())
    assert text
    return base64.b64decode(text[1])


def assembled(page: Path) -> bytes:
    """The MP3 of a page, as its script puts it together from the scripts that it loads."""
    html = read_html(page)
    audio = html.one("audio")
    size = int(audio.get("data-chunk-bytes"))
    pool = {}
    for script in html.all("script"):
        if number := re.fullmatch(r"media/sound-(\d+)\.js", script.get("src")):
            pool[int(number[1])] = stored(page.parent / script.get("src"))
    pieces = []
    for each in audio.get("data-ranges").split():
        at, length = map(int, each.split("+"))
        while length:
            piece = pool[at // size][at % size :][:length]
            assert piece
            pieces.append(piece)
            at, length = at + len(piece), length - len(piece)
    return b"".join(pieces)


# ---------------------------------------------------------------- the pool

FRAMES = st.lists(st.sampled_from([bytes([n]) * 4 for n in range(5)]), max_size=40).map(b"".join)
COVER = b"a cover"


@st.composite
def files(draw) -> bytes:
    """A tag, now and then with the cover in it, frames, and now and then a rest."""
    body = draw(st.binary(max_size=20)) + draw(st.sampled_from([b"", COVER])) + draw(st.binary(max_size=20))
    tag = b"ID3\x03\0\0\0\0\0" + bytes([len(body)]) + body
    return draw(st.sampled_from([b"", tag])) + draw(FRAMES) + draw(st.binary(max_size=3))


@pytest.mark.slow
@given(st.lists(files(), min_size=1, max_size=6), st.sampled_from([3, 12, 60]))
def test_the_pool_gives_every_file_back(contents, chunk_bytes):
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        patch.setattr(any_length, "CHUNK_BYTES", chunk_bytes)
        patch.setattr(any_length, "_FRAMES_AT_ONCE", 5)
        pool = SoundPool(folder)
        recipes = []
        for content in contents:
            (folder / "a.mp3").write_bytes(content)
            recipes.append(pool.add(pieces_of(folder / "a.mp3", 4, COVER)))
        chunks = [stored(file.source.path) for file in pool.chunks()]
        assert all(len(chunk) == chunk_bytes for chunk in chunks[:-1])
        whole = b"".join(chunks)
        for content, ranges in zip(contents, recipes, strict=True):
            assert b"".join(whole[at : at + length] for at, length in ranges) == content
        again = pool.add(pieces_of(folder / "a.mp3", 4, COVER))
        assert again == recipes[-1] and not pool._open, "what is there is not kept twice"


# ---------------------------------------------------------------- the command


@pytest.fixture
def here(tmp_path, monkeypatch, cache) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KINDVOICE_OUTPUT", "out")
    monkeypatch.setenv("KINDVOICE_VOICE", "tone")
    Path("kind.md").write_text(SCRIPT)
    return tmp_path


def rows(page: Path) -> list[list[tuple[str, str, bool]]]:
    """(text, page, chosen) of every link of every row of choices."""
    return [
        [(a.text, a.get("href"), a.get("aria-current") == "page") for a in row.all("a")]
        for row in read_html(page).one("nav", "lengths").all("ul")
    ]


@pytest.mark.slow
def test_every_length_is_what_render_makes(here, capsys):
    assert run(["page", "--any-length", "kind.md", "--phrase", "May I be well."]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == str(Path("out/kind-page/index.html"))
    assert "A Short Kindness: 3 lengths, 1 to 3 minutes, 6 recordings in " in out
    assert "speaks somebody's own phrases" in err
    page = Path("out/kind-page")
    assert rows(page / "index.html") == [
        [("1", "kind-1m.html", False), ("2", "index.html", True), ("3", "kind-3m.html", False)],
        [("With bell", "index.html", True), ("Without bell", "kind-2m-no-bell.html", False)],
    ]
    store, voices = Store(here / "another"), read_voices([data_folder("voices")])
    for minutes, html in ((1, "kind-1m"), (2, "index")):
        options = ["--length", f"{minutes}m", "--phrase", "May I be well.", "-o", "alone"]
        assert run(["render", "kind.md", *options]) == 0
        assert assembled(page / f"{html}.html") == Path("alone/kind.mp3").read_bytes()
        request = make_request(
            Path("kind.md"), Path("quiet"), voice="tone", bell="off", length_ms=minutes * 60_000
        )
        render(request, voices, store)
        no_bell = assembled(page / f"kind-{minutes}m-no-bell.html")
        assert no_bell == Path("quiet/kind.mp3").read_bytes()
    media = sorted(p.suffix for p in (page / "media").iterdir())
    assert media == [".jpg", *[".js"] * media.count(".js"), *[".vtt"] * 6], "no MP3, and the cover once"


@pytest.mark.slow
def test_a_bed_is_a_choice_and_the_page_is_replaced(here):
    Path("kind.md").write_text(
        SCRIPT.replace("[bell]\n", "").replace("range: 1m to 3m", "range: 90s to 2m30s")
    )
    assert run(["page", "--any-length", "kind.md", "--bed", "rain", "-o", "page"]) == 0
    assert rows(Path("page/index.html")) == [[
        ("With background sound", "index.html", True), ("Without background sound", "kind-2m-no-bed.html", False),
    ]]  # fmt: skip
    for bed, html in (("rain", "index"), ("off", "kind-2m-no-bed")):
        assert run(["render", "kind.md", "--length", "2m", "--bed", bed, "-o", bed]) == 0
        assert assembled(Path(f"page/{html}.html")) == Path(f"{bed}/kind.mp3").read_bytes()
    Path("page/my notes.txt").touch()
    assert run(["page", "--any-length", "kind.md", "-o", "page"]) == 0
    assert not read_html(Path("page/index.html")).all("nav", "lengths"), "one length, and nothing to choose"
    assert not Path("page/kind-2m-no-bed.html").exists() and Path("page/my notes.txt").exists()


@pytest.mark.slow
def test_a_length_that_cannot_be_is_left_out(here, capsys):
    Path("kind.md").write_text(SCRIPT.replace("1m to 3m", "1m to 6m"))
    assert run(["page", "--any-length", "kind.md", "-o", "page"]) == 0
    out, err = capsys.readouterr()
    assert "3 lengths, 1 to 3 minutes" in out
    assert "note: kind-6m is left out: 'A Short Kindness' cannot last 6m" in err


NO_RANGE = SCRIPT.replace("range: 1m to 3m\n", "")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "options", "message"),
    [
        (NO_RANGE, [], "kind.md: the script does not say which lengths it is written for\n  write it"),
        (SCRIPT.replace("1m to 3m", "70s to 80s"), [], "there is no whole minute from 1m10s to 1m20s"),
        (SCRIPT.replace("1m to 3m", "8m to 9m"), [], "cannot last 9m"),
        (SCRIPT, ["--preset", "acx"], "acx asks for 44.1 kHz\n  choose another preset"),
        (SCRIPT, ["kind.md"], "--any-length makes the page of one script"),
        (SCRIPT, ["-o", "kind.md"], "kind.md is a file, not a folder"),
        (SCRIPT, ["-o", "mine"], "index.html is there already, and kindvoice did not make it"),
    ],
)
def test_what_cannot_be_is_said(here, capsys, monkeypatch, script, options, message):
    Path("kind.md").write_text(script)
    Path("mine").mkdir()
    Path("mine/index.html").write_text("my own page")
    assert run(["page", "--any-length", "kind.md", *options]) in {1, 4}
    assert message in capsys.readouterr().err
    assert not Path("out").exists()


def test_options_of_a_script_are_not_for_finished_recordings(here, capsys):
    assert run(["page", "out/kind.mp3", "--voice", "tone"]) == 1
    assert "--voice is for a page of a script" in capsys.readouterr().err
