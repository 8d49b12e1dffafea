"""A participant's own words are marked where a template puts them in, and nothing that is shown to others has them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hostile import HOSTILE
from make import make_request, read_script

from kindvoice.errors import HIDDEN, KindvoiceError, ScriptError, VoiceError, quoted, redacted, revealed
from kindvoice.jobs.items import Item
from kindvoice.jobs.one import ItemTask, public_message
from kindvoice.model import Chapter, Say
from kindvoice.script import make_phrase
from kindvoice.settings import Settings
from kindvoice.timing.resolve import make_timeline

GRACE = """---
title: Grace
---
# For {{ name }}
There is grace in this. May I be still, and you be still.
Dear {{ name | upper }}, rest. {{ name[:2] }} {{ "so " ~ phrases[0] }}

{% for phrase in phrases %}
- {{ phrase }} And now {{ phrase.other }} [pause 4s]
{% endfor %}
{% set greeting %}Hello {{ name }}, hello grace.{% endset %}
{{ greeting }}
{% macro twice(word) %}{{ word }}, be still, {{ word.lower() }}.{% endmacro %}
{{ twice(name) }} {% if name == "Grace" %}Grace is here.{% endif %}
"""


def test_her_own_words_are_marked_and_the_authors_are_not(tmp_path):
    path = tmp_path / "grace.md"
    path.write_text(GRACE)
    script = read_script(path, phrases=[make_phrase("May I be still", "en")], values={"name": "Grace"})
    marked = [
        f"{'# ' if isinstance(cue, Chapter) else ''}{redacted(quoted(text, cue.own))[1:-1]}"
        for cue in script.cues
        if (text := getattr(cue, "text", "") or getattr(cue, "title", ""))
    ]
    assert marked == [
        f"# For {HIDDEN}",
        "There is grace in this.",
        "May I be still, and you be still.",
        f"Dear {HIDDEN}, rest.",
        f"{HIDDEN} {HIDDEN}",
        HIDDEN,
        f"And now {HIDDEN}",
        f"Hello {HIDDEN}, hello grace.",
        f"{HIDDEN}, be still, {HIDDEN}.",
        "Grace is here.",
    ]
    lines = [item for item in make_timeline(script).items if isinstance(item, Say)]
    assert [bool(line.own) for line in lines] == [HIDDEN in text for text in marked[1:]]


def test_a_script_s_own_phrases_are_the_authors(tmp_path):
    path = tmp_path / "own.md"
    path.write_text(
        '---\nphrases: ["May I rest."]\n---\n{% for p in phrases %}{{ p }} {{ p.other }}{% endfor %}'
    )
    assert not any(getattr(cue, "own", ()) for cue in read_script(path).cues)


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_phrase_holds_all_of_it_is_marked(tmp_path, text):
    path = tmp_path / "own.md"
    path.write_text("Before it. [pause 1s]\n{{ phrases[0] }}\n[pause 1s] After it.")
    try:
        phrase = make_phrase(text, "en")
    except ScriptError:
        return
    cues = [cue for cue in read_script(path, phrases=[phrase]).cues if getattr(cue, "text", "")]
    assert [(cue.text, cue.own) for cue in (cues[0], cues[-1])] == [("Before it.", ()), ("After it.", ())]
    for cue in cues[1:-1]:
        assert redacted(quoted(cue.text, cue.own)) == f"'{HIDDEN}'"


def test_an_error_tells_its_author_all_and_everybody_else_nothing_private():
    error = VoiceError(f"no sound for {quoted('Dear Zoë, rest.', ((5, 8),))}", cure="write it in words")
    assert str(error) == "no sound for 'Dear Zoë, rest.'\n  write it in words"
    assert error.what == "no sound for 'Dear Zoë, rest.'"
    assert public_message(error) == f"no sound for 'Dear {HIDDEN}, rest.'\n  write it in words"
    assert public_message(error.told_as(KindvoiceError)) == public_message(error)
    assert public_message(KeyError("Zoë")) == "bug: KeyError\n  building this item alone tells more"
    assert revealed(redacted("nothing private")) == "nothing private"


def test_a_task_shows_nothing_to_a_scheduler():
    request = make_request(Path("/plans/kind.md"), Path("/out"), phrases=(make_phrase("May I stop", "en"),))
    task = ItemTask(
        Item(id="p7/01", request=request, participant="p7"), Settings(cache=Path("/c"), takes=Path("/t")), "r"
    )
    assert repr(task) == str(task) == "ItemTask('p7/01')"
    assert repr(replace(task, verify=True)) == "ItemTask('p7/01')"
