"""What a template can do, what it cannot, and what is said when it fails."""

from __future__ import annotations

import tracemalloc

import pytest
from script.seen import drawn, parsed, read, refused

from kindvoice.errors import ScriptError
from kindvoice.script import make_phrase
from kindvoice.script.literal import split_marks
from kindvoice.script.template import expand

PHRASES = (make_phrase("May I be safe", "en"), make_phrase("May my heart rest", "en"))


def expanded(text: str, **values: object) -> str:
    scope = {"phrases": PHRASES, "minutes": 15, "place": "garden", "table": {"a_b": 1}}
    return split_marks(expand(text, scope | values, "a.md"))[0]


def message(text: str, **values: object) -> str:
    return refused(expanded, text, **values)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{% for p in phrases %}\n{{ p }} {{ p.other }}\n{% endfor %}\n",
         "May I be safe. May you be safe.\nMay my heart rest. May your heart rest.\n"),
        ("{{ phrases[0].self }} {{ phrases[0].together }}", "May I be safe. May you and I be safe."),
        ("{{ phrases|map(attribute='other')|join(' ') }}", "May you be safe. May your heart rest."),
        ("{% for p in phrases[:1] * 2 %}{{ loop.index }}{{ loop.last }}{% endfor %}", None),
        ("{% for p in phrases * 2 %}{{ loop.index }}/{{ loop.length }} {% endfor %}", "1/4 2/4 3/4 4/4 "),
        ("{% if minutes >= 15 %}long{% else %}short{% endif %}", "long"),
        ("{{ minutes / 3 }} {{ minutes / 2 }} {{ (minutes / 4)|round|int }} {{ -minutes }}", "5 7.5 4 -15"),
        ("{{ nobody|default('us') }} {{ 'yes' if nobody is defined else 'no' }}", "us no"),
        ("{{ 'a b'|title ~ '!' }} {{ place.upper() }} {{ ' x '|trim }} {{ place|length }}", "A B! GARDEN x 6"),
        ("{{ '-7'|int + 1 }} {{ table.a_b }} {{ table['a_b'] }} {{ table.get('a_b') }}", "-6 1 1 1"),
        ("{% set n = namespace(i=0) %}{% for p in phrases %}{% set n.i = n.i + 1 %}{% endfor %}{{ n.i }}", "2"),
        ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
        # a tag alone on its line leaves no line; a tag within a line leaves the line as it is
        ("A\n{% if true %}\nB\n{% endif %}\nC", "A\nB\nC"),
        ("A\n  {% if true %}  \nB\n  {%- endif %}\n\nC", "A\nB\n\nC"),
        ("A {% if true %}B{% endif %}\nC", "A B\nC"),
        ("A{% if false %} B{% endif %}\n\nC", "A\n\nC"),
        ("A\n{# one #}\nB {# two #}\nC\n{# three\n\nfour #}\n{% set x = 1 %}{% set y = 2 %}\nD", "A\nB \nC\nD"),
        ("{% macro m() %}\nB\n{% endmacro %}\nA\n{{ m() }}\nC", "A\nB\nC"),
        ("A\n{% set x %}\nB\n{% endset %}\n{{ x|trim }}{{ x }}\nC", "A\nB\nB\nC"),
        ("A\n\n{% for i in [1, 2] %}\n{{ i }}\n\n{% endfor %}\nB", "A\n\n1\n\n2\n\nB"),
    ],
)  # fmt: skip
def test_what_a_template_can_do(text, result):
    if result is None:
        assert "true or false, not text" in message(text)
    else:
        assert expanded(text) == result


@pytest.mark.parametrize(
    ("text", "what", "cure"),
    [
        ("{{ plase }}", "'plase' is undefined", "did you mean 'place'?"),
        ("{{ minuts }}", "'minuts' is undefined", "did you mean 'minutes'?"),
        ("{{ xyzzy }}", "'xyzzy' is undefined", "known here: minutes, phrases, place, table; others"),
        ("{% for p in phrase %}{% endfor %}", "'phrase' is undefined", "did you mean 'phrases'?"),
        ("{{ wish() }}", "'wish' is undefined", "known here"),
        ("{{ phrases[0].othr }}", "a text has no 'othr'", "a phrase has the forms .self, .other, .together"),
        ("{{ phrases[9] }}", "the list has no entry [9]", "the list has 2 entries; the first is [0]"),
        ("{{ phrases.other }}", "a list has no 'other'", ""),
        ("{{ table.ab }}", "the table has no 'ab'", "did you mean 'a_b'?"),
        (
            "{{ phrases[1].together }}",
            "has no sure form for 'together'",
            '{self: "May my heart rest.", other: "May your heart rest.", together: "..."}',
        ),
        (
            "{{ phrases }}",
            "a value that is printed here is a list; use {% for ... %}",
            "print a text or a number",
        ),
        ("{{ none }}", "a value that is printed here is nothing", ""),
        ("{{ table }}", "a value that is printed here is a table", ""),
        ("{{ 'a' ~ phrases }}", "is a list", ""),
        ("{{ minutes > 3 }}", "is true or false, not text", ""),
        ("{{ range }}", "nothing that can be read", ""),
        ("{{ 1e308 * 10 }}", "is no number", ""),
        ("{{ 'a' + 5 }}", "a text and something else cannot be added", "put them together with ~"),
        ("{{ '%s' % 5 }}", "cannot be formatted with %", "put texts together with ~"),
        ("{{ 1 / 0 }}", "the template fails here: division by zero", ""),
        ("{{ 5|join(', ') }}", "the template fails here", ""),
        ("{{ 5|round(99) }}", "a number is rounded to 0 to 9 places", ""),
        ("{% if 5 < 'a' %}{% endif %}", "the template fails here", ""),
        ("{{ 'a'|uper }}", "No filter named 'uper'", "did you mean 'upper'?"),
        ("{{ 'a'|safe }}", "No filter named 'safe'", "known: abs,"),
        ("{{ 'a' is pretty }}", "No test named 'pretty'", ""),
        ("{% iff x %}", "unknown tag 'iff'", "known: {% if %}"),
        ("{% if x %}", "the template cannot be read", "every {% if %} wants its {% endif %}"),
        ("{{ x ", "the template cannot be read", "every {{ its }}"),
        ("{# never", "the template cannot be read", ""),
        ("{% include 'x.md' %}", "a script cannot take in another file", "put everything into one file"),
        ("{% import 'x.md' as x %}", "a script cannot take in another file", ""),
        ("{% from 'x.md' import y %}", "a script cannot take in another file", ""),
        ("{% extends 'x.md' %}", "a script cannot take in another file", ""),
        ("{% filter length %}abc{% endfilter %}", "gives no text", ""),
    ],
)
def test_what_fails_says_what_where_and_the_cure(text, what, cure):
    first, _, rest = message("One.\n" + text).partition("\n")
    assert first.startswith(("a.md:2: ", "a.md: a {% filter %}"))
    assert what in first
    assert cure in rest


def test_a_missing_length_and_missing_phrases_have_cures_of_their_own(tmp_path):
    assert refused(read, tmp_path, "One.\n{% if minutes > 3 %}{% endif %}") == (
        "a.md:2: 'minutes' is undefined\n"
        "  `minutes` needs a length: add `length: 15m` to the front matter or give --length 15m"
    )
    assert refused(read, tmp_path, "{% for p in phrases %}{% endfor %}") == (
        "a.md:1: 'phrases' is undefined\n"
        "  this script speaks phrases: add `phrases: [...]` to the front matter, or give --phrase or --phrases"
    )


ESCAPES = """
    {{ ''.__class__ }}
    {{ ''.__class__.__mro__[1].__subclasses__() }}
    {{ ''['__class__'] }}
    {{ ''|attr('__class__') }}
    {{ [''] | map(attribute='__class__') | list }}
    {{ phrases.__init__.__globals__ }}
    {{ phrases[0].__init__.__globals__ }}
    {{ phrases[0]._phrase }}
    {{ phrases[0].__dict__ }}
    {{ phrases[0].self.__class__ }}
    {{ cycler.__init__.__globals__ }}
    {{ joiner.__init__ }}
    {{ namespace.__init__ }}
    {{ range.__class__ }}
    {{ self._TemplateReference__context }}
    {{ self.__init__ }}
    {{ '{0.__class__}'.format('') }}
    {{ '{0.__class__}'.format_map({}) }}
    {{ ('{0.__class__}'|format)('') }}
    {{ '%s'.__mod__ }}
    {{ (1).__class__ }}
    {{ (1).to_bytes(1000000000, 'big') }}
    {{ 'a'.encode() }}
    {{ 'a'.join(['b']) }}
    {{ phrases.append(1) }}
    {{ table.update({}) }}
    {{ lipsum.__globals__ }}
    {{ url_for.__globals__ }}
    {{ config }}
    {% macro m() %}{% endmacro %}{{ m.__globals__ }}
    {% for x in [1] %}{{ loop.__init__ }}{% endfor %}
    {% set x = ''.__class__ %}{{ x }}
"""


@pytest.mark.parametrize("text", [line.strip() for line in ESCAPES.strip().splitlines()])
def test_nothing_leads_out_of_the_sandbox(text):
    assert message(text).startswith("a.md:1: ")


ENDLESS = """
    {{ 'a' * 10**9 }}
    {{ [1] * 10**9 }}
    {{ 10**9 * 'a' }}
    {{ 9**(9**9) }}
    {{ 9**(9**(9**9)) }}
    {% set n = namespace(x=3) %}{% for i in range(60) %}{% set n.x = n.x * n.x %}{% endfor %}
    {% set n = namespace(x='ab') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}
    {% set n = namespace(x='ab') %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}
    {% set n = namespace(x='ab') %}{% for i in range(60) %}{% set n.x = [n.x, n.x]|join %}{% endfor %}
    {% set n = namespace(x='ab') %}{% for i in range(60) %}{% set n.x = n.x|replace('a', n.x) %}{% endfor %}
    {% set n = namespace(x='ab') %}{% for i in range(60) %}{% set n.x %}{{ n.x }}{{ n.x }}{% endset %}{% endfor %}
    {% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}
    {% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}
    {% for i in range(100000) %}A line that is long enough to fill a book.{% endfor %}
    {% set x %}{% for i in range(100000) %}A line that is long enough to fill a book.{% endfor %}{% endset %}{{ x }}
    {% macro m() %}{{ m() }}{% endmacro %}{{ m() }}
    {{ range(10**9) }}
    {{ '%999999999d' % 1 }}
    {{ '{:999999999}'.format(1) }}
    {{ 'x'|center(10**9) }}
    {{ 'x'.ljust(10**9) }}
    {{ [1]|batch(10**9, 0)|list }}
"""


@pytest.mark.slow
@pytest.mark.parametrize("text", [line.strip() for line in ENDLESS.strip().splitlines()])
def test_what_has_no_end_is_stopped_before_it_fills_the_memory(text):
    tracemalloc.start()
    try:
        assert message(text).startswith("a.md:1: ")
        assert tracemalloc.get_traced_memory()[1] < 150_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
        "{% for x in [1, 2] recursive %}{% if loop.depth < 40 %}{{ loop([1, 2]) }}{% endif %}{% endfor %}",
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    ],
)
def test_what_has_no_end_is_stopped_before_anyone_waits(text):
    assert "does not come to an end" in message(text)


@pytest.mark.parametrize(
    "text",
    [
        "{{ " + "(" * 3_000 + "1" + ")" * 3_000 + " }}",
        "{% for a in [1] %}" * 30 + "{% endfor %}" * 30,
        "{% if true %}" * 150 + "{% endif %}" * 150,
        "{{ 1" + " + 1" * 5_000 + " }}",
    ],
)
def test_nesting_without_end_is_a_clear_error(text):
    with pytest.raises(ScriptError, match="nested too deeply"):
        expanded(text)


def test_a_long_script_is_no_runaway():
    text = "{% for i in range(2000) %}\nThis sentence is one of many. [pause {{ i }}s]\n{% endfor %}"
    assert len(parsed(expanded(text))) == 4_000


def test_a_name_from_outside_may_be_any_name():
    assert (
        expanded("{{ args }} {{ context }} {{ environment }}", args="1", context=2, environment=3) == "1 2 3"
    )
    assert expanded("One.", self=1) == "One."


def test_the_whole_is_drawn_as_the_design_shows_it(tmp_path):
    script = """\
---
title: Loving-Kindness for Ourselves
practice: loving-kindness
language: en
length: 15m
phrases: ["May I be safe.", "May I be kind to myself."]
---
# Arriving
[bell]
Find a position that feels comfortable, sitting or lying down. [pause 4s]
{% for phrase in phrases %}
{{ phrase }} [pause 8s]
{% endfor %}
{% if minutes >= 20 %}
# Widening the circle
May all beings be safe.
{% endif %}
"""
    short = read(tmp_path, script)
    assert (short.title, short.practice, short.language, short.length_ms) == (
        "Loving-Kindness for Ourselves", "loving-kindness", "en", 900_000,
    )  # fmt: skip
    assert drawn(short.cues) == (
        "#Arriving [bell] 'Find a position that feels comfortable, sitting or lying down.' [pause 4s] "
        "'May I be safe.' [pause 8s] 'May I be kind to myself.' [pause 8s]"
    )
    longer = read(tmp_path, script, length_ms=1_200_000).cues
    assert drawn(longer) == drawn(short.cues) + " #Widening the circle 'May all beings be safe.'"


def test_a_template_is_compiled_once_and_every_expansion_is_its_own():
    from kindvoice.script import template

    template._compiled.cache_clear()
    text = "{% set n = minutes * 2 %}{% for w in words %}{{ w }} {{ n }}. {% endfor %}"
    seen = [
        template.expand(text, {"minutes": m, "words": words}, "a.md")
        for m, words in ((1, ("a",)), (2, ("b", "c")), (1, ("a",)))
    ]
    assert seen[0] == seen[2] != seen[1]
    assert template._compiled.cache_info().misses == 1
