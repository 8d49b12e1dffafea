"""How hibari's reader says plain English words, wherever they stand: by the sounds that it makes of them."""

from __future__ import annotations

import re

import pytest

from kindvoice.engines import kokoro
from kindvoice.script.sentences import split_sentences
from kindvoice.speech.spelling import spell_out

ALIKE = """
    You can always say no. | You can always say know!
    It is a very quiet no. | It is a very quiet know!
    “No,” you say. “No.” | No, you say. No!
    I count the yeses and the nos. | I count the yeses and the noes!
    Feel the Sun. | Feel the son!
    It was Sunday. We Sat. | It was Sunday. We sat!
    Eat a fig. Then another Fig. | Eat a fig! Then another fig!
    This is Jan. | This is Jann!
    Phys ed. | Phys Ed!
    Gen Z rests. | Jen Zee rests!
    For my part I rest. | For my part eye rest.
    At some level I know. | At some level eye know.
    Section C, or a class C. | Section see, or a class see.
    Peter Levine and Christian Love, Mark Coleman. | Peter, Levine and Christian, Love, Mark, Coleman.
    The book I've read, a part I'd keep, and Chapter Love. | The book, I've read, a part, I'd keep, and Chapter, Love.
    Henry VIII, King Louis IX. | Henry the eighth, King Louis the ninth.
    Part I of the book. Part I. | Part one of the book. Part one.
    Chapter IV, World War I ended. | Chapter four, World War one ended.
    You are ALLOWED to rest. | You are allowed to rest.
    ALL BODIES ARE HERE | all bodies are here
    Your BREATHS can be SLOW. | Your breaths can be slow.
    the “bathetic” one, or "bathetic" | the bathetic one, or bathetic
    an analogous… | an analogous!
    See No. 5 now, fig. 3, vol. 2. | See number five now, figure three, volume two.
    See p. 4, and pp. 4-5. | See page four, and pages four to five.
    Take step no. 6 and rest. | Take step number six and rest.
    Dr. Smith, Mr. Roe, St. Francis on Main St. | Doctor Smith, Mister Roe, Saint Francis on Main Street.
    Mt. Everest, Rev. Lee, Prof. Kim. | Mount Everest, Reverend Lee, Professor Kim.
    Rate it 8/10, or 10/10, or 1/2. | Rate it eight out of ten, or ten out of ten, or one half.
    """
"""A text | what sounds the same, in words that no reader changes; a mark or a stress may differ."""


def heard(text: str, language: str = "en") -> str:
    """Its sounds, sentence by sentence as a script's are spoken, without marks and stress."""
    said = " ".join(
        kokoro.read(spell_out(sentence, language), language) for sentence in split_sentences(text)
    )
    return " ".join(re.sub(r"[ˈˌ.,!;:—…“”]", "", said).split())


def rows(table: str) -> list[tuple[str, ...]]:
    return [tuple(part.strip() for part in line.split("|")) for line in table.strip().splitlines()]


@pytest.mark.parametrize(("text", "plain"), rows(ALIKE))
def test_a_word_is_read_as_it_stands(text: str, plain: str) -> None:
    assert heard(text) == heard(plain)


SOUNDS = """
    You may be bored, or restless, or content, or close to sleep. | kəntˈɛnt | klˈOs
    May I be calm, content, and at ease. | kəntˈɛnt
    Be content with what is here. | kəntˈɛnt
    Look at the content of a thought. | kˈɑntɛnt
    Close your eyes, or close one hand around the other. | klˈOz jʊɹ | klˈOz wˈʌn
    Sit close to the window. | klˈOs
    Wisdom, and kindness, lives in you. | lˈɪvz
    We bring it into our lives. | lˈIvz
    You are used to holding it. | jˈust
    A stone is used to hold the door. | jˈuzd
    Just as I am. | æm
    The letter ends with, may I. | ˈI.
    They live in the U.S. | ˈɛs.
    """
"""A text | what is heard in it"""


@pytest.mark.parametrize("row", rows(SOUNDS))
def test_words_of_two_readings(row: tuple[str, ...]) -> None:
    said = kokoro.read(row[0], "en")
    assert [sound for sound in row[1:] if sound not in said] == [], said
