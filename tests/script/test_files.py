"""Files that people really have."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from make import read_script
from script.seen import drawn, read, refused

from kindvoice.errors import ScriptError
from kindvoice.script import read_phrases
from kindvoice.script.encoding import decode
from kindvoice.script.load import script_language
from kindvoice.script.source import MAX_BYTES


@pytest.mark.parametrize(
    "data",
    [
        "Ähre. [pause 5s] Ruhe.".encode(),
        "Ähre. [pause 5s] Ruhe.".encode("utf-8-sig"),
        "Ähre. [pause 5s] Ruhe.\r\n".encode("utf-16"),
        "\ufeffÄhre. [pause 5s] Ruhe.".encode("utf-16-be"),
        "A\u0308hre. [pause 5s] Ruhe.".encode(),
        "Ä\u00adhre. [pause\u00a05s] Ru\u200bhe.\x00"[:-1].encode(),
        "Ähre.\x0b[pause 5s]\u2028Ruhe.\x0c".encode(),
    ],
    ids=["utf-8", "bom", "utf-16", "utf-16-be", "decomposed", "invisible", "word processor's breaks"],
)
def test_plain_text_without_front_matter(tmp_path, data):
    assert drawn(read(tmp_path, data, name="ruhe.txt").cues) == "'Ähre.' [pause 5s] 'Ruhe.'"


def test_what_cannot_be_seen_neither_joins_words_nor_parts_them(tmp_path):
    text = "one\x0btwo\u2028three\x85four\tfive six\u00adseven e\u200b\u0301"
    assert drawn(read(tmp_path, text).cues) == "'one two three four five sixseven é'"


def test_joiners_that_words_are_spelt_with_stay(tmp_path):
    assert drawn(read(tmp_path, "می‌خواهم").cues) == "'می‌خواهم'"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PK\x03\x04rest", "a.md: this is a word processor's file or a zip archive, not plain text"),
        (b"\xd0\xcf\x11\xe0rest", "a.md: this is an old word processor's file, not plain text"),
        (b"\x89PNG\r\n\x1a\n", "a.md: this is a picture, not plain text"),
        (b"%PDF-1.7\n", "a.md: this is a PDF, not plain text"),
        (b"One.\n\x00\x01\x02", "a.md: the file is not text"),
        ("Hi".encode("utf-32"), "a.md: the file is not text"),
        (b"\xff\xfea", "a.md: the file is not UTF-8 text"),
        ("One.\nТри".encode("cp1251"), "a.md:2: the file is not UTF-8 text"),
    ],
)
def test_what_is_not_text(tmp_path, data, message):
    assert refused(read, tmp_path, data) == message + "\n  save it as plain text in UTF-8 (.txt or .md)"


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# Only a heading", "---\ntitle: x\n---\n",
             "{% if false %}One.{% endif %}", "....", "*** \n 🙏", "<!-- One. -->", "{# One. #}", "(…)"]
)  # fmt: skip
def test_nothing_to_speak(tmp_path, text):
    assert refused(read, tmp_path, text) == "a.md: the script has no words to speak"


def test_silence_by_itself_wants_a_bell_and_with_one_it_is_a_timer(tmp_path):
    assert refused(read, tmp_path, "[pause 20m]") == (
        "a.md: the script has no words to speak\n  for a silent timer put a [bell] before and after the silence"
    )
    assert drawn(read(tmp_path, "[bell] [pause 20m] [bell]").cues) == "[bell] [pause 20m] [bell]"


def test_files_that_are_not_there_or_no_files(tmp_path):
    assert refused(read_script, tmp_path / "none.md") == "none.md: there is no such file"
    assert refused(read_script, tmp_path) == f"{tmp_path.name}: this is a folder, not a script"
    assert refused(read_phrases, tmp_path, "en") == f"{tmp_path.name}: this is a folder, not a phrases file"
    assert "cannot be read" in refused(read_script, tmp_path / ("x" * 400))


def test_a_file_that_is_too_large(tmp_path):
    assert refused(read, tmp_path, b"a" * (MAX_BYTES + 1)) == "a.md: the file is too large for a script"


def test_the_language_that_a_script_says(tmp_path):
    (tmp_path / "a.md").write_text("---\nlanguage: pt_br\n---\nOi.")
    (tmp_path / "b.md").write_text("Hi.")
    assert script_language(tmp_path / "a.md") == "pt-BR"
    assert script_language(tmp_path / "b.md") == "en"


_bits = st.sampled_from([
    "---\n", "title: ", "length: 5m\n", "phrases: [a, b]\n", "values:\n", "  a: ", "\t", "*a", "&a ",
    "!!", "? ", "- ", ": ", "[", "]", "{", "}", "{{ ", " }}", "{% if a %}", "{% endif %}",
    "{% for p in phrases %}", "{% endfor %}", "{% set a = ", " %}", "{% set a %}", "{% endset %}",
    "{% macro m(x) %}", "{% endmacro %}", "{{ m(1) }}", "{{ p.other }}", "{#", "#}", "{% raw %}",
    "phrases", "minutes", "a", "|upper", "|join", "|replace('a', 'b')", "|int", " ~ ", " + ", " * ",
    "9", "'x'", "[0]", ".b", "(", ")", "pause", " 8s", "bell", " x3", "[bell", "[breathe in 4s",
    " out 6s", "bed ", " min ", "\n", "\n\n", "# ", "> ", "\\", "<!--", "-->", "<break ", "time='",
    "/>", "*", "_", "`", "\"", "'", "May I be me. ", "May ", "é", "🙏", "\u202e", ". ", "… ",
])  # fmt: skip


@pytest.mark.slow
@given(
    st.one_of(
        st.binary(max_size=60), st.lists(st.one_of(_bits, st.text(max_size=4)), max_size=30).map("".join)
    )
)
@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_file_holds_it_is_read_or_refused(tmp_path, held):
    for reader in (lambda: read(tmp_path, held), lambda: read_phrases(tmp_path / "a.md", "en")):
        try:
            found = reader()
        except ScriptError as error:
            assert error.what
            assert error.where is None or error.where.path == str(tmp_path / "a.md")
        else:
            lines = [cue.where.line for cue in getattr(found, "cues", ())]
            ends = b"\n\r" if isinstance(held, bytes) else "\n\r"
            assert all(1 <= line <= 1 + sum(c in ends for c in held) for line in lines)


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        ("わたしがやすらかでありますように。", "cp932", "Shift JIS"),
        ("愿我平安，愿我对自己温柔。", "gb18030", "GB 18030"),
    ],
)
def test_encodings_of_two_bytes_are_known_by_their_commonest_characters(text, encoding, name):
    assert decode(text.encode(encoding)) == (text, name)
