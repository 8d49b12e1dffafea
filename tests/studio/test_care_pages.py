"""A wish that speaks of dying or of harm, letters that no voice here reads, a long paste, a length that did not fit."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from ordering import until
from studioweb import PATH, hosted, token_in, words_of

from kindvoice.studio.host.choices import Choices
from kindvoice.studio.web import meeting
from kindvoice.studio.web.form import PhraseField
from kindvoice.studio.web.texts import say_for

WISH = "May I not wake up"


@pytest.fixture(scope="module")
def host(tmp_path_factory, choices):
    with hosted(tmp_path_factory.mktemp("studio"), choices, crisis={"": "Ring us: 555 0100 (8-20)."}) as host:
        yield host


@pytest.fixture
def clean(host):
    host.client.cookies.clear()
    return host


def kept_in(page: str) -> dict[str, str]:
    """The hidden fields of a page's last form."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))


@pytest.mark.slow
def test_a_wish_is_met_and_nothing_is_made_until_somebody_says_so(clean, caplog):
    fields = clean.fields("May I be calm", WISH, **{"other-2": "", "gentle": "yes"})
    answer = clean.client.post(PATH, data=fields, headers={"accept-language": "de-AT"})
    page = answer.text
    assert answer.status_code == 200 and "have to be alone" in words_of(page)
    shown = re.findall(r'<a href="((?:tel|https):[^"]*)"', page.partition("<form")[0])
    assert shown == ["tel:5550100", "https://www.telefonseelsorge.at", "tel:142", "https://findahelpline.com"]
    assert not sum(clean.orders.counts().values())
    kept = kept_in(page)
    assert kept["self-2"] == WISH and kept["gentle"] == "yes"
    back = clean.client.post(PATH, data={**kept, "act": "words"})
    assert f">{WISH}</textarea>" in back.text and back.status_code == 200
    assert clean.client.post(PATH, data={**fields, "token": token_in(back.text)}).status_code == 200, (
        "asked again"
    )
    made = clean.client.post(PATH, data={**kept, "act": "make"})
    assert made.status_code == 303
    link = made.headers["location"]
    clean.finished(link)
    again = {**fields, "token": token_in(clean.client.get(f"{link}change").text), "bell": "low"}
    assert clean.client.post(f"{link}change", data=again).status_code == 303, (
        "what was made already is not asked again"
    )
    other = {**again, "self-1": "I want to end it"}
    assert clean.client.post(f"{link}change", data=other).status_code == 200
    assert "wake up" not in caplog.text


@pytest.mark.slow
def test_a_wish_is_not_spoken_at_once_either(clean):
    token = token_in(clean.client.get(PATH).text)
    sent = {"token": token, "language": "en", "practice": "kind-minute", "voice": "tone"}
    told = clean.client.post("/hear", data={**sent, "text": WISH}, headers={"accept": "audio/*"})
    assert told.status_code == 422 and told.json()["kind"] == "care"
    assert ["555 0100", "tel:5550100"] in told.json()["lines"][0]
    heard = clean.client.post(
        "/hear", data={**sent, "text": WISH, "care": "seen"}, headers={"accept": "audio/*"}
    )
    assert heard.headers["content-type"] == "audio/mpeg"
    page = clean.client.post("/hear", data={**sent, "say": "1", "self-1": WISH}).text
    assert "have to be alone" in words_of(page) and 'name="act"' not in page
    heard = clean.client.post("/hear", data={**kept_in(page), "say": "1"})
    assert heard.headers["content-type"] == "audio/mpeg"


@pytest.mark.slow
@pytest.mark.parametrize("language", ["de", "es", "fr", "it", "nl", "pl", "pt-BR", "sv", "tr"])
def test_it_is_met_in_the_language_that_it_is_written_in(clean, language):
    wishes = {
        "de": "Möge ich bald sterben", "es": "Quiero morir", "fr": "Je veux mourir", "it": "Voglio morire",
        "nl": "Ik wil dood", "pl": "Chcę umrzeć", "pt-BR": "Quero morrer", "sv": "Jag vill dö", "tr": "Ölmek istiyorum",
    }  # fmt: skip
    page = clean.client.post(PATH, data=clean.fields(wishes[language])).text
    assert f'<div lang="{language.partition("-")[0]}">' in page


def test_letters_that_a_voice_cannot_read_are_said_with_who_can(choices: Choices, tmp_path, monkeypatch):
    heart = next(voice for voice in choices.known if voice.name == "heart")
    with hosted(tmp_path, replace(choices, voices=(heart,))) as host:
        fields = host.fields("Пусть я буду спокойна", voice="heart")
        answer = host.client.post(PATH, data=fields)
        assert answer.status_code == 422 and "No voice here can read these letters: Пусть" in words_of(
            answer.text
        )
        forms = host.client.post("/forms", data={**fields, "text": "שלום", "voice": "heart"})
        assert "these letters: שלום" in forms.json()["hints"][0]
    reads = {"heart": "שלום", "heart2": ""}
    monkeypatch.setattr(meeting, "cannot_read", lambda voice, text: reads[voice.name])
    both = replace(choices, voices=(heart, replace(heart, name="heart2", title="Another")))
    told = meeting.unread(PhraseField(number=1, self="שלום"), "heart", "en", both, say_for("en"))
    assert told.endswith("Another can.")


def test_a_long_paste_is_kept_whole_and_its_limit_shown(clean):
    text = "May I be kind " + "and patient " * 300 + "today"
    page = clean.client.post(PATH, data=clean.fields(text))
    assert page.status_code == 422 and f">{text}</textarea>" in page.text
    assert "maxlength" not in clean.client.get(PATH).text
    sent = {**clean.fields(), "text": text}
    (hint,) = clean.client.post("/forms", data=sent).json()["hints"]
    assert hint.startswith(f"{len(text)} characters") and "up to 240" in hint


@pytest.mark.slow
def test_a_length_that_did_not_fit_gives_way_to_one_that_does(clean):
    phrases = [f"May I be as calm as the lake of number {n} in the far north of the land" for n in range(6)]
    link = clean.place(*phrases)
    order = until(clean.orders, link.split("/")[2])
    assert order.kind == "length" and order.range_ms[0] > 60_000
    page = clean.client.get(f"{link}change").text
    shortest = -(-order.range_ms[0] // 60_000)
    assert re.search(rf'name="minutes"[^>]* value="{shortest}"', page)
    assert "This length would fit" in words_of(page)
