"""No message holds a participant's words, however it quotes them."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hostile import HOSTILE
from hypothesis import given
from hypothesis import strategies as st

from kindvoice.build.recording import Job
from kindvoice.errors import ScriptError
from kindvoice.jobs.items import Item
from kindvoice.jobs.one import Task
from kindvoice.jobs.private import clean
from kindvoice.model import StandIn
from kindvoice.script import make_phrase
from kindvoice.settings import Settings
from kindvoice.speech.notes import wish_notes


def an_item(*phrases: str, **values: object) -> Item:
    job = Job(
        script=Path("/plans/kind.md"), output=Path("/out"), voice="heart", preset="podcast",
        phrases=tuple(make_phrase(text, "en") for text in phrases), values=tuple(values.items()),
    )  # fmt: skip
    return Item(id="p7/01", job=job, participant="p7")


MESSAGES = (
    "the voice 'heart' gives no sound for {0!r}", "hibari failed twice on {1!r}: it ended", "{0}", "x{0}y",
    'write it: `- {{self: "{0}", other: "..."}}`', "KeyError: {2}", "/plans/kind.md:3: {0}\n  say {0} again",
)  # fmt: skip
PLAIN = "the disk of /out is full: about 34 MB are needed\n  free some space (`kindvoice cache prune` helps)"


@pytest.mark.parametrize("message", MESSAGES)
@given(
    st.lists(
        st.text("abcdefghijklmnopqrstuvwxyzäéß", min_size=3, max_size=12), min_size=2, max_size=12
    ).filter(lambda words: len("".join(words)) > 12)
)
def test_a_phrase_is_in_no_message(message, words):
    text = " ".join(words)
    told = message.format(text, textwrap.shorten(text, 57), ascii(text))
    cleaned = clean(told, an_item(text))
    assert text not in cleaned
    assert "".join(words) not in "".join(cleaned.split())
    for pair in pairwise(words):
        assert " ".join(pair) not in cleaned


@pytest.mark.parametrize("text", [text for text in HOSTILE if sum(c.isalnum() for c in text) > 5])
def test_hostile_phrases_too(text):
    try:
        item = an_item(text)
    except ScriptError:
        return
    phrase = str(item.job.phrases[0])
    for message in MESSAGES:
        cleaned = clean(message.format(phrase, phrase[:57] + "...", ascii(phrase)), item)
        assert phrase.rstrip(".") not in cleaned
        assert all(c.isprintable() or c == "\n" for c in cleaned)


@pytest.mark.parametrize(
    "text", ["May I carry Zebulon's lamp", 'Zebulon said "rest"', "Zebulon", "I'm Zebulon"]
)
def test_the_note_of_a_wish_without_sure_forms_keeps_what_was_done(text):
    item = an_item(text)
    (phrase,) = item.job.phrases
    told = [StandIn(number=1, forms=tuple(phrase.forms().items()), form="together", spoken="both")]
    (note,) = (clean(note, item) for note in wish_notes(told))
    assert "Zebulon" not in note and phrase not in note
    assert note.startswith("phrase 1, ") and "for the other and then for oneself" in note


def test_names_and_values_go_and_what_helps_stays():
    item = an_item("May I stop drinking", name="Zoë", place="Ulm on the Danube", age=34, ready=True)
    assert clean("Dear ZOË, welcome", item) == "Dear ‹their words›, welcome"
    assert clean("near 'the danube'", item) == "near ‹their words›"
    assert clean(PLAIN, item) == PLAIN
    message = "there is no voice 'heart'; known presets: 'podcast'"
    assert clean(message, item) == message
    assert clean("I don't stop it; it's the item's fault", item) == "I don't stop it; it's the item's fault"


def test_words_that_are_spelled_out_are_withheld():
    assert "drinking" not in clean(
        "s-t-o-p: m a y i s t o p d r i n k i n g .", an_item("May I stop drinking")
    )
    assert "participant's words" in clean("mayistopdrinking", an_item("May I stop drinking"))


def test_a_task_shows_nothing_to_a_scheduler():
    item = an_item("May I stop drinking")
    task = Task(item, Settings(cache=Path("/c"), takes=Path("/t")), "r")
    assert repr(task) == str(task) == "Task('p7/01')"
    assert repr(replace(task, verify=True)) == "Task('p7/01')"
