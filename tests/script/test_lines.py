"""The author's line of everything, through front matter, loops, conditions, macros, comments and line ends."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from script.seen import parsed, places, read, refused

from kindvoice.script.frontmatter import split
from kindvoice.script.literal import clean
from kindvoice.script.parse import parse
from kindvoice.script.template import expand

# The number at the end of a line is its own.
EVERYTHING = """\
---
title: All of it                            # 2

values:
  place: garden
phrases:
  - May I be safe.
---
{% macro wish(text) %}
Macro {{ text }} line ten. [pause 10s]
and line eleven.
{% endmacro %}

# Fourteen

{# A comment
   of three
   lines. #}
Line nineteen. {# inline #} Line nineteen. [pause 19s]
{% for phrase in phrases * 2 %}
Loop {{ loop.index }} on line 21. {{ phrase }} [pause 21s]

{% endfor %}
{% if phrases|length > 5 %}
never
{% else %}
Line {% if true %}twenty-seven{% endif %}
on line 28.
{%- if true %} Line 29. {% endif -%}

Line 31. {{ wish(
    "x") }}
<!-- a comment
  on 33 --> Line 34.
Line {% set gap %}[pause 35s]{% endset %}35. {{ gap }}
{% endif %}
{{ wish("y") }}
> Line {{ place }} 38.
- Line 39.
{% raw %}
Line 41 {{ as it is }}.
{% endraw %}
Line 43.
{% macro framed() %}
{{ caller() }} Line 45.
{% endmacro %}
{% call framed() %}Line 47.{% endcall %}
"""
LINES = [
    (14, "#Fourteen"), (19, "'Line nineteen.'"), (19, "'Line nineteen.'"), (19, "[pause 19s]"),
    (21, "'Loop 1 on line 21.'"), (21, "'May I be safe.'"), (21, "[pause 21s]"), (22, "/"),
    (21, "'Loop 2 on line 21.'"), (21, "'May I be safe.'"), (21, "[pause 21s]"), (22, "/"),
    (27, "'Line twenty-seven on line 28.'"), (29, "'Line 29.'"), (31, "'Line 31.'"),
    (10, "'Macro x line ten.'"), (10, "[pause 10s]"), (11, "'and line eleven.'"),
    (34, "'Line 34.'"), (35, "'Line 35.'"), (35, "[pause 35s]"),
    (10, "'Macro y line ten.'"), (10, "[pause 10s]"), (11, "'and line eleven.'"),
    (38, "'Line garden 38.'"), (39, "/"), (39, "'Line 39.'"), (41, "'Line 41 {{ as it is }}.'"), (43, "'Line 43.'"),
    (47, "'Line 47.'"), (45, "'Line 45.'"),
]  # fmt: skip


def test_every_cue_knows_its_line(tmp_path):
    assert places(read(tmp_path, EVERYTHING).cues) == LINES


@pytest.mark.parametrize(
    "encoded",
    [
        EVERYTHING.replace("\n", "\r\n").encode(),
        EVERYTHING.replace("\n", "\r").encode(),
        ("\ufeff" + EVERYTHING).encode(),
        EVERYTHING.encode("utf-16"),
        ("\ufeff" + EVERYTHING.replace("\n", "\r\n")).encode("utf-16-be"),
    ],
    ids=["crlf", "cr", "bom", "utf-16", "utf-16-be crlf"],
)
def test_line_ends_and_encodings_change_nothing(tmp_path, encoded):
    assert places(read(tmp_path, encoded).cues) == places(read(tmp_path, EVERYTHING).cues)


_ABOVE = st.lists(
    st.sampled_from(["", "  ", "{# a comment #}", "{# two\n lines #}", "<!-- a\n\ncomment -->", "{% set x = 1 %}",
                     "{%- set x = 1 -%}", "{% if false %}\nno\n{% endif %}"]), max_size=6,
)  # fmt: skip


@pytest.mark.slow
@given(_ABOVE)
@settings(deadline=None, max_examples=40)
def test_what_stands_above_moves_every_line_by_its_own(above):
    body = "\n".join([*above, ""]) if above else ""
    moved = body.count("\n")
    front, below = EVERYTHING.split("---\n{%", 1)

    def places_of(text):
        parts = split(clean(text), "a.md")
        expanded = expand(parts.body, {"phrases": ("May I be safe.",), "place": "garden"}, "a.md")
        return places(parse(expanded, "a.md", "en").cues)

    before = places_of(f"{front}---\n{{%{below}")
    assert places_of(f"{front}---\n{body}{{%{below}") == [(line + moved, what) for line, what in before]


@given(
    st.lists(
        st.sampled_from(["Words", "*[Pause 2s]*", "# Title", "", "- item", "x [bell] y", "> z"]), max_size=12
    )
)
@settings(deadline=None, max_examples=40)
def test_a_text_without_a_template_has_the_lines_that_a_person_counts(lines):
    expanded = expand("\n".join(lines), {}, "a.md")
    for cue in parse(expanded, "a.md", "en").cues:
        line = lines[cue.where.line - 1]
        word = {"Pause": "Pause", "Chapter": "#", "Bell": "bell", "Words": ""}.get(type(cue).__name__)
        if word is not None:
            assert line and word in line
    assert [type(c) for c in parsed("\n".join(lines))] == [
        type(c) for c in parse(expanded, "a.md", "en").cues
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\ntitle: x\n---\n\n[pasue]", 5),
        ("{% for i in [1, 2] %}\n{{ i }}\n[pasue]\n{% endfor %}", 3),
        ("{% macro m() %}\n\n[pasue]\n{% endmacro %}\n\nOne. {{ m() }}", 3),
        ("{#\n\n#}\n{%- if true -%}\n\n[pasue]\n{%- endif %}", 6),
        ("One.\r\nTwo. [pasue]\r\n", 2),
        ("<!--\n\n-->\n[pasue]", 4),
        ("# One\n# Two [pasue]", 2),
        ("One.\n- Two\n- Three [pasue]", 3),
        ("{% set x %}\n[pasue]\n{% endset %}\n\n{{ x }}", 2),
        # from the template itself
        ("One.\n{{ nobody }}", 2),
        ("One.\n{% for i in [1] %}\n\n{{ nobody }}\n{% endfor %}", 4),
        ("{% macro m() %}\n{{ nobody }}\n{% endmacro %}\nOne.\n{{ m() }}", 2),
        ("One.\n{% if nobody >= 3 %}\n{% endif %}", 2),
        ("One.\n\n{% set x = 'a' + 1 %}", 3),
        ("One.\n{% set x %}\n{{ 1 / 0 }}\n{% endset %}", 3),
        ("One.\n{{ [1] }}", 2),
        ("One.\n{{ none }}", 2),
        ("One.\n{% include 'x' %}", 2),
        ("One.\n\n{{ '[bell]' }}", 3),
        ("One.\n{% for x in range(9) %}\n{% endif %}", 3),
        ("One.\n{{ 'a'|nofilter }}", 2),
        ("One.\n\n\n{{ 'a' * 10**9 }}", 4),
        ("One.\n{% for i in range(100000) %}\nA line that is repeated without end.\n{% endfor %}", 4),
    ],
)
def test_every_error_names_its_line(tmp_path, text, line):
    assert refused(read, tmp_path, text).startswith(f"a.md:{line}: ")
