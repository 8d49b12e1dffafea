"""Scripts that a teacher writes in the studio, and desks of teachers who have names."""

from __future__ import annotations

import re

import pytest
from ordering import everything_in
from studioweb import hosted, token_in, words_of
from teachpages import SCRIPT, Browser, over

from kindvoice.errors import SettingsError
from kindvoice.script.beginning import with_front
from kindvoice.studio.host.config import Limits, make_config
from kindvoice.studio.host.files import PREVIEW
from kindvoice.studio.host.keys import hash_password
from kindvoice.studio.teach.history import MOST_KEPT, SITTING_S, History, text_digest
from kindvoice.studio.teach.scripts import script_id

ANA, BEN = "some words in a row", "other words in a row"
HASH = "scrypt$16384$8$1$c29tZSBvdGhlciBzYWx0Lg==$UhtRkdjtkOrkjaLmwYL5CjrB740IU3mq+2HaO0ntauk="
"""of Ana's"""


@pytest.fixture
def writer(tmp_path):
    made = Browser(tmp_path)
    made.client.follow_redirects = False
    yield made
    made.teachers.close()


def send(writer, way: str, **fields: str):
    return writer.client.post(f"{writer.script}{way}", data={"token": writer.token, **fields})


def save(writer, text: str, seen: str = "", act: str = "save", **headers: str):
    fields = {
        "token": writer.token,
        "text": text,
        "seen": seen or text_digest(writer.path.read_text()),
        "act": act,
    }
    return writer.client.post(f"{writer.script}/write", data=fields, headers=headers)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("", "---\ntitle: Two\n---\n"),
        ("Be here.\n", "---\ntitle: Two\n---\nBe here.\n"),
        ("---\ntitle: One\nlanguage: en\n---\nx", "---\ntitle: Two\nlanguage: en\n---\nx"),
        ("---\ntitle: >\n  One\n  more\nlength: 5m\n---\nx", "---\ntitle: Two\nlength: 5m\n---\nx"),
        ("---\nno end", "---\ntitle: Two\n---\n---\nno end"),
    ],
)
def test_a_title_is_put_in_place_of_another(text, after):
    assert with_front(text, "title", "Two") == after
    assert "'A: b'" in with_front(text, "title", "A: b")


def test_versions_are_kept_when_a_sitting_begins_and_by_hand(tmp_path):
    now = [1_000_000.0]
    history, script = History(tmp_path / "history", clock=lambda: now[0]), tmp_path / "a.md"
    script.write_text("one")
    for text, after_s in (("two", 0), ("three", SITTING_S), ("four", SITTING_S + 1), ("five", 1)):
        now[0] += after_s
        history.write(script, script.read_text(), text)
    assert [v.path.read_text() for v in history.versions(script)] == ["three", "one"]
    history.keep(script, "five")
    history.keep(script, "five")
    assert [v.number for v in history.versions(script)] == [3, 2, 1] and history.text(script, 3) == "five"
    for n in range(MOST_KEPT + 3):
        history.keep(script, str(n))
    kept = history.versions(script)
    assert len(kept) == MOST_KEPT and kept[0].number == MOST_KEPT + 6
    other = tmp_path / "b.md"
    history.move(script, other)
    assert not history.versions(script) and len(history.versions(other)) == MOST_KEPT
    history.forget(other)
    assert not list((tmp_path / "history").iterdir())


def test_what_is_written_is_kept_and_what_changed_elsewhere_is_not_lost(writer):
    page = writer.get("/write").text
    assert "Find a position" in page and '<svg class="tp"' in page
    assert f'name="seen" value="{text_digest(SCRIPT)}"' in page
    answer = save(writer, SCRIPT.replace("\n", "\r\n") + "Be.\r\n", accept="application/json")
    assert answer.json() == {"seen": text_digest(SCRIPT + "Be.\n"), "kept": 1}
    assert writer.path.read_text() == SCRIPT + "Be.\n"
    writer.path.write_text("Another.\n")
    late = save(writer, "Mine.\n", text_digest(SCRIPT), accept="application/json")
    assert late.status_code == 409 and "changed" in late.json()["what"]
    shown = save(writer, "Mine.\n", text_digest(SCRIPT))
    assert shown.status_code == 422 and "Mine.\n</textarea>" in shown.text
    assert writer.path.read_text() == "Another.\n"
    assert save(writer, "x" * 1_000_001).status_code == 422


def test_a_version_is_brought_back_and_nothing_is_lost(writer):
    save(writer, "Two. [pause 2s]\n", act="keep")
    page = writer.get("/write").text
    assert re.findall(r"/versions/(\d+)", page) == ["2", "1"]
    assert "Find a position" in writer.get("/versions/1").text
    save(writer, "Three. [pause 2s]\n")
    assert send(writer, "/versions/1").status_code == 303
    assert writer.path.read_text() == SCRIPT
    assert writer.desk.history.text(writer.path, 3) == "Three. [pause 2s]\n"
    assert writer.get("/versions/9").status_code == 404


@pytest.mark.slow
def test_a_script_is_begun_copied_renamed_taken_along_and_deleted(writer):
    client, scripts = writer.client, writer.path.parent
    new = client.post(
        "/teach/scripts/new", data={"token": writer.token, "title": "Evening: A", "language": "en"}
    )
    assert new.status_code == 303 and "title: 'Evening: A'" in (scripts / "evening-a.md").read_text()
    german = client.post(
        "/teach/scripts/new", data={"token": writer.token, "title": "Abend", "language": "de"}
    )
    assert german.status_code == 303 and "language: de" in (scripts / "abend.md").read_text()
    assert client.post("/teach/scripts/new", data={"token": writer.token, "title": " "}).status_code == 422
    library = next(
        each for each in writer.desk.listing() if each.path.stem == "before-sleep" and each.language == "en"
    )
    foreign = f"/teach/scripts/{library.id}"
    for way in ("/write", "/versions/1"):
        assert client.get(foreign + way).status_code == 404
    for way in ("/rename", "/delete", "/write"):
        assert client.post(foreign + way, data={"token": writer.token, "title": "x"}).status_code == 404
    copied = client.post(f"{foreign}/copy", data={"token": writer.token})
    assert copied.headers["location"].endswith("/write") and (scripts / "before-sleep.md").is_file()
    save(writer, SCRIPT + "Be.\n")
    renamed = send(writer, "/rename", title="A Kind Night")
    path = scripts / "a-kind-night.md"
    assert (
        renamed.headers["location"] == f"/teach/scripts/{script_id(path)}/write" and not writer.path.exists()
    )
    assert "title: A Kind Night" in path.read_text() and writer.desk.history.versions(path)
    writer.path, writer.script = path, f"/teach/scripts/{script_id(path)}"
    assert send(writer, "/rename", title="Abend").status_code == 422
    saved = writer.get("/file")
    assert saved.text == path.read_text() and "a-kind-night.md" in saved.headers["content-disposition"]
    assert send(writer, "/delete").status_code == 303
    assert not path.exists() and not writer.desk.history.versions(path)


@pytest.mark.slow
def test_a_script_is_tried_with_somebodys_phrases_and_nothing_of_them_stays(writer):
    piece = writer.make("0", phrases="May I forgive my zeppelin\n\n May I rest ")
    (sound,) = [each for each in piece.state.sounds if each.kind == "mp3"]
    assert piece.state.stage == "done" and not (writer.base / "out").exists()
    assert sound.path.parent == piece.folder
    assert b"zeppelin" in (piece.folder / "morning.vtt").read_bytes()
    chapter = over(writer.make("2", phrases="May I forgive my zeppelin"))
    assert chapter.state.stage == "done"
    store = writer.desk.store
    theirs = [ledger for ledger in store.ledgers() if ledger.about.get("participant") == f"{PREVIEW}desk"]
    assert len(theirs) == 2, "what is forgotten after an hour"
    answer = send(writer, "/make", part="0", phrases="x" * 40_000)
    assert answer.status_code == 400 and "x" * 100 not in answer.text


@pytest.mark.slow
def test_teachers_with_names_have_desks_of_their_own(tmp_path, choices):
    teachers = {"Ana Lima": HASH, "Ben": hash_password(BEN)}
    with hosted(tmp_path, choices, teachers=teachers, limits=Limits(logins_per_minute=100)) as host:

        def come_in(name: str, password: str):
            browser = host.browser()
            token = token_in(browser.get("/login").text)
            return (
                browser,
                token,
                browser.post("/login", data={"token": token, "name": name, "password": password}),
            )

        for name, password in (("Ana Lima", BEN), ("", ANA), ("Nobody", ANA), ("Ben", "")):
            assert come_in(name, password)[2].status_code == 403, name
        ana, token, entered = come_in("ana lima ", ANA)
        assert entered.status_code == 303
        ben, _, _ = come_in("Ben", BEN)
        script = ana.post("/teach/scripts/new", data={"token": token, "title": "Zeppelin", "language": "en"})
        course = ana.post("/teach/courses/new", data={"token": token, "title": "Zeppelins", "language": "en"})
        for made in (script, course):
            where = made.headers["location"]
            assert (ana.get(where).status_code, ben.get(where).status_code) == (200, 404)
            assert host.browser().get(where).headers["location"] == "/login"
        assert "Zeppelin" in ana.get("/teach/").text and "Ana Lima" in words_of(ana.get("/teach/").text)
        assert "Zeppelin" not in ben.get("/teach/").text
        desk = host.studio.teachers.of("Ana Lima").desk
        assert desk.settings.takes != host.config.settings.takes and desk.settings.output.is_relative_to(
            host.config.data
        )
        other = make_config(
            host.config.settings, data=host.config.data, teachers={**teachers, "Ben": hash_password(ANA)}
        )
        assert host.studio.door.who is not None and type(host.studio.door)(other).named
        assert b"Zeppelin" in everything_in(host.config.data / "teachers")


@pytest.mark.parametrize(
    "teachers",
    [{"Ana": "some words in a row"}, {"": "x"}, {"Ana": HASH, "ANA": HASH}, {"A\nb": "x"}],
)  # fmt: skip
def test_names_and_hashes_of_teachers_are_checked(tmp_path, teachers):
    from teachpages import settings_in

    with pytest.raises(SettingsError) as caught:
        make_config(settings_in(tmp_path), data=tmp_path / "data", teachers=teachers)
    assert "words in a row" not in str(caught.value)
