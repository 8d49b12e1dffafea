"""Tables of participants as people have them: any encoding, mark, language and kind of file."""

# ruff: noqa: E501

from __future__ import annotations

import io
import zipfile

import pytest

from kindvoice.errors import SettingsError
from kindvoice.plan import tables, workbook
from kindvoice.plan.people import People, read_people
from kindvoice.script.encoding import decode


def read(tmp_path, data: str | bytes, name: str = "people.csv") -> People:
    path = tmp_path / name
    path.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
    return read_people(path)


def shown(people: People) -> list[str]:
    """Everybody in a line: what is known of them."""
    return [
        " ".join(
            [
                one.id,
                one.name or "-",
                one.language or "-",
                str(one.length_ms // 1000) if one.length_ms else "-",
                {None: "-", True: "gentle", False: "plain"}[one.gentle],
                one.audience or "-",
                "|".join(wish.text for wish in one.phrases),
            ]
        )
        for one in people.participants
    ]


# ---------------------------------------------------------------- encodings

TEXTS = {
    "de": "Kennung;Sätze\nBärbel Weiß;Möge ich freundlich zu mir sein – grüße",
    "fr": "Prénom;Vœux\nZoé;Que je sois à l’aise, là où j’ai mal au cœur",
    "es": "Nombre;Frases\nIñigo;Que mañana sea más fácil, ¿sí?",
    "it": "Nome;Frasi\nNicolò;Che io sia felice, perché è così",
    "pt": "Nome;Frases\nJoão;Que eu não tenha dor, que tenha atenção",
    "nl": "Naam;Zinnen\nZoë;Moge ik één zijn met wie ik ben",
    "sv": "Namn;Fraser\nÅsa;Må jag vara trygg och känna frid",
    "pl": "Imię;Życzenia\nGrażyna Łuk;Niech będę szczęśliwa, obym żyła w pokoju",
    "tr": "İsim;Cümleler\nGülşah;Güvende olayım, sağlıklı yaşayayım",
}
WESTERN = ("cp1252", "iso8859-1", "iso8859-15", "mac_roman", "cp850")
ENCODINGS = {
    "pl": ("cp1250", "iso8859-2", "mac_latin2", "cp852"),
    "tr": ("cp1254", "iso8859-9", "mac_turkish", "cp857"),
}


def test_every_letter_is_understood_in_every_encoding():
    for language, text in TEXTS.items():
        for encoding in (*ENCODINGS.get(language, WESTERN), "utf-8-sig", "utf-16", "utf-16-le"):
            data = text.encode(encoding, "ignore")
            assert decode(data)[0] == data.decode(encoding), (language, encoding)


def test_the_encoding_is_named():
    text = "Name;Satz\nJörg;Möge ich ruhen".encode
    known = {each: decode(text(each))[1] for each in ("utf-8", "utf-16", "cp1252", "mac_roman", "cp850")}
    assert list(known.values()) == ["UTF-8", "UTF-16", "Windows-1252", "Mac Roman", "DOS 850"]


@pytest.mark.parametrize("data", ["Мария;Пусть".encode("cp1251"), b"\xff\xfe\x00", bytes(range(128, 256))])
def test_what_is_not_clear_is_not_guessed(data):
    with pytest.raises(UnicodeDecodeError):
        decode(data)


# ---------------------------------------------------------------- headings and cells

TABLES = {
    "de": (
        "Kennung;Vorname;Nachname;Sprache;Satz 1;Satz 2;Länge;Sanft;E-Mail\n"
        "A1;Bärbel;Weiß;Deutsch;Möge ich sicher sein;„Möge ich ruhen“;10 Minuten;ja;b@example.org\n",
        ["A1 Bärbel de 600 gentle - Möge ich sicher sein|Möge ich ruhen"],
    ),
    "fr": (
        "Nom\tPrénom\tLangue\tVœux (trois au plus)\tDurée\n"
        "Roux\tZoé\tfrançais\t« Que je sois en paix » | Que je dorme\t12,5\n",
        ["zoé-roux Zoé fr 750 - - Que je sois en paix|Que je dorme"],
    ),
    "es": (
        'Nombre,Idioma,Tus frases,Para quién\nIñigo,"español (México)","1. Que esté bien 2. Que duerma",adolescentes\n',
        ["iñigo Iñigo es - - teenagers Que esté bien|Que duerma"],
    ),
    "it": (
        "Codice;Nome;Frase 1;Frase 2\nc3;Nicolò;Che io stia bene;\n",
        ["c3 Nicolò - - - - Che io stia bene"],
    ),
    "nl": (
        "Naam;Taal;Wensen\nZoë;Nederlands;Moge ik veilig zijn; \n",
        ["zoë Zoë nl - - - Moge ik veilig zijn"],
    ),
    "pl": (
        "Imię;Język;Życzenia;Czas trwania;Łagodnie\nGrażyna;polski;Obym była zdrowa;20 min;nie\n",
        ["grażyna Grażyna pl 1200 plain - Obym była zdrowa"],
    ),
    "pt": (
        "Nome;Idioma;Desejos\nJoão;português do Brasil;Que eu fique bem\n",
        ["joão João pt-BR - - - Que eu fique bem"],
    ),
    "sv": ("Förnamn;Språk;Önskan\nÅsa;svenska;Må jag vila\n", ["åsa Åsa sv - - - Må jag vila"]),
    "tr": (
        "İsim;Dil;Dilekler;Süre\nGülşah;Türkçe;İyi olayım;15 dk\n",
        ["gülşah Gülşah tr 900 - - İyi olayım"],
    ),
    "en": (
        "Timestamp,Your name,What are your phrases?,Language\n1,Ana Lima,May I rest; may I be free,English\n",
        ["ana-lima Ana Lima en - - - May I rest|may I be free"],
    ),
}


@pytest.mark.parametrize("language", TABLES)
def test_a_table_in_the_words_of_its_language(tmp_path, language):
    data, expected = TABLES[language]
    assert shown(read(tmp_path, data)) == expected


@pytest.mark.parametrize(("cell", "phrases"), [
    ("May I be safe", ["May I be safe"]),
    ('"May I be safe\nMay I be well"', ["May I be safe", "May I be well"]),
    ("May I be safe | May I be well |", ["May I be safe", "May I be well"]),
    ('"- May I be safe\n• May I be well"', ["May I be safe", "May I be well"]),
    ('"1) May I be safe\n2) May I be well"', ["May I be safe", "May I be well"]),
    ("1. May I be safe 2. May I be well", ["May I be safe", "May I be well"]),
    ("Peace; Rest; Joy", ["Peace", "Rest", "Joy"]),
    ("May I rest; all is well", ["May I rest; all is well"]),
    ("May I have 2. May I have 3.", ["May I have 2.", "May I have 3."]),
    ("2. May I rest 3. May I be well", ["May I rest 3. May I be well"]),
    ("• May I be safe • may I be well", ["May I be safe", "may I be well"]),
    ("May I be safe / May I be well", ["May I be safe", "May I be well"]),
    ("May I be safe and/or well, he / she", ["May I be safe and/or well, he / she"]),
    ("May I rest. I am so tired. May I be well.", ["May I rest. I am so tired.", "May I be well."]),
    ("May I rest. I am so tired.", ["May I rest. I am so tired."]),
    ("Möge ich ruhen. Möge mein Herz leicht sein.", ["Möge ich ruhen.", "Möge mein Herz leicht sein."]),
    ("Que yo descanse. Que mi día sea suave.", ["Que yo descanse.", "Que mi día sea suave."]),
    ("Que je repose. Puisse ma nuit être douce.", ["Que je repose.", "Puisse ma nuit être douce."]),
    ("Che io riposi. Possa il giorno essere lieve.", ["Che io riposi.", "Possa il giorno essere lieve."]),
    ("Moge ik rusten. Laat me zacht zijn.", ["Moge ik rusten.", "Laat me zacht zijn."]),
    ("Niech odpocznę. Oby noc była cicha.", ["Niech odpocznę.", "Oby noc była cicha."]),
    ("Que eu descanse. Tomara que eu durma.", ["Que eu descanse.", "Tomara que eu durma."]),
    ("Må jag vila. Låt mig sova.", ["Må jag vila.", "Låt mig sova."]),
    ("Dinleneyim. İçim hafif olsun.", ["Dinleneyim.", "İçim hafif olsun."]),
    ("“May I be safe, and well”", ["May I be safe, and well"]),
    ('"May I say ""yes"" to it"', ['May I say "yes" to it']),
    ('"Yes" is my wish', ['"Yes" is my wish']),
    ("May I follow my 'heart'", ["May I follow my 'heart'"]),
    ("’Tis well with me", ["’Tis well with me"]),
    ("", []),
])  # fmt: skip
def test_the_phrases_of_a_cell(tmp_path, cell, phrases):
    (one,) = read(tmp_path, f"id\tphrases\np\t{cell}\n").participants
    assert [wish.text for wish in one.phrases] == phrases


def test_what_stands_around_a_table(tmp_path):
    people = read(
        tmp_path,
        "Wishes of the Tuesday group;;\n;;\nName;Wish 1;Wish 2\nAna;May I rest;\n;;\nBo;;\nTotal;2;\n",
    )
    assert shown(people) == ["ana Ana - - - - May I rest", "bo Bo - - - - "]
    assert people.notes[0] == (
        "people.csv: ; separated, UTF-8, headings in row 3, name in 'Name', phrases in 'Wish 1' to 'Wish 2', 2 people"
    )
    assert any("made from the names" in note for note in people.notes)
    assert "row 7 adds up the others and is nobody" in people.notes


@pytest.mark.parametrize(("rows", "ids"), [
    ("id\nAna Lima\n../../etc\nCON\nok\n", ["Ana-Lima", "etc", "p-CON", "ok"]),
    ("id,name\n,Ana\n,Ana\nana-2,Bo\nANA,Eve\n", ["ana-3", "ana-4", "ana-2", "ANA"]),
    ("name,phrases\n…,x\n,May I rest\n", ["row-2", "row-3"]),
    ("id\n" + "x" * 200 + "\n", ["x" * 60]),
])  # fmt: skip
def test_ids_are_safe_and_nobody_shares_one(tmp_path, rows, ids):
    assert [one.id for one in read(tmp_path, rows).participants] == ids


# ---------------------------------------------------------------- one bad row


def test_a_question_is_a_heading(tmp_path):
    people = read(
        tmp_path, "Nombre,¿Qué deseas para ti?,¿En qué idioma lo deseas?\nEva,Que yo descanse,español"
    )
    assert shown(people) == ["eva Eva - - - - Que yo descanse"]


def test_a_bad_row_does_not_stop_the_others(tmp_path):
    people = read(
        tmp_path,
        'id,language,length,phrases\na,en,,May I rest\nb,Klingon Zebulon,,x\nc,,Zebulon,x\nA,,,x\nd,,,"Zebulon\n'
        "e,,,x,Zebulon\nf,,,...\ng,,10,May I rest\n",
    )
    assert [one.id for one in people.participants] == ["a", "g"]
    assert [(fault.where.line, fault.what) for fault in people.faults] == [
        (3, "cell B3: the language cannot be used"),
        (4, "cell C4: the length cannot be used"),
        (5, "cell A5: the same id stands in line 2, capitals aside"),
        (6, 'row 6: the "quotes" around a cell do not match'),
        (7, "row 7: this row has more cells than there are names of columns"),
        (8, "cell D8: phrase 1 has no words"),
    ]
    assert all("Zebulon" not in str(fault) for fault in people.faults)
    with pytest.raises(SettingsError, match=r"cell B3: .*5 more such rows"):
        people.strict()


@pytest.mark.parametrize(("heading", "note"), [
    ("lenght", "the column 'lenght' is a value for scripts; if it is 'length', rename it"),
    ("title", "not used: column B"),
    ("2nd", "not used: column B"),
    ("E-mail", "not used: 'E-mail'"),
])  # fmt: skip
def test_columns_that_mean_nothing_are_told(tmp_path, heading, note):
    people = read(tmp_path, f"id,{heading}\np,x\n,a row of nobody\n")
    assert note in people.notes and [one.id for one in people.participants] == ["p"]


# ---------------------------------------------------------------- workbooks

CELLS = (
    '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="3"><c r="A3" t="s"><v>1</v></c><c r="B3" t="inlineStr"><is><t>'
    'Satz 1</t></is></c><c r="C3" t="str"><v>Satz 2</v></c><c r="D3" t="s"><v>2</v></c></row>'
)
STRINGS = "<sst><si><t>Herbst</t></si><si><t>Vorname</t></si><si><r><t>Län</t></r><r><t>ge</t></r></si></sst>"
STYLES = (
    '<styleSheet><numFmts><numFmt numFmtId="170" formatCode="[h]:mm:ss"/></numFmts><cellXfs><xf numFmtId="0"/>'
    '<xf numFmtId="20"/><xf numFmtId="170"/></cellXfs></styleSheet>'
)


def xlsx(rows: str, **parts: str) -> bytes:
    out = io.BytesIO()
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    files = {
        "xl/workbook.xml": f'<workbook {main} xmlns:r="r"><sheets><sheet name="x" state="hidden" r:id="rId9"/>'
        '<sheet name="y" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/sharedStrings.xml": STRINGS,
        "xl/styles.xml": STYLES,
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{rows}</sheetData></worksheet>",
    } | {name.replace("__", "/").replace("_xml", ".xml"): text for name, text in parts.items()}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in files.items():
            book.writestr(name, text)
    return out.getvalue()


def row(number: int, name: str, wish: str, length: str = "") -> str:
    return (
        f'<row r="{number}"><c r="A{number}" t="str"><v>{name}</v></c>'
        f'<c r="B{number}" t="str"><f>"May "&amp;A1</f><v>{wish}</v></c>{length}</row>'
    )


def test_a_workbook_is_read_and_nothing_in_it_is_run(tmp_path):
    rows = (
        row(4, "Bo", "Ruhe", '<c r="D4" s="1"><v>0.520833333333333</v></c>')
        + row(5, "Cy", "Frieden", '<c r="D5" s="2"><v>0.0138888888888889</v></c>')
        + row(6, "Di", "")
        + row(7, "Ed", "Licht", '<c r="D7"><v>20</v></c><c r="F7" t="str"><v>aside</v></c>')
        + row(9, "Fe", "", '<c r="D9" t="e"><v>#REF!</v></c>')
    )
    people = read(tmp_path, xlsx(CELLS + rows), "people.xlsx")
    assert shown(people) == ["bo Bo - 750 - - Ruhe", "cy Cy - 1200 - - Frieden"]
    assert people.notes[0].startswith(
        "people.xlsx: XLSX, sheet 1, headings in row 3, name in 'Vorname', phrases in 'Satz 1' to 'Satz 2', length in 'Länge'"
    )
    assert [(fault.where.line, fault.what.partition(": ")[2]) for fault in people.faults] == [
        (6, "a cell holds a formula without its result"),
        (7, "this row has more cells than there are names of columns"),
        (9, "a cell holds an error of the spreadsheet, such as #REF!"),
    ]


def test_an_ods_is_read(tmp_path):
    out = io.BytesIO()
    office = "urn:oasis:names:tc:opendocument:xmlns:"
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    content = (
        f'<o:document-content xmlns:o="{office}office:1.0" xmlns:table="{office}table:1.0" xmlns:text="{office}text:1.0">'
        "<table:table>"
        f"<table:table-row>{cell.format('Nom')}{cell.format('Phrases')}</table:table-row>"
        f"<table:table-row>{cell.format('Zoé')}<table:table-cell><o:annotation><text:p>secret</text:p></o:annotation>"
        "<text:p>Que je <text:span>sois</text:span><text:s/>bien</text:p><text:p>Que je dorme</text:p></table:table-cell>"
        '</table:table-row><table:table-row table:number-rows-repeated="1048574"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row></table:table></o:document-content>'
    )
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("content.xml", content)
    assert shown(read(tmp_path, out.getvalue(), "people.ods")) == [
        "zoé Zoé fr - - - Que je sois bien|Que je dorme"
    ]


@pytest.mark.parametrize(("parts", "limit"), [
    ({"xl__sharedStrings_xml": '<!DOCTYPE a [<!ENTITY b "c">]><sst><si><t>&b;</t></si></sst>'}, 0),
    ({"xl__sharedStrings_xml": "<sst><si><t>" + "x" * 200_000}, 0),
    ({"xl__sharedStrings_xml": f"<sst><si><t>{'x' * 200_000}</t></si></sst>"}, 100_000),
    ({"xl___rels__workbook_xml.rels": "<Relationships/>"}, 0),
    ({"xl__workbook_xml": "<workbook/>"}, 0),
])  # fmt: skip
def test_a_workbook_that_harms_is_refused(tmp_path, monkeypatch, parts, limit):
    if limit:
        monkeypatch.setattr(workbook, "MAX_BYTES", limit)
    with pytest.raises(SettingsError):
        read(tmp_path, xlsx(CELLS + row(4, "Bo", "Ruhe"), **parts), "people.xlsx")


def test_a_row_without_end_is_bounded(tmp_path):
    people = read(tmp_path, "id,phrases\na,May I rest\nb" + "," * 200_000 + "x\nc,May I rest\n")
    assert [one.id for one in people.participants] == ["a", "c"]
    assert str(tables.MAX_COLUMNS) in people.faults[0].what
