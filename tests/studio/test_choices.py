"""What can be chosen, and which wishes are refused before they wait in line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ordering import refused, studio_at, wish

from kindvoice.errors import SettingsError
from kindvoice.studio.host.choices import check_wish, read_choices, request_of
from kindvoice.studio.host.config import Limits
from kindvoice.studio.host.errors import StudioError


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return studio_at(
        tmp_path_factory.mktemp("choices"), limits=Limits(phrases=3, phrase_letters=60, length_ms=120_000)
    )


@pytest.fixture(scope="module")
def choices(config):
    return read_choices(config)


@pytest.mark.slow
def test_what_there_is(choices):
    practices = {entry.practice for entry in choices.practices_in("en")}
    assert practices >= {"short-kindness", "loving-kindness"}
    assert {entry.language for entry in choices.practices} >= {"en", "de", "pt-BR"}
    assert [(voice.name, voice.language) for voice in choices.voices_in("de")] == [("tone", "de")]
    assert {"rain", "waves"} <= set(choices.beds) and "low" in choices.bells


def test_lengths_are_whole_minutes_within_the_hosts_limit(choices):
    assert choices.range_ms("short-kindness", "en") == (60_000, 120_000)
    with refused("length"):
        choices.range_ms("loving-kindness", "en")


@pytest.mark.parametrize(
    "asked",
    [
        wish("May I be safe", bed="rain", gentle=True, title="For me"), wish(),
        wish("May I be safe", voice=None, practice="friend"),
        wish("{{ 7*7 }} calm", "{% raise %} a", "[bell] a"), wish("[voice heart] a", "# a", "--- a"),
        wish("<break time='9s'/> a"), wish("Let me be a red giraffe", practice="friend"),
        replace(wish(practice="friend"), phrases=({"self": "Let me be", "together": "May we be red giraffes"},)),
    ],
)  # fmt: skip
def test_a_wish_is_granted_whatever_its_words_hold(config, choices, asked):
    check_wish(asked, config, choices)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"practice": "../short-kindness"}, "practice"), ({"practice": "/etc/passwd"}, "practice"),
        ({"practice": "README"}, "practice"), ({"practice": ""}, "practice"), ({"language": "xx"}, "language"),
        ({"language": "../en"}, "language"), ({"length_ms": 59_999}, "length"), ({"length_ms": 120_001}, "length"),
        ({"length_ms": -1}, "length"), ({"voice": "nobody"}, "voice"), ({"voice": "heart"}, "voice"),
        ({"voice": "tone*9"}, "voice"), ({"bed": "/etc/passwd"}, "sound"), ({"bed": "rain.wav"}, "sound"),
        ({"bell": "../bowl.wav"}, "sound"), ({"bed_gain_db": 99.0}, "sound"), ({"landing_ms": -1}, "sound"),
        ({"bed_gain_db": float("nan")}, "sound"),
        ({"audience": "dogs"}, "practice"), ({"title": "x" * 81}, "words"), ({"title": "a\nb"}, "words"),
        ({"phrases": ({"self": "x" * 61},)}, "words"), ({"phrases": ({"self": "..."},)}, "words"),
        ({"phrases": ({},)}, "words"), ({"phrases": ({"self": "a"},) * 4}, "words"),
        ({"phrases": ({"self": "May I be safe", "other": "!!!"},)}, "words"),
        ({"phrases": ({"self": "a red giraffe " * 5_000},)}, "words"),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_refused(config, choices, change, kind):
    with refused(kind):
        check_wish(replace(wish("May I be safe"), **change), config, choices)


FORMS = st.dictionaries(st.sampled_from(["self", "other", "together"]), st.text(max_size=70))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(FORMS, max_size=4))
def test_any_words_are_either_right_or_refused(config, choices, phrases):
    asked = replace(wish(), phrases=tuple(phrases))
    try:
        check_wish(asked, config, choices)
    except StudioError:
        return
    spoken = request_of(asked, config, choices, config.data).version.phrases or ()
    assert len(spoken) == len(phrases)


def test_a_voice_that_the_host_names_must_be_there(tmp_path):
    with pytest.raises(SettingsError, match="no voice 'nobody'"):
        read_choices(studio_at(tmp_path, voices=("nobody",)))
