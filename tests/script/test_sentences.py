from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kindvoice.script.sentences import split_long, split_sentences

# One line a paragraph, | where one sentence ends and the next begins.
PARAGRAPHS = """
    Sit down.| Rest.
    Is it so?| Yes!| Let it go.
    Dr. Kim and Mrs. Lee sit.| They rest.
    Feet, legs, etc. Then the belly.
    e.g. the feet.| Or the hands.
    At 6 a.m. we sit.| At 7 p.m. We sit again.
    Wait 3.5 seconds.| Then rest.
    Count to 10.| Then rest.
    1. Sit down.| 2. Rest.
    J. K. Smith sat.| So did I.| Then we rested.
    Is it true?| No.| Let it go.
    It is ok.| You can rest.
    See No. 5 here, step no. 6, fig. 3 of it.| Mt. Fuji and Rev. Lee are old.
    Say no.| 5 breaths are enough.| You said no.| Rest.| A ripe fig.| Eat it.
    You might, too... if you like.| Rest.
    Rest…| Then go on.
    Rest… and go on.
    Breathe . . . and rest.| Wait . . .| Now go.
    What?!| No...| Yes.
    breathe in.| breathe out.| e.g. like this.
    Breathe in. and out.
    "Are you well?" she asked.| "Yes."| Rest.
    She said: “Rest.”| Then she left.
    (Rest here.)| Then go.
    Rest (if you like.) and go on.
    Oh!| how lovely.
    ¿Estás bien?| ¡Sí!| Descansa.
    La Sra. García descansa.| ¿Y tú?
    Vraiment !| Tu es là ?| « Oui ! » dit-il.| « Bien. »| Repose-toi.
    Mme Martin est là.| Comme elle est.| Repose-toi.
    Am 3. Mai, z. B. um acht, d. h. früh.| Zähle bis 10.| Dann ruhe.
    Zum 2. Mal: ruhe.| Usw. Und so weiter.
    Così è.| Riposa.
    你好。|世界！|你好吗？|“好吗？”他说。|走。
    「だいじょうぶ？」と聞く。|「はい。」|「いいえ。」
    साँस लें।| आराम करें।
    هل أنت بخير؟| نعم.
    Hello.World is one word. and https://a.b/c?d=e too.
    ...| Rest.| ...
"""


@pytest.mark.parametrize("marked", [line.strip() for line in PARAGRAPHS.strip().splitlines()])
def test_where_sentences_end(marked):
    assert split_sentences(marked.replace("|", "")) == [piece.strip() for piece in marked.split("|")]


_text = st.lists(
    st.one_of(
        st.text(max_size=5),
        st.sampled_from([". ", "! ", "? ", "… ", "... ", ".\" ", " » ", "。", "！", "」", "Dr. ", "A. ", "3. Mai", 
                         "a.m. ", ", ", "; ", " – ", "，", "I. ", "1. ", "x", "Y", "؟ ", " . . . "]),
    ),
    max_size=12,
).map(lambda parts: " ".join("".join(parts).split()))  # fmt: skip


@given(_text)
@settings(deadline=None, max_examples=80)
def test_sentences_together_are_the_text(text):
    sentences = split_sentences(text)
    position = 0
    for sentence in sentences:
        assert sentence and sentence == sentence.strip()
        found = text.index(sentence, position)
        assert text[position:found].strip() == ""
        position = found + len(sentence)
    assert text[position:].strip() == ""
    if not set(text) & set("。！？"):
        assert " ".join(sentences) == text


@pytest.mark.parametrize(
    ("sentence", "limit", "parts"),
    [
        ("one two, three four, five", 25, ["one two, three four, five"]),
        ("one two, three four, five", 24, ["one two, three four,", "five"]),
        ("one two, three four, five", 12, ["one two,", "three four,", "five"]),
        ("one two three four five six, seven", 13, ["one two three", "four five", "six, seven"]),
        ("rest – and wait", 10, ["rest –", "and wait"]),
        ("你好，世界很大，走吧", 5, ["你好，", "世界很大，", "走吧"]),
        ("你好，世界很大，走吧", 4, ["你好，世", "界很大，", "走吧"]),
        ("a" * 25, 10, ["a" * 10, "a" * 10, "a" * 5]),
        ("ab!!!!!!!!!", 4, None),
    ],
)
def test_a_long_sentence_is_cut_at_clauses_then_words_then_letters(sentence, limit, parts):
    found = split_long(sentence, limit)
    assert parts is None or found == parts
    assert all(len(part) <= limit for part in found)


@pytest.mark.slow
@given(st.one_of(_text, st.text(max_size=60)), st.integers(1, 40))
@settings(deadline=None, max_examples=80)
def test_no_part_is_longer_than_the_limit_and_no_character_is_lost(sentence, limit):
    parts = split_long(sentence, limit)
    assert all(part and len(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(sentence.split())
