"""What can be chosen, and which wishes are refused before they wait in line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ordering import studio_at, wish

from kindvoice.studio.host.choices import check_wish, read_choices, request_of
from kindvoice.studio.host.config import Limits
from kindvoice.studio.host.errors import KINDS, StudioError


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return studio_at(
        tmp_path_factory.mktemp("choices"), limits=Limits(phrases=3, phrase_letters=60, length_ms=120_000)
    )


@pytest.fixture(scope="module")
def choices(config):
    return read_choices(config)


def test_what_there_is(choices):
    assert "short-kindness" in {entry.practice for entry in choices.practices_in("en")}
    assert {entry.language for entry in choices.practices} >= {"en", "de", "pt-BR"}
    assert [voice.name for voice in choices.voices_in("de")] == ["tone"]
    assert choices.voices_in("de")[0].language == "de"
    assert {"rain", "waves"} <= set(choices.beds) and "low" in choices.bells


def test_lengths_are_whole_minutes_within_the_hosts_limit(choices):
    assert choices.range_ms("short-kindness", "en") == (60_000, 120_000)
    with pytest.raises(StudioError) as caught:
        choices.range_ms("loving-kindness", "en")
    assert caught.value.kind == "length"


def test_a_good_wish_passes(config, choices):
    check_wish(wish("May I be safe", bed="rain", gentle=True, title="For me"), config, choices)
    check_wish(wish(), config, choices)
    check_wish(wish("May I be safe", voice=None, practice="friend"), config, choices)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"practice": "../short-kindness"}, "practice"), ({"practice": "/etc/passwd"}, "practice"),
        ({"practice": "README"}, "practice"), ({"practice": ""}, "practice"), ({"language": "xx"}, "language"),
        ({"language": "../en"}, "language"), ({"length_ms": 59_999}, "length"), ({"length_ms": 120_001}, "length"),
        ({"length_ms": -1}, "length"), ({"voice": "nobody"}, "voice"), ({"voice": "heart"}, "voice"),
        ({"voice": "tone*9"}, "voice"), ({"bed": "/etc/passwd"}, "sound"), ({"bed": "rain.wav"}, "sound"),
        ({"bell": "../bowl.wav"}, "sound"), ({"bed_gain_db": 99.0}, "sound"), ({"bed_gain_db": float("nan")}, "sound"),
        ({"audience": "dogs"}, "practice"), ({"title": "x" * 81}, "words"), ({"title": "a\nb"}, "words"),
        ({"phrases": ({"self": "x" * 61},)}, "words"), ({"phrases": ({"self": "..."},)}, "words"),
        ({"phrases": ({},)}, "words"), ({"phrases": ({"self": "a"},) * 4}, "words"),
        ({"phrases": ({"self": "May I be safe", "other": "!!!"},)}, "words"),
        ({"phrases": ({"self": "a red giraffe " * 5_000},)}, "words"),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_refused_without_its_words(config, choices, change, kind):
    with pytest.raises(StudioError) as caught:
        check_wish(replace(wish("May I be safe"), **change), config, choices)
    assert caught.value.kind == kind
    assert "iraffe" not in str(caught.value) and "passwd" not in str(caught.value)


@pytest.mark.parametrize("forms", [{}, {"together": "May we be red giraffes"}])
def test_a_wish_without_sure_forms_is_granted_all_the_same(config, choices, forms):
    phrase = {"self": "Let me be a red giraffe", **forms}
    check_wish(replace(wish(practice="friend"), phrases=(phrase,)), config, choices)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["self", "other", "together"]), st.text(max_size=70)), max_size=4
    )
)
def test_any_words_are_either_right_or_refused(config, choices, phrases):
    asked = replace(wish(), phrases=tuple(phrases))
    try:
        check_wish(asked, config, choices)
    except StudioError as error:
        assert error.kind in KINDS
        return
    spoken = request_of(asked, config, choices, config.data).version.phrases or ()
    assert len(spoken) == len(phrases)


def test_a_markup_in_a_phrase_is_data(config, choices):
    for text in (
        "{{ 7*7 }} calm",
        "{% raise %} a",
        "[bell] a",
        "[voice heart] a",
        "# a",
        "--- a",
        "<break time='9s'/> a",
    ):
        check_wish(wish(text), config, choices)


def test_a_voice_that_the_host_names_must_be_there(tmp_path):
    with pytest.raises(StudioError, match="no voice 'nobody'") as caught:
        read_choices(studio_at(tmp_path, voices=("nobody",)))
    assert caught.value.kind == "setup"


def test_a_fault_survives_a_process_boundary():
    import pickle

    again = pickle.loads(pickle.dumps(StudioError("full", kind="full", cure="wait", retry_s=2.0)))
    assert (again.what, again.kind, again.cure, again.retry_s) == ("full", "full", "wait", 2.0)
