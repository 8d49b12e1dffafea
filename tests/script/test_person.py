"""Grammatical person: a wish, its form for another, its form for both, where a rule is sure."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from script.seen import refused

from kindvoice.errors import WishError
from kindvoice.script import make_phrase
from kindvoice.script.person import derive

DATA = Path(__file__).parents[1] / "data"

WISHES = {
    path.stem: [row.split(" | ") for row in path.read_text("utf-8").splitlines()]
    for path in sorted((DATA / "wishes").rglob("*.txt"))
}


@pytest.mark.parametrize("language", WISHES)
def test_wishes_as_people_write_them(language):
    """A row is a wish, its form for another and for both; = is the wish itself, and a wish alone has no sure form."""
    spoken = {wish: make_phrase(wish, language) for wish, *_ in WISHES[language]}
    expected = {
        wish: {
            "self": str(spoken[wish]),
            **{
                name: str(spoken[wish]) if form == "=" else form
                for name, form in zip(("other", "together"), forms, strict=False)
                if form != "-"
            },
        }
        for wish, *forms in WISHES[language]
    }
    assert {wish: phrase.forms() for wish, phrase in spoken.items()} == expected


@pytest.mark.parametrize("language", ["de", "es", "fr", "pt-BR", "zh-Hans", "ja", "no", ""])
def test_a_language_without_a_rule_is_never_guessed_at(language):
    assert derive("May I be safe.", language) == {"other": None, "together": None}


_WORDS = st.sampled_from(
    ["I", "me", "my", "mine", "myself", "am", "was", "I'm", "i'll", "we", "us", "you", "your", "be", "kind", "to",
     "the", "heart", "and", "may", "let", "is", "not", "that", "who", "a", "this"]
)  # fmt: skip


@pytest.mark.slow
@given(
    st.lists(_WORDS, min_size=1, max_size=8).map(" ".join), st.sampled_from(["May I be ", "May my life ", ""])
)
@settings(deadline=None, max_examples=100)
def test_a_form_for_somebody_else_has_no_word_of_ones_own(words, start):
    own = {"i", "me", "my", "mine", "myself", "i'm", "i'll"}
    forms = derive(start + words, "en")
    if forms["other"] is not None:
        assert not own & set(forms["other"].casefold().split())
    if forms["together"] is not None:
        assert not own & set(forms["together"].casefold().replace("may you and i", "", 1).split())


def test_a_form_that_is_missing_is_asked_for_where_the_phrase_stands():
    phrase = make_phrase('May my "tired" heart be at ease', "en", {"other": "May your heart be at ease"})
    assert phrase.forms() == {"self": phrase, "other": "May your heart be at ease."}
    with pytest.raises(WishError) as caught:
        _ = phrase.together
    error = pickle.loads(pickle.dumps(caught.value))
    assert (error.forms, error.form) == (phrase.forms(), "together")
    assert error.what == """the phrase 'May my "tired" heart be at ease.' has no sure form for 'together'"""
    line = error.cure.partition("for each phrase: ")[2]
    assert yaml.safe_load(line) == [{**phrase.forms(), "together": "..."}]


@pytest.mark.parametrize(
    ("language", "wish", "other"),
    [
        ("en", "“may i feel safe in my BODY”", "May you feel safe in your body."),
        ("en", "May I feel safe in my body !!", "May you feel safe in your body."),
        ("fr", "que je m’accepte comme je suis", "Que tu t'acceptes comme tu es."),
        ("tr", "GÜVENDE OLAYIM", "Güvende olasın."),
        ("pl", "Niech będzie mi bezpiecznie", "Niech będzie ci bezpiecznie."),
        ("pt", "Que eu me perdoe…", "Que você se perdoe."),
    ],
)
def test_a_wish_of_our_book_has_its_forms_however_it_is_written(language, wish, other):
    phrase = make_phrase(wish, language)
    assert set(phrase.forms()) == {"self", "other", "together"}
    assert phrase.other == other


def test_a_phrase_has_a_bound():
    assert refused(make_phrase, "a" * 60_000, "en") == (
        "a phrase has 60000 characters, and there is room for 2000\n  make it shorter, or several of it"
    )
    assert "there is room for 2000" in refused(make_phrase, "May I rest", "en", {"other": "b" * 2_001})
