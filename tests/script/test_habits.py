"""What a text's own habits tell of lines that no sign marks, and where they tell nothing."""

from __future__ import annotations

import pytest
from script.seen import read

from kindvoice.model import Chapter, Words
from kindvoice.script.imported import import_scripts
from kindvoice.script.literal import line_mark
from kindvoice.script.parse import parse

ONE = {
    "en": "Sit down in a way that feels kind to your back. Rest your hands, and let them be heavy.",
    "de": "Setz dich so hin, dass es deinem Rücken gut tut. Lass die Hände ruhen, und lass sie schwer sein.",
    "es": "Siéntate de una manera que te siente bien. Deja descansar las manos, y que pesen un poco.",
    "pl": "Usiądź tak, żeby było dobrze twoim plecom. Połóż ręce, i niech będą ciężkie i ciepłe.",
    "ja": "背中が楽なように、ゆっくりと座りましょう。手を休ませて、その重さを少しのあいだ感じます。",
}
TWO = {
    "en": "The breath comes and goes as it likes. There is nothing that you have to do about it.",
    "de": "Der Atem kommt und geht, wie er mag. Du brauchst daran jetzt gar nichts zu tun.",
    "es": "El aire entra y sale como quiere. No hay nada que tengas que hacer con eso ahora.",
    "pl": "Oddech przychodzi i odchodzi, jak chce. Nie musisz z nim teraz nic a nic robić.",
    "ja": "息は来るままに、去るままにしておきます。いまは何もしなくてよく、ただ息といっしょにいます。",
}
END = {
    "en": "Come back to the room. When you are ready, look around, and go on with your day.",
    "de": "Komm zurück in den Raum. Wenn du so weit bist, schau dich um und geh in deinen Tag.",
    "es": "Vuelve a la habitación. Cuando quieras, mira a tu alrededor y sigue con tu día.",
    "pl": "Wróć do pokoju. Kiedy zechcesz, rozejrzyj się i wróć spokojnie do swojego dnia.",
    "ja": "部屋に戻ってきましょう。準備ができたら、目を開けて、まわりをゆっくり見まわします。",
}
ABOVE = {"en": "A calmer evening", "de": "Mikropause am Schreibtisch", "es": "Calma tras el trabajo",
         "pl": "Spokojny wieczór", "ja": "しずかな夜に"}  # fmt: skip
HEADINGS = {"en": ("Hands and back", "Air"), "de": ("Hände und Rücken", "Luft"), "es": ("Espalda y manos", "Aire"),
            "pl": ("Plecy i ręce", "Powietrze"), "ja": ("手と背中", "空気")}  # fmt: skip
BELOW = {"en": "Texts by Ana Roth", "de": "– Ana Roth", "es": "Texto de Ana Roth", "pl": "Ośrodek Cisza, 2019",
         "ja": "https://example.org"}  # fmt: skip


def spoken(text: str, language: str = "en") -> list[str]:
    cues = parse(line_mark(1) + text, "a.md", language).cues
    return [cue.text for cue in cues if isinstance(cue, Words)]


@pytest.mark.parametrize("language", ONE)
@pytest.mark.parametrize("between", ["\n\n", "\n"])
def test_title_headings_and_last_lines_stand_out_where_sentences_end_with_stops(language, between):
    body = [ONE[language], TWO[language], END[language]]
    first, second = HEADINGS[language]
    text = between.join([ABOVE[language], first, body[0], second, *body[1:], BELOW[language]])
    text = text.replace(between, "\n\n", 1)
    alone = spoken("\n\n".join(body), language)
    assert spoken(text, language) == alone
    without = text.replace(f"{first}{between}", "").replace(f"{second}{between}", "")
    assert spoken(without, language) == alone


LINES = ["Close your eyes", "May I be safe", "Breathe", "I am here", "Let it all be", "One", "Two", "Three",
         "Rest now", "Namaste", "Be kind to this body"]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "\n\n".join(LINES),
        "\n".join(LINES),
        "Close your eyes",
        "Breathe\n\nRest",
        "\n\n".join(sentence.rstrip(".") for of in (ONE, TWO, END) for sentence in (of["en"], *LINES[:4])),
        f"Welcome\n\n{ONE['en']}\n\n{TWO['en']}\n\n{END['en']}\n\nNamaste",
        f"{ONE['en']}\n\nI am here\n\n{TWO['en']} {TWO['en']}\n\nI am enough\n\n{END['en']} {END['en']}\n\nMay I rest",
        f"{ONE['en']}\n\nSay:\n\nAll is well\n\n{TWO['en']} {TWO['en']}\n\nAnd:\n\nHere is rest\n\n{END['en']}",
        f"Breathe in\n\n{ONE['en']} Breathe out again. {TWO['en']}\n\nBreathe as you like. {END['en']}",
    ],
)
def test_where_the_evidence_is_weak_every_line_is_spoken(text):
    assert " ".join(spoken(text)).split() == text.replace("\n", " ").split()


@pytest.mark.parametrize("title", ["# A calmer evening", "A calmer evening", "🌙 A CALMER EVENING 🌙"])
def test_a_plain_line_below_the_title_is_for_the_listener(title):
    body = ["Lie down and close the eyes", ONE["en"], TWO["en"], END["en"]]
    assert " ".join(spoken("\n\n".join([title, *body]))) == " ".join(body)


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("Home » Texts\nA calmer evening\nBy Ana | 6 min\n\nI wrote this for people on nights.\n\nTHE WORDS\n\n",
         "\n\nMore for you\nWhat if sleep will not come? That is fine.\n\nFacebook  Mail  Print\nFree. | 12 comments"),
        ("From: Ana\nTo: all\nSubject: the words\n\nHi everyone,\n\nLovely to see so many of you. Here it is.\n\n",
         "\n\nWarmly,\nAna"),
        ("A calmer evening\n\n※ For whoever likes it.\n\n", "\n\nMon ___ Tue ___\nCAKE STALL: Helpers are needed!"),
        ("A CALMER EVENING\nlights down, heating on!\n\n", "\n\nAna Roth, teacher of yoga – by appointment"),
        ("A calmer evening (with Ana)\n\nRead the text below slowly, and pause at each star.\n\n", ""),
    ],
)  # fmt: skip
def test_what_a_page_or_a_letter_has_around_a_script(above, below):
    body = f"{ONE['en']}\n\n{TWO['en']}\n\n{ONE['en']} {TWO['en']}\n\n{END['en']}"
    assert spoken(above + body + below) == spoken(body)


@pytest.mark.parametrize(
    "line",
    ["A calmer evening", "Read slowly, with a soft voice.", "Duration: 10 minutes", "by Ana Roth", "Script",
     "Subscribe to my channel", "Transcript", "Tip: sit.", "© 2024 Ana", "1. Repeat 5 times."],
)  # fmt: skip
@pytest.mark.parametrize("at", [0, 1, 3])
def test_a_backslash_has_a_line_spoken_wherever_it_stands(line, at):
    paragraphs = [ONE["en"], TWO["en"], END["en"]]
    paragraphs.insert(at, "\\" + line)
    text = "\n\n".join(paragraphs)
    assert " ".join(spoken(text)) == " ".join([*paragraphs[:at], line, *paragraphs[at + 1 :]])
    (imported,) = import_scripts(text, "a.txt", "en")
    assert not any("may not be quite the same" in note for note in imported.notes) or line[0] == "©"


def test_a_title_that_is_found_names_the_recording_and_is_told(tmp_path):
    text = f"A calmer evening\n\n{ONE['en']}\n\n{TWO['en']}\n\n{END['en']}\n"
    script = read(tmp_path, text)
    assert script.title == "A calmer evening"
    assert [(left.text, left.reason) for left in script.unspoken] == [("A calmer evening", "a title")]
    assert read(tmp_path, f"---\ntitle: Night\n---\n{text}").title == "Night"


def test_lines_that_stand_alone_like_headings_begin_chapters_also_in_a_paragraph():
    text = f"■ Arriving\n{ONE['en']}\n\n■ Breath\n{TWO['en']} {END['en']}"
    cues = parse(line_mark(1) + text, "a.md", "en").cues
    assert [cue.title for cue in cues if isinstance(cue, Chapter)] == ["■ Arriving", "■ Breath"]


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("Dobry wieczór. Usiądź wygodnie.\n\nPoczuj, jak opada dzień.\n\nDobrej nocy.", "pl", False),
        ("Istu mukavasti alas. Hengitä rauhassa sisään. Anna hartioiden laskeutua.", "en", True),
        ("Sit down. Let the breath come, and rest here for a while.", "en", False),
    ],
)
def test_the_language_of_a_few_words_is_known_or_said_to_be_unsure(tmp_path, text, language, told):
    script = read(tmp_path, text)
    assert script.language == language
    assert any("language is not sure" in remark for remark in script.remarks) == told
