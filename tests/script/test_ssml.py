"""SSML out and in: the same script back, valid for others, safe from hostile files, plain about what it cannot do."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from make import read_script
from script.seen import drawn, format_cues, parsed, places, read, refused
from script.ssml_rules import broken_rules

from kindvoice.cli import run
from kindvoice.errors import ScriptError
from kindvoice.model import Glue, Pause, Script, Style, Words
from kindvoice.script import make_phrase
from kindvoice.script.cues import EXAMPLES
from kindvoice.script.library import entries, find_script
from kindvoice.script.literal import clean
from kindvoice.script.load import script_language
from kindvoice.script.ssml import read_ssml, write_ssml
from kindvoice.script.ssml.sayas import DATED, say_as
from kindvoice.speech.spelling import spell_out
from kindvoice.timing.resolve import BREATH_WORDS

LIBRARY = Path(__file__).resolve().parents[2] / "scripts_library"


def cues_of(body: str) -> str:
    """What stands inside of <speak>, drawn on one line."""
    return drawn(read_ssml(f'<speak version="1.1" xml:lang="en">{body}</speak>', "a.ssml")[1])


# ---------------------------------------------------------------- there and back

WORD = st.text(st.characters(exclude_categories=["Cs", "Co", "Cn"]), min_size=1, max_size=12)
CUE = st.sampled_from(
    [*EXAMPLES, "[bell 'a \"b\" c.wav']", "[bell \"déjà #1 100%.wav\" x3 every 4s -2.5dB no wait]",
     '[bed "sub/stream & rain.flac" -3dB]', "[voice heart*0.9]", "[voice system pt-BR]", "[pause 1234ms]", "[2h]",
     "[breathe in 4s hold 2s out 6s silent]", "[silence 0s]"]
)  # fmt: skip
LINE = st.one_of(
    st.lists(st.one_of(WORD, CUE, st.just("Rest."), st.just("<speak>&amp;")), max_size=5).map(" ".join),
    st.just(""),
    st.just(""),
    WORD.map(lambda word: f"# {word} [bell]"),
)
GAP = st.integers(0, 9_000).map(lambda ms: Glue(natural_ms=ms, min_ms=ms // 3, max_ms=ms * 3))
STYLE = st.builds(Style, sentence=GAP, chapter=GAP, long_ms=st.integers(0, 9_000), shrink=st.floats(0, 1))


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(
    st.lists(LINE, min_size=1, max_size=8),
    st.builds(
        dict, title=WORD, author=WORD, about=WORD, style=STYLE, voice=st.sampled_from([None, "heart", "heart*0.85"]),
        bed=st.sampled_from([None, "rain", "b.wav"]), length_ms=st.sampled_from([None, 750_000]),
        language=st.sampled_from(["en", "pt-BR", "zh-Hant-TW"]),
    ),
)  # fmt: skip
def test_a_script_that_is_written_and_read_is_the_same_script(lines, facts):
    try:
        cues = parsed(clean("\n".join(lines)))
    except ScriptError:
        assume(False)
    for name in ("title", "author", "about"):
        facts[name] = " ".join(clean(facts[name]).split()) or "x"
    script = Script(cues=cues, practice="x", tags=(("album", "A & B"), ("track", 3), ("tracks", 8)), **facts)
    text = write_ssml(script, breath_words=BREATH_WORDS, languages={"heart": "en"})
    assert broken_rules(text) == []
    values, back, _ = read_ssml(text, "a.ssml")
    assert back == script.cues
    tags = tuple(values.pop("tags").items())
    assert Script(cues=back, tags=tags, **({"length_ms": values.pop("length", None)} | values)) == script


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "de", "tr"])
def test_the_library_goes_there_and_back(tmp_path, language):
    for path in sorted((LIBRARY / language).glob("*.md"))[::6]:
        script = read_script(path, length_ms=15 * 60_000)
        (tmp_path / path.name).with_suffix(".ssml").write_text(
            text := write_ssml(script, breath_words=BREATH_WORDS), encoding="utf-8"
        )
        assert broken_rules(text) == []
        assert read_script((tmp_path / path.name).with_suffix(".ssml")) == script


def test_a_phrase_is_data_on_both_ways(tmp_path):
    hostile = [
        "</s></p></speak>",
        "[bell] {{ 7*7 }} # x <!-- y --> ]]>",
        "a \u202e\x07&amp; &#x202e; \U0001f642 أمان",
    ]
    script = read(
        tmp_path, "{% for phrase in phrases %}{{ phrase }} [pause 8s]\n{% endfor %}",
        phrases=[make_phrase(text, "en") for text in hostile],
    )  # fmt: skip
    back = read(tmp_path, write_ssml(script), "a.ssml")
    assert back.cues == script.cues
    said = [cue.text for cue in back.cues if isinstance(cue, Words)]
    assert said[:2] == ["</s></p></speak>.", "[bell] {{ 7*7 }} # x <!-- y --> ]]>."]
    assert "\u202e" not in said[2] and "&#x202e;" in said[2]


def test_a_changed_time_counts_before_our_own_attribute():
    written = write_ssml(
        Script(title="A", language="en", cues=parsed("One. [pause 8s min 5s max 20s] [hold 4s] [pause]"))
    )
    assert drawn(read_ssml(written, "")[1]).endswith("[pause 8s min 5s max 20s] [hold 4s] [pause]")
    changed = written.replace('"8s"', '"9s"').replace('"4s"', '"4.5s"').replace('"6s"', '"7s"')
    assert drawn(read_ssml(changed, "")[1]).endswith("[pause 9s] [pause 4.5s] [pause 7s]")


def test_sound_files_are_found_from_where_the_document_stands(tmp_path):
    script = read(tmp_path, 'Rest. [bell "my bowl.wav"] [bed "sub/rain.flac"]')
    here, below = write_ssml(script, folder=tmp_path), write_ssml(script, folder=tmp_path / "out")
    assert '"my%20bowl.wav"' in here
    assert read_ssml(here, "")[1] == script.cues
    assert drawn(read_ssml(below, "")[1]) == '\'Rest.\' [bell "../my bowl.wav"] [bed "../sub/rain.flac"]'


def test_plain_holds_nothing_of_our_own():
    cues = parsed(
        '# A\nOne. [silence 25s] [voice heart*0.9] Two. [voice es] Tres. [breathe in 4s out 6s] [bell "b.wav" x2]'
    )
    text = write_ssml(Script(title="A", language="en", cues=cues), breath_words=BREATH_WORDS, plain=True)
    assert broken_rules(text) == []
    assert "kv" not in text and "kindvoice" not in text and "heart" not in text
    assert re.findall(r'time="(\w+)"', text)[:3] == ["10s", "10s", "5s"]
    assert '<lang xml:lang="es">' in text and '<prosody rate="90%">' in text and text.count("<audio") == 2


# ---------------------------------------------------------------- reading what others wrote


@pytest.mark.parametrize(
    ("body", "cues"),
    [
        ("One. Two,\n  and more.", "'One.' 'Two, and more.'"),
        ("<p>One.</p><p>Two.</p>", "'One.' / 'Two.'"),
        ("<p><s>Dr. Who? One.</s><s>Two</s></p>", "'Dr. Who? One.' 'Two'"),
        ("One<break time='8s'/>two <break time='250ms'/><break time='+1.5s'/>",
         "'One' [pause 8s] 'two' [pause 250ms] [pause 1.5s]"),
        ("One<break/><break strength='x-strong'/><break strength='none' time='180s'/>",
         "'One' [pause 1s] [pause 4s] [pause 3m]"),
        ("<p>One.</p><break time='2s'/><p>Two.</p>", "'One.' / [pause 2s] / 'Two.'"),
        # marks
        ("<mark name='chapter: A &amp; B'/>One.<mark name='Chapter:C'/>Two.", "#A & B 'One.' #C 'Two.'"),
        ("<mark name='bell low x3'/>One <mark name='here_1'/>and <mark name='pause 8s'/>two.",
         "[bell low x3] 'One and two.'"),
        ("<mark name='bed rain'/>One.<mark name='voice es'/>Dos.<mark name='voice off'/>",
         "[bed rain] 'One.' [voice es] 'Dos.' [voice off]"),
        # words that are data
        ("[bell] {{ 7*7 }} # x &lt;break/&gt; *a* \\n", "'[bell] {{ 7*7 }} # x <break/> *a* \\n'"),
        ("<![CDATA[a <b> & c]]><!-- no --><?php no ?>", "'a <b> & c'"),
        ("a&#xF0041;&#x202E;b e&#x301;", "'ab é'"),
        # inside of a sentence
        ("I <emphasis level='strong'>am</emphasis> <w role='x'>he</w><token>re</token>.", "'I am here.'"),
        ("The <sub alias='World Wide'>W3</sub>, <say-as interpret-as='cardinal'>3</say-as>!", "'The World Wide, 3!'"),
        ("<say-as interpret-as='digits'>478</say-as> <say-as interpret-as='time'>7:00am</say-as>", "'4 7 8 7:00am'"),
        # who speaks
        ("A <lang xml:lang='fr-ca'>bon</lang> <voice name='anna'>b<prosody rate='90%'>c</prosody></voice> d",
         "'A' [voice fr-CA] 'bon' [voice anna] 'b' [voice anna*0.9] 'c' [voice off] 'd'"),
        ("<p xml:lang='es'>A</p><p>B</p>", "[voice es] 'A' / [voice off] 'B'"),
        ("<voice name='a'><prosody rate='slow'>A<prosody rate='-10%'>B</prosody></prosody></voice>",
         "[voice a*0.85] 'A' [voice a*0.765] 'B'"),
        ("<voice languages='es:MX'>A</voice><voice name='x' languages='de'>B</voice>",
         "[voice es-MX] 'A' [voice x de] 'B'"),
        ("<prosody rate='medium' pitch='+0%' volume='default'>A <lang xml:lang='EN'>B</lang></prosody>", "'A B'"),
        # sounds
        ("<audio src='my%20bowl.wav'>Bong<desc>x</desc></audio>A", '[bell "my bowl.wav"] \'A\''),
        ("<audio src='bowl' repeatCount='3' soundLevel='-3dB'/>A", "[bell \"./bowl\" x3 -3dB] 'A'"),
        ("<audio src='file:///tmp/a%23b.wav'/>A", '[bell "/tmp/a#b.wav"] \'A\''),
        # what is never heard
        ("<meta name='x' content='y'/><metadata><rdf:R xmlns:rdf='r'><t>no</t></rdf:R></metadata>A", "'A'"),
    ],
)  # fmt: skip
def test_ssml_to_cues(body, cues):
    assert cues_of(body) == cues


def test_ssml_by_any_prefix_or_none(tmp_path):
    speak = '<x:speak xmlns:x="http://www.w3.org/2001/10/synthesis" version="1.0">'
    text = f'<?xml version="1.0"?><!-- x -->{speak}<x:s>A</x:s></x:speak>'
    assert drawn(read(tmp_path, text, "a.txt").cues) == "'A'"
    assert drawn(read(tmp_path, "\ufeff<speak>\r\nA</speak>".encode("utf-16"), "a.md").cues) == "'A'"


def test_every_cue_has_its_line(tmp_path):
    text = "<speak>\n<p>\n  One.\n  Two,\n  more. Three.\n<break time='3s'/></p>\n"
    text += "<mark name='chapter: B'/><s>\nFour</s></speak>"
    assert places(read(tmp_path, text, "a.xml").cues) == [
        (3, "'One.'"), (4, "'Two, more.'"), (5, "'Three.'"), (6, "[pause 3s]"), (6, "/"), (7, "#B"), (8, "'Four'"),
    ]  # fmt: skip


def test_what_it_says_of_itself(tmp_path):
    text = '<speak xml:lang="pt_br"><meta name="title" content=" A  B "/><meta name="author" content="C"/>Olá.</speak>'
    script = read(tmp_path, text, "ola-mundo.ssml")
    assert (script.title, script.author, script.language, script.practice) == (
        "A B",
        "C",
        "pt-BR",
        "ola-mundo",
    )
    assert script_language(tmp_path / "ola-mundo.ssml") == "pt-BR"
    assert read(tmp_path, "<speak>Hi.</speak>", "ola-mundo.ssml").title == "Ola mundo"
    gentle = read(tmp_path, '<speak>Hi.<break time="180s"/></speak>', "a.ssml", gentle=True, length_ms=60_000)
    assert gentle.length_ms == 60_000
    assert gentle.cues[1] == Pause(natural_ms=25_000, max_ms=25_000)


@pytest.mark.parametrize("language", sorted(DATED))
def test_a_date_that_is_read_becomes_words(language):
    for words, form in (("2026-05-21", ""), ("21.5.2026", "dmy"), ("5/21/2026", "mdy")):
        said = say_as(words, "date", form, language)
        assert said == "2026-05-21"
        assert "05" not in spell_out(said, language)


# ---------------------------------------------------------------- what cannot be done is named


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("<break time='soon'/>", '<break time="soon"/> has no length'),
        ("<break time='8s&quot;&gt;&lt;x'/>", "<break>: time='8s\"><x' is not understood"),
        ("<break strength='string'/>", "no strength 'string'\n  did you mean 'strong'?"),
        ("<break>words</break>", "<break> holds words, which would not be spoken"),
        ("<sub alias='x'><break/></sub>", "<break> cannot stand inside of <sub>"),
        ("<brake time='8s'/>", "<brake> is not known\n  did you mean <break>?"),
        ("<break tme='8s'/>", "<break>: tme='8s' is not known\n  did you mean time?"),
        ("<lang>A</lang>", "<lang>: no xml:lang is given"),
        ("<lang xml:lang='klingon!'>A</lang>", "<lang>: 'klingon!' is not a language"),
        ("<mark/>", "<mark> wants name"),
        ("<mark name='chapter:'/>", "a chapter without words"),
        ("<mark name='bell x900'/>", "[bell x900]: a bell rings 1 to 108 times"),
        ("<mark name='bed'/><s>", "this is not well-formed XML: mismatched tag"),
        ("A &nbsp; B", "this is not well-formed XML: undefined entity\n  write the sign itself"),
        ("A & B", "this is not well-formed XML: not well-formed (invalid token)\n  write &amp; for"),
        ("<break time='8s'/>", "the script has no words to speak"),
    ],
)  # fmt: skip
def test_what_cannot_be_names_the_element_and_its_line(tmp_path, body, message):
    said = refused(read, tmp_path, f'<speak version="1.1" xml:lang="en">\n{body}</speak>', "a.ssml")
    where, _, what = said.partition(": ")
    assert where in ({"a.ssml"} if "no words" in message else {"a.ssml:2"})
    assert message in what


@pytest.mark.slow
@pytest.mark.parametrize(("body", "why"), [
    # Amazon
    ('<amazon:effect name="whispered">A</amazon:effect>', "<amazon:effect>: no effects are laid on a voice here"),
    ('<prosody amazon:max-duration="2s">A</prosody>', "<prosody>: amazon:max-duration='2s'"),
    ("<amazon:auto-breaths>A</amazon:auto-breaths>", "<amazon:auto-breaths>: an element that is not known here"),
    # Microsoft
    ('<mstts:express-as style="calm">A</mstts:express-as>', "<mstts:express-as>: a voice here has one way to speak"),
    ('<mstts:backgroundaudio src="https://x/y.wav"/>A', "<mstts:backgroundaudio>: a background is"),
    ('<bookmark mark="x"/>A', "<bookmark>: write <mark"),
    # Google
    ("<par><media><speak>A</speak></media></par>", "<par>: <audio"),
    ('<audio src="https://x.com/y.ogg">A</audio>', "<audio>: 'https://x.com/y.ogg' is not on this"),
    # the standard's own
    ("<phoneme alphabet='ipa' ph='ˈa'>A</phoneme>",
     "<phoneme>: write the sounds into the voice's lexicon, lexicons/en.toml: \"A\" = \"/ˈa/\""),
    ("<lexicon uri='x' xml:id='y'/>A", "<lexicon>: write the words"),
    ("<prosody rate='slow'>A</prosody>", "<prosody>: the pace can change only for a voice that is named"),
    ("<prosody pitch='-2st'>A</prosody>", "<prosody>: pitch='-2st' cannot be followed: kindvoice leaves"),
    ("<prosody rate='20%'>A</prosody>", "<prosody>: rate='20%' is no pace from 50% to 200%"),
    ("<voice gender='female'>A</voice>", "<voice>: gender='female' names no voice"),
    ("<voice name='a b'>A</voice>", "<voice>: more than one is named"),
    ("<say-as interpret-as='characters'>A</say-as>", '<say-as>: interpret-as="characters" is not supported for \'A\''),
    ("<h1 xmlns='http://www.w3.org/1999/xhtml'>A</h1>", "<h1>: an element that is not known here"),
    ("<p " + "x" * 3_000_000 + "='1'>A</p>", "<p>: xxx"),
])  # fmt: skip
def test_what_is_not_followed_is_told_and_its_words_are_spoken(body, why):
    _, cues, unspoken = read_ssml(f'<speak version="1.1" xml:lang="en">\n{body}</speak>', "a.ssml")
    assert drawn(cues) == "'A'"
    told = f"{unspoken[0].text}: {unspoken[0].reason.removeprefix('not followed: ')}"
    assert told.startswith(why) and len(told) < 900 and unspoken[0].where.line == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a.xml: the file is empty"),
        ("Just words.", "a.xml:1: this is not well-formed XML: syntax error"),
        ("<rss version='2.0'/>", "a.xml:1: this is XML, and not SSML: it begins with <rss>\n"),
        ("<speak>A", "a.xml:1: this is not well-formed XML: no element found"),
        ("<speak>A</speak><speak/>", "a.xml:1: this is not well-formed XML: junk after document element"),
        ("<speak version='2.0'>A</speak>", "a.xml:1: <speak>: version='2.0' is not known"),
        ("<speak xml:base='http://x/'><audio src='a.wav'/>A</speak>",
         "a.xml:1: <audio>: xml:base='http://x/' is not followed"),
        ("<speak xmlns:kv='urn:kindvoice:script:1'><metadata><kv:script length='soon'/></metadata>A</speak>",
         "a.xml:1: <kv:script>: 'soon' is not a length"),
        ("<speak xmlns:kv='urn:kindvoice:script:1'><metadata><kv:style sentence='9s 5s 1s'/></metadata>A</speak>",
         "a.xml:1: <kv:style>: sentence='9s 5s 1s' wants a length"),
        ("<speak xmlns:kv='urn:kindvoice:script:1'><break time='1s' kv:cue='bell'/>A</speak>",
         "a.xml:1: <break> is a pause, and its kv:cue is 'bell'"),
        # bombs and thieves
        ('<!DOCTYPE speak [<!ENTITY a "AAAA"><!ENTITY b "&a;&a;">]><speak>&b;</speak>',
         "a.xml:1: a document type is not read"),
        ('<!DOCTYPE speak SYSTEM "file:///etc/passwd"><speak>A</speak>', "a.xml:1: a document type is not read"),
        ('<?xml version="1.0"?>\n<!DOCTYPE speak [<!ENTITY x SYSTEM "file:///etc/passwd">]><speak>&x;</speak>',
         "a.xml:2: a document type is not read"),
        ("<speak>" + "<p>" * 200, "a.xml:1: elements stand more than 100 deep"),
        ("<speak>" + "A" * 5_000_001 + "</speak>", "a.xml: the file is too large for a script"),
    ],
)  # fmt: skip
def test_files_that_are_not_right(tmp_path, text, message):
    said = refused(read, tmp_path, text, "a.xml")
    assert said.startswith(message)
    assert len(said) < 1_000


SEED = write_ssml(
    Script(
        title="A",
        language="en",
        cues=parsed('# A\n[bell "b.wav" x2] One. [pause 8s max 9s]\n\n[voice anna*0.9] Two.'),
    )
)
PIECE = st.sampled_from(
    ["<", ">", "&", "</s>", "<s>", "<p>", "</p>", '"', "kv:skip='true'", "kv:told='true'", "<metadata>", "</metadata>",
     "<audio src='x'>", "</audio>", "<mark name='voice x'/>", "<sub alias='y'>", "</sub>", "xml:lang='", "\x00", "s"]
)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(SEED)), st.integers(0, 40), PIECE), min_size=1, max_size=4))
def test_a_broken_file_is_refused_or_read_and_never_a_crash(changes):
    text = SEED
    for at, cut, piece in changes:
        text = text[:at] + piece + text[at + cut :]
    try:
        _, cues, _ = read_ssml(text, "a.ssml")
    except ScriptError as error:
        assert error.where is not None
    else:
        format_cues(cues)


# ---------------------------------------------------------------- in the program


@pytest.fixture
def here(tmp_path, monkeypatch, cache):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KINDVOICE_VOICE", "tone")
    Path("small.md").write_text(
        '---\ntitle: Small\nphrases: ["May I be safe."]\n---\n# One\n[bell]\n{{ phrases[0] }} [pause 4s]\n'
        "{% if minutes >= 2 %}More, {{ who }}.{% endif %}{% if gentle %} Softly.{% endif %}\n"
        '{% if audience == "carers" %}You who care.{% endif %}\n[voice es] Descansa.\n'
    )
    return tmp_path


def test_export_takes_what_render_takes(here, capsys):
    Path("p.txt").write_text("May I rest\n")
    options = "--ssml --length 2m --phrases p.txt --set who=Ann --gentle --for carers --language en-GB -o sub/x.ssml"
    assert run(["scripts", "export", "small.md", *options.split()]) == 0
    assert capsys.readouterr().out == "sub/x.ssml\n"
    script = read_script(Path("sub/x.ssml"))
    assert drawn(script.cues) == (
        "#One [bell] 'May I rest.' [pause 4s] 'More, Ann.' 'Softly.' 'You who care.' [voice es] 'Descansa.'"
    )
    assert (script.title, script.language, script.length_ms) == ("Small", "en-GB", 120_000)
    assert sorted(p.name for p in Path("sub").iterdir()) == ["x.ssml"]


def test_export_to_standard_output_is_the_document_alone(here, capsys):
    assert run(["scripts", "export", "small.md", "--ssml", "--phrase", "May I <b>", "--length", "1m"]) == 0
    out = capsys.readouterr().out
    assert broken_rules(out) == []
    assert "<s>May I &lt;b&gt;.</s>" in out and '<lang xml:lang="es" kv:told="true">' in out


def test_export_says_no_plainly(here, capsys):
    before = Path("small.md").read_bytes()
    for options, message in (
        ([], "there is no form named to export to"),
        (
            ["--ssml", "-o", "small.md", "--length", "1m"],
            "small.md would be replaced, and it is what this is made",
        ),
        (["--ssml", "-o", "p/x.ssml", "--length", "1m"], "p/x.ssml cannot be written"),
        (["--ssml", "--length", "1m", "--set", "language=de"], "cannot change 'language'"),
    ):
        Path("p").write_text("a file")
        assert run(["scripts", "export", "small.md", *options]) == 1
        assert message in capsys.readouterr().err
    assert Path("small.md").read_bytes() == before


def test_ssml_is_a_script_for_every_command(here, capsys):
    # Another language would want a voice that takes seconds to load.
    Path("small.md").write_text(Path("small.md").read_text().replace("[voice es]", "[voice tone*0.9]"))
    assert run(["scripts", "export", "small.md", "--ssml", "--length", "1m", "-o", "x.ssml"]) == 0
    capsys.readouterr()
    timelines = []
    for name in ("small.md", "x.ssml"):
        assert run(["timeline", name, "--length", "24s", "--voice", "tone", "--json"]) == 0
        events = json.loads(capsys.readouterr().out)["events"]
        timelines.append([{**event, "line": 0} for event in events])
    assert timelines[0] == timelines[1]
    assert run(["check", "x.ssml"]) in {0, 1}
    assert "x.ssml" in (out := capsys.readouterr().out) or "1 script:" in out
    Path("bad.xml").write_text("<speak>Rest.\n<brake/></speak>")
    assert run(["timeline", "bad.xml"]) == 1
    assert capsys.readouterr().err.startswith("error: bad.xml:2: <brake> is not known\n")
    assert run(["check", "bad.xml"]) == 1
    assert "bad.xml:2: error: <brake> is not known" in capsys.readouterr().out


def test_ssml_in_a_library(tmp_path):
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "a.ssml").write_text('<speak><meta name="title" content="From SSML"/>Rest.</speak>')
    (tmp_path / "en" / "b.ssml").write_text("<speak>Rest.</speak>")
    (tmp_path / "en" / "b.md").write_text("---\ntitle: Written\n---\nRest.")
    assert [(e.practice, e.title) for e in entries([tmp_path])] == [("a", "From SSML"), ("b", "Written")]
    assert find_script("a", "en", [tmp_path]).name == "a.ssml"
    assert find_script("none.xml", None, []) == Path("none.xml")
    assert refused(read_script, tmp_path / "none.xml") == "none.xml: there is no such file"


# ---------------------------------------------------------------- another reader

ESPEAK = """
import ctypes, sys
import espeakng_loader as loader
lib = ctypes.CDLL(loader.get_library_path())
rate = lib.espeak_Initialize(2, 0, loader.get_data_path().encode(), 0)
heard = 0
@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
def take(samples, count, events):
    global heard
    heard += count
    return 0
lib.espeak_SetSynthCallback(take)
lib.espeak_SetVoiceByName(b"en")
text = sys.stdin.buffer.read()
lib.espeak_Synth(text, ctypes.c_size_t(len(text) + 1), 0, 1, 0, 0x11, None, None)  # UTF-8, SSML
lib.espeak_Synchronize()
print(heard / rate)
"""


def heard_s(text: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", ESPEAK], input=text.encode(), capture_output=True, check=True, timeout=120
    )
    return float(done.stdout)


@pytest.mark.slow
def test_espeak_speaks_it_with_the_silences_that_are_written():
    pytest.importorskip("espeakng_loader")
    script = read_script(LIBRARY / "en" / "breath-awareness.md", length_ms=10 * 60_000)
    text = write_ssml(script)
    pauses = [cue.natural_ms for cue in script.cues if isinstance(cue, Pause) and cue.natural_ms]
    assert len(pauses) > 20
    silent_s = heard_s(text) - heard_s(re.sub(r"<break[^>]*>", "", text))
    # A break stands in place of the gap, about half a second, that the reader would make by itself.
    assert sum(pauses) / 1000 - 0.8 * len(pauses) < silent_s < sum(pauses) / 1000


def test_a_whole_document_that_is_to_be_skipped_is_read_all_the_same():
    text = '<speak xmlns:kv="urn:kindvoice:script:1" kv:skip="true">Rest.</speak>'
    assert drawn(read_ssml(text, "a.ssml")[1]) == cues_of("Rest.")
