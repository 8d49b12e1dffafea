"""A script that a teacher brings to the studio: what is shown of it, what is taken over, and what is refused."""

from __future__ import annotations

import html
import io
import re
import zipfile

import pytest
from starlette.testclient import TestClient
from teachpages import app_of, teachers_in

from kindvoice.studio.teach import reader

ANSWER = """Sure! Here is your script:

# A Kind Evening

Hello [your name]. (pause 3 seconds)

*soft music*

Rest here. [pause 2m]
"""
TWO = "---\ntitle: One\n---\nBe here.\n\n---\ntitle: Two\nlanguage: de\n---\nSei hier. [Pause 2s]\n"
NO_FILE = ("", b"")


class Bringer:
    def __init__(self, base) -> None:
        self.base = base
        self.teachers = teachers_in(base)
        self.client = TestClient(
            app_of(self.teachers, base), base_url="http://127.0.0.1", follow_redirects=False
        )
        self.token = self.client.get("/token").text

    def bring(self, text: str = "", file: tuple[str, bytes] = NO_FILE, **fields: str):
        fields = {"token": self.token, "text": text, "act": "show", **fields}
        return self.client.post("/teach/import", data=fields, files={"file": file})

    @property
    def scripts(self) -> set[str]:
        return {path.name for path in (self.base / "scripts").iterdir()}


@pytest.fixture(scope="module")
def bringer(tmp_path_factory):
    bringer = Bringer(tmp_path_factory.mktemp("brought"))
    yield bringer
    bringer.teachers.close()


def columns(page: str) -> list[tuple[str, str, str]]:
    """(line, spoken, not spoken) of every row."""
    cells = re.findall(
        r"<th scope=\"row\"[^>]*>(.*?)</th>\s*<td[^>]*>(.*?)</td>\s*<td>(.*?)</td>", page, re.DOTALL
    )
    return [tuple(html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in row) for row in cells]


def docx(xml: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", xml)
    return file.getvalue()


WORD = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>%s</w:body></w:document>'
PARAGRAPH = "<w:p><w:r><w:t>Rest in kindness. (pause 3 seconds)</w:t></w:r></w:p>"
RESTING = [("1", "Rest in kindness. [pause 3s]", "")]


@pytest.mark.parametrize(
    ("brought", "titles", "rows"),
    [
        ({"text": ANSWER}, ["A Kind Evening"], [
            ("1", "", "Sure! Here is your script: "), ("3", "# A Kind Evening", ""),
            ("5", "Hello [your name]. [pause 3s]", ""), ("7", "", "soft music music or a sound effect"),
            ("9", "Rest here. [pause 2m]", ""),
        ]),
        ({"text": TWO}, ["One", "Two"], [("4", "Be here.", ""), ("10", "Sei hier. [pause 2s]", "")]),
        ({"file": ("C:\\me\\rest.docx", docx((WORD % PARAGRAPH).encode()))}, ["Rest"], RESTING),
        ({"file": ("../rest.txt", b"Rest in kindness. (pause 3 seconds)"), "text": "not this"}, ["Rest"], RESTING),
        ({"text": "</textarea><script>x</script> be here"}, ["Script"], None),
    ],
)  # fmt: skip
def test_both_columns_are_shown_and_nothing_is_kept(bringer, brought, titles, rows):
    before, page = bringer.scripts, bringer.bring(**brought)
    assert page.status_code == 200 and bringer.scripts == before
    assert [
        html.unescape(title) for title in re.findall(r'<h2 id="script-\d+"[^>]*>(.*?)</h2>', page.text)
    ] == titles
    assert page.text.count('value="keep"') == len(titles)
    assert "<script>x" not in page.text
    for shown, row in zip(columns(page.text), rows or (), strict=bool(rows)):
        assert shown[:2] == row[:2] and shown[2].startswith(row[2])


def test_the_clean_script_is_taken_over_or_saved(bringer):
    page = bringer.bring(ANSWER).text
    clean = html.unescape(re.search(r'name="text" value="([^"]*)"', page)[1])
    saved = bringer.bring(clean.replace("\n", "\r\n"), act="save")
    assert (
        saved.text == clean
        and saved.headers["content-disposition"] == 'attachment; filename="a-kind-evening.md"'
    )
    for name in ("a-kind-evening.md", "a-kind-evening-2.md"):
        kept = bringer.bring(clean.replace("\n", "\r\n"), act="keep")
        assert kept.status_code == 303 and (bringer.base / "scripts" / name).read_text() == clean
        assert "Rest here." in bringer.client.get(kept.headers["location"]).text
    assert bringer.client.get("/teach/").text.count("A Kind Evening</a>") == 2
    bringer.bring("---\ntitle: Contributing\n---\nBe here.", act="keep")
    assert "script-contributing.md" in bringer.client.get("/teach/").text, (
        "also what is named like another file"
    )


BOMB = docx((WORD % (PARAGRAPH * 400_000)).encode())
ENTITIES = docx(
    b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>' + (WORD % "&b;").encode()
)


@pytest.mark.parametrize(
    ("brought", "status", "told"),
    [
        ({}, 422, "Nothing was brought"),
        ({"text": " \n"}, 422, "Nothing was brought"),
        ({"text": "x" * 1_000_001}, 422, "trouble"),
        ({"file": ("bomb.docx", BOMB)}, 422, "trouble"),
        ({"file": ("entities.docx", ENTITIES)}, 422, "trouble"),
        ({"file": ("broken.docx", b"PK\3\4" * 100)}, 422, "trouble"),
        ({"file": ("deep.rtf", b"{\\rtf1" + b"{" * 100_000)}, 422, "trouble"),
        ({"file": ("deep.json", b"[" * 100_000)}, 422, "trouble"),
        ({"file": ("sound.mp3", bytes(range(256)) * 400)}, 422, "trouble"),
        ({"file": ("large.docx", b"PK\3\4" + b"x" * 31_000_000)}, 413, "size"),
        ({"text": "Be here.", "token": "0" * 64}, 403, "token"),
        ({"text": "Be here.", **{f"more-{n}": "x" for n in range(20)}}, 400, "form"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_and_hurts_nobody(bringer, brought, status, told):
    before, answer = bringer.scripts, bringer.bring(act="keep", **brought)
    assert answer.status_code == status and told in answer.text
    assert bringer.scripts == before
    assert bringer.bring("Be here.").status_code == 200


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/x-www-form-urlencoded", b"token=x&text=x", 415),
        ("multipart/form-data", b"--b\r\n", 415),
        ("multipart/form-data; boundary=b", b"no boundary", 400),
        ("multipart/form-data; boundary=b", b"--b\r\na: b\r\n\r\nx\r\n--b--\r\n", 400),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\ncontent-disposition: form-data; name="token"\r\n\r\nx',
            403,
        ),
    ],
)
def test_what_is_no_such_form_is_refused(bringer, content_type, body, status):
    answer = bringer.client.post("/teach/import", content=body, headers={"content-type": content_type})
    assert answer.status_code == status


@pytest.mark.slow
def test_what_is_read_too_slowly_is_put_aside_and_few_wait(bringer, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(reader, "READ_S", 0.05)
        answer = bringer.bring("May you be kind. [pause 3s]\n\n" * 9_000)
        assert answer.status_code == 422 and "takes too long to read" in answer.text
    assert bringer.bring("Be here.").status_code == 200
    monkeypatch.setattr(reader, "MOST_WAITING", 0)
    assert bringer.bring("Be here.").status_code == 429
