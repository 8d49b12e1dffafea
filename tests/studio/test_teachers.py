"""The teachers' pages over HTTP: what they show, make and keep, and what they refuse."""

from __future__ import annotations

import asyncio
import errno
import html
import io
import re
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
import soundfile
from make import timeline, version
from ordering import refused
from teachpages import LINE, SCRIPT, Browser, over, recorded, settings_in

from kindvoice.languages import primary
from kindvoice.publish.picture import inline_css
from kindvoice.publish.templates import languages_of, texts_for
from kindvoice.script.source import read_text
from kindvoice.studio.host.config import LANGUAGES
from kindvoice.studio.teach import routes
from kindvoice.studio.teach.scripts import Desk, Dressing, VoicedVersion, lines_of, read_voiced, script_id
from kindvoice.studio.teach.tasks import HEAD_FRAMES, chapter, chapters
from kindvoice.studio.teach.texts import FOLDER as TEXTS
from kindvoice.studio.teach.texts import LIVE, doubt_in, teach_say
from kindvoice.studio.teach.view import guessed, look, parts_of
from kindvoice.takes.cutting import Cutting, Match
from kindvoice.takes.sitting import Doubt
from kindvoice.timing.fit import fit

OUTSIDE = {"origin": "http://evil.example", "sec-fetch-site": "cross-site"}


def voiced(path: Path, **options) -> VoicedVersion:
    return VoicedVersion(version=version(path, **options))


@pytest.fixture
def browser(tmp_path):
    made = Browser(tmp_path)
    yield made
    made.teachers.close()


# ---------------------------------------------------------------- what is shown


@pytest.mark.slow
def test_the_list_has_own_scripts_and_the_library(browser):
    page = browser.client.get("/teach/").text
    assert "A Kind Morning" in page
    assert "Loving-Kindness for Ourselves" in page
    assert page.index("A Kind Morning") < page.index("Loving-Kindness for Ourselves")


def test_only_what_is_meant_to_be_heard_is_listed(tmp_path):
    texts = {
        "own.md": "---\ntitle: Mine\n---\nRest.", "plain.txt": "Rest here.\n\n(pause)\n\nLet go.",
        "broken.md": "---\nlength: never\n---\nRest.", "todo.md": "# Shopping\n- milk\n- [bread](https://a.example)\n",
        "phrases.txt": "May I be safe.\nMay I rest.\n", "notes.txt": "Call the hall about Tuesday.",
    }  # fmt: skip
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    desk = Desk(settings_in(tmp_path / "data"), (tmp_path,))
    assert {each.path.name for each in desk.listing() if each.own} == {"own.md", "plain.txt", "broken.md"}


def test_a_script_beside_its_picture_and_findings(browser):
    browser.path.write_text(SCRIPT.replace("Find a", "You must find a"))
    page = browser.get("").text
    assert page.count('id="line-') == SCRIPT.count("\n") + 1
    assert re.search(r'line-9"[^>]*class="marked".*?You must find', page)
    assert "an invitation leaves the listener free" in page
    assert '<svg class="tp"' in page
    assert 'data-line="10"' in page[page.index("<svg class") :], "a place in the picture leads to its line"
    assert re.findall(r'<option value="\d">([^<]+)', page) == [
        "The whole", "Arriving", "Phrases", "Closing",
    ]  # fmt: skip


def test_what_is_not_heard_in_this_version_is_shown_as_such(browser):
    browser.path.write_text("Be.\n\n[from 9m] Stay.\nLong.\n\n[gentle] Look.\n")
    page = browser.get("?length=8m&gentle=1").text
    assert re.findall(r'line-(\d)"[^>]*class="[^"]*left-out".*?here: <span lang="en">([^<]+)', page) == [
        ("3", "from 9m"), ("4", "from 9m"),
    ]  # fmt: skip


def test_a_script_that_cannot_be_read_is_still_shown(browser):
    browser.path.write_text(SCRIPT + "[pasue 4s]\n")
    page = browser.get("")
    assert page.status_code == 200
    assert "unknown cue [pasue 4s]" in page.text
    assert "did you mean [pause 4s]" in page.text
    assert "Find a position" in page.text
    assert "<svg" not in page.text
    browser.path.write_bytes(b"PK\x03\x04 no text at all")
    assert "not plain text" in browser.get("").text
    browser.path.unlink()
    assert browser.get("").status_code == 404


def test_a_length_that_cannot_be_is_said_with_what_can(browser):
    assert "is not a length" in browser.get("?length=nonsense").text
    piece = over(browser.workshop.picture(voiced(browser.path, length_ms=10_000)))
    assert "it can last from" in str(piece.state.problem)


def test_nothing_on_a_page_is_inline_and_nothing_is_obeyed(browser):
    bad = "</script><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}\"'"
    text = SCRIPT.replace("A Kind Morning", '"' + bad.replace('"', '\\"') + '"').replace(
        "# Closing", "# " + bad.replace("{{ 7*7 }}", "")
    )
    browser.path.write_text(text.replace("<img src=x onerror=alert(2)>", ""))
    for way in ("", "/look", "/compare", "/record"):
        page = browser.get(way).text
        assert "<script>alert" not in page and "<style" not in page
        assert not re.search(r"<[^>]+\s(on\w+|style)=", page), way
        assert not re.findall(r"<script(?![^>]*\bsrc=)", page), way


def test_static_files_are_a_list(browser):
    scripts = ("teach.js", "record.js", "compare.js", "microphone.js", "base.js")
    for name in (*scripts, "teach.css", "page.css", "picture.css"):
        assert browser.client.get(f"/teach/static/{name}").status_code == 200
    for name in ("..%2fteachers.py", "nothing.js", "%2e%2e/teachers.py"):
        assert browser.client.get(f"/teach/static/{name}").status_code == 404


def test_every_class_of_the_picture_has_its_style(browser):
    page = browser.get("").text
    picture = page[page.index('<svg class="tp"') : page.index("</svg>")]
    used = set(" ".join(re.findall(r'class="([^"]+)"', picture)).split())
    known = set(re.findall(r"\.tp \.([\w-]+)", inline_css()))
    assert len(used) > 9 and used - {"tp"} <= known, used - known


# ---------------------------------------------------------------- which scripts


def test_an_id_is_never_a_path(browser):
    ids = (
        "..%2f..%2fetc%2fpasswd",
        "0" * 16,
        "morning.md",
        "%2e%2e",
        "g" * 16,
        "0" * 64,
        "0123456789abcdef%00",
    )
    for id in ids:
        for way in ("", "/look", "/compare", "/record", "/live"):
            assert browser.client.get(f"/teach/scripts/{id}{way}").status_code == 404


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path):
    (tmp_path / "secret.md").write_text("A secret.")
    folder = tmp_path / "scripts"
    folder.mkdir()
    (folder / "own.md").write_text("Rest here. [pause 3s]")
    (folder / "out.md").symlink_to(tmp_path / "secret.md")
    (folder / "README.md").write_text("Not a script.")
    (folder / "notes.bin").write_text("Not a script.")
    desk = Desk(settings_in(tmp_path), (folder,))
    assert [script.path.name for script in desk.listing() if script.own] == ["own.md"]
    assert desk.find(script_id(folder / "out.md")) is None


def test_a_voice_is_never_a_path():
    for name in ("../../x", "a\\b", "x" * 101, "a\nb"):
        with pytest.raises(Exception, match="no voice's name"):
            read_voiced(Path("x.md"), {"voice": name})
    assert read_voiced(Path("x.md"), {"voice": "heart", "pace": "0.9"}).voice == "heart*0.9"


# ---------------------------------------------------------------- made


@pytest.mark.slow
def test_a_chapter_alone_and_the_whole(browser):
    piece = browser.make("2")
    assert piece.state.stage == "done", piece.state.problem
    assert piece.state.title == "Phrases"
    address = f"/teach/pieces/{piece.token}"
    assert "<audio controls" in browser.client.get(address).text
    sound = browser.client.get(f"{address}/files/0", headers={"range": "bytes=0-99"})
    assert (sound.status_code, len(sound.content)) == (206, 100)
    whole = browser.make("0").state
    assert [made.kind for made in whole.sounds] == ["mp3", "vtt", "chapters", "cover"]
    assert (browser.base / "out" / "morning.mp3").is_file()
    assert not list((browser.base / "out").glob("*chapter-*"))
    assert browser.client.get(f"{address}/files/7").status_code == 404
    assert browser.client.get("/teach/pieces/nothing/files/0").status_code == 404


@pytest.mark.slow
def test_what_cannot_be_made_is_said(browser):
    state = browser.make("0", length="10s").state
    assert state.stage == "failed"
    assert "cannot last" in state.problem.what
    assert "no chapter 9" in browser.make("9").state.problem.what


@pytest.mark.slow
def test_work_ends_when_nobody_wants_it(browser, tmp_path):
    piece = browser.workshop.make(voiced(browser.path), 0)
    piece.stop()
    assert over(piece).state.stage == "ended"
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())
    folder = browser.workshop.folder("drafts")
    browser.teachers.close()
    assert not folder.exists()


def test_chapters_are_the_whole_in_parts():
    line, clips, sounds = timeline("!3000 a500 #One b1000 _100-2000-4000 ?9000 c700 #Two d400 ~rain e300")
    schedule = fit(line, clips, sounds)
    known = chapters(schedule)
    assert [title for title, _, _ in known] == ["A test", "One", "Two"]
    assert [stop for _, _, stop in known[:-1]] == [start for _, start, _ in known[1:]]
    one, title = chapter(schedule, 2)
    assert title == "One"
    assert [event.text for event in one.speech] == ["b", "c"]
    assert one.speech[0].start_frame == HEAD_FRAMES
    before = [event.start_frame for event in schedule.speech[1:3]]
    assert one.speech[1].start_frame - one.speech[0].start_frame == before[1] - before[0], (
        "its pauses are those of the whole"
    )
    assert one.frames > one.bells[-1].stop_frame, "its last bell rings out"
    two, _ = chapter(schedule, 3)
    assert two.bells[0].start_frame < HEAD_FRAMES, "what still rings is heard"
    assert two.beds and all(event.stop_frame <= two.frames for event in (*two.speech, *two.bells, *two.beds))
    with pytest.raises(Exception, match="no chapter 4"):
        chapter(schedule, 4)


@pytest.mark.slow
def test_parts_are_named_alike_before_and_after_speaking(browser):
    desk = browser.desk
    library = [script.path for script in desk.listing() if script.language == "en" and not script.own]
    for path in (browser.path, *library[::8]):
        read = desk.read(voiced(path))
        titles = [title for title, _, _ in chapters(guessed(read, desk.store, natural=True))]
        assert list(parts_of(read)) == titles, path


# ---------------------------------------------------------------- heard


def test_a_line_in_two_voices(browser):
    lines = browser.lines("/compare?a=tone&b=tone&pace_b=0.8")
    assert len(lines) == 5
    usual, slow = (browser.get(f"/say/{lines[0]}?voice=tone&pace={pace}") for pace in ("1", "0.8"))
    assert usual.headers["content-type"] == "audio/wav"
    seconds = [soundfile.info(io.BytesIO(sound.content)).duration for sound in (usual, slow)]
    assert seconds[1] > seconds[0] * 1.15
    assert browser.get(f"/say/{lines[0]}?voice=nobody").status_code == 409
    browser.path.write_text(SCRIPT.replace("Find a", "Find yourself a"))
    gone = browser.get(f"/say/{lines[0]}?voice=tone")
    assert gone.status_code == 409
    assert "has changed" in gone.json()["what"]


# ---------------------------------------------------------------- recorded


@pytest.mark.slow
def test_a_line_is_recorded_heard_kept_and_used(browser):
    page, lines = browser.get("/record").text, browser.lines()
    assert len(lines) == 3, "the phrases are a participant's"
    assert 'data-state="used"' not in page
    draft = browser.send(lines[0], recorded(LINE), "studio-1").json()
    assert draft["doubts"] == []
    address = f"/teach/drafts/{draft['draft']}"
    heard_s = soundfile.info(io.BytesIO(browser.client.get(address).content)).duration
    assert heard_s == pytest.approx(draft["length_ms"] / 1000, abs=0.01)
    assert browser.get(f"/takes/{lines[0]}").status_code == 404, "not kept yet"
    assert browser.post(f"{address}/keep").json()["state"] == "used"
    assert browser.post(f"{address}/keep").status_code == 404
    assert 'data-state="used"' in browser.get("/record").text
    assert browser.get(f"/takes/{lines[0]}").status_code == 200
    take = browser.takes.find("tone", LINE)
    assert take is not None and take.script == "morning" and take.source == "studio-1.wav"
    assert browser.get("").text.count('class="own"') == 1
    assert browser.make("0").state.stage == "done"
    manifest = (browser.base / "out" / "morning.manifest.json").read_text()
    assert take.sha256 in manifest, "the next render uses it"


def test_a_draft_that_is_not_kept_leaves_nothing(browser):
    draft = browser.draft()
    assert len(browser.drafts) == 1
    assert browser.post(f"{draft}/drop").status_code == 204
    assert not browser.drafts and not (browser.base / "takes").exists()


@pytest.mark.slow
def test_what_is_no_sound_is_refused_and_forgotten(browser):
    """FFmpeg would follow a list to other files and addresses."""
    lists = (
        b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:1/x.mp3\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile 'takes.wav'\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
    )
    (line, *_), browser.teachers.take_bytes = browser.lines(), 60_000
    for body in (b"", b"RIFF", b"<script>" * 900, b"\0" * 50_000, *lists):
        answer = browser.send(line, body)
        assert answer.status_code == 422 and answer.json()["what"]
    assert browser.send(line, b"x" * 60_001).status_code == 413, "too large"
    assert not browser.drafts


def test_forged_forms_are_refused(browser):
    line, *_ = browser.lines()
    posts = [f"{browser.script}/make", f"{browser.script}/drafts/{line}", "/teach/drafts/x/keep",
             "/teach/drafts/x/drop", "/teach/pieces/x/stop", f"{browser.script}/takes/{line}/accept"]  # fmt: skip
    for address in posts:
        assert browser.client.post(address, data={"token": "wrong", "part": "0"}).status_code == 403, address
        stolen = {"x-token": browser.token, **OUTSIDE}
        assert browser.client.post(address, headers=stolen).status_code == 403, address
    assert not (browser.base / "takes").exists()


def test_a_take_that_needs_a_look_can_be_used(browser, tmp_path):
    long = tmp_path / "long.wav"
    text = "Thank you for being here."
    long.write_bytes(recorded(text))
    match = Match(
        number=1, text=text, start_ms=700, stop_ms=2_500, verdict="look", reason="odd", probability=1.0
    )
    cutting = Cutting(recording=long, channel=0, matches=(match,), missing=(), unused=(), speech_lufs=-20.0,
                      noise_db=-60.0, overloaded=0, peak=0.5)  # fmt: skip
    browser.takes.keep("tone", cutting, script="morning")
    page = browser.get("/record").text
    assert 'data-state="look"' in page
    line = re.search(r'data-line="(\d+/\w+)" data-state="look"', page)[1]
    assert browser.post(f"{browser.script}/takes/{line}/accept").json() == {"state": "used"}
    assert browser.takes.find("tone", text) is not None


def test_a_draft_is_its_makers_alone_until_it_is_kept(browser):
    draft, other = browser.draft(), Browser(browser.base, browser.teachers)
    assert other.client.get(draft).status_code == 404
    assert other.post(f"{draft}/keep").status_code == 404
    other.post(f"{draft}/drop")
    assert browser.client.get(draft).status_code == 200
    assert browser.post(f"{draft}/keep").status_code == 200


def test_one_person_cannot_crowd_out_the_drafts_of_others(browser, monkeypatch):
    monkeypatch.setattr("kindvoice.studio.teach.drafts.MOST_EACH", 2)
    reading = browser.desk.recordable(voiced(browser.path), own_phrases=False)
    text, drafts = reading.lines[1], browser.teachers.drafts
    one = drafts.add(recorded(text), text, reading, "s", "one")
    many = [drafts.add(recorded(text), text, reading, "s", "another") for _ in range(3)]
    assert drafts.get(one.token, "one")
    assert [bool(drafts.get(draft.token, "another")) for draft in many] == [False, True, True]
    assert len(browser.drafts) == 3, "no file is left behind"


def test_a_full_disk_loses_no_draft(browser, monkeypatch):
    draft = browser.draft()
    with monkeypatch.context() as patched:
        patched.setattr("kindvoice.takes.folder.write_aside", Mock(side_effect=OSError(errno.ENOSPC, "full")))
        answer = browser.post(f"{draft}/keep")
        assert answer.status_code == 409 and "disk is full" in answer.json()["what"]
    assert browser.post(f"{draft}/keep").status_code == 200


def test_what_was_kept_can_be_undone(browser):
    browser.post(f"{browser.draft('s-1')}/keep")
    undo = f"{browser.script}/takes/{browser.lines()[0]}/undo"
    assert browser.post(f"{undo}?sitting=s-2").json()["state"] == "used", "that of another sitting stays"
    assert browser.post(f"{undo}?sitting=../s").status_code == 409
    assert browser.post(f"{undo}?sitting=s-1").json()["state"] == "none"
    assert browser.takes.all("tone") == ()


def test_a_line_is_found_where_it_stands_by_now(browser):
    lines = browser.lines()
    browser.path.write_text(SCRIPT.replace("Find a", "Welcome.\nFind a"))
    text = "You can move, open your eyes, or stop at any time."
    answer = browser.send(lines[1], recorded(text))
    assert answer.status_code == 200, "a line above it is new, and it is still the same line"
    browser.path.write_text(SCRIPT.replace("You can move", "You may move"))
    answer = browser.send(lines[1], recorded(text))
    assert (answer.status_code, answer.json()["cure"]) == (409, teach_say("en")["moved_cure"])


TWO_VOICES = """---
title: Two
language: en
voice: tone
---
# One
First of the one.
[voice tone*0.9]
Second of the one.
[voice system]
First of the other.
[voice tone]
Third of the one.
"""


def test_every_line_of_each_voice_can_be_recorded_and_compared(browser):
    browser.path.write_text(TWO_VOICES)
    own, other = (browser.get(f"/record{query}").text for query in ("", "?voice=system"))
    first, second = (re.findall(r'dir="auto" id="text-\d+">([^<]+)<', page) for page in (own, other))
    assert first == ["First of the one.", "Second of the one.", "Third of the one."]
    assert second == ["First of the other."]
    assert '<a href="?voice=system">system</a> (1)' in own
    assert len(browser.lines("/compare")) == 4


# ---------------------------------------------------------------- languages


def test_every_language_has_every_text_with_the_same_blanks():
    english = texts_for(TEXTS, "en")
    assert set(languages_of(TEXTS)) == {primary(tag) for tag in LANGUAGES}
    for tag in LANGUAGES:
        say = texts_for(TEXTS, tag)
        assert set(say) == set(english), tag
        for name, text in english.items():
            assert set(re.findall(r"\{\w+\}", say[name])) == set(re.findall(r"\{\w+\}", text)), (tag, name)
            assert say[name].strip() and say[name] == say[name].strip(), (tag, name)
        if tag != "en":
            same = {name for name in english if say[name] == english[name]}
            assert len(same) < 12, (tag, same)


def test_pages_and_scripts_use_texts_that_exist_and_all_of_them():
    here = Path(routes.__file__).parents[1]
    names = ("teach.js", "compare.js", "record.js", "course.js", "write.js")
    scripts = "".join((here / "static" / name).read_text() for name in names)
    asked = set(re.findall(r"\btexts\.(\w+)", scripts))
    assert asked <= set(LIVE)
    assert {name for name in LIVE if not name.startswith("stage_")} <= asked
    pages = "".join(path.read_text() for path in (here / "templates" / "teach").glob("*.html"))
    shown = set(re.findall(r"\bsay\.(?!get\()(\w+)", pages))
    assert shown <= set(teach_say("en"))
    kinds = (
        "for_",
        "level_",
        "fact_",
        "stage_",
        "state_",
        "doubt_",
        "unheard_",
        "unread_",
        "studio_",
        "course_takes",
        "course_script",
        "write_",
        "point_",
        "cure_",
        "preset_",
        "tag_",
        "moved",
        "busy",
        "decimal",
    )
    left = {name for name in texts_for(TEXTS, "en") if not name.startswith(kinds)} - shown - set(LIVE)
    assert left == {"script", "compare", "record"} - shown


@pytest.mark.parametrize("tag", ["de", "pt-BR"])
def test_the_pages_speak_the_readers_language(browser, tag):
    say, like = teach_say(tag), {"accept-language": tag}
    for way, words in (("", say["follows"]), ("/compare", say["do_compare"]), ("/record", say["mic_on"])):
        page = browser.client.get(f"{browser.script}{way}", headers=like).text
        assert f'<html lang="{tag}">' in page
        assert html.escape(words, quote=False) in html.unescape(page).replace("&", "&amp;")
        assert not re.search(r">(Length|Show|Compare|Make|Stop|Hear it)<", page)
    silent = io.BytesIO()
    soundfile.write(silent, np.zeros(96_000), 48_000, format="WAV")
    browser.client.headers |= like
    answer = browser.send(browser.lines()[0], silent.getvalue())
    assert answer.json() == {"what": say["unheard_silent"], "cure": say["unheard_silent_cure"]}
    assert "5,5" in doubt_in(tag, Doubt(kind="longer", number=5.5))


def test_a_language_is_chosen_once(browser):
    assert '<html lang="sv">' in browser.client.get("/teach/?language=sv").text
    assert '<html lang="sv">' in browser.get("").text
    assert '<html lang="sv">' in browser.client.get("/teach/?language=<script>").text


# ---------------------------------------------------------------- pictures


@pytest.mark.slow
def test_every_line_of_the_library_is_found_by_its_number(browser):
    desk = browser.desk
    path = next(s.path for s in desk.listing() if s.path.stem == "loving-kindness" and s.language == "en")
    read = desk.read(voiced(path))
    assert [line.number for line in lines_of(read)] == list(range(1, len(lines_of(read)) + 1))
    rows = look(desk, voiced(path)).rows
    assert "\n".join("".join(text for _, text in row.parts) for row in rows) == read_text(path)


def test_a_busy_workshop_says_so(browser):
    with refused("busy"):
        for _ in range(40):
            browser.workshop.make(voiced(browser.path), 0)


@pytest.mark.slow
def test_pictures_do_not_push_out_recordings(browser, monkeypatch):
    monkeypatch.setattr("kindvoice.studio.teach.tasks.MOST_KEPT", 2)
    path, workshop = browser.path, browser.workshop
    made = over(workshop.make(voiced(path), 2))
    drawn = [over(workshop.picture(voiced(path))) for _ in range(4)]
    assert workshop.get(made.token) is made and made.state.sounds[0].path.is_file()
    assert [bool(workshop.get(piece.token)) for piece in drawn] == [False, False, True, True]
    assert all(piece.state is drawn[0].state for piece in drawn), "drawn once"
    path.write_text(SCRIPT.replace("# Closing", "{# a line more #}\n# Closing"))
    again = over(workshop.picture(voiced(path))).state.picture
    assert 'data-line="18"' in again, "it leads to the new line"


def test_a_picture_that_was_sent_goes_with_the_last_recording_that_bears_it(tmp_path, monkeypatch):
    monkeypatch.setattr("kindvoice.studio.teach.tasks.MOST_KEPT", 1)
    browser = Browser(tmp_path)
    sent = browser.workshop.folder("covers") / "sent"
    sent.write_bytes(b"a picture")
    there = []
    for cover in (str(sent), str(sent), "off", "off"):
        task = browser.workshop.make(voiced(browser.path), 0, Dressing(cover=cover))
        there.append(sent.exists())
        task.stop()
        over(task)
    browser.teachers.close()
    assert there == [True, True, False, False]


@pytest.mark.slow
def test_work_is_stopped_without_scripts_too(browser):
    answer = browser.client.post(f"{browser.script}/make", data={"token": browser.token, "part": "0"})
    piece = answer.url.path.rpartition("/")[2]
    stop = f"/teach/pieces/{piece}/stop"
    assert browser.client.post(stop, data={"token": "wrong"}).status_code == 403
    assert browser.client.post(stop, data={"token": browser.token}).status_code == 200
    over(browser.workshop.get(piece))


def test_a_library_of_ones_own(tmp_path):
    own = tmp_path / "library"
    (own / "de").mkdir(parents=True)
    (own / "en").mkdir()
    (own / "de" / "morgen.md").write_text("---\ntitle: Morgen\nlanguage: de\n---\nRuhe.\n")
    (own / "en" / "loving-kindness.md").write_text("---\ntitel: broken\n---\nRest.\n")
    desk = Desk(replace(settings_in(tmp_path), scripts=own))
    mine = {script.path.stem: script for script in desk.listing() if script.own}
    assert mine["morgen"].language == "de"
    assert "titel" in mine["loving-kindness"].problem, "it is shown, and does not hide the others"
    english = [s for s in desk.listing() if s.path.stem == "loving-kindness" and s.path.parent.name == "en"]
    assert len(english) == 1, "it stands in place of the library's"
    assert desk.find(mine["morgen"].id) == own / "de" / "morgen.md"


def test_a_comment_over_lines_looks_like_one(browser):
    browser.path.write_text("---\ntitle: A\n---\nOne.\n{# two\n\nthree #}\nFour. [pause 4s]\n")
    rows = look(browser.desk, voiced(browser.path)).rows
    assert [{kind for kind, _ in row.parts} for row in rows] == [
        {"front"}, {"front"}, {"front"}, {"words"}, {"template"}, set(), {"template"}, {"words", "cue"}, set(),
    ]  # fmt: skip


def test_a_live_page_ends_with_the_studio(browser):
    teachers, path = browser.teachers, browser.path

    async def main() -> list[bytes]:
        seen = []
        async for told in teachers._script_events(voiced(path), ""):
            seen.append(told)
            if len(seen) == 2:
                await asyncio.to_thread(teachers.close)
                path.write_text(SCRIPT + "Rest.\n")
        return seen

    seen = asyncio.run(asyncio.wait_for(main(), 180))
    assert seen[0].startswith(b"event: look")
    for begin in (teachers.workshop.picture, lambda each: teachers.workshop.make(each, 0)):
        with refused("busy"):
            begin(voiced(path))


def test_a_change_while_the_workshop_closes_is_no_fault(browser):
    browser.workshop.close()

    async def main() -> list[bytes]:
        return [told async for told in browser.teachers._script_events(voiced(browser.path), "")]

    last = asyncio.run(asyncio.wait_for(main(), 180))[-1]
    assert teach_say("en")["busy"].encode() in last
