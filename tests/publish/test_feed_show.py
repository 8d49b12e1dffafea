"""The show: what a feed may say of itself, its pictures, hostile text; the schema, another reader, the command."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from urllib.parse import unquote, urlsplit

import feedparser
import pytest
from click.testing import CliRunner
from feeds import (
    NASTY,
    NS,
    URL,
    course,
    feed_of,
    make_feed,
    one,
    picture,
    read,
    record,
    settle_one,
    show,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kindvoice.cli.feed import feed as command
from kindvoice.errors import KindvoiceError, SettingsError
from kindvoice.publish.feed.apple import CATEGORIES, find_category
from kindvoice.publish.feed.episodes import make_episodes
from kindvoice.publish.feed.files import find_releases
from kindvoice.publish.feed.notes import feed_notes
from kindvoice.publish.feed.show import Show, settle

# ---------------------------------------------------------------- what a show may say


def test_every_category_of_apple_is_found_by_its_own_name():
    assert sum(len(subs) for subs in CATEGORIES.values()) + len(CATEGORIES) == 110
    for name, subs in CATEGORIES.items():
        assert find_category(name.lower()) == name
        for sub in subs:
            assert find_category(sub.upper()) == find_category(f"{name} › {sub}") == f"{name} > {sub}"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"url": "example.org/kind"}, "no web address"),
        ({"url": "ftp://example.org"}, "no web address"),
        ({"url": "https://"}, "no web address"),
        ({"url": "https://exa mple.org"}, "no web address"),
        ({"url": "https://example.org:port/"}, "no web address"),
        ({"url": "https://example.org/\ud800"}, "no web address"),
        ({"url": "https://ana:secret@example.org/"}, "password"),
        ({"url": "https://example.org/?a=1"}, "no folder"),
        ({"url": "https://example.org/feed.xml"}, "a file's address"),
        ({"link": "javascript:alert(1)"}, "no web address"),
        ({"email": "Ana <ana@example.org>"}, "email"),
        ({"language": "english please"}, "language"),
        ({"categories": ("Kindness",)}, "category"),
        ({"licence": "my own"}, "SPDX"),
        ({"guid": "1234"}, "guid"),
        ({"date": "tomorrow"}, "no date"),
        ({"date": "2026-02-30"}, "no date"),
        ({"hosts": (" \x00",)}, "name"),
    ],
)
def test_what_a_feed_may_not_say(release, said, told):
    with pytest.raises(SettingsError, match=told) as caught:
        settle_one(release, **said)
    assert "secret" not in str(caught.value)


def test_what_nobody_has_said_is_asked_for(tmp_path):
    releases = find_releases([record(tmp_path, "a", about=""), record(tmp_path, "b", album="B")])
    with pytest.raises(SettingsError, match="what it is about"):
        settle(Show(url=URL, path=tmp_path / "feed.xml", title="Two"), releases)
    with pytest.raises(SettingsError) as caught:
        settle(show(tmp_path), releases)
    assert "--title" in str(caught.value)
    with pytest.raises(SettingsError, match="at least one"):
        settle(show(tmp_path), [])


def test_licences_of_recordings_that_differ_stand_with_each(tmp_path):
    paths = [
        record(tmp_path, "a"),
        record(tmp_path, "b", licence="Apache-2.0"),
        record(tmp_path, "c", licence="Mine"),
    ]
    channel = read(feed_of(paths, show(tmp_path, title="Three")))
    assert channel.find("podcast:license", NS) is None
    found = [item.find("podcast:license", NS) for item in channel.findall("item")]
    assert [f.text if f is not None else None for f in found] == ["cc-by-4.0", "apache-2.0", None]
    assert "Licence: Mine." in one(channel, "item[3]/description")
    mine = {"licence": "Sangha licence", "licence_url": "https://example.org/licence"}
    own = read(feed_of(paths[:1], show(tmp_path, **mine))).find("podcast:license", NS)
    assert (own.text, own.get("url")) == ("Sangha licence", "https://example.org/licence")


def test_hosts_are_named_again_with_each_voice(tmp_path):
    channel = read(feed_of([record(tmp_path, "a")], show(tmp_path, hosts=("Ana Lima", "Bo"))))
    told = [(p.text, p.get("role")) for p in channel.findall("podcast:person", NS)]
    assert told == [("Ana Lima", "host"), ("Bo", "host")]
    again = [(p.text, p.get("role")) for p in channel.findall("item/podcast:person", NS)]
    assert again == [*told, ("Heart (synthetic voice)", "narrator")]


def test_the_author_is_who_was_named_then_the_hosts_then_the_artists(tmp_path):
    paths = [record(tmp_path, "a"), record(tmp_path, "b", artist="Bo")]
    for said, author in (
        ({}, "Ana Lima, Bo"),
        ({"hosts": ("Cy",)}, "Cy"),
        ({"hosts": ("Cy",), "author": "Ed"}, "Ed"),
    ):
        channel = read(feed_of(paths, show(tmp_path, title="Two", **said)))
        assert one(channel, "itunes:author") == author


def test_a_voice_is_named_and_told_to_be_one(tmp_path):
    credits = (
        "Voice: SVOX Pico. Licence of the voice: Apache-2.0.",
        "2 of 9 lines are recorded by a person.",
    )
    manifest = record(tmp_path / "new", "a", credits=credits, voices=[{"name": "Pico, German"}])
    item = read(feed_of([manifest], show(manifest.parent))).find("item")
    assert [p.text for p in item.findall("podcast:person", NS)] == ["Pico, German (synthetic voice)"]
    assert credits[0].rstrip(".") in one(item, "description")
    nobody = record(tmp_path / "nobody", "a", voices=())
    assert not read(feed_of([nobody], show(nobody.parent))).findall("item/podcast:person", NS)


def test_two_languages_and_a_plain_address_are_told_of(tmp_path):
    releases = find_releases(
        [record(tmp_path, "a"), record(tmp_path, "b", language="de", kinds=("mp3", "vtt"))]
    )
    settled = settle(show(tmp_path, title="Two", url="http://example.org"), releases)
    notes = " ".join(feed_notes(make_episodes(releases, settled), settled))
    assert "https" in notes
    assert "de" in notes
    fine = settle(show(tmp_path), releases[:1])
    assert feed_notes(make_episodes(releases[:1], fine), fine) == ()
    (tmp_path / "a.cover.png").write_bytes(picture(600))
    (note,) = feed_notes(make_episodes(releases[:1], fine), fine)
    assert "600 x 600" in note, "a recording's own cover is only told of"


def test_addresses_beyond_ascii_are_written_in_it(tmp_path):
    path = record(tmp_path / "Güte", "être là & là #1 100% ?")
    channel = read(feed_of([path], show(tmp_path, url="https://bücher.example/Güte")))
    url = channel.find("item/enclosure").get("url")
    assert url.startswith("https://xn--bcher-kva.example/G%C3%BCte/")
    assert unquote(urlsplit(url).path) == "/Güte/Güte/être là & là #1 100% ?.mp3"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (partial(picture, 1400, "JPEG"), ""),
        (partial(picture, 3000), ""),
        (partial(picture, 1400, "JPEG", wide=1500), "not square"),
        (partial(picture, 1399), "too small"),
        (lambda: b"GIF89a", "neither a JPEG nor a PNG"),
        (lambda: picture()[:200], "ends too early"),
        (None, "cannot be read"),
    ],
)
def test_a_shows_picture_is_what_directories_take(tmp_path, data, told):
    path = tmp_path / "a.jpg"
    if data is not None:
        path.write_bytes(data())
    paths = [record(tmp_path, "b")]
    if told:
        with pytest.raises(SettingsError, match=told):
            feed_of(paths, show(tmp_path, image=path))
    else:
        channel = read(feed_of(paths, show(tmp_path, image=path)))
        assert channel.find("itunes:image", NS).get("href") == f"{URL}/a.jpg"
        with pytest.raises(SettingsError, match="does not lie in"):
            feed_of([record(tmp_path / "in", "b")], show(tmp_path / "in", image=path))


def test_the_command_brings_the_picture_without_what_a_camera_tells(tmp_path):
    record(tmp_path / "in", "b")
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    Image.new("RGB", (1400, 1400)).save(tmp_path / "photo.jpg", exif=exif)
    done = run(
        tmp_path / "in",
        "--url",
        URL,
        "--image",
        tmp_path / "photo.jpg",
        "--output",
        tmp_path / "in" / "kind.xml",
    )
    assert done.exception is None
    channel = read((tmp_path / "in" / "kind.xml").read_text(encoding="utf-8"))
    assert channel.find("itunes:image", NS).get("href") == f"{URL}/kind.cover.jpg"
    assert b"taken at home" in (tmp_path / "photo.jpg").read_bytes()
    assert b"taken at home" not in (tmp_path / "in" / "kind.cover.jpg").read_bytes()
    assert "  kind.cover.jpg" in done.stdout.splitlines()


# ---------------------------------------------------------------- hostile text


def test_hostile_titles_stay_text(tmp_path):
    path = record(
        tmp_path, "a", title=NASTY, about=NASTY * 20, artist=NASTY, copyright=NASTY, album="",
        credits=(f"Voice: {NASTY}",),
    )  # fmt: skip
    text = feed_of([path], show(tmp_path, title=NASTY, about=NASTY * 20, hosts=(NASTY,)))
    channel = read(text)
    for title in (one(channel, "title"), one(channel, "item/title")):
        assert title.startswith("<script>alert(\"1\")</script> & 'Güte' 🕊")
        assert len(title) <= 255
    assert "<script>" not in one(
        channel, "item/description"
    )  # it is HTML, so its own text is escaped once more
    assert "practice aid, not therapy" in one(channel, "description")
    assert "practice aid, not therapy" in one(channel, "item/description")


anything = st.text(st.characters(codec=None), max_size=200)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(title=anything, about=anything, artist=anything, credit=anything, album=anything, licence=anything)
def test_any_text_gives_a_valid_feed(release, title, about, artist, credit, album, licence):
    release = replace(
        release,
        about=about,
        credits=(credit, f"Voice: {credit}"),
        tags=replace(
            release.tags, title=title, artist=artist, album=album, licence=licence, copyright=credit
        ),
    )
    shown = show(release.manifest.parent, about=about + "x", title=title, author=artist)
    channel = read(make_feed([release], shown))
    assert one(channel, "item/title")


@settings(max_examples=30, deadline=None)
@given(text=st.text(st.characters(codec=None), max_size=80))
def test_an_address_is_clean_or_refused(release, text):
    try:
        url = settle_one(release, url=f"https://example.org/{text}").url
    except KindvoiceError:
        return
    assert url.isascii()
    assert url.endswith("/")
    assert urlsplit(url).netloc == "example.org"
    assert not set(url) & set(' <>"{}|\\^`\n')
    assert settle_one(release, url=url).url == url


# ---------------------------------------------------------------- another reader, the command


def test_feedparser_reads_what_was_written(tmp_path):
    text = feed_of(course(tmp_path), show(tmp_path, email="ana@example.org"))
    found = feedparser.parse(text.encode())
    assert not found.bozo
    assert found.version == "rss20"
    assert found.feed.title == "Five Days"
    assert found.feed.language == "en"
    assert found.feed.image.href == f"{URL}/e-day.cover.png"
    assert [t.term for t in found.feed.tags] == ["Health & Fitness", "Mental Health"]
    assert [entry.itunes_episode for entry in found.entries] == ["1", "2", "3", "4", "5"]
    assert found.entries[0].published_parsed[:5] == (2026, 1, 1, 0, 0)
    assert not found.entries[0].guidislink
    (enclosure,) = found.entries[0].enclosures
    assert (enclosure.href, enclosure.type) == (f"{URL}/e-day.mp3", "audio/mpeg")


def run(*args: object):
    return CliRunner().invoke(command, [str(arg) for arg in args], standalone_mode=False)


def test_the_command_writes_the_feed_and_says_what_to_upload(tmp_path):
    course(tmp_path, 2)
    done = run(tmp_path, "--url", URL, "--about", "Two days.", "--host", "Ana", "--category", "buddhism")
    assert done.exception is None
    channel = read((tmp_path / "feed.xml").read_text(encoding="utf-8"))
    assert channel.find("itunes:category/itunes:category", NS).get("text") == "Buddhism"
    listed = {line.strip() for line in done.stdout.splitlines() if line.startswith("  ")}
    assert listed == {p.name for p in tmp_path.iterdir() if not p.name.endswith(".manifest.json")}
    assert not any("manifest" in name for name in listed)


def test_the_command_as_json(tmp_path):
    course(tmp_path, 2)
    done = run(tmp_path / "e-day.mp3", tmp_path / "d-day.vtt", "--url", URL, "--about", "Two.", "--json",
               "--output", tmp_path / "güte.rss")  # fmt: skip
    found = json.loads(done.stdout)
    assert found["feed_url"] == f"{URL}/g%C3%BCte.rss"
    assert found["type"] == "serial"
    assert [r["episode"] for r in found["recordings"]] == [1, 2]
    assert all((tmp_path / name).is_file() for name in found["files"])
    channel = read((tmp_path / "güte.rss").read_text(encoding="utf-8"))
    assert [one(i, "guid") for i in channel.findall("item")] == [r["guid"] for r in found["recordings"]]


def test_the_command_refuses_before_it_writes(tmp_path):
    record(tmp_path, "a", phrases=[{"self": "May I."}])
    done = run(tmp_path, "--url", URL)
    assert isinstance(done.exception, SettingsError)
    assert not (tmp_path / "feed.xml").exists()
    assert run(tmp_path, "--url", URL, "--with-phrases").exception is None
