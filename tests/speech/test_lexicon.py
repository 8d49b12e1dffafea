"""Pronunciation: whole words, once, heard and not shown."""

from __future__ import annotations

import pytest
from make import make_voice

from kindvoice.errors import VoiceError
from kindvoice.model import SOUNDS_CLOSE, SOUNDS_OPEN, Say, Timeline
from kindvoice.paths import data_folder
from kindvoice.speech.lexicon import Said, read_lexicon, respell
from kindvoice.speech.readable import readable
from kindvoice.speech.speak import speak
from kindvoice.store import Store

VOICE = make_voice(name="anna", language="en-GB", gain_db=0.0)


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
    assert respell(text, {word: Said(respelling) for word, respelling in lexicon.items()}) == said


def test_an_engine_that_takes_phonemes_gets_them_and_another_gets_letters():
    lexicon = {"metta": Said("met ta", "ˈmɛtə"), "dukkha": Said("", "ˈdʊkə")}
    assert respell("Metta, dukkha.", lexicon) == "Met ta, dukkha."
    marked = [f"{SOUNDS_OPEN}{ipa}{SOUNDS_CLOSE}" for ipa in ("ˈmɛtə", "ˈdʊkə")]
    assert respell("Metta, dukkha.", lexicon, phonemes=True) == f"{marked[0]}, {marked[1]}."


def test_an_author_cannot_write_phonemes():
    assert readable(f"May {SOUNDS_OPEN}ˈmɛtə{SOUNDS_CLOSE} grow") == "May ˈmɛtə grow"


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
    assert found == {
        k: Said(v) for k, v in {"a": "en ours", "b": "gb ours", "c": "anna ours", "d": "en users"}.items()
    }


def test_it_is_part_of_what_a_clip_is_made_of_and_captions_keep_the_spelling(tmp_path):
    store = Store(tmp_path)
    timeline = Timeline(
        title="T", language="en", items=tuple(Say(text=t) for t in ("May metta grow.", "Rest."))
    )
    plain = speak(timeline, {"": VOICE}, store)
    respelled = speak(timeline, {"": VOICE}, store, lexicons={"": {"metta": Said("met ta")}})
    assert respelled.made == 1, "only the line with the word is spoken again"
    assert plain.clips["", "May metta grow."] != respelled.clips["", "May metta grow."]
    assert plain.clips["", "Rest."] == respelled.clips["", "Rest."]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('m = "met ta"', Said("met ta")), ('m = "/ˈmɛtə/"', Said("", "ˈmɛtə")),
        ('m = { ipa = "ˈmɛ.tə" }', Said("", "ˈmɛ.tə")), ('m = { say = "a", ipa = "/b/" }', Said("a", "b")),
    ],
)  # fmt: skip
def test_the_forms_of_an_entry(tmp_path, text, said):
    (tmp_path / "lexicons").mkdir()
    (tmp_path / "lexicons" / "en.toml").write_text(text, encoding="utf-8")
    assert read_lexicon([tmp_path], VOICE) == {"m": said}


@pytest.mark.parametrize(
    "text",
    [
        'metta = ""', "metta = 3", "metta", "[metta]\na = 1", 'metta = "/ /"', 'metta = { say = 3 }',
        'metta = "/m[bell]/"', 'metta = "/)(x/"', 'metta = { says = "x" }',
    ],
)  # fmt: skip
def test_a_lexicon_that_cannot_be_read_names_its_file(tmp_path, text):
    (tmp_path / "lexicons").mkdir()
    (tmp_path / "lexicons" / "en.toml").write_text(text)
    with pytest.raises(VoiceError, match=r"en\.toml"):
        read_lexicon([tmp_path], VOICE)


def test_our_own_lexicons_can_be_read():
    for path in (data_folder("voices") / "lexicons").glob("*.toml"):
        assert read_lexicon([data_folder("voices")], make_voice(language=path.stem))
