"""Participants: what spreadsheets write, and what is never repeated."""

from __future__ import annotations

import csv
import io

import pytest
from hostile import HOSTILE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kindvoice.errors import KindvoiceError, SettingsError
from kindvoice.plan import people, tables
from kindvoice.plan.participant import GivenPhrase, Participant
from kindvoice.plan.people import People, read_people

SECRET = "May Zebulon forgive the lighthouse"


def read(tmp_path, data: str | bytes, name: str = "people.csv") -> People:
    path = tmp_path / name
    path.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
    return read_people(path)


def table(tmp_path, data: str | bytes, name: str = "people.csv") -> tuple[Participant, ...]:
    return read(tmp_path, data, name).participants


def refused(tmp_path, data: str | bytes, name: str = "people.csv") -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        table(tmp_path, data, name)
    return caught.value


def texts(person: Participant) -> list[str]:
    return [wish.text for wish in person.phrases]


# ---------------------------------------------------------------- what is read


def test_a_row_of_every_column(tmp_path):
    (one,) = table(
        tmp_path,
        "id,name,language,phrases,length,voice,gentle,audience,place,group\n"
        'p01,Ana,pt_br,"May I be safe|May I rest, too",12:30,heart*0.9,yes,Carers,garden,007\n',
    )
    assert (one.id, one.name, one.language, one.length_ms) == ("p01", "Ana", "pt-BR", 750_000)
    assert (one.voice, one.gentle, one.audience) == ("heart*0.9", True, "carers")
    assert texts(one) == ["May I be safe", "May I rest, too"]
    assert dict(one.known()) == {"place": "garden", "group": "007", "name": "Ana"}
    assert one.where.line == 2
    assert [str(phrase) for phrase in one.spoken("en")] == ["May I be safe.", "May I rest, too."]
    assert one.spoken("en")[0].other == "May you be safe."


@pytest.mark.parametrize(("cell", "gentle", "whom"), [
    ("Health workers", None, "health-workers"), ("Pflegekraft", None, "health-workers"), ("mamma", None, "parents"),
    ("afantasía", None, "imageless"), ("trauma-sensitive", True, None), ("carers, trauma", True, "carers"),
    ("Eltern / traumasensibel", True, "parents"), ("gentle", True, None), ("", None, None),
])  # fmt: skip
def test_whom_a_cell_names(tmp_path, cell, gentle, whom):
    (one,) = table(tmp_path, f"id;audience\np;{cell}\n")
    assert (one.gentle, one.audience) == (gentle, whom)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_what_spreadsheets_write(tmp_path, mark, encoding, end):
    rows = [
        ["ID", " Phrases ", "Group Size"],
        ["p1", "Möge ich sicher sein | Sei’s drum", "3"],
        ["", "", ""],
        ["p2", "", ""],
    ]
    out = io.StringIO()
    csv.writer(out, delimiter=mark, lineterminator=end).writerows(rows)
    one, two = table(tmp_path, out.getvalue().encode(encoding))
    assert texts(one) == ["Möge ich sicher sein", "Sei’s drum"]
    assert one.known() == (("group_size", 3),)
    assert two.phrases == () and two.spoken("de") is None
    assert two.where.line == 4


def test_the_line_that_names_the_mark_and_cells_of_several_lines(tmp_path):
    one, two = table(tmp_path, 'sep=;\nid;phrases\np1;"May I be safe\nMay I be well"\np2;May I rest\n')
    assert texts(one) == ["May I be safe", "May I be well"]
    assert (one.where.line, two.where.line) == (3, 5)


def test_numbers_truths_and_formulas_are_data(tmp_path):
    (one,) = table(tmp_path, "id,a,b,c,d,e,phrases\np,=1+1,TRUE,1.5,-3,1_000,=cmd|'/c calc'!A1\n")
    assert one.known() == (("a", "=1+1"), ("b", True), ("c", 1.5), ("d", -3), ("e", "1_000"))
    assert texts(one) == ["=cmd", "'/c calc'!A1"]


def test_toml_and_yaml_with_forms(tmp_path):
    toml = """
[[participants]]
id = "a"
phrases = ["May I be safe", {self = "Peace", other = "Peace to you"}]
age = 70
"""
    yaml = """participants:
  - id: a
    phrases:
      - May I be safe
      - {self: Peace, other: Peace to you}
    age: 70
"""
    for name, text in (("p.toml", toml), ("p.yaml", yaml), ("q.yml", yaml.partition("\n")[2])):
        (one,) = table(tmp_path, text, name)
        assert one.phrases == (
            GivenPhrase(text="May I be safe"),
            GivenPhrase(text="Peace", forms=(("other", "Peace to you"),)),
        )
        assert one.spoken("en")[1].other == "Peace to you."
        assert one.known() == (("age", 70),)


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(("data", "line", "what"), [
    ("", 1, "no row names the columns"),
    (f"p01,Ana,{SECRET}\n", 1, "no row names the columns"),
    ("id\n", 0, "there are no participants"),
    (f"id,phrases\np,{SECRET}, and more\n", 2, "more cells"),
    ("id,phrases\np,...|May I\n", 2, "phrase 1 has no words"),
    (f"id,phrases\np,{'|'.join([SECRET] * 101)}\n", 2, "more than 100 phrases"),
    (f"id,phrases\np,{SECRET * 100}\n", 2, "more than 2000 characters"),
    (f"id,length\np,{SECRET}\n", 2, "the length cannot be used"),
    (f"id,language\np,{SECRET}\n", 2, "the language cannot be used"),
    (f"id,gentle\np,{SECRET}\n", 2, "the gentle cannot be used"),
    (f"id,audience\np,{SECRET}\n", 2, "the audience cannot be used"),
    (f"id;audience\np;carers, {SECRET}\n", 2, "the audience cannot be used"),
    ("id;audience\np;carers, parents\n", 2, "the audience cannot be used"),
    (f'id,phrases\np,"{SECRET}\n', 2, "quotes"),
    (f"id,phrases\np,{'x' * 200_000}\n", 2, "a cell is too long"),
])  # fmt: skip
def test_a_fault_is_told_with_its_line_and_without_a_word(tmp_path, data, line, what):
    error = refused(tmp_path, data)
    assert what in error.what
    assert (error.where.line, error.where.path) == (line, str(tmp_path / "people.csv"))
    assert error.cure
    told = str(error)
    for word in ("Zebulon", "lighthouse", "Ana", "Zoé"):
        assert word not in told


def test_other_encodings_and_other_files(tmp_path):
    error = refused(tmp_path, "id,name\na,x\np,Мария\n".encode("cp1251"))
    assert "encoding" in error.what and error.where.line == 3 and "CSV UTF-8" in error.cure
    assert "broken" in refused(tmp_path, b"PK\x03\x04zip").what
    assert "old spreadsheet" in refused(tmp_path, b"\xd0\xcf\x11\xe0xls").what
    assert "not text" in refused(tmp_path, b"id\n\x00\n").what
    with pytest.raises(SettingsError, match="cannot be read"):
        read_people(tmp_path / "gone.csv")


@pytest.mark.parametrize(("name", "data"), [
    ("p.toml", f'[[participants]]\nid = "a"\nphrases = [["{SECRET}"]]\n'),
    ("p.toml", f'[[participants]]\nid = "a"\nphrases = [{{other = "{SECRET}"}}]\n'),
    ("p.toml", f'[[participants]]\nid = "a"\nphrases = {{self = "{SECRET}"}}\n'),
    ("p.toml", f'[[participants]]\nid = "a"\nphrases = ["{SECRET}"\n'),
    ("p.toml", f'[[participants]]\nphrases = "{SECRET}"\n'),
    ("p.toml", f'[[participants]]\nid = "a"\n"{SECRET}!" = 1\n'),
    ("p.toml", f'[[participants]]\nid = "a"\nx = {{"{SECRET}" = 1}}\n'),
    ("p.toml", f'people = "{SECRET}"\n'),
    ("p.yaml", f"- id: a\n  {SECRET}: 1\n  {SECRET}: 2\n"),
    ("p.yaml", f"- id: a\n  phrases: *{SECRET.replace(' ', '')}\n"),
    ("p.yaml", f"{SECRET}\n"),
    ("p.yaml", f"- {SECRET}\n"),
    ("p.yaml", f"- id: a\n  phrases: !{SECRET}\n"),
])  # fmt: skip
def test_toml_and_yaml_repeat_nothing_either(tmp_path, name, data):
    error = refused(tmp_path, data, name)
    told = str(error)
    assert "Zebulon" not in told and "lighthouse" not in told and name in told


def test_there_is_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(people, "MAX_PEOPLE", 3)
    assert len(table(tmp_path, "id\na\nb\nc\n")) == 3
    assert refused(tmp_path, "id\na\nb\nc\nd\n").where.line == 5
    monkeypatch.setattr(people, "MAX_BYTES", 20)
    assert "too much text" in refused(tmp_path, "id,phrases\na,May I be well\nb,May I be well\n").what
    monkeypatch.setattr(tables, "MAX_BYTES", 100)
    assert "larger" in refused(tmp_path, "id\n" + "a" * 100).what


def test_a_participant_does_not_show_their_words(tmp_path):
    (one,) = table(tmp_path, f"id,name,phrases,secret\np,Zebulon,{SECRET},{SECRET}\n")
    for shown in (repr(one), str(one), f"{one}", repr(one.phrases), repr((one,))):
        assert "Zebulon" not in shown and "lighthouse" not in shown and "secret" not in shown


# ---------------------------------------------------------------- anything at all

CELLS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=5), st.sampled_from(",;\t"))
def test_any_table_is_read_or_refused_without_repeating_it(tmp_path, rows, mark):
    out = io.StringIO()
    csv.writer(out, delimiter=mark).writerows([["id", "phrases", "extra"], *rows])
    path = tmp_path / "any.csv"
    path.write_bytes(out.getvalue().encode("utf-8", "surrogatepass"))
    try:
        found = read_people(path).participants
    except KindvoiceError as error:
        told = str(error).replace(str(path), "")
        for cell in (cell for row in rows for cell in row if len(cell.strip()) > 12):
            assert cell.strip() not in told
        return
    assert len({person.id.casefold() for person in found}) == len(found) <= len(rows)
    for person in found:
        assert (tmp_path / person.id).parent == tmp_path
        assert all(phrase.strip() and "\n" not in phrase for phrase in person.spoken("en") or ())


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("b") / "any.csv"
    path.write_bytes(b"id\n" + data)
    try:
        read_people(path)
    except SettingsError as error:
        assert error.where.path == str(path)
