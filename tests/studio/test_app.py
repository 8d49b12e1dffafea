"""The participant's way through the pages, without a script: what is asked, made, heard, changed and deleted."""

from __future__ import annotations

import json
import re
import threading

import pytest
from studioweb import BASE, PATH, hosted, token_in, words_of

from kindvoice.lint import phrase_hints
from kindvoice.publish.page.words import FOLDER as PAGE_FOLDER
from kindvoice.publish.templates import languages_of
from kindvoice.studio.host.choices import read_choices
from kindvoice.studio.host.config import LANGUAGES, Limits
from kindvoice.studio.web.form import read_draft
from kindvoice.studio.web.pages import lasting
from kindvoice.studio.web.texts import FOLDER, NAMES, say_for


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    with hosted(tmp_path_factory.mktemp("studio")) as host:
        yield host


@pytest.fixture
def clean(host):
    """Nobody has asked for anything yet, and this browser is new."""
    host.client.cookies.clear()
    return host


# ---------------------------------------------------------------- words


def test_every_language_says_everything_with_the_same_blanks():
    english = say_for("en")
    assert languages_of(FOLDER) == languages_of(PAGE_FOLDER)
    for tag in LANGUAGES:
        words = say_for(tag)
        assert set(words) == set(english), tag
        assert tag == "en" or words["make"] != english["make"]
        for name, text in words.items():
            assert text.strip() == text != "", (tag, name)
            assert set(re.findall(r"\{\w*\}", text)) == set(re.findall(r"\{\w*\}", english[name])), (
                tag,
                name,
            )
    assert set(NAMES) == set(LANGUAGES)


# ---------------------------------------------------------------- choosing


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_start_and_its_practices_a_form(clean, language):
    page = clean.client.get(f"/?language={language}").text
    assert f'<html lang="{language}">' in page
    links = re.findall(r'href="(/make/[^"]+)"', page)
    assert len(links) >= 6 and all(link.startswith(f"/make/{language}/") for link in links)
    for link in links[:2]:
        form = clean.client.get(link)
        assert form.status_code == 200 and f'<html lang="{language}">' in form.text
    assert say_for(language)["crisis"] in words_of(page)


def test_the_language_is_as_the_browser_says_until_it_is_chosen(clean):
    assert (
        '<html lang="sv">'
        in clean.client.get("/", headers={"accept-language": "ja, sv-SE;q=0.8, de;q=0.3"}).text
    )
    clean.client.get("/?language=tr")
    assert '<html lang="tr">' in clean.client.get("/", headers={"accept-language": "sv"}).text
    for hostile in ("../../etc/passwd", "<script>", "x" * 1500, "en\x00", "xx"):
        assert clean.client.get("/", params={"language": hostile}).status_code == 200


def test_a_host_s_own_crisis_line_is_on_every_page(tmp_path, host):
    crisis = {"": "https://findahelpline.com", "DE": "Telefonseelsorge: 0800 111 0 111"}
    with hosted(tmp_path, host.studio.choices, country="DE", crisis=crisis) as own:
        for path in ("/", PATH, "/r/nothing/", "/deleted"):
            assert "Telefonseelsorge: 0800 111 0 111" in own.client.get(path).text


def test_only_what_the_practice_knows_is_asked_for(clean):
    without = clean.client.get("/make/en/breath-awareness").text
    assert 'name="self-1"' not in without and 'name="minutes"' in without
    with_forms = clean.client.get("/make/en/loving-kindness").text
    assert 'name="self-1"' in with_forms and 'name="together-1"' in with_forms
    assert 'name="audience"' in clean.client.get("/make/en/self-compassion-break").text
    assert 'name="audience"' not in with_forms
    assert 'min="5" max="45"' in with_forms


# ---------------------------------------------------------------- writing, without a script


@pytest.mark.slow
def test_forms_are_shown_as_they_will_be_spoken_and_where_no_rule_is_sure_the_page_says_so_kindly(clean):
    fields = clean.fields("May I be kind to myself", "May I be a friend to myself", act="forms")
    page = clean.client.post(PATH, data=fields).text
    assert ">May you be kind to yourself.</textarea>" in page
    assert ">May you and I be kind to ourselves.</textarea>" in page
    assert page.count(say_for("en")["ask_form"] + "</p>") == 1
    link = clean.client.post(PATH, data={**fields, "act": "make"}).headers["location"]
    made = words_of(clean.finished(link))
    assert "May you be a friend to yourself." in made and "May you and I be kind to ourselves." in made
    clean.client.post(link + "delete", data={"token": token_in(clean.client.get(link).text)})


def test_a_form_made_for_other_words_is_made_anew_and_one_s_own_stays(clean):
    fields = clean.fields(
        "May I be calm", **{"was-1": "May I be safe", "other-1": "May you be safe.", "together-1": "We two."}
    )
    page = clean.client.post(PATH, data={**fields, "act": "forms"}).text
    assert ">May you be calm.</textarea>" in page and ">We two.</textarea>" in page


def test_rows_come_and_go_and_suggestions_fill_them(clean):
    fields = clean.fields("one wish", "", "")
    more = clean.client.post(PATH, data={**fields, "act": "more"}).text
    assert 'name="self-4"' in more
    used = {name: text for name, text in fields.items() if name != "act"}
    page = clean.client.post(PATH, data={**used, "use": "safety:1"}).text
    assert re.search(r'name="self-2"[^>]*>May I feel safe in my body\.</textarea>', page)
    assert "May you and I feel safe in our bodies.</textarea>" in page
    gone = clean.client.post(PATH, data={**used, "remove": "1"}).text
    assert "one wish" not in gone
    for odd in ("x:1", "safety:99", "safety:-1", "safety", ":", "safety:²"):
        assert clean.client.post(PATH, data={**used, "use": odd}).status_code == 200


def test_what_cannot_be_granted_is_told_and_nothing_is_lost(clean):
    low = clean.client.post(PATH, data=clean.fields("May I be safe", minutes="99"))
    assert low.status_code == 422 and "from 1 to 3 minutes" in words_of(low.text)
    for minutes in ("", "x", "-1", "1e9", "１", "2.5", "9" * 500):
        assert clean.client.post(PATH, data=clean.fields("May I be safe", minutes=minutes)).status_code == 422
    long = clean.client.post(PATH, data=clean.fields("a" * 5000))
    assert long.status_code == 422 and "Phrase 1 is too long" in words_of(long.text)
    assert clean.client.post(PATH, data=clean.fields("...")).status_code == 422
    for name, value in (("voice", "../../x"), ("bed", "/etc/passwd"), ("bell", "x"), ("audience", "x")):
        assert clean.client.post(PATH, data=clean.fields("May I be safe", **{name: value})).status_code == 422


def test_a_draft_is_one_line_of_plain_text_a_phrase():
    draft = read_draft({"self-1": "May I\n\n be\u202e safe\x00\ud800.", "self-2": "e\u0301"}, Limits())
    assert [row.self for row in draft.rows] == ["May I be safe.", "é"]
    assert len(read_draft({f"self-{n}": "x" for n in range(1, 99)}, Limits()).rows) == Limits().phrases


def test_forms_and_hints_as_json(clean):
    token = token_in(clean.client.get(PATH).text)
    sent = {"token": token, "language": "en", "practice": "kind-minute", "text": "May I trust myself"}
    answer = clean.client.post("/forms", data=sent)
    assert answer.json() == {
        "other": "May you trust yourself.",
        "together": "May you and I trust ourselves.",
        "hints": [],
    }
    assert clean.client.post("/forms", data={**sent, "text": "..."}).json()["other"] == ""
    assert clean.client.post("/forms", data={**sent, "practice": "../x"}).status_code == 404


def test_a_phrase_is_heard_at_once(clean):
    token = token_in(clean.client.get(PATH).text)
    sent = {
        "token": token,
        "language": "en",
        "practice": "kind-minute",
        "voice": "tone",
        "text": "May I be heard",
    }
    heard = clean.client.post("/hear", data=sent)
    assert (
        heard.status_code == 200
        and heard.headers["content-type"] == "audio/mpeg"
        and len(heard.content) > 3000
    )
    without_script = {
        **{k: v for k, v in sent.items() if k != "text"},
        "say": "2",
        "self-2": "May I be heard",
    }
    assert clean.client.post("/hear", data=without_script).content == heard.content
    assert clean.client.post("/hear", data={**sent, "text": ""}).status_code == 200, (
        "an example of the language"
    )
    assert clean.client.post("/hear", data={**sent, "voice": "nobody"}).status_code == 422
    assert clean.client.post("/hear", data={**sent, "text": "x" * 999}).status_code == 422


@pytest.mark.slow
def test_a_bell_or_a_background_is_heard_before_it_is_chosen(clean):
    whole_form = clean.fields("", "", bell="", bed="waves", gain="-6")
    del whole_form["act"]
    own_bell = clean.client.post("/hear", data={**whole_form, "try": "bell"})
    assert own_bell.status_code == 200 and own_bell.headers["content-type"] == "audio/mpeg"
    assert "sound.mp3" in own_bell.headers["content-disposition"]
    middle = clean.client.post("/hear", data={**whole_form, "try": "bell", "bell": "middle"})
    assert middle.content == own_bell.content, "as the practice has it"
    quiet = clean.client.post("/hear", data={**whole_form, "try": "bed"})
    loud = clean.client.post("/hear", data={**whole_form, "try": "bed", "gain": "6"})
    assert quiet.status_code == loud.status_code == 200 and quiet.content != loud.content
    for odd in (
        {"try": "bed", "bed": "off"},
        {"try": "bed", "bed": ""},
        {"try": "bell", "bell": "../x"},
        {"try": "x"},
    ):
        refused = clean.client.post("/hear", data={**whole_form, **odd})
        assert refused.status_code == 422 and say_for("en")["not_played"] in words_of(refused.text)
    assert (
        clean.client.post("/hear", data={**whole_form, "try": "bell", "token": "0" * 64}).status_code == 403
    )


def test_hints_are_in_the_page_s_language(clean):
    token = token_in(clean.client.get("/make/de/loving-kindness").text)
    sent = {"token": token, "language": "de", "practice": "loving-kindness"}

    def hints(text: str) -> list[str]:
        return clean.client.post("/forms", data={**sent, "text": text}).json()["hints"]

    assert hints("Ich muss stark sein") == [say_for("de")["hint_command"]]
    assert hints("Ich war stark") == [say_for("de")["hint_past"]]
    assert hints("Möge ich " + "sehr " * 30 + "ruhig sein") == [say_for("de")["hint_long"].format(n=34)]
    fields = clean.fields("Ich muss stark sein", act="forms", path="/make/de/loving-kindness")
    page = clean.client.post("/make/de/loving-kindness", data={**fields, "language": "de"}).text
    assert say_for("de")["hint_command"] in words_of(page)


def test_there_are_words_for_every_hint_that_the_linter_gives():
    texts = ("I was safe.", "I must be safe.", "May I " + "be " * 40 + "safe.")
    names = {hint.name for text in texts for hint in phrase_hints(text, "en")}
    assert names == {"past", "command", "long"}
    assert {name for name in say_for("en") if name.startswith("hint_")} == {f"hint_{name}" for name in names}


def test_a_practice_with_one_length_does_not_say_from_and_to():
    for tag in LANGUAGES:
        for name in ("span", "bad_length", "fitting"):
            one, more = (
                lasting(say_for(tag), name, 60_000, 60_000),
                lasting(say_for(tag), name, 60_000, 180_000),
            )
            assert one.count("1") == 1 and "1" in more and "3" in more
            assert not re.search(r"minut|dakika", one, re.IGNORECASE), "one of them has another form"


def test_the_start_begins_with_what_is_for_everybody(clean):
    for language in LANGUAGES:
        page = clean.client.get(f"/?language={language}").text
        links = re.findall(r'href="/make/[^/]+/([^"]+)"', page)
        assert links[0] == "loving-kindness"
        text = words_of(page)
        assert text.index(say_for(language)["choose"]) < text.index(say_for(language)["choose_more"])


def test_a_form_that_was_not_taken_has_a_way_back_to_its_words(clean):
    refused = clean.client.post(PATH, data={**clean.fields("May I be safe"), "token": "0" * 64})
    assert refused.status_code == 403 and f'href="{PATH}"' in refused.text
    assert say_for("en")["to_words"] in words_of(refused.text)
    assert (
        "to_words" not in clean.client.get("/r/x/").text
        and 'href="/?language' in clean.client.get("/r/x/").text
    )
    deleted = clean.client.post("/r/x/delete", data={"token": "0" * 64})
    assert 'href="/?language=en"' in deleted.text


# ---------------------------------------------------------------- making, listening, changing, deleting


@pytest.mark.slow
def test_the_whole_way(clean):
    link = clean.place("May I be kind to myself", "May I be a purple giraffe, slowly",
                       **{"other-2": "May you be one.", "together-2": "May we be two."})  # fmt: skip
    assert re.fullmatch(r"/r/[A-Za-z0-9_-]{32}/", link)
    page = clean.finished(link)
    text = words_of(page)
    for words in ("May I be kind to myself.", "May you and I be kind to ourselves.", "May we be two."):
        assert words in text
    assert [title for title in ("Arriving", "Words", "Returning") if f">{title}</span>" in page] == [
        "Arriving",
        "Words",
        "Returning",
    ]
    assert "giraffe" not in re.search(r"<title>(.*?)</title>", page)[1]
    src = re.search(r'<source src="([^"]+)" type="audio/mpeg">', page)[1]
    assert src == "v1/kind-minute.mp3"
    whole = clean.client.get(link + src)
    assert whole.status_code == 200 and whole.headers["content-type"] == "audio/mpeg"
    assert whole.headers["cache-control"] == "private, no-store"
    part = clean.client.get(link + src, headers={"range": "bytes=100-199"})
    assert part.status_code == 206 and part.content == whole.content[100:200]
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole.content)}"
    assert clean.client.get(link + src, headers={"range": "bytes=99999999-"}).status_code == 416
    many = "bytes=" + ",".join("0-1" for _ in range(5000))
    assert clean.client.get(link + src, headers={"range": many}).status_code in {200, 431}
    stale = clean.client.get(link + src, headers={"range": "bytes=0-9", "if-range": '"old"'})
    assert stale.status_code == 200
    assert clean.client.head(link + src).content == b""
    assert "WEBVTT" in clean.client.get(link + "v1/kind-minute.vtt").text

    form = clean.client.get(link + "change").text
    assert ">May I be kind to myself</textarea>" in form and ">May we be two.</textarea>" in form
    sent = clean.fields("May I be kind to myself", "May I be at ease", path=link + "change")
    answer = clean.client.post(link + "change", data=sent)
    assert answer.status_code == 303 and answer.headers["location"] == link
    again = words_of(clean.finished(link))
    assert "Version 2" in again and "May I be at ease." in again and "giraffe" not in again
    assert clean.client.get(link + src).status_code == 404, "an old version's address"

    gone = clean.client.post(link + "delete", data={"token": token_in(clean.client.get(link).text)})
    assert gone.status_code == 303
    assert "It is deleted" in clean.client.get(gone.headers["location"]).text
    second = clean.client.post(link + "delete", data={"token": clean.fields("x")["token"]})
    assert second.headers["location"].startswith("/deleted"), "the second of two clicks"
    for path in ("", "events", "change", "files", "v2/kind-minute.mp3"):
        assert clean.client.get(link + path).status_code == 404
    assert not list(clean.config.orders.glob("*/*")) if clean.config.orders.exists() else True


@pytest.mark.slow
def test_progress_is_told_as_events_and_ends_with_done(clean):
    link = clean.place("May I tell it as it goes")
    told, document = [], ""
    with clean.client.stream("GET", link + "events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if line.startswith("data: "):
                document = json.loads(line[6:])
                told.append(document)
    assert told[-1]["state"] == "done" and told[-1]["ready"] == 1
    assert all("phrase" not in json.dumps(one) and "goes" not in json.dumps(one) for one in told)
    stages = [one["stage"] for one in told if one["stage"]]
    order = ["speak", "measure", "encode", "check"]
    assert stages == sorted(stages, key=order.index)
    clean.orders.delete(link.split("/")[2])


def test_the_place_in_line_is_shown_and_a_full_queue_keeps_the_words(tmp_path, host, monkeypatch):
    limits = Limits(waiting=2, waiting_each=2, requests_per_second=1000, requests_burst=5000)
    with hosted(tmp_path, host.studio.choices, limits=limits) as busy:
        monkeypatch.setattr(busy.orders, "claim", lambda: None)
        busy.place("May I be first")
        link = busy.place("May I be second")
        assert "Before you in line: 1" in words_of(busy.client.get(link).text)
        other = busy.browser()
        answer = other.post(PATH, data=busy.fields("May I be third", client=other))
        assert answer.status_code == 503 and ">May I be third</textarea>" in answer.text
        assert "Many recordings are being made" in words_of(answer.text)


@pytest.mark.slow
def test_the_old_version_stays_audible_while_the_new_one_is_made(tmp_path, host, monkeypatch):
    with hosted(tmp_path, host.studio.choices) as own:
        link = own.place("May I be kind to myself")
        own.finished(link)
        monkeypatch.setattr(own.orders, "claim", lambda: None)
        sent = own.fields("May I be at ease", path=link + "change")
        assert own.client.post(link + "change", data=sent).status_code == 303
        page = own.client.get(link).text
        for name in ("making_again", "still_old"):
            assert say_for("en")[name] in words_of(page)
        assert own.client.get(link + "v1/kind-minute.mp3").status_code == 200
        assert "May I be kind to myself." in words_of(page), "the transcript is of what is heard"
        assert 'http-equiv="refresh"' not in page, (
            "nobody who listens is interrupted, without a script either"
        )
        form = own.client.get(link + "change").text
        assert ">May I be at ease</textarea>" in form, "the form is of what was asked for last"


def test_what_could_not_be_made_says_why_and_can_be_changed(clean, monkeypatch):
    link = clean.place(*(f"May I have wish number {n} of a great many words indeed" for n in range(12)))
    token = link.split("/")[2]
    for _ in range(600):
        if clean.orders.get(token).state == "failed":
            break
        threading.Event().wait(0.05)
    page = words_of(clean.client.get(link).text)
    assert "does not fit this length" in page and "Change it and try again" in page
    assert clean.orders.get(token).kind == "length"
    assert clean.client.get(link + "change").status_code == 200
    clean.orders.delete(token)


@pytest.mark.slow
def test_health_and_metrics_hold_numbers_only(clean):
    link = clean.place("May I be counted")
    clean.finished(link)
    assert clean.client.get("/health").json()["ok"] is True
    metrics = clean.client.get("/metrics").text
    assert re.search(r'kindvoice_answers_total\{method="GET",status="200"\} \d+', metrics)
    assert 'kindvoice_orders{state="done"} ' in metrics
    assert link.split("/")[2] not in metrics and "counted" not in metrics
    clean.orders.delete(link.split("/")[2])


def test_static_files_are_ours_alone(clean):
    first = clean.client.get("/static/studio.css")
    assert first.status_code == 200
    same = clean.client.get("/static/studio.css", headers={"if-none-match": first.headers["etag"]})
    assert same.status_code == 304
    for name in ("base.html", "../app.py", "%2e%2e/app.py", "..%2fapp.py", "en.toml", ""):
        assert clean.client.get(f"/static/{name}").status_code == 404


def test_scripts_and_styles_stand_in_files(clean):
    for path in ("/", PATH, "/make/de/loving-kindness", "/r/x/"):
        page = clean.client.get(path).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", page)


def test_choices_are_the_library_s(host):
    chosen = read_choices(host.config)
    assert {entry.practice for entry in chosen.practices_in("en")} >= {"kind-minute", "loving-kindness"}
    assert BASE.startswith("http://127.0.0.1")
