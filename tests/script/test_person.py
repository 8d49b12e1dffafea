"""Grammatical person: a wish, its form for another, its form for both. - is a form that no rule is sure about:
the author is asked, and nobody hears a wrong one."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from script.seen import refused

from kindvoice.errors import WishError
from kindvoice.script import make_phrase
from kindvoice.script.person import derive

WISHES = """
    May I be safe
    May you be safe
    May you and I be safe

    May I be kind to myself
    May you be kind to yourself
    May you and I be kind to ourselves

    May I know that I am enough
    May you know that you are enough
    May you and I know that we are enough

    May I give myself the compassion that I need
    May you give yourself the compassion that you need
    May you and I give ourselves the compassion that we need

    May I be free from what harms me
    May you be free from what harms you
    May you and I be free from what harms us

    May I love myself just as I am
    May you love yourself just as you are
    May you and I love ourselves just as we are

    May I forgive myself
    May you forgive yourself
    May you and I forgive ourselves

    May I accept who I am
    May you accept who you are
    May you and I accept who we are

    May I be as kind to myself as I am to others
    May you be as kind to yourself as you are to others
    May you and I be as kind to ourselves as we are to others

    May I remember I'm loved
    May you remember you're loved
    May you and I remember we're loved

    May I know I’ve done what I could
    May you know you've done what you could
    May you and I know we've done what we could

    May I be at ease, wherever I'll be
    May you be at ease, wherever you'll be
    May you and I be at ease, wherever we'll be

    May I be as gentle as I'd be with others
    May you be as gentle as you'd be with others
    May you and I be as gentle as we'd be with others

    May I see that I was doing all I could
    May you see that you were doing all you could
    May you and I see that we were doing all we could

    May I not be afraid
    May you not be afraid
    May you and I not be afraid

    May I, too, be happy
    May you, too, be happy
    May you and I, too, be happy

    May I be happy; may I be well
    May you be happy; may you be well
    May you and I be happy; may we be well

    May I be safe. May I be well.
    May you be safe. May you be well.
    May you and I be safe. May you and I be well.

    may i be kind to myself
    may you be kind to yourself
    may you and I be kind to ourselves

    MAY I BE KIND TO MYSELF
    MAY YOU BE KIND TO YOURSELF
    MAY YOU AND I BE KIND TO OURSELVES

    Just for today, may I rest
    Just for today, may you rest
    Just for today, may you and I rest

    May I let love hold me
    May you let love hold you
    May you and I let love hold us

    May I hold my own pain with kindness
    May you hold your own pain with kindness
    May you and I hold our own pain with kindness

    May my needs be met
    May your needs be met
    May our needs be met

    May life be kind to me
    May life be kind to you
    May life be kind to us

    May those who love me be well
    May those who love you be well
    May those who love us be well

    # an affirmation, where it is as good for anybody

    I am enough
    May you be enough
    May you and I be enough

    I'm safe and loved now
    May you be safe and loved now
    May you and I be safe and loved now

    I am tired
    -
    -

    # nobody in particular: the wish as it is

    May all beings be safe
    May all beings be safe
    May all beings be safe

    May this pain be held with kindness
    May this pain be held with kindness
    May this pain be held with kindness

    Let there be peace
    Let there be peace
    Let there be peace

    May I be safe. May all beings be safe.
    May you be safe. May all beings be safe.
    May you and I be safe. May all beings be safe.

    # two people have two hearts, and are not "a friend"

    May my heart be at ease
    May your heart be at ease
    -

    May My Heart Be Open
    May Your Heart Be Open
    -

    May I be at home in my body
    May you be at home in your body
    -

    May my mother be well
    May your mother be well
    -

    May I be a good friend to myself
    May you be a good friend to yourself
    -

    May I be such a good friend to myself
    May you be such a good friend to yourself
    -

    May I become my own best friend
    May you become your own best friend
    -

    May I be steady as a mountain
    May you be steady as a mountain
    -

    May I be enough, a whole person
    May you be enough, a whole person
    -

    May I and my family be safe
    May you and your family be safe
    -

    # already somebody else's

    You are loved
    You are loved
    -

    May you be safe
    May you be safe
    -

    May we be safe
    -
    May we be safe

    May I be kind to you
    -
    -

    May I belong with us
    -
    -

    # no wish, or beyond the rule

    I love myself
    -
    -

    I wish to be safe
    -
    -

    Let me be kind
    -
    -

    Help me
    -
    -

    May I be safe. I love myself.
    -
    -

    When I fall, may I be held
    -
    -

    In May I rest
    -
    -

    May is my month
    -
    -

    May I love me
    -
    -

    May I be patient with me
    -
    -

    May I know what I, deep down, am
    -
    -

    May I accept who I am and was
    -
    -

    May I who am hurting be held
    -
    -

    May I say "I am enough"
    -
    -

    May I hear 'I am enough'
    -
    -

    May I hear 'rest now, my dear'
    -
    -

    May I take some me-time
    -
    -

    May my God hold me
    -
    -

    May this heart be open
    -
    -
"""
ROWS = [
    [line.strip() for line in block.strip().splitlines()]
    for block in re.sub(r" *#.*\n", "", WISHES).split("\n\n")
    if block.strip()
]


@pytest.mark.parametrize(("wish", "other", "together"), ROWS, ids=[row[0] for row in ROWS])
def test_the_forms_of_a_wish(wish, other, together):
    for end in ("", ".", "!"):
        ended = [None if form == "-" else form.removesuffix(".") + (end or form[len(form.rstrip(".")) :])
                 for form in (other, together)]  # fmt: skip
        said = wish.removesuffix(".") + (end or wish[len(wish.rstrip(".")) :])
        assert derive(said, "en-GB") == dict(zip(("other", "together"), ended, strict=True))


@pytest.mark.parametrize("language", ["de", "es", "fr", "pt-BR", "zh-Hans", "no", ""])
def test_a_language_without_a_rule_is_never_guessed_at(language):
    assert derive("May I be safe.", language) == {"other": None, "together": None}


_WORDS = st.sampled_from(
    ["I", "me", "my", "mine", "myself", "am", "was", "I'm", "i'll", "we", "us", "you", "your", "be", "kind", "to",
     "the", "heart", "and", "may", "let", "is", "not", "that", "who", "a", "this"]
)  # fmt: skip


@given(
    st.lists(_WORDS, min_size=1, max_size=8).map(" ".join), st.sampled_from(["May I be ", "May my life ", ""])
)
@settings(deadline=None, max_examples=300)
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


TABLES = Path(__file__).parents[1] / "data" / "wishes"


@pytest.mark.parametrize(
    ("language", "wish", "other", "together"),
    [
        (path.stem, *row.split(" | "))
        for path in sorted(TABLES.glob("*.txt"))
        for row in path.read_text("utf-8").splitlines()
    ],
)
def test_wishes_as_people_write_them(language, wish, other, together):
    phrase = make_phrase(wish, language)
    assert {"other": "-", "together": "-", **phrase.forms()} == {
        "self": phrase, "other": other, "together": together,
    }  # fmt: skip


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
