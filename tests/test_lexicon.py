"""Pronunciation: whole words, once, heard and not shown."""

from __future__ import annotations

import pytest

from kindvoice.errors import VoiceError
from kindvoice.lexicon import read_lexicon, respell
from kindvoice.model import Say, Timeline, Voice
from kindvoice.resources import data_folder
from kindvoice.speak import speak
from kindvoice.store import Store

VOICE = Voice(name="anna", title="A", engine="tone", language="en-GB", licence="x", credit="x", gain_db=0.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("metta", "met ta"), ("Metta.", "Met ta."), ("METTA!", "Met ta!"), ("mettas metta-like", "mettas met ta-like"),
        ("metta bhavana metta", "mb met ta"), ("Mettā", "Long"), ("a.b c", "dot c"), ("axb", "axb"),
    ],
)  # fmt: skip
def test_whole_words_once_the_longest_first(text, said):
    lexicon = {
        "metta": "met ta",
        "met": "WRONG",
        "ta": "WRONG",
        "metta bhavana": "mb",
        "mettā": "long",
        "a.b": "dot",
    }
    assert respell(text, lexicon) == said


def test_the_voices_word_stands_before_the_languages_and_the_users_before_ours(tmp_path):
    for folder, name, text in (
        ("ours", "en", '"a" = "en ours"\nb = "en ours"\nc = "en ours"\nd = "en ours"'),
        ("ours", "en-GB", 'b = "gb ours"'),
        ("ours", "anna", 'c = "anna ours"'),
        ("users", "en", 'd = "en users"'),
        ("users", "de", 'a = "de"'),
    ):
        path = tmp_path / folder / "lexicons" / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = read_lexicon([tmp_path / "ours", tmp_path / "users"], VOICE)
    assert found == {"a": "en ours", "b": "gb ours", "c": "anna ours", "d": "en users"}


def test_it_is_part_of_what_a_clip_is_made_of_and_captions_keep_the_spelling(tmp_path):
    store = Store(tmp_path)
    timeline = Timeline(
        title="T", language="en", items=tuple(Say(text=t) for t in ("May metta grow.", "Rest."))
    )
    plain = speak(timeline, VOICE, store)
    respelled = speak(timeline, VOICE, store, lexicon={"metta": "met ta"})
    assert respelled.made == 1, "only the line with the word is spoken again"
    assert plain.clips["May metta grow."] != respelled.clips["May metta grow."]
    assert plain.clips["Rest."] == respelled.clips["Rest."]


@pytest.mark.parametrize("text", ['metta = ""', "metta = 3", "metta", "[metta]\na = 1"])
def test_a_lexicon_that_cannot_be_read_names_its_file(tmp_path, text):
    (tmp_path / "lexicons").mkdir()
    (tmp_path / "lexicons" / "en.toml").write_text(text)
    with pytest.raises(VoiceError, match=r"en\.toml"):
        read_lexicon([tmp_path], VOICE)


def test_our_own_lexicons_can_be_read():
    for path in (data_folder("voices") / "lexicons").glob("*.toml"):
        voice = Voice(name="x", title="x", engine="tone", language=path.stem, licence="x", credit="x")
        assert read_lexicon([data_folder("voices")], voice)
