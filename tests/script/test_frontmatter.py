from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from script.seen import drawn, read, refused

from kindvoice.model import Glue, Style
from kindvoice.script.frontmatter import parse_language, parse_length, split


def values(yaml: str) -> dict:
    front = split(f"---\n{yaml}\n---\nOne.", "a.md")
    front.faults.raise_any()
    return front.values


@pytest.mark.parametrize(
    ("yaml", "key", "value"),
    [
        ("title: Loving-Kindness", "title", "Loving-Kindness"),
        ('title: "A: B"', "title", "A: B"),
        ("title: A: B", "title", "A: B"),
        ("title: 1984", "title", "1984"),
        ("title: No", "title", "No"),
        ("title: 2024-05-06", "title", "2024-05-06"),
        ("title: >\n  folded\n  text", "title", "folded text"),
        ("length: 20m", "length", 1_200_000),
        ("length: 15", "length", 900_000),
        ("length: 08", "length", 480_000),
        ("length: 7.5", "length", 450_000),
        ("length: 20:00", "length", 1_200_000),
        ("length: 1:30:00", "length", 5_400_000),
        ("length: 1 hour 30 minutes", "length", 5_400_000),
        ("length: 24h", "length", 86_400_000),
        ("language: no", "language", "no"),
        ("language: pt_br", "language", "pt-BR"),
        ("language: PT-br", "language", "pt-BR"),
        ("language: zh_hans_cn", "language", "zh-Hans-CN"),
        ("language: es-419", "language", "es-419"),
        ("values: {place: garden, n: 3, yes: no, ok: true, half: 0.5}", "values",
         {"place": "garden", "n": 3, "yes": "no", "ok": True, "half": 0.5}),
        ("phrases: [May I be safe.]", "phrases", ["May I be safe."]),
        ("# a comment\n\nauthor: Ana", "author", "Ana"),
        ("style: {sentence: 2s, long: 30, stretch: 4, shrink: 0.25}", "style",
         Style(sentence=Glue(natural_ms=2_000, min_ms=1_333, max_ms=4_000), long_ms=30_000, stretch=4.0, shrink=0.25)),
        ("style: {paragraph: 0}", "style", Style(paragraph=Glue(natural_ms=0, min_ms=0, max_ms=0))),
    ],
)  # fmt: skip
def test_what_it_may_say(yaml, key, value, monkeypatch):
    assert values(yaml) == {key: value}
    monkeypatch.setattr("yaml.__with_libyaml__", False)
    assert values(yaml) == {key: value}


@pytest.mark.parametrize("yaml", ["", "# nothing", "voice:", "title: ~\nlength: null"])
def test_nothing_said_is_nothing_given(yaml):
    assert values(yaml) == {}


@pytest.mark.parametrize(
    ("yaml", "line", "what", "cure"),
    [
        ("titel: x", 2, "the front matter has no 'titel'", "did you mean `title:`?"),
        ("values:\n  lenght: y\nlenght: 20m", 4, "has no 'lenght'", "did you mean `length:`?"),
        ("title: a\n\ntitle: b", 4, "'title' is given twice", "keep one of the two"),
        ("values:\n  a: 1\n  a: 2", 4, "'a' is given twice", "keep one of the two"),
        ("title: [a]", 2, "`title` in the front matter: wants a text", ""),
        ("title: {a: b}", 2, "wants a text", ""),
        ("title: true", 2, "wants a text", ""),
        ('title: "  "', 2, "wants a text", ""),
        ("title: 'a", 3, "is not YAML", "quotes"),
        ("\ttitle: x", 2, "is not YAML", "in place of the tab"),
        ("values:\n\tplace: x", 3, "is not YAML", "in place of the tab"),
        ("title: x\n- a", 3, "is not YAML", ""),
        ("- a\n- b", 2, "not a table of names and values", "title: Loving-Kindness"),
        ("just a line", 2, "not a table of names and values", "***"),
        ("length: 0", 2, "is too short", ""),
        ("length: -5m", 2, "is not a length", ""),
        ("length: 30h", 2, "is too long", ""),
        ("length: soon", 2, "is not a length; write 20m, 12m30s or 12:30", ""),
        ("length: [20m]", 2, "is not a length", ""),
        ("length: 9999999999999999999999", 2, "is not a length", ""),
        ("language: Klingonish", 2, "'Klingonish' is not a language; write en, de or pt-BR", ""),
        ("language: false", 2, "wants a text", ""),
        ("values: [a]", 2, "wants a table", ""),
        ("values: {1: a}", 2, "wants a table", ""),
        ("values: {my place: a}", 2, "'my place' is no name that a template can use", ""),
        ("values: {minutes: 5}", 2, "'minutes' comes from kindvoice itself", ""),
        ("style: {sentense: 1s}", 2, "has no 'sentense'; did you mean 'sentence'?", ""),
        ("style: {sentence: soon}", 2, "is not a length of time", ""),
        ("style: {shrink: 2}", 2, "shrink is a number from 0 to 1", ""),
        ("style: {stretch: lots}", 2, "stretch is a number from 1 to 10", ""),
        ("style: {stretch: .nan}", 2, "stretch is a number from 1 to 10", ""),
        ("title: *x", 2, "cannot refer to another with *", "quotes"),
        ("values: &x {a: *x}", 2, "cannot refer to another with *", ""),
        ("title: !!python/object:os.system x", 2, "is not YAML", ""),
        ("title: !!binary aGk=", 2, "is not YAML", ""),
        ("? [a]\n: b", 2, "a name is a word", ""),
        ("title: " + "[" * 5_000, 2, "nested too deeply", ""),
        ("- " * 5_000, 2, "nested too deeply", ""),
        ("title: " + "x" * 250_000, 2, "is too long", ""),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_it_may_not_say(yaml, line, what, cure):
    first, _, rest = refused(values, yaml).partition("\n")
    assert first.startswith(f"a.md:{line}: ")
    assert what in first
    assert cure in rest


def test_a_bomb_of_aliases_does_not_go_off():
    rows = ["a0: [lol, lol]"] + [f"a{i}: [*a{i - 1}, *a{i - 1}]" for i in range(1, 60)]
    bomb = "values:\n" + "\n".join(
        f"  {row.replace(': ', ': &' + row.split(':')[0] + ' ', 1)}" for row in rows
    )
    tracemalloc.start()
    try:
        assert refused(values, bomb).startswith("a.md:4: ")
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("text", "cues"),
    [
        ("One.\n---\nTwo.", "'One.' / 'Two.'"),
        ("One.\n\n---\ntitle: x\n---\n", "'One.'"),
        ("***\nOne.", "'One.'"),
        ("---\nOne. Two", "'One.' 'Two'"),
        ("\n \n---\ntitle: x\n---\nOne.", "'One.'"),
        ("---\ntitle: x\n...\nOne.", "'One.'"),
        ("---  \ntitle: x\n---  \nOne.", "'One.'"),
        ("---\n---\nOne.", "'One.'"),
    ],
)
def test_where_it_begins_and_ends(tmp_path, text, cues):
    assert drawn(read(tmp_path, text).cues) == cues


@pytest.mark.parametrize(
    "text", ["---\ntitle: x\n", "---\n# why\n\n  title : x\nOne.", "---\r\ntitle: x\r\nOne."]
)
def test_front_matter_that_is_not_closed(tmp_path, text):
    assert (
        refused(read, tmp_path, text) == "a.md:1: the front matter is not closed\n  end it with a line of ---"
    )


def test_nothing_of_the_front_matter_is_spoken_and_all_of_it_is_used(tmp_path):
    text = (
        "---\r\ntitle: The  Title\r\npractice: rest\r\nlanguage: de\r\nvoice: v\r\nbed: rain\r\npreset: sleep\r\n"
        "author: Ana\r\nabout: words\r\nstyle: {long: 9s}\r\nvalues: {a: Eins}\r\n---\r\n"
        "{{ a }}. {{ title }}. {{ practice|title }}.\r\n"
    )
    script = read(tmp_path, text)
    assert drawn(script.cues) == "'Eins.' 'The Title.' 'Rest.'"
    assert (script.title, script.practice, script.language, script.voice, script.bed, script.preset, script.author) == (
        "The Title", "rest", "de", "v", "rain", "sleep", "Ana",
    )  # fmt: skip
    assert script.style.long_ms == 9_000
    assert script.length_ms is None


def test_what_was_asked_for_stands_before_the_front_matter(tmp_path):
    text = "---\nlength: 10m\nlanguage: en\nphrases: [No.]\nvalues: {a: x}\n---\n{{ minutes }} {{ a }} {{ phrases[0] }}"
    from kindvoice.script import make_phrase

    phrases = [make_phrase("Ja", "de")]
    script = read(tmp_path, text, length_ms=750_000, language="de", phrases=phrases, values={"a": "y"})
    assert drawn(script.cues) == "'12.5 y Ja.'"
    assert (script.length_ms, script.language) == (750_000, "de")


def test_a_script_that_says_nothing_about_itself(tmp_path):
    script = read(tmp_path, "One.", name="loving-kindness_for two.md")
    assert (script.title, script.practice, script.language) == (
        "Loving kindness for two", "loving-kindness_for two", "en",
    )  # fmt: skip


@given(
    st.one_of(
        st.text(max_size=20), st.integers(), st.floats(), st.none(), st.lists(st.integers(), max_size=2)
    )
)
@settings(deadline=None)
def test_lengths_and_languages_are_read_or_refused(value):
    for reader, check in ((parse_length, lambda ms: 1_000 <= ms <= 86_400_000), (parse_language, str)):
        try:
            assert check(reader(value))
        except ValueError as error:
            assert str(error)
