"""A participant's phrases, from the command line, the front matter and files."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from make import read_script
from script.seen import drawn, read, refused

from kindvoice.model import Words
from kindvoice.paths import data_folder
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
        ("p.txt", "- May I be safe\n2. May I rest\n• A\n-May\n", ["May I be safe.", "May I rest.", "A.", "-May."]),
        ("p.txt", "May I be safe. May I be well.\n", ["May I be safe.", "May I be well."]),
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
    assert refused(read, tmp_path, good.replace(", together: May we rest", ""), strict=True).startswith(
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
    assert refused(read, tmp_path, text, phrases=phrases, strict=True).startswith(
        "a.md:2: the phrase 'May my heart rest.' has no"
    )


# ---------------------------------------------------------------- where no form is sure

OWN = """---
language: {language}
phrases:
  - {{self: One, other: One for you, together: One for both}}
  - {{self: Two, other: Two for you, together: Two for both}}
  - {{self: Three, other: Three for you, together: Three for both}}
---
{{% set wishes = (phrases | list) * (3 if phrases | length == 1 else 2 if phrases | length == 2 else 1) %}}
"""
ROUND = "{{% for wish in wishes %}}{{{{ wish{form} }}}}\n{{% endfor %}}\n"


def rounds(tmp_path, form, wishes, language="en", times=1, own=OWN):
    """What is heard in each round."""
    text = own.format(language=language) + "\n[bell]\n\n".join([ROUND.format(form=form)] * times)
    script = read(tmp_path, text, phrases=[make_phrase(wish, language) for wish in wishes])
    heard = [part.replace("'", "").split(". ") for part in drawn(script.cues).split(" / [bell] / ")]
    return [[line.strip(" ./") for line in each] for each in heard], script.stand_ins


UNSURE = ("What if all is well with me?", "Help me", "I wonder", "I breathe", "I am")


@pytest.mark.parametrize(
    ("wishes", "heard"),
    [
        (UNSURE[1:2], ["One for you", "Two for you", "Three for you"]),
        (UNSURE[1:3], ["One for you", "Two for you", "Three for you", "May you be safe"]),
        (UNSURE[1:4], ["One for you", "Two for you", "Three for you"]),
        (("May I rest", "Help me", "May I sleep"), ["May you rest", "Two for you", "May you sleep"]),
        (("Two for you", "Help me", "I wonder"), ["Two for you", "Three for you", "One for you"]),
        (UNSURE[1:5], ["One for you", "Two for you", "Three for you", "May you be safe"]),
    ],
)
def test_where_nothing_is_sure_the_scripts_own_wishes_are_heard(tmp_path, wishes, heard):
    found, stand_ins = rounds(tmp_path, ".other", wishes, times=3)
    assert found == [heard] * 3, "the same in every round"
    assert {each.spoken for each in stand_ins} == {"script"}
    alone, none = rounds(tmp_path, "", wishes)
    assert [line.rstrip(".") for line in alone[0]][: len(wishes)] == [wish.rstrip(".") for wish in wishes]
    assert none == (), "what is not asked for is not told"


def test_for_both_it_is_said_for_the_other_and_then_for_oneself(tmp_path):
    (heard,), (told,) = rounds(
        tmp_path, ".together", ["May I be gentle with my tired heart", "May I rest", "May I be"]
    )
    assert heard == [
        "May you be gentle with your tired heart", "May I be gentle with my tired heart", "May you and I rest",
        "May you and I be",
    ]  # fmt: skip
    assert (told.number, told.form, told.spoken, dict(told.forms)["other"]) == (
        1, "together", "both", "May you be gentle with your tired heart.",
    )  # fmt: skip
    (once,), _ = rounds(tmp_path, ".together", ["You are loved", "May I rest", "May I be"])
    assert once[0] == "You are loved" and once[1] == "May you and I rest"


def test_in_a_language_without_a_book_a_wish_is_heard_as_it_is(tmp_path):
    own = "---\nlanguage: {language}\n---\n{{% set wishes = phrases %}}\n"
    (heard,), (told,) = rounds(tmp_path, ".other", ["Må eg kvile"], language="nn", own=own)
    assert heard == ["Må eg kvile"] and told.spoken == "self"


def test_words_that_stand_in_are_data_like_any_others(tmp_path):
    own = OWN.replace("One for you", '"One <b> {{{{ 7*7 }}}}"')
    (heard,), _ = rounds(tmp_path, ".other", ["I {{ 7*7 }} [bell]"], own=own)
    assert heard[0] == "One <b> {{ 7*7 }}"


@pytest.mark.slow
@pytest.mark.parametrize("table", sorted((Path(__file__).parents[1] / "data/wishes").glob("*.txt")),
                         ids=lambda path: path.stem)  # fmt: skip
def test_no_wish_is_refused_in_any_practice_of_any_language(table):
    rows = table.read_text("utf-8").splitlines()[::20]
    wishes = [make_phrase(row.split(" | ")[0], table.stem) for row in rows]
    paths = sorted((data_folder("scripts_library") / table.stem).glob("*.md"))
    for number, path in enumerate(p for p in paths if "phrases:" in p.read_text("utf-8")):
        # every practice hears a part of them, every wish is heard in some practices
        for at in range(8 * (number % 3), len(wishes), 24):
            chosen = wishes[at : at + 8]
            script = read_script(path, length_ms=45 * 60_000, phrases=chosen)
            spoken = " ".join(cue.text for cue in script.cues if isinstance(cue, Words))
            assert all(str(wish).removesuffix(".") in spoken for wish in chosen if "*" not in wish)
            lines = [line for each in script.stand_ins if each.spoken == "script" for line in each.lines]
            assert not set(lines) & {str(wish) for wish in chosen}
