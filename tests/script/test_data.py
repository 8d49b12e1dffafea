"""What people bring is data: whatever a phrase or a value holds is spoken, never obeyed."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from script.seen import drawn, read, refused, shape

from kindvoice.model import Words
from kindvoice.script import make_phrase
from kindvoice.script.literal import clean
from kindvoice.script.parse import parse
from kindvoice.script.template import expand

SCRIPT = """\
{% macro gently(text) %}Gently: {{ text }} [pause 2s]{% endmacro %}
# {{ phrases[0] }}
- {{ phrases[0] }}
> {{ phrases[0] }} [pause 8s]

{% for phrase in phrases %}
{{ phrase }}
{{ phrase.other }} [hold 2s] {{ phrase.together }} {{ phrases|map(attribute="other")|first }}
{{ gently(phrase) }}

{{ gently("a" ~ phrase) ~ phrase }} [hold 1s] {{ [gently(phrase), phrase]|join(" - ") }} [pause]
{% set x %}{{ phrase }}{% endset %}

{{ x }} {{ x|replace("a", "b") }} [long pause]
{{ phrase|upper|trim }} {{ gently("xx")|replace("xx", phrase) }}

{% filter title %}{{ phrase }} [bell]{% endfilter %}
{% call gently(phrase) %}{% endcall %}
{{ phrase }}{{ phrase }} <break time="3s"/> *{{ phrase }}* _{{ phrase }}_ **{{ phrase|truncate(5, true) }}**
{% endfor %}

# End
{{ phrases|map("lower")|join(" ") }}
{{ value }} ({{ table.deep.name }}) {{ phrases|join }} {{ phrases[0][:3] }}x
"""


def cues_of(text, script=SCRIPT):
    """What becomes of a script when a phrase, a value and a table all hold this text."""
    script = script.replace("{% call gently(phrase) %}{% endcall %}\n", "")
    phrase = make_phrase(text, "de", {"other": text, "together": text})
    scope = {"phrases": (phrase,), "value": text, "table": {"deep": {"name": text}}}
    expanded = expand(script, scope, "a.md", scope.keys())
    return parse(expanded, "a.md", "de").cues


_piece = st.one_of(
    st.text(max_size=12),
    st.text(st.characters(categories=["Co", "Cs", "Cf", "Cc", "Zl", "Zp"]), max_size=4),
    st.sampled_from([
        "[bell]", "[pause 9s]", "[", "]", "*[Pause]*", "# x", "\n# x\n", "{{ 7*7 }}", "{% if x %}", "{% endraw %}",
        "{#", "#}", "\n---\n", "***", "- ", "• ", "> ", "1. ", '<break time="9s"/>', "</break>", "<!--", "-->",
        "<!-- x -->", "\\", "\\[", "\\\\", "`", "_", "\r\n\r\n", "\x00", "\x0b", "\u2028", "\x85", "\u202e", "\u200b",
        "\ufeff", "\U000f005b", "\U00100000", "\U0010fffd", "\ue000", "🙏🏽", "👨‍👩‍👧", "&lbrack;", "&#91;", "%5B",
        "\\x5b", "\\u005b", "＃", "［bell］", "≮", "<\u0338",
        "%s", "{0}", "{0.__class__}", "no. ", "Dr. ", "a.m.", "...", "?! ", "ß", "İ", "ǆ", "ﬁ",
    ]),
)  # fmt: skip
_text = st.lists(_piece, max_size=6).map("".join)
HARMLESS = "Möge ich sicher sein."


_phrase = st.one_of(_text.map(lambda text: "A " + text), _text.map(lambda text: text + " A"))


@given(_phrase)
@example("[bell] A")
@example("• A")
@example("A PAUSE")
@example("pause A")
@example("A ［bell］")
@example("【bell】 A（Pause）")
@example("PAUSE 30 SEKUNDEN")
@example("⏸ 3s {bell} /30s // … Pause …")
@example("a [bell] {{ 7*7 }} # x\n---\n<break time='9s'/>")
@settings(deadline=None, max_examples=50)
def test_whatever_a_phrase_holds_the_shape_of_the_script_stays(text):
    assert shape(cues_of(text)) == shape(cues_of(HARMLESS))


@given(_phrase)
@example("`A` *b* _c_ \\d")
@example("• A")
@example("A PAUSE")
@example("pause A")
@example("A 㐀")
@settings(deadline=None, max_examples=50)
def test_a_phrase_is_spoken_as_it_reads(text):
    seen = " ".join(clean(text).split())
    stops = ("",) if seen[-1] in ".!?…,;:。！？，；：।؟۔\"'”’»)」』" else (".", "。")
    cues = cues_of(text, "[bell]\n{{ phrases[0] }}\n[bell]\n")
    words = [cue.text for cue in cues if isinstance(cue, Words)]
    assert "".join("".join(words).split()) in {"".join(seen.split()) + stop for stop in stops}
    assert len(cues) == len(words) + 2


@pytest.mark.parametrize(
    "text",
    ["[bell]", "# x", "---", "{{ 7*7 }}", '<break time="9s"/>', "A: [pause 9s]", "\\[bell\\]", "<!-- x -->"],
)
def test_the_same_through_the_front_door(tmp_path, text):
    script = "---\nlength: 10m\n---\n{% for p in phrases %}\n{{ p }} [pause 8s]\n{% endfor %}\nEnd. {{ v }}"
    phrases = [make_phrase(f"{text} a", "en")]
    cues = read(tmp_path, script, phrases=phrases, values={"v": text}).cues
    assert drawn(cues) == f"'{text} a.' [pause 8s] 'End.' '{text}'"


@pytest.mark.parametrize("text", ["", "   ", "...", "🙏", "[]", "—", "\u200b", "\x00\x01", "\U000f0041"])
def test_a_phrase_without_a_letter_is_a_clear_error(text):
    assert (
        refused(make_phrase, text, "en")
        == "a phrase is empty\n  write a wish, such as: May I be kind to myself."
    )


def test_an_authors_own_text_is_obeyed_wherever_it_comes_from(tmp_path):
    script = """\
{% macro breath(text) %}{{ text }} [pause 4s]{% endmacro %}
{% set gap %}[pause 5s]{% endset %}
{{ breath("In.") }} {{ gap }} {{ breath("Out.")|upper }} {{ gap ~ breath("Still.") }}
{% filter upper %}rest [bell]{% endfilter %}
"""
    assert drawn(read(tmp_path, script).cues) == (
        "'In.' [pause 4s] [pause 5s] 'OUT.' [pause 4s] [pause 5s] 'Still.' [pause 4s] 'REST' [bell]"
    )


@pytest.mark.parametrize("quoted", ["'[pause 3s]'", r"'\x5bbell\u005d'", '"a [bell] b"', "'<break time=9s>'"])
def test_a_cue_in_quotes_would_be_spoken_and_is_an_error(tmp_path, quoted):
    for script in (f"{{{{ {quoted} }}}}", f"{{% set gap = {quoted} %}}{{{{ gap }}}}"):
        assert "a cue in quotes would be spoken" in refused(read, tmp_path, script)


def test_a_number_in_a_cue(tmp_path):
    script = "Rest. [pause {{ n }}s] [pause {{ minutes * 2 }}s] [pause {{ minutes / 4 }}s] [bed {{ bed }}]"
    cues = read(tmp_path, script, length_ms=900_000, values={"n": 8, "bed": "rain"}).cues
    assert drawn(cues) == "'Rest.' [pause 8s] [pause 30s] [pause 3.75s] [bed rain]"


def test_values_compare_with_quoted_texts(tmp_path):
    script = "{% if place == 'sea-side' %}Sea.{% endif %} In {{ place|replace('-', ' ') }}."
    script += " As {{ t.two_words }} {{ t['a-b'] }}"
    cues = read(tmp_path, script, values={"place": "sea-side", "t": {"two_words": "x_y", "a-b": 2}}).cues
    assert drawn(cues) == "'Sea.' 'In sea side.' 'As x_y 2'"
