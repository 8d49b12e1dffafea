"""Lines that speak to whoever reads a script aloud, and such as are near to them and are for the listener."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from script.seen import drawn

from kindvoice.script.literal import line_mark
from kindvoice.script.parse import parse

LANGUAGES = yaml.safe_load((Path(__file__).parents[1] / "data" / "reader.yaml").read_text(encoding="utf-8"))
LONG = "Spüre deinen Atem, wie er kommt und wie er geht, so wie er es gerade mag."
PLACES = {"above": 0, "between": 1, "below": 3}


def said(language: str, body: list[str], line: str, place: str) -> str:
    paragraphs = [*body]
    paragraphs.insert(PLACES[place], line)
    return drawn(parse(line_mark(1) + "\n\n".join(paragraphs), "a.md", language).cues)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_for_the_reader_is_not_spoken(language):
    body, lines = LANGUAGES[language]["body"], LANGUAGES[language]["reader"]
    alone = drawn(parse(line_mark(1) + "\n\n".join(body), "a.md", language).cues)
    heard = [line for place in lines for line in lines[place] if said(language, body, line, place) != alone]
    assert heard == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_for_the_listener_is_spoken_wherever_it_stands(language):
    body = LANGUAGES[language]["body"]
    for line in LANGUAGES[language]["listener"]:
        for place, at in PLACES.items():
            heard = re.sub(r"[' ]", "", said(language, body, line, place))
            wanted = "/".join([*body[:at], line, *body[at:]])
            assert heard == re.sub(r"[' ]", "", wanted), place


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "TranscriptWelcome to this practice. Sit down.", "'Welcome to this practice.' 'Sit down.'"),
        (
            "en",
            "**Feet:** Feel your feet on the floor.\n\n**Hands and arms:** Let them hang.\n\n**In:** I am here, now.",
            "'Feel your feet on the floor.' / 'Let them hang.' / 'In: I am here, now.'",
        ),
        ("en", "**Feet:** Feel your feet on the floor.", "'Feet: Feel your feet on the floor.'"),
        ("en", "Sit down.\n\n1. Breathe in.\n2. Repeat 5 times.",
         "'Sit down.' / '1. Breathe in.' / '2. Repeat 5 times.'"),
        ("es", "Para: todos\nNivel: fácil\nMomento: la noche\n\nSiéntate aquí.", "'Siéntate aquí.'"),
        ("en", "Level: easy\nPlace: at home\n\nSit down here.", "'Sit down here.'"),
        ("nl", "Bel 113.\n\nGa zitten.", "'Bel 113.' / 'Ga zitten.'"),
        ("it", "VOCE: Respira.\nVOCE: Ascolta la pioggia.", "'Respira.' 'Ascolta la pioggia.'"),
        ("en", "Sit down. [pause 5s]\n\nRest here.", "'Sit down.' [pause 5s] / 'Rest here.'"),
        ("en", "Place: at home\n\nSit down here.", "'Place: at home' / 'Sit down here.'"),
        ("en", "Here: sit down\nNow: breathe\nThen: rest\n\nSit down.",
         "'Here: sit down' 'Now: breathe' 'Then: rest' / 'Sit down.'"),
        ("de", f"Der Abend\n\n{LONG}\n\nIm Raum\n\n{LONG} {LONG} {LONG}\n\nDie Hände\n\n{LONG} {LONG} {LONG}",
         f"'{LONG}' / #Im Raum '{LONG}' '{LONG}' '{LONG}' / #Die Hände '{LONG}' '{LONG}' '{LONG}'"),
        ("de", f"Ich bin genug\n\n{LONG}\n\nAlles ist gut\n\n{LONG}",
         f"'Ich bin genug' / '{LONG}' / 'Alles ist gut' / '{LONG}'"),
    ],
)  # fmt: skip
def test_what_the_shape_of_lines_tells(language, text, spoken):
    assert drawn(parse(line_mark(1) + text, "a.md", language).cues) == spoken
