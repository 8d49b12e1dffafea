"""Files as people bring them (tests/data/imports), each beside what is spoken of it and what is not."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from make import read_script
from script.seen import drawn

from kindvoice.errors import KindvoiceError
from kindvoice.script.imported import Imported, import_scripts
from kindvoice.script.imports.base import MAX_XML

FOLDER = Path(__file__).parents[1] / "data" / "imports"
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix != ".heard")


def told(scripts: tuple[Imported, ...]) -> str:
    """Of each script a line about it, its rows, notes, and below a line of dashes its clean text."""
    lines = []
    for script in scripts:
        lines.append(
            f"== {script.title} | {script.language} | {', '.join([*script.chapters, *script.blanks])}"
        )
        for row in script.rows:
            left = [f"{text} ({why})" for text, why in row.unspoken] + [f"! {what}" for what, _ in row.wrong]
            lines.append(f"{row.line}: {row.spoken} | {' | '.join(left)}".rstrip(" |"))
        lines += [f"note: {note}" for note in script.notes]
        lines += ["-----", script.text]
    return "\n".join(lines)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_is_spoken_and_what_is_not(path):
    scripts = import_scripts(path.read_bytes(), path.name)
    assert told(scripts) == path.with_name(f"{path.name}.heard").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "path", [path for path in FILES if "several" not in path.name], ids=lambda path: path.name
)
def test_the_file_itself_is_read_as_its_clean_script_is(tmp_path, path):
    scripts = import_scripts(path.read_bytes(), path.name)
    if len(scripts) > 1 or any(row.wrong for row in scripts[0].rows):
        return
    (tmp_path / "clean.md").write_text(scripts[0].text, encoding="utf-8")
    values = {"name": "Ana", "your_name": "Ana"}
    direct, clean = (read_script(each, values=values) for each in (path, tmp_path / "clean.md"))
    assert drawn(clean.cues) == drawn(direct.cues)
    assert (clean.language, clean.style) == (direct.language, direct.style)


def archive(**parts: bytes | str) -> bytes:
    """A zip archive; a part's name has __ for / and _xml for .xml."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            kind = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            file.writestr(name.replace("__", "/").replace("_xml", ".xml"), data, kind)
    return out.getvalue()


def docx(body: str, **parts: str) -> bytes:
    return archive(
        word__document_xml=f"<w:document xmlns:w='w'><w:body>{body}</w:body></w:document>", **parts
    )


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def par(*runs: str, style: str = "") -> str:
    properties = f"<w:pPr><w:pStyle w:val='{style}'/></w:pPr>" if style else ""
    return f"<w:p>{properties}{''.join(runs)}</w:p>"


def cells(*texts: str) -> str:
    return "<w:tr>" + "".join(f"<w:tc>{par(run(text))}</w:tc>" for text in texts) + "</w:tr>"


DOCX = docx(
    par(run("Ein Abend"), style="Titel")
    + par(run("Ankommen"), style="berschrift1")
    + par(run("Find a "), run("place", "<w:i/>"), run(" to sit."), run(" secret", "<w:vanish/>"))
    + par(
        "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del>",
        run("pause for three breaths", "<w:b/><w:i/>"),
    )
    + par(run("Feel your toes"), style="ListBullet")
    + f"<w:tbl>{cells('Time', 'Narration')}{cells('0:00', 'Welcome [pause 8s]')}</w:tbl>"
    + par(run("One line"), "<w:r><w:br/></w:r>", run("Another &amp; more")),
    word__styles_xml="<w:styles xmlns:w='w'><w:style w:styleId='berschrift1'><w:name w:val='heading 1'/></w:style>"
    "<w:style w:styleId='Titel'><w:name w:val='Title'/></w:style></w:styles>",
    word__header1_xml=f"<w:hdr xmlns:w='w'>{par(run('My header'))}</w:hdr>",
)
ODT = archive(
    mimetype="application/vnd.oasis.opendocument.text",
    content_xml="""<o:document xmlns:o="o" xmlns:t="t" xmlns:s="s"><o:automatic-styles>
    <s:style s:name="T1"><s:text-properties s:font-style="italic"/></s:style>
    <s:style s:name="T2"><s:text-properties t:display="none"/></s:style>
    </o:automatic-styles><o:body><o:text><t:h t:outline-level="1">Arriving</t:h>
    <t:p>Find a <t:span t:style-name="T1">place</t:span>.
    <t:note><t:note-body><t:p>see there</t:p></t:note-body></t:note>
    <t:line-break/>Next<t:s t:c="2"/>line.<t:span t:style-name="T2">secret</t:span></t:p>
    <t:p><t:span t:style-name="T1">pause for three breaths</t:span></t:p>
    <t:list><t:list-item><t:p>Feel your toes</t:p></t:list-item></t:list></o:text></o:body></o:document>""",
)  # fmt: skip


@pytest.mark.parametrize(
    ("data", "title", "spoken", "unspoken"),
    [
        (
            DOCX, "Ein Abend",
            "#Ankommen 'Find a place to sit.' / [pause 15s] / 'Feel your toes' / 'Welcome' [pause 8s] / 'One line' "
            "'Another & more'",
            {"secret": "hidden text", "gone": "struck out", "Time": "a table's head", "Narration": "a table's head",
             "0:00": "beside what is spoken", "My header": "a page's head"},
        ),
        (
            ODT, "A", "#Arriving 'Find a place.' 'Next line.' / [pause 15s] / 'Feel your toes'",
            {"see there": "a footnote", "secret": "hidden text"},
        ),
    ],
    ids=["docx", "odt"],
)  # fmt: skip
def test_word_processors(tmp_path, data, title, spoken, unspoken):
    path = tmp_path / "a.file"
    path.write_bytes(data)
    script = read_script(path)
    assert drawn(script.cues) == spoken
    assert {left.text: left.reason for left in script.unspoken} == unspoken
    (imported,) = import_scripts(data, "a")
    assert imported.title in {title, "Arriving"}
    path.write_text(imported.text, encoding="utf-8")
    assert drawn(read_script(path).cues) == spoken


BROKEN = "is broken, or larger than can be read"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.docx", docx(f"<!--{' ' * MAX_XML}-->"), BROKEN),
        ("a.docx", docx(par(run("Rest.")) * 40_000), "too long for a script"),
        ("a.docx", docx("<w:tbl><w:tr><w:tc>" * 200), BROKEN),
        ("a.docx", archive(word__document_xml="<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), BROKEN),
        ("a.docx", DOCX[: len(DOCX) // 2], BROKEN),
        ("a.docx", archive(word__document_xml="<a/>", **dict.fromkeys(map(str, range(6_000)), "")), BROKEN),
        ("a.odt", archive(mimetype="application/vnd.oasis.opendocument.text", content_xml="<a>"), BROKEN),
        ("a.zip", archive(a="b"), "a zip archive, not plain text"),
        ("a.rtf", b"{\\rtf1 " + b"{" * 600, "500 deep"),
        ("a.rtf", b"{\\rtf1 Rest.", "cut short"),
        ("a.rtf", b"{\\rtf1 " + b"\\b" * 800_000, "larger than can be read"),
        ("a.json", b"[" * 10_000_000, "too large for a script"),
        ("a.json", b"[" * 4_000_000, "goes too deep"),
        ("a.json", b'{"script":' * 40 + b'"Rest."' + b"}" * 40, "30 deep"),
        ("a.json", b'[{"pause": ' + b"9" * 9_000 + b"}]", "too long a number"),
        ("a.json", b'[\n{"text": "Rest.", "pau', "a.json:2: this is not JSON"),
        ("a.json", b'[{"id": 7}]', "no lines of a script"),
        ("a.srt", b"Rest.\n", "no time code"),
        ("a.txt", bytes(range(128, 256)) * 40, "not UTF-8 text"),
        ("a.md", b"Rest. " * 200_000, "too long for a script"),
        ("a.html", b"<html><nav>Home</nav>", "no words to speak"),
        ("a.html", b"<html>" + b"<b>x" * 300_000, "too long for a script"),
    ],
    ids=lambda value: str(value)[:12] if isinstance(value, str) else "",
)  # fmt: skip
def test_what_cannot_be_read_is_one_clear_error(name, data, message):
    with pytest.raises(KindvoiceError) as caught:
        import_scripts(data, name)
    assert message in str(caught.value)
    assert caught.value.where is not None and caught.value.where.path == name
    assert len(str(caught.value)) < 400


@pytest.mark.slow
@pytest.mark.parametrize(
    "begun", ["<div>", "<b>x", "<!--", '<a "', "<", "&", "<p hidden>a", "<table><tr><td>", "<title>"]
)
def test_a_page_of_one_thing_begun_again_and_again_is_read_in_linear_time(begun):
    page = f"<html><p>Rest.</p>{begun * 20_000}"
    (script,) = import_scripts(page, "a.html")
    assert "Rest." in script.text


@pytest.mark.parametrize("step", [
    {"type": "bell"}, {"type": "gong", "text": "Gong"}, {"type": "sound", "name": "bell"}, {"event": "chime"},
    {"bell": True},
    {"type": "sound", "soundId": "bell_soft_01", "description": "Soft bell"}, {"type": "audio", "src": "gong.wav"},
    {"sound": "singing bowl"}, {"type": "bell", "count": 3}, {"bell": 3},
], ids=str)  # fmt: skip
def test_a_bell_in_json_however_it_is_called(step):
    (script,) = import_scripts(json.dumps([{"text": "A."}, step]), "a.json")
    bells = " ".join(row.spoken for row in script.rows if row.spoken).removeprefix("A.").split(" ", 1)[1]
    assert bells == ("[bell x3]" if 3 in step.values() else "[bell]")


def test_a_pause_in_json_says_its_unit_or_is_read_as_it_is_meant():
    pauses = {
        "pauseAfter": 15, "pause_after_ms": 1500, "pause": 4000, "silence": "1m", "pauseSeconds": 2.5, "wait": "PT20S",
        "break": "0:30", "pauseDuration": {"minutes": 2}, "pauseBefore": "short", "delay": "soon", "hold": True,
    }  # fmt: skip
    (script,) = import_scripts(
        json.dumps([{"text": "A.", name: value} for name, value in pauses.items()]), "a.json"
    )
    assert [row.spoken for row in script.rows if row.spoken.startswith("[")] == [
        "[pause 15s]", "[pause 1.5s]", "[pause 4s]", "[pause 1m]", "[pause 2.5s]", "[pause 20s]", "[pause 30s]",
        "[pause 2m]", "[short pause]", "[pause]",
    ]  # fmt: skip
    assert [left for row in script.rows for left in row.unspoken] == [("delay: soon", "no length of a pause")]


@pytest.mark.parametrize(
    "text", ["#ab " * 5_000, "const x = [" + "/*" * 5_000, "x = [1 " * 5_000, "x = '" * 5_000]
)
def test_what_only_looks_like_code_is_read_at_once(text):
    """A pattern that went back and forth would never end."""
    for name in ("a.md", "a.py"):
        try:
            import_scripts(text, name)
        except KindvoiceError as error:
            assert error.what
