"""The participant's way through the pages, without a script: what is asked, made, heard, changed and deleted."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ordering import until
from studioweb import PATH, hosted, token_in, words_of

from kindvoice.lint import phrase_hints
from kindvoice.paths import data_folder
from kindvoice.publish.page.words import FOLDER as PAGE_FOLDER
from kindvoice.publish.templates import languages_of
from kindvoice.studio import app as app_module
from kindvoice.studio.host.config import LANGUAGES, Limits
from kindvoice.studio.web import form as form_module
from kindvoice.studio.web import meeting
from kindvoice.studio.web.form import read_draft
from kindvoice.studio.web.needs import needs
from kindvoice.studio.web.texts import FOLDER, NAMES, lasting, say_for


class Seen(HTMLParser):
    """Counts the words that somebody sees of a page's own part, with everything folded as it comes."""

    VOID = frozenset({"input", "img", "meta", "link", "br", "path", "rect"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = [("", False)]
        self.count = 0

    @classmethod
    def words(cls, page: str) -> int:
        seen = cls()
        seen.feed(page)
        return seen.count

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in self.VOID:
            return
        given, (_, shown) = dict(attributes), self.open[-1]
        shown = (shown or tag in {"main", "summary"}) and tag not in {"template", "noscript", "option"}
        shown = shown and "unscripted" not in (given.get("class") or "")
        if "hidden" in given or given.get("aria-hidden") or given.get("class") in {"word", "default", "hush"}:
            shown = False
        self.open.append((tag, shown and not (tag == "details" and "open" not in given)))

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1][0] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open[-1][1]:
            self.count += sum(any(map(str.isalnum, word)) for word in data.split())


def fields_of(page: str) -> dict[str, str]:
    """A form as it comes, with its main button pressed."""
    areas = re.findall(r'<textarea[^>]* name="(\w+-\d)"[^>]*>([^<]*)<', page)
    values = re.findall(r'<input type="(?:number|hidden)"[^>]* name="([\w-]+)"[^>]* value="([^"]*)"', page)
    return {name: html.unescape(text) for name, text in (*areas, *values)} | {"act": "make"}


@pytest.fixture(scope="module")
def host(tmp_path_factory, choices):
    with hosted(tmp_path_factory.mktemp("studio"), choices) as host:
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
            blanks, wanted = (set(re.findall(r"\{\w*\}", each)) for each in (text, english[name]))
            assert text.strip() == text != "" and blanks == wanted, (tag, name)
        for name in ("span", "bad_length", "fitting"):
            one, more = (lasting(words, name, 60_000, most) for most in (60_000, 180_000))
            assert one.count("1") == 1 and "1" in more and "3" in more
            assert not re.search(r"minut|dakika", one, re.IGNORECASE), "one of them has another form"
    assert set(NAMES) == set(LANGUAGES)
    texts = ("I was safe.", "I must be safe.", "May I " + "be " * 40 + "safe.", "May I rest. May I be safe.")
    hints = {f"hint_{hint.name}" for text in texts for hint in phrase_hints(text, "en")}
    assert hints == {name for name in english if name.startswith("hint_")}


# ---------------------------------------------------------------- choosing


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_start_and_its_practices_a_form(clean, monkeypatch, language):
    monkeypatch.setattr(clean.orders, "claim", lambda: None)  # it waits, and is deleted
    page = clean.client.get(f"/?language={language}").text
    assert f'<html lang="{language}">' in page
    links = re.findall(r'href="(/make/[^"]+)"', page)
    assert len(links) >= 6 and all(link.startswith(f"/make/{language}/") for link in links)
    assert links[0].endswith("/loving-kindness?minutes=10"), "it begins with what is for everybody"
    form = clean.client.get(links[0])
    assert form.status_code == 200 and f'<html lang="{language}">' in form.text
    for text in (page, form.text):
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", text)
    words, say = words_of(page), say_for(language)
    places = [say[name] for name in ("begin", "choose", "time", "need_hard", "need_sleep", "need_self")]
    places.append(say["crisis"].partition(" (")[0])
    assert sorted(places, key=words.index) == places
    assert '<a href="https://findahelpline.com"' in page
    assert form.text.count('class="row-of"') == 3 + 1, "and one to copy"
    words_to_read = [Seen.words(page), Seen.words(form.text)]
    order = clean.client.post(links[0].partition("?")[0], data=fields_of(form.text))
    making = clean.client.get(order.headers["location"]).text
    clean.client.post(order.headers["location"] + "delete", data={"token": token_in(making)})
    words_to_read.append(Seen.words(making.partition("<audio")[0]))
    assert sum(words_to_read) <= 150, words_to_read


def test_practices_stand_by_need_once_and_by_the_minutes_that_somebody_has(clean, choices):
    practices = [practice for each in needs().values() for practice in each]
    assert len(practices) == len(set(practices))
    assert set(practices) == {path.stem for path in data_folder("scripts_library").glob("en/*.md")} - {
        "README"
    }
    ten = clean.client.get("/?language=en&minutes=10").text
    links = re.findall(r'href="(/make/[^"]+)"', ten)
    assert links[0].endswith("=10") and "/make/en/grounding?minutes=10" in links
    assert "/make/en/before-sleep?minutes=10" not in links, "it lasts two minutes at most"
    form = clean.client.get("/make/en/grounding?minutes=7").text
    assert re.search(r'name="minutes"[^>]* value="7"', form)
    for odd in ("0", "-5", "1e9", "999", "x" * 500):
        assert clean.client.get("/", params={"minutes": odd}).status_code == 200
        assert clean.client.get("/make/en/grounding", params={"minutes": odd}).status_code == 200


def test_the_language_is_as_the_browser_says_until_it_is_chosen(clean):
    page = clean.client.get("/", headers={"accept-language": "ko, sv-SE;q=0.8, de;q=0.3"})
    assert '<html lang="sv">' in page.text
    clean.client.get("/?language=tr")
    assert '<html lang="tr">' in clean.client.get("/", headers={"accept-language": "sv"}).text
    for hostile in ("../../etc/passwd", "<script>", "x" * 1500, "en\x00", "xx"):
        assert clean.client.get("/", params={"language": hostile}).status_code == 200


def test_a_host_s_own_crisis_line_is_on_every_page(tmp_path, host):
    crisis = {"": "https://findahelpline.com", "DE": "Telefonseelsorge: 0800 111 0 111"}
    with hosted(tmp_path, host.studio.choices, country="DE", crisis=crisis) as own:
        for path in ("/", PATH, "/r/nothing/", "/deleted"):
            page = own.client.get(path).text
            assert 'Telefonseelsorge: <a href="tel:08001110111">0800 111 0 111</a>' in page


@pytest.mark.parametrize(
    ("practice", "there", "not_there"),
    [
        ("breath-awareness", ['name="minutes"'], ['name="self-1"']),
        ("loving-kindness-loved-one", ['name="self-1"', 'name="together-1"', 'min="5" max="28"'], []),
        ("self-compassion-break", ['name="audience"'], []),
    ],
)
def test_only_what_the_practice_knows_is_asked_for(clean, practice, there, not_there):
    page = clean.client.get(f"/make/en/{practice}").text
    assert all(each in page for each in there) and not any(each in page for each in not_there)


# ---------------------------------------------------------------- writing, without a script


@given(st.text())
def test_a_phrase_is_one_line_of_plain_text_whatever_is_sent(text):
    (row,) = read_draft({"self-1": text}, Limits()).rows
    assert not set(row.self) & set("\n\r\0\u2028\u202e") and row.self == row.self.strip()
    row.self.encode("utf-8")
    assert read_draft({"self-1": row.self}, Limits()).rows[0] == row
    assert len(read_draft({f"self-{n}": text for n in range(1, 99)}, Limits()).rows) == Limits().phrases


def test_forms_are_shown_as_they_will_be_spoken_and_where_no_rule_is_sure_the_page_says_so_kindly(clean):
    fields = clean.fields("May I be kind to myself", "May I be a friend to myself", act="forms")
    page = clean.client.post(PATH, data=fields).text
    assert ">May you be kind to yourself.</textarea>" in page
    assert ">May you and I be kind to ourselves.</textarea>" in page
    assert page.count(say_for("en")["ask_form"] + "</p>") == 1


def test_a_form_made_for_other_words_is_made_anew_and_one_s_own_stays(clean):
    fields = clean.fields(
        "May I be calm", **{"was-1": "May I be safe", "other-1": "May you be safe.", "together-1": "We two."}
    )
    page = clean.client.post(PATH, data={**fields, "act": "forms"}).text
    assert ">May you be calm.</textarea>" in page and ">We two.</textarea>" in page


def test_several_wishes_in_one_field_are_rows_of_their_own(clean):
    fields = clean.fields("1. May I be calm 2. May I rest", "May I be well", act="forms")
    page = clean.client.post(PATH, data=fields).text
    rows = re.findall(r'name="self-(\d)"[^>]*>([^<]*)</textarea>', page)
    assert rows[:3] == [("1", "May I be calm"), ("2", "May I rest"), ("3", "May I be well")]
    assert ">May you be calm.</textarea>" in page


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
    long = clean.client.post(PATH, data=clean.fields("a" * 5000))
    assert long.status_code == 422 and "Phrase 1 is too long" in words_of(long.text)
    fields = clean.fields("May I be safe")
    minutes = [("minutes", value) for value in ("", "x", "-1", "1e9", "１", "2.5", "9" * 500)]
    names = [
        ("voice", "../../x"),
        ("bed", "/etc/passwd"),
        ("bell", "x"),
        ("audience", "x"),
        ("self-1", "..."),
    ]
    for name, value in (*minutes, *names):
        assert clean.client.post(PATH, data={**fields, name: value}).status_code == 422, (name, value)


@pytest.mark.parametrize("name", ["self-1", "was-1", "other-1", "together-1"])
@pytest.mark.parametrize("path", [PATH, "/forms", "/hear"])
def test_a_text_that_is_too_long_is_measured_before_anything_is_made_of_it(clean, monkeypatch, path, name):
    worked_on: list[str] = []

    def noting(work):
        def noted(texts, *more):
            texts = texts if isinstance(texts, str) else list(texts)
            worked_on.extend([texts] if isinstance(texts, str) else texts)
            return work(texts, *more)

        return noted

    for module in (form_module, meeting, app_module):
        for name_of in {"make_phrase", "phrase_hints", "find_care"} & set(vars(module)):
            monkeypatch.setattr(module, name_of, noting(getattr(module, name_of)))
    long = ("May I " * 10_000)[:60_000]
    clean.client.post(path, data={**clean.fields("May I be calm"), "text": long, "say": "1", name: long})
    assert max(map(len, worked_on), default=0) <= Limits().phrase_letters


def test_forms_and_hints_as_json(clean):
    token = token_in(clean.client.get(PATH).text)
    sent = {"token": token, "language": "en", "practice": "kind-minute", "text": "May I trust myself"}
    forms = {"other": "May you trust yourself.", "together": "May you and I trust ourselves."}
    assert clean.client.post("/forms", data=sent).json() == {**forms, "hints": []}
    for empty in ("...", "x" * 999):
        assert clean.client.post("/forms", data={**sent, "text": empty}).json()["other"] == ""
    assert clean.client.post("/forms", data={**sent, "practice": "../x"}).status_code == 404
    hints = (
        ("Ich muss stark sein", "command"),
        ("Ich war stark", "past"),
        ("Möge ich " + "sehr " * 33, "long"),
    )
    for text, name in hints:
        german = {**sent, "language": "de", "practice": "loving-kindness", "text": text}
        told = say_for("de")[f"hint_{name}"].format(n=35)
        assert clean.client.post("/forms", data=german).json()["hints"] == [told]


def test_a_phrase_is_heard_at_once(clean):
    token = token_in(clean.client.get(PATH).text)
    form = {"token": token, "language": "en", "practice": "kind-minute", "voice": "tone"}

    def hear(**more):
        return clean.client.post("/hear", data={**form, **more})

    heard = hear(text="May I be heard")
    assert heard.status_code == 200 and heard.headers["content-type"] == "audio/mpeg"
    assert len(heard.content) > 3000
    assert hear(say="2", **{"self-2": "May I be heard"}).content == heard.content, "without a script"
    assert hear(text="").status_code == 200, "an example of the language"
    assert hear(text="May I be heard", voice="nobody").status_code == hear(text="x" * 999).status_code == 422


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


def test_a_form_that_was_not_taken_has_a_way_back_to_its_words(clean):
    refused = clean.client.post(PATH, data={**clean.fields("May I be safe"), "token": "0" * 64})
    assert refused.status_code == 403 and f'href="{PATH}"' in refused.text
    assert say_for("en")["to_words"] in words_of(refused.text)
    assert 'href="/?language' in clean.client.get("/r/x/").text
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
    assert all(f">{title}</span>" in page for title in ("Arriving", "Words", "Returning"))
    assert "giraffe" not in re.search(r"<title>(.*?)</title>", page)[1]
    src = re.search(r'<source src="([^"]+)" type="audio/mpeg">', page)[1]
    assert src == "v1/kind-minute.mp3"
    assert clean.browser().get(link).status_code == 200, "the link alone is enough"
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


@pytest.mark.slow
def test_what_could_not_be_made_says_why_and_can_be_changed(clean):
    link = clean.place(*(f"May I have wish number {n} of a great many words indeed" for n in range(12)))
    token = link.split("/")[2]
    assert until(clean.orders, token).kind == "length"
    page = words_of(clean.client.get(link).text)
    assert "does not fit this length" in page and "Change it and try again" in page
    assert clean.client.get(link + "change").status_code == 200
    clean.orders.delete(token)


def test_health_and_metrics_hold_numbers_only(clean):
    link = clean.place("May I be counted")
    assert clean.client.get("/health").json()["ok"] is True
    metrics = clean.client.get("/metrics").text
    assert re.search(r'kindvoice_answers_total\{method="GET",status="200"\} \d+', metrics)
    assert 'kindvoice_orders{state="waiting"} ' in metrics
    assert link.split("/")[2] not in metrics and "counted" not in metrics
    clean.orders.delete(link.split("/")[2])


def test_static_files_are_ours_alone(clean):
    first = clean.client.get("/static/studio.css")
    assert first.status_code == 200
    same = clean.client.get("/static/studio.css", headers={"if-none-match": first.headers["etag"]})
    assert same.status_code == 304
    for name in ("base.html", "../app.py", "%2e%2e/app.py", "..%2fapp.py", "en.toml", ""):
        assert clean.client.get(f"/static/{name}").status_code == 404
