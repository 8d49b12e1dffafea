"""A participant's phrases, from the command line, the front matter and files."""

from __future__ import annotations

import pickle

import pytest
from script.seen import drawn, read, refused

from kindvoice.script import make_phrase, read_phrases


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("May I be safe", "May I be safe."),
        ("  May I\n be\tsafe ", "May I be safe."),
        ("May I be safe!", "May I be safe!"),
        ("May I be safe,", "May I be safe,"),
        ("May I be “safe”", "May I be “safe”"),
        ("愿我平安。", "愿我平安。"),
        ("# x", "# x."),
        ("[bell]", "[bell]."),
        ("{{ 7*7 }}", "{{ 7*7 }}."),
        ("a\udcffb\u202e", "ab."),
        ("1", "1."),
    ],
)
def test_one_line_that_comes_to_rest(written, spoken):
    assert make_phrase(written, "en") == spoken


def test_forms_that_are_written_stand_before_the_rule():
    phrase = make_phrase("May I be safe", "en", {"other": "Mayst thou be safe"})
    assert phrase.forms() == {
        "self": "May I be safe.", "other": "Mayst thou be safe.", "together": "May you and I be safe.",
    }  # fmt: skip
    assert pickle.loads(pickle.dumps(phrase)).other == "Mayst thou be safe."


def written(tmp_path, text, name="p.txt", language="en"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_phrases(path, language)


@pytest.mark.parametrize(
    ("name", "text", "phrases"),
    [
        ("p.txt", "# mine\n\nMay I be safe\r\n  May I rest.\n", ["May I be safe.", "May I rest."]),
        ("p.txt", "- May I be safe\n* May I rest\n• A\n-May\n", ["May I be safe.", "May I rest.", "A.", "-May."]),
        ("p.md", "[bell]\n{{ 7*7 }}\n---x", ["[bell].", "{{ 7*7 }}.", "---x."]),
        ("p", "May I be safe".encode("utf-16"), ["May I be safe."]),
        ("p.yaml", "- May I be safe\n- self: May I rest\n", ["May I be safe.", "May I rest."]),
        ("p.YML", "phrases: [May I be safe, 'No: really']\n", ["May I be safe.", "No: really."]),
        ("p.yaml", "phrases: May I be safe", ["May I be safe."]),
        ("p.yaml", "phrases: |\n  May I be safe\n\n  May I rest\n", ["May I be safe.", "May I rest."]),
    ],
)  # fmt: skip
def test_a_phrases_file(tmp_path, name, text, phrases):
    assert list(written(tmp_path, text, name)) == phrases


def test_forms_in_a_file(tmp_path):
    text = "phrases:\n  - self: Niech żyję w pokoju\n    other: Niech żyjesz w pokoju\n  - Niech odpocznę\n"
    first, second = written(tmp_path, text, "p.yaml", "pl")
    assert first.other == "Niech żyjesz w pokoju."
    assert refused(lambda: first.together).startswith(
        "p.yaml:2: the phrase 'Niech żyję w pokoju.' has no sure form"
    )
    assert refused(lambda: second.other).startswith("p.yaml:4: ")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("p.txt", "", "p.txt: the phrases file holds no phrase"),
        ("p.txt", "# only\n\n", "p.txt: the phrases file holds no phrase"),
        ("p.txt", "May I be safe\n...\n", "p.txt:2: a phrase is empty"),
        ("p.txt", "May I be safe\n-\n", "p.txt:2: a phrase is empty"),
        ("p.txt", b"PK\x03\x04", "p.txt: this is a word processor's file or a zip archive, not plain text"),
        ("p.txt", b"a\n\xff", "p.txt:2: the file is not UTF-8 text"),
        ("p.yaml", "", "p.yaml: `phrases` wants a list of wishes"),
        ("p.yaml", "a: b", "p.yaml: `phrases` wants a list of wishes"),
        ("p.yaml", "a: b\nphrases: []", "p.yaml:2: `phrases` wants a list of wishes"),
        ("p.yaml", "phrases: 5", "p.yaml:1: `phrases` wants a list of wishes"),
        ("p.yaml", "- a\n- 5\n", "p.yaml:2: a phrase is neither a text nor a table of its forms"),
        (
            "p.yaml",
            "- a\n- May I be: kind\n",
            "p.yaml:2: a phrase is neither a text nor a table of its forms",
        ),
        ("p.yaml", "- a\n- other: b\n", "p.yaml:2: a phrase is neither a text nor a table of its forms"),
        ("p.yaml", "- {self: a, they: b}\n", "p.yaml:1: a phrase is neither a text nor a table of its forms"),
        ("p.yaml", "- self: a\n  other:\n", "p.yaml:2: the form 'other' of a phrase is not a text"),
        ("p.yaml", "- self: a\n\n  together: 5\n", "p.yaml:3: the form 'together' of a phrase is not a text"),
        ("p.yaml", "- a\n- ''\n", "p.yaml:2: a phrase is empty"),
        ("p.yaml", "- 'a\n", "p.yaml:2: the phrases file is not YAML"),
        ("p.yaml", "- &x a\n- *x\n", "p.yaml:2: the phrases file is not YAML"),
    ],
)
def test_what_a_phrases_file_may_not_hold(tmp_path, name, text, message):
    assert refused(written, tmp_path, text, name).startswith(message)


def test_phrases_in_the_front_matter(tmp_path):
    body = "---\n{% for p in phrases %}{{ p }} {{ p.other }} {{ p.together }} [pause]{% endfor %}"
    good = "---\nphrases:\n  - May I be safe\n  - {self: May my heart rest, together: May we rest}\n" + body
    assert drawn(read(tmp_path, good).cues) == (
        "'May I be safe.' 'May you be safe.' 'May you and I be safe.' [pause] "
        "'May my heart rest.' 'May your heart rest.' 'May we rest.' [pause]"
    )
    assert refused(read, tmp_path, good.replace(", together: May we rest", "")).startswith(
        "a.md:4: the phrase 'May my heart rest.' has no sure form for 'together'"
    )
    assert refused(read, tmp_path, "---\ntitle: x\nphrases: {a: b}\n" + body).startswith(
        "a.md:3: `phrases` wants a list of wishes"
    )
    empty = '---\ntitle: x\nphrases: [a,\n  ""]\n'
    assert refused(read, tmp_path, empty + body).startswith("a.md:4: a phrase is empty")


def test_a_missing_form_of_a_phrase_from_outside_is_asked_for_where_the_script_wants_it(tmp_path):
    text = "One.\n{{ phrases[0].together }}"
    phrases = [make_phrase("May my heart rest", "en")]
    assert refused(read, tmp_path, text, phrases=phrases).startswith(
        "a.md:2: the phrase 'May my heart rest.' has no"
    )
