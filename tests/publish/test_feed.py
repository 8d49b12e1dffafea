"""The feed of finished recordings: what it says of each, and what may not be published. Checked against its schema."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

import pytest
from feeds import NS, URL, course, feed_of, make_feed, one, read, record, settle_one, show

from kindvoice.errors import ManifestError, SettingsError
from kindvoice.publish.feed.episodes import make_episodes
from kindvoice.publish.feed.files import feed_path, find_releases
from kindvoice.publish.feed.notes import feed_notes
from kindvoice.publish.feed.show import Show, settle
from kindvoice.publish.manifest import read_release

# ---------------------------------------------------------------- one recording


def test_one_recording_is_an_episodic_show_of_its_own(tmp_path):
    manifest = record(tmp_path, "kind morning")
    text = feed_of([manifest], Show(url=URL, path=tmp_path / "feed.xml"))
    channel = read(text)
    assert one(channel, "title") == "Kind Morning"
    assert "A pause for kindness." in one(channel, "description")
    assert one(channel, "itunes:type") == "episodic"
    assert one(channel, "podcast:medium") == "podcast"
    assert one(channel, "itunes:author") == "Ana Lima"
    assert channel.find("atom:link", NS).get("href") == f"{URL}/feed.xml"
    item = channel.find("item")
    enclosure = item.find("enclosure")
    assert enclosure.attrib == {
        "url": f"{URL}/kind%20morning.mp3",
        "length": str((tmp_path / "kind morning.mp3").stat().st_size),
        "type": "audio/mpeg",
    }
    assert one(item, "itunes:duration") == "600"
    assert one(item, "pubDate") == "Thu, 01 Jan 2026 00:00:00 GMT"
    assert item.find("itunes:image", NS).get("href") == f"{URL}/kind%20morning.cover.png"
    assert item.find("podcast:chapters", NS).attrib == {
        "url": f"{URL}/kind%20morning.chapters.json", "type": "application/json+chapters",
    }  # fmt: skip
    assert one(channel, "podcast:license") == "cc-by-4.0"
    assert "practice aid, not therapy" in one(item, "description")
    assert "Heart, spoken by hibari-tts" in one(item, "description")
    person = item.find("podcast:person", NS)
    assert (person.text, person.get("role")) == ("Heart (synthetic voice)", "narrator")


def test_captions_are_named_by_their_types_and_language(tmp_path):
    manifest = record(
        tmp_path, "a", kinds=("mp3", "html", "lrc", "srt", "txt", "vtt", "cover"), language="pt-BR"
    )
    item = read(feed_of([manifest], show(tmp_path))).find("item")
    assert [t.attrib for t in item.findall("podcast:transcript", NS)] == [
        {"url": f"{URL}/a.vtt", "type": "text/vtt", "language": "pt-BR", "rel": "captions"},
        {"url": f"{URL}/a.srt", "type": "application/x-subrip", "language": "pt-BR", "rel": "captions"},
        {"url": f"{URL}/a.html", "type": "text/html", "language": "pt-BR"},
        {"url": f"{URL}/a.txt", "type": "text/plain", "language": "pt-BR"},
    ]


def test_the_best_understood_format_is_played_and_the_others_are_offered(tmp_path):
    manifest = record(tmp_path, "a", kinds=("wav", "flac", "opus", "ogg", "m4b", "m4a", "mp3", "cover"))
    item = read(feed_of([manifest], show(tmp_path))).find("item")
    assert item.find("enclosure").get("type") == "audio/mpeg"
    others = item.findall("podcast:alternateEnclosure", NS)
    assert [(o.get("type"), o.get("codecs")) for o in others] == [
        ("audio/x-m4a", None), ("audio/mp4", None), ("audio/ogg", "opus"), ("audio/ogg", "vorbis"),
        ("audio/flac", None), ("audio/wav", None),
    ]  # fmt: skip
    for other in others:
        path = tmp_path / unquote(
            urlsplit(other.find("podcast:source", NS).get("uri")).path.rpartition("/")[2]
        )
        assert int(other.get("length")) == path.stat().st_size
        assert float(other.get("bitrate")) == pytest.approx(path.stat().st_size * 8 / 600.4, abs=1)
        kind, _, value = other.find("podcast:integrity", NS).get("value").partition("-")
        assert kind == "sha256"
        assert base64.b64decode(value) == hashlib.sha256(path.read_bytes()).digest()


def notes_of(release, settled) -> str:
    return " ".join(feed_notes(make_episodes([release], settled), settled))


@pytest.mark.parametrize(
    ("kind", "type"), [("m4a", "audio/x-m4a"), ("m4b", "audio/mp4"), ("opus", "audio/ogg")]
)
def test_without_mp3_the_next_format_is_played(tmp_path, kind, type):
    release = read_release(record(tmp_path, "a", kinds=(kind, "cover")))
    settled = settle(show(tmp_path, date="2026-02-03"), [release])
    item = read(make_feed([release], settled)).find("item")
    assert item.find("enclosure").get("type") == type
    notes = notes_of(release, settled)
    assert ("Apple" in notes) == (kind != "m4a")
    assert item.find("podcast:transcript", NS) is item.find("podcast:chapters", NS) is None
    assert "no captions" in notes
    assert one(item, "pubDate") == "Tue, 03 Feb 2026 12:00:00 GMT"


def test_a_recording_without_sound_is_an_error(tmp_path):
    with pytest.raises(ManifestError, match="no sound file"):
        feed_of([record(tmp_path, "a", kinds=("vtt",))], show(tmp_path))


# ---------------------------------------------------------------- a course


def test_a_course_is_serial_in_the_order_in_which_it_is_heard(tmp_path):
    paths = sorted(course(tmp_path))  # by name: the other way round
    channel = read(feed_of(paths, show(tmp_path)))
    assert one(channel, "title") == "Five Days"
    assert one(channel, "itunes:type") == "serial"
    assert one(channel, "podcast:medium") == "course"
    items = channel.findall("item")
    assert [one(item, "itunes:episode") for item in items] == ["1", "2", "3", "4", "5"]
    dates = [parsedate_to_datetime(one(item, "pubDate")) for item in items]
    assert dates == sorted(set(dates))
    assert parsedate_to_datetime(one(channel, "pubDate")) == dates[-1]
    assert len({one(item, "guid") for item in items}) == 5
    assert len({item.find("enclosure").get("url") for item in items}) == 5


def test_discs_are_seasons(tmp_path):
    paths = [
        record(tmp_path, f"w{week}d{d}", album="Eight Weeks", track=d, disc=week)
        for week in (2, 1)
        for d in (2, 1)
    ]
    items = read(feed_of(paths, show(tmp_path))).findall("item")
    assert [(one(i, "itunes:season"), one(i, "itunes:episode")) for i in items] == [
        ("1", "1"), ("1", "2"), ("2", "1"), ("2", "2"),
    ]  # fmt: skip


def test_a_course_without_numbers_is_numbered_in_the_order_given(tmp_path):
    paths = [record(tmp_path, name, album="Two") for name in ("z", "a")]
    channel = read(feed_of(paths, show(tmp_path, serial=True)))
    assert [(one(i, "title"), one(i, "itunes:episode")) for i in channel.findall("item")] == [
        ("Z", "1"),
        ("A", "2"),
    ]
    episodic = read(feed_of(paths, show(tmp_path)))
    assert one(episodic, "itunes:type") == "episodic"
    assert episodic.find("item/itunes:episode", NS) is None


def test_two_of_the_same_number_are_an_error(tmp_path):
    paths = [record(tmp_path, name, album="Two", track=1) for name in ("a", "b")]
    with pytest.raises(SettingsError, match="both number 1"):
        feed_of(paths, show(tmp_path))


@pytest.mark.parametrize(
    ("date", "told"),
    [("2026", "Thu, 01 Jan 2026"), ("2025-11", "Sat, 01 Nov 2025"), ("2025-11-22", "Sat, 22 Nov 2025")],
)
def test_a_recordings_own_date_stands_before_its_files_time(tmp_path, date, told):
    item = read(feed_of([record(tmp_path, "a", date=date)], show(tmp_path))).find("item")
    assert one(item, "pubDate") == f"{told} 12:00:00 GMT"


# ---------------------------------------------------------------- identity


def test_the_guid_is_the_one_of_the_specification(release):
    for address in ("https://podnews.net/rss", "http://podnews.net/rss//"):
        shown = settle_one(release, feed_url=address)
        assert shown.guid == "9b024349-ccf0-5f69-a609-6b82873eab3c"


def test_an_episodes_guid_stays_when_it_is_rendered_again(tmp_path):
    first = feed_of([record(tmp_path, "a", kinds=("mp3", "cover"))], show(tmp_path))
    again = feed_of(
        [record(tmp_path, "a", kinds=("m4a", "vtt", "cover"), title="New")], show(tmp_path, title="New")
    )
    other = feed_of([record(tmp_path, "b")], show(tmp_path))
    guids = [one(read(text), "item/guid") for text in (first, again, other)]
    assert guids[0] == guids[1] != guids[2]
    assert guids[0] == str(uuid.uuid5(uuid.UUID(one(read(first), "podcast:guid")), "a"))


def test_a_show_that_moves_keeps_its_guid(tmp_path):
    paths = [record(tmp_path, "a")]
    old = read(feed_of(paths, show(tmp_path)))
    kept = read(
        feed_of(paths, show(tmp_path, url="https://elsewhere.example/", guid=one(old, "podcast:guid")))
    )
    for path in ("podcast:guid", "item/guid"):
        assert one(old, path) == one(kept, path)
    assert kept.find("item/enclosure").get("url") == "https://elsewhere.example/a.mp3"


def test_the_same_input_gives_the_same_bytes(tmp_path):
    paths = course(tmp_path)
    assert feed_of(paths, show(tmp_path)) == feed_of(paths, show(tmp_path))
    settled = settle(show(tmp_path), [read_release(path) for path in paths])
    assert settle(settled, [read_release(path) for path in paths]) == settled


# ---------------------------------------------------------------- what may not be published


def test_somebodys_own_phrases_are_not_published_by_accident(tmp_path):
    paths = [record(tmp_path, "a"), record(tmp_path, "b", phrases=[{"self": "May I forgive M."}])]
    with pytest.raises(SettingsError, match="own words") as caught:
        feed_of(paths, show(tmp_path, title="Two"))
    assert "b.manifest.json" in str(caught.value)
    assert "forgive" not in str(caught.value)
    found = json.loads(paths[0].read_text())
    del found["inputs"]["phrases"]
    paths[0].write_text(json.dumps(found))
    releases = [read_release(path) for path in paths]
    assert releases[0].personal, "where nothing is said of phrases, there may be some"
    meant = settle(show(tmp_path, title="Two", with_phrases=True), releases)
    read(make_feed(releases, meant))
    assert any("own phrases" in note for note in feed_notes(make_episodes(releases, meant), meant))


def test_the_owners_address_is_told_only_when_it_is_given(tmp_path):
    paths = [record(tmp_path, "a")]
    silent = feed_of(paths, show(tmp_path))
    assert "itunes:owner" not in silent
    assert "owner" not in read(silent).find("podcast:locked", NS).attrib
    unlisted = {"unlisted": True, "complete": True, "locked": False}
    told = read(feed_of(paths, show(tmp_path, email="ana@example.org", **unlisted)))
    assert one(told, "itunes:block") == one(told, "itunes:complete") == "Yes"
    assert (one(told, "podcast:block"), one(told, "podcast:locked")) == ("yes", "no")
    assert one(told, "itunes:owner/itunes:email") == "ana@example.org"
    assert told.find("podcast:locked", NS).get("owner") == "ana@example.org"


# ---------------------------------------------------------------- folders and files


def test_several_folders_want_to_know_where_the_feed_goes(tmp_path):
    releases = find_releases([record(tmp_path / "1", "kind"), record(tmp_path / "2", "kind")])
    with pytest.raises(SettingsError, match="2 folders"):
        feed_path(releases, None)
    with pytest.raises(SettingsError, match="does not lie in"):
        make_feed(releases, show(tmp_path / "1", title="Two"))
    with pytest.raises(SettingsError, match="no feed's name"):
        feed_path(releases, tmp_path / "kind.mp3")
    items = read(make_feed(releases, show(tmp_path, title="Two"))).findall("item")
    assert [i.find("enclosure").get("url") for i in items] == [f"{URL}/1/kind.mp3", f"{URL}/2/kind.mp3"]
    assert len({one(i, "guid") for i in items}) == 2


def test_a_way_round_does_not_lead_out_of_the_folder(tmp_path):
    path = record(tmp_path / "in", "a")
    record(tmp_path / "out", "b")
    around = tmp_path / "in" / ".." / "in" / path.name
    assert read(feed_of([around], show(tmp_path / "in"))).find("item/enclosure").get("url") == f"{URL}/a.mp3"
    with pytest.raises(SettingsError, match="does not lie in"):
        feed_of([tmp_path / "in" / ".." / "out" / "b.mp3"], show(tmp_path / "in"))


def test_a_recording_that_is_named_twice_is_an_error(tmp_path):
    path = record(tmp_path, "a")
    for twice in ([path, path.with_name("a.mp3")], [tmp_path, path.with_name("a.vtt")]):
        with pytest.raises(SettingsError, match="named twice"):
            make_feed(find_releases(twice), show(tmp_path, title="One"))


def test_a_folder_stands_for_its_recordings(tmp_path):
    course(tmp_path)
    assert [r.name for r in find_releases([tmp_path])] == ["a-day", "b-day", "c-day", "d-day", "e-day"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(ManifestError, match="no recording"):
        find_releases([tmp_path / "empty"])


def test_a_missing_and_a_changed_file_are_errors(tmp_path):
    path = record(tmp_path, "a")
    (tmp_path / "a.mp3").write_bytes(b"other")
    with pytest.raises(ManifestError, match="bytes"):
        find_releases([path])
    (tmp_path / "a.mp3").unlink()
    with pytest.raises(ManifestError, match="not beside it"):
        find_releases([path])
